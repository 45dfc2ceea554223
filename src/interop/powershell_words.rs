//! A command line for PowerShell cut into words: backticks, both kinds of quotes, nothing put in and nothing run.

use super::PartKind;
use super::curl_error::CurlError;
use super::words::{Split, Word, break_len, line_end, unclosed};
use crate::text::Document;

/// Cuts the command that begins at `start`; it ends at a line break that is neither quoted nor escaped.
pub(super) fn split(text: &str, start: usize) -> Result<Split, CurlError> {
    let bytes = text.as_bytes();
    let mut split = Split { end: bytes.len(), ..Split::default() };
    let mut at = start;
    let mut open: Option<Word> = None;
    while let Some(&byte) = bytes.get(at) {
        let is_break = break_len(bytes, at) > 0;
        if is_break || matches!(byte, b' ' | b'\t' | b';' | b'|') {
            if let Some(word) = open.take() {
                split.push(without_backslashes(word))?;
            }
            if (is_break || matches!(byte, b';' | b'|')) && !split.words.is_empty() {
                split.end = line_end(bytes, at);
                return Ok(split);
            }
            at += 1;
            continue;
        }
        if byte == b'`' && break_len(bytes, at + 1) > 0 {
            at += 1 + break_len(bytes, at + 1);
            continue;
        }
        let word = open.get_or_insert_with(|| Word { bytes: Vec::new(), at });
        match byte {
            b'\'' => at = single_quoted(text, at, &mut word.bytes)?,
            b'"' => {
                let (end, variables) = double_quoted(text, at, &mut word.bytes)?;
                for (from, to) in variables {
                    note(&mut split, bytes.get(from..to).unwrap_or_default());
                }
                at = end;
            }
            b'`' => {
                let (escaped, len) = escape(bytes.get(at..).unwrap_or_default());
                word.bytes.extend_from_slice(escaped);
                at += len;
            }
            b'$' => {
                let len = insertion_len(bytes.get(at..).unwrap_or_default());
                let written = bytes.get(at..at + len).unwrap_or_default();
                word.bytes.extend_from_slice(written);
                note(&mut split, written);
                at += len;
            }
            _ => {
                word.bytes.push(byte);
                at += 1;
            }
        }
    }
    if let Some(word) = open {
        split.push(without_backslashes(word))?;
    }
    Ok(split)
}

fn note(split: &mut Split, written: &[u8]) {
    if written.len() > 1 {
        let what = if written.starts_with(b"$(") { PartKind::Command } else { PartKind::Variable };
        split.note("shell", written, what);
    }
}

/// A string in single quotes, in which only a doubled quote means something; returns where it ends.
pub(super) fn single_quoted(text: &str, opening: usize, into: &mut Vec<u8>) -> Result<usize, CurlError> {
    let bytes = text.as_bytes();
    let mut at = opening + 1;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let len = memchr::memchr(b'\'', rest).ok_or_else(|| unclosed(text, opening, "'"))?;
        into.extend_from_slice(rest.get(..len).unwrap_or_default());
        at += len + 1;
        if bytes.get(at) != Some(&b'\'') {
            return Ok(at);
        }
        into.push(b'\'');
        at += 1;
    }
}

/// A string in double quotes; returns where it ends and where something would be put in.
pub(super) fn double_quoted(
    text: &str,
    opening: usize,
    into: &mut Vec<u8>,
) -> Result<(usize, Vec<(usize, usize)>), CurlError> {
    let bytes = text.as_bytes();
    let mut at = opening + 1;
    let mut inserted = Vec::new();
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let len = memchr::memchr3(b'"', b'`', b'$', rest).ok_or_else(|| unclosed(text, opening, "\""))?;
        into.extend_from_slice(rest.get(..len).unwrap_or_default());
        at += len;
        let rest = bytes.get(at..).unwrap_or_default();
        match rest {
            [b'"', b'"', ..] => {
                into.push(b'"');
                at += 2;
            }
            [b'"', ..] => return Ok((at + 1, inserted)),
            [b'`', ..] => {
                let (escaped, len) = escape(rest);
                into.extend_from_slice(escaped);
                at += len;
            }
            _ => {
                // A character by its number is what browsers write for one that is none of ASCII.
                if let Some((c, len)) = numbered_character(rest) {
                    into.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    at += len;
                    continue;
                }
                let len = insertion_len(rest);
                into.extend_from_slice(rest.get(..len).unwrap_or_default());
                if len > 1 && inserted.len() < 1000 {
                    inserted.push((at, at + len));
                }
                at += len;
            }
        }
    }
}

