//! Runs keyring calls one at a time on a plain thread, under our own time limit, and leaves a thread that hangs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use keyring::Error;
use keyring_core::CredentialStore;

use super::platform::Platform;
use super::state::{EntryError, KeyringFailure, KeyringState, entry_error};

/// How many hanging threads are left behind before further calls are refused.
const ABANDONED_MAX: usize = 4;

/// How long a keyring may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// For anything that asks the person nothing.
    pub(super) answer: Duration,
    /// For the person's answer to the unlock question.
    pub(super) unlock: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { answer: Duration::from_secs(8), unlock: Duration::from_secs(60) }
    }
}

/// The keyring, with one worker at a time.
#[derive(Clone)]
pub(super) struct Worker(Arc<Shared>);

struct Shared {
    platform: Box<dyn Platform>,
    service: String,
    limits: Limits,
    store: Mutex<Option<Arc<CredentialStore>>>,
    gate: Mutex<Gate>,
    freed: Condvar,
}

/// Who is inside.
#[derive(Default)]
struct Gate {
    running: Option<(u64, Instant)>,
    last_id: u64,
    abandoned: usize,
}

/// Leaves the gate also when the worker panics.
struct Inside {
    shared: Arc<Shared>,
    id: u64,
}

enum Told<T> {
    Unlocking,
    Done(T),
}

/// One job's way to the keyring, on the worker's thread.
pub(super) struct Call<'a> {
    shared: &'a Shared,
    unlocking: &'a dyn Fn(),
    is_abandoned: &'a AtomicBool,
}

impl Worker {
    pub(super) fn new(platform: Box<dyn Platform>, service: &str, limits: Limits) -> Self {
        Self(Arc::new(Shared {
            platform,
            service: service.into(),
            limits,
            store: Mutex::new(None),
            gate: Mutex::new(Gate::default()),
            freed: Condvar::new(),
        }))
    }

    /// The most bytes of one entry.
    pub(super) fn max_bytes(&self) -> Option<u32> {
        self.0.platform.max_bytes()
    }

    /// Runs a job and waits for it, at most as long as the limits say.
    ///
    /// *Errors*: [`KeyringState::TimedOut`], or [`KeyringState::Locked`] where the unlock question stayed open;
    /// [`KeyringState::Unknown`] where the worker could not be started or broke.
    pub(super) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Call<'_>) -> T + Send + 'static,
    ) -> Result<T, KeyringFailure> {
        let inside = self.enter()?;
        let (tell, told) = mpsc::channel();
        let is_abandoned = Arc::new(AtomicBool::new(false));
        let (shared, seen) = (Arc::clone(&self.0), Arc::clone(&is_abandoned));
        thread::Builder::new()
            .name("keyring".into())
            .spawn(move || {
                let result = {
                    let unlocking = sender(&tell);
                    job(&Call { shared: &shared, unlocking: &unlocking, is_abandoned: &seen })
                };
                // The gate opens before the answer goes out, so that the next call finds it open.
                drop(inside);
                let _ = tell.send(Told::Done(result));
            })
            .map_err(|error| KeyringFailure::new(KeyringState::Unknown, &error.to_string()))?;

        let mut left_at = Instant::now() + self.0.limits.answer;
        let mut timed_out = KeyringState::TimedOut;
        loop {
            match told.recv_timeout(left_at.saturating_duration_since(Instant::now())) {
                Ok(Told::Done(result)) => return Ok(result),
                Ok(Told::Unlocking) => {
                    left_at = Instant::now() + self.0.limits.unlock + self.0.limits.answer;
                    timed_out = KeyringState::Locked;
                }
                Err(RecvTimeoutError::Timeout) => {
                    is_abandoned.store(true, Ordering::SeqCst);
                    return Err(KeyringFailure::new(timed_out, "the time limit passed"));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(KeyringFailure::new(KeyringState::Unknown, "the keyring's library broke off"));
                }
            }
        }
    }

    /// Waits for the worker before this one; takes the place of one that has hung beyond every limit.
    fn enter(&self) -> Result<Inside, KeyringFailure> {
        let limits = self.0.limits;
        let gate = lock(&self.0.gate);
        let (mut gate, _) = self
            .0
            .freed
            .wait_timeout_while(gate, limits.answer, |gate| gate.running.is_some())
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, since)) = gate.running {
            if since.elapsed() < 2 * (limits.answer + limits.unlock) || gate.abandoned >= ABANDONED_MAX {
                return Err(KeyringFailure::new(KeyringState::TimedOut, "an earlier call is still waiting"));
            }
            gate.abandoned += 1;
            // The hanging thread may hold the old connection for good.
            *lock(&self.0.store) = None;
        }
        gate.last_id += 1;
        let id = gate.last_id;
        gate.running = Some((id, Instant::now()));
        Ok(Inside { shared: Arc::clone(&self.0), id })
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let mut gate = lock(&self.shared.gate);
        if gate.running.is_some_and(|(id, _)| id == self.id) {
            gate.running = None;
        } else {
            gate.abandoned = gate.abandoned.saturating_sub(1);
        }
        self.shared.freed.notify_all();
    }
}

