//! Failures while the answer's body arrived, was unpacked or was kept.

use std::io;

use super::{bytes, failure, find, http, innermost, io_kind, is_http2_end, secs};
use crate::disk::DiskError;
use crate::exchange::{Layer, TransportError};
use crate::transport::coding;
use crate::transport::settings::Limits;

const KEPT: &str = "What came is kept and shown; it is not the whole answer";
const AS_IT_CAME: &str = "Nothing of it could be unpacked; the bytes are shown as they came";
const ASK_PLAIN: &str = "Tell the provider; until then ask for plain answers with the header Accept-Encoding: identity";

/// An error while the body arrived. `received` and `expected` count bytes on the wire.
pub(in crate::transport) fn in_body(
    error: reqwest::Error,
    received: u64,
    expected: Option<u64>,
    is_chunked: bool,
) -> TransportError {
    let error = error.without_url();
    let is_cut = is_http2_end(&error)
        || io_kind(&error) == Some(io::ErrorKind::UnexpectedEof)
        || find::<hyper::Error>(&error).is_some_and(|e| e.is_incomplete_message() || e.is_closed());
    let came = format!("{} came, {}", bytes(received), expected_text(expected));
    let again = "Send it again; if it breaks at the same place, tell the provider".to_owned();
    if let Some(end) = http::http2(&error) {
        let summary = match end.is_ours {
            true => format!("The answer breaks the rules of HTTP/2 after {}", bytes(received)),
            false => format!("The server {} after {} of the answer", end.what, bytes(received)),
        };
        return failure(Layer::Body, end.kind, [summary, format!("{came}; {}", end.code), KEPT.into(), again]);
    }
    let (kind, summary, seen) = match (io_kind(&error), expected) {
        _ if is_http2_end(&error) => (
            "closed",
            format!("The connection was closed after {} of the answer", bytes(received)),
            format!("{came}; the frame that says the end never came"),
        ),
        (Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe), _) => {
            ("reset", format!("The connection broke after {} of the answer", bytes(received)), came)
        }
        (_, Some(expected)) if expected > received => {
            ("short_body", format!("The answer ended {} too early", bytes(expected - received)), came)
        }
        _ if is_cut && is_chunked => (
            "closed",
            format!("The connection was closed after {} of the answer", bytes(received)),
            format!("{came}; the chunk that says the end never came"),
        ),
        _ if is_cut => ("closed", format!("The connection was closed after {} of the answer", bytes(received)), came),
        _ if is_chunked => (
            "malformed",
            format!("The answer has an invalid chunk after {}", bytes(received)),
            format!("{came}; what follows is no chunk with its size before it and a line's end behind it"),
        ),
        _ => (
            "malformed",
            format!("The answer cannot be read any further after {}", bytes(received)),
            format!("{came}; {}", innermost(&error)),
        ),
    };
    failure(Layer::Body, kind, [summary, seen, KEPT.into(), again])
}

/// Nothing more of the body came in time.
pub(in crate::transport) fn stalled(
    received: u64,
    expected: Option<u64>,
    limits: &Limits,
    is_total: bool,
) -> TransportError {
    let came = format!("{} had come, {}", bytes(received), expected_text(expected));
    let (summary, seen, flag) = match is_total {
        true => {
            let seen = format!("{came}, when the {} for one try were over", secs(limits.total));
            ("The answer took longer than allowed", seen, "--timeout")
        }
        false => {
            let seen = format!("{came}; then nothing for {}", secs(limits.idle));
            ("The answer stopped arriving", seen, "--idle-timeout")
        }
    };
    let fix = format!("Send it again, and allow more time in this environment's network settings ({flag})");
    failure(Layer::Body, "timeout", [summary.into(), seen, KEPT.into(), fix])
}

