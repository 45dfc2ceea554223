//! Two exchanges side by side: what is different, and what of it most likely explains why one failed.

use serde::Serialize;

use super::compare_body::{BodyDifference, differences};
use super::endpoint::split_address;
use crate::exchange::{ExchangeRecord, RecordedBody, RecordedResponse};
use crate::text::{Document, locate};

/// How many differences are told; behind them only that there are more.
const MAX_DIFFERENCES: usize = 500;

/// How much of a value is shown, in bytes.
const MAX_VALUE_BYTES: usize = 2000;

/// Which part of an exchange is different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferencePart {
    /// The credential's name.
    Credential,
    /// The environment's name.
    Environment,
    /// The workspace's id.
    Workspace,
    /// The method.
    Method,
    /// The address without its query.
    Address,
    /// A value of the payload; the name is its JSON pointer, or empty for a payload that is no JSON.
    RequestBody,
    /// A query parameter.
    Query,
    /// A request header.
    RequestHeader,
    /// Why there was no whole answer.
    Transport,
    /// The status.
    Status,
    /// The envelope's code.
    Code,
    /// A value of the answer's body; the name is its JSON pointer, or empty for a body that is no JSON.
    ResponseBody,
    /// A response header.
    ResponseHeader,
}

impl DifferencePart {
    /// What it is called in a list.
    pub fn label(self) -> &'static str {
        match self {
            Self::Credential => "Credential",
            Self::Environment => "Environment",
            Self::Workspace => "Workspace",
            Self::Method => "Method",
            Self::Address => "Address",
            Self::RequestBody => "Payload",
            Self::Query => "Query",
            Self::RequestHeader => "Request header",
            Self::Transport => "Transport",
            Self::Status => "Status",
            Self::Code => "Code",
            Self::ResponseBody => "Answer",
            Self::ResponseHeader => "Response header",
        }
    }
}

/// One thing that is different.
///
/// *Secrets*: none; both sides are redacted. Two placeholders of the same name may stand for different values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where.
    pub part: DifferencePart,
    /// The header, parameter or JSON pointer; empty where the part says it all.
    pub name: String,
    /// The value of the first exchange; none where it has none.
    pub before: Option<String>,
    /// The value of the second exchange; none where it has none.
    pub after: Option<String>,
    /// Whether it is different in any two exchanges: dates, ids, lengths. Those come last.
    pub is_usual: bool,
}

/// What is different between two exchanges, what most likely explains a failure first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The id of the first exchange.
    pub before: String,
    /// The id of the second exchange.
    pub after: String,
    /// The differences, ranked.
    pub differences: Vec<Difference>,
    /// How many more there are than are listed.
    pub more: usize,
}

/// Compares two exchanges, usually one that worked with one that failed.
///
/// Causes come before effects: what was sent before what came back, and in it first who asked and where, then the value
/// that the answer blames, then the rest of the payload.
pub fn compare(before: &ExchangeRecord, after: &ExchangeRecord) -> Comparison {
    let mut found = Found::default();
    let text = |value: &str| Some(value.to_owned());
    found.pair(DifferencePart::Credential, before.credential.clone(), after.credential.clone());
    found.pair(DifferencePart::Environment, text(&before.environment), text(&after.environment));
    found.pair(DifferencePart::Workspace, before.workspace.clone(), after.workspace.clone());
    found.pair(DifferencePart::Method, text(&before.method), text(&after.method));
    let (address_before, query_before) = split_address(&before.url);
    let (address_after, query_after) = split_address(&after.url);
    found.pair(DifferencePart::Address, text(address_before), text(address_after));
    found.lists(DifferencePart::Query, &pairs(query_before), &pairs(query_after));
    found.lists(DifferencePart::RequestHeader, &lower(&before.request_headers), &lower(&after.request_headers));
    found.bodies(DifferencePart::RequestBody, &before.request_body, &after.request_body);
    let kind = |record: &ExchangeRecord| record.transport_error.as_ref().map(|error| error.kind.clone());
    found.pair(DifferencePart::Transport, kind(before), kind(after));
    let status = |record: &ExchangeRecord| record.response.as_ref().map(|response| response.status.to_string());
    found.pair(DifferencePart::Status, status(before), status(after));
    found.pair(DifferencePart::Code, before.code.clone(), after.code.clone());
    let nothing = RecordedBody::default();
    let body = |record: &'_ ExchangeRecord| record.response.as_ref().map(|response| response.body.clone());
    found.bodies(
        DifferencePart::ResponseBody,
        &body(before).unwrap_or_else(|| nothing.clone()),
        &body(after).unwrap_or(nothing),
    );
    let headers =
        |response: Option<&RecordedResponse>| response.map(|response| lower(&response.headers)).unwrap_or_default();
    found.lists(DifferencePart::ResponseHeader, &headers(before.response.as_ref()), &headers(after.response.as_ref()));
    let mut differences = found.differences;
    let blamed = [before, after].map(blamed_pointer);
    differences.sort_by_key(|difference| rank(difference, &blamed));
    let more = differences.len().saturating_sub(MAX_DIFFERENCES);
    differences.truncate(MAX_DIFFERENCES);
    Comparison { before: before.id.clone(), after: after.id.clone(), differences, more }
}

