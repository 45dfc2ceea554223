//! Reads HTTP archives (HAR 1.2): requests with their answers and times, as far as they are there.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

use super::{ImportedAnswer, ImportedRequest, PartKind};
use crate::text::{Document, Kind, Node, SyntaxError};

/// More entries than this are counted, not listed.
pub const MOST_ENTRIES: usize = 10_000;
/// The longest archive that is read, in bytes.
const MAX_BYTES: usize = 256 << 20;
/// More headers or parameters of one message are not read.
const MOST_PAIRS: usize = 10_000;

/// Base64 with its padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// An archive.
///
/// *Secrets*: possibly, in every part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Har {
    /// The first 10,000 entries in their order.
    pub entries: Vec<HarEntry>,
    /// How many entries there are.
    pub total: usize,
    /// Where the archive breaks off or is no JSON; entries before that place were read.
    pub fault: Option<SyntaxError>,
}

/// One exchange of an archive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HarEntry {
    /// The request.
    pub request: ImportedRequest,
    /// The answer; none if none came.
    pub answer: Option<ImportedAnswer>,
    /// When it was sent, as written. Shape: `2026-11-23T08:00:00.000Z`.
    pub started_at: Option<String>,
    /// How long it took, in milliseconds.
    pub time_ms: Option<f64>,
}

/// Why a text is no archive that can be read.
#[derive(Debug, Error)]
pub enum HarError {
    /// More than 256 MiB.
    #[error("the archive is larger than 256 MiB")]
    TooLarge,
    /// It is no JSON, and no entry stands before the fault.
    #[error("this is no HAR file: {0}")]
    Syntax(#[source] SyntaxError),
    /// It is JSON without `log.entries`.
    #[error("this is no HAR file: it has no list log.entries")]
    NoEntries,
}

impl HarError {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::Syntax(error) => format!("this is no HAR file: {}", error.summary()),
            Self::TooLarge | Self::NoEntries => self.to_string(),
        }
    }

    /// Where. Shape: `line 3, column 7`.
    pub fn place(&self) -> String {
        match self {
            Self::Syntax(error) => error.place(),
            Self::NoEntries => "line 1, column 1".to_owned(),
            Self::TooLarge => String::new(),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Syntax(error) => error.fix(),
            Self::NoEntries => "save it again as HAR, such as with Save all as HAR in a browser's network panel",
            Self::TooLarge => "save fewer requests, or without their bodies",
        }
    }
}

/// Reads an archive; members that are missing or of another type are left out.
///
/// # Errors
///
/// [`HarError`]: too large, no JSON, no list of entries.
pub fn read_har(text: &str) -> Result<Har, HarError> {
    if text.len() > MAX_BYTES {
        return Err(HarError::TooLarge);
    }
    let document = Document::parse(text);
    let entries = entries_of(&document);
    let Some(list) = entries else {
        return Err(document.error().cloned().map_or(HarError::NoEntries, HarError::Syntax));
    };
    let mut har = Har { fault: document.error().cloned(), ..Har::default() };
    for item in list.items() {
        har.total += 1;
        if har.entries.len() < MOST_ENTRIES && item.is_complete() {
            har.entries.extend(read_entry(item));
        }
    }
    match har.fault.take() {
        Some(error) if har.entries.is_empty() => Err(HarError::Syntax(error)),
        fault => Ok(Har { fault, ..har }),
    }
}

/// The list of entries, if it is there.
pub(super) fn entries_of<'d, 't>(document: &'d Document<'t>) -> Option<Node<'d, 't>> {
    let entries = document.root()?.get("log")?.get("entries")?;
    (entries.kind() == Kind::Array).then_some(entries)
}

/// One entry; none if it has no request.
pub(super) fn read_entry(entry: Node<'_, '_>) -> Option<HarEntry> {
    let request = entry.get("request").filter(|request| request.kind() == Kind::Object)?;
    Some(HarEntry {
        request: read_request(request),
        answer: entry.get("response").and_then(read_answer),
        started_at: text(entry, "startedDateTime"),
        time_ms: entry.get("time").and_then(Node::as_f64).filter(|time| *time >= 0.0),
    })
}

