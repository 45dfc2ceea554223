//! What an OAuth endpoint refuses, in the form of RFC 6749.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::sandbox::answer::json_answer;

/// A refusal before it becomes an answer or a redirect.
///
/// The description is never a client's own words: RFC 6749 allows neither quotes nor anything beyond ASCII in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The code. Shape: `invalid_grant`.
    pub(super) error: &'static str,
    /// What is wrong, for a developer.
    pub(super) description: &'static str,
    status: StatusCode,
    allow: Option<&'static str>,
}

impl Fault {
    /// A refusal with the status 400.
    pub(super) fn new(error: &'static str, description: &'static str) -> Self {
        Self { error, description, status: StatusCode::BAD_REQUEST, allow: None }
    }

    /// A parameter is missing, doubled or of another form.
    pub(super) fn request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    /// A code or token is wrong, used, over or another client's.
    pub(super) fn grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    /// It is not known who asks.
    pub(super) fn client(description: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, ..Self::new("invalid_client", description) }
    }

    /// A method that an endpoint does not have.
    pub(super) fn method(allow: &'static str) -> Self {
        let fault = Self::request("this endpoint does not have this method, see Allow");
        Self { status: StatusCode::METHOD_NOT_ALLOWED, allow: Some(allow), ..fault }
    }

    /// The system gave no random numbers.
    pub(super) fn randomness(_: getrandom::Error) -> Self {
        let fault = Self::new("server_error", "the system gave no random numbers, so no safe token can be made");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..fault }
    }

    /// As JSON.
    pub(super) fn answer(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = unstored(self.status, &body);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"altyaa-sandbox\""));
        }
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        response
    }
}

/// A JSON answer that no cache may keep.
pub(super) fn unstored(status: StatusCode, body: &Value) -> Response {
    let mut response = json_answer(status, body);
    forbid_storing(&mut response);
    response
}

/// Tells caches old and new to keep nothing.
pub(super) fn forbid_storing(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}
