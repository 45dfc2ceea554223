//! The redacted exchanges on disk, in SQLite.

mod compare;
mod compare_body;
mod edits;
mod endpoint;
mod error;
mod filed;
mod groups;
mod handle;
mod migrate;
mod notice;
mod purge;
mod query;
mod retention;
mod runs;
mod schema;
mod search;
mod settings;
mod store;
mod tables;
mod unfinished;
mod words;
mod writer;

pub use compare::{Comparison, Difference, DifferencePart, compare};
pub use error::HistoryError;
pub use filed::EntryState;
pub use handle::{DeletedBatch, History};
pub use notice::HistoryNotice;
pub use purge::{Beside, PurgeLeft, PurgeReport, beside};
pub use query::{
    FacetValue, GroupPage, HistoryEntry, HistoryFacets, HistoryGroup, HistoryPage, HistoryQuery, PAGE_ENTRIES,
    StatusFilter,
};
pub use settings::{HistorySettings, SETTINGS_FILE};
pub use store::HistoryStore;
pub use writer::Receipt;

/// The database's file in the data directory.
pub const FILE_NAME: &str = "history.sqlite3";
