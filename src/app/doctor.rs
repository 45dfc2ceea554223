//! Gathers what the token doctor is told: keyring, history, profile. Sends nothing.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::services::Services;
use crate::credentials::doctor::{
    CallFacts, DoctorInput, EnvironmentFact, RefreshFact, ScopeNeed, ServerClock, TokenFinding, clean, examine,
    need_of_challenges, need_of_reason, needed_scopes,
};
use crate::credentials::{Credential, Origin, Stored, VaultError};
use crate::envelope::http_date;
use crate::exchange::ExchangeRecord;
use crate::history::HistoryQuery;
use crate::secret::placeholders;

/// How many of a server's newest answers are looked through for a `Date`.
const ANSWERS_MAX: u32 = 5;

/// What came of looking at a credential.
#[derive(Debug)]
pub struct Examined {
    /// What was found, redacted.
    pub findings: Vec<TokenFinding>,
    /// Why the secret could not be read, so that the findings rest on what is recorded alone.
    pub unread: Option<VaultError>,
}

/// Looks at a credential, and at the call it was used for where one is given. Blocking: it asks the keyring.
///
/// *Errors*: where nothing at all is known of the credential: [`VaultError::UnknownName`], and what keeps both the
/// keyring and the list from being read.
pub fn examine_credential(
    services: &Services,
    name: &str,
    record: Option<&ExchangeRecord>,
    now: Timestamp,
) -> Result<Examined, VaultError> {
    let (facts, secret) = match services.vault.reveal(name) {
        Ok((facts, secret)) => (facts, Ok(secret)),
        Err(error @ VaultError::UnknownName { .. }) => return Err(error),
        Err(error) => match listed(services, name) {
            Some(facts) => (facts, Err(error)),
            None => return Err(error),
        },
    };
    let call = record.and_then(|record| call_facts(services, record));
    let origins: Vec<Origin> = match &call {
        Some(call) => vec![call.origin.clone()],
        None => facts.origins.clone(),
    };
    // The call's own answer told the time at the address of then; the embedded sandbox has another port today.
    let own = record.and_then(|record| {
        let url = Url::parse(&record.url).ok()?;
        clock_of_answer(record, &Origin::of(&url)?)
    });
    let server = origins.iter().find_map(|origin| server_clock(services, origin)).or(own);
    let environments = environments(services);
    let issuer = facts.oauth.as_ref().and_then(|oauth| oauth.provider.issuer.as_ref()).map(|issuer| {
        // As servers without a path write themselves.
        issuer.as_str().trim_end_matches('/').to_owned()
    });
    let input = DoctorInput {
        facts: &facts,
        secret: secret.as_ref(),
        now,
        server: server.as_ref(),
        call: call.as_ref(),
        issuer: issuer.as_deref(),
        environments: &environments,
        workspace_header: services.profile.workspace.as_ref().map(|rule| rule.header.as_str()),
        refresh: refresh_fact(&facts),
    };
    let mut findings = examine(&input);
    // The doctor keeps this secret out; a claim may hold another one.
    let mut redactor = services.gate.redactor();
    for found in &mut findings {
        let texts = [&mut found.summary, &mut found.fix].into_iter().chain(&mut found.evidence);
        texts.for_each(|text| *text = redactor.text(text));
    }
    Ok(Examined { findings, unread: secret.err() })
}

/// What the doctor says of the credential that a call was made with; empty where none was, or nothing is known of it.
///
/// Blocking.
pub fn token_findings(services: &Services, record: &ExchangeRecord) -> Vec<TokenFinding> {
    let Some(name) = &record.credential else { return Vec::new() };
    // An answer does not wait for somebody to open the keyring.
    let is_in_session = services.vault.list_session().iter().any(|facts| facts.name == *name);
    if !is_in_session && services.vault.state().is_err() {
        return Vec::new();
    }
    examine_credential(services, name, Some(record), Timestamp::now())
        .map(|examined| examined.findings)
        .unwrap_or_default()
}

/// What is recorded of the refresh token.
fn refresh_fact(facts: &Credential) -> RefreshFact {
    match &facts.oauth {
        None => RefreshFact::NotOauth,
        Some(oauth) => match oauth.refused_at {
            Some(at) => RefreshFact::Refused { at, why: "the server no longer accepted it".into() },
            None if oauth.has_refresh => RefreshFact::Alive,
            None => RefreshFact::None,
        },
    }
}

/// Stores what is left of a secret once what does not belong is taken out of it: blanks, quotes, the word Bearer.
///
/// Blocking. *Errors*: the vault's; a secret that is clean already is left as it is.
pub fn clean_credential(services: &Services, name: &str) -> Result<Stored, VaultError> {
    let (facts, secret) = services.vault.reveal(name)?;
    match clean(facts.kind, &secret) {
        Some(cleaned) => services.vault.replace_secret(name, cleaned, facts.expires_at, facts.created_at),
        None => Ok(Stored { credential: facts, fallback: None }),
    }
}

