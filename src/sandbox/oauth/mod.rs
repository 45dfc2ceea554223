//! The sandbox's own authorization server: OAuth 2 as real providers do it, small and strict.
//!
//! Authorization code with PKCE (RFC 6749, 7636, 8252, 9207), device code (RFC 8628), client credentials, refresh
//! tokens that rotate, revocation (RFC 7009) and metadata (RFC 8414). Its access tokens work at the API like keys.
//! What it promises is in `docs/sandbox-oauth.md`. There is no OpenID Connect, so no document says that there is.

mod access;
mod authorize;
mod clients;
mod device;
mod fault;
mod form;
mod grants;
mod jwt;
mod metadata;
mod page;
mod redirect;
mod revoke;
mod scope;
mod shelf;
mod token;

use std::time::Duration;

use axum::response::Response;
use http::request::Parts;

pub(super) use access::granted;
pub use clients::{OauthClient, OauthFlow};
pub(super) use grants::{Grants, Rules};

use super::answer::error_answer;
use super::failure::{Code, Failure};
use super::state::Shared;
use jwt::Signer;

/// Where the metadata is.
const METADATA: &str = "/.well-known/oauth-authorization-server";
/// The page that asks for consent.
const AUTHORIZE: &str = "/oauth/authorize";
/// Where codes become tokens.
const TOKEN: &str = "/oauth/token";
/// Where a device begins.
const DEVICE_AUTHORIZATION: &str = "/oauth/device_authorization";
/// The page where a person types a device's code.
const DEVICE: &str = "/oauth/device";
/// Where tokens are given back.
const REVOKE: &str = "/oauth/revoke";

/// Every path of the server.
pub(super) const PATHS: [&str; 6] = [METADATA, AUTHORIZE, TOKEN, DEVICE_AUTHORIZATION, DEVICE, REVOKE];
/// The pages that a browser may come to from another site, as it does from a program's own page.
///
/// Only by navigating the whole window: what they show cannot be read, framed or pressed from there.
pub(super) const PAGES: &[&str] = &[AUTHORIZE, DEVICE];

/// What of the server never changes while it runs.
#[derive(Debug)]
pub(super) struct Authority {
    /// Shape: `http://127.0.0.1:4010`.
    pub(super) issuer: String,
    pub(super) clients: Vec<OauthClient>,
    /// What the memory begins with.
    pub(super) rules: Rules,
    signer: Signer,
}

impl Authority {
    /// One with new secrets.
    ///
    /// *Errors*: when the system gives no randomness.
    pub(super) fn new(issuer: String, token_lifetime: Duration) -> Result<Self, getrandom::Error> {
        let (clients, signer) = (clients::new_clients()?, Signer::new()?);
        Ok(Self { issuer, clients, rules: Rules::new(token_lifetime), signer })
    }

    /// Whether a client acts for itself and not for a person.
    fn is_service(&self, client: usize) -> bool {
        self.clients.get(client).is_some_and(|client| client.secret.is_some())
    }
}

/// Answers one request to one of [`PATHS`].
pub(super) fn serve(shared: &Shared, head: &Parts, body: &[u8]) -> Response {
    let now = shared.clock.now();
    match head.uri.path() {
        METADATA => metadata::answer(shared, head),
        AUTHORIZE => authorize::answer(shared, head, body, now),
        TOKEN => token::answer(shared, head, body, now),
        DEVICE_AUTHORIZATION => device::begin(shared, head, body, now),
        DEVICE => device::page(shared, head, body, now),
        REVOKE => revoke::answer(shared, head, body),
        _ => error_answer(&Failure::new(Code::NotFound, "there is nothing here")),
    }
}
