//! The terminal program's subcommands.

pub mod credential;
pub mod credential_doctor;
pub mod diagnose;
pub mod file_input;
pub mod history;
pub mod import;
pub mod jsonl;
pub mod network_args;
pub mod oauth;
pub mod redact;
pub mod report;
pub mod sandbox;
pub mod send;
pub mod span;

mod exchange_json;
mod foreign_bytes;
mod history_text;
mod output;
mod pasted;
mod program;
mod progress;
mod redacted_diagnosis;
mod show;

pub use output::refuse;
pub use program::run;

use crate::disk::DataDir;

/// What every subcommand is told.
#[derive(Clone, Debug)]
pub struct CliContext {
    /// Where everything but keyring entries and spill files lies.
    pub data_dir: DataDir,
    /// Whether standard output is the stable JSON form.
    pub json: bool,
    /// Whether remarks that nobody asked for are left out.
    pub quiet: bool,
}
