//! GraphQL: errors beside the data, and errors that are data.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::prose::quoted;
use super::super::reading::{self, Reading};
use super::super::source::{Object, Source, filled_scalar, filled_text, path_text};
use crate::text::{Kind, Node};

/// Reads `{"data":…,"errors":[{"message":"…","locations":[…],"path":[…],"extensions":{"code":"…"}}]}`.
///
/// `path` leads into the answer and blames nothing; a field counts where the sentence or an extension names it.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let errors =
        source.top.list("errors").filter(|errors| errors.items().next().is_some_and(|e| e.get("message").is_some()))?;
    let entries = || errors.items().take(MOST_ENTRIES).filter(|entry| entry.kind() == Kind::Object);
    let is_own = source.top.has("data")
        // Nothing else answers a list of errors under a good status.
        || (!source.is_failure() && source.top.len() == 1)
        || source.top.has("extensions")
        || source.has_media_type("application/graphql-response+json")
        || entries().any(|entry| ["locations", "path", "extensions"].iter().any(|name| entry.get(name).is_some()));
    if !is_own {
        return None;
    }
    let cost = source.at("/extensions/cost");
    let is_buffer = entries()
        .any(|entry| extension(entry, "supportUrl").is_some() || extension(entry, "limitType").is_some())
        || source.top.has("supportUrl");
    let format = if cost.is_some() {
        "shopify"
    } else if is_buffer {
        "buffer"
    } else {
        "graphql"
    };
    let mut read = Reading::new(format);
    let first = entries().next();
    let codes = first
        .map(|first| [extension(first, "code").and_then(filled_scalar), first.get("code").and_then(filled_scalar)]);
    read.code = reading::code(source.answer.status, codes.into_iter().flatten());
    read.message = entries().find_map(|entry| entry.get("message").and_then(filled_text));
    for entry in entries() {
        add_field(entry, &mut read);
    }
    read.doc_url = entries().find_map(doc_url);
    read.retry_after_s = cost.filter(|_| read.code.as_deref() == Some("THROTTLED")).and_then(throttled);
    Some(read)
}

fn extension<'d, 't>(entry: Node<'d, 't>, name: &str) -> Option<Node<'d, 't>> {
    entry.get("extensions").and_then(|extensions| extensions.get(name)).filter(|node| !node.is_null())
}

fn doc_url(entry: Node<'_, '_>) -> Option<String> {
    let names = ["documentation_url", "documentationUrl", "docsUrl", "doc_url", "helpUrl", "supportUrl"];
    names.iter().find_map(|name| extension(entry, name).and_then(super::super::source::link))
}

/// How long until the bucket holds what the query asked for.
fn throttled(cost: Node<'_, '_>) -> Option<f64> {
    let asked = cost.get("requestedQueryCost")?.as_f64()?;
    let status = cost.get("throttleStatus")?;
    let (there, rate) = (status.get("currentlyAvailable")?.as_f64()?, status.get("restoreRate")?.as_f64()?);
    (rate > 0.0).then(|| ((asked - there) / rate).max(0.0)).filter(|seconds| seconds.is_finite())
}

/// Where an error is, as its first location says; lines and columns count from 1.
fn location(entry: Node<'_, '_>) -> Option<(usize, usize)> {
    let first = entry.get("locations")?.items().next()?;
    let number =
        |name: &str| first.get(name).and_then(Node::as_i64).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    Some((number("line")?, number("column")?))
}

/// The field that an error names: in an extension, or in a sentence of the forms that GraphQL servers write.
fn add_field(entry: Node<'_, '_>, read: &mut Reading) {
    let reason = entry.get("message").and_then(filled_text);
    let named = ["field", "argument", "argumentName", "invalidField", "parameter"];
    if let Some(path) = named.iter().find_map(|name| extension(entry, name).and_then(path_text)) {
        return read.fields.add(path, reason, Stated::Nowhere);
    }
    let Some(sentence) = reason.clone() else { return };
    let quoted = quoted(&sentence);
    let first = quoted.first().copied().unwrap_or("");
    if sentence.starts_with("Variable \"$") || sentence.starts_with("Variable $") {
        // `Variable "$input" got invalid value "x" at "input.title"; …`; the place inside follows `at`.
        let inside = sentence.split_once(" at \"").and_then(|(_, rest)| rest.split_once('"')).map(|(path, _)| path);
        let bare = sentence.split_whitespace().nth(1).unwrap_or("").trim_matches('"');
        let path = inside.unwrap_or(bare).trim_start_matches('$');
        return read.fields.add(path, reason, Stated::Nowhere);
    }
    let in_query = [
        "Cannot query field \"",
        "Unknown argument \"",
        "Unknown type \"",
        "Unknown directive \"",
        "Unknown fragment \"",
    ];
    if in_query.iter().any(|start| sentence.starts_with(start)) {
        read.fields.add(first, reason, Stated::Graphql(location(entry)));
        return;
    }
    // `Field "createPost" argument "input" of type "PostInput!" is required, but it was not provided.`
    if sentence.starts_with("Field \"") && sentence.contains("\" argument \"") {
        let argument = quoted.get(1).copied().unwrap_or("");
        read.fields.add(argument, reason, Stated::Graphql(location(entry)));
    }
}

/// Shopify and its like: `userErrors` in the data. Reads `{"data":{"x":{"userErrors":[{"field":["a","b"],"message":"…"}]}}}`.
pub(super) fn user_errors(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let data = source.top.object("data")?;
    let mut read = Reading::new("shopify");
    let mut entries = Vec::new();
    for result in data.members().take(100) {
        for member in result.value.members().take(100) {
            let is_list = member.key == "userErrors" || member.key.ends_with("UserErrors");
            if is_list && member.value.kind() == Kind::Array {
                entries.extend(member.value.items().take(MOST_ENTRIES));
            }
        }
    }
    let first = entries.iter().find(|entry| entry.get("message").is_some())?;
    read.code = reading::code(source.answer.status, [first.get("code").and_then(filled_scalar)]);
    read.message = first.get("message").and_then(filled_text);
    for entry in &entries {
        let reason = entry.get("message").and_then(filled_text).or_else(|| entry.get("code").and_then(filled_scalar));
        read.fields.add_some(entry.get("field").and_then(path_text), reason, Stated::Nowhere);
    }
    Some(read)
}

/// Buffer and its like: a result whose type is an error. Reads `{"data":{"createPost":{"__typename":"InvalidInputError",
/// "message":"…"}}}`.
pub(super) fn typed_result(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let data = source.top.object("data")?;
    let results = data.members().take(100).map(|member| member.value);
    // The error is the result itself, or a member of it that is named so.
    let typed = results.flat_map(|result| [Some(result), result.get("error")]).flatten();
    for result in typed.filter(|node| node.kind() == Kind::Object).map(Object::of) {
        let Some(kind) = result.text("__typename").filter(|kind| kind.ends_with("Error")) else { continue };
        if !result.is_text("message") {
            continue;
        }
        let mut read = Reading::new("buffer");
        read.code = reading::code(source.answer.status, [result.scalar("code"), Some(kind)]);
        read.message = result.text("message");
        read.fields.add_some(result.get("field").and_then(path_text), read.message.clone(), Stated::Nowhere);
        read.doc_url = result.get("supportUrl").and_then(super::super::source::link);
        return Some(read);
    }
    None
}
