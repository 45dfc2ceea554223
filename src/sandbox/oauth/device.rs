//! Devices without a browser: how they begin, and the page where a person types their code (RFC 8628).

use axum::response::Response;
use http::request::Parts;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::authorize::{ASK_LIFETIME, Decision};
use super::clients::{authenticate, check_flow};
use super::fault::{Fault, unstored};
use super::form::Form;
use super::grants::{Ask, Asked, Device, DeviceState, after};
use super::scope::Scopes;
use super::shelf::Print;
use super::{DEVICE, OauthFlow, page};
use crate::sandbox::keys::random_token;
use crate::sandbox::state::Shared;

/// Letters of user codes: no vowels, so that no words come out, and none that look alike.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Answers one request for a device code.
pub(super) fn begin(shared: &Shared, head: &Parts, body: &[u8], now: Timestamp) -> Response {
    match new_device(shared, head, body, now) {
        Ok(answer) => unstored(StatusCode::OK, &answer),
        Err(fault) => fault.answer(),
    }
}

fn new_device(shared: &Shared, head: &Parts, body: &[u8], now: Timestamp) -> Result<Value, Fault> {
    let form = Form::posted(head, body)?;
    let clients = &shared.oauth.clients;
    let client = authenticate(clients, &head.headers, &form)?;
    check_flow(clients, client, OauthFlow::DeviceCode)?;
    let scopes = Scopes::read(form.get("scope"))?;
    let device_code = random_token("sandbox_device").map_err(Fault::randomness)?;
    let user_code = new_user_code().map_err(Fault::randomness)?;
    let (first, second) = user_code.split_at(4);
    let shown = format!("{first}-{second}");
    let grants = &mut shared.lock().oauth;
    let rules = grants.rules;
    let device = Device {
        client,
        scopes,
        user_code,
        expires_at: after(now, rules.device_lifetime),
        interval: rules.device_interval,
        polled_at: None,
        state: DeviceState::Waiting,
    };
    grants.devices.insert(Print::of(device_code.expose()), device);
    let page = format!("{}{DEVICE}", shared.oauth.issuer);
    Ok(json!({
        "device_code": device_code.expose(),
        "user_code": shown,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={shown}"),
        "expires_in": rules.device_lifetime.as_secs(),
        "interval": rules.device_interval.as_secs(),
    }))
}

/// Eight letters, each as likely as the other.
fn new_user_code() -> Result<String, getrandom::Error> {
    let mut code = String::with_capacity(8);
    while code.len() < 8 {
        let mut random = [0u8; 16];
        getrandom::fill(&mut random)?;
        // 240 is the largest multiple of 20 in a byte; what lies above it would favour the first letters.
        let letters = random.iter().filter(|byte| **byte < 240).filter_map(|byte| LETTERS.get(usize::from(byte % 20)));
        code.extend(letters.take(8 - code.len()).map(|letter| char::from(*letter)));
    }
    Ok(code)
}

/// Answers one request to the page.
pub(super) fn page(shared: &Shared, head: &Parts, body: &[u8], now: Timestamp) -> Response {
    match head.method {
        Method::GET | Method::HEAD => {
            let form = Form::parse(head.uri.query().unwrap_or_default().as_bytes());
            match form.get("user_code") {
                Some(typed) => confirm(shared, typed, now),
                None => entry(StatusCode::OK, ""),
            }
        }
        Method::POST => decide(shared, head, body, now),
        _ => page::wrong_method(DEVICE),
    }
}

/// The field for the code.
fn entry(status: StatusCode, note: &str) -> Response {
    let main = format!(
        "{note}<form method=\"get\" action=\"{DEVICE}\">\n<p><label>Code that the device shows \
         <input name=\"user_code\" maxlength=\"20\" autocomplete=\"off\" required></label></p>\n\
         <p><button>Continue</button></p>\n</form>"
    );
    page::page(status, "Connect a device", &main, "'self'")
}

/// Shows the question for a code, so that the person compares it with the device's before allowing.
fn confirm(shared: &Shared, typed: &str, now: Timestamp) -> Response {
    let wanted: String = typed.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
    let grants = &mut shared.lock().oauth;
    // Right codes count too, or whoever guesses would only have to wait for the answer that is not 429.
    if !grants.guesses.take(now).is_allowed {
        let fix = "Wait a minute, then type the code that the device shows";
        return page::refusal(StatusCode::TOO_MANY_REQUESTS, "Too many codes were tried", DEVICE, fix);
    }
    let found = grants
        .devices
        .iter()
        .find(|(_, device)| {
            device.user_code == wanted && device.state == DeviceState::Waiting && now < device.expires_at
        })
        .map(|(print, device)| (*print, device.client, device.scopes.clone()));
    let Some((device, client, scopes)) = found else {
        let note = format!(
            "<p>The code <code>{}</code> is not open: it is wrong, was used or is too old. Compare it with the device's.</p>",
            page::escaped(typed)
        );
        return entry(StatusCode::NOT_FOUND, &note);
    };
    let Ok(ticket) = random_token("sandbox_ticket") else {
        let fix = "Start the sandbox again";
        return page::refusal(StatusCode::INTERNAL_SERVER_ERROR, "The system gave no random numbers", DEVICE, fix);
    };
    let ask = Ask { what: Asked::Device { device }, expires_at: after(now, ASK_LIFETIME) };
    grants.asks.insert(Print::of(ticket.expose()), ask);
    let (first, second) = wanted.split_at(4.min(wanted.len()));
    let note = format!(
        "<p>The device must show the code <code>{}-{}</code>; deny if it does not.</p>",
        page::escaped(first),
        page::escaped(second)
    );
    match shared.oauth.clients.get(client) {
        Some(client) => page::question(client, &scopes, &note, DEVICE, ticket.expose(), "'self'"),
        None => page::stale(DEVICE),
    }
}

/// Takes the answer of the page.
fn decide(shared: &Shared, head: &Parts, body: &[u8], now: Timestamp) -> Response {
    let decision = match Decision::read(head, body) {
        Ok(decision) => decision,
        Err(fault) => return fault.page(DEVICE),
    };
    let grants = &mut shared.lock().oauth;
    let ask = decision.take(&mut grants.asks, now, |what| matches!(what, Asked::Device { .. }));
    let Some(Ask { what: Asked::Device { device }, .. }) = ask else { return page::stale(DEVICE) };
    let device = grants.devices.get_mut(&device);
    let Some(device) = device.filter(|device| device.state == DeviceState::Waiting && now < device.expires_at) else {
        return page::stale(DEVICE);
    };
    let (state, title, text) = match decision.allowed {
        Some(workspace) => {
            (DeviceState::Allowed(workspace), "Access allowed", "The device goes on by itself. Close this page.")
        }
        None => (DeviceState::Denied, "Access denied", "The device gets nothing. Close this page."),
    };
    device.state = state;
    page::page(StatusCode::OK, title, &format!("<p>{text}</p>"), "'none'")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn user_codes_are_eight_letters_and_differ() {
        let (one, two) = (new_user_code().unwrap(), new_user_code().unwrap());
        for code in [&one, &two] {
            assert!(code.len() == 8 && code.bytes().all(|letter| LETTERS.contains(&letter)), "{code}");
        }
        assert_ne!(one, two);
    }
}
