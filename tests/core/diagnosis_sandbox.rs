//! The profile's starter requests against the real local sandbox, and what is said of its answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use altyaa_console::diagnosis::{Diagnosis, DiagnosisInput, Location, diagnose};
use altyaa_console::profile::{self, Profile, StarterRequest};
use altyaa_console::sandbox::{Sandbox, SandboxSettings};
use jiff::Timestamp;

/// Sends a request and returns its status with what is said of the answer.
async fn sent(sandbox: &Sandbox, profile: &Profile, request: &StarterRequest, workspace: bool) -> (u16, Diagnosis) {
    let url = request.url.replace("{{base}}", &sandbox.base_url());
    let auth = profile.auth.as_ref().unwrap();
    let key = match request.credential.as_deref() {
        Some("local.control-key") => sandbox.control_key(),
        Some(other) => panic!("no such key: {other}"),
        None => &sandbox.credentials()[0].token,
    };
    let token = format!("{}{}", auth.prefix, key.expose());
    let method = http::Method::from_bytes(request.method.as_bytes()).unwrap();
    let mut call = reqwest::Client::builder().no_proxy().build().unwrap().request(method, &url);
    call = call.header(&auth.header, token).header("content-type", "application/json").body(request.body.clone());
    if workspace {
        call = call.header(&profile.workspace.as_ref().unwrap().header, sandbox.workspace());
    }
    let answer = call.send().await.unwrap();
    let status = answer.status().as_u16();
    let headers: Vec<(String, String)> =
        answer.headers().iter().map(|(k, v)| (k.to_string(), v.to_str().unwrap().to_owned())).collect();
    let body = answer.bytes().await.unwrap();
    let input = DiagnosisInput {
        status,
        headers: &headers,
        body: &body,
        method: Some(&request.method),
        url: Some(&url),
        request_headers: &[],
        payload: Some(&request.body),
    };
    (status, diagnose(&input, profile, Timestamp::now()))
}

#[tokio::test]
async fn the_starter_requests_fit_the_sandbox() {
    let sandbox = Sandbox::start(SandboxSettings::default()).await.unwrap();
    let altyaa = profile::built_in("altyaa").unwrap();
    let mut statuses = Vec::new();
    for request in &altyaa.requests {
        statuses.push((request.name.as_str(), sent(&sandbox, &altyaa, request, true).await.0));
    }
    let expected = [
        ("Schedule a post", 400),
        ("List posts", 200),
        ("Fetch a post", 200),
        ("Update a post", 200),
        ("Delete a post", 204),
        ("Sandbox: fail the next call", 200),
        ("Sandbox: one call a minute", 200),
        ("Sandbox: back to normal", 200),
    ];
    assert_eq!(statuses, expected);
}

#[tokio::test]
async fn the_first_send_shows_the_documents_example() {
    let sandbox = Sandbox::start(SandboxSettings::default()).await.unwrap();
    let altyaa = profile::built_in("altyaa").unwrap();
    let request = &altyaa.requests[0];
    let (_, said) = sent(&sandbox, &altyaa, request, true).await;
    assert_eq!(said.code.as_deref(), Some("invalid_request"));
    assert_eq!(said.message.as_deref(), Some("publishAt must be a future timestamp"));
    assert_eq!(said.fields[0].reason.as_deref(), Some("value is in the past"));
    let span = said.fields[0].span.unwrap();
    assert_eq!((&request.body[span.start..span.end], span.line), ("\"2024-01-05T09:00:00Z\"", 4));
    assert_eq!(said.request_id.unwrap().source, "header x-request-id");

    let (status, said) = sent(&sandbox, &altyaa, request, false).await;
    assert_eq!((status, said.code.as_deref()), (401, Some("unauthorized")));
    assert_eq!(said.fields[0].location, Location::Header);
    assert_eq!(said.actions[0].label, "Add or correct X-Altyaa-Workspace");

    let gone = StarterRequest { url: "{{base}}/v1/posts/post_gone".into(), ..altyaa.requests[2].clone() };
    let (status, said) = sent(&sandbox, &altyaa, &gone, true).await;
    assert_eq!((status, said.code.as_deref()), (404, Some("not_found")));
}
