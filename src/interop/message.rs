//! The head of an HTTP message as it is pasted: its first line, its headers, and where the body begins.

/// What a message begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstLine<'t> {
    /// `POST /v1/posts HTTP/1.1`.
    Request { method: &'t str, target: &'t str },
    /// `HTTP/1.1 422 Unprocessable Content`.
    Answer { status: u16 },
}

/// A head.
pub(super) struct Head<'t> {
    pub first: FirstLine<'t>,
    pub headers: Vec<(String, String)>,
    /// Where the body begins.
    pub body_at: usize,
}

/// A first line, without its break.
pub(super) fn first_line(line: &str) -> Option<FirstLine<'_>> {
    let line = line.trim_end();
    if let Some(rest) = line.strip_prefix("HTTP/") {
        let (version, rest) = rest.split_once(' ')?;
        let is_version = matches!(version.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'9', b'.', b'0'..=b'9']);
        let word = rest.trim_start().split(' ').next().unwrap_or_default();
        let status =
            word.parse().ok().filter(|status| is_version && word.len() == 3 && (100..=999).contains(status))?;
        return Some(FirstLine::Answer { status });
    }
    // What is no such line is seen at its first byte, however long it is.
    let method_len = line.bytes().take(21).take_while(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_')).count();
    let method = line.get(..method_len).filter(|method| !method.is_empty())?;
    let (target, version) = line.get(method_len..)?.strip_prefix(' ')?.trim_start().split_once(' ')?;
    let is_version =
        version.trim_start().strip_prefix("HTTP/").is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    (is_version && !target.is_empty()).then_some(FirstLine::Request { method, target })
}

/// The first line at a byte, if a message begins there.
pub(super) fn message_at(text: &str, at: usize) -> Option<FirstLine<'_>> {
    let rest = text.get(at..)?;
    let len = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    first_line(rest.get(..len)?)
}

/// The head that begins at a byte.
///
/// It ends at an empty line, which belongs to it, or before a line that is no header.
pub(super) fn read_head(text: &str, at: usize) -> Option<Head<'_>> {
    let first = message_at(text, at)?;
    let mut lines = text.get(at..)?.split_inclusive('\n');
    let mut body_at = at + lines.next()?.len();
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        let shown = line.trim_end_matches(['\n', '\r']);
        if shown.is_empty() {
            body_at += line.len();
            break;
        }
        if let (true, Some((_, value))) = (shown.starts_with([' ', '\t']), headers.last_mut()) {
            // A line that goes on, as old servers write them.
            value.push(' ');
            value.push_str(shown.trim());
        } else if let Some((name, value)) = shown.split_once(':').filter(|(name, _)| is_name(name)) {
            headers.push((name.to_owned(), value.trim().to_owned()));
        } else if !shown.starts_with(':') {
            break;
        }
        body_at += line.len();
    }
    Some(Head { first, headers, body_at })
}

/// Whether a word is a header's name (RFC 9110, token).
fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 200
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_are_told_from_text() {
        assert_eq!(first_line("HTTP/1.1 422 Unprocessable"), Some(FirstLine::Answer { status: 422 }));
        assert_eq!(first_line("HTTP/2 404\r"), Some(FirstLine::Answer { status: 404 }));
        assert_eq!(first_line("POST /v1?a=b HTTP/1.1"), Some(FirstLine::Request { method: "POST", target: "/v1?a=b" }));
        for text in [
            "HTTP/1.1",
            "HTTP/1.1 4x2",
            "HTTP/11 200",
            "HTTP/1.1 2000 x",
            "GET it done",
            "get /a HTTP/1.1",
            "",
            "GET  HTTP/1.1",
        ] {
            assert_eq!(first_line(text), None, "{text}");
        }
    }

    #[test]
    fn a_head_ends_where_its_body_begins() {
        let text = "HTTP/1.1 200 OK\r\nA: b\r\n  c\r\n:status: 200\r\nD:\r\n\r\nbody";
        let head = read_head(text, 0).unwrap();
        assert_eq!(head.headers, [("A".to_owned(), "b c".to_owned()), ("D".to_owned(), String::new())]);
        assert_eq!(text.get(head.body_at..), Some("body"));
        let text = "HTTP/2 422\n{\"a\": 1}";
        assert_eq!(text.get(read_head(text, 0).unwrap().body_at..), Some("{\"a\": 1}"));
    }
}
