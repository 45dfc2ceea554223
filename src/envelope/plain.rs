//! The honest reading of JSON that no shape fits: what stands under the plainest names, and nothing else.

use super::reading::{self, Reading};
use super::source::{Object, Source, filled_text};
use crate::text::{Kind, Node};

/// Names of a machine code.
const CODES: [&str; 4] = ["code", "errorCode", "error_code", "errcode"];
/// Names of the sentence for people, the best first.
const MESSAGES: [&str; 9] = [
    "message",
    "Message",
    "error_message",
    "errorMessage",
    "detail",
    "error_description",
    "errmsg",
    "msg",
    "description",
];

/// Reads code and message; no fields, since nothing tells which names would be those of fields.
pub(super) fn read(source: &Source<'_, '_, '_>, format: &str) -> Reading {
    let mut read = Reading::new(format);
    let under = [&source.error, &source.top];
    let codes = under.iter().flat_map(|object| CODES.iter().map(|name| object.scalar(name)));
    read.code = reading::code(source.answer.status, codes);
    read.message = under.iter().find_map(|object| sentence(object)).or_else(|| {
        let error = source.top.get("error").and_then(filled_text);
        error.or_else(|| source.top.text("title")).or_else(|| source.error.text("title"))
    });
    if read.code.is_some() || read.message.is_some() {
        return read;
    }
    // A body that is a sentence, or only a list: then the first entry speaks.
    let Some(first) = first_entry(source) else { return read };
    read.message = filled_text(first);
    let first = Object::of(first);
    read.code = reading::code(source.answer.status, CODES.iter().map(|name| first.scalar(name)));
    read.message = read.message.or_else(|| sentence(&first));
    read
}

fn sentence(object: &Object<'_, '_>) -> Option<String> {
    MESSAGES.iter().find_map(|name| {
        let node = object.get(name)?;
        // Validators write several sentences under one name.
        if node.kind() == Kind::Array { filled_text(node.items().next()?) } else { filled_text(node) }
    })
}

/// The text that is the whole body, or the first entry of the list that is all there is.
fn first_entry<'d, 't>(source: &Source<'_, 'd, 't>) -> Option<Node<'d, 't>> {
    match source.root.kind() {
        Kind::String => Some(source.root),
        Kind::Array => source.root.items().next(),
        _ => ["errors", "error"].iter().find_map(|name| source.top.list(name)?.items().next()),
    }
}

/// Whether a body tells of a failure whatever the status says. Shape: `{"success":false,…}`, `{"status":"error",…}`.
pub(super) fn is_failure(source: &Source<'_, '_, '_>) -> bool {
    let top = &source.top;
    let has_failed = ["success", "ok", "succeeded"].iter().any(|name| top.flag(name) == Some(false));
    let says_more =
        ["error", "errors", "message", "code", "error_code", "msg"].iter().any(|name| top.get(name).is_some());
    let is_marked = (top.is("status", "error") || top.is("status", "fail")) && (says_more || top.has("data"));
    (has_failed && says_more) || is_marked
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Answer;
    use super::*;
    use crate::text::Document;

    fn said(body: &str) -> (Option<String>, Option<String>) {
        let answer = Answer { status: 400, headers: &[], body: b"" };
        let document = Document::parse(body);
        let reading = read(&Source::new(&answer, &document).unwrap(), "unknown");
        assert!(reading.fields.is_empty());
        (reading.code, reading.message)
    }

    fn pair(code: &str, message: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(code), some(message))
    }

    #[test]
    fn the_plainest_names_are_read_and_nothing_else() {
        assert_eq!(said(r#"{"code":"E42","message":"No"}"#), pair("E42", "No"));
        assert_eq!(
            said(r#"{"statusCode":400,"message":["a is short","b"],"error":"Bad Request"}"#),
            pair("", "a is short")
        );
        assert_eq!(said(r#"{"error":"No such thing"}"#), pair("", "No such thing"));
        assert_eq!(said(r#"{"errors":[{"code":32,"message":"No"},{"code":33}]}"#), pair("32", "No"));
        assert_eq!(said(r#"["first","second"]"#), pair("", "first"));
        assert_eq!(said(r#""whole""#), pair("", "whole"));
        assert_eq!(said(r#"{"oops":{"message":"deep"},"code":{"a":1},"text":"x"}"#), pair("", ""));
        assert_eq!(said("[]"), pair("", ""));
        assert_eq!(said("7"), pair("", ""));
    }
}
