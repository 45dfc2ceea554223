//! The sandbox's authorization server over real HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::time::Duration;

use altyaa_console::sandbox::SandboxSettings;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, redirect};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::sandbox::{World, envelope};

/// The example pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://127.0.0.1:49152/callback";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A sandbox and a client that follows no redirect.
struct Desk {
    world: World,
    client: Client,
}

/// A page or a redirect.
struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The parameters of the redirect.
    fn sent(&self) -> HashMap<String, String> {
        assert_eq!(self.status, 303, "{}", self.text);
        let url = Url::parse(self.header("location")).unwrap();
        assert_eq!(format!("http://{}{}", url.authority(), url.path()), CALLBACK);
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let map: HashMap<String, String> = pairs.iter().cloned().collect();
        assert_eq!(map.len(), pairs.len(), "nothing comes twice");
        map
    }

    fn ticket(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text);
        let (_, rest) = self.text.split_once("name=\"ticket\" value=\"").expect("a form");
        rest.split_once('"').unwrap().0.to_owned()
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The parameters of a good authorization request, with some in the place of others; an empty one is left out.
fn asking<'a>(changes: &[(&'a str, &'a str)]) -> String {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", "altyaa-console"),
        ("redirect_uri", CALLBACK),
        ("scope", "posts.read posts.write"),
        ("state", "st&te=1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in changes {
        pairs.retain(|(own, _)| own != name);
        pairs.push((name, value));
    }
    pairs.retain(|(_, value)| !value.is_empty());
    form(&pairs)
}

impl Desk {
    async fn new() -> Self {
        Self::with(SandboxSettings::default()).await
    }

