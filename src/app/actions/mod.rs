//! Guided actions: what a finding offers to change, shown before it is changed, and taken back again.

mod allowed;
mod future;
mod headers;
mod plan;
mod scope;
mod set_field;
mod update;

use std::sync::Arc;

use jiff::Timestamp;

use super::answer::Answer;
use crate::credentials::Credential;
use crate::exchange::RequestDraft;
use crate::profile::Profile;

pub use plan::plan;
pub use update::ActionAct;
pub(super) use update::apply;

/// What a plan is made from.
///
/// *Secrets*: possibly, in the draft and the answer.
#[derive(Clone, Debug)]
pub struct ActionWish {
    /// The action's id. Shape: `set_field`.
    pub id: String,
    /// The request as it is in the editors.
    pub draft: RequestDraft,
    /// The draft and its payload as they are counted, so that a plan for an older one is not applied.
    pub made_for: (u64, u64),
    /// The answer that offers the action.
    pub answer: Arc<Answer>,
    /// The finding that is chosen, counted from 0.
    pub finding: usize,
    /// What the person typed into the preview; none for the proposal.
    pub typed: Option<String>,
    /// The profile.
    pub profile: Arc<Profile>,
    /// The workspace that the environment or the credential belongs to, if it is known.
    pub workspace: Option<String>,
    /// The credential that the call went out with, if it is known.
    pub credential: Option<Box<Credential>>,
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
    /// The value that can be edited, with what else was allowed; none where nothing can be.
    pub input: Option<PlanInput>,
    /// The request after it; none for an action that only tells.
    pub draft: Option<RequestDraft>,
    /// The draft and payload it was made for.
    pub made_for: (u64, u64),
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
    pub draft: Box<RequestDraft>,
    /// The draft after it, as drafts are counted: another one cannot be put back.
    pub after: u64,
}
