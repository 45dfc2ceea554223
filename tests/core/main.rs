//! The library from outside, without a screen.

mod diagnosis;
mod diagnosis_cli;
mod diagnosis_profiles;
mod diagnosis_sandbox;
mod golden;
mod sandbox;
mod sandbox_codes;
mod text_properties;
