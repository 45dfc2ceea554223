//! The history as the program uses it: one thread writes, reads have a connection of their own.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::sync::oneshot;

use super::SETTINGS_FILE;
use super::error::HistoryError;
use super::filed::Filed;
use super::notice::HistoryNotice;
use super::purge::PurgeReport;
use super::query::{GroupPage, HistoryEntry, HistoryFacets, HistoryPage, HistoryQuery};
use super::settings::HistorySettings;
use super::store::HistoryStore;
use super::writer::{self, Job, Receipt, Shared, locked};
use crate::exchange::ExchangeRecord;
use crate::secret::Redacted;

/// How many jobs may wait for the writer; a sender of more waits.
const QUEUE: usize = 64;

/// A handle to the history that any thread may hold; clones share one writer.
///
/// What reads or changes entries blocks: never on a runtime's worker or the thread that draws.
#[derive(Clone, Debug)]
pub struct History {
    jobs: SyncSender<Job>,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}

/// Entries that were deleted and can be put back for ten minutes, or until the program ends.
#[derive(Clone, Debug)]
pub struct DeletedBatch {
    history: History,
    ids: Vec<String>,
}

impl DeletedBatch {
    /// The ids of the deleted entries; those that were not there are not among them.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Puts them back; returns how many. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn undo(self) -> Result<usize, HistoryError> {
        let ids = self.ids;
        self.history.work(move |store| store.undelete(&ids))
    }
}

impl History {
    /// Opens the history of a data directory, whatever state it is in.
    ///
    /// A damaged file is moved aside, never deleted. Where no file can be used (read-only folder, newer version,
    /// locked), exchanges are kept in memory, and the notice says so.
    /// *Errors*: only if SQLite or the writer's thread cannot start at all.
    pub fn open(data_dir: &Path) -> Result<(Self, Option<HistoryNotice>), HistoryError> {
        let (settings, unread) = match HistorySettings::load(data_dir) {
            Ok(settings) => (settings, None),
            Err((summary, fix)) => {
                let notice = HistoryNotice::Settings { path: data_dir.join(SETTINGS_FILE), summary, fix };
                (HistorySettings::default(), Some(notice))
            }
        };
        let (store, notice) = match HistoryStore::open(data_dir) {
            Ok(store) => (Some(store), None),
            Err(HistoryError::Corrupt { path }) => match writer::new_beside(data_dir, &path) {
                Ok((store, to)) => (Some(store), Some(HistoryNotice::MovedAside { to })),
                Err(why) => (None, Some(HistoryNotice::InMemory { why })),
            },
            Err(why) => (None, Some(HistoryNotice::InMemory { why })),
        };
        let is_on_disk = store.is_some();
        let mut store = match store {
            Some(store) => store,
            None => HistoryStore::in_memory()?,
        };
        store.settings = settings;
        // One connection serves both where a second cannot be had.
        let reader = if is_on_disk { HistoryStore::open_reader(data_dir).ok() } else { None };
        let history = Self::start_writer(store, reader, is_on_disk.then_some(data_dir))?;
        Ok((history, notice.or(unread)))
    }

    /// A history for this run only.
    ///
    /// *Errors*: only if SQLite or the writer's thread cannot start at all.
    pub fn in_memory() -> Result<Self, HistoryError> {
        Self::start_writer(HistoryStore::in_memory()?, None, None)
    }

    fn start_writer(
        writer: HistoryStore,
        reader: Option<HistoryStore>,
        data_dir: Option<&Path>,
    ) -> Result<Self, HistoryError> {
        let (jobs, todo) = sync_channel::<Job>(QUEUE);
        let max_body_bytes = writer.settings.max_body_bytes();
        let shared = Arc::new(Shared {
            data_dir: data_dir.map(Path::to_path_buf),
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
            spare: Mutex::new(None),
            notices: Mutex::default(),
            file: AtomicU64::new(0),
            max_body_bytes: AtomicUsize::new(max_body_bytes),
        });
        let work = {
            let shared = Arc::clone(&shared);
            move || writer::run(&shared, &todo)
        };
        thread::Builder::new().name("history".into()).spawn(work).map_err(|_| HistoryError::Stopped)?;
        Ok(Self { jobs, shared })
    }

