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
    /// What the person gave for the address of this request, whoever it belongs to.
    pub here: ForThisAddress,
    /// The pass phrase of the client certificate.
    pub passphrase: Option<Secret>,
}

/// What holds for an address although it belongs to no environment: the person said so for this once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForThisAddress {
    /// Its certificates are taken as they are.
    pub is_unverified: bool,
    /// It may see the client certificate.
    pub has_identity: bool,
    /// Its cookies are kept and sent.
    pub has_cookies: bool,
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
        url: &Url,
        is_own_address: bool,
    ) -> Result<SendOptions, DraftProblem> {
        let network = wish.network.clone().unwrap_or_else(|| self.network_of(environment));
        // What was given for an environment holds for its own address, as it was when it was given, and for no other.
        let is_own = is_own_address && self.is_where_it_was(environment, &network);
        let here = wish.here;
        let mut route = network.route.clone();
        route.is_unverified = here.is_unverified || (route.is_unverified && is_own);
        if !is_own && !here.has_identity {
            route.client_certificate = None;
        }
        let has_cookies = network.has_cookies && (is_own || here.has_cookies);
        let proxy = self.proxy_secret(&network)?;
        let passphrase = match &route.client_certificate {
            None => None,
            Some(_) if wish.passphrase.is_some() || !network.has_passphrase => wish.passphrase.clone(),
            Some(_) => self.passphrase(environment)?,
        };
        let retries = wish.retries.unwrap_or(network.retries);
        Ok(SendOptions {
            limits: network.limits(),
            secrets: RouteSecrets { proxy, passphrase },
            route,
            max_redirects: network.max_redirects,
            retry: RetryPolicy { may_duplicate: wish.may_duplicate, ..RetryPolicy::times(retries) },
            cookies: has_cookies.then(|| self.jar(&self.jar_name(environment, url, is_own_address))),
        })
    }

    /// Whether the environment's address is the one that its settings were made for.
    fn is_where_it_was(&self, environment: &str, network: &NetworkSettings) -> bool {
        network.origin.is_none() || network.origin == self.origin_of(environment)
    }

    /// Under which name the cookies of an address are kept: by its origin, but for the embedded sandbox, whose port
    /// changes at each start.
    fn jar_name(&self, environment: &str, url: &Url, is_own_address: bool) -> String {
        let origin = || url.origin().ascii_serialization();
        if is_own_address { self.own_jar_name(environment).unwrap_or_else(origin) } else { origin() }
    }

    /// Under which name the cookies of an environment are kept; none where nobody knows its address.
    pub fn own_jar_name(&self, environment: &str) -> Option<String> {
        let is_embedded = self.embedded().is_some_and(|embedded| embedded.name == environment);
        if is_embedded { Some(self.network_key(environment)) } else { self.origin_of(environment) }
    }

    /// The pass phrase of an environment's client certificate. May wait for the keyring.
    fn passphrase(&self, environment: &str) -> Result<Option<Secret>, DraftProblem> {
        self.vault.load_passphrase(&self.network_key(environment)).map_err(|error| {
            let summary = format!("For the client certificate: {}", error.summary());
            DraftProblem { is_outside: true, ..DraftProblem::new(DraftPart::Network, summary, error.fix()) }
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

    /// A jar of cookies by its name, read from the vault at its first use. May wait for the keyring.
    ///
    /// One that cannot be read is begun anew for this session; the vault keeps what it has.
    pub fn jar(&self, name: &str) -> Arc<Mutex<CookieJar>> {
        if let Some(known) = self.jars().get(name) {
            return Arc::clone(&known.jar);
        }
        let read = self.vault.load_jar(name);
        let is_unread = read.is_err();
        let kept = read.ok().flatten();
        let jar = Arc::new(Mutex::new(kept.as_ref().and_then(CookieJar::from_secret).unwrap_or_default()));
        // Another thread may have been quicker; the first one counts.
        Arc::clone(&self.jars().entry(name.to_owned()).or_insert(KnownJar { jar, kept, is_unread }).jar)
    }

    /// Gives the jars that have changed back to the vault. May wait for the keyring.
    ///
    /// *Errors*: what happened and what to do, where cookies live only until the program ends.
    pub fn keep_jars(&self) -> Result<(), (String, String)> {
        let names: Vec<String> = self.jars().keys().cloned().collect();
        names.iter().map(|name| self.keep_jar(name)).fold(Ok(()), Result::and)
    }

    fn keep_jar(&self, name: &str) -> Result<(), (String, String)> {
        let lost = |error: VaultError| {
            (format!("The cookies are kept until the program ends: {}", error.summary()), error.fix())
        };
        let (jar, kept, is_unread) = match self.jars().get(name) {
            Some(known) => (Arc::clone(&known.jar), known.kept.clone(), known.is_unread),
            None => return Ok(()),
        };
        let text = || {
            let jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
            // An empty jar is none.
            if jar.list().is_empty() { None } else { jar.to_secret() }
        };
        let mut now = text();
        if now == kept {
            return Ok(());
        }
        if is_unread {
            // What the vault has is not overwritten unseen: it is read now, and what came meanwhile is laid over it.
            let before = self.vault.load_jar(name).map_err(lost)?.as_ref().and_then(CookieJar::from_secret);
            let mut jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
            let mut all = before.unwrap_or_default();
            for cookie in jar.list() {
                all.set(&cookie);
            }
            *jar = all;
            drop(jar);
            now = text();
        }
        let done = match &now {
            None => self.vault.remove_jar(name),
            Some(text) => self.vault.save_jar(name, text).map(|_| ()),
        };
        if let Some(known) = self.jars().get_mut(name) {
            // Also after a failure: the same jar is not offered again with each request.
            known.kept = now;
            known.is_unread = false;
        }
        done.map_err(lost)
    }
}
