//! Whether a body is better shown as bytes than as text.

use super::charset::{Charset, media_type};

/// How much of a body is looked at for signs other than NUL, in bytes.
const LOOKED_AT_BYTES: usize = 4096;

/// How files of well-known binary formats begin.
///
/// Source: the formats' own specifications, as gathered in the MIME Sniffing Standard and in file(1).
const MAGICS: [&[u8]; 25] = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"RIFF",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"%PDF-",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
    b"7z\xbc\xaf\x27\x1c",
    b"\x28\xb5\x2f\xfd",
    b"Rar!\x1a\x07",
    b"\x7fELF",
    b"MZ",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"OggS",
    b"ID3",
    b"wOF2",
    b"SQLite format 3\0",
];

/// Media types whose content is not text, besides whole families.
const BINARY_TYPES: [&str; 12] = [
    "application/octet-stream",
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/x-gzip",
    "application/x-tar",
    "application/protobuf",
    "application/x-protobuf",
    "application/grpc",
    "application/msgpack",
    "application/cbor",
    "application/wasm",
];

/// Whether the hex view fits a body better than the text view.
///
/// It does where there are NUL bytes that UTF-16 does not explain, where a well-known beginning or the content type
/// says so and some bytes are no text, and where more than a tenth of the first 4096 bytes are control characters.
/// Text with a few bytes that are no UTF-8 stays text.
pub fn is_binary(body: &[u8], content_type: Option<&str>) -> bool {
    let head = body.get(..LOOKED_AT_BYTES).unwrap_or(body);
    let charset = Charset::find(head, content_type);
    if charset.is_utf_16() {
        let (text, _) = charset.text(head, 0);
        return is_mostly_control(text.chars().filter(|c| is_control(*c)).count(), text.chars().count());
    }
    if memchr::memchr(0, body).is_some() {
        return true;
    }
    let controls = head.iter().filter(|byte| is_control(char::from(**byte))).count();
    if is_mostly_control(controls, head.len()) {
        return true;
    }
    let is_said = MAGICS.iter().any(|magic| head.starts_with(magic)) || content_type.is_some_and(is_binary_type);
    is_said && (controls > 0 || !is_utf_8_so_far(head))
}

fn is_mostly_control(controls: usize, all: usize) -> bool {
    controls.saturating_mul(10) > all
}

/// Control characters that no text has; ESC colours logs.
fn is_control(c: char) -> bool {
    c.is_ascii_control() && !matches!(c, '\t' | '\r' | '\n' | '\x0c' | '\x1b')
}

/// A last character that is cut short is no fault.
fn is_utf_8_so_far(head: &[u8]) -> bool {
    std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true)
}

fn is_binary_type(content_type: &str) -> bool {
    let kind = media_type(content_type).to_ascii_lowercase();
    if kind.ends_with("+xml") || kind.ends_with("+json") {
        return false;
    }
    ["image/", "audio/", "video/", "font/", "application/vnd.openxmlformats", "application/vnd.ms-"]
        .iter()
        .any(|family| kind.starts_with(family))
        || BINARY_TYPES.contains(&kind.as_str())
        || ["+protobuf", "+zip", "+cbor", "+proto"].iter().any(|suffix| kind.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_texts_are_text() {
        for (body, content_type) in [
            (b"".as_slice(), None),
            (b"{\"a\": 1}", Some("application/json")),
            ("Grüße, 日本".as_bytes(), None),
            (b"\x1b[31mred\x1b[0m\tand\x0cmore\r\n", Some("text/plain")),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Some("image/svg+xml")),
            (b"MZ and BM are letters, as are ID3 and %PDF-", None),
            (b"plain words", Some("application/octet-stream")),
        ] {
            assert!(!is_binary(body, content_type), "{}", body.escape_ascii());
        }
    }

    #[test]
    fn text_that_is_merely_no_utf_8_stays_text() {
        assert!(!is_binary(b"na\xefve caf\xe9", None));
        assert!(!is_binary(b"na\xefve caf\xe9", Some("text/plain")));
        assert!(!is_binary(b"\x93\xfa\x96\x7b", Some("text/plain; charset=shift_jis")));
    }

    #[test]
    fn nul_bytes_are_binary_unless_utf_16_explains_them() {
        assert!(is_binary(b"a\0b", Some("text/plain")));
        assert!(is_binary(&[vec![b'a'; 10_000], vec![0]].concat(), None));
        assert!(!is_binary(b"\xff\xfea\0b\0", None));
        assert!(!is_binary(b"\0a\0b", Some("text/plain; charset=utf-16be")));
        assert!(is_binary(&[b"\xff\xfe".as_slice(), &[1, 0].repeat(50)].concat(), None));
    }

    #[test]
    fn a_known_beginning_or_type_needs_bytes_that_are_no_text() {
        assert!(is_binary(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", None));
        assert!(is_binary(b"\xff\xd8\xff\xe1 some camera wrote this", None));
        assert!(is_binary(b"\x08\x96\x01 and a long text behind", Some("Application/X-Protobuf; a=b")));
        assert!(is_binary(b"\xff\xfa long music of many letters", Some("audio/mpeg")));
        assert!(!is_binary(b"\xff\xfa long music of many letters", Some("text/plain")));
    }

    #[test]
    fn more_than_a_tenth_of_control_characters_is_binary() {
        assert!(!is_binary(b"\x01aaaaaaaaa", None));
        assert!(is_binary(b"\x01aaaaaaaa", None));
        let late = [vec![b'a'; LOOKED_AT_BYTES], vec![1; LOOKED_AT_BYTES]].concat();
        assert!(!is_binary(&late, None));
    }

    #[test]
    fn a_character_cut_at_the_end_of_what_is_looked_at_is_no_fault() {
        let body = format!("{}ä more", "a".repeat(LOOKED_AT_BYTES - 1));
        assert!(!is_binary(body.as_bytes(), Some("application/octet-stream")));
    }
}
