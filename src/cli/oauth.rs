//! `altyaa oauth`: sign in, renew and sign out at an authorization server.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use url::Url;

use super::credential::{parse_origin, read_secret};
use super::output::{json_line, print, refuse, remark};
use super::program::{FAILURE, NO_ANSWER, Stop, USAGE};
use crate::app::{
    LinkError, Server, Services, SignIn, SignInEvent, SignInFailure, check_link, refresh, sign_in, sign_out,
};
use crate::credentials::oauth::{Endpoint, EndpointError, Flow, Provider, Renewal};
use crate::credentials::{Credential, KeyringFailure, Origin, Persist};
use crate::secret::Secret;
use crate::text::visible_line;
use crate::transport::cancel_pair;

/// An answer that refuses.
const REFUSED: u8 = 1;

/// `altyaa oauth …`.
#[derive(Args, Clone, Debug)]
pub struct OauthArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: OauthCommand,
}

/// What can be done at an authorization server.
#[derive(Subcommand, Clone, Debug)]
pub enum OauthCommand {
    /// Sign in and keep the tokens in the system's keyring
    Login(Box<LoginArgs>),
    /// Renew a token now
    Refresh {
        /// The credential's name
        name: String,
    },
    /// Take the tokens back at their server and remove the credential
    Logout {
        /// The credential's name
        name: String,
    },
}

/// `altyaa oauth login …`.
#[derive(Args, Clone, Debug)]
pub struct LoginArgs {
    /// What to call the credential; one that came from a sign-in before is replaced
    pub name: String,
    /// The authorization server, which announces its addresses itself
    #[arg(long, value_name = "URL", value_parser = parse_endpoint, required_unless_present = "token_url",
          conflicts_with_all = ["authorize_url", "token_url", "device_url", "revoke_url"])]
    pub issuer: Option<Endpoint>,
    /// Where a person allows it, written down by hand
    #[arg(long, value_name = "URL", value_parser = parse_endpoint, requires = "token_url")]
    pub authorize_url: Option<Endpoint>,
    /// Where tokens come from, written down by hand
    #[arg(long, value_name = "URL", value_parser = parse_endpoint)]
    pub token_url: Option<Endpoint>,
    /// Where the device flow begins, written down by hand
    #[arg(long, value_name = "URL", value_parser = parse_endpoint, requires = "token_url")]
    pub device_url: Option<Endpoint>,
    /// Where tokens are taken back, written down by hand
    #[arg(long, value_name = "URL", value_parser = parse_endpoint, requires = "token_url")]
    pub revoke_url: Option<Endpoint>,
    /// The name under which the server knows this program
    #[arg(long, value_name = "ID")]
    pub client_id: String,
    /// The environment variable that holds the client's secret
    #[arg(long, value_name = "NAME", conflicts_with = "client_secret_stdin")]
    pub client_secret_env: Option<String>,
    /// Read the client's secret from standard input
    #[arg(long)]
    pub client_secret_stdin: bool,
    /// Send the client's secret in the form, for a server written down by hand
    #[arg(long, requires = "token_url")]
    pub client_secret_in_form: bool,
    /// How to sign in
    #[arg(long, value_enum, default_value_t = FlowArg::Code)]
    pub flow: FlowArg,
    /// What the token shall be allowed to do. Can be given several times
    #[arg(long = "scope", value_name = "S")]
    pub scopes: Vec<String>,
    /// Where the token may be sent, exactly: scheme, host and port. Without it: the environment named by --env, else
    /// the server's own origin
    #[arg(long = "origin", value_name = "URL", value_parser = parse_origin)]
    pub origins: Vec<Origin>,
    /// The workspace it belongs to
    #[arg(long, value_name = "ID")]
    pub workspace: Option<String>,
    /// Open no browser: only print the address
    #[arg(long)]
    pub no_browser: bool,
}

