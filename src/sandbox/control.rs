//! The control endpoint: outage, latency, limit, status page and token lifetimes, for who holds the key printed at start.
//!
//! `GET /control` answers the state, `POST /control` changes what its JSON object names and answers the new state:
//!
//! ```json
//! {"reset": true, "available": false, "outage_requests": 3, "retry_after_s": 5, "latency_ms": 250,
//!  "limit": {"requests": 100, "per_s": 60}, "status": {"indicator": "major", "incident": "API requests fail"},
//!  "oauth": {"access_token_lifetime_s": 300, "refresh_token_lifetime_s": 2592000, "device_code_lifetime_s": 600,
//!            "device_interval_s": 5, "rotate": true}}
//! ```
//!
//! `"status": null` lets the page tell the truth again. What `oauth` sets holds for tokens and codes made from then
//! on; `"rotate": false` leaves a refresh token as it is when it is used. `reset` forgets every token, code and
//! sign-in, and takes what `oauth` set back. Nothing is changed unless the whole object is right.

use std::time::Duration;

use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value, json};

use super::answer::json_answer;
use super::failure::{Code, Failure};
use super::keys::bearer_token;
use super::payload::{not_one_of, read_object};
use super::settings::{MAX_LATENCY, MAX_TOKEN_LIFETIME, RateLimit};
use super::state::Shared;
use super::status::{Indicator, StatusOverride};

/// What a request wants changed.
#[derive(Debug, Default)]
struct Change {
    is_reset: bool,
    is_available: Option<bool>,
    outage_requests: Option<u64>,
    retry_after_secs: Option<u64>,
    latency: Option<Duration>,
    limit: Option<RateLimit>,
    status: Option<StatusOverride>,
    oauth: Option<OauthChange>,
}

/// What of the authorization server a request wants changed.
#[derive(Debug, Default)]
struct OauthChange {
    access_lifetime: Option<Duration>,
    refresh_lifetime: Option<Duration>,
    device_lifetime: Option<Duration>,
    device_interval: Option<Duration>,
    rotates: Option<bool>,
}

/// Answers one request to `/control`.
pub(super) fn control(shared: &Shared, method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<Response, Failure> {
    if method != Method::GET && method != Method::HEAD && method != Method::POST {
        return Err(Failure::method(method, "/control", "GET, HEAD, POST"));
    }
    if bearer_token(headers)? != shared.control_key {
        let message = "control key is wrong, send the one printed at start as a bearer token";
        return Err(Failure::new(Code::Unauthorized, message).at("Authorization", "value is not the control key"));
    }
    if method == Method::POST {
        let change = read_change(&read_object(headers, body)?)?;
        apply(shared, change);
    }
    Ok(json_answer(StatusCode::OK, &state(shared)))
}

fn read_change(members: &Map<String, Value>) -> Result<Change, Failure> {
    let mut change = Change::default();
    for (name, value) in members {
        match name.as_str() {
            "reset" => change.is_reset = boolean(name, value)?,
            "available" => change.is_available = Some(boolean(name, value)?),
            "outage_requests" => change.outage_requests = Some(whole(name, value, 1, 1_000_000_000)?),
            "retry_after_s" => change.retry_after_secs = Some(whole(name, value, 0, 86_400)?),
            "latency_ms" => {
                let most = u64::try_from(MAX_LATENCY.as_millis()).unwrap_or(u64::MAX);
                change.latency = Some(Duration::from_millis(whole(name, value, 0, most)?));
            }
            "limit" => change.limit = Some(read_limit(value)?),
            "status" => change.status = Some(read_status(value)?),
            "oauth" => change.oauth = Some(read_oauth(value)?),
            other => return Err(unknown(other)),
        }
    }
    Ok(change)
}

fn read_limit(value: &Value) -> Result<RateLimit, Failure> {
    let number = |name: &str| value.get(name).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
    number("requests").zip(number("per_s")).and_then(|(requests, per)| RateLimit::new(requests, per)).ok_or_else(|| {
        let message = "limit must be an object such as {\"requests\":100,\"per_s\":60}";
        Failure::invalid("limit", message, "value is not a rate limit")
    })
}

fn read_status(value: &Value) -> Result<StatusOverride, Failure> {
    if value.is_null() {
        return Ok(StatusOverride::default());
    }
    let word = value.get("indicator").and_then(Value::as_str).unwrap_or_default();
    let indicator = Indicator::ALL.into_iter().find(|indicator| indicator.as_str() == word);
    let indicator = indicator.ok_or_else(|| not_one_of("status.indicator", &Indicator::ALL.map(Indicator::as_str)))?;
    let incident = match value.get("incident") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) if name.chars().count() <= 200 => Some(name.clone()),
        Some(_) => {
            let message = "status.incident must be a string of at most 200 characters";
            return Err(Failure::invalid("status.incident", message, "value is not a name"));
        }
    };
    Ok(StatusOverride { indicator: Some(indicator), incident })
}

