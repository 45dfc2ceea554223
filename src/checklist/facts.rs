//! What is known about one exchange that a check can rest on.

use crate::credentials::doctor::TokenFinding;
use crate::exchange::ExchangeRecord;
use crate::profile::{EnvironmentKind, Profile};
use crate::secret::placeholders;
use crate::text::{Document, visible_line};

/// Everything the checks are evaluated from. None means: not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckFacts {
    /// The status of the answer; none if none came or nothing was sent.
    pub status: Option<u16>,
    /// Whether the answer broke off, so that its status alone says little.
    pub is_broken: bool,
    /// Whether something was sent at all.
    pub is_sent: bool,
    /// The envelope's code.
    pub code: Option<String>,
    /// The fields that the answer blames, with their reasons.
    pub fields: Vec<(String, Option<String>)>,
    /// Whether that code is one of the profile's, in the profile's own envelope.
    pub is_known_code: bool,
    /// The credential's name, if one was sent.
    pub credential: Option<String>,
    /// Where else a credential was sent: typed by hand into a header or the address. Shape: `the header authorization`.
    pub by_hand: Option<String>,
    /// Whether a payload was sent.
    pub has_payload: bool,
    /// Whether the payload is strict JSON; none if there is none, it does not claim to be, or not all of it was kept.
    pub is_json: Option<bool>,
    /// The request id and where it was found.
    pub request_id: Option<(String, String)>,
    /// How many events the log holds.
    pub log_lines: usize,
    /// What kind of place the call went to, and its title.
    pub environment: Option<(EnvironmentKind, String)>,
    /// What the token doctor found about the credential; empty where nobody asked it.
    pub token: Vec<TokenFinding>,
}

impl CheckFacts {
    /// The facts with what the token doctor found about the credential that was used.
    ///
    /// [`gather`] asks no keyring, so whoever wants this in the list asks the doctor and says it here.
    #[must_use]
    pub fn with_token(mut self, findings: Vec<TokenFinding>) -> Self {
        self.token = findings;
        self
    }
}

/// The request id of an answer that tells of no error: the diagnosis names none there, the header is there all the same.
fn id_header(record: &ExchangeRecord, profile: &Profile) -> Option<(String, String)> {
    let headers = &record.response.as_ref()?.headers;
    profile.request_id.headers.iter().find_map(|wanted| {
        let (name, value) =
            headers.iter().find(|(name, value)| name.eq_ignore_ascii_case(wanted) && !value.is_empty())?;
        Some((visible_line(value).into_owned(), format!("header {}", name.to_lowercase())))
    })
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
    let code = record.code.as_deref();
    let format = diagnosis.and_then(|diagnosis| diagnosis.get("format")).and_then(serde_json::Value::as_str);
    let body = &record.request_body;
    let claims_json = record
        .request_headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("json"));
    CheckFacts {
        status: record.response.as_ref().map(|response| response.status),
        is_broken: record.transport_error.is_some(),
        is_sent: true,
        code: code.map(|code| visible_line(code).into_owned()),
        is_known_code: format == Some(profile.name.as_str())
            && code.is_some_and(|code| profile.codes.iter().any(|known| known.code == code)),
        fields,
        credential: record.credential.clone(),
        by_hand: by_hand(record, profile),
        has_payload: body.len_bytes > 0,
        // The beginning of a payload is no JSON, whatever the whole of it was.
        is_json: (claims_json && !body.text.is_empty() && !body.is_cut)
            .then(|| Document::parse(&body.text).is_complete()),
        request_id: id
            .and_then(|id| Some((text(id.get("value"))?, text(id.get("source"))?)))
            .or_else(|| id_header(record, profile)),
        log_lines: record.log.len(),
        environment: profile.environment(&record.environment).map(|e| (e.kind, e.title.clone())),
        token: Vec::new(),
    }
}

/// Where a credential went out that is none of the program's: a header or address from which a value was removed.
fn by_hand(record: &ExchangeRecord, profile: &Profile) -> Option<String> {
    if record.credential.is_some() {
        return None;
    }
    let own = profile.auth.as_ref().map_or("authorization", |auth| auth.header.as_str());
    let is_removed = |text: &str| placeholders(text).next().is_some();
    let header = record.request_headers.iter().find(|(name, value)| {
        name.eq_ignore_ascii_case(own) || name.eq_ignore_ascii_case("authorization") || is_removed(value)
    });
    match header {
        Some((name, _)) => Some(format!("the header {}", name.to_lowercase())),
        None => is_removed(&record.url).then(|| "the address".to_owned()),
    }
}
