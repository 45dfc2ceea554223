//! Card numbers with a right Luhn digit and account numbers (IBAN) with right check digits.

use super::rng::{DIGITS, Rng, UPPER};

/// The Luhn digit that belongs behind `digits` (ISO/IEC 7812-1).
pub(crate) fn luhn(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    (10 - sum % 10) % 10
}

/// True if the last of `digits` is the Luhn digit of the others.
pub(crate) fn is_luhn(digits: &str) -> bool {
    let (body, last) = digits.split_at(digits.len() - 1);
    luhn(body).to_string() == last
}

/// Card schemes: name, prefixes and length, from the schemes' public number ranges (ISO/IEC 7812 issuer numbers).
pub(crate) const CARDS: [(&str, &[&str], usize); 10] = [
    ("Visa", &["4"], 16),
    ("Visa of 13 digits", &["4"], 13),
    ("Visa of 19 digits", &["4"], 19),
    ("Mastercard", &["51", "52", "53", "54", "55"], 16),
    ("Mastercard 2-series", &["2221", "2300", "2650", "2720"], 16),
    ("American Express", &["34", "37"], 15),
    ("Discover", &["6011", "644", "65"], 16),
    ("Diners Club", &["36", "38", "300", "305"], 14),
    ("JCB", &["3528", "3566", "3589"], 16),
    ("UnionPay", &["6221", "6229", "6282"], 16),
];

/// A card number of scheme `n`, plain (0), in groups with blanks (1) or with dashes (2).
pub(crate) fn card(n: usize, style: usize, rng: &mut Rng) -> String {
    let (_, prefixes, length) = CARDS[n % CARDS.len()];
    let prefix = rng.pick(prefixes);
    let body = format!("{prefix}{}", rng.chars(DIGITS, length - 1 - prefix.len()));
    let number = format!("{body}{}", luhn(&body));
    let groups: &[usize] = match length {
        15 => &[4, 6, 5],
        14 => &[4, 6, 4],
        _ => &[4, 4, 4, 4, 4],
    };
    let mut parts = Vec::new();
    let mut rest = number.as_str();
    for size in groups {
        let (part, tail) = rest.split_at((*size).min(rest.len()));
        parts.push(part);
        rest = tail;
    }
    parts.retain(|p| !p.is_empty());
    parts.join(["", " ", "-"][style % 3])
}

/// Countries of the IBAN registry with the structure of their account numbers: digits, letters or both, and how many.
pub(crate) const COUNTRIES: [(&str, &str); 22] = [
    ("DE", "n18"),
    ("FR", "n10 c11 n2"),
    ("GB", "a4 n14"),
    ("NL", "a4 n10"),
    ("ES", "n20"),
    ("IT", "a1 n10 c12"),
    ("BE", "n12"),
    ("AT", "n16"),
    ("CH", "n5 c12"),
    ("PL", "n24"),
    ("SE", "n20"),
    ("DK", "n14"),
    ("NO", "n11"),
    ("FI", "n14"),
    ("PT", "n21"),
    ("IE", "a4 n14"),
    ("LU", "n3 c13"),
    ("CZ", "n20"),
    ("GR", "n7 c16"),
    ("TR", "n6 c16"),
    ("HU", "n24"),
    ("SA", "n2 c18"),
];

/// The remainder of an IBAN's digits by 97, its first four characters moved to the end (ISO 13616).
pub(crate) fn mod97(iban: &str) -> u32 {
    let turned = format!("{}{}", &iban[4..], &iban[..4]);
    turned.chars().fold(0, |rest, c| {
        let value = c.to_digit(36).unwrap();
        if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 }
    })
}

/// An IBAN of country `n`, in groups of four if `spaced`.
pub(crate) fn iban(n: usize, spaced: bool, rng: &mut Rng) -> String {
    let (country, structure) = COUNTRIES[n % COUNTRIES.len()];
    let mut account = String::new();
    for run in structure.split(' ') {
        let alphabet = match &run[..1] {
            "n" => DIGITS,
            "a" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            _ => UPPER,
        };
        account += &rng.chars(alphabet, run[1..].parse().unwrap());
    }
    let check = 98 - mod97(&format!("{country}00{account}"));
    let whole = format!("{country}{check:02}{account}");
    debug_assert_eq!(mod97(&whole), 1);
    if !spaced {
        return whole;
    }
    let chars: Vec<char> = whole.chars().collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
