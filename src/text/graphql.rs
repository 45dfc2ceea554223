//! A place in the text of a GraphQL query, from its line and column to the bytes of the payload.

use std::ops::Range;

use super::string::raw_offset;
use super::{Document, Kind, Node, Span};

/// The token at a line and column of a payload's query text, counted from 1 as GraphQL servers do.
///
/// The query is the payload's `query` member, or the payload itself where it is no JSON. A name, `$name`, a string with
/// its quotes, a number or a punctuator; none where no token is there, and where line or column do not fit.
///
/// *Source*: the GraphQL specification of October 2021, sections 2.1 and 7.1.2.
pub fn graphql_token(payload: &Document<'_>, line: usize, column: usize) -> Option<Span> {
    let query = Query::of(payload)?;
    query.span(token_at(&query.text, line, column)?)
}

/// The same token in a payload that may have changed since: where it stood if it still stands there, else the only one
/// of its text; none where it is gone or there are several.
pub fn graphql_token_again(payload: &Document<'_>, line: usize, column: usize, token: &str) -> Option<Span> {
    let query = Query::of(payload)?;
    let is_same = |range: &Range<usize>| query.text.get(range.clone()) == Some(token);
    if let Some(range) = token_at(&query.text, line, column).filter(is_same) {
        return query.span(range);
    }
    let mut same = Tokens { text: &query.text, at: 0 }.filter(is_same);
    let range = same.next()?;
    if same.next().is_some() { None } else { query.span(range) }
}

/// The query's text, and where it stands in the payload.
struct Query<'d, 't> {
    text: std::borrow::Cow<'t, str>,
    /// The JSON string it is written in.
    node: Option<Node<'d, 't>>,
}

impl<'d, 't> Query<'d, 't> {
    fn of(payload: &'d Document<'t>) -> Option<Self> {
        if !payload.is_complete() {
            let text = payload.text();
            return looks_like_query(text).then_some(Self { text: text.into(), node: None });
        }
        let mut operation = payload.root()?;
        if operation.kind() == Kind::Array {
            // Of several operations nothing tells which is meant.
            operation = operation.index(0).filter(|_| operation.len() == 1)?;
        }
        let node = operation.get("query")?;
        Some(Self { text: node.as_str()?, node: Some(node) })
    }

    fn span(&self, range: Range<usize>) -> Option<Span> {
        let Some(node) = self.node else { return Some(Span::new(range.start, range.end)) };
        let start = node.span().start;
        let offset = |at| raw_offset(node.raw(), at).map(|raw| start + raw);
        Some(Span::new(offset(range.start)?, offset(range.end)?))
    }
}

/// Whether a text that is no JSON is a query, and no broken JSON.
fn looks_like_query(text: &str) -> bool {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n', ',']);
    match text.strip_prefix('{') {
        Some(inside) => !inside.trim_start().starts_with('"'),
        None => text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '#'),
    }
}

/// The token at a line and column. Columns are counted in UTF-16 as by the reference server, else in characters, where
/// only that is the beginning of a token.
fn token_at(text: &str, line: usize, column: usize) -> Option<Range<usize>> {
    let start = line_start(text, line)?;
    let in_units = offset_in_line(text, start, column, char::len_utf16);
    let in_chars = offset_in_line(text, start, column, |_| 1);
    let token =
        |at: usize| Tokens { text, at: 0 }.take_while(|range| range.start <= at).find(|range| range.contains(&at));
    let by_units = in_units.and_then(token);
    if in_units == in_chars || by_units.as_ref().is_some_and(|range| Some(range.start) == in_units) {
        return by_units;
    }
    in_chars.and_then(token).filter(|range| Some(range.start) == in_chars).or(by_units)
}

/// Where a line begins; LF, CR and CRLF end one.
fn line_start(text: &str, line: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut left = line.checked_sub(1)?;
    let mut at = 0;
    while left > 0 {
        at += memchr::memchr2(b'\n', b'\r', bytes.get(at..)?)?;
        at += if bytes.get(at..)?.starts_with(b"\r\n") { 2 } else { 1 };
        left -= 1;
    }
    Some(at)
}

/// Where a column of a line begins; none behind its end.
fn offset_in_line(text: &str, start: usize, column: usize, width: impl Fn(char) -> usize) -> Option<usize> {
    let mut left = column.checked_sub(1)?;
    for (at, c) in text.get(start..)?.char_indices() {
        if matches!(c, '\n' | '\r') {
            return None;
        }
        if left == 0 {
            return Some(start + at);
        }
        left = left.checked_sub(width(c))?;
    }
    None
}

/// The tokens of a query, without commas, comments and white space; a character that begins none is one by itself.
struct Tokens<'q> {
    text: &'q str,
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..)?;
            let c = rest.chars().next()?;
            match c {
                ' ' | '\t' | '\n' | '\r' | ',' | '\u{feff}' => self.at += c.len_utf8(),
                '#' => self.at += rest.find(['\n', '\r']).unwrap_or(rest.len()),
                _ => {
                    let start = self.at;
                    self.at += token_len(rest, c);
                    return Some(start..self.at);
                }
            }
        }
    }
}

fn token_len(rest: &str, first: char) -> usize {
    match first {
        '"' if rest.starts_with("\"\"\"") => block_string_len(rest),
        '"' => string_len(rest),
        '.' if rest.starts_with("...") => 3,
        '$' | '@' => 1 + name_len(rest.get(1..).unwrap_or_default()),
        c if c == '-' || c.is_ascii_digit() => number_len(rest),
        c => name_len(rest).max(c.len_utf8()),
    }
}

