//! Behaviour across folders, without a window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod credentials_keyring;