fn read_oauth(value: &Value) -> Result<OauthChange, Failure> {
    let members = value.as_object().ok_or_else(|| {
        let message = "oauth must be an object such as {\"access_token_lifetime_s\":5}";
        Failure::invalid("oauth", message, "value is not an object")
    })?;
    let mut change = OauthChange::default();
    for (name, value) in members {
        let field = format!("oauth.{name}");
        let secs = |most: u64| whole(&field, value, 1, most).map(Duration::from_secs);
        match name.as_str() {
            "access_token_lifetime_s" => change.access_lifetime = Some(secs(MAX_TOKEN_LIFETIME.as_secs())?),
            "refresh_token_lifetime_s" => change.refresh_lifetime = Some(secs(31_536_000)?),
            "device_code_lifetime_s" => change.device_lifetime = Some(secs(3_600)?),
            "device_interval_s" => change.device_interval = Some(secs(60)?),
            "rotate" => change.rotates = Some(boolean(&field, value)?),
            _ => return Err(unknown(&field)),
        }
    }
    Ok(change)
}

/// A member that control does not have.
fn unknown(name: &str) -> Failure {
    let short: String = name.chars().take(64).collect();
    let message = format!("{short} is not a field of the control endpoint");
    Failure::invalid(short, message, "field is unknown")
}

fn boolean(name: &str, value: &Value) -> Result<bool, Failure> {
    let message = || format!("{name} must be a boolean");
    value.as_bool().ok_or_else(|| Failure::invalid(name, message(), "value is not a boolean"))
}

fn whole(name: &str, value: &Value, least: u64, most: u64) -> Result<u64, Failure> {
    value.as_u64().filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        Failure::invalid(name, format!("{name} must be an integer from {least} to {most}"), "value is out of range")
    })
}

fn apply(shared: &Shared, change: Change) {
    if change.is_reset {
        shared.reset();
    }
    let now = shared.clock.now();
    let mut inner = shared.lock();
    if let Some(is_available) = change.is_available {
        inner.service.is_available = is_available;
        inner.service.outage_requests = None;
    }
    if let Some(requests) = change.outage_requests {
        inner.service.is_available = false;
        inner.service.outage_requests = Some(requests);
    }
    if let Some(secs) = change.retry_after_secs {
        inner.service.retry_after_secs = secs;
    }
    if let Some(latency) = change.latency {
        inner.latency = latency;
    }
    if let Some(limit) = change.limit {
        inner.limit = limit;
        inner.buckets = shared.full_buckets(limit, now);
    }
    if let Some(status) = change.status {
        inner.status = status;
    }
    if let Some(wish) = change.oauth {
        let rules = &mut inner.oauth.rules;
        rules.access_lifetime = wish.access_lifetime.unwrap_or(rules.access_lifetime);
        rules.refresh_lifetime = wish.refresh_lifetime.unwrap_or(rules.refresh_lifetime);
        rules.device_lifetime = wish.device_lifetime.unwrap_or(rules.device_lifetime);
        rules.device_interval = wish.device_interval.unwrap_or(rules.device_interval);
        rules.rotates = wish.rotates.unwrap_or(rules.rotates);
    }
}

/// What is set now.
fn state(shared: &Shared) -> Value {
    let inner = shared.lock();
    let rules = inner.oauth.rules;
    json!({
        "available": inner.service.is_available,
        "outage_requests": inner.service.outage_requests,
        "retry_after_s": inner.service.retry_after_secs,
        "latency_ms": u64::try_from(inner.latency.as_millis()).unwrap_or(u64::MAX),
        "limit": { "requests": inner.limit.requests, "per_s": inner.limit.per.as_secs() },
        "status": inner.status.indicator.map(|indicator| {
            json!({ "indicator": indicator.as_str(), "incident": inner.status.incident })
        }),
        "oauth": {
            "access_token_lifetime_s": rules.access_lifetime.as_secs(),
            "refresh_token_lifetime_s": rules.refresh_lifetime.as_secs(),
            "device_code_lifetime_s": rules.device_lifetime.as_secs(),
            "device_interval_s": rules.device_interval.as_secs(),
            "rotate": rules.rotates,
        },
    })
}
