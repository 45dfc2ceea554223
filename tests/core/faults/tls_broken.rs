//! What a TLS client meets that is no good TLS: old versions, alerts, other protocols, ends in the handshake.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::certificates::self_signed;
use super::{Loopback, Seen, Server, hold, tls};

/// Versions as they stand in records.
pub const TLS_10: [u8; 2] = [3, 1];
pub const TLS_11: [u8; 2] = [3, 2];
pub const TLS_12: [u8; 2] = [3, 3];

/// Numbers of alerts (RFC 8446, section 6).
pub const HANDSHAKE_FAILURE: u8 = 40;
pub const PROTOCOL_VERSION: u8 = 70;
pub const INTERNAL_ERROR: u8 = 80;
pub const UNRECOGNIZED_NAME: u8 = 112;

/// What follows the client's greeting.
#[derive(Clone, Copy, Debug)]
pub enum TlsFault {
    /// A fatal alert in a record of that version, and the end. An old server says [`PROTOCOL_VERSION`].
    Alert { version: [u8; 2], number: u8 },
    /// The greeting of a server that knows nothing newer than that version.
    OldServerHello { version: [u8; 2] },
    /// An answer in plain HTTP.
    PlainHttp,
    /// The end.
    Closes,
    /// A reset.
    Resets,
    /// The first half of a good server's greeting, and the end.
    ClosesHalfWay,
    /// The first half of a good server's greeting, and a reset.
    ResetsHalfWay,
    /// Nothing.
    Silent,
}

/// A server with one [`TlsFault`].
pub struct BrokenTls {
    loopback: Loopback,
    seen: Seen<Vec<u8>>,
}

impl BrokenTls {
    pub async fn start(fault: TlsFault) -> Self {
        let seen = Seen::new();
        let (all, config) = (seen.clone(), tls::config(&self_signed(), tls::Options::default()));
        let serve = move |stream| {
            let (all, config) = (all.clone(), Arc::clone(&config));
            async move {
                // A client that goes is no fault of the server.
                let _ = serve(stream, fault, config, &all).await;
            }
        };
        Self { loopback: Loopback::start(serve).await, seen }
    }

    /// The records with the clients' greetings.
    pub fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.all()
    }
}

impl Server for BrokenTls {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

async fn serve(
    mut stream: TcpStream,
    fault: TlsFault,
    config: Arc<ServerConfig>,
    seen: &Seen<Vec<u8>>,
) -> std::io::Result<()> {
    let mut hello = vec![0; 5];
    stream.read_exact(&mut hello).await?;
    let len = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
    hello.resize(5 + len, 0);
    stream.read_exact(&mut hello[5..]).await?;
    seen.push(hello.clone());
    let bytes = match fault {
        TlsFault::Alert { version, number } => record(21, version, &[2, number]),
        TlsFault::OldServerHello { version } => record(22, version, &old_server_hello(version)),
        TlsFault::PlainHttp => {
            b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 9\r\n\r\nuse https".to_vec()
        }
        TlsFault::ClosesHalfWay | TlsFault::ResetsHalfWay => {
            let mut flight = first_flight(config, &hello);
            flight.truncate(flight.len() / 2);
            flight
        }
        TlsFault::Closes | TlsFault::Resets | TlsFault::Silent => Vec::new(),
    };
    stream.write_all(&bytes).await?;
    match fault {
        TlsFault::Resets | TlsFault::ResetsHalfWay => return stream.set_zero_linger(),
        TlsFault::Silent => {}
        _ => stream.shutdown().await?,
    }
    hold(&mut stream).await;
    Ok(())
}

fn record(kind: u8, version: [u8; 2], payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[kind], &version[..], &len, payload].concat()
}

/// No session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression, no extensions (RFC 4346, section 7.4.1.3).
fn old_server_hello(version: [u8; 2]) -> Vec<u8> {
    let body = [&version[..], &[0x5a; 32], &[0], &[0x00, 0x2f], &[0]].concat();
    [&[2, 0, 0, u8::try_from(body.len()).unwrap()], &body[..]].concat()
}

/// What a good server says first to that greeting.
fn first_flight(config: Arc<ServerConfig>, hello: &[u8]) -> Vec<u8> {
    let mut connection = ServerConnection::new(config).unwrap();
    connection.read_tls(&mut &hello[..]).unwrap();
    connection.process_new_packets().unwrap();
    let mut flight = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut flight).unwrap();
    }
    flight
}
