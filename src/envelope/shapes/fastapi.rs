//! FastAPI: `detail` with a list of places, or with a sentence.

use super::super::Stated;
use super::super::declared::{MOST_ENTRIES, stated};
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text, path_text};
use crate::text::{Kind, Node};

/// Reads `{"detail":[{"loc":["body","items",0,"x"],"msg":"…","type":"…"}]}` and `{"detail":"…"}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    if !source.is_failure() {
        return None;
    }
    let mut read = Reading::new("fastapi");
    let detail = source.top.get("detail")?;
    if detail.kind() == Kind::String && source.top.len() == 1 {
        read.message = filled_text(detail);
        return Some(read);
    }
    let entries = || detail.items().take(MOST_ENTRIES).filter(|entry| entry.kind() == Kind::Object);
    let first = entries().next().filter(|first| first.get("loc").is_some() && first.get("msg").is_some())?;
    read.code = reading::code(source.answer.status, [first.get("type").and_then(filled_text)]);
    read.message = first.get("msg").and_then(filled_text);
    for entry in entries() {
        let Some(loc) = entry.get("loc") else { continue };
        let place = loc.items().next().and_then(Node::as_str).map_or(Stated::Nowhere, |word| stated(&word));
        read.fields.add_some(path_text(loc), entry.get("msg").and_then(filled_text), place);
    }
    Some(read)
}
