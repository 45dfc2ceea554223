//! What the engine must not do: trust too widely, lose bytes, tell secrets, hang, hammer.
//!
//! Each test is of a fault that was once there or could come back; the plain failures are in `failures`.

use std::process::Child;
use std::sync::Arc;

use altyaa_console::disk::SpillDir;
use altyaa_console::exchange::{Exchange, ExchangeId, PreparedRequest};
use altyaa_console::transport::{CancelSignal, SendOptions, Transport, no_hint};
use http::Method;
use serde_json::Value;
use url::Url;

use crate::cli::program::{Altyaa, Done, finished};
use crate::faults::certificates::Authority;
use crate::faults::within;

mod codings;
mod cookies;
mod disk;
mod facts;
#[cfg(unix)]
mod interrupts;
mod kept;
mod limits;
mod redirects;
mod retries;
mod secrets;
mod trust;
mod uploads;

/// A data directory, a cache and a trust store for runs of the program.
struct Place {
    altyaa: Altyaa,
}

impl Place {
    fn new() -> Self {
        let altyaa = Altyaa::new();
        // One CA that signed nothing here: no test depends on whose machine it is.
        altyaa.file("system-cas.pem", Authority::new("System Root").pem());
        Self { altyaa }
    }

    fn start(&self, words: &[&str], env: &[(&str, &str)]) -> Child {
        let mut command = self.altyaa.command(words);
        command.env("ALTYAA_CACHE_DIR", self.altyaa.path("cache"));
        command.env("SSL_CERT_FILE", self.altyaa.path("system-cas.pem"));
        command.envs(env.iter().copied());
        command.spawn().unwrap()
    }

    /// Runs the program beside the servers, which are in the test's own runtime.
    async fn run(&self, words: &[&str], env: &[(&str, &str)]) -> Done {
        done(self.start(words, env)).await
    }

    /// `altyaa send --json --quiet GET URL …`: exit code and JSON.
    async fn get(&self, url: &str, words: &[&str]) -> (i32, Value) {
        self.get_with(url, words, &[]).await
    }

    async fn get_with(&self, url: &str, words: &[&str], env: &[(&str, &str)]) -> (i32, Value) {
        let all = [&["send", "--json", "--quiet", "GET", url], words].concat();
        let done = self.run(&all, env).await;
        (done.code, done.json())
    }

    /// Everything that the data directory holds, as one text.
    fn kept(&self) -> String {
        let mut all = String::new();
        for entry in std::fs::read_dir(self.altyaa.path("data")).unwrap().flatten() {
            if let Ok(bytes) = std::fs::read(entry.path()) {
                all.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        all
    }
}

async fn done(running: Child) -> Done {
    within(tokio::task::spawn_blocking(move || finished(running, b""))).await.unwrap()
}

/// A transport whose spill files are in that folder.
fn transport(dir: &tempfile::TempDir) -> Transport {
    Transport::new(SpillDir::new(Some(dir.path().join("spill"))))
}

async fn send(transport: &Transport, url: &str, options: &SendOptions) -> Exchange {
    send_as(transport, Method::GET, url, b"", options).await
}

async fn send_as(transport: &Transport, method: Method, url: &str, body: &[u8], options: &SendOptions) -> Exchange {
    let request = PreparedRequest {
        method,
        url: Url::parse(url).unwrap(),
        url_template: url.to_owned(),
        headers: Vec::new(),
        origin_headers: Vec::new(),
        body: Arc::from(body),
        environment: "local".into(),
        profile: "generic".into(),
        credential: None,
        secrets: Vec::new(),
    };
    let id = ExchangeId("one".into());
    within(transport.send(id, request, options, CancelSignal::never(), &no_hint, |_| {})).await
}

/// The texts of the log's lines, one a line.
fn log_of(json: &Value) -> String {
    let lines = json["log"].as_array().unwrap().iter();
    lines.map(|line| format!("{}\n", line["text"].as_str().unwrap())).collect()
}
