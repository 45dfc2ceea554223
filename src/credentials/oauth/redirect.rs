//! Waits on this machine for the browser to come back from the authorization server.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};
use tokio::sync::oneshot;
use url::{Url, form_urlencoded};

use super::error::OAuthError;
use super::provider::Endpoint;
use crate::loopback::{Bounds, CrossSite, Guarded, Policy, Running};
use crate::secret::Secret;

/// The one path that is answered. Servers register it, so it is always the same; what cannot be guessed is `state`.
pub const REDIRECT_PATH: &str = "/oauth/callback";

/// What an answer has to say to be the one that is waited for.
pub(super) struct Expected {
    pub(super) state: Secret,
    /// Who was asked; none where that is not known.
    pub(super) issuer: Option<Endpoint>,
    /// Whether it said that it always names itself.
    pub(super) is_iss_announced: bool,
}

/// The answer that was waited for.
pub(super) enum Came {
    /// It was allowed.
    Code(Secret),
    /// It was not.
    Error { code: String, description: Option<String> },
}

/// An open listener, and where it tells of the one right answer.
pub(super) struct Redirect {
    pub(super) running: Running,
    pub(super) came: oneshot::Receiver<Came>,
}

struct Waiting {
    expected: Expected,
    tell: Mutex<Option<oneshot::Sender<Came>>>,
}

/// A bound listener that does not answer yet.
pub(super) struct Bound {
    guarded: Guarded,
    pub(super) url: Url,
}

impl Bound {
    /// Binds a free port of 127.0.0.1: the literal address, as RFC 8252 8.3 recommends.
    pub(super) async fn open() -> Result<Self, OAuthError> {
        let bounds = Bounds {
            connections: 32,
            head_bytes: 16 << 10,
            body_bytes: 16 << 10,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(5),
            handler_time: Duration::from_secs(5),
            connection_time: Duration::from_secs(30),
            grace: Duration::from_millis(500),
        };
        let policy = Policy { cross_site: CrossSite::Navigation, bounds, ..Policy::default() };
        let guarded = Guarded::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), policy).await;
        let guarded = guarded.map_err(|error| OAuthError::of_listener(&error))?;
        let text = format!("http://{}{REDIRECT_PATH}", guarded.local_addr());
        let url = Url::parse(&text).map_err(|_| OAuthError::unexpected("redirect address"))?;
        Ok(Self { guarded, url })
    }

    pub(super) fn serve(self, expected: Expected) -> Redirect {
        let (tell, came) = oneshot::channel();
        let waiting = Arc::new(Waiting { expected, tell: Mutex::new(Some(tell)) });
        let running = self.guarded.serve(Router::new().fallback(answer).with_state(waiting));
        Redirect { running, came }
    }
}

async fn answer(State(waiting): State<Arc<Waiting>>, request: Request) -> Response {
    if request.uri().path() != REDIRECT_PATH {
        return page(StatusCode::NOT_FOUND, "There is nothing here.");
    }
    if request.method() != Method::GET {
        let mut response = page(StatusCode::METHOD_NOT_ALLOWED, "Only GET is answered here.");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
        return response;
    }
    let came = match judge(&waiting.expected, request.uri().query().unwrap_or_default()) {
        Ok(came) => came,
        Err(why) => return page(StatusCode::BAD_REQUEST, why),
    };
    let text = match &came {
        Came::Code(_) => "The answer has arrived. You can close this window and go back to Altyaa Console.",
        Came::Error { .. } => {
            "The sign-in was refused. You can close this window; Altyaa Console says more about the reason."
        }
    };
    let tell = waiting.tell.lock().unwrap_or_else(PoisonError::into_inner).take();
    match tell.map(|tell| tell.send(came)) {
        Some(Ok(())) => page(StatusCode::OK, text),
        _ => page(StatusCode::GONE, "The answer had arrived before, or nobody waits for it any more."),
    }
}

