//! One connection to the history: opening, writing and reading, all of it blocking.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, TransactionBehavior, params};
use serde::Serialize;

use super::error::HistoryError;
use super::{FILE_NAME, schema};
use crate::disk;
use crate::exchange::ExchangeRecord;
use crate::secret::Redacted;

/// How many exchanges are kept; older ones go with the insert of a newer one.
pub const KEPT_EXCHANGES: u32 = 50;

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// One line of the history's list.
///
/// *Secrets*: none; it is read from redacted records.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// The exchange's id.
    pub id: String,
    /// When it was started. Shape: RFC 3339.
    pub at: String,
    /// The environment's name.
    pub environment: String,
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// The status; none without an answer.
    pub status: Option<u16>,
    /// The envelope's code.
    pub code: Option<String>,
    /// The first blamed field.
    pub field: Option<String>,
    /// The sentence a person reads first.
    pub message: Option<String>,
    /// The id to give to support.
    pub request_id: Option<String>,
    /// How long it took, in milliseconds.
    pub total_ms: f64,
    /// Whether the person keeps it.
    pub pinned: bool,
}

/// An open history.
///
/// Blocking: never on a runtime's worker or the thread that draws; [`super::History`] sees to that.
#[derive(Debug)]
pub struct HistoryStore {
    connection: Connection,
    path: PathBuf,
}

impl HistoryStore {
    /// Opens the history of a data directory, makes it where it is missing, and brings it to the newest version.
    ///
    /// *Errors*: [`HistoryError::Newer`], [`HistoryError::Corrupt`], [`HistoryError::ReadOnly`],
    /// [`HistoryError::Locked`], [`HistoryError::Full`], [`HistoryError::Disk`]; nothing is changed then.
    pub fn open(data_dir: &Path) -> Result<Self, HistoryError> {
        Self::open_with(data_dir, BUSY_TIMEOUT)
    }

    /// The same with another time to wait for a lock.
    pub fn open_with(data_dir: &Path, busy_timeout: Duration) -> Result<Self, HistoryError> {
        // SQLite refuses links anywhere in the path when it is told to follow none, so the folder is resolved first.
        let folder = std::fs::canonicalize(data_dir).map_err(|source| HistoryError::Disk {
            source: disk::DiskError::System { action: "find the data directory", path: data_dir.to_path_buf(), source },
        })?;
        let path = folder.join(FILE_NAME);
        make_private(&path)?;
        let failed = |source| HistoryError::from_sqlite(&path, source);
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(&path, flags).map_err(failed)?;
        connection.busy_timeout(busy_timeout).map_err(failed)?;
        let found = schema::version(&connection).map_err(failed)?;
        if found > schema::newest() {
            return Err(HistoryError::Newer { found, known: schema::newest(), path });
        }
        let mut store = Self { connection, path };
        store.set_up().map_err(|source| HistoryError::from_sqlite(&store.path, source))?;
        store.check()?;
        Ok(store)
    }

