//! Failures on an open connection before the answer's head was whole.

use std::io;
use std::time::Duration;

use url::Url;

use super::{
    Seen, chain, dialled, failure, find, innermost, io_kind, is_http2_end, is_reset, origin, secs, was_never_sent,
};
use crate::exchange::{Layer, TransportError};

const CHECK: &str = "Check scheme and port of the URL (http or https)";
const CHECK_PROXY: &str = "Check the proxy's scheme and port, and whether it may reach the server";
const AGAIN: &str = "Send it again; if it happens each time, tell the provider the time and your address";
const TELL: &str = "Tell the provider what is wrong with the answer; sending it again will not change it";
const NO_HTTP: &str = "answered with something that is no HTTP";
const TO_HTTP1: &str = "Choose HTTP/1.1 in this environment's network settings (--http 1.1)";

/// No head within the time for it.
pub(in crate::transport) fn no_head_in_time(seen: &Seen<'_>) -> TransportError {
    let (limits, from) = (seen.limits, origin(seen.url));
    // Whoever set one time for all set both to the same.
    let (of, flag) = match limits.total <= limits.first_byte {
        true => ("for one try", "--timeout"),
        false => ("for an answer's head", "--first-byte-timeout"),
    };
    let between = match forwarder(seen) {
        Some(proxy) => format!("the proxy {proxy} waits for it"),
        None => "something on the way keeps the request or the answer".to_owned(),
    };
    failure(
        Layer::Http,
        "timeout",
        [
            format!("{from} did not answer in time"),
            format!("No answer within {}, the time {of}", secs(limits.head_within())),
            format!("The server is slow, or {between}"),
            format!(
                "Look at the provider's status page, or allow more time in this environment's network settings ({flag})"
            ),
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
    let (summary, fix) = match comes_back {
        true => (
            "The redirects lead back to where they came from".to_owned(),
            "Look at the redirects that were followed, and ask for the last good address directly",
        ),
        false => (
            format!("The redirects do not end: {followed} were followed"),
            "Look at the redirects that were followed; if they do lead somewhere, allow more (--max-redirects)",
        ),
    };
    failure(
        Layer::Http,
        "redirect_loop",
        [
            summary,
            format!("The last one came from {}", origin(url)),
            "Two servers or rules send the request to each other, or one sends it on for ever".into(),
            fix.into(),
        ],
    )
}

/// How a request over HTTP/2 was given up.
pub(super) struct Http2End {
    /// The kind of the failure.
    pub kind: &'static str,
    /// What the other side did, to stand behind its name. Shape: `broke the request off`.
    pub what: &'static str,
    /// Who ended it with which code. Shape: `the server ended it with the HTTP/2 error code 2 (INTERNAL_ERROR)`.
    pub code: String,
    /// Whether this side ended it, because of what it was sent.
    pub is_ours: bool,
    /// Whether the request may have been looked at.
    is_taken: bool,
    meaning: &'static str,
    fix: &'static str,
}

/// The end that an HTTP/2 error code stands for, before the head or in the body.
pub(super) fn http2(error: &(dyn std::error::Error + 'static)) -> Option<Http2End> {
    let h2 = find::<h2::Error>(error)?;
    let reason = h2.reason()?;
    // A code of our own making says what we did not like.
    let is_ours = !h2.is_remote();
    let who = if is_ours { "this side" } else { "the server" };
    let code = format!("{who} ended it with the HTTP/2 error code {} ({reason:?})", u32::from(reason));
    let unseen = "The server did not look at the request at all";
    let end = |kind, what, meaning, fix| {
        let is_taken = meaning != unseen;
        Http2End { kind, what, code, is_ours, is_taken, meaning, fix }
    };
    Some(match reason {
        _ if is_ours => {
            end("malformed", "", "The server speaks HTTP/1.1 only, or breaks the rules of HTTP/2", TO_HTTP1)
        }
        h2::Reason::REFUSED_STREAM => end("refused_stream", "refused the request", unseen, "Send it again"),
        h2::Reason::HTTP_1_1_REQUIRED => end(
            "version",
            "wants the request over HTTP/1.1 and broke it off",
            "The server does this request over HTTP/1.1 only",
            TO_HTTP1,
        ),
        h2::Reason::ENHANCE_YOUR_CALM => end(
            if h2.is_go_away() { "goaway" } else { "reset" },
            "wants this side to calm down and gave the request up",
            "The server finds that this machine sends too much",
            "Wait a while before you send it again, and send less at a time",
        ),
        // Only requests that the server names as not taken are given up with its code.
        h2::Reason::NO_ERROR if h2.is_go_away() => {
            end("goaway", "is closing the connection and did not take the request", unseen, "Send it again")
        }
        _ if h2.is_go_away() => {
            end("goaway", "closed the connection with an error and did not take the request", unseen, AGAIN)
        }
        _ => {
            let meaning = "The server or a gateway in front of it gave the request up";
            end("reset", "broke the request off", meaning, AGAIN)
        }
    })
}

/// The proxy that requests without a tunnel are given to: whoever answers, it is the one that is heard.
fn forwarder(seen: &Seen<'_>) -> Option<String> {
    let target = seen.proxy.filter(|target| matches!(target.url.scheme(), "http" | "https"))?;
    (seen.url.scheme() == "http").then(|| dialled(&target.url))
}

/// The words for a head that cannot be read, by what hyper says of it: what was wrong, what that means, what to try.
fn unreadable(said: &str, check: &'static str) -> (&'static str, String, &'static str, &'static str) {
    let speaks = "sent an answer that cannot be read";
    let wrong = "The server speaks HTTP, but not as the standard has it";
    match said {
        "invalid HTTP status-code parsed" => {
            (speaks, "Its first line has no status from 100 to 999".into(), wrong, TELL)
        }
        "invalid content-length parsed" => (
            speaks,
            "Its Content-Length is no number, or there are two that contradict each other".into(),
            "Nobody can tell where the answer ends, which attackers make use of; so it is not read",
            TELL,
        ),
        "invalid transfer-encoding parsed" | "unexpected transfer-encoding parsed" => (
            speaks,
            "Its Transfer-Encoding is none that says where the answer ends".into(),
            "Nobody can tell where the answer ends, which attackers make use of; so it is not read",
            TELL,
        ),
        "invalid HTTP header parsed" => (speaks, "One of its header lines is none".into(), wrong, TELL),
        other => {
            let seen = match other {
                // Which of the two it is depends on who was faster.
                "invalid HTTP version parsed" | "received unexpected message from connection" => {
                    "It does not begin with HTTP/1.1 or HTTP/1.0, or came before anything was asked".to_owned()
                }
                "invalid HTTP version parsed (found HTTP2 preface)" => "It begins as a client of HTTP/2 does".into(),
                other => other.to_owned(),
            };
            let meaning = "Another kind of server listens there, or it wants https";
            (NO_HTTP, seen, meaning, check)
        }
    }
}

/// A failure on an open connection before the head was whole.
pub(super) fn before_head(error: &reqwest::Error, seen: &Seen<'_>) -> TransportError {
    let forwarder = forwarder(seen);
    let from = match &forwarder {
        Some(proxy) => format!("The proxy {proxy}"),
        None => origin(seen.url),
    };
    let check = if forwarder.is_some() { CHECK_PROXY } else { CHECK };
    if let Some(end) = http2(error) {
        let summary = match end.is_ours {
            true => format!("{from} answered with something that is no HTTP/2"),
            false if end.is_taken => format!("{from} {} before it answered", end.what),
            false => format!("{from} {}", end.what),
        };
        let mut code = end.code;
        // It stands alone here.
        if let Some(first) = code.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        return failure(Layer::Http, end.kind, [summary, code, end.meaning.into(), end.fix.into()]);
    }
    let http = find::<hyper::Error>(error);
    let is = |question: fn(&hyper::Error) -> bool| http.is_some_and(question);
    // A server that speaks first, as mail and SSH servers do; hyper gives this error no question of its own.
    let speaks_first = || chain(error).iter().any(|error| error.to_string().contains("unexpected message"));
    let is_h2 = find::<h2::Error>(error).is_some();
    // Many servers end the connection without a word when they miss a certificate.
    let tls = seen.marks.tls.as_ref();
    let is_unknown_caller = tls.is_some_and(|tls| tls.wants_client_certificate) && !seen.has_identity;
    let fix = |fix: &str| match is_unknown_caller {
        true => "The server asked for a client certificate: choose one in this environment's network settings".into(),
        false => fix.to_owned(),
    };
    // One that had been answering and was kept ends for another reason than one that was opened for this.
    let was_kept = seen.marks.connect_start.is_none();
    let closed = || {
        if was_kept {
            return [
                format!("{from} closed a connection that had been kept open"),
                "It ended before an answer's head came; an earlier exchange had used it".into(),
                "Servers close connections that are idle for a while, and this one did so at that moment".into(),
                "Send it again: a new connection is opened for it".into(),
            ];
        }
        let meaning = match &forwarder {
            Some(_) => "The proxy gave up, or the server behind it did",
            None => "The server gave up, or another kind of server listens there",
        };
        let seen = "The connection was closed before an answer's head was complete";
        [format!("{from} closed the connection before it answered"), seen.into(), meaning.into(), fix(check)]
    };
    let (kind, words) = match io_kind(error) {
        _ if was_never_sent(error) => (
            "closed",
            [
                format!("The connection to {} ended before the request was sent", from.replacen("The", "the", 1)),
                "It was closed, or something came on it before anything was asked".into(),
                "Another kind of server listens there, or it refuses this machine; nothing of the request was sent"
                    .into(),
                format!("{check}, and which HTTP is spoken (--http)"),
            ],
        ),
        _ if is_http2_end(error) => ("closed", closed()),
        _ if is_reset(error) => (
            "reset",
            [
                format!("{from} broke the connection before it answered"),
                "The connection was reset before an answer's head was complete".into(),
                match &forwarder {
                    Some(_) => "The proxy or the server behind it crashed, or refused the request without words".into(),
                    None => "The server crashed, refused the request without words, or a firewall cut it".into(),
                },
                fix(AGAIN),
            ],
        ),
        _ if is(hyper::Error::is_parse_too_large) => (
            "too_large",
            [
                format!("The headers of {from}'s answer are too many or too long"),
                "The head had not ended when the limit was reached".into(),
                "At most 100 headers and about 400 kB of them are read".into(),
                "Tell the provider; a cookie that grows with each answer is a common reason".into(),
            ],
        ),
        _ if is(hyper::Error::is_parse) || speaks_first() || is_h2 => {
            let (what, seen, meaning, fix) = unreadable(&innermost(error), check);
            ("malformed", [format!("{from} {what}"), seen, meaning.into(), fix.into()])
        }
        Some(io::ErrorKind::UnexpectedEof) => ("closed", closed()),
        _ if is(|e| e.is_incomplete_message() || e.is_closed() || e.is_canceled()) => ("closed", closed()),
        _ => (
            "failed",
            [
                format!("No answer came from {from}"),
                innermost(error),
                "The connection was open and then failed in a way that has no name here".into(),
                AGAIN.into(),
            ],
        ),
    };
    // Without a tunnel the connection is one with the proxy, which hung up or is none; a head that it passed on
    // and that cannot be read is the server's.
    let is_proxys = forwarder.is_some() && (matches!(kind, "closed" | "reset") || words[0].ends_with(NO_HTTP));
    failure(if is_proxys { Layer::Proxy } else { Layer::Http }, kind, words)
}
