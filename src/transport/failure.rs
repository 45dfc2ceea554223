//! Why no whole answer came: from a library's error to layer, words and advice.
//!
//! No library's text is ever the headline, and no text holds a query: addresses are shown as scheme, host and port.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use url::Url;

use super::client::SetupError;
use super::send::Limits;
use crate::exchange::{Layer, TransportError};

fn failure(layer: Layer, kind: &str, words: [String; 4]) -> TransportError {
    let [summary, seen, meaning, fix] = words;
    TransportError { layer, kind: kind.to_owned(), summary, seen, meaning, fix }
}

/// Scheme, host and port: the part of an address that names no secret.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// `host:port`, for what is dialled.
fn dialled(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or("?"), url.port_or_known_default().unwrap_or(0))
}

/// The text of the innermost error in a chain, which is the one that says what really happened.
pub(super) fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().map(|error| error.to_string()).unwrap_or_default()
}

/// An error and its sources, outermost first, through `io::Error`s that hide another error inside.
fn chain<'e>(error: &'e (dyn StdError + 'static)) -> Vec<&'e (dyn StdError + 'static)> {
    let mut all: Vec<&'e (dyn StdError + 'static)> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if all.len() >= 32 {
            break;
        }
        all.push(error);
        // `source` of an io::Error skips the error it carries, so that one is asked for first.
        next = error
            .downcast_ref::<io::Error>()
            .and_then(|io| io.get_ref().map(|inner| inner as &(dyn StdError + 'static)))
            .or_else(|| error.source());
    }
    all
}

fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    chain(error).into_iter().find_map(|error| error.downcast_ref::<E>())
}

fn io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    chain(error).into_iter().filter_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind).last()
}

/// No client could be made.
pub(super) fn setup(error: &SetupError) -> TransportError {
    failure(
        Layer::Policy,
        "not_allowed",
        ["Nothing was sent".into(), error.summary(), "This machine lacks what HTTPS needs".into(), error.fix().into()],
    )
}

/// The person cancelled.
pub(super) fn cancelled(received: u64) -> TransportError {
    let seen = if received == 0 {
        "Cancelled before an answer came".to_owned()
    } else {
        format!("Cancelled after {received} bytes of the answer")
    };
    failure(
        Layer::Policy,
        "cancelled",
        [
            "You cancelled the request".into(),
            seen,
            "The server may have acted on it all the same".into(),
            "Look at the resource before you send a request that changes something again".into(),
        ],
    )
}

/// No head within the time for it.
pub(super) fn no_head_in_time(url: &Url, waited: Duration) -> TransportError {
    failure(
        Layer::Http,
        "timeout",
        [
            format!("{} did not answer in time", origin(url)),
            format!("No answer within {:.1} s", waited.as_secs_f64()),
            "The server took the request and is slow, or something between keeps it".into(),
            "Try again with a longer timeout, and look at the provider's status page".into(),
        ],
    )
}

/// An error before the answer's head was there.
pub(super) fn before_head(error: reqwest::Error, url: &Url, limits: &Limits) -> TransportError {
    let error = error.without_url();
    let host = url.host_str().unwrap_or("the host");
    if error.is_dns() && host.ends_with(".example") {
        return failure(
            Layer::Dns,
            "no_such_host",
            [
                format!("{host} is a placeholder, not an address"),
                "Names that end in .example belong to nobody".into(),
                "The profile does not know where this environment is".into(),
                "Copy the profile, set the environment's address, and start with --profile FILE".into(),
            ],
        );
    }
    if error.is_dns() {
        return failure(
            Layer::Dns,
            "no_such_host",
            [
                format!("The name {host} could not be looked up"),
                innermost(&error),
                "The name is misspelt, not known on this network, or there is no network".into(),
                "Check the host in the URL, then the network and VPN".into(),
            ],
        );
    }
    if let Some(tls) = find::<rustls::Error>(&error) {
        return tls_failure(tls, host);
    }
    if error.is_connect() {
        return connect_failure(&error, url, limits);
    }
    if error.is_timeout() {
        return no_head_in_time(url, limits.first_byte.min(limits.total));
    }
    head_failure(&error, url)
}

