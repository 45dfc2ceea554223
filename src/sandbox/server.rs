//! Starts the sandbox behind the guarded listener and gives out its addresses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::answer::{error_answer, json_answer, refusal_answer, with_request_id};
use super::control::control;
use super::failure::{Code, Failure};
use super::keys::{SandboxCredential, new_credentials, random_token};
use super::oauth::{self, Authority, OauthClient};
use super::posts;
use super::seed::NORTHWIND;
use super::settings::{MAX_LATENCY, MAX_TOKEN_LIFETIME, SandboxSettings};
use super::state::Shared;
use super::status::summary;
use crate::loopback::{BindError, Bounds, CrossSite, Guarded, Policy, Running};
use crate::secret::Secret;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Its listener could not be opened.
    #[error("the sandbox cannot listen")]
    Bind(#[from] BindError),
    /// The system gave no randomness for tokens.
    #[error("the system gave no random numbers for the sandbox's tokens")]
    Randomness(#[from] getrandom::Error),
    /// The OpenAPI document that was built in is no JSON object.
    #[error("the built-in OpenAPI document is broken")]
    Document,
}

impl SandboxError {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::Bind(error) => error.summary(),
            Self::Randomness(_) => "The system gave no random numbers, so no safe tokens can be made".into(),
            Self::Document => "The built-in OpenAPI document is broken".into(),
        }
    }

    /// Where.
    pub fn place(&self) -> String {
        match self {
            Self::Bind(error) => error.place(),
            Self::Randomness(_) => "the system's random number source".into(),
            Self::Document => "assets/sandbox/openapi.json".into(),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match self {
            Self::Bind(error) => error.fix(),
            Self::Randomness(_) => "Start again; if it stays so, the system itself needs repair".into(),
            Self::Document => "Install the program again".into(),
        }
    }
}

/// A running sandbox; dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    running: Running,
}

/// What every handler gets.
#[derive(Clone)]
struct Site {
    shared: Arc<Shared>,
    openapi: Arc<Value>,
}

impl Sandbox {
    /// Starts a sandbox on the current tokio runtime.
    ///
    /// *Errors*: [`SandboxError::Bind`] for an address that is not loopback or is taken.
    pub async fn start(settings: SandboxSettings) -> Result<Self, SandboxError> {
        let now = settings.clock.now();
        let credentials = new_credentials(now)?;
        let control_key = random_token("control")?;
        let clock = settings.clock.clone();
        let policy = Policy {
            refuse: Arc::new(move |refusal| refusal_answer(refusal, &clock)),
            bounds: Bounds { handler_time: MAX_LATENCY + Duration::from_secs(30), ..Bounds::default() },
            cross_site: CrossSite::NavigationTo(oauth::PAGES),
            ..Policy::default()
        };
        let guarded = Guarded::bind(settings.listen, policy).await?;
        let base_url = base_url(guarded.local_addr());
        let openapi = Arc::new(openapi(&base_url)?);
        let lifetime = settings.token_lifetime.clamp(Duration::from_secs(1), MAX_TOKEN_LIFETIME);
        let authority = Authority::new(base_url.clone(), lifetime)?;
        let shared = Arc::new(Shared::new(settings, base_url, credentials, control_key, authority));
        let router = oauth::PATHS
            .into_iter()
            .fold(Router::new(), |router, path| router.route(path, any(serve_oauth)))
            .route("/v1/posts", any(serve_collection))
            .route("/v1/posts/{id}", any(serve_single))
            .route("/openapi.json", any(serve_openapi))
            .route("/status.json", any(serve_status))
            .route("/control", any(serve_control))
            .fallback(serve_unknown)
            .with_state(Site { shared: Arc::clone(&shared), openapi });
        let running = guarded.serve(router);
        Ok(Self { shared, running })
    }

    /// The address that paths are put on. Shape: `http://127.0.0.1:4010`.
    pub fn base_url(&self) -> String {
        self.shared.base_url.clone()
    }

    /// The address it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.running.local_addr()
    }

    /// The workspace of the first credential. Shape: `ws_northwind`.
    pub fn workspace(&self) -> &str {
        NORTHWIND
    }

    /// The keys made at this start; the first has every scope.
    pub fn credentials(&self) -> &[SandboxCredential] {
        &self.shared.credentials
    }

    /// Where outage, latency, limit and status page are set.
    pub fn control_url(&self) -> String {
        format!("{}/control", self.shared.base_url)
    }

    /// The bearer token of the control endpoint.
    pub fn control_key(&self) -> &Secret {
        &self.shared.control_key
    }

    /// Where the OpenAPI document is.
    pub fn openapi_url(&self) -> String {
        format!("{}/openapi.json", self.shared.base_url)
    }

    /// Where the status page is.
    pub fn status_url(&self) -> String {
        format!("{}/status.json", self.shared.base_url)
    }

    /// The address of its authorization server, which signs tokens for this API. Shape: `http://127.0.0.1:4010`.
    pub fn oauth_issuer(&self) -> String {
        self.shared.oauth.issuer.clone()
    }

    /// The clients that are registered at its authorization server.
    pub fn oauth_clients(&self) -> &[OauthClient] {
        &self.shared.oauth.clients
    }

    /// Stops it and waits until answers under way are done.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// A listener's address as a URL.
