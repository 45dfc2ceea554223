//! The one strict pass over a JSON text: what is wrong first, and landmarks to find values by afterwards.
//!
//! Not every value is kept. A container of at least `spacing` bytes is a landmark (24 bytes), and within a landmark
//! about every `spacing` bytes one child is marked (12 bytes); what lies between is scanned again when asked for.
//! So `[1,1,1,…]` takes a tenth of its own length, and a look-up reads little more than the keys it passes.
//! The landmarks still open serve as the parser's stack: no recursion, and no limit of depth but memory.

use super::Fault;
use super::scan::{Wrong, scalar_end, space_end, string_end};

/// No landmark.
pub(super) const NONE: u32 = u32::MAX;
/// The end of a container that the text does not close.
pub(super) const OPEN: u32 = u32::MAX;

/// A container that is kept. Offsets are bytes; sorted by `start`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landmark {
    /// Its opening bracket.
    pub(super) start: u32,
    /// After its closing bracket, or [`OPEN`].
    pub(super) end: u32,
    /// The landmark around it, or [`NONE`].
    pub(super) parent: u32,
    /// How many children it has.
    pub(super) count: u32,
    /// Which child of its parent it is, 0-based.
    pub(super) ordinal: u32,
    /// Where its newest marked child begins.
    marked: u32,
}

/// A child by which a walk through a landmark may begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// The landmark.
    pub(super) landmark: u32,
    /// Which of its children, 0-based.
    pub(super) ordinal: u32,
    /// Where the child begins: an item's first byte, a member's key.
    pub(super) at: u32,
}

/// What one pass over a text yields.
#[derive(Debug)]
pub(super) struct Index {
    /// Kept containers in text order; those open at the fault are always among them.
    pub(super) landmarks: Vec<Landmark>,
    /// Marked children by landmark and ordinal.
    pub(super) marks: Vec<Mark>,
    /// Where the root value begins, if any was read.
    pub(super) root: Option<u32>,
    /// Where the last value that was read begins.
    pub(super) last: u32,
    /// The first fault.
    pub(super) wrong: Option<Wrong>,
}

/// What may come next.
#[derive(Clone, Copy)]
enum Next {
    /// A value; the fault if there is none.
    Value(Fault),
    /// An item or `]`.
    ItemOrEnd,
    /// A key; the fault if there is none. `true`: `}` may come instead.
    Key(bool),
    /// What follows a value.
    Separator,
}

impl Index {
    /// Reads a text once; `spacing` is in bytes, at least 1.
    pub(super) fn build(bytes: &[u8], spacing: usize) -> Self {
        let mut builder = Builder {
            bytes,
            spacing: u32::try_from(spacing.max(1)).unwrap_or(NONE),
            open: NONE,
            index: Self { landmarks: Vec::new(), marks: Vec::new(), root: None, last: 0, wrong: None },
        };
        // Offsets are 32 bits wide.
        let wrong =
            if bytes.len() >= OPEN as usize { Err(Wrong { at: 0, fault: Fault::TooLong }) } else { builder.read() };
        let mut index = builder.index;
        index.wrong = wrong.err();
        // Runs of one landmark are in order already.
        index.marks.sort_by_key(|mark| mark.landmark);
        index.landmarks.shrink_to_fit();
        index.marks.shrink_to_fit();
        index
    }
}

struct Builder<'b> {
    bytes: &'b [u8],
    spacing: u32,
    /// The innermost open landmark.
    open: u32,
    index: Index,
}

