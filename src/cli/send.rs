//! `altyaa send`: sends one request, explains the answer, remembers the exchange.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write};
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::exchange_json::{READ_BYTES, Sent, exchange_json};
use super::network_args::NetworkArgs;
use super::output::{json_line, print, remark, unless_closed};
use super::program::{FAILURE, NO_ANSWER, Stop, USAGE};
use super::progress::ProgressLine;
use super::{refuse, show};
use crate::app::{Answer, LineEnd, Services, run_line, save_body, session_name};
use crate::credentials::Origin;
use crate::exchange::{Body, CopyError, CredentialChoice, HeaderLine, RequestDraft};
use crate::profile::EnvironmentKind;
use crate::sandbox::SandboxSettings;
use crate::secret::Redactor;
use crate::transport::cancel_pair;
use crate::workspace::DraftProblem;

/// The largest payload read from a file or standard input.
const PAYLOAD_BYTES: u64 = 256 << 20;

/// What a shell says of a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// `altyaa send …`.
#[derive(Args, Clone, Debug)]
pub struct SendArgs {
    /// The method, such as GET
    pub method: String,
    /// A path of the environment, or a whole address
    pub url: String,
    /// A header. Can be given several times
    #[arg(short = 'H', long = "header", value_name = "K: V", value_parser = header_line)]
    pub headers: Vec<(String, String)>,
    /// The payload; `@FILE` sends that file's bytes, `@-` standard input's
    #[arg(long, value_name = "TEXT|@FILE", conflicts_with = "data_raw")]
    pub data: Option<String>,
    /// The payload exactly as given, also if it begins with @
    #[arg(long, value_name = "TEXT")]
    pub data_raw: Option<String>,
    /// The credential to send with; without it the environment's own
    #[arg(long, value_name = "NAME", conflicts_with = "no_credential")]
    pub credential: Option<String>,
    /// Send without any credential
    #[arg(long)]
    pub no_credential: bool,
    /// The workspace; without it the environment's own, empty for none
    #[arg(long, value_name = "ID")]
    pub workspace: Option<String>,
    /// Write the answer's bytes as received to a file, or to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    pub output: Option<String>,
    /// Print the log of the exchange too
    #[arg(long, short)]
    pub verbose: bool,
    /// How it is sent.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// A header line as typed. Shape: `Accept: text/plain`.
fn header_line(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err("write name and value with a colon between, such as 'Accept: text/plain'".to_owned()),
    }
}