impl Call<'_> {
    /// Whether the keyring can be used now, without asking the person anything.
    pub(super) fn look(&self) -> Result<(), KeyringFailure> {
        self.shared.platform.look()
    }

    /// The stored bytes.
    pub(super) fn get(&self, user: &str) -> Result<Vec<u8>, EntryError> {
        self.with_entry(user, keyring::Entry::get_secret)
    }

    /// Stores bytes under a name, new or not.
    pub(super) fn set(&self, user: &str, bytes: &[u8]) -> Result<(), EntryError> {
        self.with_entry(user, |entry| entry.set_secret(bytes))
    }

    /// Removes an entry.
    pub(super) fn delete(&self, user: &str) -> Result<(), EntryError> {
        self.with_entry(user, keyring::Entry::delete_credential)
    }

    fn with_entry<T>(&self, user: &str, act: impl Fn(&keyring::Entry) -> keyring::Result<T>) -> Result<T, EntryError> {
        self.unlock()?;
        // Nobody waits any more: what they were told must stay true.
        if self.is_abandoned.load(Ordering::SeqCst) {
            return Err(KeyringFailure::new(KeyringState::TimedOut, "").into());
        }
        let was_open = lock(&self.shared.store).is_some();
        let first = self.act_once(user, &act);
        let result = match first {
            // The service may have been restarted since the store was opened.
            Err(Error::PlatformFailure(_)) if was_open => {
                *lock(&self.shared.store) = None;
                self.act_once(user, &act)
            }
            other => other,
        };
        match result {
            Ok(value) => Ok(value),
            // A locked keyring may say that there is nothing in it.
            Err(Error::NoEntry) => Err(self.look().err().map_or(EntryError::NoEntry, EntryError::Failure)),
            Err(error) => {
                if matches!(error, Error::PlatformFailure(_)) {
                    *lock(&self.shared.store) = None;
                }
                Err(entry_error(&error))
            }
        }
    }

    fn unlock(&self) -> Result<(), KeyringFailure> {
        match self.look() {
            Err(seen) if seen.state == KeyringState::Locked => {
                (self.unlocking)();
                self.shared.platform.unlock()
            }
            other => other,
        }
    }

    fn act_once<T>(&self, user: &str, act: impl Fn(&keyring::Entry) -> keyring::Result<T>) -> keyring::Result<T> {
        let store = self.store()?;
        let label = format!("Altyaa Console: {user}");
        let modifiers = self.shared.platform.modifiers(&label);
        // Made by the store itself, so that neither a process-wide default nor the crate's one-time start is involved.
        let inner = store.build(&self.shared.service, user, Some(&modifiers))?;
        act(&keyring::Entry { inner })
    }

    fn store(&self) -> keyring::Result<Arc<CredentialStore>> {
        if let Some(store) = lock(&self.shared.store).as_ref() {
            return Ok(Arc::clone(store));
        }
        // Opened outside the lock: it may hang.
        let store = self.shared.platform.open()?;
        *lock(&self.shared.store) = Some(Arc::clone(&store));
        Ok(store)
    }
}

fn sender<T>(tell: &Sender<Told<T>>) -> impl Fn() + '_ {
    move || {
        let _ = tell.send(Told::Unlocking);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
