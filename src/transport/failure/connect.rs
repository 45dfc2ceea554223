//! Failures of looking a name up and of opening a connection.

use std::io;
use std::time::Duration;

use super::{Seen, dialled, failure, innermost, io_kind, secs};
use crate::exchange::{Layer, TransportError};

/// The name stands for no address.
pub(super) fn no_such_host(said: &str, host: &str) -> TransportError {
    if host.ends_with(".example") {
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
    // The system has one word for a name server that does not answer; what is not known there is known nowhere.
    if said.contains("emporary failure") {
        return failure(
            Layer::Dns,
            "no_answer",
            [
                format!("No name server answered for {host}"),
                format!("The system said: {}", resolver_words(said)),
                "There is no network, or its name server cannot be reached".into(),
                "Check the network and VPN, then send it again".into(),
            ],
        );
    }
    failure(
        Layer::Dns,
        "no_such_host",
        [
            format!("The name {host} could not be looked up"),
            format!("The system said: {}", resolver_words(said)),
            "The name is misspelt, not known on this network, or there is no network".into(),
            "Check the host in the URL, then the network and VPN".into(),
        ],
    )
}

/// The system's own words of a lookup, without those that the library puts before them.
pub(super) fn resolver_words(said: &str) -> &str {
    said.strip_prefix("failed to lookup address information: ").unwrap_or(said)
}

/// The lookup took too long.
pub(super) fn lookup_stalled(seen: &Seen<'_>, waited: Duration) -> TransportError {
    let host = seen.url.host_str().unwrap_or("the host");
    failure(
        Layer::Dns,
        "timeout",
        [
            format!("The name {host} was not looked up in time"),
            format!("No address within {}", secs(waited)),
            "The name server is slow or cannot be reached".into(),
            "Check the network and VPN, or give the address for this name in the environment's settings".into(),
        ],
    )
}

/// Nothing answered the attempt to connect.
pub(super) fn stalled(seen: &Seen<'_>, waited: Duration) -> TransportError {
    failure(
        Layer::Tcp,
        "timeout",
        [
            format!("No connection to {} in time", dialled(seen.url)),
            format!("No connection stood after {}; tried {}", secs(waited), tried(seen)),
            "The host is down, or a firewall drops the packets".into(),
            "Check host and port, VPN and firewall".into(),
        ],
    )
}

/// The connection could not be opened.
pub(super) fn refused(error: &reqwest::Error, seen: &Seen<'_>) -> TransportError {
    let at = dialled(seen.url);
    let is_https = seen.url.scheme() == "https";
    let in_handshake = seen.marks.tls_start.is_some();
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => failure(
            Layer::Tcp,
            "refused",
            [
                format!("{at} refused the connection"),
                format!("The machine answered, but nothing listens at {}", tried(seen)),
                "The server is not running, or listens on another port".into(),
                "Start the server or correct the port in the URL".into(),
            ],
        ),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => failure(
            Layer::Tcp,
            "unreachable",
            [
                format!("{at} cannot be reached"),
                format!("{}; tried {}", innermost(error), tried(seen)),
                "There is no way to that address from this network".into(),
                "Check the network and VPN".into(),
            ],
        ),
        Some(io::ErrorKind::UnexpectedEof) if is_https || in_handshake => super::tls::closed(seen),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) if in_handshake => super::tls::reset(seen),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => failure(
            Layer::Tcp,
            "reset",
            [
                format!("{at} broke the connection while it was opened"),
                innermost(error),
                "The server or a firewall cut it".into(),
                "Check host and port of the URL, VPN and firewall".into(),
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

/// The addresses that were tried, with the port.
fn tried(seen: &Seen<'_>) -> String {
    let port = seen.url.port_or_known_default().unwrap_or(0);
    let all: Vec<String> = seen
        .marks
        .addresses
        .iter()
        .map(|address| std::net::SocketAddr::new(address.ip(), port).to_string())
        .take(8)
        .collect();
    if all.is_empty() { dialled(seen.url) } else { all.join(", ") }
}
