//! JSON Pointer (RFC 6901).

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// Where in a JSON document a value stands.
///
/// *Shape*: RFC 6901 as text, e.g. `/items/0/a~1b`; the root is the empty text. Always well formed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Pointer(String);

/// Why a text is no JSON Pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// It is not empty and does not begin with `/`.
    #[error("a JSON Pointer begins with `/`")]
    NoSlash,
    /// A `~` at this byte offset is followed by neither `0` nor `1`.
    #[error("`~` at byte {at} of the JSON Pointer is not followed by 0 or 1")]
    Tilde {
        /// Byte offset of the `~`.
        at: usize,
    },
}

impl Pointer {
    /// The root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads a pointer as written in RFC 6901; a URI fragment (`#/a`) is none.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(PointerError::NoSlash);
        }
        for (at, _) in text.match_indices('~') {
            if !matches!(text.as_bytes().get(at + 1), Some(b'0' | b'1')) {
                return Err(PointerError::Tilde { at });
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The pointer of these tokens, unescaped: keys and indexes.
    pub fn from_tokens<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> Self {
        let mut pointer = Self::root();
        for token in tokens {
            pointer.push(token.as_ref());
        }
        pointer
    }

    /// Goes one step deeper, to that key or index.
    pub fn push(&mut self, token: &str) {
        self.0.push('/');
        for c in token.chars() {
            match c {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                c => self.0.push(c),
            }
        }
    }

    /// The pointer of what holds this one; none for the root.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(Self(parent.to_owned()))
    }

    /// Its tokens, unescaped.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens(self.0.strip_prefix('/').map(|rest| rest.split('/')))
    }

    /// Whether it names the whole document.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The tokens of a pointer, unescaped, from the root on.
#[derive(Clone, Debug)]
pub struct Tokens<'p>(Option<std::str::Split<'p, char>>);

impl<'p> Iterator for Tokens<'p> {
    type Item = Cow<'p, str>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.as_mut()?.next().map(unescape)
    }
}

/// One token with `~1` and `~0` undone; other tildes stay.
pub(super) fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') { Cow::Owned(token.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(token) }
}

/// A token as an array index: zero-based decimal without sign and leading zeros.
pub(super) fn index_from_token(token: &str) -> Option<usize> {
    let is_canonical =
        token == "0" || (!token.starts_with('0') && !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit()));
    if is_canonical { token.parse().ok() } else { None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_as_given() {
        let tokens = ["a/b", "~", "~1", "", "0", "é \"x\""];
        let pointer = Pointer::from_tokens(tokens);
        assert_eq!(pointer.as_str(), "/a~1b/~0/~01//0/é \"x\"");
        assert_eq!(pointer.tokens().collect::<Vec<_>>(), tokens);
        assert_eq!(Pointer::parse(pointer.as_str()), Ok(pointer.clone()));
        assert_eq!(pointer.parent().unwrap().tokens().count(), 5);
        assert_eq!(Pointer::root().tokens().count(), 0);
        assert_eq!(Pointer::parse("/").unwrap().tokens().collect::<Vec<_>>(), [""]);
        assert_eq!(Pointer::root().parent(), None);
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        assert_eq!(Pointer::parse("a/b"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("#/a"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("/a~2"), Err(PointerError::Tilde { at: 2 }));
        assert_eq!(Pointer::parse("/a~"), Err(PointerError::Tilde { at: 2 }));
    }

    #[test]
    fn only_canonical_numbers_are_indexes() {
        assert_eq!(index_from_token("0"), Some(0));
        assert_eq!(index_from_token("120"), Some(120));
        for token in ["", "-", "-1", "01", "00", "+1", "1.0", " 1", "1e1", "٣", "99999999999999999999999"] {
            assert_eq!(index_from_token(token), None, "{token}");
        }
    }
}
