//! Work beside the drawing thread: every job answers with a command, also when it panics.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use poll_promise::Promise;
use tokio::sync::watch;

use super::command::Command;
use crate::transport::Progress;

/// Wakes whoever draws; called after an answer is there.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// How far a request has come, and how long it has been running.
type Step = (Progress, Duration);

/// Tells how far a job has come. Progress that was not read yet is overwritten, so a fast job cannot flood the window.
#[derive(Clone)]
pub struct ProgressWriter {
    sender: watch::Sender<Option<Step>>,
    wake: Wake,
}

impl ProgressWriter {
    /// Replaces the progress that was not read yet.
    pub fn tell(&self, progress: Progress, elapsed: Duration) {
        self.sender.send_replace(Some((progress, elapsed)));
        (self.wake)();
    }
}

/// Tells what happens on the way of a job; each event is kept until it is read.
#[derive(Clone)]
pub struct Events {
    sender: std::sync::mpsc::SyncSender<Command>,
    wake: Wake,
}

/// The most events that wait to be read; a window that reads none for so long loses the newest.
const MAX_EVENTS: usize = 256;

impl Events {
    /// Tells an event.
    pub fn tell(&self, event: Command) {
        let _ = self.sender.try_send(event);
        (self.wake)();
    }
}

struct Job {
    number: u64,
    promise: Promise<Command>,
    progress: Option<watch::Receiver<Option<Step>>>,
    events: Option<std::sync::mpsc::Receiver<Command>>,
}

/// The jobs under way.
pub struct Jobs {
    handle: tokio::runtime::Handle,
    wake: Wake,
    running: Vec<Job>,
}

impl Jobs {
    /// No jobs yet; they will run on that runtime.
    pub fn new(handle: tokio::runtime::Handle, wake: Wake) -> Self {
        Self { handle, wake, running: Vec::new() }
    }

    /// Starts asynchronous work. `number` names it should it break off.
    pub fn start(&mut self, number: u64, work: impl Future<Output = Command> + Send + 'static) {
        self.run(number, (None, None), self.handle.spawn(work));
    }

    /// Starts asynchronous work that tells how far it has come.
    pub fn start_with_progress<F>(&mut self, number: u64, work: impl FnOnce(ProgressWriter) -> F)
    where
        F: Future<Output = Command> + Send + 'static,
    {
        let (sender, reader) = watch::channel(None);
        let writer = ProgressWriter { sender, wake: Arc::clone(&self.wake) };
        let task = self.handle.spawn(work(writer));
        self.run(number, (Some(reader), None), task);
    }

    /// Starts asynchronous work that tells what happens on the way.
    pub fn start_with_events<F>(&mut self, number: u64, work: impl FnOnce(Events) -> F)
    where
        F: Future<Output = Command> + Send + 'static,
    {
        let (sender, reader) = std::sync::mpsc::sync_channel(MAX_EVENTS);
        let events = Events { sender, wake: Arc::clone(&self.wake) };
        let task = self.handle.spawn(work(events));
        self.run(number, (None, Some(reader)), task);
    }

    /// Starts work that blocks, on a thread where that does no harm.
    pub fn start_blocking(&mut self, work: impl FnOnce() -> Command + Send + 'static) {
        let task = self.handle.spawn_blocking(work);
        self.run(0, (None, None), task);
    }

    fn run(
        &mut self,
        number: u64,
        (progress, events): (Option<watch::Receiver<Option<Step>>>, Option<std::sync::mpsc::Receiver<Command>>),
        task: tokio::task::JoinHandle<Command>,
    ) {
        let (sender, promise) = Promise::new();
        let wake = Arc::clone(&self.wake);
        self.handle.spawn(async move {
            // A panic in the task ends here as an error, so the promise is always kept.
            sender.send(task.await.unwrap_or(Command::JobBroke(number)));
            wake();
        });
        self.running.push(Job { number, promise, progress, events });
    }

    /// How many have not answered yet.
    pub fn pending(&self) -> usize {
        self.running.len()
    }

    /// The commands that came since the last call: progress first, then ends. Never waits.
    pub fn collect(&mut self) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut still_running = Vec::with_capacity(self.running.len());
        for mut job in self.running.drain(..) {
            if let Some(progress) = &mut job.progress
                && progress.has_changed().unwrap_or(false)
                && let Some((progress, elapsed)) = progress.borrow_and_update().clone()
            {
                commands.push(Command::SendProgressed { job: job.number, progress, elapsed });
            }
            // Taken before the events are read, so that none comes behind the end.
            let end = job.promise.try_take();
            commands.extend(job.events.iter().flat_map(std::sync::mpsc::Receiver::try_iter));
            match end {
                Ok(command) => commands.push(command),
                Err(promise) => still_running.push(Job { promise, ..job }),
            }
        }
        self.running = still_running;
        commands
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use std::time::Instant;

    fn wait(jobs: &mut Jobs) -> Vec<Command> {
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut all = Vec::new();
        while jobs.pending() > 0 {
            assert!(Instant::now() < deadline, "the job did not answer");
            all.extend(jobs.collect());
            std::thread::sleep(Duration::from_millis(1));
        }
        all
    }

    fn jobs(runtime: &tokio::runtime::Runtime) -> Jobs {
        Jobs::new(runtime.handle().clone(), Arc::new(|| {}))
    }

    #[test]
    fn a_job_that_panics_answers_too() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut jobs = jobs(&runtime);
        jobs.start(7, async { panic!("on purpose") });
        assert!(matches!(wait(&mut jobs).as_slice(), [Command::JobBroke(7)]));
    }

    fn received(received: u64) -> Progress {
        Progress::Receiving { received, expected: None, bytes_per_s: None, left: None }
    }

    #[test]
    fn the_newest_progress_wins() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut jobs = jobs(&runtime);
        let (go, gate) = std::sync::mpsc::channel::<()>();
        jobs.start_with_progress(1, |progress| async move {
            for number in 1..=1000 {
                progress.tell(received(number), Duration::ZERO);
            }
            tokio::task::spawn_blocking(move || gate.recv()).await.ok();
            Command::Nothing
        });
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut seen = Vec::new();
        while !matches!(
            seen.last(),
            Some(Command::SendProgressed { progress: Progress::Receiving { received: 1000, .. }, .. })
        ) {
            assert!(Instant::now() < deadline, "progress did not arrive");
            seen.extend(jobs.collect());
        }
        go.send(()).unwrap();
        assert!(matches!(wait(&mut jobs).as_slice(), [Command::Nothing]));
        assert!(seen.len() < 1000, "older progress is overwritten, {} came", seen.len());
    }
}
