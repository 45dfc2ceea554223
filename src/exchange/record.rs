//! What is kept of one exchange: plain text and numbers, ready to be redacted, stored and exported.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Advice, Connection, Exchange, LogLine, Redirect, Response, Timing, TransportError, charset, is_binary};
use crate::secret::Secret;

/// How much of a body is kept, in bytes of UTF-8; beyond it the head with the true length.
pub const MAX_KEPT_BODY_BYTES: usize = 256 * 1024;

/// How much is redacted, so that a secret across the cut is still seen whole.
const MAX_READ_BODY_BYTES: usize = 2 * MAX_KEPT_BODY_BYTES;

/// One exchange as it is kept.
///
/// *Secrets*: possibly, until it passed the redactor; only `Redacted<ExchangeRecord>` is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExchangeRecord {
    /// Its name, a ULID.
    pub id: String,
    /// When it was started. Shape: RFC 3339, UTC, `2026-11-23T10:00:00.123Z`.
    pub started_at: String,
    /// The environment's name.
    pub environment: String,
    /// The profile's name.
    pub profile: String,
    /// The method.
    pub method: String,
    /// The address used.
    pub url: String,
    /// The address as the draft has it. Shape: `{{base}}/v1/posts`.
    pub url_template: String,
    /// Request headers in the order sent.
    pub request_headers: Vec<(String, String)>,
    /// The payload.
    pub request_body: RecordedBody,
    /// The credential's name; none if none was used.
    pub credential: Option<String>,
    /// The workspace's id, where one was named.
    #[serde(default)]
    pub workspace: Option<String>,
    /// What came back; none if no answer's head arrived.
    pub response: Option<RecordedResponse>,
    /// Why there is no whole answer.
    pub transport_error: Option<TransportError>,
    /// The times of the last try.
    pub timing: RecordedTiming,
    /// Every try, oldest first.
    pub attempts: Vec<RecordedAttempt>,
    /// The redirects that the last try followed, in order.
    #[serde(default)]
    pub redirects: Vec<RecordedRedirect>,
    /// What trying again would mean.
    #[serde(default)]
    pub advice: Option<Advice>,
    /// What happened, in order.
    pub log: Vec<LogLine>,
    /// The diagnosis object of the terminal's contract; none where none was made.
    pub diagnosis: Option<Value>,
    /// The envelope's code.
    pub code: Option<String>,
    /// The path of the first blamed field.
    pub field: Option<String>,
    /// The sentence a person reads first.
    pub message: Option<String>,
    /// The id to give to support.
    pub request_id: Option<String>,
}

/// A body as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedBody {
    /// Its text, or the head of it; empty for a binary body.
    pub text: String,
    /// How long it truly was.
    pub len_bytes: u64,
    /// Whether it was no text, so that nothing of it is kept.
    pub is_binary: bool,
    /// Whether `text` is only the beginning.
    pub is_cut: bool,
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedResponse {
    /// The status code.
    pub status: u16,
    /// The phrase beside the status, where it is not the usual one.
    #[serde(default)]
    pub reason: Option<String>,
    /// Shape: `HTTP/1.1`.
    pub http_version: String,
    /// Headers as received.
    pub headers: Vec<(String, String)>,
    /// Header lines that came behind the body.
    #[serde(default)]
    pub trailers: Vec<(String, String)>,
    /// The content codings that were unpacked.
    #[serde(default)]
    pub encodings: Vec<String>,
    /// The body; its `len_bytes` counts what was read.
    pub body: RecordedBody,
    /// How many body bytes came over the wire.
    pub wire_bytes: u64,
    /// Whether the body ended at our own cap or at a fault.
    pub is_truncated: bool,
}

/// The phases of one try in milliseconds; none for those that did not happen or could not be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordedTiming {
    /// From the person's wish to the first act.
    pub queue_ms: Option<f64>,
    /// Looking the name up.
    pub dns_ms: Option<f64>,
    /// Opening the connection.
    pub connect_ms: Option<f64>,
    /// The TLS handshake.
    pub tls_ms: Option<f64>,
    /// From the request to the answer's head.
    pub first_byte_ms: Option<f64>,
    /// From the head to the body's end.
    pub download_ms: Option<f64>,
    /// All of it.
    pub total_ms: f64,
}

/// One try as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedAttempt {
    /// Counted from 1.
    pub n: u32,
    /// When it began. Shape: RFC 3339.
    pub started_at: String,
    /// The status, if a head came.
    pub status: Option<u16>,
    /// Why it ended without a whole answer.
    pub transport_error: Option<TransportError>,
    /// Its phases.
    pub timing: RecordedTiming,
    /// How long was waited before it, in milliseconds.
    pub waited_ms: f64,
    /// Why it was made, for retries.
    pub why: Option<String>,
    /// The connection it used, as far as it came.
    #[serde(default)]
    pub connection: Option<Connection>,
    /// The redirects it followed, in order.
    #[serde(default)]
    pub redirects: Vec<RecordedRedirect>,
    /// The id to give to support for this try.
    #[serde(default)]
    pub request_id: Option<String>,
    /// How long its answer asked to wait, in seconds.
    #[serde(default)]
    pub retry_after_s: Option<f64>,
}

/// A redirect as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedRedirect {
    /// The status that asked for it.
    pub status: u16,
    /// The method of the request that followed.
    pub method: String,
    /// Where it came from.
    pub from: String,
    /// Where it led.
    pub to: String,
    /// What the request that followed no longer had.
    pub dropped: Vec<String>,
    /// The phases of the request that was redirected.
    pub timing: RecordedTiming,
}

