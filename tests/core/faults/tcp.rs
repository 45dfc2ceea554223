//! Faults below HTTP: ports where nothing listens, connections that are never taken, closed or reset.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::{Loopback, Seen, Server, hold};

/// A port that refuses: it is taken, so that nobody else gets it, but nothing listens.
pub struct Refused {
    socket: TcpSocket,
}

impl Refused {
    pub fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self { socket }
    }
}

impl Server for Refused {
    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }
}

/// A port whose queue is full: the system answers no further greeting, and connecting takes for ever.
///
/// Only Linux keeps quiet then; other systems refuse.
#[cfg(target_os = "linux")]
pub struct NeverAccepts {
    listener: tokio::net::TcpListener,
    _waiting: Vec<TcpStream>,
}

#[cfg(target_os = "linux")]
impl NeverAccepts {
    pub async fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        // The queue is full once a greeting has stayed without an answer for far longer than loopback takes.
        while let Ok(connected) = tokio::time::timeout(super::DEADLINE / 20, TcpStream::connect(address)).await {
            waiting.push(connected.unwrap());
            assert!(waiting.len() < 64, "this system's queue does not fill");
        }
        Self { listener, _waiting: waiting }
    }
}

#[cfg(target_os = "linux")]
impl Server for NeverAccepts {
    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }
}

/// What happens to a connection of which nobody reads a request.
#[derive(Clone, Copy, Debug)]
pub enum TcpFault {
    /// It is taken and nothing is ever said, whether or not the client speaks.
    Silent,
    /// It is closed as one should, once the client has spoken or gone.
    Closes,
    /// It is reset, once the client has spoken.
    Resets,
    /// It is reset at once.
    ResetsUnasked,
    /// These bytes come before the client has spoken; then silence.
    Greets(&'static [u8]),
}

/// Greetings of other protocols, with the protocol's name.
pub const GREETINGS: [(&str, &[u8]); 6] = [
    ("ssh", b"SSH-2.0-OpenSSH_9.9\r\n"),
    ("smtp", b"220 mail.example ESMTP Postfix\r\n"),
    ("ftp", b"220 (vsFTPd 3.0.5)\r\n"),
    ("redis", b"-ERR wrong number of arguments for 'get' command\r\n"),
    ("mysql", b"\x0f\0\0\0\x0a8.0.36\0\x08\0\0\0abc\0"),
    ("http2", b"\0\0\0\x04\0\0\0\0\0"),
];

/// A server with one [`TcpFault`].
pub struct TcpServer {
    loopback: Loopback,
    seen: Seen<Vec<u8>>,
}

impl TcpServer {
    pub async fn start(fault: TcpFault) -> Self {
        let seen = Seen::new();
        let all = seen.clone();
        let loopback = Loopback::start(move |stream| serve(stream, fault, all.clone())).await;
        Self { loopback, seen }
    }

    /// The first bytes of each connection; empty ones where none were read or came.
    pub fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.all()
    }
}

impl Server for TcpServer {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

async fn serve(mut stream: TcpStream, fault: TcpFault, seen: Seen<Vec<u8>>) {
    match fault {
        TcpFault::ResetsUnasked => stream.set_zero_linger().unwrap(),
        TcpFault::Greets(bytes) => {
            let _ = stream.write_all(bytes).await;
        }
        TcpFault::Silent | TcpFault::Closes | TcpFault::Resets => {}
    }
    let mut first = Vec::with_capacity(4096);
    if !matches!(fault, TcpFault::ResetsUnasked) {
        let _ = stream.read_buf(&mut first).await;
    }
    seen.push(first);
    match fault {
        TcpFault::Silent | TcpFault::Greets(_) => hold(&mut stream).await,
        TcpFault::Closes => {
            let _ = stream.shutdown().await;
            // What the client still sends is read, so that closing does not become a reset.
            hold(&mut stream).await;
        }
        TcpFault::Resets => stream.set_zero_linger().unwrap(),
        TcpFault::ResetsUnasked => {}
    }
}
