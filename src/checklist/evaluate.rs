//! From facts to the state of each check.

use serde::Serialize;

use super::facts::CheckFacts;
use crate::credentials::doctor::{FindingState, TokenFinding};
use crate::profile::{CheckText, EnvironmentKind, Profile};

/// What is known of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckState {
    /// It was looked at and is fine.
    Pass,
    /// It was looked at and is the cause, or part of it.
    Fail,
    /// It was looked at and needs a person.
    Attention,
    /// It was not looked at.
    Unknown,
}

impl CheckState {
    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Attention => "attention",
            Self::Unknown => "unknown",
        }
    }
}

/// One check of the list.
///
/// Shape in JSON: `{"id","state","summary","evidence":[…]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `authentication`, `payload`, `logs`, `sandbox` or `webhooks`.
    pub id: String,
    /// Its title.
    #[serde(skip)]
    pub title: String,
    /// What the document says to do.
    #[serde(skip)]
    pub text: String,
    /// What is known.
    pub state: CheckState,
    /// That in one sentence.
    pub summary: String,
    /// What it rests on.
    pub evidence: Vec<String>,
}

/// What one check came to.
struct Finding {
    state: CheckState,
    summary: String,
    evidence: Vec<String>,
}

impl Finding {
    fn new(state: CheckState, summary: impl Into<String>, evidence: Vec<String>) -> Self {
        Self { state, summary: summary.into(), evidence }
    }

    fn unknown(summary: impl Into<String>) -> Self {
        Self::new(CheckState::Unknown, summary, Vec::new())
    }
}

/// Evaluates every check of the profile. Pure: the same facts give the same states.
pub fn evaluate(facts: &CheckFacts, profile: &Profile) -> Vec<Check> {
    profile.checks.iter().map(|text| check(text, facts)).collect()
}

fn check(text: &CheckText, facts: &CheckFacts) -> Check {
    let finding = match text.id.as_str() {
        _ if !facts.is_sent => Finding::unknown("Nothing was sent yet"),
        "authentication" => with_token(authentication(facts), &facts.token),
        "payload" => payload(facts),
        "logs" => logs(facts),
        "sandbox" => sandbox(facts),
        _ => Finding::unknown("Not checked: no webhook endpoint was looked at"),
    };
    Check {
        id: text.id.clone(),
        title: text.title.clone(),
        text: text.text.clone(),
        state: finding.state,
        summary: finding.summary,
        evidence: finding.evidence,
    }
}

fn status_line(facts: &CheckFacts) -> Vec<String> {
    let code = facts.code.as_ref().map(|code| format!(", code {code}")).unwrap_or_default();
    facts.status.map(|status| format!("status {status}{code}")).into_iter().collect()
}

fn authentication(facts: &CheckFacts) -> Finding {
    let who = match (&facts.credential, &facts.by_hand) {
        (Some(name), _) => Some(format!("the credential {name}")),
        (None, Some(place)) => Some(format!("the credential typed into {place}")),
        (None, None) => None,
    };
    match (facts.status, who) {
        (None, _) => Finding::unknown("No answer came, so the credential was not judged"),
        (Some(401), None) => {
            Finding::new(CheckState::Fail, "No credential was sent, and the API asks for one", status_line(facts))
        }
        (Some(401), Some(who)) => {
            Finding::new(CheckState::Fail, format!("The API did not accept the call with {who}"), status_line(facts))
        }
        // Only the profile's own code says that the credential as such was fine; a gateway's 403 does not.
        (Some(403), Some(who)) if facts.is_known_code => Finding::new(
            CheckState::Fail,
            format!("The call with {who} was authenticated but lacks permission"),
            status_line(facts),
        ),
        (Some(403), Some(who)) => Finding::new(
            CheckState::Attention,
            format!("Access was refused; the answer does not say whether {who} is at fault"),
            status_line(facts),
        ),
        (Some(403), None) => {
            Finding::new(CheckState::Fail, "Access was refused; no credential was sent", status_line(facts))
        }
        (Some(200..=299), Some(who)) if !facts.is_broken => {
            Finding::new(CheckState::Pass, format!("The API accepted the call with {who}"), status_line(facts))
        }
        (Some(_), Some(who)) => {
            Finding::unknown(format!("The call went out with {who}; this answer does not say whether it is valid"))
        }
        (Some(_), None) => Finding::unknown("No credential was sent, and this answer did not ask for one"),
    }
}

/// The state together with what the token doctor found.
///
/// The API's own verdict stands: an accepted call is never turned into a failure, only into something to look at, and
/// without a verdict of the API a credential without fault stays unknown.
fn with_token(mut finding: Finding, token: &[TokenFinding]) -> Finding {
    let worst = |state: FindingState| token.iter().find(|found| found.state == state);
    let fault = worst(FindingState::Fail).or_else(|| worst(FindingState::Attention));
    let state = match (finding.state, fault.map(|fault| fault.state)) {
        (CheckState::Fail, _) | (_, None) => finding.state,
        (CheckState::Pass, Some(_)) | (_, Some(FindingState::Attention)) => CheckState::Attention,
        (_, Some(_)) => CheckState::Fail,
    };
    if let Some(fault) = fault {
        finding.summary = format!("{}; the credential: {}", finding.summary, fault.summary);
    }
    // What is wrong comes first; what could not be told is no evidence.
    let told = [FindingState::Fail, FindingState::Attention, FindingState::Pass];
    let lines = told.iter().flat_map(|state| token.iter().filter(move |found| found.state == *state));
    finding.evidence.extend(lines.map(|found| format!("{} {}: {}", found.id, found.state.word(), found.summary)));
    Finding { state, ..finding }
}

