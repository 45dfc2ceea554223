//! The HTTP clients: one that goes straight to this machine, one that obeys the system's proxies.

use std::sync::OnceLock;

use thiserror::Error;
use url::{Host, Url};

use super::send::Limits;

/// Why no HTTP client can be made on this machine.
#[derive(Clone, Debug, Error)]
#[error("no HTTP client could be made: {reason}")]
pub struct SetupError {
    reason: String,
}

impl SetupError {
    /// What happened, for a person.
    pub fn summary(&self) -> String {
        format!("The HTTP client could not start: {}", self.reason)
    }

    /// What to do next.
    pub fn fix(&self) -> &'static str {
        "Install the system's CA certificates (package ca-certificates on Debian) and start again"
    }
}

/// Sends requests. Cheap to share behind an `Arc`; bound to the runtime it is first used on.
#[derive(Debug)]
pub struct Transport {
    pub(super) limits: Limits,
    direct: OnceLock<Result<reqwest::Client, SetupError>>,
    outside: OnceLock<Result<reqwest::Client, SetupError>>,
}

impl Transport {
    /// A transport with these limits; clients are made at first use.
    pub fn new(limits: Limits) -> Self {
        Self { limits, direct: OnceLock::new(), outside: OnceLock::new() }
    }

    /// The client for an address. A loopback address is never given to a proxy: it would mean the proxy's own machine.
    pub(super) fn client_for(&self, url: &Url) -> Result<&reqwest::Client, SetupError> {
        let slot = if is_loopback(url) { &self.direct } else { &self.outside };
        slot.get_or_init(|| self.build(is_loopback(url))).as_ref().map_err(Clone::clone)
    }

    fn build(&self, is_direct: bool) -> Result<reqwest::Client, SetupError> {
        let plain = || {
            let builder = reqwest::Client::builder()
                .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(self.limits.connect_within());
            if is_direct { builder.no_proxy() } else { builder }
        };
        let built = match plain().build() {
            // Without any CA certificate on the machine plain HTTP to the own sandbox must still work.
            Err(_) if is_direct => plain().tls_certs_only(std::iter::empty()).build(),
            other => other,
        };
        built.map_err(|error| SetupError { reason: super::failure::innermost(&error.without_url()) })
    }
}

/// Whether an address names this machine by a loopback literal or `localhost`.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}
