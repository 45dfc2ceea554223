//! What the token doctor is told: plain data, so that looking stays pure.

use jiff::Timestamp;

use super::clocks::ServerClock;
use super::needs::ScopeNeed;
use crate::credentials::{Credential, Origin, VaultError};
use crate::profile::EnvironmentKind;
use crate::secret::Secret;

/// Everything that a credential is looked at with.
///
/// *Secrets*: yes, in `secret`.
#[derive(Clone, Debug)]
pub struct DoctorInput<'a> {
    /// What is recorded of it.
    pub facts: &'a Credential,
    /// The secret, or why it could not be read.
    pub secret: Result<&'a Secret, &'a VaultError>,
    /// The time by this computer's clock.
    pub now: Timestamp,
    /// What is known of the clock of the server it is for.
    pub server: Option<&'a ServerClock>,
    /// The call that it is, or was, to be used for.
    pub call: Option<&'a CallFacts>,
    /// The authorization server that gave it, where one is recorded.
    pub issuer: Option<&'a str>,
    /// The environments of the profile.
    pub environments: &'a [EnvironmentFact],
    /// The header that names the workspace, by the profile; none if the API has no workspaces.
    pub workspace_header: Option<&'a str>,
    /// What is known of the refresh token.
    pub refresh: RefreshFact,
}

/// What is known of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFacts {
    /// Where it goes.
    pub origin: Origin,
    /// The method.
    pub method: String,
    /// The path. Shape: `/v1/posts`.
    pub path: String,
    /// The workspace that the profile's header names; none where the header is missing, or not kept.
    pub workspace: Option<String>,
    /// Whether that header was sent at all.
    pub has_workspace_header: bool,
    /// The status of the answer; none if none came.
    pub status: Option<u16>,
    /// The scopes that the call needs.
    pub needs: Vec<ScopeNeed>,
}

/// One environment of the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentFact {
    /// Its name. Shape: `production`.
    pub name: String,
    /// Its name for people. Shape: `Production`.
    pub title: String,
    /// What kind of place it is.
    pub kind: EnvironmentKind,
    /// Where it lives now; none if that is not known.
    pub origin: Option<Origin>,
}

/// What is known of the refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefreshFact {
    /// It did not come by OAuth, so there is none to have.
    NotOauth,
    /// It came by OAuth, and no refresh token with it.
    None,
    /// A refresh token is kept, and no refusal of it is known.
    Alive,
    /// The authorization server refused it.
    Refused {
        /// When.
        at: Timestamp,
        /// In its words, redacted.
        why: String,
    },
}
