//! What panels may change: their own edit buffers and the queue of commands.

use std::collections::VecDeque;

use zeroize::Zeroizing;

use super::network_form::NetworkForm;
use super::widgets::code_editor::CodeEditor;
use crate::app::{Command, State};
use crate::credentials::CredentialKind;
use crate::exchange::HeaderLine;

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
    /// The name of the credential whose removal was asked for once.
    pub removing: Option<String>,
    /// How requests go out, while that is being edited.
    pub network: Option<NetworkForm>,
    /// The cookies.
    pub cookies: CookieBuffers,
    /// The file for a body.
    pub body_path: String,
    /// The byte to go to.
    pub byte: String,
    /// The byte that was asked for and is not in sight yet.
    pub wanted_byte: Option<u64>,
    /// The exchange of which it was asked whether it may be done twice.
    pub asked_twice: Option<String>,
    /// The newest notice when no dialog was open; newer ones are said in the dialog.
    pub told: u64,
    taken_over: Option<u64>,
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
    /// The secret.
    pub secret: Zeroizing<String>,
    /// Whether it is kept for this session only.
    pub is_session_only: bool,
    /// How many had been stored when the form was last cleared.
    pub stored_count: u64,
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
            secret: Zeroizing::default(),
            is_session_only: false,
            stored_count: 0,
        }
    }
}

impl Buffers {
    /// Takes over a draft that came from elsewhere than these editors.
    pub fn follow(&mut self, state: &State) {
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
