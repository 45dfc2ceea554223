//! The honest reading of JSON that no shape fits: what stands under the plainest names, and nothing else.

use super::reading::{self, Reading};
use super::source::{Object, Source, filled_text};

/// Names of a machine code.
const CODES: [&str; 4] = ["code", "errorCode", "error_code", "errcode"];
/// Names of the sentence for people, the best first.
const MESSAGES: [&str; 9] = [
    "message",
    "Message",
    "error_message",
    "errorMessage",
    "detail",
    "error_description",
    "errmsg",
    "msg",
    "description",
];

/// Reads code and message; no fields, since nothing tells which names would be those of fields.
pub(super) fn read(source: &Source<'_, '_, '_>, format: &str) -> Reading {
    let mut read = Reading::new(format);
    let under = [&source.error, &source.top];
    let codes = under.iter().flat_map(|object| CODES.iter().map(|name| object.scalar(name)));
    read.code = reading::code(source.answer.status, codes);
    read.message = under.iter().find_map(|object| sentence(object)).or_else(|| {
        let error = source.top.get("error").and_then(filled_text);
        error.or_else(|| source.top.text("title")).or_else(|| source.error.text("title"))
    });
    read.message = read.message.or_else(|| first_sentence(source));
    read
}

fn sentence(object: &Object<'_, '_>) -> Option<String> {
    MESSAGES.iter().find_map(|name| object.text(name))
}

/// The sentence of the first entry of a list of errors.
fn first_sentence(source: &Source<'_, '_, '_>) -> Option<String> {
    let first = source.top.list("errors")?.items().next()?;
    filled_text(first).or_else(|| sentence(&Object::of(first)))
}

/// Whether a body tells of a failure whatever the status says. Shape: `{"success":false,…}`, `{"status":"error",…}`.
pub(super) fn is_failure(source: &Source<'_, '_, '_>) -> bool {
    let top = &source.top;
    let has_failed = ["success", "ok", "succeeded"].iter().any(|name| top.flag(name) == Some(false));
    let says_more =
        ["error", "errors", "message", "code", "error_code", "msg"].iter().any(|name| top.get(name).is_some());
    let is_marked = (top.is("status", "error") || top.is("status", "fail")) && (says_more || top.has("data"));
    (has_failed && says_more) || is_marked
}