/// `--flow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum FlowArg {
    /// In the system's browser
    Code,
    /// With a code that is typed in on any device
    Device,
    /// As the program itself
    ClientCredentials,
}

fn parse_endpoint(text: &str) -> Result<Endpoint, String> {
    text.parse().map_err(|error: EndpointError| format!("{error}. {}", error.fix()))
}

/// Runs the command; returns the exit code. Needs a runtime with several threads.
pub(super) async fn run(
    args: OauthArgs,
    services: Services,
    env: Option<String>,
    json: bool,
    quiet: bool,
) -> Result<u8, Stop> {
    let services = Arc::new(services);
    let said = Said { json, quiet };
    match args.command {
        OauthCommand::Login(args) => login(*args, &services, env.as_deref(), said).await,
        OauthCommand::Refresh { name } => {
            let ended = interruptible(|cancel| refresh(&services, &name, cancel, &|_| {})).await;
            match ended {
                Ok(Renewal::Renewed(stored)) => said.done(&stored.credential, "Renewed", stored.fallback.as_ref()),
                Ok(Renewal::AlreadyFresh(facts)) => said.done(&facts, "Renewed a moment ago by another", None),
                Err(failure) => said.failed(&failure),
            }
        }
        OauthCommand::Logout { name } => {
            let facts = facts_of(&services, &name).await;
            let ended = interruptible(|cancel| sign_out(&services, &name, cancel, &|_| {})).await;
            match ended {
                Ok(refused) => {
                    if let Some(failure) = refused {
                        let summary = format!("The server did not take {name} back: {}", failure.summary);
                        let fix = "Take it back in the server's own settings; it is removed here";
                        refuse(&mut io::stderr().lock(), &summary, &failure.place, fix);
                    }
                    match facts {
                        Some(facts) => said.done(&facts, "Signed out of", None),
                        None => Ok(0),
                    }
                }
                Err(failure) => said.failed(&failure),
            }
        }
    }
}

async fn login(args: LoginArgs, services: &Arc<Services>, env: Option<&str>, said: Said) -> Result<u8, Stop> {
    let client_secret = client_secret(&args, said.quiet).await?;
    let server = match (&args.issuer, &args.token_url) {
        (Some(issuer), _) => Server::Issuer(issuer.clone()),
        (None, Some(token_url)) => Server::ByHand(Box::new(Provider {
            authorize_url: args.authorize_url.clone(),
            device_url: args.device_url.clone(),
            revoke_url: args.revoke_url.clone(),
            is_secret_in_form: args.client_secret_in_form,
            ..Provider::of_token_url(token_url.clone())
        })),
        (None, None) => return Err(Stop::new(USAGE, "No server was named", "Give --issuer URL, or --token-url URL")),
    };
    let origins = origins(&args, services, env, &server).await;
    if args.origins.is_empty() && !said.quiet {
        let list: Vec<&str> = origins.iter().map(Origin::as_str).collect();
        remark(&format!("The token is for {} only; name other places with --origin", list.join(", ")));
    }
    let wish = SignIn {
        name: args.name.clone(),
        server,
        client_id: args.client_id.clone(),
        client_secret,
        flow: match args.flow {
            FlowArg::Code => Flow::Code,
            FlowArg::Device => Flow::Device,
            FlowArg::ClientCredentials => Flow::ClientCredentials,
        },
        scopes: args.scopes.clone(),
        origins,
        workspace: args.workspace.clone(),
        persist: Persist::Keyring,
    };
    // A write that fails stops nothing on the way; it is told at the end.
    let written: Mutex<Result<(), Stop>> = Mutex::new(Ok(()));
    let tell = |event: SignInEvent| {
        let shown = said.event(&event, &args);
        let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.is_ok() {
            *written = shown;
        }
    };
    let ended = interruptible(|cancel| sign_in(services, wish, cancel, &tell)).await;
    written.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    match ended {
        Ok(stored) => said.done(&stored.credential, "Signed in as", stored.fallback.as_ref()),
        Err(failure) => said.failed(&failure),
    }
}

