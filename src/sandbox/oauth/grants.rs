//! What the authorization server remembers: open questions, codes, device codes, grants and their tokens.
//!
//! Everything lies in memory and is bounded. What has made room for something newer counts as unknown, so that a
//! full store refuses and never lets through.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Authority;
use super::jwt::Claims;
use super::redirect::Redirect;
use super::scope::Scopes;
use super::shelf::{Print, Shelf};
use crate::exchange::ulid;
use crate::sandbox::keys::random_token;
use crate::sandbox::limit::Bucket;
use crate::sandbox::seed::WORKSPACES;
use crate::sandbox::settings::RateLimit;

/// Pages that wait for Allow or Deny, codes, and device codes, each.
const MAX_PENDING: usize = 256;
/// Grants.
const MAX_FAMILIES: usize = 1_000;
/// Refresh tokens and access tokens, each.
const MAX_TOKENS: usize = 4_000;
/// User codes that may be tried: far too few to hit one of 20^8 by guessing.
const GUESSES: RateLimit = RateLimit { requests: 30, per: Duration::from_secs(60) };

/// What can be set at start and over control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Rules {
    pub(in crate::sandbox) access_lifetime: Duration,
    pub(in crate::sandbox) refresh_lifetime: Duration,
    pub(in crate::sandbox) device_lifetime: Duration,
    /// The least time between two questions of a new device code.
    pub(in crate::sandbox) device_interval: Duration,
    /// Whether each use of a refresh token gives a new one.
    pub(in crate::sandbox) rotates: bool,
}

impl Rules {
    /// What holds until control says otherwise.
    pub(in crate::sandbox) fn new(access_lifetime: Duration) -> Self {
        Self {
            access_lifetime,
            refresh_lifetime: Duration::from_secs(30 * 86_400),
            device_lifetime: Duration::from_secs(600),
            device_interval: Duration::from_secs(5),
            rotates: true,
        }
    }
}

/// What a page with Allow and Deny decides.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) what: Asked,
    pub(super) expires_at: Timestamp,
}

/// The two ways to such a page.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// A browser sent by a client.
    Code { wish: Wish, redirect: Redirect, state: Option<String> },
    /// A person with a user code; the print is the device code's.
    Device { device: Print },
}

/// What a client wants of a person.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// The client's place among the clients.
    pub(super) client: usize,
    pub(super) scopes: Scopes,
    /// The S256 challenge.
    pub(super) challenge: String,
}

/// An authorization code.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) wish: Wish,
    /// As the client wrote it.
    pub(super) redirect_uri: String,
    /// The place of the workspace in `WORKSPACES`.
    pub(super) workspace: usize,
    pub(super) expires_at: Timestamp,
    /// The grant that was made of it.
    pub(super) used_for: Option<u64>,
}

/// A device code.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) client: usize,
    pub(super) scopes: Scopes,
    /// Eight capital letters, without the hyphen.
    pub(super) user_code: String,
    pub(super) expires_at: Timestamp,
    pub(super) interval: Duration,
    pub(super) polled_at: Option<Timestamp>,
    pub(super) state: DeviceState,
}

/// What became of a device code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceState {
    /// Nobody decided yet.
    Waiting,
    /// Deny was pressed.
    Denied,
    /// Allow was pressed, for this workspace.
    Allowed(usize),
    /// Its tokens were fetched.
    Used,
}

/// One consent, and all tokens that follow from it.
#[derive(Clone, Debug)]
pub(super) struct Family {
    pub(super) client: usize,
    pub(super) workspace: usize,
    pub(super) scopes: Scopes,
    pub(super) is_revoked: bool,
}

/// A refresh token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refresh {
    pub(super) family: u64,
    pub(super) expires_at: Timestamp,
    /// Whether another one has taken its place.
    pub(super) is_used: bool,
}

/// An access token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    pub(super) family: u64,
    pub(super) is_revoked: bool,
}

