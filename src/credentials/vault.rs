//! The vault: adds, lists, removes and uses credentials.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::VaultError;
use super::header::check_secret;
use super::item::{self, Item};
use super::kept::Kept;
use super::model::{Credential, NewCredential, Persist, StoredIn, validate_name};
use super::oauth::Renewals;
use super::parts::{self, Names};
use super::platform::{Native, Platform};
use super::settings::Settings;
use super::state::{EntryError, KeyringFailure, KeyringState};
use super::worker::{Call, Limits, Worker};
use crate::disk::DataDir;
use crate::secret::{Registry, Secret};

/// The service of every keyring entry. No dot: Windows joins user and service with one.
pub const SERVICE: &str = "altyaa-console";

/// The most names offered when one is unknown.
const KNOWN_MAX: usize = 8;

/// Every credential of one data directory.
///
/// Clones are cheap and share everything. All methods but [`Vault::add_session_credential`] may block for seconds,
/// and for a minute while the person is asked to unlock the keyring: never call them on the drawing thread or on a
/// tokio worker.
#[derive(Clone)]
pub struct Vault(pub(super) Arc<Inner>);

pub(super) struct Inner {
    settings: Settings,
    mark: Option<String>,
    pub(super) keyring: Worker,
    session: Mutex<BTreeMap<String, NewCredential>>,
    /// Cookies and pass phrases that no keyring took.
    pub(super) kept: Mutex<Kept>,
    registry: Registry,
    pub(super) data_dir: DataDir,
    pub(super) renewals: Renewals,
}

/// What came of adding a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its facts; `stored` says where it is.
    pub credential: Credential,
    /// Why it is kept for this session only although the keyring was asked for; none otherwise.
    pub fallback: Option<KeyringFailure>,
}

/// What came of removing a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Where it was; none if it was listed but the keyring held nothing any more.
    pub from: Option<StoredIn>,
}

/// Every secret of the vault, for redaction before an export.
///
/// *Secrets*: yes.
#[derive(Debug)]
pub struct AllSecrets {
    /// Every secret and every text made from one, with its credential's name.
    pub secrets: Vec<(String, Secret)>,
    /// The credentials that could not be read, and why; an export has to name them.
    pub unread: Vec<(String, VaultError)>,
    /// Why the list itself could not be read, so that there may be credentials that are not even named.
    pub list_error: Option<VaultError>,
}

impl Vault {
    /// The vault of a data directory, over the keyring of this system. Touches neither disk nor keyring yet.
    pub fn open(data_dir: &DataDir) -> Self {
        Self::over(data_dir, Box::new(Native), Limits::default())
    }

