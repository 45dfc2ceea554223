//! What is kept for an environment beside its credentials: cookies and pass phrases, over as many entries as needed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{MutexGuard, PoisonError};

use super::error::VaultError;
use super::model::StoredIn;
use super::parts::{self, Names, digest};
use super::state::{EntryError, KeyringState};
use super::vault::Vault;
use crate::secret::Secret;

/// The most bytes of an environment's name in an entry's name; what is longer is told by its digest.
const WORD_MAX_BYTES: usize = 120;

/// What no keyring took, by user name: it lives until the program ends.
pub(super) type Kept = BTreeMap<String, Secret>;

/// What is kept for an environment.
#[derive(Clone, Copy, Debug)]
enum What {
    Jar,
    Passphrase,
}

impl What {
    /// With what the entries' names begin.
    fn prefix(self) -> &'static str {
        match self {
            Self::Jar => "jar",
            Self::Passphrase => "passphrase",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Jar => "for the cookies of",
            Self::Passphrase => "for the pass phrase of",
        }
    }
}

impl Vault {
    /// The jar kept for an environment; none if there is none. May ask the person to unlock the keyring.
    ///
    /// *Errors*: [`VaultError::Keyring`] if the keyring did not say whether there is one; [`VaultError::DamagedEntry`],
    /// which the next [`Vault::save_jar`] puts right.
    pub fn load_jar(&self, environment: &str) -> Result<Option<Secret>, VaultError> {
        self.load(What::Jar, environment)
    }

    /// Keeps a jar, in place of the one before; where no keyring takes it, in memory for this session.
    ///
    /// A keyring that refused once is used again as soon as it is open, and is not asked to open meanwhile. Until then
    /// an older jar may lie in it, which the next start finds.
    /// *Errors*: [`VaultError::TooLong`] where not even 64 entries hold it; then, too, it is kept for this session.
    pub fn save_jar(&self, environment: &str, jar: &Secret) -> Result<StoredIn, VaultError> {
        self.save(What::Jar, environment, jar)
    }

    /// Removes an environment's jar from this session and from the keyring; fine if there is none.
    ///
    /// *Errors*: [`VaultError::Keyring`] if one may still be there.
    pub fn remove_jar(&self, environment: &str) -> Result<(), VaultError> {
        self.remove_kept(What::Jar, environment)
    }

    /// The pass phrase of an environment's client certificate; none if there is none. May ask to unlock the keyring.
    ///
    /// *Errors*: those of [`Vault::load_jar`].
    pub fn load_passphrase(&self, environment: &str) -> Result<Option<Secret>, VaultError> {
        let passphrase = self.load(What::Passphrase, environment)?;
        if let Some(passphrase) = &passphrase {
            self.registry().add("passphrase", passphrase);
        }
        Ok(passphrase)
    }

    /// Keeps the pass phrase of an environment's client certificate, as [`Vault::save_jar`] keeps a jar.
    ///
    /// *Errors*: those of [`Vault::save_jar`].
    pub fn save_passphrase(&self, environment: &str, passphrase: &Secret) -> Result<StoredIn, VaultError> {
        self.registry().add("passphrase", passphrase);
        self.save(What::Passphrase, environment, passphrase)
    }

    /// Removes the pass phrase of an environment's client certificate; fine if there is none.
    ///
    /// *Errors*: those of [`Vault::remove_jar`].
    pub fn remove_passphrase(&self, environment: &str) -> Result<(), VaultError> {
        self.remove_kept(What::Passphrase, environment)
    }

    fn load(&self, what: What, environment: &str) -> Result<Option<Secret>, VaultError> {
        let user = self.kept_user(what, environment);
        if let Some(text) = self.kept().get(&user).cloned() {
            return Ok(Some(text));
        }
        let names = names(&user);
        match self.0.keyring.run(move |call| parts::read(call, &names))? {
            Ok(Some(text)) => Ok(Some(text)),
            Ok(None) => Err(VaultError::DamagedEntry { name: format!("{} {environment}", what.title()) }),
            Err(EntryError::NoEntry) => Ok(None),
            Err(error) => Err(self.entry_error(environment, error)),
        }
    }

    fn save(&self, what: What, environment: &str, text: &Secret) -> Result<StoredIn, VaultError> {
        let user = self.kept_user(what, environment);
        let may_ask = !self.kept().contains_key(&user);
        let (names, copy, max_bytes) = (names(&user), text.clone(), self.0.keyring.max_bytes());
        let written = self.0.keyring.run(move |call| {
            if !may_ask {
                call.look()?;
            }
            parts::write(call, &names, &copy, max_bytes)
        });
        if let Ok(Ok(())) = written {
            self.kept().remove(&user);
            return Ok(StoredIn::Keyring);
        }
        self.kept().insert(user, text.clone());
        match written {
            Ok(Err(EntryError::TooLong(max_bytes))) => Err(VaultError::TooLong { max_bytes }),
            _ => Ok(StoredIn::Session),
        }
    }

    fn remove_kept(&self, what: What, environment: &str) -> Result<(), VaultError> {
        let user = self.kept_user(what, environment);
        let was_in_session = self.kept().remove(&user).is_some();
        let names = names(&user);
        let removed = self.0.keyring.run(move |call| {
            // That text got past no keyring: it is not worth a password question.
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

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The entries' user name without their number. Shape: `jar:sandbox`, with another directory's mark behind it.
    ///
    /// No credential's name has a colon or a `#`, and Windows takes upper and lower case for the same: capitals and
    /// all that a name of ours would not have are written as `%53`.
    fn kept_user(&self, what: What, environment: &str) -> String {
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
        self.user(&format!("{}:{word}", what.prefix()))
    }
}

/// The entries of a text. Shape: `jar:sandbox#1`, `jar:sandbox#2`.
fn names(user: &str) -> Names {
    Names::numbered(format!("{user}#"))
}

#[cfg(test)]
#[path = "kept_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
