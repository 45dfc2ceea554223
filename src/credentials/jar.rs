//! Where the cookies of an environment are kept: in the keyring, over several entries where one is too narrow.

use std::fmt::Write as _;
use std::sync::{MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::error::VaultError;
use super::model::StoredIn;
use super::state::{EntryError, KeyringState};
use super::vault::{Jars, Vault};
use super::worker::Call;
use crate::secret::Secret;

/// The version of the first entry's head.
const VERSION: &str = "1";
/// The most entries of one jar: 160 KiB where an entry holds 2,560 bytes.
const PARTS_MAX: usize = 64;
/// The most bytes of the first entry's head.
const HEAD_MAX_BYTES: usize = 24;
/// The most bytes of an environment's name in an entry's name; what is longer is told by its digest.
const WORD_MAX_BYTES: usize = 120;

/// What the first entry says of all of them. Shape: `1 3 9f86d081884c7d65`, then a line feed and the text begins.
struct Head {
    parts: usize,
    /// Sixteen hexadecimal digits of the whole text's SHA-256, so that parts of two jars are never joined.
    digest: String,
}

impl Vault {
    /// The jar kept for an environment; none if there is none. May ask the person to unlock the keyring.
    ///
    /// *Errors*: [`VaultError::Keyring`] if the keyring did not say whether there is one; [`VaultError::DamagedEntry`],
    /// which the next [`Vault::save_jar`] puts right.
    pub fn load_jar(&self, environment: &str) -> Result<Option<Secret>, VaultError> {
        if let Some(jar) = self.jars().get(environment).cloned() {
            return Ok(Some(jar));
        }
        let base = self.jar_user(environment);
        match self.0.keyring.run(move |call| read(call, &base))? {
            Ok(Some(jar)) => Ok(Some(jar)),
            Ok(None) => Err(VaultError::DamagedEntry { name: format!("for the cookies of {environment}") }),
            Err(EntryError::NoEntry) => Ok(None),
            Err(error) => Err(self.entry_error(environment, error)),
        }
    }

    /// Keeps a jar, in place of the one before; where no keyring takes it, in memory for this session.
    ///
    /// A keyring that refused once is used again as soon as it is open, and is not asked to open meanwhile. Until then
    /// an older jar may lie in it, which the next start finds.
    /// *Errors*: [`VaultError::TooLong`] where not even 64 entries hold it; then, too, it is kept for this session.
    pub fn save_jar(&self, environment: &str, jar: &Secret) -> Result<StoredIn, VaultError> {
        let may_ask = !self.jars().contains_key(environment);
        let (base, text, max_bytes) = (self.jar_user(environment), jar.clone(), self.0.keyring.max_bytes());
        let written = self.0.keyring.run(move |call| {
            if !may_ask {
                call.look()?;
            }
            write(call, &base, text.expose(), max_bytes)
        });
        if let Ok(Ok(())) = written {
            self.jars().remove(environment);
            return Ok(StoredIn::Keyring);
        }
        self.jars().insert(environment.into(), jar.clone());
        match written {
            Ok(Err(EntryError::TooLong(max_bytes))) => Err(VaultError::TooLong { max_bytes }),
            _ => Ok(StoredIn::Session),
        }
    }

    /// Removes an environment's jar from this session and from the keyring; fine if there is none.
    ///
    /// *Errors*: [`VaultError::Keyring`] if one may still be there.
    pub fn remove_jar(&self, environment: &str) -> Result<(), VaultError> {
        let was_in_session = self.jars().remove(environment).is_some();
        let base = self.jar_user(environment);
        let removed = self.0.keyring.run(move |call| {
            // That jar got past no keyring: it is not worth a password question.
            if was_in_session {
                call.look()?;
            }
            shorten(call, &base, 1)
        });
        match removed.unwrap_or_else(|failure| Err(failure.into())) {
            Ok(()) => Ok(()),
            Err(EntryError::Failure(failure))
                if was_in_session && matches!(failure.state, KeyringState::Missing | KeyringState::Uncreated) =>
            {
                Ok(())
            }
            Err(error) => Err(self.entry_error(environment, error)),
        }
    }

    fn jars(&self) -> MutexGuard<'_, Jars> {
        self.0.jars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The entries' user name without their number. Shape: `jar:sandbox`, with another directory's mark behind it.
    ///
    /// No credential's name has a colon or a `#`, and Windows takes upper and lower case for the same: capitals and
    /// all that a name of ours would not have are written as `%53`.
    fn jar_user(&self, environment: &str) -> String {
        let mut word = String::new();
        for byte in environment.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' => word.push(char::from(byte)),
                // Writing to a String cannot fail.
                _ => _ = write!(word, "%{byte:02x}"),
            }
        }
        if word.len() > WORD_MAX_BYTES {
            word = format!("~{}", digest(environment, 16));
        }
        self.user(&format!("jar:{word}"))
    }
}

