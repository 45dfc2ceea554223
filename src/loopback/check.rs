//! Whether a request's head names our own address and comes from no foreign page.

use std::net::{IpAddr, SocketAddr};

use http::request::Parts;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderName, Method, Uri, header};

use super::policy::{CrossSite, HostRule, Policy, Refusal};

/// Refuses a head that a listener at `own` must not serve.
pub(super) fn check(head: &Parts, own: SocketAddr, policy: &Policy) -> Result<(), Refusal> {
    let limit_bytes = policy.bounds.head_bytes;
    if head_len_bytes(head) > limit_bytes {
        return Err(Refusal::HeadTooLarge { limit_bytes });
    }
    if policy.host == HostRule::OwnLoopback && !is_own_host(&head.headers, &head.uri, own) {
        return Err(Refusal::ForeignHost);
    }
    if head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return Err(Refusal::Preflight);
    }
    let may_navigate = match policy.cross_site {
        CrossSite::Refuse => false,
        CrossSite::Navigation => true,
        CrossSite::NavigationTo(paths) => paths.contains(&head.uri.path()),
    };
    let is_navigation = may_navigate
        && head.method == Method::GET
        && has_value(&head.headers, "sec-fetch-mode", "navigate")
        && has_value(&head.headers, "sec-fetch-dest", "document");
    if !is_navigation && !head.headers.get_all(header::ORIGIN).iter().all(|value| is_own_origin(value.as_bytes(), own))
    {
        return Err(Refusal::ForeignOrigin);
    }
    // `same-site` is a page on another port of this machine: foreign as well.
    let is_own_site =
        head.headers.get_all("sec-fetch-site").iter().all(|value| matches!(value.as_bytes(), b"same-origin" | b"none"));
    if !is_own_site && !is_navigation {
        return Err(Refusal::CrossSite);
    }
    Ok(())
}

/// About the bytes that request line and headers took.
fn head_len_bytes(head: &Parts) -> usize {
    let uri = head.uri.path_and_query().map_or(0, |path| path.as_str().len());
    let lines: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    uri + lines
}

/// Whether a header is there once, with exactly this value.
fn has_value(headers: &HeaderMap, name: &'static str, wanted: &str) -> bool {
    let mut values = headers.get_all(HeaderName::from_static(name)).iter();
    values.next().is_some_and(|value| value.as_bytes() == wanted.as_bytes()) && values.next().is_none()
}

/// Whether `Host`, and the target if it names a host too, is our own address.
fn is_own_host(headers: &HeaderMap, uri: &Uri, own: SocketAddr) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let is_own = host.to_str().is_ok_and(|text| is_own_authority(text, own));
    is_own && uri.authority().is_none_or(|authority| is_own_authority(authority.as_str(), own))
}

/// Whether `127.0.0.1:port`, `[::1]:port` or `localhost:port` names this listener.
fn is_own_authority(text: &str, own: SocketAddr) -> bool {
    if text.contains('@') {
        return false;
    }
    let Ok(authority) = text.parse::<Authority>() else { return false };
    // No port means the scheme's own, which is ours only if we listen there.
    let is_own_port = match authority.port() {
        Some(port) => port.as_u16() == own.port(),
        None => !text.ends_with(':') && own.port() == 80,
    };
    is_own_port && is_loopback_name(authority.host())
}

/// Whether a host is `localhost` or an address that never leaves this machine.
fn is_loopback_name(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether an `Origin` is a page that this listener itself served.
fn is_own_origin(value: &[u8], own: SocketAddr) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let Ok(uri) = text.parse::<Uri>() else { return false };
    uri.scheme() == Some(&Scheme::HTTP) && uri.authority().is_some_and(|a| is_own_authority(a.as_str(), own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 4010))
    }

    #[test]
    fn own_addresses_are_known_in_every_spelling() {
        for host in ["127.0.0.1:4010", "localhost:4010", "LOCALHOST:4010", "[::1]:4010", "127.0.0.2:4010"] {
            assert!(is_own_authority(host, own()), "{host}");
        }
    }

    #[test]
    fn other_hosts_and_ports_are_foreign() {
        for host in [
            "",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:4011",
            "localhost",
            "localhost.:4010",
            "attacker.example:4010",
            "localhost.attacker.example:4010",
            "127.0.0.1.attacker.example:4010",
            "user@127.0.0.1:4010",
            "0.0.0.0:4010",
            "[::]:4010",
            "10.0.0.1:4010",
            "2130706433:4010",
            "127.0.0.1:4010:4010",
        ] {
            assert!(!is_own_authority(host, own()), "{host}");
        }
    }

    #[test]
    fn port_80_may_be_left_out() {
        assert!(is_own_authority("localhost", SocketAddr::from(([127, 0, 0, 1], 80))));
    }

    #[test]
    fn origins_are_compared_with_scheme_and_port() {
        assert!(is_own_origin(b"http://127.0.0.1:4010", own()));
        assert!(is_own_origin(b"http://localhost:4010", own()));
        for origin in
            ["null", "https://127.0.0.1:4010", "http://127.0.0.1:4011", "http://attacker.example", "", "\u{e9}"]
        {
            assert!(!is_own_origin(origin.as_bytes(), own()), "{origin}");
        }
    }
}
