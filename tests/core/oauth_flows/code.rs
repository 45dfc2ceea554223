//! The code flow from its address to its tokens.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use altyaa_console::credentials::oauth::code::{self, CODE_TIMEOUT, PendingCode};
use altyaa_console::credentials::oauth::{OAuthFault, Provider};
use altyaa_console::transport::cancel_pair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;

use super::*;

/// The parameters of the address that the browser is sent to.
fn asked(pending: &PendingCode) -> HashMap<String, String> {
    pending.url().query_pairs().into_owned().collect()
}

fn back_at(pending: &PendingCode) -> SocketAddr {
    let url = pending.redirect_url();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap()
}

/// A target with the right state.
fn right(pending: &PendingCode, rest: &str) -> String {
    format!("/oauth/callback?state={}&{rest}", asked(pending)["state"])
}

#[tokio::test]
async fn a_code_becomes_tokens() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let pending =
        code::begin(&server.provider(), &public(), &["posts:read".into(), "posts:write".into()]).await.unwrap();
    let address = pending.url().clone();
    assert!(address.as_str().starts_with(&format!("{}/authorize?audience=api&", server.base())), "{address}");
    let query = asked(&pending);
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], "console");
    assert_eq!(query["scope"], "posts:read posts:write");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["redirect_uri"], pending.redirect_url().as_str());
    assert!(pending.redirect_url().as_str().starts_with("http://127.0.0.1:"));
    assert!(query["state"].len() >= 43, "256 bits");

    let (back, target) = (back_at(&pending), right(&pending, "code=code-canary%2B1"));
    let talk = &desk.talk();
    let (tokens, page) = tokio::join!(pending.wait(talk, CODE_TIMEOUT), come_back(back, &target));
    let tokens = tokens.unwrap();
    assert_eq!(status_of(&page), 200);
    assert_eq!(tokens.access.expose(), "at-canary-8471");
    assert_eq!(tokens.refresh.as_ref().map(Secret::expose), Some("rt-canary-5530"));
    assert_eq!(tokens.scopes.as_deref(), Some(&["posts:read".to_owned(), "posts:write".to_owned()][..]));
    let life = tokens.expires_at.unwrap().duration_since(tokens.received_at);
    assert_eq!(life.as_secs(), 3600);

    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    let request = &seen[0];
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/token"));
    assert_eq!(request.field("grant_type").unwrap(), "authorization_code");
    assert_eq!(request.field("code").unwrap(), "code-canary+1");
    assert_eq!(request.field("client_id").unwrap(), "console");
    assert_eq!(request.field("redirect_uri").unwrap(), query["redirect_uri"]);
    let verifier = request.field("code_verifier").unwrap();
    assert!((43..=128).contains(&verifier.len()));
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())), query["code_challenge"]);
    assert_eq!(desk.titles(), ["Token request"]);
}

#[tokio::test]
async fn each_sign_in_has_its_own_state_and_verifier() {
    let server = Server::saying(json(200, TOKENS)).await;
    let one = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let other = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    assert_ne!(asked(&one)["state"], asked(&other)["state"]);
    assert_ne!(asked(&one)["code_challenge"], asked(&other)["code_challenge"]);
    assert_ne!(back_at(&one), back_at(&other));
    assert!(!asked(&one).contains_key("scope"));
    let shown = format!("{one:?}");
    assert!(!shown.contains(&asked(&one)["state"]), "{shown}");
}

/// What is sent before the right answer must be refused, and must not end the wait.
async fn refused_then_taken(provider: Provider, requests: &[(&str, u16)], right_rest: &str) {
    let desk = Desk::new();
    let pending = code::begin(&provider, &public(), &[]).await.unwrap();
    let state = asked(&pending)["state"].clone();
    let (back, target) = (back_at(&pending), right(&pending, right_rest));
    let talk = &desk.talk();
    let attack = async {
        for (request, status) in requests {
            let request = request.replace("{state}", &state).replace("{port}", &back.port().to_string());
            let answer = raw(back, &request).await;
            assert_eq!(status_of(&answer), *status, "{request}\n{answer}");
            assert!(!answer.contains(&state) && !answer.contains("canary"), "{answer}");
            assert!(desk.titles().is_empty(), "{request} ended the wait");
        }
        come_back(back, &target).await
    };
    let (tokens, page) = tokio::join!(pending.wait(talk, DEADLINE), attack);
    assert_eq!(status_of(&page), 200, "{page}");
    assert_eq!(tokens.unwrap().access.expose(), "at-canary-8471");
}

