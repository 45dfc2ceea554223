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
    if error.is_dns() {
        let host = target.url.host_str().unwrap_or("?");
        return failure(
            Layer::Proxy,
            "no_such_host",
            [
                format!("The proxy's name {host} could not be looked up"),
                innermost(error),
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
        "server implements authentication incorrectly" if target.auth.is_none() => wants_auth(target),
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
pub(in crate::transport) fn answered_by_proxy(target: &ProxyTarget, status: u16) -> Option<TransportError> {
    (status == 407).then(|| wants_auth(target))
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
            "The request reached the proxy and went no further".into(),
            "Choose a credential of the kind basic for the proxy in this environment's network settings".into(),
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
    let seen = chain(error).last().map(|error| error.to_string()).unwrap_or_default();
    let seen = seen.strip_prefix(SOCKS).unwrap_or(&seen).to_owned();
    failure(Layer::Proxy, kind, [summary, seen, meaning.to_owned(), fix])
}
