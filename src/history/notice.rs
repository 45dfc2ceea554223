//! What a person should know about the state of the history.

use std::path::PathBuf;

use super::error::HistoryError;

/// Something the person should know about how the history was opened, or what happened to it since.
#[derive(Debug)]
pub enum HistoryNotice {
    /// The file was damaged; it was moved aside and a new one begun.
    MovedAside {
        /// Where the damaged file is now.
        to: PathBuf,
    },
    /// Nothing is written to disk in this run.
    InMemory {
        /// Why not.
        why: HistoryError,
    },
    /// The settings cannot be read, so everything is kept.
    Settings {
        /// The file.
        path: PathBuf,
        /// What happened.
        summary: String,
        /// What to do.
        fix: String,
    },
}

impl HistoryNotice {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::MovedAside { .. } => "The history file was damaged, so a new one was begun".into(),
            Self::InMemory { why } => format!("{}; this run's exchanges are kept in memory only", why.summary()),
            Self::Settings { summary, .. } => summary.clone(),
        }
    }

    /// Where.
    pub fn place(&self) -> String {
        match self {
            Self::MovedAside { to } => to.display().to_string(),
            Self::InMemory { why } => why.place(),
            Self::Settings { path, .. } => path.display().to_string(),
        }
    }

    /// What to do.
    pub fn fix(&self) -> String {
        match self {
            Self::MovedAside { .. } => "Nothing; the damaged file was kept under its new name".into(),
            Self::InMemory { why } => why.fix(),
            Self::Settings { fix, .. } => fix.clone(),
        }
    }
}
