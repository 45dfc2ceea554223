//! From an answer to its error envelope.

use jiff::Timestamp;

use super::body::Body;
use super::declared::{Reading, declared};
use super::{Answer, AnsweredBy, ErrorEnvelope, html, request_id, retry, speaker};
use crate::exchange::decode;
use crate::profile::Profile;
use crate::text::Document;

/// The format's name where no shape fits.
pub const UNKNOWN_FORMAT: &str = "unknown";

/// A shape: reads a body, or says that it is not its own.
type Shape = fn(&Document<'_>, &Profile) -> Option<Reading>;

/// Every shape, in the order asked; a new one is a function and a line here.
const SHAPES: [Shape; 1] = [declared];

/// Reads an answer, whatever it is; `now` stands in for the answer's `Date` where it has none.
///
/// Nothing is guessed: what no known shape says stays none, and a text or a page gives no more than its sentence.
/// An answer below 400 in which no shape fits is no error, and everything is none.
pub fn read(answer: &Answer<'_>, profile: &Profile, now: Timestamp) -> ErrorEnvelope {
    let text = decode(answer.body, answer.header("content-type")).text;
    let body = Body::sort(answer, &text);
    let reading = match &body {
        Body::Json(document) => SHAPES.iter().find_map(|shape| shape(document, profile)),
        _ => None,
    };
    let is_recognised = reading.is_some();
    let answered_by = match &body {
        _ if is_recognised => AnsweredBy::Api,
        Body::Json(_) => AnsweredBy::Unknown,
        _ => speaker::speaker(answer),
    };
    let mut envelope = ErrorEnvelope {
        format: UNKNOWN_FORMAT.to_owned(),
        is_recognised,
        code: None,
        message: None,
        fields: Vec::new(),
        request_id: None,
        other_ids: Vec::new(),
        retry_after_s: None,
        doc_url: None,
        answered_by,
    };
    if answer.status < 400 && !is_recognised {
        return envelope;
    }
    match reading {
        Some(reading) => {
            envelope.format = reading.format;
            envelope.code = reading.code;
            envelope.message = reading.message;
            envelope.fields = reading.fields;
            envelope.doc_url = reading.doc_url;
        }
        None => envelope.message = sentence(&body),
    }
    let mut ids = request_id::request_ids(answer, &body, profile, answered_by).into_iter();
    envelope.request_id = ids.next();
    envelope.other_ids = ids.collect();
    envelope.retry_after_s = retry::retry_after_s(answer, &body, now);
    envelope
}

/// The sentence of a body that has no shape: a page's title, a text's first line.
fn sentence(body: &Body<'_>) -> Option<String> {
    match body {
        Body::Html(page) => html::title(page),
        Body::Text(text) => html::first_line(text),
        Body::Empty | Body::Json(_) | Body::Xml | Body::Binary => None,
    }
}
