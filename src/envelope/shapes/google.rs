//! Google: `error` with a numeric code, a status word and typed details; also older APIs and gRPC gateways.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Object, Source, filled_text, link};
use crate::text::{Kind, Node};

/// Reads `{"error":{"code":400,"message":"…","status":"INVALID_ARGUMENT","details":[{"@type":"…"}]}}`, the same in a list
/// of one, and `{"code":3,"message":"…","details":[{"@type":"…"}]}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let in_list = source.root.items().next().and_then(|item| item.get("error")).map(Object::of);
    if let Some(error) = in_list.filter(|error| is_own(error)) {
        return Some(of(source.answer.status, &error));
    }
    if is_own(&source.error) {
        return Some(of(source.answer.status, &source.error));
    }
    let is_grpc = source.top.is_number("code")
        && source.top.is_text("message")
        && source.top.list("details").is_some_and(|details| details.is_empty() || is_typed(details));
    (is_grpc && source.is_failure()).then(|| of(source.answer.status, &source.top))
}

fn is_own(error: &Object<'_, '_>) -> bool {
    let is_word = |text: String| text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let has_status = error.text("status").is_some_and(is_word);
    let has_details = error.list("details").is_some_and(is_typed);
    let first = error.list("errors").and_then(|list| list.items().next());
    let has_reasons = first.is_some_and(|first| first.get("reason").is_some() && first.get("domain").is_some());
    has_details || has_reasons || (has_status && error.has("message") && !error.has("type"))
}

fn is_typed(details: Node<'_, '_>) -> bool {
    details.items().next().is_some_and(|first| first.get("@type").is_some())
}

fn of(status: u16, error: &Object<'_, '_>) -> Reading {
    let mut read = Reading::new("google");
    read.message = error.text("message");
    let mut reason = None;
    for detail in error.list("details").into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        let Some(kind) = detail.get("@type").and_then(filled_text) else { continue };
        match kind.rsplit(['.', '/']).next().unwrap_or("") {
            "ErrorInfo" => reason = reason.or_else(|| detail.get("reason").and_then(filled_text)),
            "BadRequest" => violations(detail, &mut read),
            "Help" => {
                let links = detail.get("links").into_iter().flat_map(|list| list.items());
                let url = links.take(MOST_ENTRIES).find_map(|entry| entry.get("url").and_then(link));
                read.doc_url = read.doc_url.take().or(url);
            }
            _ => {}
        }
    }
    let mut first_reason = None;
    for entry in error.list("errors").into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        first_reason = first_reason.or_else(|| entry.get("reason").and_then(filled_text));
        older(entry, &mut read);
    }
    // A gRPC gateway's own number is the code where it says nothing else.
    read.code = reading::code(status, [reason, error.text("status"), first_reason, error.scalar("code")]);
    read.message = read.message.or_else(|| read.fields.first_reason());
    read
}

fn violations(detail: Node<'_, '_>, read: &mut Reading) {
    let list = detail.get("fieldViolations").or_else(|| detail.get("field_violations"));
    for violation in list.into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        let said = |name: &str| violation.get(name).and_then(filled_text);
        read.fields.add_some(said("field"), said("description").or_else(|| said("reason")), Stated::Nowhere);
    }
}

/// An entry of older APIs, which says what kind of place it names.
fn older(entry: Node<'_, '_>, read: &mut Reading) {
    if entry.kind() != Kind::Object {
        return;
    }
    let said = |name: &str| entry.get(name).and_then(filled_text);
    let stated = match said("locationType").as_deref() {
        Some("parameter") => Stated::Query,
        Some("header") => Stated::Header,
        Some("path") => Stated::Path,
        _ => Stated::Nowhere,
    };
    read.fields.add_some(said("location"), said("message").or_else(|| said("reason")), stated);
    read.doc_url = read.doc_url.take().or_else(|| entry.get("extendedHelp").and_then(link));
}
