//! Salesforce: a list at the top, each entry with code, message and fields.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text};
use crate::text::Kind;

/// Reads `[{"message":"…","errorCode":"REQUIRED_FIELD_MISSING","fields":["Name"]}]`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    if source.root.kind() != Kind::Array || !source.is_failure() {
        return None;
    }
    let entries = || source.root.items().take(MOST_ENTRIES);
    let first = entries().next()?;
    let code = first.get("errorCode").and_then(filled_text)?;
    first.get("message")?;
    let mut read = Reading::new("salesforce");
    read.code = reading::code(source.answer.status, [Some(code)]);
    read.message = first.get("message").and_then(filled_text);
    for entry in entries() {
        let said = |name: &str| entry.get(name).and_then(filled_text);
        for field in entry.get("fields").into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
            read.fields.add_some(filled_text(field), said("message").or_else(|| said("errorCode")), Stated::Nowhere);
        }
    }
    Some(read)
}
