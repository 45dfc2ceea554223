//! The embedded sandbox over real HTTP: every code from its natural cause, compared as a whole envelope.

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
struct World {
    sandbox: Sandbox,
    client: Client,
    millis: Arc<AtomicI64>,
    ids: std::sync::Mutex<HashSet<String>>,
}

/// An answer.
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    async fn new() -> Self {
        Self::with(SandboxSettings::default()).await
    }

    async fn with(settings: SandboxSettings) -> Self {
        let millis = Arc::new(AtomicI64::new(START_MILLIS));
        let now = Arc::clone(&millis);
        let clock = Clock::new(move || Timestamp::from_millisecond(now.load(Ordering::SeqCst)).unwrap());
        let sandbox = Sandbox::start(SandboxSettings { clock, ..settings }).await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { sandbox, client, millis, ids: std::sync::Mutex::default() }
    }

    fn pass_time(&self, time: Duration) {
        self.millis.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    fn token(&self, name: &str) -> String {
        let credential = self.sandbox.credentials().iter().find(|credential| credential.name == name);
        credential.expect("a credential of that name").token.expose().to_owned()
    }

    /// A request without any header of ours.
    fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.sandbox.base_url()))
    }

    /// A request of the editor key.
    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.call_as("editor key", method, path)
    }

    fn call_as(&self, name: &str, method: Method, path: &str) -> RequestBuilder {
        let workspace = if name == "contoso key" { "ws_contoso" } else { "ws_northwind" };
        self.bare(method, path).bearer_auth(self.token(name)).header("X-Altyaa-Workspace", workspace)
    }

    /// Sends, and checks what holds for every answer.
    async fn send(&self, request: RequestBuilder) -> Answer {
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

    async fn post(&self, payload: &Value) -> Answer {
        self.send(
            self.call(Method::POST, "/v1/posts").header("Content-Type", "application/json").body(payload.to_string()),
        )
        .await
    }

    async fn patch(&self, id: &str, payload: &Value) -> Answer {
        let request = self.call(Method::PATCH, &format!("/v1/posts/{id}")).header("Content-Type", "application/json");
        self.send(request.body(payload.to_string())).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.call(Method::GET, path)).await
    }

    async fn control(&self, change: Value) -> Answer {
        let request = self.bare(Method::POST, "/control").bearer_auth(self.sandbox.control_key().expose());
        self.send(request.header("Content-Type", "application/json").body(change.to_string())).await
    }
}

/// The document's envelope.
fn envelope(code: &str, message: &str, details: Option<(&str, &str)>) -> Value {
    match details {
        Some((field, reason)) => {
            json!({ "error": { "code": code, "message": message, "details": { "field": field, "reason": reason } } })
        }
        None => json!({ "error": { "code": code, "message": message } }),
    }
}

/// The payload that the window starts with.
fn starter() -> Value {
    json!({
        "title": "Winter launch",
        "slug": "winter-launch",
        "publishAt": "2026-12-05T09:00:00Z",
        "channels": [{ "name": "blog" }, { "name": "newsletter" }],
        "notify": true
    })
}

