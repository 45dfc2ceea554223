//! Behaviour of the library as a whole, without a screen.

mod diagnosis;
mod diagnosis_cli;
mod diagnosis_profiles;
mod golden;
mod text_properties;
