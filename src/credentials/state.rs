//! What can be said of the OS keyring, in words a person can act on.

use keyring::Error;

/// The most characters kept of the system's own words.
const DETAIL_MAX_CHARS: usize = 300;

/// How the OS keyring answers now; it may answer otherwise a moment later, without a restart of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyringState {
    /// It answers and is open.
    Ready,
    /// It is there and has to be unlocked.
    Locked,
    /// The service answers, but no keyring has been made yet.
    Uncreated,
    /// Nothing on this machine offers a keyring.
    Missing,
    /// The unlock question was dismissed, or the system refused.
    Denied,
    /// It did not answer within the time limit.
    TimedOut,
    /// It failed in a way that is none of these.
    Unknown,
}

impl KeyringState {
    /// What is so, one sentence without full stop.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Ready => "The keyring is open",
            Self::Locked => "The keyring is locked",
            Self::Uncreated => "The keyring service answers, but it holds no keyring yet",
            Self::Missing => "No keyring answers on this computer",
            Self::Denied => "The keyring refused: it was not unlocked, or this program may not use it",
            Self::TimedOut => "The keyring did not answer in time",
            Self::Unknown => "The keyring failed",
        }
    }

    /// What to do; empty for [`KeyringState::Ready`].
    pub fn fix(self) -> &'static str {
        match self {
            Self::Ready => "",
            Self::Locked => "Unlock it, then try again",
            Self::Uncreated if cfg!(all(unix, not(target_os = "macos"))) => {
                "Make a default keyring, for example in Passwords and Keys (seahorse), then try again"
            }
            Self::Uncreated => "Make a keyring in the system's settings, then try again",
            Self::Missing if cfg!(all(unix, not(target_os = "macos"))) => {
                "Start a Secret Service such as GNOME Keyring, KWallet or KeePassXC, then try again"
            }
            Self::Missing => "Sign in to a desktop session that has a keyring, then try again",
            Self::Denied => "Allow access when the system asks, then try again",
            Self::TimedOut => "Look for a password question that is still open, answer it, then try again",
            Self::Unknown => "Try again; if it stays so, restart the system's keyring service",
        }
    }
}

/// A keyring that did not do what it was asked.
///
/// *Secrets*: none; made only from errors that carry no stored bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .state.summary())]
pub struct KeyringFailure {
    /// Which way it failed; never [`KeyringState::Ready`].
    pub state: KeyringState,
    /// The system's own words on one line, at most 300 characters; empty if there are none.
    pub detail: String,
}

impl KeyringFailure {
    pub(super) fn new(state: KeyringState, detail: &str) -> Self {
        let detail = detail.chars().map(|c| if c.is_control() { ' ' } else { c }).take(DETAIL_MAX_CHARS).collect();
        Self { state, detail }
    }
}

/// Why one operation on one entry did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EntryError {
    /// There is no such entry, in a keyring that is open.
    NoEntry,
    /// The platform takes no more than this many bytes.
    TooLong(u32),
    /// The keyring itself failed.
    Failure(KeyringFailure),
}

impl From<KeyringFailure> for EntryError {
    fn from(failure: KeyringFailure) -> Self {
        Self::Failure(failure)
    }
}

/// Sorts an error of the keyring crates.
///
/// Some of them carry the stored bytes and show them in `{:?}`; those bytes are dropped here, unread.
pub(super) fn entry_error(error: &Error) -> EntryError {
    match error {
        Error::NoEntry => EntryError::NoEntry,
        Error::TooLong(_, limit) => EntryError::TooLong(*limit),
        other => EntryError::Failure(failure(other)),
    }
}

