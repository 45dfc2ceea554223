//! Behaviour of the library as a whole, without a screen.

#[allow(clippy::unwrap_used, clippy::expect_used)]
mod text_properties;
