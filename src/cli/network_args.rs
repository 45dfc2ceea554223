//! The flags of `altyaa send` that say how a request goes out, over the environment's own settings.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::program::{Stop, USAGE};
use crate::app::{ForThisAddress, NetworkSettings, SendWish};
use crate::secret::Secret;
use crate::transport::{ClientCertificate, HttpVersion, LONGEST, MOST_TIMES, MinTls, ProxyChoice, own_addresses};

/// Under which heading these flags stand.
const HEADING: &str = "How it is sent";

/// The flags.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = HEADING)]
pub struct NetworkArgs {
    /// Try again so many times where that can help: backoff with jitter, Retry-After obeyed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=i64::from(MOST_TIMES)))]
    pub retry: Option<u32>,
    /// Try again also what may be done twice: POST and PATCH without an idempotency key
    #[arg(long, requires = "retry")]
    pub retry_unsafe: bool,
    /// How long one try may take, in seconds
    #[arg(long, value_name = "S", value_parser = secs)]
    pub timeout: Option<Duration>,
    /// How long opening a connection may take
    #[arg(long, value_name = "S", value_parser = secs)]
    pub connect_timeout: Option<Duration>,
    /// How long the answer's head may take
    #[arg(long, value_name = "S", value_parser = secs)]
    pub first_byte_timeout: Option<Duration>,
    /// How long the body may stand still
    #[arg(long, value_name = "S", value_parser = secs)]
    pub idle_timeout: Option<Duration>,
    /// Where a body is cut, in bytes
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_body: Option<u64>,
    /// How many redirects are followed; 0 shows the redirect itself
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=i64::from(MOST_TIMES)))]
    pub max_redirects: Option<u32>,
    /// The proxy: an address (http, https, socks5, socks5h), `system` or `none`
    #[arg(long, value_name = "URL|system|none")]
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, as in NO_PROXY
    #[arg(long, value_name = "LIST", requires = "proxy")]
    pub proxy_bypass: Option<String>,
    /// The credential of the kind basic for the proxy, bound to its host and port
    #[arg(long, value_name = "NAME", requires = "proxy")]
    pub proxy_credential: Option<String>,
    /// Accept any certificate of this address, for this command only
    #[arg(long)]
    pub insecure: bool,
    /// A file with CAs that are trusted beside the system's. Can be given several times
    #[arg(long = "ca-file", value_name = "FILE")]
    pub ca_files: Vec<PathBuf>,
    /// The client certificate: PEM or PKCS#12
    #[arg(long, value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// Its key in PEM, where it is not in the same file
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// The environment variable that holds the pass phrase of the PKCS#12 file
    #[arg(long, value_name = "NAME", requires = "client_cert")]
    pub client_cert_pass_env: Option<String>,
    /// The oldest TLS version that is accepted
    #[arg(long, value_name = "VERSION", value_enum)]
    pub min_tls: Option<MinTlsArg>,
    /// An address that stands for a name. Can be given several times
    #[arg(long = "resolve", value_name = "HOST=ADDRESS", value_parser = resolve)]
    pub names: Vec<(String, Vec<IpAddr>)>,
    /// Which HTTP is spoken; 2 also without TLS
    #[arg(long, value_name = "VERSION", value_enum)]
    pub http: Option<HttpArg>,
    /// Keep and send the environment's cookies
    #[arg(long, conflicts_with = "no_cookies")]
    pub cookies: bool,
    /// Neither keep nor send cookies
    #[arg(long)]
    pub no_cookies: bool,
}

/// `--min-tls`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MinTlsArg {
    /// TLS 1.2.
    #[value(name = "1.2")]
    V1_2,
    /// TLS 1.3.
    #[value(name = "1.3")]
    V1_3,
}

/// `--http`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum HttpArg {
    /// What the server prefers.
    Auto,
    /// HTTP/1.1.
    #[value(name = "1.1")]
    Http1,
    /// HTTP/2.
    #[value(name = "2")]
    Http2,
}

/// Seconds, with decimals. Shape: `2.5`.
fn secs(text: &str) -> Result<Duration, String> {
    let time = text.parse().ok().and_then(|secs: f64| Duration::try_from_secs_f64(secs).ok());
    time.filter(|time| !time.is_zero() && *time <= LONGEST)
        .ok_or_else(|| format!("write seconds, more than 0 and at most {}", LONGEST.as_secs()))
}

/// A name and its addresses, in the shapes of [`own_addresses`].
fn resolve(text: &str) -> Result<(String, Vec<IpAddr>), String> {
    own_addresses(text).ok_or_else(|| "write a name and its address, such as api.test=127.0.0.1".to_owned())
}

