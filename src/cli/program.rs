//! The terminal program's arguments, and which subcommand they lead to.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::error::{ContextKind, ContextValue};
use clap::{Parser, Subcommand};
use jiff::Timestamp;

use super::credential::{CredentialArgs, CredentialCommand};
use super::diagnose::DiagnoseArgs;
use super::history::HistoryArgs;
use super::import::ImportArgs;
use super::oauth::OauthArgs;
use super::output::{refuse, without_secrets};
use super::redact::RedactArgs;
use super::report::ReportArgs;
use super::sandbox::SandboxArgs;
use super::send::SendArgs;
use super::span::SpanArgs;
use super::{
    CliContext, credential, credential_doctor, diagnose, history, import, oauth, redact, report, sandbox, send, span,
};
use crate::app::{self, Services};
use crate::disk::{self, DataDir, DiskError};
use crate::profile::{self, Profile};
use crate::secret::Rules;
use crate::text::visible;
use crate::transport::Limits;

/// Wrong arguments.
pub(super) const USAGE: u8 = 2;
/// No whole answer.
pub(super) const NO_ANSWER: u8 = 3;
/// A file, the database or the keyring failed.
pub(super) const FAILURE: u8 = 4;

/// Under which heading the flags of every subcommand stand.
const COMMON: &str = "Common options";

/// What the exit codes mean, at the end of the help.
const EXIT_CODES: &str = "Exit codes:
  0  fine
  1  an answer with status 400 or above or with an error in it; a path without a place; a finished text that still
     held a secret; a credential that keeps a call from being accepted
  2  wrong arguments, or something named that is not there; nothing was done
  3  no whole answer
  4  a file, the history or the keyring failed";

/// For the moment an API call fails: sends requests, reads the error, finds the field, writes the report.
#[derive(Parser, Debug)]
#[command(name = "altyaa", version, propagate_version = true, after_help = EXIT_CODES)]
struct Arguments {
    /// The API profile: a built-in name, a file of the profiles folder, or any file
    #[arg(long, global = true, value_name = "NAME|FILE", default_value = "altyaa", help_heading = COMMON)]
    profile: String,
    /// The profile's environment
    #[arg(long, global = true, value_name = "NAME", help_heading = COMMON)]
    env: Option<String>,
    /// Where everything but keyring entries is kept
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = disk::DATA_DIR_VARIABLE,
        hide_env_values = true,
        help_heading = COMMON
    )]
    data_dir: Option<PathBuf>,
    /// Print the stable JSON form
    #[arg(long, global = true, help_heading = COMMON)]
    json: bool,
    /// Leave remarks out
    #[arg(long, short, global = true, help_heading = COMMON)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the embedded API until interrupted
    Sandbox(SandboxArgs),
    /// Send a request and explain the answer
    Send(Box<SendArgs>),
    /// Explain an error answer without sending anything
    Diagnose(DiagnoseArgs),
    /// Read requests out of a cURL command or a HAR file without sending anything
    Import(ImportArgs),
    /// Find where a field path lies in a JSON text
    Span(SpanArgs),
    /// Remove secrets from any text
    Redact(RedactArgs),
    /// Tokens in the system's keyring
    Credential(CredentialArgs),
    /// Sign in at an authorization server, renew and take back tokens
    Oauth(OauthArgs),
    /// Open the address on standard input in the browser
    #[command(name = oauth::OPEN_LINK, hide = true)]
    OpenLink,
    /// Write the escalation report of an exchange
    Report(ReportArgs),
    /// What was sent: list, search, show, compare, remove
    History(Box<HistoryArgs>),
}

/// Runs the program with the process's arguments; returns the exit code.
pub fn run() -> u8 {
    disk::set_private_umask();
    app::install_panic_hook();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            if !error.use_stderr() {
                // Help and version, which are no errors.
                let _ = error.print();
                return 0;
            }
            let _ = io::stderr().write_all(usage_text(error).as_bytes());
            return USAGE;
        }
    };
    // A token in memory must not end in a core file; where the system refuses, the program still works.
    let _ = disk::forbid_core_dumps();
    match dispatch(arguments) {
        Ok(code) => code,
        Err(stop) => {
            refuse(&mut io::stderr().lock(), &stop.summary, &stop.place, &stop.fix);
            stop.code
        }
    }
}

/// What is wrong with the arguments, without secrets and with nothing a terminal obeys.
fn usage_text(mut error: clap::Error) -> String {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    if argument.contains("--header") {
        // A header without its colon may be a credential in no form that could be told.
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
    }
    visible(&without_secrets(&error.render().to_string())).into_owned()
}

/// Why the program stops before its work, in words.
#[derive(Debug)]
pub(super) struct Stop {
    pub code: u8,
    pub summary: String,
    pub place: String,
    pub fix: String,
}

