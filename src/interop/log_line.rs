//! Reads an exchange out of JSON log lines: one object, or lines of them with or without a prefix.

use super::log_members::{Members, NAMES};
use super::raw_http::RawHttp;
use super::{ImportedAnswer, ImportedRequest};
use crate::text::{Document, Kind, Node};

/// How deep a line may be wrapped in others.
const MOST_WRAPS: usize = 3;
/// More headers are not read.
const MOST_HEADERS: usize = 1000;

/// Reads the last failed exchange of a log, else the last one; none if no line holds an answer.
///
/// An error body that tells its own status is no log line: beside the status there has to be an answer's body, or the
/// status has to stand under a name that only logs use (`res.statusCode`).
pub fn read_log_line(text: &str) -> Option<RawHttp> {
    let text = text.trim_start_matches('\u{feff}');
    let whole = Document::parse(text);
    if let Some(root) = whole.root().filter(|_| whole.is_complete()) {
        return match root.kind() {
            Kind::Object => exchange(root),
            // A list of lines, as consoles export them.
            Kind::Array => last(root.items().filter_map(exchange)),
            _ => None,
        };
    }
    last(text.lines().filter_map(|line| {
        let json = line.get(memchr::memchr(b'{', line.as_bytes())?..)?.trim_end();
        let document = Document::parse(json);
        exchange(document.root().filter(|_| document.is_complete())?)
    }))
}

/// The last that failed, else the last.
fn last(found: impl Iterator<Item = RawHttp>) -> Option<RawHttp> {
    let has_failed = |one: &RawHttp| one.answer.as_ref().is_some_and(ImportedAnswer::has_failed);
    found.reduce(|before, next| if has_failed(&next) || !has_failed(&before) { next } else { before })
}

/// The exchange in a line's object, or in what it wraps.
fn exchange(line: Node<'_, '_>) -> Option<RawHttp> {
    unwrapped(line, MOST_WRAPS)
}

/// Goes down at most `left` times, so that no depth of foreign text matters.
fn unwrapped(line: Node<'_, '_>, left: usize) -> Option<RawHttp> {
    if line.kind() != Kind::Object {
        return None;
    }
    let members = Members::of(line);
    let found = direct(&members);
    if found.is_some() || left == 0 {
        return found;
    }
    members.find(&NAMES.wrappers, |inner| match inner.kind() {
        Kind::Object => unwrapped(inner, left - 1),
        Kind::String => {
            let text = inner.as_str().filter(|text| text.trim_start().starts_with('{'))?;
            let document = Document::parse(&text);
            unwrapped(document.root().filter(|_| document.is_complete())?, left - 1)
        }
        _ => None,
    })
}

/// The exchange that an object holds itself.
fn direct(members: &Members<'_, '_>) -> Option<RawHttp> {
    let body = members.find(&NAMES.body, body_of);
    let method = members.find(&NAMES.method, text_of);
    let url = members.find(&NAMES.url, text_of);
    let certain = members.find(&NAMES.status, status_of);
    let status = certain.or_else(|| members.find(&NAMES.shared_status, status_of).filter(|_| body.is_some()))?;
    let payload = members.find(&NAMES.request_body, body_of);
    let request = (method.is_some() || url.is_some() || payload.is_some()).then(|| ImportedRequest {
        method: method.unwrap_or_default().to_ascii_uppercase(),
        url: url.unwrap_or_default(),
        headers: members.find(&NAMES.request_headers, headers_of).unwrap_or_default(),
        is_body_whole: payload.is_some(),
        body: payload.unwrap_or_default(),
        ..ImportedRequest::default()
    });
    let headers = members.find(&NAMES.headers, headers_of).unwrap_or_default();
    let answer = ImportedAnswer { status: Some(status), headers, body: body.unwrap_or_default() };
    Some(RawHttp { request, answer: Some(answer) })
}

/// A status as a number or as text.
fn status_of(node: Node<'_, '_>) -> Option<u16> {
    let status = match node.kind() {
        Kind::Number => node.raw().parse().ok(),
        Kind::String => node.as_str()?.trim().parse().ok(),
        _ => None,
    };
    status.filter(|status| (100..=599).contains(status))
}

/// A body: text as it reads, JSON as it is written.
fn body_of(node: Node<'_, '_>) -> Option<Vec<u8>> {
    match node.kind() {
        Kind::String => Some(node.as_str()?.into_owned().into_bytes()),
        Kind::Object | Kind::Array => Some(node.raw().as_bytes().to_vec()),
        _ => None,
    }
}

fn text_of(node: Node<'_, '_>) -> Option<String> {
    node.as_str().map(|text| text.into_owned()).filter(|text| !text.is_empty())
}

