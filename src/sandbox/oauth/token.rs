//! The token endpoint: codes, refresh tokens, device codes and client secrets become access tokens.

use std::time::Duration;

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::OauthFlow;
use super::clients::{authenticate, check_flow};
use super::fault::{Fault, unstored};
use super::form::Form;
use super::grants::{DeviceState, Grants, after};
use super::scope::Scopes;
use super::shelf::Print;
use crate::sandbox::state::Shared;

/// What a device that asks too often has to wait longer, for good (RFC 8628, 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// Answers one request to the endpoint.
pub(super) fn answer(shared: &Shared, head: &Parts, body: &[u8], now: Timestamp) -> Response {
    match tokens(shared, head, body, now) {
        Ok(answer) => unstored(StatusCode::OK, &answer),
        Err(fault) => fault.answer(),
    }
}

fn tokens(shared: &Shared, head: &Parts, body: &[u8], now: Timestamp) -> Result<Value, Fault> {
    let form = Form::posted(head, body)?;
    let clients = &shared.oauth.clients;
    let client = authenticate(clients, &head.headers, &form)?;
    let grant_type = form.get("grant_type").ok_or(Fault::request("grant_type is missing"))?;
    let flow = match grant_type {
        "authorization_code" => Some(OauthFlow::AuthorizationCode),
        "urn:ietf:params:oauth:grant-type:device_code" => Some(OauthFlow::DeviceCode),
        "client_credentials" => Some(OauthFlow::ClientCredentials),
        // Whoever has a refresh token got it in a way that was allowed.
        "refresh_token" => None,
        _ => return Err(Fault::new("unsupported_grant_type", "grant_type is none of those that the metadata lists")),
    };
    if let Some(flow) = flow {
        check_flow(clients, client, flow)?;
    }
    let asking = Asking { shared, form: &form, client, now };
    let grants = &mut shared.lock().oauth;
    match flow {
        Some(OauthFlow::AuthorizationCode) => asking.by_code(grants),
        Some(OauthFlow::DeviceCode) => asking.by_device(grants),
        Some(OauthFlow::ClientCredentials) => asking.for_itself(grants),
        None => asking.again(grants),
    }
}

/// One request of a known client.
struct Asking<'a> {
    shared: &'a Shared,
    form: &'a Form,
    client: usize,
    now: Timestamp,
}

