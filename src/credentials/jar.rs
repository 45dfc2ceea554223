//! Where the cookies of an environment are kept: in the keyring, over several entries where one is too narrow.

use std::fmt::Write as _;
use std::sync::{MutexGuard, PoisonError};

use super::error::VaultError;
use super::model::StoredIn;
use super::parts::{self, Names, digest};
use super::state::{EntryError, KeyringState};
use super::vault::{Jars, Vault};
use crate::secret::Secret;

/// The most bytes of an environment's name in an entry's name; what is longer is told by its digest.
const WORD_MAX_BYTES: usize = 120;

impl Vault {
    /// The jar kept for an environment; none if there is none. May ask the person to unlock the keyring.
    ///
    /// *Errors*: [`VaultError::Keyring`] if the keyring did not say whether there is one; [`VaultError::DamagedEntry`],
    /// which the next [`Vault::save_jar`] puts right.
    pub fn load_jar(&self, environment: &str) -> Result<Option<Secret>, VaultError> {
        if let Some(jar) = self.jars().get(environment).cloned() {
            return Ok(Some(jar));
        }
        let names = self.jar_names(environment);
        match self.0.keyring.run(move |call| parts::read(call, &names))? {
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
        let (names, text, max_bytes) = (self.jar_names(environment), jar.clone(), self.0.keyring.max_bytes());
        let written = self.0.keyring.run(move |call| {
            if !may_ask {
                call.look()?;
            }
            parts::write(call, &names, &text, max_bytes)
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
        let names = self.jar_names(environment);
        let removed = self.0.keyring.run(move |call| {
            // That jar got past no keyring: it is not worth a password question.
            if was_in_session {
                call.look()?;
            }
            parts::remove(call, &names).map(|_| ())
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

    fn jar_names(&self, environment: &str) -> Names {
        Names::numbered(format!("{}#", self.jar_user(environment)))
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

#[cfg(test)]
#[path = "jar_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
