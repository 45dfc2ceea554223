//! What the window remembers from one start to the next: its colours and the profile, nothing else.

use super::state::Theme;
use crate::disk::{DataDir, DiskError, read_bounded, write_atomic};

/// The file in the data directory.
const FILE: &str = "settings.toml";
/// The profile's key in it.
const PROFILE: &str = "profile";

/// Everything remembered; empty for a missing or strange file, since none of it is worth a question.
fn load(data_dir: &DataDir) -> toml::Table {
    let Ok(bytes) = read_bounded(&data_dir.file(FILE), 64 << 10) else { return toml::Table::new() };
    toml::from_str(&String::from_utf8_lossy(&bytes)).unwrap_or_default()
}

/// Remembers one thing more.
fn save(data_dir: &DataDir, key: &str, word: &str) -> Result<(), DiskError> {
    let mut table = load(data_dir);
    table.insert(key.to_owned(), word.to_owned().into());
    write_atomic(&data_dir.file(FILE), table.to_string().as_bytes())
}

/// The colours of the last time.
pub(super) fn load_theme(data_dir: &DataDir) -> Theme {
    match load(data_dir).get("theme").and_then(toml::Value::as_str) {
        Some("light") => Theme::Light,
        Some("system") => Theme::System,
        _ => Theme::Dark,
    }
}

/// Remembers the colours.
pub(super) fn save_theme(data_dir: &DataDir, theme: Theme) -> Result<(), DiskError> {
    let word = match theme {
        Theme::Dark => "dark",
        Theme::Light => "light",
        Theme::System => "system",
    };
    save(data_dir, "theme", word)
}

/// The profile that was chosen last, by its key; none if none was.
pub fn load_profile(data_dir: &DataDir) -> Option<String> {
    load(data_dir).get(PROFILE).and_then(toml::Value::as_str).map(str::to_owned)
}

/// Remembers the profile.
pub(super) fn save_profile(data_dir: &DataDir, key: &str) -> Result<(), DiskError> {
    save(data_dir, PROFILE, key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn colours_are_remembered_and_a_strange_file_means_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
        for theme in [Theme::Light, Theme::System, Theme::Dark] {
            save_theme(&data_dir, theme).unwrap();
            assert_eq!(load_theme(&data_dir), theme);
        }
        let file = data_dir.file(FILE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&file), mode(data_dir.path())), (0o600, 0o700));
        }
        let deep = format!("a = {}", "[".repeat(60_000));
        let huge = "#".repeat(1 << 20);
        for text in ["theme = 5", "theme = \"pink\"", "\0", "theme = \"light\"\n=", deep.as_str(), huge.as_str()] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(load_theme(&data_dir), Theme::Dark, "{}", text.len());
        }
        save_profile(&data_dir, "shop").unwrap();
        save_theme(&data_dir, Theme::Light).unwrap();
        assert_eq!((load_profile(&data_dir).as_deref(), load_theme(&data_dir)), (Some("shop"), Theme::Light));
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        assert_eq!(load_profile(&data_dir), None);
        assert_eq!(load_theme(&data_dir), Theme::Dark);
        let error = save_theme(&data_dir, Theme::Light).unwrap_err();
        assert!(!error.summary().is_empty() && !error.fix().is_empty());
    }
}
