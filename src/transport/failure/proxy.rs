//! Failures of the proxy, or of what it could not do for us.

use std::io;
use std::time::Duration;

use super::{Seen, chain, dialled, failure, innermost, io_kind, is_reset, secs, text_of};
use crate::exchange::{Layer, TransportError};
use crate::transport::proxy::ProxyTarget;

/// What the proxy did, by the words that hyper-util 0.1 has for it: its error types are private.
/// The fault servers of the tests prove each of them.
const TUNNEL: &str = "tunnel error: ";
const SOCKS: &str = "SOCKS error: ";

/// Whether the error says itself what the proxy did.
pub(super) fn has_words(error: &reqwest::Error) -> bool {
    text_of(error, TUNNEL).is_some() || text_of(error, SOCKS).is_some()
}

/// A connection through a proxy could not be opened.
pub(super) fn refused(error: &reqwest::Error, target: &ProxyTarget, seen: &Seen<'_>) -> TransportError {
    if let Some(said) = text_of(error, TUNNEL) {
        return match said.as_str() {
            "proxy authorization required" => wants_auth(target),
            "unsuccessful" => will_not(target, seen, "It answered the request for a tunnel with a refusal or nonsense"),
            "unexpected end of file" => closed(target),
            "proxy response headers too long" => nonsense(target, "Its answer had more than 8 kB of headers"),
            _ => unreachable_proxy(error, target),
        };
    }
    if let Some(said) = text_of(error, SOCKS) {
        return socks(&said, error, target, seen);
    }
    if error.is_dns() && seen.marks.dns_name.is_some() && seen.marks.dns_name.as_deref() == seen.url.host_str() {
        let host = seen.url.host_str().unwrap_or("?");
        return failure(
            Layer::Dns,
            "no_such_host",
            [
                format!("The name {host} could not be looked up"),
                format!("The system said: {}", super::connect::resolver_words(&innermost(error))),
                "A socks5:// proxy is given addresses, so that the name is looked up on this machine".into(),
                "Check the host in the URL, or write socks5h:// so that the proxy looks it up".into(),
            ],
        );
    }
    // What reqwest 0.13 says of an address in brackets behind a tunnel.
    if chain(error).iter().any(|error| error.to_string() == "Invalid Server Name") {
        let host = seen.url.host_str().unwrap_or("?");
        return failure(
            Layer::Proxy,
            "not_allowed",
            [
                format!("https to {host} cannot go through a proxy"),
                "The tunnel stood, but no encryption can be asked for by a bare IPv6 address".into(),
                "This program cannot encrypt to an IPv6 address behind a proxy; nothing of the request was sent".into(),
                "Use a name for the host, or choose no proxy for it (--proxy-bypass)".into(),
            ],
        );
    }
    if error.is_dns() {
        let host = target.url.host_str().unwrap_or("?");
        return failure(
            Layer::Proxy,
            "no_such_host",
            [
                format!("The proxy's name {host} could not be looked up"),
                format!("The system said: {}", super::connect::resolver_words(&innermost(error))),
                "The name is misspelt or not known on this network".into(),
                "Check the proxy's address; away from the company's network, choose no proxy".into(),
            ],
        );
    }
    unreachable_proxy(error, target)
}

fn socks(said: &str, error: &reqwest::Error, target: &ProxyTarget, seen: &Seen<'_>) -> TransportError {
    match said {
        "credentials not accepted" | "server does not support user/pass authentication" => wants_auth(target),
        // The protocol has one answer for all of it: no way to log in that was offered is accepted.
        "server implements authentication incorrectly" if target.auth.is_none() => {
            TransportError { seen: "It accepts no connection without a login".into(), ..wants_auth(target) }
        }
        "failed to create underlying connection" => unreachable_proxy(error, target),
        "failed parsing server response" | "server implements authentication incorrectly" => {
            nonsense(target, "Its answer was none of SOCKS")
        }
        "io error during SOCKS handshake" => closed(target),
        "connection not allowed" => will_not(target, seen, "Its rules forbid the connection"),
        other => {
            let to = dialled(seen.url);
            let (kind, fix) = match other {
                "connection refused" => ("refused", "Check host and port of the URL; the proxy reached the machine"),
                "host unreachable" | "network unreachable" => {
                    ("unreachable", "Check the host in the URL, and whether the proxy may reach it")
                }
                "could not resolve to acceptable address type" => {
                    ("no_such_host", "Use socks5h:// so that the proxy looks the name up")
                }
                _ => ("failed", "Ask who runs the proxy, or choose another one"),
            };
            failure(
                Layer::Proxy,
                kind,
                [
                    format!("The proxy {} could not reach {to}", dialled(&target.url)),
                    format!("It said: {other}"),
                    "The proxy works, but the way from there to the server does not".into(),
                    fix.into(),
                ],
            )
        }
    }
}

