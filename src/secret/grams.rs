//! Searches a text for thousands of byte strings at once, at about one look a byte.
//!
//! A set of bits says which first bytes any of the strings has; only where it says yes are strings compared. A state
//! machine of as many strings misses the processor's caches on ordinary text and is several times slower.

use std::collections::HashMap;
use std::ops::Range;

/// How many bits the set has, as a power of two: 32 KiB.
const SET_BITS: u32 = 18;

/// How many first bytes of a string are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::secret) enum First {
    /// Three, compared without case; for strings of three and more.
    ThreeFolded,
    /// Four; for strings of four and more.
    Four,
}

/// The strings, ready to be searched for.
#[derive(Debug)]
pub(in crate::secret) struct Grams {
    first: First,
    strings: Vec<Vec<u8>>,
    set: Vec<u64>,
    /// The strings that begin so, the longest first.
    buckets: HashMap<u32, Vec<u32>>,
}

impl Grams {
    /// Takes the strings; those that are too short are never found.
    pub(in crate::secret) fn new(strings: Vec<Vec<u8>>, first: First) -> Self {
        let mut grams = Self { first, strings, set: vec![0; 1 << (SET_BITS - 6)], buckets: HashMap::new() };
        for (number, string) in grams.strings.iter().enumerate() {
            let (Some(key), Ok(number)) = (key_of(string, first), u32::try_from(number)) else { continue };
            let bit = bit_of(key);
            if let Some(word) = grams.set.get_mut(bit >> 6) {
                *word |= 1 << (bit & 63);
            }
            grams.buckets.entry(key).or_default().push(number);
        }
        for bucket in grams.buckets.values_mut() {
            bucket.sort_by_key(|number| std::cmp::Reverse(grams.strings.get(*number as usize).map_or(0, Vec::len)));
        }
        grams
    }

    /// Every place where a string stands, with its number: of those that begin with four bytes the longest at each place
    /// and none that begins inside it, else all of them.
    pub(in crate::secret) fn find(&self, text: &[u8], mut take: impl FnMut(usize, Range<usize>)) {
        if self.buckets.is_empty() {
            return;
        }
        let mut next = 0;
        // The last places have fewer than four bytes behind them; nobody searches for strings as short as that.
        for (at, window) in text.windows(4).enumerate() {
            let &[a, b, c, d] = window else { continue };
            let word = u32::from_le_bytes([a, b, c, d]);
            let key = match self.first {
                First::ThreeFolded => (word & 0x00ff_ffff) | 0x0020_2020,
                First::Four => word,
            };
            let bit = bit_of(key);
            let is_there = self.set.get(bit >> 6).is_some_and(|word| word >> (bit & 63) & 1 == 1);
            if !is_there || at < next {
                continue;
            }
            for (number, len) in self.standing_at(text, at, key) {
                take(number, at..at + len);
                if self.first == First::Four {
                    // So that a text of nothing but hits takes linear time.
                    next = at + len;
                    break;
                }
            }
        }
    }

    /// The strings that stand there, the longest first.
    fn standing_at<'a>(&'a self, text: &'a [u8], at: usize, key: u32) -> impl Iterator<Item = (usize, usize)> + 'a {
        let rest = text.get(at..).unwrap_or_default();
        let bucket = self.buckets.get(&key).map(Vec::as_slice).unwrap_or_default();
        bucket.iter().filter_map(move |number| {
            let string = self.strings.get(*number as usize)?;
            let there = rest.get(..string.len())?;
            let is_same = match self.first {
                First::ThreeFolded => there.eq_ignore_ascii_case(string),
                First::Four => there == string.as_slice(),
            };
            is_same.then_some((*number as usize, string.len()))
        })
    }
}

fn key_of(string: &[u8], first: First) -> Option<u32> {
    match (first, string) {
        (First::ThreeFolded, [a, b, c, ..]) => Some(u32::from_le_bytes([*a, *b, *c, 0]) | 0x0020_2020),
        (First::Four, [a, b, c, d, ..]) => Some(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

fn bit_of(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> (32 - SET_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(strings: &[&str], first: First, text: &str) -> Vec<(usize, Range<usize>)> {
        let grams = Grams::new(strings.iter().map(|string| string.as_bytes().to_vec()).collect(), first);
        let mut found = Vec::new();
        grams.find(text.as_bytes(), |number, range| found.push((number, range)));
        found
    }

    #[test]
    fn the_longest_at_a_place_is_found() {
        let strings = ["secret", "secretary", "retard", "sec"];
        assert_eq!(found(&strings, First::Four, "a secretary, Secret, secre"), [(1, 2..11)]);
        assert_eq!(found(&["aaaa", "aaaaaa"], First::Four, &"a".repeat(13)), [(1, 0..6), (1, 6..12)]);
    }

    #[test]
    fn case_counts_only_where_it_shall() {
        assert_eq!(
            found(&["eyj", "://"], First::ThreeFolded, "EYJ0 eyJ: http://x"),
            [(0, 0..3), (0, 5..8), (1, 14..17)]
        );
        assert_eq!(found(&["abc", "abcd"], First::ThreeFolded, "xABCDx"), [(1, 1..5), (0, 1..4)]);
        assert_eq!(found(&["@[\\"], First::ThreeFolded, "`{| @[\\ "), [(0, 4..7)]);
    }
}
