//! PayPal: a `name`, details that say where their field is, and a debug id.

use super::super::Stated;
use super::super::declared::{MOST_ENTRIES, stated};
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text, link};

/// Reads `{"name":"INVALID_REQUEST","message":"…","debug_id":"…","details":[{"field":"/a","location":"body","issue":"…",
/// "description":"…"}],"links":[…]}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let top = &source.top;
    let details = top.list("details");
    let first = details.and_then(|list| list.items().next());
    let is_own = top.is_text("name")
        && (top.has("debug_id")
            || top.has("information_link")
            || first.is_some_and(|first| first.get("issue").is_some()));
    if !is_own || !source.is_failure() {
        return None;
    }
    let mut read = Reading::new("paypal");
    read.code = reading::code(source.answer.status, [top.text("name")]);
    read.message = top.text("message");
    for detail in details.into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        let said = |name: &str| detail.get(name).and_then(filled_text);
        let place = said("location").map_or(Stated::Nowhere, |word| stated(&word));
        read.fields.add_some(said("field"), said("description").or_else(|| said("issue")), place);
    }
    let links = || top.list("links").into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES);
    let by_rel = |rel: &str| {
        let is_rel = |entry: &crate::text::Node<'_, '_>| entry.get("rel").and_then(filled_text).as_deref() == Some(rel);
        links().find(is_rel).and_then(|entry| entry.get("href").and_then(link))
    };
    let own = top.get("information_link").and_then(link);
    read.doc_url = own.or_else(|| by_rel("information_link")).or_else(|| by_rel("help"));
    read.message = read.message.or_else(|| read.fields.first_reason());
    Some(read)
}
