//! OpenAI, and the many that speak its language: `error` with message, type, param and code.

use super::super::Stated;
use super::super::prose;
use super::super::reading::{self, Reading};
use super::super::source::Source;

/// Reads `{"error":{"message":"…","type":"invalid_request_error","param":"messages[0].role","code":null}}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let error = &source.error;
    let is_own = error.is_text("message") && error.has("type") && (error.has("param") || error.has("code"));
    if !is_own || error.is_number("code") {
        return None;
    }
    let mut read = Reading::new("openai");
    read.code = reading::code(source.answer.status, [error.scalar("code"), error.text("type")]);
    read.message = error.text("message");
    read.fields.add_some(error.text("param"), read.message.clone(), Stated::Nowhere);
    if let (true, Some(message)) = (read.fields.is_empty(), &read.message) {
        prose::parameter(message, &mut read.fields);
    }
    Some(read)
}
