//! `credentials.json`: a copy of the facts, for showing lists without unlocking anything.

use std::fs::TryLockError;
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::error::VaultError;
use super::model::{Credential, StoredIn};
use crate::disk::{self, DataDir, DiskError};

/// The file's name in the data directory.
pub const SETTINGS_FILE: &str = "credentials.json";

/// The version of the file's shape.
const VERSION: u32 = 1;
const MAX_BYTES: u64 = 4 * 1024 * 1024;
const LOCK_WAIT: Duration = Duration::from_secs(3);

/// The list on disk; several processes may use it at once.
pub(super) struct Settings {
    path: PathBuf,
    lock: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct File<'a> {
    version: u32,
    credentials: std::borrow::Cow<'a, [Credential]>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// Where a file stops making sense; 1-based.
struct Fault {
    line: usize,
    column: usize,
}

enum Content {
    Good(Vec<Credential>),
    Newer,
    Broken(Fault),
}

impl Settings {
    pub(super) fn new(data_dir: &DataDir) -> Self {
        Self { path: data_dir.file(SETTINGS_FILE), lock: data_dir.file("credentials.lock") }
    }

    /// Everything listed, by name; a damaged file is moved aside and reported once.
    ///
    /// *Errors*: [`VaultError::SettingsBroken`], [`VaultError::SettingsNewer`], [`VaultError::SettingsBusy`],
    /// [`VaultError::Disk`].
    pub(super) fn load(&self) -> Result<Vec<Credential>, VaultError> {
        match self.read()? {
            Content::Good(list) => Ok(list),
            Content::Newer => Err(VaultError::SettingsNewer { path: self.path.clone() }),
            Content::Broken(_) => {
                let _held = self.hold()?;
                self.load_held()
            }
        }
    }

    /// Everything listed, where the list can be read; nothing is moved, so that the one who asks for the list is told.
    pub(super) fn peek(&self) -> Option<Vec<Credential>> {
        match self.read() {
            Ok(Content::Good(list)) => Some(list),
            _ => None,
        }
    }

    /// Changes the list while no other process does.
    pub(super) fn change(&self, change: impl FnOnce(&mut Vec<Credential>)) -> Result<(), VaultError> {
        let _held = self.hold()?;
        let before = self.load_held()?;
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        after.sort_by(|a, b| a.name.cmp(&b.name));
        let file = File { version: VERSION, credentials: after.into() };
        let mut bytes = serde_json::to_vec_pretty(&file).map_err(|error| DiskError::System {
            action: "write the list",
            path: self.path.clone(),
            source: error.into(),
        })?;
        bytes.push(b'\n');
        Ok(disk::write_atomic(&self.path, &bytes)?)
    }

    /// Adds or replaces one.
    pub(super) fn put(&self, facts: &Credential) -> Result<(), VaultError> {
        self.change(|list| {
            list.retain(|other| other.name != facts.name);
            list.push(facts.clone());
        })
    }

    /// Drops one; fine if it is not there.
    pub(super) fn drop_name(&self, name: &str) -> Result<(), VaultError> {
        self.change(|list| list.retain(|other| other.name != name))
    }

    /// Reads again with the lock held, so that what is moved aside is not a good file just written by another.
    fn load_held(&self) -> Result<Vec<Credential>, VaultError> {
        match self.read()? {
            Content::Good(list) => Ok(list),
            Content::Newer => Err(VaultError::SettingsNewer { path: self.path.clone() }),
            Content::Broken(Fault { line, column }) => {
                let moved_to = disk::move_aside(&self.path)?;
                Err(VaultError::SettingsBroken { path: self.path.clone(), moved_to, line, column })
            }
        }
    }

    fn read(&self) -> Result<Content, VaultError> {
        match disk::read_bounded(&self.path, MAX_BYTES) {
            Ok(bytes) => Ok(parse(&bytes)),
            Err(error) if error.is_not_found() => Ok(Content::Good(Vec::new())),
            Err(error) => Err(error.into()),
        }
    }

