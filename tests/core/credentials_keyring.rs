//! The vault over a real Secret Service, looked at from outside with `secret-tool`.
//!
//! Runs only where `ALTYAA_TEST_KEYRING=1` says that the session is a private one: a person's own keyring is not
//! ours to write to.

#![cfg(all(unix, not(target_os = "macos")))]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use altyaa_console::credentials::{
    CredentialKind, KeyringState, NewCredential, Persist, Purpose, Removed, SERVICE, StoredIn, Vault, VaultError,
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
        oauth: None,
    }
}

fn use_at(vault: &Vault, name: &str, origin: &str) -> Result<String, VaultError> {
    let now = "2026-06-01T00:00:00Z".parse().unwrap();
    let used = vault
        .use_for(name, &Purpose { origin: &origin.parse().unwrap(), workspace: Some("ws_1"), now, server_now: None })?;
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

/// A bus on which nothing starts by itself, so that a keyring is there only while the test runs one.
const BARE_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

#[test]
fn a_keyring_that_comes_goes_and_is_locked_is_followed_without_a_restart() {
    if !is_private_session("a_keyring_that_comes_goes_and_is_locked_is_followed_without_a_restart") {
        return;
    }
    // The bus's address has to be in the environment before the process starts, so the test runs itself again.
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("bus.conf");
    fs::write(&config, BARE_BUS).unwrap();
    let output = Command::new("dbus-run-session")
        .arg(format!("--config-file={}", config.display()))
        .arg("--")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "credentials_keyring::inside_a_bare_session", "--ignored", "--nocapture"])
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path().join("data-home"))
        .env("ALTYAA_TEST_BARE_SESSION", "1")
        .env_remove("GNOME_KEYRING_CONTROL")
        .output()
        .expect("dbus-run-session is installed");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// A keyring daemon with the password `sesame`, ended when dropped.
struct Daemon(std::process::Child);

impl Daemon {
    fn start() -> Self {
        use std::io::Write as _;
        let mut child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon is installed");
        child.stdin.take().unwrap().write_all(b"sesame").unwrap();
        Self(child)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn wait_for_state(vault: &Vault, wanted: Result<(), KeyringState>) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let state = vault.state().map_err(|failure| failure.state);
        if state == wanted {
            return;
        }
        assert!(Instant::now() < until, "the keyring is {state:?}, not {wanted:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "the test above starts it on a bus of its own"]
fn inside_a_bare_session() {
    assert_eq!(std::env::var("ALTYAA_TEST_BARE_SESSION").as_deref(), Ok("1"), "only the test above starts this");
    let dir = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
    let vault = Vault::open(&data_dir);
    let place = "https://api.example.com";

    assert_eq!(vault.state().unwrap_err().state, KeyringState::Missing);
    let stored = vault.add(credential("late"), Persist::Keyring).unwrap();
    assert_eq!(stored.credential.stored, StoredIn::Session);
    assert_eq!(stored.fallback.unwrap().state, KeyringState::Missing);
    assert!(use_at(&vault, "late", place).is_ok());

    let daemon = Daemon::start();
    wait_for_state(&vault, Ok(()));
    assert_eq!(vault.keep("late").unwrap().credential.stored, StoredIn::Keyring);
    assert!(use_at(&vault, "late", place).is_ok());

    drop(daemon);
    wait_for_state(&vault, Err(KeyringState::Missing));
    let error = use_at(&vault, "late", place).unwrap_err();
    assert!(matches!(&error, VaultError::Keyring(failure) if failure.state == KeyringState::Missing), "{error:?}");
    assert!(matches!(vault.remove("late"), Err(VaultError::Keyring(_))));
    assert_eq!(vault.all_secrets().unread.len(), 1);
    assert_eq!(vault.list().unwrap().len(), 1, "still listed");

    let _daemon = Daemon::start();
    wait_for_state(&vault, Ok(()));
    assert!(use_at(&vault, "late", place).is_ok(), "a restarted daemon is reached");

    secret_tool(&["lock", "--collection=login"]);
    wait_for_state(&vault, Err(KeyringState::Locked));
    assert_eq!(vault.list().unwrap().len(), 1, "the list needs no unlocking");
    assert!(
        matches!(use_at(&vault, "typo", place), Err(VaultError::UnknownName { .. })),
        "nothing is asked for a typo"
    );
    // Nothing here can show the unlock question, so it counts as dismissed.
    let error = use_at(&vault, "late", place).unwrap_err();
    assert!(matches!(&error, VaultError::Keyring(failure) if failure.state != KeyringState::Ready), "{error:?}");
    println!("locked, with nobody to ask: {:?}", error);
}
