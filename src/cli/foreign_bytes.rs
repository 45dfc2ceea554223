//! Bytes of any encoding as text and back, so that what is not removed of them stays as it was.

/// The byte-order marks of UTF-16.
const MARK_LE: [u8; 2] = [0xff, 0xfe];
const MARK_BE: [u8; 2] = [0xfe, 0xff];

/// The first character beyond the planes that mean something, and how many follow it.
const PRIVATE_START: u32 = 0xf_0000;
const PRIVATE_LEN: u32 = 0x1_fffe;

/// How many bytes there are that are no ASCII: each gets a character of its own.
const STAND_INS: u32 = 128;

/// How a text goes back to bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// UTF-8 with stand-ins from this character on for bytes that are none.
    Utf8(u32),
    /// UTF-16 with its mark.
    Utf16Le,
    /// The same, big end first.
    Utf16Be,
}

/// The text of bytes: UTF-16 where its mark says so, else UTF-8 in which every foreign byte has a private character.
pub(super) fn text_of(bytes: &[u8]) -> (String, Way) {
    for (mark, way, unit) in
        [(MARK_LE, Way::Utf16Le, u16::from_le_bytes as fn([u8; 2]) -> u16), (MARK_BE, Way::Utf16Be, u16::from_be_bytes)]
    {
        let Some(rest) = bytes.strip_prefix(&mark) else { continue };
        let (pairs, odd) = rest.as_chunks::<2>();
        let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
        if let (Ok(text), []) = (text, odd) {
            return (text, way);
        }
    }
    let start = free_start(bytes);
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(start + u32::from(byte & 0x7f))));
    }
    (text, Way::Utf8(start))
}

/// The bytes of a text that [`text_of`] made, or of what was left of it.
pub(super) fn bytes_of(text: &str, way: Way) -> Vec<u8> {
    let units = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
    };
    match way {
        Way::Utf16Le => units(MARK_LE, u16::to_le_bytes),
        Way::Utf16Be => units(MARK_BE, u16::to_be_bytes),
        Way::Utf8(start) => {
            let mut bytes = Vec::with_capacity(text.len());
            let mut buffer = [0; 4];
            for c in text.chars() {
                match u32::from(c).checked_sub(start).filter(|byte| *byte < STAND_INS) {
                    Some(byte) => bytes.push(0x80 | u8::try_from(byte).unwrap_or_default()),
                    None => bytes.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes()),
                }
            }
            bytes
        }
    }
}

/// The first of 128 private characters of which the text itself has none.
///
/// A text that uses all of the two private planes gets the last ones, and may come back with some of them as bytes.
fn free_start(bytes: &[u8]) -> u32 {
    let count = PRIVATE_LEN / STAND_INS;
    let mut is_used = vec![false; count as usize];
    for c in bytes.utf8_chunks().flat_map(|chunk| chunk.valid().chars()) {
        let block = u32::from(c).checked_sub(PRIVATE_START).map(|at| at / STAND_INS);
        if let Some(used) = block.and_then(|block| is_used.get_mut(block as usize)) {
            *used = true;
        }
    }
    let free = is_used.iter().position(|is_used| !is_used).and_then(|block| u32::try_from(block).ok());
    PRIVATE_START + free.unwrap_or(count - 1) * STAND_INS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for bytes in [
            &b"plain"[..],
            "\u{feff}ü\u{f0000}".as_bytes(),
            b"a\xff\xfeb\x80",
            b"\xff\xfea\0\xe4\0",
            b"\xfe\xff\0a",
            b"\xff\xfea",
            b"\xff\xfe\0\xd8",
            b"",
        ] {
            let (text, way) = text_of(bytes);
            assert_eq!(bytes_of(&text, way), bytes, "{bytes:?}");
        }
        assert_eq!(text_of(b"\xff\xfea\0").0, "a");
    }
}