impl NetworkArgs {
    /// How this request is to be sent: the environment's settings with what the flags say instead.
    ///
    /// *Errors*: the variable for the pass phrase is not set.
    pub(super) fn wish(&self, mut network: NetworkSettings) -> Result<SendWish, Stop> {
        let set = |slot: &mut f64, given: Option<Duration>| {
            if let Some(given) = given {
                *slot = given.as_secs_f64();
            }
        };
        if let Some(total) = self.timeout {
            // One time for all: the head may take as long as the whole.
            network.first_byte_s = total.as_secs_f64();
        }
        set(&mut network.total_s, self.timeout);
        set(&mut network.connect_s, self.connect_timeout);
        set(&mut network.first_byte_s, self.first_byte_timeout);
        set(&mut network.idle_s, self.idle_timeout);
        network.body_cap_bytes = self.max_body.unwrap_or(network.body_cap_bytes);
        network.max_redirects = self.max_redirects.unwrap_or(network.max_redirects);
        network.has_cookies = (network.has_cookies || self.cookies) && !self.no_cookies;
        let route = &mut network.route;
        match self.proxy.as_deref() {
            None => {}
            Some("system") => route.proxy = ProxyChoice::System,
            Some("none") => route.proxy = ProxyChoice::Direct,
            Some(url) => {
                let bypass = self.proxy_bypass.clone().unwrap_or_default();
                route.proxy = ProxyChoice::Explicit { url: url.to_owned(), bypass };
                network.proxy_credential.clone_from(&self.proxy_credential);
            }
        }
        route.ca_files.extend(self.ca_files.iter().cloned());
        if let Some(file) = &self.client_cert {
            route.client_certificate = Some(ClientCertificate { file: file.clone(), key: self.client_key.clone() });
        }
        match self.min_tls {
            None => {}
            Some(MinTlsArg::V1_2) => route.min_tls = MinTls::V1_2,
            Some(MinTlsArg::V1_3) => route.min_tls = MinTls::V1_3,
        }
        match self.http {
            None => {}
            Some(HttpArg::Auto) => route.http = HttpVersion::Auto,
            Some(HttpArg::Http1) => route.http = HttpVersion::Http1,
            Some(HttpArg::Http2) => route.http = HttpVersion::Http2,
        }
        route.names.extend(self.names.iter().cloned());
        Ok(SendWish {
            network: Some(network),
            may_duplicate: self.retry_unsafe,
            retries: self.retry,
            wait_first_s: None,
            here: ForThisAddress {
                is_unverified: self.insecure,
                has_identity: self.client_cert.is_some(),
                has_cookies: self.cookies,
            },
            passphrase: self.passphrase()?,
        })
    }

    fn passphrase(&self) -> Result<Option<Secret>, Stop> {
        let Some(name) = &self.client_cert_pass_env else { return Ok(None) };
        match std::env::var(name) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(_) => Err(Stop {
                code: USAGE,
                summary: format!("The environment variable {name} is not set to a text"),
                place: "--client-cert-pass-env".into(),
                fix: "Put the pass phrase of the client certificate into it".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_name_and_its_address_in_both_spellings() {
        let home: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(resolve("API.test=127.0.0.1"), Ok(("api.test".into(), vec![home])));
        assert_eq!(resolve("api.test:443:127.0.0.1"), Ok(("api.test".into(), vec![home])));
        assert_eq!(resolve("api.test:443:[::1]").unwrap().1, ["::1".parse::<IpAddr>().unwrap()]);
        for wrong in ["api.test", "api.test=", "=127.0.0.1", "api.test:x:127.0.0.1", "api.test=there"] {
            assert!(resolve(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_seconds_with_decimals() {
        assert_eq!(secs("2.5"), Ok(Duration::from_millis(2500)));
        for wrong in ["0", "-1", "NaN", "86401", "soon", "1e99"] {
            assert!(secs(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn flags_stand_over_the_settings_of_the_environment() {
        let settings = NetworkSettings { idle_s: 7.0, has_cookies: true, ..NetworkSettings::default() };
        let args = NetworkArgs {
            timeout: Some(Duration::from_secs(3)),
            no_cookies: true,
            retry: Some(2),
            proxy: Some("none".into()),
            ..NetworkArgs::default()
        };
        let wish = args.wish(settings).unwrap();
        let network = wish.network.unwrap();
        assert_eq!((network.idle_s, network.total_s, network.first_byte_s), (7.0, 3.0, 3.0));
        assert_eq!((network.has_cookies, network.route.proxy, wish.retries), (false, ProxyChoice::Direct, Some(2)));
    }
}