impl Asking<'_> {
    /// An authorization code.
    fn by_code(&self, grants: &mut Grants) -> Result<Value, Fault> {
        let print = Print::of(self.form.get("code").ok_or(Fault::request("code is missing"))?);
        let redirect_uri = self.form.get("redirect_uri").ok_or(Fault::request("redirect_uri is missing"))?;
        let verifier = self.form.get("code_verifier").ok_or(Fault::request("code_verifier is missing"))?;
        let code = grants.codes.get(&print).cloned().filter(|code| code.wish.client == self.client);
        let code = code.ok_or(Fault::grant("code is not known"))?;
        if let Some(family) = code.used_for {
            // Somebody else has the code as well; which of the two is the thief cannot be told.
            grants.revoke(family);
            return Err(Fault::grant("code was used before, its tokens are taken back"));
        }
        if self.now >= code.expires_at {
            return Err(Fault::grant("code is older than 60 seconds"));
        }
        if code.redirect_uri != redirect_uri {
            return Err(Fault::grant("redirect_uri is another one than the code was sent to"));
        }
        if !fits(verifier, &code.wish.challenge) {
            return Err(Fault::grant("code_verifier does not fit the code_challenge"));
        }
        let family = grants.found(self.client, code.workspace, code.wish.scopes.clone());
        let answer = self.issue(grants, family, &code.wish.scopes, true)?;
        if let Some(code) = grants.codes.get_mut(&print) {
            code.used_for = Some(family);
        }
        Ok(answer)
    }

    /// A device code.
    fn by_device(&self, grants: &mut Grants) -> Result<Value, Fault> {
        let print = Print::of(self.form.get("device_code").ok_or(Fault::request("device_code is missing"))?);
        let device = grants.devices.get_mut(&print).filter(|device| device.client == self.client);
        let device = device.ok_or(Fault::grant("device_code is not known"))?;
        if device.state == DeviceState::Used {
            return Err(Fault::grant("device_code was used before"));
        }
        if device.state == DeviceState::Denied {
            return Err(Fault::new("access_denied", "the person pressed Deny"));
        }
        if self.now >= device.expires_at {
            return Err(Fault::new("expired_token", "device_code is over, begin again"));
        }
        let DeviceState::Allowed(workspace) = device.state else {
            let is_early = device.polled_at.is_some_and(|at| self.now < after(at, device.interval));
            device.polled_at = Some(self.now);
            if is_early {
                device.interval = device.interval.saturating_add(SLOWER);
                return Err(Fault::new("slow_down", "asked too soon, wait 5 seconds longer from now on"));
            }
            return Err(Fault::new("authorization_pending", "nobody has pressed Allow or Deny yet"));
        };
        let scopes = device.scopes.clone();
        let family = grants.found(self.client, workspace, scopes.clone());
        let answer = self.issue(grants, family, &scopes, true)?;
        if let Some(device) = grants.devices.get_mut(&print) {
            device.state = DeviceState::Used;
        }
        Ok(answer)
    }

    /// A service with its own secret; it gets no refresh token, as it can ask again (RFC 6749, 4.4.3).
    fn for_itself(&self, grants: &mut Grants) -> Result<Value, Fault> {
        let scopes = Scopes::read(self.form.get("scope"))?;
        let family = grants.found(self.client, 0, scopes.clone());
        self.issue(grants, family, &scopes, false)
    }

    /// A refresh token.
    fn again(&self, grants: &mut Grants) -> Result<Value, Fault> {
        let print = Print::of(self.form.get("refresh_token").ok_or(Fault::request("refresh_token is missing"))?);
        let unknown = Fault::grant("refresh_token is not known");
        let refresh = grants.refresh.get(&print).copied().ok_or(unknown)?;
        let family = grants.families.get(&refresh.family).filter(|family| family.client == self.client);
        let family = family.cloned().ok_or(unknown)?;
        if refresh.is_used {
            // Either the client or a thief holds the newer one (RFC 9700, 4.14.2).
            grants.revoke(refresh.family);
            return Err(Fault::grant("refresh_token was used before, all tokens of this sign-in are taken back"));
        }
        if family.is_revoked {
            return Err(Fault::grant("refresh_token was taken back"));
        }
        if self.now >= refresh.expires_at {
            return Err(Fault::grant("refresh_token is over, sign in again"));
        }
        let scopes = match self.form.get("scope") {
            Some(wanted) => Scopes::read(Some(wanted))?,
            None => family.scopes.clone(),
        };
        if !family.scopes.covers(&scopes) {
            return Err(Fault::new("invalid_scope", "scope holds more than was allowed at sign-in"));
        }
        let rotates = grants.rules.rotates;
        let answer = self.issue(grants, refresh.family, &scopes, rotates)?;
        if let Some(refresh) = grants.refresh.get_mut(&print).filter(|_| rotates) {
            refresh.is_used = true;
        }
        Ok(answer)
    }

    fn issue(&self, grants: &mut Grants, family: u64, scopes: &Scopes, has_refresh: bool) -> Result<Value, Fault> {
        grants.issue(&self.shared.oauth, family, scopes, has_refresh, self.now).map_err(Fault::randomness)
    }
}

/// Whether a verifier is well-formed and its digest is the challenge.
fn fits(verifier: &str, challenge: &str) -> bool {
    let is_verifier = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    is_verifier && bool::from(digest.as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_fits_and_nothing_else() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(fits(verifier, challenge));
        assert!(!fits(verifier, verifier), "plain");
        assert!(!fits(&verifier[1..], challenge));
        let short = "a".repeat(42);
        assert!(!fits(&short, &URL_SAFE_NO_PAD.encode(Sha256::digest(short.as_bytes()))));
    }
}
