//! An exact origin: scheme, host and port, the place that a credential is given for.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Scheme, host and port of an address, normalised; nothing less exact is ever matched.
///
/// Shape: `https://api.example.com`, `http://127.0.0.1:8080`; a scheme's own port is left out, as in RFC 6454.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin {
    text: String,
    is_https: bool,
    is_loopback: bool,
}

/// Why a text is no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It is no absolute address.
    #[error("not an address")]
    NotAnAddress,
    /// The scheme is neither http nor https.
    #[error("the scheme is neither https nor http")]
    Scheme,
    /// It holds a user name or a password.
    #[error("an origin has no user name")]
    UserName,
    /// It holds a path, a query or a fragment.
    #[error("an origin has no path, query or fragment")]
    Path,
    /// The host holds a `*`.
    #[error("an origin is one exact host")]
    Wildcard,
}

impl OriginError {
    /// What to write instead.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::NotAnAddress | Self::Scheme => "Write scheme and host, such as https://api.example.com",
            Self::UserName => "Leave out the part before the @",
            Self::Path => "Write scheme, host and port only, such as https://api.example.com",
            Self::Wildcard => "Name each host by its full name",
        }
    }
}

impl Origin {
    /// The origin of an address; none where the scheme is neither http nor https.
    pub fn of(url: &Url) -> Option<Self> {
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let is_loopback = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => Ipv4Addr::is_loopback(&address),
            Host::Ipv6(address) => Ipv6Addr::is_loopback(&address),
        };
        Some(Self { text: url.origin().ascii_serialization(), is_https, is_loopback })
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a secret may travel there at all: over https, or over http within this machine.
    pub fn is_safe_for_secrets(&self) -> bool {
        self.is_https || self.is_loopback
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        // The parser drops tabs, line breaks and spaces around silently; what a person did not see is not accepted.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(OriginError::NotAnAddress);
        }
        let url = Url::parse(text).map_err(|_| OriginError::NotAnAddress)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(OriginError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::UserName);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(OriginError::Path);
        }
        if url.host_str().is_none_or(|host| host.contains('*')) {
            return Err(OriginError::Wildcard);
        }
        Self::of(&url).ok_or(OriginError::NotAnAddress)
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.text
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    #[test]
    fn spellings_of_one_origin_are_equal() {
        for text in ["https://api.example.com", "HTTPS://API.Example.com:443/", "https://api.example.com/"] {
            assert_eq!(origin(text).as_str(), "https://api.example.com");
        }
        assert_eq!(origin("http://127.1:80").as_str(), "http://127.0.0.1");
        assert_eq!(origin("https://bücher.example").as_str(), "https://xn--bcher-kva.example");
    }

    #[test]
    fn anything_less_than_exact_differs() {
        let one = origin("https://api.example.com");
        for other in [
            "http://api.example.com",
            "https://api.example.com:8443",
            "https://example.com",
            "https://api.example.com.evil.test",
            "https://api.example.com.",
        ] {
            assert_ne!(one, origin(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_a_reason() {
        for (text, error) in [
            ("api.example.com", OriginError::NotAnAddress),
            ("", OriginError::NotAnAddress),
            (" https://a.example", OriginError::NotAnAddress),
            ("https://a.exa\tmple", OriginError::NotAnAddress),
            ("https:\\\\a.example", OriginError::NotAnAddress),
            ("ftp://a.example", OriginError::Scheme),
            ("https://me@a.example", OriginError::UserName),
            ("https://a.example@evil.test", OriginError::UserName),
            ("https://a.example/v1", OriginError::Path),
            ("https://a.example?x", OriginError::Path),
            ("https://a.example#", OriginError::Path),
            ("https://*.example", OriginError::Wildcard),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(error), "{text}");
        }
    }

    #[test]
    fn plain_http_is_safe_only_on_this_machine() {
        for text in ["https://a.example", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"] {
            assert!(origin(text).is_safe_for_secrets(), "{text}");
        }
        for text in ["http://a.example", "http://localhost.evil.test", "http://10.0.0.1", "http://[::ffff:8.8.8.8]"] {
            assert!(!origin(text).is_safe_for_secrets(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_origin_reads_back_as_itself_and_is_that_of_its_addresses(
            text in "(https?|HTTP|ftp)://[a-zA-Z0-9.@:\\[\\]%_ßé-]{0,20}(:[0-9]{1,5})?[/?#]?"
        ) {
            if let Ok(origin) = text.parse::<Origin>() {
                proptest::prop_assert_eq!(origin.as_str().parse::<Origin>(), Ok(origin.clone()));
                let address = Url::parse(&format!("{origin}/v1/posts?x=1")).unwrap();
                proptest::prop_assert_eq!(Origin::of(&address), Some(origin));
            }
        }
    }

    #[test]
    fn a_tampered_text_does_not_load() {
        assert!(serde_json::from_str::<Origin>("\"https://a.example/path\"").is_err());
        assert_eq!(serde_json::to_string(&origin("https://a.example:443")).unwrap(), "\"https://a.example\"");
    }
}
