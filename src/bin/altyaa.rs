//! The terminal program.

use std::process::ExitCode;

use altyaa_console::cli::sandbox::{SandboxArgs, run};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "altyaa", version)]
struct Cli {
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the embedded API until interrupted
    Sandbox(SandboxArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        Command::Sandbox(args) => ExitCode::from(run(args, cli.json).await),
    }
}
