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