/// Where the token may go: as named; else as the one before; else to the environment named; else to the server only.
async fn origins(args: &LoginArgs, services: &Arc<Services>, env: Option<&str>, server: &Server) -> Vec<Origin> {
    if !args.origins.is_empty() {
        return args.origins.clone();
    }
    if let Some(facts) = facts_of(services, &args.name).await
        && facts.oauth.is_some()
    {
        return facts.origins;
    }
    let base = env.and_then(|env| services.bases().url(env).cloned());
    let own = match server {
        Server::Issuer(issuer) => issuer.origin(),
        Server::ByHand(provider) => provider.token_url.origin(),
    };
    base.as_ref().and_then(Origin::of).or(own).into_iter().collect()
}

async fn facts_of(services: &Arc<Services>, name: &str) -> Option<Credential> {
    let (services, name) = (Arc::clone(services), name.to_owned());
    let list = tokio::task::spawn_blocking(move || services.vault.list()).await;
    list.ok()?.ok()?.into_iter().find(|facts| facts.name == name)
}

async fn client_secret(args: &LoginArgs, quiet: bool) -> Result<Option<Secret>, Stop> {
    if let Some(name) = &args.client_secret_env {
        let summary = format!("The environment variable {name} is not set, or is empty or no text");
        let value = std::env::var(name).ok().filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| Stop::new(USAGE, summary, "Set it to the client's secret"))?;
        return Ok(Some(Secret::new(value)));
    }
    if !args.client_secret_stdin {
        return Ok(None);
    }
    let read = tokio::task::spawn_blocking(move || read_secret(&mut io::stderr(), quiet)).await;
    let secret = read.ok().and_then(Result::ok).filter(|secret| !secret.is_empty());
    let summary = "Standard input holds no client secret";
    secret.map(Some).ok_or_else(|| Stop::new(USAGE, summary, "Give the secret alone, as UTF-8 text"))
}

/// Runs work that an interruption cancels; whoever interrupts twice wants out at once.
async fn interruptible<T, F: Future<Output = T>>(work: impl FnOnce(crate::transport::CancelSignal) -> F) -> T {
    let (handle, signal) = cancel_pair();
    let mut work = std::pin::pin!(work(signal));
    let mut is_interrupted = false;
    loop {
        tokio::select! {
            biased;
            Ok(()) = tokio::signal::ctrl_c() => {
                if is_interrupted {
                    std::process::exit(130);
                }
                is_interrupted = true;
                handle.cancel();
            }
            end = &mut work => return end,
        }
    }
}

/// How results are told.
#[derive(Clone, Copy)]
struct Said {
    json: bool,
    quiet: bool,
}

impl Said {
    fn line(self, value: &serde_json::Value) -> Result<(), Stop> {
        let line = json_line(value).map_err(|error| Stop::new(FAILURE, error.to_string(), ""))?;
        print(line.as_bytes())
    }

    fn event(self, event: &SignInEvent, args: &LoginArgs) -> Result<(), Stop> {
        match event {
            SignInEvent::Open { url } => {
                if self.json {
                    self.line(&json!({ "event": "open", "url": url.as_str() }))?;
                } else {
                    let host = url.authority();
                    print(format!("Allow it in the browser, at {}:\n{}\n", visible_line(host), url).as_bytes())?;
                }
                if !args.no_browser
                    && let Err(error) = open_beside(url, args.client_secret_env.as_deref())
                {
                    refuse(&mut io::stderr().lock(), &error.summary(), "", &error.fix());
                }
                Ok(())
            }
            SignInEvent::Code { user_code, verification_uri, verification_uri_complete, expires_in } => {
                if self.json {
                    return self.line(&json!({
                        "event": "code",
                        "user_code": user_code,
                        "verification_uri": verification_uri.as_str(),
                        "verification_uri_complete": verification_uri_complete.as_ref().map(Url::as_str),
                        "expires_in_s": expires_in.as_secs(),
                    }));
                }
                let minutes = expires_in.as_secs().div_ceil(60);
                let text = format!(
                    "Open {verification_uri} on any device and type in the code\n\n    {}\n\nIt can be used for {minutes} min\n",
                    visible_line(user_code)
                );
                print(text.as_bytes())
            }
            // What was asked is in the history; a line for each question would bury what the person has to do.
            SignInEvent::Step(_) => Ok(()),
        }
    }

