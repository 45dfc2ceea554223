//! Where in a text the value patterns are tried, so that ordinary text is read once and not once a pattern.

use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::numbers;
use super::patterns::{Check, Pattern, PatternHit, Scan, ValuePatterns};
use super::runs;

/// How far before its literal a match may begin, and how far behind it is looked for at first.
const BEFORE_BYTES: usize = 128;
const BEHIND_BYTES: usize = 1024;

/// A word that is worth trying every pattern without a literal on, in bytes.
const LONG_BYTES: usize = 26;

impl ValuePatterns {
    /// Every value in the text that looks like a secret, in no order; ranges may overlap.
    pub fn find<'a>(&'a self, text: &str) -> Vec<PatternHit<'a>> {
        let mut hits = Vec::new();
        self.find_by_literal(text, &mut hits);
        let scanned = |scan: Scan| self.patterns.iter().filter(move |pattern| pattern.scan == Some(scan));
        if scanned(Scan::Long).next().is_some() {
            for place in long_words(text) {
                for pattern in scanned(Scan::Long) {
                    pattern.find_within(text, place.clone(), &mut hits);
                }
            }
        }
        if text.contains("://") {
            for place in authorities(text) {
                for pattern in scanned(Scan::Authority) {
                    pattern.find_within(text, place.clone(), &mut hits);
                }
            }
        }
        numbers::find(text, |place, is_iban| {
            let scan = if is_iban { Scan::Iban } else { Scan::Digits };
            for pattern in scanned(scan) {
                pattern.find_number(text, &place, &mut hits);
            }
        });
        for pattern in scanned(Scan::All) {
            pattern.find_within(text, 0..text.len(), &mut hits);
        }
        hits
    }

    /// Each pattern around its literals, or in all of the text where it has many.
    fn find_by_literal<'a>(&'a self, text: &str, hits: &mut Vec<PatternHit<'a>>) {
        let mut places: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        self.literals.find(text.as_bytes(), |literal, range| {
            if let Some(owner) = self.owners.get(literal) {
                places.entry(*owner).or_default().push(range.start);
            }
        });
        for (owner, places) in places {
            let Some(pattern) = self.patterns.get(owner) else { continue };
            if places.len().saturating_mul(BEFORE_BYTES + BEHIND_BYTES) >= text.len() {
                pattern.find_within(text, 0..text.len(), hits);
                continue;
            }
            let mut done = 0;
            for place in places {
                if place < done {
                    continue;
                }
                let start = text.floor_char_boundary(place.saturating_sub(BEFORE_BYTES).max(done));
                let near = (place + BEHIND_BYTES).min(text.len());
                let rest = text.as_bytes().get(near..).unwrap_or_default();
                // To the end of the word, however long it is.
                let end = text.ceil_char_boundary(near + rest.iter().take_while(|b| is_word(b)).count());
                let before = hits.len();
                pattern.find_within(text, start..end, hits);
                // A match that reaches the end of what was looked at may go on.
                let is_cut = |hit: &PatternHit<'_>| hit.range.end + 8 >= end && end < text.len();
                if hits.get(before..).is_some_and(|new| new.iter().any(is_cut)) || pattern.is_wide {
                    hits.truncate(before);
                    pattern.find_within(text, start..text.len(), hits);
                    break;
                }
                done = end.saturating_sub(BEFORE_BYTES).max(place + 1);
            }
        }
    }
}

