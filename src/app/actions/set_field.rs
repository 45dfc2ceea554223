//! Sets the blamed field of the payload: only the bytes of its value change.

use super::{ActionPlan, ActionWish, Change, PlanInput, Refusal, allowed, future};
use crate::diagnosis::{FieldFinding, Place};
use crate::text::{Document, Kind, Node, Span, visible_line};

/// Plans it for the finding that is chosen, else for the first in the payload.
pub(super) fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let diagnosis = wish.answer.diagnosis.as_ref();
    let fields = diagnosis.map_or(&[][..], |diagnosis| diagnosis.fields.as_slice());
    let is_here = |field: &&FieldFinding| matches!(field.place, Place::Body(_) | Place::MissingIn(_));
    let field = fields.get(wish.finding).filter(is_here).or_else(|| fields.iter().find(is_here));
    let Some(field) = field else {
        return Err(("No finding lies in the payload".to_owned(), "change the request by hand".to_owned()));
    };
    let document = Document::parse(&wish.draft.body);
    if !document.is_complete() {
        let fix = "mend its marked place first, then the field can be set".to_owned();
        return Err(("The payload is not JSON now".to_owned(), fix));
    }
    let Some(span) = field.place.span_in_payload(&document) else {
        let what = format!("{} is no longer in the payload", visible_line(&field.path));
        return Err((what, "send the request again to see what is wrong with it now".to_owned()));
    };
    let words = [field.reason.as_deref(), diagnosis.and_then(|d| d.message.as_deref())];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let suggestions =
        words.iter().map(|words| allowed::values(words)).find(|found| !found.is_empty()).unwrap_or_default();
    if let Place::MissingIn(_) = field.place {
        return missing(wish, field, &document, span, suggestions);
    }
    let before = span.slice(&wish.draft.body).unwrap_or("");
    let proposed = proposal(before, &words, &suggestions, wish);
    let typed = wish.typed.clone().unwrap_or(proposed);
    let after = as_json(&typed, before);
    let changes = vec![Change { what: field.path.clone(), before: Some(before.to_owned()), after: after.clone() }];
    Ok(made(wish, &field.path, changes, typed, suggestions, span, &after))
}

/// A field that is not there: put into its object, or the key that was probably meant is renamed.
fn missing(
    wish: &ActionWish,
    field: &FieldFinding,
    document: &Document<'_>,
    object: Span,
    suggestions: Vec<String>,
) -> Result<ActionPlan, Refusal> {
    if field.within.is_none() {
        let what = format!("The object that {} belongs in is not in the payload", visible_line(&field.path));
        return Err((what, "add the object by hand, then the field".to_owned()));
    }
    let node = document.node_at(object.start).filter(|node| node.kind() == Kind::Object);
    let Some(node) = node else {
        return Err((
            "The payload has changed since".to_owned(),
            "send it again to see what is missing now".to_owned(),
        ));
    };
    let name = last_name(&field.path);
    // Untouched, a key that is nearly the same is the likeliest slip.
    if let (Some(nearest), None) = (&field.nearest, &wish.typed)
        && let Some(key) = node.get(nearest).and_then(Node::key_span)
    {
        let after = quoted(&name);
        let change = Change { what: format!("the key {nearest}"), before: Some(quoted(nearest)), after: after.clone() };
        let mut plan = made(wish, &field.path, vec![change], String::new(), Vec::new(), key, &after);
        plan.input = None;
        plan.notes = vec![format!("{nearest} is spelled most like the field that is missing; its value stays")];
        return Ok(plan);
    }
    let typed = wish.typed.clone().or_else(|| suggestions.first().cloned()).unwrap_or_default();
    let member = format!("{}: {}", quoted(&name), as_json(&typed, "\"\""));
    let (at, text) = inserted(&wish.draft.body, node, &member);
    let change = Change { what: field.path.clone(), before: None, after: member };
    Ok(made(wish, &field.path, vec![change], typed, suggestions, at, &text))
}

/// Where a new last member goes, and the text that goes there: with a line of its own where the others have one.
fn inserted(text: &str, object: Node<'_, '_>, member: &str) -> (Span, String) {
    let last = object.members().last();
    let Some(last) = last else {
        let inside = object.span().start + 1;
        return (Span::new(inside, inside), member.to_owned());
    };
    let end = last.value.span().end;
    let key_start = last.key_span.start;
    let line_start = text.get(..key_start).and_then(|before| before.rfind('\n'));
    let indent = line_start.and_then(|at| text.get(at..key_start)).filter(|space| space.trim().is_empty());
    (Span::new(end, end), format!(",{}{member}", indent.unwrap_or(" ")))
}

