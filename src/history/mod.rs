//! The redacted exchanges on disk, in SQLite.

mod error;
mod schema;
mod store;
mod writer;

pub use error::HistoryError;
pub use store::{HistoryEntry, HistoryStore, KEPT_EXCHANGES};
pub use writer::{History, HistoryNotice, Receipt};

/// The database's file in the data directory.
pub const FILE_NAME: &str = "history.sqlite3";
