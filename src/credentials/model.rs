//! What is known of a credential without its secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::Item;
use super::oauth::{Flow, Provider};
use super::origin::Origin;
use crate::secret::Secret;

/// The most characters of a name.
const NAME_MAX_CHARS: usize = 64;
/// The most characters of a workspace's id, a scope or a header's name.
const FACT_MAX_CHARS: usize = 200;
/// The most origins or scopes of one credential.
const LIST_MAX: usize = 64;

/// How a secret travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// `Authorization: Bearer SECRET`.
    Bearer,
    /// The secret alone in a header that is named, by default `X-Api-Key`.
    ApiKey,
    /// `Authorization: Basic …`; the secret is `user:password`.
    Basic,
    /// The secret alone in a header that has to be named.
    Header,
    /// `Authorization: Bearer …` with an access token that an authorization server gave and renews.
    #[serde(rename = "oauth")]
    OAuth,
}

impl CredentialKind {
    /// The stable word of settings, `--kind` and `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::ApiKey => "api_key",
            Self::Basic => "basic",
            Self::Header => "header",
            Self::OAuth => "oauth",
        }
    }
}

/// Where the secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoredIn {
    /// In the OS keyring.
    Keyring,
    /// In this process's memory, gone when it ends.
    Session,
}

/// Where a new secret is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persist {
    /// In the OS keyring; for this session only where no keyring takes it.
    Keyring,
    /// In this process's memory.
    Session,
}

/// The facts of a credential.
///
/// *Secrets*: none, but the last four characters of a long one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The person's name for it. Shape: 1 to 64 of `[A-Za-z0-9._-]`, beginning with a letter or digit.
    pub name: String,
    /// How it travels.
    pub kind: CredentialKind,
    /// The header's name; none where the kind decides it.
    pub header: Option<String>,
    /// Where it may be sent, exactly these.
    pub origins: Vec<Origin>,
    /// The workspace it belongs to; none if it is bound to none.
    pub workspace: Option<String>,
    /// What it is said to be allowed to do; empty if unknown.
    pub scopes: Vec<String>,
    /// When it lapses; none if unknown. Shape in JSON: RFC 3339.
    #[serde(with = "optional_time")]
    pub expires_at: Option<Timestamp>,
    /// The last four characters; none for secrets under 16.
    pub last4: Option<String>,
    /// Where the secret is kept.
    pub stored: StoredIn,
    /// When it was added, to the second. Shape in JSON: RFC 3339.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// Where its tokens come from; there for [`CredentialKind::OAuth`] and for no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<Box<OAuthFacts>>,
}

/// Where the tokens of a credential come from.
///
/// *Secrets*: none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuthFacts {
    /// The name under which the authorization server knows this program.
    pub client_id: String,
    /// How the first token was got.
    pub flow: Flow,
    /// The authorization server.
    pub provider: Provider,
    /// Whether there is a refresh token.
    pub has_refresh: bool,
    /// Whether the client has a secret of its own.
    pub has_client_secret: bool,
    /// When the server would no longer renew it; none if it never said so since the last sign-in.
    #[serde(default, with = "optional_time", skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Timestamp>,
}

impl OAuthFacts {
    /// Whether a new token can be got without a person: by refresh token, or because the program signs in as itself.
    pub fn is_renewable(&self) -> bool {
        (self.has_refresh && self.refused_at.is_none()) || self.flow == Flow::ClientCredentials
    }
}

/// Where the tokens of a new credential came from, with what renews them.
///
/// *Secrets*: yes, in `refresh` and `client_secret`.
#[derive(Clone, Debug)]
pub struct OAuthGrant {
    /// The name under which the authorization server knows this program.
    pub client_id: String,
    /// How the first token was got.
    pub flow: Flow,
    /// The authorization server.
    pub provider: Provider,
    /// What the access token is renewed with.
    pub refresh: Option<Secret>,
    /// The client's own secret, where it has one.
    pub client_secret: Option<Secret>,
    /// As in [`OAuthFacts`].
    pub refused_at: Option<Timestamp>,
}

