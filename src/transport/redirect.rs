//! From an answer that points elsewhere to the request that follows it, without what must not travel along.

use http::{HeaderName, Method, StatusCode, header};
use url::Url;

use crate::exchange::PreparedRequest;

/// What to do after an answer.
#[derive(Debug)]
pub(super) enum Next {
    /// It is no redirect: this is the answer.
    Answer,
    /// It is one that is not followed; why, for the log.
    Stay(String),
    /// This request follows.
    Follow {
        /// The request.
        request: Box<PreparedRequest>,
        /// What it no longer has. Shape: `authorization`, `payload`.
        dropped: Vec<String>,
    },
}

/// Headers that describe a payload and go with it.
const OF_PAYLOAD: [HeaderName; 6] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LOCATION,
    header::TRANSFER_ENCODING,
];

/// Headers that say nothing of the caller, so that another origin may have them. Which of the others is a key cannot be
/// told by its name.
const TRAVELLING: [HeaderName; 20] = [
    header::ACCEPT,
    header::ACCEPT_CHARSET,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_TYPE,
    header::DNT,
    header::EXPECT,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::PRAGMA,
    header::RANGE,
    header::TE,
    header::USER_AGENT,
    HeaderName::from_static("idempotency-key"),
];

/// The request that follows `request` after an answer with that status and `Location`.
///
/// 303, and 301 and 302 after POST, are followed with GET and without the payload; 307 and 308 repeat the request.
/// When the origin changes, which a change of scheme is too, only headers go along that say nothing of the caller:
/// credential, workspace, cookies, everything marked sensitive and every name of one's own stay behind.
/// Source: RFC 9110 §15.4, and the Fetch standard for 301 and 302 after POST.
pub(super) fn next(request: &PreparedRequest, status: StatusCode, location: Option<&str>) -> Next {
    let (method, keeps_payload) = match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if request.method == Method::POST => (Method::GET, false),
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => (request.method.clone(), true),
        StatusCode::SEE_OTHER if request.method == Method::HEAD => (Method::HEAD, false),
        StatusCode::SEE_OTHER => (Method::GET, false),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => (request.method.clone(), true),
        _ => return Next::Answer,
    };
    let Some(location) = location.map(str::trim).filter(|location| !location.is_empty()) else {
        return Next::Stay("it names no Location".into());
    };
    let Ok(mut url) = request.url.join(location) else {
        return Next::Stay("its Location is no address".into());
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Next::Stay(format!("its Location is a {} address", url.scheme()));
    }
    let mut dropped = Vec::new();
    if !url.username().is_empty() || url.password().is_some() {
        // Neither fails for http and https.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        dropped.push("user and password of the address".to_owned());
    }
    if url.fragment().is_none() {
        url.set_fragment(request.url.fragment());
    }
    // What no request can hold; told here, where the answer that named it is still the answer.
    if url.as_str().parse::<http::Uri>().is_err() {
        return Next::Stay(format!("its Location is too long or odd to be asked for ({} bytes)", url.as_str().len()));
    }
    let is_elsewhere = !is_same_origin(&request.url, &url);
    let mut next = PreparedRequest { method, url, ..request.clone() };
    next.headers.retain(|(name, value)| {
        let is_bound = is_elsewhere
            && (value.is_sensitive() || !TRAVELLING.contains(name) || request.origin_headers.contains(name));
        let is_of_payload = !keeps_payload && OF_PAYLOAD.contains(name);
        if (is_bound || is_of_payload) && !dropped.iter().any(|known| known == name.as_str()) {
            dropped.push(name.as_str().to_owned());
        }
        !is_bound && !is_of_payload
    });
    if !keeps_payload && !next.body.is_empty() {
        next.body = Default::default();
        dropped.push("payload".to_owned());
    }
    if is_elsewhere {
        next.credential = None;
    }
    Next::Follow { request: Box::new(next), dropped }
}

