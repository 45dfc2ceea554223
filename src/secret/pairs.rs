//! Finds `name: value` and `name=value` in free text, quoted or not, and says which values are secret by name.

use std::ops::Range;

use memchr::memchr2;
use zeroize::Zeroizing;

use super::edits::{Found, How};
use super::names::{Lookup, NamePlace, NameRule, NameRules, Shape};
use super::shapes::secret_parts;
use super::words::is_opaque;

/// The longest name looked for.
const MAX_NAME_BYTES: usize = 64;

/// Every secret value in the text that has its name beside it, in order.
///
/// One pass: a value is read only behind a secret name, and the search goes on behind it.
pub(in crate::secret) fn find(lookup: &mut Lookup<'_>, text: &str) -> Vec<Found> {
    let names = lookup.rules();
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    let mut line_end = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| memchr2(b'=', b':', rest)).map(|at| from + at) {
        from = at + 1;
        let is_colon = bytes.get(at) == Some(&b':');
        let Some(name) = name_before(bytes, at) else { continue };
        let is_parameter =
            !is_colon && matches!(name.start.checked_sub(1).and_then(|i| bytes.get(i)), Some(b'?' | b'&'));
        let place = if is_parameter { NamePlace::Parameter } else { NamePlace::Text };
        let Some(name_text) = text.get(name.clone()) else { continue };
        let above =
            if is_colon && name_text.eq_ignore_ascii_case("value") { name_above(text, name.start) } else { None };
        let name_text = above.unwrap_or(name_text);
        let mut rule = lookup.find(place, name_text);
        if rule.is_none() && is_parameter {
            rule = lookup.find(NamePlace::Text, name_text);
        }
        let Some(rule) = rule else { continue };
        if line_end <= at {
            let rest = bytes.get(at..).unwrap_or_default();
            line_end = at + memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        }
        let Some(value) = value_after(text, at, is_colon, line_end) else { continue };
        let is_name_quoted = matches!(bytes.get(name.end), Some(b'"' | b'\'' | b'\\'));
        let Some(range) = secret_range(names, rule, text, &value, is_colon, name.start, is_name_quoted) else {
            continue;
        };
        let Some(content) = text.get(range.clone()) else { continue };
        let mut end = at + 1;
        for part in secret_parts(names, rule, content) {
            let range = range.start + part.start..range.start + part.end;
            let Some(secret) = text.get(range.clone()) else { continue };
            end = end.max(range.end);
            found.push(Found {
                label: rule.label.clone(),
                rule: format!("name {}", name_text.to_lowercase()),
                value: Zeroizing::new(plain_value(secret, is_colon)),
                range,
                how: How::Plain,
            });
        }
        from = end.max(from);
    }
    found
}

/// A value as it stands behind its sign.
struct Value {
    range: Range<usize>,
    is_quoted: bool,
}

/// A parameter's value without its percent signs, so that it gets the pseudonym it has elsewhere.
fn plain_value(text: &str, is_colon: bool) -> String {
    if is_colon || !text.contains(['%', '+']) {
        return text.to_owned();
    }
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

fn name_before(bytes: &[u8], sign: usize) -> Option<Range<usize>> {
    let mut end = sign;
    let mut skipped = 0;
    while end > 0 && matches!(bytes.get(end - 1), Some(b' ' | b'\t')) && skipped < 4 {
        end -= 1;
        skipped += 1;
    }
    // A quoted name, in a JSON text or escaped inside one.
    if matches!(end.checked_sub(1).and_then(|i| bytes.get(i)), Some(b'"' | b'\'' | b'`')) {
        end -= 1;
        while matches!(end.checked_sub(1).and_then(|i| bytes.get(i)), Some(b'\\')) {
            end -= 1;
        }
    }
    let mut start = end;
    while let Some(byte) = start.checked_sub(1).and_then(|i| bytes.get(i)) {
        let is_name = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'$');
        if !is_name || end - start > MAX_NAME_BYTES {
            break;
        }
        start -= 1;
    }
    // Percent-encoded brackets: `user%5Bpassword%5D=`; the digits of the first are no part of the name.
    (start < end && end - start <= MAX_NAME_BYTES).then_some(start..end)
}

