//! The keyring item: the secret and, beside it, what it may be used for, as one JSON text.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::model::Credential;
use crate::secret::Secret;

/// The version of the item's shape.
const VERSION: u32 = 1;

/// What a keyring entry holds.
pub(super) struct Item {
    /// What decides on use.
    pub(super) facts: Credential,
    /// The secret.
    pub(super) secret: Secret,
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    facts: &'a Credential,
    secret: &'a str,
}

#[derive(Deserialize)]
struct Read {
    v: u32,
    facts: Credential,
    secret: String,
}

/// The item as text. Shape: `{"v":1,"facts":{…},"secret":"…"}`; UTF-8, which is all that KWallet stores.
pub(super) fn write(facts: &Credential, secret: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    let facts_len = serde_json::to_vec(facts).ok()?.len();
    // Room for the worst escaping, so that the buffer never moves and leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(facts_len + 6 * secret.expose().len() + 64));
    serde_json::to_writer(&mut *bytes, &Written { v: VERSION, facts, secret: secret.expose() }).ok()?;
    Some(bytes)
}

/// Reads an item; none if it is not ours, of a later version, of another name, or holds facts that cannot be.
pub(super) fn read(name: &str, bytes: &[u8]) -> Option<Item> {
    // The parser's error may quote the text: it is dropped.
    let read: Read = serde_json::from_slice(bytes).ok()?;
    let secret = Secret::new(read.secret);
    let is_ours = read.v == VERSION && read.facts.name == name && read.facts.validate().is_ok();
    is_ours.then_some(Item { facts: read.facts, secret })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::model::StoredIn;
    use super::super::model::tests::sample;
    use super::*;

    #[test]
    fn an_item_is_read_back_whole() {
        let new = sample("key", "a\"\\\u{e9}b");
        let facts = new.facts(StoredIn::Keyring);
        let bytes = write(&facts, &new.secret).unwrap();
        let item = read("key", &bytes).unwrap();
        assert_eq!(item.facts, facts);
        assert_eq!(item.secret, new.secret);
    }

    #[test]
    fn the_buffer_never_moves() {
        let new = sample("key", &"\u{1}".repeat(1000));
        let facts = new.facts(StoredIn::Keyring);
        let needed = serde_json::to_vec(&facts).unwrap().len() + 6 * 1000 + 64;
        let bytes = write(&facts, &new.secret).unwrap();
        assert!(bytes.len() <= needed && bytes.capacity() == needed);
    }

    #[test]
    fn a_foreign_item_is_refused() {
        let new = sample("key", "secret");
        let bytes = write(&new.facts(StoredIn::Keyring), &new.secret).unwrap();
        assert!(read("other", &bytes).is_none(), "an item moved under another name");
        for text in ["", "plain token", "{}", r#"{"v":2}"#] {
            assert!(read("key", text.as_bytes()).is_none(), "{text}");
        }
        let later = String::from_utf8(bytes.to_vec()).unwrap().replace("\"v\":1", "\"v\":2");
        assert!(read("key", later.as_bytes()).is_none());
    }
}
