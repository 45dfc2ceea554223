//! What is removed from a record before it is kept: by the kind of each part, and spans moved along.

use serde_json::Value;

use super::record::MAX_KEPT_BODY_BYTES;
use super::{
    ExchangeRecord, LogLine, RecordedAttempt, RecordedBody, RecordedRedirect, RecordedResponse, TransportError,
};
use crate::secret::{Edits, Redactable, Redactor};

impl RecordedBody {
    fn redacted(self, redactor: &mut Redactor, content_type: Option<&str>) -> (Self, Edits) {
        let edits = redactor.body_edits(&self.text, content_type);
        let mut text = if edits.is_empty() { self.text } else { edits.apply(&self.text) };
        let mut is_cut = self.is_cut;
        if text.len() > MAX_KEPT_BODY_BYTES {
            let mut end = text.floor_char_boundary(MAX_KEPT_BODY_BYTES);
            // A placeholder across the cut would look like text of the body.
            if let Some((before, last)) = text.get(..end).and_then(|head| head.rsplit_once('‹'))
                && !last.contains('›')
                && last.len() < 64
            {
                end = before.len();
            }
            text.truncate(end);
            is_cut = true;
        }
        (Self { text, is_cut, ..self }, edits)
    }
}

impl Redactable for RecordedRedirect {
    fn redact_with(self, redactor: &mut Redactor) -> Self {
        Self {
            from: redactor.url(&self.from),
            to: redactor.url(&self.to),
            method: redactor.text(&self.method),
            dropped: self.dropped.redact_with(redactor),
            ..self
        }
    }
}

impl Redactable for TransportError {
    fn redact_with(self, redactor: &mut Redactor) -> Self {
        Self {
            layer: self.layer,
            summary: redactor.text(&self.summary),
            seen: redactor.text(&self.seen),
            meaning: redactor.text(&self.meaning),
            fix: redactor.text(&self.fix),
            kind: self.kind,
        }
    }
}

impl Redactable for ExchangeRecord {
    /// Headers, addresses and bodies first: what their names give away is then removed from log and messages too.
    fn redact_with(self, redactor: &mut Redactor) -> Self {
        redactor.set_place("request");
        let request_type = header(&self.request_headers, "content-type");
        let request_headers = headers(self.request_headers, redactor);
        redactor.set_place("request url");
        let url = redactor.url(&self.url);
        let url_template = redactor.url(&self.url_template);
        redactor.set_place("request body");
        let (request_body, edits) = self.request_body.redacted(redactor, request_type.as_deref());
        let response = self.response.map(|response| {
            redactor.set_place("response");
            let content_type = header(&response.headers, "content-type");
            let headers = headers(response.headers, redactor);
            redactor.set_place("response body");
            let (body, _) = response.body.redacted(redactor, content_type.as_deref());
            RecordedResponse {
                headers,
                trailers: self::headers(response.trailers, redactor),
                reason: response.reason.redact_with(redactor),
                encodings: response.encodings.redact_with(redactor),
                body,
                http_version: redactor.text(&response.http_version),
                ..response
            }
        });
        redactor.set_place("transport");
        let transport_error = self.transport_error.redact_with(redactor);
        let attempts = self.attempts.into_iter().map(|attempt| RecordedAttempt {
            transport_error: attempt.transport_error.redact_with(redactor),
            why: attempt.why.redact_with(redactor),
            connection: attempt.connection.redact_with(redactor),
            redirects: attempt.redirects.redact_with(redactor),
            request_id: attempt.request_id.redact_with(redactor),
            ..attempt
        });
        let attempts = attempts.collect();
        let redirects = self.redirects.redact_with(redactor);
        redactor.set_place("log");
        let log = self.log.into_iter().map(|line| LogLine { text: log_text(&line.text, redactor), ..line }).collect();
        redactor.set_place("diagnosis");
        let diagnosis = self.diagnosis.map(|value| {
            let mut value = redacted_value(value, redactor);
            move_spans(&mut value, &edits, &request_body.text);
            value
        });
        Self {
            method: redactor.text(&self.method),
            environment: redactor.text(&self.environment),
            profile: redactor.text(&self.profile),
            credential: self.credential.redact_with(redactor),
            workspace: self.workspace.redact_with(redactor),
            code: self.code.redact_with(redactor),
            field: self.field.redact_with(redactor),
            message: self.message.redact_with(redactor),
            request_id: self.request_id.redact_with(redactor),
            request_headers,
            url,
            url_template,
            request_body,
            response,
            transport_error,
            attempts,
            redirects,
            advice: self.advice,
            log,
            diagnosis,
            id: self.id,
            started_at: self.started_at,
            timing: self.timing,
        }
    }
}

fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
}

fn headers(headers: Vec<(String, String)>, redactor: &mut Redactor) -> Vec<(String, String)> {
    headers
        .into_iter()
        .map(|(name, value)| {
            let value = redactor.header(&name, &value);
            (name, value)
        })
        .collect()
}

/// A line of the log. A header line in it is one by its sign: what its name gives away is removed by the name.
fn log_text(text: &str, redactor: &mut Redactor) -> String {
    for sign in ["> ", "< trailer ", "< "] {
        let Some((name, value)) = text.strip_prefix(sign).and_then(|line| line.split_once(": ")) else { continue };
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            let value = redactor.header(name, value);
            return format!("{sign}{name}: {}", redactor.text(&value));
        }
    }
    redactor.text(text)
}

/// Every text of our own diagnosis object, whose depth we made.
fn redacted_value(value: Value, redactor: &mut Redactor) -> Value {
    match value {
        Value::String(text) => Value::String(redactor.json_text(&text)),
        Value::Array(items) => items.into_iter().map(|item| redacted_value(item, redactor)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(key, item)| (key, redacted_value(item, redactor))).collect()
        }
        other => other,
    }
}

/// Carries the spans of blamed fields over to the redacted body, or drops those behind its cut.
fn move_spans(diagnosis: &mut Value, edits: &Edits, body: &str) {
    let Some(fields) = diagnosis.get_mut("fields").and_then(Value::as_array_mut) else { return };
    for field in fields {
        for name in ["span", "within", "one_based", "text_span"] {
            let Some(span) = field.get_mut(name).filter(|span| span.is_object()) else { continue };
            let offset = |name: &str| span.get(name).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
            let moved = offset("start").zip(offset("end")).map(|(start, end)| edits.map(start..end));
            let text = moved.clone().and_then(|range| body.get(range.start..range.end).zip(body.get(..range.start)));
            match (moved, text) {
                (Some(range), Some((_, before))) => {
                    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
                    let line = before.matches('\n').count() + 1;
                    let column = before.get(line_start..).map_or(0, |rest| rest.chars().count()) + 1;
                    for (key, number) in
                        [("start", range.start), ("end", range.end), ("line", line), ("column", column)]
                    {
                        if let Some(slot) = span.get_mut(key) {
                            *slot = Value::from(number);
                        }
                    }
                }
                _ => *span = Value::Null,
            }
        }
    }
}