fn read_request(node: Node<'_, '_>) -> ImportedRequest {
    let mut request = ImportedRequest {
        method: text(node, "method").unwrap_or_else(|| "GET".to_owned()),
        url: text(node, "url").unwrap_or_default(),
        headers: pairs(node.get("headers")).filter(|(name, _)| !name.starts_with(':')).collect(),
        ..ImportedRequest::default()
    };
    let posted = node.get("postData").filter(|posted| posted.kind() == Kind::Object);
    let Some(posted) = posted else {
        // Without it there was no payload, or it was not kept.
        let size = node.get("bodySize").and_then(Node::as_i64);
        request.is_body_whole = match size {
            Some(size) if size >= 0 => size == 0,
            _ => ["GET", "HEAD", "DELETE", "OPTIONS"].contains(&request.method.as_str()),
        };
        return request;
    };
    request.is_body_whole = true;
    for param in posted.get("params").into_iter().flat_map(Node::items).take(MOST_PAIRS) {
        if let Some(file) = text(param, "fileName").filter(|file| !file.is_empty()) {
            request.add_part("postData", &file, PartKind::FormFile);
        }
    }
    let is_multipart = text(posted, "mimeType").is_some_and(|kind| kind.to_ascii_lowercase().contains("multipart"));
    match posted.get("text").and_then(Node::as_str) {
        Some(payload) if !payload.is_empty() || posted.get("params").is_none_or(Node::is_empty) => {
            request.body = body(payload, text(posted, "encoding"));
        }
        _ if is_multipart => request.is_body_whole = false,
        _ => {
            let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let params =
                pairs(posted.get("params")).map(|(name, value)| format!("{}={}", escaped(&name), escaped(&value)));
            request.body = params.collect::<Vec<_>>().join("&").into_bytes();
        }
    }
    request
}

/// An answer; none if its status is 0, which is how archives say that none came.
fn read_answer(node: Node<'_, '_>) -> Option<ImportedAnswer> {
    let status = node.get("status").and_then(Node::as_i64).and_then(|status| u16::try_from(status).ok());
    let status = status.filter(|status| (100..=999).contains(status))?;
    let content = node.get("content");
    let text_of_body = content.and_then(|content| content.get("text")).and_then(Node::as_str);
    let encoding = content.and_then(|content| text(content, "encoding"));
    Some(ImportedAnswer {
        status: Some(status),
        headers: pairs(node.get("headers")).filter(|(name, _)| !name.starts_with(':')).collect(),
        body: text_of_body.map(|text| body(text, encoding)).unwrap_or_default(),
    })
}

/// A body's bytes; base64 that is none stays the text it is.
fn body(text: Cow<'_, str>, encoding: Option<String>) -> Vec<u8> {
    if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        if let Ok(bytes) = BASE64.decode(packed) {
            return bytes;
        }
    }
    text.into_owned().into_bytes()
}

/// Pairs as archives write them. Shape: `[{"name": "A", "value": "b"}]`.
fn pairs(list: Option<Node<'_, '_>>) -> impl Iterator<Item = (String, String)> {
    let items = list.into_iter().flat_map(Node::items).take(MOST_PAIRS);
    items.filter_map(|item| Some((text(item, "name")?, text(item, "value").unwrap_or_default())))
}

