//! The loop: commands in, state changed, effects started as jobs, their ends back as commands.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::actions::{ActionAct, ActionWish, Asked, ask_all, open_action};
use super::body_page::BodyPage;
use super::command::{Command, ReportPurpose};
use super::credentials::{self, CredentialEffect};
use super::doctor::token_findings;
use super::effect::{CookieChange, Effect};
use super::history;
use super::inspect::inspect;
use super::jobs::{Jobs, Wake};
use super::line::{LineEnd, run_line};
use super::link;
use super::paste;
use super::profiles;
use super::save_body::save_body;
use super::services::{Services, StartError};
use super::settings;
use super::state::{CookieView, ReportPreview, SandboxState, State};
use super::update::update;
use super::wish::SendWish;
use crate::exchange::{ExchangeRecord, RequestDraft};
use crate::report;
use crate::sandbox::SandboxSettings;
use crate::secret::{Redacted, Secret};
use crate::transport::{CancelHandle, CookieOutcome, cancel_pair};

/// What only the window itself can do.
#[derive(Debug)]
pub enum Outside {
    /// Put a text on the clipboard.
    Copy(Redacted<String>),
    /// Put a secret on the clipboard, out of its history, and take it off again.
    CopySecret {
        /// What it is. Shape: `The secret of my-key`.
        name: String,
        /// The secret.
        secret: Secret,
    },
    /// Ask where to write the report.
    AskReportPath {
        /// The file name offered.
        file_name: String,
    },
    /// Ask where to write the answer's body.
    AskBodyPath {
        /// The file name offered.
        file_name: String,
    },
}

/// The program without a screen.
pub struct App {
    state: State,
    services: Arc<Services>,
    queue: VecDeque<Command>,
    jobs: Jobs,
    wake: Arc<Mutex<Wake>>,
    cancels: HashMap<u64, CancelHandle>,
    sign_in_cancel: Option<(u64, CancelHandle)>,
    /// Stops what a guided action is asking.
    ask_cancel: Option<CancelHandle>,
    /// What the program goes on over, once another profile was chosen.
    waiting: profiles::Waiting,
    runtime: Option<tokio::runtime::Runtime>,
}

