//! Jars over the same fake keyring as the vault's own tests.

use keyring_core::Error;

use super::super::model::validate_name;
use super::super::parts::PARTS_MAX;
use super::super::vault::tests::{Fake, setup, vault_in};
use super::super::worker::Limits;
use super::*;

fn jar(text: &str) -> Secret {
    Secret::new(text.into())
}

/// As many bytes, no two parts of which are equal.
fn long(bytes: usize) -> Secret {
    let mut text = String::new();
    while text.len() < bytes {
        text.push_str(&format!("é{}\"", text.len()));
    }
    text.truncate(text.floor_char_boundary(bytes));
    Secret::new(text)
}

/// A keyring whose entries hold so many bytes, and the vault over it.
fn narrow(max_bytes: u32) -> (tempfile::TempDir, Fake, Vault) {
    let (dir, fake) = (tempfile::tempdir().unwrap(), Fake::limited(KeyringState::Ready, Some(max_bytes)));
    let vault = vault_in(&dir, &fake, Limits::default());
    (dir, fake, vault)
}

fn part(base: &str, n: impl std::fmt::Display) -> String {
    format!("{base}#{n}")
}

/// The bytes of each entry of a jar, in either set of names.
fn parts(fake: &Fake, vault: &Vault, environment: &str) -> Vec<usize> {
    let base = vault.kept_user(What::Jar, environment);
    let len = |name: String| fake.stored(&name).map(|bytes| bytes.len());
    let first = len(part(&base, 1)).into_iter();
    let others =
        |mark: &str| -> Vec<usize> { (2..=PARTS_MAX + 1).map_while(|n| len(format!("{base}#{mark}{n}"))).collect() };
    let (a, b) = (others(""), others("b"));
    assert!(a.is_empty() || b.is_empty(), "one set is cleared away: {a:?} {b:?}");
    first.chain(a).chain(b).collect()
}

#[test]
fn a_jar_is_kept_loaded_by_another_process_and_removed() {
    let (dir, fake, vault) = setup(KeyringState::Ready);
    assert_eq!(vault.load_jar("sandbox").unwrap(), None);
    assert_eq!(vault.save_jar("sandbox", &jar("one")).unwrap(), StoredIn::Keyring);
    assert_eq!(vault.save_jar("sandbox", &jar("two é")).unwrap(), StoredIn::Keyring);
    let other = vault_in(&dir, &fake, Limits::default());
    assert_eq!(other.load_jar("sandbox").unwrap(), Some(jar("two é")));
    assert_eq!(other.load_jar("production").unwrap(), None);
    assert_eq!(parts(&fake, &vault, "sandbox").len(), 1);
    vault.remove_jar("sandbox").unwrap();
    vault.remove_jar("sandbox").unwrap();
    assert!(parts(&fake, &vault, "sandbox").is_empty());
    assert_eq!(other.load_jar("sandbox").unwrap(), None);
}

#[test]
fn an_empty_jar_is_a_jar() {
    let (_dir, _fake, vault) = setup(KeyringState::Ready);
    vault.save_jar("sandbox", &jar("")).unwrap();
    assert_eq!(vault.load_jar("sandbox").unwrap(), Some(jar("")));
}

#[test]
fn entry_names_stay_and_meet_neither_a_credential_s_nor_each_other() {
    let (_dir, fake, vault) = setup(KeyringState::Ready);
    vault.save_jar("Über #1", &jar("one")).unwrap();
    let mark = vault.user("").trim_start_matches('@').to_owned();
    assert_eq!(mark.len(), 12);
    let name = format!("jar:%c3%9cber%20%231@{mark}#1");
    assert_eq!(fake.stored(&name).unwrap(), format!("1 1 {}\none", digest("one", 8)).into_bytes());
    assert_eq!(digest("one", 8), "7692c3ad3540bb80");

    let long = "x".repeat(121);
    let environments = ["sandbox", "Sandbox", "sandbox#1", "sandbox@x", "", "%53andbox", &long, &format!("{long}y")];
    let mut names: Vec<String> =
        environments.iter().map(|name| vault.kept_user(What::Jar, name).to_lowercase()).collect();
    for name in &names {
        let bare = name.split('@').next().unwrap();
        assert!(validate_name(bare).is_err() && name.len() < 200, "{name}");
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), environments.len(), "also where case does not count");
}

#[test]
fn a_jar_of_one_data_directory_is_not_that_of_another() {
    let fake = Fake::new(KeyringState::Ready);
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (vault_in(&one, &fake, Limits::default()), vault_in(&two, &fake, Limits::default()));
    first.save_jar("sandbox", &jar("one")).unwrap();
    assert_eq!(second.load_jar("sandbox").unwrap(), None);
    second.remove_jar("sandbox").unwrap();
    assert_eq!(first.load_jar("sandbox").unwrap(), Some(jar("one")));
}

