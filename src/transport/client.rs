//! The HTTP clients: one for each way that requests take, kept so that connections are.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Proxy;
use sha2::{Digest as _, Sha256};
use url::{Host, Url};

use super::clock::{Clock, ConnectClock, Marks, Resolver};
use super::identity::IdentityError;
use super::proxy::ProxyTarget;
use super::settings::{HttpVersion, Route, SendOptions};
use super::tls::{self, Trust};
use crate::disk::SpillDir;
use crate::exchange::TlsFacts;
use crate::secret::Secret;

/// How long a connection is kept idle: less than most servers do, so that it seldom ends while a request goes out.
const IDLE_CONNECTION: Duration = Duration::from_secs(4);
/// How many clients are kept; the oldest goes, and its idle connections with it.
const MAX_CLIENTS: usize = 16;
/// How many places are remembered that answered before.
const MAX_ANSWERED: usize = 256;

/// How many handshakes are remembered for connections that are kept open.
const MAX_HANDSHAKES: usize = 512;

/// Why no HTTP client can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SetupError {
    /// What is wrong, for a person.
    pub summary: String,
    /// What to do next.
    pub fix: String,
}

impl From<IdentityError> for SetupError {
    fn from(error: IdentityError) -> Self {
        Self { summary: error.summary(), fix: error.fix() }
    }
}

/// What makes two requests share a client. Secrets are in it as hashes.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    route: Route,
    trust: Trust,
    proxy: Option<String>,
    secrets: [u8; 32],
    connect_within_ms: u128,
}

/// The handshake of a connection and the exchange that made it.
#[derive(Clone, Debug)]
pub(super) struct Handshake {
    pub tls: TlsFacts,
    pub addresses: Vec<String>,
}

/// The two ends of a connection, which no other open connection has.
pub(super) type Ends = (std::net::SocketAddr, std::net::SocketAddr);

/// A connection on its way up that no request waits for.
struct Spare {
    /// The way and the address it leads to.
    place: String,
    /// The exchange that began it.
    exchange: String,
    clock: Arc<Clock>,
}

/// How many spare connections are remembered.
const MAX_SPARE: usize = 64;

/// Sends requests. Cheap to share behind an `Arc`; bound to the runtime it is first used on.
pub struct Transport {
    pub(super) spill: SpillDir,
    clients: Mutex<VecDeque<(Key, reqwest::Client)>>,
    handshakes: Mutex<(HashMap<Ends, Handshake>, VecDeque<Ends>)>,
    /// Where an answer came from before, so that a connection may be kept there.
    answered: Mutex<HashSet<String>>,
    /// Connections that a request began to open before another one was free for it.
    spare: Mutex<VecDeque<Spare>>,
    pub(super) jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl Transport {
    /// A transport whose large bodies go to that folder; clients are made at first use.
    pub fn new(spill: SpillDir) -> Self {
        Self {
            spill,
            clients: Mutex::default(),
            handshakes: Mutex::default(),
            answered: Mutex::default(),
            spare: Mutex::default(),
            jitter: Arc::new(super::retry::random),
        }
    }

    /// The same with another source of chance, a number from 0 to 1, for the waits between tries.
    #[must_use]
    pub fn with_jitter(self, jitter: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self { jitter: Arc::new(jitter), ..self }
    }

    /// The client for a way. Making one reads certificate files and the trust store. With `is_fresh` it is one that has
    /// no connections yet and is kept by nobody.
    pub(super) async fn client_for(
        &self,
        options: &SendOptions,
        trust: &Trust,
        proxy: Option<&ProxyTarget>,
        is_fresh: bool,
    ) -> Result<reqwest::Client, SetupError> {
        let key = Key {
            route: Route { proxy: Default::default(), is_unverified: false, ..options.route.clone() },
            trust: trust.clone(),
            proxy: proxy.map(|proxy| proxy.url.to_string()),
            secrets: fingerprint_of(options, proxy).await,
            connect_within_ms: options.limits.connect_within().as_millis(),
        };
        if let Some(client) = self.kept(&key).filter(|_| !is_fresh) {
            return Ok(client);
        }
        let (options, trust, proxy) = (options.clone(), trust.clone(), proxy.cloned());
        let made = tokio::task::spawn_blocking(move || build(&options, &trust, proxy.as_ref())).await;
        let broke_off = |_| SetupError {
            summary: "The HTTP client could not be made".into(),
            fix: "Send it again; if it happens each time, report it as a bug".into(),
        };
        let client = made.map_err(broke_off)??;
        if is_fresh {
            return Ok(client);
        }
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= MAX_CLIENTS {
            clients.pop_front();
        }
        clients.push_back((key, client.clone()));
        Ok(client)
    }

    fn kept(&self, key: &Key) -> Option<reqwest::Client> {
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.iter().find(|(known, _)| known == key).map(|(_, client)| client.clone())
    }

    /// Closes all kept connections, so that the next requests open new ones.
    pub fn forget_connections(&self) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Remembers whose handshake a new connection had; none for one without, whose ends another may have had before.
    pub(super) fn remember(&self, ends: Ends, handshake: Option<Handshake>) {
        let mut known = self.handshakes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(handshake) = handshake else {
            if known.0.remove(&ends).is_some() {
                known.1.retain(|other| *other != ends);
            }
            return;
        };
        if known.0.insert(ends, handshake).is_none() {
            known.1.push_back(ends);
        }
        if known.1.len() > MAX_HANDSHAKES
            && let Some(oldest) = known.1.pop_front()
        {
            known.0.remove(&oldest);
        }
    }

    /// Remembers that an answer came from there.
    pub(super) fn note_answer(&self, place: String) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if answered.len() >= MAX_ANSWERED {
            answered.clear();
        }
        answered.insert(place);
    }

