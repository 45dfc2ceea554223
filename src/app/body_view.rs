//! A body cut into rows, so that a window draws only those in sight.

use std::sync::Arc;

use crate::text::{Document, Kind, Span};

/// The longest row, in bytes; a longer line goes on in the next row.
const ROW_BYTES: usize = 400;

/// How many rows end where lines end; what follows is cut by length alone. A body of nothing but line ends would
/// otherwise take twenty-four times its size, and no window scrolls that far.
const LINE_ROWS: usize = 1_000_000;

/// The largest body that is also offered re-indented, in bytes.
const FORMAT_BYTES: usize = 8 << 20;

/// The largest re-indented text, in bytes: a body of brackets alone would grow to eighty times its size.
const FORMATTED_BYTES: usize = 32 << 20;

/// One row of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyRow {
    /// Its bytes in the text, without the line end; line ends are inside only far down, after a million rows.
    pub span: Span,
    /// The line's number, counted from 1; none where a long line goes on.
    pub line: Option<u32>,
}

/// A body as text, cut into rows off the drawing thread.
///
/// *Secrets*: possibly; it is what came.
#[derive(Clone, Debug, Default)]
pub struct BodyView {
    /// The text the rows point into.
    pub text: Arc<str>,
    /// Every row, in order.
    pub rows: Vec<BodyRow>,
    /// Whether the text is strict JSON, so that highlighting it makes sense.
    pub is_json: bool,
    /// How many bytes had to be replaced because they are no UTF-8.
    pub is_lossy: bool,
}

impl BodyView {
    /// The bytes as they came.
    pub fn raw(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let is_lossy = matches!(text, std::borrow::Cow::Owned(_));
        Self::of_text(text.into(), is_lossy)
    }

    /// A text that was decoded before, and whether bytes of it had to be replaced.
    pub fn of_text(text: Arc<str>, is_lossy: bool) -> Self {
        let is_json = Document::parse(&text).is_complete();
        Self { rows: rows(&text), is_json, is_lossy, text }
    }

    /// The same JSON with one member a line; numbers, keys and their order stay as they came.
    ///
    /// None where the text is not strict JSON or too large for it to be worth while.
    pub fn formatted(&self) -> Option<Self> {
        if !self.is_json || self.text.len() > FORMAT_BYTES {
            return None;
        }
        let text: Arc<str> = reindent(&self.text)?.into();
        Some(Self { rows: rows(&text), is_json: true, is_lossy: self.is_lossy, text })
    }
}

fn rows(text: &str) -> Vec<BodyRow> {
    let mut rows = Vec::new();
    let mut start = 0;
    let mut number = 1u32;
    loop {
        if rows.len() >= LINE_ROWS {
            cut(text, start, text.len(), number, &mut rows);
            return rows;
        }
        let end = memchr::memchr(b'\n', text.as_bytes().get(start..).unwrap_or_default()).map(|at| start + at);
        let line_end = end.unwrap_or(text.len());
        let shown_end = if line_end > start && text.as_bytes().get(line_end - 1) == Some(&b'\r') && end.is_some() {
            line_end - 1
        } else {
            line_end
        };
        cut(text, start, shown_end, number, &mut rows);
        match end {
            Some(end) => start = end + 1,
            None => return rows,
        }
        number = number.saturating_add(1);
    }
}

fn cut(text: &str, mut start: usize, end: usize, number: u32, rows: &mut Vec<BodyRow>) {
    let mut line = Some(number);
    while end - start > ROW_BYTES {
        let mut at = start + ROW_BYTES;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        rows.push(BodyRow { span: Span { start, end: at }, line: line.take() });
        start = at;
    }
    rows.push(BodyRow { span: Span { start, end }, line });
}

