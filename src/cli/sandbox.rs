//! `altyaa sandbox`: runs the embedded API until interrupted.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::program::{FAILURE, USAGE};
use super::refuse;
use crate::loopback::BindError;
use crate::sandbox::{RateLimit, Sandbox, SandboxError, SandboxSettings};
use crate::secret::Secret;

/// Runs the embedded API until interrupted.
#[derive(Args, Clone, Debug)]
pub struct SandboxArgs {
    /// Where to listen: an address of this machine only, port 0 for a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// How many requests each key may make in how many seconds
    #[arg(long, value_name = "N/SECONDS", default_value = "100/60")]
    pub limit: RateLimit,
    /// Delay before each answer, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=60_000))]
    pub latency: u64,
    /// Which posts to start with
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// Runs the sandbox; with `json` the first line of output is one JSON object.
///
/// The exit code is 0 after an interrupt, 2 for an address that is not loopback, 4 if the system refused.
pub async fn run(args: SandboxArgs, json: bool) -> u8 {
    let settings = SandboxSettings {
        listen: args.listen,
        limit: args.limit,
        latency: Duration::from_millis(args.latency),
        seed: args.seed,
        ..SandboxSettings::default()
    };
    let sandbox = match Sandbox::start(settings).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            refuse(&mut io::stderr().lock(), &error.summary(), &error.place(), &error.fix());
            return if matches!(error, SandboxError::Bind(BindError::NotLoopback { .. })) { USAGE } else { FAILURE };
        }
    };
    let text = if json { format!("{}\n", first_line(&sandbox)) } else { greeting(&sandbox) };
    let mut out = io::stdout().lock();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        return FAILURE;
    }
    drop(out);
    if tokio::signal::ctrl_c().await.is_err() {
        return FAILURE;
    }
    sandbox.stop().await;
    0
}

/// Everything a script needs to use the sandbox.
///
/// *Secrets*: the tokens of this run, which are worth nothing elsewhere or later.
fn first_line(sandbox: &Sandbox) -> Value {
    let credentials: Vec<Value> = sandbox
        .credentials()
        .iter()
        .map(|credential| {
            json!({
                "name": credential.name,
                "kind": credential.kind,
                "token": credential.token.expose(),
                "scopes": credential.scopes,
                "state": credential.state.as_str(),
                "workspace": credential.workspace,
                "expires_at": credential.expires_at.to_string(),
            })
        })
        .collect();
    let clients: Vec<Value> = sandbox
        .oauth_clients()
        .iter()
        .map(|client| {
            let flows: Vec<&str> = client.flows.iter().map(|flow| flow.as_str()).collect();
            json!({ "id": client.id, "secret": client.secret.as_ref().map(Secret::expose), "flows": flows })
        })
        .collect();
    json!({
        "url": sandbox.base_url(),
        "openapi_url": sandbox.openapi_url(),
        "status_url": sandbox.status_url(),
        "workspace": sandbox.workspace(),
        "control_url": sandbox.control_url(),
        "control_key": sandbox.control_key().expose(),
        "credentials": credentials,
        "oauth": { "issuer": sandbox.oauth_issuer(), "clients": clients },
    })
}

/// The same for a person.
fn greeting(sandbox: &Sandbox) -> String {
    let mut text = format!(
        "Altyaa sandbox at {}\n\n  OpenAPI    {}\n  Status     {}\n  Workspace  {}\n  Control    {}\n             key {}\n\n",
        sandbox.base_url(),
        sandbox.openapi_url(),
        sandbox.status_url(),
        sandbox.workspace(),
        sandbox.control_url(),
        sandbox.control_key().expose(),
    );
    for credential in sandbox.credentials() {
        text.push_str(&format!(
            "  {:<15} {:<8} {:<13} {:<24} {}\n",
            credential.name,
            credential.state.as_str(),
            credential.workspace,
            credential.scopes.join(" "),
            credential.token.expose(),
        ));
    }
    text.push_str(&format!("\n  OAuth      {}\n", sandbox.oauth_issuer()));
    for client in sandbox.oauth_clients() {
        let secret = client.secret.as_ref().map_or("no secret", Secret::expose);
        let flows: Vec<&str> = client.flows.iter().map(|flow| flow.as_str()).collect();
        text.push_str(&format!("             {} {} {secret}\n", client.id, flows.join(" ")));
    }
    let first = sandbox.credentials().first().map_or("", |credential| credential.token.expose());
    text.push_str(&format!(
        "\nTry  curl -H 'Authorization: Bearer {first}' -H 'X-Altyaa-Workspace: {}' {}/v1/posts\nStop with Ctrl+C\n",
        sandbox.workspace(),
        sandbox.base_url(),
    ));
    text
}