#[test]
fn a_jar_does_not_show_among_credentials() {
    let (dir, _fake, vault) = setup(KeyringState::Ready);
    vault.save_jar("sandbox", &jar("one")).unwrap();
    assert_eq!(vault.list().unwrap(), []);
    assert!(vault.session_secrets().is_empty() && vault.all_secrets().secrets.is_empty());
    assert!(!dir.path().join("data").exists() || std::fs::read_dir(dir.path().join("data")).unwrap().count() == 0);
}

#[test]
fn a_long_jar_is_cut_for_narrow_entries_and_joined_again() {
    let (dir, fake, vault) = narrow(2560);
    for bytes in [2535, 2536, 2537, 5096, 5097, 9000, 100_000, 3000, 10] {
        let text = long(bytes);
        assert_eq!(vault.save_jar("sandbox", &text).unwrap(), StoredIn::Keyring);
        let lens = parts(&fake, &vault, "sandbox");
        let head = format!("1 {} 0123456789abcdef\n", lens.len()); // of either set
        assert!(lens.iter().all(|len| *len <= 2560), "{lens:?}");
        assert_eq!(lens.iter().sum::<usize>(), head.len() + text.expose().len(), "nothing of a longer one stays");
        let other = vault_in(&dir, &fake, Limits::default());
        assert_eq!(other.load_jar("sandbox").unwrap(), Some(text), "{bytes}");
    }
    vault.save_jar("sandbox", &long(9000)).unwrap();
    vault.remove_jar("sandbox").unwrap();
    assert!(parts(&fake, &vault, "sandbox").is_empty());
    assert_eq!(fake.stored(&part(&vault.kept_user(What::Jar, "sandbox"), 2)), None);
}

#[test]
fn a_jar_beyond_all_entries_is_kept_for_this_session_and_said() {
    let (_dir, fake, vault) = narrow(100);
    let error = vault.save_jar("sandbox", &long(6400)).unwrap_err();
    assert!(matches!(error, VaultError::TooLong { max_bytes: 100 }), "{error:?}");
    assert!(parts(&fake, &vault, "sandbox").is_empty());
    assert_eq!(vault.load_jar("sandbox").unwrap(), Some(long(6400)));
    assert_eq!(vault.save_jar("sandbox", &long(6000)).unwrap(), StoredIn::Keyring);
    assert_eq!(vault.load_jar("sandbox").unwrap(), Some(long(6000)));
    for max_bytes in [0, 23, 25] {
        let (_dir, _fake, vault) = narrow(max_bytes);
        assert!(matches!(vault.save_jar("sandbox", &long(50)), Err(VaultError::TooLong { .. })), "{max_bytes}");
    }
}

#[test]
fn a_limit_that_the_store_names_itself_is_kept() {
    let (_dir, fake, vault) = setup(KeyringState::Ready);
    fake.fail_next(&part(&vault.kept_user(What::Jar, "sandbox"), 1), Error::TooLong("secret".into(), 1000));
    assert_eq!(vault.save_jar("sandbox", &long(2500)).unwrap(), StoredIn::Keyring);
    assert_eq!(parts(&fake, &vault, "sandbox").len(), 3);
    assert_eq!(vault.load_jar("sandbox").unwrap(), Some(long(2500)));
}

#[test]
fn a_write_that_breaks_off_leaves_the_text_before() {
    let (_dir, fake, vault) = narrow(100);
    let base = vault.kept_user(What::Jar, "sandbox");
    vault.save_jar("sandbox", &jar(&"a".repeat(250))).unwrap();
    // Breaks off between the second part and the third.
    let broken = || Error::NoStorageAccess(Box::new(std::io::Error::other("gone")));
    fake.fail_next(&part(&base, "b3"), broken());
    assert_eq!(vault.save_jar("sandbox", &jar(&"b".repeat(250))).unwrap(), StoredIn::Session);
    assert_eq!(vault.load_jar("sandbox").unwrap(), Some(jar(&"b".repeat(250))), "this session has it");
    vault.kept().clear();
    assert_eq!(
        vault.load_jar("sandbox").unwrap(),
        Some(jar(&"a".repeat(250))),
        "the keyring has the one before, whole"
    );
    vault.save_jar("sandbox", &jar("good")).unwrap();
    assert_eq!(vault.load_jar("sandbox").unwrap(), Some(jar("good")));
    assert_eq!(parts(&fake, &vault, "sandbox").len(), 1);
}

#[test]
fn parts_of_two_jars_are_never_joined() {
    let (_dir, _fake, vault) = narrow(100);
    vault.save_jar("sandbox", &jar(&"a".repeat(250))).unwrap();
    let (name, bytes) = (part(&vault.kept_user(What::Jar, "sandbox"), 2), "b".repeat(100).into_bytes());
    vault.0.keyring.run(move |call| call.set(&name, &bytes)).unwrap().unwrap();
    let error = vault.load_jar("sandbox").unwrap_err();
    assert!(matches!(error, VaultError::DamagedEntry { .. }));
    assert!(error.summary().contains("sandbox") && !error.summary().contains("aaa"), "{}", error.summary());
    vault.save_jar("sandbox", &jar("good")).unwrap();
    assert_eq!(vault.load_jar("sandbox").unwrap(), Some(jar("good")));
}

