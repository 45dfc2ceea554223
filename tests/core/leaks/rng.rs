//! The pseudo random generator of the corpus: xoshiro256** seeded by splitmix64, the same on every machine.

/// The 62 letters and digits.
pub(crate) const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The alphabet of base64url.
pub(crate) const URL64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Lower case hexadecimal digits.
pub(crate) const HEX: &str = "0123456789abcdef";
/// Decimal digits.
pub(crate) const DIGITS: &str = "0123456789";
/// Upper case letters and digits.
pub(crate) const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Lower case letters and digits.
pub(crate) const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// A seeded generator.
pub(crate) struct Rng([u64; 4]);

impl Rng {
    /// A generator whose whole sequence follows from `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self([next(), next(), next(), next()])
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let out = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn range(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True in `percent` of a hundred draws.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// `n` characters of the ASCII text `alphabet`.
    pub(crate) fn chars(&mut self, alphabet: &str, n: usize) -> String {
        let bytes = alphabet.as_bytes();
        (0..n).map(|_| char::from(bytes[self.below(bytes.len())])).collect()
    }

    /// `n` letters and digits.
    pub(crate) fn alnum(&mut self, n: usize) -> String {
        self.chars(ALNUM, n)
    }

    /// `n` lower case hexadecimal digits.
    pub(crate) fn hex(&mut self, n: usize) -> String {
        self.chars(HEX, n)
    }

    /// `n` digits, the first not zero.
    pub(crate) fn digits(&mut self, n: usize) -> String {
        let first = self.chars("123456789", 1);
        first + &self.chars(DIGITS, n - 1)
    }

    /// `n` bytes.
    pub(crate) fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| (self.next() >> 24) as u8).collect()
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let variant = self.chars("89ab", 1);
        format!("{}-{}-4{}-{variant}{}-{}", self.hex(8), self.hex(4), self.hex(3), self.hex(3), self.hex(12))
    }

    /// An ISO 8601 instant in UTC.
    pub(crate) fn instant(&mut self) -> String {
        let (month, day) = (self.range(1, 12), self.range(1, 28));
        let (hour, minute, second) = (self.below(24), self.below(60), self.below(60));
        format!("20{}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", self.range(19, 26))
    }
}
