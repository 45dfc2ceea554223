//! Why no token was had, in words.

use std::fmt;

use super::provider::EndpointError;
use crate::exchange::{Exchange, TransportError};
use crate::loopback::BindError;

/// What went wrong with a sign-in.
///
/// *Secrets*: none; foreign text in it has been redacted, made visible and cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OAuthFault {
    /// The person stopped it.
    Cancelled,
    /// Nobody came back from the browser in time.
    TimedOut,
    /// The person, or the server for them, said no.
    Denied {
        /// What the server says of it.
        description: Option<String>,
    },
    /// The code or the refresh token is no longer good: only a new sign-in helps.
    InvalidGrant {
        /// What the server says of it.
        description: Option<String>,
    },
    /// The device's code lapsed before it was allowed.
    Expired,
    /// Another of OAuth's own errors.
    Refused {
        /// Its code. Shape: `invalid_client`.
        code: String,
        /// What the server says of it.
        description: Option<String>,
    },
    /// No whole answer came.
    NoAnswer(Box<TransportError>),
    /// What came is no answer of OAuth.
    NotOAuth {
        /// What is wrong with it, as a sentence without full stop.
        why: String,
    },
    /// The server says that it is somebody else.
    WrongIssuer {
        /// Who was asked.
        asked: String,
        /// Who it says it is.
        announced: String,
    },
    /// An address leads to another origin than the server's own.
    ForeignEndpoint {
        /// What the server calls it. Shape: `token_endpoint`.
        member: &'static str,
        /// The address.
        address: String,
        /// The origin it should be on.
        home: String,
    },
    /// An address is none that a secret may go to.
    UnsafeEndpoint {
        /// What the server calls it.
        member: &'static str,
        /// The address.
        address: String,
        /// What is wrong with it.
        error: EndpointError,
    },
    /// The server wants what this program does not do.
    Unsupported {
        /// What, as a sentence without full stop.
        what: String,
    },
    /// The listener that waits for the browser could not be opened.
    Listener {
        /// What happened.
        summary: String,
        /// What to do next.
        fix: String,
    },
    /// No address is known for this way of signing in.
    NoSuchFlow {
        /// The missing address. Shape: `authorize address`.
        missing: &'static str,
    },
    /// What was given cannot be sent.
    InvalidInput {
        /// What is wrong, as a sentence without full stop.
        what: String,
        /// What to give instead.
        fix: &'static str,
    },
    /// The system gives no random bytes.
    Randomness,
}

/// Why no token was had: what, where, and the call behind it.
///
/// *Secrets*: in the exchange, which neither `Debug` nor `Display` shows.
#[derive(Clone)]
pub struct OAuthError {
    /// What went wrong.
    pub fault: OAuthFault,
    /// Where. Shape: `token address https://login.example.com/token`.
    pub place: String,
    /// The call that failed, where there was one.
    pub exchange: Option<Box<Exchange>>,
}

impl OAuthError {
    pub(super) fn new(fault: OAuthFault, place: impl Into<String>) -> Self {
        Self { fault, place: place.into(), exchange: None }
    }

    pub(super) fn of(fault: OAuthFault, place: impl Into<String>, exchange: Exchange) -> Self {
        Self { fault, place: place.into(), exchange: Some(Box::new(exchange)) }
    }

    pub(super) fn of_listener(error: &BindError) -> Self {
        Self::new(OAuthFault::Listener { summary: error.summary(), fix: error.fix() }, error.place())
    }

    /// What cannot be, so that nothing has to panic over it.
    pub(super) fn unexpected(place: &str) -> Self {
        let (summary, fix) = ("The address of our own listener cannot be written".into(), "Report it as a bug".into());
        Self::new(OAuthFault::Listener { summary, fix }, place)
    }

