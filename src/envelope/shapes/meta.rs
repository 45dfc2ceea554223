//! Meta's Graph APIs: a numeric `code` with `fbtrace_id`, `error_subcode` or one of its types.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text, path_text};
use crate::text::Document;

/// Members of `error` that only Meta has.
const OWN: [&str; 6] =
    ["fbtrace_id", "error_subcode", "error_user_msg", "error_user_title", "is_transient", "error_data"];

/// Reads `{"error":{"message":"…","type":"OAuthException","code":100,"error_subcode":33,"fbtrace_id":"…"}}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let error = &source.error;
    let is_of_type = error.text("type").is_some_and(|kind| kind.ends_with("Exception"));
    if !error.is_number("code") || !(is_of_type || OWN.iter().any(|name| error.has(name))) {
        return None;
    }
    let codes = [error.scalar("error_subcode"), error.scalar("code"), error.text("type")];
    let mut read = Reading::new("meta");
    read.code = reading::code(source.answer.status, codes);
    read.message = error.text("message");
    let Some(data) = error.get("error_data") else { return Some(read) };
    // It is an object, or an object written as text.
    let written = data.as_str().map(|text| text.into_owned()).unwrap_or_default();
    let unpacked = Document::parse(&written);
    let specs = match unpacked.root() {
        Some(root) => root.get("blame_field_specs"),
        None => data.get("blame_field_specs"),
    };
    let specs = specs.or_else(|| data.get("blame_field_specs"));
    for spec in specs.into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        read.fields.add_some(path_text(spec), read.message.clone(), Stated::Nowhere);
    }
    if read.fields.is_empty() {
        let root = unpacked.root().unwrap_or(data);
        let names = ["blame_field", "field", "param"];
        let field = names.iter().find_map(|name| root.get(name).and_then(filled_text));
        read.fields.add_some(field, read.message.clone(), Stated::Nowhere);
    }
    Some(read)
}
