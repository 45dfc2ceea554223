//! Heads: header lines as text, and the request that reqwest is given.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::coding;
use super::upload::{self, Sent};
use crate::exchange::PreparedRequest;

/// The header lines of a map as text.
pub(super) fn lines(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
}

/// A header's value as text: UTF-8, or else each byte as the character of its number, so that none is lost.
///
/// Source: RFC 9110 §5.5; ISO-8859-1 is what values were in before.
pub(super) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// The request as it goes out, with what every request says of this program and what it can unpack; and the counter of
/// its payload.
pub(super) fn outgoing(request: &PreparedRequest, cookies: Option<HeaderValue>) -> (reqwest::Request, Sent) {
    let mut built = reqwest::Request::new(request.method.clone(), request.url.clone());
    let headers = built.headers_mut();
    for (name, value) in &request.headers {
        headers.append(name.clone(), value.clone());
    }
    let mut by_default = |name: HeaderName, value: HeaderValue| {
        if !headers.contains_key(&name) {
            headers.append(name, value);
        }
    };
    by_default(header::ACCEPT, HeaderValue::from_static("*/*"));
    by_default(
        header::USER_AGENT,
        HeaderValue::from_static(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"))),
    );
    // A part of a packed body cannot be unpacked.
    if !request.headers.iter().any(|(name, _)| *name == header::RANGE) {
        by_default(header::ACCEPT_ENCODING, HeaderValue::from_static(coding::ACCEPTED));
    }
    if let Some(cookies) = cookies {
        by_default(header::COOKIE, cookies);
    }
    if request.body.is_empty() {
        return (built, Sent::default());
    }
    let (body, sent) = upload::counted(std::sync::Arc::clone(&request.body));
    *built.body_mut() = Some(body);
    (built, sent)
}
