//! Access tokens: JWTs signed with HS256 and a key that lives as long as the sandbox.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// The one header: what has another is no token of ours, so nobody else chooses the algorithm.
const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) sub: String,
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) workspace: String,
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    pub(super) jti: String,
}

/// Signs tokens and tells its own from others.
#[derive(Clone)]
pub(super) struct Signer(Hmac<Sha256>);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(hidden)")
    }
}

impl Signer {
    /// One with a new key.
    ///
    /// *Errors*: when the system gives no randomness.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0u8; 64]);
        getrandom::fill(&mut *key)?;
        Ok(Self(Hmac::new(&(*key).into())))
    }

    /// The token that says this.
    pub(super) fn sign(&self, claims: &Claims) -> Secret {
        let payload = serde_json::json!(claims).to_string();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(payload));
        let mut mac = self.0.clone();
        mac.update(signed.as_bytes());
        Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
    }

    /// What a token says, if this signer signed it.
    pub(super) fn verify(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        if header != URL_SAFE_NO_PAD.encode(HEADER) {
            return None;
        }
        let mut mac = self.0.clone();
        mac.update(signed.as_bytes());
        mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }
}

/// Whether a text has the shape of a signed token, whoever signed it.
pub(super) fn is_jwt(token: &str) -> bool {
    token.starts_with("eyJ") && token.matches('.').count() == 2
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            iss: "http://127.0.0.1:1".into(),
            aud: "http://127.0.0.1:1".into(),
            sub: "user".into(),
            client_id: "altyaa-console".into(),
            scope: "posts.read".into(),
            workspace: "ws_northwind".into(),
            iat: 1,
            nbf: 1,
            exp: 301,
            jti: "1".into(),
        }
    }

    #[test]
    fn a_token_comes_back_as_it_went_and_the_signature_is_rfc_7515s() {
        // The example key of RFC 7515, A.1, so that the signature is compared with another implementation's.
        let key = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                      Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(signed.as_bytes());
        let wanted = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()), wanted);

        let signer = Signer::new().unwrap();
        assert_eq!(signer.verify(signer.sign(&claims()).expose()), Some(claims()));
    }

    #[test]
    fn what_is_changed_or_signed_by_another_is_refused() {
        let signer = Signer::new().unwrap();
        let token = signer.sign(&claims()).expose().to_owned();
        assert!(is_jwt(&token));
        assert_eq!(Signer::new().unwrap().verify(&token), None);
        let (header, rest) = token.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
        let wider = URL_SAFE_NO_PAD.encode(
            String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap().replace("posts.read", "posts.write"),
        );
        for wrong in [
            format!("{none}.{payload}."),
            format!("{none}.{payload}.{signature}"),
            format!("{header}.{wider}.{signature}"),
            format!("{header}.{payload}."),
            format!("{header}.{payload}.{}", &signature[1..]),
            format!("{header}.{payload}"),
            format!("{header}.{payload}.x.{signature}"),
            String::new(),
        ] {
            assert_eq!(signer.verify(&wrong), None, "{wrong}");
        }
    }
}
