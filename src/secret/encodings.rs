//! Every spelling of a known secret that undoing escapes does not bring back: base64, hex, UTF-16, doubled quotes.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::view::reading_of;

/// What RFC 3986 calls unreserved.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The shortest form that is searched for, in bytes.
const MIN_FORM_BYTES: usize = 6;

/// The forms as they stand in a [`super::view::Views::whole`] reading.
pub(in crate::secret) fn forms_of(secret: &str) -> BTreeSet<Vec<u8>> {
    let mut texts = BTreeSet::from([secret.to_owned()]);
    // A form's blank, a quote doubled for SQL and CSV, and one taken apart for a shell.
    texts.insert(secret.replace(' ', "+"));
    texts.insert(secret.replace('\'', "''"));
    texts.insert(secret.replace('"', "\"\""));
    texts.insert(secret.replace('\'', "'\\''"));
    let mut forms: BTreeSet<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let latin: Option<Vec<u8>> = secret.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    forms.extend(latin);
    for bytes in [secret.as_bytes().to_vec(), utf16(secret, u16::to_le_bytes), utf16(secret, u16::to_be_bytes)] {
        base64_into(&mut forms, &bytes);
        hex_into(&mut forms, &bytes);
    }
    // What is put into base64 may have been escaped before.
    if let Ok(quoted) = serde_json::to_string(secret) {
        let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(&quoted).to_owned();
        for escaped in [inner.replace('/', "\\/"), ascii_json(&inner), inner] {
            base64_into(&mut forms, escaped.as_bytes());
            hex_into(&mut forms, escaped.as_bytes());
        }
    }
    let percent = utf8_percent_encode(secret, UNRESERVED).to_string();
    base64_into(&mut forms, percent.replace("%20", "+").as_bytes());
    base64_into(&mut forms, percent.as_bytes());
    hex_into(&mut forms, percent.as_bytes());
    for once in [STANDARD.encode(secret), URL_SAFE.encode(secret), STANDARD_NO_PAD.encode(secret)] {
        base64_into(&mut forms, once.as_bytes());
    }
    // As it reads, and as it stands: what looks like an escape in it may be cut by a NUL or a line's end.
    let read: Vec<Vec<u8>> = forms.iter().map(|form| reading_of(form)).collect();
    let as_is = texts.into_iter().map(String::into_bytes);
    read.into_iter().chain(as_is).filter(|form| form.len() >= MIN_FORM_BYTES).collect()
}

/// Base64 in both alphabets at all three alignments: without the characters that also carry bits of the neighbours.
fn base64_into(forms: &mut BTreeSet<Vec<u8>>, bytes: &[u8]) {
    for offset in 0..3usize {
        let mut shifted = vec![0u8; offset];
        shifted.extend_from_slice(bytes);
        for text in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            let start = (offset * 8).div_ceil(6);
            let end = shifted.len() * 8 / 6;
            forms.extend(text.get(start..end).map(|core| core.as_bytes().to_vec()));
        }
    }
}

/// Hex in both cases, run together and with the signs that programs put between the bytes.
fn hex_into(forms: &mut BTreeSet<Vec<u8>>, bytes: &[u8]) {
    for between in ["", ":", " ", "-", "+", " 0x", ", 0x", ",0x"] {
        let lower: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = lower.join(between);
        forms.insert(text.to_uppercase().into_bytes());
        forms.insert(text.into_bytes());
    }
}

fn utf16(text: &str, bytes_of: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

/// A JSON string's inside with everything beyond ASCII as `\u` escapes.
fn ascii_json(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    for c in inner.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}
