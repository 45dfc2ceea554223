//! Which characters a body's bytes mean: by byte order mark, by content type, by what HTML says of itself, else UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

/// How far into HTML a `<meta charset>` is looked for, in bytes.
///
/// Source: HTML Living Standard, "prescan a byte stream to determine its encoding".
const META_BYTES: usize = 1024;

/// How much of an unknown label is kept, in characters.
const LABEL_CHARS: usize = 64;

/// Who named a charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharsetSource {
    /// The byte order mark before the text.
    Bom,
    /// The parameter `charset` of the content type.
    ContentType,
    /// A `<meta>` element of HTML.
    Meta,
    /// Nobody, so that it is UTF-8.
    Default,
}

/// How a body's bytes are read as text.
#[derive(Clone, Debug)]
pub struct Charset {
    encoding: &'static Encoding,
    /// Who named it.
    pub from: CharsetSource,
    /// The first label that nobody knows, at most 64 characters of it; the next source was asked instead.
    pub unknown_label: Option<String>,
}

/// A body as text.
///
/// *Secrets*: possibly; it is what came.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    /// The text: UTF-8 is borrowed with its byte order mark, so that offsets fit the bytes; others have lost theirs.
    pub text: Cow<'a, str>,
    /// The charset by its name in the Encoding Standard, which reads `latin1` as `windows-1252`.
    pub charset: &'static str,
    /// Whether bytes that mean nothing were replaced by U+FFFD.
    pub is_lossy: bool,
    /// Who named the charset.
    pub from: CharsetSource,
    /// A label that nobody knows, at most 64 characters of it.
    pub unknown_label: Option<String>,
}

/// Reads a whole body as text; the bytes stay as they are.
///
/// Shape of `content_type`: `text/html; charset=ISO-8859-1`.
pub fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    let charset = Charset::find(body, content_type);
    let (text, is_lossy) = charset.text(body, 0);
    Decoded { text, charset: charset.name(), is_lossy, from: charset.from, unknown_label: charset.unknown_label }
}

impl Charset {
    /// Finds the charset by a body's beginning, of which a kibibyte is enough.
    pub fn find(head: &[u8], content_type: Option<&str>) -> Self {
        if let Some((encoding, _)) = Encoding::for_bom(head) {
            return Self { encoding, from: CharsetSource::Bom, unknown_label: None };
        }
        let mut unknown_label = None;
        if let Some(label) = content_type.and_then(charset_parameter) {
            match Encoding::for_label_no_replacement(label.as_bytes()) {
                Some(encoding) => return Self { encoding, from: CharsetSource::ContentType, unknown_label },
                None => unknown_label = Some(label.chars().take(LABEL_CHARS).collect()),
            }
        }
        if content_type.is_some_and(|value| media_type(value).eq_ignore_ascii_case("text/html"))
            && let Some(label) = meta_label(head.get(..META_BYTES).unwrap_or(head))
        {
            match Encoding::for_label_no_replacement(&label) {
                // Who could read the label as ASCII knows that it is not UTF-16; the standard says so too.
                Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
                    return Self { encoding: UTF_8, from: CharsetSource::Meta, unknown_label };
                }
                Some(encoding) => return Self { encoding, from: CharsetSource::Meta, unknown_label },
                None => {
                    let label = String::from_utf8_lossy(&label).chars().take(LABEL_CHARS).collect();
                    unknown_label = unknown_label.or(Some(label));
                }
            }
        }
        Self { encoding: UTF_8, from: CharsetSource::Default, unknown_label }
    }

    /// Its name in the Encoding Standard. Shape: `UTF-8`, `windows-1252`.
    pub fn name(&self) -> &'static str {
        self.encoding.name()
    }

    /// Whether a character is two bytes or four, so that NUL bytes are nothing strange.
    pub fn is_utf_16(&self) -> bool {
        self.encoding == UTF_16LE || self.encoding == UTF_16BE
    }

    /// Reads bytes that begin at `offset` of the body, and whether some of them mean nothing and were replaced.
    pub fn text<'a>(&self, bytes: &'a [u8], offset: u64) -> (Cow<'a, str>, bool) {
        if self.encoding == UTF_8 {
            let text = String::from_utf8_lossy(bytes);
            let is_lossy = matches!(text, Cow::Owned(_));
            return (text, is_lossy);
        }
        if offset == 0 {
            self.encoding.decode_with_bom_removal(bytes)
        } else {
            self.encoding.decode_without_bom_handling(bytes)
        }
    }

    /// How many of the last of `bytes` belong to a character that goes on behind them, so that a cut moves before it.
    ///
    /// `bytes` end where the body is to be cut, which is an even offset. In the old charsets of East Asia a character
    /// cannot be found from behind: the cut moves behind the last byte that is surely one of its own.
    pub fn unfinished_bytes(&self, bytes: &[u8]) -> usize {
        if self.encoding == UTF_8 {
            unfinished_utf_8(bytes)
        } else if self.is_utf_16() {
            let unit = bytes.last_chunk::<2>().map(|pair| {
                if self.encoding == UTF_16LE { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
            });
            if unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit)) { 2 } else { 0 }
        } else if self.encoding.is_single_byte() {
            0
        } else {
            // Digits are part of characters in GB 18030, and nearly every byte is in ISO-2022-JP.
            let is_jis = self.encoding == ISO_2022_JP;
            let is_alone = |byte: u8| if is_jis { matches!(byte, b' ' | b'\n') } else { byte < b'0' };
            bytes.iter().rev().position(|byte| is_alone(*byte)).unwrap_or(0)
        }
    }
}

/// The bytes of a last character that has begun well and lacks its end.
fn unfinished_utf_8(bytes: &[u8]) -> usize {
    for (&byte, count) in bytes.iter().rev().zip(1..=3) {
        let needed = match byte {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 0,
        };
        return if count < needed { count } else { 0 };
    }
    0
}

/// The type without its parameters. Shape: `text/html`.
pub(super) fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// The parameter `charset`, with or without quotes, of either sort because both are seen.
fn charset_parameter(content_type: &str) -> Option<&str> {
    let mut rest = content_type;
    while let Some(start) = parameter_end(rest).filter(|start| *start < rest.len()) {
        rest = rest.get(start + 1..)?;
        let parameter = rest.get(..parameter_end(rest)?)?;
        if let Some((name, value)) = parameter.split_once('=')
            && name.trim().eq_ignore_ascii_case("charset")
        {
            let value = value.trim().trim_matches(['"', '\'']).trim();
            return (!value.is_empty()).then_some(value);
        }
    }
    None
}

/// Where the next semicolon outside double quotes is, else the end.
fn parameter_end(text: &str) -> Option<usize> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted => return Some(at),
            _ => {}
        }
    }
    Some(text.len())
}

/// The charset of the first `<meta>` that names one, as attribute or inside `content`.
fn meta_label(head: &[u8]) -> Option<Vec<u8>> {
    let head = head.to_ascii_lowercase();
    memchr::memmem::find_iter(&head, b"<meta").find_map(|start| {
        let element = head.get(start..)?;
        let element = element.get(..memchr::memchr(b'>', element)?)?;
        let behind = element.get(memchr::memmem::find(element, b"charset")? + b"charset".len()..)?;
        let value = behind.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
        let end =
            value.iter().position(|byte| matches!(byte, b'"' | b'\'' | b';' | b'/') || byte.is_ascii_whitespace());
        let label = value.get(..end.unwrap_or(value.len()))?;
        (!label.is_empty()).then(|| label.to_vec())
    })
}

#[cfg(test)]
#[path = "charset_tests.rs"]
mod tests;
