//! Microsoft: Azure, OData and Graph, whose codes grow more specific the deeper they stand.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Object, Source, filled_scalar, filled_text};
use crate::text::{Kind, Node};

/// How many inner errors are followed.
const DEEPEST: usize = 64;

/// Reads `{"error":{"code":"…","message":"…","target":"…","details":[…],"innererror":{"code":"…"}}}` and the same under
/// `odata.error` or with the members at the top.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    if let Some(error) = source.top.object("odata.error").map(Object::of) {
        return Some(of(source, &error));
    }
    let by_header = source.has_header("x-ms-error-code")
        || source.has_header("x-ms-request-id")
        || source.has_header("x-ms-correlation-request-id");
    let error = &source.error;
    if error.is_text("code") && !error.has("type") && !error.has("status") && (by_header || is_own(error)) {
        return Some(of(source, error));
    }
    let is_bare = source.top.is_text("code") && source.top.has("message") && (by_header || is_own(&source.top));
    if is_bare && source.is_failure() && !source.top.has("type") {
        return Some(of(source, &source.top));
    }
    // A body that says nothing: the header has the code.
    (source.has_header("x-ms-error-code") && source.is_failure()).then(|| of(source, error))
}

fn inner<'d, 't>(node: Node<'d, 't>) -> Option<Node<'d, 't>> {
    ["innererror", "innerError", "internalexception"].iter().find_map(|name| node.get(name)).filter(|n| !n.is_null())
}

fn is_own(error: &Object<'_, '_>) -> bool {
    let coded = |list: Node<'_, '_>| {
        list.items().next().is_some_and(|first| first.get("code").is_some() && first.get("message").is_some())
    };
    error.has("innererror")
        || error.has("innerError")
        || error.has("target")
        || error.object("message").is_some_and(|message| message.get("value").is_some())
        || error.list("details").is_some_and(coded)
}

fn of(source: &Source<'_, '_, '_>, error: &Object<'_, '_>) -> Reading {
    let mut read = Reading::new("microsoft");
    // Older OData says the message's language too.
    let message = error.get("message");
    read.message = match message {
        Some(node) if node.kind() == Kind::Object => node.get("value").and_then(filled_text),
        other => other.and_then(filled_text),
    };
    let mut deepest = None;
    let mut at = error.get("innererror").or_else(|| error.get("innerError"));
    for _ in 0..DEEPEST {
        let Some(node) = at else { break };
        deepest = node.get("code").and_then(filled_scalar).or(deepest);
        at = inner(node);
    }
    let header = source.answer.header("x-ms-error-code").map(str::to_owned);
    read.code = reading::code(source.answer.status, [deepest, error.scalar("code"), header]);
    read.fields.add_some(error.text("target"), read.message.clone(), Stated::Nowhere);
    for detail in error.list("details").into_iter().flat_map(|list| list.items()).take(MOST_ENTRIES) {
        let said = |name: &str| detail.get(name).and_then(filled_text);
        read.fields.add_some(said("target"), said("message").or_else(|| said("code")), Stated::Nowhere);
    }
    read.message = read.message.or_else(|| read.fields.first_reason());
    read
}
