//! The findings one by one and together, and that none of them shows the secret.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::Timestamp;
use proptest::prelude::*;

use super::jwt::tests::jwt;
use super::model::{FindingState, TokenAction, TokenFinding};
use super::*;
use crate::credentials::model::tests::sample;
use crate::credentials::{Credential, CredentialKind, KeyringFailure, KeyringState, Origin, StoredIn, VaultError};
use crate::profile::EnvironmentKind;
use crate::secret::Secret;

const NOW: &str = "2026-06-01T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn origin(text: &str) -> Origin {
    text.parse().unwrap()
}

/// Everything an input borrows.
struct Case {
    facts: Credential,
    secret: Result<Secret, VaultError>,
    now: Timestamp,
    server: Option<ServerClock>,
    call: Option<CallFacts>,
    issuer: Option<String>,
    environments: Vec<EnvironmentFact>,
    header: Option<String>,
    refresh: RefreshFact,
}

impl Case {
    fn of(secret: &str) -> Self {
        let place = |name: &str, title: &str, kind, base: &str| EnvironmentFact {
            name: name.into(),
            title: title.into(),
            kind,
            origin: Some(origin(base)),
        };
        Self {
            facts: sample("key", "0123456789abcdef").facts(StoredIn::Keyring),
            secret: Ok(Secret::new(secret.into())),
            now: at(NOW),
            server: None,
            call: None,
            issuer: None,
            environments: vec![
                place("production", "Production", EnvironmentKind::Production, "https://api.example.com"),
                place("sandbox", "Sandbox", EnvironmentKind::Sandbox, "https://sandbox.example.com"),
            ],
            header: Some("X-Workspace".into()),
            refresh: RefreshFact::NotOauth,
        }
    }

