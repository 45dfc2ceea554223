//! What the token doctor says: findings, their states, and what can be done at a press.

use serde::Serialize;

/// What is known of one thing about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingState {
    /// It was looked at and is fine.
    Pass,
    /// It was looked at and needs a person.
    Attention,
    /// It was looked at and keeps the call from being accepted.
    Fail,
    /// It cannot be told from what is here.
    Unknown,
}

impl FindingState {
    /// The stable word of `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Attention => "attention",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

/// What the person can do about a finding at one press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenAction {
    /// Get a new access token with the refresh token that is kept.
    Refresh,
    /// Sign in again.
    SignIn,
    /// Give another secret for the same credential.
    Replace,
    /// Store what [`super::clean`] makes of the secret.
    CleanSecret,
    /// Name this workspace in the request.
    SetWorkspace(String),
    /// Send to this environment of the profile instead.
    ChooseEnvironment(String),
    /// Send with another credential.
    ChooseCredential,
    /// Ask whoever gave the token for this scope; several are joined by a space.
    AskForScope(String),
    /// Set this computer's clock; words only, the program does not do it.
    SetClock,
}

/// One thing that was looked at.
///
/// Shape in JSON: `{"id","state","summary","fix","evidence":[…]}`.
/// *Secrets*: none; nothing in it repeats eight characters of the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenFinding {
    /// Its stable name, one of those in `docs/token-doctor.md`.
    pub id: &'static str,
    /// What is known.
    pub state: FindingState,
    /// That in one sentence without full stop.
    pub summary: String,
    /// What to do; empty where there is nothing to do.
    pub fix: String,
    /// What can be done at a press.
    #[serde(skip)]
    pub action: Option<TokenAction>,
    /// What it rests on.
    pub evidence: Vec<String>,
}

impl TokenFinding {
    fn new(id: &'static str, state: FindingState, summary: impl Into<String>, fix: &str) -> Self {
        Self { id, state, summary: summary.into(), fix: fix.into(), action: None, evidence: Vec::new() }
    }

    pub(super) fn pass(id: &'static str, summary: impl Into<String>) -> Self {
        Self::new(id, FindingState::Pass, summary, "")
    }

    pub(super) fn unknown(id: &'static str, summary: impl Into<String>) -> Self {
        Self::new(id, FindingState::Unknown, summary, "")
    }

    pub(super) fn attention(id: &'static str, summary: impl Into<String>, fix: &str) -> Self {
        Self::new(id, FindingState::Attention, summary, fix)
    }

    pub(super) fn fail(id: &'static str, summary: impl Into<String>, fix: &str) -> Self {
        Self::new(id, FindingState::Fail, summary, fix)
    }

    pub(super) fn with(mut self, action: TokenAction) -> Self {
        self.action = Some(action);
        self
    }

    pub(super) fn because(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}
