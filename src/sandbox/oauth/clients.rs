//! The two registered clients, and which of them a request comes from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

use super::fault::Fault;
use super::form::Form;
use crate::sandbox::keys::random_token;
use crate::secret::Secret;

/// A way to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OauthFlow {
    /// The browser's way: authorization code with PKCE (RFC 6749 4.1, RFC 7636).
    AuthorizationCode,
    /// The way of devices without a browser (RFC 8628).
    DeviceCode,
    /// A service that acts for itself (RFC 6749 4.4).
    ClientCredentials,
}

impl OauthFlow {
    /// As `altyaa sandbox` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::DeviceCode => "device_code",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// A client that is registered at the sandbox's authorization server.
///
/// *Secrets*: `secret`.
#[derive(Clone, Debug)]
pub struct OauthClient {
    /// What the page that asks for consent calls it.
    pub title: String,
    /// Its `client_id`. Shape: `altyaa-console`.
    pub id: String,
    /// Its secret, made at each start; a public client has none.
    pub secret: Option<Secret>,
    /// The ways that it may go.
    pub flows: Vec<OauthFlow>,
}

/// The clients of a new sandbox.
///
/// *Errors*: when the system gives no randomness.
pub(super) fn new_clients() -> Result<Vec<OauthClient>, getrandom::Error> {
    Ok(vec![
        OauthClient {
            title: "Altyaa Console".into(),
            id: "altyaa-console".into(),
            secret: None,
            flows: vec![OauthFlow::AuthorizationCode, OauthFlow::DeviceCode],
        },
        OauthClient {
            title: "Altyaa service".into(),
            id: "altyaa-service".into(),
            secret: Some(random_token("sandbox_client")?),
            flows: vec![OauthFlow::ClientCredentials],
        },
    ])
}

/// The place of the client with an id.
pub(super) fn find(clients: &[OauthClient], id: &str) -> Option<usize> {
    clients.iter().position(|client| client.id == id)
}

/// Refuses a client a way that it may not go.
pub(super) fn check_flow(clients: &[OauthClient], client: usize, flow: OauthFlow) -> Result<(), Fault> {
    if clients.get(client).is_some_and(|client| client.flows.contains(&flow)) {
        return Ok(());
    }
    Err(Fault::new("unauthorized_client", "this client may not use this grant type"))
}

/// The client that a request names and, if it has a secret, proves to be.
///
/// *Errors*: `invalid_client`; `invalid_request` if it authenticates in two ways at once.
pub(super) fn authenticate(clients: &[OauthClient], headers: &HeaderMap, form: &Form) -> Result<usize, Fault> {
    let posted = form.get("client_secret").map(|secret| Secret::new(secret.to_owned()));
    let (id, secret) = match basic(headers)? {
        Some(_) if posted.is_some() => {
            return Err(Fault::request("client authenticates both in the Authorization header and in the payload"));
        }
        Some((id, _)) if form.get("client_id").is_some_and(|other| other != id) => {
            return Err(Fault::request("client_id is another one than in the Authorization header"));
        }
        Some((id, secret)) => (id, Some(secret)),
        None => {
            let id = form.get("client_id").ok_or(Fault::client("client_id is missing"))?;
            (id.to_owned(), posted)
        }
    };
    let index = find(clients, &id).ok_or(Fault::client("client is not known"))?;
    match (clients.get(index).and_then(|client| client.secret.as_ref()), secret) {
        (Some(own), Some(shown)) if *own == shown => Ok(index),
        (Some(_), Some(_)) => Err(Fault::client("client secret is wrong")),
        (Some(_), None) => Err(Fault::client("client secret is missing")),
        (None, Some(_)) => Err(Fault::client("this client is public and has no secret, send client_id alone")),
        (None, None) => Ok(index),
    }
}

/// Id and secret of a `Basic` header; both are form-encoded before they are joined (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, Secret)>, Fault> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = STANDARD.decode(encoded.trim_matches(' ')).ok()?;
        let joined = Secret::new(String::from_utf8(bytes).ok()?);
        let (id, secret) = joined.expose().split_once(':')?;
        Some((form_decoded(id)?, Secret::new(form_decoded(secret)?)))
    };
    match (read(), values.next()) {
        (Some(pair), None) => Ok(Some(pair)),
        _ => Err(Fault::client("Authorization header must be Basic with form-encoded client id and secret")),
    }
}

/// A value without its form encoding; none if its bytes are no text.
fn form_decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(|decoded| decoded.into_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn clients(secret: &str) -> Vec<OauthClient> {
        let mut clients = new_clients().unwrap();
        clients[1].secret = Some(Secret::new(secret.into()));
        clients
    }

    fn header_of(pair: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)).parse().unwrap());
        headers
    }

    #[test]
    fn basic_is_form_decoded() {
        let clients = clients("a b+c:d%\u{e9}");
        let form = Form::parse(b"");
        assert_eq!(authenticate(&clients, &header_of("altyaa%2Dservice:a+b%2Bc%3Ad%25%C3%A9"), &form), Ok(1));
        for wrong in ["altyaa-service:a b+c:d%\u{e9}", "altyaa-service", "altyaa-service:%FF", ":", "nobody:x"] {
            let fault = authenticate(&clients, &header_of(wrong), &form).unwrap_err();
            assert_eq!(fault.error, "invalid_client", "{wrong}");
        }
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let clients = clients("s");
        let headers = header_of("altyaa-service:s");
        for (body, wanted) in [
            ("client_id=altyaa-service", None),
            ("client_id=altyaa-console", Some("invalid_request")),
            ("client_secret=s", Some("invalid_request")),
        ] {
            let found = authenticate(&clients, &headers, &Form::parse(body.as_bytes()));
            assert_eq!(found.err().map(|fault| fault.error), wanted, "{body}");
        }
    }
}
