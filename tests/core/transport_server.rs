//! A little server on loopback that speaks raw bytes, so that it can do everything wrong a server can.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What the server does with each connection, after it has read the request's head unless said otherwise.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Says nothing and keeps the connection.
    Silent,
    /// Says these bytes before anything was asked, and keeps the connection.
    SpeakFirst(&'static [u8]),
    /// Closes without reading.
    CloseUnread,
    /// Sends these bytes and closes as one should.
    Answer(Arc<[u8]>),
    /// Sends these bytes and keeps the connection.
    AnswerAndHold(Arc<[u8]>),
    /// Sends these bytes, waits until [`FaultServer::go_on`], and resets the connection.
    AnswerAndReset(Arc<[u8]>),
    /// Sends the bytes, then a byte at that interval for ever.
    Drip(Arc<[u8]>, Duration),
}

/// A running server; it ends when dropped.
pub struct FaultServer {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    gate: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl FaultServer {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let gate = Arc::new(Notify::new());
        let (all_seen, all_gate) = (Arc::clone(&seen), Arc::clone(&gate));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, gate) = (Arc::clone(&all_seen), Arc::clone(&all_gate));
                tokio::spawn(serve(stream, fault.clone(), seen, gate));
            }
        });
        Self { address, seen, gate, task }
    }

    /// An answer that is closed afterwards.
    pub async fn answering(head: &str, body: &[u8]) -> Self {
        Self::start(Fault::Answer([head.as_bytes(), body].concat().into())).await
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The heads of all requests so far; an empty one for a connection that was not read.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Lets [`Fault::AnswerAndReset`] go on.
    pub fn go_on(&self) -> Arc<Notify> {
        Arc::clone(&self.gate)
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, fault: Fault, seen: Arc<Mutex<Vec<String>>>, gate: Arc<Notify>) {
    let head = match fault {
        Fault::CloseUnread | Fault::SpeakFirst(_) => String::new(),
        _ => request_head(&mut stream).await,
    };
    seen.lock().unwrap().push(head);
    match fault {
        Fault::Silent => hold(stream).await,
        Fault::SpeakFirst(bytes) => {
            let _ = stream.write_all(bytes).await;
            hold(stream).await;
        }
        Fault::CloseUnread => {}
        Fault::Answer(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            // What the client still sends is read, so that closing does not become a reset.
            hold(stream).await;
        }
        Fault::AnswerAndHold(bytes) => {
            let _ = stream.write_all(&bytes).await;
            hold(stream).await;
        }
        Fault::AnswerAndReset(bytes) => {
            let _ = stream.write_all(&bytes).await;
            gate.notified().await;
            stream.set_zero_linger().unwrap();
        }
        Fault::Drip(bytes, every) => {
            let _ = stream.write_all(&bytes).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(every).await;
            }
        }
    }
}

/// Reads on until the client goes.
async fn hold(mut stream: TcpStream) {
    let mut buffer = [0u8; 4096];
    while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
}

async fn request_head(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut buffer = [0u8; 4096];
    // A TLS greeting has no blank line; it is no request either.
    while !all.windows(4).any(|four| four == b"\r\n\r\n") && all.first() != Some(&0x16) {
        match stream.read(&mut buffer).await {
            Ok(n @ 1..) => all.extend_from_slice(&buffer[..n]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}
