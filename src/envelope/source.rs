//! What a shape looks at: the answer, its JSON text, and the outermost members collected once.

use std::borrow::Cow;

use super::Answer;
use super::body::{scalar_text, text};
use crate::profile::is_openable;
use crate::text::{Document, Kind, Node, Pointer};

/// How many members of an object are looked at; no envelope has more, and a body of a million must not be walked by
/// every shape.
const MOST_MEMBERS: usize = 512;

/// An object's members, collected once; of duplicate keys the last counts.
#[derive(Debug, Default)]
pub(super) struct Object<'d, 't>(Vec<(Cow<'t, str>, Node<'d, 't>)>);

impl<'d, 't> Object<'d, 't> {
    /// The members of a node; none if it is no object.
    pub(super) fn of(node: Node<'d, 't>) -> Self {
        Self(node.members().take(MOST_MEMBERS).map(|member| (member.key, member.value)).collect())
    }

    /// A member, whatever it is; `null` is there too.
    pub(super) fn any(&self, key: &str) -> Option<Node<'d, 't>> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, node)| *node)
    }

    /// A member that is not `null`.
    pub(super) fn get(&self, key: &str) -> Option<Node<'d, 't>> {
        self.any(key).filter(|node| !node.is_null())
    }

    /// Whether there is such a member, be it `null`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.any(key).is_some()
    }

    /// A member's whole text; none for an empty one.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(filled_text)
    }

    /// A member's whole text or number.
    pub(super) fn scalar(&self, key: &str) -> Option<String> {
        self.get(key).and_then(filled_scalar)
    }

    /// Whether a member is a number.
    pub(super) fn is_number(&self, key: &str) -> bool {
        self.get(key).is_some_and(|node| node.kind() == Kind::Number)
    }

    /// Whether a member is text, empty or not.
    pub(super) fn is_text(&self, key: &str) -> bool {
        self.get(key).is_some_and(|node| node.kind() == Kind::String)
    }

    /// Whether a member is this text.
    pub(super) fn is(&self, key: &str, value: &str) -> bool {
        self.get(key).and_then(text).is_some_and(|text| text == value)
    }

    /// Whether a member is `true` or `false`, and which.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.get(key).and_then(Node::as_bool)
    }

    /// A member that is an array.
    pub(super) fn list(&self, key: &str) -> Option<Node<'d, 't>> {
        self.get(key).filter(|node| node.kind() == Kind::Array)
    }

    /// A member that is an object.
    pub(super) fn object(&self, key: &str) -> Option<Node<'d, 't>> {
        self.get(key).filter(|node| node.kind() == Kind::Object)
    }

    /// How many members it has, as far as they were looked at.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Everything a shape may look at.
#[derive(Debug)]
pub(super) struct Source<'a, 'd, 't> {
    /// Status and headers.
    pub answer: &'a Answer<'a>,
    /// The outermost value.
    pub root: Node<'d, 't>,
    /// The outermost object's members; empty where it is no object.
    pub top: Object<'d, 't>,
    /// The members of the object under `error`; empty where there is none.
    pub error: Object<'d, 't>,
}

impl<'a, 'd, 't> Source<'a, 'd, 't> {
    /// Collects what the shapes look at; none for a text without a value.
    pub(super) fn new(answer: &'a Answer<'a>, document: &'d Document<'t>) -> Option<Self> {
        let root = document.root()?;
        let top = Object::of(root);
        let error = top.object("error").map(Object::of).unwrap_or_default();
        Some(Self { answer, root, top, error })
    }

    /// Whether the status tells of an error.
    pub(super) fn is_failure(&self) -> bool {
        self.answer.status >= 400
    }

    /// The value at a JSON Pointer, without walking a large outermost object again.
    pub(super) fn at(&self, pointer: &str) -> Option<Node<'d, 't>> {
        at(self.root, &self.top, pointer)
    }

    /// Whether the answer has a header of that name with anything in it.
    pub(super) fn has_header(&self, name: &str) -> bool {
        self.answer.header(name).is_some()
    }

    /// Whether the answer has a header whose name begins so.
    pub(super) fn has_header_like(&self, prefix: &str) -> bool {
        self.answer
            .headers
            .iter()
            .any(|(name, _)| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
    }

    /// Whether the answer's media type is this one.
    pub(super) fn has_media_type(&self, wanted: &str) -> bool {
        let media_type = self.answer.header("content-type").and_then(|value| value.split(';').next());
        media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(wanted))
    }
}

/// The outermost members of a document, for looks at many pointers.
#[derive(Debug)]
pub(super) struct Outline<'d, 't> {
    root: Node<'d, 't>,
    top: Object<'d, 't>,
}

impl<'d, 't> Outline<'d, 't> {
    /// Collects them; none for a text without a value.
    pub(super) fn of(document: &'d Document<'t>) -> Option<Self> {
        let root = document.root()?;
        Some(Self { root, top: Object::of(root) })
    }

    /// The value at a JSON Pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<Node<'d, 't>> {
        at(self.root, &self.top, pointer)
    }
}

/// The value at a JSON Pointer below members that were collected before.
fn at<'d, 't>(root: Node<'d, 't>, top: &Object<'d, 't>, pointer: &str) -> Option<Node<'d, 't>> {
    let pointer = Pointer::parse(pointer).ok()?;
    let mut tokens = pointer.tokens();
    let Some(first) = tokens.next() else { return Some(root) };
    let first = if root.kind() == Kind::Object { top.any(&first) } else { root.child(&first) }?;
    tokens.try_fold(first, |node, token| node.child(&token))
}

/// A whole text that is not empty.
pub(super) fn filled_text(node: Node<'_, '_>) -> Option<String> {
    text(node).filter(|text| !text.trim().is_empty())
}

/// A whole number or text that is not empty.
pub(super) fn filled_scalar(node: Node<'_, '_>) -> Option<String> {
    scalar_text(node).filter(|text| !text.trim().is_empty())
}

/// A path as text, or as a list of keys and indexes that are joined by dots; none for an empty one.
pub(super) fn path_text(node: Node<'_, '_>) -> Option<String> {
    if node.kind() != Kind::Array {
        return filled_text(node);
    }
    if !node.is_complete() {
        return None;
    }
    // A single segment that is no key or index makes the whole path unreadable.
    let segments: Option<Vec<String>> = node.items().map(scalar_text).collect();
    segments.map(|segments| segments.join(".")).filter(|path| !path.is_empty())
}

/// An address that a person could open.
pub(super) fn link(node: Node<'_, '_>) -> Option<String> {
    filled_text(node).filter(|text| is_openable(text))
}
