//! Why the history could not be opened, written or read, in words for a person.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::disk::DiskError;

/// A failure of the history.
///
/// *Secrets*: none; it names the file and SQLite's reason.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file was written by a newer version of the program.
    #[error("the history has schema version {found}, and this program knows {known}: {}", .path.display())]
    Newer {
        /// The version in the file.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
        /// The file.
        path: PathBuf,
    },
    /// The file of an older version could not be copied, so it was not changed.
    #[error("the history of an older version could not be copied: {source}: {}", .path.display())]
    NotCopied {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<HistoryError>,
    },
    /// The file was found damaged while the program ran; it was moved aside, and a new one begun.
    #[error("the history was damaged and was moved aside: {}", .to.display())]
    MovedAside {
        /// Where the damaged file is now.
        to: PathBuf,
    },
    /// The file is no database, or a damaged one.
    #[error("the history is damaged: {}", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder cannot be written.
    #[error("the history cannot be written: {}", .path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Another program holds the file.
    #[error("the history is locked by another program: {}", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// There is no room left.
    #[error("the disk is full: {}", .path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be made or opened.
    #[error("the history cannot be opened: {source}")]
    Disk {
        /// Why.
        #[from]
        source: DiskError,
    },
    /// SQLite's own reason, for everything else.
    #[error("the history failed: {source}: {}", .path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// A record that cannot be written as JSON or read back from it.
    #[error("a record of the history has another form: {source}")]
    Record {
        /// What is wrong with it.
        #[from]
        source: serde_json::Error,
    },
    /// The writer thread is gone.
    #[error("the history's writer has stopped")]
    Stopped,
    /// The writer did not answer in time.
    #[error("the history's writer did not answer in time")]
    TimedOut,
}

impl HistoryError {
    /// Sorts SQLite's reason.
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Corrupt { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ => Self::Sqlite { path, source },
        }
    }

    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::Newer { .. } => "The history was written by a newer version of this program".into(),
            Self::NotCopied { source, .. } => {
                format!(
                    "The history of an older version could not be copied before bringing it up to date: {}",
                    source.summary()
                )
            }
            Self::MovedAside { .. } => "The history file was damaged, so a new one was begun".into(),
            Self::Corrupt { .. } => "The history file is damaged".into(),
            Self::ReadOnly { .. } => "The history file cannot be written".into(),
            Self::Locked { .. } => "Another program holds the history file".into(),
            Self::Full { .. } => "The disk is full, so the history cannot be written".into(),
            Self::Disk { source } => source.summary(),
            Self::Sqlite { .. } => "The history file could not be used".into(),
            Self::Record { .. } => "An entry of the history cannot be read".into(),
            Self::Stopped => "The history's writer has stopped".into(),
            Self::TimedOut => "The history did not answer in time".into(),
        }
    }

    /// Where: the file's path; empty where it is about the program itself.
    ///
    /// The path may hold characters that a terminal obeys: whoever shows it makes them visible.
    pub fn place(&self) -> String {
        match self {
            Self::MovedAside { to } => to.display().to_string(),
            Self::Newer { path, .. }
            | Self::NotCopied { path, .. }
            | Self::Corrupt { path }
            | Self::ReadOnly { path }
            | Self::Locked { path }
            | Self::Full { path }
            | Self::Sqlite { path, .. } => path.display().to_string(),
            Self::Disk { source } => source.place(),
            Self::Record { .. } | Self::Stopped | Self::TimedOut => String::new(),
        }
    }

    /// What to do.
    pub fn fix(&self) -> String {
        match self {
            Self::Newer { found, known, .. } => {
                format!(
                    "Use the newer version, or name another data directory with --data-dir (file version {found}, known {known})"
                )
            }
            Self::NotCopied { source, .. } => source.fix(),
            Self::MovedAside { .. } => "Nothing; the damaged file was kept under its new name".into(),
            Self::Corrupt { .. } => "Move the file away; the program starts a new one".into(),
            Self::ReadOnly { .. } => "Make the data directory writable, or name another one with --data-dir".into(),
            Self::Locked { .. } => "Close the other program, or wait and try again".into(),
            Self::Full { .. } => "Make room on the disk and try again".into(),
            Self::Disk { source } => source.fix(),
            Self::Sqlite { .. } => {
                "Check the file and its folder, or name another data directory with --data-dir".into()
            }
            Self::Record { .. } => "Send the request again; the entry itself is left as it is".into(),
            Self::Stopped | Self::TimedOut => "Start the program again".into(),
        }
    }
}
