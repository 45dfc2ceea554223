//! `altyaa credential doctor`: says what is wrong with a credential, without sending anything.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::output::{json_line, print, refuse};
use super::program::{FAILURE, Stop, USAGE};
use super::send::credential_name;
use crate::app::{Examined, Services, examine_credential};
use crate::credentials::VaultError;
use crate::credentials::doctor::{FindingState, TokenFinding};
use crate::exchange::ExchangeRecord;
use crate::profile::EnvironmentKind;
use crate::sandbox::SandboxSettings;
use crate::secret::Redacted;
use crate::text::visible_line;

/// A credential that keeps a call from being accepted.
const AT_FAULT: u8 = 1;

/// `altyaa credential doctor …`.
#[derive(Args, Clone, Debug)]
pub struct DoctorArgs {
    /// The credential's name.
    pub name: String,
    /// A call from the history that it is looked at with: its id, or `last` for the newest
    #[arg(long, value_name = "ID|last")]
    pub exchange: Option<String>,
}

/// Prints the findings; returns the exit code of the contract.
pub(super) async fn run(
    args: DoctorArgs,
    services: Services,
    env: Option<String>,
    json: bool,
    quiet: bool,
) -> Result<u8, Stop> {
    let services = Arc::new(services);
    let name = args.name.clone();
    let record = off_the_runtime(&services, move |services| match &args.exchange {
        Some(id) => record(services, id).map(Some),
        None => Ok(None),
    })
    .await??;
    let environment = env.unwrap_or_else(|| match &record {
        Some(record) if record.profile == services.profile.name => record.environment.clone(),
        _ => services.profile.default_environment().map(|found| found.name.clone()).unwrap_or_default(),
    });
    start_if_its_key(&services, &name, &environment).await?;
    let asked = credential_name(&name, &services, &environment);
    let looked_at = off_the_runtime(&services, move |services| {
        examine_credential(services, &asked, record.as_deref(), Timestamp::now())
    });
    let examined = looked_at.await?.map_err(|error| stop(error, &name))?;
    let text = if json {
        json_line(&json!({ "findings": examined.findings }))
            .map_err(|error| Stop::new(FAILURE, error.to_string(), ""))?
    } else {
        lines(&name, &examined.findings, quiet)
    };
    print(text.as_bytes())?;
    Ok(code(&examined))
}

/// What the exit code says; where the keyring failed, that too is said on standard error.
fn code(examined: &Examined) -> u8 {
    if let Some(error) = &examined.unread {
        refuse(&mut io::stderr().lock(), &error.summary(), &error.place(), &error.fix());
        return FAILURE;
    }
    if examined.findings.iter().any(|found| found.state == FindingState::Fail) { AT_FAULT } else { 0 }
}

/// Starts the embedded sandbox where the name can only be one of its keys, which are made at each start.
async fn start_if_its_key(services: &Arc<Services>, name: &str, environment: &str) -> Result<(), Stop> {
    let is_embedded =
        services.profile.environment(environment).is_some_and(|found| found.kind == EnvironmentKind::Embedded);
    let asked = name.to_owned();
    let is_listed = off_the_runtime(services, move |services| {
        services.vault.list().is_ok_and(|list| list.iter().any(|facts| facts.name == asked))
    });
    if !is_embedded || is_listed.await? {
        return Ok(());
    }
    let started = services.start_sandbox(SandboxSettings::default()).await;
    started.map(drop).map_err(|why| {
        let summary = format!("The local sandbox did not start: {why}");
        Stop::new(FAILURE, summary, "Choose another environment with --env")
    })
}

fn record(services: &Services, id: &str) -> Result<Redacted<ExchangeRecord>, Stop> {
    let loaded = services.history.load(id).map_err(|error| Stop {
        code: FAILURE,
        summary: error.summary(),
        place: error.place(),
        fix: error.fix(),
    })?;
    loaded.ok_or_else(|| {
        Stop::new(
            USAGE,
            format!("The history holds no exchange {}", visible_line(id)),
            "Send a request with `altyaa send`, or name another id",
        )
    })
}

fn stop(error: VaultError, asked: &str) -> Stop {
    // The sandbox's prefix was put before a name that nobody typed so.
    let error = match error {
        VaultError::UnknownName { known, .. } => VaultError::UnknownName { name: asked.to_owned(), known },
        other => other,
    };
    let code = if matches!(error, VaultError::UnknownName { .. }) { USAGE } else { FAILURE };
    Stop { code, summary: error.summary(), place: error.place(), fix: error.fix() }
}

/// Does what may wait for a person or the disk where no other task waits for it.
async fn off_the_runtime<T: Send + 'static>(
    services: &Arc<Services>,
    work: impl FnOnce(&Services) -> T + Send + 'static,
) -> Result<T, Stop> {
    let services = Arc::clone(services);
    let done = tokio::task::spawn_blocking(move || work(&services)).await;
    done.map_err(|_| Stop::new(FAILURE, "The credential could not be looked at", "Try again"))
}

/// For people. What is fine or not known has one line, what is not fine also what it rests on and what to do.
fn lines(name: &str, findings: &[TokenFinding], quiet: bool) -> String {
    let mut out = String::new();
    let count = |state: FindingState| findings.iter().filter(|found| found.state == state).count();
    if !quiet {
        let states = [FindingState::Fail, FindingState::Attention, FindingState::Pass, FindingState::Unknown];
        let counts: Vec<String> = states.iter().map(|state| format!("{} {}", count(*state), state.word())).collect();
        let _ = writeln!(out, "{}: {}", visible_line(name), counts.join(", "));
    }
    for found in findings {
        let is_fault = matches!(found.state, FindingState::Fail | FindingState::Attention);
        if quiet && !is_fault {
            continue;
        }
        let _ = writeln!(out, "  {:<9}  {:<11}  {}", found.state.word(), found.id, visible_line(&found.summary));
        if !is_fault {
            continue;
        }
        for line in &found.evidence {
            let _ = writeln!(out, "             {:<11}  {}", "Seen", visible_line(line));
        }
        if !found.fix.is_empty() {
            let _ = writeln!(out, "             {:<11}  {}", "To resolve", visible_line(&found.fix));
        }
    }
    out
}
