//! One value of a JSON document and the ways from it to others.

use std::borrow::Cow;
use std::fmt;

use super::index::NONE;
use super::pointer::index_from_token;
use super::scan::{space_end, string_end};
use super::string::decoded;
use super::{Document, Pointer, Span};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number, as written.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// One value of a document; two are equal where they are the same place of the same text.
#[derive(Clone, Copy)]
pub struct Node<'d, 't> {
    doc: &'d Document<'t>,
    start: u32,
    end: u32,
    /// Which landmark it is, or `NONE`.
    slot: u32,
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member<'d, 't> {
    /// The key's text, escapes undone.
    pub key: Cow<'t, str>,
    /// The key with its quotes.
    pub key_span: Span,
    /// The value.
    pub value: Node<'d, 't>,
}

impl<'d, 't> Node<'d, 't> {
    /// Texts are shorter than 4 GiB, so that offsets fit.
    pub(super) fn new(doc: &'d Document<'t>, start: usize, end: usize, slot: u32) -> Self {
        Self { doc, start: start as u32, end: end as u32, slot }
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        match self.first_byte() {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'"' => Kind::String,
            b't' | b'f' => Kind::Bool,
            b'n' => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The bytes it takes: a string with its quotes, an object with its braces.
    pub fn span(self) -> Span {
        Span { start: self.start as usize, end: self.end as usize }
    }

    /// The text it takes, as written.
    pub fn raw(self) -> &'t str {
        self.span().slice(self.doc.text()).unwrap_or_default()
    }

    /// Whether all of it was read: the fault of the text, if it has one, lies neither in it nor right behind a number.
    pub fn is_complete(self) -> bool {
        !self.doc.is_cut(self.start as usize, self.end as usize, self.slot)
    }

    /// A string's text, escapes undone, lone surrogates as U+FFFD; none for other kinds.
    pub fn as_str(self) -> Option<Cow<'t, str>> {
        (self.kind() == Kind::String).then(|| decoded(self.raw()))
    }

    /// `true` or `false`; none for other kinds.
    pub fn as_bool(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.first_byte() == b't')
    }

