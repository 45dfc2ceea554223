//! The parts of a `multipart/form-data` body, with the bytes of each content.

use std::borrow::Cow;

use memchr::memmem::Finder;

use super::Span;
use super::form::{FormPart, MOST_PARTS};

/// The longest head of a part that is read, in bytes.
const MAX_HEAD_BYTES: usize = 8192;
/// The longest boundary, in bytes.
const MAX_BOUNDARY_BYTES: usize = 70;

/// The named parts of a multipart body in order; none where the text is no such body.
///
/// The boundary is the one of the content type, else the text's first line tells it. A last part that is not closed
/// goes up to the end of the text. Takes linear time.
///
/// *Source*: RFC 2046 section 5.1.1, RFC 7578 section 4.2.
pub(super) fn parts<'t>(text: &'t str, content_type: Option<&str>) -> Option<Vec<FormPart<'t>>> {
    let boundary = content_type.and_then(boundary_of).or_else(|| first_line_boundary(text))?;
    let delimiter = format!("--{boundary}");
    let finder = Finder::new(&delimiter);
    let mut found = Vec::new();
    let mut current = next_delimiter(text, 0, &finder)?;
    while !current.is_last && found.len() < MOST_PARTS {
        let next = next_delimiter(text, current.end, &finder);
        let end = next.as_ref().map_or(text.len(), |next| next.start.max(current.end));
        found.extend(part(text, Span::new(current.end, end)));
        let Some(next) = next else { break };
        current = next;
    }
    (!found.is_empty()).then_some(found)
}

/// A line that separates parts.
struct Delimiter {
    /// Where the line end before it begins, which belongs to it.
    start: usize,
    /// Where the next line begins.
    end: usize,
    /// Whether no part follows.
    is_last: bool,
}

/// The first delimiter line from `from` on, which is the beginning of a line.
fn next_delimiter(text: &str, from: usize, finder: &Finder<'_>) -> Option<Delimiter> {
    let bytes = text.as_bytes();
    let mut search = from;
    loop {
        let at = search + finder.find(bytes.get(search..)?)?;
        search = at + finder.needle().len();
        if at > from && bytes.get(at - 1) != Some(&b'\n') {
            continue;
        }
        let rest = text.get(search..)?;
        let is_last = rest.starts_with("--");
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let line_end = ["\r\n", "\n"].into_iter().find(|end| rest.get(blank..).is_some_and(|r| r.starts_with(end)));
        if is_last || line_end.is_some() || rest.len() == blank {
            let start = text.get(..at)?;
            let start = start.strip_suffix('\n').unwrap_or(start);
            let start = start.strip_suffix('\r').unwrap_or(start).len();
            return Some(Delimiter { start, end: search + blank + line_end.map_or(0, str::len), is_last });
        }
    }
}

/// The boundary that a text's first line tells; lines with nothing in them may stand before it.
fn first_line_boundary(text: &str) -> Option<String> {
    let line = text.trim_start_matches(['\r', '\n']).strip_prefix("--")?;
    let near = line.get(..line.floor_char_boundary(MAX_BOUNDARY_BYTES + 2))?;
    let (boundary, _) = near.split_once('\n')?;
    let boundary = boundary.trim_end();
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "'()+_,-./:=? ".contains(c);
    (!boundary.is_empty() && boundary.chars().all(is_allowed)).then(|| boundary.to_owned())
}

/// The boundary that a content type names. Shape: `multipart/form-data; boundary=abc`.
fn boundary_of(content_type: &str) -> Option<String> {
    let (kind, _) = content_type.split_once(';')?;
    let is_multipart = kind.trim().get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"));
    let boundary = parameter(content_type, "boundary").filter(|_| is_multipart)?;
    (!boundary.is_empty() && boundary.len() <= MAX_BOUNDARY_BYTES).then(|| boundary.into_owned())
}

/// The part in these bytes; none without a name.
fn part(text: &str, whole: Span) -> Option<FormPart<'_>> {
    let region = whole.slice(text)?;
    let head_len = head_end(region)?;
    let head = region.get(..head_len)?;
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let name = parameter(disposition, "name")?;
    let has_file = parameter(disposition, "filename").or_else(|| parameter(disposition, "filename*")).is_some();
    Some(FormPart { name: unescaped(name), span: Span::new(whole.start + head_len, whole.end), whole, has_file })
}

/// The length of a part's head with the empty line behind it; only near by, so that many parts take linear time.
pub(crate) fn head_end(part: &str) -> Option<usize> {
    let near = part.get(..part.floor_char_boundary(MAX_HEAD_BYTES))?;
    let ends = ["\r\n\r\n", "\n\n"];
    ends.iter().filter_map(|end| near.find(end).map(|at| at + end.len())).min()
}

