//! Long words of base64 or hex and the text they stand for, so that a secret under several encodings is still found.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::escape::hex_byte;

/// Shorter words are not worth it: a secret in base64 once is found by its own forms.
const MIN_BYTES: usize = 24;

/// How many of the first bytes must be text.
const HEAD_BYTES: usize = 8;

const LOOSE: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LOOSE);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LOOSE);

/// Every word that stands for text, with the text.
pub(in crate::secret) fn decoded(bytes: &[u8]) -> impl Iterator<Item = (Range<usize>, Vec<u8>)> {
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'_' | b'-');
    long_words(bytes, MIN_BYTES, is_part).flat_map(|range| {
        let word = bytes.get(range.clone()).unwrap_or_default();
        [from_hex(word), from_base64(word)].into_iter().flatten().map(move |text| (range.clone(), text))
    })
}

/// Stretches of at least so many bytes that may all stand in a word, as long as they go.
pub(in crate::secret) fn long_words(
    bytes: &[u8],
    min_bytes: usize,
    is_part: impl Fn(&u8) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at + min_bytes <= bytes.len() {
            // From the far end of the shortest word backwards: what breaks it there breaks all that begin before.
            let near = bytes.get(at..at + min_bytes)?;
            match near.iter().rposition(|b| !is_part(b)) {
                Some(broken) => at += broken + 1,
                None => {
                    let len = bytes.get(at..)?.iter().take_while(|b| is_part(b)).count();
                    let word = at..at + len;
                    at = word.end;
                    return Some(word);
                }
            }
        }
        None
    })
}

fn from_hex(word: &[u8]) -> Option<Vec<u8>> {
    let (pairs, _) = word.as_chunks::<2>();
    let bytes = |pairs: &[[u8; 2]]| pairs.iter().map(|pair| hex_byte(*pair)).collect::<Option<Vec<u8>>>();
    bytes(pairs.get(..HEAD_BYTES)?).filter(|head| is_text(head))?;
    bytes(pairs)
}

fn from_base64(word: &[u8]) -> Option<Vec<u8>> {
    let engine = if word.iter().any(|b| matches!(b, b'-' | b'_')) { &URL_SAFE } else { &STANDARD };
    engine.decode(word.get(..HEAD_BYTES + 4)?).ok().filter(|head| is_text(head))?;
    // A last character alone stands for nothing.
    let len = if word.len() % 4 == 1 { word.len() - 1 } else { word.len() };
    engine.decode(word.get(..len)?).ok()
}

/// Printable UTF-8, a NUL between for UTF-16; a last character may be cut.
fn is_text(head: &[u8]) -> bool {
    let is_utf8 = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_utf8 && head.iter().all(|b| *b == 0 || !b.is_ascii_control() || b.is_ascii_whitespace())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_for_text_are_read() {
        let text = "a secret of more than eight";
        let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
        for word in [hex, STANDARD.encode(text), URL_SAFE.encode(text)] {
            let all = format!("x {word} y");
            let found: Vec<_> = decoded(all.as_bytes()).map(|(_, text)| String::from_utf8(text).unwrap()).collect();
            assert_eq!(found, [text], "{word}");
        }
        assert_eq!(decoded(b"9f1c2c3e-7c1e-4d52-8a0b-0e6b1b1b7a11 shortword").count(), 0);
    }
}