fn name_len(rest: &str) -> usize {
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return 0;
    }
    rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
}

fn number_len(rest: &str) -> usize {
    let digits = |from: usize| {
        let text = rest.get(from..).unwrap_or_default();
        text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
    };
    let mut end = usize::from(rest.starts_with('-'));
    end += digits(end);
    if rest.get(end..).is_some_and(|rest| rest.starts_with('.')) && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if rest.get(end..).is_some_and(|rest| rest.starts_with(['e', 'E'])) {
        let sign = usize::from(rest.get(end + 1..).is_some_and(|rest| rest.starts_with(['+', '-'])));
        let exponent = digits(end + 1 + sign);
        end += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    end.max(1)
}

/// A string ends with its quote, or where its line does.
fn string_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return at + 1,
            '\n' | '\r' => return at,
            '\\' => _ = chars.next(),
            _ => {}
        }
    }
    rest.len()
}

fn block_string_len(rest: &str) -> usize {
    let mut at = 3;
    while let Some(found) = rest.get(at..).and_then(|rest| rest.find("\"\"\"")) {
        at += found;
        if !rest.get(..at).is_some_and(|before| before.ends_with('\\')) {
            return at + 3;
        }
        at += 3;
    }
    rest.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn token(payload: &str, line: usize, column: usize) -> Option<&str> {
        graphql_token(&Document::parse(payload), line, column).and_then(|span| span.slice(payload))
    }

    const QUERY: &str = "mutation Create($input: PostInput!) {\n  # post\n\tcreate(input: $input, note: \"a \\\" é\", n: -1.5e3) @skip(if: true) {\n    ...Fields\n  }\r\n}\r{ x(s: \"\"\"b\n\\\"\"\" c\"\"\") }";

    #[test]
    fn the_token_of_a_line_and_column_is_found_in_a_query_of_its_own() {
        for (line, column, expected) in [
            (1, 1, Some("mutation")),
            (1, 4, Some("mutation")),
            (1, 17, Some("$input")),
            (1, 18, Some("$input")),
            (1, 25, Some("PostInput")),
            (1, 34, Some("!")),
            (1, 37, Some("{")),
            (1, 38, None),
            (2, 3, None),
            (3, 1, None),
            (3, 2, Some("create")),
            (3, 16, Some("$input")),
            (3, 22, None),
            (3, 30, Some("\"a \\\" é\"")),
            (3, 43, Some("-1.5e3")),
            (3, 51, Some("@skip")),
            (4, 5, Some("...")),
            (4, 8, Some("Fields")),
            (6, 1, Some("}")),
            (7, 1, Some("{")),
            (7, 8, Some("\"\"\"b\n\\\"\"\" c\"\"\"")),
            (8, 1, Some("\"\"\"b\n\\\"\"\" c\"\"\"")),
            (8, 12, Some("}")),
            (9, 1, None),
            (0, 1, None),
            (1, 0, None),
            (usize::MAX, usize::MAX, None),
        ] {
            assert_eq!(token(QUERY, line, column), expected, "{line}:{column}");
        }
    }

    #[test]
    fn it_is_found_through_the_escapes_of_json_too() {
        let payload = r#"{"variables": {}, "query": "{\n\t\u0061b(s: \"\u00e9\", t: \"\ud83d\ude00\") c\r\nd\/}"}"#;
        assert_eq!(token(payload, 2, 2), Some("\\u0061b"));
        assert_eq!(token(payload, 2, 8), Some("\\\"\\u00e9\\\""));
        assert_eq!(token(payload, 2, 16), Some("\\\"\\ud83d\\ude00\\\""));
        assert_eq!(token(payload, 2, 22), Some("c"), "an emoji is two columns, as the reference server counts");
        assert_eq!(token(payload, 2, 21), Some("c"), "or one");
        assert_eq!(token(payload, 3, 1), Some("d"));
        assert_eq!(token(payload, 4, 1), None);
        assert_eq!(token(r#"[{"query": "{ a }"}]"#, 1, 3), Some("a"));
        for none in
            [r#"[{"query": "{ a }"}, {"query": "{ b }"}]"#, "[]", r#"{"query": 1}"#, r#"{"query": "{ a"#, "<a/>", ""]
        {
            assert_eq!(token(none, 1, 3), None, "{none}");
        }
    }

    #[test]
    fn the_mark_follows_its_token() {
        let again = |payload: &'static str| {
            graphql_token_again(&Document::parse(payload), 1, 3, "name")
                .and_then(|span| span.slice(payload).map(|_| span.start))
        };
        assert_eq!(again("{ name }"), Some(2));
        assert_eq!(again("{ id name }"), Some(5));
        assert_eq!(again("{ id }"), None);
        assert_eq!(again("{ id name a { name } }"), None);
        assert_eq!(again("{ name a { name } }"), Some(2));
    }

    #[test]
    fn a_hostile_query_ends_soon() {
        for piece in ["\"\"\"\\", "\"", "\\\"", "...", "$", "#", "é", "1e", "@"] {
            let text = format!("{{{}", piece.repeat(100_000));
            Tokens { text: &text, at: 0 }.for_each(drop);
            graphql_token(&Document::parse(&text), 1, 50_000);
        }
    }
}