    fn done(self, facts: &Credential, what: &str, lost: Option<&KeyringFailure>) -> Result<u8, Stop> {
        if let Some(failure) = lost {
            // In a window it would live on; a command that ends takes it along.
            let summary = format!("{}, so the new token was not kept and is lost now", failure.state.summary());
            let fix = format!("{}, then sign in again", failure.state.fix());
            if self.json {
                let error = json!({ "kind": "keyring", "summary": summary, "place": "keyring", "fix": fix });
                self.line(&json!({ "event": "failed", "diagnosis": null, "error": error }))?;
            }
            refuse(&mut io::stderr().lock(), &summary, "keyring", &fix);
            return Ok(FAILURE);
        }
        if self.json {
            self.line(&json!({ "event": "done", "credential": facts }))?;
        } else if !self.quiet {
            let end = facts.expires_at.map(|at| format!(", expires {at:.0}")).unwrap_or_default();
            let origins: Vec<&str> = facts.origins.iter().map(Origin::as_str).collect();
            print(format!("{what} {}, for {}{end}\n", facts.name, origins.join(", ")).as_bytes())?;
        }
        Ok(0)
    }

    fn failed(self, failure: &SignInFailure) -> Result<u8, Stop> {
        if self.json {
            let error = json!({
                "kind": failure.kind, "summary": visible_line(&failure.summary),
                "place": visible_line(&failure.place), "fix": visible_line(&failure.fix),
            });
            self.line(&json!({ "event": "failed", "diagnosis": failure.diagnosis, "error": error }))?;
        }
        refuse(&mut io::stderr().lock(), &failure.summary, &failure.place, &failure.fix);
        Ok(match failure.kind.as_str() {
            "usage" | "no_sign_in" | "no_such_flow" | "invalid_input" => USAGE,
            _ if failure.is_vault => FAILURE,
            "cancelled" | "timed_out" | "expired" | "no_answer" => NO_ANSWER,
            _ => REFUSED,
        })
    }
}

/// Opens an address in the system's browser, from a process of its own.
///
/// A browser inherits what starts it: neither the variable with the client's secret nor our standard streams go along,
/// and the address comes by standard input, not as an argument of ours.
fn open_beside(url: &Url, secret_env: Option<&str>) -> Result<(), LinkError> {
    check_link(url)?;
    let mut command = std::process::Command::new(std::env::current_exe().map_err(LinkError::NoBrowser)?);
    command.arg(OPEN_LINK).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(name) = secret_env {
        command.env_remove(OsString::from(name));
    }
    let mut child = command.spawn().map_err(LinkError::NoBrowser)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(url.as_str().as_bytes()).map_err(LinkError::NoBrowser)?;
    }
    // Waited for on a thread of its own, so that no process is left behind and nothing here waits for a browser.
    std::thread::spawn(move || {
        if !child.wait().is_ok_and(|status| status.success()) {
            remark("No browser opened: open the address by hand");
        }
    });
    Ok(())
}

/// The hidden subcommand that opens the address on its standard input.
pub(super) const OPEN_LINK: &str = "open-link";

/// Opens the address on standard input; returns the exit code.
pub(super) fn open_link() -> u8 {
    let url = io::read_to_string(io::Read::take(io::stdin(), 16 << 10)).ok().and_then(|text| Url::parse(&text).ok());
    u8::from(url.is_none_or(|url| crate::app::open_link(&url).is_err()))
}