/// Causes first; stable, so that equals stay in the order of the text.
fn rank(difference: &Difference, blamed: &[Option<String>]) -> (bool, u8, DifferencePart) {
    let name = difference.name.as_str();
    let is_blamed = difference.part == DifferencePart::RequestBody
        && blamed.iter().flatten().any(|pointer| {
            pointer == name
                || pointer.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
                || name.strip_prefix(pointer.as_str()).is_some_and(|rest| rest.starts_with('/'))
        });
    let step = match difference.part {
        _ if is_blamed => 0,
        DifferencePart::Credential | DifferencePart::Environment | DifferencePart::Workspace => 1,
        DifferencePart::Method | DifferencePart::Address => 2,
        DifferencePart::RequestHeader if DECISIVE.contains(&name) => 3,
        DifferencePart::RequestBody | DifferencePart::Query => 4,
        DifferencePart::RequestHeader => 5,
        DifferencePart::Transport | DifferencePart::Status | DifferencePart::Code => 6,
        DifferencePart::ResponseBody => 7,
        DifferencePart::ResponseHeader => 8,
    };
    (difference.is_usual, step, difference.part)
}

/// The value that a failed answer blames, as a pointer into that payload; none if it blames none or it is not there.
fn blamed_pointer(record: &ExchangeRecord) -> Option<String> {
    let field = record.field.as_deref()?;
    let document = Document::parse(&record.request_body.text);
    match locate(&document, field) {
        Some(node) => Some(node.pointer().as_str().to_owned()),
        // What is missing is blamed by a name that leads nowhere.
        None => Some(format!("/{}", field.trim_start_matches(['/', '$', '.']).replace('.', "/"))),
    }
}

/// Request headers that decide how a request is understood, or who sends it.
const DECISIVE: &[&str] = &["authorization", "content-type", "accept", "x-api-key", "x-workspace-id", "host"];

/// Headers that are different in any two exchanges.
const USUAL: &[&str] = &[
    "age",
    "cf-ray",
    "content-length",
    "date",
    "etag",
    "expires",
    "idempotency-key",
    "last-modified",
    "request-id",
    "server-timing",
    "set-cookie",
    "traceparent",
    "tracestate",
    "x-amz-cf-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-correlation-id",
    "x-request-id",
    "x-runtime",
    "x-response-time",
    "x-trace-id",
];

fn is_usual(part: DifferencePart, name: &str) -> bool {
    let is_header = matches!(part, DifferencePart::RequestHeader | DifferencePart::ResponseHeader);
    is_header && (USUAL.contains(&name) || name.starts_with("x-ratelimit-") || name.starts_with("ratelimit"))
}

#[derive(Default)]
struct Found {
    differences: Vec<Difference>,
}

impl Found {
    fn add(&mut self, part: DifferencePart, name: &str, before: Option<String>, after: Option<String>) {
        let is_usual = is_usual(part, name);
        let (before, after) = (before.map(shortened), after.map(shortened));
        self.differences.push(Difference { part, name: name.to_owned(), before, after, is_usual });
    }

    fn pair(&mut self, part: DifferencePart, before: Option<String>, after: Option<String>) {
        if before != after {
            self.add(part, "", before, after);
        }
    }

    /// Names in their order, those of the first side before those that only the second has.
    fn lists(&mut self, part: DifferencePart, before: &[(String, String)], after: &[(String, String)]) {
        let mut seen: Vec<&str> = Vec::new();
        for (name, _) in before.iter().chain(after) {
            if seen.contains(&name.as_str()) {
                continue;
            }
            seen.push(name);
            let all = |list: &[(String, String)]| {
                let values: Vec<&str> =
                    list.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect();
                (!values.is_empty()).then(|| values.join(", "))
            };
            let (before, after) = (all(before), all(after));
            if before != after {
                self.add(part, name, before, after);
            }
        }
    }

    fn bodies(&mut self, part: DifferencePart, before: &RecordedBody, after: &RecordedBody) {
        for BodyDifference { name, before, after } in differences(before, after) {
            self.add(part, &name, before, after);
        }
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > MAX_VALUE_BYTES {
        text.truncate(text.floor_char_boundary(MAX_VALUE_BYTES));
        text.push('…');
    }
    text
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (name.to_owned(), value.to_owned())
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn lower(headers: &[(String, String)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
}