/// A credential about to be added.
///
/// *Secrets*: yes, in `secret`.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// As in [`Credential`].
    pub name: String,
    /// As in [`Credential`].
    pub kind: CredentialKind,
    /// As in [`Credential`]; needed for [`CredentialKind::Header`].
    pub header: Option<String>,
    /// As in [`Credential`]; at least one.
    pub origins: Vec<Origin>,
    /// As in [`Credential`].
    pub workspace: Option<String>,
    /// As in [`Credential`].
    pub scopes: Vec<String>,
    /// As in [`Credential`]; a credential past this is refused, so none for one that shall be sent all the same.
    pub expires_at: Option<Timestamp>,
    /// The time now; kept to the second.
    pub created_at: Timestamp,
    /// The secret itself; for [`CredentialKind::Basic`] `user:password`, for [`CredentialKind::OAuth`] the access token.
    pub secret: Secret,
    /// Where the token came from; for [`CredentialKind::OAuth`] and for no other.
    pub oauth: Option<Box<OAuthGrant>>,
}

/// A fact that a credential cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFact {
    /// The name holds a character that is not allowed, is empty or too long.
    #[error("a name is 1 to {NAME_MAX_CHARS} of letters a to z, digits, dot, dash and underscore")]
    Name,
    /// No origin was given.
    #[error("a credential needs at least one origin")]
    NoOrigin,
    /// Plain http to another machine.
    #[error("plain http is allowed on this machine only, not for {0}")]
    PlainHttp(Origin),
    /// The kind `header` needs a header's name.
    #[error("the kind `header` needs the name of its header")]
    NoHeader,
    /// What was given is no header's name, or one that the program sets itself.
    #[error("not a header that can carry a secret")]
    Header,
    /// A header's name was given for a kind that decides it.
    #[error("kinds `bearer` and `basic` always travel in Authorization")]
    HeaderNotWanted,
    /// The workspace's id is empty, too long or holds a character that no header carries.
    #[error("not a workspace id")]
    Workspace,
    /// A scope is empty, too long or holds white space, quotes or a backslash.
    #[error("not a scope")]
    Scope,
    /// A credential of the kind `oauth` without its authorization server, or another kind with one.
    #[error("the kind `oauth` and an authorization server belong together")]
    OAuth,
    /// A client id that is empty, too long or holds a character that no form field should.
    #[error("not a client id")]
    ClientId,
    /// More than 64 origins or scopes.
    #[error("more than {LIST_MAX} origins or scopes")]
    TooMany,
}

impl InvalidFact {
    /// The field it is about, as `credential add` spells it.
    pub fn place(&self) -> &'static str {
        match self {
            Self::Name => "NAME",
            Self::NoOrigin | Self::PlainHttp(_) | Self::TooMany => "--origin",
            Self::NoHeader | Self::Header | Self::HeaderNotWanted => "--header",
            Self::Workspace => "--workspace",
            Self::Scope => "--scope",
            Self::OAuth => "NAME",
            Self::ClientId => "--client-id",
        }
    }

    /// What to write instead.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Name => "Choose a name such as sandbox-key",
            Self::NoOrigin => "Name where it may be sent, such as https://api.example.com",
            Self::PlainHttp(_) => "Use https, or an address on this machine",
            Self::NoHeader => "Name the header, such as X-Api-Key",
            Self::Header => "Name a header such as X-Api-Key",
            Self::HeaderNotWanted => "Leave the header out, or choose the kind `header`",
            Self::Workspace => "Write the id as the API gives it, such as ws_123",
            Self::Scope => "Write one scope at a time, such as posts:read",
            Self::OAuth => "Sign in with altyaa oauth login, which makes such a credential",
            Self::ClientId => "Write the id as the authorization server gave it",
            Self::TooMany => "Add a second credential for the rest",
        }
    }
}

