//! Whole behaviour of the library, without a screen.

mod history;
mod planted;
mod redaction;