    fn jwt(payload: &str) -> Self {
        let mut case = Self::of("");
        case.secret = Ok(jwt(r#"{"alg":"RS256"}"#, payload.as_bytes()));
        case
    }

    /// With a call that was refused.
    fn called(mut self, base: &str, workspace: Option<&str>, needs: Vec<ScopeNeed>) -> Self {
        self.call = Some(CallFacts {
            origin: origin(base),
            method: "POST".into(),
            path: "/v1/posts".into(),
            workspace: workspace.map(str::to_owned),
            has_workspace_header: workspace.is_some(),
            status: Some(403),
            needs,
        });
        self
    }

    /// With a server whose clock is that many seconds ahead.
    fn ahead(mut self, seconds: i64) -> Self {
        let seen_at = at(NOW);
        let date = Timestamp::from_second(seen_at.as_second() + seconds).unwrap();
        self.server =
            Some(ServerClock { origin: origin("https://api.example.com"), date, seen_at, round_trip_ms: 100 });
        self
    }

    fn all(&self) -> Vec<TokenFinding> {
        examine(&DoctorInput {
            facts: &self.facts,
            secret: self.secret.as_ref(),
            now: self.now,
            server: self.server.as_ref(),
            call: self.call.as_ref(),
            issuer: self.issuer.as_deref(),
            environments: &self.environments,
            workspace_header: self.header.as_deref(),
            refresh: self.refresh.clone(),
        })
    }

    fn one(&self, id: &str) -> TokenFinding {
        self.all().into_iter().find(|found| found.id == id).unwrap()
    }

    #[track_caller]
    fn is(&self, id: &str, state: FindingState, words: &str) -> TokenFinding {
        let found = self.one(id);
        assert_eq!(found.state, state, "{found:?}");
        assert!(found.summary.contains(words), "{words:?} is not in {found:?}");
        found
    }
}

use FindingState::{Attention, Fail, Pass, Unknown};

fn need(scopes: &[&[&str]], source: &str, is_refusal: bool) -> ScopeNeed {
    let alternatives = scopes.iter().map(|set| set.iter().map(|&scope| scope.to_owned()).collect()).collect();
    ScopeNeed { alternatives, source: source.into(), is_refusal }
}

#[test]
fn the_ids_are_those_of_the_table_in_the_documentation() {
    let table = include_str!("../../../docs/token-doctor.md");
    let documented: Vec<&str> =
        table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(id, _)| id).collect();
    let found: Vec<&str> = Case::of("q7Xw93LmZtKp40").all().iter().map(|found| found.id).collect();
    assert_eq!(found, documented);
}

#[test]
fn the_json_has_the_promised_members() {
    let json = serde_json::to_value(Case::of("").one("shape")).unwrap();
    assert_eq!(json["id"], "shape");
    assert_eq!(json["state"], "fail");
    assert!(json["summary"].is_string() && json["fix"].is_string() && json["evidence"].is_array());
}

#[test]
fn an_opaque_token_is_judged_by_what_is_recorded() {
    let mut case = Case::of("q7Xw93LmZtKp40");
    let found = case.is("expiry", Unknown, "not known");
    assert!(found.evidence[0].contains("31 days ago"), "{found:?}");
    case.facts.expires_at = Some(at("2026-06-01T11:00:00Z"));
    let found = case.is("expiry", Fail, "lapsed 60 minutes ago by this computer's clock");
    assert_eq!(found.action, Some(TokenAction::Replace));
    case.facts.expires_at = Some(at("2026-06-01T12:04:59Z"));
    case.is("expiry", Attention, "lapses in 4 minutes");
    case.facts.expires_at = Some(at("2026-06-03T12:00:00Z"));
    case.is("expiry", Pass, "lapses in 2 days");
    for id in ["not_before", "audience", "issuer", "scope"] {
        case.is(id, Unknown, "");
    }
    case.is("kind", Pass, "opaque");
}

#[test]
fn expiry_is_judged_by_the_servers_clock_and_both_verdicts_are_shown() {
    let exp = at(NOW).as_second() + 600;
    let case = Case::jwt(&format!(r#"{{"exp":{exp}}}"#));
    case.is("expiry", Pass, "lapses in 10 minutes");
    let found = Case::jwt(&format!(r#"{{"exp":{exp}}}"#)).ahead(3600).is("expiry", Fail, "The clocks disagree");
    assert!(found.summary.contains("lapsed 50 minutes ago") && found.summary.contains("lapses in 10 minutes"));
    let exp = at(NOW).as_second() - 600;
    let mut case = Case::jwt(&format!(r#"{{"exp":{exp}}}"#)).ahead(-3600);
    case.refresh = RefreshFact::Alive;
    let found = case.is("expiry", Attention, "The clocks disagree");
    assert_eq!(found.action, Some(TokenAction::Refresh));
    let case = Case::jwt(&format!(r#"{{"exp":{exp}}}"#)).ahead(1);
    case.is("expiry", Fail, "by the server's clock");
}

#[test]
fn strange_expiries_are_read_as_far_as_they_can_be() {
    let now = at(NOW).as_second();
    let cases = [
        ("1e300".to_owned(), Attention, "milliseconds"),
        (format!("{}000", now + 900), Attention, "milliseconds"),
        ("-5".into(), Fail, "lapsed 56 years ago"),
        ("-1e300".into(), Fail, "lapsed"),
        (format!("{}.75", now + 900), Pass, "lapses in 15 minutes"),
        (format!("\"{}\"", now + 900), Attention, "a text where a number"),
        ("\"tomorrow\"".into(), Attention, "no time"),
        ("null".into(), Attention, "no time"),
    ];
    for (exp, state, words) in cases {
        Case::jwt(&format!(r#"{{"exp":{exp}}}"#)).is("expiry", state, words);
    }
    // Of two the last counts, and that there are two is said.
    let case = Case::jwt(r#"{"exp":99999999999,"exp":1}"#);
    case.is("expiry", Fail, "lapsed");
    case.is("kind", Attention, "twice: exp");
    let mut case = Case::jwt(&format!(r#"{{"exp":{}}}"#, now + 900));
    case.facts.expires_at = Some(at("2026-06-01T11:00:00Z"));
    case.is("expiry", Fail, "it is not sent");
}

#[test]
fn a_token_may_not_count_yet() {
    let now = at(NOW).as_second();
    let nbf = |offset: i64| Case::jwt(&format!(r#"{{"nbf":{}}}"#, now + offset));
    nbf(-10).is("not_before", Pass, "was 10 seconds ago");
    nbf(90).is("not_before", Fail, "lies 90 seconds ahead by this computer's clock");
    nbf(90).ahead(-600).is("not_before", Fail, "by the server's clock");
    nbf(90).ahead(600).is("not_before", Attention, "The clocks disagree");
    nbf(-90).ahead(-600).is("not_before", Fail, "The clocks disagree");
    Case::jwt(&format!(r#"{{"iat":{}}}"#, now + 20)).is("not_before", Pass, "");
    Case::jwt(&format!(r#"{{"iat":{}}}"#, now + 90)).is("not_before", Attention, "(iat)");
    Case::jwt(r#"{"nbf":[]}"#).is("not_before", Attention, "no time");
    Case::jwt("{}").is("not_before", Pass, "names no time");
}

#[test]
fn clocks_are_compared_within_what_a_date_can_tell() {
    Case::of("x").is("clock", Unknown, "");
    Case::of("x").ahead(0).is("clock", Pass, "agree");
    // The Date was cut to the second and the answer took a while.
    Case::of("x").ahead(-1).is("clock", Pass, "agree");
    Case::of("x").ahead(20).is("clock", Pass, "20 seconds ahead");
    let found = Case::of("x").ahead(3600).is("clock", Attention, "3600 seconds (60 minutes) ahead of");
    assert_eq!(found.action, Some(TokenAction::SetClock));
    Case::of("x").ahead(-45).is("clock", Attention, "44 seconds behind");
    let mut slow = Case::of("x").ahead(-45);
    slow.server.as_mut().unwrap().round_trip_ms = 60_000;
    slow.is("clock", Pass, "agree");
    slow.server.as_mut().unwrap().round_trip_ms = u64::MAX;
    slow.now = Timestamp::MIN;
    slow.server.as_mut().unwrap().date = Timestamp::MAX;
    slow.is("clock", Attention, "ahead");
}

#[test]
fn the_kind_is_told() {
    let mut none = Case::of("");
    none.secret = Ok(jwt(r#"{"alg":"none"}"#, b"{}"));
    none.is("kind", Attention, "nobody signed");
    Case::of("eyJhbGciOiJub25lIn0.e30.a.b.c").is("kind", Pass, "JWE");
    Case::of("eyJhbGciOiJub25lIn0.e30").is("kind", Attention, "parts are missing");
    let mut basic = Case::of("userpass");
    basic.facts.kind = CredentialKind::Basic;
    basic.is("kind", Fail, "no colon");
    basic.secret = Ok(Secret::new("user:pass".into()));
    basic.is("kind", Pass, "password");
    // What can be cleaned is read as it will be.
    let token = jwt(r#"{"alg":"RS256"}"#, b"{\"exp\":1}");
    let pasted = Case::of(&format!("Bearer {}\n", token.expose()));
    pasted.is("kind", Pass, "JSON Web Token");
    pasted.is("expiry", Fail, "lapsed");
    pasted.is("shape", Fail, "scheme");
}

#[test]
fn the_audience_is_compared_with_where_it_goes() {
    let aud = |aud: &str| Case::jwt(&format!(r#"{{"aud":{aud}}}"#));
    for fine in ["\"https://api.example.com\"", "\"https://api.example.com/v1\"", "[\"x\",\"api.example.com\"]"] {
        aud(fine).is("audience", Pass, "");
    }
    let found = aud("[\"https://other.example\\u001b\",\"https://b.example\"]");
    found.is("audience", Attention, "https://other.example\\u{1b}, https://b.example");
    let found = aud("\"https://other.example\"").is("audience", Attention, "https://other.example");
    assert!(found.summary.contains("https://api.example.com"), "{found:?}");
    aud("\"posts-api\"").is("audience", Unknown, "no address");
    aud("7").is("audience", Attention, "neither");
    Case::jwt("{}").is("audience", Unknown, "nobody");
    aud("\"https://api.example.com\"")
        .called("https://sandbox.example.com", None, vec![])
        .is("audience", Attention, "");
}

#[test]
fn the_issuer_is_compared_only_with_a_recorded_one() {
    let mut case = Case::jwt(r#"{"iss":"https://login.example.com/"}"#);
    let found = case.is("issuer", Unknown, "");
    assert_eq!(found.evidence, ["iss https://login.example.com/"]);
    case.issuer = Some("https://login.example.com".into());
    case.is("issuer", Pass, "");
    case.issuer = Some("https://evil.example.com".into());
    assert_eq!(case.is("issuer", Attention, "https://evil.example.com").action, Some(TokenAction::SignIn));
}

#[test]
fn scopes_held_are_compared_with_those_needed_and_their_source_is_named() {
    let api = "https://api.example.com";
    let with = |payload: &str, needs| Case::jwt(payload).called(api, Some("ws_1"), needs);
    let write = || need(&[&["posts:write"]], "the OpenAPI document", false);
    let found = with(r#"{"scope":"posts:read users:read"}"#, vec![write()]).is("scope", Fail, "posts:write is missing");
    assert!(found.summary.contains("by the OpenAPI document"));
    assert_eq!(found.action, Some(TokenAction::AskForScope("posts:write".into())));
    for held in [r#"{"scope":"a posts:write"}"#, r#"{"scp":["posts:write"]}"#, r#"{"scopes":"posts:write"}"#] {
        with(held, vec![write()]).is("scope", Pass, "");
    }
    let either = || need(&[&["a", "b"], &["c"]], "the OpenAPI document", false);
    with(r#"{"scp":["b","a"]}"#, vec![either()]).is("scope", Pass, "");
    let found = with(r#"{"scp":["b"]}"#, vec![either()]).is("scope", Fail, "");
    assert!(matches!(found.action, Some(TokenAction::AskForScope(scope)) if scope == "a" || scope == "c"));
    let refused = || need(&[&["posts:write"]], "the answer's details", true);
    with(r#"{"scope":"posts:write"}"#, vec![refused()]).is("scope", Attention, "though the token itself names it");
    let found = with(r#"{"scope":"posts.write"}"#, vec![refused()]).is("scope", Fail, "missing");
    assert!(found.evidence.iter().any(|line| line.contains("another spelling: posts.write")));
    // Without a word of the token itself what is recorded counts: posts:read.
    with("{}", vec![write()]).is("scope", Fail, "posts:write");
    let mut unknown = with("{}", vec![write()]);
    unknown.facts.scopes.clear();
    unknown.is("scope", Unknown, "which scopes it holds");
    unknown.call.as_mut().unwrap().needs = vec![refused()];
    unknown.is("scope", Fail, "posts:write");
    with("{}", vec![]).is("scope", Unknown, "which scopes the call needs");
}

#[test]
fn the_workspace_header_has_to_be_the_one_it_belongs_to() {
    let api = "https://api.example.com";
    let opaque = || Case::of("q7Xw93LmZtKp40");
    opaque().is("workspace", Unknown, "No call");
    opaque().called(api, Some("ws_1"), vec![]).is("workspace", Pass, "");
    let found = opaque().called(api, None, vec![]).is("workspace", Fail, "X-Workspace is missing");
    assert_eq!(found.action, Some(TokenAction::SetWorkspace("ws_1".into())));
    opaque().called(api, Some("ws_2"), vec![]).is("workspace", Fail, "belongs to ws_1");
    let mut accepted = opaque().called(api, None, vec![]);
    accepted.call.as_mut().unwrap().status = Some(200);
    accepted.is("workspace", Pass, "accepted");
    let mut hidden = opaque().called(api, None, vec![]);
    hidden.call.as_mut().unwrap().has_workspace_header = true;
    hidden.is("workspace", Unknown, "not kept");
    let mut unbound = Case::jwt(r#"{"workspace":"ws_9"}"#).called(api, Some("ws_1"), vec![]);
    unbound.is("workspace", Attention, "the token names ws_9");
    unbound.facts.workspace = None;
    let found = unbound.is("workspace", Fail, "belongs to ws_9");
    assert_eq!(found.action, Some(TokenAction::SetWorkspace("ws_9".into())));
    // A claim that is no id may be anything, and is offered to nobody.
    let mut odd = Case::jwt(r#"{"workspace":"a person\u202e <me@example.com>"}"#).called(api, Some("ws_1"), vec![]);
    odd.facts.workspace = None;
    assert_eq!(odd.is("workspace", Fail, "belongs to").action, None);
    unbound.header = None;
    unbound.is("workspace", Pass, "no workspace");
}

#[test]
fn a_credential_of_one_environment_is_not_one_of_another() {
    let opaque = || Case::of("q7Xw93LmZtKp40");
    opaque().is("environment", Pass, "Production");
    let found = opaque().called("https://sandbox.example.com", None, vec![]).is("environment", Fail, "Sandbox");
    assert_eq!(found.action, Some(TokenAction::ChooseEnvironment("production".into())));
    let mut foreign = opaque();
    foreign.environments.clear();
    foreign.is("environment", Unknown, "no environment");
    let found = foreign.called("https://b.example", None, vec![]).is("environment", Fail, "https://b.example");
    assert_eq!(found.action, Some(TokenAction::ChooseCredential));
    let found = Case::of("sk_test_q7Xw93LmZtKp40").is("environment", Attention, "test key");
    assert!(!format!("{found:?}").contains("sk_test_"));
    Case::of("sk_live_q7Xw93LmZtKp40").is("environment", Pass, "");
    let mut sandbox = Case::of("sk_live_q7Xw93LmZtKp40");
    sandbox.facts.origins = vec![origin("https://sandbox.example.com")];
    sandbox.is("environment", Attention, "live key");
    Case::jwt(r#"{"aud":"https://sandbox.example.com"}"#).is("environment", Attention, "(aud)");
}

#[test]
fn a_secret_that_cannot_be_read_leaves_the_rest_to_the_facts() {
    let mut case = Case::of("");
    case.secret = Err(VaultError::Keyring(KeyringFailure::new(KeyringState::Locked, "")));
    case.facts.expires_at = Some(at("2026-06-01T11:00:00Z"));
    let found = case.is("stored", Fail, "locked");
    assert!(found.fix.contains("Unlock"));
    for id in ["shape", "kind", "not_before"] {
        case.is(id, Unknown, "could not be read");
    }
    case.is("expiry", Fail, "lapsed");
    case.secret = Err(VaultError::DamagedEntry { name: "key".into() });
    assert_eq!(case.is("stored", Fail, "cannot be read").action, Some(TokenAction::Replace));
}

#[test]
fn the_refresh_token_is_told_of() {
    let mut case = Case::of("q7Xw93LmZtKp40");
    case.is("refresh", Unknown, "");
    case.refresh = RefreshFact::Alive;
    case.is("refresh", Pass, "");
    case.refresh = RefreshFact::None;
    case.is("refresh", Attention, "");
    case.refresh = RefreshFact::Refused { at: at(NOW), why: "invalid_grant\u{1b}".into() };
    let found = case.is("refresh", Fail, "refused");
    assert_eq!(
        (found.action, found.evidence),
        (Some(TokenAction::SignIn), vec!["it said: invalid_grant\\u{1b}".into()])
    );
}

#[test]
fn what_a_token_says_of_a_person_is_not_shown() {
    let payload = r#"{"sub":"person-77","email":"someone@example.org","name":"Some One","exp":1,
        "aud":"https://api.example.com","scope":"a","jti":"jti-12345678"}"#;
    let said = format!("{:?}", Case::jwt(payload).all());
    for part in ["person-77", "someone", "Some One", "jti-1234"] {
        assert!(!said.contains(part), "{part} is in {said}");
    }
    let long = format!(r#"{{"aud":"{}","iss":"a\u001b[2J\u202eb"}}"#, "x".repeat(100_000));
    let said = format!("{:?}", Case::jwt(&long).all());
    assert!(said.len() < 10_000 && !said.contains(['\u{1b}', '\u{202e}']), "{said}");
}

/// Every text of the findings.
fn said(findings: &[TokenFinding]) -> String {
    findings.iter().map(|found| format!("{}\n{}\n{}\n", found.summary, found.fix, found.evidence.join("\n"))).collect()
}

fn assert_hidden(secret: &str, findings: &[TokenFinding]) {
    let said = said(findings);
    let chars: Vec<char> = secret.chars().collect();
    for piece in chars.windows(8) {
        let piece: String = piece.iter().collect();
        assert!(!said.contains(&piece), "{piece:?} of {secret:?} is in {said}");
    }
}

fn claim() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("JSON has no infinity", |n| n.is_finite()).prop_map(|n| format!("{n:e}")),
        ".{0,40}".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("null".into()),
        Just("[]".into()),
        prop::collection::vec("[a-z:.\"/]{0,12}", 0..4).prop_map(|list| serde_json::to_string(&list).unwrap()),
    ]
}

fn token() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec!["exp", "nbf", "iat", "aud", "iss", "scope", "scp", "workspace", "sub"]);
    let claims = prop::collection::vec((names, claim()), 0..8);
    let jwt = claims.prop_map(|claims| {
        let members: Vec<String> = claims.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        jwt(r#"{"alg":"ES256"}"#, format!("{{{}}}", members.join(",")).as_bytes()).expose().to_owned()
    });
    prop_oneof![jwt, "[A-Za-z0-9_-]{16,60}", "[A-Za-z0-9+/]{20,40}={0,2}", "[0-9a-f%.]{12,40}", "\\PC{0,30}"]
}

fn pasted() -> impl Strategy<Value = String> {
    let around = prop::sample::select(vec!["", " ", "\n", "\"", "Bearer ", "Authorization: Bearer ", "\u{200b}", "'"]);
    (around.clone(), token(), around).prop_map(|(before, token, behind)| format!("{before}{token}{behind}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_is_shown_whatever_it_is(
        secret in pasted(),
        kind in prop::sample::select(vec![CredentialKind::Bearer, CredentialKind::ApiKey, CredentialKind::Basic]),
        now in -377_705_023_201_i64..253_402_207_200,
        ahead in -400_000_i64..400_000,
    ) {
        let mut case = Case::of(&secret).ahead(ahead);
        case.facts.kind = kind;
        case.now = Timestamp::from_second(now).unwrap();
        let case = case.called("https://sandbox.example.com", Some("ws_2"), vec![need(&[&["a"]], "x", true)]);
        let findings = case.all();
        prop_assert_eq!(findings.len(), 12);
        assert_hidden(&secret, &findings);
        if let Some(cleaned) = clean(kind, &Secret::new(secret.clone())) {
            prop_assert!(cleaned.expose().len() <= secret.len());
            // What was cleaned once has nothing left to clean away, but percent signs that were encoded twice.
            let again = clean(kind, &cleaned);
            prop_assert!(again.is_none_or(|again| again.expose().len() < cleaned.expose().len()));
        }
    }

    #[test]
    fn a_claim_that_repeats_the_token_is_not_shown(part in "[A-Za-z0-9]{8,40}") {
        // An opaque signature that stands in the claims too.
        let head = jwt(r#"{"alg":"RS256"}"#, format!(r#"{{"aud":"x{part}","scope":"{part}","iss":"{part}"}}"#).as_bytes());
        let secret = format!("{}.{part}", head.expose().rsplit_once('.').unwrap().0);
        let case = Case::of(&secret).called("https://api.example.com", None, vec![need(&[&["a"]], "x", false)]);
        assert_hidden(&secret, &case.all());
    }

    #[test]
    fn challenges_and_sentences_of_any_form_are_read(text in "\\PC{0,80}", line in "[A-Za-z=\", \\\\]{0,80}") {
        for text in [&text, &line] {
            let _ = crate::envelope::challenges(text);
            let _ = need_of_reason(text);
            let _ = need_of_challenges([text.as_str()]);
        }
    }
}
