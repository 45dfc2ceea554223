//! Where an authorization answer may be sent: to a program on this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::body::Body;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use url::{Host, Url};

use super::fault::forbid_storing;

/// The longest address that is taken.
const MAX_BYTES: usize = 2048;

/// An address on a literal loopback address, any port and any path (RFC 8252, 7.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    /// As the client wrote it, to be compared byte by byte.
    pub(super) written: String,
    url: Url,
}

impl Redirect {
    /// An address as a client wrote it; none if it is not a literal loopback address.
    ///
    /// `localhost` is refused: a resolver may send it elsewhere. So is each other spelling of 127.0.0.1, which a
    /// browser would follow but a comparison of texts would miss.
    pub(super) fn read(written: &str) -> Option<Self> {
        let is_plain = written.len() <= MAX_BYTES && written.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let rest = written.strip_prefix("http://127.0.0.1").or_else(|| written.strip_prefix("http://[::1]"))?;
        let is_ended = rest.is_empty() || rest.starts_with([':', '/', '?']);
        let url = Url::parse(written).ok()?;
        let is_loopback = match url.host()? {
            Host::Ipv4(ip) => ip == Ipv4Addr::LOCALHOST,
            Host::Ipv6(ip) => ip == Ipv6Addr::LOCALHOST,
            Host::Domain(_) => false,
        };
        let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        (is_plain && is_ended && is_loopback && is_bare).then(|| Self { written: written.to_owned(), url })
    }

    /// What `form-action` must allow, so that a browser follows the redirect after the form.
    pub(super) fn form_action(&self) -> String {
        match self.url.host() {
            // A content security policy cannot name an IPv6 address.
            Some(Host::Ipv6(_)) | None => "http:".into(),
            Some(host) => format!("http://{host}:{}", self.url.port_or_known_default().unwrap_or(80)),
        }
    }

    /// Scheme, address and port, for showing.
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Sends the browser there with these parameters added to those that the address has.
    pub(super) fn answer(&self, parameters: &[(&str, &str)]) -> Response {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        let mut response = Response::new(Body::empty());
        // 303, so that no browser repeats the form there.
        *response.status_mut() = StatusCode::SEE_OTHER;
        if let Ok(value) = HeaderValue::from_str(url.as_str()) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        let name = HeaderName::from_static("referrer-policy");
        response.headers_mut().insert(name, HeaderValue::from_static("no-referrer"));
        forbid_storing(&mut response);
        response
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn literal_loopback_is_taken_with_any_port_and_path() {
        for (written, action) in [
            ("http://127.0.0.1:49152/callback", "http://127.0.0.1:49152"),
            ("http://127.0.0.1", "http://127.0.0.1:80"),
            ("http://127.0.0.1/?a=b", "http://127.0.0.1:80"),
            ("http://[::1]:49152/", "http:"),
        ] {
            assert_eq!(Redirect::read(written).unwrap().form_action(), action, "{written}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for written in [
            "",
            "http://localhost:1/",
            "https://127.0.0.1:1/",
            "http://127.0.0.2:1/",
            "http://127.1:1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://127.0.0.1.attacker.example/",
            "http://127.0.0.1@attacker.example/",
            "http://127.0.0.1:1@attacker.example/",
            "http://user@127.0.0.1/",
            "http://127.0.0.1:1/#fragment",
            "http://127.0.0.1:1/#",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:1\\@attacker.example/",
            "http://127.0.0.1:1/\r\nSet-Cookie: a=b",
            "http://127.0.0.1:1/\u{e9}",
            "http://[::1].attacker.example/",
            "http://[::2]:1/",
            "http:///127.0.0.1/",
            "HTTP://127.0.0.1/",
            "javascript:alert(1)",
            "altyaa:/callback",
        ] {
            assert_eq!(Redirect::read(written), None, "{written}");
        }
    }

    #[test]
    fn parameters_join_those_that_are_there() {
        let redirect = Redirect::read("http://127.0.0.1:1/cb?keep=a%20b").unwrap();
        let answer = redirect.answer(&[("state", "a&b=\u{e9} ")]);
        assert_eq!(answer.headers()[header::LOCATION], "http://127.0.0.1:1/cb?keep=a%20b&state=a%26b%3D%C3%A9+");
    }
}
