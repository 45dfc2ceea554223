//! The ways in which a secret is written down: percent, form, base64, JSON, HTML, hexadecimal, UTF-16, wrapped lines.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::rng::Rng;

/// The escaping that an encoded text already has, so that a place of that kind takes it as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Done {
    /// None: the place escapes it.
    No,
    /// The inside of a JSON string.
    Json,
    /// XML or HTML text.
    Xml,
    /// Part of a URL or of a form.
    Url,
}

/// A secret in some writing.
#[derive(Clone)]
pub(crate) struct Written {
    /// The secret as written, without its surroundings.
    pub(crate) core: String,
    /// What must stand before it (base64 of a longer text).
    pub(crate) before: String,
    /// What must stand behind it.
    pub(crate) behind: String,
    /// The escaping already done.
    pub(crate) done: Done,
}

/// Names of all encodings; the index is the argument of [`encode`].
pub(crate) const NAMES: [&str; 52] = [
    "plain",
    "percent-encoded",
    "percent-encoded in lower case",
    "percent-encoded in every byte",
    "percent-encoded in every byte in lower case",
    "percent-encoded in some characters",
    "percent-encoded twice",
    "form-encoded",
    "base64",
    "base64 without padding",
    "base64url",
    "base64url without padding",
    "base64 of a longer text, alignment 0",
    "base64 of a longer text, alignment 1",
    "base64 of a longer text, alignment 2",
    "base64url of a longer text, alignment 0",
    "base64url of a longer text, alignment 1",
    "base64url of a longer text, alignment 2",
    "Basic pair",
    "JSON escapes for all characters",
    "JSON escapes for some characters",
    "JSON with escaped solidus",
    "JSON escapes in upper case",
    "named HTML entities",
    "decimal HTML entities",
    "hexadecimal HTML entities",
    "decimal HTML entities for some characters",
    "hexadecimal",
    "hexadecimal in upper case",
    "hexadecimal with colons",
    "hexadecimal with blanks",
    "hexadecimal with \\x",
    "UTF-16LE as hexadecimal",
    "UTF-16BE as hexadecimal",
    "UTF-16LE as base64",
    "UTF-16BE as base64",
    "UTF-16LE as text with NUL",
    "UTF-16BE as text with NUL",
    "wrapped by LF",
    "wrapped by CRLF",
    "wrapped by backslash and LF",
    "quoted-printable with soft breaks",
    "wrapped with indentation",
    "base64 wrapped at 76 with CRLF",
    "base64 wrapped at 64 with LF",
    "JSON string, its quotes escaped for a second string",
    "hexadecimal in upper case with colons",
    "percent-encoded thrice",
    "plain, wrapped twice by LF",
    "base64 of a JSON object",
    "percent-encoded base64",
    "base64 of base64",
];

/// Writes `value` in encoding `n`, or gives nothing where the encoding cannot or need not change it.
pub(crate) fn encode(n: usize, value: &str, rng: &mut Rng) -> Option<Written> {
    let b = value.as_bytes();
    let (core, done) = match n {
        0 => (value.to_owned(), Done::No),
        1 => (percent(value, true, |c| !c.is_ascii_alphanumeric()), Done::Url),
        2 => (percent(value, false, |c| !c.is_ascii_alphanumeric()), Done::Url),
        3 => (percent(value, true, |_| true), Done::Url),
        4 => (percent(value, false, |_| true), Done::Url),
        5 => (percent(value, true, |c| !c.is_ascii_alphanumeric() || rng.chance(35)), Done::Url),
        6 | 47 => {
            let mut text = percent(value, true, |c| !c.is_ascii_alphanumeric());
            for _ in 0..if n == 6 { 1 } else { 2 } {
                text = percent(&text, true, |c| !c.is_ascii_alphanumeric());
            }
            (text, Done::Url)
        }
        7 => (form(value), Done::Url),
        8 => (STANDARD.encode(b), Done::No),
        9 => (STANDARD_NO_PAD.encode(b), Done::No),
        10 => (URL_SAFE.encode(b), Done::No),
        11 => (URL_SAFE_NO_PAD.encode(b), Done::No),
        12..=17 => {
            let before = rng.alnum(9 + (n - 12) % 3);
            let behind = rng.alnum(rng_len(n));
            return Some(stretch(before.as_bytes(), b, behind.as_bytes(), n >= 15));
        }
        18 => return Some(stretch(b"ada.lovelace:", b, b"", false)),
        19 => (units(value, |u| format!("\\u{u:04x}")), Done::Json),
        20 => (json_some(value, rng), Done::Json),
        21 => (json(value).replace('/', "\\/"), Done::Json),
        22 => (units(value, |u| format!("\\u{u:04X}")), Done::Json),
        23 => (named(value), Done::Xml),
        24 => (value.chars().map(|c| format!("&#{};", c as u32)).collect(), Done::Xml),
        25 => (value.chars().map(|c| format!("&#x{:X};", c as u32)).collect(), Done::Xml),
        26 => {
            let entity = |c: char| format!("&#{};", c as u32);
            (
                value
                    .chars()
                    .map(|c| if c.is_alphanumeric() && rng.chance(60) { c.to_string() } else { entity(c) })
                    .collect(),
                Done::Xml,
            )
        }
        27 => (hex(b, "", false), Done::No),
        28 => (hex(b, "", true), Done::No),
        29 => (hex(b, ":", false), Done::No),
        30 => (hex(b, " ", false), Done::No),
        31 => (format!("\\x{}", hex(b, "\\x", false)), Done::No),
        32 => (hex(&utf16(value, true), "", false), Done::No),
        33 => (hex(&utf16(value, false), "", false), Done::No),
        34 => (STANDARD.encode(utf16(value, true)), Done::No),
        35 => (STANDARD.encode(utf16(value, false)), Done::No),
        36 if value.is_ascii() => (value.chars().flat_map(|c| [c, '\0']).collect(), Done::No),
        37 if value.is_ascii() => (value.chars().flat_map(|c| ['\0', c]).collect(), Done::No),
        38 => (wrap(value, "\n", 1, rng), Done::No),
        39 => (wrap(value, "\r\n", 1, rng), Done::No),
        40 => (wrap(value, "\\\n", 1, rng), Done::No),
        41 => (quoted_printable(value), Done::No),
        42 => (wrap(value, "\n      ", 1, rng), Done::No),
        43 | 44 => return Some(wrapped64(value, n == 43, rng)),
        45 => (json(&json(value)), Done::Json),
        46 => (hex(b, ":", true), Done::No),
        48 => (wrap(value, "\n", 2, rng), Done::No),
        49 => {
            let inner = json(value);
            return Some(stretch(b"{\"user\":\"ada\",\"note\":\"", inner.as_bytes(), b"\",\"seen\":17}", false));
        }
        50 => (percent(&STANDARD.encode(b), true, |c| !c.is_ascii_alphanumeric()), Done::Url),
        51 => (STANDARD.encode(STANDARD.encode(b)), Done::No),
        _ => return None,
    };
    let same = core == value && n != 0;
    let twin = (n == 50 && !core.contains('%')) || (n == 45 && core == value);
    (!same && !twin).then_some(Written { core, before: String::new(), behind: String::new(), done })
}

