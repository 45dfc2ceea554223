//! Environments, variables and saved requests; prepares a draft for sending.

mod bases;
mod prepare;
mod problem;

pub use bases::Bases;
pub use prepare::{ReadyCredential, Resolved, is_json_like, resolve};
pub use problem::{DraftPart, DraftProblem, Offer};
