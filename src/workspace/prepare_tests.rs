//! What preparing a draft gives, and what it refuses beside which field.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::exchange::HeaderLine;
use crate::profile::WorkspaceRule;

fn profile() -> Profile {
    Profile {
        name: "altyaa".into(),
        title: "Altyaa".into(),
        environments: Vec::new(),
        auth: None,
        workspace: Some(WorkspaceRule { header: "X-Altyaa-Workspace".into() }),
        request_id: crate::profile::RequestIdRule::default(),
        envelope: None,
        codes: Vec::new(),
        links: Vec::new(),
        checks: Vec::new(),
        requests: Vec::new(),
    }
}

fn bases() -> Bases {
    let mut bases = Bases::default();
    bases.set("local", Url::parse("http://127.0.0.1:4444").unwrap(), Some("ws_northwind".into()));
    bases
}

fn draft(method: &str, url: &str) -> RequestDraft {
    RequestDraft { method: method.into(), url: url.into(), environment: "local".into(), ..RequestDraft::default() }
}

fn problem(draft: &RequestDraft) -> DraftProblem {
    resolve(draft, &profile(), &bases()).expect_err("refused")
}

fn two_places() -> Bases {
    let mut bases = bases();
    bases.set("production", Url::parse("https://api.example/main").unwrap(), None);
    bases.set("staging", Url::parse("https://api.example/staging").unwrap(), None);
    bases
}

#[test]
fn data_of_one_environment_is_not_sent_to_another_by_a_slip() {
    let there = draft("POST", "https://api.example/main/v1/posts");
    let refused = resolve(&there, &profile(), &two_places()).unwrap_err();
    assert_eq!(refused.part, DraftPart::Environment);
    assert_eq!(refused.summary, "This address belongs to production, but the environment chosen is local");
    let back = RequestDraft { environment: "production".into(), ..draft("GET", "http://127.0.0.1:4444/v1/posts") };
    assert_eq!(resolve(&back, &profile(), &two_places()).unwrap_err().part, DraftPart::Environment);
    let chosen = RequestDraft { environment: "production".into(), ..there };
    assert!(!resolve(&chosen, &profile(), &two_places()).unwrap().is_foreign());
}

#[test]
fn of_environments_on_one_origin_the_path_decides() {
    let bases = two_places();
    let owner = |url: &str, preferred: &str| bases.owner(&Url::parse(url).unwrap(), preferred).map(str::to_owned);
    assert_eq!(owner("https://api.example/staging/x", "production").as_deref(), Some("staging"));
    assert_eq!(owner("https://api.example/main", "staging").as_deref(), Some("production"));
    assert_eq!(owner("https://api.example/mainland", "staging").as_deref(), Some("staging"));
    assert_eq!(owner("https://api.example/mainland", "production").as_deref(), Some("production"));
    assert_eq!(owner("https://api.example:8443/main", "production"), None);
    assert_eq!(owner("http://api.example/main", "production"), None);
}

#[test]
fn what_stands_for_a_removed_value_is_never_sent() {
    let mut in_header = draft("GET", "/x");
    in_header.headers.push(HeaderLine { name: "X-Api-Key".into(), value: "‹key#1›".into(), is_enabled: true });
    assert_eq!(problem(&in_header).part, DraftPart::Header(0));
    in_header.headers[0].is_enabled = false;
    assert!(resolve(&in_header, &profile(), &bases()).is_ok(), "a line that is switched off is not sent");
    assert_eq!(problem(&draft("GET", "/x?token=‹token#2›")).part, DraftPart::Url);
    let in_body = RequestDraft { body: "{\"password\": \"‹password#1›\"}".into(), ..draft("POST", "/x") };
    let said = problem(&in_body);
    assert_eq!((said.part, said.place()), (DraftPart::Body, "payload".to_owned()));
    assert!(said.summary.contains("‹password#1›"), "{}", said.summary);
    let in_workspace = RequestDraft { workspace: Some("‹id#1›".into()), ..draft("GET", "/x") };
    assert_eq!(problem(&in_workspace).part, DraftPart::Workspace);
    let quoted = RequestDraft { body: "‹quoted› ‹text #1›".into(), ..draft("POST", "/x") };
    assert!(resolve(&quoted, &profile(), &bases()).is_ok(), "only our own placeholders are refused");
}

#[test]
fn a_secret_typed_into_a_header_is_never_printed() {
    let mut typed = draft("GET", "/x");
    for (name, value) in [("Authorization", "Bearer canary-canary"), ("X-Note", "plain"), ("Cookie", "sid=canary")] {
        typed.headers.push(HeaderLine { name: name.into(), value: value.into(), is_enabled: true });
    }
    let request = resolve(&typed, &profile(), &bases()).unwrap().finish(None);
    let printed = format!("{request:?}");
    assert!(!printed.contains("canary") && printed.contains("plain"), "{printed}");
}

