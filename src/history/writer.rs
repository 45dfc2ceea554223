//! The one thread that writes: commits first, the index when nothing waits, and a store in memory for bad days.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::HistoryError;
use super::filed::Filed;
use super::notice::HistoryNotice;
use super::query::HistoryQuery;
use super::store::HistoryStore;
use crate::disk;
use crate::exchange::ExchangeRecord;
use crate::secret::Redacted;

/// How many exchanges are kept in memory while the file cannot be written.
pub(super) const SPARE: u32 = 200;

/// After how many commits words go into the index although others wait: what is not in it is looked through one by one.
///
/// Many at once make the index a third of the work that one at a time makes.
const MAX_WAITING: usize = 200;

/// After how long without a job the words of the last ones go into the index.
const LULL: Duration = Duration::from_millis(30);

/// How often it is seen whether old entries are to be let go.
const HOUSE: Duration = Duration::from_secs(30);

/// How long the program's end may wait for words to be put into the index; the next start does the rest.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the writer is asked to do.
pub(super) enum Job {
    /// A request is about to be sent.
    Start(Box<Redacted<ExchangeRecord>>),
    /// It is over; the record, and the same taken apart by whoever handed it over.
    Record(Box<Redacted<ExchangeRecord>>, Box<Filed>, oneshot::Sender<Result<(), HistoryError>>),
    /// Anything else that writes.
    Work(Box<dyn FnOnce(&mut HistoryStore) + Send>),
    /// Reading met damage in the file of that number; the answer is where it was moved, by whoever met it first.
    Mend(u64, mpsc::Sender<PathBuf>),
}

/// The promise that an exchange is committed.
#[derive(Debug)]
pub struct Receipt(pub(super) oneshot::Receiver<Result<(), HistoryError>>);

