//! Renews a token before it lapses: once, whoever asks, and stored before it is used.

use std::time::Duration;

use jiff::Timestamp;

use super::access::ClientAccess;
use super::error::OAuthError;
use super::grant::{TokenHint, client_credentials, refresh, revoke};
use super::provider::Flow;
use super::talk::Talk;
use super::tokens::Tokens;
use crate::credentials::item::Item;
use crate::credentials::{Credential, Stored, Vault, VaultError};
use crate::transport::CancelSignal;

/// The longest time before its end at which a token is renewed.
const MARGIN: Duration = Duration::from_secs(60);

/// What came of a renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// The server gave a new token; where the keyring did not take it, `fallback` says why.
    Renewed(Box<Stored>),
    /// Another thread or process just did, and its token is there.
    AlreadyFresh(Box<Credential>),
}

/// Why a token could not be renewed.
#[derive(Debug)]
pub enum RenewalError {
    /// The server, or the way to it.
    Server(OAuthError),
    /// The vault.
    Vault(VaultError),
    /// Nothing renews it: the server refused once, or never gave a refresh token. The server was not asked.
    SignInNeeded {
        /// The credential.
        name: String,
        /// When the server refused; none if it never gave a refresh token.
        refused_at: Option<Timestamp>,
    },
}

impl From<VaultError> for RenewalError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

/// Whether a token should be renewed before it is used, because little is left of its time.
///
/// A quarter of its time and at most a minute: a token of a few seconds is not renewed at each call.
pub fn is_due(facts: &Credential, now: Timestamp) -> bool {
    let (Some(oauth), Some(end)) = (&facts.oauth, facts.expires_at) else { return false };
    let life = Duration::try_from(end.duration_since(facts.created_at)).unwrap_or_default();
    let left = Duration::try_from(end.duration_since(now)).unwrap_or_default();
    oauth.is_renewable() && left <= MARGIN.min(life / 4)
}

/// Renews a credential's token, whether it is due or not.
///
/// A wish to stop is heard until the server is asked, and no longer: what it gives then would be lost.
///
/// One renewal at a time, among threads and processes; who waited takes what the other got. The new tokens are stored
/// before they are handed out. A refresh token that the server refuses is never tried again: the person signs in.
/// *Errors*: [`RenewalError`].
pub async fn renew(vault: &Vault, talk: &Talk<'_>, name: &str) -> Result<Renewal, RenewalError> {
    let seen = read(vault, name).await?;
    let _held = vault.0.renewals.hold(&vault.0.data_dir, name).await?;
    let item = read(vault, name).await?;
    if item.secret != seen.secret {
        return Ok(Renewal::AlreadyFresh(Box::new(item.facts)));
    }
    let Some(oauth) = &item.facts.oauth else { return Err(VaultError::NotOauth { name: name.into() }.into()) };
    let client = ClientAccess { id: oauth.client_id.clone(), secret: item.client_secret.clone() };
    let talk = &Talk {
        cancel: CancelSignal::never(),
        options: talk.options.clone(),
        environment: talk.environment.clone(),
        ..*talk
    };
    let asked = match (&item.refresh, oauth.flow) {
        _ if oauth.refused_at.is_some() => Err(oauth.refused_at),
        (Some(token), _) => Ok(refresh(talk, &oauth.provider, &client, token, &[]).await),
        (None, Flow::ClientCredentials) => {
            Ok(client_credentials(talk, &oauth.provider, &client, &item.facts.scopes).await)
        }
        (None, _) => Err(None),
    };
    match asked {
        Err(refused_at) => Err(RenewalError::SignInNeeded { name: name.into(), refused_at }),
        Ok(Ok(tokens)) => Ok(Renewal::Renewed(Box::new(keep(vault, item, tokens).await?))),
        Ok(Err(error)) => {
            if error.is_sign_in_needed() {
                // Written down, so that nobody asks the server again with what it has refused.
                let now = Timestamp::now();
                let name = name.to_owned();
                let marked = beside(vault, move |vault| {
                    vault.rewrite(&name, |new| {
                        if let Some(grant) = &mut new.oauth {
                            grant.refused_at = Some(now);
                        }
                    })
                });
                // If that fails the server is asked once more another time, which does no harm.
                let _ = marked.await;
            }
            Err(RenewalError::Server(error))
        }
    }
}