/// One pass over the tokens; depth costs only indentation, which is capped so that depth cannot blow the text up.
fn reindent(text: &str) -> Option<String> {
    let document = Document::parse(text);
    if !matches!(document.root()?.kind(), Kind::Object | Kind::Array) {
        return None;
    }
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut depth = 0usize;
    let mut at = 0;
    let indent = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(40)));
    };
    while let Some(&byte) = bytes.get(at) {
        if out.len() > FORMATTED_BYTES {
            return None;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'"' => {
                let end = string_end(bytes, at);
                out.push_str(text.get(at..end)?);
                at = end;
            }
            b'{' | b'[' => {
                at += 1;
                out.push(char::from(byte));
                let next = bytes.get(at..)?.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r'))? + at;
                if matches!(bytes.get(next), Some(b'}' | b']')) {
                    out.push(char::from(*bytes.get(next)?));
                    at = next + 1;
                } else {
                    depth += 1;
                    indent(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                indent(&mut out, depth);
                out.push(char::from(byte));
                at += 1;
            }
            b',' => {
                out.push(',');
                indent(&mut out, depth);
                at += 1;
            }
            b':' => {
                out.push_str(": ");
                at += 1;
            }
            _ => {
                let len = text.get(at..)?.chars().next()?.len_utf8();
                out.push_str(text.get(at..at + len)?);
                at += len;
            }
        }
    }
    Some(out)
}

/// The offset after a string's closing quote.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn shown(view: &BodyView) -> Vec<&str> {
        view.rows.iter().map(|row| row.span.slice(&view.text).unwrap()).collect()
    }

    #[test]
    fn rows_are_lines_without_their_ends() {
        let view = BodyView::raw(b"a\r\nb\n\nc");
        assert_eq!(shown(&view), ["a", "b", "", "c"]);
        assert_eq!(view.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [Some(1), Some(2), Some(3), Some(4)]);
    }

    #[test]
    fn a_long_line_goes_on_in_unnumbered_rows_and_loses_nothing() {
        let body = "ä".repeat(1000);
        let view = BodyView::raw(body.as_bytes());
        assert!(view.rows.len() > 4);
        assert_eq!(view.rows.iter().filter(|row| row.line.is_some()).count(), 1);
        assert_eq!(shown(&view).concat(), body);
    }

    #[test]
    fn bytes_that_are_no_text_are_said_to_be_replaced() {
        assert!(BodyView::raw(&[0xff, 0xfe]).is_lossy);
        assert!(!BodyView::raw(b"").is_lossy);
    }

    #[test]
    fn formatting_rewrites_no_value() {
        let view = BodyView::raw(br#"{"n":1.0e2,"a":[],"big":12345678901234567890123,"s":"a\"}b","n":2,"o":{ }}"#);
        let formatted = view.formatted().unwrap();
        assert_eq!(
            formatted.text.as_ref(),
            "{\n  \"n\": 1.0e2,\n  \"a\": [],\n  \"big\": 12345678901234567890123,\n  \"s\": \"a\\\"}b\",\n  \"n\": 2,\n  \"o\": {}\n}"
        );
    }

    #[test]
    fn depth_does_not_blow_the_text_up() {
        let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        let formatted = BodyView::raw(deep.as_bytes()).formatted().unwrap();
        assert!(formatted.text.len() < 100 * deep.len());
    }

    #[test]
    fn a_body_of_brackets_is_shown_as_it_came() {
        let flat = format!("[{}[]]", "[],".repeat(40_000));
        let deep = format!("{}{flat}{}", "[".repeat(50), "]".repeat(50));
        assert!(BodyView::raw(deep.as_bytes()).formatted().is_some());
        let wide = format!("{}{}[]{}", "[".repeat(50), "[],".repeat(500_000), "]".repeat(50));
        let view = BodyView::raw(wide.as_bytes());
        assert!(view.is_json);
        assert!(view.formatted().is_none(), "it would take {} bytes", 500_000 * 84);
    }

    #[test]
    fn a_body_of_line_ends_takes_bounded_memory_and_loses_nothing() {
        let body = "\n".repeat(3_000_000);
        let view = BodyView::raw(body.as_bytes());
        assert!(view.rows.len() < LINE_ROWS + 10_000, "{}", view.rows.len());
        assert_eq!(view.rows.last().unwrap().span.end, body.len());
        assert_eq!(view.rows[LINE_ROWS].span.start, LINE_ROWS);
        assert_eq!(view.rows[LINE_ROWS].line, Some(1_000_001));
    }

    #[test]
    fn what_is_no_json_is_not_formatted() {
        assert!(BodyView::raw(b"<html>").formatted().is_none());
        assert!(BodyView::raw(b"\"text\"").formatted().is_none());
    }
}