/// Sends and prints; returns the exit code of the contract.
pub(super) async fn run(
    args: SendArgs,
    services: Services,
    env: Option<String>,
    json: bool,
    quiet: bool,
) -> Result<u8, Stop> {
    let environment = match env.or_else(|| environment_of(&args.url, &services)) {
        Some(name) => name,
        None => services.profile.default_environment().map(|found| found.name.clone()).unwrap_or_default(),
    };
    if let Some(output) = args.output.as_deref() {
        check_output(output)?;
    }
    let is_embedded = services.profile.environment(&environment).is_some_and(|e| e.kind == EnvironmentKind::Embedded);
    let services = Arc::new(services);
    if is_embedded {
        let started = services.start_sandbox(SandboxSettings::default()).await;
        started.map_err(|why| {
            Stop::new(
                FAILURE,
                format!("The local sandbox did not start: {why}"),
                "Choose another environment with --env",
            )
        })?;
    }
    let draft = draft(&args, &services, environment)?;
    let sent = sent(&draft);
    let (cancel, signal) = cancel_pair();
    let wish = args.network.wish(services.network_of(&draft.environment))?;
    let mut shown = ProgressLine::new(quiet);
    let has_cookies = wish.network.as_ref().is_some_and(|network| network.has_cookies);
    let is_unverified = wish.network.as_ref().is_some_and(|network| network.route.is_unverified);
    if (wish.here.is_unverified || is_unverified) && !quiet {
        remark("Certificates of this address are not verified: anybody between could read and change what is sent");
    }
    let line = run_line(&services, draft, wish, signal, |step| shown.tell(&step));
    let mut line = Box::pin(line);
    let mut is_interrupted = false;
    let end = loop {
        tokio::select! {
            // Asked first, so that the signal is listened for before anything is sent.
            biased;
            // An interrupted request is told as such, with what came of it; whoever interrupts twice wants out.
            Ok(()) = tokio::signal::ctrl_c() => {
                if is_interrupted {
                    std::process::exit(INTERRUPTED);
                }
                is_interrupted = true;
                cancel.cancel();
            }
            end = &mut line => break end,
        }
    };
    drop(line);
    shown.clear();
    // From here on nothing is waited for but writing, so that an interruption ends the program as it would any other.
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(INTERRUPTED);
        }
    });
    let finished = match end {
        LineEnd::Refused(problem) => return Err(refused(&problem)),
        LineEnd::Finished(finished) => finished,
    };
    let answer = &finished.answer;
    if answer.is_foreign && !quiet {
        remark(
            "This address belongs to no environment of the profile: sent under the generic profile, without its headers",
        );
    }
    let mut code = match (&answer.transport_error, answer.status) {
        (Some(_), _) | (None, None) => NO_ANSWER,
        // What was cut is not the whole answer, though nothing failed.
        (None, Some(_)) if answer.is_truncated => NO_ANSWER,
        (None, Some(status)) if status >= 400 || answer.is_failure() => 1,
        _ => 0,
    };
    if let Some((summary, fix)) = &finished.warning {
        refuse(&mut io::stderr().lock(), summary, "", fix);
        code = FAILURE;
    }
    // Where no answer came, a file that is there is left as it is. A file that cannot be written does not keep the
    // answer from being shown.
    let written = match args.output.clone().filter(|_| answer.status.is_some()) {
        Some(output) => {
            let body = finished.body.clone();
            let writing = tokio::task::spawn_blocking(move || write_output(&output, &body)).await;
            let broke_off = || Stop::new(FAILURE, "Writing the answer broke off", "Send it again");
            writing.unwrap_or_else(|_| Err(broke_off()))
        }
        None => Ok(()),
    };
    let printed = if json {
        let services = Arc::clone(&services);
        let answer = Arc::clone(answer);
        let body = finished.body.clone();
        // It may have to ask the keyring.
        let made = tokio::task::spawn_blocking(move || {
            let head = body.head(READ_BYTES).unwrap_or_default();
            json_line(&exchange_json(&answer, &sent, &head, || redactor_of(&services, &answer)))
        });
        let broke_off = || Stop::new(FAILURE, "Printing the answer broke off", "Send it again without --json");
        made.await.ok().and_then(Result::ok).ok_or_else(broke_off)?
    } else {
        show::answer_text(answer, args.verbose)
    };
    if args.output.as_deref() == Some("-") {
        // The answer's own bytes are alone on standard output; all else goes beside.
        let _ = io::stderr().write_all(printed.as_bytes());
    } else {
        print(printed.as_bytes())?;
    }
    if has_cookies {
        let keeping = tokio::task::spawn_blocking(move || services.keep_jars()).await;
        if let Ok(Err((summary, fix))) = keeping {
            refuse(&mut io::stderr().lock(), &summary, "", &fix);
        }
    }
    written.map(|()| code)
}

/// The environment that a whole address belongs to.
fn environment_of(url: &str, services: &Services) -> Option<String> {
    let origin = Origin::of(&url.trim().parse().ok()?)?;
    let bases = services.bases();
    let is_of = |name: &str| bases.url(name).and_then(Origin::of).is_some_and(|base| base == origin);
    services.profile.environments.iter().find(|found| is_of(&found.name)).map(|found| found.name.clone())
}

/// A redactor with every secret that the request could have held: the keyring's too if one of them went with it.
fn redactor_of(services: &Services, answer: &Answer) -> Redactor {
    let session = services.vault.session_secrets();
    if answer.record.credential.as_ref().is_some_and(|name| !session.iter().any(|(known, _)| known == name)) {
        // What is read is known from then on.
        let _ = services.vault.all_secrets();
    }
    services.gate.redactor()
}

/// What the draft is about to send.
fn sent(draft: &RequestDraft) -> Sent {
    Sent {
        url: draft.url.clone(),
        headers: draft.headers.iter().map(|line| (line.name.clone(), line.value.clone())).collect(),
        body: draft.body_bytes.as_deref().unwrap_or(draft.body.as_bytes()).to_vec(),
    }
}

fn refused(problem: &DraftProblem) -> Stop {
    let code = match (problem.is_cancelled, problem.is_outside) {
        (true, _) => NO_ANSWER,
        (false, true) => FAILURE,
        (false, false) => USAGE,
    };
    Stop { code, summary: problem.summary.clone(), place: problem.place(), fix: problem.fix.clone() }
}