    /// A history that lasts as long as the program.
    ///
    /// *Errors*: [`HistoryError::Sqlite`] if SQLite itself cannot start.
    pub fn in_memory() -> Result<Self, HistoryError> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|source| HistoryError::from_sqlite(&path, source))?;
        let mut store = Self { connection, path };
        store.set_up().map_err(|source| HistoryError::from_sqlite(&store.path, source))?;
        Ok(store)
    }

    /// The file; `:memory:` where there is none.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes an exchange and lets go of the oldest beyond [`KEPT_EXCHANGES`], in one transaction.
    ///
    /// An exchange that is there already is replaced. Pinned ones are never let go.
    /// *Errors*: [`HistoryError::Locked`], [`HistoryError::Full`], [`HistoryError::ReadOnly`], [`HistoryError::Record`].
    pub fn insert(&mut self, record: &Redacted<ExchangeRecord>) -> Result<(), HistoryError> {
        let json = serde_json::to_string(record)?;
        let path = &self.path;
        let write = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction
                .prepare_cached(
                    "INSERT INTO exchange (id, started_at, environment, method, url, status, code, field, message,
                        request_id, total_ms, record)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                     ON CONFLICT(id) DO UPDATE SET started_at = ?2, environment = ?3, method = ?4, url = ?5, status = ?6,
                        code = ?7, field = ?8, message = ?9, request_id = ?10, total_ms = ?11, record = ?12",
                )?
                .execute(params![
                    record.id,
                    record.started_at,
                    record.environment,
                    record.method,
                    record.url,
                    record.response.as_ref().map(|response| response.status),
                    record.code,
                    record.field,
                    record.message,
                    record.request_id,
                    record.timing.total_ms,
                    json,
                ])?;
            transaction
                .prepare_cached(
                    "DELETE FROM exchange WHERE pinned = 0
                     AND seq NOT IN (SELECT seq FROM exchange WHERE pinned = 0 ORDER BY seq DESC LIMIT ?1)",
                )?
                .execute(params![KEPT_EXCHANGES])?;
            transaction.commit()
        };
        write(&mut self.connection).map_err(|source| HistoryError::from_sqlite(path, source))
    }

    /// The newest entries, newest first.
    ///
    /// *Errors*: [`HistoryError::Locked`], [`HistoryError::Corrupt`], [`HistoryError::Sqlite`].
    pub fn newest(&self, limit: u32) -> Result<Vec<HistoryEntry>, HistoryError> {
        let read = || -> rusqlite::Result<Vec<HistoryEntry>> {
            let mut statement = self.connection.prepare_cached(
                "SELECT id, started_at, environment, method, url, status, code, field, message, request_id, total_ms,
                    pinned FROM exchange ORDER BY seq DESC LIMIT ?1",
            )?;
            statement.query_map(params![limit], entry_from_row)?.collect()
        };
        read().map_err(|source| HistoryError::from_sqlite(&self.path, source))
    }

    /// The exchange of that id, or the newest for `last`; none if there is none.
    ///
    /// *Errors*: as [`HistoryStore::newest`], and [`HistoryError::Record`] for an entry of another form.
    pub fn load(&self, id: &str) -> Result<Option<Redacted<ExchangeRecord>>, HistoryError> {
        let read = || -> rusqlite::Result<Option<String>> {
            if id == "last" {
                let sql = "SELECT record FROM exchange ORDER BY seq DESC LIMIT 1";
                return self.connection.query_row(sql, [], |row| row.get(0)).optional();
            }
            let sql = "SELECT record FROM exchange WHERE id = ?1";
            self.connection.query_row(sql, params![id], |row| row.get(0)).optional()
        };
        let json = read().map_err(|source| HistoryError::from_sqlite(&self.path, source))?;
        match json {
            Some(json) => Ok(Some(Redacted::from_own_store(serde_json::from_str(&json)?))),
            None => Ok(None),
        }
    }

    fn set_up(&mut self) -> rusqlite::Result<()> {
        // What is deleted is overwritten, and nothing spills into the system's temporary folder.
        self.connection
            .execute_batch("PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;")?;
        self.connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        self.connection.set_prepared_statement_cache_capacity(16);
        schema::migrate(&mut self.connection)
    }

    /// Damage that opening does not meet is found before anything is written.
    fn check(&self) -> Result<(), HistoryError> {
        let found = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        match found {
            Ok(word) if word == "ok" => Ok(()),
            Ok(_) => Err(HistoryError::Corrupt { path: self.path.clone() }),
            Err(source) => Err(HistoryError::from_sqlite(&self.path, source)),
        }
    }
}

/// Makes the file owner-only before SQLite sees it; -wal and -shm take their mode from it.
///
/// A file that exists is not opened here: closing it again would let go of the locks that other connections of this
/// process hold on it (POSIX advisory locks belong to the process; sqlite.org/howtocorrupt.html, section 2.2).
fn make_private(path: &Path) -> Result<(), HistoryError> {
    match disk::create_new(path, b"") {
        Ok(()) => return Ok(()),
        Err(disk::DiskError::Exists { .. }) => {}
        Err(source) => return Err(source.into()),
    }
    let failed = |source| disk::DiskError::System { action: "look at the history", path: path.to_path_buf(), source };
    let about = std::fs::symlink_metadata(path).map_err(failed)?;
    if about.is_symlink() {
        return Err(disk::DiskError::Link { path: path.to_path_buf() }.into());
    }
    if !about.is_file() {
        return Err(disk::DiskError::NotAFile { path: path.to_path_buf() }.into());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        // A copy put back by hand may be open to others.
        if about.permissions().mode() & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        }
    }
    Ok(())
}

fn entry_from_row(row: &Row<'_>) -> rusqlite::Result<HistoryEntry> {
    Ok(HistoryEntry {
        id: row.get(0)?,
        at: row.get(1)?,
        environment: row.get(2)?,
        method: row.get(3)?,
        url: row.get(4)?,
        status: row.get(5)?,
        code: row.get(6)?,
        field: row.get(7)?,
        message: row.get(8)?,
        request_id: row.get(9)?,
        total_ms: row.get(10)?,
        pinned: row.get(11)?,
    })
}