fn value_after(text: &str, sign: usize, is_colon: bool, line_end: usize) -> Option<Value> {
    let bytes = text.as_bytes();
    let mut at = sign + 1;
    if is_colon && bytes.get(at..at + 2) == Some(b"//") {
        return None;
    }
    match bytes.get(at) {
        Some(b'=') => return None,
        // `"name" => "value"`, and `:=`.
        Some(b'>') if !is_colon => at += 1,
        _ => {}
    }
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    let slashes = bytes.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
    let quote = *bytes.get(at + slashes)?;
    if matches!(quote, b'"' | b'\'' | b'`') {
        let start = at + slashes + 1;
        let end = closing_quote(bytes, start, quote, slashes);
        return Some(Value { range: start..end, is_quoted: true });
    }
    if matches!(quote, b'{' | b'[') {
        return None;
    }
    Some(Value { range: at..line_end.max(at), is_quoted: false })
}

/// The end of a quoted value: the same quote behind the same number of backslashes, else the text's end.
fn closing_quote(bytes: &[u8], start: usize, quote: u8, slashes: usize) -> usize {
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        if *byte == b'\\' {
            run += 1;
        } else {
            // Inside plain quotes an escaped quote is text; inside escaped quotes a deeper one is.
            if *byte == quote && (run == slashes || (slashes == 0 && run % 2 == 0) || run < slashes) {
                return at - run.min(slashes);
            }
            run = 0;
        }
    }
    bytes.len()
}

/// Which part of what stands behind a secret name is its value.
fn secret_range(
    names: &NameRules,
    rule: &NameRule,
    text: &str,
    value: &Value,
    is_colon: bool,
    name_start: usize,
    is_name_quoted: bool,
) -> Option<Range<usize>> {
    let is_line_start = is_line_start(text.as_bytes(), name_start);
    let content = text.get(value.range.clone())?;
    let start = value.range.start;
    let nothing = |word: &str| matches!(word, "" | "null" | "true" | "false" | "nil" | "None" | "undefined");
    let bare = content.trim_start().split([',', '}', ']', ' ', '&', ';']).next().unwrap_or_default();
    if nothing(content.trim()) || (is_name_quoted && !value.is_quoted && nothing(bare)) {
        return None;
    }
    if value.is_quoted {
        return (!is_colon || !names.is_reason(content) || rule.shape != Shape::Whole).then_some(value.range.clone());
    }
    // A header's value ends with its line, or with the quote or backslash of the command or text that it stands in.
    if rule.shape != Shape::Whole && is_colon {
        // Only the beginning is looked at, so that a line of many names takes linear time.
        let near = content.get(..content.floor_char_boundary(400))?;
        let head = near.split(['"', '\'', '`', '\\']).next()?;
        let first = head.split_whitespace().next().unwrap_or_default();
        let is_prose = quoted_header_len(text, name_start, content).is_none()
            && !names.is_scheme(first)
            && !head.contains('=')
            && (names.is_reason(head) || !is_line_start && !is_opaque(first));
        if is_prose {
            return None;
        }
        let len = content.find(['"', '\'', '`', '\\']).unwrap_or(content.len());
        return Some(start..start + len);
    }
    let stops: &[char] = &['&', ';', ',', '"', '\'', '`', '<', '>', ')', '}', ']', '\\', '|', ' ', '\t'];
    let word_len = content.find(stops).unwrap_or(content.len());
    let word = content.get(..word_len)?;
    if !is_colon {
        // `token=Bearer abc` is rare, but then the secret is the second word.
        let rest = content.get(word_len..)?.trim_start_matches(' ');
        if names.is_scheme(word) && !rest.is_empty() {
            let second = content.len() - rest.len();
            let len = rest.find(stops).unwrap_or(rest.len());
            return Some(start..start + second + len);
        }
        return (word_len > 0).then(|| start..start + word_len);
    }
    let has_more_words = content.get(word_len..)?.trim().contains(|c: char| c.is_alphanumeric());
    if is_opaque(word) || (is_name_quoted && word_len > 0) {
        return Some(start..start + word_len);
    }
    if let Some(len) = quoted_header_len(text, name_start, content) {
        return Some(start..start + len);
    }
    if !is_line_start && !has_more_words && word_len > 0 && rule.label == "password" && !names.is_reason_word(word) {
        return Some(start..start + word_len);
    }
    if !is_line_start || word.is_empty() {
        return None;
    }
    match has_more_words {
        false => Some(start..start + word_len),
        true => {
            (rule.label == "password" && !names.is_reason(content)).then(|| start..start + content.trim_end().len())
        }
    }
}

