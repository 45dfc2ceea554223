//! Adds or corrects the workspace header.

use super::{ActionPlan, ActionWish, Change, PlanInput, Refusal};

/// Plans it: the workspace that is typed, else the one the environment or the credential belongs to.
pub(super) fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let Some(rule) = &wish.profile.workspace else {
        let what = "This profile has no workspace header".to_owned();
        return Err((what, "add the header by hand in the Headers tab".to_owned()));
    };
    let sent = wish.answer.record.request_headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(&rule.header));
    let value = wish.typed.clone().or_else(|| wish.workspace.clone()).unwrap_or_default();
    let value = value.trim().to_owned();
    let mut draft = wish.draft.clone();
    draft.workspace = (!value.is_empty()).then(|| value.clone());
    // A line typed by hand would go beside it.
    draft.headers.retain(|line| !line.name.eq_ignore_ascii_case(&rule.header));
    let mut notes = Vec::new();
    if wish.workspace.is_none() {
        notes
            .push("No workspace is known for this environment; type the one that the credential belongs to".to_owned());
    }
    let change = Change {
        what: format!("header {}", rule.header),
        before: sent.map(|(_, value)| value.clone()),
        after: if value.is_empty() { "the environment's own".to_owned() } else { value.clone() },
    };
    Ok(ActionPlan {
        id: wish.id.clone(),
        title: format!("Send {}", rule.header),
        changes: vec![change],
        notes,
        input: Some(PlanInput { label: "Workspace to send".to_owned(), value, suggestions: Vec::new() }),
        draft: Some(draft),
        asks: Vec::new(),
        rows: Vec::new(),
        made_for: wish.made_for,
    })
}
