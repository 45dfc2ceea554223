//! Why a draft cannot be sent, and beside which field that is said.

use thiserror::Error;

use crate::credentials::Origin;

/// The part of a draft that a problem stands beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftPart {
    /// The method.
    Method,
    /// The address.
    Url,
    /// One header line, counted from 0.
    Header(usize),
    /// The payload.
    Body,
    /// The environment.
    Environment,
    /// The credential.
    Credential,
    /// The workspace.
    Workspace,
    /// The environment's network settings.
    Network,
}

/// What a person can do about a problem at one press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Let the credential go to a further origin as well, for good.
    AllowOrigin {
        /// The credential.
        credential: String,
        /// The origin, which the person sees before agreeing.
        origin: Origin,
    },
    /// Sign in again.
    SignIn {
        /// The credential.
        credential: String,
    },
}

/// Why a draft cannot be sent. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{summary}")]
pub struct DraftProblem {
    /// Where it is shown.
    pub part: DraftPart,
    /// What is wrong, in one sentence.
    pub summary: String,
    /// What to write instead.
    pub fix: String,
    /// Whether nothing is wrong with the draft itself: something outside it failed, such as the keyring.
    pub is_outside: bool,
    /// Whether the person stopped it themselves.
    pub is_cancelled: bool,
    /// What can be done at one press.
    pub offer: Option<Box<Offer>>,
}

impl DraftProblem {
    /// A problem of one part.
    pub fn new(part: DraftPart, summary: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { part, summary: summary.into(), fix: fix.into(), is_outside: false, is_cancelled: false, offer: None }
    }

    /// Where it is, in words. Shape: `header 2`.
    pub fn place(&self) -> String {
        match self.part {
            DraftPart::Method => "method".into(),
            DraftPart::Url => "URL".into(),
            DraftPart::Header(index) => format!("header {}", index + 1),
            DraftPart::Body => "payload".into(),
            DraftPart::Environment => "environment".into(),
            DraftPart::Credential => "credential".into(),
            DraftPart::Workspace => "workspace".into(),
            DraftPart::Network => "network settings".into(),
        }
    }
}
