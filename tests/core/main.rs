//! Behaviour across folders, without a window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod credentials_keyring;
mod diagnosis;
mod diagnosis_cli;
mod diagnosis_profiles;
mod golden;
mod text_properties;
//! Whole behaviour of the library, without a screen.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod history;
mod planted;
mod redaction;
