//! What the routes of posts do.

use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::answer::{empty_answer, error_answer, json_answer, with_rate_limit};
use super::failure::Failure;
use super::keys::{READ, WRITE, require};
use super::payload::{read_create, read_object, read_update};
use super::query::{cursor_after, read_list_query};
use super::state::{Caller, Shared};
use crate::exchange::ulid;

/// The list of posts, `/v1/posts`.
pub(super) fn collection(shared: &Shared, head: &Parts, body: &[u8]) -> Response {
    answer(shared, head, "GET, HEAD, POST", |caller, now| match head.method {
        Method::POST => create(shared, caller, head, body, now),
        _ => list(shared, caller, head.uri.query().unwrap_or_default(), now),
    })
}

/// One post, `/v1/posts/{id}`.
pub(super) fn single(shared: &Shared, head: &Parts, body: &[u8]) -> Response {
    let path = head.uri.path();
    let encoded = path.rsplit('/').next().unwrap_or_default();
    // Bytes that are no text are no id; the replaced text names nothing either.
    let id = percent_decode_str(encoded).decode_utf8_lossy();
    answer(shared, head, "GET, HEAD, PATCH, DELETE", |caller, now| match head.method {
        Method::PATCH => update(shared, caller, &id, head, body, now),
        Method::DELETE => delete(shared, caller, &id),
        _ => get(shared, caller, &id, now),
    })
}

/// Lets a caller in, runs the handler and adds what is left in the key's bucket.
fn answer(
    shared: &Shared,
    head: &Parts,
    allow: &'static str,
    handler: impl FnOnce(Caller, Timestamp) -> Result<Response, Failure>,
) -> Response {
    if !allow.split(", ").any(|method| method == head.method.as_str()) {
        return error_answer(&Failure::method(&head.method, head.uri.path(), allow));
    }
    let now = shared.clock.now();
    let (caller, reading) = shared.admit(&head.headers, now);
    let response = match caller.and_then(|caller| handler(caller, now)) {
        Ok(response) => response,
        Err(failure) => error_answer(&failure),
    };
    match reading {
        Some(reading) => with_rate_limit(response, reading),
        None => response,
    }
}

fn list(shared: &Shared, caller: Caller, query: &str, now: Timestamp) -> Result<Response, Failure> {
    require(&caller, READ)?;
    let query = read_list_query(query)?;
    let mut inner = shared.lock();
    let page = inner.store(caller.workspace)?.list(&query, now);
    let workspace = caller.workspace_name;
    let posts: Vec<Value> = page.posts.iter().map(|post| post.to_json(workspace, now)).collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": posts, "nextCursor": page.next_after.map(cursor_after) })))
}

fn create(shared: &Shared, caller: Caller, head: &Parts, body: &[u8], now: Timestamp) -> Result<Response, Failure> {
    require(&caller, WRITE)?;
    let edit = read_create(&read_object(&head.headers, body)?, now)?;
    let mut random = [0u8; 10];
    // Without the system's randomness the nanoseconds keep ids apart.
    if getrandom::fill(&mut random).is_err() {
        for (byte, noise) in random.iter_mut().zip(now.as_nanosecond().to_le_bytes()) {
            *byte = noise;
        }
    }
    let id = format!("post_{}", ulid(now, random));
    let mut inner = shared.lock();
    let post = inner.store(caller.workspace)?.create(id, edit, now)?;
    let mut response = json_answer(StatusCode::CREATED, &post.to_json(caller.workspace_name, now));
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/posts/{}", post.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

fn get(shared: &Shared, caller: Caller, id: &str, now: Timestamp) -> Result<Response, Failure> {
    require(&caller, READ)?;
    let mut inner = shared.lock();
    let post = inner.store(caller.workspace)?.get(id)?;
    Ok(json_answer(StatusCode::OK, &post.to_json(caller.workspace_name, now)))
}

fn update(
    shared: &Shared,
    caller: Caller,
    id: &str,
    head: &Parts,
    body: &[u8],
    now: Timestamp,
) -> Result<Response, Failure> {
    require(&caller, WRITE)?;
    let edit = read_update(&read_object(&head.headers, body)?, now)?;
    let mut inner = shared.lock();
    let post = inner.store(caller.workspace)?.update(id, edit, now)?;
    Ok(json_answer(StatusCode::OK, &post.to_json(caller.workspace_name, now)))
}

fn delete(shared: &Shared, caller: Caller, id: &str) -> Result<Response, Failure> {
    require(&caller, WRITE)?;
    shared.lock().store(caller.workspace)?.delete(id)?;
    Ok(empty_answer())
}
