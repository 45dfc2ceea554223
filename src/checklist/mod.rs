//! The five troubleshooting checks, each with an honest state.
//!
//! [`gather`] collects what is known without sending anything; [`evaluate`] is pure. What was not looked at is unknown.

mod evaluate;
mod facts;

pub use evaluate::{Check, CheckState, evaluate};
pub use facts::{CheckFacts, gather};
