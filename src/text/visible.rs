//! Foreign text made safe to show: what cannot be seen is written out.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Foreign text for people: control characters but LF, CRLF and tab, DEL, C1 and bidirectional controls are written
/// as `\u{1b}`. A CR alone is written out too, since a terminal would overwrite the line with what follows.
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, |c, next| c == '\n' || c == '\t' || (c == '\r' && next == Some('\n')))
}

/// The same for text that must stay on one line: LF, CR and tab are written out too, as `\n`, `\r` and `\t`.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    shown(text, |_, _| false)
}

/// Whether a character shows nothing of itself, or reorders what is shown around it.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shown(text: &str, is_kept: impl Fn(char, Option<char>) -> bool) -> Cow<'_, str> {
    let wants_writing = |(at, c): (usize, char)| {
        is_hidden(c) && !is_kept(c, text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next()))
    };
    let Some(first) = text.char_indices().find(|&each| wants_writing(each)).map(|(at, _)| at) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(text.get(..first).unwrap_or_default());
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < first) {
        if !wants_writing((at, c)) {
            out.push(c);
            continue;
        }
        match c {
            '\n' => out.push_str("\\n"),
            '\r' if !is_kept('\n', None) => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a String cannot fail.
            _ => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_written_out_and_plain_text_is_borrowed() {
        assert!(matches!(visible("plain é\n\tx\r\n"), Cow::Borrowed(_)));
        assert_eq!(visible("\u{1b}[31mred\u{7f}"), "\\u{1b}[31mred\\u{7f}");
        assert_eq!(visible("a\u{9b}b\u{202e}c\u{2066}d\u{200f}\0"), "a\\u{9b}b\\u{202e}c\\u{2066}d\\u{200f}\\u{0}");
        assert_eq!(visible("over\rwritten\r\nnext"), "over\\u{d}written\r\nnext");
    }

    #[test]
    fn one_line_stays_one_line() {
        assert_eq!(visible_line("a\r\nb\tc\u{2028}d"), "a\\r\\nb\\tc\\u{2028}d");
        assert!(matches!(visible_line("plain"), Cow::Borrowed(_)));
    }
}
