//! The terminal program's subcommands.

pub mod sandbox;
