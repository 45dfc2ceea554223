//! What can be said of the payload in the editor: where it stops being JSON, and where each finding lies in it now.

use std::sync::Arc;

use super::body_view::BodyView;
use super::gaps::{Gap, gaps_of};
use crate::diagnosis::Place;
use crate::text::{Document, Form, LineIndex, Span, graphql_token_again, locate, surroundings, visible_line};

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
    /// Where it was in the payload that was sent.
    pub place: Place,
    /// The token of a GraphQL query that is blamed.
    pub token: Option<String>,
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
    /// Whether it is a form.
    pub is_form: bool,
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
    let form = if inspection.is_json { None } else { Form::read(text, None) };
    inspection.is_form = form.is_some();
    inspection.gaps = gaps_of(&document, &lines);
    inspection.view = (text.len() > LARGE_PAYLOAD_BYTES).then(|| Arc::new(BodyView::raw(text.as_bytes())));
    if let Some(error) = document.error().filter(|_| form.is_none()) {
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
        let Some((span, is_missing)) = place_now(wanted, &document, form.as_ref()) else {
            // In a text that is neither JSON nor a form nothing can be looked for, so nothing is said to be gone; nor is
            // what a form never had.
            let is_looked_for = inspection.is_json || (inspection.is_form && !wanted.was_missing);
            if is_looked_for {
                inspection.gone.push(wanted.finding);
            }
            continue;
        };
        // A text in which a query's token was found is a query, and need be no JSON.
        if matches!(wanted.place, Place::Graphql(..)) && !inspection.is_json {
            inspection.marks.retain(|mark| mark.kind != MarkKind::Syntax);
        }
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

/// Where a finding is in this version of the payload, and whether that is only where it belongs.
fn place_now(wanted: &Wanted, document: &Document<'_>, form: Option<&Form<'_>>) -> Option<(Span, bool)> {
    if let (Place::Graphql(line, column), Some(token)) = (&wanted.place, &wanted.token) {
        return graphql_token_again(document, *line, *column, token).map(|span| (span, false));
    }
    if let Some(form) = form {
        // The same one of several parts of a name, as long as there are so many.
        let same = wanted.place.span_in_payload(document).map(|span| (span, false));
        return same.or_else(|| form.find(&wanted.path).map(|found| (found.part.span, false)));
    }
    if let Some(node) = locate(document, &wanted.path) {
        return Some((node.span(), false));
    }
    let within = surroundings(document, &wanted.path).within.filter(|_| wanted.was_missing)?;
    Some((Span { start: within.span().start, end: within.span().start + 1 }, true))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn wanted(path: &str) -> Vec<Wanted> {
        let place = Place::Unknown;
        let reason = "value is in the past".into();
        vec![Wanted { finding: 0, path: path.into(), reason, was_missing: true, place, token: None }]
    }

    #[test]
    fn a_form_is_no_broken_json_and_its_marks_follow() {
        let mut wanted = wanted("tags[]");
        wanted[0].place = Place::Form("tags[]".into(), 0);
        wanted[0].was_missing = false;
        let marked = |text: &'static str| {
            let seen = inspect(text, &wanted);
            assert!(seen.is_form && !seen.is_json);
            seen.marks.first().map(|mark| mark.span.slice(text).unwrap()).ok_or(seen.gone)
        };
        assert_eq!(marked("a=1&tags%5B%5D=x&tags[]=y"), Ok("x"));
        assert_eq!(marked("tags=z"), Err(vec![0]));
        wanted[0].was_missing = true;
        assert!(inspect("a=1", &wanted).gone.is_empty());
    }

    #[test]
    fn a_query_by_itself_is_no_broken_json_where_its_token_is_found() {
        let mut wanted = wanted("nmae");
        wanted[0].place = Place::Graphql(1, 3);
        wanted[0].token = Some("nmae".into());
        wanted[0].was_missing = false;
        let seen = inspect("{ id nmae }", &wanted);
        assert_eq!(seen.marks.len(), 1);
        assert_eq!(seen.marks[0].span, Span { start: 5, end: 9 });
        let seen = inspect(r#"{"query": "{ name }"}"#, &wanted);
        assert_eq!((seen.marks.len(), seen.gone), (0, vec![0]));
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
