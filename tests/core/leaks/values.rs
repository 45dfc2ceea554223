//! Values that a user would hand to the tool as known: keys, cookies, codes and passwords with awkward characters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::rng::{Rng, URL64};

/// A known value with the words that describe it.
pub(crate) struct Known {
    /// What the value is.
    pub(crate) kind: &'static str,
    /// The value itself.
    pub(crate) value: String,
}

/// How many kinds [`known`] makes.
pub(crate) const KINDS: usize = 24;

/// A value of kind `n % KINDS`.
pub(crate) fn known(n: usize, rng: &mut Rng) -> Known {
    let (kind, value) = match n % KINDS {
        0 => ("hexadecimal API key", rng.hex(32)),
        1 => ("short mixed password", format!("{}#{}", rng.alnum(4), rng.chars("!*x7", 1))),
        2 => ("bearer token", rng.chars(URL64, 43)),
        3 => ("session cookie", format!("s:{}.{}", rng.alnum(32), STANDARD.encode(rng.bytes(32)))),
        4 => ("password with quotes", format!("{}\"{}'{}", rng.alnum(4), rng.alnum(3), rng.alnum(4))),
        5 => ("password with backslashes", format!("{}\\{}\\\\{}", rng.alnum(4), rng.alnum(3), rng.alnum(4))),
        6 => (
            "password of URL characters",
            format!("{}/{}+{}%{}&{}", rng.alnum(3), rng.alnum(2), rng.alnum(2), rng.alnum(2), rng.alnum(3)),
        ),
        7 => ("password with angle brackets", format!("{}<{}>&{};", rng.alnum(4), rng.alnum(2), rng.alnum(4))),
        8 => ("passphrase with blanks", format!("{} {} {}", rng.alnum(5), rng.alnum(4), rng.alnum(6))),
        9 => ("password with umlauts", format!("Gr\u{fc}n{}\u{d6}l{}\u{df}", rng.alnum(3), rng.alnum(4))),
        10 => ("password with emoji", format!("{}\u{1f511}{}\u{20ac}{}", rng.alnum(4), rng.alnum(2), rng.alnum(4))),
        11 => ("OAuth code", format!("4/0{}", rng.chars(URL64, 70))),
        12 => ("refresh token", format!("1//0{}", rng.chars(URL64, 96))),
        13 => ("client secret", format!("{}~{}.{}", rng.alnum(3), rng.alnum(16), rng.chars(URL64, 16))),
        14 => ("base64 key with padding", STANDARD.encode(rng.bytes(32))),
        15 => ("number of eight digits", rng.digits(8)),
        16 => ("value of 200 characters", rng.alnum(200)),
        17 => ("value of six characters", format!("{}{}{}", rng.chars("KQXZ", 1), rng.digits(3), rng.chars("kqxz", 2))),
        18 => ("UUID", rng.uuid()),
        19 => (
            "password of punctuation",
            format!("{}$(!){}[{}]{{^|{}", rng.alnum(3), rng.alnum(3), rng.alnum(2), rng.alnum(3)),
        ),
        20 => ("password with a colon and an at sign", format!("{}:{}@{}", rng.alnum(4), rng.alnum(4), rng.alnum(4))),
        21 => {
            ("password with a percent escape look", format!("{}%41{}%zz{}", rng.alnum(4), rng.alnum(3), rng.alnum(3)))
        }
        22 => (
            "password in Greek and Cyrillic",
            format!("\u{3ba}\u{3bb}\u{3b5}{}\u{43f}\u{430}\u{440}{}", rng.digits(3), rng.alnum(3)),
        ),
        _ => ("dotted session token", format!("{}.{}.{}", rng.alnum(10), rng.alnum(10), rng.alnum(27))),
    };
    Known { kind, value }
}