/// A member's text.
fn text(node: Node<'_, '_>, key: &str) -> Option<String> {
    node.get(key)?.as_str().map(Cow::into_owned)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &serde_json::Value) -> Har {
        read_har(&value.to_string()).unwrap()
    }

    #[test]
    fn an_entry_is_read_with_all_its_parts() {
        let har = read(&json!({"log": {"version": "1.2", "entries": [{
            "startedDateTime": "2026-11-23T08:00:00Z",
            "time": 12.5,
            "request": {
                "method": "POST", "url": "https://x/v1?a=b", "bodySize": 7,
                "headers": [{"name": "A", "value": "b"}, {"name": ":method", "value": "POST"}, {"name": "C"}, 5],
                "postData": {"mimeType": "application/json", "text": "{\"a\":1}"}
            },
            "response": {
                "status": 422, "headers": [{"name": "X-Request-Id", "value": "r"}],
                "content": {"mimeType": "application/json", "text": "eyJhIjoxfQ", "encoding": "base64"}
            }
        }]}}));
        let entry = &har.entries[0];
        assert_eq!((entry.started_at.as_deref(), entry.time_ms), (Some("2026-11-23T08:00:00Z"), Some(12.5)));
        assert_eq!((entry.request.method.as_str(), entry.request.url.as_str()), ("POST", "https://x/v1?a=b"));
        assert_eq!(entry.request.headers, [("A".into(), "b".into()), ("C".into(), String::new())]);
        assert_eq!(entry.request.payload(), Some("{\"a\":1}"));
        let answer = entry.answer.as_ref().unwrap();
        assert_eq!((answer.status, answer.body.as_slice(), answer.headers.len()), (Some(422), &b"{\"a\":1}"[..], 1));
        assert_eq!((har.total, har.fault), (1, None));
    }

    #[test]
    fn payloads_are_whole_or_said_not_to_be() {
        for (request, payload, parts) in [
            (json!({"method": "GET"}), Some(""), 0),
            (json!({"method": "POST"}), None, 0),
            (json!({"method": "POST", "bodySize": 0}), Some(""), 0),
            (json!({"method": "GET", "bodySize": 9}), None, 0),
            (
                json!({"method": "POST", "postData": {"params": [{"name": "a b", "value": "c&"}]}}),
                Some("a%20b=c%26"),
                0,
            ),
            (json!({"method": "POST", "postData": {"text": "YQ==", "encoding": "base64"}}), Some("a"), 0),
            (json!({"method": "POST", "postData": {"text": ""}}), Some(""), 0),
            (
                json!({"method": "POST", "postData": {"mimeType": "multipart/form-data", "params": [{"name": "f", "fileName": "/etc/passwd"}]}}),
                None,
                1,
            ),
        ] {
            let har = read(&json!({"log": {"entries": [{"request": request}]}}));
            let read = &har.entries[0].request;
            assert_eq!((read.payload(), read.named_parts.len()), (payload, parts), "{request}");
        }
    }

    #[test]
    fn members_that_are_missing_or_wrong_are_left_out() {
        for entry in [
            json!({"request": {}}),
            json!({"request": {"method": 5, "url": null, "headers": "x", "postData": []}, "response": []}),
            json!({"request": {}, "response": {"status": 0}, "time": "x"}),
            json!({"request": {}, "response": {"status": 70000}}),
        ] {
            let har = read(&json!({"log": {"entries": [entry]}}));
            assert_eq!((har.entries[0].request.method.as_str(), &har.entries[0].answer), ("GET", &None), "{entry}");
        }
        let har = read(&json!({"log": {"entries": [5, null, {}, {"request": {}}]}}));
        assert_eq!((har.entries.len(), har.total), (1, 4));
        let odd = json!({"log": {"entries": [{"request": {}, "response": {"status": 400, "content": {"text": "a!", "encoding": "base64"}}}]}});
        assert_eq!(read(&odd).entries[0].answer.as_ref().unwrap().body, b"a!");
    }

    #[test]
    fn what_is_no_archive_is_refused_with_place_and_remedy() {
        for (text, place) in [
            ("", "line 1, column 1"),
            ("{\"log\": {\n]", "line 2, column 1"),
            ("{}", "line 1, column 1"),
            ("{\"log\": {\"entries\": {}}}", "line 1, column 1"),
            ("[1]", "line 1, column 1"),
            ("{\"log\": {\"entries\": [{\"request\": {", "line 1, column 35"),
        ] {
            let error = read_har(text).unwrap_err();
            assert_eq!(error.place(), place, "{text}: {error}");
            assert!(!error.fix().is_empty() && error.summary().contains("no HAR"));
        }
    }

    #[test]
    fn what_stands_before_a_fault_is_read() {
        let har =
            read_har("\u{feff}{\"log\": {\"entries\": [{\"request\": {\"url\": \"a\"}}, {\"request\": {\"url\": \"b")
                .unwrap();
        assert_eq!((har.entries.len(), har.total, har.fault.is_some()), (1, 2, true));
    }

    #[test]
    fn many_entries_are_counted_and_deep_ones_are_read() {
        let many = format!("{{\"log\":{{\"entries\":[{}{{}}]}}}}", "{\"request\":{}},".repeat(MOST_ENTRIES + 5));
        let har = read_har(&many).unwrap();
        assert_eq!((har.entries.len(), har.total), (MOST_ENTRIES, MOST_ENTRIES + 6));
        let deep = format!("{{\"log\":{{\"entries\":{}{}}}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read_har(&deep).unwrap().entries.len(), 0);
        let deep = format!("{{\"log\":{{\"entries\":[{{\"request\":{}", "{\"a\":".repeat(100_000));
        assert!(read_har(&deep).is_err());
    }
}
