//! What is taken for a token, and what is not.

use altyaa_console::credentials::oauth::{
    OAuthError, OAuthFault, Provider, TokenHint, Tokens, client_credentials, refresh, revoke,
};
use altyaa_console::transport::cancel_pair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// What a refresh makes of an answer.
async fn of(bytes: Vec<u8>) -> Result<Tokens, OAuthError> {
    let server = Server::saying(bytes).await;
    let desk = Desk::new();
    refresh(&desk.talk(), &server.provider(), &public(), &Secret::new("old-refresh".into()), &[]).await
}

async fn of_json(body: &str) -> Result<Tokens, OAuthError> {
    of(json(200, body)).await
}

#[tokio::test]
async fn a_client_signs_in_as_itself_with_basic_or_in_the_form() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let scopes = ["posts:read".to_owned()];
    client_credentials(&desk.talk(), &server.provider(), &confidential(), &scopes).await.unwrap();
    let in_form = Provider { is_secret_in_form: true, ..server.provider() };
    client_credentials(&desk.talk(), &in_form, &confidential(), &scopes).await.unwrap();
    let seen = server.seen();
    let basic = STANDARD.encode("console:cs-canary%2F4471+x");
    assert_eq!(seen[0].header("authorization"), Some(format!("Basic {basic}").as_str()));
    assert_eq!((seen[0].field("client_id"), seen[0].field("client_secret")), (None, None));
    assert_eq!(seen[1].header("authorization"), None);
    assert_eq!(seen[1].field("client_id").as_deref(), Some("console"));
    assert_eq!(seen[1].field("client_secret").as_deref(), Some("cs-canary/4471 x"));
    for request in &seen {
        assert_eq!(request.field("grant_type").as_deref(), Some("client_credentials"));
        assert_eq!(request.field("scope").as_deref(), Some("posts:read"));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(request.header("cookie"), None);
    }
    let error = client_credentials(&desk.talk(), &server.provider(), &public(), &[]).await.unwrap_err();
    assert_eq!(error.kind(), "invalid_input");
    assert_eq!(server.seen().len(), 2, "nothing was sent");
}

