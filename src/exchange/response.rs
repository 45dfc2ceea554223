//! What came back, and the whole exchange around it.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Attempt, ExchangeId, LogLine, PreparedRequest, Timing, TransportError};

/// An answer as received.
///
/// *Secrets*: possibly; answers may hold tokens and cookies.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Shape: `HTTP/1.1`.
    pub http_version: String,
    /// Headers as received, one entry a line; a value's bytes that are no UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// The body's bytes as received.
    pub body: Arc<[u8]>,
    /// How many body bytes came over the wire.
    pub wire_bytes: u64,
    /// Whether the body ended at our own cap or at a fault, so that `body` is only its beginning.
    pub is_truncated: bool,
}

impl Response {
    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The body as text; bytes that are no UTF-8 are replaced, the bytes themselves stay as they are.
    pub fn text(&self) -> Cow<'_, str> {
        body_text(&self.body)
    }
}

/// A body as text for showing and reading; bytes that are no UTF-8 become U+FFFD.
pub fn body_text(body: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(body)
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
    /// The times of the last try.
    pub timing: Timing,
    /// What happened, in order.
    pub log: Vec<LogLine>,
}
