//! From a failing call to the file for support, in a shell.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::program::Altyaa;

const PAST: &str = "{\n  \"title\": \"Grüße\",\n\t\"publishAt\": \"2020-01-01T00:00:00Z\"\n}";

/// Whether an object has exactly these members.
fn has_members(value: &Value, names: &[&str]) {
    let members: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, names);
}

#[test]
fn a_failing_call_is_sent_explained_and_handed_over() {
    let altyaa = Altyaa::new();
    let done = altyaa.run(&["send", "POST", "/v1/posts", "--data", PAST, "--json"]);
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    let said = done.json();
    let field = &said["diagnosis"]["fields"][0];
    let start = PAST.find("\"2020").unwrap();
    assert_eq!(field["span"], json!({"start": start, "end": start + 22, "line": 3, "column": 15}));
    assert_eq!(said["request"]["body"], PAST);
    assert_eq!((&field["path"], &field["reason"]), (&json!("publishAt"), &json!("value is in the past")));
    assert_eq!(said["diagnosis"]["code"], "invalid_request");
    assert_eq!(said["diagnosis"]["message"], "publishAt must be a future timestamp");
    assert_eq!(said["diagnosis"]["meaning"], "Payload validation error.");

    let out = altyaa.path("r.md");
    let done = altyaa.run(&["report", "--exchange", "last", "--out", &out, "--json"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let made = done.json();
    has_members(&made, &["path", "sha256", "removed"]);
    let file = std::fs::read(&out).unwrap();
    let digest: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&made["path"], &made["sha256"]), (&json!(out), &json!(digest)));
    let text = String::from_utf8(file).unwrap();
    assert_eq!(made["removed"], json!(text.matches('‹').count()), "{text}");
    assert!(made["removed"].as_u64().unwrap() > 0);
    for wanted in [
        said["diagnosis"]["request_id"]["value"].as_str().unwrap(),
        said["attempts"][0]["started_at"].as_str().unwrap().split('.').next().unwrap(),
        said["request"]["url"].as_str().unwrap(),
        "POST",
        "\"publishAt\": \"2020-01-01T00:00:00Z\"",
        "invalid_request",
        "publishAt must be a future timestamp",
        "at line 3, column 15",
        "Validate Authentication",
        "Check Payloads",
        "Inspect Logs",
        "Use Sandbox",
        "Monitor Webhooks",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
    assert!(!text.contains("altyaa_sandbox_"), "{text}");

    // The id names it as well as `last` does.
    let id = said["id"].as_str().unwrap();
    let again = altyaa.path("again.md");
    assert_eq!(altyaa.run(&["report", "--exchange", id, "--out", &again, "--quiet"]).text(), "");
    assert!(std::fs::read_to_string(again).unwrap().contains("publishAt"));
}

#[test]
fn every_member_of_the_contract_is_there_with_its_type() {
    let altyaa = Altyaa::new();
    let said = altyaa.run(&["send", "POST", "/v1/posts", "--data", PAST, "--json"]).json();
    has_members(
        &said,
        &[
            "id",
            "request",
            "response",
            "timing",
            "attempts",
            "redirects",
            "advice",
            "rate_limits",
            "log",
            "transport_error",
            "diagnosis",
        ],
    );
    has_members(&said["request"], &["method", "url", "headers", "body", "body_bytes", "body_encoding", "truncated"]);
    has_members(
        &said["response"],
        &[
            "status",
            "reason",
            "http_version",
            "headers",
            "trailers",
            "encodings",
            "body_bytes",
            "wire_bytes",
            "body",
            "body_encoding",
            "truncated",
        ],
    );
    let phases = ["queue_ms", "dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "download_ms", "total_ms"];
    has_members(&said["timing"], &phases);
    has_members(
        &said["attempts"][0],
        &[
            "n",
            "started_at",
            "status",
            "transport_error",
            "timing",
            "waited_ms",
            "why",
            "connection",
            "redirects",
            "request_id",
            "retry_after_s",
        ],
    );
    has_members(&said["attempts"][0]["timing"], &phases);
    has_members(
        &said["diagnosis"],
        &[
            "format",
            "status",
            "code",
            "message",
            "fields",
            "request_id",
            "other_ids",
            "retry_after_s",
            "meaning",
            "resolve",
            "doc_url",
            "answered_by",
            "actions",
        ],
    );
    has_members(&said["diagnosis"]["fields"][0], &["path", "location", "reason", "span", "within", "nearest"]);
    let response = &said["response"];
    assert_eq!((&response["status"], &response["body_encoding"]), (&json!(400), &json!("utf-8")));
    assert_eq!(response["truncated"], false);
    let body = response["body"].as_str().unwrap();
    assert_eq!((&response["body_bytes"], &response["wire_bytes"]), (&json!(body.len()), &json!(body.len())));
    for headers in [&response["headers"], &said["request"]["headers"]] {
        for header in headers.as_array().unwrap() {
            assert!(header[0].is_string() && header[1].is_string() && header[2].is_null(), "{header}");
        }
    }
    assert!(said["timing"]["total_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(said["timing"]["tls_ms"], Value::Null);
    assert_eq!(said["transport_error"], Value::Null);
    assert_eq!((&said["attempts"][0]["n"], said["attempts"].as_array().unwrap().len()), (&json!(1), 1));
    for action in said["diagnosis"]["actions"].as_array().unwrap() {
        assert!(action["id"].is_string() && action["label"].is_string(), "{action}");
    }
}

#[test]
fn a_report_is_not_written_over_unasked() {
    let altyaa = Altyaa::new();
    let out = altyaa.file("r.md", "mine");
    altyaa.run(&["report", "--out", &out]).refused(2, &["holds no exchange last", "altyaa send"]);
    assert_eq!(altyaa.run(&["send", "GET", "/v1/posts", "--quiet"]).code, 0);
    altyaa.run(&["report", "--out", &out]).refused(4, &["r.md", "--force"]);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
    let done = altyaa.run(&["report", "--out", &out, "--force"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    assert!(done.text().starts_with(&out));
    assert!(std::fs::read_to_string(&out).unwrap().starts_with("# Escalation report"));
    altyaa.run(&["report", "--out", &altyaa.path("no/r.md")]).refused(4, &["no/r.md"]);
    altyaa.run(&["report", "--exchange", "nope", "--out", &altyaa.path("x.md")]).refused(2, &["no exchange nope"]);
    altyaa.run(&["report", "--out", &altyaa.path("x.docx")]).refused(2, &[".md"]);
    altyaa.run(&["report", "--out", &altyaa.path("x.html")]).refused(2, &["Markdown only"]);
}
