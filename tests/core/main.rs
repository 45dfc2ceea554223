//! Behaviour of the library as a whole, without a screen.

mod diagnosis;
mod diagnosis_cli;
mod diagnosis_profiles;
mod golden;
mod text_properties;
//! Behaviour across folders, without a window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod credentials_keyring;