fn draft(args: &SendArgs, services: &Services, environment: String) -> Result<RequestDraft, Stop> {
    let mut draft = RequestDraft {
        method: args.method.clone(),
        url: args.url.clone(),
        headers: args
            .headers
            .iter()
            .map(|(name, value)| HeaderLine { name: name.clone(), value: value.clone(), is_enabled: true })
            .collect(),
        workspace: args.workspace.clone(),
        credential: match (&args.credential, args.no_credential) {
            (_, true) => CredentialChoice::Nothing,
            (None, false) => CredentialChoice::Environment,
            (Some(name), false) => CredentialChoice::Named(credential_name(name, services, &environment)),
        },
        environment,
        ..RequestDraft::default()
    };
    let bytes = match (&args.data, &args.data_raw) {
        (_, Some(raw)) => raw.clone().into_bytes(),
        (Some(data), None) => match data.strip_prefix('@') {
            Some(file) => read_payload(file)?,
            None => data.clone().into_bytes(),
        },
        (None, None) => Vec::new(),
    };
    match String::from_utf8(bytes) {
        Ok(text) => draft.body = text.into(),
        Err(error) => draft.body_bytes = Some(error.into_bytes().into()),
    }
    Ok(draft)
}

/// The embedded sandbox's keys are called as it prints them; in the session's vault they have a prefix.
///
/// A credential of one's own that bears the name is meant first.
pub(super) fn credential_name(name: &str, services: &Services, environment: &str) -> String {
    let kind = services.profile.environment(environment).map(|found| found.kind);
    // A list that cannot be read is told when the credential is used.
    let is_listed = || services.vault.list().is_ok_and(|list| list.iter().any(|facts| facts.name == name));
    if kind == Some(EnvironmentKind::Embedded) && !is_listed() { session_name(name) } else { name.to_owned() }
}

fn read_payload(file: &str) -> Result<Vec<u8>, Stop> {
    let failed = |error: io::Error| {
        let fix = "Name a file that can be read, or use --data-raw to send the text itself";
        Stop {
            code: FAILURE,
            summary: format!("The payload could not be read: {error}"),
            place: file.to_owned(),
            fix: fix.into(),
        }
    };
    let mut bytes = Vec::new();
    if file == "-" {
        io::stdin().lock().take(PAYLOAD_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        fs::File::open(file).and_then(|file| file.take(PAYLOAD_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    }
    if bytes.len() as u64 > PAYLOAD_BYTES {
        return Err(failed(io::Error::other(format!("it is larger than {PAYLOAD_BYTES} bytes"))));
    }
    Ok(bytes)
}

/// Refuses before anything is sent what could not be written afterwards.
fn check_output(output: &str) -> Result<(), Stop> {
    let path = Path::new(output);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let why = match folder {
        _ if output == "-" => return Ok(()),
        _ if path.is_dir() => "it is a folder",
        Some(folder) if !folder.is_dir() => "its folder is not there",
        _ => return Ok(()),
    };
    Err(Stop {
        code: FAILURE,
        summary: format!("The answer could not be written: {why}; nothing was sent"),
        place: output.to_owned(),
        fix: "Name a file in a folder that can be written".into(),
    })
}

fn write_output(output: &str, body: &Body) -> Result<(), Stop> {
    if output == "-" {
        // Its first bytes tell whether a terminal would take it for commands.
        let is_binary = || body.head(64 << 10).is_ok_and(|head| head.contains(&0));
        if io::stdout().is_terminal() && is_binary() {
            return Err(Stop::new(
                FAILURE,
                "The answer is binary and standard output is a terminal",
                "Name a file with --output FILE",
            ));
        }
        return match body.copy_to(&mut io::stdout().lock()) {
            Ok(_) => print(b""),
            Err(CopyError::Write(error)) => unless_closed(Err(error)).map_err(|error| {
                let summary = format!("Standard output could not be written: {error}");
                Stop::new(FAILURE, summary, "Give it a file or a pipe that has room")
            }),
            Err(CopyError::Read(error)) => Err(error.into()),
        };
    }
    save_body(body, Path::new(output), true).map(|_| ()).map_err(|(summary, fix)| Stop {
        code: FAILURE,
        summary,
        place: output.to_owned(),
        fix,
    })
}
