//! Turns what a handler decided into an HTTP answer with its request id.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::failure::{Code, Failure};
use super::limit::Reading;
use super::settings::Clock;
use crate::exchange::ulid;
use crate::loopback::Refusal;

/// The header that names the request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A JSON answer.
pub(super) fn json_answer(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An answer without a body.
pub(super) fn empty_answer() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The document's envelope.
pub(super) fn error_answer(failure: &Failure) -> Response {
    let mut error = Map::new();
    error.insert("code".into(), failure.code.as_str().into());
    error.insert("message".into(), failure.message.as_str().into());
    if let Some((field, reason)) = &failure.details {
        error.insert("details".into(), json!({ "field": field, "reason": reason }));
    }
    let mut response = json_answer(failure.status, &json!({ "error": error }));
    let headers = response.headers_mut();
    if let Some(secs) = failure.retry_after_secs {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    if let Some(allow) = failure.allow {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    let realm = "Bearer realm=\"altyaa-sandbox\"";
    let challenge = match failure.challenge {
        Some(challenge) => Some(format!("{realm}, {}", challenge.parameters())),
        None => (failure.status == StatusCode::UNAUTHORIZED).then(|| realm.to_owned()),
    };
    if let Some(value) = challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// What the listener's guard refuses, in the document's envelope.
pub(super) fn refusal_answer(refusal: Refusal, clock: &Clock) -> Response {
    let code = match refusal.status() {
        StatusCode::FORBIDDEN => Code::Forbidden,
        StatusCode::SERVICE_UNAVAILABLE => Code::ServiceUnavailable,
        _ => Code::InvalidRequest,
    };
    let mut failure = Failure::new(code, refusal.message()).with_status(refusal.status());
    if let Some(name) = refusal.header() {
        failure = failure.at(name, "request does not come from this machine's own programs");
    }
    with_request_id(error_answer(&failure), clock)
}

/// The same answer with a new `X-Request-Id`.
pub(super) fn with_request_id(mut response: Response, clock: &Clock) -> Response {
    let mut random = [0u8; 10];
    // Ids need not be secret: where the system gives no randomness the time alone tells them apart.
    let _ = getrandom::fill(&mut random);
    let id = format!("req_{}", ulid(clock.now(), random));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// The same answer with the state of the key's bucket.
pub(super) fn with_rate_limit(mut response: Response, reading: Reading) -> Response {
    let headers = response.headers_mut();
    headers.insert("ratelimit-limit", HeaderValue::from(reading.limit));
    headers.insert("ratelimit-remaining", HeaderValue::from(reading.remaining));
    headers.insert("ratelimit-reset", HeaderValue::from(reading.reset_secs));
    response
}
