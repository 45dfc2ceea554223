//! Percentages used that stand as JSON in a header, as Meta sends them.

use jiff::Timestamp;

use super::body::scalar_text;
use super::moment::{decimal, seconds};
use super::rate_limit::{MAX_READINGS, RateLimit, bounded};
use super::rate_limit_names::Usage;
use crate::text::{Document, Kind, Node};

/// A reading a percentage; a value that cannot be read gives one without figures.
///
/// Shape: `{"call_count":28,"total_time":25}`, `{"6678":[{"type":"pages","call_count":95,"total_time":20}]}`.
pub(super) fn usage(usage: &Usage, value: &str, blank: &RateLimit, base: Timestamp) -> Vec<RateLimit> {
    let document = Document::parse(value);
    let mut readings = Vec::new();
    if let Some(root) = document.root().filter(|_| document.is_complete()) {
        for (id, object) in objects(root, usage) {
            readings.extend(percentages(usage, id.as_deref(), object, blank, base));
        }
    }
    if readings.is_empty() {
        readings.push(RateLimit { raw: vec![(usage.header.clone(), bounded(value))], ..blank.clone() });
    }
    readings
}

/// The root where it has a percentage itself, else the items of its members with the member's key.
fn objects<'d, 't>(root: Node<'d, 't>, usage: &Usage) -> Vec<(Option<String>, Node<'d, 't>)> {
    if usage.percentages.iter().any(|name| root.get(name).is_some()) {
        return vec![(None, root)];
    }
    let mut objects = Vec::new();
    for member in root.members().take(MAX_READINGS) {
        let items = member.value.items().filter(|item| item.kind() == Kind::Object).take(MAX_READINGS);
        objects.extend(items.map(|item| (Some(member.key.clone().into_owned()), item)));
    }
    objects.truncate(MAX_READINGS);
    objects
}

fn percentages(
    usage: &Usage,
    id: Option<&str>,
    object: Node<'_, '_>,
    blank: &RateLimit,
    base: Timestamp,
) -> Vec<RateLimit> {
    let text = |name: &str| object.get(name).and_then(scalar_text);
    let kind = usage.kind.as_deref().and_then(text);
    let reset_s = text(&usage.reset.at).and_then(|value| seconds(&value, &usage.reset.units, base));
    let percentage = |name: &String| {
        let value = text(name)?;
        let words: Vec<&str> = [id, kind.as_deref(), Some(name)].into_iter().flatten().collect();
        Some(RateLimit {
            name: Some(bounded(&words.join(" "))),
            used: decimal(&value),
            reset_s,
            raw: vec![(usage.header.clone(), bounded(object.raw()))],
            ..blank.clone()
        })
    };
    usage.percentages.iter().filter_map(percentage).collect()
}
