//! The work with the keyring and with authorization servers, off the drawing thread.

use std::sync::Arc;

use jiff::Timestamp;

use super::act::{CredentialAct, CredentialEffect, CredentialForm};
use super::form::credential_of;
use super::sign_in::{self, Server, SignIn, SignInEvent, SignInFailure};
use crate::app::command::Command;
use crate::app::doctor::{clean_credential, examine_credential};
use crate::app::jobs::Events;
use crate::app::services::Services;
use crate::credentials::oauth::Renewal;
use crate::credentials::{KeyringFailure, KeyringState, Persist, Stored, StoredIn, VaultError};
use crate::transport::CancelSignal;

/// What happened, and what to do.
type Words = (String, String);

/// Does what blocks: for a thread where that does no harm.
pub(in crate::app) fn run(services: &Services, effect: CredentialEffect) -> Command {
    let vault = &services.vault;
    match effect {
        CredentialEffect::Test(name, record) => {
            match examine_credential(services, &name, record.as_deref().map(|record| &**record), Timestamp::now()) {
                Ok(examined) => Command::Credential(CredentialAct::Tested { name, findings: examined.findings }),
                Err(error) => failed(&error),
            }
        }
        CredentialEffect::Replace(name, secret) => {
            let replaced = vault.replace_secret(&name, secret, None, Timestamp::now());
            changed(replaced, &name, format!("The secret of {name} was replaced"), true)
        }
        CredentialEffect::Clean(name) => {
            changed(clean_credential(services, &name), &name, format!("The secret of {name} was cleaned"), true)
        }
        CredentialEffect::AllowOrigin(name, origin) => {
            let done = format!("{name} may go to {origin} from now on");
            changed(vault.allow_origin(&name, &origin), &name, done, false)
        }
        CredentialEffect::KeepInKeyring(name) => {
            changed(vault.keep(&name), &name, format!("{name} is stored in the keyring"), false)
        }
        CredentialEffect::Reveal(name) => match vault.reveal(&name) {
            Ok((_, secret)) => Command::Credential(CredentialAct::Revealed { name, secret }),
            Err(error) => failed(&error),
        },
        CredentialEffect::ReadToCopy(name) => match vault.reveal(&name) {
            Ok((_, secret)) => Command::Credential(CredentialAct::ReadToCopy { name, secret }),
            Err(error) => failed(&error),
        },
        // These wait for a server and run as jobs of their own.
        CredentialEffect::SignIn { .. }
        | CredentialEffect::SignInAgain { .. }
        | CredentialEffect::Refresh { .. }
        | CredentialEffect::SignOut { .. }
        | CredentialEffect::Cancel(_) => Command::Nothing,
    }
}

/// The list with the keyring's state.
pub(in crate::app) fn load(services: &Services) -> Command {
    let state = services.vault.state().map_or_else(|failure| failure.state, |()| KeyringState::Ready);
    match services.vault.list() {
        Ok(credentials) => Command::CredentialsLoaded { state, credentials, problem: None },
        Err(error) => Command::CredentialsLoaded {
            state,
            credentials: services.vault.list_session(),
            problem: Some((error.summary(), error.fix())),
        },
    }
}

/// Stores a new credential.
pub(in crate::app) fn add(services: &Services, form: CredentialForm) -> Command {
    let (name, is_session_only) = (form.name.clone(), form.is_session_only);
    let (new, persist) = match credential_of(form, Timestamp::now()) {
        Ok(made) => made,
        Err((summary, fix)) => return Command::CredentialFailed { summary, fix },
    };
    match services.vault.add(new, persist) {
        Ok(stored) => {
            let warning = stored.fallback.map(|failure| not_kept(&failure, &name));
            Command::CredentialAdded { name, is_session_only, warning }
        }
        Err(error) => failed(&error),
    }
}

/// Signs in, and tells on the way.
pub(in crate::app) async fn sign_in_job(
    services: Arc<Services>,
    job: u64,
    wish: SignIn,
    cancel: CancelSignal,
    events: Events,
) -> Command {
    let name = wish.name.clone();
    let ended = sign_in::sign_in(&services, wish, cancel, &|event| tell(&events, job, event)).await;
    end(job, ended.map(|stored| (format!("Signed in: {name} is ready"), lost(stored, &name))))
}