/// The first bytes of a body are not those of the coding that its header names.
pub(in crate::transport) fn mislabelled(coding: &str, first: &[u8]) -> TransportError {
    failure(
        Layer::Body,
        "bad_encoding",
        [
            format!("The answer says that it is packed with {coding}, but it is not"),
            beginning(first),
            "The server or something between put the wrong label on it; the bytes are shown as they came".into(),
            ASK_PLAIN.into(),
        ],
    )
}

/// A coded body cannot be unpacked, or not any further. `is_marked`: it did begin as bodies of that coding do.
pub(in crate::transport) fn not_decoded(
    coding: &str,
    wire: u64,
    decoded: u64,
    first: &[u8],
    is_marked: bool,
) -> TransportError {
    let (summary, seen, meaning) = match (decoded, is_marked) {
        (0, false) => (
            format!("The answer says that it is packed with {coding}, but it cannot be unpacked"),
            beginning(first),
            "The label is wrong or the data is damaged; the bytes are shown as they came",
        ),
        (0, true) => (
            format!("The {coding} data of the answer is damaged"),
            format!("{} had come, and nothing could be unpacked", bytes(wire)),
            AS_IT_CAME,
        ),
        _ => (
            format!("The {coding} data of the answer is damaged after {} of text", bytes(decoded)),
            format!("{} had come when it could not be unpacked any further", bytes(wire)),
            KEPT,
        ),
    };
    failure(Layer::Body, "bad_encoding", [summary, seen, meaning.into(), ASK_PLAIN.into()])
}

/// The coded body asks for more memory than it is given.
pub(in crate::transport) fn too_wide(coding: &str) -> TransportError {
    failure(
        Layer::Body,
        "too_large",
        [
            format!("The {coding} data of the answer asks for more memory than it is given"),
            "Its head wants a window beyond what is allowed for unpacking".into(),
            "It is a mistake or an attack that fills memory; the bytes are shown as they came".into(),
            ASK_PLAIN.into(),
        ],
    )
}

/// The coded body ended before its own end.
pub(in crate::transport) fn truncated_coding(coding: &str, wire: u64, decoded: u64) -> TransportError {
    failure(
        Layer::Body,
        "bad_encoding",
        [
            format!("The {coding} data of the answer ends too early"),
            format!("{} came and unpacked to {}; the end of the {coding} data is missing", bytes(wire), bytes(decoded)),
            if decoded == 0 { AS_IT_CAME } else { KEPT }.into(),
            ASK_PLAIN.into(),
        ],
    )
}

/// The body grows when it is unpacked as no honest one does.
pub(in crate::transport) fn bomb(coding: &str, wire: u64, decoded: u64, max_ratio: u64) -> TransportError {
    failure(
        Layer::Body,
        "too_large",
        [
            format!("The answer unpacks to more than {max_ratio} times its size"),
            format!("{} of {coding} data had become {} when it was stopped", bytes(wire), bytes(decoded)),
            "It is a mistake or an attack that fills memory; what came until then is kept".into(),
            "Ask for less, or for a plain answer with the header Accept-Encoding: identity".into(),
        ],
    )
}

/// The body could not be kept on disk.
pub(in crate::transport) fn not_kept(error: &DiskError, kept: u64) -> TransportError {
    failure(
        Layer::Body,
        "disk",
        [
            format!("The answer is large and could not be kept: {}", error.summary()),
            format!("{} were kept ({})", bytes(kept), error.place()),
            "The server did answer; only this machine has no room for it".into(),
            error.fix(),
        ],
    )
}

/// How a body begins. Shape: `It begins with the bytes 1f 8b 08 00, as gzip does`.
fn beginning(first: &[u8]) -> String {
    let hex: Vec<String> = first.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let like = coding::resembles(first).map(|what| format!(", as {what} does")).unwrap_or_default();
    format!("It begins with the bytes {}{like}", hex.join(" "))
}

fn expected_text(expected: Option<u64>) -> String {
    expected.map_or("the whole length was not announced".into(), |expected| format!("{expected} were announced"))
}
