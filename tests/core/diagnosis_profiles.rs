//! The built-in catalogue against the words of the document, and the profile reader against hostile files.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use altyaa_console::envelope::{Answer, Stated, read};
use altyaa_console::profile::{self, EnvironmentKind, ProfileError};
use proptest::prelude::*;

/// "Error Codes & Troubleshooting", common error codes: code, meaning, how to resolve.
const CODES: [(&str, &str, &str); 7] = [
    (
        "unauthorized",
        "Missing or invalid credentials.",
        "Check API key, OAuth token, and X-Altyaa-Workspace header. Regenerate tokens if needed.",
    ),
    (
        "forbidden",
        "Authenticated but lacks permission.",
        "Ensure the key or user has the required scope/permission (e.g., posts.write).",
    ),
    (
        "invalid_request",
        "Payload validation error.",
        "Review details for field-specific issues. Validate data types and constraints before sending.",
    ),
    (
        "not_found",
        "Resource does not exist or is outside workspace scope.",
        "Confirm IDs belong to the workspace and were not deleted.",
    ),
    (
        "conflict",
        "Action contradicts current state (e.g., duplicate slug).",
        "Adjust request or fetch latest state before retrying.",
    ),
    ("rate_limit_exceeded", "Too many requests in a window.", "Follow guidance in Rate Limits & Quotas."),
    (
        "service_unavailable",
        "Temporary downtime or external dependency failure.",
        "Retry with exponential backoff. If issue persists, check status page.",
    ),
];

/// The same document's checklist.
const CHECKS: [(&str, &str); 5] = [
    (
        "Validate Authentication",
        "Confirm the token has not expired. For OAuth, refresh tokens before they lapse (see Authentication & OAuth).",
    ),
    (
        "Check Payloads",
        "Compare request payloads against the API reference. Use JSON schema validation during development.",
    ),
    (
        "Inspect Logs",
        "Enable verbose logging in your integration and capture requestId from response headers for support.",
    ),
    ("Use Sandbox", "Replicate the issue in the sandbox environment to isolate production data concerns."),
    (
        "Monitor Webhooks",
        "Ensure webhook endpoints return 2xx quickly; unhandled retries can create duplicate processing.",
    ),
];

#[test]
fn the_catalogue_says_what_the_document_says() {
    let altyaa = profile::built_in("altyaa").unwrap();
    let codes: Vec<(&str, &str, String)> =
        altyaa.codes.iter().map(|c| (c.code.as_str(), c.meaning.as_str(), c.resolve.join(" "))).collect();
    let expected: Vec<(&str, &str, String)> = CODES.iter().map(|(c, m, r)| (*c, *m, (*r).to_owned())).collect();
    assert_eq!(codes, expected);
    let checks: Vec<(&str, &str)> = altyaa.checks.iter().map(|c| (c.title.as_str(), c.text.as_str())).collect();
    assert_eq!(checks, CHECKS);
    let titles: Vec<&str> = altyaa.links.iter().map(|link| link.title.as_str()).collect();
    let topics = [
        "Authentication & OAuth",
        "Rate Limits & Quotas",
        "Scheduling & Data Model",
        "Status Page",
        "Developer Portal",
    ];
    assert_eq!(titles, topics);
}

#[test]
fn nobody_can_be_reached_until_the_hosts_are_set() {
    let altyaa = profile::built_in("altyaa").unwrap();
    assert_eq!(altyaa.default_environment().unwrap().kind, EnvironmentKind::Embedded);
    for environment in &altyaa.environments {
        let host = environment.base_url().map(|base| base.host_str().unwrap().to_owned());
        assert!(host.is_none_or(|host| host.ends_with(".example")), "{}", environment.name);
    }
    let generic = profile::generic();
    assert!(generic.environments.is_empty() && generic.auth.is_none() && generic.workspace.is_none());
}

#[test]
fn starter_payloads_are_pretty_json() {
    for request in profile::built_in("altyaa").unwrap().requests {
        if !request.body.is_empty() {
            let value: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            assert_eq!(request.body, serde_json::to_string_pretty(&value).unwrap(), "{}", request.name);
        }
    }
}

#[test]
fn hostile_nesting_is_refused() {
    let cases = [
        format!("name = {}", "[".repeat(100_000)),
        format!("name = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{}a = 1", "a.".repeat(100_000)),
        format!("[{}a]\nb = 1", "a.".repeat(100_000)),
        format!("name = {}", "{a=".repeat(100_000)),
    ];
    for case in cases {
        assert!(matches!(profile::load(&case, "x.toml"), Err(ProfileError::Broken { .. })), "{}", &case[..40]);
    }
}

proptest! {
    #[test]
    fn a_damaged_profile_is_refused_or_read_and_never_breaks(at in 0usize..7000, length in 0usize..40, put in ".{0,6}") {
        let whole = include_str!("../../assets/profiles/altyaa.toml");
        let start = whole.floor_char_boundary(at);
        let end = whole.floor_char_boundary(start + length);
        let damaged = format!("{}{put}{}", &whole[..start], &whole[end..]);
        if let Err(error) = profile::load(&damaged, "damaged.toml") {
            prop_assert!(!error.summary().is_empty() && !error.fix().is_empty());
            let ProfileError::Broken { line, column, .. } = error else { panic!("{error}") };
            prop_assert!(line >= 1 && line <= damaged.matches('\n').count() + 1 && column >= 1);
        }
    }
}

#[test]
fn the_shape_in_the_documentation_is_read_as_it_says() {
    let page = include_str!("../../docs/diagnosis.md");
    let (_, after) = page.split_once("```toml\n").unwrap();
    let profile = profile::load(after.split_once("```").unwrap().0, "shop.toml").unwrap();
    let body = br#"{"fault":{"id":"F7","severity":"error","text":"No","help":"https://shop.example/F7","ticket":"t-1",
        "items":[{"field":"a.b","text":"is short","in":"query"}],"byField":{"c":["is odd"]}}}"#;
    let answer = Answer { status: 400, headers: &[], body };
    let said = read(&answer, &profile, jiff::Timestamp::UNIX_EPOCH);
    assert_eq!((said.format.as_str(), said.code.as_deref(), said.message.as_deref()), ("shop", Some("F7"), Some("No")));
    assert_eq!(said.doc_url.as_deref(), Some("https://shop.example/F7"));
    assert_eq!(said.request_id.map(|id| (id.value, id.source)), Some(("t-1".into(), "body /fault/ticket".into())));
    let fields: Vec<_> = said.fields.iter().map(|f| (f.path.as_str(), f.reason.as_deref(), f.stated)).collect();
    assert_eq!(fields, [("a.b", Some("is short"), Stated::Query), ("c", Some("is odd"), Stated::Nowhere)]);
    let warning = br#"{"fault":{"id":"F7","severity":"error","warning":true}}"#;
    assert_eq!(read(&Answer { body: warning, ..answer }, &profile, jiff::Timestamp::UNIX_EPOCH).format, "unknown");
}
