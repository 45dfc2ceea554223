//! Nothing secret passes the gate, and nothing else is changed.

use altyaa_console::secret::{Redactor, Rules, Secret};
use proptest::prelude::*;

use crate::planted;

fn redactor() -> Redactor {
    Redactor::new(Rules::built_in(), vec![])
}

#[test]
fn no_planted_secret_survives() {
    let (record, _) = planted::redacted(1);
    let text = serde_json::to_string(&record).unwrap();
    for form in planted::forms() {
        let found = text.as_bytes().windows(form.len()).any(|window| window == form);
        assert!(!found, "{} is left in {text}", String::from_utf8_lossy(&form));
    }
    assert!(!text.contains("bearer"), "{text}");
}

#[test]
fn what_support_needs_is_kept() {
    let (record, redactor) = planted::redacted(1);
    let response = record.response.as_ref().unwrap();
    assert_eq!(response.headers[0], ("X-Request-Id".to_owned(), "req-0001".to_owned()));
    assert_eq!(response.headers[2].1, "149");
    assert_eq!(record.request_headers[4].1, "order-2026-11-23-0001");
    assert_eq!(record.code.as_deref(), Some("invalid_request"));
    assert_eq!(record.field.as_deref(), Some("publishAt"));
    assert_eq!(record.request_id.as_deref(), Some("req-0001"));
    assert!(response.body.text.contains("\"reason\":\"value is in the past\""));
    assert!(redactor.manifest().kept.iter().any(|kept| kept == "response header x-request-id"));
    assert!(redactor.manifest().removed.iter().any(|r| r.rule == "name password" && r.where_ == "request body"));
}

#[test]
fn json_outside_removed_values_stays_byte_for_byte() {
    let (record, _) = planted::redacted(1);
    let body = &record.request_body.text;
    let pattern =
        planted::REQUEST_BODY.replace("json-canary-4d", "‹password#2›").replace("deep-canary-5e", "‹secret#1›");
    let pattern = pattern.replace("915273846", "\"‹code#1›\"").replace("known-canary-Zq7+x\\/9w==", "‹credential#1›");
    assert_eq!(*body, pattern);
    assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
}

#[test]
fn spans_follow_the_redacted_body() {
    let (record, _) = planted::redacted(1);
    let span = record.diagnosis.as_ref().unwrap().pointer("/fields/0/span").unwrap();
    let at = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
    assert_eq!(&record.request_body.text[at("start")..at("end")], "\"2020-01-01T00:00:00Z\"");
    assert_eq!((at("line"), at("column")), (6, 16));
}

#[test]
fn one_secret_has_one_pseudonym() {
    let (record, _) = planted::redacted(1);
    assert_eq!(record.request_headers[0].1, "Bearer ‹credential#1›");
    assert_eq!(record.transport_error.as_ref().unwrap().seen, "after Authorization: Bearer ‹credential#1›");
    assert_eq!(record.log[2].text, "echo ‹credential#1›");
    assert!(record.url.contains("access_token=‹token#1›&page=2"), "{}", record.url);
    assert!(record.url_template.contains("access_token=‹token#1›&page=2"));
    assert_eq!(record.log[0].text, "> POST /v1/posts?access_token=‹token#1›&page=2");
}

#[test]
fn headers_keep_their_shape() {
    let mut redactor = redactor();
    assert_eq!(redactor.header("Authorization", "Bearer abc"), "Bearer ‹token#1›");
    assert_eq!(redactor.header("cookie", "a=1; b=abc"), "a=‹cookie#1›; b=‹token#1›");
    assert_eq!(redactor.header("Set-Cookie", "a=xyz; Path=/"), "a=‹cookie#2›; Path=/");
    assert_eq!(redactor.header("WWW-Authenticate", "Bearer error=\"invalid_token\""), "Bearer error=\"invalid_token\"");
    assert_eq!(redactor.header("Location", "/cb?code=SplxlOBeZQQYbYS6&state=draft"), "/cb?code=‹code#1›&state=draft");
    assert_eq!(
        redactor.header("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"),
        "Root=1-67891233-abcdef012345678912345678"
    );
}

#[test]
fn a_form_loses_its_secrets_by_name() {
    let mut redactor = redactor();
    let form = "grant_type=password&username=me&password=p%26ss+w&code=invalid&client_secret=s%2F1&user%5Bpin%5D=1234";
    let clean = redactor.body(form, Some("application/x-www-form-urlencoded"));
    assert_eq!(
        clean,
        "grant_type=password&username=me&password=‹password#1›&code=invalid&client_secret=‹secret#1›&user%5Bpin%5D=‹code#1›"
    );
}

