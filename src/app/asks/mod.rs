//! What guided actions ask the API: the ids of a call, the latest state, and which slugs are taken.
//!
//! Everything here is planned first, so that a person sees each call before it is sent, and is sent by the same line as
//! any request. Nothing here knows of panels or of the state.

mod ask;
mod ids;
mod latest;
mod list;
mod merge;
mod slug;
mod verdict;

pub use ask::{AskFrom, AskResult, PlannedGet, Question, other_workspaces, planned, run, why_not_asked};
pub use ids::{CallId, IdSource, ids_of};
pub use latest::{Latest, NoLatest, fetch_latest, is_version, planned_latest};
pub use list::{Pages, fetch_pages, planned_list};
pub use merge::{MergeRow, merge_rows, merged, state_in};
pub use slug::{next_slug, taken_slugs};
pub use verdict::Verdict;
