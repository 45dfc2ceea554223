//! When things happened, and what went wrong on the way.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Connection, Redirect};

/// How long each phase of one try took; none for phases that did not happen or could not be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// From the person's wish to the first act.
    pub queue: Option<Duration>,
    /// Looking the name up.
    pub dns: Option<Duration>,
    /// Opening the connection.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the request to the answer's head.
    pub first_byte: Option<Duration>,
    /// From the head to the body's end.
    pub download: Option<Duration>,
    /// All of it.
    pub total: Duration,
}

/// Where on the way a failure happened or was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Looking the name up.
    Dns,
    /// Opening the connection.
    Tcp,
    /// The proxy between.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The answer's head.
    Http,
    /// The answer's body.
    Body,
    /// Our own rules: cancelled, not allowed.
    Policy,
}

impl Layer {
    /// The layer in words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Dns => "Name lookup (DNS)",
            Self::Tcp => "Connection (TCP)",
            Self::Proxy => "Proxy",
            Self::Tls => "Encryption (TLS)",
            Self::Http => "Answer's head (HTTP)",
            Self::Body => "Answer's body",
            Self::Policy => "This program's own rules",
        }
    }
}

/// Why no whole answer came, in words for a person.
///
/// *Secrets*: none; texts never hold a query or a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransportError {
    /// Where it happened.
    pub layer: Layer,
    /// A stable word: `refused`, `timeout`, `cancelled`, `no_such_host`, `untrusted`, …
    pub kind: String,
    /// What happened, in one sentence.
    pub summary: String,
    /// What was seen, with addresses and counts.
    pub seen: String,
    /// What it means.
    pub meaning: String,
    /// What to try.
    pub fix: String,
}

/// One try of a request.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Counted from 1.
    pub n: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// The status, if a head came.
    pub status: Option<u16>,
    /// Why it ended without a whole answer.
    pub transport_error: Option<TransportError>,
    /// Its phases.
    pub timing: Timing,
    /// How long was waited before it.
    pub waited: Duration,
    /// Why it was made, for retries.
    pub why: Option<String>,
    /// The connection it used, as far as it came.
    pub connection: Option<Connection>,
    /// The redirects it followed, in order.
    pub redirects: Vec<Redirect>,
    /// The id to give to support for this try.
    pub request_id: Option<String>,
    /// How long its answer asked to wait.
    pub retry_after: Option<Duration>,
}

/// One event in the log of an exchange.
///
/// *Secrets*: possibly, in `text`, until it is redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Milliseconds since the exchange was started.
    pub at_ms: u64,
    /// What happened. Shape: `> POST /v1/posts`, `< 400 Bad Request`, `connected`.
    pub text: String,
}
