//! JSON string tokens turned into their text.

use std::borrow::Cow;

/// The text of a well-formed string token given with its quotes; lone surrogates become U+FFFD.
pub(super) fn decoded(token: &str) -> Cow<'_, str> {
    let inner = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(token);
    let Some(first) = inner.find('\\') else {
        return Cow::Borrowed(inner);
    };
    let mut out = String::with_capacity(inner.len());
    out.push_str(inner.get(..first).unwrap_or_default());
    let mut rest = inner.get(first..).unwrap_or_default();
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at + 1..).unwrap_or_default();
        let (c, len) = escaped(escape);
        out.push(c);
        rest = escape.get(len..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Where in a well-formed string token, given with its quotes, the byte `at` of its text is written; the text's end is
/// the closing quote. None behind the end and inside a character.
pub(super) fn raw_offset(token: &str, at: usize) -> Option<usize> {
    let inner = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))?;
    let (mut raw, mut text) = (0, 0);
    loop {
        let rest = inner.get(raw..)?;
        let plain = rest.find('\\').unwrap_or(rest.len());
        if at <= text + plain {
            let offset = raw + (at - text);
            return inner.is_char_boundary(offset).then_some(offset + 1);
        }
        let (c, len) = escaped(rest.get(plain + 1..)?);
        raw += plain + 1 + len;
        text += plain + c.len_utf8();
        if at < text {
            return None;
        }
    }
}

/// The character of an escape and how many bytes it takes after the backslash.
fn escaped(escape: &str) -> (char, usize) {
    match escape.chars().next() {
        Some('b') => ('\u{8}', 1),
        Some('f') => ('\u{c}', 1),
        Some('n') => ('\n', 1),
        Some('r') => ('\r', 1),
        Some('t') => ('\t', 1),
        Some('u') => match unit(escape.get(1..5)) {
            Some(high @ 0xd800..=0xdbff) => {
                let low = escape.get(5..7).filter(|next| *next == "\\u").and_then(|_| unit(escape.get(7..11)));
                match low {
                    Some(low @ 0xdc00..=0xdfff) => {
                        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
                    }
                    _ => (char::REPLACEMENT_CHARACTER, 5),
                }
            }
            Some(code) => (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
            None => (char::REPLACEMENT_CHARACTER, 1),
        },
        Some(c) => (c, c.len_utf8()),
        None => ('\\', 0),
    }
}

/// Four hexadecimal digits.
fn unit(digits: Option<&str>) -> Option<u32> {
    u32::from_str_radix(digits?, 16).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert!(matches!(decoded("\"plain é\""), Cow::Borrowed("plain é")));
        assert_eq!(decoded(r#""a\"\\\/\b\f\n\r\tz""#), "a\"\\/\u{8}\u{c}\n\r\tz");
        assert_eq!(decoded(r#""\u00e9\uD83D\ude00!""#), "é😀!");
    }

    #[test]
    fn every_character_of_the_text_is_found_where_it_is_written() {
        let token = r#""a\n\u00e9é\ud83d\ude00\ud800\"z""#;
        let text = decoded(token);
        let written: Vec<_> = text.char_indices().map(|(at, _)| raw_offset(token, at).unwrap()).collect();
        assert_eq!(written, [1, 2, 4, 10, 12, 24, 30, 32]);
        assert_eq!(raw_offset(token, text.len()), Some(token.len() - 1));
        assert_eq!(raw_offset(token, text.len() + 1), None);
        assert_eq!(raw_offset(token, text.find('é').unwrap() + 1), None);
    }

    #[test]
    fn lone_surrogates_are_replaced() {
        assert_eq!(decoded(r#""\ud800""#), "\u{fffd}");
        assert_eq!(decoded(r#""\udc00x""#), "\u{fffd}x");
        assert_eq!(decoded(r#""\ud83dx\ude00""#), "\u{fffd}x\u{fffd}");
        assert_eq!(decoded(r#""\ud83d\ud83d\ude00""#), "\u{fffd}😀");
        assert_eq!(decoded(r#""\ud83d\u0041""#), "\u{fffd}A");
    }
}
