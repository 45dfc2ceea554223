//! What a secret is: a JWT that can be read, one that cannot, or a text that says nothing.

use super::jwt::Token;
use super::model::{TokenAction, TokenFinding};
use super::shown::Shown;
use crate::credentials::CredentialKind;
use crate::secret::Secret;

const ID: &str = "kind";

/// Says what the secret is.
pub(super) fn kind(
    kind: CredentialKind,
    is_read: bool,
    token: &Token,
    secret: Option<&Secret>,
    shown: &Shown,
) -> TokenFinding {
    if !is_read {
        return TokenFinding::unknown(ID, "The secret could not be read");
    }
    if kind == CredentialKind::Basic {
        return match secret.is_some_and(|secret| secret.expose().contains(':')) {
            true => TokenFinding::pass(ID, "A user name and a password"),
            false => TokenFinding::fail(
                ID,
                "The kind basic takes user:password, and there is no colon",
                "Replace it by user name, colon and password; a token belongs into a credential of the kind bearer",
            )
            .with(TokenAction::Replace),
        };
    }
    match token {
        Token::Opaque => TokenFinding::pass(ID, "An opaque secret: only the server knows what it means"),
        Token::Enciphered => TokenFinding::pass(ID, "An enciphered token (JWE): only the server can read what it says"),
        Token::Damaged(why) => TokenFinding::attention(
            ID,
            format!("It begins as a JSON Web Token does, but {why}"),
            "Copy it again, whole, from where it was made",
        )
        .with(TokenAction::Replace),
        Token::Jwt(claims) => {
            let algorithm = claims.algorithm.as_deref();
            let is_none = algorithm.is_some_and(|algorithm| algorithm.eq_ignore_ascii_case("none"));
            let evidence = algorithm.map(|algorithm| format!("algorithm {}", shown.text(algorithm)));
            if is_none || claims.is_unsigned {
                let fix = "Get a signed token: a server that accepts this one accepts anybody's";
                return TokenFinding::attention(ID, "A JSON Web Token that nobody signed", fix).because(evidence);
            }
            if !claims.twice.is_empty() {
                let names = claims.twice.join(", ");
                let summary = format!("A JSON Web Token in which a claim stands twice: {names}");
                return TokenFinding::attention(
                    ID,
                    summary,
                    "Get a new one: servers differ in which of them they read",
                )
                .because(evidence);
            }
            TokenFinding::pass(ID, "A JSON Web Token; its signature was not checked").because(evidence)
        }
    }
}
