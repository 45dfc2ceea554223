//! Sends a prepared request over HTTP and explains why no answer came.

mod cancel;
mod client;
mod failure;
mod log;
mod send;

pub use cancel::{CancelHandle, CancelSignal, cancel_pair};
pub use client::{SetupError, Transport};
pub use send::{Limits, Progress};
