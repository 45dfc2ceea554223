//! Where the secret is kept, and whether a new token can be had without signing in.

use super::input::{DoctorInput, RefreshFact};
use super::model::{TokenAction, TokenFinding};
use crate::credentials::{StoredIn, VaultError};
use crate::text::visible_line;

const STORED: &str = "stored";
const REFRESH: &str = "refresh";
/// The most characters of a refusal's reason.
const WHY_CHARS: usize = 200;

/// Where the secret is, or why it could not be read.
pub(super) fn stored(input: &DoctorInput<'_>) -> TokenFinding {
    match (input.secret, input.facts.stored) {
        (Ok(_), StoredIn::Keyring) => TokenFinding::pass(STORED, "The secret is in the keyring and can be read"),
        (Ok(_), StoredIn::Session) => {
            TokenFinding::pass(STORED, "The secret is kept for this session only and is gone when the program ends")
        }
        (Err(error), _) => {
            let found = TokenFinding::fail(STORED, error.summary(), &error.fix());
            match error {
                VaultError::MissingEntry { .. } | VaultError::DamagedEntry { .. } => found.with(TokenAction::Replace),
                _ => found,
            }
        }
    }
}

/// Whether the refresh token is alive.
pub(super) fn refresh(refresh: &RefreshFact) -> TokenFinding {
    match refresh {
        RefreshFact::NotOauth => {
            TokenFinding::unknown(REFRESH, "It did not come by signing in, so nothing refreshes it")
        }
        RefreshFact::None => TokenFinding::attention(
            REFRESH,
            "The server gave no refresh token, so it ends with its expiry",
            "Sign in again when it has lapsed; with the scope offline_access many servers give one",
        )
        .with(TokenAction::SignIn),
        RefreshFact::Alive => {
            TokenFinding::pass(REFRESH, "A refresh token is kept, and nothing says that it was refused")
        }
        RefreshFact::Refused { at, why } => {
            let why: String = visible_line(why).chars().take(WHY_CHARS).collect();
            TokenFinding::fail(REFRESH, format!("The server refused the refresh token at {at}"), "Sign in again")
                .because([format!("it said: {why}")])
                .with(TokenAction::SignIn)
        }
    }
}
