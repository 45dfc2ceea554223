//! The whole program without a window: real sandbox, real HTTP, real files, commands in and state out.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use altyaa_console::app::{
    App, Command, CredentialForm, Dialog, LARGE_PAYLOAD_BYTES, MarkKind, NoticeKind, ResponseTab, SandboxState,
    Services, State, session_name,
};
use altyaa_console::credentials::{CredentialKind, KeyringState, NewCredential, Origin};
use altyaa_console::diagnosis::Diagnosis;
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{CredentialChoice, HeaderLine};
use altyaa_console::profile;
use altyaa_console::sandbox::{RateLimit, Sandbox, SandboxSettings};
use altyaa_console::secret::Secret;
use altyaa_console::transport::Limits;
use altyaa_console::workspace::DraftPart;
use jiff::Timestamp;

use crate::app_desk::{DEADLINE, Desk, desk, desk_of};
use crate::transport_server::{Fault, FaultServer};

fn credential(name: &str) -> Command {
    Command::ChooseCredential(CredentialChoice::Named(session_name(name)))
}

fn starter_body(state: &State) -> String {
    state.profile.requests[0].body.clone()
}

/// Fails if a file below holds one of the texts; returns how many files there are.
fn assert_no_file_holds(dir: &Path, texts: &[String]) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += assert_no_file_holds(&path, texts);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for text in texts {
            let is_in = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!is_in, "{} holds a token", path.display());
        }
        files += 1;
    }
    files
}