    /// Writes that a request is about to be sent, without waiting for it.
    ///
    /// If the program ends before [`History::record`] is told of the same id, the entry appears as interrupted.
    pub fn start(&self, record: Redacted<ExchangeRecord>) {
        // A writer that is far behind is not made to wait for more.
        let _ = self.jobs.try_send(Job::Start(Box::new(record)));
    }

    /// Hands an exchange to the writer; the receipt tells when it is committed.
    ///
    /// Does not block unless 64 jobs wait already.
    pub fn record(&self, record: Redacted<ExchangeRecord>) -> Receipt {
        let (done, receipt) = oneshot::channel();
        // Taken apart here, so that the one writer has less to do.
        match Filed::of(record.clone(), self.shared.max_body_bytes.load(Ordering::Relaxed)) {
            Err(error) => drop(done.send(Err(error))),
            // A writer that is gone drops the job, and with it the sender: the receipt then says so.
            Ok(filed) => drop(self.jobs.send(Job::Record(Box::new(record), Box::new(filed), done))),
        }
        Receipt(receipt)
    }

    /// The newest entries, newest first. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn newest(&self, limit: u32) -> Result<Vec<HistoryEntry>, HistoryError> {
        Ok(self.search(&HistoryQuery { limit, ..HistoryQuery::default() })?.entries)
    }

    /// The entries that a query asks for, newest first. Blocking.
    ///
    /// What could not be written to the file is found with the rest.
    /// *Errors*: as [`HistoryStore::newest`]; a damaged file is moved aside and a new one begun.
    pub fn search(&self, query: &HistoryQuery) -> Result<HistoryPage, HistoryError> {
        self.mark_interrupted()?;
        let mut page = self.read(|store| store.search(query))?;
        let spare = locked(&self.shared.spare);
        let Some(store) = &*spare else { return Ok(page) };
        let more = store.search(query)?;
        if !more.entries.is_empty() {
            let has_more = page.next.is_some() || more.next.is_some();
            page.entries.extend(more.entries);
            // Ids sort by time.
            page.entries.sort_by(|a, b| b.id.cmp(&a.id));
            page.entries.dedup_by(|a, b| a.id == b.id);
            let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
            let is_cut = page.entries.len() > limit;
            page.entries.truncate(limit);
            page.next = page.entries.last().filter(|_| has_more || is_cut).map(|entry| entry.id.clone());
        }
        Ok(page)
    }

    /// The kinds of failures, the one seen last first; `before` is the `next` of the page before. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn groups(&self, before: Option<i64>, limit: u32) -> Result<GroupPage, HistoryError> {
        self.read(|store| store.groups(before, limit))
    }

    /// What can be filtered by, with counts. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn facets(&self) -> Result<HistoryFacets, HistoryError> {
        self.read(HistoryStore::facets)
    }

    /// The exchange of that id, or the newest for `last`. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::load`].
    pub fn load(&self, id: &str) -> Result<Option<Redacted<ExchangeRecord>>, HistoryError> {
        if let Some(id) = self.in_spare(id)? {
            return match &*locked(&self.shared.spare) {
                Some(store) => store.load(&id),
                None => self.read(|store| store.load(&id)),
            };
        }
        self.read(|store| store.load(id))
    }

    /// The line of the list for that id, or the newest for `last`. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn entry(&self, id: &str) -> Result<Option<HistoryEntry>, HistoryError> {
        self.mark_interrupted()?;
        if let Some(id) = self.in_spare(id)?
            && let Some(store) = &*locked(&self.shared.spare)
        {
            return store.entry(&id);
        }
        self.read(|store| store.entry(id))
    }

    /// The id under which the store in memory has what is asked for; none if the file is to be asked.
    fn in_spare(&self, id: &str) -> Result<Option<String>, HistoryError> {
        let spare = locked(&self.shared.spare);
        let Some(entry) = spare.as_ref().map(|store| store.entry(id)).transpose()?.flatten() else { return Ok(None) };
        drop(spare);
        if id == "last" {
            // A file that cannot even be read has nothing newer.
            let newest = self.read(|store| store.entry("last")).ok().flatten();
            return Ok(newest.is_none_or(|newest| newest.id < entry.id).then_some(entry.id));
        }
        Ok(Some(entry.id))
    }

    /// The id of the last good answer from the same method and endpoint before that one. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn last_good(&self, id: &str) -> Result<Option<String>, HistoryError> {
        self.read(|store| store.last_good(id))
    }

    /// How many exchanges there are, and how much they take, in bytes of text. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::newest`].
    pub fn totals(&self) -> Result<(u64, u64), HistoryError> {
        self.read(HistoryStore::totals)
    }

    /// Keeps an entry when others are let go, or no longer; whether it is there. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn set_pinned(&self, id: &str, is_pinned: bool) -> Result<bool, HistoryError> {
        let id = id.to_owned();
        self.work(move |store| store.set_pinned(&id, is_pinned))
    }

    /// Writes a note beside an entry; an empty one takes it away. Whether it is there. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn set_note(&self, id: &str, note: Redacted<String>) -> Result<bool, HistoryError> {
        let id = id.to_owned();
        self.work(move |store| store.set_note(&id, &note))
    }

    /// Deletes entries; they can be put back for ten minutes. Blocking.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn delete(&self, ids: &[String]) -> Result<DeletedBatch, HistoryError> {
        let ids = ids.to_vec();
        let ids = self.work(move |store| store.delete(&ids))?;
        Ok(DeletedBatch { history: self.clone(), ids })
    }

    /// Removes everything, down to the last byte. Blocking, also for programs that read.
    ///
    /// *Errors*: as [`HistoryStore::insert`]; nothing is removed then.
    pub fn purge(&self) -> Result<PurgeReport, HistoryError> {
        *locked(&self.shared.spare) = None;
        self.work(HistoryStore::purge)
    }

    /// How long and how much is kept.
    pub fn settings(&self) -> HistorySettings {
        locked(&self.shared.writer).settings.clone()
    }

    /// Changes how long and how much is kept, from now on and after the next start. Blocking.
    ///
    /// What is no longer kept goes little by little, when nothing else is to be written.
    /// *Errors*: [`HistoryError::Disk`] where they cannot be saved; they hold until the program ends then.
    pub fn set_settings(&self, settings: HistorySettings) -> Result<(), HistoryError> {
        let data_dir = self.shared.data_dir.clone();
        self.shared.max_body_bytes.store(settings.max_body_bytes(), Ordering::Relaxed);
        self.work(move |store| {
            store.settings = settings.clone();
            match data_dir {
                Some(data_dir) => settings.save(&data_dir).map_err(HistoryError::from),
                None => Ok(()),
            }
        })
    }

    /// What happened to the history since it was opened, or since this was asked last.
    pub fn take_notices(&self) -> Vec<HistoryNotice> {
        std::mem::take(&mut *locked(&self.shared.notices))
    }

    /// What another program left unfinished when it was killed is no longer running.
    fn mark_interrupted(&self) -> Result<(), HistoryError> {
        if self.shared.data_dir.is_none() || self.read(HistoryStore::dead_runs)?.is_empty() {
            return Ok(());
        }
        // A list is shown also where nothing can be written.
        let _ = self.work(HistoryStore::interrupt_dead_runs);
        Ok(())
    }

    fn read<T>(&self, act: impl FnOnce(&HistoryStore) -> Result<T, HistoryError>) -> Result<T, HistoryError> {
        let file = self.shared.file.load(Ordering::Acquire);
        let read = self.shared.read(act);
        if matches!(read, Err(HistoryError::Corrupt { .. })) && self.shared.data_dir.is_some() {
            let (moved, answer) = mpsc::channel();
            let _ = self.jobs.send(Job::Mend(file, moved));
            if let Ok(to) = answer.recv() {
                return Err(HistoryError::MovedAside { to });
            }
        }
        read
    }

    /// Has the writer's thread do something, and waits for it.
    fn work<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut HistoryStore) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, HistoryError> {
        let (done, answer) = mpsc::channel();
        let work = move |store: &mut HistoryStore| {
            let _ = done.send(act(store));
        };
        self.jobs.send(Job::Work(Box::new(work))).map_err(|_| HistoryError::Stopped)?;
        answer.recv().unwrap_or(Err(HistoryError::Stopped))
    }
}
