//! What came back, and the whole exchange around it.

use std::borrow::Cow;

use bytes::Bytes;
use jiff::Timestamp;

use super::{Advice, Attempt, Body, ExchangeId, LogLine, PreparedRequest, Redirect, Timing, TransportError, charset};

/// An answer as received.
///
/// *Secrets*: possibly; answers may hold tokens and cookies.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The phrase beside the status, where it is not the usual one.
    pub reason: Option<String>,
    /// Shape: `HTTP/1.1`.
    pub http_version: String,
    /// Headers as received, one entry a line; a value that is no UTF-8 is read as ISO-8859-1.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked from its content codings, otherwise as received.
    pub body: Body,
    /// What is read of the body to explain it: all of one in memory, the first mebibyte of a spilled one.
    pub sample: Bytes,
    /// How many body bytes came over the wire, packed as they were.
    pub wire_bytes: u64,
    /// The content codings that were unpacked, in the order the server applied them. Shape: `gzip`.
    pub encodings: Vec<String>,
    /// Header lines that came behind the body.
    pub trailers: Vec<(String, String)>,
    /// Whether the body ended at our own cap or at a fault, so that `body` is only its beginning.
    pub is_truncated: bool,
}

impl Response {
    /// An answer that came whole and unpacked over HTTP/1.1.
    pub fn whole(status: u16, headers: Vec<(String, String)>, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self {
            status,
            reason: None,
            http_version: "HTTP/1.1".into(),
            headers,
            sample: body.clone(),
            wire_bytes: body.len() as u64,
            body: body.into(),
            encodings: Vec::new(),
            trailers: Vec::new(),
            is_truncated: false,
        }
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The sample as text, in the charset that the answer names; the bytes themselves stay as they are.
    pub fn text(&self) -> Cow<'_, str> {
        charset::decode(&self.sample, self.header("content-type")).text
    }
}

/// One call from beginning to end, with or without an answer.
///
/// *Secrets*: yes; only its redacted record leaves memory.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its name.
    pub id: ExchangeId,
    /// When it was started.
    pub started_at: Timestamp,
    /// What was sent.
    pub request: PreparedRequest,
    /// What came back; none if no answer's head arrived.
    pub response: Option<Response>,
    /// Why there is no whole answer.
    pub transport_error: Option<TransportError>,
    /// Every try, oldest first.
    pub attempts: Vec<Attempt>,
    /// The redirects that the last try followed, in order.
    pub redirects: Vec<Redirect>,
    /// What trying again would mean; none where nothing failed or nobody has judged it yet.
    pub advice: Option<Advice>,
    /// The times of the last try; with several tries the total is that of all.
    pub timing: Timing,
    /// What happened, in order.
    pub log: Vec<LogLine>,
}
