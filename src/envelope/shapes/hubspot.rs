//! HubSpot: a `status` of `error`, a category and a correlation id.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text, link};
use crate::text::{Kind, Node};

/// Members of `context` that hold names of fields.
const NAMES: [&str; 5] = ["propertyName", "propertyNames", "fieldName", "field", "name"];

/// Reads `{"status":"error","message":"…","correlationId":"…","category":"…","errors":[{"in":"…","message":"…"}]}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let top = &source.top;
    let is_own = top.is("status", "error") && top.has("message") && (top.has("correlationId") || top.has("category"));
    // A part of a batch may fail under 207 without the outer status.
    let is_own = is_own || (top.is_text("category") && top.has("correlationId") && source.is_failure());
    if !is_own {
        return None;
    }
    let mut read = Reading::new("hubspot");
    let codes = [top.text("subCategory"), top.text("category"), top.text("errorType")];
    read.code = reading::code(source.answer.status, codes);
    read.message = top.text("message");
    for entry in top.list("errors").into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        let said = |name: &str| entry.get(name).and_then(filled_text);
        let reason = said("message").or_else(|| said("code"));
        if let Some(path) = said("in") {
            read.fields.add(path, reason, Stated::Nowhere);
            continue;
        }
        let Some(context) = entry.get("context") else { continue };
        for name in NAMES.iter().filter_map(|name| context.get(name)) {
            names(name).for_each(|path| read.fields.add_some(path, reason.clone(), Stated::Nowhere));
        }
    }
    for entry in top.list("validationResults").into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        let said = |name: &str| entry.get(name).and_then(filled_text);
        if entry.get("isValid").and_then(Node::as_bool) != Some(true) {
            read.fields.add_some(said("name"), said("message").or_else(|| said("error")), Stated::Nowhere);
        }
    }
    let links = top.object("links").into_iter().flat_map(|links| links.members());
    read.doc_url = links.take(MOST_ENTRIES).find_map(|member| link(member.value));
    read.message = read.message.or_else(|| read.fields.first_reason());
    Some(read)
}

/// A name, or each of a list of names.
fn names<'d, 't: 'd>(node: Node<'d, 't>) -> impl Iterator<Item = Option<String>> + use<'d, 't> {
    let one = (node.kind() == Kind::String).then(|| filled_text(node));
    one.into_iter().chain(node.items().take(MOST_ENTRIES).map(filled_text))
}