    fn hold(&self) -> Result<std::fs::File, VaultError> {
        let file = disk::open_lock(&self.lock)?;
        let until = Instant::now() + LOCK_WAIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::WouldBlock) => return Err(VaultError::SettingsBusy { path: self.lock.clone() }),
                // Some network file systems know no locks; writing stays whole by renaming.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(file),
                Err(TryLockError::Error(source)) => {
                    return Err(DiskError::System { action: "lock the list", path: self.lock.clone(), source }.into());
                }
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Content {
    match serde_json::from_slice::<Version>(bytes) {
        Ok(Version { version }) if version > VERSION => return Content::Newer,
        Ok(_) => {}
        Err(error) => return Content::Broken(fault(&error)),
    }
    let mut list = match serde_json::from_slice::<File<'_>>(bytes) {
        Ok(file) => file.credentials.into_owned(),
        Err(error) => return Content::Broken(fault(&error)),
    };
    list.sort_by(|a, b| a.name.cmp(&b.name));
    let is_twice = list.windows(2).any(|pair| matches!(pair, [a, b] if a.name == b.name));
    let is_sound = list.iter().all(|facts| facts.validate().is_ok() && facts.stored == StoredIn::Keyring);
    if is_twice || !is_sound { Content::Broken(Fault { line: 1, column: 1 }) } else { Content::Good(list) }
}

fn fault(error: &serde_json::Error) -> Fault {
    Fault { line: error.line().max(1), column: error.column().max(1) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::fs;

    use super::super::model::tests::sample;
    use super::*;

    fn settings() -> (tempfile::TempDir, Settings) {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
        let settings = Settings::new(&data_dir);
        (dir, settings)
    }

    #[test]
    fn what_is_put_is_listed_by_name() {
        let (_dir, settings) = settings();
        assert_eq!(settings.load().unwrap(), []);
        for name in ["b", "a"] {
            settings.put(&sample(name, "0123456789abcdef").facts(StoredIn::Keyring)).unwrap();
        }
        let names: Vec<_> = settings.load().unwrap().into_iter().map(|facts| facts.name).collect();
        assert_eq!(names, ["a", "b"]);
        settings.drop_name("a").unwrap();
        settings.drop_name("a").unwrap();
        assert_eq!(settings.load().unwrap().len(), 1);
    }

    #[test]
    fn a_damaged_file_is_reported_once_and_kept() {
        for damaged in [
            "{\"version\":1,\n\"credentials\": [,]}",
            "[]",
            "",
            "\u{0}",
            &"[".repeat(100_000),
            r#"{"version":1,"credentials":[{"name":"a\u001b","kind":"bearer"}]}"#,
        ] {
            let (_dir, settings) = settings();
            fs::write(&settings.path, damaged).unwrap();
            let error = settings.load().unwrap_err();
            let VaultError::SettingsBroken { moved_to, line, .. } = &error else { panic!("{error:?}") };
            assert_eq!(fs::read_to_string(moved_to).unwrap(), damaged);
            assert!(*line >= 1 && !error.fix().is_empty());
            assert_eq!(settings.load().unwrap(), []);
        }
    }

    #[test]
    fn the_fault_is_placed() {
        let (_dir, settings) = settings();
        fs::write(&settings.path, "{\"version\":1,\n\"credentials\": [,]}").unwrap();
        assert!(matches!(settings.load(), Err(VaultError::SettingsBroken { line: 2, column: 17, .. })));
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let (_dir, settings) = settings();
        fs::write(&settings.path, r#"{"version":2,"credentials":{}}"#).unwrap();
        let facts = sample("a", "s").facts(StoredIn::Keyring);
        assert!(matches!(settings.load(), Err(VaultError::SettingsNewer { .. })));
        assert!(matches!(settings.put(&facts), Err(VaultError::SettingsNewer { .. })));
        assert_eq!(fs::read_to_string(&settings.path).unwrap(), r#"{"version":2,"credentials":{}}"#);
    }

    #[test]
    fn impossible_facts_are_damage() {
        let (_dir, settings) = settings();
        settings.put(&sample("a", "0123456789abcdef").facts(StoredIn::Keyring)).unwrap();
        let good = fs::read_to_string(&settings.path).unwrap();
        for (from, to) in [("\"keyring\"", "\"session\""), ("\"a\"", "\"../a\""), ("https:", "http:")] {
            assert!(good.contains(from));
            fs::write(&settings.path, good.replace(from, to)).unwrap();
            assert!(matches!(settings.load(), Err(VaultError::SettingsBroken { .. })), "{to}");
        }
    }

    #[test]
    fn a_held_lock_is_said() {
        let (_dir, settings) = settings();
        let held = settings.hold().unwrap();
        assert!(matches!(settings.drop_name("a"), Err(VaultError::SettingsBusy { .. })));
        drop(held);
        settings.drop_name("a").unwrap();
    }

    #[test]
    fn writers_do_not_lose_each_other() {
        let (_dir, settings) = settings();
        thread::scope(|scope| {
            for writer in 0..4 {
                let settings = &settings;
                scope.spawn(move || {
                    for n in 0..5 {
                        settings.put(&sample(&format!("c{writer}-{n}"), "s").facts(StoredIn::Keyring)).unwrap();
                    }
                });
            }
        });
        assert_eq!(settings.load().unwrap().len(), 20);
    }
}
