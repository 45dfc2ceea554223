//! The vault over the keyring crates' own mock store, so that any fault can be put in its way.

use std::collections::HashMap;
use std::sync::Condvar;
use std::time::{Duration, Instant};

use keyring_core::{CredentialStore, Error, mock};

use super::super::binding::{CredentialUse, Purpose};
use super::super::model::CredentialKind;
use super::super::model::tests::sample;
use super::super::origin::Origin;
use super::*;
use jiff::Timestamp;

/// A keyring whose state a test sets.
#[derive(Clone)]
pub struct Fake(Arc<FakeInner>);

struct FakeInner {
    store: Arc<mock::Store>,
    state: Mutex<KeyringState>,
    /// While true, opening or unlocking hangs.
    hangs: Mutex<bool>,
    woken: Condvar,
    max_bytes: Option<u32>,
    unlocks: Mutex<usize>,
    opens: Mutex<usize>,
}

impl Fake {
    pub fn new(state: KeyringState) -> Self {
        Self::limited(state, None)
    }

    pub fn limited(state: KeyringState, max_bytes: Option<u32>) -> Self {
        Self(Arc::new(FakeInner {
            store: mock::Store::new().unwrap(),
            state: Mutex::new(state),
            hangs: Mutex::new(false),
            woken: Condvar::new(),
            max_bytes,
            unlocks: Mutex::new(0),
            opens: Mutex::new(0),
        }))
    }

    pub fn set(&self, state: KeyringState) {
        *self.0.state.lock().unwrap() = state;
    }

    fn hang(&self, hangs: bool) {
        *self.0.hangs.lock().unwrap() = hangs;
        self.0.woken.notify_all();
    }

    /// How often the person was asked to unlock it.
    pub fn unlocks(&self) -> usize {
        *self.0.unlocks.lock().unwrap()
    }

    fn wait(&self) {
        let hangs = self.0.hangs.lock().unwrap();
        drop(self.0.woken.wait_while(hangs, |hangs| *hangs).unwrap());
    }

    /// The stored bytes under a user name.
    pub fn stored(&self, user: &str) -> Option<Vec<u8>> {
        let store: Arc<CredentialStore> = self.0.store.clone();
        store.build(SERVICE, user, None).unwrap().get_secret().ok()
    }

    /// Makes the next use of an entry fail.
    pub fn fail_next(&self, user: &str, error: Error) {
        let store: Arc<CredentialStore> = self.0.store.clone();
        drop(store.build(SERVICE, user, None).unwrap());
        let mut inner = self.0.store.inner.lock().unwrap();
        let cred = inner.get_mut().iter().find(|cred| cred.specifiers.1 == user).unwrap();
        cred.set_error(error);
    }
}

impl Platform for Fake {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        *self.0.opens.lock().unwrap() += 1;
        self.wait();
        Ok(self.0.store.clone())
    }

    fn look(&self) -> Result<(), KeyringFailure> {
        match *self.0.state.lock().unwrap() {
            KeyringState::Ready => Ok(()),
            other => Err(KeyringFailure::new(other, "")),
        }
    }

    fn unlock(&self) -> Result<(), KeyringFailure> {
        *self.0.unlocks.lock().unwrap() += 1;
        self.wait();
        let mut state = self.0.state.lock().unwrap();
        if *state == KeyringState::Denied {
            return Err(KeyringFailure::new(KeyringState::Denied, ""));
        }
        *state = KeyringState::Ready;
        Ok(())
    }

    fn modifiers<'a>(&self, _label: &'a str) -> HashMap<&'static str, &'a str> {
        HashMap::new()
    }

    fn max_bytes(&self) -> Option<u32> {
        self.0.max_bytes
    }
}

const SECRET: &str = "sk_live_canary_0123456789";
const SHORT: Limits = Limits { answer: Duration::from_millis(150), unlock: Duration::from_millis(150) };

pub fn vault_in(dir: &tempfile::TempDir, fake: &Fake, limits: Limits) -> Vault {
    let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
    Vault::over(&data_dir, Box::new(fake.clone()), limits)
}

pub fn setup(state: KeyringState) -> (tempfile::TempDir, Fake, Vault) {
    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::new(state));
    let vault = vault_in(&dir, &fake, Limits::default());
    (dir, fake, vault)
}

fn origin(text: &str) -> Origin {
    text.parse().unwrap()
}