#[tokio::test]
async fn wrong_answers_are_refused_and_the_wait_goes_on() {
    let server = Server::saying(json(200, TOKENS)).await;
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: {{own}}\r\nConnection: close\r\n\r\n");
    let requests = [
        (get("/oauth/callback?code=code-canary&state=wrong"), 400),
        (get("/oauth/callback?code=code-canary"), 400),
        (get("/oauth/callback?code=code-canary&state="), 400),
        (get("/oauth/callback"), 400),
        (get("/oauth/callback?code=code-canary&state={state}&state={state}"), 400),
        (get("/oauth/callback?code=code-canary&state=wrong&state={state}"), 400),
        (get("/oauth/callback?code=code-canary&code=code-canary2&state={state}"), 400),
        (get("/oauth/callback?code=code-canary&error=canary&state={state}"), 400),
        (get("/oauth/callback?state={state}"), 400),
        (get("/?code=code-canary&state={state}"), 404),
        (get("/oauth/callback/?code=code-canary&state={state}"), 404),
        (get("/OAuth/callback?code=code-canary&state={state}"), 404),
        (get("/oauth/%63allback?code=code-canary&state={state}"), 404),
        (get("/favicon.ico"), 404),
        (get("/oauth/callback?error=wrong-canary&error_description=canary&state=wrong"), 400),
        (get("/oauth/callback?code=code-canary&state={state}").replacen("GET", "HEAD", 1), 405),
        (get("/oauth/callback?code=code-canary&state={state}").replacen("GET", "POST", 1), 405),
        (get("/oauth/callback?code=code-canary&state={state}").replacen("GET", "PUT", 1), 405),
    ];
    let requests: Vec<(&str, u16)> = requests.iter().map(|(text, status)| (text.as_str(), *status)).collect();
    refused_then_taken(server.provider(), &requests, "code=c").await;
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn pages_and_rebinding_names_are_refused_with_the_right_state_too() {
    let server = Server::saying(json(200, TOKENS)).await;
    let target = "/oauth/callback?code=code-canary&state={state}";
    let with = |method: &str, lines: &str| format!("{method} {target} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n");
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n";
    let requests = [
        (with("GET", "Host: attacker.example:{port}\r\n"), 403),
        (with("GET", "Host: attacker.example\r\n"), 403),
        (with("GET", ""), 403),
        (with("POST", &format!("Host: {{own}}\r\nOrigin: https://attacker.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n{form}")).replace("\r\nConnection: close\r\n\r\n", "\r\nConnection: close\r\n\r\na=b"), 403),
        (with("GET", "Host: {own}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n"), 403),
        (with("GET", "Host: {own}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n"), 403),
        (with("GET", "Host: {own}\r\nOrigin: https://attacker.example\r\n"), 403),
        (with("OPTIONS", "Host: {own}\r\nAccess-Control-Request-Method: GET\r\n"), 403),
    ];
    let requests: Vec<(&str, u16)> = requests.iter().map(|(text, status)| (text.as_str(), *status)).collect();
    refused_then_taken(server.provider(), &requests, "code=c").await;
}

#[tokio::test]
async fn an_answer_has_to_come_from_the_server_that_was_asked() {
    let server = Server::saying(json(200, TOKENS)).await;
    let base = server.base();
    let get = |rest: &str| {
        format!(
            "GET /oauth/callback?code=code-canary&state={{state}}{rest} HTTP/1.1\r\nHost: {{own}}\r\nConnection: close\r\n\r\n"
        )
    };
    let wrong = get("&iss=https%3A%2F%2Fattacker.example");
    let missing = get("");
    let announced = Provider { is_iss_announced: true, ..server.provider() };
    refused_then_taken(announced, &[(&wrong, 400), (&missing, 400)], &format!("code=c&iss={base}")).await;
    // Not announced, but there: it has to be right all the same.
    refused_then_taken(server.provider(), &[(&wrong, 400)], "code=c").await;
}

#[tokio::test]
async fn a_refusal_is_told_in_words_and_the_page_repeats_nothing() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let pending = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let state = asked(&pending)["state"].clone();
    let rest = format!(
        "error=access_denied&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E%1B%5B2Jno+way+{state}&error_uri=javascript:1"
    );
    let (back, target) = (back_at(&pending), right(&pending, &rest));
    let talk = &desk.talk();
    let (result, page) = tokio::join!(pending.wait(talk, DEADLINE), come_back(back, &target));
    let error = result.unwrap_err();
    assert_eq!(error.kind(), "denied");
    assert!(error.summary().contains(r"\u{1b}[2Jno way"), "{error}");
    for text in [error.summary(), format!("{error:?}")] {
        assert!(!text.contains('\u{1b}') && !text.contains(&state), "{text}");
    }
    assert!(error.place().starts_with("redirect address http://127.0.0.1:"), "{}", error.place());
    assert!(error.fix().contains("Sign in again"));

    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    for line in [
        "http/1.1 200",
        "content-type: text/html; charset=utf-8",
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "content-security-policy: default-src 'none'",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
    assert!(!head.contains("access-control-"));
    for part in ["script", "alert", "access_denied", "no way", &state] {
        assert!(!body.contains(part), "{part}: {body}");
    }
    assert!(body.contains("refused"));
    assert!(server.seen().is_empty() && desk.titles().is_empty());
}

#[tokio::test]
async fn another_error_of_the_server_keeps_its_code() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let pending = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let (back, target) = (back_at(&pending), right(&pending, "error=invalid_scope"));
    let talk = &desk.talk();
    let (result, _) = tokio::join!(pending.wait(talk, DEADLINE), come_back(back, &target));
    let error = result.unwrap_err();
    assert_eq!(error.fault, OAuthFault::Refused { code: "invalid_scope".into(), description: None });
    assert!(error.fix().contains("scopes"), "{}", error.fix());
}