/// The answer in a query, or why it is not the one that is waited for. The words hold nothing of the query.
fn judge(expected: &Expected, query: &str) -> Result<Came, &'static str> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    if names.windows(2).any(|two| matches!(two, [one, other] if one == other)) {
        return Err("A parameter is there twice.");
    }
    let value = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_ref());
    // Secret compares in constant time.
    if value("state").map(|state| Secret::new(state.to_owned())).as_ref() != Some(&expected.state) {
        return Err("This answer belongs to no sign-in that was begun here.");
    }
    match (value("iss"), &expected.issuer) {
        (Some(iss), Some(issuer)) if !issuer.is_written(iss) => {
            return Err("This answer comes from another server than the one that was asked.");
        }
        (None, _) if expected.is_iss_announced => return Err("This answer does not say which server it comes from."),
        _ => {}
    }
    match (value("code").filter(|code| !code.is_empty()), value("error").filter(|error| !error.is_empty())) {
        (Some(code), None) if code.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) => {
            Ok(Came::Code(Secret::new(code.to_owned())))
        }
        (Some(_), None) => Err("The code holds a character that no code has."),
        (None, Some(error)) => {
            Ok(Came::Error { code: error.to_owned(), description: value("error_description").map(str::to_owned) })
        }
        _ => Err("This answer holds neither a code nor an error, or both."),
    }
}

/// A page of fixed words: nothing of what was asked is in it.
fn page(status: StatusCode, text: &'static str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Altyaa Console</title></head>\n\
         <body><p>{text}</p></body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONNECTION, "close"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn expected(issuer: Option<&str>, is_iss_announced: bool) -> Expected {
        Expected {
            state: Secret::new("right-state".into()),
            issuer: issuer.map(|text| text.parse().unwrap()),
            is_iss_announced,
        }
    }

    #[test]
    fn one_code_or_one_error_with_the_right_state_is_an_answer() {
        let expected = expected(None, false);
        assert!(
            matches!(judge(&expected, "code=a%2Fb&state=right-state"), Ok(Came::Code(code)) if code.expose() == "a/b")
        );
        let refused =
            judge(&expected, "error=access_denied&error_description=no+way&state=right-state&x=1").ok().unwrap();
        assert!(
            matches!(refused, Came::Error { code, description } if code == "access_denied" && description.as_deref() == Some("no way"))
        );
        for query in [
            "",
            "code=a",
            "code=a&state=",
            "code=a&state=wrong-state",
            "code=a&state=right-state&state=right-state",
            "code=a&code=b&state=right-state",
            "code=a&%63ode=b&state=right-state",
            "code=a&state=right-state&x=1&x=2",
            "state=right-state",
            "code=&state=right-state",
            "code=a&error=b&state=right-state",
            "code=a%0Ab&state=right-state",
            "code=%C3%BC&state=right-state",
        ] {
            assert!(judge(&expected, query).is_err(), "{query}");
        }
    }

    #[test]
    fn the_server_has_to_be_the_one_that_was_asked() {
        let right = "code=a&state=right-state&iss=https%3A%2F%2Fa.example%2Fx";
        let wrong = "code=a&state=right-state&iss=https%3A%2F%2Fb.example";
        let without = "error=access_denied&state=right-state";
        let known = Some("https://a.example/x");
        let is_taken = |expected: Expected| [right, wrong, without].map(|query| judge(&expected, query).is_ok());
        assert_eq!(is_taken(expected(known, true)), [true, false, false]);
        assert_eq!(is_taken(expected(known, false)), [true, false, true]);
        assert_eq!(is_taken(expected(None, false)), [true, true, true]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_without_the_state_is_taken(query in ".{0,80}", pairs in "((code|state|iss|error|%[0-9a-f]{2})=[a-z%&=+]{0,8}&?){0,6}") {
            for expected in [expected(None, false), expected(Some("https://a.example"), true)] {
                proptest::prop_assert!(judge(&expected, &query).is_err());
                proptest::prop_assert!(judge(&expected, &pairs).is_err());
            }
            let with_state = format!("{pairs}&state=right-state");
            if let Ok(Came::Code(code)) = judge(&expected(None, false), &with_state) {
                proptest::prop_assert!(!code.is_empty());
            }
        }
    }
}
