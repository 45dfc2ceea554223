//! Signing in, renewing and signing out over the network; shared by window and terminal.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use crate::app::line::redactor_for;
use crate::app::services::Services;
use crate::app::wish::SendWish;
use crate::credentials::oauth::{
    self, ClientAccess, Endpoint, Flow, OAuthError, OAuthFault, Provider, Renewal, RenewalError, Step, Talk, Tokens,
    code, device,
};
use crate::credentials::{CredentialKind, NewCredential, OAuthGrant, Origin, Persist, Stored, VaultError};
use crate::diagnosis::{self, Diagnosis, DiagnosisInput};
use crate::exchange::{Exchange, ExchangeRecord};
use crate::secret::Secret;
use crate::transport::{CancelSignal, SendOptions};

/// How long an exchange of a sign-in may take to reach the history.
const COMMIT_LIMIT: Duration = Duration::from_secs(5);

/// The authorization server to sign in at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// It announces its addresses itself.
    Issuer(Endpoint),
    /// Its addresses were written down.
    ByHand(Box<Provider>),
}

/// A sign-in as wished.
///
/// *Secrets*: yes, in `client_secret`.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The credential's name, new or one that came from a sign-in before.
    pub name: String,
    /// Where.
    pub server: Server,
    /// The name under which the server knows this program.
    pub client_id: String,
    /// The client's own secret, where it has one.
    pub client_secret: Option<Secret>,
    /// How.
    pub flow: Flow,
    /// What the token shall be allowed to do; empty for the server's own choice.
    pub scopes: Vec<String>,
    /// Where the token may be sent.
    pub origins: Vec<Origin>,
    /// The workspace that it belongs to.
    pub workspace: Option<String>,
    /// Where the tokens are kept.
    pub persist: Persist,
}

/// What happens on the way of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInEvent {
    /// The person has to allow it at this address, in the browser.
    Open {
        /// The address; it holds no secret that helps anybody else.
        url: Url,
    },
    /// The person has to type a code in, on any device.
    Code {
        /// The code.
        user_code: String,
        /// Where.
        verification_uri: Url,
        /// Where, with the code filled in already.
        verification_uri_complete: Option<Url>,
        /// How long it can be typed in.
        expires_in: Duration,
    },
    /// A request to the server came to its end.
    Step(StepView),
}

/// A request to an authorization server that came to its end, as it is in the history.
///
/// *Secrets*: none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    /// What it was for. Shape: `Token request`.
    pub title: &'static str,
    /// The exchange's id in the history.
    pub exchange: String,
    /// The status; none if no answer came.
    pub status: Option<u16>,
}

/// Why a sign-in, renewal or sign-out did not come to its end.
#[derive(Clone, Debug)]
pub struct SignInFailure {
    /// A stable word. Shape: `invalid_grant`.
    pub kind: String,
    /// What happened.
    pub summary: String,
    /// Where.
    pub place: String,
    /// What to do next.
    pub fix: String,
    /// Whether only a person can help, by signing in.
    pub is_sign_in_needed: bool,
    /// What the server's answer means, where there is one; of one line, without secrets.
    pub diagnosis: Option<Box<Value>>,
    /// Whether the vault failed rather than the server.
    pub is_vault: bool,
}

impl SignInFailure {
    fn of(error: &OAuthError, services: &Services) -> Self {
        Self {
            kind: error.kind().into(),
            summary: error.summary(),
            place: error.place(),
            fix: error.fix(),
            is_sign_in_needed: error.is_sign_in_needed(),
            diagnosis: match error.exchange.as_deref() {
                Some(exchange) => told(services, exchange),
                None => said_in_redirect(services, &error.fault),
            }
            .map(Box::new),
            is_vault: false,
        }
    }

    pub(in crate::app) fn broke_off() -> Self {
        Self::of_vault(&VaultError::broke_off())
    }

    pub(super) fn of_vault(error: &VaultError) -> Self {
        Self {
            kind: match error {
                VaultError::NotOauth { .. } => "no_sign_in",
                VaultError::InvalidFact(_) | VaultError::Exists { .. } | VaultError::UnknownName { .. } => "usage",
                _ => "vault",
            }
            .into(),
            summary: error.summary(),
            place: error.place(),
            fix: error.fix(),
            is_sign_in_needed: false,
            diagnosis: None,
            is_vault: true,
        }
    }

    fn of_renewal(error: &RenewalError, services: &Services) -> Self {
        match error {
            RenewalError::Server(error) => Self::of(error, services),
            RenewalError::Vault(error) => Self::of_vault(error),
            RenewalError::SignInNeeded { name, refused_at } => Self {
                kind: "sign_in_needed".into(),
                summary: match refused_at {
                    Some(at) => format!("The server refused to renew {name} at {at:.0}, so it was not asked again"),
                    None => format!("The server gave no refresh token for {name}, so nothing can renew it"),
                },
                place: format!("credential {name}"),
                fix: "Sign in again".into(),
                is_sign_in_needed: true,
                diagnosis: None,
                is_vault: false,
            },
        }
    }
}

