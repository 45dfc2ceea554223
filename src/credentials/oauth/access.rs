//! Who the program is at an authorization server, and how it says so.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use url::form_urlencoded;

use super::error::{OAuthError, OAuthFault};
use super::provider::Provider;
use crate::secret::Secret;

/// The client that a server knows this program as.
///
/// *Secrets*: yes, the client's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAccess {
    /// Its id.
    pub id: String,
    /// Its secret; none for a public client.
    pub secret: Option<Secret>,
}

/// A form on its way to a server, with the secrets that are in it.
#[derive(Default)]
pub(super) struct Form {
    body: String,
    pub(super) secrets: Vec<(&'static str, Secret)>,
    pub(super) authorization: Option<HeaderValue>,
}

impl Form {
    pub(super) fn new(grant_type: &str) -> Self {
        Self::default().plain("grant_type", grant_type)
    }

    pub(super) fn plain(mut self, name: &str, value: &str) -> Self {
        self.add(name, value);
        self
    }

    fn add(&mut self, name: &str, value: &str) {
        let before = std::mem::take(&mut self.body);
        self.body = form_urlencoded::Serializer::new(before).append_pair(name, value).finish();
    }

    pub(super) fn secret(mut self, name: &'static str, value: &Secret) -> Self {
        self.add(name, value.expose());
        self.know(name, value);
        self
    }

    /// The scopes, where there are any.
    pub(super) fn scopes(self, scopes: &[String]) -> Result<Self, OAuthError> {
        let Some(text) = scope_text(scopes)? else { return Ok(self) };
        Ok(self.plain("scope", &text))
    }

    /// The client as this server wants it: in a Basic header, in the form, or only its id for a public client.
    ///
    /// Id and secret are form-encoded before Basic encodes them, as RFC 6749 2.3.1 demands.
    pub(super) fn client(mut self, provider: &Provider, client: &ClientAccess) -> Result<Self, OAuthError> {
        client.check()?;
        let Some(secret) = &client.secret else { return Ok(self.plain("client_id", &client.id)) };
        if provider.is_secret_in_form {
            return Ok(self.plain("client_id", &client.id).secret("client_secret", secret));
        }
        let encoded = Secret::new(form_encoded(secret.expose()));
        let pair = Secret::new(STANDARD.encode(format!("{}:{}", form_encoded(&client.id), encoded.expose())));
        let mut value = HeaderValue::from_str(&format!("Basic {}", pair.expose()))
            .map_err(|_| invalid("The client secret cannot be sent", "Copy the client secret again"))?;
        value.set_sensitive(true);
        self.authorization = Some(value);
        for known in [secret, &encoded, &pair] {
            self.know("client_secret", known);
        }
        Ok(self)
    }

    fn know(&mut self, label: &'static str, secret: &Secret) {
        if !self.secrets.iter().any(|(_, known)| known == secret) {
            self.secrets.push((label, secret.clone()));
        }
    }

    pub(super) fn into_body(self) -> String {
        self.body
    }
}

impl ClientAccess {
    /// Whether id and secret can be sent at all (RFC 6749 A.1, A.2: visible characters and blanks).
    pub(super) fn check(&self) -> Result<(), OAuthError> {
        if self.id.is_empty() {
            return Err(invalid("The client id is empty", "Give the client id that the server shows for this program"));
        }
        if self.id.chars().any(char::is_control) {
            return Err(invalid("The client id holds a control character", "Copy the client id again"));
        }
        match &self.secret {
            Some(secret) if secret.is_empty() => {
                Err(invalid("The client secret is empty", "Give the client secret, or none for a public client"))
            }
            Some(secret) if secret.expose().chars().any(char::is_control) => {
                Err(invalid("The client secret holds a control character", "Copy the client secret again"))
            }
            _ => Ok(()),
        }
    }
}

/// Scopes as one text; none where there are none.
pub(super) fn scope_text(scopes: &[String]) -> Result<Option<String>, OAuthError> {
    if let Some(bad) = scopes.iter().find(|scope| !is_scope(scope)) {
        let shown = crate::text::visible_line(bad).into_owned();
        let shown = shown.get(..shown.floor_char_boundary(60)).unwrap_or_default();
        let what = format!("“{shown}” is no scope");
        return Err(OAuthError::new(
            OAuthFault::InvalidInput { what, fix: "Give each scope by itself, without blanks and quotes" },
            "scope",
        ));
    }
    Ok((!scopes.is_empty()).then(|| scopes.join(" ")))
}

/// Whether a text is a scope as RFC 6749 3.3 has it.
pub(super) fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn invalid(what: &str, fix: &'static str) -> OAuthError {
    OAuthError::new(OAuthFault::InvalidInput { what: what.into(), fix }, "client")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn provider(is_secret_in_form: bool) -> Provider {
        Provider {
            issuer: None,
            authorize_url: None,
            token_url: "https://a.example/token".parse().unwrap(),
            device_url: None,
            revoke_url: None,
            is_iss_announced: false,
            is_secret_in_form,
        }
    }

    fn client(secret: Option<&str>) -> ClientAccess {
        ClientAccess { id: "my client:1".into(), secret: secret.map(|text| Secret::new(text.into())) }
    }

    #[test]
    fn id_and_secret_are_form_encoded_before_basic() {
        let form = Form::new("x").client(&provider(false), &client(Some("se cret/ü"))).unwrap();
        let header = form.authorization.clone().unwrap();
        assert!(header.is_sensitive());
        let decoded = STANDARD.decode(header.to_str().unwrap().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "my+client%3A1:se+cret%2F%C3%BC");
        assert_eq!(form.secrets.len(), 3);
        assert_eq!(form.into_body(), "grant_type=x");
    }

    #[test]
    fn the_form_takes_them_where_the_server_wants_it_and_a_public_client_has_only_its_id() {
        let form = Form::new("x").client(&provider(true), &client(Some("se cret"))).unwrap();
        assert!(form.authorization.is_none());
        assert_eq!(form.into_body(), "grant_type=x&client_id=my+client%3A1&client_secret=se+cret");
        let form = Form::new("x").client(&provider(false), &client(None)).unwrap();
        assert!(form.authorization.is_none() && form.secrets.is_empty());
        assert_eq!(form.into_body(), "grant_type=x&client_id=my+client%3A1");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_in_words_without_the_secret() {
        for client in [client(Some("")), client(Some("canary\n1")), ClientAccess { id: String::new(), secret: None }] {
            let error = Form::new("x").client(&provider(false), &client).err().unwrap();
            assert_eq!(error.kind(), "invalid_input");
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }

    #[test]
    fn scopes_follow_the_grammar() {
        assert_eq!(scope_text(&[]).unwrap(), None);
        assert_eq!(scope_text(&["a:b".into(), "https://x/y".into()]).unwrap().as_deref(), Some("a:b https://x/y"));
        for bad in ["", "a b", "a\"b", "a\\b", "ä", "a\n"] {
            assert_eq!(scope_text(&[bad.into()]).unwrap_err().kind(), "invalid_input", "{bad:?}");
        }
    }
}