impl Builder<'_> {
    fn read(&mut self) -> Result<(), Wrong> {
        let bytes = self.bytes;
        let mut at = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut next = Next::Value(Fault::Value);
        // Where the child being read begins: its key in an object.
        let mut begin = None;
        loop {
            at = space_end(bytes, at);
            let byte = bytes.get(at);
            next = match (next, byte) {
                (Next::ItemOrEnd, Some(b']')) | (Next::Key(true), Some(b'}')) => {
                    at += 1;
                    self.close(at)
                }
                (Next::Value(_) | Next::ItemOrEnd, Some(b'{' | b'[')) => {
                    self.accept(at, begin.take().unwrap_or(at));
                    self.enter(at);
                    at += 1;
                    if byte == Some(&b'{') { Next::Key(true) } else { Next::ItemOrEnd }
                }
                (Next::Value(_) | Next::ItemOrEnd, _) => {
                    let otherwise = if let Next::Value(fault) = next { fault } else { Fault::ItemOrEnd };
                    let end = scalar_end(bytes, at, otherwise)?;
                    self.accept(at, begin.take().unwrap_or(at));
                    at = end;
                    Next::Separator
                }
                (Next::Key(_), Some(b'"')) => {
                    begin = Some(at);
                    at = space_end(bytes, string_end(bytes, at)?);
                    if bytes.get(at) != Some(&b':') {
                        return Err(Wrong { at, fault: Fault::Colon });
                    }
                    at += 1;
                    Next::Value(Fault::MemberValue)
                }
                (Next::Key(is_first), _) => {
                    return Err(Wrong { at, fault: if is_first { Fault::KeyOrEnd } else { Fault::Key } });
                }
                (Next::Separator, None) if self.open == NONE => return Ok(()),
                (Next::Separator, _) if self.open == NONE => return Err(Wrong { at, fault: Fault::EndOfText }),
                (Next::Separator, _) => {
                    let is_object = self.is_in_object();
                    let next = match (byte, is_object) {
                        (Some(b','), true) => Next::Key(false),
                        (Some(b','), false) => Next::Value(Fault::Item),
                        (Some(b'}'), true) | (Some(b']'), false) => self.close(at + 1),
                        (_, true) => return Err(Wrong { at, fault: Fault::CommaOrBrace }),
                        (_, false) => return Err(Wrong { at, fault: Fault::CommaOrBracket }),
                    };
                    at += 1;
                    next
                }
            };
        }
    }

    fn is_in_object(&self) -> bool {
        let start = self.index.landmarks.get(self.open as usize).map(|landmark| landmark.start as usize);
        start.and_then(|start| self.bytes.get(start)) == Some(&b'{')
    }

    /// Takes note of a value at `start` whose key, if it has one, is at `begin`. Texts are shorter than 4 GiB.
    fn accept(&mut self, start: usize, begin: usize) {
        let (start, begin) = (start as u32, begin as u32);
        self.index.last = start;
        if let Some(parent) = self.index.landmarks.get_mut(self.open as usize) {
            if begin - parent.marked >= self.spacing {
                parent.marked = begin;
                self.index.marks.push(Mark { landmark: self.open, ordinal: parent.count, at: begin });
            }
            parent.count += 1;
        } else {
            self.index.root = Some(start);
        }
    }

    /// Opens a container that was just accepted.
    fn enter(&mut self, start: usize) {
        let start = start as u32;
        let ordinal = self.index.landmarks.get(self.open as usize).map_or(0, |parent| parent.count - 1);
        let landmark = Landmark { start, end: OPEN, parent: self.open, count: 0, ordinal, marked: start };
        self.open = self.index.landmarks.len() as u32;
        self.index.landmarks.push(landmark);
    }

    /// Closes the innermost container at `end` and forgets it if it is small. A small one has no landmark within it
    /// and no mark, so that it is the newest landmark and nothing refers to it.
    fn close(&mut self, end: usize) -> Next {
        let end = end as u32;
        if let Some(landmark) = self.index.landmarks.get_mut(self.open as usize) {
            let is_small = end - landmark.start < self.spacing;
            landmark.end = end;
            self.open = landmark.parent;
            if is_small {
                self.index.landmarks.pop();
            }
        }
        Next::Separator
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_far_below_one_node_a_value() {
        let text = format!("[{}1]", "1,".repeat(500_000));
        let index = Index::build(text.as_bytes(), 128);
        assert!(index.wrong.is_none());
        assert_eq!(index.landmarks.first().unwrap().count, 500_001);
        let bytes = index.landmarks.len() * size_of::<Landmark>() + index.marks.len() * size_of::<Mark>();
        assert!(bytes < text.len() / 10, "{bytes} bytes for {}", text.len());
        assert!(size_of::<Landmark>() <= 24);
    }

    #[test]
    fn the_worst_text_takes_24_bytes_a_value() {
        // A value before and after each nested array: as many landmarks and marks as can be.
        let text = format!("{}{}", "[1,".repeat(50_000) + "1", ",1]".repeat(50_000));
        let index = Index::build(text.as_bytes(), 1);
        assert!(index.wrong.is_none());
        let values = 150_001;
        let bytes = index.landmarks.len() * size_of::<Landmark>() + index.marks.len() * size_of::<Mark>();
        assert!(bytes <= 24 * values, "{bytes} bytes for {values} values");
    }
}