impl NewCredential {
    /// As it will lie in the keyring.
    pub(super) fn item(&self, stored: StoredIn) -> Item {
        let grant = self.oauth.as_ref();
        Item {
            facts: self.facts(stored),
            secret: self.secret.clone(),
            refresh: grant.and_then(|grant| grant.refresh.clone()),
            client_secret: grant.and_then(|grant| grant.client_secret.clone()),
        }
    }

    /// The facts as they will be shown.
    pub(super) fn facts(&self, stored: StoredIn) -> Credential {
        Credential {
            name: self.name.clone(),
            kind: self.kind,
            header: self.header.clone(),
            origins: self.origins.clone(),
            workspace: self.workspace.clone(),
            scopes: self.scopes.clone(),
            expires_at: self.expires_at.map(to_second),
            last4: self.secret.last4(),
            stored,
            // A fraction of a second says nothing here and makes the lists harder to read.
            created_at: to_second(self.created_at),
            oauth: self.oauth.as_ref().map(|grant| {
                Box::new(OAuthFacts {
                    client_id: grant.client_id.clone(),
                    flow: grant.flow,
                    provider: grant.provider.clone(),
                    has_refresh: grant.refresh.is_some(),
                    has_client_secret: grant.client_secret.is_some(),
                    refused_at: grant.refused_at,
                })
            }),
        }
    }
}

impl Credential {
    /// Checks everything that a person, a file or a keyring item may have got wrong.
    pub(super) fn validate(&self) -> Result<(), InvalidFact> {
        validate_name(&self.name)?;
        if self.origins.len() > LIST_MAX || self.scopes.len() > LIST_MAX {
            return Err(InvalidFact::TooMany);
        }
        if self.origins.is_empty() {
            return Err(InvalidFact::NoOrigin);
        }
        if let Some(origin) = self.origins.iter().find(|origin| !origin.is_safe_for_secrets()) {
            return Err(InvalidFact::PlainHttp(origin.clone()));
        }
        super::header::header_name(self.kind, self.header.as_deref())?;
        if !self.workspace.as_deref().is_none_or(is_fact) {
            return Err(InvalidFact::Workspace);
        }
        // RFC 6749 section 3.3: a scope has no space, no quote and no backslash.
        if !self.scopes.iter().all(|scope| is_fact(scope) && !scope.contains([' ', '"', '\\'])) {
            return Err(InvalidFact::Scope);
        }
        if (self.kind == CredentialKind::OAuth) != self.oauth.is_some() {
            return Err(InvalidFact::OAuth);
        }
        if self.oauth.as_ref().is_some_and(|oauth| !is_fact(&oauth.client_id)) {
            return Err(InvalidFact::ClientId);
        }
        if self.last4.as_deref().is_some_and(|last| last.chars().count() != 4 || last.chars().any(char::is_control)) {
            return Err(InvalidFact::Name);
        }
        Ok(())
    }
}

/// A time without its fraction of a second.
fn to_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

pub(super) fn validate_name(name: &str) -> Result<(), InvalidFact> {
    let fits = name.len() <= NAME_MAX_CHARS
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if fits { Ok(()) } else { Err(InvalidFact::Name) }
}

/// Text that any header and any terminal takes: visible ASCII, spaces inside.
fn is_fact(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= FACT_MAX_CHARS
        && text.trim() == text
        && text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

mod time {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|_| de::Error::custom("not an RFC 3339 time"))
    }
}

