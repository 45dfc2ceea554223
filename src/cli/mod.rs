//! The terminal program's subcommands.

pub mod diagnose;
pub mod file_input;
pub mod jsonl;
pub mod sandbox;
pub mod span;
