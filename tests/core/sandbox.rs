//! The embedded sandbox over real HTTP: posts, pages, limits, outages, control and the guard.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use altyaa_console::sandbox::{Clock, RateLimit, Sandbox, SandboxError, SandboxSettings};
use jiff::Timestamp;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// 2026-06-01T12:00:00Z, when every test begins.
const START_MILLIS: i64 = 1_780_315_200_000;

/// A sandbox with a clock of its own and a client.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    client: Client,
    millis: Arc<AtomicI64>,
    ids: std::sync::Mutex<HashSet<String>>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(SandboxSettings::default()).await
    }

    pub(crate) async fn with(settings: SandboxSettings) -> Self {
        let millis = Arc::new(AtomicI64::new(START_MILLIS));
        let now = Arc::clone(&millis);
        let clock = Clock::new(move || Timestamp::from_millisecond(now.load(Ordering::SeqCst)).unwrap());
        let sandbox = Sandbox::start(SandboxSettings { clock, ..settings }).await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { sandbox, client, millis, ids: std::sync::Mutex::default() }
    }

    pub(crate) fn pass_time(&self, time: Duration) {
        self.millis.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn token(&self, name: &str) -> String {
        let credential = self.sandbox.credentials().iter().find(|credential| credential.name == name);
        credential.expect("a credential of that name").token.expose().to_owned()
    }

    /// A request without any header of ours.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox.base_url()))
    }

    /// A request of the editor key.
    pub(crate) fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.call_as("editor key", method, path)
    }

    pub(crate) fn call_as(&self, name: &str, method: Method, path: &str) -> RequestBuilder {
        let workspace = if name == "contoso key" { "ws_contoso" } else { "ws_northwind" };
        self.bare(method, path).bearer_auth(self.token(name)).header("X-Altyaa-Workspace", workspace)
    }

    /// Sends, and checks what holds for every answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        let answer = Answer { status, headers, body };
        let id = answer.header("x-request-id").to_owned();
        assert!(id.len() == 30 && id.starts_with("req_"), "request id {id:?} of {status}");
        assert!(self.ids.lock().unwrap().insert(id), "request ids are new each time");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
        answer
    }

    pub(crate) async fn post(&self, payload: &Value) -> Answer {
        self.send(
            self.call(Method::POST, "/v1/posts").header("Content-Type", "application/json").body(payload.to_string()),
        )
        .await
    }

    pub(crate) async fn patch(&self, id: &str, payload: &Value) -> Answer {
        let request = self.call(Method::PATCH, &format!("/v1/posts/{id}")).header("Content-Type", "application/json");
        self.send(request.body(payload.to_string())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.call(Method::GET, path)).await
    }

    pub(crate) async fn control(&self, change: Value) -> Answer {
        let request = self.bare(Method::POST, "/control").bearer_auth(self.sandbox.control_key().expose());
        self.send(request.header("Content-Type", "application/json").body(change.to_string())).await
    }
}

/// The document's envelope.
pub(crate) fn envelope(code: &str, message: &str, details: Option<(&str, &str)>) -> Value {
    match details {
        Some((field, reason)) => {
            json!({ "error": { "code": code, "message": message, "details": { "field": field, "reason": reason } } })
        }
        None => json!({ "error": { "code": code, "message": message } }),
    }
}

/// The payload that the window starts with.
pub(crate) fn starter() -> Value {
    json!({
        "title": "Winter launch",
        "slug": "winter-launch",
        "publishAt": "2026-12-05T09:00:00Z",
        "channels": [{ "name": "blog" }, { "name": "newsletter" }],
        "notify": true
    })
}

/// The starter payload with one member put in its place.
pub(crate) fn starter_with(name: &str, value: Value) -> Value {
    let mut payload = starter();
    payload[name] = value;
    payload
}

