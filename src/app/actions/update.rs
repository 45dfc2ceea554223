//! What happens with a guided action: opened, edited, applied, taken back.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::{ActionWish, Asked, OpenAction, Refusal, Step, Undo};
use crate::app::answer::Answer;
use crate::app::command::Command;
use crate::app::credentials::CredentialAct;
use crate::app::effect::Effect;
use crate::app::history;
use crate::app::state::{Dialog, NoticeKind, SandboxState, State};
use crate::app::update::update;
use crate::credentials::{Credential, Origin};
use crate::exchange::RequestDraft;
use crate::profile::EnvironmentKind;

/// One thing that happens with a guided action.
#[derive(Debug)]
pub enum ActionAct {
    /// Show what the action of that id would change.
    Open(String),
    /// Show it with another value.
    Edit(String),
    /// Show it done in another of its ways, counted from 0.
    Choose(usize),
    /// Ask other workspaces of the person's too, or not.
    WithOthers(bool),
    /// It was planned.
    Planned {
        /// The number of the wish.
        number: u64,
        /// Whether the API was asked for it.
        has_asked: bool,
        /// The plan, or why it cannot be done.
        end: Result<Box<OpenAction>, Refusal>,
    },
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
    /// Do what it does elsewhere than in the request.
    Do,
    /// Open the page that it leads to.
    OpenPage,
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
        ActionAct::Open(id) => {
            let mut effects = forget(state);
            effects.extend(wish(state, id).map(|wish| planned(wish, Vec::new())));
            effects
        }
        ActionAct::Edit(typed) => again(state, |wish| wish.typed = Some(typed)),
        ActionAct::Choose(choice) => again(state, |wish| {
            wish.choice = choice;
            // What was typed was typed for the other way.
            wish.typed = None;
        }),
        ActionAct::WithOthers(with) => again(state, |wish| wish.with_others = with),
        ActionAct::Planned { number, has_asked, end } => {
            let mut effects = if has_asked { history::refresh(state) } else { Vec::new() };
            // A person who typed on, or left the card, waits for nothing older.
            if number == state.action_number {
                effects.extend(show(state, end));
            }
            effects
        }
        ActionAct::Ask => match &mut state.action {
            Some(open) if !open.is_asking && !open.plan.asks.is_empty() => {
                open.is_asking = true;
                vec![Effect::AskForAction(open.clone())]
            }
            _ => Vec::new(),
        },
        ActionAct::Take { key, is_theirs } => again(state, |wish| {
            wish.takes.insert(key, is_theirs);
        }),
        ActionAct::Apply { send } => change(state, send),
        ActionAct::Do => step(state),
        ActionAct::OpenPage => {
            let page = state.action.as_ref().and_then(|open| open.plan.link.clone());
            page.map(Effect::OpenLink).into_iter().collect()
        }
        ActionAct::Close => forget(state),
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

/// Closes the card. What it is asking is stopped, and a plan that is still under way is dropped when it comes.
pub fn forget(state: &mut State) -> Vec<Effect> {
    state.action_number = state.number();
    let was_asking = state.action.take().is_some_and(|open| open.is_asking);
    if was_asking { vec![Effect::StopAsking] } else { Vec::new() }
}

fn show(state: &mut State, end: Result<Box<OpenAction>, Refusal>) -> Vec<Effect> {
    match end {
        Ok(open) if open.wish.draft != state.draft => vec![plan_again(state, open.wish, open.asked)],
        Ok(open) => {
            state.action = Some(open);
            Vec::new()
        }
        Err((summary, fix)) => {
            state.action = None;
            state.say(NoticeKind::Attention, summary, fix);
            Vec::new()
        }
    }
}

fn planned(wish: ActionWish, asked: Vec<Asked>) -> Effect {
    Effect::PlanAction { wish: Box::new(wish), asked }
}

/// Plans the open action again after a change of its wish.
fn again(state: &mut State, change: impl FnOnce(&mut ActionWish)) -> Vec<Effect> {
    let Some(open) = &state.action else { return Vec::new() };
    // What is being asked was asked for the wish before.
    let stop = open.is_asking.then_some(Effect::StopAsking);
    let (mut wish, asked) = (open.wish.clone(), open.asked.clone());
    change(&mut wish);
    let plan = plan_again(state, wish, asked);
    stop.into_iter().chain([plan]).collect()
}

/// For the request as it is in the editors now.
fn plan_again(state: &mut State, mut wish: ActionWish, asked: Vec<Asked>) -> Effect {
    state.action_number = state.number();
    wish.number = state.action_number;
    wish.draft = state.draft.clone();
    planned(wish, asked)
}

fn wish(state: &State, id: String) -> Option<ActionWish> {
    let answer = state.answer.as_ref()?;
    let named = state.used_credential();
    let known = |name: &str| state.keyring.credentials.iter().find(|known| known.name == name).cloned();
    let credential = named.and_then(known);
    let used = answer.record.credential.as_deref().and_then(known);
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
        number: state.action_number,
        draft: state.draft.clone(),
        answer: Arc::clone(answer),
        finding: state.finding.unwrap_or(0),
        typed: None,
        choice: 0,
        takes: BTreeMap::new(),
        profile: Arc::clone(&state.profile),
        workspace,
        credential: used.map(Box::new),
        others,
        usable: usable(state, answer, named),
        with_others: false,
        now: Timestamp::now(),
    })
}

