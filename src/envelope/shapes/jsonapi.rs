//! JSON:API: a list of errors, each with a source.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_scalar, filled_text, link};
use crate::text::{Kind, Node};

/// Reads `{"errors":[{"status":"422","code":"…","title":"…","detail":"…","source":{"pointer":"/data/attributes/x"}}]}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let errors = source.top.list("errors")?;
    let entries = || errors.items().take(MOST_ENTRIES).filter(|entry| entry.kind() == Kind::Object);
    let first = entries().next()?;
    let said = |name: &str| first.get(name).and_then(filled_text);
    let is_typed = source.has_media_type("application/vnd.api+json");
    let has_source = entries().any(|entry| entry.get("source").is_some_and(|source| source.kind() == Kind::Object));
    let has_words = said("title").is_some() || said("detail").is_some();
    let is_told = has_words && (said("status").is_some() || said("code").is_some() || said("id").is_some());
    if first.get("message").is_some() || !(is_typed || has_source || is_told) || source.top.has("title") {
        return None;
    }
    if source.top.has("data") && !source.is_failure() && !is_typed && !has_source {
        return None;
    }
    let mut read = Reading::new("jsonapi");
    read.code = reading::code(source.answer.status, [first.get("code").and_then(filled_scalar)]);
    read.message = said("detail").or_else(|| said("title"));
    for entry in entries() {
        let said = |name: &str| entry.get(name).and_then(filled_text);
        let reason = said("detail").or_else(|| said("title")).or_else(|| said("code"));
        let Some(place) = entry.get("source") else { continue };
        let at = |name: &str| place.get(name).and_then(filled_text);
        read.fields.add_some(at("pointer"), reason.clone(), Stated::Body);
        read.fields.add_some(at("parameter"), reason.clone(), Stated::Query);
        read.fields.add_some(at("header"), reason, Stated::Header);
    }
    let about = |name: &str| entries().find_map(|entry| address(entry.get("links")?.get(name)?));
    read.doc_url = about("about").or_else(|| about("type"));
    read.ids = vec!["/errors/0/id".to_owned()];
    Some(read)
}

/// A link is an address, or an object that has one.
fn address(node: Node<'_, '_>) -> Option<String> {
    if node.kind() == Kind::Object { link(node.get("href")?) } else { link(node) }
}
