//! From an answer to its error envelope.

use jiff::Timestamp;

use super::body::Body;
use super::reading::Reading;
use super::source::Source;
use super::{Answer, AnsweredBy, ErrorEnvelope, html, plain, request_id, retry, shapes, speaker};
use crate::exchange::decode;
use crate::profile::Profile;

/// The format's name where no shape fits.
pub const UNKNOWN_FORMAT: &str = "unknown";

/// Reads an answer, whatever it is; `now` stands in for the answer's `Date` where it has none.
///
/// Nothing is guessed: what no known shape says stays none, and a text or a page gives no more than its sentence.
/// An answer below 400 without an error in it is none, and everything is none.
pub fn read(answer: &Answer<'_>, profile: &Profile, now: Timestamp) -> ErrorEnvelope {
    let text = decode(answer.body, answer.header("content-type")).text;
    let body = Body::sort(answer, &text);
    let source = if let Body::Json(document) = &body { Source::new(answer, document) } else { None };
    let mut ids_of_shape = Vec::new();
    let shaped = match &body {
        Body::Json(_) => source.as_ref().and_then(|source| shapes::read(source, profile)),
        Body::Xml(text) => shapes::of_xml(answer.status, text).map(|read| {
            ids_of_shape = read.ids;
            read.reading
        }),
        _ => None,
    };
    // A challenge that names its error speaks where the body does not.
    let shaped = shaped.or_else(|| shapes::oauth::by_header(answer).filter(|_| answer.status >= 400));
    let answered_by = match &body {
        _ if shaped.is_some() => AnsweredBy::Api,
        Body::Json(_) if answer.status >= 400 => speaker::speaker_of_json(answer),
        Body::Json(_) => AnsweredBy::Unknown,
        _ => speaker::speaker(answer, &text),
    };
    let is_known = shaped.is_some();
    let plain = || match &body {
        Body::Json(_) => {
            let source = source.as_ref()?;
            (source.is_failure() || plain::is_failure(source)).then(|| plain::read(source, UNKNOWN_FORMAT))
        }
        Body::Html(page) => Some(sentence(html::title(page))),
        Body::Text(text) => Some(sentence(html::first_line(text))),
        Body::Empty | Body::Xml(_) | Body::Binary => None,
    };
    let is_json = matches!(body, Body::Json(_));
    let reading = shaped.or_else(plain);
    // JSON that says of itself that the call failed is an error under any status; a page is one only by its status.
    let is_recognised = is_known || (is_json && reading.is_some() && answer.status < 400);
    let mut envelope = ErrorEnvelope {
        format: UNKNOWN_FORMAT.to_owned(),
        is_recognised,
        code: None,
        message: None,
        fields: Vec::new(),
        request_id: None,
        other_ids: Vec::new(),
        retry_after_s: None,
        other_wait_s: None,
        stated_status: None,
        doc_url: None,
        answered_by,
    };
    if answer.status < 400 && !is_recognised {
        return envelope;
    }
    let reading = reading.unwrap_or_else(|| Reading::new(UNKNOWN_FORMAT));
    let mut ids = request_id::request_ids(answer, &body, profile, answered_by, &reading.ids, &ids_of_shape).into_iter();
    envelope.request_id = ids.next();
    envelope.other_ids = ids.collect();
    envelope.retry_after_s = retry::retry_after_s(answer, &body, now, reading.retry_after_s);
    envelope.other_wait_s = retry::body_wait_s(answer, &body, now);
    envelope.stated_status = source.as_ref().and_then(stated_status);
    envelope.format = reading.format;
    envelope.code = reading.code;
    envelope.message = reading.message;
    envelope.fields = reading.fields.into_vec();
    envelope.doc_url = reading.doc_url;
    envelope
}

/// The reading of a body that has no shape: a page's title, a text's first line.
fn sentence(message: Option<String>) -> Reading {
    Reading { message, ..Reading::new(UNKNOWN_FORMAT) }
}

/// Where bodies repeat the status.
const STATUSES: [&str; 8] = [
    "/status",
    "/statusCode",
    "/status_code",
    "/error/status",
    "/error/statusCode",
    "/error/code",
    "/errors/0/status",
    "/code",
];

/// The status that a body says the answer has; a number that can be none is a code of its own.
fn stated_status(source: &Source<'_, '_, '_>) -> Option<u16> {
    let stated = STATUSES.iter().filter_map(|pointer| source.at(pointer)).find_map(super::body::scalar_text)?;
    stated.parse().ok().filter(|status| (400..600).contains(status))
}
