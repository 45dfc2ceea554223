//! What goes into a reading and what comes out of it.

use serde::Serialize;

use crate::exchange::Response;

/// An answer as far as a reading needs it, from an exchange or from a file.
///
/// *Secrets*: possibly, in headers and body.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// Headers as received, one entry a line.
    pub headers: &'a [(String, String)],
    /// The body's bytes, decoded from their transfer and content coding.
    pub body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The values of all headers of that name, in any case, trimmed, without empty ones.
    pub fn header_values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The first of [`Self::header_values`].
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.header_values(name).next()
    }
}

impl<'a> From<&'a Response> for Answer<'a> {
    fn from(response: &'a Response) -> Self {
        Self { status: response.status, headers: &response.headers, body: &response.sample }
    }
}

/// An error as the answer tells it, before anything is explained.
///
/// *Secrets*: possibly; texts of the answer may repeat what was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorEnvelope {
    /// The shape's name, [`super::UNKNOWN_FORMAT`] where none fits. Shape: `altyaa`.
    pub format: String,
    /// Whether a known shape fits, so that the body tells of an error whatever the status says.
    pub is_recognised: bool,
    /// The machine code that speaks for the whole error.
    pub code: Option<String>,
    /// The sentence a person should read first.
    pub message: Option<String>,
    /// Every request field the answer blames, in its order.
    pub fields: Vec<BlamedField>,
    /// The id that support can find the call by.
    pub request_id: Option<RequestId>,
    /// All other ids of the answer, best first.
    pub other_ids: Vec<RequestId>,
    /// Seconds to wait before sending again.
    pub retry_after_s: Option<f64>,
    /// What the body says of that, where a header said it first.
    pub other_wait_s: Option<f64>,
    /// The status that the body says the answer has.
    pub stated_status: Option<u16>,
    /// The documentation link that the answer itself carries; foreign, to be opened only by the link rule.
    pub doc_url: Option<String>,
    /// Who wrote the answer.
    pub answered_by: AnsweredBy,
}

/// A request field that the answer blames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlamedField {
    /// The path as spelled; segments of an array joined by dots. Shape: `channels[1].name`.
    pub path: String,
    /// Why, in the answer's words.
    pub reason: Option<String>,
    /// Which part of the request the answer itself says it is in.
    pub stated: Stated,
}

impl BlamedField {
    /// A field of which the answer does not say where it is.
    pub fn new(path: impl Into<String>, reason: Option<String>) -> Self {
        Self { path: path.into(), reason, stated: Stated::Nowhere }
    }
}

/// The part of the request that the answer itself names beside a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Stated {
    /// It names none.
    #[default]
    Nowhere,
    /// The payload.
    Body,
    /// The query part of the address.
    Query,
    /// The path of the address.
    Path,
    /// The headers.
    Header,
    /// The cookies.
    Cookie,
    /// The text of a GraphQL query, with line and column from 1 where it says them.
    Graphql(Option<(usize, usize)>),
}

/// An id of the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestId {
    /// The id.
    pub value: String,
    /// Where it stands. Shape: `header x-request-id`, `body /error/requestId`.
    pub source: String,
    /// Who minted it, as far as its name tells.
    pub made_by: IdMaker,
}

/// Who minted an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdMaker {
    /// The API itself: its support can find the call by it.
    Api,
    /// A load balancer or API gateway in front of it.
    Gateway,
    /// A content delivery network or the edge of a hosting platform.
    Cdn,
    /// Distributed tracing, by whichever hop began the trace.
    Tracer,
    /// The caller; the answer only repeats it.
    Client,
    /// Any hop may set a header of that name.
    Unknown,
}

impl IdMaker {
    /// The word for it in `--json` output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Gateway => "gateway",
            Self::Cdn => "cdn",
            Self::Tracer => "tracer",
            Self::Client => "client",
            Self::Unknown => "unknown",
        }
    }
}

/// Who wrote the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnsweredBy {
    /// The API itself: its own envelope.
    Api,
    /// A load balancer or API gateway in front of it.
    Gateway,
    /// A content delivery network.
    Cdn,
    /// A proxy on the person's side.
    Proxy,
    /// Nothing tells.
    Unknown,
}

impl AnsweredBy {
    /// The word for it in `--json` output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Gateway => "gateway",
            Self::Cdn => "cdn",
            Self::Proxy => "proxy",
            Self::Unknown => "unknown",
        }
    }
}
