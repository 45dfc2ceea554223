//! Failures while the answer's body arrived, was unpacked or was kept.

use std::io;

use super::{bytes, failure, find, http, innermost, io_kind};
use crate::disk::DiskError;
use crate::exchange::{Layer, TransportError};

const KEPT: &str = "What came is kept and shown; it is not the whole answer";

/// An error while the body arrived. `received` and `expected` count bytes on the wire.
pub(in crate::transport) fn in_body(
    error: reqwest::Error,
    received: u64,
    expected: Option<u64>,
    is_chunked: bool,
) -> TransportError {
    let error = error.without_url();
    let is_cut = io_kind(&error) == Some(io::ErrorKind::UnexpectedEof)
        || find::<hyper::Error>(&error).is_some_and(|e| e.is_incomplete_message() || e.is_closed());
    let came = format!("{} came, {}", bytes(received), expected_text(expected));
    let again = "Send it again; if it breaks at the same place, tell the provider".to_owned();
    if let Some((kind, what, code)) = http::http2(&error) {
        let summary = format!("The server {what} after {} of the answer", bytes(received));
        return failure(Layer::Body, kind, [summary, format!("{came}; {code}"), KEPT.into(), again]);
    }
    let (kind, summary, seen) = match (io_kind(&error), expected) {
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
            format!("{came}; {}", innermost(&error)),
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
pub(in crate::transport) fn stalled(received: u64, expected: Option<u64>, is_total: bool) -> TransportError {
    let summary = if is_total { "The answer took longer than allowed" } else { "The answer stopped arriving" };
    failure(
        Layer::Body,
        "timeout",
        [
            summary.into(),
            format!("{} came, {}", bytes(received), expected_text(expected)),
            KEPT.into(),
            "Send it again with a longer timeout".into(),
        ],
    )
}

/// The body is not coded as its header says.
pub(in crate::transport) fn not_decoded(coding: &str, decoded: u64, seen: &str) -> TransportError {
    let (summary, meaning) = if decoded == 0 {
        (
            format!("The answer says that it is packed with {coding}, but it is not"),
            "The server or something between put the wrong label on it; the bytes are shown as they came",
        )
    } else {
        (format!("The {coding} data of the answer is damaged after {} of text", bytes(decoded)), KEPT)
    };
    failure(
        Layer::Body,
        "bad_encoding",
        [
            summary,
            seen.to_owned(),
            meaning.into(),
            "Tell the provider; until then ask for plain answers with the header Accept-Encoding: identity".into(),
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
            KEPT.into(),
            "Send it again; if it ends at the same place, tell the provider".into(),
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

fn expected_text(expected: Option<u64>) -> String {
    expected.map_or("the whole length was not announced".into(), |expected| format!("{expected} were announced"))
}
