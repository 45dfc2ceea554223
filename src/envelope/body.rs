//! What kind of text an answer's body is, told by its content before its content type.

use std::borrow::Cow;

use super::{Answer, html};
use crate::text::{Document, Kind, Node};

/// A body by its kind.
#[derive(Debug)]
pub(super) enum Body<'t> {
    /// Nothing, or white space alone.
    Empty,
    /// JSON, perhaps cut off or broken; what comes before the fault can be used.
    Json(Document<'t>),
    /// A page for people.
    Html(&'t str),
    /// Markup that is no page.
    Xml(&'t str),
    /// Plain text.
    Text(&'t str),
    /// Bytes that are no text.
    Binary,
}

impl<'t> Body<'t> {
    /// Sorts a body; `text` is the answer's body as text.
    pub(super) fn sort(answer: &Answer<'_>, text: &'t str) -> Self {
        let content_type = answer.header("content-type").unwrap_or("").to_ascii_lowercase();
        let shown = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        if shown.is_empty() {
            return Self::Empty;
        }
        // The content decides: gateways answer pages as JSON and services JSON as text.
        if shown.starts_with(['{', '[']) {
            return Self::Json(Document::parse(text));
        }
        if shown.starts_with('<') {
            return if html::is_page(shown, &content_type) { Self::Html(shown) } else { Self::Xml(shown) };
        }
        if content_type.contains("json") {
            let document = Document::parse(text);
            if document.error().is_none() {
                return Self::Json(document);
            }
        }
        if shown.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)) {
            return Self::Binary;
        }
        Self::Text(shown)
    }
}

/// The text of a whole string; none for anything else and for one that was cut off.
pub(super) fn text(node: Node<'_, '_>) -> Option<String> {
    if node.is_complete() { node.as_str().map(Cow::into_owned) } else { None }
}

/// The text of a whole string or number, the number as it is written.
pub(super) fn scalar_text(node: Node<'_, '_>) -> Option<String> {
    match node.kind() {
        Kind::String => text(node),
        Kind::Number if node.is_complete() => Some(node.raw().to_owned()),
        _ => None,
    }
}
