//! Problem details of RFC 9457 and RFC 7807, and the dialects of Akamai and ASP.NET.

use super::super::declared::{MOST_ENTRIES, stated};
use super::super::reading::{self, Fields, Reading};
use super::super::source::{Source, filled_text, path_text};
use super::super::{Stated, map};
use crate::profile::is_openable;
use crate::text::{Kind, Node};

/// Lists of what is wrong, as extensions name them.
const LISTS: [&str; 8] = [
    "errors",
    "invalid-params",
    "invalid_params",
    "invalidParams",
    "violations",
    "validationErrors",
    "validation_errors",
    "fieldErrors",
];

/// Reads `{"type":"…","title":"…","status":400,"detail":"…","instance":"…",…}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let top = &source.top;
    let is_typed = source.has_media_type("application/problem+json");
    let is_told = top.is_text("title")
        && (top.is_number("status") || top.is_text("type") || top.is_text("detail") || top.is_text("instance"))
        && !top.has("error");
    // Some leave the title out; then status and type or detail have to tell.
    let is_bare = top.is_text("type") && top.is_number("status") && top.is_text("detail");
    let is_own = (is_typed && !top.has("error") && top.len() > 0) || ((is_told || is_bare) && source.is_failure());
    if !is_own {
        return None;
    }
    let mut read = Reading::new("problem");
    let codes = [top.text("type"), top.scalar("code"), top.scalar("errorCode"), top.scalar("error_code")];
    read.code = reading::code(source.answer.status, codes);
    read.message = top.text("detail").or_else(|| top.text("title"));
    read.doc_url = top.text("type").filter(|kind| is_openable(kind));
    let mut is_akamai = false;
    for list in LISTS.iter().filter_map(|name| top.list(name)) {
        for entry in list.items().take(MOST_ENTRIES).filter(|entry| entry.kind() == Kind::Object) {
            is_akamai |= ["invalidField", "invalidValue", "errorLocation"].iter().any(|name| entry.get(name).is_some());
            add(&mut read.fields, entry);
        }
    }
    let map = top.object("errors");
    if let Some(errors) = map {
        let of_none = map::add(&mut read.fields, errors);
        read.message = read.message.or(of_none);
    }
    if read.fields.is_empty() {
        add(&mut read.fields, source.root);
    }
    let is_aspnet = top.has("traceId") || (map.is_some() && top.is_text("title") && !is_akamai);
    if is_akamai || source.has_header_like("akamai-") || source.has_header_like("x-akamai-") {
        read.format = "akamai".to_owned();
    } else if is_aspnet {
        read.format = "aspnet".to_owned();
    }
    read.ids = vec!["/instance".to_owned()];
    Some(read)
}

/// Adds the field of one entry, whose members say in which part of the request it is.
fn add(fields: &mut Fields, entry: Node<'_, '_>) {
    let said = |name: &str| entry.get(name).and_then(filled_text);
    let path = |name: &str| entry.get(name).and_then(path_text);
    let is_root = entry.parent().is_none();
    let reason = match is_root {
        // The sentence of the whole is the field's.
        true => said("detail").or_else(|| said("title")),
        false => ["detail", "reason", "message", "description", "title", "code"].iter().find_map(|name| said(name)),
    };
    let place = match is_root {
        true => Stated::Nowhere,
        false => {
            ["in", "location", "source"].iter().find_map(|name| said(name)).map_or(Stated::Nowhere, |w| stated(&w))
        }
    };
    if let Some(path) = path("pointer") {
        return fields.add(path, reason, if place == Stated::Nowhere { Stated::Body } else { place });
    }
    for (name, stated) in [("parameter", Stated::Query), ("header", Stated::Header)] {
        if let Some(path) = path(name) {
            return fields.add(path, reason, if place == Stated::Nowhere { stated } else { place });
        }
    }
    let names: &[&str] = match is_root {
        true => &["field", "param"],
        false => &["field", "name", "path", "param", "propertyPath", "property", "invalidField", "errorLocation"],
    };
    let nested = entry.get("source").filter(|source| source.kind() == Kind::Object);
    if let Some(pointer) = nested.and_then(|source| source.get("pointer")).and_then(filled_text) {
        return fields.add(pointer, reason, Stated::Body);
    }
    if let Some(path) = names.iter().find_map(|name| path(name)) {
        fields.add(path, reason, place);
    }
}
