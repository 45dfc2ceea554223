//! Sends a prepared request over HTTP and explains why no answer came.

mod cancel;
mod client;
mod cookie_rules;
mod cookie_text;
mod cookies;
mod failure;
mod log;
mod send;

pub use cancel::{CancelHandle, CancelSignal, cancel_pair};
pub use client::{SetupError, Transport};
pub use cookies::{CookieFacts, CookieJar, CookieOutcome};
pub use send::{Limits, Progress};
