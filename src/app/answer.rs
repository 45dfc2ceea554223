//! An answer as the window shows it, made off the drawing thread.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::body_page::BodyPage;
use super::body_view::BodyView;
use crate::checklist::{self, Check};
use crate::credentials::doctor::TokenFinding;
use crate::diagnosis::{self, Diagnosis, DiagnosisInput, Location};
use crate::envelope::{self, RateLimit};
use crate::exchange::{
    Advice, Body, Exchange, ExchangeRecord, LogLine, Response, Timing, TransportError, decode, is_binary,
};
use crate::profile::Profile;
use crate::secret::{Redacted, Redactor, Rules};
use crate::text::visible_line;

/// Everything that is shown of one exchange.
///
/// *Secrets*: possibly, in the answer's own text; `record` holds none.
#[derive(Debug)]
pub struct Answer {
    /// The exchange's id.
    pub id: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// The status, if an answer came.
    pub status: Option<u16>,
    /// The answer's headers.
    pub headers: Vec<(String, String)>,
    /// The phrase beside the status, where it is not the usual one.
    pub reason: Option<String>,
    /// Header lines that came behind the body.
    pub trailers: Vec<(String, String)>,
    /// The body as it came; of an exchange from the history what was kept of it.
    pub body: Body,
    /// The body as text; of one that is shown page by page the first page.
    pub raw: Arc<BodyView>,
    /// The first page of a body that is too large to be shown whole; none for one that is shown whole.
    pub first_page: Option<BodyPage>,
    /// The body with one member a line, if it is JSON and shown whole.
    pub formatted: Option<Arc<BodyView>>,
    /// Whether the body is no text, so that its bytes are shown.
    pub is_binary: bool,
    /// The charset that the body is read in, where it is not UTF-8, or a label that nobody knows.
    pub charset: Option<String>,
    /// The content codings that were unpacked.
    pub encodings: Vec<String>,
    /// How many body bytes came over the wire.
    pub wire_bytes: u64,
    /// The body's true length in bytes, unpacked.
    pub body_bytes: u64,
    /// Whether the body is not whole.
    pub is_truncated: bool,
    /// The phases.
    pub timing: Timing,
    /// Why no whole answer came.
    pub transport_error: Option<TransportError>,
    /// What is said of the answer; none if none came.
    pub diagnosis: Option<Diagnosis>,
    /// The rate limits that the answer tells of.
    pub rate_limits: Vec<RateLimit>,
    /// The five checks.
    pub checks: Vec<Check>,
    /// The events.
    pub log: Vec<LogLine>,
    /// Whether it went out under the generic profile.
    pub is_foreign: bool,
    /// Whether it was read back from the history, without its secrets.
    pub is_from_history: bool,
    /// What is kept and reported of it.
    pub record: Arc<Redacted<ExchangeRecord>>,
}

impl Answer {
    /// The answer of an exchange that just ended.
    pub fn from_exchange(
        exchange: Exchange,
        diagnosis: Option<Diagnosis>,
        record: Redacted<ExchangeRecord>,
        is_foreign: bool,
        profile: &Profile,
        texts: &Profile,
        token: Vec<TokenFinding>,
    ) -> Self {
        let checks = checklist::evaluate(&checklist::gather(&record, profile).with_token(token), texts);
        let shown = exchange.response.as_ref().map(Shown::of).unwrap_or_default();
        let response = exchange.response;
        Self {
            id: exchange.id.to_string(),
            started_at: exchange.started_at,
            status: response.as_ref().map(|response| response.status),
            reason: response.as_ref().and_then(|response| response.reason.clone()),
            trailers: response.as_ref().map(|response| response.trailers.clone()).unwrap_or_default(),
            body: response.as_ref().map(|response| response.body.clone()).unwrap_or_default(),
            raw: shown.raw,
            first_page: shown.first_page,
            formatted: shown.formatted,
            is_binary: shown.is_binary,
            charset: shown.charset,
            encodings: response.as_ref().map(|response| response.encodings.clone()).unwrap_or_default(),
            wire_bytes: response.as_ref().map_or(0, |response| response.wire_bytes),
            body_bytes: response.as_ref().map_or(0, |response| response.body.len_bytes()),
            is_truncated: response.as_ref().is_some_and(|response| response.is_truncated),
            headers: response.map(|response| response.headers).unwrap_or_default(),
            timing: exchange.timing,
            transport_error: exchange.transport_error,
            diagnosis,
            rate_limits: rate_limits_of(&record),
            checks,
            log: exchange.log,
            is_foreign,
            is_from_history: false,
            record: Arc::new(record),
        }
    }

