//! Failures on an open connection before the answer's head was whole.

use std::io;
use std::time::Duration;

use url::Url;

use super::{Seen, chain, failure, find, innermost, io_kind, is_reset, origin, secs};
use crate::exchange::{Layer, TransportError};

/// No head within the time for it.
pub(in crate::transport) fn no_head_in_time(url: &Url, waited: Duration) -> TransportError {
    failure(
        Layer::Http,
        "timeout",
        [
            format!("{} did not answer in time", origin(url)),
            format!("No answer within {}", secs(waited)),
            "The server took the request and is slow, or something between keeps it".into(),
            "Try again with a longer timeout, and look at the provider's status page".into(),
        ],
    )
}

/// The payload did not go out in time.
pub(in crate::transport) fn upload_stalled(url: &Url, taken: u64, total: u64, waited: Duration) -> TransportError {
    failure(
        Layer::Http,
        "timeout",
        [
            format!("{} did not take the payload in time", origin(url)),
            format!("{taken} of {total} bytes had gone out; then nothing more for {}", secs(waited)),
            "The way there is slow, or the server reads slowly".into(),
            "Send it again with longer times for standstill and for all (--idle-timeout, --timeout)".into(),
        ],
    )
}

/// More redirects than are followed.
pub(in crate::transport) fn redirect_loop(url: &Url, followed: u32, comes_back: bool) -> TransportError {
    failure(
        Layer::Http,
        "redirect_loop",
        [
            match comes_back {
                true => "The redirects lead back to where they came from".to_owned(),
                false => format!("The redirects do not end: {followed} were followed"),
            },
            format!("The last one came from {}", origin(url)),
            "Two servers or rules send the request to each other, or one sends it on for ever".into(),
            "Look at the redirects that were followed, and ask for the last good address directly".into(),
        ],
    )
}

/// The words for an HTTP/2 error code, for a failure before the head or in the body.
pub(super) fn http2(error: &(dyn std::error::Error + 'static)) -> Option<(&'static str, String, String)> {
    let h2 = find::<h2::Error>(error)?;
    let reason = h2.reason()?;
    // A code of our own making says what we did not like.
    let who = if h2.is_remote() { "The server" } else { "This side" };
    let code = format!("{who} ended it with the HTTP/2 error code {} ({reason:?})", u32::from(reason));
    Some(match reason {
        h2::Reason::REFUSED_STREAM => ("refused_stream", "refused the request".into(), code),
        h2::Reason::ENHANCE_YOUR_CALM => ("goaway", "finds this side too busy".into(), code),
        h2::Reason::HTTP_1_1_REQUIRED => ("version", "wants HTTP/1.1 for this request".into(), code),
        _ if h2.is_go_away() => ("goaway", "closed the connection with an error".into(), code),
        _ => ("reset", "broke the request off".into(), code),
    })
}

pub(super) fn before_head(error: &reqwest::Error, seen: &Seen<'_>) -> TransportError {
    let from = origin(seen.url);
    let check = "Check scheme and port of the URL (http or https)".to_owned();
    let again = "Send it again; if it happens each time, tell the provider the time and your address".to_owned();
    if let Some((kind, what, code)) = http2(error) {
        let (meaning, fix) = match kind {
            "refused_stream" => ("The server did not look at the request at all".into(), "Send it again".to_owned()),
            "version" => (
                "The server does this request over HTTP/1.1 only".into(),
                "Choose HTTP/1.1 in this environment's network settings (--http 1.1)".to_owned(),
            ),
            _ => ("The server or a gateway in front of it gave the request up".to_owned(), again),
        };
        return failure(Layer::Http, kind, [format!("{from} {what} before it answered"), code, meaning, fix]);
    }
    let http = find::<hyper::Error>(error);
    let is = |question: fn(&hyper::Error) -> bool| http.is_some_and(question);
    // A server that speaks first, as mail and SSH servers do; hyper gives this error no question of its own.
    let speaks_first = || chain(error).iter().any(|error| error.to_string().contains("unexpected message"));
    let is_h2 = find::<h2::Error>(error).is_some();
    let (kind, words) = match io_kind(error) {
        _ if is_reset(error) => (
            "reset",
            [
                format!("{from} broke the connection before it answered"),
                "The connection was reset before an answer's head came".into(),
                "The server crashed, refused the request without words, or a firewall cut it".into(),
                again,
            ],
        ),
        _ if is(hyper::Error::is_parse_too_large) => (
            "too_large",
            [
                format!("The headers of {from}'s answer are too many or too long"),
                innermost(error),
                "At most 100 headers and about 400 kB of them are read".into(),
                "Tell the provider; a cookie that grows with each answer is a common reason".into(),
            ],
        ),
        _ if is(hyper::Error::is_parse) || speaks_first() || is_h2 => (
            "malformed",
            [
                format!("{from} answered with something that is no HTTP"),
                innermost(error),
                "Another kind of server listens there, or it wants https".into(),
                check,
            ],
        ),
        Some(io::ErrorKind::UnexpectedEof) => ("closed", closed_words(&from, check)),
        _ if is(|e| e.is_incomplete_message() || e.is_closed() || e.is_canceled()) => {
            ("closed", closed_words(&from, check))
        }
        _ => (
            "failed",
            [
                format!("No answer came from {from}"),
                innermost(error),
                "The connection was open and then failed in a way that has no name here".into(),
                again,
            ],
        ),
    };
    failure(Layer::Http, kind, words)
}

fn closed_words(from: &str, fix: String) -> [String; 4] {
    [
        format!("{from} closed the connection before it answered"),
        "The connection was closed before an answer's head was complete".into(),
        "The server gave up, or another kind of server listens there".into(),
        fix,
    ]
}