fn payload(facts: &CheckFacts) -> Finding {
    if facts.is_json == Some(false) {
        return Finding::new(CheckState::Fail, "The payload is not JSON, though its content type says so", Vec::new());
    }
    if let [(path, reason), rest @ ..] = facts.fields.as_slice() {
        let reason = reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let is_request_fault = matches!(facts.status, Some(400 | 409 | 413 | 415 | 422));
        if is_request_fault {
            let evidence = facts.fields.iter().map(|(path, _)| format!("field {path}")).collect();
            return Finding::new(CheckState::Fail, format!("The API blames {path}{more}{reason}"), evidence);
        }
    }
    let fail = |summary: &str| Finding::new(CheckState::Fail, summary, status_line(facts));
    match facts.status {
        Some(200..=299) if facts.has_payload && !facts.is_broken => {
            Finding::new(CheckState::Pass, "The API accepted the payload as it was", status_line(facts))
        }
        Some(413) => fail("The API refused the payload for its size"),
        Some(415) => fail("The API refused the payload for its content type"),
        Some(400 | 422) if facts.code.is_some() => fail("The API refused the request without naming a field"),
        // Without an envelope it may be a gateway that did not understand the request at all.
        Some(400 | 422) => Finding::new(
            CheckState::Attention,
            "The request was refused, and the answer does not say why",
            status_line(facts),
        ),
        Some(_) if !facts.has_payload => Finding::unknown("The request had no payload"),
        Some(_) => Finding::unknown("This answer says nothing about the payload"),
        None => Finding::unknown("No answer came, so the payload was not judged"),
    }
}

fn logs(facts: &CheckFacts) -> Finding {
    let kept = format!("{} log events of this call kept", facts.log_lines);
    match &facts.request_id {
        Some((value, source)) => Finding::new(
            CheckState::Pass,
            format!("Request ID captured from {source}; the logs of your integration were not looked at"),
            vec![format!("request ID {value}"), kept],
        ),
        None if facts.status.is_some() => Finding::new(
            CheckState::Attention,
            "The answer carries no request ID; support needs the exact time instead",
            vec![kept],
        ),
        None => Finding::new(CheckState::Attention, "No answer came, so there is no request ID", vec![kept]),
    }
}

