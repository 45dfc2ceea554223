//! Behaviour of the library as a whole, without a screen.

mod text_properties;
//! Behaviour across folders, without a window.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod credentials_keyring;