impl Pattern {
    fn hit(&self, range: Range<usize>) -> PatternHit<'_> {
        PatternHit { range, id: &self.id, label: &self.label, is_token: self.is_token, is_excepted: self.is_excepted }
    }

    /// Every match that begins in a stretch of the text; what stands around the stretch counts for word boundaries.
    fn find_within<'a>(&'a self, text: &str, place: Range<usize>, hits: &mut Vec<PatternHit<'a>>) {
        let Some(head) = text.get(..place.end) else { return };
        let mut at = place.start;
        while let Some(captures) = self.regex.captures_at(head, at) {
            let Some(whole) = captures.get(0) else { break };
            let found = captures.name("secret").unwrap_or(whole);
            if !found.is_empty() && self.check.is_none_or(|check| check.passes(found.as_str())) {
                hits.push(self.hit(found.range()));
            }
            at = whole.end().max(whole.start() + 1);
            if !head.is_char_boundary(at) {
                at = head.ceil_char_boundary(at);
            }
            if at > head.len() {
                break;
            }
        }
    }

    /// A number that may be grouped, seen without its blanks and dashes.
    fn find_number<'a>(&'a self, text: &str, place: &Range<usize>, hits: &mut Vec<PatternHit<'a>>) {
        let Some(written) = text.get(place.clone()) else { return };
        let compact: String = written.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let len = match self.check {
            Some(Check::Iban) => numbers::iban_len(&compact),
            _ => Some(compact.len()),
        };
        let Some(number) = len.and_then(|len| compact.get(..len)) else { return };
        if self.regex.is_match(number) && self.check.is_none_or(|check| check.passes(number)) {
            let ends = written.char_indices().filter(|(_, c)| !matches!(c, ' ' | '-')).nth(number.len() - 1);
            let end = ends.map_or(place.end, |(at, c)| place.start + at + c.len_utf8());
            hits.push(self.hit(place.start..end));
        }
    }
}

impl Check {
    /// Whether a value is what its form promises.
    fn passes(self, value: &str) -> bool {
        match self {
            Self::Base64Pair => STANDARD
                .decode(value)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .is_some_and(|t| t.contains(':')),
            Self::Mixed => value.bytes().any(|b| b.is_ascii_digit()),
            Self::Luhn => numbers::passes_luhn(value),
            Self::Iban => numbers::iban_len(value) == Some(value.len()),
        }
    }
}

/// Whether a byte may stand in a token, also one in base64.
fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+' | b'/' | b'=' | b'~' | b'%')
}

/// Words of token signs that are long enough to be one.
fn long_words(text: &str) -> impl Iterator<Item = Range<usize>> {
    runs::long_words(text.as_bytes(), LONG_BYTES, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// Scheme, user and host of addresses that have a user.
fn authorities(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, b"://").filter_map(move |at| {
        let scheme = bytes.get(..at)?.iter().rev().take(21);
        let start = at - scheme.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-')).count();
        let rest = bytes.get(at + 3..(at + 3 + 600).min(bytes.len()))?;
        let ends =
            |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'\\');
        let len = rest.iter().position(ends).unwrap_or(rest.len());
        let host = rest.get(..len)?;
        let end = text.floor_char_boundary(at + 3 + len);
        host.contains(&b'@').then_some(start..end)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn long_words_and_authorities_are_cut_out() {
        let found = |text: &'static str| long_words(text).map(|range| &text[range]).collect::<Vec<_>>();
        assert_eq!(found("short abcdefghijklmnopqrstuvwxyz012, x"), ["abcdefghijklmnopqrstuvwxyz012"]);
        assert_eq!(found("abcdefghijklmnopqrstuvwxy"), Vec::<&str>::new());
        let found = |text: &'static str| authorities(text).map(|range| &text[range]).collect::<Vec<_>>();
        assert_eq!(found("a postgres://u:p@h:1/db https://h/@x"), ["postgres://u:p@h:1"]);
    }

    #[test]
    fn a_match_is_found_however_long_and_wherever_it_begins() {
        let patterns = ValuePatterns::from_toml(include_str!("../../assets/redaction/values.toml")).unwrap();
        let jwt = format!("eyJ{}.{}.{}", "a1".repeat(3000), "b2".repeat(3000), "c3".repeat(10));
        for before in [0, 100, 1000, 5000] {
            let text = format!("{} {jwt} {}", "x ".repeat(before), "y ".repeat(9000));
            let found = patterns.find(&text);
            let start = before * 2 + 1;
            assert!(found.iter().any(|hit| hit.range == (start..start + jwt.len())), "{before}");
        }
    }
}
