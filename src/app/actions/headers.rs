//! Adds or corrects the workspace header.

use super::{ActionPlan, ActionWish, Change, PlanInput, Refusal};

/// Plans it: the workspace that is typed, else the one the environment or the credential belongs to.
pub(super) fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let Some(rule) = &wish.profile.workspace else {
        let what = "This profile has no workspace header".to_owned();
        return Err((what, "add the header by hand in the Headers tab".to_owned()));
    };
    let value = wish.typed.clone().or_else(|| wish.workspace.clone()).unwrap_or_default();
    let value = value.trim().to_owned();
    let mut draft = wish.draft.clone();
    draft.workspace = (!value.is_empty()).then(|| value.clone());
    // A line typed by hand would go beside it.
    draft.headers.retain(|line| !line.name.eq_ignore_ascii_case(&rule.header));
    let before = before(wish, &rule.header);
    let mut notes = Vec::new();
    if wish.workspace.is_none() {
        notes
            .push("No workspace is known for this environment; type the one that the credential belongs to".to_owned());
    }
    if before.as_deref() == Some(value.as_str()) {
        notes.push("The request names that workspace already; the server may want another one".to_owned());
    }
    let change = Change {
        what: format!("header {}", rule.header),
        before,
        after: if value.is_empty() { "the environment's own".to_owned() } else { value.clone() },
    };
    let suggestions = wish.workspace.iter().filter(|known| **known != value).cloned().collect();
    Ok(ActionPlan {
        changes: vec![change],
        notes,
        input: Some(PlanInput { label: "Workspace to send".to_owned(), value, suggestions }),
        draft: Some(draft),
        ..ActionPlan::of(wish, format!("Send {}", rule.header))
    })
}

/// What the draft would send now: a line of its own, else the workspace chosen for it, else what went out.
fn before(wish: &ActionWish, header: &str) -> Option<String> {
    let line = wish.draft.headers.iter().find(|line| line.name.eq_ignore_ascii_case(header));
    if let Some(line) = line {
        return Some(line.value.clone());
    }
    if let Some(chosen) = &wish.draft.workspace {
        return (!chosen.is_empty()).then(|| chosen.clone());
    }
    let sent = wish.answer.record.request_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header));
    sent.map(|(_, value)| value.clone())
}