    /// The stable word of `--json`.
    pub fn kind(&self) -> &'static str {
        match &self.fault {
            OAuthFault::Cancelled => "cancelled",
            OAuthFault::TimedOut => "timed_out",
            OAuthFault::Denied { .. } => "denied",
            OAuthFault::InvalidGrant { .. } => "invalid_grant",
            OAuthFault::Expired => "expired",
            OAuthFault::Refused { .. } => "refused",
            OAuthFault::NoAnswer(_) => "no_answer",
            OAuthFault::NotOAuth { .. } => "not_oauth",
            OAuthFault::WrongIssuer { .. } => "wrong_issuer",
            OAuthFault::ForeignEndpoint { .. } => "foreign_endpoint",
            OAuthFault::UnsafeEndpoint { .. } => "unsafe_endpoint",
            OAuthFault::Unsupported { .. } => "unsupported",
            OAuthFault::Listener { .. } => "listener",
            OAuthFault::NoSuchFlow { .. } => "no_such_flow",
            OAuthFault::InvalidInput { .. } => "invalid_input",
            OAuthFault::Randomness => "randomness",
        }
    }

    /// Whether only a new sign-in of the person helps, so that trying the same again is of no use.
    pub fn is_sign_in_needed(&self) -> bool {
        match &self.fault {
            OAuthFault::InvalidGrant { .. } | OAuthFault::Expired => true,
            OAuthFault::Refused { code, .. } => {
                matches!(
                    code.as_str(),
                    "login_required" | "interaction_required" | "consent_required" | "account_selection_required"
                )
            }
            _ => false,
        }
    }

    /// What happened, one sentence without full stop.
    pub fn summary(&self) -> String {
        match &self.fault {
            OAuthFault::Cancelled => "The sign-in was cancelled".into(),
            OAuthFault::TimedOut => "Nobody came back from the browser in time".into(),
            OAuthFault::Denied { description } => said("The sign-in was refused", description.as_deref()),
            OAuthFault::InvalidGrant { description } => {
                said("The server no longer accepts this sign-in", description.as_deref())
            }
            OAuthFault::Expired => "The code was not entered in time".into(),
            OAuthFault::Refused { code, description } => {
                said(&format!("The server refused with {code}"), description.as_deref())
            }
            OAuthFault::NoAnswer(error) => error.summary.clone(),
            OAuthFault::NotOAuth { why } | OAuthFault::Unsupported { what: why } => why.clone(),
            OAuthFault::WrongIssuer { asked, announced } if is_slash_apart(asked, announced) => {
                format!("The server calls itself {announced}, which differs from {asked} by the slash at the end")
            }
            OAuthFault::WrongIssuer { asked, announced } => {
                format!("The server calls itself {announced}, not {asked}")
            }
            OAuthFault::ForeignEndpoint { member, address, home } => {
                format!("The server's {member} is {address}, which is not on {home}")
            }
            OAuthFault::UnsafeEndpoint { member, address, error } => {
                format!("The server's {member} is {address}: {error}")
            }
            OAuthFault::Listener { summary, .. } => summary.clone(),
            OAuthFault::NoSuchFlow { missing } => format!("No {missing} is known for this server"),
            OAuthFault::InvalidInput { what, .. } => what.clone(),
            OAuthFault::Randomness => "The system gives no random bytes, without which a sign-in is not safe".into(),
        }
    }

    /// Where, as text for a person.
    pub fn place(&self) -> String {
        self.place.clone()
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match &self.fault {
            OAuthFault::Cancelled => "Sign in again when you are ready".into(),
            OAuthFault::TimedOut => "Sign in again and finish it in the browser".into(),
            OAuthFault::Denied { .. } => {
                "Sign in again and allow it, or ask the API's owner whether your account may do this".into()
            }
            OAuthFault::InvalidGrant { .. } => "Sign in again".into(),
            OAuthFault::Expired => "Begin again and enter the new code".into(),
            OAuthFault::Refused { code, .. } => refusal_fix(code).into(),
            OAuthFault::NoAnswer(error) => error.fix.clone(),
            OAuthFault::NotOAuth { .. } => "Check that this is the address of an OAuth server".into(),
            OAuthFault::WrongIssuer { asked, announced } if is_slash_apart(asked, announced) => {
                format!("If you trust it, give the issuer exactly as {announced}")
            }
            OAuthFault::WrongIssuer { .. } => {
                "Check the issuer for a typing error; do not sign in if it should have matched".into()
            }
            OAuthFault::ForeignEndpoint { member, .. } if member.starts_with("verification_uri") => {
                "Do not enter the code there; ask the API's owner for the right address".into()
            }
            OAuthFault::ForeignEndpoint { .. } => {
                "Give --authorize-url and --token-url by hand if you trust that address".into()
            }
            OAuthFault::UnsafeEndpoint { error, .. } => {
                format!("Ask the server's owner to correct it. {}", error.fix())
            }
            OAuthFault::Unsupported { .. } => "Use another flow or another client of this server".into(),
            OAuthFault::Listener { fix, .. } => fix.clone(),
            OAuthFault::NoSuchFlow { missing } => format!("Give the {missing}, or choose another flow"),
            OAuthFault::InvalidInput { fix, .. } => (*fix).into(),
            OAuthFault::Randomness => "Restart the system; if it stays so, its random source is broken".into(),
        }
    }
}

