//! What panels may change: their own edit buffers and the queue of commands.

use std::collections::VecDeque;

use zeroize::Zeroizing;

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
