//! One secret text in the keyring, over several entries where one is too narrow for it.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::state::EntryError;
use super::worker::Call;
use crate::secret::Secret;

/// The most entries of one text: 160 KiB where an entry holds 2,560 bytes.
pub(super) const PARTS_MAX: usize = 64;
/// The most bytes of the first entry's head.
const HEAD_MAX_BYTES: usize = 24;

/// The names of a text's entries.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// The first entry's name.
    first: String,
    /// What the names of all others begin with. Shape: `NAME#`.
    stem: String,
    /// Whether a text that begins with `{` stands alone in the first entry, without a head, where it fits.
    is_bare_when_short: bool,
}

/// Which names the entries behind the first have.
///
/// A text is written to the set that the one before does not use, and only then does the first entry change over:
/// whatever breaks in between, one of the two is there whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    /// Shape: `NAME#2`.
    A,
    /// Shape: `NAME#b2`.
    B,
}

/// What the first entry says of all of them. Shape: `1 3 9f86d081884c7d65`, then a line feed and the text begins.
struct Head {
    set: Set,
    parts: usize,
    /// Sixteen hexadecimal digits of the whole text's SHA-256, so that parts of two texts are never joined.
    digest: String,
}

impl Names {
    /// The entries of a text that always has a head: `STEM1`, `STEM2` and so on.
    pub(super) fn numbered(stem: String) -> Self {
        Self { first: format!("{stem}1"), stem, is_bare_when_short: false }
    }

    /// The entries of a JSON object: `NAME` alone where it fits, else `NAME`, `NAME#2` and so on.
    pub(super) fn of_object(name: &str) -> Self {
        Self { first: name.into(), stem: format!("{name}#"), is_bare_when_short: true }
    }

    fn part(&self, set: Set, n: usize) -> String {
        match (n, set) {
            (..=1, _) => self.first.clone(),
            (n, Set::A) => format!("{}{n}", self.stem),
            (n, Set::B) => format!("{}b{n}", self.stem),
        }
    }
}

impl Set {
    fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// As the head has it.
    fn digit(self) -> char {
        match self {
            Self::A => '1',
            Self::B => '2',
        }
    }
}

impl Head {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let set = match words.next()? {
            "1" => Set::A,
            "2" => Set::B,
            _ => return None,
        };
        let parts = words.next()?.parse().ok().filter(|parts| (1..=PARTS_MAX).contains(parts))?;
        let digest = words.next()?.to_owned();
        words.next().is_none().then_some(Self { set, parts, digest })
    }

    /// The head of a first entry and the rest of it; none if it has none.
    fn split(first: &[u8]) -> Option<(Self, &str)> {
        let (line, begin) = std::str::from_utf8(first).ok()?.split_once('\n')?;
        Some((Self::parse(line)?, begin))
    }
}