/// Signs in and stores the tokens. Tells what a person has to do and what was asked of the server.
///
/// *Errors*: beside the server's, the facts that no credential can have, before anything is sent.
pub async fn sign_in(
    services: &Arc<Services>,
    wish: SignIn,
    cancel: CancelSignal,
    tell: &(dyn Fn(SignInEvent) + Send + Sync),
) -> Result<Stored, SignInFailure> {
    let vault = services.vault.clone();
    let facts = credential(&wish, None);
    let may = beside(move || vault.may_sign_in(&facts)).await?;
    may.map_err(|error| SignInFailure::of_vault(&error))?;
    if let Some(secret) = &wish.client_secret {
        services.gate.registry().add("client secret", secret);
    }
    let at = match &wish.server {
        Server::Issuer(issuer) => issuer.clone(),
        Server::ByHand(provider) => provider.token_url.clone(),
    };
    let options = options_at(services, &at).await?;
    let on_step = |step: Step| tell(SignInEvent::Step(record(services, step)));
    let talk = talk(services, options, &on_step, cancel);
    let failed = |error: OAuthError| SignInFailure::of(&error, services);
    let provider = match &wish.server {
        Server::Issuer(issuer) => oauth::discover(&talk, issuer).await.map_err(failed)?,
        Server::ByHand(provider) => (**provider).clone(),
    };
    let client = ClientAccess { id: wish.client_id.clone(), secret: wish.client_secret.clone() };
    let tokens = match wish.flow {
        Flow::Code => {
            let pending = code::begin(&provider, &client, &wish.scopes).await.map_err(failed)?;
            tell(SignInEvent::Open { url: pending.url().clone() });
            pending.wait(&talk, code::CODE_TIMEOUT).await.map_err(failed)?
        }
        Flow::Device => {
            let pending = device::begin(&talk, &provider, &client, &wish.scopes).await.map_err(failed)?;
            tell(SignInEvent::Code {
                user_code: pending.user_code.clone(),
                verification_uri: pending.verification_uri.url().clone(),
                verification_uri_complete: pending.verification_uri_complete.as_ref().map(|uri| uri.url().clone()),
                expires_in: pending.expires_in,
            });
            pending.wait(&talk).await.map_err(failed)?
        }
        Flow::ClientCredentials => {
            oauth::client_credentials(&talk, &provider, &client, &wish.scopes).await.map_err(failed)?
        }
    };
    let new = credential(&wish, Some((provider, tokens)));
    let vault = services.vault.clone();
    let stored = beside(move || vault.sign_in(new, wish.persist)).await?;
    stored.map_err(|error| SignInFailure::of_vault(&error))
}

/// Renews a credential's token now; where another process just did, that one's token is taken.
///
/// *Errors*: the server's or the vault's.
pub async fn refresh(
    services: &Arc<Services>,
    name: &str,
    cancel: CancelSignal,
    on_step: &(dyn Fn(StepView) + Send + Sync),
) -> Result<Renewal, SignInFailure> {
    let options = options_of(services, name).await?;
    let on_step = |step: Step| on_step(record(services, step));
    let talk = talk(services, options, &on_step, cancel);
    let renewed = oauth::renew(&services.vault, &talk, name).await;
    renewed.map_err(|error| SignInFailure::of_renewal(&error, services))
}

/// Takes a credential's tokens back at their server, where it has a place for it, and removes the credential.
///
/// The tokens are removed here whatever the server says; what it did not take back is in the result.
/// *Errors*: the vault's.
pub async fn sign_out(
    services: &Arc<Services>,
    name: &str,
    cancel: CancelSignal,
    on_step: &(dyn Fn(StepView) + Send + Sync),
) -> Result<Option<SignInFailure>, SignInFailure> {
    let options = options_of(services, name).await?;
    let on_step = |step: Step| on_step(record(services, step));
    let talk = talk(services, options, &on_step, cancel);
    let refused = oauth::sign_out(&services.vault, &talk, name).await;
    let refused = refused.map_err(|error| SignInFailure::of_vault(&error))?;
    Ok(refused.map(|error| SignInFailure::of(&error, services)))
}

/// How requests to the server of a credential go out.
async fn options_of(services: &Arc<Services>, name: &str) -> Result<SendOptions, SignInFailure> {
    let (vault, asked) = (services.vault.clone(), name.to_owned());
    let read = beside(move || vault.reveal(&asked)).await?;
    let (facts, _) = read.map_err(|error| SignInFailure::of_vault(&error))?;
    let Some(at) = facts.oauth.map(|oauth| oauth.provider.token_url) else {
        return Err(SignInFailure::of_vault(&VaultError::NotOauth { name: name.into() }));
    };
    options_at(services, &at).await
}

