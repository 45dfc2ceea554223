//! Puts a reading, the payload and the catalogue together.

use std::sync::LazyLock;

use jiff::Timestamp;

use super::actions::{Evidence, offered};
use super::location::{Hit, location};
use super::standard::standard;
use super::voices::disagreements;
use super::{Diagnosis, DiagnosisInput, FieldFinding, Location, MeaningSource, Place, PlaceInText};
use crate::envelope::{self, Answer, BlamedField, ErrorEnvelope};
use crate::exchange::Exchange;
use crate::profile::{CodeEntry, Profile, built_in};
use crate::text::{Document, LineIndex, Span, find, surroundings};

/// Explains an answer by a profile; `now` stands in for the answer's `Date` where it has none.
pub fn diagnose(input: &DiagnosisInput<'_>, profile: &Profile, now: Timestamp) -> Diagnosis {
    let answer = Answer { status: input.status, headers: input.headers, body: input.body };
    let envelope = envelope::read(&answer, profile, now);
    let fields = findings(&envelope.fields, input, profile);
    let is_error = input.status >= 400 || envelope.is_recognised;
    let disagreements = disagreements(input.status, &envelope, is_error);
    let entry = catalogue_entry(&envelope, profile);
    let oauth = if entry.is_none() { oauth_entry(&envelope) } else { None };
    let meaning_by = match (entry, oauth) {
        (Some(_), _) => MeaningSource::Catalogue,
        (None, Some(_)) => MeaningSource::OAuth,
        (None, None) => MeaningSource::Http,
    };
    let entry = entry.or(oauth);
    let (meaning, resolve, action_ids) = match (entry, standard(input.status)) {
        (Some(entry), _) => (Some(entry.meaning.as_str()), entry.resolve.as_slice(), entry.actions.as_slice()),
        (None, Some(standard)) => (Some(standard.meaning), standard.resolve, standard.actions),
        (None, None) => (None, [].as_slice(), [].as_slice()),
    };
    let link = entry.and_then(|entry| profile.link(entry.link.as_deref()?)).cloned();
    let doc_url = envelope.doc_url.or_else(|| link.as_ref().and_then(|link| link.url.clone()));
    let evidence =
        Evidence { fields: &fields, has_wait: envelope.retry_after_s.is_some(), has_docs: doc_url.is_some(), profile };
    let actions = offered(action_ids, evidence);
    Diagnosis {
        format: envelope.format,
        status: input.status,
        code: envelope.code,
        message: envelope.message,
        fields,
        request_id: envelope.request_id,
        other_ids: envelope.other_ids,
        retry_after_s: envelope.retry_after_s,
        meaning: meaning.map(str::to_owned),
        resolve: resolve.to_vec(),
        doc_url,
        answered_by: envelope.answered_by,
        actions,
        disagreements,
        meaning_by,
        link,
        is_error,
    }
}

/// Explains the answer of an exchange; none if no answer came.
pub fn from_exchange(exchange: &Exchange, profile: &Profile, now: Timestamp) -> Option<Diagnosis> {
    let response = exchange.response.as_ref()?;
    let request_headers: Vec<&str> = exchange.request.headers.iter().map(|(name, _)| name.as_str()).collect();
    let input = DiagnosisInput {
        status: response.status,
        headers: &response.headers,
        body: &response.sample,
        method: Some(exchange.request.method.as_str()),
        url: Some(exchange.request.url.as_str()),
        request_headers: &request_headers,
        // Bytes that are no text have no places: replaced characters would shift them.
        payload: std::str::from_utf8(&exchange.request.body).ok(),
    };
    Some(diagnose(&input, profile, now))
}

/// The catalogue speaks only of codes that stand in the profile's own envelope.
fn catalogue_entry<'p>(envelope: &ErrorEnvelope, profile: &'p Profile) -> Option<&'p CodeEntry> {
    if envelope.format != profile.name {
        return None;
    }
    profile.code_entry(envelope.code.as_deref()?)
}

/// The standards speak of OAuth's codes, whoever answers with them.
fn oauth_entry(envelope: &ErrorEnvelope) -> Option<&'static CodeEntry> {
    static OAUTH: LazyLock<Option<Profile>> = LazyLock::new(|| built_in("oauth"));
    if envelope.format != "oauth" {
        return None;
    }
    OAUTH.as_ref()?.code_entry(envelope.code.as_deref()?)
}

/// The blamed fields with their places; the payload is read only if there is a field to look for.
fn findings(blamed: &[BlamedField], input: &DiagnosisInput<'_>, profile: &Profile) -> Vec<FieldFinding> {
    if blamed.is_empty() {
        return Vec::new();
    }
    let payload = input.payload.filter(|payload| !payload.is_empty()).map(Payload::read);
    blamed.iter().map(|field| finding(field, payload.as_ref(), input, profile)).collect()
}

/// The payload, indexed once for all fields.
struct Payload<'t> {
    document: Document<'t>,
    lines: LineIndex,
}

impl<'t> Payload<'t> {
    fn read(text: &'t str) -> Self {
        Self { document: Document::parse(text), lines: LineIndex::new(text) }
    }

    fn place(&self, span: Span) -> PlaceInText {
        let position = self.lines.position(span.start);
        PlaceInText { start: span.start, end: span.end, line: position.line, column: position.column }
    }
}

/// One blamed field with its place.
fn finding(
    field: &BlamedField,
    payload: Option<&Payload<'_>>,
    input: &DiagnosisInput<'_>,
    profile: &Profile,
) -> FieldFinding {
    let found = payload.and_then(|payload| find(&payload.document, &field.path).map(|found| (payload, found)));
    let hit = match &found {
        Some((payload, found)) if payload.document.root() == Some(found.node) => Hit::Root,
        Some((_, found)) if found.is_exact => Hit::Exact,
        Some(_) => Hit::Variant,
        // These name the whole in every spelling, also of a payload that is no JSON or not known.
        None if matches!(field.path.as_str(), "$" | "#") => Hit::Root,
        None => Hit::None,
    };
    let location = location(&field.path, hit, input, profile);
    let mut finding = FieldFinding {
        path: field.path.clone(),
        location,
        reason: field.reason.clone(),
        span: None,
        within: None,
        nearest: None,
        place: Place::Unknown,
    };
    match (location, found) {
        (Location::Header, _) => finding.place = Place::Header(field.path.clone()),
        (Location::Query, _) => finding.place = Place::Query(field.path.clone()),
        (Location::Body, Some((payload, found))) => {
            finding.span = Some(payload.place(found.node.span()));
            finding.place = Place::Body(found.node.pointer());
        }
        (Location::Whole, found) => {
            finding.span = found.map(|(payload, found)| payload.place(found.node.span()));
            finding.place = Place::Whole;
        }
        (Location::Body, None) => {
            let Some(payload) = payload else { return finding };
            let around = surroundings(&payload.document, &field.path);
            finding.nearest = around.nearest;
            if let Some(within) = around.within {
                finding.within = Some(payload.place(within.span()));
                finding.place = Place::MissingIn(within.pointer());
            }
        }
        (Location::Path | Location::Cookie | Location::Graphql | Location::Unknown, _) => {}
    }
    finding
}