    fn over(data_dir: &DataDir, platform: Box<dyn Platform>, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            settings: Settings::new(data_dir),
            mark: data_dir.mark(),
            keyring: Worker::new(platform, SERVICE, limits),
            session: Mutex::new(BTreeMap::new()),
            kept: Mutex::new(Kept::new()),
            registry: Registry::default(),
            data_dir: data_dir.clone(),
            renewals: Renewals::default(),
        }))
    }

    /// Every secret that this vault has had in its hands since it was opened, for redaction.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// How the keyring answers now, found out anew each time and without asking the person anything.
    pub fn state(&self) -> Result<(), KeyringFailure> {
        self.0.keyring.run(|call| call.look()).and_then(|seen| seen)
    }

    /// Adds a credential; where no keyring takes it, it is kept in memory for this session, and the result says so.
    ///
    /// *Errors*: [`VaultError::InvalidFact`], [`VaultError::InvalidSecret`], [`VaultError::Exists`] (also for a name
    /// that differs only in case), [`VaultError::TooLong`], and those of the settings file, in which case nothing
    /// stays in the keyring.
    pub fn add(&self, new: NewCredential, persist: Persist) -> Result<Stored, VaultError> {
        check(&new)?;
        self.hold(&new.item(StoredIn::Session));
        let taken = |name: &str| name.eq_ignore_ascii_case(&new.name);
        let in_session = self.session().keys().find(|name| taken(name)).cloned();
        let listed = || Ok::<_, VaultError>(self.0.settings.load()?.into_iter().map(|c| c.name).find(|n| taken(n)));
        if let Some(name) = in_session.map_or_else(listed, |name| Ok(Some(name)))? {
            return Err(VaultError::Exists { name });
        }
        match persist {
            Persist::Session => Ok(self.keep_in_session(new, None)),
            Persist::Keyring => self.store(new, true),
        }
    }

    /// Tries again to move a credential of this session into the keyring; it stays in the session if that fails.
    ///
    /// *Errors*: [`VaultError::UnknownName`] if this session holds none of that name, [`VaultError::TooLong`], and
    /// those of the settings file.
    pub fn keep(&self, name: &str) -> Result<Stored, VaultError> {
        let found = self.session().get(name).cloned();
        let new = found.ok_or_else(|| self.unknown(name))?;
        let is_new = !self.is_listed(name)?;
        self.store(new, is_new)
    }

    /// Adds or replaces a credential of this session without asking keyring or disk; never blocks.
    ///
    /// For the embedded sandbox's own tokens, which change at each start. Such a credential hides one of the same
    /// name in the keyring. One that shall be sent although it has expired is added without `expires_at`.
    /// *Errors*: [`VaultError::InvalidFact`], [`VaultError::InvalidSecret`].
    pub fn add_session_credential(&self, new: NewCredential) -> Result<Credential, VaultError> {
        check(&new)?;
        self.hold(&new.item(StoredIn::Session));
        Ok(self.keep_in_session(new, None).credential)
    }

    /// Every credential's facts by name, without unlocking anything.
    ///
    /// *Errors*: those of the settings file; [`Vault::list_session`] works all the same.
    pub fn list(&self) -> Result<Vec<Credential>, VaultError> {
        let mut by_name: BTreeMap<_, _> =
            self.0.settings.load()?.into_iter().map(|facts| (facts.name.clone(), facts)).collect();
        by_name.extend(self.list_session().into_iter().map(|facts| (facts.name.clone(), facts)));
        Ok(by_name.into_values().collect())
    }

    /// The credentials of this session by name; never blocks.
    pub fn list_session(&self) -> Vec<Credential> {
        self.session().values().map(|new| new.facts(StoredIn::Session)).collect()
    }

    /// The secrets of this session with their credentials' names, for redaction; never blocks.
    pub fn session_secrets(&self) -> Vec<(String, Secret)> {
        let session = self.session();
        let items = session.values().map(|new| new.item(StoredIn::Session));
        items.flat_map(|item| named(&item)).collect()
    }

    /// Removes a credential: from this session if it is there, else from the keyring and the list.
    ///
    /// *Errors*: [`VaultError::UnknownName`]; [`VaultError::Keyring`], after which it is still listed; those of the
    /// settings file.
    pub fn remove(&self, name: &str) -> Result<Removed, VaultError> {
        validate_name(name)?;
        let was_in_session = self.session().remove(name).is_some();
        if was_in_session && !self.0.settings.peek().unwrap_or_default().iter().any(|facts| facts.name == name) {
            return Ok(Removed { from: Some(StoredIn::Session) });
        }
        let is_listed = self.is_listed(name)?;
        let names = self.names(name);
        let removed = self.0.keyring.run(move |call| {
            // A name that nobody listed is not worth a password question.
            if !is_listed {
                call.look()?;
            }
            parts::remove(call, &names)
        })?;
        match removed {
            Ok(false) | Err(_) if !is_listed => Err(self.unknown(name)),
            Ok(was_there) => {
                self.0.settings.drop_name(name)?;
                Ok(Removed { from: was_there.then_some(StoredIn::Keyring) })
            }
            Err(other) => Err(self.entry_error(name, other)),
        }
    }

    /// The facts of the keyring item and the secret itself, for looking at it: nothing decides whether it may be sent.
    ///
    /// *Errors*: [`VaultError::UnknownName`], [`VaultError::MissingEntry`], [`VaultError::DamagedEntry`],
    /// [`VaultError::Keyring`].
    pub fn reveal(&self, name: &str) -> Result<(Credential, Secret), VaultError> {
        let Item { facts, secret, .. } = self.item(name)?;
        Ok((facts, secret))
    }

    /// A credential with its secret, from this session or the keyring.
    pub(super) fn item(&self, name: &str) -> Result<Item, VaultError> {
        let in_session = self.session().get(name).cloned();
        if let Some(new) = in_session {
            return Ok(new.item(StoredIn::Session));
        }
        if validate_name(name).is_err() {
            return Err(self.unknown(name));
        }
        // A list that cannot be read does not keep a credential from being used: it is for showing only.
        let list = self.0.settings.peek();
        let listed = list.as_ref().and_then(|list| list.iter().find(|facts| facts.name == name));
        // A name that a good list does not hold is not worth a password question.
        let may_ask = list.is_none() || listed.is_some();
        let names = self.names(name);
        let read = self.0.keyring.run(move |call| {
            if !may_ask {
                call.look()?;
            }
            parts::read(call, &names)
        })?;
        let text = match read {
            Ok(text) => text,
            Err(_) if !may_ask => return Err(self.unknown(name)),
            Err(EntryError::NoEntry) if listed.is_none() => return Err(self.unknown(name)),
            Err(other) => return Err(self.entry_error(name, other)),
        };
        let item = text.and_then(|text| item::read(name, &text));
        let item = item.ok_or_else(|| VaultError::DamagedEntry { name: name.into() })?;
        self.hold(&item);
        if list.is_some() && listed != Some(&item.facts) {
            // For showing only: a disk that is full or read-only does not keep the request from being sent.
            let _ = self.0.settings.put(&item.facts);
        }
        Ok(item)
    }

    /// Reads every credential once, for redaction before an export.
    ///
    /// After a keyring that does not answer no further entry is asked for: each would wait as long again.
    pub fn all_secrets(&self) -> AllSecrets {
        let mut all = AllSecrets { secrets: Vec::new(), unread: Vec::new(), list_error: None };
        let session: Vec<NewCredential> = self.session().values().cloned().collect();
        for new in session {
            all.secrets.extend(named(&new.item(StoredIn::Session)));
        }
        let names: Vec<String> = match self.0.settings.load() {
            Ok(list) => list.into_iter().map(|facts| facts.name).collect(),
            Err(error) => {
                all.list_error = Some(error);
                return all;
            }
        };
        if names.is_empty() {
            return all;
        }
        let entries: Vec<Names> = names.iter().map(|name| self.names(name)).collect();
        match self.0.keyring.run(move |call| read_all(call, &entries)) {
            Ok(read) => {
                for (name, result) in names.into_iter().zip(read) {
                    match result.map(|text| text.and_then(|text| item::read(&name, &text))) {
                        Ok(Some(item)) => {
                            self.hold(&item);
                            all.secrets.extend(named(&item));
                        }
                        Ok(None) => all.unread.push((name.clone(), VaultError::DamagedEntry { name })),
                        Err(error) => {
                            let error = self.entry_error(&name, error);
                            all.unread.push((name, error));
                        }
                    }
                }
            }
            Err(failure) => {
                all.unread.extend(names.into_iter().map(|name| (name, VaultError::Keyring(failure.clone()))));
            }
        }
        all
    }

    /// Writes the secrets of an item and every text made from them down for redaction.
    pub(super) fn hold(&self, item: &Item) {
        self.0.registry.extend(named(item));
    }

    /// Writes a credential into the keyring and the list, new or not; for this session where no keyring takes it.
    ///
    /// One that is new and cannot be listed is taken back.
    pub(super) fn store(&self, new: NewCredential, is_new: bool) -> Result<Stored, VaultError> {
        let item = new.item(StoredIn::Keyring);
        let Some(text) = item::write(&item) else {
            let failure = KeyringFailure::new(KeyringState::Unknown, "the entry could not be written as JSON");
            return Ok(self.keep_in_session(new, Some(failure)));
        };
        let (names, max_bytes) = (self.names(&new.name), self.0.keyring.max_bytes());
        let written = self.0.keyring.run(move |call| parts::write(call, &names, &text, max_bytes));
        match written {
            Ok(Ok(())) => {}
            Ok(Err(EntryError::TooLong(max_bytes))) => return Err(VaultError::TooLong { max_bytes }),
            Ok(Err(EntryError::NoEntry)) => {
                let failure = KeyringFailure::new(KeyringState::Unknown, "the entry vanished while it was written");
                return Ok(self.keep_in_session(new, Some(failure)));
            }
            Ok(Err(EntryError::Failure(failure))) | Err(failure) => {
                return Ok(self.keep_in_session(new, Some(failure)));
            }
        }
        if let Err(error) = self.0.settings.put(&item.facts)
            && is_new
        {
            // What is not listed could not be removed by hand: take it back, and report the first failure.
            let names = self.names(&new.name);
            let _ = self.0.keyring.run(move |call| parts::remove(call, &names));
            return Err(error);
        }
        self.session().remove(&new.name);
        Ok(Stored { credential: item.facts, fallback: None })
    }

    pub(super) fn keep_in_session(&self, new: NewCredential, fallback: Option<KeyringFailure>) -> Stored {
        let credential = new.facts(StoredIn::Session);
        self.session().insert(new.name.clone(), new);
        Stored { credential, fallback }
    }

    /// The entry's user name. Shape: `NAME`, or `NAME@3f9a01c2be77` for another data directory than the default.
    pub(super) fn user(&self, name: &str) -> String {
        match &self.0.mark {
            Some(mark) => format!("{name}@{mark}"),
            None => name.into(),
        }
    }

    /// The names of a credential's entries.
    fn names(&self, name: &str) -> Names {
        Names::of_object(&self.user(name))
    }

    pub(super) fn session(&self) -> MutexGuard<'_, BTreeMap<String, NewCredential>> {
        self.0.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_listed(&self, name: &str) -> Result<bool, VaultError> {
        Ok(self.0.settings.load()?.iter().any(|facts| facts.name == name))
    }

    /// Whether a credential that was there is not any more; a list that cannot be read does not say so.
    pub(super) fn is_gone(&self, name: &str, was: StoredIn) -> bool {
        let is_in_session = self.session().contains_key(name);
        let is_listed = was == StoredIn::Keyring && self.is_listed(name).unwrap_or(true);
        !is_in_session && !is_listed
    }

    pub(super) fn unknown(&self, name: &str) -> VaultError {
        let mut known: Vec<String> =
            self.0.settings.peek().unwrap_or_default().into_iter().map(|facts| facts.name).collect();
        known.extend(self.session().keys().cloned());
        known.sort();
        known.dedup();
        known.truncate(KNOWN_MAX);
        // The name may be anything that was typed.
        let name = name.chars().flat_map(char::escape_default).take(80).collect();
        VaultError::UnknownName { name, known }
    }

    pub(super) fn entry_error(&self, name: &str, error: EntryError) -> VaultError {
        match error {
            EntryError::NoEntry => VaultError::MissingEntry { name: name.into() },
            EntryError::TooLong(max_bytes) => VaultError::TooLong { max_bytes },
            EntryError::Failure(failure) => VaultError::Keyring(failure),
        }
    }
}

/// The secrets of an item and every text made from them, each with the credential's name.
fn named(item: &Item) -> Vec<(String, Secret)> {
    item.parts().into_iter().map(|part| (item.facts.name.clone(), part)).collect()
}

pub(super) fn check(new: &NewCredential) -> Result<(), VaultError> {
    new.facts(StoredIn::Session).validate()?;
    check_secret(new.kind, &new.secret).map_err(VaultError::InvalidSecret)
}

fn read_all(call: &Call<'_>, entries: &[Names]) -> Vec<Result<Option<Secret>, EntryError>> {
    let mut gave_up: Option<EntryError> = None;
    entries
        .iter()
        .map(|names| {
            if let Some(error) = &gave_up {
                return Err(error.clone());
            }
            let read = parts::read(call, names);
            if let Err(error @ EntryError::Failure(failure)) = &read
                && failure.state != KeyringState::Unknown
            {
                gave_up = Some(error.clone());
            }
            read
        })
        .collect()
}

#[cfg(test)]
#[path = "vault_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(super) mod tests;
