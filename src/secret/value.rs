//! A secret value that cannot be printed, serialised or compared in varying time.

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A credential, token or password held in memory.
///
/// Copies made through `Clone` share one buffer, which is overwritten when the last one goes.
/// *Secrets*: yes; it has no `Display`, no `Serialize`, and its `Debug` prints only that it is hidden.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes ownership of a secret text.
    pub fn new(value: String) -> Self {
        Self(Arc::new(Zeroizing::new(value)))
    }

    /// The plain value, for the one place that has to send or store it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last four characters, to tell two secrets apart.
    ///
    /// Only for secrets of 16 characters and more: of a shorter one four characters say too much.
    pub fn last4(&self) -> Option<String> {
        let count = self.0.chars().count();
        (count >= 16).then(|| self.0.chars().skip(count - 4).collect())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let secret = Secret::new("sk_live_canary_1234".into());
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
    }

    #[test]
    fn last_four_are_kept_only_of_long_secrets() {
        assert_eq!(Secret::new("a".repeat(15)).last4(), None);
        assert_eq!(Secret::new("0123456789abcdéf".into()).last4().as_deref(), Some("cdéf"));
    }

    #[test]
    fn equality_is_by_value() {
        assert_eq!(Secret::new("one".into()), Secret::new("one".into()));
        assert_ne!(Secret::new("one".into()), Secret::new("two".into()));
    }
}