/// The credential of a sign-in; before there are tokens, one to check its facts by.
fn credential(wish: &SignIn, got: Option<(Provider, Tokens)>) -> NewCredential {
    let by_hand = match &wish.server {
        Server::ByHand(provider) => Some((**provider).clone()),
        Server::Issuer(issuer) => Some(Provider::of_token_url(issuer.clone())),
    };
    let (provider, tokens) = got.map_or((by_hand, None), |(provider, tokens)| (Some(provider), Some(tokens)));
    let received_at = tokens.as_ref().map_or_else(Timestamp::now, |tokens| tokens.received_at);
    NewCredential {
        name: wish.name.clone(),
        kind: CredentialKind::OAuth,
        header: None,
        origins: wish.origins.clone(),
        workspace: wish.workspace.clone(),
        scopes: tokens.as_ref().and_then(|tokens| tokens.scopes.clone()).unwrap_or_else(|| wish.scopes.clone()),
        expires_at: tokens.as_ref().and_then(|tokens| tokens.expires_at),
        created_at: received_at,
        secret: tokens.as_ref().map_or_else(|| Secret::new("not-yet".into()), |tokens| tokens.access.clone()),
        oauth: provider.map(|provider| {
            Box::new(OAuthGrant {
                client_id: wish.client_id.clone(),
                flow: wish.flow,
                provider,
                refresh: tokens.and_then(|tokens| tokens.refresh),
                client_secret: wish.client_secret.clone(),
                refused_at: None,
            })
        }),
    }
}

/// How requests to that address go out: as those of the environment that lives there, else as by default.
///
/// A client certificate, cookies and switched-off verification are for an environment's own calls, not for its tokens.
async fn options_at(services: &Arc<Services>, at: &Endpoint) -> Result<SendOptions, SignInFailure> {
    let url = at.url().clone();
    let services = Arc::clone(services);
    let asked = beside(move || {
        let environments = services.profile.environments.iter();
        let lives_there =
            environments.map(|environment| environment.name.clone()).find(|name| services.lives_at(name, &url));
        services.options(&SendWish::default(), &lives_there.unwrap_or_default(), &url, false)
    })
    .await?;
    asked.map_err(|problem| SignInFailure {
        kind: "network".into(),
        summary: problem.summary,
        place: "the network settings".into(),
        fix: problem.fix,
        is_sign_in_needed: false,
        diagnosis: None,
        is_vault: problem.is_outside,
    })
}

fn talk<'a>(
    services: &'a Services,
    options: SendOptions,
    on_step: &'a (dyn Fn(Step) + Send + Sync),
    cancel: CancelSignal,
) -> Talk<'a> {
    Talk {
        transport: &services.transport,
        options,
        environment: String::new(),
        on_step,
        cancel,
        registry: services.gate.registry(),
    }
}

/// Writes an exchange with an authorization server into the history, without its secrets.
///
/// Needs a runtime with several threads: it waits for the writer.
fn record(services: &Services, step: Step) -> StepView {
    let Step { title, mut exchange } = step;
    exchange.request.profile = services.oauth.name.clone();
    let status = exchange.response.as_ref().map(|response| response.status);
    let value = diagnose(services, &exchange).and_then(|diagnosis| serde_json::to_value(diagnosis).ok());
    let record = redactor_for(services, &exchange).redact(ExchangeRecord::from_exchange(&exchange, value.as_ref()));
    // A history that fails is told where calls are made; a sign-in goes on without it.
    let _ = tokio::task::block_in_place(|| services.history.record(record).wait(COMMIT_LIMIT));
    StepView { title, exchange: exchange.id.to_string(), status }
}

fn diagnose(services: &Services, exchange: &Exchange) -> Option<Diagnosis> {
    diagnosis::from_exchange(exchange, &services.oauth, Timestamp::now())
}

/// What an exchange's diagnosis says, without secrets.
fn told(services: &Services, exchange: &Exchange) -> Option<Value> {
    let value = diagnose(services, exchange).and_then(|diagnosis| serde_json::to_value(diagnosis).ok())?;
    let record = redactor_for(services, exchange).redact(ExchangeRecord::from_exchange(exchange, Some(&value)));
    record.diagnosis.clone()
}

/// What an error means that came with the browser's return: its members are those of an answer, but no status was seen.
fn said_in_redirect(services: &Services, fault: &OAuthFault) -> Option<Value> {
    let (code, description) = match fault {
        OAuthFault::Denied { description } => ("access_denied", description),
        OAuthFault::Refused { code, description } => (code.as_str(), description),
        _ => return None,
    };
    let body = json!({ "error": code, "error_description": description.as_deref().unwrap_or_default() }).to_string();
    let input = DiagnosisInput {
        status: 400,
        headers: &[],
        body: body.as_bytes(),
        method: None,
        url: None,
        request_headers: &[],
        payload: None,
    };
    let mut value = serde_json::to_value(diagnosis::diagnose(&input, &services.oauth, Timestamp::now())).ok()?;
    value.as_object_mut()?.insert("status".into(), Value::Null);
    Some(value)
}

/// Runs what may wait for the keyring beside the runtime's workers.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SignInFailure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| SignInFailure::broke_off())
}