/// What a backtick and the character behind it stand for, and how long they are.
fn escape(rest: &[u8]) -> (&[u8], usize) {
    match rest.get(1) {
        Some(b'n') => (b"\n", 2),
        Some(b'r') => (b"\r", 2),
        Some(b't') => (b"\t", 2),
        Some(b'0') => (b"\0", 2),
        Some(b'a') => (b"\x07", 2),
        Some(b'b') => (b"\x08", 2),
        Some(b'f') => (b"\x0c", 2),
        Some(b'v') => (b"\x0b", 2),
        Some(b'e') => (b"\x1b", 2),
        Some(_) => (rest.get(1..2).unwrap_or_default(), 2),
        None => (b"", 1),
    }
}

/// `$([char]233)`, and two of them for a character of two units.
fn numbered_character(rest: &[u8]) -> Option<(char, usize)> {
    let (first, len) = numbered_unit(rest)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, len));
    }
    let Some((second, second_len)) = rest.get(len..).and_then(numbered_unit) else {
        return Some((char::REPLACEMENT_CHARACTER, len));
    };
    let units = [first, second].map(|unit| u16::try_from(unit).unwrap_or_default());
    match char::decode_utf16(units).next() {
        Some(Ok(c)) => Some((c, len + second_len)),
        _ => Some((char::REPLACEMENT_CHARACTER, len)),
    }
}

fn numbered_unit(rest: &[u8]) -> Option<(u32, usize)> {
    let digits = rest.strip_prefix(b"$([char]")?;
    let len = digits.iter().take(7).take_while(|b| b.is_ascii_digit()).count();
    let number = std::str::from_utf8(digits.get(..len)?).ok()?.parse().ok()?;
    (digits.get(len) == Some(&b')')).then_some((number, 8 + len + 1))
}

/// How long what would be put in is written: `$name`, `${name}`, `$(…)`; 1 for a sign alone.
fn insertion_len(rest: &[u8]) -> usize {
    let close = match rest.get(1) {
        Some(b'(') => b')',
        Some(b'{') => b'}',
        _ => {
            let name = rest.get(1..).unwrap_or_default().iter();
            return 1 + name.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':')).count();
        }
    };
    // Not further than a line, so that many open ones cost no more than the text is long.
    let line = rest.iter().take(200).take_while(|b| **b != b'\n');
    line.take_while(|b| **b != close).count().saturating_add(1).min(rest.len())
}

/// `'{\"a\":1}'` as Windows PowerShell hands it to a program; only where it is JSON without the backslashes.
fn without_backslashes(mut word: Word) -> Word {
    if memchr::memmem::find(&word.bytes, b"\\\"").is_none() || !matches!(word.bytes.first(), Some(b'{' | b'[')) {
        return word;
    }
    let text = word.text();
    if Document::parse(&text).is_complete() {
        return word;
    }
    let plain = text.replace("\\\"", "\"");
    if Document::parse(&plain).is_complete() {
        word.bytes = plain.into_bytes();
    }
    word
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        split(text, 0).unwrap().words.iter().map(Word::text).collect()
    }

    #[test]
    fn words_are_cut_as_powershell_cuts_them() {
        for (text, expected) in [
            (
                "curl.exe -X POST `\r\n  'it''s' `\n \"a`\"b\"\"c`n\"\nrest",
                vec!["curl.exe", "-X", "POST", "it's", "a\"b\"c\n"],
            ),
            (r#"curl.exe -d '{\"a\": 1}' x"#, vec!["curl.exe", "-d", r#"{"a": 1}"#, "x"]),
            (r#"curl.exe -d '{"a": "\"q\""}'"#, vec!["curl.exe", "-d", r#"{"a": "\"q\""}"#]),
            ("curl.exe a; b", vec!["curl.exe", "a"]),
            ("curl.exe \"$([char]233)$([char]55357)$([char]56832)\"", vec!["curl.exe", "é😀"]),
        ] {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_would_be_put_in_is_noted() {
        let split = split("curl.exe \"Bearer $env:TOKEN $(cat x)\" $y", 0).unwrap();
        let noted: Vec<_> = split.insertions.iter().map(|(_, what, kind)| (what.as_str(), *kind)).collect();
        let expected =
            [("$env:TOKEN", PartKind::Variable), ("$(cat x)", PartKind::Command), ("$y", PartKind::Variable)];
        assert_eq!(noted, expected);
    }

    #[test]
    fn hostile_lines_take_linear_time() {
        let began = std::time::Instant::now();
        for piece in ["'", "\"", "`", "$(", "\"$(", "'' ", "\"\"", "$([char]", "'{\\\"' "] {
            let _ = split(&format!("curl.exe {}", piece.repeat(3_000_000 / piece.len())), 0);
        }
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
