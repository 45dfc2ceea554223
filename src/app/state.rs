//! Everything the window shows, as data.

use std::sync::Arc;
use std::time::Duration;

use super::actions::{OpenAction, Undo};
use super::answer::Answer;
use super::body_page::BodyPage;
use super::credentials::CredentialView;
use super::gaps::{self, Gap};
use super::history::HistoryView;
use super::inspect::Inspection;
use super::network::{NetworkFile, NetworkSettings};
use super::profiles::ProfilesView;
use crate::checklist::{self, Check};
use crate::credentials::{Credential, KeyringState};
use crate::exchange::{CredentialChoice, RequestDraft};
use crate::history::HistoryEntry;
use crate::profile::{EnvironmentKind, Profile};
use crate::secret::Redacted;
use crate::transport::{CookieFacts, Progress};
use crate::workspace::DraftProblem;

/// Which colours the window uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// As the desktop has it.
    System,
}

/// Which part of the request is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestTab {
    /// Query parameters of the URL.
    Params,
    /// Header lines.
    Headers,
    /// Credential and workspace.
    Auth,
    /// The payload.
    #[default]
    Body,
}

/// Which part of the answer is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseTab {
    /// What is wrong, where, why, and what to do.
    #[default]
    Diagnosis,
    /// The body.
    Body,
    /// The headers.
    Headers,
    /// The phases.
    Timing,
    /// The events.
    Log,
    /// The troubleshooting checks, where the window is too narrow for a column of their own.
    Checks,
}

/// What is open above the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Dialog {
    /// Nothing.
    #[default]
    None,
    /// The list of credentials and the form for a new one.
    Credentials,
    /// The report as it would be written.
    Report,
    /// Where the report is to be written, typed by hand.
    ReportPath,
    /// Requests, errors and history, where the window is too narrow for a column of their own.
    Requests,
    /// Every command with its shortcut.
    Palette,
    /// What the program is and whom it contacts.
    Help,
    /// How requests of the chosen environment go out: times, proxy, TLS, names, redirects, retries.
    Network,
    /// The cookies of the chosen environment.
    Cookies,
    /// Where the answer's body is to be written, typed by hand.
    BodyPath,
    /// The note beside an entry of the history.
    Note,
    /// Two entries of the history side by side.
    Compare,
    /// How long and how much the history keeps.
    Keeping,
    /// The API profiles that can be chosen.
    Profiles,
    /// A text is pasted to be read as an answer.
    Paste,
}

/// How a body is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyStyle {
    /// As text, or as bytes where it is no text.
    #[default]
    Fitting,
    /// As text whatever it is.
    Text,
    /// As bytes in hexadecimal digits.
    Hex,
}

/// The embedded sandbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SandboxState {
    /// It is being started.
    #[default]
    Starting,
    /// It answers at this address.
    Running {
        /// Shape: `http://127.0.0.1:40123`.
        base: String,
        /// The workspace that its first key belongs to.
        workspace: String,
        /// The name of its first key in this session's vault, which the environment fills in by itself.
        credential: String,
    },
    /// It could not be started; why.
    Failed(String),
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct InFlight {
    /// The job's number.
    pub job: u64,
    /// How far it has come.
    pub progress: Progress,
    /// How long it has been running, as of the last progress.
    pub elapsed: Duration,
}

/// What is known of the keyring.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyringView {
    /// Its state.
    pub state: KeyringState,
    /// The credentials, those of this session included.
    pub credentials: Vec<Credential>,
    /// Whether it is being asked right now.
    pub is_busy: bool,
    /// How many credentials were stored in this run.
    pub stored_count: u64,
    /// Why the last one could not be stored or removed: what happened, and what to do.
    pub problem: Option<(String, String)>,
}

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something was done.
    Done,
    /// Something needs attention.
    Attention,
    /// Something failed.
    Failure,
}

/// A sentence that stays until it is dismissed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: u64,
    /// How serious it is.
    pub kind: NoticeKind,
    /// What happened.
    pub summary: String,
    /// What to do next; empty where nothing needs doing.
    pub fix: String,
}

/// The report as it would be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportPreview {
    /// The Markdown.
    pub text: Arc<Redacted<String>>,
    /// How many values were removed.
    pub removed: usize,
    /// The exchange it speaks of.
    pub exchange: String,
}

/// The cookies of one environment.
///
/// *Secrets*: yes, the values.
#[derive(Clone, Debug, PartialEq)]
pub struct CookieView {
    /// The environment's name.
    pub environment: String,
    /// The cookies by domain, path and name.
    pub cookies: Vec<CookieFacts>,
}

/// Whether a credential was chosen by one of the profile's requests rather than by the person.
fn is_of_a_starter(profile: &Profile, choice: &CredentialChoice) -> bool {
    let CredentialChoice::Named(name) = choice else { return false };
    profile.requests.iter().any(|request| request.credential.as_ref() == Some(name))
}

