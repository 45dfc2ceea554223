//! Heads: header lines as text, and the request that reqwest is given.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::coding;
use crate::exchange::PreparedRequest;

/// The header lines of a map as text; bytes that are no UTF-8 are replaced.
pub(super) fn lines(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
}

/// The request as it goes out: with what every request says of this program and what it can unpack.
pub(super) fn outgoing(request: &PreparedRequest, cookies: Option<HeaderValue>) -> reqwest::Request {
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
    if !request.body.is_empty() {
        *built.body_mut() = Some(Bytes::from_owner(std::sync::Arc::clone(&request.body)).into());
    }
    built
}
