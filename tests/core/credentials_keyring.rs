//! The vault over a real Secret Service, looked at from outside with `secret-tool`.
//!
//! Runs only where `ALTYAA_TEST_KEYRING=1` says that the session is a private one: a person's own keyring is not
//! ours to write to.

#![cfg(all(unix, not(target_os = "macos")))]

use std::fs;
use std::path::Path;
use std::process::Command;

use altyaa_console::credentials::{
    CredentialKind, NewCredential, Persist, Purpose, Removed, SERVICE, StoredIn, Vault, VaultError,
};
use altyaa_console::disk::DataDir;
use altyaa_console::secret::Secret;
use base64::Engine as _;

const CANARY: &str = "sk_live_canary_q7Xw93LmZt";

fn is_private_session(test: &str) -> bool {
    let is_private = std::env::var_os("ALTYAA_TEST_KEYRING").is_some_and(|value| value == "1");
    if !is_private {
        println!("NOT RUN: {test} needs ALTYAA_TEST_KEYRING=1 and a private session with an unlocked keyring");
    }
    is_private
}

fn credential(name: &str) -> NewCredential {
    NewCredential {
        name: name.into(),
        kind: CredentialKind::Bearer,
        header: None,
        origins: vec!["https://api.example.com".parse().unwrap()],
        workspace: Some("ws_1".into()),
        scopes: vec!["posts:write".into()],
        expires_at: None,
        created_at: "2026-05-01T10:00:00Z".parse().unwrap(),
        secret: Secret::new(CANARY.into()),
    }
}

fn use_at(vault: &Vault, name: &str, origin: &str) -> Result<String, VaultError> {
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    let used = vault.use_for(name, &Purpose { origin: &origin.parse().unwrap(), workspace: Some("ws_1"), now })?;
    Ok(used.value.to_str().unwrap().to_owned())
}

fn secret_tool(words: &[&str]) -> String {
    let output = Command::new("secret-tool").args(words).output().expect("secret-tool is installed");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Fails if a file below holds the secret in any spelling.
fn assert_no_file_holds_it(dir: &Path) -> usize {
    let shifted: Vec<String> = (0..3)
        .map(|skip| {
            // Inside a longer text the base64 of the secret depends on where it begins.
            let padded = format!("{}{CANARY}", "x".repeat(skip));
            let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(padded);
            text.get(4..text.len() - 4).unwrap().to_owned()
        })
        .collect();
    let mut files = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += assert_no_file_holds_it(&path);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes).replace('\0', "");
        for needle in std::iter::once(CANARY).chain(shifted.iter().map(String::as_str)) {
            assert!(!text.contains(needle), "{} holds the secret", path.display());
        }
        files += 1;
    }
    files
}

#[test]
fn a_token_goes_into_the_keyring_and_nowhere_else() {
    if !is_private_session("a_token_goes_into_the_keyring_and_nowhere_else") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
    let user = format!("roundtrip@{}", data_dir.mark().unwrap());
    let vault = Vault::open(&data_dir);
    assert_eq!(vault.state(), Ok(()));

    let stored = vault.add(credential("roundtrip"), Persist::Keyring).unwrap();
    assert_eq!((stored.credential.stored, stored.fallback), (StoredIn::Keyring, None));

    let found = secret_tool(&["search", "--all", "service", SERVICE]);
    assert!(found.contains(&user) && found.contains(CANARY), "{found}");
    assert!(found.contains("label = Altyaa Console: roundtrip"), "{found}");
    let item = secret_tool(&["lookup", "service", SERVICE, "username", &user]);
    let item: serde_json::Value = serde_json::from_str(&item).unwrap();
    assert_eq!(item["secret"], CANARY);
    assert_eq!(item["facts"]["origins"], serde_json::json!(["https://api.example.com"]));

    // A new vault has nothing in memory.
    let again = Vault::open(&data_dir);
    assert_eq!(use_at(&again, "roundtrip", "https://api.example.com").unwrap(), format!("Bearer {CANARY}"));
    assert_eq!(again.all_secrets().secrets.len(), 1);
    assert!(assert_no_file_holds_it(dir.path()) >= 1, "the list is there");

    assert_eq!(again.remove("roundtrip").unwrap(), Removed { from: Some(StoredIn::Keyring) });
    let found = secret_tool(&["search", "--all", "service", SERVICE, "username", &user]);
    assert!(!found.contains(CANARY) && !found.contains(&user), "{found}");
    assert!(matches!(use_at(&again, "roundtrip", "https://api.example.com"), Err(VaultError::UnknownName { .. })));
    assert_eq!(again.list().unwrap(), []);
}

#[test]
fn the_item_in_the_keyring_decides_over_the_list_on_disk() {
    if !is_private_session("the_item_in_the_keyring_decides_over_the_list_on_disk") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
    let vault = Vault::open(&data_dir);
    vault.add(credential("bound"), Persist::Keyring).unwrap();
    let path = data_dir.file("credentials.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("https://api.example.com", "https://evil.test")).unwrap();
    let error = use_at(&vault, "bound", "https://evil.test").unwrap_err();
    assert!(matches!(error, VaultError::WrongOrigin { .. }), "{error:?}");
    assert!(use_at(&vault, "bound", "https://api.example.com").is_ok());

    // An entry that somebody takes out of the keyring is missed, not made up.
    let user = format!("bound@{}", data_dir.mark().unwrap());
    secret_tool(&["clear", "service", SERVICE, "username", &user]);
    assert!(matches!(use_at(&vault, "bound", "https://api.example.com"), Err(VaultError::MissingEntry { .. })));
    assert_eq!(vault.remove("bound").unwrap(), Removed { from: None });
}

#[test]
fn a_long_token_with_every_kind_of_character_comes_back_whole() {
    if !is_private_session("a_long_token_with_every_kind_of_character_comes_back_whole") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::open(&DataDir::resolve(Some(dir.path().join("data"))).unwrap());
    let secret: String = (0..8000_u32).filter_map(|n| char::from_u32(0x21 + n % 94)).collect();
    let mut new = credential("long");
    new.secret = Secret::new(secret.clone());
    vault.add(new, Persist::Keyring).unwrap();
    assert_eq!(use_at(&vault, "long", "https://api.example.com").unwrap(), format!("Bearer {secret}"));
    vault.remove("long").unwrap();
}
