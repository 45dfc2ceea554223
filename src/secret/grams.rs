//! Searches a text for thousands of byte strings at once, at about one look a byte.
//!
//! A set of bits says which first bytes any of the strings has; only where it says yes are strings compared. A state
//! machine of as many strings misses the processor's caches on ordinary text and is several times slower.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

/// How many bits the set has, as a power of two: 32 KiB.
const SET_BITS: u32 = 18;
const SET_WORDS: usize = 1 << (SET_BITS - 6);

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
    set: Box<[u64; SET_WORDS]>,
    /// The lengths of the strings that begin so, the longest first.
    lengths: HashMap<u32, Vec<usize>, RandomState>,
    /// Every string with its numbers; in lower case where case does not count.
    strings: HashMap<Vec<u8>, Vec<usize>, RandomState>,
}

impl Grams {
    /// Takes the strings; those that are too short are never found.
    pub(in crate::secret) fn new(strings: Vec<Vec<u8>>, first: First) -> Self {
        let (set, lengths, by_text) = (Box::new([0; SET_WORDS]), HashMap::default(), HashMap::default());
        let mut grams = Self { first, set, lengths, strings: by_text };
        for (number, mut string) in strings.into_iter().enumerate() {
            if first == First::ThreeFolded {
                string.make_ascii_lowercase();
            }
            let Some(key) = key_of(&string, first) else { continue };
            let (word, bit) = place_of(key);
            grams.set[word] |= bit;
            let lengths: &mut Vec<usize> = grams.lengths.entry(key).or_default();
            if !lengths.contains(&string.len()) {
                lengths.push(string.len());
            }
            grams.strings.entry(string).or_default().push(number);
        }
        for lengths in grams.lengths.values_mut() {
            lengths.sort_unstable_by_key(|len| std::cmp::Reverse(*len));
        }
        grams
    }

    /// Every place where a string stands, with its number: of those that begin with four bytes the longest at each place
    /// unless another holds it whole, else all of them.
    pub(in crate::secret) fn find(&self, text: &[u8], mut take: impl FnMut(usize, Range<usize>)) {
        match self.first {
            First::ThreeFolded => {
                let fold = |word: u32| (word & 0x00ff_ffff) | 0x0020_2020;
                self.find_by(text, fold, |at, key| {
                    self.standing_at(text, at, key, |number, len| {
                        take(number, at..at + len);
                        true
                    });
                });
            }
            First::Four => {
                let mut last_end = 0;
                self.find_by(
                    text,
                    |word| word,
                    |at, key| {
                        self.standing_at(text, at, key, |number, len| {
                            // One that another holds whole adds nothing; one that goes on behind it does.
                            if at + len > last_end {
                                take(number, at..at + len);
                                last_end = at + len;
                            }
                            false
                        });
                    },
                );
            }
        }
    }

    /// Calls for every place that may begin a string.
    fn find_by(&self, text: &[u8], key_of: impl Fn(u32) -> u32, mut at_place: impl FnMut(usize, u32)) {
        if self.strings.is_empty() {
            return;
        }
        // The last places have fewer than four bytes behind them; nobody searches for strings as short as that.
        for (at, window) in text.windows(4).enumerate() {
            let &[a, b, c, d] = window else { continue };
            let key = key_of(u32::from_le_bytes([a, b, c, d]));
            let (word, bit) = place_of(key);
            // `place_of` stays below the set's length.
            if self.set[word] & bit != 0 {
                at_place(at, key);
            }
        }
    }

    /// The strings that stand there, the longest first, until one is enough.
    fn standing_at(&self, text: &[u8], at: usize, key: u32, mut take: impl FnMut(usize, usize) -> bool) {
        let Some(lengths) = self.lengths.get(&key) else { return };
        for len in lengths {
            let Some(there) = text.get(at..at + len) else { continue };
            let numbers = match self.first {
                First::ThreeFolded => self.strings.get(&there.to_ascii_lowercase()),
                First::Four => self.strings.get(there),
            };
            for number in numbers.into_iter().flatten() {
                if !take(*number, *len) {
                    return;
                }
            }
        }
    }
}

fn key_of(string: &[u8], first: First) -> Option<u32> {
    match (first, string) {
        (First::ThreeFolded, [a, b, c, ..]) => Some(u32::from_le_bytes([*a, *b, *c, 0]) | 0x0020_2020),
        (First::Four, [a, b, c, d, ..]) => Some(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

/// The word of the set and the bit in it.
fn place_of(key: u32) -> (usize, u64) {
    let bit = key.wrapping_mul(0x9e37_79b1) >> (32 - SET_BITS);
    ((bit >> 6) as usize % SET_WORDS, 1 << (bit & 63))
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
        assert_eq!(found(&["abcdefgh", "efghijkl"], First::Four, "abcdefghijkl"), [(0, 0..8), (1, 4..12)]);
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
