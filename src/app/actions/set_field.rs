//! Sets the blamed field of the payload: only the bytes of its value change.

use url::form_urlencoded;

use super::insert::inserted;
use super::wants::Wants;
use super::{ActionPlan, ActionWish, Change, PlanInput, Refusal, allowed, future, unknown};
use crate::diagnosis::{FieldFinding, Place};
use crate::text::{Document, Form, Kind, Node, Span, Surroundings, find, surroundings, visible_line};

/// The finding that is set: the one chosen, counted from 0, if it lies in the payload, else the first that does.
pub fn settable(fields: &[FieldFinding], chosen: usize) -> Option<&FieldFinding> {
    let is_here = |field: &&FieldFinding| matches!(field.place, Place::Body(_) | Place::MissingIn(_) | Place::Form(..));
    fields.get(chosen).filter(is_here).or_else(|| fields.iter().find(is_here))
}

/// What the answer says of the field.
struct Said<'a> {
    field: &'a FieldFinding,
    wants: Wants,
    suggestions: Vec<String>,
}

/// Plans it.
///
/// # Errors
///
/// The field is not in the payload any more, or there is none that could be set.
pub(super) fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let diagnosis = wish.answer.diagnosis.as_ref();
    let fields = diagnosis.map_or(&[][..], |diagnosis| diagnosis.fields.as_slice());
    let Some(field) = settable(fields, wish.finding) else {
        return Err(("No finding lies in the payload".to_owned(), "change the request by hand".to_owned()));
    };
    // The message speaks of the whole call: with several fields it may mean another one.
    let message = diagnosis.and_then(|said| said.message.as_deref()).filter(|_| fields.len() == 1);
    let words: Vec<&str> = [field.reason.as_deref(), message].into_iter().flatten().collect();
    let lists = words.iter().map(|words| allowed::values(words));
    let suggestions = lists.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    let said = Said { field, wants: Wants::of(&words), suggestions };
    let document = Document::parse(&wish.draft.body);
    if matches!(field.place, Place::Form(..)) {
        return in_form(wish, said, &document);
    }
    if !document.is_complete() {
        let fix = "mend its marked place first, then the field can be set".to_owned();
        return Err(("The payload is not JSON now".to_owned(), fix));
    }
    if let Place::MissingIn(_) = field.place {
        // It may have been put in since: then that is what is set, for a second one of the name would be two fields.
        return match find(&document, &field.path) {
            Some(found) => Ok(replaced(wish, said, found.node.span())),
            None => missing(wish, said, &document),
        };
    }
    let node = match &field.place {
        Place::Body(pointer) => document.at_pointer(pointer.as_str()),
        _ => None,
    };
    let unknown = node.filter(|_| unknown::is_said(&words));
    if let Some(plan) = unknown.and_then(|node| unknown::plan(wish, &field.path, node)) {
        return Ok(plan);
    }
    match field.place.span_in_payload(&document) {
        Some(span) => {
            let mut plan = replaced(wish, said, span);
            plan.choices = unknown.and_then(unknown::ways).unwrap_or_default();
            plan.choice = plan.choices.len().saturating_sub(1);
            Ok(plan)
        }
        None => Err(gone(field)),
    }
}

fn gone(field: &FieldFinding) -> Refusal {
    let what = format!("{} is no longer in the payload", visible_line(&field.path));
    (what, "send the request again to see what is wrong with it now".to_owned())
}

/// Another value for one that is there.
fn replaced(wish: &ActionWish, said: Said<'_>, span: Span) -> ActionPlan {
    let before = span.slice(&wish.draft.body).unwrap_or("");
    let typed = wish.typed.clone().unwrap_or_else(|| proposal(before, &said, wish));
    let after = as_json(&typed, before, said.wants);
    let change = Change { what: said.field.path.clone(), before: Some(before.to_owned()), after: after.clone() };
    made(wish, said, change, typed, span, &after)
}

/// A field that is not there: the key that was probably meant is renamed, or the field is put into its object.
fn missing(wish: &ActionWish, said: Said<'_>, document: &Document<'_>) -> Result<ActionPlan, Refusal> {
    let Surroundings { within, nearest, is_parent, missing } = surroundings(document, &said.field.path);
    let node = within.filter(|node| is_parent && node.kind() == Kind::Object);
    let (Some(node), Some(name)) = (node, missing) else {
        let what = format!("The object that {} belongs in is not in the payload", visible_line(&said.field.path));
        return Err((what, "add the object by hand, then the field".to_owned()));
    };
    let key = nearest.as_ref().and_then(|nearest| Some((nearest, node.get(nearest).and_then(Node::key_span)?)));
    let choices = key.map_or_else(Vec::new, |(nearest, _)| {
        vec![
            format!("Rename {} to {}", visible_line(nearest), visible_line(&name)),
            format!("Add {}", visible_line(&name)),
        ]
    });
    // A key that is nearly the same is the likeliest slip, so that is the first way.
    if let (Some((nearest, key)), 0) = (key, wish.choice) {
        let after = quoted(&name);
        let before = key.slice(&wish.draft.body).map(str::to_owned);
        let change = Change { what: format!("the key {nearest}"), before, after: after.clone() };
        let mut plan = made(wish, said, change, String::new(), key, &after);
        plan.input = None;
        let nearest = visible_line(nearest);
        plan.notes = vec![format!("{nearest} is spelled most like the field that is missing; its value stays")];
        plan.choices = choices;
        return Ok(plan);
    }
    let typed = wish.typed.clone().unwrap_or_else(|| proposal("", &said, wish));
    // Nothing was there that could say what kind it is, so what reads as JSON is JSON.
    let value = as_json(&typed, "", said.wants);
    let (at, text) = inserted(&wish.draft.body, node, &quoted(&name), &value);
    let change = Change { what: said.field.path.clone(), before: None, after: format!("{}: {value}", quoted(&name)) };
    let mut plan = made(wish, said, change, typed, at, &text);
    plan.choice = wish.choice.min(choices.len().saturating_sub(1));
    plan.choices = choices;
    Ok(plan)
}

