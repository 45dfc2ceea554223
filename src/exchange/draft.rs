//! The request as a person edits it, variables and all.

use std::sync::Arc;

/// One header line of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLine {
    /// The header's name as typed.
    pub name: String,
    /// The value as typed; may hold `{{variables}}`.
    pub value: String,
    /// Whether the line is sent.
    pub is_enabled: bool,
}

/// Which credential a draft is sent with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CredentialChoice {
    /// The environment's own, where it has one: the embedded sandbox fills in its first key.
    #[default]
    Environment,
    /// None at all.
    Nothing,
    /// The one of that name, from the keyring or this session.
    Named(String),
}

/// A request before it is prepared: nothing in it is resolved or checked yet.
///
/// *Secrets*: none by design; a credential is chosen by name and filled in when the draft is prepared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestDraft {
    /// What the person calls it, for lists.
    pub name: String,
    /// The method as typed, such as `POST`.
    pub method: String,
    /// The address as typed. Shape: `{{base}}/v1/posts`, `/v1/posts` or `https://…`.
    pub url: String,
    /// Header lines in the order they are sent.
    pub headers: Vec<HeaderLine>,
    /// The payload text exactly as typed; empty for none.
    pub body: Arc<str>,
    /// A payload that is no text, sent instead of `body`; a window never makes one.
    pub body_bytes: Option<Arc<[u8]>>,
    /// The environment's name in the profile.
    pub environment: String,
    /// Which credential goes with it.
    pub credential: CredentialChoice,
    /// The workspace's id for the workspace header; none for the environment's own, empty to leave the header out.
    pub workspace: Option<String>,
}