#[test]
fn a_common_method_in_small_letters_is_meant_in_large_ones() {
    let method = |text: &str| resolve(&draft(text, "/x"), &profile(), &bases()).unwrap().finish(None).method;
    assert_eq!(method(" patch "), Method::PATCH);
    assert_eq!(method("purge").as_str(), "purge");
}

#[test]
fn an_environment_without_an_address_says_which_there_are() {
    let own = crate::profile::built_in("altyaa").unwrap();
    let draft = RequestDraft { environment: "elsewhere".into(), ..draft("GET", "/x") };
    let said = resolve(&draft, &own, &Bases::default()).unwrap_err();
    assert_eq!(said.part, DraftPart::Environment);
    assert!(said.fix.contains("production, sandbox, local"), "{}", said.fix);
    let starting = RequestDraft { environment: "local".into(), ..draft };
    assert!(resolve(&starting, &own, &Bases::default()).unwrap_err().summary.contains("not started yet"));
}

#[test]
fn a_base_and_a_path_lead_to_the_environment() {
    for url in ["{{base}}/v1/posts?limit=1", "/v1/posts?limit=1", " {{ base }}/v1/posts?limit=1 "] {
        let resolved = resolve(&draft("get", url), &profile(), &bases());
        assert!(resolved.is_ok_and(|r| r.url().as_str() == "http://127.0.0.1:4444/v1/posts?limit=1"), "{url}");
    }
}

#[test]
fn a_foreign_origin_gets_no_header_of_the_profile() {
    let resolved = resolve(&draft("GET", "https://other.example/x"), &profile(), &bases()).unwrap();
    assert!(resolved.is_foreign());
    let request = resolved.finish(None);
    assert_eq!(request.profile, "generic");
    assert!(request.headers.is_empty());
}

#[test]
fn the_own_origin_gets_the_workspace() {
    let request = resolve(&draft("GET", "/v1/posts"), &profile(), &bases()).unwrap().finish(None);
    assert_eq!(request.headers[0].0, "x-altyaa-workspace");
    assert_eq!(request.headers[0].1, "ws_northwind");
}

#[test]
fn a_typed_workspace_header_is_not_doubled() {
    let mut draft = draft("GET", "/v1/posts");
    draft.headers.push(HeaderLine { name: "X-Altyaa-Workspace".into(), value: "ws_typed".into(), is_enabled: true });
    let request = resolve(&draft, &profile(), &bases()).unwrap().finish(None);
    assert_eq!(request.headers.len(), 1);
    assert_eq!(request.headers[0].1, "ws_typed");
}

#[test]
fn what_is_wrong_is_said_beside_its_field() {
    assert_eq!(problem(&draft("GE T", "/x")).part, DraftPart::Method);
    assert_eq!(problem(&draft("", "/x")).part, DraftPart::Method);
    for url in ["", "v1/posts", "ftp://h/x", "https://", "http://u:p@h/", "{{nope}}/x", "http://[::1/"] {
        assert_eq!(problem(&draft("GET", url)).part, DraftPart::Url, "{url}");
    }
    let mut elsewhere = draft("GET", "/x");
    elsewhere.environment = "production".into();
    assert_eq!(problem(&elsewhere).part, DraftPart::Environment);
    for (name, value) in [("bad name", "x"), ("", "x"), ("X-Ok", "a\u{7f}b"), ("Content-Length", "3")] {
        let mut with_header = draft("GET", "/x");
        with_header.headers.push(HeaderLine { name: "X-First".into(), value: "1".into(), is_enabled: true });
        with_header.headers.push(HeaderLine { name: name.into(), value: value.into(), is_enabled: true });
        assert_eq!(problem(&with_header).part, DraftPart::Header(1), "{name}: {value}");
    }
}

#[test]
fn a_json_payload_says_so_unless_the_person_did() {
    let mut draft = draft("POST", "/v1/posts");
    draft.body = "\u{feff} {\"a\":1}".into();
    let names = |draft: &RequestDraft| {
        let request = resolve(draft, &profile(), &bases()).unwrap().finish(None);
        request.headers.iter().filter(|(n, _)| *n == header::CONTENT_TYPE).map(|(_, v)| v.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&draft), ["application/json"]);
    draft.headers.push(HeaderLine { name: "content-type".into(), value: "text/plain".into(), is_enabled: true });
    assert_eq!(names(&draft), ["text/plain"]);
}