fn use_at(vault: &Vault, name: &str, place: &str) -> Result<CredentialUse, VaultError> {
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    vault.use_for(name, &Purpose { origin: &origin(place), workspace: None, now, server_now: None })
}

#[test]
fn a_credential_is_stored_used_and_removed() {
    let (dir, fake, vault) = setup(KeyringState::Ready);
    let stored = vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    assert_eq!((stored.credential.stored, stored.fallback), (StoredIn::Keyring, None));
    assert_eq!(vault.list().unwrap(), [stored.credential]);

    // Another process has nothing but disk and keyring.
    let other = vault_in(&dir, &fake, Limits::default());
    let used = use_at(&other, "key", "https://api.example.com").unwrap();
    assert_eq!((used.header.as_str(), used.value.to_str().unwrap()), ("authorization", &*format!("Bearer {SECRET}")));
    assert!(used.value.is_sensitive() && !format!("{used:?}").contains("canary"));

    let user = vault.user("key");
    assert!(user.starts_with("key@") && fake.stored(&user).is_some());
    assert_eq!(vault.remove("key").unwrap(), Removed { from: Some(StoredIn::Keyring) });
    assert_eq!(fake.stored(&user), None);
    assert_eq!(vault.list().unwrap(), []);
    assert!(matches!(vault.remove("key"), Err(VaultError::UnknownName { .. })));
}

#[test]
fn no_file_holds_the_secret() {
    let (dir, _fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    vault.add(sample("other", SECRET), Persist::Session).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(dir.path().join("data")).unwrap() {
        let text = String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()).into_owned();
        assert!(!text.contains("canary") && !text.contains("other"), "{text}");
        files += 1;
    }
    assert_eq!(files, 2, "the list and its lock");
}

#[test]
fn each_refusal_comes_before_anything_is_sent() {
    let (_dir, _fake, vault) = setup(KeyringState::Ready);
    let mut new = sample("key", SECRET);
    new.expires_at = Some("2026-06-01T12:00:00Z".parse().unwrap());
    vault.add(new, Persist::Keyring).unwrap();
    let here = origin("https://api.example.com");
    let ask = |name: &str, place: &str, workspace, now: &str| {
        let purpose = Purpose { origin: &origin(place), workspace, now: now.parse().unwrap(), server_now: None };
        vault.use_for(name, &purpose)
    };
    let before = "2026-06-01T11:59:59Z";
    assert!(ask("key", here.as_str(), Some("ws_1"), before).is_ok());
    for place in ["https://evil.test", "http://api.example.com", "https://api.example.com:8443"] {
        let error = ask("key", place, None, before).unwrap_err();
        assert!(matches!(&error, VaultError::WrongOrigin { .. }), "{error:?}");
        assert!(error.summary().contains("https://api.example.com") && error.summary().contains(place));
    }
    assert!(matches!(ask("key", here.as_str(), Some("ws_2"), before), Err(VaultError::WrongWorkspace { .. })));
    assert!(matches!(ask("key", here.as_str(), None, "2026-06-01T12:00:00Z"), Err(VaultError::Expired { .. })));
    let error = ask("kye", here.as_str(), None, before).unwrap_err();
    assert!(matches!(&error, VaultError::UnknownName { known, .. } if known == &["key"]), "{error:?}");
    assert!(matches!(ask("a\u{1b}[2J", here.as_str(), None, before), Err(VaultError::UnknownName { .. })));
}

