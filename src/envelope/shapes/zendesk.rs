//! Zendesk: `error` with a `description`, and details by field.

use super::super::map;
use super::super::reading::{self, Reading};
use super::super::source::Source;

/// Reads `{"error":"RecordInvalid","description":"…","details":{"email":[{"error":"…","description":"…"}]}}` and
/// `{"error":{"title":"…","message":"…"}}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let top = &source.top;
    let mut read = Reading::new("zendesk");
    if top.is_text("error") && (top.is_text("description") || top.object("details").is_some()) {
        if top.has("error_description") || top.has("statusCode") {
            return None;
        }
        read.code = reading::code(source.answer.status, [top.text("error")]);
        read.message = top.text("description");
        if let Some(details) = top.object("details") {
            map::add(&mut read.fields, details);
        }
        return source.is_failure().then_some(read);
    }
    if source.is_failure()
        && source.error.is_text("title")
        && source.error.is_text("message")
        && source.error.len() == 2
    {
        read.message = source.error.text("message");
        return Some(read);
    }
    None
}