/// An error on an open connection before the answer's head was whole.
fn head_failure(error: &reqwest::Error, url: &Url) -> TransportError {
    let from = origin(url);
    let check = "Check scheme and port of the URL (http or https)".to_owned();
    let again = "Send it again; if it happens each time, tell the provider the time and your address".to_owned();
    let http = find::<hyper::Error>(error);
    let is = |question: fn(&hyper::Error) -> bool| http.is_some_and(question);
    // A server that speaks first, as mail and SSH servers do; hyper gives this error no question of its own.
    let speaks_first = || chain(error).iter().any(|error| error.to_string().contains("unexpected message"));
    let (kind, words) = match io_kind(error) {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted) => (
            "reset",
            [
                format!("{from} broke the connection before it answered"),
                "The connection was reset before an answer's head came".into(),
                "The server crashed, refused the request without words, or a firewall cut it".into(),
                again,
            ],
        ),
        _ if is(hyper::Error::is_parse_too_large) => (
            "too_large",
            [
                format!("The headers of {from}'s answer are too many or too long"),
                innermost(error),
                "At most 100 headers and about 400 kB of them are read".into(),
                "Tell the provider; a cookie that grows with each answer is a common reason".into(),
            ],
        ),
        _ if is(hyper::Error::is_parse) || speaks_first() => (
            "malformed",
            [
                format!("{from} answered with something that is no HTTP"),
                innermost(error),
                "Another kind of server listens there, or it wants https".into(),
                check,
            ],
        ),
        Some(io::ErrorKind::UnexpectedEof) => ("closed", closed_words(&from, check)),
        _ if is(|e| e.is_incomplete_message() || e.is_closed() || e.is_canceled()) => {
            ("closed", closed_words(&from, check))
        }
        _ => (
            "failed",
            [
                format!("No answer came from {from}"),
                innermost(error),
                "The connection was open and then failed in a way that has no name here".into(),
                again,
            ],
        ),
    };
    failure(Layer::Http, kind, words)
}

fn closed_words(from: &str, fix: String) -> [String; 4] {
    [
        format!("{from} closed the connection before it answered"),
        "The connection was closed before an answer's head was complete".into(),
        "The server gave up, or another kind of server listens there".into(),
        fix,
    ]
}

fn connect_failure(error: &reqwest::Error, url: &Url, limits: &Limits) -> TransportError {
    let at = dialled(url);
    let is_https = url.scheme() == "https";
    if error.is_timeout() {
        return failure(
            Layer::Tcp,
            "timeout",
            [
                format!("No connection to {at} in time"),
                format!("No connection stood after {:.1} s", limits.connect_within().as_secs_f64()),
                if is_https {
                    "The host is down, a firewall drops the packets, or what listens there speaks no TLS".into()
                } else {
                    "The host is down, or a firewall drops the packets".into()
                },
                "Check host and port, VPN and firewall".into(),
            ],
        );
    }
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => failure(
            Layer::Tcp,
            "refused",
            [
                format!("{at} refused the connection"),
                format!("The machine answered, but nothing listens at {at}"),
                "The server is not running, or listens on another port".into(),
                "Start the server or correct the port in the URL".into(),
            ],
        ),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => failure(
            Layer::Tcp,
            "unreachable",
            [
                format!("{at} cannot be reached"),
                innermost(error),
                "There is no way to that address from this network".into(),
                "Check the network and VPN".into(),
            ],
        ),
        Some(io::ErrorKind::UnexpectedEof) if is_https => failure(
            Layer::Tls,
            "closed",
            [
                format!("{at} closed the connection during the TLS handshake"),
                "The connection was opened, and closed before it was secure".into(),
                "What listens there speaks no TLS, or refuses this machine".into(),
                "Check scheme and port: is it http rather than https?".into(),
            ],
        ),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => failure(
            Layer::Tcp,
            "reset",
            [
                format!("{at} broke the connection while it was opened"),
                innermost(error),
                "The server or a firewall cut it; with https, perhaps no TLS is spoken there".into(),
                "Check scheme and port of the URL (http or https)".into(),
            ],
        ),
        _ => failure(
            Layer::Tcp,
            "failed",
            [
                format!("No connection to {at}"),
                innermost(error),
                "The connection could not be opened".into(),
                "Check host and port, proxy, VPN and firewall".into(),
            ],
        ),
    }
}

