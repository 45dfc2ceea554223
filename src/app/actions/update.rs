//! What happens with a guided action: opened, edited, applied, taken back.

use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::{ActionWish, Asked, OpenAction, Refusal, Undo, ask};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::state::{NoticeKind, SandboxState, State};
use crate::app::update::update;
use crate::exchange::CredentialChoice;
use crate::profile::EnvironmentKind;

/// One thing that happens with a guided action.
#[derive(Debug)]
pub enum ActionAct {
    /// Show what the action of that id would change.
    Open(String),
    /// Show it with another value.
    Edit(String),
    /// Ask other workspaces of the person's too, or not.
    WithOthers(bool),
    /// It was planned.
    Planned(Result<Box<OpenAction>, Refusal>),
    /// Ask the API what the plan says.
    Ask,
    /// Take the latest state's value of a member, or keep one's own.
    Take {
        /// The member.
        key: String,
        /// Whether theirs is taken.
        is_theirs: bool,
    },
    /// Change it.
    Apply {
        /// Whether to send the request at once.
        send: bool,
    },
    /// Leave it as it is.
    Close,
    /// Take the last one back.
    Undo,
    /// Open the documentation that the answer or the catalogue names.
    OpenDocs,
    /// Open the profile's status page.
    OpenStatus,
}

/// Applies it and says what has to be done outside.
pub fn apply(state: &mut State, act: ActionAct) -> Vec<Effect> {
    match act {
        ActionAct::Open(id) => wish(state, id).into_iter().map(|wish| planned(wish, Vec::new())).collect(),
        ActionAct::Edit(typed) => again(state, |wish| wish.typed = Some(typed)),
        ActionAct::WithOthers(with) => again(state, |wish| wish.with_others = with),
        ActionAct::Planned(Ok(open)) => {
            // One that was made for an older draft says nothing of this one.
            state.action = (open.plan.made_for == made_for(state)).then_some(open);
            Vec::new()
        }
        ActionAct::Planned(Err((summary, fix))) => {
            state.action = None;
            state.say(NoticeKind::Attention, summary, fix);
            Vec::new()
        }
        ActionAct::Ask => match &mut state.action {
            Some(open) if !open.is_asking && !open.plan.asks.is_empty() => {
                open.is_asking = true;
                vec![Effect::AskForAction(open.clone())]
            }
            _ => Vec::new(),
        },
        ActionAct::Take { key, is_theirs } => {
            if let Some(open) = &mut state.action {
                open.plan.rows.iter_mut().filter(|row| row.key == key).for_each(|row| row.is_theirs = is_theirs);
                ask::take(&mut open.plan, &open.wish.draft);
            }
            Vec::new()
        }
        ActionAct::Apply { send } => change(state, send),
        ActionAct::Close => {
            state.action = None;
            Vec::new()
        }
        ActionAct::Undo => undo(state),
        ActionAct::OpenDocs => {
            let diagnosis = state.answer.as_ref().and_then(|answer| answer.diagnosis.as_ref());
            let url = diagnosis.and_then(|said| said.doc_url.as_deref()).and_then(|url| Url::parse(url).ok());
            url.map(Effect::OpenLink).into_iter().collect()
        }
        ActionAct::OpenStatus => {
            let url = state.profile.link("status_page").and_then(|link| Url::parse(link.url.as_deref()?).ok());
            url.map(Effect::OpenLink).into_iter().collect()
        }
    }
}

fn planned(wish: ActionWish, asked: Vec<Asked>) -> Effect {
    Effect::PlanAction { wish: Box::new(wish), asked }
}

/// Plans the open action again after a change of its wish.
fn again(state: &State, change: impl FnOnce(&mut ActionWish)) -> Vec<Effect> {
    let Some(open) = &state.action else { return Vec::new() };
    let mut wish = open.wish.clone();
    change(&mut wish);
    vec![planned(wish, open.asked.clone())]
}

fn made_for(state: &State) -> (u64, u64) {
    (state.draft_revision, state.body_revision)
}

fn wish(state: &State, id: String) -> Option<ActionWish> {
    let answer = state.answer.as_ref()?;
    let named = match &state.draft.credential {
        CredentialChoice::Named(name) => Some(name.clone()),
        CredentialChoice::Environment => match &state.sandbox {
            SandboxState::Running { credential, .. } => Some(credential.clone()),
            _ => None,
        },
        CredentialChoice::Nothing => None,
    };
    let credential = named.and_then(|name| state.keyring.credentials.iter().find(|known| known.name == name)).cloned();
    let is_embedded =
        state.profile.environment(&state.draft.environment).is_some_and(|e| e.kind == EnvironmentKind::Embedded);
    let of_sandbox = match &state.sandbox {
        SandboxState::Running { workspace, .. } if is_embedded => Some(workspace.clone()),
        _ => None,
    };
    let workspace = credential.as_ref().and_then(|credential| credential.workspace.clone()).or(of_sandbox);
    let own = credential.as_ref();
    let others = state.keyring.credentials.iter().filter(|other| {
        let is_near = own.is_some_and(|own| own.name != other.name && own.workspace != other.workspace)
            && own.is_some_and(|own| own.origins.iter().any(|origin| other.origins.contains(origin)));
        is_near && other.workspace.is_some()
    });
    let others = others.take(5).filter_map(|other| Some((other.name.clone(), other.workspace.clone()?))).collect();
    Some(ActionWish {
        id,
        draft: state.draft.clone(),
        made_for: made_for(state),
        answer: Arc::clone(answer),
        finding: state.finding.unwrap_or(0),
        typed: None,
        profile: Arc::clone(&state.profile),
        workspace,
        credential: credential.map(Box::new),
        others,
        with_others: false,
        now: Timestamp::now(),
    })
}

fn change(state: &mut State, send: bool) -> Vec<Effect> {
    let Some(plan) = state.action.take().map(|open| open.plan) else { return Vec::new() };
    if plan.made_for != made_for(state) {
        let summary = "The request was changed meanwhile".to_owned();
        state.say(NoticeKind::Attention, summary, "open the action again to see what it would change now".to_owned());
        return Vec::new();
    }
    let Some(draft) = plan.draft else { return Vec::new() };
    let before = Box::new(state.draft.clone());
    let open_entry = state.open_entry.clone();
    state.replace_draft(draft);
    // The answer in sight is still the one this draft came from, so that its findings stay marked.
    state.open_entry = open_entry;
    state.undo = Some(Undo { title: plan.title, draft: before, after: state.draft_revision });
    let body = Arc::clone(&state.draft.body);
    let mut effects = update(state, Command::SetBody(body));
    if send {
        effects.extend(update(state, Command::Send));
    }
    effects
}

fn undo(state: &mut State) -> Vec<Effect> {
    let Some(undo) = state.undo.take().filter(|undo| undo.after == state.draft_revision) else { return Vec::new() };
    let open_entry = state.open_entry.clone();
    state.replace_draft(*undo.draft);
    state.open_entry = open_entry;
    state.say(NoticeKind::Done, format!("Taken back: {}", undo.title), String::new());
    let body = Arc::clone(&state.draft.body);
    update(state, Command::SetBody(body))
}
