//! Card numbers and IBANs: where they may stand, and whether their check digits are right.

use std::ops::Range;

/// The longest number with its blanks that is looked at.
const MAX_BYTES: usize = 48;

/// Every stretch that may be a card number or, where the second word says so, an IBAN.
///
/// Shape: `4111 1111 1111 1111`, `4111-1111-1111-1111`, `4111111111111111`, `DE89 3704 0044 0532 0130 00`.
pub(in crate::secret) fn find(text: &str, mut take: impl FnMut(Range<usize>, bool)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)) {
        let start = at + skip;
        let rest = bytes.get(start..).unwrap_or_default();
        let len = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if let Some(number) = card_at(bytes, start, len) {
            take(number, false);
        }
        if let Some(number) = iban_at(bytes, start, len) {
            take(number, true);
        }
        at = start + len;
    }
}

/// A number of at least 12 digits that begins with this run of them; none if it is part of something longer.
fn card_at(bytes: &[u8], start: usize, run: usize) -> Option<Range<usize>> {
    // Cards are grouped from four digits on; `+49 151 …` is a telephone.
    let is_grouped = matches!(bytes.get(start + run), Some(b' ' | b'-'));
    if run < 12 && !(run == 4 && is_grouped) {
        return None;
    }
    let before = start.checked_sub(1).and_then(|i| bytes.get(i));
    let is_later = matches!(before, Some(b' ' | b'-'))
        && start.checked_sub(2).and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    if is_part(before) || matches!(before, Some(b'.' | b'+')) || is_later {
        return None;
    }
    let mut count = 0;
    let mut end = start;
    for (at, byte) in bytes.iter().enumerate().skip(start).take(MAX_BYTES) {
        let is_between = matches!(byte, b' ' | b'-') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if byte.is_ascii_digit() {
            count += 1;
            end = at + 1;
        } else if !is_between {
            break;
        }
    }
    let is_alone = !is_part(bytes.get(end)) && !matches!(bytes.get(end..end + 2), Some([b'.', b'0'..=b'9']));
    (count >= 12 && is_alone).then_some(start..end)
}

/// A stretch that begins as an IBAN does, two capitals before two digits and more.
fn iban_at(bytes: &[u8], digits: usize, run: usize) -> Option<Range<usize>> {
    let start = digits.checked_sub(2)?;
    let is_head = run >= 2
        && bytes.get(start..digits)?.iter().all(u8::is_ascii_uppercase)
        && !is_part(start.checked_sub(1).and_then(|i| bytes.get(i)));
    if !is_head {
        return None;
    }
    let mut end = start;
    for (at, byte) in bytes.iter().enumerate().skip(start).take(MAX_BYTES) {
        let next = bytes.get(at + 1).is_some_and(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if byte.is_ascii_digit() || byte.is_ascii_uppercase() {
            end = at + 1;
        } else if *byte != b' ' || !next {
            break;
        }
    }
    (end - start >= 15).then_some(start..end)
}

/// Whether the last digit is the one that the others ask for.
///
/// *Source*: ISO/IEC 7812-1, annex B.
pub(in crate::secret) fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            let doubled = digit * 2;
            if at % 2 == 0 { digit } else { doubled - if doubled > 9 { 9 } else { 0 } }
        })
        .sum();
    sum.is_multiple_of(10) && digits.bytes().any(|digit| digit != b'0')
}

/// The length of the IBAN at the beginning of the text whose check digits are right; none if there is none.
///
/// Words behind a grouped IBAN may be in capitals too, so its country says how long it is.
/// *Source*: ISO 13616; ISO 7064 MOD 97-10.
pub(in crate::secret) fn iban_len(compact: &str) -> Option<usize> {
    let country = compact.get(..2)?;
    let len = IBAN_LENGTHS.iter().find(|(code, _)| *code == country).map(|(_, len)| *len)?;
    let iban = compact.get(..len)?;
    let moved = iban.bytes().skip(4).chain(iban.bytes().take(4));
    let rest = moved.fold(0u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.wrapping_sub(b'A')) + 10) % 97,
    });
    (rest == 1).then_some(len)
}

/// How long the IBANs of a country are. *Source*: SWIFT IBAN registry.
const IBAN_LENGTHS: [(&str, usize); 77] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
];

fn is_part(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_told_from_others() {
        assert!(
            passes_luhn("4111111111111111") && !passes_luhn("4111111111111112") && !passes_luhn("0000000000000000")
        );
        assert_eq!(iban_len("DE89370400440532013000"), Some(22));
        assert_eq!(iban_len("DE89370400440532013000EUR"), Some(22));
        assert_eq!(iban_len("DE88370400440532013000"), None);
        assert_eq!(iban_len("XX89370400440532013000"), None);
    }

    #[test]
    fn groups_are_read_as_one_number() {
        let found = |text: &'static str| {
            let mut found = Vec::new();
            find(text, |range, _| found.push(&text[range]));
            found
        };
        assert_eq!(found("card 4111 1111 1111 1111, x"), ["4111 1111 1111 1111"]);
        assert_eq!(found("\"4111-1111-1111-1111\""), ["4111-1111-1111-1111"]);
        assert_eq!(found("+4111111111111111, 49 151 42216816 1"), Vec::<&str>::new());
        assert_eq!(found("a4111111111111111 1.4111111111111111 41111111111111111e3"), Vec::<&str>::new());
        assert_eq!(found("DE89 3704 0044 0532 0130 00 and"), ["DE89 3704 0044 0532 0130 00"]);
    }
}
