//! Every error code of the sandbox from its natural cause, compared as a whole envelope.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use altyaa_console::sandbox::{RateLimit, SandboxSettings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::{World, envelope, starter, starter_with};

/// `Authorization`, `X-Altyaa-Workspace`, and the message, field and reason they are answered with.
type Cause<'a> = (Option<String>, Option<&'a str>, &'a str, &'a str, &'a str);

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
    let cases: [Cause<'_>; 11] = [
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
        let challenge = format!("Bearer realm=\"altyaa-sandbox\", error=\"insufficient_scope\", scope=\"{scope}\"");
        assert_eq!(answer.header("www-authenticate"), challenge);
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
        (deep.as_str(), "payload is nested deeper than 128 levels"),
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
