//! The library from outside, without a screen.

mod sandbox;
mod sandbox_codes;
