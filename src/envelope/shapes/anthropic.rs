//! Anthropic: an outer `type` of `error`, and a sentence that begins with the field.

use super::super::prose;
use super::super::reading::{self, Reading};
use super::super::source::Source;

/// Reads `{"type":"error","error":{"type":"invalid_request_error","message":"field: …"},"request_id":"…"}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    if !source.top.is("type", "error") || !source.error.is_text("type") {
        return None;
    }
    let mut read = Reading::new("anthropic");
    read.code = reading::code(source.answer.status, [source.error.text("type")]);
    read.message = source.error.text("message");
    if let (Some("invalid_request_error"), Some(message)) = (read.code.as_deref(), &read.message) {
        prose::leading_path(message, &mut read.fields);
    }
    Some(read)
}