/// Everything the window shows.
pub struct State {
    /// The API that is being called.
    pub profile: Arc<Profile>,
    /// The embedded sandbox.
    pub sandbox: SandboxState,
    /// The request being edited.
    pub draft: RequestDraft,
    /// Counts changes of the payload; results for an older one are dropped.
    pub body_revision: u64,
    /// Counts drafts that came from elsewhere than the editors, so that these take them over.
    pub draft_revision: u64,
    /// Why the draft cannot be sent, shown beside its field.
    pub problem: Option<DraftProblem>,
    /// What was found in the payload of `inspected_revision`.
    pub inspection: Inspection,
    /// The payload that `inspection` speaks of.
    pub inspected_revision: u64,
    /// The request on its way.
    pub in_flight: Option<InFlight>,
    /// The last answer.
    pub answer: Option<Arc<Answer>>,
    /// The finding that is chosen, counted from 0.
    pub finding: Option<usize>,
    /// Counts choices of a finding, so that the editor scrolls to it once.
    pub finding_revision: u64,
    /// The entries of the history in the list, newest first.
    pub history: Vec<HistoryEntry>,
    /// Everything else that is shown of the history.
    pub history_view: HistoryView,
    /// The history entry that is open.
    pub open_entry: Option<String>,
    /// The keyring and its credentials.
    pub keyring: KeyringView,
    /// What else is shown of the credentials.
    pub credentials: CredentialView,
    /// What stays said until it is dismissed.
    pub notices: Vec<Notice>,
    /// The report, once it was asked for.
    pub report: Option<ReportPreview>,
    /// What is open above the window.
    pub dialog: Dialog,
    /// Which part of the request is shown.
    pub request_tab: RequestTab,
    /// Which part of the answer is shown.
    pub response_tab: ResponseTab,
    /// Whether bodies are shown with one member a line.
    pub is_formatted: bool,
    /// Whether bodies are shown as text or as bytes.
    pub body_style: BodyStyle,
    /// The page in sight of a body that is too large to be shown whole; none for the first.
    pub page: Option<Arc<BodyPage>>,
    /// How requests go out, by environment; those that are not named go out by the defaults.
    pub network: NetworkFile,
    /// The cookies of an environment, once they were asked for.
    pub cookies: Option<CookieView>,
    /// The guided action that is shown before it is done.
    pub action: Option<Box<OpenAction>>,
    /// The one that was done last.
    pub(super) undo: Option<Undo>,
    /// The API profiles that can be chosen, once they were asked for.
    pub profiles: ProfilesView,
    /// The colours.
    pub theme: Theme,
    /// The history entry that was asked for and has not come yet.
    pub(super) wanted_entry: Option<String>,
    /// The draft that the request on its way was made from, as `draft_revision` counts.
    pub(super) sent_revision: u64,
    /// The number of the guided action's last wish; plans for any other are dropped.
    pub(super) action_number: u64,
    pub(super) next_number: u64,
}

impl State {
    /// The state before anything happened, with the profile's first request opened.
    pub fn new(profile: Arc<Profile>, theme: Theme) -> Self {
        let mut state = Self {
            draft: RequestDraft {
                environment: profile.default_environment().map(|e| e.name.clone()).unwrap_or_default(),
                method: "GET".into(),
                ..RequestDraft::default()
            },
            profile,
            sandbox: SandboxState::Starting,
            body_revision: 0,
            draft_revision: 0,
            problem: None,
            inspection: Inspection::default(),
            inspected_revision: 0,
            in_flight: None,
            answer: None,
            finding: None,
            finding_revision: 0,
            history: Vec::new(),
            history_view: HistoryView::default(),
            open_entry: None,
            keyring: KeyringView {
                state: KeyringState::Unknown,
                credentials: Vec::new(),
                is_busy: true,
                stored_count: 0,
                problem: None,
            },
            credentials: CredentialView::default(),
            notices: Vec::new(),
            report: None,
            dialog: Dialog::None,
            request_tab: RequestTab::Body,
            response_tab: ResponseTab::Diagnosis,
            is_formatted: true,
            body_style: BodyStyle::Fitting,
            page: None,
            network: NetworkFile::default(),
            cookies: None,
            action: None,
            undo: None,
            profiles: ProfilesView::default(),
            theme,
            wanted_entry: None,
            sent_revision: 0,
            action_number: 0,
            next_number: 1,
        };
        if !state.profile.requests.is_empty() {
            state.open_starter(0);
        }
        state
    }