impl Receipt {
    /// Waits for the commit on a thread that may block.
    ///
    /// *Errors*: what the writer met; the exchange is then kept in memory and written with the next one that can be.
    /// [`HistoryError::TimedOut`] after `limit`; [`HistoryError::Stopped`].
    pub fn wait(mut self, limit: Duration) -> Result<(), HistoryError> {
        let until = Instant::now() + limit;
        let waker = Waker::from(Arc::new(Waiting(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match Pin::new(&mut self.0).poll(&mut context) {
                Poll::Ready(result) => return result.unwrap_or(Err(HistoryError::Stopped)),
                Poll::Pending => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(HistoryError::TimedOut);
            }
            // May return early, which costs one more look.
            thread::park_timeout(left);
        }
    }

    /// Waits for the commit inside a runtime.
    ///
    /// *Errors*: as [`Receipt::wait`], without a limit.
    pub async fn committed(self) -> Result<(), HistoryError> {
        self.0.await.unwrap_or(Err(HistoryError::Stopped))
    }
}

/// Wakes the thread that waits for a commit.
struct Waiting(Thread);

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// What writer and readers have in common.
#[derive(Debug)]
pub(super) struct Shared {
    /// None for a history in memory.
    pub data_dir: Option<PathBuf>,
    pub writer: Mutex<HistoryStore>,
    /// None where one connection serves both.
    pub reader: Mutex<Option<HistoryStore>>,
    /// What could not be written to the file; none as long as all could.
    pub spare: Mutex<Option<HistoryStore>>,
    pub notices: Mutex<Vec<HistoryNotice>>,
    /// Counts the files that were begun anew.
    pub file: AtomicU64,
    /// How much of each body is kept, as the settings say.
    pub max_body_bytes: AtomicUsize,
}

impl Shared {
    /// Reads with the connection for reading, or with the writer's where there is none.
    pub(super) fn read<T>(
        &self,
        act: impl FnOnce(&HistoryStore) -> Result<T, HistoryError>,
    ) -> Result<T, HistoryError> {
        let reader = locked(&self.reader);
        match &*reader {
            Some(reader) => act(reader),
            None => act(&locked(&self.writer)),
        }
    }
}

/// A connection has no state that a panic elsewhere could leave half done: an open transaction rolls back.
pub(super) fn locked<T>(store: &Mutex<T>) -> MutexGuard<'_, T> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Works until the last handle is dropped and everything handed over is written.
pub(super) fn run(shared: &Arc<Shared>, jobs: &Receiver<Job>) {
    // What an earlier run left comes first, as far as no job is waiting.
    let mut waiting = MAX_WAITING;
    let mut next_look = Instant::now();
    // Whether there was nothing to do for a lull; work that can wait then goes on until a job comes.
    let mut is_calm = true;
    loop {
        let patience = match (is_calm, waiting) {
            (true, 0) => next_look.saturating_duration_since(Instant::now()),
            (true, _) => Duration::ZERO,
            (false, _) => LULL,
        };
        let job = match jobs.recv_timeout(patience) {
            Ok(job) => Some(job),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        is_calm = job.is_none();
        match job {
            Some(job) => {
                waiting += 1;
                if matches!(job, Job::Work(_)) {
                    // It may have deleted something, or changed the settings.
                    next_look = Instant::now();
                }
                answer(shared, job);
                if waiting > MAX_WAITING && !index(shared) {
                    waiting = 0;
                }
            }
            None if waiting > 0 => waiting = if index(shared) { waiting } else { 0 },
            None if !keep_house(shared) => next_look = Instant::now() + HOUSE,
            None => {}
        }
    }
    let until = Instant::now() + LAST_WORDS;
    while Instant::now() < until && index(shared) {}
}

fn answer(shared: &Arc<Shared>, job: Job) {
    match job {
        // That a request is about to be sent is worth trying to write, and no reason to hold it back.
        Job::Start(record) => drop(locked(&shared.writer).start(&record)),
        Job::Record(record, filed, done) => {
            let _ = done.send(record_one(shared, &record, &filed));
        }
        Job::Work(work) => work(&mut locked(&shared.writer)),
        // Several readers may have met the same damage.
        Job::Mend(file, moved) => {
            if file == shared.file.load(Ordering::Acquire)
                && let Ok(to) = begin_anew(shared)
            {
                let _ = moved.send(to);
            }
        }
    }
}

fn record_one(shared: &Shared, record: &Redacted<ExchangeRecord>, filed: &Filed) -> Result<(), HistoryError> {
    let mut result = locked(&shared.writer).insert_filed(filed);
    if matches!(result, Err(HistoryError::Corrupt { .. })) && shared.data_dir.is_some() {
        result = begin_anew(shared).and_then(|to| {
            locked(&shared.writer).insert_filed(filed)?;
            Err(HistoryError::MovedAside { to })
        });
    }
    match &result {
        Ok(()) => write_spare(shared),
        // It is in the new file.
        Err(HistoryError::MovedAside { .. }) => {}
        Err(_) => keep_in_memory(shared, record),
    }
    result
}

/// Puts an exchange that could not be written beside the file, the newest of them.
fn keep_in_memory(shared: &Shared, record: &Redacted<ExchangeRecord>) {
    let mut spare = locked(&shared.spare);
    if spare.is_none() {
        *spare = HistoryStore::in_memory().ok();
    }
    if let Some(store) = &mut *spare {
        // There is no place left to go if memory fails too; the receipt's error says that it was not written.
        let _ = store.insert(record);
        let _ = store.keep_newest(SPARE);
    }
}

/// Writes what could not be written before, oldest first, as far as it works now.
fn write_spare(shared: &Shared) {
    let mut spare = locked(&shared.spare);
    let Some(store) = &mut *spare else { return };
    let query = HistoryQuery { limit: SPARE, ..HistoryQuery::default() };
    let Ok(page) = store.search(&query) else { return };
    for entry in page.entries.iter().rev() {
        let Ok(Some(record)) = store.load(&entry.id) else { continue };
        if locked(&shared.writer).insert(&record).is_err() {
            return;
        }
        if entry.pinned {
            let _ = locked(&shared.writer).set_pinned(&entry.id, true);
        }
        let _ = store.forget(&entry.id);
    }
    *spare = None;
}

/// Puts some words into the index; whether others still wait.
fn index(shared: &Shared) -> bool {
    let indexed = locked(&shared.writer).index_waiting();
    match indexed {
        Ok(has_more) => has_more,
        Err(HistoryError::Corrupt { .. }) if shared.data_dir.is_some() => {
            let _ = begin_anew(shared);
            false
        }
        // They wait until the next commit; without the index they are found all the same.
        Err(_) => false,
    }
}

/// Lets go of some of what is no longer kept; whether there may be more.
fn keep_house(shared: &Shared) -> bool {
    let mut store = locked(&shared.writer);
    // What fails now is tried again at the next look.
    let _ = store.interrupt_dead_runs();
    store.let_go().is_ok_and(|count| count > 0)
}

/// Moves a damaged database aside while the program runs, and opens a new one for writer and reader.
fn begin_anew(shared: &Shared) -> Result<PathBuf, HistoryError> {
    let Some(data_dir) = &shared.data_dir else { return Err(HistoryError::Stopped) };
    let mut reader = locked(&shared.reader);
    let mut writer = locked(&shared.writer);
    let path = writer.path().to_path_buf();
    if !path.is_absolute() {
        return Err(HistoryError::Corrupt { path });
    }
    shared.file.fetch_add(1, Ordering::AcqRel);
    let settings = writer.settings.clone();
    // Both connections are closed before the file gets another name.
    *writer = HistoryStore::in_memory()?;
    *reader = None;
    let (mut store, to) = match new_beside(data_dir, &path) {
        Ok(new) => new,
        Err(why) => {
            let said = HistoryError::Corrupt { path };
            locked(&shared.notices).push(HistoryNotice::InMemory { why });
            return Err(said);
        }
    };
    store.settings = settings;
    *writer = store;
    *reader = HistoryStore::open_reader(data_dir).ok();
    locked(&shared.notices).push(HistoryNotice::MovedAside { to: to.clone() });
    Ok(to)
}

/// Moves a damaged database and its side files aside and opens a new one.
pub(super) fn new_beside(data_dir: &Path, path: &Path) -> Result<(HistoryStore, PathBuf), HistoryError> {
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