/// The length of a header's value in a command: `-H "X-Api-Key: abc"` up to the quote that was opened before the name.
fn quoted_header_len(text: &str, name: usize, content: &str) -> Option<usize> {
    let before = text.get(..name)?;
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''))?;
    let flag = before.get(..before.len() - 1)?.trim_end_matches(['=', ' ', '\\']);
    let is_header = flag.ends_with("-H") || flag.ends_with("--header") || flag.ends_with("-Headers");
    let len = content.find(quote)?;
    (is_header && len > 0).then(|| content.get(..len).map_or(len, |value| value.trim_end_matches('\\').len()))
}

/// The name in the line above a `value:` of YAML: `- name: API_TOKEN`.
fn name_above(text: &str, at: usize) -> Option<&str> {
    // Only near by, so that a line of many values takes linear time.
    let near = text.get(text.floor_char_boundary(at.saturating_sub(300))..at)?;
    let line = near.get(..near.rfind('\n')?)?.rsplit('\n').next()?.trim().trim_start_matches("- ");
    let (key, name) = line.split_once(':')?;
    matches!(key.trim(), "name" | "key").then(|| name.trim().trim_matches(['"', '\'']))
}

/// Whether only marks of a list, a log or a quote stand between the line's beginning and the name.
fn is_line_start(bytes: &[u8], name: usize) -> bool {
    let before = bytes.get(..name).unwrap_or_default();
    for byte in before.iter().rev().take(12) {
        match byte {
            b'\n' | b'\r' => return true,
            b' ' | b'\t' | b'>' | b'<' | b'*' | b'-' | b'"' | b'\'' | b'`' | b'|' | b'{' | b'\\' | b'#' => {}
            _ => return false,
        }
    }
    before.len() <= 12
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let names = NameRules::from_toml(include_str!("../../assets/redaction/names.toml")).unwrap();
        find(&mut names.lookup(), text).into_iter().map(|found| text[found.range].to_owned()).collect()
    }

    #[test]
    fn values_beside_a_secret_name_are_found() {
        let cases: &[(&str, &[&str])] = &[
            ("> Authorization: Bearer abc", &["abc"]),
            ("curl -H 'Authorization: Bearer abc' http://x/", &["abc"]),
            ("a=1&password=hunter2&b=2", &["hunter2"]),
            ("https://x/?api_key=k1#f", &["k1#f"]),
            ("{\"password\": \"x", &["x"]),
            ("{\"a\":1,\"password\" : \"x\\\"y\",\"b\":2}", &["x\\\"y"]),
            ("{\\\"token\\\":\\\"abc\\\",\\\"b\\\":1}", &["abc"]),
            ("\"pin\": 1234, \"b\": 1", &["1234"]),
            ("password: hunter2\nuser: me", &["hunter2"]),
            ("connecting with secret: s3cr3tV4lue now", &["s3cr3tV4lue"]),
            ("Set-Cookie: sid=abc; Path=/", &["abc"]),
            ("Cookie: a=1; b=2", &["1", "2"]),
            (":password => \"x\"", &["x"]),
            ("user[password]=x1&y=2", &["x1"]),
        ];
        for (text, expected) in cases {
            assert_eq!(values(text), *expected, "{text}");
        }
    }

    #[test]
    fn prose_and_plain_pairs_stay() {
        for text in [
            "Check the token: it is required",
            "Password: must be at least 8 characters",
            "Token: a history",
            "Authorization: header is missing",
            "max_tokens=100&next_page_token=abc",
            "state=published&code=invalid_request",
            "token_type: bearer",
            "\"password\": \"This field is required.\"",
            "password=&token=",
            "http://127.0.0.1:8080/v1/posts",
            "a == b, secret == other",
        ] {
            assert_eq!(values(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn many_signs_take_linear_time() {
        let text = "password:".repeat(50_000);
        let _ = values(&text);
        let text = "\"password\":\"".repeat(50_000);
        let _ = values(&text);
        let text = "token = ".repeat(50_000);
        let _ = values(&text);
    }
}
