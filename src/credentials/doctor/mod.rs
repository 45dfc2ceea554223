//! The token doctor: what is wrong with a credential, told without sending anything and without showing it.
//!
//! [`examine`] is pure: the same facts give the same findings. What cannot be told is unknown, never guessed. The
//! ids of the findings are stable and listed in `docs/token-doctor.md`.

mod audience;
mod clocks;
mod expiry;
mod input;
mod jwt;
mod kind;
mod model;
mod needs;
mod openapi;
mod place;
mod scope;
mod shape;
mod shown;
mod stored;
#[cfg(test)]
mod tests;

pub use clocks::ServerClock;
pub use input::{CallFacts, DoctorInput, EnvironmentFact, RefreshFact};
pub use model::{FindingState, TokenAction, TokenFinding};
pub use needs::{ScopeNeed, need_of_challenges, need_of_reason};
pub use openapi::needed_scopes;
pub use shape::clean;

use crate::credentials::CredentialKind;
use crate::secret::Secret;
use jwt::Token;
use shown::Shown;

/// From when to when a token says of itself that it is good, in milliseconds since 1970; none where it says nothing.
pub(super) fn validity_ms(kind: CredentialKind, secret: &Secret) -> (Option<i64>, Option<i64>) {
    let token = jwt::read(kind, secret);
    let at = |name: &str| match token.claims()?.time(name)? {
        jwt::TimeClaim::At { at_ms, .. } => Some(at_ms),
        jwt::TimeClaim::NoTime => None,
    };
    (at("nbf"), at("exp"))
}

/// Everything that can be said of a credential, in the order in which it is worth reading.
pub fn examine(input: &DoctorInput<'_>) -> Vec<TokenFinding> {
    let kind = input.facts.kind;
    let secret = input.secret.ok();
    // What can be put right at a press is read as it will be, so that one fault does not hide the others.
    let cleaned = secret.and_then(|secret| clean(kind, secret));
    let looked_at = cleaned.as_ref().or(secret);
    let token = looked_at.map_or(Token::Opaque, |secret| jwt::read(kind, secret));
    let shown = Shown::new(secret.into_iter().chain(cleaned.as_ref()));
    let claims = token.claims();
    vec![
        stored::stored(input),
        shape::shape(kind, secret),
        kind::kind(kind, secret.is_some(), &token, looked_at, &shown),
        expiry::expiry(input, claims, &shown),
        expiry::not_before(input, secret.is_some(), claims),
        clocks::clock(input),
        stored::refresh(&input.refresh),
        place::environment(input, looked_at, claims, &shown),
        place::workspace(input, claims, &shown),
        scope::scope(input, claims, &shown),
        audience::audience(input, claims, &shown),
        audience::issuer(input, claims, &shown),
    ]
}