/// Takes a credential's tokens back at their server and removes the credential, whatever the server says.
///
/// No renewal runs meanwhile: it would bring the credential back. Returns why the server did not take them back.
/// *Errors*: the vault's.
pub async fn sign_out(vault: &Vault, talk: &Talk<'_>, name: &str) -> Result<Option<OAuthError>, VaultError> {
    let _held = vault.0.renewals.hold(&vault.0.data_dir, name).await?;
    let refused = match take_back(vault, talk, name).await {
        Ok(()) => None,
        Err(RenewalError::Server(error)) => Some(error),
        Err(RenewalError::Vault(error)) => return Err(error),
        Err(RenewalError::SignInNeeded { .. }) => None,
    };
    let name = name.to_owned();
    beside(vault, move |vault| vault.remove(&name)).await?;
    Ok(refused)
}

/// Takes a credential's tokens back at their server: the refresh token, and with it what was made of it, then the
/// access token. Fine where the server has no place for it.
///
/// *Errors*: the server's of the first that failed; the others are tried all the same.
async fn take_back(vault: &Vault, talk: &Talk<'_>, name: &str) -> Result<(), RenewalError> {
    let item = read(vault, name).await?;
    let Some(oauth) = &item.facts.oauth else { return Err(VaultError::NotOauth { name: name.into() }.into()) };
    if oauth.provider.revoke_url.is_none() {
        return Ok(());
    }
    let client = ClientAccess { id: oauth.client_id.clone(), secret: item.client_secret.clone() };
    let mut first = Ok(());
    let tokens = [(item.refresh.as_ref(), TokenHint::Refresh), (Some(&item.secret), TokenHint::Access)];
    for (token, hint) in tokens.into_iter().filter_map(|(token, hint)| Some((token?, hint))) {
        let revoked = revoke(talk, &oauth.provider, &client, token, hint).await;
        first = first.and(revoked.map_err(RenewalError::Server));
    }
    first
}

/// Stores new tokens in the old ones' place.
///
/// They are put into what was read before the server was asked: the keyring may have gone away since, and tokens that
/// are not kept would be lost for good.
async fn keep(vault: &Vault, item: Item, tokens: Tokens) -> Result<Stored, VaultError> {
    let was = item.facts.stored;
    let mut new = item.into_new();
    new.secret = tokens.access;
    new.expires_at = tokens.expires_at;
    new.created_at = tokens.received_at;
    if let Some(scopes) = tokens.scopes {
        new.scopes = scopes;
    }
    if let Some(grant) = &mut new.oauth {
        // A server that does not rotate gives none: the one before still holds.
        grant.refresh = tokens.refresh.or(grant.refresh.take());
        grant.refused_at = None;
    }
    beside(vault, move |vault| {
        // Removed by hand meanwhile: what a person took away does not come back.
        if vault.is_gone(&new.name, was) {
            return Err(vault.unknown(&new.name));
        }
        vault.put_back(new, was)
    })
    .await
}

async fn read(vault: &Vault, name: &str) -> Result<Item, VaultError> {
    let name = name.to_owned();
    beside(vault, move |vault| vault.item(&name)).await
}

/// Runs what may wait for the keyring beside the runtime's workers.
async fn beside<T: Send + 'static>(
    vault: &Vault,
    work: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    let vault = vault.clone();
    let ended = tokio::task::spawn_blocking(move || work(&vault)).await;
    ended.unwrap_or_else(|_| Err(VaultError::broke_off()))
}

#[cfg(test)]
#[path = "renew_tests.rs"]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
