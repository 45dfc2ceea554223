//! Shapes that are declared with JSON Pointers: a profile's own, and those of `assets/envelopes.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::reading::{self, Fields, Reading};
use super::source::{Source, filled_scalar, filled_text, link, path_text};
use super::{Stated, map};
use crate::profile::{Condition, EnvelopeShape, FieldRule, Pointers, Profile, ValueKind};
use crate::text::{Kind, Node};

/// How many entries of a list are looked at.
pub(super) const MOST_ENTRIES: usize = 2000;

/// The whole file of declared shapes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShapeFile {
    shapes: Vec<NamedShape>,
}

/// A shape that needs no code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedShape {
    name: String,
    envelope: EnvelopeShape,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static SHAPES: LazyLock<ShapeFile> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/envelopes.toml")).unwrap_or_default());

/// Reads a body by the profile's own shape; none if it is not of it.
pub(super) fn of_profile(source: &Source<'_, '_, '_>, profile: &Profile) -> Option<Reading> {
    by(profile.envelope.as_ref()?, &profile.name, source)
}

/// Reads a body by the built-in shape of that name; none if it is not of it, or there is none.
pub(super) fn built_in(name: &str, source: &Source<'_, '_, '_>) -> Option<Reading> {
    SHAPES.shapes.iter().filter(|shape| shape.name == name).find_map(|shape| by(&shape.envelope, name, source))
}

/// Reads a body by one shape.
///
/// The message has to be a text where it is there at all. Of a body that was cut off it may be missing.
fn by(shape: &EnvelopeShape, name: &str, source: &Source<'_, '_, '_>) -> Option<Reading> {
    let is_other = shape.without.iter().any(|pointer| source.at(pointer).is_some())
        || shape.without_headers.iter().any(|header| source.has_header(header));
    if is_other || !(shape.in_any_status || shape.requires.is_empty() || source.is_failure()) {
        return None;
    }
    if !shape.requires.iter().all(|condition| holds(condition, source)) {
        return None;
    }
    let code = if shape.requires.is_empty() {
        // Only the code tells, so that it has to be a text.
        let code = shape.code.iter().find_map(|pointer| source.at(pointer))?;
        let is_wrong = shape.message.iter().filter_map(|at| source.at(at)).any(|node| node.kind() != Kind::String);
        Some(filled_text(code).filter(|_| !is_wrong)?)
    } else {
        let codes = shape.code.iter().map(|pointer| source.at(pointer).and_then(filled_scalar));
        reading::code(source.answer.status, codes)
    };
    let mut read = Reading::new(name);
    read.code = code;
    read.message = first(&shape.message, |at| source.at(at), filled_text);
    let path = shape.field.as_deref().and_then(|at| source.at(at)).and_then(path_text);
    read.fields.add_some(path, first(&shape.reason, |at| source.at(at), filled_text), Stated::Nowhere);
    for rule in &shape.fields {
        let without_field = add_fields(&mut read.fields, rule, source);
        read.message = read.message.or(without_field);
    }
    read.doc_url = first(&shape.doc_url, |at| source.at(at), link);
    read.ids = shape.ids.0.clone();
    Some(read)
}

/// What the first pointer leads to that leads to something.
fn first<'d, 't: 'd>(
    pointers: &Pointers,
    at: impl Fn(&str) -> Option<Node<'d, 't>>,
    read: impl Fn(Node<'_, '_>) -> Option<String>,
) -> Option<String> {
    pointers.iter().filter_map(|pointer| at(pointer)).find_map(read)
}

/// Adds the fields of one rule; the sentence of a map's entry for no field comes back.
fn add_fields(fields: &mut Fields, rule: &FieldRule, source: &Source<'_, '_, '_>) -> Option<String> {
    if let Some(keys) = rule.keys_of.as_deref().and_then(|at| source.at(at)) {
        return map::add(fields, keys);
    }
    let list = rule.each.as_deref().and_then(|at| source.at(at))?;
    for entry in list.items().take(MOST_ENTRIES).filter(|entry| entry.kind() == Kind::Object) {
        let at = |pointer: &str| below(entry, pointer);
        let reason = first(&rule.reason, at, filled_text);
        let place = rule.place.as_deref().and_then(at).and_then(filled_text);
        let stated = place.map_or(Stated::Nowhere, |word| stated(&word));
        let Some(path) = rule.path.iter().filter_map(|pointer| at(pointer)).find(|node| !node.is_null()) else {
            continue;
        };
        // A list of names blames each; a list with a number in it is one path.
        let is_names = path.kind() == Kind::Array && path.items().all(|item| item.kind() == Kind::String);
        if is_names {
            path.items().take(MOST_ENTRIES).for_each(|name| fields.add_some(filled_text(name), reason.clone(), stated));
        } else {
            fields.add_some(path_text(path), reason, stated);
        }
    }
    None
}

/// What stands at a pointer below a value.
fn below<'d, 't>(node: Node<'d, 't>, pointer: &str) -> Option<Node<'d, 't>> {
    let pointer = crate::text::Pointer::parse(pointer).ok()?;
    pointer.tokens().try_fold(node, |node, token| node.child(&token))
}

/// The part of a request that a word of an answer names.
pub(super) fn stated(word: &str) -> Stated {
    match word.trim().to_ascii_lowercase().as_str() {
        "body" | "requestbody" | "request_body" | "payload" | "json" | "form" | "formdata" => Stated::Body,
        "query" | "querystring" | "query_string" | "queryparameter" | "query_parameter" => Stated::Query,
        "path" | "params" | "uri" | "pathparameter" | "path_parameter" => Stated::Path,
        "header" | "headers" => Stated::Header,
        "cookie" | "cookies" => Stated::Cookie,
        _ => Stated::Nowhere,
    }
}

fn holds(condition: &Condition, source: &Source<'_, '_, '_>) -> bool {
    let Some(node) = source.at(&condition.at).filter(|node| !node.is_null()) else { return false };
    let is_kind = match condition.is {
        None => true,
        Some(ValueKind::Text) => node.kind() == Kind::String,
        Some(ValueKind::Number) => node.kind() == Kind::Number,
        Some(ValueKind::List) => node.kind() == Kind::Array && !node.is_empty(),
        Some(ValueKind::Object) => node.kind() == Kind::Object,
    };
    let text = filled_scalar(node).or_else(|| node.as_bool().map(|flag| flag.to_string()));
    let is = |wanted: &String| text.as_ref() == Some(wanted);
    is_kind
        && (condition.equals.is_empty() || condition.equals.iter().any(is))
        && condition.not.as_ref().is_none_or(|other| !is(other))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_file_loads_and_every_shape_can_be_told() {
        let file: ShapeFile = toml::from_str(include_str!("../../assets/envelopes.toml")).unwrap();
        assert!(file.shapes.len() > 10);
        for shape in &file.shapes {
            assert!(!shape.envelope.requires.is_empty(), "{} fits everything", shape.name);
            let each = &shape.envelope.fields;
            assert!(each.iter().all(|rule| rule.each.is_some() != rule.keys_of.is_some()), "{}", shape.name);
        }
    }
}
