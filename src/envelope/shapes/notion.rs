//! Notion: `object` is `error`, and the sentence names the fields.

use super::super::prose;
use super::super::reading::{self, Reading};
use super::super::source::Source;

/// Reads `{"object":"error","status":400,"code":"validation_error","message":"body.… should be …"}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    if !source.top.is("object", "error") || !source.top.has("code") {
        return None;
    }
    let mut read = Reading::new("notion");
    read.code = reading::code(source.answer.status, [source.top.scalar("code")]);
    read.message = source.top.text("message");
    if let Some(message) = &read.message {
        prose::named_paths(message, &mut read.fields);
    }
    Some(read)
}
