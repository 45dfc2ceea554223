//! Faults of HTTP/1.1: answers that are cut, too long, garbled, endless or no answers.
//!
//! Where [`FaultServer`] does the whole job it is used as it is.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::web::{Web, answer};
use super::{Loopback, Seen, Server, hold, read_head};
use crate::transport_server::{Fault, FaultServer};

/// How a step ends its connection.
#[derive(Clone, Debug)]
pub enum End {
    /// As one should.
    Close,
    /// Not at all.
    Hold,
    /// With a reset, right after the bytes.
    Reset,
    /// Not at all: these bytes follow again and again.
    Again(Vec<u8>),
}

/// What one connection gets after its request's head.
#[derive(Clone, Debug)]
pub struct Step {
    pub bytes: Vec<u8>,
    pub end: End,
}

impl Step {
    pub fn new(bytes: impl AsRef<[u8]>, end: End) -> Self {
        Self { bytes: bytes.as_ref().to_vec(), end }
    }

    /// A whole answer; the status is given as `503 Service Unavailable`.
    pub fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        Self::new(answer(status, headers, body), End::Close)
    }
}

/// One step a connection, the last one for all that follow.
pub struct Steps {
    loopback: Loopback,
    seen: Seen<String>,
}

impl Steps {
    pub async fn start(steps: Vec<Step>) -> Self {
        let (seen, next) = (Seen::new(), AtomicUsize::new(0));
        let all = seen.clone();
        let serve = move |stream| {
            let n = next.fetch_add(1, Ordering::SeqCst).min(steps.len() - 1);
            serve(stream, steps[n].clone(), all.clone())
        };
        Self { loopback: Loopback::start(serve).await, seen }
    }

    /// The heads of all requests so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.all()
    }
}