    /// A number as the nearest double; none for other kinds and beyond a double's range. `raw()` has it as written.
    pub fn as_f64(self) -> Option<f64> {
        if self.kind() != Kind::Number {
            return None;
        }
        self.raw().parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// An integer as written without point and exponent; none for other kinds and beyond 64 bits.
    pub fn as_i64(self) -> Option<i64> {
        if self.kind() == Kind::Number { self.raw().parse().ok() } else { None }
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The members of an object in text order, duplicates too; nothing for other kinds.
    pub fn members(self) -> Members<'d, 't> {
        Members(Children::of(self, Kind::Object))
    }

    /// The items of an array; nothing for other kinds.
    pub fn items(self) -> Items<'d, 't> {
        Items(Children::of(self, Kind::Array))
    }

    /// How many members (duplicates too) or items it has; 0 for scalars.
    pub fn len(self) -> usize {
        match (self.doc.index.landmarks.get(self.slot as usize), self.kind()) {
            (Some(landmark), _) => landmark.count as usize,
            (None, kind @ (Kind::Object | Kind::Array)) => Children::of(self, kind).count(),
            _ => 0,
        }
    }

    /// Whether it has no members or items.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The value of that key of an object; of duplicates the last.
    pub fn get(self, key: &str) -> Option<Self> {
        let mut found = None;
        for (key_span, value) in Children::of(self, Kind::Object) {
            let token = key_span.slice(self.doc.text()).unwrap_or_default();
            if decoded(token) == key {
                found = Some(value);
            }
        }
        found
    }

    /// That item of an array, 0-based.
    pub fn index(self, index: usize) -> Option<Self> {
        if self.kind() != Kind::Array {
            return None;
        }
        if let Some(landmark) = self.doc.index.landmarks.get(self.slot as usize)
            && index >= landmark.count as usize
        {
            return None;
        }
        let mut children = Children::of(self, Kind::Array);
        children.leap(|mark_ordinal, _| mark_ordinal <= index);
        let steps = index - children.ordinal;
        children.nth(steps).map(|(_, value)| value)
    }

    /// The child a pointer token names: a key, or an index without sign and leading zeros.
    pub fn child(self, token: &str) -> Option<Self> {
        match self.kind() {
            Kind::Object => self.get(token),
            Kind::Array => self.index(index_from_token(token)?),
            _ => None,
        }
    }

    /// What holds it; none for the root.
    pub fn parent(self) -> Option<Self> {
        self.lineage().map(|(parent, _)| parent)
    }

    /// Its key with quotes, if it is a member.
    pub fn key_span(self) -> Option<Span> {
        if self.parent()?.kind() != Kind::Object {
            return None;
        }
        self.key_before()
    }

    /// Where it stands; an earlier duplicate has the pointer of the last.
    pub fn pointer(self) -> Pointer {
        let mut tokens = Vec::new();
        let mut node = self;
        while let Some((parent, ordinal)) = node.lineage() {
            let key = node.key_before().filter(|_| parent.kind() == Kind::Object);
            tokens.push(match key.and_then(|span| span.slice(self.doc.text())) {
                Some(token) => decoded(token),
                None => Cow::Owned(ordinal.to_string()),
            });
            node = parent;
        }
        Pointer::from_tokens(tokens.iter().rev())
    }

    /// Its parent and which child of it this is.
    fn lineage(self) -> Option<(Self, usize)> {
        let start = self.start as usize;
        if let Some(landmark) = self.doc.index.landmarks.get(self.slot as usize) {
            return Some((self.doc.landmark(landmark.parent as usize)?, landmark.ordinal as usize));
        }
        let mut parent = self.doc.landmark_around(start).or_else(|| self.doc.root())?;
        loop {
            let (child, ordinal) = parent.numbered_child_around(start)?;
            if child.start == self.start {
                return Some((parent, ordinal));
            }
            parent = child;
        }
    }

    /// The child that covers `offset`.
    pub(super) fn child_around(self, offset: usize) -> Option<Self> {
        self.numbered_child_around(offset).map(|(child, _)| child)
    }

    fn numbered_child_around(self, offset: usize) -> Option<(Self, usize)> {
        let kind = self.kind();
        if !matches!(kind, Kind::Object | Kind::Array) {
            return None;
        }
        let mut children = Children::of(self, kind);
        children.leap(|_, at| at <= offset);
        loop {
            let ordinal = children.ordinal;
            let (_, child) = children.next()?;
            if child.span().contains(offset) {
                return Some((child, ordinal));
            }
            if child.start as usize > offset {
                return None;
            }
        }
    }

    /// The key that stands before this member, found backwards: an opening quote is the first one that no backslash
    /// stands before, since within a string every quote has one.
    fn key_before(self) -> Option<Span> {
        let before = self.doc.bytes().get(..self.start as usize)?;
        let colon = before.trim_ascii_end().strip_suffix(b":")?;
        let end = colon.trim_ascii_end().len();
        let mut inner = before.get(..end.checked_sub(1)?)?;
        loop {
            let quote = memchr::memrchr(b'"', inner)?;
            inner = inner.get(..quote)?;
            if inner.last() != Some(&b'\\') {
                return Some(Span { start: quote, end });
            }
        }
    }

    fn first_byte(self) -> u8 {
        self.doc.bytes().get(self.start as usize).copied().unwrap_or_default()
    }
}

impl PartialEq for Node<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.doc.text(), other.doc.text()) && self.start == other.start
    }
}

impl Eq for Node<'_, '_> {}

impl fmt::Debug for Node<'_, '_> {
    /// Without the text, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({:?} {}..{})", self.kind(), self.start, self.end)
    }
}

/// The walk through one container: key span (empty for items) and value.
#[derive(Clone, Debug)]
struct Children<'d, 't> {
    doc: &'d Document<'t>,
    slot: u32,
    is_object: bool,
    /// Where to go on; none when done.
    at: Option<usize>,
    /// Which child comes next, 0-based.
    ordinal: usize,
}