/// The starter payload with one member put in its place.
fn starter_with(name: &str, value: Value) -> Value {
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
    world.pass_time(Duration::from_secs(200 * 86_400));
    // The editor key's time is over by now; a second sandbox would show the state, the key shows its own end.
    assert_eq!(world.get(&path).await.status, 401);
    world.pass_time(Duration::from_secs(0));
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
async fn the_documents_example_comes_word_for_word() {
    let world = World::new().await;
    let answer = world.post(&starter_with("publishAt", json!("2024-01-05T09:00:00Z"))).await;
    let wanted = json!({
        "error": {
            "code": "invalid_request",
            "message": "publishAt must be a future timestamp",
            "details": { "field": "publishAt", "reason": "value is in the past" }
        }
    });
    assert_eq!((answer.status, answer.body), (400, wanted));
    // The present moment is no future either.
    let answer = world.post(&starter_with("publishAt", json!("2026-06-01T12:00:00Z"))).await;
    assert_eq!(answer.body["error"]["details"]["reason"], "value is in the past");
}

#[tokio::test]
async fn every_cause_of_unauthorized_says_which() {
    let world = World::new().await;
    let bearer = |name: &str| format!("Bearer {}", world.token(name));
    let header = "Authorization header must be Bearer and one token";
    let shape = "value is not a bearer token";
    let expired = "token expired at 2026-05-31T12:00:00Z";
    let cases: Vec<(Option<String>, Option<&str>, &str, &str, &str)> = vec![
        (None, Some("ws_northwind"), "Authorization header is missing", "Authorization", "header is missing"),
        (Some("Basic YTpi".into()), Some("ws_northwind"), header, "Authorization", shape),
        (Some("Bearer".into()), Some("ws_northwind"), header, "Authorization", shape),
        (Some(world.token("editor key")), Some("ws_northwind"), header, "Authorization", shape),
        (
            Some("Bearer altyaa_sandbox_0000000000000000000000000000000000000000".into()),
            Some("ws_northwind"),
            "token is not known",
            "Authorization",
            "no key of this API has this token",
        ),
        (Some(bearer("expired key")), Some("ws_northwind"), expired, "Authorization", "the key's time is over"),
        (
            Some(bearer("revoked key")),
            Some("ws_northwind"),
            "token was revoked",
            "Authorization",
            "the key was taken back",
        ),
        (
            Some(bearer("editor key")),
            None,
            "X-Altyaa-Workspace header is missing",
            "X-Altyaa-Workspace",
            "header is missing",
        ),
        (
            Some(bearer("editor key")),
            Some("ws_contoso"),
            "X-Altyaa-Workspace header does not name the key's workspace",
            "X-Altyaa-Workspace",
            "value is not the key's workspace",
        ),
        (
            Some(bearer("contoso key")),
            Some("ws_northwind"),
            "X-Altyaa-Workspace header does not name the key's workspace",
            "X-Altyaa-Workspace",
            "value is not the key's workspace",
        ),
        (
            Some(bearer("editor key")),
            Some("ws_nowhere"),
            "X-Altyaa-Workspace header does not name the key's workspace",
            "X-Altyaa-Workspace",
            "value is not the key's workspace",
        ),
    ];
    for (authorization, workspace, message, field, reason) in cases {
        let mut request = world.bare(Method::GET, "/v1/posts");
        if let Some(value) = authorization {
            request = request.header("Authorization", value);
        }
        if let Some(value) = workspace {
            request = request.header("X-Altyaa-Workspace", value);
        }
        let answer = world.send(request).await;
        let wanted = envelope("unauthorized", message, Some((field, reason)));
        assert_eq!((answer.status, &answer.body), (401, &wanted));
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
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
async fn a_missing_scope_is_named() {
    let world = World::new().await;
    let wanted = |scope: &str| {
        let message = format!("key lacks the scope {scope}");
        let reason = format!("scope {scope} is missing");
        envelope("forbidden", &message, Some(("Authorization", &reason)))
    };
    let id = world.get("/v1/posts?limit=1").await.body["data"][0]["id"].as_str().unwrap().to_owned();
    let single = format!("/v1/posts/{id}");
    for (key, method, path, scope) in [
        ("read-only key", Method::POST, "/v1/posts", "posts.write"),
        ("read-only key", Method::PATCH, &single, "posts.write"),
        ("read-only key", Method::DELETE, &single, "posts.write"),
        ("write-only key", Method::GET, "/v1/posts", "posts.read"),
        ("write-only key", Method::GET, &single, "posts.read"),
    ] {
        let answer = world.send(world.call_as(key, method, path)).await;
        assert_eq!((answer.status, answer.body), (403, wanted(scope)), "{key} {path}");
    }
    assert_eq!(world.get(&single).await.status, 200, "nothing was deleted");
}

#[tokio::test]
async fn invalid_payloads_blame_the_first_wrong_field() {
    let world = World::with(SandboxSettings { limit: RateLimit::new(1000, 1).unwrap(), ..Default::default() }).await;
    let names = "must be one of blog, newsletter, social, rss";
    let date = "publishAt must be an RFC 3339 date and time such as 2030-01-05T09:00:00Z";
    let slug = "slug must be lower-case letters and digits in words joined by single hyphens";
    let no_date = "value is not a date and time";
    let twice = json!([{ "name": "rss" }, { "name": "blog" }, { "audience": "subscribers", "name": "rss" }]);
    let cases: Vec<(Value, &str, String, &str)> = vec![
        (json!({ "slug": "s" }), "title", "title is required".into(), "value is missing"),
        (json!({ "title": "t" }), "slug", "slug is required".into(), "value is missing"),
        (starter_with("title", json!(7)), "title", "title must be a string".into(), "value is a number"),
        (starter_with("title", json!(null)), "title", "title must be a string".into(), "value is null"),
        (starter_with("title", json!("")), "title", "title must not be empty".into(), "value is empty"),
        (starter_with("title", json!(" \t")), "title", "title must be more than white space".into(), "value is blank"),
        (
            starter_with("title", json!("é".repeat(201))),
            "title",
            "title must be at most 200 characters long".into(),
            "value has 201 characters",
        ),
        (starter_with("slug", json!("Winter Launch")), "slug", slug.into(), "value is not a slug"),
        (starter_with("slug", json!("a--b")), "slug", slug.into(), "value is not a slug"),
        (starter_with("slug", json!("a\n")), "slug", slug.into(), "value is not a slug"),
        (
            starter_with("body", json!("x".repeat(20_001))),
            "body",
            "body must be at most 20000 characters long".into(),
            "value has 20001 characters",
        ),
        (starter_with("publishAt", json!("tomorrow")), "publishAt", date.into(), no_date),
        (starter_with("publishAt", json!("2027-02-29T09:00:00Z")), "publishAt", date.into(), no_date),
        (
            starter_with("publishAt", json!(1_900_000_000)),
            "publishAt",
            "publishAt must be a string".into(),
            "value is a number",
        ),
        (
            starter_with("publishAt", json!("9999-12-31T23:59:59Z")),
            "publishAt",
            "publishAt must lie before 9999-12-30T22:00:00Z".into(),
            "value is too far in the future",
        ),
        (starter_with("notify", json!("yes")), "notify", "notify must be a boolean".into(), "value is a string"),
        (starter_with("channels", json!({})), "channels", "channels must be an array".into(), "value is an object"),
        (
            starter_with("channels", json!([])),
            "channels",
            "channels must have at least one entry".into(),
            "value is empty",
        ),
        (
            starter_with("channels", json!(vec!["blog"; 11])),
            "channels",
            "channels must have at most 10 entries".into(),
            "value has 11 entries",
        ),
        (
            starter_with("channels", json!([{ "name": "blog" }, { "name": "fax" }])),
            "channels[1].name",
            format!("channels[1].name {names}"),
            "value is not in the list",
        ),
        (
            starter_with("channels", json!([{ "name": "blog" }, { "name": false }])),
            "channels[1].name",
            "channels[1].name must be a string".into(),
            "value is a boolean",
        ),
        (
            starter_with("channels", json!([{ "name": "blog" }, {}])),
            "channels[1].name",
            "channels[1].name is required".into(),
            "value is missing",
        ),
        (
            starter_with("channels", json!(["blog", "fax"])),
            "channels[1]",
            format!("channels[1] {names}"),
            "value is not in the list",
        ),
        (
            starter_with("channels", json!(["blog", 5])),
            "channels[1]",
            "channels[1] must be an object or a channel's name".into(),
            "value is a number",
        ),
        (
            starter_with("channels", json!([{ "name": "blog", "audience": "all" }])),
            "channels[0].audience",
            "channels[0].audience must be one of everyone, subscribers".into(),
            "value is not in the list",
        ),
        (
            starter_with("channels", json!([{ "name": "blog", "colour": 1 }])),
            "channels[0].colour",
            "channels[0].colour is not a field of a channel".into(),
            "field is unknown",
        ),
        (
            starter_with("channels", twice),
            "channels[2].name",
            "channels[2].name must name a channel that is not listed yet".into(),
            "value is listed twice",
        ),
        (starter_with("tilte", json!("t")), "tilte", "tilte is not a field of a post".into(), "field is unknown"),
        (starter_with("version", json!(1)), "version", "version is not a field of a post".into(), "field is unknown"),
    ];
    for (payload, field, message, reason) in cases {
        let answer = world.post(&payload).await;
        let wanted = envelope("invalid_request", &message, Some((field, reason)));
        assert_eq!((answer.status, answer.body), (400, wanted), "{payload}");
    }
}

#[tokio::test]
async fn payloads_that_are_no_json_object_are_refused() {
    let world = World::new().await;
    let deep = "[".repeat(100_000);
    for (payload, message) in [
        ("", "payload is empty, a JSON object is expected"),
        ("{\"title\":\n  oops}", "payload is not JSON: expected value at line 2 column 3"),
        ("{\"title\": \"x\"", "payload is not JSON: EOF while parsing an object at line 1 column 13"),
        ("[]", "payload must be a JSON object, not an array"),
        ("null", "payload must be a JSON object, not null"),
        (deep.as_str(), "payload is not JSON: recursion limit exceeded at line 1 column 128"),
    ] {
        let request = world.call(Method::POST, "/v1/posts").header("Content-Type", "application/json; charset=utf-8");
        let answer = world.send(request.body(payload.to_owned())).await;
        assert_eq!((answer.status, answer.body), (400, envelope("invalid_request", message, None)));
    }
    let message = "Content-Type must be application/json";
    for (kind, reason) in [(None, "header is missing"), (Some("text/plain"), "value is not application/json")] {
        let mut request = world.call(Method::POST, "/v1/posts").body(starter().to_string());
        if let Some(kind) = kind {
            request = request.header("Content-Type", kind);
        }
        let answer = world.send(request).await;
        let wanted = envelope("invalid_request", message, Some(("Content-Type", reason)));
        assert_eq!((answer.status, answer.body), (400, wanted));
    }
}

#[tokio::test]
async fn bodies_above_a_mebibyte_are_refused_in_the_envelope() {
    let world = World::new().await;
    let request = world.call(Method::POST, "/v1/posts").header("Content-Type", "application/json");
    let answer = world.send(request.body("x".repeat(1024 * 1024 + 1))).await;
    let wanted = envelope("invalid_request", "payload must be at most 1048576 bytes", None);
    assert_eq!((answer.status, answer.body), (413, wanted));
}

#[tokio::test]
async fn wrong_query_parameters_are_named() {
    let world = World::new().await;
    let limit = "limit must be an integer from 1 to 100";
    for (query, field, message, reason) in [
        ("limit=0", "limit", limit, "value is out of range"),
        ("limit=101", "limit", limit, "value is out of range"),
        ("limit=ten", "limit", limit, "value is not an integer"),
        ("state=gone", "state", "state must be one of draft, scheduled, published", "value is not in the list"),
        ("cursor=abc", "cursor", "cursor must be one that this list gave out", "value is not a cursor of this list"),
        ("limit=1&limit=2", "limit", "limit must be given once", "parameter is given twice"),
        ("limti=1", "limti", "limti is not a parameter of this list", "parameter is unknown"),
    ] {
        let answer = world.get(&format!("/v1/posts?{query}")).await;
        let wanted = envelope("invalid_request", message, Some((field, reason)));
        assert_eq!((answer.status, answer.body), (400, wanted), "{query}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    let message = "post does not exist in this workspace";
    let made = world.post(&starter()).await;
    let id = made.body["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/posts/{id}");
    let deleted = world.send(world.call(Method::DELETE, &path)).await;
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    let other = world.send(world.call_as("contoso key", Method::GET, "/v1/posts?limit=1")).await;
    let other_id = other.body["data"][0]["id"].as_str().unwrap().to_owned();
    for (id, reason) in [
        (id.as_str(), "post was deleted"),
        (other_id.as_str(), "no post of this workspace has this id"),
        ("post_01JD8Q6Z4N5T0V9M2K7B3C8D1E", "no post of this workspace has this id"),
        ("p_81", "no post of this workspace has this id"),
        ("%FF%00", "no post of this workspace has this id"),
    ] {
        let wanted = envelope("not_found", message, Some(("id", reason)));
        for method in [Method::GET, Method::DELETE] {
            let answer = world.send(world.call(method, &format!("/v1/posts/{id}"))).await;
            assert_eq!((answer.status, &answer.body), (404, &wanted), "{id}");
        }
        let answer = world.patch(id, &json!({ "title": "t" })).await;
        assert_eq!((answer.status, &answer.body), (404, &wanted), "{id}");
    }
    for path in ["/", "/v1", "/v1/posts/", "/v1/posts/a/b", "/v2/posts"] {
        let answer = world.send(world.bare(Method::GET, path)).await;
        let wanted = envelope("not_found", &format!("there is nothing at {path}"), None);
        assert_eq!((answer.status, answer.body), (404, wanted));
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_the_ones_allowed() {
    let world = World::new().await;
    for (path, allow) in [
        ("/v1/posts", "GET, HEAD, POST"),
        ("/v1/posts/post_x", "GET, HEAD, PATCH, DELETE"),
        ("/openapi.json", "GET, HEAD"),
        ("/status.json", "GET, HEAD"),
        ("/control", "GET, HEAD, POST"),
    ] {
        let answer = world.send(world.call(Method::PUT, path)).await;
        let wanted = envelope("invalid_request", &format!("method PUT is not allowed for {path}"), None);
        assert_eq!((answer.status, answer.header("allow")), (405, allow));
        assert_eq!(answer.body, wanted);
    }
}

#[tokio::test]
async fn duplicate_slugs_and_stale_versions_conflict() {
    let world = World::new().await;
    let made = world.post(&starter()).await;
    let id = made.body["id"].as_str().unwrap().to_owned();
    let taken = envelope(
        "conflict",
        "slug winter-launch is already used by another post of this workspace",
        Some(("slug", "value is already taken")),
    );
    let again = world.post(&starter()).await;
    assert_eq!((again.status, &again.body), (409, &taken));
    let second = world.post(&starter_with("slug", json!("second"))).await;
    let renamed = world.patch(second.body["id"].as_str().unwrap(), &json!({ "slug": "winter-launch" })).await;
    assert_eq!((renamed.status, &renamed.body), (409, &taken));
    assert_eq!(world.patch(&id, &json!({ "title": "New", "version": 1 })).await.status, 200);
    let stale = world.patch(&id, &json!({ "title": "Newer", "version": 1 })).await;
    let message = "post was changed meanwhile, its version is 2";
    let wanted = envelope("conflict", message, Some(("version", "value is not the current version")));
    assert_eq!((stale.status, stale.body), (409, wanted));
    // The same slug in the other workspace is another matter.
    let request = world.call_as("contoso key", Method::POST, "/v1/posts").header("Content-Type", "application/json");
    assert_eq!(world.send(request.body(starter().to_string())).await.status, 201);
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
