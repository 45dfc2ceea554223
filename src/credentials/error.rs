//! What can go wrong with a credential, in words.

use std::path::PathBuf;

use jiff::Timestamp;

use super::model::InvalidFact;
use super::origin::Origin;
use super::state::{KeyringFailure, KeyringState};
use crate::disk::DiskError;

/// Why a secret cannot be used as it is; says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// More than [`super::SECRET_MAX_BYTES`] bytes.
    #[error("it is longer than any header may be")]
    TooLong,
    /// It holds a line break.
    #[error("it holds a line break")]
    LineBreak,
    /// White space at the beginning or end.
    #[error("it begins or ends with white space")]
    WhiteSpaceAround,
    /// It holds a character that no header carries.
    #[error("it holds a character that no header carries")]
    NotHeaderText,
    /// It begins with `Bearer `, which the program adds itself.
    #[error("it begins with the word Bearer, which is added when it is sent")]
    SchemeInside,
    /// Kind basic without a colon.
    #[error("the kind `basic` takes user:password, and there is no colon")]
    NoColon,
}

/// A failure of the vault.
///
/// *Secrets*: none.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A fact that cannot be.
    #[error("{0}")]
    InvalidFact(#[from] InvalidFact),
    /// A secret that cannot be sent.
    #[error("the secret cannot be used: {0}")]
    InvalidSecret(SecretFault),
    /// The name is taken.
    #[error("there is a credential of this name already: {name}")]
    Exists {
        /// The name that is taken, as it was spelt then.
        name: String,
    },
    /// No credential bears the name.
    #[error("there is no credential of this name: {name}")]
    UnknownName {
        /// The name asked for.
        name: String,
        /// The names that there are, at most eight.
        known: Vec<String>,
    },
    /// It was not given for this origin.
    #[error("the credential {name} was not given for {asked}")]
    WrongOrigin {
        /// The credential.
        name: String,
        /// The origins it was given for.
        given: Vec<Origin>,
        /// Where it was to go.
        asked: Origin,
    },
    /// It would travel unencrypted.
    #[error("the credential {name} does not travel over plain http to {asked}")]
    PlainHttp {
        /// The credential.
        name: String,
        /// Where it was to go.
        asked: Origin,
    },
    /// It belongs to another workspace.
    #[error("the credential {name} belongs to the workspace {given}")]
    WrongWorkspace {
        /// The credential.
        name: String,
        /// Its workspace.
        given: String,
        /// The request's workspace.
        asked: String,
    },
    /// Its token says that it is valid only later.
    #[error("the credential {name} is not valid before {at}")]
    NotYetValid {
        /// The credential.
        name: String,
        /// From when on.
        at: Timestamp,
    },
    /// Another process has been renewing it for too long.
    #[error("another process is renewing the credential {name}")]
    RenewalBusy {
        /// The credential.
        name: String,
        /// The lock file.
        path: PathBuf,
    },
    /// It is renewed by no authorization server.
    #[error("the credential {name} comes from no sign-in")]
    NotOauth {
        /// The credential.
        name: String,
    },
    /// It has lapsed.
    #[error("the credential {name} expired at {at}")]
    Expired {
        /// The credential.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// The keyring is open and holds no such entry, though the settings list it.
    #[error("the keyring holds no entry for the credential {name}")]
    MissingEntry {
        /// The credential.
        name: String,
    },
    /// The keyring's entry is not one that this program wrote.
    #[error("the keyring entry of the credential {name} cannot be read")]
    DamagedEntry {
        /// The credential.
        name: String,
    },
    /// The platform takes no entry of this length.
    #[error("the keyring takes at most {max_bytes} bytes")]
    TooLong {
        /// The platform's limit for secret and facts together.
        max_bytes: u32,
    },
    /// The keyring itself failed.
    #[error("{0}")]
    Keyring(#[from] KeyringFailure),
    /// The list of credentials could not be read and was moved aside.
    #[error("the list of credentials is damaged at line {line}, column {column}")]
    SettingsBroken {
        /// The file.
        path: PathBuf,
        /// Where it is now.
        moved_to: PathBuf,
        /// 1-based line of the fault.
        line: usize,
        /// 1-based column of the fault.
        column: usize,
    },
    /// The list of credentials was written by a later version of the program and is left alone.
    #[error("the list of credentials was written by a newer version")]
    SettingsNewer {
        /// The file.
        path: PathBuf,
    },
    /// Another process has held the list for too long.
    #[error("another process is writing the list of credentials")]
    SettingsBusy {
        /// The lock file.
        path: PathBuf,
    },
    /// The list of credentials could not be read or written.
    #[error("{0}")]
    Disk(#[from] DiskError),
}

impl VaultError {
    /// The work with the keyring broke off.
    pub(crate) fn broke_off() -> Self {
        Self::Keyring(KeyringFailure::new(KeyringState::Unknown, "asking it broke off"))
    }

    /// What happened, one sentence without full stop.
    pub fn summary(&self) -> String {
        match self {
            Self::InvalidFact(fact) => capital(&fact.to_string()),
            Self::InvalidSecret(fault) => format!("The secret cannot be used: {fault}"),
            Self::Exists { name } => format!("There is a credential named {name} already"),
            Self::UnknownName { name, .. } => format!("There is no credential named {name}"),
            Self::WrongOrigin { name, given, asked } => {
                format!("The credential {name} was given for {} and does not go to {asked}", list(given))
            }
            Self::PlainHttp { name, asked } => {
                format!("The credential {name} does not travel unencrypted to {asked}")
            }
            Self::WrongWorkspace { name, given, asked } => {
                format!("The credential {name} belongs to the workspace {given}, the request names {asked}")
            }
            Self::Expired { name, at } => format!("The credential {name} expired at {at}"),
            Self::NotYetValid { name, at } => format!("The credential {name} is not valid before {at}"),
            Self::RenewalBusy { name, .. } => format!("Another process is renewing the credential {name}"),
            Self::NotOauth { name } => format!("The credential {name} comes from no sign-in, so nothing renews it"),
            Self::MissingEntry { name } => format!("The keyring holds no entry for the credential {name}"),
            Self::DamagedEntry { name } => format!("The keyring entry of the credential {name} cannot be read"),
            Self::TooLong { max_bytes } => {
                format!("This system's keyring takes at most {max_bytes} bytes, secret and facts together")
            }
            Self::Keyring(failure) if failure.detail.is_empty() => failure.state.summary().into(),
            Self::Keyring(failure) => format!("{} ({})", failure.state.summary(), failure.detail),
            Self::SettingsBroken { moved_to, line, column, .. } => format!(
                "The list of credentials is damaged at line {line}, column {column} and was moved to {}",
                moved_to.display()
            ),
            Self::SettingsNewer { .. } => "The list of credentials was written by a newer version".into(),
            Self::SettingsBusy { .. } => "Another process is writing the list of credentials".into(),
            Self::Disk(error) => error.summary(),
        }
    }

    /// The field, credential or file it is about.
    pub fn place(&self) -> String {
        match self {
            Self::InvalidFact(fact) => fact.place().into(),
            Self::InvalidSecret(_) | Self::TooLong { .. } => "the secret".into(),
            Self::Exists { name }
            | Self::UnknownName { name, .. }
            | Self::WrongOrigin { name, .. }
            | Self::PlainHttp { name, .. }
            | Self::WrongWorkspace { name, .. }
            | Self::Expired { name, .. }
            | Self::NotYetValid { name, .. }
            | Self::NotOauth { name }
            | Self::MissingEntry { name }
            | Self::DamagedEntry { name } => format!("credential {name}"),
            Self::Keyring(_) => "keyring".into(),
            Self::SettingsBroken { path, .. }
            | Self::SettingsNewer { path }
            | Self::SettingsBusy { path }
            | Self::RenewalBusy { path, .. } => path.display().to_string(),
            Self::Disk(error) => error.place(),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match self {
            Self::InvalidFact(fact) => fact.fix().into(),
            Self::InvalidSecret(fault) => match fault {
                SecretFault::Empty => "Give the secret on standard input or in the field".into(),
                SecretFault::NoColon => "Write it as user:password".into(),
                SecretFault::SchemeInside => "Leave out the word Bearer and the space after it".into(),
                _ => "Copy the secret again, alone and on one line".into(),
            },
            Self::Exists { .. } => "Remove it first, or choose another name".into(),
            Self::UnknownName { known, .. } if known.is_empty() => "Add it first".into(),
            Self::UnknownName { known, .. } => format!("Choose one of {}, or add it first", known.join(", ")),
            Self::WrongOrigin { asked, .. } => {
                format!("Choose another credential, or add one for {asked} if it is meant to go there")
            }
            Self::PlainHttp { .. } => "Use the https address".into(),
            Self::WrongWorkspace { given, .. } => {
                format!("Choose another credential, or set the request's workspace to {given}")
            }
            Self::Expired { .. } => "Get a new one and replace this one by it, or sign in again".into(),
            Self::NotYetValid { .. } => "Wait until then, or look at this computer's clock".into(),
            Self::RenewalBusy { .. } => "Try again in a moment".into(),
            Self::NotOauth { .. } => "Replace its secret, or sign in under another name".into(),
            Self::MissingEntry { .. } | Self::DamagedEntry { .. } => "Remove the credential and add it again".into(),
            Self::TooLong { .. } => "Keep it for this session only, or use a shorter token".into(),
            Self::Keyring(failure) => failure.state.fix().into(),
            Self::SettingsBroken { .. } => {
                "The secrets are still in the keyring: use a credential once by its name and it is listed again".into()
            }
            Self::SettingsNewer { .. } => "Use the newer version, or another data directory".into(),
            Self::SettingsBusy { .. } => "Try again in a moment".into(),
            Self::Disk(error) => error.fix(),
        }
    }
}

fn list(origins: &[Origin]) -> String {
    origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(", ")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