impl Server for Steps {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

async fn serve(stream: TcpStream, step: Step, seen: Seen<String>) {
    let mut stream = BufReader::new(stream);
    let Some(head) = read_head(&mut stream).await else { return };
    seen.push(head);
    if stream.write_all(&step.bytes).await.is_err() {
        return;
    }
    match step.end {
        End::Close => {
            let _ = stream.shutdown().await;
            hold(&mut stream).await;
        }
        End::Hold => hold(&mut stream).await,
        End::Reset => stream.get_ref().set_zero_linger().unwrap(),
        End::Again(bytes) => while stream.write_all(&bytes).await.is_ok() {},
    }
}

async fn one(bytes: impl AsRef<[u8]>, end: End) -> Steps {
    Steps::start(vec![Step::new(bytes, end)]).await
}

/// Resets in the middle of a header's name.
pub async fn reset_in_head() -> Steps {
    one("HTTP/1.1 200 OK\r\nContent-Ty", End::Reset).await
}

/// Resets after so many bytes `x` of a body of which more were announced.
pub async fn reset_in_body(announced: usize, sent: usize) -> Steps {
    one(counted(announced, sent), End::Reset).await
}

/// Closes after fewer bytes `x` than announced.
pub async fn short_body(announced: usize, sent: usize) -> FaultServer {
    assert!(sent < announced);
    FaultServer::answering(&counted(announced, sent), b"").await
}

/// Sends more bytes `x` than announced.
pub async fn long_body(announced: usize, sent: usize) -> FaultServer {
    assert!(sent > announced);
    FaultServer::answering(&counted(announced, sent), b"").await
}

fn counted(announced: usize, sent: usize) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\n\r\n{}", "x".repeat(sent))
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// `abc` in a good chunk, then a chunk whose size is no number.
pub async fn bad_chunk_size() -> FaultServer {
    FaultServer::answering(CHUNKED, b"3\r\nabc\r\nzz\r\ndef\r\n0\r\n\r\n").await
}

/// `abc` in a good chunk, then two bytes of one of five, and the end.
pub async fn cut_chunk() -> FaultServer {
    FaultServer::answering(CHUNKED, b"3\r\nabc\r\n5\r\nde").await
}

/// `abc` in a good chunk, then the end without the last chunk.
pub async fn no_last_chunk() -> FaultServer {
    FaultServer::answering(CHUNKED, b"3\r\nabc\r\n").await
}

/// Headers without end.
pub async fn endless_headers() -> Steps {
    one("HTTP/1.1 200 OK\r\n", End::Again("X-Again: and again\r\n".repeat(100).into())).await
}

/// One header whose value has so many bytes; the answer is whole otherwise.
pub async fn long_header(value_len: usize) -> FaultServer {
    FaultServer::start(Fault::Answer(answer("200 OK", &[("X-Long", &"a".repeat(value_len))], b"ok").into())).await
}

/// Interim answers without end.
pub async fn endless_interim() -> Steps {
    one("", End::Again("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(50).into())).await
}

/// These interim answers, then 200 with `ok`.
pub async fn interim(statuses: &[u16]) -> FaultServer {
    let mut head = String::new();
    for status in statuses {
        head.push_str(&format!("HTTP/1.1 {status} Interim\r\nX-Interim: {status}\r\n\r\n"));
    }
    head.push_str("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    FaultServer::answering(&head, b"ok").await
}

/// A head and the body's first bytes `abc` of 1000, then a byte `x` at that interval.
pub async fn slow_body(every: Duration) -> FaultServer {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc";
    FaultServer::start(Fault::Drip(head.as_bytes().into(), every)).await
}

/// A head that never ends: a byte at that interval.
pub async fn slow_head(every: Duration) -> FaultServer {
    FaultServer::start(Fault::Drip(Arc::from(&b"HTTP/1.1 200 OK\r\nX-Slow: "[..]), every)).await
}

/// What comes with a status that has no body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bodiless {
    /// Nothing, and no header says otherwise.
    Clean,
    /// Nothing, and `Content-Length: 0`.
    Zero,
    /// Nothing, but a length is announced: right for 304, wrong for 204.
    Announced,
    /// Five bytes that must not be there, with their length.
    Body,
    /// The same five bytes as a chunked body.
    Chunked,
}

/// 204, 304 or 205, on a connection that stays open: who waits for a body waits for ever.
pub async fn bodiless(status: u16, kind: Bodiless) -> Steps {
    let rest = match kind {
        Bodiless::Clean => "\r\n",
        Bodiless::Zero => "Content-Length: 0\r\n\r\n",
        Bodiless::Announced => "Content-Length: 9\r\n\r\n",
        Bodiless::Body => "Content-Length: 5\r\n\r\nhello",
        Bodiless::Chunked => "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    };
    one(format!("HTTP/1.1 {status} Nothing\r\nETag: \"1\"\r\n{rest}"), End::Hold).await
}

/// Status lines that no standard names, or that are wrong; the first word says how.
pub const STATUS_LINES: [(&str, &str); 9] = [
    ("unknown", "HTTP/1.1 299 Quite Fine"),
    ("unassigned", "HTTP/1.1 799 Elsewhere"),
    ("largest", "HTTP/1.1 999 Request denied"),
    ("no_reason", "HTTP/1.1 404"),
    ("old", "HTTP/1.0 200 OK"),
    ("zero", "HTTP/1.1 000 Nothing"),
    ("four_digits", "HTTP/1.1 2000 OK"),
    ("word", "HTTP/1.1 OK"),
    ("future", "HTTP/4.2 200 OK"),
];

/// That status line with the body `ok`.
pub async fn status_line(line: &str) -> FaultServer {
    FaultServer::answering(&format!("{line}\r\nContent-Length: 2\r\n\r\n"), b"ok").await
}

/// 101 to a client that asked for no other protocol.
pub async fn unasked_upgrade() -> Steps {
    one("HTTP/1.1 101 Switching Protocols\r\nUpgrade: odd\r\nConnection: Upgrade\r\n\r\nodd", End::Hold).await
}

/// A document without a head, as HTTP/0.9 had it.
pub async fn http09() -> FaultServer {
    FaultServer::answering("", b"<html><body>It works!</body></html>\n").await
}

/// Two lengths that contradict each other.
pub async fn two_lengths() -> FaultServer {
    FaultServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n", b"hello").await
}

/// So many failures with that status, then 200 with `ok`, on one server; for what tries again.
pub async fn failing_first(failures: usize, status: &str, headers: &[(&str, &str)]) -> Web {
    let mut answers = vec![answer(status, headers, b"{}"); failures];
    answers.push(answer("200 OK", &[], b"ok"));
    Web::in_turn(answers).await
}