/// The text as it was written; none if its entries are not ours or not of one text.
pub(super) fn read(call: &Call<'_>, names: &Names) -> Result<Option<Secret>, EntryError> {
    let first = call.get(&names.first).map(Zeroizing::new)?;
    if names.is_bare_when_short && first.first() == Some(&b'{') {
        return Ok(std::str::from_utf8(&first).ok().map(|text| Secret::new(text.to_owned())));
    }
    let Some((head, begin)) = Head::split(&first) else { return Ok(None) };
    let mut rest = Vec::new();
    for n in 2..=head.parts {
        match call.get(&names.part(head.set, n)) {
            Ok(bytes) => rest.push(Zeroizing::new(bytes)),
            Err(EntryError::NoEntry) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    // Room for all of it, so that the buffer never moves and leaves a copy behind.
    let len = begin.len() + rest.iter().map(|bytes| bytes.len()).sum::<usize>();
    let mut text = Zeroizing::new(String::with_capacity(len));
    text.push_str(begin);
    for bytes in &rest {
        let Ok(piece) = std::str::from_utf8(bytes) else { return Ok(None) };
        text.push_str(piece);
    }
    let is_whole = digest(&text, 8) == head.digest;
    Ok(is_whole.then(|| Secret::new(std::mem::take(&mut *text))))
}

/// Writes a text in entries of at most so many bytes, in place of the one before.
pub(super) fn write(call: &Call<'_>, names: &Names, text: &Secret, max_bytes: Option<u32>) -> Result<(), EntryError> {
    let mut limit = max_bytes;
    loop {
        match write_parts(call, names, text.expose(), limit) {
            // The store knows better than the platform: once more, narrower.
            Err(EntryError::TooLong(found)) if limit.is_none_or(|limit| found < limit) => limit = Some(found),
            other => return other,
        }
    }
}

fn write_parts(call: &Call<'_>, names: &Names, text: &str, limit: Option<u32>) -> Result<(), EntryError> {
    let is_bare = names.is_bare_when_short && limit.is_none_or(|limit| text.len() <= limit as usize);
    let too_long = || EntryError::TooLong(limit.unwrap_or(u32::MAX));
    let pieces = if is_bare { vec![text] } else { pieces(text, limit).ok_or_else(too_long)? };
    let set = if pieces.len() > 1 { free_set(call, names)? } else { Set::A };
    // The first last: until it is there, the text before it is.
    for (n, piece) in (1..).zip(&pieces).skip(1) {
        call.set(&names.part(set, n), piece.as_bytes())?;
    }
    let head = if is_bare { String::new() } else { format!("{} {} {}\n", set.digit(), pieces.len(), digest(text, 8)) };
    let begin = pieces.first().copied().unwrap_or_default();
    let mut first = Zeroizing::new(String::with_capacity(head.len() + begin.len()));
    first.push_str(&head);
    first.push_str(begin);
    call.set(&names.first, first.as_bytes())?;
    // The text is kept; what could not be removed behind it is found again by the next call.
    let _ = shorten(call, names, set, pieces.len() + 1);
    let _ = shorten(call, names, set.other(), 2);
    Ok(())
}

/// The set of names that the text before does not use.
fn free_set(call: &Call<'_>, names: &Names) -> Result<Set, EntryError> {
    match call.get(&names.first).map(Zeroizing::new) {
        Ok(first) => Ok(Head::split(&first).map_or(Set::A, |(head, _)| head.set.other())),
        Err(EntryError::NoEntry) => Ok(Set::A),
        Err(error) => Err(error),
    }
}

/// The text cut for the entries; none if it needs too many. KWallet stores UTF-8 only, so no character is cut.
fn pieces(text: &str, limit: Option<u32>) -> Option<Vec<&str>> {
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let mut room = limit.checked_sub(HEAD_MAX_BYTES)?;
    let (mut rest, mut pieces) = (text, Vec::new());
    while rest.len() > room {
        let (piece, behind) = rest.split_at_checked(rest.floor_char_boundary(room))?;
        if piece.is_empty() || pieces.len() + 1 == PARTS_MAX {
            return None;
        }
        pieces.push(piece);
        (rest, room) = (behind, limit);
    }
    pieces.push(rest);
    Some(pieces)
}

/// Removes a text; fine if there is none. Says whether its first entry was there.
pub(super) fn remove(call: &Call<'_>, names: &Names) -> Result<bool, EntryError> {
    shorten(call, names, Set::A, 2)?;
    shorten(call, names, Set::B, 2)?;
    match call.delete(&names.first) {
        Ok(()) => Ok(true),
        Err(EntryError::NoEntry) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes a set's entries from a number on, the last first: they stay numbered without gaps whenever this breaks off.
fn shorten(call: &Call<'_>, names: &Names, set: Set, from: usize) -> Result<(), EntryError> {
    let mut end = from.max(2);
    while end <= PARTS_MAX {
        match call.get(&names.part(set, end)).map(Zeroizing::new) {
            Ok(_) => end += 1,
            Err(EntryError::NoEntry) => break,
            Err(error) => return Err(error),
        }
    }
    for n in (from.max(2)..end).rev() {
        match call.delete(&names.part(set, n)) {
            Ok(()) | Err(EntryError::NoEntry) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The first bytes of a text's SHA-256 as hexadecimal digits.
pub(super) fn digest(text: &str, bytes: usize) -> String {
    Sha256::digest(text.as_bytes()).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}
