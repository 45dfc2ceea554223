//! One call to an authorization server: sent with tight limits, its secrets known before anybody sees it.

use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use jiff::Timestamp;
use serde_json::{Map, Value};
use url::Url;

use super::access::Form;
use super::answer;
use super::error::{OAuthError, OAuthFault};
use crate::exchange::{Exchange, ExchangeId, PreparedRequest};
use crate::secret::{Gate, Registry, Rules, Secret};
use crate::text::visible_line;
use crate::transport::{CancelSignal, RetryPolicy, SendOptions, Transport, no_hint};

/// No answer of OAuth is longer; of a longer one no more is read.
const MAX_ANSWER_BYTES: u64 = 1 << 20;
/// The longest text of a server that stands in an error, in characters.
const MAX_WORDS: usize = 300;

/// Everything a sign-in needs to talk to a server.
///
/// Of the options only the way is used, and of that neither the wish to accept any certificate nor the client
/// certificate: both were given for the API. Redirects, retries and cookies are off whatever the options say.
pub struct Talk<'a> {
    /// What sends.
    pub transport: &'a Transport,
    /// The way to the server, and limits that may be tighter than our own.
    pub options: SendOptions,
    /// The environment that the exchanges are kept under.
    pub environment: String,
    /// Is told of every call, after its secrets are in the registry.
    pub on_step: &'a (dyn Fn(Step) + Send + Sync),
    /// Ends everything.
    pub cancel: CancelSignal,
    /// Learns every secret that goes out or comes back.
    pub registry: &'a Registry,
}

/// One call of a sign-in.
///
/// *Secrets*: in the exchange, which `Debug` does not show.
#[derive(Clone)]
pub struct Step {
    /// What it was for. Shape: `Token request`.
    pub title: &'static str,
    /// The call.
    pub exchange: Exchange,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.exchange.response.as_ref().map(|response| response.status);
        f.debug_struct("Step").field("title", &self.title).field("status", &status).finish_non_exhaustive()
    }
}

impl fmt::Debug for Talk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Talk").field("environment", &self.environment).finish_non_exhaustive()
    }
}

/// A whole answer, and where it came from.
pub(super) struct Answer {
    pub(super) exchange: Exchange,
    /// Where, for a person.
    pub(super) place: String,
    pub(super) status: u16,
    /// The object it holds; none if it is something else.
    pub(super) object: Option<Map<String, Value>>,
}

impl Answer {
    pub(super) fn fails(self, fault: OAuthFault) -> OAuthError {
        OAuthError::of(fault, self.place, self.exchange)
    }

    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Talk<'_> {
    /// Reads a public document.
    pub(super) async fn get(&self, title: &'static str, what: &str, url: &Url) -> Result<Answer, OAuthError> {
        self.send(title, what, url, None).await
    }

    /// Sends a form.
    pub(super) async fn post(
        &self,
        title: &'static str,
        what: &str,
        url: &Url,
        form: Form,
    ) -> Result<Answer, OAuthError> {
        self.send(title, what, url, Some(form)).await
    }

    async fn send(&self, title: &'static str, what: &str, url: &Url, form: Option<Form>) -> Result<Answer, OAuthError> {
        let has_form = form.is_some();
        let mut headers = vec![(ACCEPT, HeaderValue::from_static("application/json"))];
        let (mut secrets, mut body) = (Vec::new(), Vec::new());
        if let Some(mut form) = form {
            headers.push((CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")));
            headers.extend(form.authorization.take().map(|value| (AUTHORIZATION, value)));
            secrets = std::mem::take(&mut form.secrets);
            body = form.into_body().into_bytes();
        }
        self.registry.extend(secrets.iter().map(|(label, secret)| ((*label).to_owned(), secret.clone())));
        let request = PreparedRequest {
            method: if has_form { Method::POST } else { Method::GET },
            url: url.clone(),
            url_template: url.as_str().to_owned(),
            headers,
            origin_headers: Vec::new(),
            body: body.into(),
            environment: self.environment.clone(),
            profile: "generic".into(),
            credential: None,
            secrets: secrets.into_iter().map(|(_, secret)| secret).collect(),
        };
        let id = ExchangeId::new(Timestamp::now());
        let options = self.strict_options();
        let mut exchange = self.transport.send(id, request, &options, self.cancel.clone(), &no_hint, |_| {}).await;
        let object = answer::object_of(&exchange);
        for (label, secret) in answer::secrets_of(&exchange, object.as_ref()) {
            self.know(label, &secret);
            exchange.request.secrets.push(secret);
        }
        (self.on_step)(Step { title, exchange: exchange.clone() });
        self.whole(exchange, format!("{what} {}", self.words(url.as_str())), object)
    }

    /// The answer, where a whole one came.
    fn whole(
        &self,
        exchange: Exchange,
        place: String,
        object: Option<Map<String, Value>>,
    ) -> Result<Answer, OAuthError> {
        if let Some(error) = &exchange.transport_error {
            let fault = match error.kind.as_str() {
                "cancelled" => OAuthFault::Cancelled,
                _ => OAuthFault::NoAnswer(Box::new(error.clone())),
            };
            return Err(OAuthError::of(fault, place, exchange));
        }
        match &exchange.response {
            Some(response) if response.is_truncated => {
                let why = "The answer is longer than 1 MiB, which no answer of OAuth is".to_owned();
                Err(OAuthError::of(OAuthFault::NotOAuth { why }, place, exchange))
            }
            Some(response) => Ok(Answer { status: response.status, exchange, place, object }),
            None => {
                let why = "No answer came".to_owned();
                Err(OAuthError::of(OAuthFault::NotOAuth { why }, place, exchange))
            }
        }
    }

    fn strict_options(&self) -> SendOptions {
        let mut options = self.options.clone();
        let limits = &mut options.limits;
        limits.connect = limits.connect.min(Duration::from_secs(10));
        limits.first_byte = limits.first_byte.min(Duration::from_secs(30));
        limits.idle = limits.idle.min(Duration::from_secs(15));
        limits.total = limits.total.min(Duration::from_secs(60));
        limits.body_cap_bytes = MAX_ANSWER_BYTES;
        options.max_redirects = 0;
        options.retry = RetryPolicy::none();
        options.cookies = None;
        options.route.is_unverified = false;
        options.route.client_certificate = None;
        options.secrets.passphrase = None;
        options
    }

    /// Takes a secret into the registry.
    pub(super) fn know(&self, label: &str, secret: &Secret) {
        self.registry.add(label, secret);
    }

    /// A server's text for people: without secrets, on one line, made visible and cut.
    pub(super) fn words(&self, text: &str) -> String {
        let mut redactor = Gate::new(Rules::built_in(), self.registry.clone()).redactor();
        // What is behind this is never shown; a secret across the cut is still seen whole.
        let head = text.get(..text.floor_char_boundary(MAX_WORDS * 16)).unwrap_or_default();
        let text = redactor.text(head);
        let shown = visible_line(text.trim());
        match shown.char_indices().nth(MAX_WORDS) {
            Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
            None => shown.into_owned(),
        }
    }
}