    /// The answer of an exchange read back from the history.
    pub fn from_record(record: Redacted<ExchangeRecord>, own: &Profile, generic: &Profile) -> Self {
        // What another profile's addresses are, this one cannot say.
        let is_foreign = record.profile != own.name;
        let profile = if is_foreign { generic } else { own };
        let names: Vec<&str> = record.request_headers.iter().map(|(name, _)| name.as_str()).collect();
        let diagnosis = record.response.as_ref().map(|response| {
            let input = DiagnosisInput {
                status: response.status,
                headers: &response.headers,
                body: response.body.text.as_bytes(),
                method: Some(&record.method),
                url: Some(&record.url),
                request_headers: &names,
                payload: Some(&record.request_body.text),
            };
            diagnosis::diagnose(&input, profile, started_at(&record))
        });
        let checks = checklist::evaluate(&checklist::gather(&record, profile), own);
        let body = record.response.as_ref().map(|response| response.body.text.as_str()).unwrap_or_default();
        let raw = BodyView::raw(body.as_bytes());
        let formatted = raw.formatted().map(Arc::new);
        let response = record.response.as_ref();
        Self {
            id: record.id.clone(),
            started_at: started_at(&record),
            status: response.map(|response| response.status),
            headers: response.map(|response| response.headers.clone()).unwrap_or_default(),
            reason: response.and_then(|response| response.reason.clone()),
            trailers: response.map(|response| response.trailers.clone()).unwrap_or_default(),
            body: body.as_bytes().to_vec().into(),
            first_page: None,
            is_binary: response.is_some_and(|response| response.body.is_binary),
            charset: None,
            encodings: response.map(|response| response.encodings.clone()).unwrap_or_default(),
            wire_bytes: response.map_or(0, |response| response.wire_bytes),
            body_bytes: response.map_or(0, |response| response.body.len_bytes),
            is_truncated: response.is_some_and(|response| response.is_truncated || response.body.is_cut),
            raw: Arc::new(raw),
            formatted,
            timing: record.timing.to_timing(),
            transport_error: record.transport_error.clone(),
            diagnosis,
            rate_limits: rate_limits_of(&record),
            checks,
            log: record.log.clone(),
            is_foreign,
            is_from_history: true,
            record: Arc::new(record),
        }
    }

    /// What trying again would mean; none where nothing failed.
    pub fn advice(&self) -> Option<&Advice> {
        self.record.advice.as_ref()
    }

    /// How long is left of the wait that the answer asked for; none where it asked for none.
    pub fn wait_left(&self, now: Timestamp) -> Option<Duration> {
        let after_s = self.advice().filter(|advice| advice.verdict == "safe_after")?.after_s?;
        let asked = Duration::try_from_secs_f64(after_s).ok()?;
        let since_start = now.duration_since(self.started_at);
        // A clock that was set back makes nobody wait longer than was asked for.
        let gone = Duration::try_from(since_start).unwrap_or_default().saturating_sub(self.timing.total);
        Some(asked.saturating_sub(gone))
    }

