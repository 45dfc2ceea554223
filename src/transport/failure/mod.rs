//! Why no whole answer came: from a library's error to layer, words and advice. One file a layer.
//!
//! No library's text is ever the headline, and no text holds a query: addresses are shown as scheme, host and port.

mod body;
mod connect;
mod http;
mod proxy;
mod tls;

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use url::Url;

use super::client::SetupError;
use super::clock::Marks;
use super::proxy::{ProxyProblem, ProxyTarget, SOCKS_PORT};
use super::settings::{Limits, MinTls};
use crate::exchange::{Layer, TransportError};

pub(super) use body::{bomb, in_body, mislabelled, not_decoded, not_kept, stalled, too_wide, truncated_coding};
pub(super) use http::{no_head_in_time, redirect_loop, upload_stalled};
pub(super) use proxy::answered_by_proxy;

/// What is known of a try when it fails.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Where it was to go.
    pub url: &'a Url,
    /// Its times.
    pub limits: &'a Limits,
    /// How far its connection came.
    pub marks: &'a Marks,
    /// The proxy, if one was used.
    pub proxy: Option<&'a ProxyTarget>,
    /// The oldest TLS version that was accepted.
    pub min_tls: MinTls,
    /// Whether a client certificate was there to be shown.
    pub has_identity: bool,
}

/// Summary, what was seen, meaning, fix.
type Words = [String; 4];

fn failure(layer: Layer, kind: &str, words: Words) -> TransportError {
    let [summary, seen, meaning, fix] = words;
    TransportError { layer, kind: kind.to_owned(), summary, seen, meaning, fix }
}

/// Scheme, host and port: the part of an address that names no secret.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// `host:port`, for what is dialled.
fn dialled(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or("?"), url.port_or_known_default().unwrap_or(SOCKS_PORT))
}

/// The text of the innermost error in a chain, which is the one that says what really happened.
pub(super) fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().map(|error| without_number(&error.to_string())).unwrap_or_default()
}

/// A system's text without its error number, which helps nobody. Shape: `Connection refused`.
fn without_number(text: &str) -> String {
    text.split(" (os error").next().unwrap_or(text).to_owned()
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

/// The text of the first error in the chain that begins like this: for errors whose types are nobody's to name.
fn text_of(error: &(dyn StdError + 'static), beginning: &str) -> Option<String> {
    let found = chain(error).into_iter().map(|error| error.to_string()).find(|text| text.starts_with(beginning))?;
    found.strip_prefix(beginning).map(str::to_owned)
}

/// Whether a new connection was of no use before anything was written on it: its other side ended it or spoke first.
///
/// hyper-util tries again by itself only on connections that were kept, and its errors have no kind of their own.
pub(super) fn was_never_sent(error: &reqwest::Error) -> bool {
    find::<hyper::Error>(error).is_some_and(|error| error.is_canceled() || error.is_closed())
        && ["connection was not ready", "connection closed", "channel closed"].contains(&innermost(error).as_str())
}

/// Whether a connection ended before anything of an answer's head was there.
pub(super) fn ended_before_head(error: &reqwest::Error) -> bool {
    let of_hyper = find::<hyper::Error>(error);
    is_reset(error)
        || is_http2_end(error)
        || of_hyper.is_some_and(|error| error.is_incomplete_message() || error.is_closed() || error.is_canceled())
}

/// Whether an HTTP/2 connection ended in order while a request was open; the library calls that a broken pipe.
fn is_http2_end(error: &(dyn StdError + 'static)) -> bool {
    let is_pipe = |h2: &h2::Error| h2.get_io().is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe);
    find::<h2::Error>(error).is_some_and(is_pipe)
        || chain(error).iter().any(|error| error.to_string().ends_with("closed because of a broken pipe"))
}

/// Whether the connection was broken off and not ended in order.
fn is_reset(error: &(dyn StdError + 'static)) -> bool {
    matches!(
        io_kind(error),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted)
    )
}

/// No client could be made.
pub(super) fn setup(error: &SetupError) -> TransportError {
    failure(
        Layer::Policy,
        "setup",
        [
            error.summary.clone(),
            "Nothing was sent".into(),
            "What this environment asks for cannot be set up".into(),
            error.fix.clone(),
        ],
    )
}

/// The proxy that was asked for is none.
pub(super) fn proxy_problem(problem: &ProxyProblem) -> TransportError {
    failure(
        Layer::Policy,
        "not_allowed",
        [
            problem.summary.clone(),
            "Nothing was sent".into(),
            "Requests of this environment go through a proxy that cannot be used".into(),
            problem.fix.clone(),
        ],
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

/// An error before the answer's head was there.
pub(super) fn before_head(error: reqwest::Error, seen: &Seen<'_>) -> TransportError {
    let error = error.without_url();
    let host = seen.url.host_str().unwrap_or("the host");
    if error.is_dns() && seen.proxy.is_none() {
        return connect::no_such_host(&innermost(&error), host);
    }
    if let Some(tls) = find::<rustls::Error>(&error) {
        return tls::refused(tls, seen);
    }
    if error.is_connect() && error.is_timeout() {
        return not_connected_in_time(seen, seen.limits.connect_within());
    }
    if let Some(target) = seen.proxy
        && error.is_connect()
        // In a handshake it is the encryption that broke off, the proxy's or, through the tunnel, the server's.
        && (seen.marks.tls_start.is_none() || proxy::has_words(&error))
    {
        return proxy::refused(&error, target, seen);
    }
    if error.is_connect() {
        return connect::refused(&error, seen);
    }
    if error.is_timeout() {
        return no_head_in_time(seen);
    }
    http::before_head(&error, seen)
}

/// No connection stood in time: said of the phase that was waited for.
pub(super) fn not_connected_in_time(seen: &Seen<'_>, waited: Duration) -> TransportError {
    let marks = seen.marks;
    // Once its encryption stands, a proxy is waited for as such.
    let is_secure = marks.tls.as_ref().is_some_and(|tls| tls.version.is_some());
    if marks.tls_start.is_some() && !(tls::is_proxys(seen) && is_secure) {
        return tls::stalled(seen, waited);
    }
    if marks.dns_start.is_some() && marks.dns_end.is_none() {
        return connect::lookup_stalled(seen, waited);
    }
    match seen.proxy {
        Some(target) => proxy::stalled(target, waited),
        None => connect::stalled(seen, waited),
    }
}

/// Bytes for a person. Shape: `1 byte`, `12 bytes`.
fn bytes(count: u64) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

/// Seconds for a person. Shape: `0.4 s`.
fn secs(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn an_error_hidden_in_io_errors_is_found() {
        let inner = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
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
