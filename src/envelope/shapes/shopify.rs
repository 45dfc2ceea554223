//! Shopify's REST API and Rails: `errors` alone, as a sentence or by field.

use super::super::map;
use super::super::reading::Reading;
use super::super::source::{Source, filled_text};
use crate::text::Kind;

/// Reads `{"errors":"…"}` and `{"errors":{"title":["can't be blank"],"base":["…"]}}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    if !source.is_failure() || source.top.len() != 1 {
        return None;
    }
    let errors = source.top.get("errors")?;
    let mut read = Reading::new("shopify");
    match errors.kind() {
        Kind::String => read.message = filled_text(errors),
        Kind::Object if !errors.is_empty() => read.message = map::add(&mut read.fields, errors),
        _ => return None,
    }
    Some(read)
}