    /// Whether an answer came from there before.
    pub(super) fn has_answered(&self, place: &str) -> bool {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).contains(place)
    }

    /// Remembers a connection that is being opened for whoever comes next.
    pub(super) fn spare(&self, place: String, exchange: &str, clock: Arc<Clock>) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() >= MAX_SPARE {
            spare.pop_front();
        }
        spare.push_back(Spare { place, exchange: exchange.to_owned(), clock });
    }

    /// The handshake of a connection whose ends nobody knows yet: that of the spare connection that stands there.
    ///
    /// Where several stand, nothing tells which of them it is: what they have in common is told, without whose it was,
    /// and none where they differ.
    pub(super) fn take_spare(&self, place: &str) -> Option<Handshake> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let standing: Vec<(usize, Marks)> = spare
            .iter()
            .enumerate()
            .filter(|(_, spare)| spare.place == place)
            .map(|(index, spare)| (index, spare.clock.marks()))
            .filter(|(_, marks)| marks.connect_end.is_some())
            .collect();
        let ((index, first), others) = standing.split_first()?;
        let mut tls = first.tls.clone()?;
        if others.iter().any(|(_, marks)| marks.tls.as_ref() != Some(&tls)) {
            return None;
        }
        let taken = spare.remove(*index)?;
        tls.made_by = others.is_empty().then_some(taken.exchange);
        let addresses = first.address_texts();
        Some(Handshake { tls, addresses })
    }

    /// The handshake of a connection that was kept.
    pub(super) fn handshake_of(&self, ends: Ends) -> Option<Handshake> {
        self.handshakes.lock().unwrap_or_else(PoisonError::into_inner).0.get(&ends).cloned()
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

/// The fingerprint, off the runtime's workers where files have to be looked at.
async fn fingerprint_of(options: &SendOptions, proxy: Option<&ProxyTarget>) -> [u8; 32] {
    if options.route.ca_files.is_empty() && options.route.client_certificate.is_none() {
        return fingerprint(options, proxy);
    }
    let (options, proxy) = (options.clone(), proxy.cloned());
    tokio::task::spawn_blocking(move || fingerprint(&options, proxy.as_ref())).await.unwrap_or_default()
}

/// A hash over the secrets and the state of the certificate files, so that a changed one makes a new client.
fn fingerprint(options: &SendOptions, proxy: Option<&ProxyTarget>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    if let Some((user, password)) = proxy.and_then(|proxy| proxy.auth.as_ref()) {
        add(user.as_bytes());
        add(password.expose().as_bytes());
    }
    add(options.secrets.passphrase.as_ref().map(Secret::expose).unwrap_or_default().as_bytes());
    let identity = options.route.client_certificate.iter();
    let identity = identity.flat_map(|identity| std::iter::once(&identity.file).chain(&identity.key));
    for file in options.route.ca_files.iter().chain(identity) {
        if let Ok(about) = std::fs::metadata(file) {
            let at = about.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
            add(&at.unwrap_or_default().as_nanos().to_le_bytes());
            add(&about.len().to_le_bytes());
        }
    }
    hash.finalize().into()
}

fn build(options: &SendOptions, trust: &Trust, proxy: Option<&ProxyTarget>) -> Result<reqwest::Client, SetupError> {
    let route = &options.route;
    let tls = tls::client_config(route, trust, options.secrets.passphrase.as_ref())?;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(options.limits.connect_within())
        .pool_idle_timeout(IDLE_CONNECTION)
        .dns_resolver(Resolver { names: route.names.clone() })
        .connector_layer(ConnectClock)
        .tls_backend_preconfigured(tls);
    builder = match route.http {
        HttpVersion::Auto => builder,
        HttpVersion::Http1 => builder.http1_only(),
        HttpVersion::Http2 => builder.http2_prior_knowledge(),
    };
    let unusable = |error: reqwest::Error| SetupError {
        summary: format!("The HTTP client could not be made: {}", super::failure::innermost(&error.without_url())),
        fix: "Change the proxy and TLS settings of this environment".into(),
    };
    if let Some(proxy) = proxy {
        builder = builder.proxy(reqwest_proxy(proxy).map_err(unusable)?);
    }
    builder.build().map_err(unusable)
}

fn reqwest_proxy(target: &ProxyTarget) -> reqwest::Result<Proxy> {
    match &target.auth {
        None => Proxy::all(target.url.clone()),
        Some((user, password)) if target.url.scheme().starts_with("socks") => {
            let mut url = target.url.clone();
            // A SOCKS address takes any user; what it cannot take leaves the proxy without one, which then says so.
            let _ = url.set_username(user);
            let _ = url.set_password(Some(password.expose()));
            Proxy::all(url)
        }
        Some((user, password)) => Ok(Proxy::all(target.url.clone())?.basic_auth(user, password.expose())),
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
