//! Whether a credential may be used for a purpose, by the binding that lies beside its secret.

use http::header::{HeaderName, HeaderValue};
use jiff::Timestamp;
use url::Url;

use super::doctor::validity_ms;
use super::error::{SecretFault, VaultError};
use super::header::{header_name, header_value};
use super::item::Item;
use super::model::{Credential, CredentialKind};
use super::origin::Origin;
use super::vault::Vault;
use crate::secret::Secret;

/// How much earlier than it says a token is taken, as servers do for clocks that differ a little, in milliseconds.
const CLOCK_SLACK_MS: i64 = 5_000;

/// What a credential is wanted for.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    /// Where the request goes.
    pub origin: &'a Origin,
    /// The workspace that the request names; none if it names none.
    pub workspace: Option<&'a str>,
    /// The time now.
    pub now: Timestamp,
    /// The time now by the clock of the server it goes to, where that is known.
    pub server_now: Option<Timestamp>,
}

/// A credential ready to be sent, once its binding allowed it.
///
/// *Secrets*: yes; `value` is marked sensitive.
#[derive(Clone, Debug)]
pub struct CredentialUse {
    /// The facts that decided: those of the keyring item.
    pub facts: Credential,
    /// The header's name.
    pub header: HeaderName,
    /// The header's value, marked sensitive.
    pub value: HeaderValue,
    /// The secret and every text made from it, for redaction by exact value.
    pub secrets: Vec<Secret>,
}

impl Vault {
    /// The header that carries a credential, if its own binding allows this purpose.
    ///
    /// The binding is read from the keyring item; the settings copy is put right where it says otherwise.
    /// *Errors*: [`VaultError::UnknownName`], [`VaultError::WrongOrigin`], [`VaultError::PlainHttp`],
    /// [`VaultError::WrongWorkspace`], [`VaultError::Expired`], [`VaultError::MissingEntry`],
    /// [`VaultError::DamagedEntry`], [`VaultError::Keyring`].
    pub fn use_for(&self, name: &str, purpose: &Purpose<'_>) -> Result<CredentialUse, VaultError> {
        let Item { facts, secret, .. } = self.item(name)?;
        allow(facts, &secret, purpose)
    }

    /// User and password for a proxy, if the credential is of the kind basic and bound to the proxy's host and port.
    ///
    /// The scheme of the binding does not count: what goes to a proxy over plain http is the proxy's own password,
    /// and proxies have no other way.
    /// *Errors*: those of [`Vault::use_for`], [`VaultError::InvalidSecret`] for one without a colon.
    pub fn use_for_proxy(&self, name: &str, proxy: &Url, now: Timestamp) -> Result<(String, Secret), VaultError> {
        let Item { facts, secret, .. } = self.item(name)?;
        let host = proxy.host_str().unwrap_or_default();
        let port = proxy.port_or_known_default().unwrap_or(1080);
        let is_bound = facts.origins.iter().any(|origin| {
            Url::parse(origin.as_str())
                .is_ok_and(|bound| bound.host_str() == Some(host) && bound.port_or_known_default() == Some(port))
        });
        if !is_bound {
            let asked: Result<Origin, _> = format!("https://{host}:{port}").parse();
            return Err(match asked {
                Ok(asked) => VaultError::WrongOrigin { name: name.into(), given: facts.origins, asked },
                Err(_) => self.unknown(name),
            });
        }
        if let Some(at) = facts.expires_at
            && at <= now
        {
            return Err(VaultError::Expired { name: name.into(), at });
        }
        if facts.kind != CredentialKind::Basic {
            return Err(VaultError::InvalidSecret(SecretFault::NoColon));
        }
        match secret.expose().split_once(':') {
            Some((user, password)) => Ok((user.to_owned(), Secret::new(password.to_owned()))),
            None => Err(VaultError::InvalidSecret(SecretFault::NoColon)),
        }
    }
}

/// Whether the binding allows the purpose; the one place that decides.
fn allow(facts: Credential, secret: &Secret, purpose: &Purpose<'_>) -> Result<CredentialUse, VaultError> {
    let (name, asked) = (facts.name.clone(), purpose.origin.clone());
    if !facts.origins.contains(&asked) {
        return Err(VaultError::WrongOrigin { name, given: facts.origins, asked });
    }
    // Checked again, though no such origin can be added: an item may have been written by another hand.
    if !asked.is_safe_for_secrets() {
        return Err(VaultError::PlainHttp { name, asked });
    }
    if let (Some(given), Some(asked)) = (facts.workspace.as_deref(), purpose.workspace)
        && given != asked
    {
        return Err(VaultError::WrongWorkspace { name, given: given.into(), asked: asked.into() });
    }
    if let Some(at) = facts.expires_at
        && at <= purpose.now
    {
        return Err(VaultError::Expired { name, at });
    }
    // What a token says of itself counts only where both clocks agree on it: one of them may be wrong.
    let (begins, ends) = validity_ms(facts.kind, secret);
    let clocks = [Some(purpose.now), purpose.server_now];
    let by_all = |judge: &dyn Fn(i64) -> bool| clocks.iter().flatten().all(|now| judge(now.as_millisecond()));
    let at = |at_ms: i64| Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
    if let Some(end) = ends.filter(|end| by_all(&|now| *end <= now)) {
        return Err(VaultError::Expired { name, at: at(end) });
    }
    if let Some(begin) = begins.filter(|begin| by_all(&|now| *begin > now + CLOCK_SLACK_MS)) {
        return Err(VaultError::NotYetValid { name, at: at(begin) });
    }
    let header = header_name(facts.kind, facts.header.as_deref())?;
    let (value, secrets) = header_value(facts.kind, secret).map_err(VaultError::InvalidSecret)?;
    Ok(CredentialUse { facts, header, value, secrets })
}
