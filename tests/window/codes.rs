//! Every code of the document: provoked in the window, seen, explained, and in the report.

use altyaa_console::sandbox::{RateLimit, SandboxSettings};
use eframe::egui::Role;

use crate::desk::{Desk, Remote, valid_post};

/// The code, what it means and what to do are there to be read, and the report holds them.
#[track_caller]
fn assert_explained(desk: &mut Desk, status: &str, code: &str, meaning: &str, resolve: &[&str]) {
    desk.assert_sees(&[status, meaning]);
    desk.assert_sees(resolve);
    let is_chip = desk.texts().iter().any(|text| text == code);
    assert!(is_chip, "{code} is not shown by itself");
    let id = desk.state(|state| state.answer.as_ref().unwrap().record.request_id.clone()).unwrap();
    desk.assert_sees(&[&id]);
    desk.press_button("Preview");
    desk.assert_sees(&["The report as it will be written"]);
    let report = desk.report();
    let message =
        desk.state(|state| state.answer.as_ref().unwrap().diagnosis.as_ref().unwrap().message.clone()).unwrap();
    for wanted in [status, code, &message, &id, "Validate Authentication", "Monitor Webhooks"] {
        assert!(report.contains(wanted), "the report says nothing of {wanted}\n{report}");
    }
    assert!(!report.contains("altyaa_sandbox_"), "{report}");
    desk.press_button("Close");
    desk.assert_sees_not("The report as it will be written");
}

#[test]
fn unauthorized() {
    for (choice, reason) in [("No credential", "header is missing"), ("local.expired-key", "the key's time is over")] {
        let mut desk = Desk::open();
        desk.choose("Credential", choice);
        desk.send();
        desk.assert_sees(&["Authorization", reason, "Validate Authentication: failed"]);
        let steps = ["Check API key, OAuth token, and X-Altyaa-Workspace header.", "Regenerate tokens if needed."];
        assert_explained(&mut desk, "401 Unauthorized", "unauthorized", "Missing or invalid credentials.", &steps);
    }
}

#[test]
fn unauthorized_for_another_workspace() {
    let mut desk = Desk::open();
    desk.fill("Workspace", "ws_contoso");
    desk.send();
    desk.assert_sees(&["401 Unauthorized", "X-Altyaa-Workspace", "value is not the key's workspace"]);
}

#[test]
fn forbidden() {
    let mut desk = Desk::open();
    desk.choose("Credential", "local.read-only-key");
    desk.send();
    desk.assert_sees(&["scope posts.write is missing"]);
    let step = "Ensure the key or user has the required scope/permission (e.g., posts.write).";
    assert_explained(&mut desk, "403 Forbidden", "forbidden", "Authenticated but lacks permission.", &[step]);
}

#[test]
fn invalid_request() {
    let mut desk = Desk::open();
    desk.send();
    let steps = ["Review details for field-specific issues.", "Validate data types and constraints before sending."];
    assert_explained(&mut desk, "400 Bad Request", "invalid_request", "Payload validation error.", &steps);
}

#[test]
fn not_found() {
    let mut desk = Desk::open();
    desk.press_button("GET Fetch a post");
    desk.send();
    desk.assert_sees(&["200 OK"]);
    desk.fill("URL", "{{base}}/v1/posts/post_00000000000000000000000000");
    desk.send();
    let meaning = "Resource does not exist or is outside workspace scope.";
    let step = "Confirm IDs belong to the workspace and were not deleted.";
    assert_explained(&mut desk, "404 Not Found", "not_found", meaning, &[step]);
}

#[test]
fn conflict() {
    let mut desk = Desk::open();
    desk.paste("Payload", &valid_post("twice"));
    desk.send();
    desk.assert_sees(&["201 Created"]);
    desk.send();
    let marks = desk.marks();
    assert!(marks[0].starts_with("slug, line 1, "), "{marks:?}");
    let meaning = "Action contradicts current state (e.g., duplicate slug).";
    let step = "Adjust request or fetch latest state before retrying.";
    assert_explained(&mut desk, "409 Conflict", "conflict", meaning, &[step]);
}

#[test]
fn rate_limit_exceeded() {
    let limit = RateLimit::new(2, 3600).unwrap();
    let remote = Remote::start(SandboxSettings { limit, ..SandboxSettings::default() });
    let mut desk = remote.desk();
    desk.send();
    desk.assert_sees(&["1 of 2 left"]);
    desk.send();
    desk.assert_sees(&["400 Bad Request", "0 of 2 left"]);
    desk.send();
    let seconds = desk.state(|state| state.answer.as_ref().unwrap().diagnosis.as_ref().unwrap().retry_after_s).unwrap();
    assert!((1700.0..=1800.0).contains(&seconds), "{seconds}");
    desk.assert_sees(&[&format!("after {seconds} s")]);
    let step = "Follow guidance in Rate Limits & Quotas.";
    let meaning = "Too many requests in a window.";
    assert_explained(&mut desk, "429 Too Many Requests", "rate_limit_exceeded", meaning, &[step]);
}

#[test]
fn service_unavailable() {
    let remote = Remote::start(SandboxSettings::default());
    let mut desk = remote.desk();
    // The outage is switched on as anyone would do it who holds the key printed at start.
    desk.fill("URL", &remote.sandbox.control_url());
    desk.open_tab("Request", "Headers");
    desk.press_button("Add a header");
    desk.fill("Header 1 name", "Authorization");
    desk.fill("Header 1 value", &format!("Bearer {}", remote.sandbox.control_key().expose()));
    desk.open_tab("Request", "Body");
    desk.paste("Payload", "{\"available\": false, \"retry_after_s\": 7}");
    desk.send();
    desk.assert_sees(&["200 OK"]);
    desk.open_tab("Request", "Headers");
    desk.press_button("Remove header 1");
    desk.press_button("POST Schedule a post");
    desk.send();
    desk.assert_sees(&["after 7 s"]);
    let meaning = "Temporary downtime or external dependency failure.";
    let steps = ["Retry with exponential backoff.", "If issue persists, check status page."];
    assert_explained(&mut desk, "503 Service Unavailable", "service_unavailable", meaning, &steps);
    desk.rect(Role::Button, "Copy the request ID");
}
