//! The page that asks for consent, and what follows from the answer (RFC 6749 4.1, RFC 7636, RFC 9207).

use std::time::Duration;

use axum::response::Response;
use http::request::Parts;
use http::{Method, StatusCode};
use jiff::Timestamp;

use super::clients::{check_flow, find};
use super::fault::Fault;
use super::form::Form;
use super::grants::{Ask, Asked, Code, Wish, after};
use super::redirect::Redirect;
use super::scope::Scopes;
use super::shelf::Print;
use super::{AUTHORIZE, OauthFlow, page};
use crate::sandbox::keys::random_token;
use crate::sandbox::seed::WORKSPACES;
use crate::sandbox::state::Shared;

/// How long a page waits for its button.
pub(super) const ASK_LIFETIME: Duration = Duration::from_secs(600);
/// How long a code can become a token.
const CODE_LIFETIME: Duration = Duration::from_secs(60);
/// The longest `state` that is kept.
const STATE_MAX: usize = 4096;

/// Answers one request to the page.
pub(super) fn answer(shared: &Shared, head: &Parts, body: &[u8], now: Timestamp) -> Response {
    match head.method {
        Method::GET | Method::HEAD => show(shared, head.uri.query().unwrap_or_default(), now),
        Method::POST => decide(shared, head, body, now),
        _ => page::wrong_method(AUTHORIZE),
    }
}

/// Shows the question, or says why there is none.
fn show(shared: &Shared, query: &str, now: Timestamp) -> Response {
    let form = Form::parse(query.as_bytes());
    // Until both are known nobody is there to whom an error could be sent: a redirect would help a stranger.
    let client = match form.get("client_id") {
        Some(id) => find(&shared.oauth.clients, id).ok_or(("No client with this client_id is registered", id)),
        None => Err(("The client_id is missing or given twice", "client_id")),
    };
    let redirect = match form.get("redirect_uri") {
        Some(written) => {
            Redirect::read(written).ok_or(("The redirect_uri is not on this machine's own literal address", written))
        }
        None => Err(("The redirect_uri is missing or given twice", "redirect_uri")),
    };
    let (client, redirect) = match (client, redirect) {
        (Ok(client), Ok(redirect)) => (client, redirect),
        (Err((what, place)), _) => {
            return page::refusal(StatusCode::BAD_REQUEST, what, place, "Use altyaa-console");
        }
        (_, Err((what, place))) => {
            let fix = "Use http://127.0.0.1 or http://[::1] with any port and path, without fragment";
            return page::refusal(StatusCode::BAD_REQUEST, what, place, fix);
        }
    };
    if let Err(fault) = check_flow(&shared.oauth.clients, client, OauthFlow::AuthorizationCode) {
        // A client without this flow has registered no address, so this one is nobody's.
        let place = form.get("client_id").unwrap_or_default();
        return page::refusal(StatusCode::BAD_REQUEST, fault.description, place, "Use altyaa-console");
    }
    let state = form.get("state").filter(|state| state.len() <= STATE_MAX).map(str::to_owned);
    let asked = read_wish(&form, client).and_then(|wish| {
        let ticket = random_token("sandbox_ticket").map_err(Fault::randomness)?;
        Ok((wish, ticket))
    });
    let (wish, ticket) = match asked {
        Ok(asked) => asked,
        Err(fault) => return refuse(shared, &redirect, state.as_deref(), fault),
    };
    let note = format!("<p>The answer goes to <code>{}</code>.</p>", page::escaped(&redirect.origin()));
    let form_action = format!("'self' {}", redirect.form_action());
    let scopes = wish.scopes.clone();
    let ask = Ask { what: Asked::Code { wish, redirect, state }, expires_at: after(now, ASK_LIFETIME) };
    shared.lock().oauth.asks.insert(Print::of(ticket.expose()), ask);
    match shared.oauth.clients.get(client) {
        Some(client) => page::question(client, &scopes, &note, AUTHORIZE, ticket.expose(), &form_action),
        None => page::stale(AUTHORIZE),
    }
}

