//! The tokens of JSON by RFC 8259: where white space, a string, a number and a literal end.

use super::Fault;

/// The first wrong byte and what was expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Byte offset; the text's length where it ends too early.
    pub(super) at: usize,
    /// What was expected.
    pub(super) fault: Fault,
}

const fn each_byte(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

const LOW: u64 = each_byte(0x01);
const HIGH: u64 = each_byte(0x80);

/// The eight bytes from `at` on.
fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// Where the white space that may begin at `at` ends.
pub(super) fn space_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ') => {
                // Indentation comes in long runs.
                at += 1;
                while word_at(bytes, at) == Some(each_byte(b' ')) {
                    at += 8;
                }
            }
            Some(b'\n' | b'\r' | b'\t') => at += 1,
            _ => return at,
        }
    }
}

/// Where the run of plain string bytes that may begin at `at` ends: at a quote, a backslash, a control character or
/// the end of the text.
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    // Eight bytes at a time; the lowest marked byte of a word is always a true one.
    while let Some(word) = word_at(bytes, at) {
        let zero_in = |w: u64| w.wrapping_sub(LOW) & !w;
        let quote = zero_in(word ^ each_byte(b'"'));
        let backslash = zero_in(word ^ each_byte(b'\\'));
        let control = word.wrapping_sub(each_byte(0x20)) & !word;
        let hit = (quote | backslash | control) & HIGH;
        if hit != 0 {
            return at + hit.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|b| *b >= 0x20 && *b != b'"' && *b != b'\\') {
        at += 1;
    }
    at
}

/// The end of the string whose opening quote stands at `at`.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Result<usize, Wrong> {
    let mut at = at + 1;
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape_end(bytes, at)?,
            Some(_) => return Err(Wrong { at, fault: Fault::ControlCharacter }),
            None => return Err(Wrong { at, fault: Fault::ClosingQuote }),
        }
    }
}

/// The end of the escape whose backslash stands at `at`.
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, Wrong> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            for digit in at + 2..at + 6 {
                match bytes.get(digit) {
                    Some(b) if b.is_ascii_hexdigit() => {}
                    Some(_) => return Err(Wrong { at: digit, fault: Fault::HexDigit }),
                    None => return Err(Wrong { at: digit, fault: Fault::ClosingQuote }),
                }
            }
            Ok(at + 6)
        }
        Some(_) => Err(Wrong { at: at + 1, fault: Fault::Escape }),
        None => Err(Wrong { at: at + 1, fault: Fault::ClosingQuote }),
    }
}

/// The end of the number whose `-` or first digit stands at `at`.
pub(super) fn number_end(bytes: &[u8], mut at: usize) -> Result<usize, Wrong> {
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    if bytes.get(at) == Some(&b'0') {
        at += 1;
        if bytes.get(at).is_some_and(u8::is_ascii_digit) {
            return Err(Wrong { at, fault: Fault::LeadingZero });
        }
    } else {
        at = digits_end(bytes, at)?;
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits_end(bytes, at + 1)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        if matches!(bytes.get(at), Some(b'+' | b'-')) {
            at += 1;
        }
        at = digits_end(bytes, at)?;
    }
    Ok(at)
}

/// The end of one digit or more.
fn digits_end(bytes: &[u8], start: usize) -> Result<usize, Wrong> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at == start { Err(Wrong { at, fault: Fault::Digit }) } else { Ok(at) }
}

/// The end of `literal`, whose first byte stands at `at`.
pub(super) fn literal_end(bytes: &[u8], at: usize, literal: &[u8]) -> Result<usize, Wrong> {
    for (step, expected) in literal.iter().enumerate() {
        if bytes.get(at + step) != Some(expected) {
            return Err(Wrong { at: at + step, fault: Fault::Literal });
        }
    }
    Ok(at + literal.len())
}

/// The end of a string, number or literal at `at`; `otherwise` is what is wrong where none of them begins.
pub(super) fn scalar_end(bytes: &[u8], at: usize, otherwise: Fault) -> Result<usize, Wrong> {
    match bytes.get(at) {
        Some(b'"') => string_end(bytes, at),
        Some(b'-' | b'0'..=b'9') => number_end(bytes, at),
        Some(b't') => literal_end(bytes, at, b"true"),
        Some(b'f') => literal_end(bytes, at, b"false"),
        Some(b'n') => literal_end(bytes, at, b"null"),
        _ => Err(Wrong { at, fault: otherwise }),
    }
}

/// The end of the closed, well-formed container that begins at `at`.
pub(super) fn container_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = string_end(bytes, at).ok()?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}
