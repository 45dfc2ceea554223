//! From a secret to the header line that carries it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::error::SecretFault;
use super::model::{CredentialKind, InvalidFact};
use crate::secret::Secret;

/// The most bytes of a secret; servers refuse far shorter header lines.
pub const SECRET_MAX_BYTES: usize = 16 * 1024;

/// Headers that say how the message is framed or whom it is for: a secret in one of them breaks the request.
const OWN_HEADERS: [&str; 12] = [
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
    "proxy-connection",
];

/// The header that carries a secret of this kind.
///
/// *Errors*: [`InvalidFact::NoHeader`], [`InvalidFact::Header`], [`InvalidFact::HeaderNotWanted`].
pub(super) fn header_name(kind: CredentialKind, given: Option<&str>) -> Result<HeaderName, InvalidFact> {
    let name = match (kind, given) {
        (CredentialKind::Bearer | CredentialKind::Basic | CredentialKind::OAuth, None) => return Ok(AUTHORIZATION),
        (CredentialKind::Bearer | CredentialKind::Basic | CredentialKind::OAuth, Some(_)) => {
            return Err(InvalidFact::HeaderNotWanted);
        }
        (CredentialKind::ApiKey, None) => return Ok(HeaderName::from_static("x-api-key")),
        (CredentialKind::Header, None) => return Err(InvalidFact::NoHeader),
        (CredentialKind::ApiKey | CredentialKind::Header, Some(name)) => name,
    };
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| InvalidFact::Header)?;
    if OWN_HEADERS.contains(&name.as_str()) { Err(InvalidFact::Header) } else { Ok(name) }
}

/// The value that carries the secret, marked sensitive, and every text made from the secret for redaction.
///
/// *Errors*: the [`SecretFault`] that keeps it from being sent.
pub(super) fn header_value(kind: CredentialKind, secret: &Secret) -> Result<(HeaderValue, Vec<Secret>), SecretFault> {
    check_secret(kind, secret)?;
    let mut parts = vec![secret.clone()];
    let text = match kind {
        CredentialKind::Bearer | CredentialKind::OAuth => Secret::new(format!("Bearer {}", secret.expose())),
        CredentialKind::Basic => {
            let encoded = Secret::new(STANDARD.encode(secret.expose()));
            let line = Secret::new(format!("Basic {}", encoded.expose()));
            parts.push(encoded);
            if let Some((_, password)) = secret.expose().split_once(':')
                && !password.is_empty()
            {
                parts.push(Secret::new(password.into()));
            }
            line
        }
        CredentialKind::ApiKey | CredentialKind::Header => secret.clone(),
    };
    let mut value = HeaderValue::from_str(text.expose()).map_err(|_| SecretFault::NotHeaderText)?;
    value.set_sensitive(true);
    Ok((value, parts))
}

/// Refuses a secret that no header can carry, or that was plainly pasted wrong.
pub(super) fn check_secret(kind: CredentialKind, secret: &Secret) -> Result<(), SecretFault> {
    let text = secret.expose();
    if text.is_empty() {
        return Err(SecretFault::Empty);
    }
    if text.len() > SECRET_MAX_BYTES {
        return Err(SecretFault::TooLong);
    }
    if text.contains(['\r', '\n']) {
        return Err(SecretFault::LineBreak);
    }
    if text.trim() != text {
        return Err(SecretFault::WhiteSpaceAround);
    }
    match kind {
        CredentialKind::Basic => {
            // Any text may be inside base64, but RFC 7617 forbids control characters.
            if text.chars().any(char::is_control) {
                return Err(SecretFault::NotHeaderText);
            }
            if !text.contains(':') {
                return Err(SecretFault::NoColon);
            }
        }
        CredentialKind::Bearer | CredentialKind::OAuth | CredentialKind::ApiKey | CredentialKind::Header => {
            if !text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
                return Err(SecretFault::NotHeaderText);
            }
            let begins_with_scheme = text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer "));
            if matches!(kind, CredentialKind::Bearer | CredentialKind::OAuth) && begins_with_scheme {
                return Err(SecretFault::SchemeInside);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn value(kind: CredentialKind, secret: &str) -> Result<(HeaderValue, Vec<Secret>), SecretFault> {
        header_value(kind, &Secret::new(secret.into()))
    }

    #[test]
    fn each_kind_has_its_line() {
        for (kind, secret, line) in [
            (CredentialKind::Bearer, "tok", "Bearer tok"),
            (CredentialKind::Basic, "Aladdin:open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            (CredentialKind::ApiKey, "k y", "k y"),
            (CredentialKind::Header, "Token abc", "Token abc"),
        ] {
            let (value, _) = value(kind, secret).unwrap();
            assert_eq!(value.to_str().unwrap(), line);
            assert!(value.is_sensitive());
            assert!(!format!("{value:?}").contains(secret));
        }
    }

    #[test]
    fn everything_made_from_a_basic_secret_is_known_for_redaction() {
        let (_, parts) = value(CredentialKind::Basic, "me:päss").unwrap();
        let parts: Vec<_> = parts.iter().map(Secret::expose).collect();
        assert_eq!(parts, ["me:päss", "bWU6cMOkc3M=", "päss"]);
    }

    #[test]
    fn what_no_header_carries_is_refused() {
        for (kind, secret, fault) in [
            (CredentialKind::Bearer, "", SecretFault::Empty),
            (CredentialKind::Bearer, "a\r\nX-Evil: 1", SecretFault::LineBreak),
            (CredentialKind::Header, "a\n", SecretFault::LineBreak),
            (CredentialKind::ApiKey, " a", SecretFault::WhiteSpaceAround),
            (CredentialKind::Bearer, "a\u{0}b", SecretFault::NotHeaderText),
            (CredentialKind::Bearer, "tökén", SecretFault::NotHeaderText),
            (CredentialKind::Bearer, "bearer abc", SecretFault::SchemeInside),
            (CredentialKind::Basic, "nocolon", SecretFault::NoColon),
            (CredentialKind::Basic, "a:\u{7}", SecretFault::NotHeaderText),
        ] {
            assert_eq!(value(kind, secret).unwrap_err(), fault, "{kind:?} {secret:?}");
        }
        let long = "x".repeat(SECRET_MAX_BYTES + 1);
        assert_eq!(value(CredentialKind::Bearer, &long).unwrap_err(), SecretFault::TooLong);
    }

    #[test]
    fn a_secret_goes_into_no_header_that_frames_the_message() {
        for name in ["Host", "content-length", "Transfer-Encoding", "", "a b", "x\r\ny"] {
            assert_eq!(header_name(CredentialKind::Header, Some(name)), Err(InvalidFact::Header), "{name:?}");
        }
        assert_eq!(header_name(CredentialKind::ApiKey, None).unwrap().as_str(), "x-api-key");
        assert_eq!(header_name(CredentialKind::Header, Some("X-Auth")).unwrap().as_str(), "x-auth");
    }
}
