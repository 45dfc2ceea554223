//! Changes of a credential that is there: a new secret, a further origin, renewed tokens.

use jiff::Timestamp;

use super::error::VaultError;
use super::model::{Credential, CredentialKind, NewCredential, Persist, StoredIn};
use super::origin::Origin;
use super::vault::{Stored, Vault, check};
use crate::secret::Secret;

impl Vault {
    /// Puts another secret in a credential's place and leaves the rest as it is.
    ///
    /// What was known of the old one's end is not known of the new one: `expires_at` takes its place.
    /// *Errors*: those of [`Vault::use_for`] that speak of reading, [`VaultError::InvalidSecret`].
    pub fn replace_secret(
        &self,
        name: &str,
        secret: Secret,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Stored, VaultError> {
        self.rewrite(name, |new| {
            new.secret = secret;
            new.expires_at = expires_at;
            new.created_at = now;
        })
    }

    /// Adds an origin that a person allowed, having seen it.
    ///
    /// *Errors*: as [`Vault::replace_secret`]; [`VaultError::InvalidFact`] for plain http to another machine.
    pub fn allow_origin(&self, name: &str, origin: &Origin) -> Result<Stored, VaultError> {
        self.rewrite(name, |new| {
            if !new.origins.contains(origin) {
                new.origins.push(origin.clone());
            }
        })
    }

    /// Binds a credential to another workspace; none to none.
    ///
    /// *Errors*: as [`Vault::replace_secret`].
    pub fn set_workspace(&self, name: &str, workspace: Option<String>) -> Result<Stored, VaultError> {
        self.rewrite(name, |new| new.workspace = workspace)
    }

    /// Whether a sign-in may end in a credential of these facts and that name; asked before anything is sent.
    ///
    /// *Errors*: [`VaultError::InvalidFact`]; [`VaultError::Exists`] where another kind has the name; those of the list.
    pub fn may_sign_in(&self, new: &NewCredential) -> Result<(), VaultError> {
        check(new)?;
        let same = self.list()?.into_iter().find(|facts| facts.name.eq_ignore_ascii_case(&new.name));
        match same {
            Some(facts) if facts.kind != CredentialKind::OAuth || facts.name != new.name => {
                Err(VaultError::Exists { name: facts.name })
            }
            _ => Ok(()),
        }
    }

    /// What a credential was signed in with: its facts, and the client's secret where it has one.
    ///
    /// *Errors*: those of [`Vault::reveal`].
    pub fn sign_in_of(&self, name: &str) -> Result<(Credential, Option<Secret>), VaultError> {
        let item = self.item(name)?;
        Ok((item.facts, item.client_secret))
    }

    /// Stores what a sign-in brought, in place of what the one before did.
    ///
    /// *Errors*: those of [`Vault::may_sign_in`] and [`Vault::add`].
    pub fn sign_in(&self, new: NewCredential, persist: Persist) -> Result<Stored, VaultError> {
        self.hold(&new.item(StoredIn::Session));
        self.may_sign_in(&new)?;
        match persist {
            Persist::Session => Ok(self.keep_in_session(new, None)),
            Persist::Keyring => {
                let is_new = !self.is_listed(&new.name)?;
                self.store(new, is_new)
            }
        }
    }

    /// Reads a credential, changes it and writes it back to where it was.
    ///
    /// What the keyring does not take is kept in memory until the program ends, and the result says why.
    pub(super) fn rewrite(&self, name: &str, change: impl FnOnce(&mut NewCredential)) -> Result<Stored, VaultError> {
        let item = self.item(name)?;
        let stored = item.facts.stored;
        let mut new = item.into_new();
        change(&mut new);
        check(&new)?;
        self.put_back(new, stored)
    }

    /// Writes a credential back that was read before, whatever happened to the keyring meanwhile: what it does not take
    /// is kept in memory until the program ends, and the result says why.
    ///
    /// *Errors*: none but [`VaultError::TooLong`], and then, too, it is kept in memory.
    pub(super) fn put_back(&self, new: NewCredential, was: StoredIn) -> Result<Stored, VaultError> {
        self.hold(&new.item(StoredIn::Session));
        // One of this session goes into the keyring only if it was to be there and was refused.
        if was == StoredIn::Session && !self.is_listed(&new.name).unwrap_or(true) {
            return Ok(self.keep_in_session(new, None));
        }
        let copy = new.clone();
        let stored = self.store(new, false);
        if stored.is_err() {
            self.keep_in_session(copy, None);
        }
        stored
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::model::tests::{sample, sample_oauth};
    use super::super::state::KeyringState;
    use super::super::vault::tests::{setup, vault_in};
    use super::super::worker::Limits;
    use super::*;

    fn now() -> Timestamp {
        "2026-06-01T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_secret_is_put_in_another_s_place_and_the_binding_stays() {
        let (dir, fake, vault) = setup(KeyringState::Ready);
        let before = vault.add(sample("key", "an-old-secret-0123"), Persist::Keyring).unwrap().credential;
        let stored = vault.replace_secret("key", Secret::new("a-new-secret-4567".into()), None, now()).unwrap();
        assert_eq!(stored.fallback, None);
        let after = stored.credential;
        assert_eq!(
            (&after.origins, &after.workspace, &after.scopes),
            (&before.origins, &before.workspace, &before.scopes)
        );
        assert_eq!((after.last4.as_deref(), after.created_at), (Some("4567"), now()));
        let other = vault_in(&dir, &fake, Limits::default());
        assert_eq!(other.reveal("key").unwrap().1.expose(), "a-new-secret-4567");
        assert_eq!(other.list().unwrap(), [after]);
        let error = vault.replace_secret("key", Secret::new("Bearer x".into()), None, now()).unwrap_err();
        assert!(matches!(error, VaultError::InvalidSecret(_)));
        assert_eq!(other.reveal("key").unwrap().1.expose(), "a-new-secret-4567", "a refused one changes nothing");
    }

    #[test]
    fn an_origin_is_added_in_the_item_itself() {
        let (dir, fake, vault) = setup(KeyringState::Ready);
        vault.add(sample("key", "secret"), Persist::Keyring).unwrap();
        let origin: Origin = "https://other.example.com".parse().unwrap();
        for _ in 0..2 {
            assert_eq!(vault.allow_origin("key", &origin).unwrap().credential.origins.len(), 2);
        }
        let other = vault_in(&dir, &fake, Limits::default());
        assert!(other.reveal("key").unwrap().0.origins.contains(&origin));
        let plain: Origin = "http://other.example.com".parse().unwrap();
        assert!(matches!(vault.allow_origin("key", &plain), Err(VaultError::InvalidFact(_))));
    }

    #[test]
    fn what_the_keyring_refuses_is_kept_for_the_run_and_goes_in_later() {
        let (dir, fake, vault) = setup(KeyringState::Ready);
        vault.add(sample_oauth("login", "access-1", "refresh-1"), Persist::Keyring).unwrap();
        assert_eq!(vault.item("login").unwrap().refresh.unwrap().expose(), "refresh-1");
        // Read before the keyring goes away, as a renewal does.
        let mut new = vault.item("login").unwrap().into_new();
        new.secret = Secret::new("access-2".into());
        new.oauth.as_mut().unwrap().refresh = Some(Secret::new("refresh-2".into()));
        fake.set(KeyringState::Missing);
        let stored = vault.store(new, false).unwrap();
        assert_eq!(stored.fallback.unwrap().state, KeyringState::Missing);
        assert_eq!(
            vault.list().unwrap().first().unwrap().stored,
            StoredIn::Session,
            "the list says that it will be lost"
        );
        assert_eq!(vault.item("login").unwrap().refresh.unwrap().expose(), "refresh-2");

        assert!(vault.keep("login").unwrap().fallback.is_some());
        fake.set(KeyringState::Ready);
        assert_eq!(vault.keep("login").unwrap().fallback, None);
        let other = vault_in(&dir, &fake, Limits::default());
        let item = other.item("login").unwrap();
        assert_eq!((item.secret.expose(), item.refresh.unwrap().expose()), ("access-2", "refresh-2"));
        assert_eq!(vault.list().unwrap().first().unwrap().stored, StoredIn::Keyring);
    }

    #[test]
    fn one_of_this_session_stays_there_when_it_changes() {
        let (_dir, fake, vault) = setup(KeyringState::Ready);
        vault.add(sample("key", "secret"), Persist::Session).unwrap();
        let stored = vault.replace_secret("key", Secret::new("another".into()), None, now()).unwrap();
        assert_eq!(stored.credential.stored, StoredIn::Session);
        assert_eq!(fake.stored(&vault.user("key")), None);
        assert_eq!(vault.keep("key").unwrap().credential.stored, StoredIn::Keyring);
        assert!(fake.stored(&vault.user("key")).is_some());
    }

    #[test]
    fn removing_one_that_is_newer_in_memory_removes_both() {
        let (_dir, fake, vault) = setup(KeyringState::Ready);
        vault.add(sample("key", "secret"), Persist::Keyring).unwrap();
        vault.keep_in_session(sample("key", "newer"), None);
        vault.remove("key").unwrap();
        assert_eq!((fake.stored(&vault.user("key")), vault.list().unwrap().len()), (None, 0));
    }
}