fn rng_len(n: usize) -> usize {
    8 + n
}

/// The inside of a JSON string.
pub(crate) fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Percent-encodes the characters that `which` picks and every byte beyond ASCII.
pub(crate) fn percent(text: &str, upper: bool, mut which: impl FnMut(char) -> bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_ascii() || which(c) {
            for byte in c.to_string().bytes() {
                out += &if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The encoding of HTML forms.
pub(crate) fn form(text: &str) -> String {
    percent(text, true, |c| !c.is_ascii_alphanumeric() && !"*-._ ".contains(c)).replace(' ', "+")
}

/// XML text with the five named entities.
pub(crate) fn named(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&apos;")
}

/// Bytes as hexadecimal digits with something between.
pub(crate) fn hex(bytes: &[u8], between: &str, upper: bool) -> String {
    let digits: Vec<_> = bytes.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect();
    digits.join(between)
}

/// The base64 of `before`, `secret` and `behind` in one, the characters that bear bits of the secret being the core.
pub(crate) fn stretch(before: &[u8], secret: &[u8], behind: &[u8], url: bool) -> Written {
    let all = [before, secret, behind].concat();
    let text = if url { URL_SAFE_NO_PAD.encode(all) } else { STANDARD.encode(all) };
    let (start, end) = (before.len() * 8 / 6, ((before.len() + secret.len()) * 8).div_ceil(6));
    Written {
        core: text[start..end].to_owned(),
        before: text[..start].to_owned(),
        behind: text[end..].to_owned(),
        done: Done::No,
    }
}

fn units(value: &str, write: impl Fn(u16) -> String) -> String {
    value.encode_utf16().map(write).collect()
}

fn json_some(value: &str, rng: &mut Rng) -> String {
    let escape = |c: char| units(&c.to_string(), |u| format!("\\u{u:04x}"));
    value.chars().map(|c| if rng.chance(40) { escape(c) } else { json(&c.to_string()) }).collect()
}

fn utf16(value: &str, little: bool) -> Vec<u8> {
    value.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
}

fn wrap(value: &str, by: &str, times: usize, rng: &mut Rng) -> String {
    let mut chars: Vec<String> = value.chars().map(String::from).collect();
    for _ in 0..times {
        let at = rng.range(2, chars.len() - 3);
        chars[at].insert_str(0, by);
    }
    chars.concat()
}

fn quoted_printable(value: &str) -> String {
    let mut out = String::new();
    for (i, c) in value.chars().enumerate() {
        if i > 0 && i % 5 == 0 {
            out += "=\r\n";
        }
        if c.is_ascii_graphic() && c != '=' || c == ' ' {
            out.push(c);
        } else {
            out += &c.to_string().bytes().map(|b| format!("={b:02X}")).collect::<String>();
        }
    }
    out
}

/// Base64 in lines of 76 or 64 characters, the secret standing across a line end.
fn wrapped64(value: &str, mail: bool, rng: &mut Rng) -> Written {
    let (width, end) = if mail { (76, "\r\n") } else { (64, "\n") };
    let before = rng.alnum(width * 3 / 4 - 3 - value.len().min(6) / 3);
    let flat = stretch(before.as_bytes(), value.as_bytes(), rng.alnum(50).as_bytes(), false);
    let mut out = Written { core: String::new(), before: String::new(), behind: String::new(), done: Done::No };
    let (core, last) = (flat.before.len(), flat.before.len() + flat.core.len());
    for (i, c) in format!("{}{}{}", flat.before, flat.core, flat.behind).chars().enumerate() {
        let into = if i < core {
            &mut out.before
        } else if i < last {
            &mut out.core
        } else {
            &mut out.behind
        };
        if i > 0 && i % width == 0 {
            *into += end;
        }
        into.push(c);
    }
    out
}