mod optional_time {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[allow(clippy::ref_option)] // the signature is serde's
    pub(super) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.collect_str(at),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| text.parse().map_err(|_| de::Error::custom("not an RFC 3339 time")))
            .transpose()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(super) mod tests {
    use super::*;

    /// A credential of kind bearer for `https://api.example.com`.
    pub fn sample(name: &str, secret: &str) -> NewCredential {
        NewCredential {
            name: name.into(),
            kind: CredentialKind::Bearer,
            header: None,
            origins: vec!["https://api.example.com".parse().unwrap()],
            workspace: Some("ws_1".into()),
            scopes: vec!["posts:read".into()],
            expires_at: None,
            created_at: "2026-05-01T10:00:00Z".parse().unwrap(),
            secret: Secret::new(secret.into()),
            oauth: None,
        }
    }

    /// A credential of kind OAuth with a refresh token, from `https://login.example.com`.
    pub fn sample_oauth(name: &str, access: &str, refresh: &str) -> NewCredential {
        let provider = serde_json::json!({ "token_url": "https://login.example.com/token" });
        NewCredential {
            kind: CredentialKind::OAuth,
            oauth: Some(Box::new(OAuthGrant {
                client_id: "console".into(),
                flow: Flow::Code,
                provider: serde_json::from_value(provider).unwrap(),
                refresh: Some(Secret::new(refresh.into())),
                client_secret: None,
                refused_at: None,
            })),
            ..sample(name, access)
        }
    }

    fn invalid(change: impl FnOnce(&mut Credential)) -> InvalidFact {
        let mut facts = sample("key", "0123456789abcdef").facts(StoredIn::Keyring);
        change(&mut facts);
        facts.validate().unwrap_err()
    }

    #[test]
    fn the_json_shape_is_the_one_promised() {
        let mut new = sample("key", "0123456789abcdef");
        new.expires_at = Some("2026-12-31T00:00:00Z".parse().unwrap());
        let facts = new.facts(StoredIn::Keyring);
        let json = serde_json::to_value(&facts).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "name": "key", "kind": "bearer", "header": null, "origins": ["https://api.example.com"],
                "workspace": "ws_1", "scopes": ["posts:read"], "expires_at": "2026-12-31T00:00:00Z",
                "last4": "cdef", "stored": "keyring", "created_at": "2026-05-01T10:00:00Z"
            })
        );
        assert_eq!(serde_json::from_value::<Credential>(json).unwrap(), facts);
    }

    #[test]
    fn names_come_from_a_safe_alphabet() {
        for name in ["a", "prod.key_2-b", &"x".repeat(64)] {
            assert_eq!(validate_name(name), Ok(()), "{name}");
        }
        for name in ["", ".hidden", "-x", "a b", "a/b", "a@b", "é", "a\u{1b}", &"x".repeat(65)] {
            assert_eq!(validate_name(name), Err(InvalidFact::Name), "{name:?}");
        }
    }

    #[test]
    fn each_wrong_fact_is_named() {
        assert_eq!(invalid(|f| f.origins.clear()), InvalidFact::NoOrigin);
        let plain: Origin = "http://api.example.com".parse().unwrap();
        assert_eq!(invalid(|f| f.origins.push(plain.clone())), InvalidFact::PlainHttp(plain.clone()));
        assert_eq!(invalid(|f| f.workspace = Some("a\r\nX: y".into())), InvalidFact::Workspace);
        assert_eq!(invalid(|f| f.workspace = Some(String::new())), InvalidFact::Workspace);
        assert_eq!(invalid(|f| f.scopes = vec!["a b".into()]), InvalidFact::Scope);
        assert_eq!(invalid(|f| f.scopes = vec!["a".into(); 65]), InvalidFact::TooMany);
        assert_eq!(invalid(|f| f.kind = CredentialKind::Header), InvalidFact::NoHeader);
        assert_eq!(invalid(|f| f.header = Some("X-Key".into())), InvalidFact::HeaderNotWanted);
        assert_eq!(invalid(|f| f.kind = CredentialKind::OAuth), InvalidFact::OAuth);
        let oauth = sample_oauth("key", "access", "refresh").facts(StoredIn::Keyring).oauth.unwrap();
        assert_eq!(invalid(|f| f.oauth = Some(oauth.clone())), InvalidFact::OAuth);
        assert_eq!(
            invalid(|f| {
                f.kind = CredentialKind::OAuth;
                f.oauth = Some(Box::new(OAuthFacts { client_id: "a\nb".into(), ..*oauth.clone() }));
            }),
            InvalidFact::ClientId
        );
        for error in [InvalidFact::NoOrigin, InvalidFact::PlainHttp(plain), InvalidFact::Name, InvalidFact::Header] {
            assert!(!error.fix().is_empty() && !error.place().is_empty());
        }
    }
}
