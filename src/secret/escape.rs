//! One escape of an address, a JSON string, a script or HTML, and the bytes it stands for.

/// The longest name between `&` and `;`.
const MAX_ENTITY_BYTES: usize = 8;

/// What an escape stands for.
pub(in crate::secret) struct Read {
    /// How many bytes the escape has.
    pub len: usize,
    buffer: [u8; 4],
    count: usize,
}

impl Read {
    /// The bytes that it stands for.
    pub(in crate::secret) fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.count).unwrap_or_default()
    }

    fn byte(len: usize, byte: u8) -> Self {
        Self { len, buffer: [byte, 0, 0, 0], count: 1 }
    }

    fn char(len: usize, c: char) -> Self {
        let mut buffer = [0; 4];
        let count = c.encode_utf8(&mut buffer).len();
        Self { len, buffer, count }
    }
}

/// The escape that begins at `%`, `\` or `&`; none if what stands there is none.
pub(in crate::secret) fn read(input: &[u8], at: usize) -> Option<Read> {
    let rest = input.get(at..)?;
    match rest.first()? {
        b'%' => percent(rest),
        b'\\' => backslash(rest),
        b'&' => entity(rest),
        _ => None,
    }
}

/// The byte of two hex digits.
pub(in crate::secret) fn hex_byte(pair: [u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

fn hex_at(rest: &[u8], at: usize) -> Option<u8> {
    hex_byte([*rest.get(at)?, *rest.get(at + 1)?])
}

fn unit_at(rest: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([hex_at(rest, at)?, hex_at(rest, at + 2)?]))
}

fn percent(rest: &[u8]) -> Option<Read> {
    if rest.get(1) == Some(&b'u') {
        return char::from_u32(u32::from(unit_at(rest, 2)?)).map(|c| Read::char(6, c));
    }
    hex_at(rest, 1).map(|byte| Read::byte(3, byte))
}

fn backslash(rest: &[u8]) -> Option<Read> {
    let control = |byte| Some(Read::byte(2, byte));
    match *rest.get(1)? {
        // JSON and scripts escape some signs so, shells any.
        same if same.is_ascii_punctuation() || same == b' ' => control(same),
        high @ b'0'..=b'3' => octal(high, rest),
        b'n' => control(b'\n'),
        b'r' => control(b'\r'),
        b't' => control(b'\t'),
        b'b' => control(8),
        b'f' => control(12),
        b'x' => hex_at(rest, 2).map(|byte| Read::byte(4, byte)),
        b'u' if rest.get(2) == Some(&b'{') => {
            let end = rest.iter().take(10).position(|b| *b == b'}')?;
            let digits = std::str::from_utf8(rest.get(3..end)?).ok()?;
            let c = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            Some(Read::char(end + 1, c))
        }
        b'u' => {
            let first = unit_at(rest, 2)?;
            let second = (rest.get(6..8) == Some(b"\\u")).then(|| unit_at(rest, 8)).flatten();
            let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
            match pair.filter(|_| (0xd800..0xdc00).contains(&first)) {
                Some(c) => Some(Read::char(12, c)),
                None => char::from_u32(u32::from(first)).map(|c| Read::char(6, c)),
            }
        }
        _ => None,
    }
}

/// A byte as three octal digits, as C and shells write it.
fn octal(high: u8, rest: &[u8]) -> Option<Read> {
    let digit = |at: usize| rest.get(at).filter(|b| (b'0'..=b'7').contains(b)).map(|b| b - b'0');
    let (middle, low) = (digit(2)?, digit(3)?);
    Some(Read::byte(4, (high - b'0') * 64 + middle * 8 + low))
}

fn entity(rest: &[u8]) -> Option<Read> {
    let end = rest.iter().take(MAX_ENTITY_BYTES + 4).position(|b| *b == b';')?;
    let name = std::str::from_utf8(rest.get(1..end)?).ok()?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
            char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?)?
        }
        None => named(name)?,
    };
    Some(Read::char(end + 1, c))
}

/// The characters that writers of HTML give a name to.
///
/// Source: HTML standard, named character references; those that programs write when they escape a text.
fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" | "LT" => '<',
        "gt" | "GT" => '>',
        "quot" | "QUOT" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "sol" => '/',
        "bsol" => '\\',
        "plus" => '+',
        "equals" => '=',
        "num" => '#',
        "excl" => '!',
        "percnt" => '%',
        "dollar" => '$',
        "commat" => '@',
        "colon" => ':',
        "semi" => ';',
        "comma" => ',',
        "period" => '.',
        "quest" => '?',
        "ast" | "midast" => '*',
        "lpar" => '(',
        "rpar" => ')',
        "lsqb" | "lbrack" => '[',
        "rsqb" | "rbrack" => ']',
        "lcub" | "lbrace" => '{',
        "rcub" | "rbrace" => '}',
        "lowbar" => '_',
        "grave" => '`',
        "Hat" => '^',
        "verbar" | "vert" | "VerticalLine" => '|',
        "tilde" => '~',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "ntilde" => 'ñ',
        "euro" => '€',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_whole() {
        let cases: &[(&str, usize, &str)] = &[
            ("%41x", 3, "A"),
            ("%u00e9", 6, "é"),
            (r"\n", 2, "\n"),
            (r"\x4a", 4, "J"),
            (r"\u00e9", 6, "é"),
            (r"\ud83d\ude00", 12, "😀"),
            (r"\u{1f600}", 9, "😀"),
            (r"\101", 4, "A"),
            (r"\&", 2, "&"),
            ("&amp;", 5, "&"),
            ("&#233;", 6, "é"),
            ("&#x1F600;", 9, "😀"),
        ];
        for (text, len, what) in cases {
            let found = read(text.as_bytes(), 0).map(|read| (read.len, read.bytes().to_vec()));
            assert_eq!(found, Some((*len, what.as_bytes().to_vec())), "{text}");
        }
    }

    #[test]
    fn what_is_no_escape_is_none() {
        for text in ["%", "%4", "%zz", "\\", r"\q", r"\u12", r"\ud83d", "&", "&a b;", "&nosuch;", "&#;", "& x;"] {
            assert!(read(text.as_bytes(), 0).is_none(), "{text}");
        }
    }
}