impl<'d, 't> Children<'d, 't> {
    fn of(node: Node<'d, 't>, kind: Kind) -> Self {
        let at = (node.kind() == kind).then_some(node.start as usize + 1);
        Self { doc: node.doc, slot: node.slot, is_object: kind == Kind::Object, at, ordinal: 0 }
    }

    /// Goes straight to the last marked child (ordinal and offset) for which `is_before` holds.
    fn leap(&mut self, is_before: impl Fn(usize, usize) -> bool) {
        let marks = &self.doc.index.marks;
        let slot = self.slot;
        let after = marks.partition_point(|mark| {
            mark.landmark < slot || (mark.landmark == slot && is_before(mark.ordinal as usize, mark.at as usize))
        });
        let mark = after.checked_sub(1).and_then(|index| marks.get(index));
        if let Some(mark) = mark.filter(|mark| mark.landmark == slot && slot != NONE) {
            self.at = Some(mark.at as usize);
            self.ordinal = mark.ordinal as usize;
        }
    }
}

impl<'d, 't> Iterator for Children<'d, 't> {
    type Item = (Span, Node<'d, 't>);

    fn next(&mut self) -> Option<Self::Item> {
        // The text is well formed up to the last value read; `node_from` knows none behind it.
        let bytes = self.doc.bytes();
        let mut at = space_end(bytes, self.at.take()?);
        if bytes.get(at) == Some(&b',') {
            at = space_end(bytes, at + 1);
        }
        if matches!(bytes.get(at), Some(b'}' | b']')) {
            return None;
        }
        let mut key = Span { start: at, end: at };
        if self.is_object {
            if bytes.get(at) != Some(&b'"') {
                return None;
            }
            key.end = string_end(bytes, at).ok()?;
            at = space_end(bytes, key.end);
            if bytes.get(at) != Some(&b':') {
                return None;
            }
            at = space_end(bytes, at + 1);
        }
        let value = self.doc.node_from(at)?;
        self.at = Some(value.end as usize);
        self.ordinal += 1;
        Some((key, value))
    }
}

/// The members of an object in text order.
#[derive(Clone, Debug)]
pub struct Members<'d, 't>(Children<'d, 't>);

impl<'d, 't> Iterator for Members<'d, 't> {
    type Item = Member<'d, 't>;

    fn next(&mut self) -> Option<Self::Item> {
        let (key_span, value) = self.0.next()?;
        let key = decoded(key_span.slice(value.doc.text()).unwrap_or_default());
        Some(Member { key, key_span, value })
    }
}

/// The items of an array.
#[derive(Clone, Debug)]
pub struct Items<'d, 't>(Children<'d, 't>);

impl<'d, 't> Iterator for Items<'d, 't> {
    type Item = Node<'d, 't>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(_, value)| value)
    }
}

/// Every value of a document in text order, containers before what they hold.
#[derive(Clone, Debug)]
pub struct Descendants<'d, 't> {
    doc: &'d Document<'t>,
    /// Where to look for the next value; none when done.
    at: Option<usize>,
    /// Where the root ends.
    end: usize,
}

impl<'d, 't> Descendants<'d, 't> {
    pub(super) fn new(doc: &'d Document<'t>) -> Self {
        let root = doc.root();
        Self { doc, at: root.map(|node| node.start as usize), end: root.map_or(0, |node| node.end as usize) }
    }
}

impl<'d, 't> Iterator for Descendants<'d, 't> {
    type Item = Node<'d, 't>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.doc.bytes();
        let mut at = self.at.take()?;
        loop {
            at = space_end(bytes, at);
            if at >= self.end {
                return None;
            }
            match bytes.get(at)? {
                b',' | b':' | b'}' | b']' => at += 1,
                b'"' => {
                    // A string before a colon is a key.
                    let end = string_end(bytes, at).ok()?;
                    if bytes.get(space_end(bytes, end)) != Some(&b':') {
                        break;
                    }
                    at = end;
                }
                _ => break,
            }
        }
        let node = self.doc.node_from(at)?;
        let is_container = matches!(node.kind(), Kind::Object | Kind::Array);
        self.at = Some(if is_container { at + 1 } else { node.end as usize });
        Some(node)
    }
}