impl Head {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        if words.next()? != VERSION {
            return None;
        }
        let parts = words.next()?.parse().ok().filter(|parts| (1..=PARTS_MAX).contains(parts))?;
        let digest = words.next()?.to_owned();
        words.next().is_none().then_some(Self { parts, digest })
    }
}

/// The jar as it was written; none if its entries are not ours or not of one jar.
fn read(call: &Call<'_>, base: &str) -> Result<Option<Secret>, EntryError> {
    let first = call.get(&part(base, 1)).map(Zeroizing::new)?;
    let split = std::str::from_utf8(&first).ok().and_then(|text| text.split_once('\n'));
    let Some((head, begin)) = split.and_then(|(line, begin)| Some((Head::parse(line)?, begin))) else {
        return Ok(None);
    };
    let mut rest = Vec::new();
    for n in 2..=head.parts {
        match call.get(&part(base, n)) {
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

/// Writes a jar in entries of at most so many bytes, and removes what an earlier one needed more.
fn write(call: &Call<'_>, base: &str, text: &str, max_bytes: Option<u32>) -> Result<(), EntryError> {
    let mut limit = max_bytes;
    loop {
        match write_parts(call, base, text, limit) {
            // The store knows better than the platform: once more, narrower.
            Err(EntryError::TooLong(found)) if limit.is_none_or(|limit| found < limit) => limit = Some(found),
            other => return other,
        }
    }
}

fn write_parts(call: &Call<'_>, base: &str, text: &str, limit: Option<u32>) -> Result<(), EntryError> {
    let too_long = || EntryError::TooLong(limit.unwrap_or(u32::MAX));
    let pieces = pieces(text, limit).ok_or_else(too_long)?;
    // The first last: until it is there, its digest tells that the others are not its own.
    for (n, piece) in (1..).zip(&pieces).skip(1) {
        call.set(&part(base, n), piece.as_bytes())?;
    }
    let head = format!("{VERSION} {} {}\n", pieces.len(), digest(text, 8));
    let begin = pieces.first().copied().unwrap_or_default();
    let mut first = Zeroizing::new(String::with_capacity(head.len() + begin.len()));
    first.push_str(&head);
    first.push_str(begin);
    call.set(&part(base, 1), first.as_bytes())?;
    // The jar is kept; what could not be removed behind it is found again by the next call.
    let _ = shorten(call, base, pieces.len() + 1);
    Ok(())
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

/// Removes the entries from a number on, the last first: entries stay numbered without gaps whenever this breaks off.
fn shorten(call: &Call<'_>, base: &str, from: usize) -> Result<(), EntryError> {
    // The first is written last, so others may be there without it.
    let mut end = from.max(2);
    while end <= PARTS_MAX {
        match call.get(&part(base, end)).map(Zeroizing::new) {
            Ok(_) => end += 1,
            Err(EntryError::NoEntry) => break,
            Err(error) => return Err(error),
        }
    }
    for n in (from..end).rev() {
        match call.delete(&part(base, n)) {
            Ok(()) | Err(EntryError::NoEntry) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn part(base: &str, n: usize) -> String {
    format!("{base}#{n}")
}

/// The first bytes of a text's SHA-256 as hexadecimal digits.
fn digest(text: &str, bytes: usize) -> String {
    Sha256::digest(text.as_bytes()).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "jar_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