    /// Whether the answer in sight belongs to the request in the editors, rather than to one before it.
    pub fn is_answer_to_the_draft(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| self.open_entry.as_ref() == Some(&answer.id))
    }

    /// The guided action that can be taken back: the last one, as long as its request is in the editors.
    pub fn undo(&self) -> Option<&Undo> {
        self.undo.as_ref().filter(|undo| undo.revision == self.draft_revision)
    }

    /// The credential's name that the draft is sent with, as far as it is known here.
    pub fn used_credential(&self) -> Option<&str> {
        let kind = self.profile.environment(&self.draft.environment).map(|environment| environment.kind);
        match (&self.draft.credential, &self.sandbox) {
            (CredentialChoice::Named(name), _) => Some(name),
            // Only the sandbox inside this program brings one along.
            (CredentialChoice::Environment, SandboxState::Running { credential, .. })
                if kind == Some(EnvironmentKind::Embedded) =>
            {
                Some(credential)
            }
            (CredentialChoice::Environment | CredentialChoice::Nothing, _) => None,
        }
    }

    /// What has to be filled in before the draft can be sent, because it was removed or not kept.
    pub fn gaps(&self) -> Vec<Gap> {
        let in_body = if self.inspected_revision == self.body_revision { &self.inspection.gaps[..] } else { &[] };
        gaps::of_draft(&self.draft, in_body)
    }

    /// How requests of the chosen environment go out.
    pub fn network_settings(&self) -> NetworkSettings {
        self.own_network().cloned().unwrap_or_default()
    }

    /// The settings of the chosen environment, if it has some of its own.
    pub fn own_network(&self) -> Option<&NetworkSettings> {
        self.network.environments.get(&NetworkFile::key(&self.profile.name, &self.draft.environment))
    }

    /// What the chosen environment is called.
    pub fn environment_title(&self) -> &str {
        self.profile.environment(&self.draft.environment).map_or("no environment", |environment| &environment.title)
    }

    /// The page in sight of a body that is shown page by page.
    pub fn body_page(&self) -> Option<&BodyPage> {
        self.page.as_deref().or_else(|| self.answer.as_ref().and_then(|answer| answer.first_page.as_ref()))
    }

    /// Whether the address as typed is a whole one that begins with no environment's base.
    pub fn is_foreign_address(&self) -> bool {
        let url = self.draft.url.trim();
        let is_whole = url.contains("://") && !url.starts_with("{{");
        let mut bases: Vec<&str> = self.profile.environments.iter().filter_map(|e| e.base.as_deref()).collect();
        if let SandboxState::Running { base, .. } = &self.sandbox {
            bases.push(base);
        }
        is_whole && !bases.iter().any(|base| url.starts_with(base.trim_end_matches('/')))
    }

    /// Puts one of the profile's requests into the editors.
    pub(super) fn open_starter(&mut self, index: usize) {
        let profile = Arc::clone(&self.profile);
        let Some(starter) = profile.requests.get(index) else { return };
        self.replace_draft(RequestDraft {
            name: starter.name.clone(),
            method: starter.method.clone(),
            url: starter.url.clone(),
            headers: Vec::new(),
            body: starter.body.as_str().into(),
            credential: match &starter.credential {
                Some(name) => CredentialChoice::Named(name.clone()),
                // What another request needed is not what this one is sent with.
                None if is_of_a_starter(&profile, &self.draft.credential) => CredentialChoice::Environment,
                None => self.draft.credential.clone(),
            },
            ..self.draft.clone()
        });
    }

    /// Puts another draft into the editors. The answer before stays in sight until the next one.
    pub(super) fn replace_draft(&mut self, draft: RequestDraft) {
        self.draft = draft;
        self.draft_revision += 1;
        self.body_revision += 1;
        self.problem = None;
    }

    /// The five checks: those of the answer, or all unknown before one came.
    pub fn checks(&self) -> std::borrow::Cow<'_, [Check]> {
        match &self.answer {
            Some(answer) => answer.checks.as_slice().into(),
            None => checklist::evaluate(&checklist::CheckFacts::default(), &self.profile).into(),
        }
    }

    /// A number that was not used before.
    pub(super) fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// Says something until it is dismissed. What is already said is not said twice.
    pub(super) fn say(&mut self, kind: NoticeKind, summary: impl Into<String>, fix: impl Into<String>) {
        let summary = summary.into();
        // A newer success replaces an older one; failures stay until they are dismissed, offers until they are taken.
        self.forget_notices(|notice| notice.summary == summary || (kind == NoticeKind::Done && notice.kind == kind));
        self.say_again(kind, summary, fix);
    }

    /// Takes those notices away that offer nothing to put back.
    pub(super) fn forget_notices(&mut self, is_one: impl Fn(&Notice) -> bool) {
        let view = &self.history_view;
        self.notices.retain(|notice| view.can_undo(notice.id) || !is_one(notice));
    }

    /// Says something also where it is said already; returns its number.
    pub(super) fn say_again(&mut self, kind: NoticeKind, summary: impl Into<String>, fix: impl Into<String>) -> u64 {
        let id = self.number();
        self.notices.push(Notice { id, kind, summary: summary.into(), fix: fix.into() });
        // Bounded, oldest first: errors are in the history as well.
        if self.notices.len() > 20 {
            self.notices.remove(0);
        }
        id
    }
}