/// The whole memory.
#[derive(Debug)]
pub(in crate::sandbox) struct Grants {
    pub(in crate::sandbox) rules: Rules,
    pub(super) asks: Shelf<Print, Ask>,
    pub(super) codes: Shelf<Print, Code>,
    pub(super) devices: Shelf<Print, Device>,
    pub(super) families: Shelf<u64, Family>,
    pub(super) refresh: Shelf<Print, Refresh>,
    /// By `jti`.
    pub(super) access: Shelf<String, Access>,
    /// User codes that may still be tried.
    pub(super) guesses: Bucket,
    next_family: u64,
}

impl Grants {
    /// One that knows no token.
    pub(in crate::sandbox) fn new(rules: Rules, now: Timestamp) -> Self {
        Self {
            rules,
            asks: Shelf::new(MAX_PENDING),
            codes: Shelf::new(MAX_PENDING),
            devices: Shelf::new(MAX_PENDING),
            families: Shelf::new(MAX_FAMILIES),
            refresh: Shelf::new(MAX_TOKENS),
            access: Shelf::new(MAX_TOKENS),
            guesses: Bucket::full(GUESSES, now),
            next_family: 0,
        }
    }

    /// Remembers a consent and gives its number.
    pub(super) fn found(&mut self, client: usize, workspace: usize, scopes: Scopes) -> u64 {
        let number = self.next_family;
        self.next_family = number.wrapping_add(1);
        self.families.insert(number, Family { client, workspace, scopes, is_revoked: false });
        number
    }

    /// Takes back every token of a consent.
    pub(super) fn revoke(&mut self, family: u64) {
        if let Some(family) = self.families.get_mut(&family) {
            family.is_revoked = true;
        }
    }

    /// Whether a consent still holds.
    pub(super) fn holds(&self, family: u64) -> bool {
        self.families.get(&family).is_some_and(|family| !family.is_revoked)
    }

    /// The answer of the token endpoint with new tokens.
    ///
    /// *Errors*: when the system gives no randomness; nothing is remembered then.
    pub(super) fn issue(
        &mut self,
        authority: &Authority,
        number: u64,
        scopes: &Scopes,
        has_refresh: bool,
        now: Timestamp,
    ) -> Result<Value, getrandom::Error> {
        let refresh = if has_refresh { Some(random_token("sandbox_refresh")?) } else { None };
        let mut random = [0u8; 10];
        getrandom::fill(&mut random)?;
        let jti = ulid(now, random);
        let (client, workspace) = self.families.get(&number).map_or((0, 0), |family| (family.client, family.workspace));
        let client_id = authority.clients.get(client).map_or("", |client| client.id.as_str());
        let workspace = WORKSPACES.get(workspace).copied().unwrap_or_default();
        let until = after(now, self.rules.access_lifetime);
        let claims = Claims {
            iss: authority.issuer.clone(),
            aud: authority.issuer.clone(),
            // A service acts for itself and not for a person.
            sub: if authority.is_service(client) { client_id.to_owned() } else { "user_sandbox".into() },
            client_id: client_id.to_owned(),
            scope: scopes.text(),
            workspace: workspace.into(),
            iat: now.as_second(),
            nbf: now.as_second(),
            // Rounded up, so that it never ends before `expires_in`.
            exp: until.as_second().saturating_add(i64::from(until.subsec_nanosecond() > 0)),
            jti: jti.clone(),
        };
        self.access.insert(jti, Access { family: number, is_revoked: false });
        let mut answer = json!({
            "access_token": authority.signer.sign(&claims).expose(),
            "token_type": "Bearer",
            "expires_in": self.rules.access_lifetime.as_secs(),
            "scope": claims.scope,
            "workspace": workspace,
        });
        if let Some(token) = refresh {
            let expires_at = after(now, self.rules.refresh_lifetime);
            self.refresh.insert(Print::of(token.expose()), Refresh { family: number, expires_at, is_used: false });
            if let Some(members) = answer.as_object_mut() {
                members.insert("refresh_token".into(), token.expose().into());
            }
        }
        Ok(answer)
    }
}

/// A time from now; the end of time where there is none.
pub(super) fn after(now: Timestamp, time: Duration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}
