//! What is known about one exchange that a check can rest on.

use crate::exchange::ExchangeRecord;
use crate::profile::{EnvironmentKind, Profile};
use crate::text::{Document, visible_line};

/// Everything the checks are evaluated from. None means: not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckFacts {
    /// The status of the answer; none if none came or nothing was sent.
    pub status: Option<u16>,
    /// Whether something was sent at all.
    pub is_sent: bool,
    /// The envelope's code.
    pub code: Option<String>,
    /// The fields that the answer blames, with their reasons.
    pub fields: Vec<(String, Option<String>)>,
    /// The credential's name, if one was sent.
    pub credential: Option<String>,
    /// Whether the payload is strict JSON; none if there is none or it does not claim to be.
    pub is_json: Option<bool>,
    /// The request id and where it was found.
    pub request_id: Option<(String, String)>,
    /// How many events the log holds.
    pub log_lines: usize,
    /// What kind of place the call went to, and its title.
    pub environment: Option<(EnvironmentKind, String)>,
}

/// Collects the facts of one exchange. Sends nothing, asks nothing.
pub fn gather(record: &ExchangeRecord, profile: &Profile) -> CheckFacts {
    let diagnosis = record.diagnosis.as_ref();
    let text = |value: Option<&serde_json::Value>| {
        value.and_then(serde_json::Value::as_str).map(|text| visible_line(text).into_owned())
    };
    let fields = diagnosis
        .and_then(|diagnosis| diagnosis.get("fields"))
        .and_then(serde_json::Value::as_array)
        .map(|fields| {
            fields.iter().filter_map(|field| Some((text(field.get("path"))?, text(field.get("reason"))))).collect()
        })
        .unwrap_or_default();
    let id = diagnosis.and_then(|diagnosis| diagnosis.get("request_id"));
    let claims_json = record
        .request_headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("json"));
    CheckFacts {
        status: record.response.as_ref().map(|response| response.status),
        is_sent: true,
        code: record.code.as_deref().map(|code| visible_line(code).into_owned()),
        fields,
        credential: record.credential.clone(),
        is_json: (claims_json && !record.request_body.text.is_empty())
            .then(|| Document::parse(&record.request_body.text).is_complete()),
        request_id: id.and_then(|id| Some((text(id.get("value"))?, text(id.get("source"))?))),
        log_lines: record.log.len(),
        environment: profile.environment(&record.environment).map(|e| (e.kind, e.title.clone())),
    }
}