/// Scheme, host and port are the same.
pub(super) fn is_same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use http::HeaderValue;

    use super::*;

    fn request(method: Method) -> PreparedRequest {
        let mut token = HeaderValue::from_static("canary");
        token.set_sensitive(true);
        PreparedRequest {
            method,
            url: Url::parse("https://api.test/v1/posts?a=1#top").unwrap(),
            url_template: "/v1/posts".into(),
            headers: vec![
                (HeaderName::from_static("authorization"), HeaderValue::from_static("Bearer typed")),
                (HeaderName::from_static("x-api-key"), token),
                (HeaderName::from_static("x-acme-tenant"), HeaderValue::from_static("t1")),
                (HeaderName::from_static("x-altyaa-workspace"), HeaderValue::from_static("ws_1")),
                (HeaderName::from_static("cookie"), HeaderValue::from_static("a=1")),
                (HeaderName::from_static("content-type"), HeaderValue::from_static("application/json")),
                (HeaderName::from_static("idempotency-key"), HeaderValue::from_static("k1")),
            ],
            origin_headers: vec![HeaderName::from_static("x-altyaa-workspace")],
            body: b"{}".as_slice().into(),
            environment: "local".into(),
            profile: "altyaa".into(),
            credential: Some("key".into()),
            secrets: Vec::new(),
        }
    }

    fn followed(method: Method, status: u16, location: &str) -> (PreparedRequest, Vec<String>) {
        match next(&request(method), StatusCode::from_u16(status).unwrap(), Some(location)) {
            Next::Follow { request, dropped } => (*request, dropped),
            other => panic!("{other:?}"),
        }
    }

    fn names(request: &PreparedRequest) -> Vec<&str> {
        request.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn method_and_payload_follow_the_status() {
        for (method, status, expected, has_payload) in [
            (Method::POST, 301, Method::GET, false),
            (Method::POST, 302, Method::GET, false),
            (Method::POST, 303, Method::GET, false),
            (Method::POST, 307, Method::POST, true),
            (Method::POST, 308, Method::POST, true),
            (Method::PUT, 302, Method::PUT, true),
            (Method::PUT, 303, Method::GET, false),
            (Method::HEAD, 303, Method::HEAD, false),
        ] {
            let (request, dropped) = followed(method.clone(), status, "/v2/posts");
            assert_eq!((&request.method, !request.body.is_empty()), (&expected, has_payload), "{method} {status}");
            assert_eq!(names(&request).contains(&"content-type"), has_payload, "{method} {status}");
            assert_eq!(dropped.contains(&"payload".to_owned()), !has_payload);
            assert_eq!(request.url.as_str(), "https://api.test/v2/posts#top");
            assert!(names(&request).contains(&"authorization"), "the origin is the same");
        }
    }

    #[test]
    fn nothing_of_the_caller_travels_to_another_origin() {
        for location in [
            "https://other.test/x",
            "http://api.test/v1/posts",
            "https://api.test:8443/v1/posts",
            "//other.test/x",
            "https://user:canary@other.test/x",
        ] {
            let (request, dropped) = followed(Method::POST, 307, location);
            assert_eq!(names(&request), ["content-type", "idempotency-key"], "{location}");
            assert_eq!(request.credential, None);
            for name in ["authorization", "x-api-key", "x-altyaa-workspace", "cookie", "x-acme-tenant"] {
                assert!(dropped.iter().any(|dropped| dropped == name), "{name} for {location}");
            }
            assert!(!request.url.as_str().contains("canary"), "{}", request.url);
        }
        let (request, dropped) = followed(Method::GET, 302, "https://api.test:443/x");
        assert_eq!((request.headers.len(), dropped.len()), (7, 0), "the port that https has anyway is the same origin");
    }

    #[test]
    fn what_leads_nowhere_is_shown_as_it_is() {
        for location in [None, Some(""), Some("http://["), Some("ftp://files.test/"), Some("javascript:alert(1)")] {
            let next = next(&request(Method::GET), StatusCode::FOUND, location);
            assert!(matches!(next, Next::Stay(why) if !why.is_empty()), "{location:?}");
        }
        for status in [200, 300, 304, 305, 306, 400] {
            let status = StatusCode::from_u16(status).unwrap();
            assert!(matches!(next(&request(Method::GET), status, Some("/x")), Next::Answer), "{status}");
        }
    }
}
