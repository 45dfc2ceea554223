//! What the window remembers from one start to the next: its colours, nothing else.

use super::state::Theme;
use crate::disk::{DataDir, DiskError, read_bounded, write_atomic};

/// The file in the data directory.
const FILE: &str = "settings.toml";

/// The colours of the last time. A missing or strange file means the default: colours are worth no question.
pub(super) fn load_theme(data_dir: &DataDir) -> Theme {
    let Ok(bytes) = read_bounded(&data_dir.file(FILE), 64 << 10) else { return Theme::default() };
    let text = String::from_utf8_lossy(&bytes);
    let table: Option<toml::Table> = toml::from_str(&text).ok();
    match table.as_ref().and_then(|table| table.get("theme")).and_then(toml::Value::as_str) {
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
    write_atomic(&data_dir.file(FILE), format!("theme = \"{word}\"\n").as_bytes())
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
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        assert_eq!(load_theme(&data_dir), Theme::Dark);
        let error = save_theme(&data_dir, Theme::Light).unwrap_err();
        assert!(!error.summary().is_empty() && !error.fix().is_empty());
    }
}
