//! Authorization code with PKCE: an address for the browser, and the wait for its return.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use tokio::time::sleep;
use url::Url;

use super::access::{ClientAccess, Form, scope_text};
use super::answer::fault_of;
use super::error::{OAuthError, OAuthFault};
use super::grant::token_answer;
use super::provider::Provider;
use super::redirect::{Bound, Came, Expected, Redirect};
use super::talk::Talk;
use super::tokens::Tokens;
use crate::secret::Secret;

/// How long a person gets in the browser where nobody says otherwise.
pub const CODE_TIMEOUT: Duration = Duration::from_secs(300);

/// A sign-in that waits for the browser; its listener is open until it is waited for or dropped.
///
/// *Secrets*: yes; `Debug` shows none.
pub struct PendingCode {
    provider: Provider,
    client: ClientAccess,
    url: Url,
    redirect_url: Url,
    redirect: Redirect,
    state: Secret,
    verifier: Secret,
}

/// Opens the listener for the browser's return and makes the address that the person has to open.
///
/// *Errors*: [`OAuthFault::NoSuchFlow`] without an authorize address, [`OAuthFault::InvalidInput`],
/// [`OAuthFault::Listener`], [`OAuthFault::Randomness`].
pub async fn begin(provider: &Provider, client: &ClientAccess, scopes: &[String]) -> Result<PendingCode, OAuthError> {
    let Some(authorize_url) = &provider.authorize_url else {
        return Err(OAuthError::new(OAuthFault::NoSuchFlow { missing: "authorize address" }, "provider"));
    };
    client.check()?;
    scope_text(scopes)?;
    let (state, verifier) = (random_text()?, random_text()?);
    let bound = Bound::open().await?;
    let redirect_url = bound.url.clone();
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.expose().to_owned()));
    // OpenID Connect Core 11: without it a server gives no refresh token for this scope.
    let is_offline = scopes.iter().any(|scope| scope == "offline_access");
    let known = BasicClient::new(ClientId::new(client.id.clone()))
        .set_auth_uri(AuthUrl::from_url(authorize_url.url().clone()))
        .set_redirect_uri(RedirectUrl::from_url(redirect_url.clone()));
    let asked = known
        .authorize_url(|| CsrfToken::new(state.expose().to_owned()))
        .add_scopes(scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge);
    let (url, _) = if is_offline { asked.add_extra_param("prompt", "consent").url() } else { asked.url() };
    let expected =
        Expected { state: state.clone(), issuer: provider.issuer.clone(), is_iss_announced: provider.is_iss_announced };
    let redirect = bound.serve(expected);
    Ok(PendingCode { provider: provider.clone(), client: client.clone(), url, redirect_url, redirect, state, verifier })
}

impl PendingCode {
    /// The address to open in the system's browser. It holds `state`, which is of use only on this machine.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Where the browser comes back to.
    pub fn redirect_url(&self) -> &Url {
        &self.redirect_url
    }

    /// Waits for the browser's return and turns the code into tokens. However it ends, the listener is closed.
    ///
    /// *Errors*: [`OAuthFault::TimedOut`], [`OAuthFault::Cancelled`], [`OAuthFault::Denied`], and those of the server.
    pub async fn wait(self, talk: &Talk<'_>, timeout: Duration) -> Result<Tokens, OAuthError> {
        talk.know("state", &self.state);
        talk.know("code_verifier", &self.verifier);
        let Redirect { running, came } = self.redirect;
        let place = format!("redirect address {}", self.redirect_url);
        let mut cancel = talk.cancel.clone();
        let came = tokio::select! {
            biased;
            () = cancel.raised() => Err(OAuthFault::Cancelled),
            came = came => came.map_err(|_| OAuthFault::Cancelled),
            () = sleep(timeout) => Err(OAuthFault::TimedOut),
        };
        let code = match came {
            Ok(Came::Code(code)) => code,
            Ok(Came::Error { code, description }) => {
                running.stop().await;
                return Err(OAuthError::new(fault_of(talk, &code, description.as_deref()), place));
            }
            Err(fault) => {
                running.stop().await;
                return Err(OAuthError::new(fault, place));
            }
        };
        let form = Form::new("authorization_code")
            .secret("code", &code)
            .plain("redirect_uri", self.redirect_url.as_str())
            .secret("code_verifier", &self.verifier)
            .client(&self.provider, &self.client)?;
        // The page is on its way to the browser while the code is used.
        let (answer, ()) = tokio::join!(token_answer(talk, "Token request", &self.provider, form), running.stop());
        Tokens::read(talk, answer?)
    }
}

impl fmt::Debug for PendingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingCode").field("redirect_url", &self.redirect_url.as_str()).finish_non_exhaustive()
    }
}

/// 256 random bits in 43 characters, the shortest that a PKCE verifier may have.
fn random_text() -> Result<Secret, OAuthError> {
    let mut random = [0u8; 32];
    getrandom::fill(&mut random).map_err(|_| OAuthError::new(OAuthFault::Randomness, "random source"))?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(random)))
}
