//! One connection to the history: opening, writing and reading, all of it blocking.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior};

use super::error::HistoryError;
use super::filed::{EntryState, Filed, from_store};
use super::groups;
use super::query::{GroupPage, HistoryEntry, HistoryFacets, HistoryPage, HistoryQuery};
use super::runs::{self, Run};
use super::settings::HistorySettings;
use super::{FILE_NAME, migrate, schema, search, tables};
use crate::disk;
use crate::exchange::ExchangeRecord;
use crate::secret::Redacted;

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it waits before it tries again to open a file that was locked.
const RETRY: Duration = Duration::from_millis(20);

/// How much text is put into the index at once, in bytes: a commit behind it waits a few hundredths of a second.
const INDEX_BYTES: i64 = 1 << 20;

/// An open history.
///
/// Blocking: never on a runtime's worker or the thread that draws; [`super::History`] sees to that.
#[derive(Debug)]
pub struct HistoryStore {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// The folder of the file, and this run in it; none in memory and for a connection that only reads.
    pub(super) run: Option<Run>,
    pub(super) settings: HistorySettings,
}

impl HistoryStore {
    /// Opens the history of a data directory, makes it where it is missing, and brings it to the newest version.
    ///
    /// A file with rows of an older version is copied before it is changed. What a run that was killed left unfinished
    /// is marked as interrupted.
    /// *Errors*: [`HistoryError::Newer`], [`HistoryError::Corrupt`], [`HistoryError::ReadOnly`],
    /// [`HistoryError::Locked`], [`HistoryError::Full`], [`HistoryError::Disk`], [`HistoryError::NotCopied`]; nothing is
    /// changed then.
    pub fn open(data_dir: &Path) -> Result<Self, HistoryError> {
        Self::open_with(data_dir, BUSY_TIMEOUT)
    }

    /// The same with another time to wait for a lock.
    pub fn open_with(data_dir: &Path, busy_timeout: Duration) -> Result<Self, HistoryError> {
        let until = Instant::now() + busy_timeout;
        loop {
            match Self::open_once(data_dir, busy_timeout) {
                // A file that another program is just making is locked at once, without SQLite's own waiting.
                Err(HistoryError::Locked { .. }) if Instant::now() < until => std::thread::sleep(RETRY),
                opened => return opened,
            }
        }
    }

    fn open_once(data_dir: &Path, busy_timeout: Duration) -> Result<Self, HistoryError> {
        let mut store = Self::connect(data_dir, busy_timeout)?;
        let folder = store.path.parent().map(Path::to_path_buf).unwrap_or_default();
        store.run = Some(Run::begin(&folder)?);
        store.interrupt_dead_runs()?;
        runs::sweep(&folder);
        // Another window may still want to take its deletion back.
        if store.run.as_ref().is_none_or(|run| run.is_alone(&folder)) {
            store.expire_deleted()?;
        }
        Ok(store)
    }

    /// A second connection beside an open one, for reading.
    pub(super) fn open_reader(data_dir: &Path) -> Result<Self, HistoryError> {
        Self::connect(data_dir, BUSY_TIMEOUT)
    }

    fn connect(data_dir: &Path, busy_timeout: Duration) -> Result<Self, HistoryError> {
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
        set_up(&connection).map_err(failed)?;
        if found < schema::newest() {
            migrate::copy_before(&connection, &path, found)?;
        }
        let mut store = Self { connection, path, run: None, settings: HistorySettings::default() };
        schema::migrate(&mut store.connection).map_err(|source| HistoryError::from_sqlite(&store.path, source))?;
        store.look().map_err(|source| HistoryError::from_sqlite(&store.path, source))?;
        Ok(store)
    }