#[test]
fn a_token_that_says_that_it_lapsed_or_begins_later_is_not_sent_unless_the_clocks_differ() {
    let (_dir, _fake, vault) = setup(KeyringState::Ready);
    let now: Timestamp = "2026-05-01T10:00:00Z".parse().unwrap();
    let token = |claims: &str| {
        let part = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
        format!("{}.{}.c2lnbmF0dXJl", part(r#"{"alg":"HS256"}"#), part(claims))
    };
    let second = now.as_second();
    vault.add(sample("lapsed", &token(&format!(r#"{{"exp":{}}}"#, second - 1))), Persist::Session).unwrap();
    vault.add(sample("later", &token(&format!(r#"{{"nbf":{}}}"#, second + 60))), Persist::Session).unwrap();
    vault
        .add(sample("good", &token(&format!(r#"{{"nbf":{},"exp":{}}}"#, second + 4, second + 1))), Persist::Session)
        .unwrap();
    let at = origin("https://api.example.com");
    let sent = |name: &str, server_now| {
        vault.use_for(name, &Purpose { origin: &at, workspace: None, now, server_now }).map(|_| ())
    };
    let shifted = |seconds| Some(now + jiff::SignedDuration::from_secs(seconds));
    for server_now in [None, shifted(0)] {
        assert!(matches!(sent("lapsed", server_now), Err(VaultError::Expired { .. })));
        assert!(matches!(sent("later", server_now), Err(VaultError::NotYetValid { .. })));
        assert!(sent("good", server_now).is_ok());
    }
    assert!(sent("lapsed", shifted(-3600)).is_ok(), "by the server's clock it has not lapsed");
    assert!(sent("later", shifted(3600)).is_ok(), "by the server's clock it has begun");
}

#[test]
fn the_keyring_item_decides_over_a_tampered_list() {
    let (dir, _fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    let path = dir.path().join("data/credentials.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("https://api.example.com", "https://evil.test")).unwrap();
    assert_eq!(vault.list().unwrap()[0].origins, [origin("https://evil.test")]);
    assert!(matches!(use_at(&vault, "key", "https://evil.test"), Err(VaultError::WrongOrigin { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "the list is put right");
    assert!(use_at(&vault, "key", "https://api.example.com").is_ok());
}

#[test]
fn a_lost_list_does_not_lose_the_credential() {
    let (dir, _fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    let listed = vault.list().unwrap();
    std::fs::write(dir.path().join("data/credentials.json"), "{").unwrap();
    assert!(use_at(&vault, "key", "https://api.example.com").is_ok());
    assert!(matches!(use_at(&vault, "typo", "https://api.example.com"), Err(VaultError::UnknownName { .. })));
    // Only the one who asks for the list is told that it is damaged, and is told so.
    assert!(matches!(vault.list(), Err(VaultError::SettingsBroken { .. })));
    assert_eq!(vault.list().unwrap(), []);
    assert!(use_at(&vault, "key", "https://api.example.com").is_ok());
    assert_eq!(vault.list().unwrap(), listed);
}

#[test]
fn without_a_keyring_it_is_kept_for_this_session_and_said() {
    for state in [KeyringState::Missing, KeyringState::Uncreated, KeyringState::Denied, KeyringState::TimedOut] {
        let (dir, fake, vault) = setup(state);
        let stored = vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
        assert_eq!(stored.credential.stored, StoredIn::Session);
        assert_eq!(stored.fallback.unwrap().state, state);
        assert_eq!(fake.stored(&vault.user("key")), None);
        assert!(use_at(&vault, "key", "https://api.example.com").is_ok());
        assert!(!dir.path().join("data/credentials.json").exists());

        // The keyring appears later, in the same process.
        fake.set(KeyringState::Ready);
        assert_eq!(vault.keep("key").unwrap().credential.stored, StoredIn::Keyring);
        assert!(vault.list_session().is_empty() && fake.stored(&vault.user("key")).is_some());
    }
}

#[test]
fn a_locked_keyring_is_unlocked_for_a_listed_name_only() {
    let (_dir, fake, vault) = setup(KeyringState::Locked);
    vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    assert_eq!(*fake.0.unlocks.lock().unwrap(), 1);
    fake.set(KeyringState::Locked);
    assert!(matches!(use_at(&vault, "typo", "https://api.example.com"), Err(VaultError::UnknownName { .. })));
    assert!(matches!(vault.remove("typo"), Err(VaultError::UnknownName { .. })));
    assert_eq!(*fake.0.unlocks.lock().unwrap(), 1);
    assert!(use_at(&vault, "key", "https://api.example.com").is_ok());
    assert_eq!(*fake.0.unlocks.lock().unwrap(), 2);
}

#[test]
fn an_entry_that_is_gone_is_told_from_a_keyring_that_is_locked() {
    let (_dir, fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    fake.set(KeyringState::Uncreated);
    let error = use_at(&vault, "key", "https://api.example.com").unwrap_err();
    assert!(matches!(error, VaultError::Keyring(KeyringFailure { state: KeyringState::Uncreated, .. })));
    assert!(vault.remove("key").is_err());
    assert_eq!(vault.list().unwrap().len(), 1, "still listed");

    fake.set(KeyringState::Ready);
    fake.0.store.inner.lock().unwrap().get_mut().clear();
    let error = use_at(&vault, "key", "https://api.example.com").unwrap_err();
    assert!(matches!(error, VaultError::MissingEntry { .. }), "{error:?}");
    assert_eq!(vault.remove("key").unwrap(), Removed { from: None });
}

#[test]
fn a_restarted_service_is_reached_again() {
    let (_dir, fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    let lost = || Error::PlatformFailure(Box::new(std::io::Error::other("session gone")));
    fake.fail_next(&vault.user("key"), lost());
    assert!(use_at(&vault, "key", "https://api.example.com").is_ok());
    assert_eq!(*fake.0.opens.lock().unwrap(), 2);
}

#[test]
fn an_error_that_carries_the_secret_shows_nothing_of_it() {
    let (_dir, fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    fake.fail_next(&vault.user("key"), Error::BadEncoding(SECRET.as_bytes().to_vec()));
    let error = use_at(&vault, "key", "https://api.example.com").unwrap_err();
    let shown = format!("{error} {error:?} {} {}", error.summary(), error.fix());
    assert!(!shown.contains("canary") && !shown.contains("115, 107"), "{shown}");
}

#[test]
fn a_damaged_item_is_said_and_not_sent() {
    let (_dir, fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    let store: Arc<CredentialStore> = fake.0.store.clone();
    store.build(SERVICE, &vault.user("key"), None).unwrap().set_secret(b"a bare token").unwrap();
    let error = use_at(&vault, "key", "https://api.example.com").unwrap_err();
    assert!(matches!(error, VaultError::DamagedEntry { .. }));
}

#[test]
fn a_keyring_that_hangs_is_left_and_what_it_missed_is_not_written_later() {
    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::new(KeyringState::Locked));
    let vault = vault_in(&dir, &fake, Limits { unlock: Duration::from_secs(1), ..SHORT });
    fake.hang(true);
    let began = Instant::now();
    let stored = vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    assert_eq!(stored.fallback.unwrap().state, KeyringState::Locked);
    assert!(began.elapsed() < Duration::from_secs(5));
    // The question is still open: the next call is told so.
    assert_eq!(vault.state().unwrap_err().state, KeyringState::TimedOut);
    fake.hang(false);
    let until = Instant::now() + Duration::from_secs(5);
    while vault.state().is_err() {
        assert!(Instant::now() < until, "the late answer frees the keyring");
    }
    assert_eq!(fake.stored(&vault.user("key")), None, "a late write would belie what was said");
}

#[test]
fn a_thread_that_never_returns_does_not_close_the_keyring_for_good() {
    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::new(KeyringState::Ready));
    let vault = vault_in(&dir, &fake, SHORT);
    fake.hang(true);
    let stored = vault.add(sample("key", SECRET), Persist::Keyring).unwrap();
    assert_eq!(stored.fallback.unwrap().state, KeyringState::TimedOut);
    let until = Instant::now() + Duration::from_secs(5);
    while vault.state().is_err() {
        assert!(Instant::now() < until, "a new worker takes over beyond the limits");
    }
    fake.hang(false);
}

#[test]
fn a_long_secret_is_split_for_narrow_entries_and_joined_again() {
    let fake = Fake::limited(KeyringState::Ready, Some(2560));
    let dir = tempfile::tempdir().unwrap();
    let vault = vault_in(&dir, &fake, Limits::default());
    let long = |begin: &str| -> String {
        let mut text = begin.to_owned();
        while text.len() < 7000 {
            text.push_str(&format!("{}.", text.len()));
        }
        text
    };
    let user = vault.user("key");
    let entries = |mark: &str| (2..9).filter(|n| fake.stored(&format!("{user}#{mark}{n}")).is_some()).count();
    vault.add(sample("key", &long("one")), Persist::Keyring).unwrap();
    assert!(
        fake.stored(&user).unwrap().starts_with(b"1 3 "),
        "the names and the head are a contract with what is stored"
    );
    assert_eq!((entries(""), entries("b")), (2, 0));
    let other = vault_in(&dir, &fake, Limits::default());
    assert_eq!(other.reveal("key").unwrap().1.expose(), long("one"));
    assert!((1..9).all(|n| fake.stored(&format!("{user}#{n}")).is_none_or(|bytes| bytes.len() <= 2560)));

    // The next one is written beside the one before.
    let broken = || Error::NoStorageAccess(Box::new(std::io::Error::other("gone")));
    fake.fail_next(&format!("{user}#b3"), broken());
    let stored = vault.store(sample("key", &long("two")), false).unwrap();
    assert!(stored.fallback.is_some() && stored.credential.stored == StoredIn::Session);
    assert_eq!(vault.reveal("key").unwrap().1.expose(), long("two"), "this run has the new one");
    assert_eq!(other.reveal("key").unwrap().1.expose(), long("one"), "the keyring still has the one before, whole");
    assert!(vault.store(sample("key", &long("two")), false).unwrap().fallback.is_none());
    assert_eq!((entries(""), entries("b")), (0, 2));
    assert_eq!(other.reveal("key").unwrap().1.expose(), long("two"));

    vault.store(sample("key", "short"), false).unwrap();
    assert_eq!((entries(""), entries("b")), (0, 0));
    assert!(fake.stored(&user).unwrap().starts_with(b"{\"v\":1,"));
    vault.store(sample("key", &long("one")), false).unwrap();
    assert_eq!(other.remove("key").unwrap(), Removed { from: Some(StoredIn::Keyring) });
    assert_eq!((fake.stored(&user), entries(""), entries("b")), (None, 0, 0));
}

#[test]
fn a_keyring_too_narrow_for_any_token_is_said() {
    let fake = Fake::limited(KeyringState::Ready, Some(30));
    let dir = tempfile::tempdir().unwrap();
    let vault = vault_in(&dir, &fake, Limits::default());
    let error = vault.add(sample("key", &"x".repeat(2560)), Persist::Keyring).unwrap_err();
    assert!(matches!(error, VaultError::TooLong { max_bytes: 30 }));
    assert_eq!(vault.list().unwrap(), []);
}

#[test]
fn a_taken_name_is_refused_whatever_its_case() {
    let (_dir, _fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("Key", SECRET), Persist::Keyring).unwrap();
    vault.add(sample("mine", SECRET), Persist::Session).unwrap();
    for name in ["Key", "key", "MINE"] {
        let error = vault.add(sample(name, "another"), Persist::Keyring).unwrap_err();
        assert!(matches!(error, VaultError::Exists { .. }), "{name}");
    }
}

#[test]
fn an_unwritable_list_leaves_nothing_in_the_keyring() {
    let (dir, fake, vault) = setup(KeyringState::Ready);
    std::fs::create_dir(dir.path().join("data/credentials.lock")).unwrap();
    assert!(matches!(vault.add(sample("key", SECRET), Persist::Keyring), Err(VaultError::Disk(_))));
    assert_eq!(fake.stored(&vault.user("key")), None);
}

#[test]
fn all_secrets_are_read_once_and_what_is_missing_is_named() {
    let (_dir, fake, vault) = setup(KeyringState::Ready);
    vault.add(sample("a", "secret-of-a"), Persist::Keyring).unwrap();
    vault.add(sample("b", "secret-of-b"), Persist::Keyring).unwrap();
    let mut basic = sample("c", "me:password-of-c");
    basic.kind = CredentialKind::Basic;
    vault.add_session_credential(basic).unwrap();
    let store: Arc<CredentialStore> = fake.0.store.clone();
    store.build(SERVICE, &vault.user("b"), None).unwrap().delete_credential().unwrap();

    let all = vault.all_secrets();
    let values: Vec<_> = all.secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose())).collect();
    assert_eq!(
        values,
        [("c", "me:password-of-c"), ("c", "bWU6cGFzc3dvcmQtb2YtYw=="), ("c", "password-of-c"), ("a", "secret-of-a")]
    );
    assert!(matches!(&all.unread[..], [(name, VaultError::MissingEntry { .. })] if name == "b"));

    fake.set(KeyringState::Missing);
    let all = vault.all_secrets();
    assert_eq!(all.unread.len(), 2);
    assert_eq!(all.secrets.len(), 3);
}

#[test]
fn other_data_directories_do_not_meet() {
    let fake = Fake::new(KeyringState::Ready);
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (vault_in(&one, &fake, Limits::default()), vault_in(&two, &fake, Limits::default()));
    first.add(sample("key", SECRET), Persist::Keyring).unwrap();
    assert!(matches!(use_at(&second, "key", "https://api.example.com"), Err(VaultError::UnknownName { .. })));
    assert!(matches!(second.remove("key"), Err(VaultError::UnknownName { .. })));
    assert!(use_at(&first, "key", "https://api.example.com").is_ok());
}
