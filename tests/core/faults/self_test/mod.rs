//! That the faults are real: each server against plain sockets and other people's clients.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Server, Stream, within};

mod coding;
mod http1;
mod http2;
mod proxy;
mod redirect;
mod tcp;
mod tls;

/// What a connection brought until it ended.
#[derive(Debug, PartialEq)]
struct Got {
    bytes: Vec<u8>,
    /// `None` for an end as it should be.
    error: Option<ErrorKind>,
}

impl Got {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    fn body(&self) -> &[u8] {
        let at = self.bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        &self.bytes[at + 4..]
    }
}

async fn connect(server: &impl Server) -> TcpStream {
    within(TcpStream::connect(server.address())).await.unwrap()
}

/// A connection on which that path was asked for.
async fn asking(server: &impl Server, path: &str) -> TcpStream {
    let mut stream = connect(server).await;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nX-Test: yes\r\n\r\n", server.address());
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn rest<S: Stream>(stream: &mut S) -> Got {
    let mut bytes = Vec::new();
    let error = within(stream.read_to_end(&mut bytes)).await.err().map(|error| error.kind());
    Got { bytes, error }
}

/// Asks and reads to the end.
async fn ask(server: &impl Server, path: &str) -> Got {
    rest(&mut asking(server, path).await).await
}

/// Asks, closing afterwards, a server that keeps connections.
async fn ask_once(server: &impl Server, path: &str) -> Got {
    let mut stream = asking(server, path).await;
    stream.shutdown().await.unwrap();
    rest(&mut stream).await
}

/// Asks and reads that many bytes of what may have no end.
async fn ask_some(server: &impl Server, len: usize) -> Vec<u8> {
    take(&mut asking(server, "/").await, len).await
}

/// The next bytes.
async fn take<S: Stream>(stream: &mut S, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    within(stream.read_exact(&mut bytes)).await.unwrap();
    bytes
}

/// That nothing comes, and no end either, for a while in which it would have come.
async fn is_quiet<S: Stream>(stream: &mut S) {
    let byte = tokio::time::timeout(super::DEADLINE / 50, stream.read_u8()).await;
    assert!(byte.is_err(), "{byte:?}");
}

/// A client that goes straight, follows nothing, and trusts nobody else.
fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(super::DEADLINE)
}
