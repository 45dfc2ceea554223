//! Where an authorization server is reached.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use url::Url;

use crate::credentials::Origin;

/// The most bytes of an address.
const MAX_BYTES: usize = 2048;

/// An address of an authorization server: https, or http on this machine; without user name and fragment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(Url);

/// Why an address is none that OAuth may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is no whole address, or longer than 2,048 bytes.
    #[error("not a whole address")]
    NotUrl,
    /// It is neither https nor http on this machine.
    #[error("not https")]
    NotHttps,
    /// It holds a user name, a password or a fragment.
    #[error("an address of a sign-in server holds neither user name nor fragment")]
    Extra,
}

impl EndpointError {
    /// What to write instead.
    pub fn fix(self) -> &'static str {
        match self {
            Self::NotUrl => "Write it whole, such as https://login.example.com",
            Self::NotHttps => "Use the https address; plain http is for this machine only",
            Self::Extra => "Leave out the part before @ and the part behind #",
        }
    }
}

impl Endpoint {
    /// The address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a text names this issuer, character by character (RFC 8414 3.3, RFC 9207 2.4).
    ///
    /// Only where there is no path a slash at the end makes no difference: both spell the same address, and which of
    /// them was written is not kept.
    pub(super) fn is_written(&self, text: &str) -> bool {
        let own = self.as_str();
        let is_bare = self.0.path() == "/" && self.0.query().is_none();
        text == own || (is_bare && own.strip_suffix('/') == Some(text))
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> Option<Origin> {
        Origin::of(&self.0)
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        if text.len() > MAX_BYTES {
            return Err(EndpointError::NotUrl);
        }
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotUrl)?;
        let origin = Origin::of(&url).ok_or(EndpointError::NotHttps)?;
        if !origin.is_safe_for_secrets() {
            return Err(EndpointError::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Extra);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// How a person or program gets a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Authorization code with PKCE through the system's browser.
    #[default]
    Code,
    /// Device flow (RFC 8628): a code that is typed in on any device.
    Device,
    /// Client credentials: the program signs in as itself.
    ClientCredentials,
}

impl Flow {
    /// The stable word of settings, `--flow` and `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Device => "device",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// An authorization server: as it announced itself, or as a person wrote it down.
///
/// *Secrets*: none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Who it says it is; none where the addresses were written down by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Endpoint>,
    /// Where a person allows it; none if it has no such page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize_url: Option<Endpoint>,
    /// Where tokens come from.
    pub token_url: Endpoint,
    /// Where the device flow begins; none if it has no such flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_url: Option<Endpoint>,
    /// Where tokens are taken back; none if it has no such place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke_url: Option<Endpoint>,
    /// Whether its redirects name it by `iss` (RFC 9207), so that one without is refused.
    #[serde(default)]
    pub is_iss_announced: bool,
    /// Whether the client's secret goes into the form rather than into a Basic header.
    #[serde(default)]
    pub is_secret_in_form: bool,
}

impl Provider {
    /// A server of which only the token address is known.
    pub fn of_token_url(token_url: Endpoint) -> Self {
        Self {
            issuer: None,
            authorize_url: None,
            token_url,
            device_url: None,
            revoke_url: None,
            is_iss_announced: false,
            is_secret_in_form: false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_endpoints() {
        for good in ["https://a.example/token", "http://127.0.0.1:4010/oauth/token", "http://[::1]:1/", "https://a"] {
            assert!(good.parse::<Endpoint>().is_ok(), "{good}");
        }
        for (bad, error) in [
            ("", EndpointError::NotUrl),
            ("/token", EndpointError::NotUrl),
            ("http://a.example/token", EndpointError::NotHttps),
            ("file:///etc/passwd", EndpointError::NotHttps),
            ("javascript:alert(1)", EndpointError::NotHttps),
            ("https://me:pw@a.example/", EndpointError::Extra),
            ("https://a.example/#x", EndpointError::Extra),
        ] {
            assert_eq!(bad.parse::<Endpoint>(), Err(error), "{bad}");
            assert!(!error.fix().is_empty());
        }
    }

    #[test]
    fn an_issuer_is_compared_character_by_character() {
        let is = |issuer: &str, text| issuer.parse::<Endpoint>().unwrap().is_written(text);
        assert!(is("https://a.example", "https://a.example") && is("https://a.example/", "https://a.example/"));
        assert!(is("https://a.example", "https://a.example/") && is("https://a.example/x", "https://a.example/x"));
        for other in ["", "https://A.example/x", "https://a.example/x/", "https://a.example:443/x", "https://a.example"]
        {
            assert!(!is("https://a.example/x", other), "{other}");
        }
        assert!(!is("https://a.example/x/", "https://a.example/x"));
    }

    #[test]
    fn a_provider_is_read_back_and_plain_http_is_not() {
        let text = r#"{"token_url":"https://a.example/token","is_iss_announced":true,"is_secret_in_form":false}"#;
        let provider: Provider = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&provider).unwrap(), text);
        assert!(serde_json::from_str::<Provider>(&text.replace("https", "http")).is_err());
    }
}