/// The copy of the facts in the list, which needs no keyring.
fn listed(services: &Services, name: &str) -> Option<Credential> {
    services.vault.list().ok()?.into_iter().find(|facts| facts.name == name)
}

fn environments(services: &Services) -> Vec<EnvironmentFact> {
    let bases = services.bases();
    let fact = |environment: &crate::profile::Environment| EnvironmentFact {
        name: environment.name.clone(),
        title: environment.title.clone(),
        kind: environment.kind,
        origin: bases.url(&environment.name).and_then(Origin::of),
    };
    services.profile.environments.iter().map(fact).collect()
}

/// What the doctor needs of a call; none where its address is none.
pub fn call_facts(services: &Services, record: &ExchangeRecord) -> Option<CallFacts> {
    let url = Url::parse(&record.url).ok()?;
    let is_embedded = services.embedded().is_some_and(|embedded| embedded.name == record.environment)
        && record.profile == services.profile.name;
    // The embedded sandbox has another port at each start; its calls went to what is now the new one.
    let now = services.bases().url(&record.environment).filter(|_| is_embedded).and_then(Origin::of);
    let origin = now.or_else(|| Origin::of(&url))?;
    let header = services.profile.workspace.as_ref().map(|rule| rule.header.as_str());
    let sent = header.and_then(|header| {
        record.request_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, value)| value)
    });
    let is_kept = |value: &&String| !value.trim().is_empty() && placeholders(value).next().is_none();
    Some(CallFacts {
        needs: needs(record, &url, is_embedded),
        origin,
        method: record.method.clone(),
        path: url.path().to_owned(),
        workspace: sent.filter(is_kept).cloned(),
        // An empty line names no workspace.
        has_workspace_header: sent.is_some_and(|value| !value.trim().is_empty()),
        status: record.response.as_ref().map(|response| response.status),
    })
}

/// Who says which scopes the call needs: its answer, and the document of the embedded sandbox.
fn needs(record: &ExchangeRecord, url: &Url, is_embedded: bool) -> Vec<ScopeNeed> {
    let mut needs = Vec::new();
    if is_embedded && let Ok(document) = serde_json::from_str(include_str!("../../assets/sandbox/openapi.json")) {
        let alternatives = needed_scopes(&document, &record.method, url.path());
        if !alternatives.is_empty() {
            let source = "the OpenAPI document".to_owned();
            needs.push(ScopeNeed { alternatives, source, is_refusal: false });
        }
    }
    let Some(response) = &record.response else { return needs };
    let lines = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    needs.extend(need_of_challenges(lines.map(|(_, value)| value.as_str())));
    if matches!(response.status, 401 | 403) {
        let fields = record.diagnosis.as_ref().and_then(|diagnosis| diagnosis.get("fields")?.as_array());
        let reasons = fields.into_iter().flatten().filter_map(|field| field.get("reason")?.as_str());
        let said = reasons.chain(record.message.as_deref()).find_map(need_of_reason);
        needs.extend(said);
    }
    needs
}

/// The server's clock by its newest answer in the history; none where none told the time. Blocking.
pub fn server_clock(services: &Services, origin: &Origin) -> Option<ServerClock> {
    let host = origin.as_str().split_once("://")?.1.to_owned();
    let query = HistoryQuery { host: Some(host), limit: ANSWERS_MAX, ..HistoryQuery::default() };
    // A history that cannot be read tells of no clock; everything else can still be said.
    let page = services.history.search(&query).ok()?;
    page.entries.iter().find_map(|entry| clock_of_answer(&*services.history.load(&entry.id).ok()??, origin))
}

/// What one answer tells of the clock of the server that gave it, if that is this one's.
fn clock_of_answer(record: &ExchangeRecord, origin: &Origin) -> Option<ServerClock> {
    let response = record.response.as_ref()?;
    // After redirects the answer is the last server's.
    let address = record.redirects.last().map_or(record.url.as_str(), |redirect| redirect.to.as_str());
    if Origin::of(&Url::parse(address).ok()?).as_ref() != Some(origin) {
        return None;
    }
    let header = |wanted: &str| {
        response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    // A cache hands out the date at which it was told.
    if header("age").is_some_and(|age| age != "0") {
        return None;
    }
    let date = http_date(header("date")?)?;
    let began = record.attempts.last().map_or(record.started_at.as_str(), |attempt| attempt.started_at.as_str());
    let timing = record.attempts.last().map_or(record.timing, |attempt| attempt.timing);
    let until_head = (timing.total_ms - timing.download_ms.unwrap_or(0.0)).max(0.0);
    let seen_at =
        began.parse::<Timestamp>().ok()?.checked_add(SignedDuration::try_from_secs_f64(until_head / 1e3).ok()?);
    let round_trip_ms = timing.first_byte_ms.unwrap_or(until_head).clamp(0.0, 1e9).ceil() as u64;
    Some(ServerClock { origin: origin.clone(), date, seen_at: seen_at.ok()?, round_trip_ms })
}
