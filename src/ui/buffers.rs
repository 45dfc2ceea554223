//! What panels may change: their own edit buffers and the queue of commands.

use std::collections::VecDeque;

use zeroize::{Zeroize as _, Zeroizing};

use super::network_form::NetworkForm;
use super::widgets::code_editor::CodeEditor;
use crate::app::{Command, State};
use crate::credentials::CredentialKind;
use crate::credentials::oauth::Flow;
use crate::exchange::HeaderLine;
use crate::history::HistorySettings;

/// The commands that panels push; they are applied before the next frame.
pub type Queue = VecDeque<Command>;

/// Texts being edited.
#[derive(Default)]
pub struct Buffers {
    /// The address.
    pub url: String,
    /// The payload.
    pub body: CodeEditor,
    /// The header lines.
    pub headers: Vec<HeaderLine>,
    /// The workspace.
    pub workspace: String,
    /// The value of the open guided action, while it is edited.
    pub action_value: Option<String>,
    /// The guided action that was brought into sight.
    pub action_shown: Option<String>,
    /// A new secret for the credential of the open guided action; overwritten when the card goes.
    pub action_secret: Zeroizing<String>,
    /// A text that is to be read as an answer.
    pub paste: PasteForm,
    /// The filter over requests, errors and history.
    pub filter: String,
    /// The filter of the palette.
    pub palette: String,
    /// The row of the palette that Enter would run.
    pub palette_row: usize,
    /// The file for a report.
    pub report_path: String,
    /// The form for a credential.
    pub credential: CredentialBuffers,
    /// The form for signing in.
    pub sign_in: SignInBuffers,
    /// Which of the two forms is shown.
    pub new_credential: NewCredentialTab,
    /// The name of the credential whose removal was asked for once.
    pub removing: Option<String>,
    /// The name of the credential of which more is shown.
    pub opened_credential: Option<String>,
    /// The credential whose secret is to be replaced, and the new one.
    pub replacing: Option<(String, Zeroizing<String>)>,
    /// How many secrets had been replaced when the new one was last forgotten.
    pub replaced_count: u64,
    /// How requests go out, while that is being edited.
    pub network: Option<NetworkForm>,
    /// The cookies.
    pub cookies: CookieBuffers,
    /// The file for a body.
    pub body_path: String,
    /// The note that is being written, by the entry's id.
    pub note: Option<(String, String)>,
    /// How much the history keeps, while that is being edited.
    pub keeping: Option<KeepingForm>,
    /// The byte to go to.
    pub byte: String,
    /// The byte that was asked for and is not in sight yet.
    pub wanted_byte: Option<u64>,
    /// The exchange of which it was asked whether it may be done twice.
    pub asked_twice: Option<String>,
    /// The newest notice when no dialog was open; newer ones are said in the dialog.
    pub told: u64,
    taken_over: Option<u64>,
    taken_text: u64,
    /// The choice of a finding that was scrolled to.
    pub scrolled_for: u64,
}

/// The form for a credential.
///
/// *Secrets*: yes; the secret's buffer is overwritten when the form is left.
pub struct CredentialBuffers {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: CredentialKind,
    /// Its header, for kinds that need one.
    pub header: String,
    /// Its origins.
    pub origins: String,
    /// Its workspace.
    pub workspace: String,
    /// What it is allowed to do.
    pub scopes: String,
    /// When it lapses.
    pub expires: String,
    /// The secret.
    pub secret: Zeroizing<String>,
    /// Whether it is kept for this session only.
    pub is_session_only: bool,
    /// How many had been stored when the form was last cleared.
    pub stored_count: u64,
}

/// Which form for a new credential is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewCredentialTab {
    /// For a secret that is at hand.
    #[default]
    Secret,
    /// For signing in at a server.
    SignIn,
}

/// The form for signing in.
///
/// *Secrets*: yes; the client's secret is overwritten when the form is left.
#[derive(Default)]
pub struct SignInBuffers {
    /// The credential's name.
    pub name: String,
    /// How.
    pub flow: Flow,
    /// Whether the addresses are written down rather than announced.
    pub is_by_hand: bool,
    /// The server.
    pub issuer: String,
    /// Where tokens come from.
    pub token_url: String,
    /// Where a person allows it.
    pub authorize_url: String,
    /// Where the device flow begins.
    pub device_url: String,
    /// Where tokens are taken back.
    pub revoke_url: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: Zeroizing<String>,
    /// The scopes.
    pub scopes: String,
    /// Where the token may go.
    pub origins: String,
    /// The workspace.
    pub workspace: String,
    /// Whether the tokens are kept for this session only.
    pub is_session_only: bool,
}