#[test]
fn broken_json_loses_its_secrets_too() {
    for body in [
        "{\"a\": 1, \"password\": \"hunter2x",
        "{\"a\": 1, \"password\": \"hunter2x\n \"token\": \"hunter2x\"",
        "{'password': 'hunter2x'}",
        "{password: hunter2x, a: 1",
        "[{\"a\": [}], \"password\": \"hunter2x\"",
    ] {
        let clean = redactor().body(body, Some("application/json"));
        assert!(!clean.contains("hunter2x"), "{clean}");
    }
}

#[test]
fn json_inside_a_json_string_is_read() {
    let body = r#"{"payload":"{\"password\":\"hunter2x\",\"a\":1}","b":2}"#;
    let clean = redactor().body(body, None);
    assert_eq!(clean, r#"{"payload":"{\"password\":\"‹password#1›\",\"a\":1}","b":2}"#);
}

#[test]
fn false_hits_of_other_tools_are_kept() {
    let body = r#"{"max_tokens":5,"tokens_used":7,"next_page_token":"CAUQAA1234567890","author":"Ann","code":"token_expired","state":"published","secretary":"Bob","key":"title","password":["This field is required."]}"#;
    assert_eq!(redactor().body(body, None), body);
    for text in [
        "publishAt must be a future timestamp",
        "Check API key, OAuth token, and X-Altyaa-Workspace header.",
        "invalid_request: token is missing",
    ] {
        assert_eq!(redactor().text(text), text);
    }
}

#[test]
fn short_known_values_go_only_where_a_name_says_so() {
    let mut redactor = Redactor::new(Rules::built_in(), vec![("pin".into(), Secret::new("1234".into()))]);
    assert_eq!(redactor.text("order 1234 of 12345"), "order 1234 of 12345");
    assert_eq!(redactor.body(r#"{"pin":1234,"order":1234}"#, None), r#"{"pin":"‹pin#1›","order":1234}"#);
}

#[test]
fn a_finished_text_with_a_secret_is_refused_with_rule_and_line() {
    let mut redactor = Redactor::new(Rules::built_in(), vec![("token".into(), Secret::new("known-secret-1".into()))]);
    let leak = redactor.seal("fine\nstill known-secret-1 here".into()).unwrap_err();
    assert_eq!((leak.rule.as_str(), leak.line), ("known value", 2));
    let key = ["sk_live_", "abcdefghijkl0123"].concat();
    assert_eq!(redactor.seal(format!("a {key}")).unwrap_err().rule, "pattern stripe");
    assert_eq!(redactor.seal("| `password=hunter2` |".into()).unwrap_err().rule, "name password");
    let clean =
        redactor.seal("Authorization: Bearer ‹token#1›\ncookie: a=‹cookie#1›\n\"password\": \"‹password#1›\"".into());
    assert!(clean.is_ok(), "{clean:?}");
}

#[test]
fn a_redacted_record_passes_the_seal() {
    let (record, mut redactor) = planted::redacted(1);
    let text = serde_json::to_string_pretty(&record).unwrap();
    redactor.seal(text).unwrap();
    redactor.seal(record.request_body.text.clone()).unwrap();
}

#[test]
fn hostile_bodies_take_linear_time() {
    let started = std::time::Instant::now();
    for unit in [
        "{\"a\":[",
        "\"password\":\"",
        "password:",
        "\\\"token\\\":\\\"",
        "eyJ-",
        "https://a:",
        "-----BEGIN PRIVATE KEY-----",
        "Bearer ",
        "a=b&token=",
        "cookie:=;",
    ] {
        let body = unit.repeat(300_000 / unit.len());
        let _ = redactor().body(&body, None);
        let _ = redactor().text(&body);
    }
    // Quadratic time would take hours; the limit is wide for a busy machine.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_taken_and_a_second_pass_changes_nothing(text in "\\PC{0,80}|[\"{}\\[\\]:=,a-z‹›#1 \\\\-]{0,80}") {
        let mut gate = Redactor::new(Rules::built_in(), vec![]);
        let once = gate.body(&text, None);
        prop_assert_eq!(gate.body(&once, None), once);
    }

    #[test]
    fn a_known_value_is_found_in_any_surroundings(before in "\\PC{0,20}", after in "\\PC{0,20}", secret in "[a-zA-Z0-9+/=%&\"\\\\é]{8,30}") {
        let mut gate = Redactor::new(Rules::built_in(), vec![("known".into(), Secret::new(secret.clone()))]);
        let text = format!("{before}{secret}{after}");
        prop_assert!(!gate.text(&text).contains(&secret));
        let json = serde_json::json!({"note": text}).to_string();
        let clean = gate.body(&json, Some("application/json"));
        let value: serde_json::Value = serde_json::from_str(&clean).unwrap();
        prop_assert!(!value["note"].as_str().unwrap().contains(&secret));
    }
}
