//! The terminal program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(altyaa_console::cli::run())
}
