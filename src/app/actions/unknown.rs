//! A field that the server does not know: taken out, or its key spelled otherwise.

use super::set_field::quoted;
use super::{ActionPlan, ActionWish, Change, PlanInput};
use crate::text::{Node, Span, visible_line};

/// Words for a field that should not be there.
const WORDS: [&str; 10] = [
    "is unknown",
    "unknown field",
    "unknown property",
    "unrecognized",
    "unrecognised",
    "unexpected field",
    "unexpected property",
    "additional propert",
    "extra inputs are not permitted",
    "extra fields not permitted",
];

/// Whether the words say that the field is not known.
pub(super) fn is_said(words: &[&str]) -> bool {
    let head = |text: &str| text.get(..text.floor_char_boundary(2000)).unwrap_or(text).to_lowercase();
    words.iter().map(|text| head(text)).any(|text| WORDS.iter().any(|word| text.contains(word)))
}

/// The ways to mend a member of an object, in the order offered; the last is to set its value all the same.
pub(super) fn ways(node: Node<'_, '_>) -> Option<Vec<String>> {
    let member = node.parent()?.members().find(|member| member.value.span() == node.span())?;
    let name = visible_line(&member.key);
    Some(vec![format!("Remove {name}"), format!("Rename {name}"), format!("Set another value for {name}")])
}

/// Plans one of the first two ways for a member of an object; none for anything else, and for the third way.
pub(super) fn plan(wish: &ActionWish, path: &str, node: Node<'_, '_>) -> Option<ActionPlan> {
    let body = &wish.draft.body;
    let members: Vec<_> = node.parent()?.members().collect();
    let index = members.iter().position(|member| member.value.span() == node.span())?;
    let member = members.get(index)?;
    let whole = Span::new(member.key_span.start, node.span().end);
    let (span, after, change, input) = match wish.choice {
        0 => {
            let next = members.get(index + 1).map(|next| next.key_span.start);
            let previous = index.checked_sub(1).and_then(|at| members.get(at)).map(|at| at.value.span().end);
            // The comma goes with it: the one behind it, or before it where it is the last.
            let span = match (next, previous) {
                (Some(next), _) => Span::new(whole.start, next),
                (None, Some(previous)) => Span::new(previous, whole.end),
                (None, None) => whole,
            };
            let before = whole.slice(body).map(str::to_owned);
            (span, String::new(), Change { what: path.to_owned(), before, after: "not there".to_owned() }, None)
        }
        1 => {
            let name = wish.typed.clone().unwrap_or_else(|| member.key.clone().into_owned());
            let label = format!("Name instead of {}", visible_line(&member.key));
            let before = member.key_span.slice(body).map(str::to_owned);
            let change = Change { what: format!("the key {}", member.key), before, after: quoted(&name) };
            let input = PlanInput { label, value: name.clone(), suggestions: Vec::new() };
            (member.key_span, quoted(&name), change, Some(input))
        }
        _ => return None,
    };
    let (head, tail) = (body.get(..span.start)?, body.get(span.end..)?);
    let mut draft = wish.draft.clone();
    draft.body = format!("{head}{after}{tail}").into();
    let said = "The answer says that the server does not know this field";
    Some(ActionPlan {
        changes: vec![change],
        notes: vec![said.to_owned()],
        choices: ways(node)?,
        choice: wish.choice,
        input,
        draft: Some(draft),
        ..ActionPlan::of(wish, format!("Set {}", visible_line(path)))
    })
}
