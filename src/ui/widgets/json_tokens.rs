//! Colours for JSON text, tolerant of text that is not JSON.

use std::ops::Range;

/// What a piece of the text is, for its colour only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A string before a colon.
    Key,
    /// Any other string.
    String,
    /// A number, `true`, `false` or `null`.
    Word,
    /// All else.
    Other,
}

/// Cuts a text into coloured pieces without gaps. One pass; never fails.
pub fn tokens(text: &str) -> Vec<(Range<usize>, Token)> {
    let bytes = text.as_bytes();
    let mut pieces: Vec<(Range<usize>, Token)> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let token = match byte {
            b'"' => {
                at = string_end(bytes, at);
                let rest = bytes.get(at..).unwrap_or_default();
                let next = rest.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
                if next == Some(&b':') { Token::Key } else { Token::String }
            }
            b'-' | b'0'..=b'9' | b'a'..=b'z' => {
                while matches!(bytes.get(at), Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')) {
                    at += 1;
                }
                Token::Word
            }
            _ => {
                at += 1;
                while matches!(bytes.get(at), Some(b) if !matches!(b, b'"' | b'-' | b'0'..=b'9' | b'a'..=b'z')) {
                    at += 1;
                }
                Token::Other
            }
        };
        pieces.push((start..at, token));
    }
    pieces
}

/// The offset after a string's closing quote, or the end of its line where it is not closed.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' if at + 1 < bytes.len() && bytes.get(at + 1) != Some(&b'\n') => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn pieces_cover_the_text_and_lie_on_characters() {
        for text in ["{\"a\": [1, true, \"ü\"]}", "\"open", "\"a\\", "\"a\\ü\"", "é{", "", "x\"\n\"y\":"] {
            let pieces = tokens(text);
            let joined: String = pieces.iter().map(|(range, _)| text.get(range.clone()).unwrap()).collect();
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn a_key_is_told_from_a_string() {
        let pieces = tokens("{\"a\" : \"b\"}");
        let kinds: Vec<_> = pieces.iter().map(|(_, token)| *token).collect();
        assert_eq!(kinds, [Token::Other, Token::Key, Token::Other, Token::String, Token::Other]);
    }
}
