//! What is shown of the credentials beside their list.

use std::time::{Duration, Instant};

use super::sign_in::{SignInEvent, SignInFailure, StepView};
use crate::credentials::doctor::TokenFinding;
use crate::secret::Secret;

/// How long a secret stays in sight after it was asked for.
pub const REVEAL: Duration = Duration::from_secs(10);

/// A secret in sight.
///
/// *Secrets*: yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revealed {
    /// The credential's name.
    pub name: String,
    /// The secret.
    pub secret: Secret,
    /// When it goes out of sight.
    pub until: Instant,
}

/// A secret that was replaced, until a call with the new one worked.
///
/// *Secrets*: none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The credential's name.
    pub name: String,
    /// The last four characters of the one before; none where they are not kept.
    pub last4: Option<String>,
    /// The first job that goes out with the new one; none until it is stored.
    pub from_job: Option<u64>,
}

/// What the token doctor found.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// The credential's name.
    pub name: String,
    /// The findings.
    pub findings: Vec<TokenFinding>,
}

/// A sign-in, renewal or sign-out under way or just ended.
#[derive(Clone, Debug)]
pub struct SignInView {
    /// The job's number.
    pub job: u64,
    /// The credential's name.
    pub name: String,
    /// What a person has to do: the last that was told.
    pub wanted: Option<SignInEvent>,
    /// When it was told.
    pub wanted_at: Option<Instant>,
    /// What was asked of the server.
    pub steps: Vec<StepView>,
    /// Why it failed; none while it is under way.
    pub failure: Option<SignInFailure>,
    /// Whether it is over.
    pub is_over: bool,
}

/// Everything that is shown of the credentials beside their list.
#[derive(Clone, Debug, Default)]
pub struct CredentialView {
    /// The secret in sight.
    pub revealed: Option<Revealed>,
    /// What the token doctor found last.
    pub tested: Option<Tested>,
    /// The sign-in under way or just ended.
    pub sign_in: Option<SignInView>,
    /// The credential whose secret was to be copied, until the person has agreed; asked once a run.
    pub copy_asked: Option<String>,
    /// Whether the person agreed that secrets go to the clipboard.
    pub is_copy_allowed: bool,
    /// The secret that was replaced last and has not worked yet.
    pub replaced: Option<Replaced>,
    /// Counts secrets that were replaced, so that the form for it is cleared.
    pub replaced_count: u64,
}
