//! How requests go out: times and sizes, proxy, TLS, names, redirects, retries. Plain data without secrets.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cookies::CookieJar;
use super::retry::RetryPolicy;
use crate::secret::Secret;

/// How long and how much a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Opening a connection, name lookup and TLS included.
    pub connect: Duration,
    /// From the start to the answer's head.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// One try from beginning to end.
    pub total: Duration,
    /// How many bytes of a body are kept; what is longer is cut there and marked.
    pub body_cap_bytes: u64,
    /// How many times its size a coded body may unpack to; what grows more is taken for a bomb.
    pub max_ratio: u64,
}

/// The longest time that can be set.
pub const LONGEST: Duration = Duration::from_secs(86_400);

/// The most redirects and retries that can be set.
pub const MOST_TIMES: u32 = 100;

/// The hard cap of a body where nobody sets another, in bytes.
pub const BODY_CAP_BYTES: u64 = 512 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(120),
            body_cap_bytes: BODY_CAP_BYTES,
            max_ratio: 200,
        }
    }
}

impl Limits {
    /// How long opening a connection may really take: never longer than the answer's head.
    pub(super) fn connect_within(&self) -> Duration {
        self.connect.min(self.head_within())
    }

    /// How long the answer's head may take.
    pub(super) fn head_within(&self) -> Duration {
        self.first_byte.min(self.total)
    }

    /// How long the head is waited for. Where opening a connection may take as long, that has to give up first:
    /// otherwise a host that cannot be reached would be said to be slow.
    pub(super) fn head_wait(&self) -> Duration {
        let grace = if self.connect >= self.head_within() { Duration::from_millis(200) } else { Duration::ZERO };
        self.head_within().saturating_add(grace)
    }
}

/// Which proxy requests go through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum ProxyChoice {
    /// The one of the environment variables or the system's settings; never for this machine's own addresses.
    #[default]
    System,
    /// None.
    Direct,
    /// This one, for every address that its bypass list does not name.
    Explicit {
        /// Shape: `http://proxy.corp:8080`, `https://…`, `socks5://…`, `socks5h://…`; without a user.
        url: String,
        /// Hosts that are reached without it, as in `NO_PROXY`. Shape: `localhost,.corp,10.0.0.0/8`.
        #[serde(default)]
        bypass: String,
    },
}

/// The oldest TLS version that is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MinTls {
    /// TLS 1.2.
    #[default]
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    V1_3,
}

impl MinTls {
    /// Shape: `1.2`.
    pub fn number(self) -> &'static str {
        match self {
            Self::V1_2 => "1.2",
            Self::V1_3 => "1.3",
        }
    }
}

/// Which HTTP is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpVersion {
    /// HTTP/2 where the TLS handshake agrees on it, else HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only, also without TLS.
    Http2,
}

/// The certificate that this side shows when a server wants one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificate {
    /// A PEM file with the certificate (and perhaps its key), or a PKCS#12 file (`.p12`, `.pfx`).
    pub file: PathBuf,
    /// A PEM file with the key, where it is not in `file`.
    #[serde(default)]
    pub key: Option<PathBuf>,
}

/// The way to a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Route {
    /// The proxy.
    pub proxy: ProxyChoice,
    /// Files with CAs that are trusted beside the system's, in PEM or DER.
    pub ca_files: Vec<PathBuf>,
    /// The client certificate.
    pub client_certificate: Option<ClientCertificate>,
    /// The oldest TLS version.
    pub min_tls: MinTls,
    /// Whether certificates of the environment's own address are accepted whatever they are.
    pub is_unverified: bool,
    /// Addresses that stand for a name instead of what a lookup says. Shape: `api.test` to `127.0.0.1`.
    pub names: BTreeMap<String, Vec<IpAddr>>,
    /// Which HTTP is spoken.
    pub http: HttpVersion,
}

/// The secrets of a route, filled in when a request is sent.
#[derive(Clone, Debug, Default)]
pub struct RouteSecrets {
    /// User and password for the explicit proxy.
    pub proxy: Option<(String, Secret)>,
    /// The pass phrase of the client certificate.
    pub passphrase: Option<Secret>,
}

/// Everything about one sending that is not the request.
#[derive(Clone, Debug)]
pub struct SendOptions {
    /// Times and sizes.
    pub limits: Limits,
    /// The way.
    pub route: Route,
    /// What the way needs that is secret.
    pub secrets: RouteSecrets,
    /// How many redirects are followed; 0 shows the redirect itself.
    pub max_redirects: u32,
    /// When and how often it is tried again.
    pub retry: RetryPolicy,
    /// The environment's cookies; none where they are off.
    pub cookies: Option<Arc<Mutex<CookieJar>>>,
}

/// How many redirects are followed where nobody says otherwise.
pub const MAX_REDIRECTS: u32 = 10;

impl Default for SendOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            route: Route::default(),
            secrets: RouteSecrets::default(),
            max_redirects: MAX_REDIRECTS,
            retry: RetryPolicy::none(),
            cookies: None,
        }
    }
}

impl From<Limits> for SendOptions {
    fn from(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }
}

/// A name and the addresses that stand for it, the name in small letters; none if the text is something else.
///
/// *Shape*: `api.test=127.0.0.1`, `api.test=127.0.0.1,::1`, or as curl has it `api.test:443:127.0.0.1`, whose port says
/// nothing here. Addresses of IPv6 may stand in brackets.
pub fn own_addresses(text: &str) -> Option<(String, Vec<IpAddr>)> {
    let (host, addresses) = match text.split_once('=') {
        Some(parts) => parts,
        None => {
            let (host, rest) = text.split_once(':')?;
            let (port, addresses) = rest.split_once(':')?;
            port.parse::<u16>().ok()?;
            (host, addresses)
        }
    };
    let host = host.trim().to_ascii_lowercase();
    if host.is_empty() || host.contains(char::is_whitespace) {
        return None;
    }
    let parsed = addresses.split(',').map(|address| address.trim().trim_matches(['[', ']']).parse::<IpAddr>().ok());
    Some((host, parsed.collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_name_and_its_addresses_in_both_spellings() {
        let home: IpAddr = "127.0.0.1".parse().unwrap();
        let same: IpAddr = "::1".parse().unwrap();
        for (text, addresses) in [
            ("API.test=127.0.0.1", vec![home]),
            (" api.test = 127.0.0.1, [::1]", vec![home, same]),
            ("api.test:443:127.0.0.1", vec![home]),
            ("api.test:443:[::1]", vec![same]),
        ] {
            assert_eq!(own_addresses(text), Some(("api.test".to_owned(), addresses)), "{text}");
        }
        for wrong in ["", "api.test", "api.test=", "=127.0.0.1", " =127.0.0.1", "a b=127.0.0.1", ":443:127.0.0.1"] {
            assert_eq!(own_addresses(wrong), None, "{wrong}");
        }
        for wrong in ["api.test:x:127.0.0.1", "api.test=there", "api.test=127.0.0.1,"] {
            assert_eq!(own_addresses(wrong), None, "{wrong}");
        }
    }
}