fn tls_failure(error: &rustls::Error, host: &str) -> TransportError {
    use rustls::CertificateError as C;
    let (kind, summary, fix) = match error {
        rustls::Error::InvalidCertificate(C::Expired | C::ExpiredContext { .. }) => (
            "expired",
            format!("The certificate of {host} has expired"),
            "Tell the provider; check this machine's clock",
        ),
        rustls::Error::InvalidCertificate(C::NotValidYet | C::NotValidYetContext { .. }) => (
            "not_yet_valid",
            format!("The certificate of {host} is not valid yet"),
            "Check this machine's clock, then tell the provider",
        ),
        rustls::Error::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => (
            "wrong_name",
            format!("The certificate shown is not for {host}"),
            "Check the host in the URL; behind a proxy, check the proxy",
        ),
        rustls::Error::InvalidCertificate(_) => (
            "untrusted",
            format!("The certificate of {host} is not trusted"),
            "Add the CA that signed it to the system's trust store, if you trust it",
        ),
        rustls::Error::InvalidMessage(_) => (
            "not_tls",
            format!("{host} does not speak TLS there"),
            "Check scheme and port: is it http rather than https?",
        ),
        rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion) => (
            "version",
            format!("{host} wants another TLS version"),
            "The server must offer TLS 1.2 or 1.3; tell the provider",
        ),
        _ => ("failed", format!("The TLS handshake with {host} failed"), "Check scheme, host and port of the URL"),
    };
    failure(
        Layer::Tls,
        kind,
        [
            summary,
            error.to_string(),
            "No secure connection was made, so nothing of the request was sent".into(),
            fix.into(),
        ],
    )
}

/// An error while the body arrived.
pub(super) fn in_body(error: reqwest::Error, received: u64, expected: Option<u64>) -> TransportError {
    let error = error.without_url();
    let is_cut = || {
        io_kind(&error) == Some(io::ErrorKind::UnexpectedEof)
            || find::<hyper::Error>(&error).is_some_and(|e| e.is_incomplete_message() || e.is_closed())
    };
    let (kind, summary) = match (io_kind(&error), expected) {
        (Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted), _) => {
            ("reset", format!("The connection broke after {received} bytes of the answer"))
        }
        (_, Some(expected)) if expected > received => {
            ("short_body", format!("The answer ended {} bytes too early", expected - received))
        }
        _ if is_cut() => ("closed", format!("The connection was closed after {received} bytes of the answer")),
        _ => ("malformed", format!("The answer cannot be read any further after {received} bytes")),
    };
    failure(
        Layer::Body,
        kind,
        [
            summary,
            format!("{received} bytes came, {}; {}", expected_text(expected), innermost(&error)),
            "What came is kept and shown; it is not the whole answer".into(),
            "Send it again; if it breaks at the same place, tell the provider".into(),
        ],
    )
}

/// Nothing more of the body came in time.
pub(super) fn body_stalled(received: u64, expected: Option<u64>, is_total: bool) -> TransportError {
    let summary = if is_total { "The answer took longer than allowed" } else { "The answer stopped arriving" };
    failure(
        Layer::Body,
        "timeout",
        [
            summary.into(),
            format!("{received} bytes came, {}", expected_text(expected)),
            "What came is kept and shown; it is not the whole answer".into(),
            "Send it again with a longer timeout".into(),
        ],
    )
}

fn expected_text(expected: Option<u64>) -> String {
    expected.map_or("the whole length was not announced".into(), |expected| format!("{expected} were announced"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use rustls::CertificateError as C;

    use super::*;

    #[test]
    fn every_fault_of_a_certificate_has_its_own_word() {
        let certificate = |error: C| rustls::Error::InvalidCertificate(error);
        let cases = [
            (certificate(C::Expired), "expired"),
            (certificate(C::NotValidYet), "not_yet_valid"),
            (certificate(C::NotValidForName), "wrong_name"),
            (certificate(C::UnknownIssuer), "untrusted"),
            (certificate(C::Revoked), "untrusted"),
            (rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType), "not_tls"),
            (rustls::Error::AlertReceived(rustls::AlertDescription::ProtocolVersion), "version"),
            (rustls::Error::DecryptError, "failed"),
        ];
        for (error, kind) in cases {
            let failure = tls_failure(&error, "api.example.com");
            assert_eq!((failure.layer, failure.kind.as_str()), (Layer::Tls, kind));
            assert!(failure.summary.contains("api.example.com") && !failure.fix.is_empty(), "{failure:?}");
        }
    }

    #[test]
    fn an_error_hidden_in_io_errors_is_found() {
        let inner = rustls::Error::InvalidCertificate(C::Expired);
        let outer = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, inner));
        assert!(find::<rustls::Error>(&outer).is_some());
        assert_eq!(io_kind(&outer), Some(io::ErrorKind::InvalidData));
    }

    #[test]
    fn addresses_are_shown_without_path_and_query() {
        let url = Url::parse("https://api.example.com/v1/posts?token=canary#f").unwrap();
        assert_eq!((origin(&url), dialled(&url)), ("https://api.example.com".into(), "api.example.com:443".into()));
        let url = Url::parse("http://[::1]:8080/?token=canary").unwrap();
        assert_eq!(dialled(&url), "[::1]:8080");
    }
}