impl App {
    /// The program over its services, with the sandbox on its way up and the history being read.
    ///
    /// *Errors*: the system gives no threads.
    pub fn start(services: Services, notices: Vec<(String, String)>) -> Result<Self, StartError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("altyaa-worker")
            .enable_all()
            .build()
            .map_err(StartError::Runtime)?;
        let wake: Arc<Mutex<Wake>> = Arc::new(Mutex::new(Arc::new(|| {})));
        let current = Arc::clone(&wake);
        let jobs = Jobs::new(
            runtime.handle().clone(),
            Arc::new(move || {
                // Taken out before it is called, so that waking never happens under the lock.
                let wake = Arc::clone(&*current.lock().unwrap_or_else(PoisonError::into_inner));
                wake();
            }),
        );
        let mut state = State::new(Arc::clone(&services.profile), settings::load_theme(&services.data_dir));
        for (summary, fix) in notices {
            state.say(super::state::NoticeKind::Failure, summary, fix);
        }
        let mut app = Self {
            state,
            services: Arc::new(services),
            queue: VecDeque::new(),
            jobs,
            wake,
            cancels: HashMap::new(),
            sign_in_cancel: None,
            ask_cancel: None,
            waiting: profiles::Waiting::default(),
            runtime: Some(runtime),
        };
        if app.services.embedded().is_some() {
            app.run(Effect::StartSandbox);
        } else {
            app.state.sandbox = SandboxState::Failed("the profile has no local sandbox".into());
        }
        app.state.network = app.services.network();
        // Of the history only the list is read: no body of an earlier run is drawn before a person asks for it.
        let first = history::refresh(&mut app.state);
        first.into_iter().chain([Effect::LoadCredentials]).for_each(|effect| app.run(effect));
        let body = Arc::clone(&app.state.draft.body);
        let effects = update(&mut app.state, Command::SetBody(body));
        effects.into_iter().for_each(|effect| app.run(effect));
        Ok(app)
    }

    /// Says how to wake whoever draws.
    pub fn on_wake(&mut self, wake: Wake) {
        *self.wake.lock().unwrap_or_else(PoisonError::into_inner) = wake;
    }

    /// What is to be shown.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes a command, for the next [`App::tick`].
    pub fn push(&mut self, command: Command) {
        self.queue.push_back(command);
    }

    /// Starts work of the window's own, whose end comes back as a command.
    pub fn spawn(&mut self, work: impl Future<Output = Command> + Send + 'static) {
        self.jobs.start(0, work);
    }

    /// How many jobs have not answered yet.
    pub fn pending_jobs(&self) -> usize {
        self.jobs.pending()
    }

    /// Applies everything that happened since the last call; never waits. Returns what is the window's to do.
    pub fn tick(&mut self) -> Vec<Outside> {
        self.queue.extend(self.jobs.collect());
        credentials::hide_in_time(&mut self.state, Instant::now());
        let mut outside = Vec::new();
        while let Some(command) = self.queue.pop_front() {
            for effect in update(&mut self.state, command) {
                match effect {
                    Effect::Copy(text) => outside.push(Outside::Copy(text)),
                    Effect::CopySecret { name, secret } => outside.push(Outside::CopySecret { name, secret }),
                    Effect::AskReportPath { file_name } => outside.push(Outside::AskReportPath { file_name }),
                    Effect::AskBodyPath { file_name } => outside.push(Outside::AskBodyPath { file_name }),
                    Effect::Restart => self.restart(),
                    other => self.run(other),
                }
            }
        }
        outside
    }

    /// Ticks until no job is left or the time is over; for tests and for a clean end. Returns whether all have ended.
    pub fn settle(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        loop {
            self.tick();
            if self.jobs.pending() == 0 && self.queue.is_empty() {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Goes on over what was opened for another profile; the window's colours and wake-up stay.
    fn restart(&mut self) {
        let Some((services, notices)) = profiles::take(&self.waiting) else { return };
        match Self::start(services, notices) {
            Ok(mut next) => {
                *next.wake.lock().unwrap_or_else(PoisonError::into_inner) =
                    Arc::clone(&*self.wake.lock().unwrap_or_else(PoisonError::into_inner));
                // The window tells by these that its edit buffers are of another draft.
                next.state.draft_revision += self.state.draft_revision + 1;
                next.state.body_revision += self.state.body_revision + 1;
                let body = Arc::clone(&next.state.draft.body);
                let effects = update(&mut next.state, Command::SetBody(body));
                effects.into_iter().for_each(|effect| next.run(effect));
                // Job numbers go on, so that a late end of the old program is known as such.
                next.state.next_number += self.state.next_number;
                let title = format!("{} is used from now on", next.state.profile.title);
                next.state.say(super::state::NoticeKind::Done, title, String::new());
                *self = next;
            }
            Err(error) => self.push(Command::Failed {
                summary: format!("The program could not go on over the profile: {error}"),
                fix: "close other programs and choose it again".into(),
            }),
        }
    }

    fn run(&mut self, effect: Effect) {
        let services = Arc::clone(&self.services);
        match effect {
            Effect::PlanAction { wish, asked } => {
                self.jobs.start_blocking(move || planned(*wish, asked));
            }
            Effect::AskForAction(open) => {
                let (handle, signal) = cancel_pair();
                self.ask_cancel = Some(handle);
                self.jobs.start(0, async move {
                    let asked = ask_all(&services, &open.wish, open.plan.asks, signal).await;
                    planned(open.wish, asked)
                });
            }
            Effect::StopAsking => self.ask_cancel.take().iter().for_each(CancelHandle::cancel),
            Effect::ReadPaste { text, status, environment } => {
                self.jobs.start_blocking(move || paste::read(&services, text.expose(), status, &environment));
            }
            Effect::ListProfiles => self.jobs.start_blocking(move || profiles::list(&services.data_dir)),
            Effect::OpenProfile(key) => {
                let waiting = Arc::clone(&self.waiting);
                self.jobs.start_blocking(move || profiles::open(&services.data_dir, &key, &waiting));
            }
            // The loop's own.
            Effect::Restart => {}
            Effect::StartSandbox => self.jobs.start(0, async move {
                match services.start_sandbox(SandboxSettings::default()).await {
                    Ok(started) => Command::SandboxStarted {
                        base: started.base,
                        workspace: started.workspace,
                        credential: started.credential,
                    },
                    Err(why) => Command::SandboxFailed(why),
                }
            }),
            Effect::Send { job, draft, wish } => self.send(job, *draft, *wish),
            Effect::CancelSend(job) => {
                if let Some(cancel) = self.cancels.get(&job) {
                    cancel.cancel();
                }
            }
            Effect::InspectBody { revision, text, wanted } => self
                .jobs
                .start_blocking(move || Command::BodyInspected { revision, inspection: inspect(&text, &wanted) }),
            Effect::History(effect) => self.jobs.start_blocking(move || history::run(&services, effect)),
            Effect::LoadHistoryEntry(id) => self.jobs.start_blocking(move || history::load_entry(&services, &id)),
            Effect::LoadCredentials => self.jobs.start_blocking(move || credentials::load(&services)),
            Effect::AddCredential(form) => self.jobs.start_blocking(move || credentials::add(&services, *form)),
            Effect::RemoveCredential(name) => self.jobs.start_blocking(move || match services.vault.remove(&name) {
                Ok(_) => credentials::load(&services),
                Err(error) => Command::CredentialFailed { summary: error.summary(), fix: error.fix() },
            }),
            Effect::Credential(effect) => self.run_credential(effect),
            Effect::OpenLink(url) => self.jobs.start_blocking(move || match link::open_link(&url) {
                Ok(()) => Command::Nothing,
                Err(error) => Command::Failed { summary: error.summary(), fix: error.fix() },
            }),
            Effect::MakeReport { record, purpose } => {
                self.jobs.start_blocking(move || make_report(&services, &record, purpose));
            }
            Effect::WriteReport { record, path, is_replacing } => {
                self.jobs.start_blocking(move || write_report(&services, &record, path, is_replacing));
            }
            Effect::LoadBodyPage { exchange, body, offset, content_type } => {
                self.jobs.start_blocking(move || match BodyPage::read(&body, offset, content_type.as_deref()) {
                    Ok(page) => Command::BodyPageLoaded { exchange, page: Arc::new(page) },
                    Err(error) => Command::Failed { summary: error.summary(), fix: error.fix() },
                })
            }
            Effect::WriteBody { body, path, is_replacing } => {
                self.jobs.start_blocking(move || match save_body(&body, &path, is_replacing) {
                    Ok(bytes) => Command::BodyWritten { path, bytes },
                    Err((summary, fix)) => Command::Failed { summary, fix },
                });
            }
            Effect::SaveNetwork { environment, settings, passphrase } => self.jobs.start_blocking(move || {
                let saved = services.set_network_with(&environment, *settings, passphrase);
                Command::NetworkSaved { network: Box::new(services.network()), problem: saved.err() }
            }),
            Effect::Cookies { environment, change } => {
                self.jobs.start_blocking(move || change_cookies(&services, environment, change));
            }
            Effect::KeepCookies => self.jobs.start_blocking(move || match services.keep_jars() {
                Ok(()) => Command::Nothing,
                Err((summary, fix)) => Command::Failed { summary, fix },
            }),
            Effect::SaveTheme(theme) => {
                self.jobs.start_blocking(move || match settings::save_theme(&services.data_dir, theme) {
                    Ok(()) => Command::Nothing,
                    Err(error) => Command::Failed { summary: error.summary(), fix: error.fix() },
                })
            }
            // These are the window's own and never come here.
            Effect::Copy(_) | Effect::CopySecret { .. } | Effect::AskReportPath { .. } | Effect::AskBodyPath { .. } => {
            }
        }
    }

    fn send(&mut self, job: u64, draft: RequestDraft, wish: SendWish) {
        let services = Arc::clone(&self.services);
        let (handle, signal) = cancel_pair();
        // One request is on its way at a time, so older handles are of no use any more.
        self.cancels.clear();
        self.cancels.insert(job, handle);
        self.jobs.start_with_progress(job, |progress| async move {
            let start = Instant::now();
            let end = run_line(&services, draft, wish, signal, |step| progress.tell(step, start.elapsed())).await;
            match end {
                LineEnd::Refused(problem) => Command::SendRefused { job, problem },
                LineEnd::Finished(finished) => Command::SendFinished { job, finished: Box::new(finished) },
            }
        });
    }
}

impl App {
    fn run_credential(&mut self, effect: CredentialEffect) {
        let services = Arc::clone(&self.services);
        // One sign-in at a time, so an older handle is of no use any more.
        let mut cancel = |job: u64| {
            let (handle, signal) = cancel_pair();
            self.sign_in_cancel = Some((job, handle));
            signal
        };
        match effect {
            CredentialEffect::SignIn { job, wish } => {
                let cancel = cancel(job);
                self.jobs
                    .start_with_events(job, |events| credentials::sign_in_job(services, job, *wish, cancel, events));
            }
            CredentialEffect::SignInAgain { job, name } => {
                let cancel = cancel(job);
                self.jobs.start_with_events(job, |events| {
                    credentials::sign_in_again_job(services, job, name, cancel, events)
                });
            }
            CredentialEffect::Refresh { job, name } => {
                let cancel = cancel(job);
                self.jobs
                    .start_with_events(job, |events| credentials::refresh_job(services, job, name, cancel, events));
            }
            CredentialEffect::SignOut { job, name } => {
                let cancel = cancel(job);
                self.jobs
                    .start_with_events(job, |events| credentials::sign_out_job(services, job, name, cancel, events));
            }
            CredentialEffect::Cancel(job) => {
                if let Some((_, handle)) = self.sign_in_cancel.as_ref().filter(|(known, _)| *known == job) {
                    handle.cancel();
                }
            }
            other => self.jobs.start_blocking(move || credentials::run(&services, other)),
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A keyring that waits for a person must not keep the window from closing.
            runtime.shutdown_background();
        }
    }
}

/// Plans an action; away from the drawing thread.
fn planned(wish: ActionWish, asked: Vec<Asked>) -> Command {
    let (number, has_asked) = (wish.number, !asked.is_empty());
    Command::Action(ActionAct::Planned { number, has_asked, end: open_action(wish, asked) })
}

fn change_cookies(services: &Services, environment: String, change: CookieChange) -> Command {
    let Some(name) = services.own_jar_name(&environment) else {
        let problem = ("This environment has no address, so it has no cookies".into(), "Set its address first".into());
        let view = CookieView { environment, cookies: Vec::new() };
        return Command::CookiesLoaded { view, problem: Some(problem) };
    };
    let jar = services.jar(&name);
    let mut problem = None;
    {
        let mut jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
        match &change {
            CookieChange::Nothing => {}
            CookieChange::Set(cookie) => {
                if let CookieOutcome::Refused { why, .. } = jar.set(cookie) {
                    let summary = format!("The cookie was not kept: {why}");
                    problem = Some((summary, "Change its name, domain, path or value".to_owned()));
                }
            }
            CookieChange::Remove(domain, path, name) => {
                jar.remove(domain, path, name);
            }
            CookieChange::Clear => jar.clear(),
        }
    }
    // The vault may wait for a person, so the jar is not held meanwhile.
    if !matches!(change, CookieChange::Nothing)
        && let Err(lost) = services.keep_jars()
    {
        problem = problem.or(Some(lost));
    }
    let cookies = jar.lock().unwrap_or_else(PoisonError::into_inner).list();
    Command::CookiesLoaded { view: CookieView { environment, cookies }, problem }
}

fn make_report(services: &Services, record: &Redacted<ExchangeRecord>, purpose: ReportPurpose) -> Command {
    match report::markdown(
        &services.gate,
        services.vault.all_secrets(),
        record,
        &services.profile,
        &services.generic,
        Timestamp::now(),
        token_findings(services, record),
    ) {
        Ok(made) => Command::ReportMade {
            preview: ReportPreview { removed: made.removed, text: Arc::new(made.text), exchange: record.id.clone() },
            purpose,
        },
        Err(error) => Command::Failed { summary: error.summary(), fix: error.fix() },
    }
}

fn write_report(
    services: &Services,
    record: &Redacted<ExchangeRecord>,
    path: Option<PathBuf>,
    is_replacing: bool,
) -> Command {
    let failed = |summary: String, fix: String| Command::Failed { summary, fix };
    let made = match report::markdown(
        &services.gate,
        services.vault.all_secrets(),
        record,
        &services.profile,
        &services.generic,
        Timestamp::now(),
        token_findings(services, record),
    ) {
        Ok(made) => made,
        Err(error) => return failed(error.summary(), error.fix()),
    };
    match report::write(&made.text, path, record, &services.data_dir, is_replacing) {
        Ok(path) => Command::ReportWritten { path, removed: made.removed },
        Err(error) => failed(error.summary(), error.fix()),
    }
}
