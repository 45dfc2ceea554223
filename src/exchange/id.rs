//! Ids that sort by time.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A ULID: 48 bits of milliseconds and 80 random bits in 26 characters that sort by time.
///
/// Source: the ULID specification, github.com/ulid/spec, read 2026-11.
pub fn ulid(at: Timestamp, random: [u8; 10]) -> String {
    let millis = u128::try_from(at.as_millisecond().max(0)).unwrap_or(0) & ((1 << 48) - 1);
    let noise = random.iter().fold(0u128, |sum, byte| (sum << 8) | u128::from(*byte));
    let value = (millis << 80) | noise;
    (0..26).rev().map(|digit| char::from(ALPHABET[((value >> (digit * 5)) & 31) as usize])).collect()
}

/// The name of one exchange in history, reports and the terminal.
///
/// Shape: a ULID, `01JD8Q6Z4N5T0V9M2K7B3C8D1E`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExchangeId(pub String);

impl ExchangeId {
    /// A new id for an exchange that starts now.
    pub fn new(at: Timestamp) -> Self {
        let mut random = [0u8; 10];
        // Without the system's randomness the time alone still keeps ids apart in one run.
        if getrandom::fill(&mut random).is_err() {
            random[..8].copy_from_slice(&at.as_nanosecond().to_le_bytes()[..8]);
        }
        Self(ulid(at, random))
    }
}

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn ids_sort_by_time() {
        let early = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        let late = Timestamp::from_millisecond(1_700_000_000_001).unwrap();
        assert!(ulid(early, [0xff; 10]) < ulid(late, [0; 10]));
        assert_eq!(ulid(early, [1; 10]).len(), 26);
    }

    #[test]
    fn known_value() {
        // The specification's own example time, 1469918176385 ms, begins 01ARYZ6S41.
        let at = Timestamp::from_millisecond(1_469_918_176_385).unwrap();
        assert_eq!(&ulid(at, [0; 10])[..10], "01ARYZ6S41");
    }
}