impl ExchangeRecord {
    /// The record of an exchange with its diagnosis, not yet redacted.
    pub fn from_exchange(exchange: &Exchange, diagnosis: Option<&Value>) -> Self {
        let request = &exchange.request;
        let text_at = |pointer: &str| {
            let found = diagnosis.and_then(|value| value.pointer(pointer)).and_then(Value::as_str);
            found.map(str::to_owned)
        };
        let header_text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            id: exchange.id.0.clone(),
            started_at: exchange.started_at.to_string(),
            environment: request.environment.clone(),
            profile: request.profile.clone(),
            method: request.method.to_string(),
            url: request.url.to_string(),
            url_template: request.url_template.clone(),
            request_headers: request.headers.iter().map(|(n, v)| (n.to_string(), header_text(v))).collect(),
            request_body: RecordedBody::from_bytes(&request.body, request.header("content-type")),
            credential: request.credential.clone(),
            workspace: None,
            response: exchange.response.as_ref().map(|response| RecordedResponse {
                status: response.status,
                reason: response.reason.clone(),
                http_version: response.http_version.clone(),
                headers: response.headers.clone(),
                trailers: response.trailers.clone(),
                encodings: response.encodings.clone(),
                body: RecordedBody::of_response(response),
                wire_bytes: response.wire_bytes,
                is_truncated: response.is_truncated,
            }),
            transport_error: exchange.transport_error.clone(),
            timing: RecordedTiming::from_timing(&exchange.timing),
            attempts: exchange.attempts.iter().map(RecordedAttempt::from_attempt).collect(),
            redirects: exchange.redirects.iter().map(RecordedRedirect::from_redirect).collect(),
            advice: exchange.advice.clone(),
            log: exchange.log.clone(),
            code: text_at("/code"),
            field: text_at("/fields/0/path"),
            message: text_at("/message"),
            request_id: text_at("/request_id/value"),
            diagnosis: diagnosis.cloned(),
        }
    }

    /// The secrets that went into the request, with the label a placeholder gives them.
    pub fn known_secrets(exchange: &Exchange) -> Vec<(String, Secret)> {
        exchange.request.secrets.iter().map(|secret| ("credential".to_owned(), secret.clone())).collect()
    }

    /// The body bytes of the answer, as read.
    pub fn response_body_bytes(&self) -> Option<u64> {
        self.response.as_ref().map(|response| response.body.len_bytes)
    }
}

impl RecordedBody {
    /// The text of a body in the charset its content type names; of one that is no text only the length.
    pub fn from_bytes(body: &[u8], content_type: Option<&str>) -> Self {
        let head = body.get(..MAX_READ_BODY_BYTES).unwrap_or(body);
        Self::of_head(head, u64::try_from(body.len()).unwrap_or(u64::MAX), content_type)
    }

    fn of_response(response: &Response) -> Self {
        let head = response.sample.get(..MAX_READ_BODY_BYTES).unwrap_or(&response.sample);
        Self::of_head(head, response.body.len_bytes(), response.header("content-type"))
    }

    fn of_head(head: &[u8], len_bytes: u64, content_type: Option<&str>) -> Self {
        if is_binary(head, content_type) {
            return Self { text: String::new(), len_bytes, is_binary: true, is_cut: false };
        }
        let text = charset::decode(head, content_type).text.into_owned();
        Self { text, len_bytes, is_binary: false, is_cut: len_bytes > head.len() as u64 }
    }
}

impl RecordedTiming {
    /// The phases as durations again.
    pub fn to_timing(&self) -> Timing {
        let time = |ms: f64| std::time::Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default();
        Timing {
            queue: self.queue_ms.map(time),
            dns: self.dns_ms.map(time),
            connect: self.connect_ms.map(time),
            tls: self.tls_ms.map(time),
            first_byte: self.first_byte_ms.map(time),
            download: self.download_ms.map(time),
            total: time(self.total_ms),
        }
    }

    fn from_timing(timing: &Timing) -> Self {
        let ms = |duration: std::time::Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
        Self {
            queue_ms: timing.queue.map(ms),
            dns_ms: timing.dns.map(ms),
            connect_ms: timing.connect.map(ms),
            tls_ms: timing.tls.map(ms),
            first_byte_ms: timing.first_byte.map(ms),
            download_ms: timing.download.map(ms),
            total_ms: ms(timing.total),
        }
    }
}

impl RecordedAttempt {
    fn from_attempt(attempt: &super::Attempt) -> Self {
        Self {
            n: attempt.n,
            started_at: attempt.started_at.to_string(),
            status: attempt.status,
            transport_error: attempt.transport_error.clone(),
            timing: RecordedTiming::from_timing(&attempt.timing),
            waited_ms: attempt.waited.as_secs_f64() * 1e3,
            why: attempt.why.clone(),
            connection: attempt.connection.clone(),
            redirects: attempt.redirects.iter().map(RecordedRedirect::from_redirect).collect(),
            request_id: attempt.request_id.clone(),
            retry_after_s: attempt.retry_after.map(|wait| wait.as_secs_f64()),
        }
    }
}

impl RecordedRedirect {
    fn from_redirect(redirect: &Redirect) -> Self {
        Self {
            status: redirect.status,
            method: redirect.method.clone(),
            from: redirect.from.clone(),
            to: redirect.to.clone(),
            dropped: redirect.dropped.clone(),
            timing: RecordedTiming::from_timing(&redirect.timing),
        }
    }
}