/// The proxy did not open the connection in time.
pub(super) fn stalled(target: &ProxyTarget, waited: Duration) -> TransportError {
    failure(
        Layer::Proxy,
        "timeout",
        [
            format!("The proxy {} did not connect in time", dialled(&target.url)),
            format!("No connection stood after {}", secs(waited)),
            "The proxy is down or slow, or it waits for the server behind it".into(),
            "Check the proxy's address, or choose no proxy for this environment".into(),
        ],
    )
}

/// An answer that the proxy itself gave instead of the server.
///
/// `challenge` is its `Proxy-Authenticate`. Shape: `Basic realm="corp"`, `Negotiate`.
pub(in crate::transport) fn answered_by_proxy(
    target: &ProxyTarget,
    status: u16,
    challenge: Option<&str>,
) -> Option<TransportError> {
    let scheme = challenge.and_then(|line| line.split_whitespace().next()).unwrap_or("Basic");
    let is_basic = challenge.is_none_or(|line| line.to_ascii_lowercase().contains("basic"));
    (status == 407).then(|| if is_basic { wants_auth(target) } else { wants_other_login(target, scheme) })
}

fn wants_other_login(target: &ProxyTarget, scheme: &str) -> TransportError {
    failure(
        Layer::Proxy,
        "auth_required",
        [
            format!("The proxy {} wants a login that this program does not have", dialled(&target.url)),
            format!("It asked for {}", crate::text::visible_line(scheme)),
            "User and password are the only login to a proxy that is known here".into(),
            "Ask who runs the proxy for one that takes user and password, or choose no proxy for this environment"
                .into(),
        ],
    )
}

fn wants_auth(target: &ProxyTarget) -> TransportError {
    let is_given = target.auth.is_some();
    failure(
        Layer::Proxy,
        "auth_required",
        [
            match is_given {
                true => format!("The proxy {} refused user and password", dialled(&target.url)),
                false => format!("The proxy {} wants a user and password", dialled(&target.url)),
            },
            match is_given {
                true => "The proxy asked for other credentials than those it was given".into(),
                false => "The proxy asked for credentials and was given none".into(),
            },
            "The proxy let nothing through to the server".into(),
            match is_given {
                true => "Correct them: in the proxy's credential, or in the environment variable that names the proxy",
                false => {
                    "Choose a credential of the kind basic for the proxy in this environment's network settings \
                     (--proxy-credential)"
                }
            }
            .into(),
        ],
    )
}

fn will_not(target: &ProxyTarget, seen: &Seen<'_>, said: &str) -> TransportError {
    failure(
        Layer::Proxy,
        "not_allowed",
        [
            format!("The proxy {} will not connect to {}", dialled(&target.url), dialled(seen.url)),
            said.to_owned(),
            "The proxy does not allow this host or port, or cannot reach it".into(),
            "Ask who runs the proxy to allow it, or choose no proxy for this environment".into(),
        ],
    )
}

fn closed(target: &ProxyTarget) -> TransportError {
    failure(
        Layer::Proxy,
        "closed",
        [
            format!("The proxy {} closed the connection", dialled(&target.url)),
            "The connection to the proxy ended before it had answered".into(),
            "The proxy gave up, or another kind of server listens there".into(),
            "Check the proxy's scheme and port: http, https or socks5".into(),
        ],
    )
}

fn nonsense(target: &ProxyTarget, said: &str) -> TransportError {
    failure(
        Layer::Proxy,
        "malformed",
        [
            format!("{} answered with something that no proxy says", dialled(&target.url)),
            said.to_owned(),
            "Another kind of server listens there".into(),
            "Check the proxy's scheme and port: http, https or socks5".into(),
        ],
    )
}

fn unreachable_proxy(error: &reqwest::Error, target: &ProxyTarget) -> TransportError {
    let at = dialled(&target.url);
    let fix = "Check the proxy's address and whether it runs, or choose no proxy for this environment".to_owned();
    let is_refused = io_kind(error) == Some(io::ErrorKind::ConnectionRefused);
    let (kind, summary, meaning) = if is_refused {
        ("refused", format!("The proxy {at} refused the connection"), "Nothing listens at the proxy's address")
    } else if is_reset(error) || io_kind(error) == Some(io::ErrorKind::UnexpectedEof) {
        ("reset", format!("The proxy {at} broke the connection"), "The proxy or a firewall cut it")
    } else {
        ("unreachable", format!("The proxy {at} cannot be reached"), "The proxy is down, or there is no way to it")
    };
    // The chain ends where the library keeps the rest to itself; its last word is all there is to see.
    let seen = match innermost(error) {
        said if said == format!("{SOCKS}failed to create underlying connection") => {
            "The connection to it could not be opened; the reason is not told".to_owned()
        }
        said => format!("The system said: {}", said.strip_prefix(SOCKS).unwrap_or(&said)),
    };
    failure(Layer::Proxy, kind, [summary, seen, meaning.to_owned(), fix])
}
