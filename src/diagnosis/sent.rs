//! The request as far as places are looked for in it, indexed once for all findings.

use super::{DiagnosisInput, PlaceInText};
use crate::text::{Document, Form, Kind, LineIndex, Node, Span};

/// So many fields are looked for in any payload.
const ALWAYS_LOOKED_FOR: usize = 20;
/// How many keys are compared for all fields together, one reading of a path each.
const MOST_COMPARED: usize = 500_000;

/// The request's parts.
pub(super) struct Sent<'a> {
    /// The payload; none if it is not known or empty.
    pub payload: Option<Payload<'a>>,
    /// The parameters of the address.
    pub query: Form<'a>,
    /// The segments of the address's path.
    pub path: Vec<Segment<'a>>,
}

/// The payload's text.
pub(super) struct Payload<'a> {
    /// As JSON.
    pub document: Document<'a>,
    /// As a form, where it is one.
    pub form: Option<Form<'a>>,
    lines: LineIndex,
}

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    /// Its text, percent-encoding undone.
    pub text: std::borrow::Cow<'a, str>,
    /// Its bytes in the address.
    pub span: Span,
}

impl<'a> Sent<'a> {
    pub(super) fn read(input: &DiagnosisInput<'a>) -> Self {
        Self {
            payload: input.payload.filter(|payload| !payload.is_empty()).map(Payload::read),
            query: input.url.map(Form::of_query).unwrap_or_default(),
            path: input.url.map(super::path_segment::segments).unwrap_or_default(),
        }
    }

    /// Whether the payload has a value under that name that holds others.
    pub(super) fn holds_more_under(&self, name: &str) -> bool {
        let root = self.payload.as_ref().and_then(|payload| payload.document.root());
        let member = root.filter(|root| root.kind() == Kind::Object).and_then(|root| root.get(name));
        member.is_some_and(|member| matches!(member.kind(), Kind::Object | Kind::Array))
    }
}

impl<'a> Payload<'a> {
    fn read(text: &'a str) -> Self {
        let document = Document::parse(text);
        let form = if document.is_complete() { None } else { Form::read(text, None) };
        Self { document, form, lines: LineIndex::new(text) }
    }

    /// How many of that many fields are looked for: a payload with tens of thousands of keys in one object must not be
    /// walked for each of a thousand fields.
    pub(super) fn most_looked_for(&self, count: usize) -> usize {
        if count <= ALWAYS_LOOKED_FOR {
            return count;
        }
        let objects = self.document.descendants().filter(|node| node.kind() == Kind::Object);
        let widest = objects.map(Node::len).max().unwrap_or(0).max(self.form.as_ref().map_or(0, |f| f.parts().len()));
        (MOST_COMPARED / widest.max(1)).max(ALWAYS_LOOKED_FOR)
    }

    /// A stretch of it with its line and column.
    pub(super) fn place(&self, span: Span) -> PlaceInText {
        let position = self.lines.position(span.start);
        PlaceInText { start: span.start, end: span.end, line: position.line, column: position.column }
    }
}