/// What a request asks of the person.
fn read_wish(form: &Form, client: usize) -> Result<Wish, Fault> {
    form.check_once()?;
    if form.get("state").is_some_and(|state| state.len() > STATE_MAX) {
        return Err(Fault::request("state must be at most 4096 bytes long"));
    }
    match form.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(Fault::new("unsupported_response_type", "response_type must be code")),
        None => return Err(Fault::request("response_type is missing")),
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(Fault::request("response_mode must be query"));
    }
    let challenge = form.get("code_challenge").ok_or(Fault::request("code_challenge is missing, PKCE is needed"))?;
    // Without a method it would be `plain` (RFC 7636, 4.3), which protects nothing.
    if form.get("code_challenge_method") != Some("S256") {
        return Err(Fault::request("code_challenge_method must be S256"));
    }
    let is_digest =
        challenge.len() == 43 && challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !is_digest {
        return Err(Fault::request("code_challenge must be a SHA-256 digest in base64url, 43 characters"));
    }
    Ok(Wish { client, scopes: Scopes::read(form.get("scope"))?, challenge: challenge.to_owned() })
}

/// Takes the answer of a page.
fn decide(shared: &Shared, head: &Parts, body: &[u8], now: Timestamp) -> Response {
    let decision = match Decision::read(head, body) {
        Ok(decision) => decision,
        Err(fault) => return fault.page(AUTHORIZE),
    };
    let mut inner = shared.lock();
    let Some(Ask { what: Asked::Code { wish, redirect, state }, .. }) =
        decision.take(&mut inner.oauth.asks, now, |what| matches!(what, Asked::Code { .. }))
    else {
        return page::stale(AUTHORIZE);
    };
    let Some(workspace) = decision.allowed else {
        let fault = Fault::new("access_denied", "the person pressed Deny");
        return refuse(shared, &redirect, state.as_deref(), fault);
    };
    let code = match random_token("sandbox_code") {
        Ok(code) => code,
        Err(error) => return refuse(shared, &redirect, state.as_deref(), Fault::randomness(error)),
    };
    let kept = Code {
        wish,
        redirect_uri: redirect.written.clone(),
        workspace,
        expires_at: after(now, CODE_LIFETIME),
        used_for: None,
    };
    inner.oauth.codes.insert(Print::of(code.expose()), kept);
    let mut parameters = vec![("code", code.expose())];
    parameters.extend(state.as_deref().map(|state| ("state", state)));
    parameters.push(("iss", &shared.oauth.issuer));
    redirect.answer(&parameters)
}

/// Sends an error to the client.
fn refuse(shared: &Shared, redirect: &Redirect, state: Option<&str>, fault: Fault) -> Response {
    let mut parameters = vec![("error", fault.error), ("error_description", fault.description)];
    parameters.extend(state.map(|state| ("state", state)));
    parameters.push(("iss", &shared.oauth.issuer));
    redirect.answer(&parameters)
}

/// What a posted form of one of the two pages says.
#[derive(Debug)]
pub(super) struct Decision {
    ticket: Print,
    /// The workspace that access was allowed to.
    pub(super) allowed: Option<usize>,
}

/// A form that none of our pages posts.
#[derive(Debug)]
pub(super) struct NotOurForm(&'static str);

impl NotOurForm {
    /// As a page.
    pub(super) fn page(&self, place: &str) -> Response {
        page::refusal(StatusCode::BAD_REQUEST, self.0, place, "Press Allow or Deny on the page itself")
    }
}

impl Decision {
    /// Reads a form of a page.
    pub(super) fn read(head: &Parts, body: &[u8]) -> Result<Self, NotOurForm> {
        let form = Form::posted(head, body).map_err(|fault| NotOurForm(fault.description))?;
        let ticket = form.get("ticket").ok_or(NotOurForm("The form's ticket is missing"))?;
        let workspace = match form.get("workspace") {
            Some(name) => WORKSPACES.iter().position(|known| *known == name),
            None => Some(0),
        };
        let workspace = workspace.ok_or(NotOurForm("There is no such workspace"))?;
        let allowed = match form.get("decision") {
            Some("allow") => Some(workspace),
            Some("deny") => None,
            _ => return Err(NotOurForm("The form says neither allow nor deny")),
        };
        Ok(Self { ticket: Print::of(ticket), allowed })
    }

    /// The question that is answered, if it is still open; it is answered once.
    pub(super) fn take(
        &self,
        asks: &mut super::shelf::Shelf<Print, Ask>,
        now: Timestamp,
        is_mine: impl Fn(&Asked) -> bool,
    ) -> Option<Ask> {
        if !asks.get(&self.ticket).is_some_and(|ask| is_mine(&ask.what)) {
            return None;
        }
        asks.remove(&self.ticket).filter(|ask| now < ask.expires_at)
    }
}
