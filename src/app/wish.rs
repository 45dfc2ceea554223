//! How one request is to be sent: the environment's settings, or what the person says for this once.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use url::Url;

use super::network::NetworkSettings;
use super::services::{KnownJar, Services};
use crate::credentials::VaultError;
use crate::secret::Secret;
use crate::transport::{CookieJar, ProxyChoice, RetryPolicy, RouteSecrets, SendOptions};
use crate::workspace::{DraftPart, DraftProblem};

/// What is different for this one sending.
///
/// *Secrets*: possibly, the pass phrase.
#[derive(Clone, Debug, Default)]
pub struct SendWish {
    /// Other settings than the environment's.
    pub network: Option<NetworkSettings>,
    /// Whether a request that may be done twice may be tried again: the person said so.
    pub may_duplicate: bool,
    /// How many times it is tried again, instead of what the settings say.
    pub retries: Option<u32>,
    /// Seconds to wait before the first try, because the answer before asked for it.
    pub wait_first_s: Option<f64>,
    /// Whether the address is not verified although it belongs to no environment: the person said so for this once.
    pub is_unverified_here: bool,
    /// The pass phrase of the client certificate.
    pub passphrase: Option<Secret>,
}

impl Services {
    /// Everything the sending needs that is not the request. Asks the keyring where a secret is named: never on a
    /// worker of the runtime.
    ///
    /// *Errors*: the proxy's credential cannot be used; beside the network settings.
    pub(super) fn options(
        &self,
        wish: &SendWish,
        environment: &str,
        is_own_address: bool,
    ) -> Result<SendOptions, DraftProblem> {
        let network = wish.network.clone().unwrap_or_else(|| self.network_of(environment));
        let mut route = network.route.clone();
        // Switched off for an environment, it is off for that environment's own address and no other.
        route.is_unverified = wish.is_unverified_here || (route.is_unverified && is_own_address);
        let proxy = self.proxy_secret(&network)?;
        let passphrase = wish.passphrase.clone().or_else(|| self.passphrase(environment));
        let retries = wish.retries.unwrap_or(network.retries);
        Ok(SendOptions {
            limits: network.limits(),
            route,
            secrets: RouteSecrets { proxy, passphrase },
            max_redirects: network.max_redirects,
            retry: RetryPolicy { may_duplicate: wish.may_duplicate, ..RetryPolicy::times(retries) },
            cookies: network.has_cookies.then(|| self.jar(environment)),
        })
    }

    fn proxy_secret(&self, network: &NetworkSettings) -> Result<Option<(String, Secret)>, DraftProblem> {
        let (ProxyChoice::Explicit { url, .. }, Some(name)) = (&network.route.proxy, &network.proxy_credential) else {
            return Ok(None);
        };
        let full = if url.contains("://") { url.clone() } else { format!("http://{url}") };
        // An address that is none is told when the proxy is chosen.
        let Ok(proxy) = Url::parse(&full) else { return Ok(None) };
        self.vault.use_for_proxy(name, &proxy, Timestamp::now()).map(Some).map_err(|error: VaultError| {
            DraftProblem::new(DraftPart::Network, format!("For the proxy: {}", error.summary()), error.fix())
        })
    }

    /// The environment's jar of cookies, read from the vault at its first use. May wait for the keyring.
    ///
    /// One that cannot be read is begun anew for this session; the vault keeps what it has.
    pub fn jar(&self, environment: &str) -> Arc<Mutex<CookieJar>> {
        if let Some(known) = self.jars().get(environment) {
            return Arc::clone(&known.jar);
        }
        let kept = self.vault.load_jar(environment).ok().flatten();
        let jar = Arc::new(Mutex::new(kept.as_ref().and_then(CookieJar::from_secret).unwrap_or_default()));
        // Another thread may have been quicker; the first one counts.
        Arc::clone(&self.jars().entry(environment.to_owned()).or_insert(KnownJar { jar, kept }).jar)
    }

    /// Gives the environment's jar back to the vault, if it has changed. May wait for the keyring.
    ///
    /// *Errors*: what happened and what to do, where the cookies live only until the program ends.
    pub fn keep_jar(&self, environment: &str) -> Result<(), (String, String)> {
        let (text, kept) = {
            let jars = self.jars();
            let Some(known) = jars.get(environment) else { return Ok(()) };
            let jar = known.jar.lock().unwrap_or_else(PoisonError::into_inner);
            // An empty jar is none.
            (if jar.list().is_empty() { None } else { jar.to_secret() }, known.kept.clone())
        };
        if text == kept {
            return Ok(());
        }
        let done = match &text {
            None => self.vault.remove_jar(environment),
            Some(text) => self.vault.save_jar(environment, text).map(|_| ()),
        };
        if let Some(known) = self.jars().get_mut(environment) {
            // Also after a failure: the same jar is not offered again with each request.
            known.kept = text;
        }
        done.map_err(|error| (format!("The cookies are kept until the program ends: {}", error.summary()), error.fix()))
    }
}
