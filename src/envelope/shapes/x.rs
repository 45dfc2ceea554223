//! X: problems with parameters, and partial errors beside the data.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text};
use crate::profile::is_openable;
use crate::text::{Kind, Node};

/// Reads `{"title":"…","detail":"…","type":"…","errors":[{"parameters":{"ids":["x"]},"message":"…"}]}` and
/// `{"data":[…],"errors":[{"parameter":"ids","resource_type":"…","title":"…","detail":"…","type":"…"}]}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    if let Some(read) = capped(source) {
        return Some(read);
    }
    let errors = source.top.list("errors")?;
    let entries = || errors.items().take(MOST_ENTRIES).filter(|entry| entry.kind() == Kind::Object);
    let first = entries().next()?;
    let has = |entry: Node<'_, '_>, name: &str| entry.get(name).is_some();
    let is_whole =
        source.top.is_text("title") && entries().any(|entry| has(entry, "parameters") || has(entry, "parameter"));
    let is_partial = has(first, "title")
        && has(first, "type")
        && (has(first, "resource_type") || has(first, "parameter") || has(first, "resource_id"));
    if !(is_whole || is_partial) {
        return None;
    }
    let said = |entry: Node<'_, '_>, name: &str| entry.get(name).and_then(filled_text);
    let mut read = Reading::new("x");
    let own = source.top.text("type");
    let kind = if source.top.is_text("title") { own } else { said(first, "type") };
    read.code = reading::code(source.answer.status, [kind.clone()]);
    read.message = source.top.text("detail").or_else(|| source.top.text("title"));
    read.message = read.message.or_else(|| ["detail", "message", "title"].iter().find_map(|name| said(first, name)));
    for entry in entries() {
        let reason = ["message", "detail", "title"].iter().find_map(|name| said(entry, name));
        for parameter in entry.get("parameters").into_iter().flat_map(|map| map.members()).take(MOST_ENTRIES) {
            read.fields.add(parameter.key, reason.clone(), Stated::Nowhere);
        }
        read.fields.add_some(said(entry, "parameter"), reason, Stated::Nowhere);
    }
    read.doc_url = kind.filter(|kind| is_openable(kind));
    Some(read)
}

/// A problem without a list, told by X's own kind of type. Shape: `https://api.x.com/2/problems/usage-capped`.
fn capped(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let kind = source.top.text("type").filter(|kind| kind.contains("/2/problems/"))?;
    if source.top.list("errors").is_some() || !source.top.is_text("title") {
        return None;
    }
    let mut read = Reading::new("x");
    read.message = source.top.text("detail").or_else(|| source.top.text("title"));
    read.doc_url = Some(kind.clone()).filter(|kind| is_openable(kind));
    read.code = reading::code(source.answer.status, [Some(kind)]);
    Some(read)
}
