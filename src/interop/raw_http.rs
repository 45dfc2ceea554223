//! Reads HTTP messages as they are pasted: an answer's head and body, with its request before it or without.

use super::message::{FirstLine, Head, message_at, read_head};
use super::model::header;
use super::verbose::read_verbose;
use super::{ImportedAnswer, ImportedRequest};

/// An exchange as its messages tell it; of several the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawHttp {
    /// The request, if it is there.
    pub request: Option<ImportedRequest>,
    /// The answer to it, if it is there.
    pub answer: Option<ImportedAnswer>,
}

/// Reads the messages that a text begins with; none if it begins with none.
///
/// Shape: `HTTP/1.1 422 …` with head and body; heads of interim answers, proxies and redirects before it (`curl -iL`);
/// a request and its answer; the output of `curl -v`. A chunked body stays as it was pasted.
pub fn read_raw_http(text: &str) -> Option<RawHttp> {
    let at = text.len() - text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace()).len();
    match message_at(text, at) {
        Some(_) => Some(read_messages(text, at)),
        None => read_verbose(text.get(at..)?),
    }
}

/// Reads one message after the other, the first of which begins at a byte.
pub(super) fn read_messages(text: &str, from: usize) -> RawHttp {
    let mut found = RawHttp::default();
    let mut at = from;
    while let Some(head) = read_head(text, at) {
        let end = body_end(text, &head);
        let body = text.get(head.body_at..end).unwrap_or_default();
        match head.first {
            FirstLine::Request { method, target } => {
                let is_last = end == text.len();
                let body = if is_last { body } else { body.trim_end_matches(['\r', '\n']) };
                found.request = Some(request(method, target, head.headers, body));
                found.answer = None;
            }
            FirstLine::Answer { status } => {
                let body = body.as_bytes().to_vec();
                found.answer = Some(ImportedAnswer { status: Some(status), headers: head.headers, body });
            }
        }
        at = message_start(text, end).unwrap_or(text.len());
    }
    found
}

/// A request by its first line and its headers.
pub(super) fn request(method: &str, target: &str, headers: Vec<(String, String)>, body: &str) -> ImportedRequest {
    // The message does not say its scheme, so none is made up.
    let url = match header(&headers, "host") {
        Some(host) if target.starts_with('/') => format!("//{host}{target}"),
        _ => target.to_owned(),
    };
    let body = body.as_bytes().to_vec();
    ImportedRequest { method: method.to_owned(), url, headers, body, is_body_whole: true, ..ImportedRequest::default() }
}

/// Where a message's body ends: before the next message where that can be told, else with the text.
fn body_end(text: &str, head: &Head<'_>) -> usize {
    // Interim answers, redirects and proxies have a head alone.
    if message_start(text, head.body_at).is_some() {
        return head.body_at;
    }
    let length: Option<usize> = header(&head.headers, "content-length").and_then(|value| value.trim().parse().ok());
    let stated = length.and_then(|length| head.body_at.checked_add(length)).filter(|end| text.is_char_boundary(*end));
    if let Some(end) = stated.filter(|end| message_start(text, *end).is_some()) {
        return end;
    }
    match head.first {
        // A body of an answer may quote messages; that of a request is followed by its answer.
        FirstLine::Answer { .. } => text.len(),
        FirstLine::Request { .. } => next_answer(text, head.body_at).unwrap_or(text.len()),
    }
}

/// Where a message begins behind nothing but line breaks.
fn message_start(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let at = at + (rest.len() - rest.trim_start_matches(['\r', '\n']).len());
    message_at(text, at).map(|_| at)
}

/// Where the next line stands that begins an answer.
fn next_answer(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        if line.starts_with("HTTP/") && message_at(text, at).is_some() {
            return Some(at);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> RawHttp {
        read_raw_http(text).unwrap()
    }

    fn answer(text: &str) -> (Option<u16>, String) {
        let answer = read(text).answer.unwrap();
        (answer.status, String::from_utf8(answer.body).unwrap())
    }

    #[test]
    fn the_last_head_counts() {
        for (text, status, body) in [
            ("HTTP/1.1 422 X\r\nA: b\r\n\r\n{}", 422, "{}"),
            ("\u{feff}\n HTTP/2 500\n\nx\n", 500, "x\n"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 409 C\r\n\r\n{\"a\":1}", 409, "{\"a\":1}"),
            (
                "HTTP/1.1 200 Connection established\n\nHTTP/1.1 301 M\nLocation: /b\n\nHTTP/2 404\nA: b\n\nno",
                404,
                "no",
            ),
            ("HTTP/1.1 200 OK\nContent-Length: 2\n\nabHTTP/1.1 400 B\n\nc", 400, "c"),
            ("HTTP/1.1 400 B\nTransfer-Encoding: chunked\n\n5\r\nhello\r\n0\r\n\r\n", 400, "5\r\nhello\r\n0\r\n\r\n"),
            ("HTTP/1.1 400 B\n\nsee\nHTTP/1.1 200 OK\n", 400, "see\nHTTP/1.1 200 OK\n"),
            ("HTTP/1.1 400 B\nContent-Length: 1\n\né", 400, "é"),
            ("HTTP/1.1 404", 404, ""),
        ] {
            assert_eq!(answer(text), (Some(status), body.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_request_is_followed_by_its_answer() {
        let text = "POST /v1/posts?a=b HTTP/1.1\nHost: api.example.com\nContent-Type: application/json\n\n{\"a\":\n1}\n\n\
                    HTTP/1.1 422 X\nX-Request-Id: r\n\n{\"error\":1}";
        let found = read(text);
        let request = found.request.unwrap();
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "//api.example.com/v1/posts?a=b"));
        assert_eq!(request.payload(), Some("{\"a\":\n1}"));
        assert_eq!(found.answer.unwrap().status, Some(422));
        let found = read("GET http://x/ HTTP/1.1\r\n\r\n");
        assert_eq!((found.request.unwrap().url.as_str(), found.answer), ("http://x/", None));
        let two = "GET /a HTTP/1.1\n\nHTTP/1.1 204 N\n\nGET /b HTTP/1.1\n\nHTTP/1.1 500 E\n\nx";
        let found = read(two);
        assert_eq!((found.request.unwrap().url.as_str(), found.answer.unwrap().status), ("/b", Some(500)));
    }

    #[test]
    fn text_is_no_message() {
        for text in ["", "HTTP is a protocol", "{\"a\":1}", "GET it done\n", "> quoted text\n", "* a\n* b\n", "< 5"] {
            assert_eq!(read_raw_http(text), None, "{text}");
        }
    }

    #[test]
    fn hostile_messages_take_linear_time() {
        let began = std::time::Instant::now();
        for piece in [
            "HTTP/1.1 200 OK\n\n",
            "GET / HTTP/1.1\n\n",
            "A: b\n",
            "\n",
            " x\n",
            "GET / HTTP/1.1\nContent-Length: 99\n\nx\n",
        ] {
            let _ = read_raw_http(&format!("HTTP/1.1 200 OK\n{}", piece.repeat(3_000_000 / piece.len())));
        }
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
