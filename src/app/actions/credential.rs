//! Another credential for the call: which of the person's may go to the same origin.

use jiff::Timestamp;

use super::{ActionPlan, ActionWish, Change, Refusal};
use crate::credentials::Credential;
use crate::exchange::CredentialChoice;
use crate::text::visible_line;

/// How many are offered.
const MOST: usize = 12;

/// Plans it: of those that may go there, the likeliest first.
///
/// # Errors
///
/// No other credential may go there.
pub(super) fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let mut usable: Vec<&Credential> = wish.usable.iter().collect();
    usable.sort_by_key(|credential| {
        let is_of_another = wish.workspace.is_some() && credential.workspace.is_some();
        let is_of_another = is_of_another && credential.workspace != wish.workspace;
        (is_expired(credential, wish.now), is_of_another, credential.name.as_str())
    });
    usable.truncate(MOST);
    let choice = wish.choice.min(usable.len().saturating_sub(1));
    let Some(chosen) = usable.get(choice) else {
        let what = "No other credential of yours may go to this address".to_owned();
        return Err((what, "add one under Manage credentials…, for this address".to_owned()));
    };
    let mut draft = wish.draft.clone();
    draft.credential = CredentialChoice::Named(chosen.name.clone());
    let mut changes =
        vec![Change { what: "credential".to_owned(), before: Some(name_of(wish)), after: chosen.name.clone() }];
    if let (Some(rule), Some(own)) = (&wish.profile.workspace, &chosen.workspace)
        && draft.workspace.as_ref() != Some(own)
    {
        // A credential goes with its own workspace only.
        let before = draft.workspace.clone().or_else(|| wish.workspace.clone());
        if before.as_ref() != Some(own) {
            changes.push(Change { what: format!("header {}", rule.header), before, after: own.clone() });
        }
        draft.workspace = Some(own.clone());
    }
    Ok(ActionPlan {
        changes,
        notes: vec![
            "A credential has to be chosen by what it may do; what is not written down is not known".to_owned(),
        ],
        choices: usable.iter().map(|credential| facts(credential, wish.now)).collect(),
        choice,
        draft: Some(draft),
        ..ActionPlan::of(wish, "Choose another credential")
    })
}

/// What is used now, in words.
fn name_of(wish: &ActionWish) -> String {
    match &wish.draft.credential {
        CredentialChoice::Named(name) => name.clone(),
        CredentialChoice::Nothing => "none".to_owned(),
        CredentialChoice::Environment => "the environment's own".to_owned(),
    }
}

/// What is known of one. Shape: `my-key ···· 1a2b, workspace ws_1, posts.read posts.write`.
fn facts(credential: &Credential, now: Timestamp) -> String {
    let last4 = credential.last4.as_deref().map(|last| format!(" ···· {last}")).unwrap_or_default();
    let mut parts = vec![format!("{}{last4}", credential.name)];
    parts.extend(credential.workspace.iter().map(|workspace| format!("workspace {workspace}")));
    parts.push(if credential.scopes.is_empty() { "scopes unknown".to_owned() } else { credential.scopes.join(" ") });
    if is_expired(credential, now) {
        parts.push("expired".to_owned());
    }
    visible_line(&parts.join(", ")).into_owned()
}

fn is_expired(credential: &Credential, now: Timestamp) -> bool {
    credential.expires_at.is_some_and(|at| at <= now)
}
