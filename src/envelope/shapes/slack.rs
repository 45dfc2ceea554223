//! Slack: `ok` is false, mostly under status 200.

use super::super::declared::MOST_ENTRIES;
use super::super::prose;
use super::super::reading::{self, Reading};
use super::super::source::{Source, filled_text};

/// Reads `{"ok":false,"error":"…","response_metadata":{"messages":["… [json-pointer:/…]"]}}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    if source.top.flag("ok") != Some(false) || !source.top.is_text("error") {
        return None;
    }
    let mut read = Reading::new("slack");
    read.code = reading::code(source.answer.status, [source.top.text("error")]);
    let messages = source.at("/response_metadata/messages").into_iter().flat_map(|list| list.items());
    for message in messages.take(MOST_ENTRIES).filter_map(filled_text) {
        prose::json_pointers(&message, &mut read.fields);
        read.message.get_or_insert(message);
    }
    Some(read)
}
