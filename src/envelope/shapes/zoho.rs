//! Zoho: results in a list, of which some are errors.

use super::super::Stated;
use super::super::declared::MOST_ENTRIES;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_scalar, filled_text};
use crate::text::{Kind, Node};

/// Reads `{"data":[{"code":"INVALID_DATA","details":{"api_name":"…"},"message":"…","status":"error"}]}` and the entry alone.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let lists = ["data", "users", "fields", "tags"].iter().filter_map(|name| source.top.list(name));
    let in_list: Vec<Node<'_, '_>> = lists.flat_map(|list| list.items().take(MOST_ENTRIES)).filter(is_error).collect();
    let entries = if in_list.is_empty() && is_error(&source.root) { vec![source.root] } else { in_list };
    let first = entries.first()?;
    let mut read = Reading::new("zoho");
    read.code = reading::code(source.answer.status, [first.get("code").and_then(filled_scalar)]);
    read.message = first.get("message").and_then(filled_text);
    for entry in &entries {
        let details = entry.get("details");
        let name = details.and_then(|details| details.get("api_name")).and_then(filled_text);
        let reason = entry.get("message").and_then(filled_text).or_else(|| entry.get("code").and_then(filled_scalar));
        read.fields.add_some(name, reason, Stated::Nowhere);
    }
    Some(read)
}

fn is_error(entry: &Node<'_, '_>) -> bool {
    let is_failed = entry.get("status").and_then(filled_text).as_deref() == Some("error");
    is_failed
        && entry.get("code").is_some()
        && entry.get("details").is_some_and(|details| details.kind() == Kind::Object)
}