#[test]
fn foreign_entries_are_no_jar() {
    let good = digest("one", 8);
    for text in [
        String::new(),
        "one".into(),
        format!("3 1 {good}\none"),
        format!("1 0 {good}\none"),
        format!("1 65 {good}\none"),
        format!("1 2 {good}\none"),
        format!("1 1 {good} x\none"),
        format!("1 1 {good}\ntwo"),
        "1 18446744073709551616 x\none".into(),
    ] {
        let (_dir, _fake, vault) = setup(KeyringState::Ready);
        let (name, bytes) = (part(&vault.kept_user(What::Jar, "sandbox"), 1), text.clone().into_bytes());
        vault.0.keyring.run(move |call| call.set(&name, &bytes)).unwrap().unwrap();
        assert!(matches!(vault.load_jar("sandbox"), Err(VaultError::DamagedEntry { .. })), "{text}");
    }
}

#[test]
fn without_a_keyring_a_jar_is_kept_for_this_session() {
    for state in [KeyringState::Missing, KeyringState::Uncreated, KeyringState::Denied, KeyringState::TimedOut] {
        let (_dir, fake, vault) = setup(state);
        assert!(matches!(vault.load_jar("sandbox"), Err(VaultError::Keyring(failure)) if failure.state == state));
        assert_eq!(vault.save_jar("sandbox", &jar("one")).unwrap(), StoredIn::Session);
        assert_eq!(vault.load_jar("sandbox").unwrap(), Some(jar("one")));
        assert!(parts(&fake, &vault, "sandbox").is_empty());

        // The keyring appears later, in the same process.
        fake.set(KeyringState::Ready);
        assert_eq!(vault.save_jar("sandbox", &jar("two")).unwrap(), StoredIn::Keyring);
        assert!(vault.kept().is_empty());
        assert_eq!(vault.load_jar("sandbox").unwrap(), Some(jar("two")));
    }
}

#[test]
fn a_removal_that_reached_no_keyring_is_said_unless_there_is_none() {
    for (state, is_gone) in
        [(KeyringState::Missing, true), (KeyringState::Uncreated, true), (KeyringState::Denied, false)]
    {
        let (_dir, _fake, vault) = setup(state);
        vault.save_jar("sandbox", &jar("one")).unwrap();
        assert_eq!(vault.remove_jar("sandbox").is_ok(), is_gone, "{state:?}");
        assert!(vault.kept().is_empty());
        assert!(matches!(vault.remove_jar("sandbox"), Err(VaultError::Keyring(_))), "never seen by this session");
    }
}

#[test]
fn a_refused_password_question_is_not_asked_again_at_each_save() {
    let (_dir, fake, vault) = setup(KeyringState::Locked);
    assert_eq!(vault.save_jar("sandbox", &jar("one")).unwrap(), StoredIn::Keyring);
    assert_eq!(fake.unlocks(), 1);
    fake.set(KeyringState::Locked);
    assert_eq!(vault.load_jar("sandbox").unwrap(), Some(jar("one")));
    assert_eq!(fake.unlocks(), 2);

    vault.kept().insert(vault.kept_user(What::Jar, "sandbox"), jar("refused"));
    fake.set(KeyringState::Locked);
    assert_eq!(vault.save_jar("sandbox", &jar("two")).unwrap(), StoredIn::Session);
    assert!(vault.remove_jar("sandbox").is_err());
    assert_eq!(fake.unlocks(), 2);
}

#[test]
fn a_pass_phrase_lies_beside_the_jar_and_is_known_for_redaction() {
    let (dir, fake, vault) = setup(KeyringState::Ready);
    vault.save_jar("altyaa/production", &jar("cookies")).unwrap();
    assert_eq!(vault.save_passphrase("altyaa/production", &jar("open-sesame")).unwrap(), StoredIn::Keyring);
    let mark = vault.user("");
    assert!(fake.stored(&format!("passphrase:altyaa%2fproduction{mark}#1")).is_some(), "a name that stays");
    let other = vault_in(&dir, &fake, Limits::default());
    assert_eq!(other.load_passphrase("altyaa/production").unwrap(), Some(jar("open-sesame")));
    let gate = crate::secret::Gate::new(crate::secret::Rules::built_in(), other.registry().clone());
    assert!(!gate.redactor().redact("with open-sesame it opens".to_owned()).contains("open-sesame"));
    other.remove_passphrase("altyaa/production").unwrap();
    assert_eq!(other.load_passphrase("altyaa/production").unwrap(), None);
    assert_eq!(other.load_jar("altyaa/production").unwrap(), Some(jar("cookies")));
}
