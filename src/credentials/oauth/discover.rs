//! Reads what an authorization server says of itself.

use serde_json::{Map, Value};
use url::Url;

use super::answer::{redirect_words, text_of, why_no_object};
use super::error::{OAuthError, OAuthFault};
use super::provider::{Endpoint, Provider};
use super::talk::{Answer, Talk};

/// Asks an issuer where its addresses are.
///
/// First as RFC 8414 has it, `/.well-known/oauth-authorization-server` before the issuer's path, then as OpenID has it,
/// `/.well-known/openid-configuration` behind the path and before it. What the document says is believed only as far as
/// it is on the issuer's own origin.
///
/// *Errors*: [`OAuthFault::WrongIssuer`], [`OAuthFault::ForeignEndpoint`] and [`OAuthFault::UnsafeEndpoint`] where the
/// document is not to be trusted, [`OAuthFault::NotOAuth`] where there is none.
pub async fn discover(talk: &Talk<'_>, issuer: &Endpoint) -> Result<Provider, OAuthError> {
    if issuer.url().query().is_some() {
        let what = "An issuer has no query".to_owned();
        return Err(OAuthError::new(
            OAuthFault::InvalidInput { what, fix: "Leave out the part behind the question mark" },
            "issuer",
        ));
    }
    let mut reason: Option<(bool, OAuthError)> = None;
    for url in places_of(issuer) {
        let mut answer = talk.get("Discovery", "metadata address", &url).await?;
        let object = answer.object.take();
        let named = object.as_ref().filter(|_| answer.status == 200).and_then(|object| text_of(object, "issuer"));
        if let Some((object, announced)) = object.as_ref().zip(named) {
            return Metadata { talk, issuer, object }.provider(announced).map_err(|fault| answer.fails(fault));
        }
        // An answer says more of why there is no document than a place that does not exist.
        let is_telling = answer.status != 404;
        if reason.as_ref().is_none_or(|(was_telling, _)| is_telling && !was_telling) {
            let why = why_none(&answer, object.is_some());
            reason = Some((is_telling, answer.fails(OAuthFault::NotOAuth { why })));
        }
    }
    Err(match reason {
        Some((_, error)) => error,
        None => OAuthError::new(OAuthFault::NotOAuth { why: "The issuer has no address".into() }, "issuer"),
    })
}

/// Where the document may be, in the order in which it is looked for.
fn places_of(issuer: &Endpoint) -> Vec<Url> {
    let path = issuer.url().path().trim_end_matches('/');
    let at = |path: String| {
        let mut url = issuer.url().clone();
        url.set_path(&path);
        url
    };
    let mut places = vec![
        at(format!("/.well-known/oauth-authorization-server{path}")),
        at(format!("{path}/.well-known/openid-configuration")),
    ];
    if !path.is_empty() {
        places.push(at(format!("/.well-known/openid-configuration{path}")));
    }
    places
}

fn why_none(answer: &Answer, is_object: bool) -> String {
    match answer.status {
        300..400 => redirect_words(answer.status),
        200 if is_object => "The server's metadata names no issuer".into(),
        200 => why_no_object(answer),
        status => format!("The server answered {status} where its metadata should be"),
    }
}

/// A document that claims to be an issuer's.
struct Metadata<'a> {
    talk: &'a Talk<'a>,
    issuer: &'a Endpoint,
    object: &'a Map<String, Value>,
}

impl Metadata<'_> {
    fn provider(&self, announced: &str) -> Result<Provider, OAuthFault> {
        if !self.issuer.is_written(announced) {
            return Err(OAuthFault::WrongIssuer {
                asked: self.issuer.as_str().to_owned(),
                announced: self.talk.words(announced),
            });
        }
        let Some(token_url) = self.endpoint("token_endpoint")? else {
            return Err(OAuthFault::NotOAuth { why: "The server's metadata names no token_endpoint".into() });
        };
        let authorize_url = self.endpoint("authorization_endpoint")?;
        let challenges = self.words_of("code_challenge_methods_supported");
        if authorize_url.is_some() && challenges.is_some_and(|methods| !methods.contains(&"S256")) {
            let what = "The server does not offer PKCE with S256, without which a code can be stolen".to_owned();
            return Err(OAuthFault::Unsupported { what });
        }
        Ok(Provider {
            issuer: Some(self.issuer.clone()),
            authorize_url,
            token_url,
            device_url: self.endpoint("device_authorization_endpoint")?,
            revoke_url: self.endpoint("revocation_endpoint")?,
            is_iss_announced: self.object.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
            is_secret_in_form: self.is_secret_in_form()?,
        })
    }

    /// An address of the document, on the issuer's own origin.
    fn endpoint(&self, member: &'static str) -> Result<Option<Endpoint>, OAuthFault> {
        let text = match self.object.get(member) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text,
            Some(_) => return Err(OAuthFault::NotOAuth { why: format!("The server's {member} is no text") }),
        };
        let endpoint: Endpoint = text.parse().map_err(|error| OAuthFault::UnsafeEndpoint {
            member,
            address: self.talk.words(text),
            error,
        })?;
        if endpoint.origin() != self.issuer.origin() {
            return Err(OAuthFault::ForeignEndpoint {
                member,
                address: self.talk.words(endpoint.as_str()),
                home: self.issuer.origin().map(|origin| origin.to_string()).unwrap_or_default(),
            });
        }
        Ok(Some(endpoint))
    }

    /// Basic where the server takes it or says nothing, else the form; a server that takes neither nor public clients
    /// is of no use.
    fn is_secret_in_form(&self) -> Result<bool, OAuthFault> {
        let Some(methods) = self.words_of("token_endpoint_auth_methods_supported") else { return Ok(false) };
        let has = |method| methods.contains(&method);
        if has("client_secret_basic") {
            return Ok(false);
        }
        if has("client_secret_post") {
            return Ok(true);
        }
        if has("none") {
            return Ok(false);
        }
        let what = "The server takes neither client_secret_basic nor client_secret_post nor public clients".to_owned();
        Err(OAuthFault::Unsupported { what })
    }

    /// A list of words; none where the document has none.
    fn words_of(&self, member: &str) -> Option<Vec<&str>> {
        let items = self.object.get(member)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_put_where_each_standard_has_it() {
        let places = |issuer: &str| {
            let urls = places_of(&issuer.parse().unwrap());
            urls.iter().map(|url| url.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(
            places("https://a.example"),
            [
                "https://a.example/.well-known/oauth-authorization-server",
                "https://a.example/.well-known/openid-configuration"
            ]
        );
        for issuer in ["https://a.example/t/1", "https://a.example/t/1/"] {
            assert_eq!(
                places(issuer),
                [
                    "https://a.example/.well-known/oauth-authorization-server/t/1",
                    "https://a.example/t/1/.well-known/openid-configuration",
                    "https://a.example/.well-known/openid-configuration/t/1"
                ]
            );
        }
    }
}
