//! An answer as the window shows it, made off the drawing thread.

use std::sync::Arc;

use jiff::Timestamp;

use super::body_view::BodyView;
use crate::checklist::{self, Check};
use crate::diagnosis::{self, Diagnosis, DiagnosisInput, Location};
use crate::exchange::{Exchange, ExchangeRecord, LogLine, Timing, TransportError};
use crate::profile::Profile;
use crate::secret::{Redacted, Redactor, Rules};

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
    /// The body as it came.
    pub raw: Arc<BodyView>,
    /// The body with one member a line, if it is JSON.
    pub formatted: Option<Arc<BodyView>>,
    /// The body's true length in bytes.
    pub body_bytes: u64,
    /// Whether the body is not whole.
    pub is_truncated: bool,
    /// The phases.
    pub timing: Timing,
    /// Why no whole answer came.
    pub transport_error: Option<TransportError>,
    /// What is said of the answer; none if none came.
    pub diagnosis: Option<Diagnosis>,
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
    ) -> Self {
        let checks = checklist::evaluate(&checklist::gather(&record, profile), texts);
        let raw = BodyView::raw(exchange.response.as_ref().map_or(&[], |response| &response.body));
        let formatted = raw.formatted().map(Arc::new);
        let (status, headers, body_bytes, is_truncated) = match exchange.response {
            Some(response) => (Some(response.status), response.headers, response.wire_bytes, response.is_truncated),
            None => (None, Vec::new(), 0, false),
        };
        Self {
            id: exchange.id.to_string(),
            started_at: exchange.started_at,
            status,
            headers,
            raw: Arc::new(raw),
            formatted,
            body_bytes,
            is_truncated,
            timing: exchange.timing,
            transport_error: exchange.transport_error,
            diagnosis,
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
            body_bytes: response.map_or(0, |response| response.body.len_bytes),
            is_truncated: response.is_some_and(|response| response.is_truncated || response.body.is_cut),
            raw: Arc::new(raw),
            formatted,
            timing: record.timing.to_timing(),
            transport_error: record.transport_error.clone(),
            diagnosis,
            checks,
            log: record.log.clone(),
            is_foreign,
            is_from_history: true,
            record: Arc::new(record),
        }
    }

    /// Whether something went wrong.
    pub fn is_failure(&self) -> bool {
        self.transport_error.is_some() || self.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.is_error)
    }

    /// Whether the finding to show first lies in the payload.
    pub fn first_finding_is_in_body(&self) -> bool {
        let first = self.diagnosis.as_ref().and_then(|diagnosis| diagnosis.fields.first());
        first.is_some_and(|field| matches!(field.location, Location::Body | Location::Unknown))
    }

    /// The status in words. Shape: `400 Bad Request`, `no answer`.
    pub fn status_line(&self) -> String {
        match self.status.and_then(|status| http::StatusCode::from_u16(status).ok()) {
            Some(status) => {
                format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()).trim_end().to_owned()
            }
            None => self.status.map_or("no answer".into(), |status| status.to_string()),
        }
    }

    /// The request id as it may be copied: from the redacted record.
    pub fn request_id_to_copy(&self) -> Option<Redacted<String>> {
        let id = self.record.request_id.clone()?;
        Some(Redactor::new(Rules::built_in(), Vec::new()).redact(id))
    }

    /// What is left of the rate limit, and the limit, where the answer says so in plain counts.
    pub fn rate_limit(&self) -> Option<(u64, u64)> {
        let count = |names: [&str; 2]| {
            let found =
                self.headers.iter().find(|(name, _)| names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)));
            found.and_then(|(_, value)| value.trim().parse::<u64>().ok())
        };
        let remaining = count(["ratelimit-remaining", "x-ratelimit-remaining"])?;
        Some((remaining, count(["ratelimit-limit", "x-ratelimit-limit"])?))
    }

    /// A file name for its report. Shape: `altyaa-report-2026-11-22-120000-invalid_request.md`.
    pub fn report_file_name(&self) -> String {
        crate::report::file_name(&self.record)
    }
}

/// When a recorded exchange was started; the epoch where the record says nothing readable.
fn started_at(record: &ExchangeRecord) -> Timestamp {
    record.started_at.parse().unwrap_or_default()
}
