//! A new last member of an object, in the look of the members that are there.

use crate::text::{Node, Span};

/// Longer white space between key, colon and value is not repeated, in bytes.
const LONGEST_GAP: usize = 8;

/// Where it goes in `text`, and what goes there. `key` and `value` are JSON.
///
/// It gets a line of its own where the last member has one, and blanks only where that one has them.
pub(super) fn inserted(text: &str, object: Node<'_, '_>, key: &str, value: &str) -> (Span, String) {
    let Some(last) = object.members().last() else {
        let inside = object.span().start + 1;
        return (Span::new(inside, inside), format!("{key}: {value}"));
    };
    let end = last.value.span().end;
    let gap = text.get(last.key_span.end..last.value.span().start).unwrap_or(": ");
    let gap = if gap.len() <= LONGEST_GAP && !gap.contains(['\n', '\r']) { gap } else { ": " };
    let before = blank_before(text, last.key_span.start);
    // The only member of a line says nothing about commas, but its colon does.
    let is_only = object.members().nth(1).is_none();
    let blank = match before {
        blank if blank.contains('\n') => blank,
        _ if is_only && gap.ends_with(char::is_whitespace) => " ",
        _ if is_only => "",
        blank => blank,
    };
    (Span::new(end, end), format!(",{blank}{key}{gap}{value}"))
}

/// The white space that ends before `at`; from its last line break on, where it has one.
fn blank_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or("");
    let blank = before.get(before.trim_end_matches([' ', '\t', '\r', '\n']).len()..).unwrap_or("");
    match blank.rfind('\n') {
        Some(line) if line > 0 && blank.as_bytes().get(line - 1) == Some(&b'\r') => blank.get(line - 1..),
        Some(line) => blank.get(line..),
        None => Some(blank),
    }
    .unwrap_or("")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::text::Document;

    #[test]
    fn a_new_member_looks_as_the_others_do() {
        let put = |text: &str| {
            let document = Document::parse(text);
            let (span, new) = inserted(text, document.root().unwrap(), "\"b\"", "2");
            let whole = format!("{}{new}{}", &text[..span.start], &text[span.end..]);
            assert!(Document::parse(&whole).is_complete(), "{whole}");
            whole
        };
        let cases = [
            ("{\n  \"a\": 1\n}", "{\n  \"a\": 1,\n  \"b\": 2\n}"),
            ("{\n\n  \"a\": 1\n}", "{\n\n  \"a\": 1,\n  \"b\": 2\n}"),
            ("{\r\n\t\"a\" : [1]\r\n}", "{\r\n\t\"a\" : [1],\r\n\t\"b\" : 2\r\n}"),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#),
            (r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#),
            (r#"{"a":1,"c":3}"#, r#"{"a":1,"c":3,"b":2}"#),
            (r#"{ "a":1, "c":3 }"#, r#"{ "a":1, "c":3, "b":2 }"#),
            ("{\"a\":\n1}", "{\"a\":\n1, \"b\": 2}"),
            ("{}", r#"{"b": 2}"#),
        ];
        for (before, after) in cases {
            assert_eq!(put(before), after, "{before}");
        }
    }
}
