//! The keyring item: the secret and, beside it, what it may be used for, as one JSON text.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::header::header_value;
use super::model::{Credential, NewCredential, OAuthGrant};
use crate::secret::Secret;

/// The version of the item's shape.
const VERSION: u32 = 1;

/// What a keyring entry holds.
#[derive(Clone)]
pub(super) struct Item {
    /// What decides on use.
    pub(super) facts: Credential,
    /// The secret; of the kind `oauth` the access token.
    pub(super) secret: Secret,
    /// What the access token is renewed with.
    pub(super) refresh: Option<Secret>,
    /// The client's own secret.
    pub(super) client_secret: Option<Secret>,
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    facts: &'a Credential,
    secret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
}

#[derive(Deserialize)]
struct Read {
    v: u32,
    facts: Credential,
    secret: String,
    refresh: Option<String>,
    client_secret: Option<String>,
}

impl Item {
    /// Every secret in it and every text made from one; what cannot be sent is still one.
    pub(super) fn parts(&self) -> Vec<Secret> {
        let made = header_value(self.facts.kind, &self.secret);
        let mut parts = made.map_or_else(|_| vec![self.secret.clone()], |(_, parts)| parts);
        parts.extend(self.refresh.clone());
        parts.extend(self.client_secret.clone());
        parts
    }

    /// The same as a credential about to be added.
    pub(super) fn into_new(self) -> NewCredential {
        let Self { facts, secret, refresh, client_secret } = self;
        NewCredential {
            oauth: facts.oauth.map(|oauth| {
                let super::model::OAuthFacts { client_id, flow, provider, refused_at, .. } = *oauth;
                Box::new(OAuthGrant { client_id, flow, provider, refresh, client_secret, refused_at })
            }),
            name: facts.name,
            kind: facts.kind,
            header: facts.header,
            origins: facts.origins,
            workspace: facts.workspace,
            scopes: facts.scopes,
            expires_at: facts.expires_at,
            created_at: facts.created_at,
            secret,
        }
    }
}

/// The item as text. Shape: `{"v":1,"facts":{…},"secret":"…"}`, with `refresh` and `client_secret` where there are some.
pub(super) fn write(item: &Item) -> Option<Secret> {
    let facts_len = serde_json::to_vec(&item.facts).ok()?.len();
    let secrets = [Some(&item.secret), item.refresh.as_ref(), item.client_secret.as_ref()];
    let secrets_len: usize = secrets.iter().flatten().map(|secret| secret.expose().len()).sum();
    // Room for the worst escaping, so that the buffer never moves and leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(facts_len + 6 * secrets_len + 128));
    let written = Written {
        v: VERSION,
        facts: &item.facts,
        secret: item.secret.expose(),
        refresh: item.refresh.as_ref().map(Secret::expose),
        client_secret: item.client_secret.as_ref().map(Secret::expose),
    };
    serde_json::to_writer(&mut *bytes, &written).ok()?;
    String::from_utf8(std::mem::take(&mut *bytes)).ok().map(Secret::new)
}

/// Reads an item; none if it is not ours, of a later version, of another name, or holds facts that cannot be.
pub(super) fn read(name: &str, text: &Secret) -> Option<Item> {
    // The parser's error may quote the text: it is dropped.
    let read: Read = serde_json::from_str(text.expose()).ok()?;
    let item = Item {
        facts: read.facts,
        secret: Secret::new(read.secret),
        refresh: read.refresh.map(Secret::new),
        client_secret: read.client_secret.map(Secret::new),
    };
    let is_ours = read.v == VERSION && item.facts.name == name && item.facts.validate().is_ok();
    is_ours.then_some(item)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::model::StoredIn;
    use super::super::model::tests::{sample, sample_oauth};
    use super::*;

    fn item(new: &NewCredential) -> Item {
        new.item(StoredIn::Keyring)
    }

    #[test]
    fn an_item_is_read_back_whole() {
        let mut new = sample_oauth("key", "a\"\\\u{e9}b", "refresh-\u{1}");
        new.oauth.as_mut().unwrap().client_secret = Some(Secret::new("client".into()));
        for new in [sample("key", "a\"\\\u{e9}b"), new] {
            let before = item(&new);
            let read = read("key", &write(&before).unwrap()).unwrap();
            assert_eq!(read.facts, before.facts);
            assert_eq!(
                (read.secret, read.refresh, read.client_secret),
                (before.secret, before.refresh, before.client_secret)
            );
        }
    }

    #[test]
    fn an_item_without_oauth_is_written_as_it_always_was() {
        let new = sample("key", "secret");
        let text = write(&item(&new)).unwrap();
        let facts = serde_json::to_string(&new.facts(StoredIn::Keyring)).unwrap();
        assert_eq!(text.expose(), format!(r#"{{"v":1,"facts":{facts},"secret":"secret"}}"#));
    }

    #[test]
    fn everything_in_it_is_known_for_redaction() {
        let mut new = sample_oauth("key", "access", "refresh");
        new.oauth.as_mut().unwrap().client_secret = Some(Secret::new("client".into()));
        let parts = item(&new).parts();
        assert_eq!(parts.iter().map(Secret::expose).collect::<Vec<_>>(), ["access", "refresh", "client"]);
    }

    #[test]
    fn a_foreign_item_is_refused() {
        let text = write(&item(&sample("key", "secret"))).unwrap();
        assert!(read("other", &text).is_none(), "an item moved under another name");
        for text in ["", "plain token", "{}", r#"{"v":2}"#] {
            assert!(read("key", &Secret::new(text.into())).is_none(), "{text}");
        }
        let later = text.expose().replace("\"v\":1", "\"v\":2");
        assert!(read("key", &Secret::new(later)).is_none());
    }
}