#[tokio::test]
async fn a_refresh_says_what_is_new() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let old = Secret::new("old-refresh".into());
    let tokens = refresh(&desk.talk(), &server.provider(), &public(), &old, &["a".into()]).await.unwrap();
    assert_eq!(tokens.refresh.unwrap().expose(), "rt-canary-5530");
    let seen = &server.seen()[0];
    assert_eq!(seen.field("grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(seen.field("refresh_token").as_deref(), Some("old-refresh"));
    assert_eq!(seen.field("client_id").as_deref(), Some("console"));
    assert_eq!(seen.field("scope").as_deref(), Some("a"));
    assert_eq!(desk.titles(), ["Token refresh"]);
    for without in [
        r#"{"access_token":"a","token_type":"bearer"}"#,
        r#"{"access_token":"a","token_type":"BEARER","refresh_token":null}"#,
    ] {
        let tokens = of_json(without).await.unwrap();
        assert!(tokens.refresh.is_none(), "the old one stays good");
        assert!(tokens.expires_at.is_none() && tokens.scopes.is_none());
    }
}

#[tokio::test]
async fn a_lost_grant_asks_for_a_new_sign_in_and_is_tried_once() {
    let server =
        Server::saying(json(400, r#"{"error":"invalid_grant","error_description":"token old-refresh was used"}"#))
            .await;
    let desk = Desk::new();
    let old = Secret::new("old-refresh".into());
    let error = refresh(&desk.talk(), &server.provider(), &public(), &old, &[]).await.unwrap_err();
    assert_eq!(error.kind(), "invalid_grant");
    assert!(error.is_sign_in_needed());
    assert_eq!(error.fix(), "Sign in again");
    assert!(!format!("{error} {error:?}").contains("old-refresh"), "{error:?}");
    assert!(error.summary().contains("was used"), "{error}");
    assert_eq!(error.exchange.unwrap().response.unwrap().status, 400);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_error_is_one_whatever_the_status() {
    for status in [200, 400, 401, 403, 500, 503] {
        let error = of(json(status, r#"{"error":"invalid_client"}"#)).await.unwrap_err();
        assert_eq!(error.fault, OAuthFault::Refused { code: "invalid_client".into(), description: None }, "{status}");
        assert!(error.fix().contains("client secret") && !error.is_sign_in_needed());
    }
    let long = format!(r#"{{"error":"{}","error_description":"{}\u001b\u202e"}}"#, "e".repeat(500), "d".repeat(5000));
    let error = of(json(400, &long)).await.unwrap_err();
    assert!(error.summary().len() < 500, "{}", error.summary().len());
}

#[tokio::test]
async fn lifetimes_come_in_several_forms() {
    for (text, seconds) in [
        ("3600", Some(3600)),
        ("\"3600\"", Some(3600)),
        ("\" 60 \"", Some(60)),
        ("3600.7", Some(3600)),
        ("1e3", Some(1000)),
        ("0", None),
        ("-1", None),
        ("\"-5\"", None),
        ("null", None),
        ("\"soon\"", None),
        ("\"NaN\"", None),
        ("[1]", None),
        ("true", None),
        ("99999999999999999999999", Some(315_360_000)),
        ("9223372036854775807", Some(315_360_000)),
        ("\"18446744073709551616\"", Some(315_360_000)),
        ("1e400", None),
    ] {
        let body = format!(r#"{{"access_token":"at","token_type":"Bearer","expires_in":{text}}}"#);
        match of_json(&body).await {
            Ok(tokens) => {
                let life = tokens.expires_at.map(|at| at.duration_since(tokens.received_at).as_secs());
                assert_eq!(life, seconds, "{text}");
            }
            // JSON itself has no such number.
            Err(error) => assert_eq!((text, error.kind()), ("1e400", "not_oauth")),
        }
    }
}

#[tokio::test]
async fn scopes_that_are_none_are_dropped() {
    let scopes = async |text: &str| {
        of_json(&format!(r#"{{"access_token":"at","token_type":"Bearer","scope":{text}}}"#)).await.unwrap().scopes
    };
    assert_eq!(scopes(r#""a  b:c""#).await, Some(vec!["a".to_owned(), "b:c".to_owned()]));
    assert_eq!(scopes(r#""a \"q\" \u001b[2J ü b\\""#).await, Some(vec!["a".to_owned()]));
    for nothing in [r#""""#, "null", "[]", r#""ü""#] {
        assert_eq!(scopes(nothing).await, None, "{nothing}");
    }
}

#[tokio::test]
async fn what_is_no_bearer_token_is_refused_in_words() {
    for (body, kind, word) in [
        (r#"{"access_token":"at","token_type":"mac"}"#, "unsupported", "mac"),
        (r#"{"access_token":"at","token_type":"DPoP"}"#, "unsupported", "DPoP"),
        (r#"{"access_token":"at"}"#, "not_oauth", "token_type"),
        (r#"{"token_type":"Bearer"}"#, "not_oauth", "access_token"),
        (r#"{"access_token":"","token_type":"Bearer"}"#, "not_oauth", "access_token"),
        (r#"{"access_token":1,"token_type":"Bearer"}"#, "not_oauth", "access_token"),
        (r#"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#, "not_oauth", "no header carries"),
        (r#"{"access_token":"a","token_type":"Bearer","refresh_token":5}"#, "not_oauth", "refresh_token"),
        ("[]", "not_oauth", "not a JSON object"),
        ("", "not_oauth", "nothing in it"),
        ("<html>Sign in</html>", "not_oauth", "web page"),
        ("access_token=at&token_type=bearer", "not_oauth", "not a JSON object"),
    ] {
        let error = of_json(body).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
        assert!(error.summary().contains(word), "{body}: {error}");
        assert!(error.place().starts_with("token address http://127.0.0.1:"), "{}", error.place());
        assert!(error.exchange.is_some());
    }
    let error = of(answer(502, "text/html", "", "<h1>Bad gateway</h1>")).await.unwrap_err();
    assert!(error.summary().contains("502 with a web page"), "{error}");
}

#[tokio::test]
async fn a_token_is_given_back() {
    let server = Server::saying(answer(200, "text/plain", "", "")).await;
    let desk = Desk::new();
    let token = Secret::new("rt-canary-5530".into());
    revoke(&desk.talk(), &server.provider(), &confidential(), &token, TokenHint::Refresh).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.target, "/revoke");
    assert_eq!(seen.field("token").as_deref(), Some("rt-canary-5530"));
    assert_eq!(seen.field("token_type_hint").as_deref(), Some("refresh_token"));
    assert!(seen.header("authorization").unwrap().starts_with("Basic "));
    let nowhere = Provider { revoke_url: None, ..server.provider() };
    let error = revoke(&desk.talk(), &nowhere, &confidential(), &token, TokenHint::Access).await.unwrap_err();
    assert_eq!(error.kind(), "no_such_flow");

    let server = Server::saying(json(400, r#"{"error":"unsupported_token_type"}"#)).await;
    let error = revoke(&desk.talk(), &server.provider(), &public(), &token, TokenHint::Access).await.unwrap_err();
    assert_eq!(error.kind(), "refused");
    let server = Server::saying(answer(500, "text/plain", "", "")).await;
    let error = revoke(&desk.talk(), &server.provider(), &public(), &token, TokenHint::Access).await.unwrap_err();
    assert_eq!(error.kind(), "not_oauth");
}

#[tokio::test]
async fn a_wish_to_stop_is_obeyed_before_anything_is_sent() {
    let server = Server::saying(json(200, TOKENS)).await;
    let desk = Desk::new();
    let (handle, signal) = cancel_pair();
    handle.cancel();
    let talk = &desk.talk_until(signal);
    let error = refresh(talk, &server.provider(), &public(), &Secret::new("old".into()), &[]).await.unwrap_err();
    assert_eq!(error.kind(), "cancelled");
}

#[test]
fn the_work_may_run_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    let desk = Desk::new();
    let talk = &desk.talk();
    let provider = Provider {
        issuer: None,
        authorize_url: None,
        token_url: "http://127.0.0.1:9/token".parse().unwrap(),
        device_url: None,
        revoke_url: None,
        is_iss_announced: false,
        is_secret_in_form: false,
    };
    let client = public();
    is_send(&client_credentials(talk, &provider, &client, &[]));
    is_send(&altyaa_console::credentials::oauth::discover(talk, &provider.token_url));
    is_send(&altyaa_console::credentials::oauth::code::begin(&provider, &client, &[]));
    is_send(&altyaa_console::credentials::oauth::device::begin(talk, &provider, &client, &[]));
}
