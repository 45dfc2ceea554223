//! Whole behaviour of the library, without a screen.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod history;
mod planted;
mod redaction;