/// A part of a form: its value is written in the form's own encoding.
fn in_form(wish: &ActionWish, said: Said<'_>, document: &Document<'_>) -> Result<ActionPlan, Refusal> {
    let body = &wish.draft.body;
    let Place::Form(name, occurrence) = &said.field.place else { return Err(gone(said.field)) };
    let form = Form::read(body, None).filter(|_| !document.is_complete());
    let Some(part) = form.as_ref().and_then(|form| form.part(name, *occurrence)) else { return Err(gone(said.field)) };
    if part.has_file {
        let what = format!("{} is a file", visible_line(&said.field.path));
        return Err((what, "put another one into the payload by hand".to_owned()));
    }
    // A pair stands on one line; the head of a multipart form's part ends in a line break.
    let is_pair = part.whole.slice(body).is_none_or(|whole| !whole.contains('\n'));
    let is_bare = is_pair && part.span == part.whole;
    let before = if is_bare { "" } else { part.span.slice(body).unwrap_or("") };
    let read = if is_pair { decoded(before) } else { before.to_owned() };
    let typed = match &wish.typed {
        Some(typed) => typed.clone(),
        // A form has texts only, but a number in it may be an epoch.
        None => match future::ahead(&read, wish.now).filter(|_| said.wants.future) {
            Some(ahead) => ahead,
            None => proposal(&quoted(&read), &said, wish),
        },
    };
    let after = if is_pair { form_urlencoded::byte_serialize(typed.as_bytes()).collect() } else { typed.clone() };
    let before = (!is_bare).then(|| before.to_owned());
    let change = Change { what: said.field.path.clone(), before, after: after.clone() };
    let (span, after) =
        if is_bare { (Span::new(part.span.end, part.span.end), format!("={after}")) } else { (part.span, after) };
    Ok(made(wish, said, change, typed, span, &after))
}

/// A value of a pair as it is meant.
fn decoded(value: &str) -> String {
    let pair = format!("v={value}");
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}

fn made(wish: &ActionWish, said: Said<'_>, change: Change, value: String, span: Span, after: &str) -> ActionPlan {
    let path = visible_line(&said.field.path);
    let body = &wish.draft.body;
    let (before, behind) = (body.get(..span.start).unwrap_or(""), body.get(span.end..).unwrap_or(""));
    let mut draft = wish.draft.clone();
    draft.body = format!("{before}{after}{behind}").into();
    let is_same = change.before.as_ref() == Some(&change.after);
    let same = "That is what is there already: type what it should be".to_owned();
    ActionPlan {
        changes: vec![change],
        notes: if is_same { vec![same] } else { Vec::new() },
        input: Some(PlanInput { label: format!("Value of {path}"), value, suggestions: said.suggestions }),
        draft: Some(draft),
        ..ActionPlan::of(wish, format!("Set {path}"))
    }
}

/// The value to begin with: a time that lies ahead, the first allowed word, else what is there.
fn proposal(before: &str, said: &Said<'_>, wish: &ActionWish) -> String {
    let is_empty = matches!(before, "" | "null" | "\"\"");
    let ahead = match (said.wants.future, is_empty) {
        (true, true) => future::in_an_hour(wish.now),
        (true, false) => future::ahead(before, wish.now),
        (false, _) => None,
    };
    ahead.or_else(|| said.suggestions.first().cloned()).unwrap_or_else(|| shown(before))
}

/// A value as a person edits it: a text without its quotes, anything else as written.
fn shown(raw: &str) -> String {
    serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned())
}

/// What was typed as JSON. Where a text was or is wanted, a text stays; elsewhere what reads as JSON is JSON.
fn as_json(typed: &str, before: &str, wants: Wants) -> String {
    let trimmed = typed.trim();
    let is_text_wanted = wants.text || (before.starts_with('"') && !wants.no_text);
    let is_json = !trimmed.is_empty() && Document::parse(trimmed).is_complete();
    let is_container = trimmed.starts_with(['{', '[', '"']);
    if is_json && (!is_text_wanted || is_container) { trimmed.to_owned() } else { quoted(typed) }
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_stays_of_the_kind_that_was_there() {
        let as_before = |typed: &str, before: &str| as_json(typed, before, Wants::default());
        assert_eq!(as_before("draft", "\"x\""), "\"draft\"");
        assert_eq!(as_before("5", "\"x\""), "\"5\"");
        assert_eq!(as_before("5", "7"), "5");
        assert_eq!(as_before("5", ""), "5");
        assert_eq!(as_before("true", "null"), "true");
        assert_eq!(as_before("[1]", "\"x\""), "[1]");
        assert_eq!(as_before("a \"b\"", "7"), r#""a \"b\"""#);
        assert_eq!(as_before("", "7"), "\"\"");
        assert_eq!(shown("\"a\\u00e9\""), "aé");
        assert_eq!(shown("{ }"), "{ }");
    }

    #[test]
    fn what_the_answer_wants_goes_before_what_was_there() {
        let no_text = Wants { no_text: true, ..Wants::default() };
        assert_eq!(as_json("5", "\"5\"", no_text), "5");
        assert_eq!(as_json("five", "\"5\"", no_text), "\"five\"");
        let text = Wants { text: true, ..Wants::default() };
        assert_eq!(as_json("5", "5", text), "\"5\"");
        assert_eq!(as_json("\"5\"", "5", text), "\"5\"");
    }
}