/// A parameter of a header's value: quoted, with backslashes undone, or bare. Of equal names the first.
///
/// Shape: `form-data; name="a b"`.
fn parameter<'t>(value: &'t str, wanted: &str) -> Option<Cow<'t, str>> {
    let mut rest = value;
    loop {
        // Over what stands before the next semicolon, quotes in it included.
        rest = after_semicolon(rest)?;
        let (name, after) = rest.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case(wanted) {
            continue;
        }
        let after = after.trim_start();
        return Some(match after.strip_prefix('"') {
            Some(inner) => quoted(inner),
            None => Cow::Borrowed(after.split([';', ' ', '\t', '\r', '\n']).next().unwrap_or_default()),
        });
    }
}

/// What stands behind the next semicolon that is in no quotes.
fn after_semicolon(text: &str) -> Option<&str> {
    let mut is_quoted = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if is_quoted => _ = bytes.next(),
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// The text up to the closing quote, with backslashes before quotes and backslashes undone.
fn quoted(inner: &str) -> Cow<'_, str> {
    let bytes = inner.as_bytes();
    let mut at = 0;
    let mut has_escapes = false;
    loop {
        match bytes.get(at) {
            None | Some(b'"') => break,
            Some(b'\\') if matches!(bytes.get(at + 1), Some(b'"' | b'\\')) => {
                has_escapes = true;
                at += 2;
            }
            Some(_) => at += 1,
        }
    }
    let text = inner.get(..at).unwrap_or_default();
    if !has_escapes {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next_if(|next| matches!(next, '"' | '\\')) } else { None };
        out.push(escaped.unwrap_or(c));
    }
    Cow::Owned(out)
}

/// A name with what browsers write for a quote and for line ends undone.
fn unescaped(name: Cow<'_, str>) -> Cow<'_, str> {
    if !name.contains('%') {
        return name;
    }
    Cow::Owned(name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn read(text: &str, content_type: Option<&str>) -> Option<Vec<(String, String)>> {
        let parts = parts(text, content_type)?;
        Some(parts.iter().map(|p| (p.name.to_string(), p.span.slice(text).unwrap().to_owned())).collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn each_parts_content_is_found() {
        let text = "--b1\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n--b1x\r\n\r\n--b1\r\n\
                    content-disposition: form-data; filename=\"a;name=x.png\"; name=\"the \\\"file%22\"\r\n\
                    Content-Type: image/png\r\n\r\n\r\n--b1  \r\nContent-Disposition: form-data; name=bare\r\n\r\n\
                    a\n--b1--\r\nepilogue --b1\r\n";
        let expected = pairs(&[("title", "Hello\r\n--b1x\r\n"), ("the \"file\"", ""), ("bare", "a")]);
        assert_eq!(read(text, None), expected);
        assert_eq!(read(text, Some("multipart/form-data; boundary=\"b1\"")), expected);
        assert_eq!(read(text, Some("multipart/form-data; boundary=b2")), None);
        let parts = parts(text, None).unwrap();
        assert_eq!(parts.iter().map(|part| part.has_file).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn bare_line_feeds_and_a_missing_end_are_read() {
        let text = "\n--x\nContent-Disposition: form-data; name=\"a\"\n\n1\n2\n--x\nContent-Disposition: form-data; name=\"b\"\n\nrest";
        assert_eq!(read(text, None), pairs(&[("a", "1\n2"), ("b", "rest")]));
        let preamble = "Dear reader\r\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--";
        assert_eq!(read(preamble, Some("Multipart/Form-Data;charset=utf-8; Boundary=x")), pairs(&[("a", "1")]));
        assert_eq!(read(preamble, None), None);
    }

    #[test]
    fn what_is_no_such_body_has_no_parts() {
        for text in [
            "",
            "--",
            "--x",
            "--x\r\n",
            "--x--\r\n",
            "---\na: 1\n",
            "-- select 1;\n",
            "{\"a\":1}",
            "--x\r\nContent-Disposition: form-data; name=\"a\"",
            "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
            "--x\r\n\r\n1\r\n--x--",
            "--é\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
        ] {
            assert_eq!(read(text, None), None, "{text:?}");
        }
    }

    #[test]
    fn parameters_are_told_from_texts_in_quotes() {
        assert_eq!(parameter("form-data; name=\"a\"", "name").as_deref(), Some("a"));
        assert_eq!(parameter("form-data; x=\"; name=b\"; NAME = c", "name").as_deref(), Some("c"));
        assert_eq!(parameter("form-data; name=\"open", "name").as_deref(), Some("open"));
        assert_eq!(parameter("form-data; filename=\"C:\\dir\\f\"", "filename").as_deref(), Some("C:\\dir\\f"));
        assert_eq!(parameter("form-data; name", "name"), None);
        assert_eq!(parameter("form-data", "name"), None);
    }
}