/// The keyring's state that an error tells of.
pub(super) fn failure(error: &Error) -> KeyringFailure {
    match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => {
            #[cfg(all(unix, not(target_os = "macos")))]
            if let Some(service) = cause.downcast_ref::<secret_service::Error>() {
                return service_failure(service);
            }
            let state = if matches!(error, Error::NoStorageAccess(_)) {
                KeyringState::Denied
            } else {
                state_from_text(&cause.to_string())
            };
            KeyringFailure::new(state, &cause.to_string())
        }
        Error::NoDefaultStore => KeyringFailure::new(KeyringState::Missing, ""),
        Error::Ambiguous(_) => KeyringFailure::new(KeyringState::Unknown, "more than one entry bears this name"),
        Error::Invalid(attribute, reason) => {
            KeyringFailure::new(KeyringState::Unknown, &format!("{attribute}: {reason}"))
        }
        Error::NotSupportedByStore(reason) | Error::BadStoreFormat(reason) => {
            KeyringFailure::new(KeyringState::Unknown, reason)
        }
        // Whatever else there is may hold stored bytes.
        _ => KeyringFailure::new(KeyringState::Unknown, ""),
    }
}

/// The keyring's state that an error of the Secret Service tells of.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn service_failure(error: &secret_service::Error) -> KeyringFailure {
    use secret_service::Error as Service;

    let text = error.to_string();
    let state = match error {
        Service::Locked => KeyringState::Locked,
        Service::Prompt => KeyringState::Denied,
        Service::NoResult => KeyringState::Uncreated,
        Service::Unavailable | Service::PromptDisconnected => KeyringState::Missing,
        _ => state_from_text(&text),
    };
    KeyringFailure::new(state, &text)
}

/// Reads D-Bus error names, which are stable, out of a text that is not.
fn state_from_text(text: &str) -> KeyringState {
    const NAMES: [(&str, KeyringState); 11] = [
        ("Error.ServiceUnknown", KeyringState::Missing),
        ("Error.NameHasNoOwner", KeyringState::Missing),
        ("Error.Spawn", KeyringState::Missing),
        ("Error.NoServer", KeyringState::Missing),
        ("Error.Disconnected", KeyringState::Missing),
        ("Failed to connect to address", KeyringState::Missing),
        ("Secret.Error.IsLocked", KeyringState::Locked),
        ("Error.AccessDenied", KeyringState::Denied),
        ("Error.AuthFailed", KeyringState::Denied),
        ("Error.NoReply", KeyringState::TimedOut),
        ("Error.Timeout", KeyringState::TimedOut),
    ];
    NAMES.iter().find(|(name, _)| text.contains(name)).map_or(KeyringState::Unknown, |(_, state)| *state)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn stored_bytes_never_reach_a_message() {
        let bytes = b"sk_live_canary".to_vec();
        let broken = std::io::Error::other("sk_live_canary");
        for error in [Error::BadEncoding(bytes.clone()), Error::BadDataFormat(bytes.clone(), Box::new(broken))] {
            let shown = format!("{:?} {}", entry_error(&error), failure(&error));
            assert!(!shown.contains("canary") && !shown.contains("115, 107"), "{shown}");
        }
    }

    #[test]
    fn the_bus_own_texts_tell_a_missing_keyring() {
        for text in [
            "zbus error: org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.secrets was not provided",
            "zbus error: Failed to connect to address `unix:path=/x/bus`: No such file or directory (os error 2)",
        ] {
            assert_eq!(state_from_text(text), KeyringState::Missing);
        }
        assert_eq!(state_from_text("something else"), KeyringState::Unknown);
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn the_service_own_errors_are_told_apart() {
        use secret_service::Error as Service;
        for (service, state) in [
            (Service::Locked, KeyringState::Locked),
            (Service::Prompt, KeyringState::Denied),
            (Service::NoResult, KeyringState::Uncreated),
            (Service::Unavailable, KeyringState::Missing),
        ] {
            assert_eq!(failure(&Error::NoStorageAccess(Box::new(service))).state, state);
        }
    }

    #[test]
    fn every_state_but_ready_says_what_to_do() {
        use KeyringState::*;
        for state in [Locked, Uncreated, Missing, Denied, TimedOut, Unknown] {
            assert!(!state.fix().is_empty() && !state.fix().ends_with('.') && !state.summary().ends_with('.'));
        }
        assert_eq!(Ready.fix(), "");
    }
}