fn sandbox(facts: &CheckFacts) -> Finding {
    match &facts.environment {
        Some((EnvironmentKind::Embedded | EnvironmentKind::Sandbox, title)) => {
            let code = facts.code.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
            match facts.status {
                None => Finding::unknown(format!("{title} did not answer")),
                Some(status) if status < 400 => {
                    Finding::unknown(format!("This call succeeded in {title}, so there was no failure to replicate"))
                }
                Some(status) => Finding::new(
                    CheckState::Pass,
                    format!("The failure was replicated in {title}: {status}{code}"),
                    status_line(facts),
                ),
            }
        }
        Some((EnvironmentKind::Production, _)) => Finding::unknown("Not replayed in a sandbox yet"),
        None => Finding::unknown("This address belongs to no environment of the profile"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn altyaa() -> Profile {
        crate::profile::built_in("altyaa").unwrap()
    }

    fn states(facts: &CheckFacts) -> Vec<(String, CheckState)> {
        evaluate(facts, &altyaa()).into_iter().map(|check| (check.id, check.state)).collect()
    }

    fn state(facts: &CheckFacts, id: &str) -> CheckState {
        states(facts).into_iter().find(|(other, _)| other == id).unwrap().1
    }

    fn sent(status: u16) -> CheckFacts {
        CheckFacts { is_sent: true, status: Some(status), ..CheckFacts::default() }
    }

    #[test]
    fn before_anything_was_sent_all_five_are_unknown() {
        let states = states(&CheckFacts::default());
        assert_eq!(states.len(), 5);
        assert!(states.iter().all(|(_, state)| *state == CheckState::Unknown));
    }

    #[test]
    fn an_answer_that_does_not_judge_the_credential_leaves_it_unknown() {
        let facts = CheckFacts { credential: Some("key".into()), ..sent(400) };
        assert_eq!(state(&facts, "authentication"), CheckState::Unknown);
        let key = Some("key".to_owned());
        assert_eq!(state(&CheckFacts { credential: key.clone(), ..sent(201) }, "authentication"), CheckState::Pass);
        assert_eq!(
            state(&CheckFacts { credential: key.clone(), ..sent(403) }, "authentication"),
            CheckState::Attention
        );
        let known = CheckFacts { credential: key, is_known_code: true, ..sent(403) };
        assert_eq!(state(&known, "authentication"), CheckState::Fail);
        assert_eq!(state(&sent(401), "authentication"), CheckState::Fail);
        assert_eq!(state(&sent(403), "authentication"), CheckState::Fail);
    }

    fn found(id: &'static str, state: FindingState) -> TokenFinding {
        let summary = format!("{id} is so");
        TokenFinding { id, state, summary, fix: String::new(), action: None, evidence: Vec::new() }
    }

    #[test]
    fn the_doctors_findings_are_evidence_and_can_turn_the_state() {
        let after = |status: Option<u16>, findings: &[TokenFinding]| {
            let facts = CheckFacts { is_sent: true, status, credential: Some("key".into()), ..CheckFacts::default() };
            let checks = evaluate(&facts.with_token(findings.to_vec()), &altyaa());
            checks.into_iter().find(|check| check.id == "authentication").unwrap()
        };
        let expired = found("expiry", FindingState::Fail);
        let skewed = found("clock", FindingState::Attention);
        let fine = found("shape", FindingState::Pass);
        let unknown = found("scope", FindingState::Unknown);
        for (status, findings, state) in [
            (Some(400), vec![fine.clone(), expired.clone()], CheckState::Fail),
            (None, vec![expired.clone()], CheckState::Fail),
            (Some(400), vec![skewed.clone()], CheckState::Attention),
            (Some(403), vec![expired.clone()], CheckState::Fail),
            (Some(200), vec![expired.clone()], CheckState::Attention),
            (Some(200), vec![fine.clone(), unknown.clone()], CheckState::Pass),
            (Some(401), vec![skewed.clone()], CheckState::Fail),
            (Some(400), vec![fine.clone(), unknown.clone()], CheckState::Unknown),
        ] {
            assert_eq!(after(status, &findings).state, state, "{status:?} {findings:?}");
        }
        let check = after(Some(400), &[fine, skewed, unknown, expired]);
        assert!(check.summary.ends_with("; the credential: expiry is so"), "{}", check.summary);
        assert_eq!(
            check.evidence,
            ["expiry fail: expiry is so", "clock attention: clock is so", "shape pass: shape is so"]
        );
    }

    #[test]
    fn a_blamed_field_fails_the_payload_only_for_faults_of_the_request() {
        let fields = vec![("publishAt".to_owned(), Some("value is in the past".to_owned()))];
        assert_eq!(state(&CheckFacts { fields: fields.clone(), ..sent(400) }, "payload"), CheckState::Fail);
        assert_eq!(state(&CheckFacts { fields, ..sent(401) }, "payload"), CheckState::Unknown);
        assert_eq!(state(&CheckFacts { is_json: Some(false), ..sent(500) }, "payload"), CheckState::Fail);
    }

    #[test]
    fn a_credential_typed_by_hand_is_not_called_missing() {
        let facts = CheckFacts { by_hand: Some("the header authorization".into()), ..sent(401) };
        let check = evaluate(&facts, &altyaa()).into_iter().find(|check| check.id == "authentication").unwrap();
        assert_eq!(
            check.summary,
            "The API did not accept the call with the credential typed into the header authorization"
        );
    }

    #[test]
    fn a_payload_passes_only_if_there_was_one() {
        assert_eq!(state(&sent(200), "payload"), CheckState::Unknown);
        assert_eq!(state(&CheckFacts { has_payload: true, ..sent(200) }, "payload"), CheckState::Pass);
        assert_eq!(state(&CheckFacts { has_payload: true, ..sent(413) }, "payload"), CheckState::Fail);
        assert_eq!(state(&sent(400), "payload"), CheckState::Attention);
        assert_eq!(
            state(&CheckFacts { code: Some("invalid_request".into()), ..sent(400) }, "payload"),
            CheckState::Fail
        );
    }

    #[test]
    fn a_call_that_succeeded_replicated_nothing() {
        let local = Some((EnvironmentKind::Embedded, "Local sandbox".to_owned()));
        assert_eq!(state(&CheckFacts { environment: local, ..sent(200) }, "sandbox"), CheckState::Unknown);
    }

    #[test]
    fn webhooks_are_never_claimed_to_be_fine() {
        assert_eq!(state(&sent(200), "webhooks"), CheckState::Unknown);
    }

    #[test]
    fn production_is_not_the_sandbox() {
        let at = |kind| CheckFacts { environment: Some((kind, "There".into())), ..sent(400) };
        assert_eq!(state(&at(EnvironmentKind::Production), "sandbox"), CheckState::Unknown);
        assert_eq!(state(&at(EnvironmentKind::Embedded), "sandbox"), CheckState::Pass);
    }

    #[test]
    fn a_missing_request_id_needs_attention() {
        assert_eq!(state(&sent(500), "logs"), CheckState::Attention);
        let facts = CheckFacts { request_id: Some(("req_1".into(), "header x-request-id".into())), ..sent(500) };
        assert_eq!(state(&facts, "logs"), CheckState::Pass);
    }
}
