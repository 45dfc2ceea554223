//! The library from outside, without a screen.

mod sandbox;
