//! The escapes of `$'…'`, as shells read them and browsers write them.

/// An escape of `$'…'` and how long it is written; `rest` begins with the backslash.
pub(super) fn ansi_escape(rest: &[u8]) -> (Vec<u8>, usize) {
    let Some(&sign) = rest.get(1) else { return (b"\\".to_vec(), 1) };
    let simple = match sign {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 0x07,
        b'b' => 0x08,
        b'e' | b'E' => 0x1b,
        b'f' => 0x0c,
        b'v' => 0x0b,
        b'\\' | b'\'' | b'"' | b'?' => sign,
        b'x' => {
            return match number(rest.get(2..), 2, 16) {
                (byte, len @ 1..) => (vec![byte.to_le_bytes()[0]], 2 + len),
                _ => (b"\\x".to_vec(), 2),
            };
        }
        b'0'..=b'7' => {
            let (byte, len) = number(rest.get(1..), 3, 8);
            return (vec![byte.to_le_bytes()[0]], 1 + len);
        }
        b'u' | b'U' => return unicode_escape(rest),
        b'c' => {
            let byte = rest.get(2).map_or(0, |byte| byte & 0x1f);
            return (vec![byte], 3.min(rest.len()));
        }
        _ => return (vec![b'\\', sign], 2),
    };
    (vec![simple], 2)
}

/// `\u00e9` and `\U0001f600`; browsers write two of the first kind for what one of the second is.
fn unicode_escape(rest: &[u8]) -> (Vec<u8>, usize) {
    let most = if rest.get(1) == Some(&b'u') { 4 } else { 8 };
    let (mut code, mut len) = number(rest.get(2..), most, 16);
    if len == 0 {
        return (rest.get(..2).unwrap_or_default().to_vec(), 2);
    }
    if matches!(code, 0xd800..=0xdbff) && rest.get(2 + len..4 + len) == Some(b"\\u") {
        let (low, low_len) = number(rest.get(4 + len..), 4, 16);
        if matches!(low, 0xdc00..=0xdfff) {
            code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            len += 2 + low_len;
        }
    }
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    (c.encode_utf8(&mut [0; 4]).as_bytes().to_vec(), 2 + len)
}

/// A number of at most `most` digits, and how many it has.
fn number(rest: Option<&[u8]>, most: usize, radix: u32) -> (u32, usize) {
    let mut value = 0_u32;
    let mut len = 0;
    for byte in rest.unwrap_or_default().iter().take(most) {
        let Some(digit) = char::from(*byte).to_digit(radix) else { break };
        value = value.wrapping_mul(radix).wrapping_add(digit);
        len += 1;
    }
    (value, len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_with_their_length() {
        for (text, bytes, len) in [
            (r"\n", &b"\n"[..], 2),
            (r"\x4", b"\x04", 3),
            (r"\xg", b"\\x", 2),
            (r"\1234", b"S", 4),
            (r"\u00e9x", "é".as_bytes(), 6),
            (r"\ud800x", "\u{fffd}".as_bytes(), 6),
            (r"\U110000", "\u{fffd}".as_bytes(), 8),
            (r"\u", b"\\u", 2),
            (r"\ca", b"\x01", 3),
            (r"\c", b"\0", 2),
            (r"\q", b"\\q", 2),
            ("\\", b"\\", 1),
        ] {
            assert_eq!(ansi_escape(text.as_bytes()), (bytes.to_vec(), len), "{text}");
        }
    }
}
