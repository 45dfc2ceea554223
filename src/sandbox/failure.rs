//! The seven codes as values: what went wrong, before it becomes an answer.

use http::{Method, StatusCode};

use super::keys::{READ, WRITE};
use super::limit::Reading;
use super::rules::Rule;

/// A code of the troubleshooting document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    Unauthorized,
    Forbidden,
    InvalidRequest,
    NotFound,
    Conflict,
    RateLimitExceeded,
    ServiceUnavailable,
}

impl Code {
    /// As the envelope spells it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::InvalidRequest => "invalid_request",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::RateLimitExceeded => "rate_limit_exceeded",
            Self::ServiceUnavailable => "service_unavailable",
        }
    }

    /// The status that goes with it unless the failure says another.
    fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// An error answer in the making.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// The envelope's code.
    pub(super) code: Code,
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// The envelope's message: a sentence without full stop.
    pub(super) message: String,
    /// The envelope's details: field and reason.
    pub(super) details: Option<(String, String)>,
    /// Seconds for `Retry-After`.
    pub(super) retry_after_secs: Option<u64>,
    /// Methods for `Allow`.
    pub(super) allow: Option<&'static str>,
    /// What `WWW-Authenticate` says beside the realm.
    pub(super) challenge: Option<Challenge>,
}

/// What is wrong with a bearer token (RFC 6750, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// It is unknown, over or taken back.
    InvalidToken,
    /// It lacks the scope for reading.
    NeedsRead,
    /// It lacks the scope for writing.
    NeedsWrite,
}

impl Challenge {
    /// The parameters after the realm.
    pub(super) fn parameters(self) -> String {
        let lacking = |scope: &str| format!("error=\"insufficient_scope\", scope=\"{scope}\"");
        match self {
            Self::InvalidToken => "error=\"invalid_token\"".into(),
            Self::NeedsRead => lacking(READ),
            Self::NeedsWrite => lacking(WRITE),
        }
    }
}

impl Failure {
    /// A failure without details.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            status: code.status(),
            message: message.into(),
            details: None,
            retry_after_secs: None,
            allow: None,
            challenge: None,
        }
    }

    /// The same with field and reason.
    pub(super) fn at(mut self, field: impl Into<String>, reason: impl Into<String>) -> Self {
        self.details = Some((field.into(), reason.into()));
        self
    }

    /// The same with what is wrong with the token.
    pub(super) fn challenged(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// The same under another status.
    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A field of the request that breaks the schema.
    pub(super) fn invalid(field: impl Into<String>, message: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, message).at(field, reason)
    }

    /// A field of the request that keeps to the schema and breaks a rule.
    pub(super) fn broken(rule: Rule, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(rule.code(), message).at(field, rule.reason())
    }

    /// A method that a route does not have.
    pub(super) fn method(method: &Method, path: &str, allow: &'static str) -> Self {
        // Both are the client's words and as long as it likes.
        let method: String = method.as_str().chars().take(32).collect();
        let path: String = path.chars().take(200).collect();
        let mut failure = Self::new(Code::InvalidRequest, format!("method {method} is not allowed for {path}"))
            .with_status(StatusCode::METHOD_NOT_ALLOWED);
        failure.allow = Some(allow);
        failure
    }

    /// A bucket that is empty.
    pub(super) fn limited(reading: Reading) -> Self {
        let message = format!("too many requests, retry in {} s", reading.retry_secs);
        let mut failure = Self::new(Code::RateLimitExceeded, message);
        failure.retry_after_secs = Some(reading.retry_secs);
        failure
    }
}
