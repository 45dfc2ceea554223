//! Guided actions: what a finding offers to change, shown before it is changed, and taken back again.

mod allowed;
mod ask;
mod credential;
mod future;
mod headers;
mod insert;
mod plan;
#[cfg(test)]
mod plan_tests;
mod regenerate;
mod scope;
mod set_field;
mod token;
mod unknown;
mod update;
mod wants;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::answer::Answer;
use super::asks::PlannedGet;
use crate::credentials::Credential;
use crate::exchange::RequestDraft;
use crate::profile::Profile;

pub use ask::{Asked, Came, MergeChoice, ask_all};
pub use plan::open_action;
pub use set_field::settable;
pub use update::ActionAct;
pub(super) use update::{apply, forget};

/// What a plan is made from.
///
/// *Secrets*: possibly, in the draft and the answer.
#[derive(Clone, Debug)]
pub struct ActionWish {
    /// The action's id. Shape: `set_field`.
    pub id: String,
    /// Its number, so that a plan for an older wish, or for one that was left, is dropped.
    pub number: u64,
    /// The request as it is in the editors; a plan for another one is not applied.
    pub draft: RequestDraft,
    /// The answer that offers the action.
    pub answer: Arc<Answer>,
    /// The finding that is chosen, counted from 0.
    pub finding: usize,
    /// What the person typed into the preview; none for the proposal.
    pub typed: Option<String>,
    /// Which of the plan's ways the person chose, counted from 0.
    pub choice: usize,
    /// Of which members the person takes the latest state's value, and of which not; others are as proposed.
    pub takes: BTreeMap<String, bool>,
    /// The profile.
    pub profile: Arc<Profile>,
    /// The workspace that the environment or the credential belongs to, if it is known.
    pub workspace: Option<String>,
    /// The credential that the call went out with, if it is known.
    pub credential: Option<Box<Credential>>,
    /// The person's credentials that may go to the same origin and belong to other workspaces, each with its workspace.
    pub others: Vec<(String, String)>,
    /// The person's other credentials that may go to the call's origin.
    pub usable: Vec<Credential>,
    /// Whether the person wants those of other workspaces asked too.
    pub with_others: bool,
    /// The time now.
    pub now: Timestamp,
}

/// What an action would change.
///
/// *Secrets*: possibly, in the draft.
#[derive(Clone, Debug)]
pub struct ActionPlan {
    /// The action's id.
    pub id: String,
    /// What it does, in words. Shape: `Set publishAt`.
    pub title: String,
    /// Every change, shown before it is made; empty for an action that only tells.
    pub changes: Vec<Change>,
    /// What a person has to know beside it.
    pub notes: Vec<String>,
    /// The ways to do it, where there are several; empty for one.
    pub choices: Vec<String>,
    /// The way that is planned, counted from 0.
    pub choice: usize,
    /// The value that can be edited, with what else was allowed; none where nothing can be.
    pub input: Option<PlanInput>,
    /// The request after it; none for an action that only tells.
    pub draft: Option<RequestDraft>,
    /// What the API has to be asked before; empty once it was.
    pub asks: Vec<PlannedGet>,
    /// The members in which payload and latest state differ.
    pub rows: Vec<MergeChoice>,
    /// A page that leads on, to be opened after its host was shown.
    pub link: Option<Url>,
    /// The credential whose secret can be replaced.
    pub replaces: Option<String>,
    /// What is done elsewhere than in the request.
    pub step: Option<Step>,
}

/// What an action does that changes nothing of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Renew the token of a credential.
    Refresh(String),
    /// Sign in again with a credential.
    SignIn(String),
}

impl ActionPlan {
    /// A plan that changes nothing yet.
    fn of(wish: &ActionWish, title: impl Into<String>) -> Self {
        Self {
            id: wish.id.clone(),
            title: title.into(),
            changes: Vec::new(),
            notes: Vec::new(),
            choices: Vec::new(),
            choice: 0,
            input: None,
            draft: None,
            asks: Vec::new(),
            rows: Vec::new(),
            link: None,
            replaces: None,
            step: None,
        }
    }
}

/// A plan with what it was made from.
#[derive(Clone, Debug)]
pub struct OpenAction {
    /// What would be done.
    pub plan: ActionPlan,
    /// What it was made from.
    pub wish: ActionWish,
    /// What the API was asked, and said.
    pub asked: Vec<Asked>,
    /// Whether it is being asked.
    pub is_asking: bool,
}

/// One change of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What changes. Shape: `publishAt`, `header X-Altyaa-Workspace`.
    pub what: String,
    /// What it is; none if it is not there.
    pub before: Option<String>,
    /// What it will be.
    pub after: String,
}

/// The value that an action puts in, to be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanInput {
    /// What it is called.
    pub label: String,
    /// The value proposed or typed.
    pub value: String,
    /// Other values that the answer allows.
    pub suggestions: Vec<String>,
}

/// Why an action cannot be done: what, and what to do instead.
pub type Refusal = (String, String);

/// What was changed last, to be taken back.
#[derive(Clone, Debug)]
pub struct Undo {
    /// What was done. Shape: `Set publishAt`.
    pub title: String,
    /// The request before it.
    pub before: Box<RequestDraft>,
    /// The request after it.
    pub after: Box<RequestDraft>,
    /// The draft after it, as drafts are counted: another one cannot be put back.
    pub revision: u64,
}

impl Undo {
    /// Whether the person changed the request after it, which would be taken back too.
    pub fn takes_more(&self, draft: &RequestDraft) -> bool {
        *self.after != *draft
    }
}