impl Stop {
    /// A stop with what happened and what to do.
    pub(super) fn new(code: u8, summary: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { code, summary: summary.into(), place: String::new(), fix: fix.into() }
    }
}

impl From<DiskError> for Stop {
    fn from(error: DiskError) -> Self {
        Self { code: FAILURE, summary: error.summary(), place: error.place(), fix: error.fix() }
    }
}

fn dispatch(arguments: Arguments) -> Result<u8, Stop> {
    let (json, quiet, env) = (arguments.json, arguments.quiet, arguments.env.as_deref());
    match &arguments.command {
        Command::Sandbox(args) => block_on(sandbox::run(args.clone(), json)),
        Command::Span(args) => {
            Ok(span::run(args, json, &mut io::stdin().lock(), &mut io::stdout().lock(), &mut io::stderr().lock()))
        }
        Command::Diagnose(args) => {
            let profile = profile(&arguments)?;
            let (input, output, errors) = (&mut io::stdin().lock(), &mut io::stdout().lock(), &mut io::stderr().lock());
            Ok(diagnose::run(args, &profile, json, Timestamp::now(), input, output, errors))
        }
        Command::Redact(args) => redact::run(args, redaction_rules(&arguments)?, &mut io::stdin().lock()),
        Command::Import(args) => import::run(args, json, || redaction_rules(&arguments), &mut io::stdin().lock()),
        Command::Credential(CredentialArgs { command: CredentialCommand::Doctor(args) }) => {
            let services = services(&arguments)?;
            block_on(credential_doctor::run(args.clone(), services, env.map(str::to_owned), json, quiet))?
        }
        Command::Credential(args) => {
            let data_dir = DataDir::resolve(arguments.data_dir.clone())?;
            Ok(credential::run(args.clone(), &CliContext { data_dir, json, quiet }))
        }
        Command::Oauth(args) => {
            let services = services(&arguments)?;
            block_on(oauth::run(args.clone(), services, env.map(str::to_owned), json, quiet))?
        }
        Command::OpenLink => Ok(oauth::open_link()),
        Command::Send(args) => {
            let services = services(&arguments)?;
            block_on(send::run(args.as_ref().clone(), services, env.map(str::to_owned), json, quiet))?
        }
        Command::Report(args) => {
            let services = services(&arguments)?;
            report::run(args, &services, json, quiet)
        }
        Command::History(args) => {
            let services = services(&arguments)?;
            history::run(args, &services, json, quiet)
        }
    }
}

/// The rules of redaction with those that a person added.
///
/// Where those cannot be read, what they name would stay in the text, so nothing is written then.
fn redaction_rules(arguments: &Arguments) -> Result<Arc<Rules>, Stop> {
    let data_dir = DataDir::resolve(arguments.data_dir.clone())?;
    app::redaction_rules(&data_dir).map_err(|(summary, place, fix)| Stop { code: FAILURE, summary, place, fix })
}

fn load_profile(arguments: &Arguments) -> Result<Profile, Stop> {
    let name = arguments.profile.as_str();
    if let Some(profile) = profile::built_in(name) {
        return Ok(profile);
    }
    let folder = DataDir::resolve(arguments.data_dir.clone())?.file(profile::PROFILES_FOLDER);
    profile::choose(name, &folder).map_err(|error| Stop {
        code: USAGE,
        summary: error.summary(),
        place: error.place().unwrap_or_default(),
        fix: error.fix(),
    })
}

/// The profile named, which also has the environment named.
fn profile(arguments: &Arguments) -> Result<Profile, Stop> {
    let profile = load_profile(arguments)?;
    if let Some(name) = &arguments.env
        && profile.environment(name).is_none()
    {
        let known: Vec<&str> = profile.environments.iter().map(|environment| environment.name.as_str()).collect();
        let fix = format!("Use one of: {}", known.join(", "));
        return Err(Stop::new(USAGE, format!("The profile {} has no environment {name}", profile.name), fix));
    }
    Ok(profile)
}

fn services(arguments: &Arguments) -> Result<Services, Stop> {
    let profile = profile(arguments)?;
    let data_dir = DataDir::resolve(arguments.data_dir.clone())?;
    let (services, notices) = Services::open(profile, data_dir, Limits::default())
        .map_err(|error| Stop::new(FAILURE, error.summary(), error.fix()))?;
    for (summary, fix) in notices {
        refuse(&mut io::stderr().lock(), &summary, "", &fix);
    }
    Ok(services)
}

fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime
        .map_err(|error| Stop::new(FAILURE, format!("No threads could be started: {error}"), "Close other programs"))?;
    let result = runtime.block_on(work);
    // A keyring that waits for a person must not keep the program from ending.
    runtime.shutdown_background();
    Ok(result)
}