/// What to do about one of OAuth's own errors.
fn refusal_fix(code: &str) -> &'static str {
    match code {
        "invalid_client" => "Check the client id and the client secret, and whether the server wants a secret at all",
        "unauthorized_client" | "unsupported_grant_type" | "unsupported_response_type" => {
            "Choose another flow, or have this one allowed for the client at the server"
        }
        "invalid_scope" => "Check the scopes for a typing error, or ask for fewer",
        "server_error" | "temporarily_unavailable" => "Try again in a moment",
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            "Sign in again"
        }
        _ => "Look the code up in the server's documentation, and check client id, redirect address and scopes there",
    }
}

fn is_slash_apart(one: &str, other: &str) -> bool {
    one != other && one.trim_end_matches('/') == other.trim_end_matches('/')
}

fn said(what: &str, description: Option<&str>) -> String {
    match description {
        Some(description) => format!("{what}: {description}"),
        None => what.to_owned(),
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())
    }
}

impl fmt::Debug for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthError").field("fault", &self.fault).field("place", &self.place).finish_non_exhaustive()
    }
}

impl std::error::Error for OAuthError {}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_words_and_an_own_kind() {
        let foreign = |member| OAuthFault::ForeignEndpoint {
            member,
            address: "https://b.example/token".into(),
            home: "https://a.example".into(),
        };
        let faults = [
            OAuthFault::Cancelled,
            OAuthFault::TimedOut,
            OAuthFault::Denied { description: None },
            OAuthFault::InvalidGrant { description: Some("token was used".into()) },
            OAuthFault::Expired,
            OAuthFault::Refused { code: "invalid_client".into(), description: None },
            OAuthFault::NotOAuth { why: "The answer is empty".into() },
            OAuthFault::WrongIssuer { asked: "https://a.example".into(), announced: "https://b.example".into() },
            foreign("token_endpoint"),
            OAuthFault::UnsafeEndpoint {
                member: "token_endpoint",
                address: "http://a.example".into(),
                error: EndpointError::NotHttps,
            },
            OAuthFault::Unsupported { what: "The token is of type mac".into() },
            OAuthFault::Listener { summary: "Another program listens there".into(), fix: "Try again".into() },
            OAuthFault::NoSuchFlow { missing: "device address" },
            OAuthFault::InvalidInput { what: "The client id is empty".into(), fix: "Give it" },
            OAuthFault::Randomness,
        ];
        let mut kinds = std::collections::HashSet::new();
        for fault in faults {
            let error = OAuthError::new(fault, "token address");
            assert!(!error.summary().is_empty() && !error.summary().ends_with('.'), "{error:?}");
            assert!(!error.fix().is_empty() && !error.place().is_empty(), "{error:?}");
            assert!(kinds.insert(error.kind()), "{error:?}");
        }
        let error = OAuthError::new(foreign("token_endpoint"), "x");
        assert!(error.summary().contains("https://b.example/token"), "{error}");
        assert!(error.fix().contains("--token-url"), "{}", error.fix());
    }

    #[test]
    fn a_slash_apart_is_named_as_such() {
        let fault =
            OAuthFault::WrongIssuer { asked: "https://a.example/x".into(), announced: "https://a.example/x/".into() };
        let error = OAuthError::new(fault, "issuer");
        assert!(error.summary().contains("slash"), "{error}");
        assert!(error.fix().ends_with("https://a.example/x/"), "{}", error.fix());
    }

    #[test]
    fn only_a_lost_sign_in_asks_for_a_new_one() {
        let is_needed = |fault| OAuthError::new(fault, "").is_sign_in_needed();
        assert!(is_needed(OAuthFault::InvalidGrant { description: None }));
        assert!(is_needed(OAuthFault::Refused { code: "login_required".into(), description: None }));
        assert!(!is_needed(OAuthFault::Refused { code: "invalid_client".into(), description: None }));
        assert!(!is_needed(OAuthFault::TimedOut));
    }
}
