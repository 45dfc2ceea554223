//! Removing everything, so that no byte of it stays in the data directory.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::FILE_NAME;
use super::error::HistoryError;
use super::store::HistoryStore;

/// How long other programs that read are waited for.
const WAIT: Duration = Duration::from_secs(10);

/// What came of removing everything.
#[derive(Debug, Default)]
pub struct PurgeReport {
    /// How many exchanges there were.
    pub exchanges: u64,
    /// How many copies and damaged files that lay beside the history were removed.
    pub files: usize,
    /// What could not be done; none if nothing is left.
    pub left: Option<PurgeLeft>,
}

/// Why bytes of removed exchanges may still be in the data directory.
#[derive(Debug)]
pub enum PurgeLeft {
    /// Another program was reading all the while.
    Read,
    /// SQLite could not rewrite the file.
    Failed(HistoryError),
    /// A file beside the history could not be removed.
    File {
        /// Its path.
        path: std::path::PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl PurgeLeft {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::Read => {
                "The entries are removed, but another program was reading, so their bytes are still in the file".into()
            }
            Self::Failed(error) => {
                format!("The entries are removed, but their bytes may still be in the file: {}", error.summary())
            }
            Self::File { source, .. } => format!("A copy of the history could not be removed: {source}"),
        }
    }

    /// Where.
    pub fn place(&self) -> String {
        match self {
            Self::Read => String::new(),
            Self::Failed(error) => error.place(),
            Self::File { path, .. } => path.display().to_string(),
        }
    }

    /// What to do.
    pub fn fix(&self) -> String {
        match self {
            Self::Read => "Close other windows and purge once more".into(),
            Self::Failed(error) => error.fix(),
            Self::File { .. } => "Remove the file by hand".into(),
        }
    }
}

impl HistoryStore {
    /// Removes everything: entries, words, notes, copies of older versions, damaged files that were moved aside.
    ///
    /// *Errors*: as [`HistoryStore::insert`]; nothing is removed then.
    pub fn purge(&mut self) -> Result<PurgeReport, HistoryError> {
        self.purge_within(WAIT)
    }

    /// The same with another time to wait for programs that read.
    pub fn purge_within(&mut self, wait: Duration) -> Result<PurgeReport, HistoryError> {
        let exchanges = self.write(|transaction| {
            let count = transaction.query_row("SELECT count(*) FROM exchange", [], |row| row.get::<_, i64>(0))?;
            transaction.execute_batch(
                "INSERT INTO words (words) VALUES ('delete-all');
                 DELETE FROM content; DELETE FROM exchange; DELETE FROM facet; DELETE FROM grp; DELETE FROM endpoint;
                 UPDATE total SET count = 0, bytes = 0;",
            )?;
            Ok(u64::try_from(count).unwrap_or(0))
        })?;
        let mut report = PurgeReport { exchanges, ..PurgeReport::default() };
        if let Some(folder) = self.path.parent().filter(|_| self.path.is_absolute()) {
            (report.files, report.left) = remove_beside(folder);
        }
        match self.rewrite(wait) {
            Ok(true) => {}
            Ok(false) => report.left = Some(PurgeLeft::Read),
            Err(error) => report.left = Some(PurgeLeft::Failed(error)),
        }
        Ok(report)
    }

    /// Writes the file anew without its free pages and empties the write-ahead log; whether nobody was in the way.
    fn rewrite(&self, wait: Duration) -> Result<bool, HistoryError> {
        let until = Instant::now() + wait;
        loop {
            let done = self.read(|connection| {
                connection.execute_batch("VACUUM")?;
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
            });
            match done {
                Ok(0) => return Ok(true),
                Ok(_) | Err(HistoryError::Locked { .. }) if Instant::now() < until => {
                    thread::sleep(Duration::from_millis(50));
                }
                Ok(_) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }
}

/// A file of an older history that lies beside the one in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The copy that was made before a migration.
    Copy,
    /// One that was damaged and moved aside.
    Damaged,
}

/// Whether a file of that name, in the history's folder, is such a one.
pub fn beside(name: &OsStr) -> Option<Beside> {
    let rest = name.to_str()?.strip_prefix(FILE_NAME)?;
    match rest {
        rest if rest.contains(".v") && rest.contains(".copy") => Some(Beside::Copy),
        rest if rest.contains(".broken-") => Some(Beside::Damaged),
        _ => None,
    }
}

/// Removes copies and damaged files. Shape: `history.sqlite3.v1.copy`, `history.sqlite3-wal.broken-1f00ab34`.
fn remove_beside(folder: &Path) -> (usize, Option<PurgeLeft>) {
    let (mut count, mut left) = (0, None);
    let Ok(entries) = fs::read_dir(folder) else { return (0, None) };
    for entry in entries.flatten() {
        if beside(&entry.file_name()).is_none() {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Ok(()) => count += 1,
            Err(source) => left = Some(PurgeLeft::File { path: entry.path(), source }),
        }
    }
    (count, left)
}
