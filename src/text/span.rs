//! A stretch of text in bytes, and a place in it as a person counts.

use std::fmt;
use std::ops::Range;

use memchr::{memchr_iter, memrchr};
use serde::Serialize;

/// A stretch of a text.
///
/// *Units*: UTF-8 byte offsets into the text as given (a byte-order mark counts), `end` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The text it covers; none where it does not fit the text given.
    pub fn slice(self, text: &str) -> Option<&str> {
        text.get(self.range())
    }

    /// As a range of bytes.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Its length in bytes.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether the byte at `offset` lies in it.
    pub fn contains(self, offset: usize) -> bool {
        self.range().contains(&offset)
    }
}

/// A place as a person counts.
///
/// *Units*: both 1-based; LF or CRLF end a line; the column counts Unicode scalar values, a tab is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset, by one pass over the text before it; for many look-ups take a
    /// [`LineIndex`](super::LineIndex).
    ///
    /// An offset inside a character counts as its beginning, one beyond the end as the end.
    pub fn of(text: &str, offset: usize) -> Self {
        let mut at = offset.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = text.get(..at).unwrap_or_default();
        let line_start = memrchr(b'\n', before.as_bytes()).map_or(0, |newline| newline + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self { line: memchr_iter(b'\n', before.as_bytes()).count() + 1, column: in_line.chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_span_that_does_not_fit_slices_to_nothing() {
        assert_eq!(Span::new(1, 3).slice("abcd"), Some("bc"));
        assert_eq!(Span::new(1, 9).slice("abcd"), None);
        assert_eq!(Span::new(3, 1).slice("abcd"), None);
        assert_eq!(Span::new(0, 1).slice("é"), None);
    }

    #[test]
    fn columns_count_scalar_values_and_lines_end_with_lf() {
        let text = "a\r\n\té😀x\rb\n";
        let at = |offset| {
            let p = Position::of(text, offset);
            (p.line, p.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 3), "the LF of a CRLF still belongs to its line");
        assert_eq!(at(3), (2, 1));
        assert_eq!(at(4), (2, 2), "a tab is one column");
        assert_eq!(at(5), (2, 2), "inside a character is its beginning");
        assert_eq!(at(6), (2, 3));
        assert_eq!(at(10), (2, 4), "one column for a character outside the BMP");
        assert_eq!(at(12), (2, 6), "a lone CR ends no line");
        assert_eq!(at(text.len()), (3, 1));
        assert_eq!(at(usize::MAX), (3, 1));
    }
}
