//! The keys made at each start, and who a request comes from.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::Timestamp;

use super::failure::{Challenge, Code, Failure};
use super::oauth::granted;
use super::seed::{CONTOSO, NORTHWIND, WORKSPACES};
use super::state::{Caller, Shared};
use crate::secret::Secret;

/// The scope for reading posts.
pub(super) const READ: &str = "posts.read";
/// The scope for creating, changing and deleting posts.
pub(super) const WRITE: &str = "posts.write";
/// The header that carries the key, as people write it.
const AUTHORIZATION: &str = "Authorization";
/// The header that names the workspace.
const WORKSPACE: &str = "X-Altyaa-Workspace";
/// How long valid keys live: longer than a sandbox is likely to run.
const LIFETIME: Duration = Duration::from_secs(41 * 86_400);

/// A key that the sandbox made at its start.
///
/// *Secrets*: `token`.
#[derive(Clone, Debug)]
pub struct SandboxCredential {
    /// Its name for choosing it. Shape: `editor key`.
    pub name: String,
    /// How it travels: always `bearer`.
    pub kind: String,
    /// The token after `Bearer `.
    pub token: Secret,
    /// What it may do. Shape: `posts.write`.
    pub scopes: Vec<String>,
    /// Whether it works.
    pub state: CredentialState,
    /// The one workspace it belongs to.
    pub workspace: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Whether a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialState {
    /// It does.
    Valid,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl CredentialState {
    /// As `altyaa sandbox` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A random token. Shape: `altyaa_sandbox_` and 40 hexadecimal digits.
///
/// *Errors*: when the system gives no randomness; a guessable token is worse than none.
pub(super) fn random_token(kind: &str) -> Result<Secret, getrandom::Error> {
    let mut random = [0u8; 20];
    getrandom::fill(&mut random)?;
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Secret::new(format!("altyaa_{kind}_{digits}")))
}

/// The keys of a new sandbox; the first has every scope.
pub(super) fn new_credentials(now: Timestamp) -> Result<Vec<SandboxCredential>, getrandom::Error> {
    use CredentialState::{Expired, Revoked, Valid};
    let plan: [(&str, &[&str], CredentialState, &str); 6] = [
        ("editor key", &[READ, WRITE], Valid, NORTHWIND),
        ("read-only key", &[READ], Valid, NORTHWIND),
        ("write-only key", &[WRITE], Valid, NORTHWIND),
        ("expired key", &[READ, WRITE], Expired, NORTHWIND),
        ("revoked key", &[READ, WRITE], Revoked, NORTHWIND),
        ("contoso key", &[READ, WRITE], Valid, CONTOSO),
    ];
    let later = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
    let earlier = now.checked_sub(Duration::from_secs(86_400)).unwrap_or(Timestamp::MIN);
    plan.into_iter()
        .map(|(name, scopes, state, workspace)| {
            Ok(SandboxCredential {
                name: name.into(),
                kind: "bearer".into(),
                token: random_token("sandbox")?,
                scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
                state,
                workspace: workspace.into(),
                expires_at: if state == Expired { earlier } else { later },
            })
        })
        .collect()
}

/// Who makes a request: the holder of a key or of an access token.
///
/// *Errors*: `unauthorized`, naming the header and what is wrong with it.
pub(super) fn authenticate(shared: &Shared, headers: &HeaderMap, now: Timestamp) -> Result<Caller, Failure> {
    let token = bearer_token(headers)?;
    let caller = match granted(shared, &token, now) {
        Some(granted) => {
            let granted = granted?;
            // The buckets of the clients stand behind those of the keys.
            let bucket = shared.credentials.len() + granted.client;
            Caller::new(bucket, granted.workspace, granted.scopes, "token")
        }
        None => {
            let (index, credential) = find_key(&shared.credentials, &token, now)?;
            let workspace = WORKSPACES.iter().position(|name| *name == credential.workspace);
            workspace.and_then(|workspace| Caller::new(index, workspace, credential.scopes.clone(), "key"))
        }
    };
    let caller = caller.ok_or_else(|| denied_token("token is not known".into(), "its workspace does not exist"))?;
    check_workspace(headers, caller.workspace_name)?;
    Ok(caller)
}

/// The key with a token, and its place.
fn find_key<'a>(
    credentials: &'a [SandboxCredential],
    token: &Secret,
    now: Timestamp,
) -> Result<(usize, &'a SandboxCredential), Failure> {
    // Every key is compared, so that the time taken tells nothing about which one was close.
    let mut found = None;
    for (index, credential) in credentials.iter().enumerate() {
        if credential.token == *token {
            found = Some((index, credential));
        }
    }
    let Some((index, credential)) = found else {
        return Err(denied_token("token is not known".into(), "no key of this API has this token"));
    };
    if credential.state == CredentialState::Revoked {
        return Err(denied_token("token was revoked".into(), "the key was taken back"));
    }
    if now >= credential.expires_at {
        let message = format!("token expired at {:.0}", credential.expires_at);
        return Err(denied_token(message, "the key's time is over"));
    }
    Ok((index, credential))
}

/// A token that does not work.
pub(super) fn denied_token(message: String, reason: &str) -> Failure {
    Failure::new(Code::Unauthorized, message).at(AUTHORIZATION, reason).challenged(Challenge::InvalidToken)
}

/// Refuses a caller who lacks a scope.
pub(super) fn require(caller: &Caller, scope: &'static str) -> Result<(), Failure> {
    if caller.scopes.iter().any(|held| held == scope) {
        return Ok(());
    }
    Err(Failure::new(Code::Forbidden, format!("{} lacks the scope {scope}", caller.holds))
        .at(AUTHORIZATION, format!("scope {scope} is missing"))
        .challenged(if scope == READ { Challenge::NeedsRead } else { Challenge::NeedsWrite }))
}

/// The token of a `Bearer` header.
///
/// *Errors*: `unauthorized` if the header is missing, doubled or of another form.
pub(super) fn bearer_token(headers: &HeaderMap) -> Result<Secret, Failure> {
    let denied = |message: &str, reason: &str| Err(Failure::new(Code::Unauthorized, message).at(AUTHORIZATION, reason));
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return denied("Authorization header is missing", "header is missing");
    };
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        let token = token.trim_matches(' ');
        let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        (scheme.eq_ignore_ascii_case("bearer") && is_token).then(|| Secret::new(token.to_owned()))
    });
    match (token, values.next()) {
        (Some(token), None) => Ok(token),
        _ => denied("Authorization header must be Bearer and one token", "value is not a bearer token"),
    }
}

/// Refuses a request that does not name the key's workspace.
fn check_workspace(headers: &HeaderMap, workspace: &str) -> Result<(), Failure> {
    let denied = |message: &str, reason: &str| Err(Failure::new(Code::Unauthorized, message).at(WORKSPACE, reason));
    let mut values = headers.get_all(WORKSPACE).iter();
    match (values.next(), values.next()) {
        (None, _) => denied("X-Altyaa-Workspace header is missing", "header is missing"),
        (Some(value), None) if value.as_bytes() == workspace.as_bytes() => Ok(()),
        // The same words whether such a workspace exists or not: a key learns nothing about the others.
        _ => denied("X-Altyaa-Workspace header does not name the key's workspace", "value is not the key's workspace"),
    }
}
