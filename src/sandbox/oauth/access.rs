//! What an access token may do at the API.

use jiff::Timestamp;

use super::clients::find;
use super::jwt::is_jwt;
use crate::sandbox::failure::Failure;
use crate::sandbox::keys::denied_token;
use crate::sandbox::seed::WORKSPACES;
use crate::sandbox::state::Shared;
use crate::secret::Secret;

/// Who holds a valid token.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Granted {
    /// The client's place among the clients.
    pub(in crate::sandbox) client: usize,
    /// The workspace's place in `WORKSPACES`.
    pub(in crate::sandbox) workspace: usize,
    pub(in crate::sandbox) scopes: Vec<String>,
}

/// What a bearer token grants; none if it has not the shape of an access token.
pub(in crate::sandbox) fn granted(shared: &Shared, token: &Secret, now: Timestamp) -> Option<Result<Granted, Failure>> {
    is_jwt(token.expose()).then(|| read(shared, token, now))
}

fn read(shared: &Shared, token: &Secret, now: Timestamp) -> Result<Granted, Failure> {
    let unknown = |reason: &str| denied_token("token is not known".into(), reason);
    let claims = shared.oauth.signer.verify(token.expose());
    let claims = claims.ok_or_else(|| unknown("token is not signed by this start of the sandbox"))?;
    let expires_at = Timestamp::from_second(claims.exp).unwrap_or(Timestamp::MIN);
    if now >= expires_at {
        return Err(denied_token(format!("token expired at {expires_at:.0}"), "the token's time is over"));
    }
    if now.as_second() < claims.nbf {
        return Err(denied_token("token is not valid yet".into(), "the token's time has not begun"));
    }
    let inner = shared.lock();
    // A reset forgets, and so does a full store: both refuse.
    let access = inner.oauth.access.get(&claims.jti).ok_or_else(|| unknown("the sandbox has forgotten this token"))?;
    if access.is_revoked || !inner.oauth.holds(access.family) {
        return Err(denied_token("token was revoked".into(), "the token was taken back"));
    }
    let client = find(&shared.oauth.clients, &claims.client_id);
    let workspace = WORKSPACES.iter().position(|name| *name == claims.workspace);
    let (client, workspace) = client.zip(workspace).ok_or_else(|| unknown("the token names nobody here"))?;
    Ok(Granted { client, workspace, scopes: claims.scope.split(' ').map(str::to_owned).collect() })
}
