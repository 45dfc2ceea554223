//! What an entry of the history becomes when it is opened again: nothing that was removed is sent as if it were real.

use std::time::Duration;

use altyaa_console::app::{App, Command, Services};
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{CredentialChoice, HeaderLine};
use altyaa_console::profile;
use altyaa_console::transport::Limits;
use altyaa_console::workspace::DraftPart;

const LIMIT: Duration = Duration::from_secs(60);

fn app(folder: &tempfile::TempDir, profile: &str) -> App {
    let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
    let (services, _) = Services::open(profile::find(profile).unwrap(), data_dir, Limits::default()).unwrap();
    let mut app = App::start(services, Vec::new()).unwrap();
    assert!(app.settle(LIMIT));
    app
}

fn push(app: &mut App, command: Command) {
    app.push(command);
    assert!(app.settle(LIMIT));
}

/// Sends the draft as it is, then opens its entry of the history as after a new start.
fn sent_and_opened(folder: &tempfile::TempDir, edit: impl FnOnce(&mut App)) -> App {
    let id = {
        let mut app = app(folder, "altyaa");
        edit(&mut app);
        push(&mut app, Command::Send);
        assert_eq!(app.state().problem, None);
        app.state().history[0].id.clone()
    };
    let mut app = app(folder, "altyaa");
    push(&mut app, Command::OpenHistoryEntry(id));
    app
}

#[test]
fn yesterdays_entry_can_be_sent_to_todays_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = sent_and_opened(&folder, |_| {});
    assert_eq!(app.state().draft.credential, CredentialChoice::Environment);
    assert!(app.state().answer.as_ref().unwrap().is_from_history);
    push(&mut app, Command::Send);
    let answer = app.state().answer.clone().unwrap();
    assert_eq!((answer.status, answer.is_from_history, app.state().problem.as_ref()), (Some(400), false, None));
}

#[test]
fn a_header_typed_by_hand_comes_back_as_a_line_to_be_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = sent_and_opened(&folder, |app| {
        let line = |name: &str, value: &str| HeaderLine { name: name.into(), value: value.into(), is_enabled: true };
        let typed = vec![line("X-Note", "plain"), line("Authorization", "Bearer canary-canary-1")];
        push(app, Command::SetHeaders(typed));
    });
    let index = app.state().draft.headers.iter().position(|line| line.name == "authorization").unwrap();
    assert!(app.state().draft.headers[index].value.starts_with("Bearer ‹"));
    push(&mut app, Command::Send);
    assert_eq!(app.state().problem.as_ref().map(|problem| problem.part), Some(DraftPart::Header(index)));
}

#[test]
fn a_payload_that_was_cut_or_had_secrets_removed_is_not_sent_as_the_whole() {
    let long = format!("{{\"title\": \"{}\"}}", "x".repeat(300 << 10));
    for body in [long, "{\"title\": \"A\", \"password\": \"canary-canary-1\"}".to_owned(), "a\0b".to_owned()] {
        let folder = tempfile::tempdir().unwrap();
        let mut app = sent_and_opened(&folder, |app| push(app, Command::SetBody(body.as_str().into())));
        push(&mut app, Command::Send);
        let said = app.state().problem.clone().unwrap();
        assert_eq!(said.part, DraftPart::Body, "{said:?}");
        assert!(!said.fix.is_empty());
        push(&mut app, Command::SetBody("{}".into()));
        assert_eq!(app.state().problem, None, "an edit of the payload takes the problem away");
        push(&mut app, Command::Send);
        assert_eq!(app.state().problem, None);
    }
}

#[test]
fn a_request_that_named_no_workspace_names_none_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = sent_and_opened(&folder, |app| push(app, Command::SetWorkspace(Some(String::new()))));
    push(&mut app, Command::Send);
    assert_eq!(app.state().answer.as_ref().unwrap().status, Some(401));
}

#[test]
fn a_profile_without_a_local_sandbox_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(&folder, "generic");
    let failures: Vec<_> = app.state().notices.iter().filter(|notice| notice.summary.contains("sandbox")).collect();
    assert!(failures.is_empty(), "{failures:?}");
    assert!(matches!(app.state().sandbox, altyaa_console::app::SandboxState::Failed(_)));
}