/// Signs in again, as the time before.
pub(in crate::app) async fn sign_in_again_job(
    services: Arc<Services>,
    job: u64,
    name: String,
    cancel: CancelSignal,
    events: Events,
) -> Command {
    let (vault, asked) = (services.vault.clone(), name.clone());
    let read = tokio::task::spawn_blocking(move || vault.sign_in_of(&asked)).await;
    let wish = match read {
        Ok(Ok((facts, client_secret))) => facts.oauth.map(|oauth| SignIn {
            name: facts.name,
            server: match &oauth.provider.issuer {
                // Asked anew, so that addresses that have moved are found.
                Some(issuer) => Server::Issuer(issuer.clone()),
                None => Server::ByHand(Box::new(oauth.provider.clone())),
            },
            client_id: oauth.client_id,
            client_secret,
            flow: oauth.flow,
            scopes: facts.scopes,
            origins: facts.origins,
            workspace: facts.workspace,
            persist: if facts.stored == StoredIn::Session { Persist::Session } else { Persist::Keyring },
        }),
        Ok(Err(error)) => return end(job, Err(SignInFailure::of_vault(&error))),
        Err(_) => None,
    };
    match wish {
        Some(wish) => sign_in_job(services, job, wish, cancel, events).await,
        None => end(job, Err(SignInFailure::of_vault(&VaultError::NotOauth { name }))),
    }
}

/// Renews a token.
pub(in crate::app) async fn refresh_job(
    services: Arc<Services>,
    job: u64,
    name: String,
    cancel: CancelSignal,
    events: Events,
) -> Command {
    let on_step = |step| tell(&events, job, SignInEvent::Step(step));
    let ended = sign_in::refresh(&services, &name, cancel, &on_step).await;
    end(
        job,
        ended.map(|renewal| match renewal {
            Renewal::Renewed(stored) => (format!("The token of {name} was refreshed"), lost(*stored, &name)),
            Renewal::AlreadyFresh(_) => (format!("The token of {name} was refreshed a moment ago"), None),
        }),
    )
}

/// Signs out.
pub(in crate::app) async fn sign_out_job(
    services: Arc<Services>,
    job: u64,
    name: String,
    cancel: CancelSignal,
    events: Events,
) -> Command {
    let on_step = |step| tell(&events, job, SignInEvent::Step(step));
    let ended = sign_in::sign_out(&services, &name, cancel, &on_step).await;
    end(
        job,
        ended.map(|refused| {
            let warning = refused.map(|failure| {
                let summary = format!("{name} was removed here; its server did not take it back: {}", failure.summary);
                (summary, "Take it back in the server's own settings".to_owned())
            });
            (format!("Signed out: {name} was taken back and removed"), warning)
        }),
    )
}

fn tell(events: &Events, job: u64, event: SignInEvent) {
    events.tell(Command::Credential(CredentialAct::Progressed { job, event: Box::new(event) }));
}

fn end(job: u64, end: Result<(String, Option<Words>), SignInFailure>) -> Command {
    Command::Credential(CredentialAct::Ended { job, end: end.map_err(Box::new) })
}

fn changed(stored: Result<Stored, VaultError>, name: &str, done: String, is_replaced: bool) -> Command {
    match stored {
        Ok(stored) => {
            let warning = stored.fallback.map(|failure| not_kept(&failure, name));
            Command::Credential(CredentialAct::Changed { done, warning, is_replaced })
        }
        Err(error) => failed(&error),
    }
}

fn lost(stored: Stored, name: &str) -> Option<Words> {
    stored.fallback.map(|failure| lost_token(&failure, name))
}

/// What has to be said of a new token that the keyring did not take.
pub(in crate::app) fn lost_token(failure: &KeyringFailure, name: &str) -> Words {
    let summary = format!(
        "{}, so the new token of {name} is kept in memory and will be lost when the program ends",
        failure.state.summary()
    );
    (summary, format!("{}, and choose Keep in keyring", failure.state.fix()))
}

fn not_kept(failure: &KeyringFailure, name: &str) -> Words {
    let summary = format!("{}, so {name} is kept for this session only", failure.state.summary());
    (summary, failure.state.fix().to_owned())
}

fn failed(error: &VaultError) -> Command {
    Command::CredentialFailed { summary: error.summary(), fix: error.fix() }
}
