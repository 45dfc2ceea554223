//! Reads the output of `curl -v`: lines sent behind `>`, lines received behind `<`, remarks behind `*`, the body bare.

use super::message::{FirstLine, first_line, read_head};
use super::raw_http::{RawHttp, read_messages, request};

/// How many lines may stand before the first that was sent or received.
const MOST_REMARKS: usize = 500;

/// Reads such output; none if no message's first line is among its first lines.
pub(super) fn read_verbose(text: &str) -> Option<RawHttp> {
    if !is_verbose(text) {
        return None;
    }
    let (mut sent, mut received, mut body) = (String::new(), String::new(), String::new());
    for line in text.split_inclusive('\n') {
        if let Some(part) = part_of(line, '>') {
            if matches!(first_line(part), Some(FirstLine::Request { .. })) {
                sent.clear();
                received.clear();
            }
            sent.push_str(part);
        } else if let Some(part) = part_of(line, '<') {
            // An earlier answer, perhaps a redirect, makes way for this one.
            if matches!(first_line(part), Some(FirstLine::Answer { .. })) {
                received.clear();
            }
            body.clear();
            received.push_str(part);
        } else if !is_remark(line) && !received.is_empty() {
            body.push_str(line);
        }
    }
    body.truncate(glued_remark(&body));
    let mut found = RawHttp::default();
    if let Some(head) = read_head(&sent, 0)
        && let FirstLine::Request { method, target } = head.first
    {
        let mut request = request(method, target, head.headers, "");
        // What was sent as payload is not printed.
        let has_payload = request.header("content-length").is_some_and(|length| length.trim() != "0")
            || request.header("transfer-encoding").is_some();
        request.is_body_whole = !has_payload;
        found.request = Some(request);
    }
    // With `-i` the head is there twice, and the bare one stands right before the body.
    let bare = if first_line(body.lines().next().unwrap_or_default()).is_some() { &body } else { "" };
    found.answer = match bare {
        "" => read_messages(&received, 0).answer.map(|mut answer| {
            answer.body = body.into_bytes();
            answer
        }),
        bare => read_messages(bare, 0).answer,
    };
    Some(found)
}

/// The part of a line behind its sign.
fn part_of(line: &str, sign: char) -> Option<&str> {
    let rest = line.strip_prefix(sign)?;
    match rest.strip_prefix(' ') {
        Some(part) => Some(part),
        None => rest.trim_end_matches(['\r', '\n']).is_empty().then_some(rest),
    }
}

fn is_verbose(text: &str) -> bool {
    for line in text.split_inclusive('\n').take(MOST_REMARKS) {
        let part = part_of(line, '>').or_else(|| part_of(line, '<'));
        if part.and_then(first_line).is_some() {
            return true;
        }
        if !is_remark(line) && part.is_none() && !line.trim().is_empty() {
            return false;
        }
    }
    false
}

/// Whether a line is curl's own: a remark, a count of bytes, or its progress meter.
fn is_remark(line: &str) -> bool {
    let is_count = line.starts_with(['{', '}']) && line.trim_end().ends_with("bytes data]");
    let is_meter =
        line.contains("--:--:--") || line.starts_with("  % Total") || line.trim_start().starts_with("Dload ");
    line.starts_with("* ") || line.trim_end() == "*" || is_count || is_meter
}

/// Where a remark begins that curl printed behind a body without a line break; the body's length if there is none.
fn glued_remark(body: &str) -> usize {
    const REMARKS: [&str; 3] = ["* Connection #", "* Closing connection", "* shutting down connection"];
    let last = memchr::memrchr(b'\n', body.trim_end().as_bytes()).map_or(0, |at| at + 1);
    let line = body.get(last..).unwrap_or_default();
    REMARKS.iter().filter_map(|remark| line.rfind(remark)).min().map_or(body.len(), |at| last + at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const OUTPUT: &str = "*   Trying 127.0.0.1:80...\n* Connected to x\n> POST /v1?a=b HTTP/1.1\n> Host: x.example\n\
        > Content-Length: 7\n>\n} [7 bytes data]\n* upload completely sent off: 7 bytes\n< HTTP/1.1 301 M\n< A: b\n< \n\
        * Issue another request\n> POST /v2 HTTP/1.1\n> Host: x.example\n> Content-Length: 7\n> \n< HTTP/1.1 422 X\n\
        < Content-Type: application/json\n<\n{ [12 bytes data]\n\
        100    12  100    12    0     0   1200      0 --:--:-- --:--:-- --:--:--  1200\n\
        {\"error\":\n1}* Connection #0 to host x left intact\n";

    #[test]
    fn the_last_request_and_its_answer_are_read() {
        let found = read_verbose(OUTPUT).unwrap();
        let request = found.request.unwrap();
        assert_eq!((request.url.as_str(), request.payload()), ("//x.example/v2", None));
        let answer = found.answer.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (Some(422), &b"{\"error\":\n1}"[..]));
        assert_eq!(answer.headers, [("Content-Type".to_owned(), "application/json".to_owned())]);
    }

    #[test]
    fn a_head_that_is_there_twice_is_read_once() {
        let text = "> GET / HTTP/1.1\n>\n< HTTP/2 404\n< a: b\n<\nHTTP/2 404\na: b\n\nno\n* Closing connection 0\n";
        let found = read_verbose(text).unwrap();
        assert_eq!(found.request.unwrap().payload(), Some(""));
        let answer = found.answer.unwrap();
        assert_eq!((answer.status, answer.headers.len(), answer.body.as_slice()), (Some(404), 1, &b"no\n"[..]));
    }

    #[test]
    fn a_connection_that_failed_has_no_answer() {
        let found = read_verbose("* Trying\n> GET / HTTP/1.1\n> Host: x\n>\n* Empty reply from server\n").unwrap();
        assert_eq!((found.request.is_some(), found.answer), (true, None));
    }

    #[test]
    fn hostile_output_takes_linear_time() {
        let began = std::time::Instant::now();
        for piece in ["< \n", "> GET / HTTP/1.1\n", "< HTTP/1.1 200 OK\n", "* x\n", "x* Connection #", "x\n< \n"] {
            let _ = read_verbose(&format!("> GET / HTTP/1.1\n{}", piece.repeat(3_000_000 / piece.len())));
        }
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
