//! How long and how much the history keeps: `history.toml` in the data directory.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::disk::{self, DiskError};
use crate::exchange::MAX_KEPT_BODY_BYTES;

/// The file's name in the data directory.
pub const SETTINGS_FILE: &str = "history.toml";

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// How long and how much is kept. Without a file: everything, for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistorySettings {
    /// Entries older than that many days are removed; none keeps them for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
    /// The oldest entries are removed when the database holds more, in MiB; none for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size_mb: Option<u32>,
    /// How much of each body is kept, in KiB; at most 256.
    pub max_body_kib: u32,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self { max_age_days: None, max_size_mb: None, max_body_kib: 256 }
    }
}

impl HistorySettings {
    /// Reads them; a file that is not there is the default.
    ///
    /// *Errors*: what happened and what to do, where the file cannot be read or has another form. Nothing is removed
    /// then, because the default keeps everything.
    pub fn load(data_dir: &Path) -> Result<Self, (String, String)> {
        let path = data_dir.join(SETTINGS_FILE);
        let bytes = match disk::read_bounded(&path, MAX_FILE_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Ok(Self::default()),
            Err(error) => return Err((error.summary(), error.fix())),
        };
        let text = String::from_utf8_lossy(&bytes);
        toml::from_str(&text).map_err(|error| {
            let place = error.span().map_or(1, |span| text.get(..span.start).unwrap_or("").matches('\n').count() + 1);
            let what = format!("The settings of the history cannot be read: line {place}");
            (what, "Correct the line or remove the file; until then everything is kept".into())
        })
    }

    /// Writes them.
    ///
    /// *Errors*: as [`disk::write_atomic`].
    pub fn save(&self, data_dir: &Path) -> Result<(), DiskError> {
        let text = toml::to_string(self).unwrap_or_default();
        disk::write_atomic(&data_dir.join(SETTINGS_FILE), text.as_bytes())
    }

    pub(super) fn max_body_bytes(&self) -> usize {
        usize::try_from(self.max_body_kib).unwrap_or(usize::MAX).saturating_mul(1024).min(MAX_KEPT_BODY_BYTES)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded_and_nothing_is_everything() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(HistorySettings::load(dir.path()).unwrap(), HistorySettings::default());
        let settings = HistorySettings { max_age_days: Some(30), max_size_mb: None, max_body_kib: 8 };
        settings.save(dir.path()).unwrap();
        assert_eq!(HistorySettings::load(dir.path()).unwrap(), settings);
        assert_eq!(settings.max_body_bytes(), 8192);
        std::fs::write(dir.path().join(SETTINGS_FILE), "max_age_days = 3\nmax_size_mb = \"x\"\n").unwrap();
        let (what, fix) = HistorySettings::load(dir.path()).unwrap_err();
        assert!(what.contains("line 2") && fix.contains("everything is kept"), "{what} {fix}");
    }
}
