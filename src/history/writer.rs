//! The history as the program uses it: one thread writes, reads have a connection of their own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::error::HistoryError;
use super::store::{HistoryEntry, HistoryStore};
use crate::disk;
use crate::exchange::ExchangeRecord;
use crate::secret::Redacted;

/// How many exchanges may wait for the writer; a sender of more waits.
const QUEUE: usize = 64;

/// Something the person should know about how the history was opened.
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
}

impl HistoryNotice {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::MovedAside { .. } => "The history file was damaged, so a new one was begun".into(),
            Self::InMemory { why } => format!("{}; this run's exchanges are kept in memory only", why.summary()),
        }
    }

    /// Where.
    pub fn place(&self) -> String {
        match self {
            Self::MovedAside { to } => to.display().to_string(),
            Self::InMemory { why } => why.place(),
        }
    }

    /// What to do.
    pub fn fix(&self) -> String {
        match self {
            Self::MovedAside { .. } => "Nothing; the damaged file was kept under its new name".into(),
            Self::InMemory { why } => why.fix(),
        }
    }
}

/// A handle to the history that any thread may hold; clones share one writer.
#[derive(Clone, Debug)]
pub struct History {
    jobs: SyncSender<Job>,
    reader: Arc<Mutex<HistoryStore>>,
}

#[derive(Debug)]
struct Job {
    record: Redacted<ExchangeRecord>,
    done: oneshot::Sender<Result<(), HistoryError>>,
}

/// The promise that an exchange is committed.
#[derive(Debug)]
pub struct Receipt(oneshot::Receiver<Result<(), HistoryError>>);

impl Receipt {
    /// Waits for the commit on a thread that may block.
    ///
    /// *Errors*: what the writer met; [`HistoryError::TimedOut`] after `limit`; [`HistoryError::Stopped`].
    pub fn wait(mut self, limit: Duration) -> Result<(), HistoryError> {
        let step = Duration::from_millis(1);
        let mut waited = Duration::ZERO;
        loop {
            match self.0.try_recv() {
                Ok(result) => return result,
                Err(oneshot::error::TryRecvError::Closed) => return Err(HistoryError::Stopped),
                Err(oneshot::error::TryRecvError::Empty) if waited >= limit => return Err(HistoryError::TimedOut),
                Err(oneshot::error::TryRecvError::Empty) => {
                    thread::sleep(step);
                    waited += step;
                }
            }
        }
    }

    /// Waits for the commit inside a runtime.
    ///
    /// *Errors*: what the writer met; [`HistoryError::Stopped`].
    pub async fn committed(self) -> Result<(), HistoryError> {
        self.0.await.unwrap_or(Err(HistoryError::Stopped))
    }
}

impl History {
    /// Opens the history of a data directory, whatever state it is in.
    ///
    /// A damaged file is moved aside, never deleted. Where no file can be used (read-only folder, newer version,
    /// locked), exchanges are kept in memory, and the notice says so.
    /// *Errors*: only if SQLite or the writer's thread cannot start at all.
    pub fn open(data_dir: &Path) -> Result<(Self, Option<HistoryNotice>), HistoryError> {
        let first = HistoryStore::open(data_dir);
        let (store, notice) = match first {
            Ok(store) => (Some(store), None),
            Err(HistoryError::Corrupt { path }) => match begin_anew(data_dir, &path) {
                Ok((store, to)) => (Some(store), Some(HistoryNotice::MovedAside { to })),
                Err(why) => (None, Some(HistoryNotice::InMemory { why })),
            },
            Err(why) => (None, Some(HistoryNotice::InMemory { why })),
        };
        let Some(writer) = store else { return Ok((Self::shared(HistoryStore::in_memory()?)?, notice)) };
        match HistoryStore::open(data_dir) {
            Ok(reader) => Ok((Self::start(Arc::new(Mutex::new(writer)), Arc::new(Mutex::new(reader)))?, notice)),
            // One connection serves both where a second cannot be had.
            Err(_) => Ok((Self::shared(writer)?, notice)),
        }
    }

    /// A history for this run only.
    ///
    /// *Errors*: only if SQLite or the writer's thread cannot start at all.
    pub fn in_memory() -> Result<Self, HistoryError> {
        Self::shared(HistoryStore::in_memory()?)
    }

    /// Hands an exchange to the writer; the receipt tells when it is committed.
    ///
    /// Does not block unless 64 exchanges wait already.
    pub fn record(&self, record: Redacted<ExchangeRecord>) -> Receipt {
        let (done, receipt) = oneshot::channel();
        // A writer that is gone drops the job, and with it the sender: the receipt then says so.
        let _ = self.jobs.send(Job { record, done });
        Receipt(receipt)
    }

    /// The newest entries, newest first. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn newest(&self, limit: u32) -> Result<Vec<HistoryEntry>, HistoryError> {
        locked(&self.reader).newest(limit)
    }

    /// The exchange of that id, or the newest for `last`. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::load`].
    pub fn load(&self, id: &str) -> Result<Option<Redacted<ExchangeRecord>>, HistoryError> {
        locked(&self.reader).load(id)
    }

    fn shared(store: HistoryStore) -> Result<Self, HistoryError> {
        let store = Arc::new(Mutex::new(store));
        Self::start(Arc::clone(&store), store)
    }

    fn start(writer: Arc<Mutex<HistoryStore>>, reader: Arc<Mutex<HistoryStore>>) -> Result<Self, HistoryError> {
        let (jobs, todo) = sync_channel::<Job>(QUEUE);
        let work = move || {
            // Ends when the last handle is dropped, after everything handed over is written.
            while let Ok(job) = todo.recv() {
                let result = locked(&writer).insert(&job.record);
                let _ = job.done.send(result);
            }
        };
        thread::Builder::new().name("history".into()).spawn(work).map_err(|_| HistoryError::Stopped)?;
        Ok(Self { jobs, reader })
    }
}

/// A connection has no state that a panic elsewhere could leave half done: an open transaction rolls back.
fn locked(store: &Mutex<HistoryStore>) -> MutexGuard<'_, HistoryStore> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Moves a damaged database and its side files aside and opens a new one.
fn begin_anew(data_dir: &Path, path: &Path) -> Result<(HistoryStore, PathBuf), HistoryError> {
    let to = disk::move_aside(path)?;
    for side in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(side);
        let side = PathBuf::from(name);
        if side.symlink_metadata().is_ok() {
            disk::move_aside(&side)?;
        }
    }
    Ok((HistoryStore::open(data_dir)?, to))
}