#[test]
fn the_first_send_is_explained_marked_remembered_and_reported() {
    let mut desk = desk();
    assert!(desk.state().inspection.is_json && desk.state().inspection.marks.is_empty());
    assert!(desk.state().history.is_empty());
    let (status, said) = desk.send([]);
    assert_eq!((status, said.code.as_deref()), (400, Some("invalid_request")));
    assert_eq!(said.message.as_deref(), Some("publishAt must be a future timestamp"));
    let state = desk.state();
    assert_eq!((state.response_tab, state.finding), (ResponseTab::Diagnosis, Some(0)));
    assert_eq!(state.inspected_revision, state.body_revision);
    let [mark] = state.inspection.marks.as_slice() else { panic!("{:?}", state.inspection) };
    assert_eq!((mark.kind, mark.line, mark.is_missing), (MarkKind::Finding(0), 4, false));
    assert_eq!(mark.span.slice(&state.draft.body).unwrap(), "\"2024-01-05T09:00:00Z\"");
    assert_eq!(mark.reason, "value is in the past");
    let [entry] = state.history.as_slice() else { panic!("{:?}", state.history) };
    assert_eq!(Some(&entry.id), state.open_entry.as_ref());
    assert!(state.checks().iter().any(|check| check.id == "payload"));

    desk.act([Command::ExportReport]);
    let reports: Vec<_> =
        fs::read_dir(desk.data.path().join("data/reports")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [report] = reports.as_slice() else { panic!("{reports:?}") };
    let notice = desk.state().notices.last().unwrap();
    assert_eq!(notice.kind, NoticeKind::Done);
    assert!(notice.summary.contains(report.file_name().unwrap().to_str().unwrap()), "{}", notice.summary);
    let text = fs::read_to_string(report).unwrap();
    let request_id = said.request_id.unwrap().value;
    for wanted in ["invalid_request", "publishAt", "value is in the past", "2024-01-05T09:00:00Z", &request_id] {
        assert!(text.contains(wanted), "{wanted} is in the report:\n{text}");
    }
    let tokens = desk.tokens();
    assert_eq!(tokens.len(), 7, "six keys and the control key");
    assert!(assert_no_file_holds(desk.data.path(), &tokens) >= 2);

    desk.act([Command::PreviewReport]);
    assert_eq!(desk.state().dialog, Dialog::Report);
    let preview = desk.state().report.as_ref().unwrap();
    assert!(preview.text.contains("invalid_request") && tokens.iter().all(|token| !preview.text.contains(token)));
}

#[test]
fn every_code_is_provoked_by_editing_the_draft() {
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let start = |requests| {
        let limit = RateLimit::new(requests, 3600).unwrap();
        servers.block_on(Sandbox::start(SandboxSettings { limit, ..SandboxSettings::default() })).unwrap()
    };
    let (limited, failing) = (start(1), start(100));
    let mut altyaa = profile::built_in("altyaa").unwrap();
    altyaa.environments[0].base = Some(limited.base_url());
    altyaa.environments[1].base = Some(failing.base_url());
    let mut desk = desk_of(altyaa, |services| {
        for (name, sandbox) in [("limited", &limited), ("failing", &failing)] {
            let origin = sandbox.base_url().parse::<Origin>().unwrap();
            let new = NewCredential {
                name: name.into(),
                kind: CredentialKind::Bearer,
                header: None,
                origins: vec![origin],
                workspace: None,
                scopes: Vec::new(),
                expires_at: None,
                created_at: Timestamp::now(),
                secret: sandbox.credentials()[0].token.clone(),
                oauth: None,
            };
            services.vault.add_session_credential(new).unwrap();
        }
    });
    let named = |name: &str| Command::ChooseCredential(CredentialChoice::Named(name.into()));
    let set = |method: &str, url: &str, body: &str| {
        [Command::SetMethod(method.into()), Command::SetUrl(url.into()), Command::SetBody(body.into())]
    };
    let mut seen = Vec::new();
    let mut note = |(status, said): (u16, Diagnosis)| {
        assert!(said.is_error && said.meaning.is_some() && !said.resolve.is_empty(), "{said:?}");
        assert!(said.request_id.is_some(), "{said:?}");
        seen.push((status, said.code.unwrap()));
    };

    note(desk.send([]));
    let future = starter_body(desk.state()).replace("2024-01-05", "2999-01-05");
    let body = |text: &str| Command::SetBody(text.into());
    note(desk.send([body(&future), Command::ChooseCredential(CredentialChoice::Nothing)]));
    note(desk.send([credential("expired key")]));
    note(desk.send([credential("editor key"), Command::SetWorkspace(Some(String::new()))]));
    assert_eq!(desk.state().finding, Some(0), "the missing header is a finding");
    note(desk.send([Command::SetWorkspace(None), credential("read-only key")]));
    let (status, said) = desk.send([credential("editor key")]);
    assert_eq!((status, said.is_error, desk.state().response_tab), (201, false, ResponseTab::Body));
    note(desk.send([]));
    assert_eq!(desk.state().inspection.marks[0].line, 3, "the duplicate slug is marked");
    note(desk.send(set("GET", "{{base}}/v1/posts/post_none", "")));

    let sandbox = [Command::ChooseEnvironment("sandbox".into()), Command::SetWorkspace(Some("ws_northwind".into()))];
    let key = format!("Bearer {}", failing.control_key().expose());
    let header = HeaderLine { name: "Authorization".into(), value: key, is_enabled: true };
    desk.act(sandbox);
    desk.act([Command::SetHeaders(vec![header])]);
    let (status, _) = desk.send(set("POST", "{{base}}/control", "{\"available\":false,\"retry_after_s\":7}"));
    assert_eq!(status, 200);
    desk.act([Command::SetHeaders(Vec::new()), named("failing")]);
    let (status, said) = desk.send(set("GET", "/v1/posts", ""));
    assert_eq!(said.retry_after_s, Some(7.0));
    note((status, said));

    desk.act([
        Command::ChooseEnvironment("production".into()),
        Command::SetWorkspace(Some("ws_northwind".into())),
        named("limited"),
    ]);
    assert_eq!(desk.send([]).0, 200);
    note(desk.send([]));

    let expected = [
        (400, "invalid_request"),
        (401, "unauthorized"),
        (401, "unauthorized"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (409, "conflict"),
        (404, "not_found"),
        (503, "service_unavailable"),
        (429, "rate_limit_exceeded"),
    ];
    let seen: Vec<(u16, &str)> = seen.iter().map(|(status, code)| (*status, code.as_str())).collect();
    assert_eq!(seen, expected);
    let mut secrets = desk.tokens();
    secrets.push(failing.control_key().expose().to_owned());
    assert_no_file_holds(desk.data.path(), &secrets);
}

#[test]
fn a_payload_that_is_no_json_is_marked_and_sent_all_the_same() {
    let mut desk = desk();
    desk.act([Command::SetBody("{\n  \"title\": tru\n}".into())]);
    let marks = |desk: &Desk| -> Vec<(MarkKind, usize)> {
        desk.state().inspection.marks.iter().map(|mark| (mark.kind, mark.line)).collect()
    };
    assert_eq!(marks(&desk), [(MarkKind::Syntax, 2)]);
    let (status, said) = desk.send([]);
    assert_eq!((status, said.code.as_deref()), (400, Some("invalid_request")));
    assert!(marks(&desk).contains(&(MarkKind::Syntax, 2)));
}

#[test]
fn a_payload_of_a_hundred_thousand_levels_is_sent_and_answered() {
    let mut desk = desk();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for payload in [deep, "[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        assert!(payload.len() > LARGE_PAYLOAD_BYTES || payload.len() == 100_000);
        let (status, said) = desk.send([Command::SetBody(payload.as_str().into())]);
        assert_eq!((status, said.code.as_deref()), (400, Some("invalid_request")));
        assert_eq!(desk.state().inspection.view.is_some(), payload.len() > LARGE_PAYLOAD_BYTES);
    }
}

#[test]
fn answers_without_an_envelope_are_shown_as_they_came() {
    let mut desk = desk();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_error =
        format!("{{\"error\":{}{}}}", "{\"error\":".repeat(100_000), "1".to_owned() + &"}".repeat(100_000));
    let bodies: [&[u8]; 9] = [
        b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>",
        b"",
        b"{\"error\":{\"code\":\"invalid_requ",
        b"{\"error\":null}",
        b"null",
        b"na\xefve caf\xe9",
        b"   \r\n\t ",
        deep.as_bytes(),
        deep_error.as_bytes(),
    ];
    for body in bodies {
        let head = format!("HTTP/1.1 502 Bad Gateway\r\nContent-Length: {}\r\n\r\n", body.len());
        let (status, said) = desk.answered(&head, body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!((status, said.format.as_str(), said.code.as_deref()), (502, "unknown", None), "{shown}");
        assert!(said.is_error && said.fields.is_empty(), "{shown}");
        assert_eq!(desk.state().response_tab, ResponseTab::Diagnosis);
    }
    assert_eq!(desk.state().history.len(), bodies.len());
}

/// An answer of that many bytes, whatever is in it, comes through the whole line.
fn large_answers(bytes: usize) {
    let numbers = format!("[{}1]", "1,".repeat(bytes / 2));
    let object = format!("{{\"data\":\"{}\"}}", "x".repeat(bytes));
    answers_with_a_short_report(&[
        numbers,
        object,
        "\n".repeat(bytes),
        format!("{}\n", "x".repeat(99)).repeat(bytes / 100),
    ]);
}

fn answers_with_a_short_report(bodies: &[String]) {
    let mut desk = desk();
    for body in bodies {
        let head = format!("HTTP/1.1 500 Internal Server Error\r\nContent-Length: {}\r\n\r\n", body.len());
        let (status, said) = desk.answered(&head, body.as_bytes());
        assert_eq!((status, said.code.as_deref()), (500, None));
        let answer = desk.state().answer.as_ref().unwrap();
        assert_eq!((answer.body_bytes, answer.is_truncated), (body.len() as u64, false));
        desk.act([Command::PreviewReport]);
        let report = desk.state().report.as_ref().unwrap();
        assert!(report.text.len() < 64 << 10, "a report shows a part of it, not {} bytes", report.text.len());
    }
}

#[test]
fn a_large_answer_comes_through_the_whole_line() {
    large_answers(1 << 20);
}

/// The first line of a text becomes the sentence to read first, and a body of one line must not become one.
#[test]
fn a_large_answer_of_one_line_makes_no_large_report() {
    answers_with_a_short_report(&["x".repeat(1 << 20)]);
}

/// For `tests/long`: a quarter of a minute where nothing is optimised.
#[test]
#[ignore = "the long form, ten megabytes; tests/long runs it"]
fn long_ten_megabytes_come_through_the_whole_line() {
    large_answers(10 << 20);
}

#[test]
fn an_answer_over_the_cap_is_cut_and_said_to_be() {
    let data = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(data.path().join("data"))).unwrap();
    let limits = Limits { body_cap_bytes: 1000, ..Limits::default() };
    let (services, _) = Services::open(profile::built_in("altyaa").unwrap(), data_dir, limits).unwrap();
    let mut app = App::start(services, Vec::new()).unwrap();
    let servers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = servers.block_on(FaultServer::answering("HTTP/1.1 200 OK\r\n\r\n", &[b'a'; 5000]));
    app.push(Command::SetUrl(format!("http://127.0.0.1:{}/", server.port())));
    app.push(Command::Send);
    assert!(app.settle(DEADLINE));
    let answer = app.state().answer.as_ref().unwrap();
    assert_eq!((answer.raw.text.len(), answer.is_truncated, &answer.transport_error), (1000, true, &None));
}

#[test]
fn what_cannot_be_sent_is_refused_beside_its_field_and_nothing_is_remembered() {
    let mut desk = desk();
    let line =
        |name: &str| Command::SetHeaders(vec![HeaderLine { name: name.into(), value: "1".into(), is_enabled: true }]);
    let method = |text: &str| Command::SetMethod(text.into());
    let url = |text: &str| Command::SetUrl(text.into());
    let cases = [
        (method("GE T"), DraftPart::Method, method("GET")),
        (url("nowhere"), DraftPart::Url, url("/v1/posts")),
        (url("http://u:p@127.0.0.1/"), DraftPart::Url, url("/v1/posts")),
        (line("bad name"), DraftPart::Header(0), line("X-Good")),
        (
            Command::ChooseCredential(CredentialChoice::Named("nobody".into())),
            DraftPart::Credential,
            Command::ChooseCredential(CredentialChoice::Environment),
        ),
    ];
    for (wrong, part, right) in cases {
        desk.act([wrong, Command::Send]);
        let problem = desk.state().problem.clone().expect("refused");
        assert_eq!(problem.part, part, "{problem:?}");
        assert!(!problem.summary.is_empty() && !problem.fix.is_empty());
        assert!(desk.state().answer.is_none() && desk.state().in_flight.is_none());
        desk.act([right]);
        assert_eq!(desk.state().problem, None);
    }
    assert!(desk.state().history.is_empty());
    assert_eq!(desk.send([Command::SetBody("".into())]).0, 200);
}

#[test]
fn a_request_on_its_way_can_be_cancelled_and_never_makes_the_window_wait() {
    let mut desk = desk();
    let server = desk.servers.block_on(FaultServer::start(Fault::Silent));
    desk.act([Command::SetUrl(format!("http://127.0.0.1:{}/v1/posts", server.port()))]);
    desk.app.push(Command::Send);
    let deadline = std::time::Instant::now() + DEADLINE;
    while server.seen().is_empty() {
        desk.app.tick();
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(desk.state().in_flight.is_some());
    desk.act([Command::Cancel]);
    let answer = desk.state().answer.as_ref().unwrap();
    assert_eq!(answer.transport_error.as_ref().unwrap().kind, "cancelled");
    assert_eq!(desk.state().history.len(), 1, "the server may have acted on it, so it is remembered");
    assert!(desk.state().in_flight.is_none());
}

#[test]
fn a_connection_that_fails_is_explained_in_the_diagnosis() {
    let mut desk = desk();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    desk.act([Command::SetUrl(format!("http://{free}/v1/posts?token=canary_q7Xw93LmZt")), Command::Send]);
    let state = desk.state();
    let error = state.answer.as_ref().unwrap().transport_error.as_ref().unwrap();
    assert_eq!(error.summary, format!("{free} refused the connection"));
    assert_eq!(state.response_tab, ResponseTab::Diagnosis);
    desk.act([Command::ExportReport]);
    assert_eq!(desk.state().notices.last().unwrap().kind, NoticeKind::Done);
    assert_no_file_holds(desk.data.path(), &["canary_q7Xw93LmZt".to_owned()]);
}

#[test]
fn an_exchange_of_the_history_can_be_opened_and_sent_again() {
    let mut desk = desk();
    desk.send([]);
    let id = desk.state().history[0].id.clone();
    let payload = Arc::clone(&desk.state().draft.body);
    desk.act([Command::OpenStarter(1)]);
    assert_ne!(desk.state().draft.body, payload);
    desk.act([Command::OpenHistoryEntry(id.clone())]);
    let state = desk.state();
    assert_eq!((&state.draft.body, state.draft.url.as_str()), (&payload, "{{base}}/v1/posts"));
    assert_eq!((state.open_entry.as_ref(), state.answer.as_ref().unwrap().is_from_history), (Some(&id), true));
    assert_eq!(state.inspection.marks[0].line, 4);
    let (status, said) = desk.send([]);
    assert_eq!((status, said.code.as_deref()), (400, Some("invalid_request")));
    assert!(!desk.state().answer.as_ref().unwrap().is_from_history);
    assert_eq!(desk.state().history.len(), 2);
    desk.act([Command::OpenHistoryEntry("01NOTTHERE".into())]);
    let notice = desk.state().notices.last().unwrap();
    assert!(notice.kind == NoticeKind::Failure && !notice.fix.is_empty());
}

#[test]
fn a_credential_of_the_session_is_added_used_and_removed() {
    let mut desk = desk();
    let SandboxState::Running { base, .. } = desk.state().sandbox.clone() else { panic!("runs") };
    let form = |origins: &str| {
        Command::AddCredential(Box::new(CredentialForm {
            name: "mine".into(),
            kind: CredentialKind::Bearer,
            header: String::new(),
            origins: origins.into(),
            workspace: String::new(),
            scopes: String::new(),
            expires: String::new(),
            secret: Secret::new("canary_q7Xw93LmZt_not_a_key".into()),
            is_session_only: true,
        }))
    };
    desk.act([form("not an origin")]);
    let notice = desk.state().notices.last().unwrap();
    assert!(notice.summary.contains("is no origin") && !notice.fix.is_empty(), "{notice:?}");
    desk.act([form(&base)]);
    assert!(desk.state().keyring.credentials.iter().any(|credential| credential.name == "mine"));
    assert!(!desk.state().keyring.is_busy);
    let (status, said) = desk.send([Command::ChooseCredential(CredentialChoice::Named("mine".into()))]);
    assert_eq!((status, said.code.as_deref()), (401, Some("unauthorized")));
    assert_no_file_holds(desk.data.path(), &["canary_q7Xw93LmZt".to_owned()]);
    desk.act([Command::RemoveCredential("mine".into())]);
    assert!(desk.state().keyring.credentials.iter().all(|credential| credential.name != "mine"));
    assert_eq!(desk.state().draft.credential, CredentialChoice::Environment);
    assert_eq!(desk.send([]).0, 400, "the environment's own key works again");
}

/// Runs only as a child of the next test, which takes the session bus away from it.
#[test]
#[ignore = "run by a_machine_without_a_session_bus_is_told_so_at_once"]
fn child_without_a_session_bus() {
    let desk = desk();
    println!("STATE {:?}", desk.state().keyring.state);
    assert_eq!(desk.vault.state().map_err(|failure| failure.state), Err(KeyringState::Missing));
    assert_eq!(desk.state().keyring.credentials.len(), 7, "the sandbox's own keys need no keyring");
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn a_machine_without_a_session_bus_is_told_so_at_once() {
    let home = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "app::child_without_a_session_bus", "--ignored", "--nocapture"])
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/no-bus", home.path().display()))
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("STATE Missing") && text.contains("1 passed"), "{text}");
}
