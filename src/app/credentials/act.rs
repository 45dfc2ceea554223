//! What can happen to credentials in the window, and the work that comes of it.

use std::sync::Arc;

use super::sign_in::{SignIn, SignInEvent, SignInFailure};
use crate::credentials::doctor::TokenFinding;
use crate::credentials::oauth::Flow;
use crate::credentials::{CredentialKind, Origin};
use crate::exchange::ExchangeRecord;
use crate::secret::{Redacted, Secret};

/// What happened, and what to do.
type Words = (String, String);

/// How a sign-in, renewal or sign-out ended: what was done and what is not as wished; or why not.
pub type SignInEnd = Result<(String, Option<Words>), Box<SignInFailure>>;

/// A new credential as filled in.
///
/// *Secrets*: yes, the secret itself.
#[derive(Clone, Debug)]
pub struct CredentialForm {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: CredentialKind,
    /// The header's name, for the kinds that need one.
    pub header: String,
    /// The origins it may go to, one a line or separated by blanks.
    pub origins: String,
    /// The workspace it belongs to; empty for none.
    pub workspace: String,
    /// What it is allowed to do, separated by blanks; empty if unknown.
    pub scopes: String,
    /// When it lapses. Shape: `2026-12-31`, or a time; empty if unknown.
    pub expires: String,
    /// The secret.
    pub secret: Secret,
    /// Whether it is kept for this session only.
    pub is_session_only: bool,
}

/// A sign-in as filled in.
///
/// *Secrets*: yes, the client's.
#[derive(Clone, Debug)]
pub struct SignInForm {
    /// The credential's name.
    pub name: String,
    /// The issuer's address; empty where the addresses below are given.
    pub issuer: String,
    /// Where a person allows it.
    pub authorize_url: String,
    /// Where tokens come from.
    pub token_url: String,
    /// Where the device flow begins.
    pub device_url: String,
    /// Where tokens are taken back.
    pub revoke_url: String,
    /// The client's id.
    pub client_id: String,
    /// The client's secret; empty for none.
    pub client_secret: Secret,
    /// How.
    pub flow: Flow,
    /// The scopes, separated by blanks.
    pub scopes: String,
    /// The origins the token may go to.
    pub origins: String,
    /// The workspace; empty for none.
    pub workspace: String,
    /// Whether the tokens are kept for this session only.
    pub is_session_only: bool,
}

/// One thing that happened. Verbs are acts of a person; past forms are ends of jobs.
#[derive(Debug)]
pub enum CredentialAct {
    /// Look at a credential with the token doctor.
    Test(String),
    /// Put another secret in its place.
    Replace {
        /// The credential.
        name: String,
        /// The new secret.
        secret: Secret,
    },
    /// Take what does not belong out of the secret: blanks, quotes, the word Bearer.
    Clean(String),
    /// Let it go to a further origin, which the person saw and agreed to.
    AllowOrigin {
        /// The credential.
        name: String,
        /// The origin.
        origin: Origin,
    },
    /// Write one of this session into the keyring.
    KeepInKeyring(String),
    /// Show the secret for ten seconds.
    Reveal(String),
    /// Show it no longer.
    Hide,
    /// Copy the secret; asks once a run.
    CopySecret(String),
    /// Secrets may go to the clipboard.
    AllowCopying,
    /// Do not copy it after all.
    StopCopying,
    /// Sign in.
    SignIn(Box<SignInForm>),
    /// Sign in again, as the time before.
    SignInAgain(String),
    /// Stop the sign-in under way.
    CancelSignIn,
    /// Forget the sign-in that is over.
    CloseSignIn,
    /// Open the address that the sign-in waits for.
    OpenSignIn,
    /// Copy the address or the code that the sign-in waits for.
    CopySignIn,
    /// Renew the token now.
    Refresh(String),
    /// Take the tokens back and remove the credential.
    SignOut(String),

    /// The doctor has looked.
    Tested {
        /// The credential.
        name: String,
        /// What it found.
        findings: Vec<TokenFinding>,
    },
    /// A credential was changed.
    Changed {
        /// What was done, as a sentence.
        done: String,
        /// What is not as wished.
        warning: Option<Words>,
        /// Whether its secret was replaced.
        is_replaced: bool,
    },
    /// The secret was read, to be shown.
    Revealed {
        /// The credential.
        name: String,
        /// The secret.
        secret: Secret,
    },
    /// The secret was read, to be copied.
    ReadToCopy {
        /// The credential.
        name: String,
        /// The secret.
        secret: Secret,
    },
    /// A secret was put on the clipboard, or why not.
    Copied {
        /// What it is. Shape: `The secret of my-key`.
        name: String,
        /// What came of it.
        put: Result<(), String>,
    },
    /// A sign-in, renewal or sign-out has come further.
    Progressed {
        /// The job.
        job: u64,
        /// How far.
        event: Box<SignInEvent>,
    },
    /// A sign-in, renewal or sign-out has come to its end.
    Ended {
        /// The job.
        job: u64,
        /// What was done and what is not as wished; or why not.
        end: SignInEnd,
    },
}

/// One thing to be done outside the state.
#[derive(Debug)]
pub enum CredentialEffect {
    /// Look at a credential, with the call in sight where that was made with it.
    Test(String, Option<Arc<Redacted<ExchangeRecord>>>),
    /// Put another secret in its place.
    Replace(String, Secret),
    /// Clean its secret.
    Clean(String),
    /// Let it go to a further origin.
    AllowOrigin(String, Origin),
    /// Write it into the keyring.
    KeepInKeyring(String),
    /// Read the secret to show it.
    Reveal(String),
    /// Read the secret to copy it.
    ReadToCopy(String),
    /// Sign in.
    SignIn {
        /// The job's number.
        job: u64,
        /// The wish.
        wish: Box<SignIn>,
    },
    /// Sign in again.
    SignInAgain {
        /// The job's number.
        job: u64,
        /// The credential.
        name: String,
    },
    /// Renew.
    Refresh {
        /// The job's number.
        job: u64,
        /// The credential.
        name: String,
    },
    /// Sign out.
    SignOut {
        /// The job's number.
        job: u64,
        /// The credential.
        name: String,
    },
    /// Stop a sign-in, renewal or sign-out.
    Cancel(u64),
}