/// Headers as an object of texts or lists, a list of pairs, or a list of names with values.
fn headers_of(node: Node<'_, '_>) -> Option<Vec<(String, String)>> {
    let value_of = |node: Node<'_, '_>| match node.kind() {
        Kind::String => node.as_str().map(|text| text.into_owned()),
        Kind::Number | Kind::Bool => Some(node.raw().to_owned()),
        _ => None,
    };
    let mut headers = Vec::new();
    match node.kind() {
        Kind::Object => {
            for member in node.members().take(MOST_HEADERS) {
                let name = member.key.into_owned();
                if let Some(value) = value_of(member.value) {
                    headers.push((name, value));
                    continue;
                }
                for value in member.value.items().take(MOST_HEADERS).filter_map(value_of) {
                    headers.push((name.clone(), value));
                }
                if headers.len() >= MOST_HEADERS {
                    break;
                }
            }
        }
        Kind::Array => {
            for item in node.items().take(MOST_HEADERS) {
                let part = |index: usize, key: &str| item.index(index).or_else(|| item.get(key)).and_then(value_of);
                headers.extend(part(0, "name").zip(part(1, "value")));
            }
        }
        _ => return None,
    }
    Some(headers)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Status, body, number of headers; method, address and payload.
    type Read = (u16, String, usize, Option<(String, String, Option<String>)>);

    fn read(text: &str) -> Option<Read> {
        let found = read_log_line(text)?;
        let answer = found.answer.unwrap();
        let request = found.request.map(|r| (r.method.clone(), r.url.clone(), r.payload().map(str::to_owned)));
        Some((answer.status.unwrap(), String::from_utf8(answer.body).unwrap(), answer.headers.len(), request))
    }

    #[test]
    fn lines_of_common_loggers_are_read() {
        let request =
            |method: &str, url: &str, body: Option<&str>| Some((method.into(), url.into(), body.map(str::to_owned)));
        for (line, expected) in [
            (
                json!({"level": 50, "req": {"method": "post", "url": "/v1", "body": "{}"}, "res": {"statusCode": 422, "headers": {"A": "b", "C": ["d", 5]}}, "msg": "failed"}),
                (422, "", 3, request("POST", "/v1", Some("{}"))),
            ),
            (
                json!({"status": 400, "response_body": "{\"error\": \"é\"}", "method": "GET", "path": "/a"}),
                (400, "{\"error\": \"é\"}", 0, request("GET", "/a", None)),
            ),
            (json!({"statusCode": 422, "headers": [["A", "b"]], "body": "{\"e\":1}"}), (422, "{\"e\":1}", 1, None)),
            (
                json!({"http.status_code": "503", "http.method": "GET", "http.url": "https://x/"}),
                (503, "", 0, request("GET", "https://x/", None)),
            ),
            (
                json!({"message": "Request failed", "config": {"url": "/a", "method": "put", "data": "{\"a\":1}"}, "response": {"status": 409, "data": {"e": [1, 2]}, "headers": [{"name": "A", "value": "b"}]}}),
                (409, "{\"e\":[1,2]}", 1, request("PUT", "/a", Some("{\"a\":1}"))),
            ),
            (
                json!({"time": "x", "jsonPayload": {"msg": "{\"response\": {\"status\": 404, \"body\": \"no\"}}"}}),
                (404, "no", 0, None),
            ),
        ] {
            let (status, body, headers, request) = expected;
            assert_eq!(read(&line.to_string()), Some((status, body.to_owned(), headers, request)), "{line}");
        }
    }

    #[test]
    fn error_bodies_are_no_log_lines() {
        for body in [
            json!({"error": {"code": "x", "message": "m"}}),
            json!({"type": "about:blank", "title": "t", "status": 422, "detail": "d"}),
            json!({"timestamp": "t", "status": 404, "error": "Not Found", "path": "/v1"}),
            json!({"statusCode": 400, "error": "Bad Request", "message": "m"}),
            json!({"status": "error", "message": "m", "data": {"a": 1}}),
            json!({"errors": [{"status": "422", "code": "x"}]}),
            json!({"detail": [{"loc": ["body", "a"]}], "body": {"a": 1}}),
            json!({"code": 5, "message": "m", "body": "x"}),
            json!({"statusCode": 400, "timestamp": "t", "path": "/v1", "method": "GET", "message": "m"}),
            json!({"code": "x", "message": "m", "http_status": 422}),
            json!({"error": {"statusCode": 400, "name": "BadRequestError", "message": "m"}}),
            json!([]),
            json!("x"),
        ] {
            assert_eq!(read(&body.to_string()), None, "{body}");
        }
        for text in ["", "x", "{", "{\"status\": 400, \"body\": \"cut", "a { b }"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn of_many_lines_the_last_that_failed_counts() {
        let line = |status: u16, body: &str| json!({"status": status, "response_body": body}).to_string();
        let text = format!(
            "\u{feff}{}\r\nno json\napp_1 | {}\n2026-11-23 ERROR {}\n{}\n",
            line(400, "a"),
            line(500, "b"),
            line(200, "c"),
            "{\"msg\": \"x\"}"
        );
        assert_eq!(read(&text).unwrap().1, "b");
        assert_eq!(read(&format!("{}\n{}", line(200, "a"), line(201, "b"))).unwrap().1, "b");
        assert_eq!(read(&format!("[{}, {}]", line(400, "a"), line(200, "b"))).unwrap().1, "a");
    }

    #[test]
    fn hostile_lines_take_linear_time() {
        let began = std::time::Instant::now();
        let wrapped = "{\"message\":".repeat(100_000);
        assert_eq!(read(&format!("{wrapped}1{}", "}".repeat(100_000))), None);
        let _ = read(&"{\"a\":1}\n".repeat(500_000));
        let _ = read(&format!("{{{}\"status\":400}}", "\"body\":\"x\",".repeat(500_000)));
        let _ = read(&"{".repeat(5_000_000));
        let _ = read(&"{\n".repeat(2_000_000));
        let _ = read(&format!("{{\"response\":{{\"headers\":{{{}\"a\":1}}}}}}", "\"b\":[1,2],".repeat(500_000)));
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