    async fn with(settings: SandboxSettings) -> Self {
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
        Self { world: World::with(settings).await, client }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.world.sandbox.base_url()))
    }

    async fn page(&self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let page = Page { status, headers, text: response.text().await.unwrap() };
        assert!(page.header("x-request-id").starts_with("req_"));
        page
    }

    async fn authorize(&self, query: &str) -> Page {
        self.page(self.request(Method::GET, &format!("/oauth/authorize?{query}"))).await
    }

    fn posting(&self, path: &str, body: &str) -> RequestBuilder {
        let request = self.request(Method::POST, path).header("Content-Type", "application/x-www-form-urlencoded");
        request.body(body.to_owned())
    }

    async fn press(&self, path: &str, ticket: &str, decision: &str) -> Page {
        self.page(self.posting(path, &form(&[("ticket", ticket), ("decision", decision)]))).await
    }

    /// Posts a form to an endpoint that answers JSON.
    async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        let answer = self.page(self.posting(path, &form(pairs))).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let body = if answer.text.is_empty() { Value::Null } else { serde_json::from_str(&answer.text).unwrap() };
        if answer.status == 401 {
            assert!(answer.header("www-authenticate").starts_with("Basic "));
        }
        (answer.status, body)
    }

    async fn token(&self, pairs: &[(&str, &str)]) -> (u16, Value) {
        self.post("/oauth/token", pairs).await
    }

    async fn code(&self, changes: &[(&str, &str)]) -> String {
        let ticket = self.authorize(&asking(changes)).await.ticket();
        self.press("/oauth/authorize", &ticket, "allow").await.sent()["code"].clone()
    }

    async fn exchange(&self, code: &str, changes: &[(&str, &str)]) -> (u16, Value) {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "altyaa-console"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        for change in changes {
            pairs.retain(|(name, _)| *name != change.0);
            pairs.push(*change);
        }
        pairs.retain(|(_, value)| !value.is_empty());
        self.token(&pairs).await
    }

    /// Tokens of a whole sign-in.
    async fn signed_in(&self) -> Value {
        let code = self.code(&[]).await;
        let (status, tokens) = self.exchange(&code, &[]).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    async fn refresh(&self, token: &str, scope: Option<&str>) -> (u16, Value) {
        let mut pairs =
            vec![("grant_type", "refresh_token"), ("client_id", "altyaa-console"), ("refresh_token", token)];
        pairs.extend(scope.map(|scope| ("scope", scope)));
        self.token(&pairs).await
    }

    async fn device(&self) -> Value {
        let (status, device) =
            self.post("/oauth/device_authorization", &[("client_id", "altyaa-console"), ("scope", "posts.read")]).await;
        assert_eq!(status, 200, "{device}");
        device
    }

    async fn poll(&self, device: &Value) -> (u16, Value) {
        let code = text(device, "device_code");
        self.token(&[("grant_type", DEVICE_GRANT), ("client_id", "altyaa-console"), ("device_code", code)]).await
    }

    /// The status of a list of posts, and the whole answer.
    async fn list(&self, token: &str) -> (u16, Value) {
        let request = self.world.bare(Method::GET, "/v1/posts?limit=1").bearer_auth(token);
        let answer = self.world.send(request.header("X-Altyaa-Workspace", "ws_northwind")).await;
        (answer.status, answer.body)
    }

    fn secret(&self) -> String {
        let client = self.world.sandbox.oauth_clients().iter().find(|client| client.id == "altyaa-service").unwrap();
        client.secret.as_ref().unwrap().expose().to_owned()
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn error(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, text(&answer.1, "error"))
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn unauthorized(message: &str, reason: &str) -> (u16, Value) {
    (401, envelope("unauthorized", message, Some(("Authorization", reason))))
}

#[tokio::test]
async fn the_metadata_is_true_of_this_server() {
    let desk = Desk::new().await;
    let answer = desk.world.send(desk.world.bare(Method::GET, "/.well-known/oauth-authorization-server")).await;
    let base = desk.world.sandbox.base_url();
    assert_eq!((answer.status, &answer.body["issuer"]), (200, &json!(base)));
    assert_eq!(desk.world.sandbox.oauth_issuer(), base);
    for (name, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("device_authorization_endpoint", "/oauth/device_authorization"),
        ("revocation_endpoint", "/oauth/revoke"),
    ] {
        assert_eq!(answer.body[name], format!("{base}{path}"));
    }
    assert_eq!(answer.body["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(answer.body["authorization_response_iss_parameter_supported"], true);
    for path in ["/.well-known/openid-configuration", "/oauth", "/oauth/", "/oauth/tokens", "/oauth/token/"] {
        let answer = desk.world.send(desk.world.bare(Method::GET, path)).await;
        let wanted = envelope("not_found", &format!("there is nothing at {path}"), None);
        assert_eq!((answer.status, answer.body), (404, wanted));
    }
}

#[tokio::test]
async fn a_browser_sign_in_gives_a_token_that_the_api_takes() {
    let desk = Desk::new().await;
    let page = desk.authorize(&asking(&[])).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("form-action 'self' http://127.0.0.1:49152;"), "{policy}");
    // `no-referrer` would make the browser post the form with `Origin: null`.
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "same-origin"));
    assert!(
        page.text.contains("Altyaa Console") && page.text.contains("posts.write") && !page.text.contains("<script")
    );

    let ticket = page.ticket();
    let back = desk.press("/oauth/authorize", &ticket, "allow").await;
    assert_eq!((back.header("cache-control"), back.header("referrer-policy")), ("no-store", "no-referrer"));
    let sent = back.sent();
    assert_eq!((sent["state"].as_str(), sent["iss"].as_str()), ("st&te=1", desk.world.sandbox.base_url().as_str()));
    assert_eq!(desk.press("/oauth/authorize", &ticket, "allow").await.status, 400, "a ticket works once");

    let (status, tokens) = desk.exchange(&sent["code"], &[]).await;
    assert_eq!((status, text(&tokens, "token_type"), &tokens["expires_in"]), (200, "Bearer", &json!(300)));
    assert_eq!(text(&tokens, "scope"), "posts.read posts.write");
    let access = text(&tokens, "access_token");
    let claims = claims(access);
    let base = desk.world.sandbox.base_url();
    assert_eq!(
        (&claims["iss"], &claims["aud"], text(&claims, "workspace")),
        (&json!(base), &json!(base), "ws_northwind")
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    assert_eq!(desk.list(access).await.0, 200);
    let made =
        desk.world.bare(Method::POST, "/v1/posts").bearer_auth(access).header("X-Altyaa-Workspace", "ws_northwind");
    let made = made.header("Content-Type", "application/json").body(r#"{"title":"T","slug":"by-token"}"#);
    assert_eq!(desk.world.send(made).await.status, 201);
    let elsewhere = desk.world.bare(Method::GET, "/v1/posts").bearer_auth(access);
    let answer = desk.world.send(elsewhere.header("X-Altyaa-Workspace", "ws_contoso")).await;
    assert_eq!((answer.status, text(&answer.body["error"]["details"], "field")), (401, "X-Altyaa-Workspace"));
}

#[tokio::test]
async fn denial_and_wrong_wishes_go_back_to_the_client() {
    let desk = Desk::new().await;
    let ticket = desk.authorize(&asking(&[])).await.ticket();
    let sent = desk.press("/oauth/authorize", &ticket, "deny").await.sent();
    assert_eq!((sent["error"].as_str(), sent.get("code")), ("access_denied", None));
    for (change, error) in [
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("response_type", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "posts.read admin"), "invalid_scope"),
        (("response_mode", "fragment"), "invalid_request"),
    ] {
        let sent = desk.authorize(&asking(&[change])).await.sent();
        assert_eq!((sent["error"].as_str(), sent["state"].as_str()), (error, "st&te=1"), "{change:?}");
        assert_eq!(sent["iss"], desk.world.sandbox.base_url());
    }
    let sent = desk.authorize(&format!("{}&scope=posts.read", asking(&[]))).await.sent();
    assert_eq!(sent["error"], "invalid_request", "a parameter came twice");
}

#[tokio::test]
async fn what_names_no_client_or_a_foreign_address_is_never_redirected() {
    let desk = Desk::new().await;
    let hostile = "\"><script>alert(1)</script>";
    for (change, shown) in [
        (("client_id", ""), "client_id"),
        (("client_id", hostile), "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        (("client_id", "altyaa-service"), "altyaa-service"),
        (("redirect_uri", ""), "redirect_uri"),
        (("redirect_uri", "https://attacker.example/"), "https://attacker.example/"),
        (("redirect_uri", "http://localhost:1/"), "http://localhost:1/"),
        (("redirect_uri", "http://127.0.0.1:1@attacker.example/<b>"), "&lt;b&gt;"),
        (("redirect_uri", "javascript:alert(1)"), "javascript:alert(1)"),
    ] {
        let page = desk.authorize(&asking(&[change])).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{change:?}");
        assert!(
            page.text.contains(shown) && !page.text.contains("<script") && !page.text.contains("<b>"),
            "{}",
            page.text
        );
        assert!(page.header("content-security-policy").contains("form-action 'none'"));
    }
    let doubled = format!("{}&redirect_uri=http%3A%2F%2F127.0.0.1%2F", asking(&[]));
    assert_eq!(desk.authorize(&doubled).await.status, 400);
    let page = desk.page(desk.request(Method::GET, "/oauth/device?user_code=%3Cscript%3E%26")).await;
    assert!(page.status == 404 && page.text.contains("&lt;script&gt;&amp;") && !page.text.contains("<script"));
}

#[tokio::test]
async fn a_code_works_once_for_its_own_client_address_and_verifier() {
    let desk = Desk::new().await;
    let code = desk.code(&[]).await;
    let other = "a".repeat(43);
    for (change, wanted) in [
        (("code_verifier", other.as_str()), (400, "invalid_grant")),
        (("code_verifier", CHALLENGE), (400, "invalid_grant")),
        (("code_verifier", ""), (400, "invalid_request")),
        (("redirect_uri", "http://127.0.0.1:49153/callback"), (400, "invalid_grant")),
        (("redirect_uri", ""), (400, "invalid_request")),
        (("code", "altyaa_sandbox_code_0"), (400, "invalid_grant")),
        (("client_id", "nobody"), (401, "invalid_client")),
        (("client_secret", "x"), (401, "invalid_client")),
        (("grant_type", "password"), (400, "unsupported_grant_type")),
        (("grant_type", ""), (400, "invalid_request")),
    ] {
        assert_eq!(error(&desk.exchange(&code, &[change]).await), wanted, "{change:?}");
    }
    let (status, tokens) = desk.exchange(&code, &[]).await;
    assert_eq!(status, 200, "no failed try used the code up: {tokens}");
    assert_eq!(error(&desk.exchange(&code, &[]).await), (400, "invalid_grant"));
    let revoked = unauthorized("token was revoked", "the token was taken back");
    assert_eq!(desk.list(text(&tokens, "access_token")).await, revoked, "the second use takes the tokens back");
    assert_eq!(error(&desk.refresh(text(&tokens, "refresh_token"), None).await), (400, "invalid_grant"));

    let late = desk.code(&[]).await;
    desk.world.pass_time(Duration::from_secs(60));
    assert_eq!(error(&desk.exchange(&late, &[]).await), (400, "invalid_grant"));
    let ticket = desk.authorize(&asking(&[])).await.ticket();
    desk.world.pass_time(Duration::from_secs(600));
    assert_eq!(desk.press("/oauth/authorize", &ticket, "allow").await.status, 400, "the page is too old");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_used_one_ends_the_sign_in() {
    let desk = Desk::new().await;
    let first = desk.signed_in().await;
    let (status, second) = desk.refresh(text(&first, "refresh_token"), None).await;
    assert_eq!(status, 200, "{second}");
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    for tokens in [&first, &second] {
        assert_eq!(desk.list(text(tokens, "access_token")).await.0, 200);
    }
    assert_eq!(error(&desk.refresh(text(&first, "refresh_token"), None).await), (400, "invalid_grant"));
    for tokens in [&first, &second] {
        assert_eq!(desk.list(text(tokens, "access_token")).await.0, 401, "the whole family is gone");
    }
    assert_eq!(error(&desk.refresh(text(&second, "refresh_token"), None).await), (400, "invalid_grant"));

    desk.world.control(json!({ "oauth": { "rotate": false, "refresh_token_lifetime_s": 100 } })).await;
    let tokens = desk.signed_in().await;
    for _ in 0..2 {
        let (status, answer) = desk.refresh(text(&tokens, "refresh_token"), None).await;
        assert_eq!((status, answer.get("refresh_token")), (200, None));
    }
    desk.world.pass_time(Duration::from_secs(100));
    assert_eq!(error(&desk.refresh(text(&tokens, "refresh_token"), None).await), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_refresh_may_narrow_the_scopes_and_never_widen_them() {
    let desk = Desk::new().await;
    let tokens = desk.signed_in().await;
    let (_, narrow) = desk.refresh(text(&tokens, "refresh_token"), Some("posts.read")).await;
    assert_eq!(text(&narrow, "scope"), "posts.read");
    let request = desk.world.bare(Method::POST, "/v1/posts").bearer_auth(text(&narrow, "access_token"));
    let answer = desk.world.send(request.header("X-Altyaa-Workspace", "ws_northwind")).await;
    let wanted = envelope(
        "forbidden",
        "token lacks the scope posts.write",
        Some(("Authorization", "scope posts.write is missing")),
    );
    assert_eq!((answer.status, &answer.body), (403, &wanted));
    let challenge = r#"Bearer realm="altyaa-sandbox", error="insufficient_scope", scope="posts.write""#;
    assert_eq!(answer.header("www-authenticate"), challenge);
    let (_, whole) = desk.refresh(text(&narrow, "refresh_token"), None).await;
    assert_eq!(text(&whole, "scope"), "posts.read posts.write", "what was allowed stays allowed");

    let code = desk.code(&[("scope", "posts.read")]).await;
    let (_, tokens) = desk.exchange(&code, &[]).await;
    let wide = desk.refresh(text(&tokens, "refresh_token"), Some("posts.read posts.write")).await;
    assert_eq!(error(&wide), (400, "invalid_scope"));
    assert_eq!(desk.refresh(text(&tokens, "refresh_token"), None).await.0, 200, "the refusal used nothing up");
}

#[tokio::test]
async fn access_tokens_end_and_a_reset_forgets_them() {
    let desk = Desk::with(SandboxSettings { token_lifetime: Duration::from_secs(10), ..Default::default() }).await;
    let tokens = desk.signed_in().await;
    desk.world.pass_time(Duration::from_secs(9));
    assert_eq!(desk.list(text(&tokens, "access_token")).await.0, 200);
    desk.world.pass_time(Duration::from_secs(1));
    let expired = unauthorized("token expired at 2026-06-01T12:00:10Z", "the token's time is over");
    assert_eq!(desk.list(text(&tokens, "access_token")).await, expired);

    let state = desk.world.control(json!({ "oauth": { "access_token_lifetime_s": 5 } })).await;
    assert_eq!(state.body["oauth"]["access_token_lifetime_s"], 5);
    let tokens = desk.signed_in().await;
    assert_eq!(tokens["expires_in"], 5);
    for (wish, field) in [
        (json!({ "access_token_lifetime_s": 0 }), "oauth.access_token_lifetime_s"),
        (json!({ "device_interval_s": "1" }), "oauth.device_interval_s"),
        (json!({ "rotate": 1 }), "oauth.rotate"),
        (json!({ "other": 1 }), "oauth.other"),
        (json!(null), "oauth"),
    ] {
        let answer = desk.world.control(json!({ "oauth": wish })).await;
        assert_eq!((answer.status, text(&answer.body["error"]["details"], "field")), (400, field));
    }
    let state = desk.world.control(json!({ "reset": true })).await;
    assert_eq!(state.body["oauth"]["access_token_lifetime_s"], 10, "what it was started with");
    let forgotten = unauthorized("token is not known", "the sandbox has forgotten this token");
    assert_eq!(desk.list(text(&tokens, "access_token")).await, forgotten);
    assert_eq!(error(&desk.refresh(text(&tokens, "refresh_token"), None).await), (400, "invalid_grant"));
    let other = Desk::new().await.signed_in().await;
    let foreign = unauthorized("token is not known", "token is not signed by this start of the sandbox");
    assert_eq!(desk.list(text(&other, "access_token")).await, foreign);
}

#[tokio::test]
async fn a_service_proves_itself_in_either_way_and_gets_no_refresh_token() {
    let desk = Desk::new().await;
    let secret = desk.secret();
    let grant = ("grant_type", "client_credentials");
    let (status, posted) = desk
        .token(&[grant, ("client_id", "altyaa-service"), ("client_secret", &secret), ("scope", "posts.read")])
        .await;
    assert_eq!((status, text(&posted, "scope"), posted.get("refresh_token")), (200, "posts.read", None));
    assert_eq!(desk.list(text(&posted, "access_token")).await.0, 200);
    // Form-encoded before base64, as RFC 6749 2.3.1 says.
    let basic = STANDARD.encode(format!("altyaa%2Dservice:{}", secret.replace('_', "%5F")));
    let request = desk.posting("/oauth/token", &form(&[grant])).header("Authorization", format!("Basic {basic}"));
    let answer = desk.page(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for (id, shown, wanted) in [
        ("altyaa-service", "wrong", (401, "invalid_client")),
        ("altyaa-service", "", (401, "invalid_client")),
        ("nobody", &secret, (401, "invalid_client")),
        ("altyaa-console", "", (400, "unauthorized_client")),
    ] {
        let answer = desk.token(&[grant, ("client_id", id), ("client_secret", shown)]).await;
        assert_eq!(error(&answer), wanted, "{id}");
    }
    let by_code = [("grant_type", "authorization_code"), ("client_id", "altyaa-service"), ("client_secret", &secret)];
    assert_eq!(error(&desk.token(&by_code).await), (400, "unauthorized_client"));
}

#[tokio::test]
async fn a_device_waits_slows_down_and_gets_its_tokens_once() {
    let desk = Desk::new().await;
    let device = desk.device().await;
    assert_eq!((&device["expires_in"], &device["interval"]), (&json!(600), &json!(5)));
    let complete = text(&device, "verification_uri_complete");
    assert_eq!(complete, format!("{}?user_code={}", text(&device, "verification_uri"), text(&device, "user_code")));

    assert_eq!(error(&desk.poll(&device).await), (400, "authorization_pending"));
    desk.world.pass_time(Duration::from_secs(4));
    assert_eq!(error(&desk.poll(&device).await), (400, "slow_down"));
    desk.world.pass_time(Duration::from_secs(9));
    assert_eq!(error(&desk.poll(&device).await), (400, "slow_down"), "5 s were added for good");
    desk.world.pass_time(Duration::from_secs(15));
    assert_eq!(error(&desk.poll(&device).await), (400, "authorization_pending"));

    let typed = text(&device, "user_code").to_lowercase().replace('-', " ");
    let page = desk.page(desk.request(Method::GET, &format!("/oauth/device?{}", form(&[("user_code", &typed)])))).await;
    assert!(page.text.contains(text(&device, "user_code")) && page.text.contains("posts.read"), "{}", page.text);
    let second = desk.page(desk.client.get(complete)).await.ticket();
    assert_eq!(desk.press("/oauth/authorize", &second, "allow").await.status, 400, "another page's ticket");
    assert_eq!(desk.press("/oauth/device", &page.ticket(), "allow").await.status, 200);
    assert_eq!(desk.press("/oauth/device", &second, "deny").await.status, 400, "it is decided");
    let (status, tokens) = desk.poll(&device).await;
    assert_eq!((status, text(&tokens, "scope")), (200, "posts.read"));
    assert_eq!(desk.list(text(&tokens, "access_token")).await.0, 200);
    assert!(tokens["refresh_token"].is_string());
    assert_eq!(error(&desk.poll(&device).await), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_device_is_denied_or_comes_too_late() {
    let desk = Desk::new().await;
    let device = desk.device().await;
    let ticket = desk.page(desk.client.get(text(&device, "verification_uri_complete"))).await.ticket();
    assert_eq!(desk.press("/oauth/device", &ticket, "deny").await.status, 200);
    assert_eq!(error(&desk.poll(&device).await), (400, "access_denied"));

    desk.world.control(json!({ "oauth": { "device_code_lifetime_s": 30, "device_interval_s": 1 } })).await;
    let device = desk.device().await;
    assert_eq!((&device["expires_in"], &device["interval"]), (&json!(30), &json!(1)));
    desk.world.pass_time(Duration::from_secs(30));
    assert_eq!(error(&desk.poll(&device).await), (400, "expired_token"));
    assert_eq!(desk.page(desk.client.get(text(&device, "verification_uri_complete"))).await.status, 404);
    let unknown = json!({ "device_code": "altyaa_sandbox_device_0" });
    assert_eq!(error(&desk.poll(&unknown).await), (400, "invalid_grant"));
    let service = [("client_id", "altyaa-service"), ("client_secret", &*desk.secret())];
    assert_eq!(error(&desk.post("/oauth/device_authorization", &service).await), (400, "unauthorized_client"));
}

#[tokio::test]
async fn user_codes_cannot_be_guessed_on_and_on() {
    let desk = Desk::new().await;
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(desk.page(desk.request(Method::GET, "/oauth/device?user_code=BBBB-BBBB")).await.status);
    }
    assert!(statuses[..30].iter().all(|status| *status == 404) && statuses[30] == 429, "{statuses:?}");
}

#[tokio::test]
async fn revoked_tokens_stop_at_once() {
    let desk = Desk::new().await;
    let revoke = |token: &str| {
        let pairs = form(&[("client_id", "altyaa-console"), ("token", token), ("token_type_hint", "nonsense")]);
        desk.page(desk.posting("/oauth/revoke", &pairs))
    };
    let tokens = desk.signed_in().await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    assert_eq!(revoke(access).await.status, 200);
    let revoked = unauthorized("token was revoked", "the token was taken back");
    assert_eq!(desk.list(access).await, revoked);
    let (status, tokens) = desk.refresh(refresh, None).await;
    assert_eq!(status, 200, "the refresh token outlives it");
    assert_eq!(revoke(text(&tokens, "refresh_token")).await.status, 200);
    assert_eq!(desk.list(text(&tokens, "access_token")).await, revoked);
    assert_eq!(error(&desk.refresh(text(&tokens, "refresh_token"), None).await), (400, "invalid_grant"));
    assert_eq!(revoke("unknown").await.status, 200);

    let tokens = desk.signed_in().await;
    let service = ("client_id", "altyaa-service");
    let secret = desk.secret();
    let token = ("token", text(&tokens, "access_token"));
    let answer = desk.post("/oauth/revoke", &[service, ("client_secret", &secret), token]).await;
    assert_eq!(error(&answer), (400, "invalid_grant"), "another client's token");
    assert_eq!(error(&desk.post("/oauth/revoke", &[service, token]).await), (401, "invalid_client"));
    assert_eq!(desk.list(token.1).await.0, 200);
}

#[tokio::test]
async fn forms_are_read_strictly() {
    let desk = Desk::new().await;
    let body = "grant_type=refresh_token&client_id=altyaa-console&refresh_token=x";
    let doubled = format!("{body}&refresh_token=");
    let answer = desk.page(desk.posting("/oauth/token", &doubled)).await;
    assert!(answer.status == 400 && answer.text.contains("invalid_request"), "{}", answer.text);
    let in_address = desk.page(desk.posting("/oauth/token?client_id=altyaa-console", body)).await;
    assert!(in_address.status == 400 && in_address.text.contains("invalid_request"), "{}", in_address.text);
    let json = desk.request(Method::POST, "/oauth/token").header("Content-Type", "application/json").body("{}");
    let answer = desk.page(json).await;
    assert!(answer.status == 400 && answer.text.contains("Content-Type must be"), "{}", answer.text);
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/device_authorization"] {
        let answer = desk.page(desk.request(Method::GET, path)).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{path}");
    }
    assert_eq!(desk.page(desk.request(Method::PUT, "/oauth/authorize")).await.status, 405);
}

#[tokio::test]
async fn foreign_hosts_and_foreign_forms_are_refused() {
    let desk = Desk::new().await;
    let ticket = desk.authorize(&asking(&[])).await.ticket();
    let body = form(&[("ticket", &ticket), ("decision", "allow")]);
    for (name, value) in [
        ("Origin", "https://attacker.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Host", "attacker.example"),
    ] {
        let foreign = desk.posting("/oauth/authorize", &body).header(name, value);
        let foreign = foreign.header("Sec-Fetch-Mode", "navigate").header("Sec-Fetch-Dest", "document");
        assert_eq!(desk.page(foreign).await.status, 403, "{name}: {value}");
    }
    // A link on a foreign page may lead to the question, and to nothing else.
    for (path, dest, status) in [
        (format!("/oauth/authorize?{}", asking(&[])), "document", 200),
        ("/oauth/device".to_owned(), "document", 200),
        (format!("/oauth/authorize?{}", asking(&[])), "iframe", 403),
        ("/oauth/token".to_owned(), "document", 403),
        ("/v1/posts".to_owned(), "document", 403),
    ] {
        let link = desk.request(Method::GET, &path).header("Sec-Fetch-Site", "cross-site");
        let link = link.header("Sec-Fetch-Mode", "navigate").header("Sec-Fetch-Dest", dest);
        assert_eq!(desk.page(link).await.status, status, "{path} {dest}");
    }
    let own = desk.posting("/oauth/authorize", &body).header("Origin", desk.world.sandbox.base_url());
    let sent = desk.page(own.header("Sec-Fetch-Site", "same-origin")).await.sent();
    assert!(sent.contains_key("code"), "no refusal used the ticket up");
}

#[tokio::test]
async fn the_chosen_workspace_is_the_token_s() {
    let desk = Desk::new().await;
    let ticket = desk.authorize(&asking(&[])).await.ticket();
    let pairs = |workspace| form(&[("ticket", &ticket), ("decision", "allow"), ("workspace", workspace)]);
    assert_eq!(desk.page(desk.posting("/oauth/authorize", &pairs("ws_nowhere"))).await.status, 400);
    let sent = desk.page(desk.posting("/oauth/authorize", &pairs("ws_contoso"))).await.sent();
    let (_, tokens) = desk.exchange(&sent["code"], &[]).await;
    assert_eq!(text(&tokens, "workspace"), "ws_contoso");
    let request = desk.world.bare(Method::GET, "/v1/posts").bearer_auth(text(&tokens, "access_token"));
    let answer = desk.world.send(request.header("X-Altyaa-Workspace", "ws_contoso")).await;
    assert_eq!(answer.status, 200);
}
