//! Spring Boot's own error page as JSON, in which `path` is the call's and no field.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text};
use crate::text::Kind;

/// Reads `{"timestamp":"…","status":400,"error":"Bad Request","message":"…","path":"/v1/x","errors":[{"field":"…"}]}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let top = &source.top;
    let is_own = top.has("timestamp")
        && top.is_number("status")
        && (top.is_text("error") || top.is_text("path"))
        && !top.is_text("title");
    if !is_own || !source.is_failure() {
        return None;
    }
    let mut read = Reading::new("spring");
    read.code = reading::code(source.answer.status, [top.scalar("code"), top.scalar("errorCode"), top.text("error")]);
    read.message = top.text("message");
    let errors = top.list("errors").into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES);
    for entry in errors.filter(|entry| entry.kind() == Kind::Object) {
        let said = |name: &str| entry.get(name).and_then(filled_text);
        let reason = said("defaultMessage").or_else(|| said("message")).or_else(|| said("code"));
        read.fields.add_some(said("field"), reason, Stated::Nowhere);
    }
    read.message = read.message.or_else(|| read.fields.first_reason());
    Some(read)
}