/// The credentials that may go where the answer came from, but for the one in use and those of the profile's own
/// requests, which serve nothing else.
fn usable(state: &State, answer: &Answer, named: Option<&str>) -> Vec<Credential> {
    let origin = Url::parse(&answer.record.url).ok().and_then(|url| Origin::of(&url));
    let Some(origin) = origin else { return Vec::new() };
    let is_for_a_request = |name: &str| state.profile.requests.iter().any(|r| r.credential.as_deref() == Some(name));
    let fits = |other: &&Credential| {
        other.origins.contains(&origin) && Some(other.name.as_str()) != named && !is_for_a_request(&other.name)
    };
    state.keyring.credentials.iter().filter(fits).cloned().collect()
}

fn change(state: &mut State, send: bool) -> Vec<Effect> {
    let Some(open) = &state.action else { return Vec::new() };
    if open.wish.draft != state.draft {
        let fix = "look at what it would change now, and apply it then";
        state.say(NoticeKind::Attention, "The request was changed meanwhile", fix);
        return again(state, |_| {});
    }
    let Some(draft) = open.plan.draft.clone() else { return Vec::new() };
    let title = open.plan.title.clone();
    let before = Box::new(state.draft.clone());
    let mut effects = forget(state);
    effects.extend(put(state, draft));
    // Where no answer comes there is no card's place to say it in.
    state.say(NoticeKind::Done, format!("The request was changed: {title}"), "Undo puts it back as it was");
    state.undo = Some(Undo { title, before, after: Box::new(state.draft.clone()), revision: state.draft_revision });
    if send {
        effects.extend(update(state, Command::Send));
    }
    effects
}

/// What is done elsewhere has its own panels, which say how it goes on.
fn step(state: &mut State) -> Vec<Effect> {
    let Some(step) = state.action.as_ref().and_then(|open| open.plan.step.clone()) else { return Vec::new() };
    let mut effects = forget(state);
    match step {
        Step::Refresh(name) => effects.extend(update(state, Command::Credential(CredentialAct::Refresh(name)))),
        Step::SignIn(name) => {
            effects.extend(update(state, Command::OpenDialog(Dialog::Credentials)));
            effects.extend(update(state, Command::Credential(CredentialAct::SignInAgain(name))));
        }
    }
    effects
}

fn undo(state: &mut State) -> Vec<Effect> {
    let Some(undo) = state.undo.take().filter(|undo| undo.revision == state.draft_revision) else {
        let fix = "a request as it was sent can be opened from the history";
        state.say(NoticeKind::Attention, "No guided action of this request is left to take back", fix);
        return Vec::new();
    };
    let mut effects = forget(state);
    effects.extend(put(state, *undo.before));
    state.say(NoticeKind::Done, format!("Taken back: {}", undo.title), String::new());
    effects
}

/// Puts a request into the editors that came of the one there. The answer in sight stays its own, so that its findings
/// stay marked.
fn put(state: &mut State, draft: RequestDraft) -> Vec<Effect> {
    let open_entry = state.open_entry.clone();
    state.replace_draft(draft);
    state.open_entry = open_entry;
    let body = Arc::clone(&state.draft.body);
    update(state, Command::SetBody(body))
}
