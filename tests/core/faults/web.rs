//! An HTTP/1.1 server that answers by a function and writes down what it was asked: the origin behind the faults.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufRead, AsyncReadExt as _, AsyncWriteExt as _, BufStream};

use super::{Loopback, Seen, Server, Stream, hold, read_head};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The request line and the headers, with the blank line.
    pub head: String,
    /// As many bytes as `Content-Length` says.
    pub body: Vec<u8>,
}

impl Asked {
    /// Shape: `GET /v1/posts?limit=1 HTTP/1.1`.
    pub fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    pub fn method(&self) -> &str {
        self.line().split(' ').next().unwrap_or_default()
    }

    /// Shape: `/v1/posts?limit=1`, or as the client spelled it.
    pub fn target(&self) -> &str {
        self.line().split(' ').nth(1).unwrap_or_default()
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

/// The first header of that name in a head.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The bytes of a whole answer. A `Content-Length` is added; the status line is given without the version.
///
/// Shape: `answer("404 Not Found", &[("Content-Type", "application/json")], b"{}")`.
pub fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for (key, value) in headers {
        head.push_str(&format!("{key}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    [head.as_bytes(), body].concat()
}

/// What a request is answered with. An answer with `Connection: close` ends the connection.
pub type Answerer = Arc<dyn Fn(&Asked) -> Vec<u8> + Send + Sync>;

/// A running server; connections are kept.
pub struct Web {
    loopback: Loopback,
    seen: Seen<Asked>,
}

impl Web {
    pub async fn start(answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let seen = Seen::new();
        let (answer, all): (Answerer, _) = (Arc::new(answer), seen.clone());
        let serve = move |stream| {
            let (answer, all) = (Arc::clone(&answer), all.clone());
            async move { serve(stream, &answer, &all).await }
        };
        Self { loopback: Loopback::start(serve).await, seen }
    }

    /// Answers everything with these bytes.
    pub async fn always(answer: Vec<u8>) -> Self {
        Self::start(move |_| answer.clone()).await
    }

    /// Answers with one after the other, and then with the last for ever.
    pub async fn in_turn(answers: Vec<Vec<u8>>) -> Self {
        let next = std::sync::atomic::AtomicUsize::new(0);
        Self::start(move |_| {
            let n = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            answers.get(n).or(answers.last()).cloned().unwrap_or_default()
        })
        .await
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Asked> {
        self.seen.all()
    }
}

impl Server for Web {
    fn address(&self) -> SocketAddr {
        self.loopback.address()
    }
}

/// The next request of a connection; `None` if it ended first.
pub async fn read_asked<R: AsyncBufRead + Unpin>(reader: &mut R) -> Option<Asked> {
    let head = read_head(reader).await?;
    let length = header(&head, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let mut asked = Asked { head, body: vec![0; length] };
    reader.read_exact(&mut asked.body).await.ok()?;
    Some(asked)
}

/// Serves one connection until either side ends it.
pub async fn serve<S: Stream>(stream: S, answer: &Answerer, seen: &Seen<Asked>) {
    let mut stream = BufStream::new(stream);
    while let Some(asked) = read_asked(&mut stream).await {
        seen.push(asked.clone());
        let bytes = answer(&asked);
        if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        let text = String::from_utf8_lossy(&bytes);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        if [head, &asked.head].iter().any(|head| header(head, "connection") == Some("close")) {
            let _ = stream.shutdown().await;
            return hold(&mut stream).await;
        }
    }
}