#[tokio::test]
async fn a_post_lives_from_creation_to_deletion() {
    let world = World::new().await;
    let made = world.post(&starter()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/v1/posts/{id}"));
    assert_eq!(
        made.body,
        json!({
            "id": id, "workspace": "ws_northwind", "title": "Winter launch", "slug": "winter-launch", "body": null,
            "publishAt": "2026-12-05T09:00:00Z",
            "channels": [{ "name": "blog", "audience": "everyone" }, { "name": "newsletter", "audience": "everyone" }],
            "notify": true, "state": "scheduled", "version": 1,
            "createdAt": "2026-06-01T12:00:00Z", "updatedAt": "2026-06-01T12:00:00Z"
        })
    );
    world.pass_time(Duration::from_secs(60));
    let changed = world.patch(&id, &json!({ "title": "Spring launch", "body": "Text", "version": 1 })).await;
    assert_eq!((changed.status, &changed.body["version"]), (200, &json!(2)));
    assert_eq!(changed.body["updatedAt"], "2026-06-01T12:01:00Z");
    let path = format!("/v1/posts/{id}");
    assert_eq!(world.get(&path).await.body, changed.body);
    assert_eq!(world.get("/v1/posts?limit=1").await.body["data"][0], changed.body);
    assert_eq!(world.send(world.call(Method::DELETE, &path)).await.status, 204);
    assert_eq!(world.get(&path).await.status, 404);
}

#[tokio::test]
async fn publishing_follows_the_clock() {
    let world = World::new().await;
    let soon = json!({ "title": "Soon", "slug": "soon", "publishAt": "2026-06-01T14:00:30+02:00" });
    let made = world.post(&soon).await;
    assert_eq!((made.status, &made.body["state"]), (201, &json!("scheduled")), "{}", made.body);
    world.pass_time(Duration::from_secs(31));
    let path = format!("/v1/posts/{}", made.body["id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.body["state"], "published");
    let moved = world.patch(made.body["id"].as_str().unwrap(), &json!({ "publishAt": "2026-07-01T00:00:00Z" })).await;
    let wanted = envelope(
        "conflict",
        "publishAt of a published post cannot change",
        Some(("publishAt", "post is already published")),
    );
    assert_eq!((moved.status, moved.body), (409, wanted));
}

#[tokio::test]
async fn a_valid_key_expires_while_the_sandbox_runs() {
    let world = World::new().await;
    assert_eq!(world.get("/v1/posts").await.status, 200);
    world.pass_time(Duration::from_secs(41 * 86_400));
    let answer = world.get("/v1/posts").await;
    assert_eq!(answer.body["error"]["message"], "token expired at 2026-07-12T12:00:00Z");
}

#[tokio::test]
async fn pages_hold_every_post_once_in_order() {
    let world = World::new().await;
    let mut ids: Vec<String> = Vec::new();
    let mut path = "/v1/posts?limit=7".to_owned();
    loop {
        let page = world.get(&path).await;
        assert_eq!(page.status, 200);
        let posts = page.body["data"].as_array().unwrap();
        assert!((1..=7).contains(&posts.len()));
        ids.extend(posts.iter().map(|post| post["id"].as_str().unwrap().to_owned()));
        // A post made meanwhile is newer than every cursor and moves nothing.
        let made = world.post(&json!({ "title": "Between", "slug": format!("between-{}", ids.len()) })).await;
        assert_eq!(made.status, 201);
        match page.body["nextCursor"].as_str() {
            Some(cursor) => path = format!("/v1/posts?limit=7&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), 45);
    assert!(ids.windows(2).all(|pair| pair[0] > pair[1]));
    let scheduled = world.get("/v1/posts?state=scheduled&limit=100").await;
    assert!(scheduled.body["data"].as_array().unwrap().iter().all(|post| post["state"] == "scheduled"));
}

#[tokio::test]
async fn the_bucket_empties_for_one_key_and_drips_full_again() {
    let world = World::with(SandboxSettings { limit: RateLimit::new(3, 30).unwrap(), ..Default::default() }).await;
    for (remaining, reset) in [("2", "10"), ("1", "20"), ("0", "30")] {
        let answer = world.get("/v1/posts?limit=1").await;
        let seen =
            ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map(|name| answer.header(name).to_owned());
        assert_eq!((answer.status, seen), (200, ["3".to_owned(), remaining.to_owned(), reset.to_owned()]));
    }
    let refused = world.get("/v1/posts?limit=1").await;
    let wanted = envelope("rate_limit_exceeded", "too many requests, retry in 10 s", None);
    assert_eq!((refused.status, &refused.body), (429, &wanted));
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit-remaining")), ("10", "0"));
    assert_eq!(world.send(world.call_as("read-only key", Method::GET, "/v1/posts")).await.status, 200, "another key");
    world.pass_time(Duration::from_millis(9_999));
    assert_eq!(world.get("/v1/posts?limit=1").await.header("retry-after"), "1");
    world.pass_time(Duration::from_millis(1));
    assert_eq!(world.get("/v1/posts?limit=1").await.status, 200);
    assert_eq!(world.get("/v1/posts?limit=1").await.status, 429);
    // A refusal for another reason counts too.
    world.pass_time(Duration::from_secs(10));
    let answer = world.post(&json!({})).await;
    assert_eq!((answer.status, answer.header("ratelimit-remaining")), (400, "0"));
}

#[tokio::test]
async fn an_outage_is_switched_by_the_control_key_alone() {
    let world = World::new().await;
    for key in [None, Some(world.token("editor key")), Some("wrong".to_owned())] {
        let mut request = world.bare(Method::POST, "/control").header("Content-Type", "application/json");
        if let Some(key) = &key {
            request = request.bearer_auth(key);
        }
        let answer = world.send(request.body(json!({ "available": false }).to_string())).await;
        let wanted = match key {
            None => envelope(
                "unauthorized",
                "Authorization header is missing",
                Some(("Authorization", "header is missing")),
            ),
            Some(_) => envelope(
                "unauthorized",
                "control key is wrong, send the one printed at start as a bearer token",
                Some(("Authorization", "value is not the control key")),
            ),
        };
        assert_eq!((answer.status, answer.body), (401, wanted));
    }
    assert_eq!(world.get("/v1/posts").await.status, 200);

    let state = world.control(json!({ "available": false, "retry_after_s": 7 })).await;
    assert_eq!((state.status, &state.body["available"]), (200, &json!(false)));
    let wanted =
        envelope("service_unavailable", "service is temporarily unavailable, retry with exponential backoff", None);
    for request in [world.call(Method::GET, "/v1/posts"), world.bare(Method::POST, "/v1/posts")] {
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.header("retry-after"), &answer.body), (503, "7", &wanted));
    }
    let page = world.send(world.bare(Method::GET, "/status.json")).await;
    assert_eq!(page.body["status"]["indicator"], "critical");
    assert_eq!(page.body["incidents"].as_array().unwrap().len(), 1);

    world.control(json!({ "outage_requests": 2 })).await;
    let statuses = [world.get("/v1/posts").await, world.get("/v1/posts").await, world.get("/v1/posts").await];
    assert_eq!(statuses.map(|answer| answer.status), [503, 503, 200], "it ends by itself");
    let page = world.send(world.bare(Method::GET, "/status.json")).await;
    assert_eq!(page.body["status"]["indicator"], "none");
}

#[tokio::test]
async fn control_sets_limit_latency_status_and_resets() {
    let world = World::new().await;
    world.control(json!({ "limit": { "requests": 1, "per_s": 60 } })).await;
    assert_eq!([world.get("/v1/posts").await.status, world.get("/v1/posts").await.status], [200, 429]);
    world.control(json!({ "limit": { "requests": 100, "per_s": 60 }, "latency_ms": 150 })).await;
    let begun = Instant::now();
    world.post(&starter()).await;
    assert!(begun.elapsed() >= Duration::from_millis(150));
    let wish = json!({ "indicator": "maintenance", "incident": "Moving house" });
    world.control(json!({ "status": wish })).await;
    let page = world.send(world.bare(Method::GET, "/status.json")).await.body;
    assert_eq!(page["status"]["indicator"], "maintenance");
    assert_eq!(page["scheduled_maintenances"][0]["name"], "Moving house");
    assert_eq!(page["components"][0]["status"], "under_maintenance");
    let wrong = world.control(json!({ "reset": true, "latency_ms": -1 })).await;
    assert_eq!((wrong.status, &wrong.body["error"]["details"]["field"]), (400, &json!("latency_ms")));
    assert_eq!(world.get("/v1/posts?limit=1").await.body["data"][0]["slug"], "winter-launch", "nothing was reset");
    let state = world.control(json!({ "reset": true })).await;
    assert_eq!((&state.body["latency_ms"], &state.body["status"]), (&json!(0), &Value::Null));
    assert_ne!(world.get("/v1/posts?limit=1").await.body["data"][0]["slug"], "winter-launch");
}

#[tokio::test]
async fn the_guard_answers_in_the_envelope_with_a_request_id() {
    let world = World::new().await;
    let reason = "request does not come from this machine's own programs";
    for (name, value, message) in [
        ("Host", "attacker.example", "Host must be this listener's own loopback address and port"),
        ("Origin", "https://attacker.example", "requests from pages of another origin are refused"),
        ("Sec-Fetch-Site", "cross-site", "requests from pages of another site are refused"),
        ("Access-Control-Request-Method", "POST", "preflight requests are refused"),
    ] {
        let answer = world.send(world.call(Method::GET, "/v1/posts").header(name, value)).await;
        assert_eq!((answer.status, answer.body), (403, envelope("forbidden", message, Some((name, reason)))));
    }
}

#[tokio::test]
async fn heads_that_are_no_http_still_get_an_envelope() {
    let world = World::new().await;
    let huge = format!("GET / HTTP/1.1\r\nX-Filler: {}\r\n\r\n", "x".repeat(200_000));
    for (request, status) in
        [("GET / HTTP/1.1\r\nBad Header: 1\r\n\r\n", "400"), ("nonsense\r\n\r\n", "400"), (&huge, "431")]
    {
        let mut stream = TcpStream::connect(world.sandbox.local_addr()).await.unwrap();
        // The server may have answered and closed before it has read everything.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.contains("x-request-id: req_") && answer.contains("\"invalid_request\""), "{answer}");
    }
}

#[tokio::test]
async fn the_document_names_this_sandbox_and_its_rules() {
    let world = World::new().await;
    let answer = world.send(world.bare(Method::GET, "/openapi.json")).await;
    assert_eq!(answer.body["openapi"], "3.1.0");
    assert_eq!(answer.body["servers"][0]["url"], world.sandbox.base_url());
    let flows = &answer.body["components"]["securitySchemes"]["OAuth"]["flows"];
    let whole = |path: &str| format!("{}{path}", world.sandbox.base_url());
    assert_eq!(flows["authorizationCode"]["authorizationUrl"], whole("/oauth/authorize"));
    assert_eq!(flows["clientCredentials"]["tokenUrl"], whole("/oauth/token"));
    let rules = answer.body["x-rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "publish_at_future" && rule["reason"] == "value is in the past"));
}

#[tokio::test]
async fn tokens_change_at_each_start_and_never_show_in_debug() {
    let (one, two) = (World::new().await, World::new().await);
    for name in ["editor key", "read-only key", "write-only key", "expired key", "revoked key", "contoso key"] {
        assert_ne!(one.token(name), two.token(name));
        assert!(!format!("{:?}", one.sandbox).contains(&one.token(name)));
    }
    assert_ne!(one.sandbox.control_key(), two.sandbox.control_key());
    assert!(!format!("{:?}", one.sandbox).contains(one.sandbox.control_key().expose()));
}

#[tokio::test]
async fn a_dropped_sandbox_is_gone_and_a_public_address_refused() {
    let world = World::new().await;
    let address = world.sandbox.local_addr();
    world.sandbox.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
    let settings = SandboxSettings { listen: "0.0.0.0:0".parse().unwrap(), ..Default::default() };
    let error = Sandbox::start(settings).await.unwrap_err();
    assert!(matches!(error, SandboxError::Bind(_)));
    assert!(error.fix().contains("127.0.0.1"));
}
