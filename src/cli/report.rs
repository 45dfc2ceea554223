//! `altyaa report`: writes the escalation report of an exchange.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::output::{json_line, print};
use super::program::{FAILURE, Stop, USAGE};
use crate::app::Services;
use crate::report;

/// `altyaa report …`.
#[derive(Args, Clone, Debug)]
pub struct ReportArgs {
    /// The exchange's id, or `last` for the newest
    #[arg(long, value_name = "ID|last", default_value = "last")]
    pub exchange: String,
    /// The form; without it that of the path's ending
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// The file to write
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown
    Md,
    /// HTML (comes with a later version)
    Html,
    /// JSON (comes with a later version)
    Json,
    /// HAR (comes with a later version)
    Har,
    /// ZIP (comes with a later version)
    Zip,
}

/// Writes the report and prints where it is.
pub(super) fn run(args: &ReportArgs, services: &Services, json: bool, quiet: bool) -> Result<u8, Stop> {
    let format = match args.format {
        Some(format) => format,
        None => format_of(&args.out)?,
    };
    if format != Format::Md {
        return Err(Stop::new(
            USAGE,
            "This version writes reports as Markdown only",
            "Use --format md, or a path that ends in .md",
        ));
    }
    let loaded = services.history.load(&args.exchange);
    let record = loaded.map_err(|error| Stop {
        code: FAILURE,
        summary: error.summary(),
        place: error.place(),
        fix: error.fix(),
    })?;
    let Some(record) = record else {
        return Err(Stop::new(
            USAGE,
            format!("The history holds no exchange {}", crate::text::visible_line(&args.exchange)),
            "Send a request with `altyaa send`, or name another id",
        ));
    };
    let made = report::markdown(
        &services.gate,
        services.vault.all_secrets(),
        &record,
        &services.profile,
        &services.generic,
        Timestamp::now(),
        crate::app::token_findings(services, &record),
    );
    let stop = |code: u8, error: report::ReportError| Stop {
        code,
        summary: error.summary(),
        place: args.out.display().to_string(),
        fix: error.fix(),
    };
    let made = made.map_err(|error| stop(1, error))?;
    let written = report::write(&made.text, Some(args.out.clone()), &record, &services.data_dir, args.force);
    let path = written.map_err(|error| {
        let mut stop = stop(FAILURE, error);
        if args.out.exists() && !args.force {
            stop.fix = "Choose another path, or add --force to replace it".into();
        }
        stop
    })?;
    let text = if json {
        let path = path.display().to_string();
        let said = json!({ "path": path, "sha256": report::sha256_hex(&made.text), "removed": made.removed });
        json_line(&said).map_err(|error| Stop::new(FAILURE, error.to_string(), ""))?
    } else if quiet {
        String::new()
    } else {
        let noun = if made.removed == 1 { "secret" } else { "secrets" };
        format!("{}\n{} {noun} removed\n", crate::text::visible_line(&path.display().to_string()), made.removed)
    };
    print(text.as_bytes())?;
    Ok(0)
}

fn format_of(path: &Path) -> Result<Format, Stop> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    Format::from_str(ending, true)
        .map_err(|_| Stop::new(USAGE, "The path's ending names no form of report", "End it in .md, or add --format md"))
}
