//! A JSON text with a span for every value, read by RFC 8259 up to the first fault.

use super::index::{Index, NONE, OPEN};
use super::node::{Descendants, Node};
use super::scan::{container_end, scalar_end};
use super::{Fault, Pointer, Position, SyntaxError};

/// Between how many bytes of text something is kept; see `index.rs`.
const SPACING_BYTES: usize = 128;

/// A text read as strict JSON: numbers as written, keys in order, duplicates kept, strings not copied.
///
/// After a fault it still has every value that begins before it; a container that the text does not close ends at the
/// fault. A byte-order mark at the start is skipped and counted in offsets. Takes any depth of nesting.
/// *Secrets*: as the text.
#[derive(Debug)]
pub struct Document<'t> {
    text: &'t str,
    pub(super) index: Index,
    error: Option<SyntaxError>,
}

impl<'t> Document<'t> {
    /// Reads a text in one pass.
    pub fn parse(text: &'t str) -> Self {
        Self::parse_with_spacing(text, SPACING_BYTES)
    }

    /// The same with another density of what is kept; for tests of small texts.
    pub(super) fn parse_with_spacing(text: &'t str, spacing: usize) -> Self {
        let index = Index::build(text.as_bytes(), spacing);
        let error = index.wrong.map(|wrong| SyntaxError {
            offset: wrong.at,
            position: Position::of(text, wrong.at),
            fault: wrong.fault,
            found: text.get(wrong.at..).and_then(|rest| rest.chars().next()),
        });
        Self { text, index, error }
    }

    /// The text it was read from.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The first place where the text is not strict JSON.
    pub fn error(&self) -> Option<&SyntaxError> {
        self.error.as_ref()
    }

    /// Whether the whole text is strict JSON.
    pub fn is_complete(&self) -> bool {
        self.error.is_none()
    }

    /// The outermost value; none where the text is wrong before it is read.
    pub fn root(&self) -> Option<Node<'_, 't>> {
        self.node_from(self.index.root? as usize)
    }

    /// Every value, containers before what they hold, in text order.
    pub fn descendants(&self) -> Descendants<'_, 't> {
        Descendants::new(self)
    }

    /// The value at an RFC 6901 pointer; of duplicate keys the last. Also works up to a fault.
    pub fn at_pointer(&self, pointer: &str) -> Option<Node<'_, 't>> {
        let pointer = Pointer::parse(pointer).ok()?;
        pointer.tokens().try_fold(self.root()?, |node, token| node.child(&token))
    }

    /// The innermost value that covers the byte at `offset`; for a key or the space between members the object.
    pub fn node_at(&self, offset: usize) -> Option<Node<'_, 't>> {
        let mut node = self.landmark_around(offset).or_else(|| self.root())?;
        if !node.span().contains(offset) {
            return None;
        }
        while let Some(child) = node.child_around(offset) {
            node = child;
        }
        Some(node)
    }

    pub(super) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// Where reading stopped.
    pub(super) fn stop(&self) -> usize {
        self.error.as_ref().map_or(self.text.len(), |error| error.offset)
    }

    /// Whether the value between these bytes may go on after the fault: an open container or a number right before it.
    pub(super) fn is_cut(&self, start: usize, end: usize, slot: u32) -> bool {
        let is_number = matches!(self.bytes().get(start), Some(b'-' | b'0'..=b'9'));
        let is_open = self.index.landmarks.get(slot as usize).is_some_and(|landmark| landmark.end == OPEN);
        is_open || (is_number && self.error.as_ref().is_some_and(|error| error.offset == end))
    }

    /// The value that begins at `start`; none if none was read there.
    pub(super) fn node_from(&self, start: usize) -> Option<Node<'_, 't>> {
        if start > self.index.last as usize {
            return None;
        }
        match self.bytes().get(start)? {
            b'{' | b'[' => {
                let slot = self.index.landmarks.partition_point(|landmark| (landmark.start as usize) < start);
                match self.index.landmarks.get(slot) {
                    Some(landmark) if landmark.start as usize == start => Some(self.landmark(slot)?),
                    _ => Some(Node::new(self, start, container_end(self.bytes(), start)?, NONE)),
                }
            }
            _ => Some(Node::new(self, start, scalar_end(self.bytes(), start, Fault::Value).ok()?, NONE)),
        }
    }

    /// The kept container at that place in the index.
    pub(super) fn landmark(&self, slot: usize) -> Option<Node<'_, 't>> {
        let landmark = self.index.landmarks.get(slot)?;
        let end = if landmark.end == OPEN { self.stop() } else { landmark.end as usize };
        Some(Node::new(self, landmark.start as usize, end, slot as u32))
    }

    /// The innermost kept container that begins at or before `offset` and ends after it.
    pub(super) fn landmark_around(&self, offset: usize) -> Option<Node<'_, 't>> {
        let after = self.index.landmarks.partition_point(|landmark| landmark.start as usize <= offset);
        let mut slot = after.checked_sub(1)?;
        loop {
            let node = self.landmark(slot)?;
            if node.span().contains(offset) {
                return Some(node);
            }
            // `NONE` is beyond every index.
            slot = self.index.landmarks.get(slot)?.parent as usize;
        }
    }
}