fn base_url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// The OpenAPI document with this sandbox as its server.
fn openapi(base_url: &str) -> Result<Value, SandboxError> {
    let text = include_str!("../../assets/sandbox/openapi.json");
    let mut document: Value = serde_json::from_str(text).map_err(|_| SandboxError::Document)?;
    let members = document.as_object_mut().ok_or(SandboxError::Document)?;
    members.insert("servers".into(), json!([{ "url": base_url, "description": "This sandbox" }]));
    // Addresses of flows are not relative to `servers`, so they are made whole here.
    if let Some(flows) = document.pointer_mut("/components/securitySchemes/OAuth/flows").and_then(Value::as_object_mut)
    {
        let members = flows.values_mut().filter_map(Value::as_object_mut).flat_map(|flow| flow.iter_mut());
        for (_, url) in members.filter(|(name, _)| name.ends_with("Url")) {
            *url = format!("{base_url}{}", url.as_str().unwrap_or_default()).into();
        }
    }
    Ok(document)
}

/// A request's head and body; the guard has read the body already.
async fn whole(request: Request) -> (Parts, Bytes) {
    let (head, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (head, bytes)
}

/// Waits as long as control asked for.
async fn delay(shared: &Shared) {
    let latency = shared.lock().latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
}

async fn serve_collection(State(site): State<Site>, request: Request) -> Response {
    let (head, body) = whole(request).await;
    delay(&site.shared).await;
    with_request_id(posts::collection(&site.shared, &head, &body), &site.shared.clock)
}

async fn serve_single(State(site): State<Site>, request: Request) -> Response {
    let (head, body) = whole(request).await;
    delay(&site.shared).await;
    with_request_id(posts::single(&site.shared, &head, &body), &site.shared.clock)
}

async fn serve_openapi(State(site): State<Site>, request: Request) -> Response {
    let response = match *request.method() {
        Method::GET | Method::HEAD => json_answer(StatusCode::OK, &site.openapi),
        ref method => error_answer(&Failure::method(method, "/openapi.json", "GET, HEAD")),
    };
    with_request_id(response, &site.shared.clock)
}

async fn serve_status(State(site): State<Site>, request: Request) -> Response {
    let response = match *request.method() {
        Method::GET | Method::HEAD => {
            let now = site.shared.clock.now();
            let inner = site.shared.lock();
            let page = summary(&inner.status, inner.service.is_available, &site.shared.base_url, now);
            json_answer(StatusCode::OK, &page)
        }
        ref method => error_answer(&Failure::method(method, "/status.json", "GET, HEAD")),
    };
    with_request_id(response, &site.shared.clock)
}

async fn serve_control(State(site): State<Site>, request: Request) -> Response {
    let (head, body) = whole(request).await;
    let response = match control(&site.shared, &head.method, &head.headers, &body) {
        Ok(response) => response,
        Err(failure) => error_answer(&failure),
    };
    with_request_id(response, &site.shared.clock)
}

async fn serve_oauth(State(site): State<Site>, request: Request) -> Response {
    let (head, body) = whole(request).await;
    with_request_id(oauth::serve(&site.shared, &head, &body), &site.shared.clock)
}

async fn serve_unknown(State(site): State<Site>, request: Request) -> Response {
    let path: String = request.uri().path().chars().take(200).collect();
    let failure = Failure::new(Code::NotFound, format!("there is nothing at {path}"));
    with_request_id(error_answer(&failure), &site.shared.clock)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::sandbox::Rule;

    #[test]
    fn the_document_lists_the_rules_that_the_code_knows() {
        let document = openapi("http://127.0.0.1:1").unwrap();
        let listed: Vec<(&str, &str, u64)> = document["x-rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| {
                let text = |name: &str| rule[name].as_str().unwrap();
                (text("id"), text("reason"), rule["status"].as_u64().unwrap())
            })
            .collect();
        let known: Vec<(&str, &str, u64)> =
            Rule::ALL.iter().map(|rule| (rule.id(), rule.reason(), rule.status().into())).collect();
        assert_eq!(listed, known);
    }
}