impl SignInBuffers {
    /// Overwrites the client's secret.
    pub fn forget(&mut self) {
        if !self.client_secret.is_empty() {
            self.client_secret.zeroize();
        }
    }

    /// Fills in what the embedded sandbox needs.
    pub fn fill_for_sandbox(&mut self, base: &str, client_id: &str) {
        if self.name.trim().is_empty() {
            self.name = "sandbox-login".into();
        }
        self.is_by_hand = false;
        self.issuer = base.into();
        self.origins = base.into();
        self.client_id = client_id.into();
        self.scopes = "posts.read posts.write".into();
    }
}

/// A text that is to be read as an answer, which may hold anything: emptied when its dialog is left.
#[derive(Clone, Default)]
pub struct PasteForm {
    /// The text.
    pub text: String,
    /// The status, if the text does not say it.
    pub status: String,
}

impl std::fmt::Debug for PasteForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasteForm").field("text_bytes", &self.text.len()).finish_non_exhaustive()
    }
}

/// How long and how much the history keeps, as typed.
#[derive(Clone, Debug)]
pub struct KeepingForm {
    /// Whether entries are kept for good.
    pub is_for_good: bool,
    /// For how many days otherwise.
    pub days: String,
    /// Whether there is no limit of size.
    pub is_unlimited: bool,
    /// How many MB otherwise.
    pub size: String,
    /// How many KiB of each body.
    pub body: String,
    /// Whether deleting everything was asked for once.
    pub is_purging: bool,
}

impl KeepingForm {
    /// The form with those settings.
    pub fn of(settings: &HistorySettings) -> Self {
        let text = |value: Option<u32>, usual: u32| value.unwrap_or(usual).to_string();
        Self {
            is_for_good: settings.max_age_days.is_none(),
            days: text(settings.max_age_days, 90),
            is_unlimited: settings.max_size_mb.is_none(),
            size: text(settings.max_size_mb, 1000),
            body: settings.max_body_kib.to_string(),
            is_purging: false,
        }
    }
}

/// Domain, path and name: what tells a cookie from all others.
pub type CookieKey = (String, String, String);

/// The cookies: what is revealed, changed and added.
///
/// *Secrets*: yes; both values are overwritten when the dialog is left.
#[derive(Default)]
pub struct CookieBuffers {
    /// The cookie whose value is in sight, and until when by the window's clock, in seconds.
    pub revealed: Option<(CookieKey, f64)>,
    /// The cookie whose value is being changed.
    pub edited: Option<CookieKey>,
    /// Its new value.
    pub value: Zeroizing<String>,
    /// Whether the form for a new one is open.
    pub is_adding: bool,
    /// The new one's name.
    pub name: String,
    /// Its domain.
    pub domain: String,
    /// Its path.
    pub path: String,
    /// Its value.
    pub new_value: Zeroizing<String>,
    /// When it lapses.
    pub expires: String,
    /// Whether it also goes to the hosts below its domain.
    pub is_for_below: bool,
    /// Whether it goes over https only.
    pub is_secure: bool,
    /// Whether removing all was asked for once.
    pub is_clearing: bool,
    /// Whether there may be anything to forget.
    pub is_used: bool,
}

impl Default for CredentialBuffers {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: CredentialKind::Bearer,
            header: String::new(),
            origins: String::new(),
            workspace: String::new(),
            scopes: String::new(),
            expires: String::new(),
            secret: Zeroizing::default(),
            is_session_only: false,
            stored_count: 0,
        }
    }
}

impl Buffers {
    /// Takes over a draft that came from elsewhere than these editors.
    pub fn follow(&mut self, state: &State) {
        if self.taken_text != state.history_view.text_revision {
            self.taken_text = state.history_view.text_revision;
            self.filter.clone_from(&state.history_view.filter.text);
        }
        if self.taken_over == Some(state.draft_revision) {
            return;
        }
        self.taken_over = Some(state.draft_revision);
        self.url.clone_from(&state.draft.url);
        self.body.text = state.draft.body.to_string();
        self.headers.clone_from(&state.draft.headers);
        self.workspace = state.draft.workspace.clone().unwrap_or_default();
    }
}
