//! The program without a window over a data directory of its own, and how tests drive it.

use std::time::Duration;

use altyaa_console::app::{App, Command, SandboxState, Services, State};
use altyaa_console::credentials::Vault;
use altyaa_console::diagnosis::Diagnosis;
use altyaa_console::disk::DataDir;
use altyaa_console::profile::{self, Profile};
use altyaa_console::transport::Limits;
use tempfile::TempDir;

use crate::transport_server::FaultServer;

/// How long any job may take here.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The program over a data directory of its own, and a runtime for servers beside it.
pub struct Desk {
    pub app: App,
    pub vault: Vault,
    pub data: TempDir,
    pub servers: tokio::runtime::Runtime,
}

pub fn desk() -> Desk {
    desk_of(profile::built_in("altyaa").unwrap(), |_| {})
}

pub fn desk_of(profile: Profile, before: impl FnOnce(&Services)) -> Desk {
    let data = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(data.path().join("data"))).unwrap();
    let (services, notices) = Services::open(profile, data_dir, Limits::default()).unwrap();
    assert_eq!(notices, []);
    before(&services);
    let vault = services.vault.clone();
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut desk = Desk { app: App::start(services, notices).unwrap(), vault, data, servers };
    desk.settle();
    assert!(matches!(desk.state().sandbox, SandboxState::Running { .. }), "{:?}", desk.state().sandbox);
    desk
}

impl Desk {
    pub fn state(&self) -> &State {
        self.app.state()
    }

    #[track_caller]
    pub fn settle(&mut self) {
        assert!(self.app.settle(DEADLINE), "every job answers");
    }

    #[track_caller]
    pub fn act(&mut self, commands: impl IntoIterator<Item = Command>) {
        commands.into_iter().for_each(|command| self.app.push(command));
        self.settle();
    }

    /// Edits, sends, and gives the answer's status with what is said of it.
    #[track_caller]
    pub fn send(&mut self, edits: impl IntoIterator<Item = Command>) -> (u16, Diagnosis) {
        self.act(edits);
        self.act([Command::Send]);
        assert!(self.state().in_flight.is_none());
        assert_eq!(self.state().problem, None);
        let answer = self.state().answer.as_ref().expect("an answer");
        assert_eq!(answer.transport_error, None);
        (answer.status.expect("a status"), answer.diagnosis.clone().expect("a diagnosis"))
    }

    /// Sends a GET to a server that answers with these bytes and gives what is said of it.
    #[track_caller]
    pub fn answered(&mut self, head: &str, body: &[u8]) -> (u16, Diagnosis) {
        let server = self.servers.block_on(FaultServer::answering(head, body));
        let url = format!("http://127.0.0.1:{}/v1/posts", server.port());
        let said = self.send([Command::SetMethod("GET".into()), Command::SetUrl(url), Command::SetBody("".into())]);
        let answer = self.state().answer.as_ref().unwrap();
        assert!(answer.is_foreign, "an address of no environment goes out under the generic profile");
        assert!(answer.body.read_at(0, usize::MAX).unwrap() == body, "{} bytes kept as they came", body.len());
        let is_shown = match answer.first_page {
            // A body on disk is read page by page: the first is its beginning.
            Some(_) => !answer.raw.text.is_empty() && body.starts_with(answer.raw.text.as_bytes()),
            None => *answer.raw.text == *String::from_utf8_lossy(body),
        };
        assert!(is_shown, "{} bytes shown as they came", body.len());
        let head = &server.seen()[0];
        assert!(!head.to_lowercase().contains("authorization") && !head.to_lowercase().contains("x-altyaa"), "{head}");
        said
    }

    /// Every token in memory.
    pub fn tokens(&self) -> Vec<String> {
        self.vault.session_secrets().iter().map(|(_, secret)| secret.expose().to_owned()).collect()
    }
}
