//! The shape that a profile declares with JSON Pointers.

use super::BlamedField;
use super::body::{scalar_text, text};
use crate::profile::Profile;
use crate::text::{Document, Kind, Node};

/// What a shape reads from a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// The shape's name.
    pub format: String,
    /// The machine code.
    pub code: Option<String>,
    /// The sentence for people.
    pub message: Option<String>,
    /// The blamed fields.
    pub fields: Vec<BlamedField>,
    /// The answer's own documentation link.
    pub doc_url: Option<String>,
}

/// Reads a body by the profile's pointers; none if it is not of that shape.
///
/// It is of that shape if the code is a whole, non-empty string, the message a string where it is there at all, and
/// none of the members is there that only other APIs have. Of a body that was cut off the message may be missing.
pub(super) fn declared(document: &Document<'_>, profile: &Profile) -> Option<Reading> {
    let shape = profile.envelope.as_ref()?;
    if shape.without.iter().any(|pointer| document.at_pointer(pointer).is_some()) {
        return None;
    }
    let code = text(document.at_pointer(&shape.code)?).filter(|code| !code.is_empty())?;
    let message = match document.at_pointer(&shape.message) {
        Some(node) if node.kind() == Kind::String => text(node),
        Some(_) => return None,
        None => None,
    };
    let at = |pointer: &Option<String>| pointer.as_deref().and_then(|pointer| document.at_pointer(pointer));
    let path = at(&shape.field).and_then(path_text).filter(|path| !path.is_empty());
    let reason = at(&shape.reason).and_then(text).filter(|reason| !reason.is_empty());
    let fields = path.map(|path| BlamedField::new(path, reason)).into_iter().collect();
    Some(Reading { format: profile.name.clone(), code: Some(code), message, fields, doc_url: None })
}

/// A path as text, or as a list of keys and indexes that are joined by dots.
fn path_text(node: Node<'_, '_>) -> Option<String> {
    if node.kind() != Kind::Array {
        return text(node);
    }
    if !node.is_complete() {
        return None;
    }
    // A single segment that is no key or index makes the whole path unreadable.
    let segments: Option<Vec<String>> = node.items().map(scalar_text).collect();
    segments.map(|segments| segments.join("."))
}
