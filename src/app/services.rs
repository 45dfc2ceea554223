//! What the program works with: profile, sandbox, transport, vault, history; no state of the window.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::watch;
use url::Url;

use super::network::{self, NetworkFile, NetworkSettings};
use super::own_rules::redaction_rules;
use crate::credentials::{CredentialKind, NewCredential, Origin, StoredIn, Vault};
use crate::disk::{DataDir, SpillDir};
use crate::history::{History, HistoryError, HistoryNotice};
use crate::profile::{Environment, EnvironmentKind, Profile, built_in, generic};
use crate::sandbox::{CredentialState, Sandbox, SandboxSettings};
use crate::secret::{Gate, Rules, Secret};
use crate::transport::{CookieJar, Limits, ProxyChoice, Transport, check_proxy};
use crate::workspace::Bases;

/// What the names of the embedded sandbox's own credentials begin with.
pub const SANDBOX_PREFIX: &str = "local.";

/// Why the program's services cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The system gave no threads.
    #[error("no threads could be started: {0}")]
    Runtime(#[source] std::io::Error),
}

/// The embedded sandbox once it answers.
#[derive(Clone, Debug)]
pub struct StartedSandbox {
    /// Its address. Shape: `http://127.0.0.1:40123`.
    pub base: String,
    /// The workspace of its first key.
    pub workspace: String,
    /// The name of its first key in the session's vault.
    pub credential: String,
}

impl StartedSandbox {
    fn of(sandbox: &Sandbox) -> Self {
        Self {
            base: sandbox.base_url(),
            workspace: sandbox.workspace().to_owned(),
            credential: sandbox.credentials().first().map(|first| session_name(&first.name)).unwrap_or_default(),
        }
    }
}

/// How long the end of a call waits for tokens that a server is just giving.
const RENEWAL_PATIENCE: Duration = Duration::from_secs(10);