    /// A history that lasts as long as the program.
    ///
    /// *Errors*: [`HistoryError::Sqlite`] if SQLite itself cannot start.
    pub fn in_memory() -> Result<Self, HistoryError> {
        let path = PathBuf::from(":memory:");
        let failed = |source| HistoryError::from_sqlite(&path, source);
        let mut connection = Connection::open_in_memory().map_err(failed)?;
        set_up(&connection).map_err(failed)?;
        schema::migrate(&mut connection).map_err(failed)?;
        Ok(Self { connection, path, run: None, settings: HistorySettings::default() })
    }

    /// The file; `:memory:` where there is none.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes that a request is about to be sent; one that is there already stays as it is.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn start(&mut self, record: &Redacted<ExchangeRecord>) -> Result<(), HistoryError> {
        let filed = Filed::of(record.clone(), self.settings.max_body_bytes())?;
        let run = self.run.as_ref().map(|run| run.id().to_owned());
        self.write(|transaction| {
            if tables::filing_of(transaction, &filed.record.id)?.is_none() {
                tables::write(transaction, &filed, EntryState::Running, run.as_deref())?;
            }
            Ok(())
        })
    }

    /// Writes an exchange in one transaction.
    ///
    /// One that was started or is there already is replaced. Its words are put into the index later, by
    /// [`HistoryStore::index_waiting`]; until then it is found all the same.
    /// *Errors*: [`HistoryError::Locked`], [`HistoryError::Full`], [`HistoryError::ReadOnly`], [`HistoryError::Record`].
    pub fn insert(&mut self, record: &Redacted<ExchangeRecord>) -> Result<(), HistoryError> {
        let filed = Filed::of(record.clone(), self.settings.max_body_bytes())?;
        self.insert_filed(&filed)
    }

    /// The same for a record that was taken apart elsewhere.
    pub(super) fn insert_filed(&mut self, filed: &Filed) -> Result<(), HistoryError> {
        self.write(|transaction| tables::write(transaction, filed, EntryState::Done, None))?;
        Ok(())
    }

    /// Puts some of the waiting entries into the index; returns whether others still wait.
    ///
    /// *Errors*: [`HistoryError::Locked`], [`HistoryError::Full`], [`HistoryError::ReadOnly`].
    pub fn index_waiting(&mut self) -> Result<bool, HistoryError> {
        let waiting = "SELECT EXISTS (SELECT 1 FROM exchange WHERE is_indexed = 0 AND state <> 0)";
        let has_some = |connection: &Connection| -> rusqlite::Result<bool> {
            connection.prepare_cached(waiting)?.query_row([], |row| row.get(0))
        };
        // Asked for outside a transaction first: another program need not be waited for where nothing is to be done.
        if !self.read(has_some)? {
            return Ok(false);
        }
        self.write(|transaction| {
            tables::index_waiting(transaction, INDEX_BYTES)?;
            has_some(transaction)
        })
    }

    /// The newest entries, newest first.
    ///
    /// *Errors*: [`HistoryError::Locked`], [`HistoryError::Corrupt`], [`HistoryError::Sqlite`].
    pub fn newest(&self, limit: u32) -> Result<Vec<HistoryEntry>, HistoryError> {
        Ok(self.search(&HistoryQuery { limit, ..HistoryQuery::default() })?.entries)
    }

    /// The entries that a query asks for, newest first.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn search(&self, query: &HistoryQuery) -> Result<HistoryPage, HistoryError> {
        self.read(|connection| search::search(connection, query))
    }

    /// The kinds of failures, the one seen last first; `before` is the `next` of the page before.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn groups(&self, before: Option<i64>, limit: u32) -> Result<GroupPage, HistoryError> {
        self.read(|connection| groups::groups(connection, before, limit))
    }

    /// What can be filtered by.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn facets(&self) -> Result<HistoryFacets, HistoryError> {
        self.read(groups::facets)
    }

    /// The exchange of that id, or the newest for `last`; none if there is none.
    ///
    /// *Errors*: as [`HistoryStore::newest`], and [`HistoryError::Record`] for an entry of another form.
    pub fn load(&self, id: &str) -> Result<Option<Redacted<ExchangeRecord>>, HistoryError> {
        let found = self.read(|connection| {
            let which = match id {
                "last" => "?1 = 'last' AND e.deleted_ms IS NULL AND e.state <> 0 ORDER BY e.seq DESC LIMIT 1",
                _ => "e.id = ?1 AND e.deleted_ms IS NULL",
            };
            let sql = format!(
                "SELECT c.record, c.request, c.response FROM exchange e CROSS JOIN content c ON c.seq = e.seq WHERE {which}"
            );
            let columns = |row: &rusqlite::Row<'_>| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            };
            connection.prepare_cached(&sql)?.query_row([id], columns).optional()
        })?;
        match found {
            Some((json, request, response)) => Ok(Some(from_store(Filed::whole(&json, request, response)?))),
            None => Ok(None),
        }
    }

    /// The line of the list for that id, or the newest for `last`.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn entry(&self, id: &str) -> Result<Option<HistoryEntry>, HistoryError> {
        self.read(|connection| search::entry(connection, id))
    }

    /// The id of the last good answer from the same method and endpoint before that one; none if there is none.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn last_good(&self, id: &str) -> Result<Option<String>, HistoryError> {
        self.read(|connection| {
            let sql = "SELECT good.id FROM exchange e CROSS JOIN exchange good INDEXED BY exchange_good
                ON good.endpoint = e.endpoint AND good.is_good = 1 AND good.seq < e.seq AND good.deleted_ms IS NULL
                WHERE e.id = ?1 ORDER BY good.seq DESC LIMIT 1";
            connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()
        })
    }

    /// How many exchanges there are, and how much they take, in bytes of text.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn totals(&self) -> Result<(u64, u64), HistoryError> {
        self.read(|connection| {
            connection.query_row("SELECT count, bytes FROM total", [], |row| {
                let number = |value: i64| u64::try_from(value).unwrap_or(0);
                Ok((number(row.get(0)?), number(row.get(1)?)))
            })
        })
    }

    pub(super) fn write<T>(
        &mut self,
        act: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        let path = &self.path;
        let write = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = act(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        write().map_err(|source| HistoryError::from_sqlite(path, source))
    }

    pub(super) fn read<T>(&self, act: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, HistoryError> {
        act(&self.connection).map_err(|source| HistoryError::from_sqlite(&self.path, source))
    }

    /// Looks at the root of each table, so that a damaged beginning is told before anything is written.
    ///
    /// Damage further in is met where it is read: looking through all of a large file would take minutes.
    fn look(&self) -> rusqlite::Result<()> {
        for sql in [
            "SELECT count(*) FROM sqlite_schema",
            "SELECT count(*) FROM (SELECT * FROM exchange ORDER BY seq DESC LIMIT 1)",
            "SELECT count(*) FROM (SELECT * FROM exchange ORDER BY seq LIMIT 1)",
            "SELECT count(*) FROM (SELECT * FROM exchange ORDER BY id DESC LIMIT 1)",
            "SELECT count(*) FROM (SELECT * FROM content ORDER BY seq DESC LIMIT 1)",
            "SELECT count(*) FROM (SELECT * FROM facet LIMIT 1)",
            "SELECT count(*) FROM (SELECT * FROM grp LIMIT 1)",
            "SELECT count FROM total",
            "SELECT count(*) FROM (SELECT rowid FROM words WHERE words MATCH '\"a\"' LIMIT 1)",
        ] {
            self.connection.query_row(sql, [], |_| Ok(()))?;
        }
        Ok(())
    }
}

/// What holds for every connection.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    // What is deleted is overwritten, and nothing spills into the system's temporary folder.
    // In WAL mode a commit has left the process when it returns, so killing the program loses nothing; only a power cut
    // may take the last commits, and never the file's order, which is what FULL would cost a wait for the disk each.
    // The log is carried over every 16 MiB: most of its pages are then the same ones, written again and again.
    connection.execute_batch(
        "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA synchronous = NORMAL;
         PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;",
    )?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
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

pub(super) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}