    /// The content type of the answer.
    pub fn content_type(&self) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value.as_str())
    }

    /// Whether something went wrong.
    pub fn is_failure(&self) -> bool {
        self.transport_error.is_some() || self.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.is_error)
    }

    /// Whether the finding to show first lies in the payload.
    pub fn first_finding_is_in_body(&self) -> bool {
        let first = self.diagnosis.as_ref().and_then(|diagnosis| diagnosis.fields.first());
        first.is_some_and(|field| matches!(field.location, Location::Body | Location::Graphql | Location::Unknown))
    }

    /// The status in words. Shape: `400 Bad Request`, `no answer`.
    pub fn status_line(&self) -> String {
        match self.status.and_then(|status| http::StatusCode::from_u16(status).ok()) {
            Some(status) => {
                let usual = status.canonical_reason().unwrap_or_default();
                let reason = self.reason.as_deref().map_or(usual.into(), visible_line);
                format!("{} {reason}", status.as_u16()).trim_end().to_owned()
            }
            None => self.status.map_or("no answer".into(), |status| status.to_string()),
        }
    }

    /// The request id as it may be copied: from the redacted record.
    pub fn request_id_to_copy(&self) -> Option<Redacted<String>> {
        let id = self.record.request_id.clone()?;
        Some(Redactor::new(Rules::built_in(), Vec::new()).redact(id))
    }

    /// The rate limit that is nearest to its end: what is left of it, and the limit, where the answer counts both.
    pub fn rate_limit(&self) -> Option<(f64, f64)> {
        let counted = self.rate_limits.iter().filter_map(|limit| limit.remaining.zip(limit.limit));
        counted.filter(|(_, limit)| *limit > 0.0).min_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)))
    }

    /// A file name for its body. Shape: `answer-01JD8Q6Z4N.json`.
    pub fn body_file_name(&self) -> String {
        let ending = match self.content_type().map(|kind| kind.split(';').next().unwrap_or_default().trim()) {
            Some(kind) if kind.ends_with("json") => "json",
            Some("text/html") => "html",
            Some(kind) if kind.ends_with("xml") => "xml",
            Some("image/png") => "png",
            Some("image/jpeg") => "jpg",
            Some(kind) if kind.starts_with("text/") => "txt",
            _ => "bin",
        };
        format!("answer-{}.{ending}", self.id.get(..10).unwrap_or(&self.id))
    }

    /// A file name for its report. Shape: `altyaa-report-2026-11-22-120000-invalid_request.md`.
    pub fn report_file_name(&self) -> String {
        crate::report::file_name(&self.record)
    }
}

/// The rate limits of an exchange, read from what is kept of it: no secret is among the values.
fn rate_limits_of(record: &ExchangeRecord) -> Vec<RateLimit> {
    let Some(response) = &record.response else { return Vec::new() };
    let body = response.body.text.as_bytes();
    let answer = envelope::Answer { status: response.status, headers: &response.headers, body };
    envelope::rate_limits(&answer, started_at(record))
}

/// A body made ready to be drawn, off the drawing thread.
#[derive(Default)]
struct Shown {
    raw: Arc<BodyView>,
    first_page: Option<BodyPage>,
    formatted: Option<Arc<BodyView>>,
    is_binary: bool,
    charset: Option<String>,
}

impl Shown {
    fn of(response: &Response) -> Self {
        let content_type = response.header("content-type");
        let is_binary = is_binary(&response.sample, content_type);
        let decoded = decode(&response.sample, content_type);
        let charset = match (&decoded.unknown_label, decoded.charset) {
            (Some(label), used) => Some(format!("{} is no known charset, read as {used}", visible_line(label))),
            (None, "UTF-8") => None,
            (None, other) => Some(format!("read as {other}")),
        };
        if response.body.in_memory().is_none() {
            // A page that cannot be read is asked for again when it is looked at, and told then.
            let first_page = BodyPage::read(&response.body, 0, content_type).ok();
            let raw = first_page.as_ref().map(|page| Arc::clone(&page.view)).unwrap_or_default();
            return Self { raw, first_page, formatted: None, is_binary, charset };
        }
        // Bytes that are no text are shown as bytes; a text of them would be drawn for nothing.
        if is_binary {
            return Self { is_binary, charset, ..Self::default() };
        }
        let raw = BodyView::of_text(decoded.text.into(), decoded.is_lossy);
        let formatted = raw.formatted().map(Arc::new);
        Self { raw: Arc::new(raw), first_page: None, formatted, is_binary, charset }
    }
}

/// When a recorded exchange was started; the epoch where the record says nothing readable.
fn started_at(record: &ExchangeRecord) -> Timestamp {
    record.started_at.parse().unwrap_or_default()
}
