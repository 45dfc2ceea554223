//! What a listener lets through, what it bounds, and how it says no.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// How a listener treats the requests that reach it.
#[derive(Clone)]
pub struct Policy {
    /// Which `Host` a request must name.
    pub host: HostRule,
    /// What a request that the browser calls cross-site may be.
    pub cross_site: CrossSite,
    /// How much of everything a client gets.
    pub bounds: Bounds,
    /// Turns a refusal into an answer; the default is one line of plain text.
    pub refuse: Arc<dyn Fn(Refusal) -> Response + Send + Sync>,
}

/// Which `Host` a request must name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostRule {
    /// A loopback literal or `localhost`, with the listener's own port.
    OwnLoopback,
    /// Any, for a receiver that tunnels reach with a foreign name and whose path cannot be guessed.
    Any,
}

/// What a request that the browser calls cross-site may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrossSite {
    /// Nothing: it is refused.
    Refuse,
    /// A `GET` that navigates the whole window, as an OAuth server's redirect does.
    Navigation,
    /// The same, but to these paths only: pages that others may lead to, beside an API that none may call.
    NavigationTo(&'static [&'static str]),
}

/// How much of everything a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Connections served at the same time; more wait to be accepted.
    pub connections: usize,
    /// Bytes of request line and headers. Above it the answer is 431.
    pub head_bytes: usize,
    /// Bytes of a request body. Above it the answer is 413.
    pub body_bytes: usize,
    /// Time for a whole head to arrive, also the time a kept connection may be idle.
    pub head_time: Duration,
    /// Time for a whole body to arrive. After it the answer is 408.
    pub body_time: Duration,
    /// Time for a handler. After it the answer is 503.
    pub handler_time: Duration,
    /// Age at which a connection is closed after the answer it is busy with.
    pub connection_time: Duration,
    /// Time that answers under way get when the listener stops.
    pub grace: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 256,
            head_bytes: 32 * 1024,
            body_bytes: 1024 * 1024,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            handler_time: Duration::from_secs(90),
            connection_time: Duration::from_secs(600),
            grace: Duration::from_secs(2),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            host: HostRule::OwnLoopback,
            cross_site: CrossSite::Refuse,
            bounds: Bounds::default(),
            refuse: Arc::new(plain_refusal),
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("host", &self.host)
            .field("cross_site", &self.cross_site)
            .field("bounds", &self.bounds)
            .finish_non_exhaustive()
    }
}

/// Why a request never reached a handler, or its handler never answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `Host` is missing, doubled, or not this listener's own address: the sign of DNS rebinding.
    ForeignHost,
    /// `Origin` is another page's.
    ForeignOrigin,
    /// The browser says that another site sent it.
    CrossSite,
    /// A page asks whether it may send something; it may not.
    Preflight,
    /// What came is no HTTP request.
    HeadBroken,
    /// Request line and headers are larger than the bound.
    HeadTooLarge {
        /// The bound in bytes.
        limit_bytes: usize,
    },
    /// The body is larger than the bound.
    BodyTooLarge {
        /// The bound in bytes.
        limit_bytes: usize,
    },
    /// The body did not arrive in time.
    BodyTooSlow,
    /// The body broke off or was not framed as HTTP demands.
    BodyBroken,
    /// The handler did not answer in time.
    HandlerTooSlow,
}

impl Refusal {
    /// The status it is answered with.
    pub fn status(self) -> StatusCode {
        match self {
            Self::ForeignHost | Self::ForeignOrigin | Self::CrossSite | Self::Preflight => StatusCode::FORBIDDEN,
            Self::HeadTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::HeadBroken | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::HandlerTooSlow => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The header at fault, if one is.
    pub fn header(self) -> Option<&'static str> {
        match self {
            Self::ForeignHost => Some("Host"),
            Self::ForeignOrigin => Some("Origin"),
            Self::CrossSite => Some("Sec-Fetch-Site"),
            Self::Preflight => Some("Access-Control-Request-Method"),
            _ => None,
        }
    }

    /// What is wrong, as a sentence without full stop.
    pub fn message(self) -> String {
        match self {
            Self::ForeignHost => "Host must be this listener's own loopback address and port".into(),
            Self::ForeignOrigin => "requests from pages of another origin are refused".into(),
            Self::CrossSite => "requests from pages of another site are refused".into(),
            Self::Preflight => "preflight requests are refused".into(),
            Self::HeadBroken => "request line or headers are not HTTP/1.1".into(),
            Self::HeadTooLarge { limit_bytes } => {
                format!("request line and headers must be at most {limit_bytes} bytes")
            }
            Self::BodyTooLarge { limit_bytes } => format!("payload must be at most {limit_bytes} bytes"),
            Self::BodyTooSlow => "payload did not arrive in time".into(),
            Self::BodyBroken => "payload broke off before its end".into(),
            Self::HandlerTooSlow => "the answer took too long".into(),
        }
    }
}

/// One line of plain text.
fn plain_refusal(refusal: Refusal) -> Response {
    let mut response = Response::new(Body::from(format!("{}\n", refusal.message())));
    *response.status_mut() = refusal.status();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
