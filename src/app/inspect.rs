//! What can be said of the payload in the editor: where it stops being JSON, and where each finding lies in it now.

use std::sync::Arc;

use super::body_view::BodyView;
use super::gaps::{Gap, gaps_of};
use crate::text::{Document, LineIndex, Span, locate, visible_line};

/// Above this many bytes a payload is shown in rows and not edited in the window.
pub const LARGE_PAYLOAD_BYTES: usize = 128 << 10;

/// Why a place is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// The answer blames this field; the number is the finding's, counted from 0.
    Finding(usize),
    /// Here the text stops being JSON.
    Syntax,
}

/// A marked place in the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Why.
    pub kind: MarkKind,
    /// The value's bytes in the payload.
    pub span: Span,
    /// Its line, counted from 1.
    pub line: usize,
    /// Its column in characters, counted from 1.
    pub column: usize,
    /// The field as the answer spells it; empty for a syntax mark.
    pub path: String,
    /// The sentence under the line.
    pub reason: String,
    /// Whether the field itself is missing, so that the object it belongs in is marked.
    pub is_missing: bool,
}

/// A finding to look for in a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The finding's number, counted from 0.
    pub finding: usize,
    /// The field's path as the answer spells it.
    pub path: String,
    /// Why it is blamed.
    pub reason: String,
    /// Whether it was missing from the payload that was sent; one that was there and is no longer is gone.
    pub was_missing: bool,
}

/// What was found in one version of the payload.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// Marked places, in text order.
    pub marks: Vec<Mark>,
    /// Findings whose field is no longer there.
    pub gone: Vec<usize>,
    /// Whether the payload is strict JSON; an empty one is not asked.
    pub is_json: bool,
    /// What was removed from the payload or not kept, so that it has to be filled in.
    pub gaps: Vec<Gap>,
    /// The payload cut into rows, where it is too large for an editor.
    pub view: Option<Arc<BodyView>>,
}

/// Looks a payload over. Takes time in proportion to its length, so it runs off the drawing thread.
pub fn inspect(text: &str, wanted: &[Wanted]) -> Inspection {
    let mut inspection = Inspection::default();
    if text.trim().is_empty() {
        inspection.gone = wanted.iter().map(|wanted| wanted.finding).collect();
        return inspection;
    }
    let document = Document::parse(text);
    let lines = LineIndex::new(text);
    inspection.is_json = document.is_complete();
    inspection.gaps = gaps_of(&document, &lines);
    inspection.view = (text.len() > LARGE_PAYLOAD_BYTES).then(|| Arc::new(BodyView::raw(text.as_bytes())));
    if let Some(error) = document.error() {
        let position = lines.position(error.offset);
        let end = text
            .get(error.offset..)
            .and_then(|rest| rest.chars().next())
            .map_or(error.offset, |c| error.offset + c.len_utf8());
        inspection.marks.push(Mark {
            kind: MarkKind::Syntax,
            span: Span { start: error.offset, end },
            line: position.line,
            column: position.column,
            path: String::new(),
            reason: format!("Not JSON from here: {}", error.summary()),
            is_missing: false,
        });
    }
    for wanted in wanted {
        let found = locate(&document, &wanted.path).map(|node| (node.span(), false)).or_else(|| {
            let around = crate::text::surroundings(&document, &wanted.path);
            let within = around.within.filter(|_| wanted.was_missing);
            within.map(|node| (Span { start: node.span().start, end: node.span().start + 1 }, true))
        });
        let Some((span, is_missing)) = found else {
            // In a text that is not JSON nothing can be looked for, so nothing is said to be gone.
            if inspection.is_json {
                inspection.gone.push(wanted.finding);
            }
            continue;
        };
        let position = lines.position(span.start);
        inspection.marks.push(Mark {
            kind: MarkKind::Finding(wanted.finding),
            span,
            line: position.line,
            column: position.column,
            path: visible_line(&wanted.path).into_owned(),
            reason: visible_line(&wanted.reason).into_owned(),
            is_missing,
        });
    }
    inspection.marks.sort_by_key(|mark| (mark.span.start, mark.span.end));
    inspection
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn wanted(path: &str) -> Vec<Wanted> {
        vec![Wanted { finding: 0, path: path.into(), reason: "value is in the past".into(), was_missing: true }]
    }

    #[test]
    fn a_finding_is_marked_where_its_value_stands() {
        let text = "{\r\n\t\"publishAt\": \"2024\"\r\n}";
        let mark = &inspect(text, &wanted("publishAt")).marks[0];
        assert_eq!(mark.span.slice(text).unwrap(), "\"2024\"");
        assert_eq!((mark.line, mark.column), (2, 15));
    }

    #[test]
    fn the_mark_follows_the_field_or_says_that_it_is_gone() {
        let moved = inspect("{\"a\":1,\n\"publishAt\":\"2024\"}", &wanted("publishAt"));
        assert_eq!(moved.marks[0].line, 2);
        let gone = inspect("[1]", &wanted("publishAt"));
        assert_eq!((gone.marks.len(), gone.gone), (0, vec![0]));
    }

    #[test]
    fn a_missing_field_marks_the_object_it_belongs_in() {
        let inspection = inspect("{\"title\":\"x\"}", &wanted("publishAt"));
        assert!(inspection.marks[0].is_missing);
        assert_eq!(inspection.marks[0].span, Span { start: 0, end: 1 });
    }

    #[test]
    fn text_that_is_no_json_is_marked_at_the_first_wrong_byte() {
        let inspection = inspect("{\"a\": tru}", &[]);
        assert_eq!(inspection.marks[0].kind, MarkKind::Syntax);
        assert!(!inspection.is_json);
        assert_eq!(inspection.marks[0].line, 1);
    }

    #[test]
    fn an_empty_payload_is_not_blamed() {
        assert!(inspect("  \n", &[]).marks.is_empty());
    }
}