fn made(
    wish: &ActionWish,
    path: &str,
    changes: Vec<Change>,
    value: String,
    suggestions: Vec<String>,
    span: Span,
    after: &str,
) -> ActionPlan {
    let body = &wish.draft.body;
    let (before, behind) = (body.get(..span.start).unwrap_or(""), body.get(span.end..).unwrap_or(""));
    let mut draft = wish.draft.clone();
    draft.body = format!("{before}{after}{behind}").into();
    ActionPlan {
        id: wish.id.clone(),
        title: format!("Set {}", visible_line(path)),
        changes,
        notes: Vec::new(),
        input: Some(PlanInput { label: format!("Value of {}", visible_line(path)), value, suggestions }),
        draft: Some(draft),
        asks: Vec::new(),
        rows: Vec::new(),
        made_for: wish.made_for,
    }
}

/// The value to begin with: a time that lies ahead, the first allowed word, else what is there.
fn proposal(before: &str, words: &[&str], suggestions: &[String], wish: &ActionWish) -> String {
    let wants_future = words.iter().any(|words| {
        let lower = words.to_lowercase();
        lower.contains("future") || lower.contains("in the past") || lower.contains("lie ahead")
    });
    let ahead = if wants_future { future::ahead(before, wish.now) } else { None };
    ahead.or_else(|| suggestions.first().cloned()).unwrap_or_else(|| shown(before))
}

/// A value as a person edits it: a text without its quotes, anything else as written.
fn shown(raw: &str) -> String {
    serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned())
}

/// What was typed as JSON. Where a text was, a text stays; elsewhere JSON counts as JSON.
fn as_json(typed: &str, before: &str) -> String {
    let trimmed = typed.trim();
    let is_text_wanted = before.starts_with('"');
    let is_json = !trimmed.is_empty() && Document::parse(trimmed).is_complete();
    let is_container = trimmed.starts_with(['{', '[', '"']);
    if is_json && (!is_text_wanted || is_container) { trimmed.to_owned() } else { quoted(typed) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The last name of a path, whatever its spelling.
fn last_name(path: &str) -> String {
    let bare = path.trim_end_matches([']', '"', '\'']);
    bare.rsplit(['.', '/', '[', '"', '\'']).next().unwrap_or(bare).to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_new_member_keeps_the_look_of_the_others() {
        let put = |text: &str| {
            let document = Document::parse(text);
            let (span, new) = inserted(text, document.root().unwrap(), "\"b\": 2");
            format!("{}{new}{}", &text[..span.start], &text[span.end..])
        };
        assert_eq!(put("{\n  \"a\": 1\n}"), "{\n  \"a\": 1,\n  \"b\": 2\n}");
        assert_eq!(put(r#"{"a":1}"#), r#"{"a":1, "b": 2}"#);
        assert_eq!(put("{}"), r#"{"b": 2}"#);
        assert_eq!(put("{\r\n\t\"a\": [1]\r\n}"), "{\r\n\t\"a\": [1],\n\t\"b\": 2\r\n}");
    }

    #[test]
    fn what_is_typed_stays_of_the_kind_that_was_there() {
        assert_eq!(as_json("draft", "\"x\""), "\"draft\"");
        assert_eq!(as_json("5", "\"x\""), "\"5\"");
        assert_eq!(as_json("5", "7"), "5");
        assert_eq!(as_json("true", "null"), "true");
        assert_eq!(as_json("[1]", "\"x\""), "[1]");
        assert_eq!(as_json("a \"b\"", "7"), r#""a \"b\"""#);
        assert_eq!(as_json("", "7"), "\"\"");
        assert_eq!(shown("\"a\\u00e9\""), "aé");
        assert_eq!(shown("{ }"), "{ }");
    }

    #[test]
    fn the_last_name_of_any_spelling() {
        for path in ["a.title", "/a/title", "a[0][title]", "a['title']", "title"] {
            assert_eq!(last_name(path), "title", "{path}");
        }
    }
}
