//! What an answer of an authorization server holds: its object, its secrets, its error.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::error::{OAuthError, OAuthFault};
use super::talk::{Answer, Talk};
use crate::exchange::{Exchange, Response};
use crate::secret::Secret;

/// Members that are secret whatever they hold.
const SECRET_MEMBERS: [&str; 9] = [
    "access_token",
    "refresh_token",
    "id_token",
    "device_code",
    "client_secret",
    "registration_access_token",
    "device_secret",
    "code",
    "token",
];
/// Members that hold no secret, however long they are.
const PLAIN_MEMBERS: [&str; 15] = [
    "token_type",
    "issued_token_type",
    "scope",
    "scopes",
    "audience",
    "resource",
    "error",
    "error_description",
    "error_uri",
    "user_code",
    "verification_uri",
    "verification_url",
    "verification_uri_complete",
    "issuer",
    "message",
];
/// From this length on a value without blanks may be a token under a name that nobody knows.
const MIN_TOKEN_CHARS: usize = 16;
/// How long a body may be to be taken for one secret where nothing in it can be told apart.
const MAX_WHOLE_BYTES: usize = 16 << 10;
/// The longest code of an error, in characters.
const MAX_CODE: usize = 60;

/// The object of an answer's body; none if the body is something else.
pub(super) fn object_of(exchange: &Exchange) -> Option<Map<String, Value>> {
    let response = exchange.response.as_ref().filter(|response| !response.is_truncated)?;
    match serde_json::from_str(response.text().trim_start_matches('\u{feff}')).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Every secret of the answer to a form.
///
/// An answer to a `GET` is a public document and has none. An answer that is no object is read as a form, as old
/// servers answer; if it is none either and says that all is well, the whole of it is taken for secret.
pub(super) fn secrets_of(exchange: &Exchange, object: Option<&Map<String, Value>>) -> Vec<(&'static str, Secret)> {
    let mut found = Vec::new();
    let Some(response) = exchange.response.as_ref().filter(|_| exchange.request.method == http::Method::POST) else {
        return found;
    };
    let is_good = (200..300).contains(&response.status);
    if let Some(object) = object {
        gather(object, is_good, 0, &mut found);
        return found;
    }
    let text = response.text();
    for (name, value) in form_urlencoded::parse(text.trim().as_bytes()) {
        take(&name, &value, false, &mut found);
    }
    let text = text.trim();
    if found.is_empty() && is_good && !text.starts_with('<') && (1..=MAX_WHOLE_BYTES).contains(&text.len()) {
        found.push(("token_answer", Secret::new(text.to_owned())));
    }
    found
}

fn gather(object: &Map<String, Value>, is_good: bool, depth: u8, found: &mut Vec<(&'static str, Secret)>) {
    for (name, value) in object {
        match value {
            Value::String(text) => take(name, text, is_good, found),
            Value::Object(inner) if depth < 4 => gather(inner, is_good, depth + 1, found),
            Value::Array(items) if depth < 4 => {
                for inner in items.iter().filter_map(Value::as_object) {
                    gather(inner, is_good, depth + 1, found);
                }
            }
            _ => {}
        }
    }
}

fn take(name: &str, value: &str, is_good: bool, found: &mut Vec<(&'static str, Secret)>) {
    let known = SECRET_MEMBERS.iter().find(|known| name.eq_ignore_ascii_case(known));
    let is_plain = PLAIN_MEMBERS.iter().any(|known| name.eq_ignore_ascii_case(known));
    let is_address = value.starts_with("https://") || value.starts_with("http://");
    let is_token_like = value.len() >= MIN_TOKEN_CHARS && !value.contains(char::is_whitespace) && !is_address;
    let label = match known {
        Some(known) => known,
        None if is_good && !is_plain && is_token_like => "token_answer",
        None => return,
    };
    if !value.is_empty() {
        found.push((label, Secret::new(value.to_owned())));
    }
}

/// The object of a good answer, or what the server says is wrong.
pub(super) fn read(talk: &Talk<'_>, mut answer: Answer) -> Result<(Map<String, Value>, Answer), OAuthError> {
    let Some(object) = answer.object.take() else {
        let why = why_no_object(&answer);
        return Err(answer.fails(OAuthFault::NotOAuth { why }));
    };
    // Some servers say 200 to errors too.
    if let Some(code) = text_of(&object, "error").filter(|_| !object.contains_key("access_token")) {
        let fault = fault_of(talk, code, text_of(&object, "error_description"));
        return Err(answer.fails(fault));
    }
    if !answer.is_good() {
        let why = match answer.status {
            300..400 => redirect_words(answer.status),
            status => format!("The server answered {status} and named no error of OAuth"),
        };
        return Err(answer.fails(OAuthFault::NotOAuth { why }));
    }
    Ok((object, answer))
}

/// One of OAuth's own errors.
pub(super) fn fault_of(talk: &Talk<'_>, code: &str, description: Option<&str>) -> OAuthFault {
    let description = description.map(|text| talk.words(text)).filter(|text| !text.is_empty());
    match code {
        "access_denied" => OAuthFault::Denied { description },
        "invalid_grant" => OAuthFault::InvalidGrant { description },
        "expired_token" => OAuthFault::Expired,
        _ => OAuthFault::Refused { code: talk.words(code).chars().take(MAX_CODE).collect(), description },
    }
}

/// A member that is a text and not empty.
pub(super) fn text_of<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A count of seconds, as number or as text of digits; none for what is no such thing.
pub(super) fn seconds_of(object: &Map<String, Value>, name: &str) -> Option<i64> {
    match object.get(name)? {
        Value::Number(number) => number.as_i64().or_else(|| whole_seconds(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole_seconds(text.parse().ok()?))
        }
        _ => None,
    }
}

/// Seconds without their fraction; what is too large is the largest count.
#[allow(clippy::cast_possible_truncation)]
fn whole_seconds(seconds: f64) -> Option<i64> {
    // The cast saturates.
    seconds.is_finite().then_some(seconds as i64)
}

pub(super) fn redirect_words(status: u16) -> String {
    format!("The server answered {status}, a redirect, which is not followed: it would carry secrets elsewhere")
}

/// Why an answer has no object in it.
pub(super) fn why_no_object(answer: &Answer) -> String {
    let status = answer.status;
    let Some(response) = &answer.exchange.response else { return "No answer came".into() };
    match status {
        300..400 => redirect_words(status),
        _ if response.body.is_empty() => format!("The server answered {status} with nothing in it"),
        _ if is_html(response) => format!("The server answered {status} with a web page instead of JSON"),
        _ => format!("The server answered {status} with something that is not a JSON object"),
    }
}

fn is_html(response: &Response) -> bool {
    response.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
        || response.text().trim_start().starts_with('<')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn secrets(text: &str, is_good: bool) -> Vec<String> {
        let mut found = Vec::new();
        let object: Map<String, Value> = serde_json::from_str(text).unwrap();
        gather(&object, is_good, 0, &mut found);
        found.into_iter().map(|(_, secret)| secret.expose().to_owned()).collect()
    }

    #[test]
    fn secrets_are_told_from_what_only_describes_them() {
        let text = r#"{"Access_Token":"short","token_type":"Bearer","scope":"a:very:long:scope:indeed","unknown":"0123456789abcdef",
            "where":"https://api.example/0123456789abcdef","name":"a person's name","in":{"list":[{"refresh_token":"r"}]}}"#;
        assert_eq!(secrets(text, true), ["short", "0123456789abcdef", "r"]);
        // An error's own words stay readable.
        assert_eq!(secrets(text, false), ["short", "r"]);
        assert!(secrets(r#"{"access_token":"","refresh_token":null,"id_token":5}"#, true).is_empty());
    }

    #[test]
    fn seconds_are_numbers_or_texts_of_digits() {
        let seconds = |text: &str| {
            seconds_of(&serde_json::from_str(&format!(r#"{{"expires_in":{text}}}"#)).unwrap(), "expires_in")
        };
        assert_eq!(seconds("5"), Some(5));
        assert_eq!(seconds(r#"" 5 ""#), Some(5));
        assert_eq!(seconds("-2.5"), Some(-2));
        assert_eq!(seconds("1e300"), Some(i64::MAX));
        for nothing in [r#""inf""#, r#""NaN""#, r#""""#, "true", "{}", "null"] {
            assert_eq!(seconds(nothing), None, "{nothing}");
        }
        assert_eq!(seconds_of(&Map::new(), "expires_in"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_as_seconds_or_none(text in ".{0,40}") {
            let mut object = Map::new();
            object.insert("expires_in".into(), Value::String(text));
            let _ = seconds_of(&object, "expires_in");
        }
    }
}
