//! Tokens without a person: client credentials, a refresh token, and giving a token back.

use super::access::{ClientAccess, Form};
use super::answer;
use super::error::{OAuthError, OAuthFault};
use super::provider::Provider;
use super::talk::{Answer, Talk};
use super::tokens::Tokens;
use crate::secret::Secret;

/// Which kind of token is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenHint {
    /// An access token.
    Access,
    /// A refresh token; servers take its access tokens back with it.
    Refresh,
}

impl TokenHint {
    /// The word of RFC 7009.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access_token",
            Self::Refresh => "refresh_token",
        }
    }
}

/// Sends a form to the token address.
pub(super) async fn token_answer(
    talk: &Talk<'_>,
    title: &'static str,
    provider: &Provider,
    form: Form,
) -> Result<Answer, OAuthError> {
    talk.post(title, "token address", provider.token_url.url(), form).await
}

/// Signs the program in as itself.
///
/// *Errors*: those of the server, of the way to it, and [`OAuthFault::InvalidInput`] before anything is sent.
pub async fn client_credentials(
    talk: &Talk<'_>,
    provider: &Provider,
    client: &ClientAccess,
    scopes: &[String],
) -> Result<Tokens, OAuthError> {
    if client.secret.is_none() {
        let what = "A client without a secret cannot sign in as itself".to_owned();
        return Err(OAuthError::new(OAuthFault::InvalidInput { what, fix: "Give the client secret" }, "client"));
    }
    let form = Form::new("client_credentials").client(provider, client)?.scopes(scopes)?;
    let answer = token_answer(talk, "Token request", provider, form).await?;
    Tokens::read(talk, answer)
}

/// Gets a new access token. An answer without a refresh token leaves the old one good.
///
/// With `scopes` fewer may be asked for than were allowed; none asks for the same.
/// *Errors*: [`OAuthError::is_sign_in_needed`] where the refresh token is no longer good.
pub async fn refresh(
    talk: &Talk<'_>,
    provider: &Provider,
    client: &ClientAccess,
    refresh_token: &Secret,
    scopes: &[String],
) -> Result<Tokens, OAuthError> {
    let form = Form::new("refresh_token").secret("refresh_token", refresh_token);
    let form = form.client(provider, client)?.scopes(scopes)?;
    let answer = token_answer(talk, "Token refresh", provider, form).await?;
    Tokens::read(talk, answer)
}

/// Gives a token back (RFC 7009), so that nobody can use it any more. A token that is unknown there is given back too.
///
/// *Errors*: [`OAuthFault::NoSuchFlow`] where the server has no place for it.
pub async fn revoke(
    talk: &Talk<'_>,
    provider: &Provider,
    client: &ClientAccess,
    token: &Secret,
    hint: TokenHint,
) -> Result<(), OAuthError> {
    let Some(url) = &provider.revoke_url else {
        return Err(OAuthError::new(OAuthFault::NoSuchFlow { missing: "revoke address" }, "provider"));
    };
    let form = Form::default().secret("token", token).plain("token_type_hint", hint.as_str());
    let form = form.client(provider, client)?;
    let answer = talk.post("Token revocation", "revoke address", url.url(), form).await?;
    // The body of a good answer is empty by the standard, and says nothing where it is not.
    if answer.is_good() && answer.object.as_ref().is_none_or(|object| !object.contains_key("error")) {
        return Ok(());
    }
    answer::read(talk, answer).map(|_| ())
}
