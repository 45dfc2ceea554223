//! Gives the listener's own answer where hyper would answer with an empty one.
//!
//! A head that is no HTTP, or too large to parse, never becomes a request: hyper answers it by itself, without body
//! and without a request id, and offers no hook for it (1.12). So its bare answer is recognised on its way out and
//! replaced.

use std::future::Future as _;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use axum::body::to_bytes;
use axum::response::Response;
use http::{HeaderValue, header};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::policy::{Policy, Refusal};

/// hyper's bare answers are about 120 bytes.
const BARE_MAX_BYTES: usize = 400;
/// The header that every answer of a handler and of the guard has.
const GUARD_MARK: &[u8] = b"x-content-type-options";

/// A connection whose bare error answers are replaced.
pub(super) struct Answering {
    inner: TcpStream,
    policy: Policy,
    /// The answer being written in place of hyper's, and how far.
    replacement: Option<(Vec<u8>, usize)>,
}

impl Answering {
    pub(super) fn new(inner: TcpStream, policy: Policy) -> Self {
        Self { inner, policy, replacement: None }
    }

    /// What to write instead of hyper's bytes, if they are an answer of its own.
    fn replacement_of(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let is_bare = bytes.len() <= BARE_MAX_BYTES
            && bytes.ends_with(b"\r\n\r\n")
            && !bytes.windows(GUARD_MARK.len()).any(|window| window.eq_ignore_ascii_case(GUARD_MARK));
        if !is_bare {
            return None;
        }
        let refusal = match bytes.get(..12)? {
            b"HTTP/1.1 400" | b"HTTP/1.0 400" => Refusal::HeadBroken,
            b"HTTP/1.1 414" | b"HTTP/1.1 431" | b"HTTP/1.0 414" | b"HTTP/1.0 431" => {
                Refusal::HeadTooLarge { limit_bytes: self.policy.bounds.head_bytes }
            }
            _ => return None,
        };
        serialize((self.policy.refuse)(refusal))
    }
}

/// An answer as bytes; none if its body is not at hand at once.
fn serialize(response: Response) -> Option<Vec<u8>> {
    let (mut head, body) = response.into_parts();
    let Poll::Ready(Ok(body)) = pin!(to_bytes(body, usize::MAX)).poll(&mut Context::from_waker(Waker::noop())) else {
        return None;
    };
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    head.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let reason = head.status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", head.status.as_str()).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    Some(bytes)
}

impl AsyncRead for Answering {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Answering {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.replacement.is_none() {
            this.replacement = this.replacement_of(buf).map(|bytes| (bytes, 0));
        }
        let Some((bytes, written)) = &mut this.replacement else {
            return Pin::new(&mut this.inner).poll_write(cx, buf);
        };
        while let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut this.inner).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => *written += count,
            }
        }
        this.replacement = None;
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