#[tokio::test]
async fn the_second_right_answer_finds_nobody() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let pending = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let (back, target) = (back_at(&pending), right(&pending, "code=c"));
    let (first, second) = (come_back(back, &target), come_back(back, &target));
    // Both before anybody waits: the second is told that it is late, without a wait to end.
    assert_eq!(status_of(&first.await), 200);
    assert_eq!(status_of(&second.await), 410);
    pending.wait(&desk.talk(), DEADLINE).await.unwrap();
    assert!(TcpStream::connect(back).await.is_err(), "the listener is closed");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_the_tokens_back() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let pending = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let (back, target) = (back_at(&pending), right(&pending, "code=c"));
    let _idle = TcpStream::connect(back).await.unwrap();
    let begun = Instant::now();
    let talk = &desk.talk();
    let (tokens, _) = tokio::join!(pending.wait(talk, DEADLINE), come_back(back, &target));
    tokens.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn nobody_comes_back() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let pending = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let back = back_at(&pending);
    let error = pending.wait(&desk.talk(), Duration::from_millis(150)).await.unwrap_err();
    assert_eq!(error.kind(), "timed_out");
    assert!(!error.is_sign_in_needed());
    assert!(TcpStream::connect(back).await.is_err(), "the listener is closed");
}

#[tokio::test]
async fn the_person_stops_it() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let (handle, signal) = cancel_pair();
    let pending = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let back = back_at(&pending);
    let talk = &desk.talk_until(signal);
    let (result, ()) = tokio::join!(pending.wait(talk, DEADLINE), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        handle.cancel();
    });
    assert_eq!(result.unwrap_err().kind(), "cancelled");
    assert!(TcpStream::connect(back).await.is_err(), "the listener is closed");
}

#[tokio::test]
async fn a_sign_in_that_is_dropped_closes_its_listener() {
    let server = Server::saying(json(200, TOKENS)).await;
    let pending = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let back = back_at(&pending);
    drop(pending);
    let gone = timeout(DEADLINE, async {
        while TcpStream::connect(back).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(gone.await.is_ok());
}

#[tokio::test]
async fn without_an_authorize_address_nothing_begins() {
    let server = Server::saying(json(200, TOKENS)).await;
    let provider = Provider { authorize_url: None, ..server.provider() };
    let error = code::begin(&provider, &public(), &[]).await.unwrap_err();
    assert_eq!(error.kind(), "no_such_flow");
    assert!(error.summary().contains("authorize address"), "{error}");
    let error = code::begin(&server.provider(), &public(), &["two words".into()]).await.unwrap_err();
    assert_eq!(error.kind(), "invalid_input");
}
