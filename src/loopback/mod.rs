//! The one guarded listener on this machine's own addresses.
//!
//! Everything that listens (the embedded sandbox, the webhook receiver, the OAuth redirect) does so through
//! [`Guarded`]. Any web page the person has open can send requests to this machine, so a request is refused before
//! any handler sees it unless it names our own address and comes from no foreign page.

mod body;
mod check;
mod listener;
mod policy;
mod stream;

pub use listener::{BindError, Guarded, Running};
pub use policy::{Bounds, CrossSite, HostRule, Policy, Refusal};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;
