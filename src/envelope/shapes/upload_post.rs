//! Upload-Post: a result for each platform, of which some failed.

use super::super::reading::{self, Reading};
use super::super::source::{Object, Source};
use crate::text::Kind;

/// Reads `{"success":false,"results":{"tiktok":{"success":false,"error":"…","error_code":"…"}}}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let results = source.top.get("results").or_else(|| source.top.get("platforms"))?;
    let named = results.members().map(|member| member.value);
    let failed =
        named.chain(results.items()).take(200).filter(|node| node.kind() == Kind::Object).find_map(|node| {
            let entry = Object::of(node);
            let is_failed = entry.flag("success") == Some(false) && (entry.has("error_code") || entry.has("error"));
            is_failed.then_some(entry)
        })?;
    let mut read = Reading::new("upload_post");
    let own = ["message", "error"].iter().find_map(|name| source.top.text(name));
    // A sentence for the whole leaves the platforms' codes to the platforms.
    let of_first = if own.is_some() { None } else { failed.scalar("error_code") };
    read.code = reading::code(source.answer.status, [source.top.scalar("error_code"), of_first]);
    read.message = own.or_else(|| ["error", "message"].iter().find_map(|name| failed.text(name)));
    Some(read)
}
