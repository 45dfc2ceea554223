//! Puts a reading, the payload and the catalogue together.

use std::sync::LazyLock;

use jiff::Timestamp;

use super::actions::{Evidence, offered};
use super::finding::findings;
use super::standard::standard;
use super::voices::disagreements;
use super::{Diagnosis, DiagnosisInput, MeaningSource};
use crate::envelope::{self, Answer, ErrorEnvelope};
use crate::exchange::Exchange;
use crate::profile::{CodeEntry, Profile, built_in};

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