/// A renewal under way.
pub(super) struct UnderWay(watch::Sender<usize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

/// An environment's cookies, and what of them the vault has.
pub(super) struct KnownJar {
    pub jar: Arc<Mutex<CookieJar>>,
    /// The text that was read or kept last; none where the vault has none.
    pub kept: Option<Secret>,
    /// Whether the vault could not be read, so that it may have more.
    pub is_unread: bool,
}

/// Everything behind the state. Shared by window and terminal; cheap to share behind an `Arc`.
pub struct Services {
    /// The API that is called.
    pub profile: Arc<Profile>,
    /// The profile for addresses of no environment.
    pub generic: Arc<Profile>,
    /// The profile for what authorization servers answer.
    pub oauth: Arc<Profile>,
    /// Sends requests.
    pub transport: Transport,
    /// Tokens.
    pub vault: Vault,
    /// What everything that leaves memory passes.
    pub gate: Gate,
    /// Redacted exchanges.
    pub history: History,
    /// Whether they are written to disk rather than kept in memory only.
    pub is_history_on_disk: bool,
    /// Where files are.
    pub data_dir: DataDir,
    bases: RwLock<Bases>,
    network: RwLock<NetworkFile>,
    /// What holds for environments without settings of their own.
    default_limits: Limits,
    jars: Mutex<BTreeMap<String, KnownJar>>,
    sandbox: Mutex<Option<Sandbox>>,
    /// How many renewals are under way.
    renewing: watch::Sender<usize>,
}

impl Services {
    /// Opens vault and history over a data directory. Starts no sandbox and asks no keyring yet.
    ///
    /// Returns what a person has to know beside it: what happened, and what to do.
    /// *Errors*: only if SQLite or a thread cannot start at all.
    pub fn open(
        profile: Profile,
        data_dir: DataDir,
        limits: Limits,
    ) -> Result<(Self, Vec<(String, String)>), HistoryError> {
        let bases = Bases::of(&profile);
        let (history, notice) = History::open(data_dir.path())?;
        let (network, problem) = network::load(&data_dir);
        let (rules, own_problem) = match redaction_rules(&data_dir) {
            Ok(rules) => (rules, None),
            Err((summary, place, fix)) => (Rules::built_in(), Some((format!("{summary} ({place})"), fix))),
        };
        let vault = Vault::open(&data_dir);
        let spill = SpillDir::new(None);
        // What a run that was killed left behind is unreadable without its key; that it stays a while does no harm.
        let _ = spill.sweep();
        let is_history_on_disk = !matches!(notice, Some(HistoryNotice::InMemory { .. }));
        let notices = notice.map(|notice| (format!("{} ({})", notice.summary(), notice.place()), notice.fix()));
        let notices = notices.into_iter().chain(problem).chain(own_problem);
        let services = Self {
            profile: Arc::new(profile),
            generic: Arc::new(generic()),
            oauth: Arc::new(built_in("oauth").unwrap_or_else(generic)),
            transport: Transport::new(spill),
            gate: Gate::new(rules, vault.registry().clone()),
            vault,
            history,
            is_history_on_disk,
            data_dir,
            bases: RwLock::new(bases),
            network: RwLock::new(network),
            default_limits: limits,
            jars: Mutex::default(),
            sandbox: Mutex::new(None),
            renewing: watch::Sender::new(0),
        };
        Ok((services, notices.collect()))
    }

    /// Says that a renewal is under way for as long as what is returned lives.
    pub(super) fn begin_renewal(&self) -> UnderWay {
        self.renewing.send_modify(|count| *count += 1);
        UnderWay(self.renewing.clone())
    }

    /// Waits until no renewal is under way, but no longer than a server should take.
    pub(super) async fn renewals_done(&self) {
        let mut count = self.renewing.subscribe();
        let _ = tokio::time::timeout(RENEWAL_PATIENCE, count.wait_for(|count| *count == 0)).await;
    }

    /// How requests of that environment go out.
    pub fn network_of(&self, environment: &str) -> NetworkSettings {
        let file = self.network.read().unwrap_or_else(PoisonError::into_inner);
        let own = file.environments.get(&self.network_key(environment)).cloned();
        own.unwrap_or_else(|| NetworkSettings::with(self.default_limits))
    }

    /// Under which name the settings of an environment are kept. Shape: `altyaa/production`.
    pub fn network_key(&self, environment: &str) -> String {
        NetworkFile::key(&self.profile.name, environment)
    }

    /// The origin at which an environment lives now; none for the embedded sandbox, whose port changes at each start.
    pub(super) fn origin_of(&self, environment: &str) -> Option<String> {
        let is_embedded = self.embedded().is_some_and(|embedded| embedded.name == environment);
        let base = self.bases().url(environment).map(|base| base.origin().ascii_serialization());
        base.filter(|_| !is_embedded)
    }

    /// The settings of every environment that has some of its own.
    pub fn network(&self) -> NetworkFile {
        self.network.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes how requests of that environment go out, from now on and after the next start.
    ///
    /// *Errors*: what happened and what to do, where a proxy's address is none or holds a password (nothing is changed
    /// then), or where the file cannot be written (the change holds until the program ends).
    pub fn set_network(&self, environment: &str, mut settings: NetworkSettings) -> Result<(), (String, String)> {
        if let ProxyChoice::Explicit { url, .. } = &settings.route.proxy {
            check_proxy(url)?;
        }
        settings.origin = self.origin_of(environment);
        let file = {
            let mut file = self.network.write().unwrap_or_else(PoisonError::into_inner);
            file.environments.insert(self.network_key(environment), settings);
            file.clone()
        };
        network::save(&self.data_dir, &file).map_err(|error| (error.summary(), error.fix()))
    }

    /// The same with the pass phrase of the client certificate, which goes to the keyring, and to no file.
    ///
    /// Blocks while the keyring is asked: never on the drawing thread or on a worker of the runtime.
    /// *Errors*: as [`Services::set_network`]; or the pass phrase could be kept only until the program ends.
    pub fn set_network_with(
        &self,
        environment: &str,
        mut settings: NetworkSettings,
        passphrase: Option<Secret>,
    ) -> Result<(), (String, String)> {
        let (key, before) = (self.network_key(environment), self.network_of(environment));
        let has_same_file = settings.route.client_certificate == before.route.client_certificate;
        settings.has_passphrase = settings.route.client_certificate.is_some()
            && (passphrase.is_some() || (before.has_passphrase && has_same_file));
        let kept = match &passphrase {
            Some(passphrase) if settings.has_passphrase => match self.vault.save_passphrase(&key, passphrase) {
                Ok(StoredIn::Keyring) => Ok(()),
                Ok(StoredIn::Session) => Err((
                    "The keyring did not take the pass phrase: it is kept until the program ends".to_owned(),
                    self.vault.state().err().map(|failure| failure.state.fix().to_owned()).unwrap_or_default(),
                )),
                Err(error) => Err((error.summary(), error.fix())),
            },
            _ if before.has_passphrase && !settings.has_passphrase => {
                self.vault.remove_passphrase(&key).map_err(|error| (error.summary(), error.fix()))
            }
            _ => Ok(()),
        };
        self.set_network(environment, settings)?;
        kept
    }

    /// The cookie jars that were used in this session.
    pub(super) fn jars(&self) -> MutexGuard<'_, BTreeMap<String, KnownJar>> {
        self.jars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where each environment lives now.
    pub fn bases(&self) -> Bases {
        self.bases.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether an environment lives at the origin of that address.
    pub fn lives_at(&self, environment: &str, url: &Url) -> bool {
        self.bases().url(environment).is_some_and(|base| base.origin() == url.origin())
    }

    /// The environment of the embedded sandbox; none if the profile has no such environment.
    pub fn embedded(&self) -> Option<&Environment> {
        self.profile.environments.iter().find(|environment| environment.kind == EnvironmentKind::Embedded)
    }

    /// Starts the embedded sandbox on the current runtime and puts its first keys into the session's vault.
    ///
    /// A second call changes nothing.
    /// *Errors*: words for a person.
    pub async fn start_sandbox(&self, settings: SandboxSettings) -> Result<StartedSandbox, String> {
        let Some(environment) = self.embedded() else {
            return Err("the profile has no embedded environment".into());
        };
        if let Some(running) = &*self.sandbox.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(StartedSandbox::of(running));
        }
        let sandbox = Sandbox::start(settings).await.map_err(|error| error.to_string())?;
        let started = StartedSandbox::of(&sandbox);
        let url = Url::parse(&started.base).map_err(|error| error.to_string())?;
        if let Some(origin) = Origin::of(&url) {
            let control = self.vault.add_session_credential(NewCredential {
                name: session_name("control key"),
                kind: CredentialKind::Bearer,
                header: None,
                origins: vec![origin.clone()],
                workspace: None,
                scopes: Vec::new(),
                expires_at: None,
                created_at: Timestamp::now(),
                secret: sandbox.control_key().clone(),
                oauth: None,
            });
            control.map_err(|error| error.summary())?;
            for credential in sandbox.credentials() {
                let added = self.vault.add_session_credential(NewCredential {
                    name: session_name(&credential.name),
                    kind: CredentialKind::Bearer,
                    header: None,
                    origins: vec![origin.clone()],
                    // The keys of other workspaces are there to provoke errors, so nothing binds them here.
                    workspace: None,
                    scopes: credential.scopes.clone(),
                    // An expired key is there to be refused by the server, not by us.
                    expires_at: (credential.state == CredentialState::Valid).then_some(credential.expires_at),
                    created_at: Timestamp::now(),
                    secret: credential.token.clone(),
                    oauth: None,
                });
                added.map_err(|error| error.summary())?;
            }
        }
        self.bases.write().unwrap_or_else(PoisonError::into_inner).set(
            &environment.name,
            url,
            Some(started.workspace.clone()),
        );
        *self.sandbox.lock().unwrap_or_else(PoisonError::into_inner) = Some(sandbox);
        Ok(started)
    }

    /// The name of the credential that the embedded sandbox fills in itself: its first key.
    pub fn own_credential(&self, environment: &str) -> Option<String> {
        let kind = self.profile.environment(environment)?.kind;
        let sandbox = self.sandbox.lock().unwrap_or_else(PoisonError::into_inner);
        let first = sandbox.as_ref()?.credentials().first()?;
        (kind == EnvironmentKind::Embedded).then(|| session_name(&first.name))
    }
}

/// A sandbox key's name in the session's vault. Shape: `editor key` is `local.editor-key`.
pub fn session_name(name: &str) -> String {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    format!("{SANDBOX_PREFIX}{safe}")
}
