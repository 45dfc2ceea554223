//! The terminal program's subcommands.
