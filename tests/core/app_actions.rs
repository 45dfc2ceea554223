//! Guided actions without a window, against the real sandbox: shown, done, taken back, and dropped when they come late.

use std::time::Duration;

use altyaa_console::app::{
    ActionAct, ActionPlan, Command, CredentialAct, CredentialForm, NoticeKind, SandboxState, SignInForm, Step,
    session_name,
};
use altyaa_console::credentials::CredentialKind;
use altyaa_console::credentials::oauth::Flow;
use altyaa_console::exchange::CredentialChoice;
use altyaa_console::profile;
use altyaa_console::sandbox::{Sandbox, SandboxSettings};
use altyaa_console::secret::Secret;

use crate::app_desk::{Desk, desk, desk_of};
use crate::transport_server::FaultServer;

fn act(act: ActionAct) -> Command {
    Command::Action(act)
}

fn open(id: &str) -> Command {
    act(ActionAct::Open(id.into()))
}

#[track_caller]
fn plan(desk: &Desk) -> &ActionPlan {
    match &desk.state().action {
        Some(open) => &open.plan,
        None => panic!("no action is open: {:?}", desk.state().notices),
    }
}

fn named(name: &str) -> Command {
    Command::ChooseCredential(CredentialChoice::Named(name.into()))
}

/// The program beside a sandbox of its own, which the environment "sandbox" points to.
fn beside() -> (Desk, Sandbox) {
    let starting = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sandbox = starting.block_on(Sandbox::start(SandboxSettings::default())).unwrap();
    let mut altyaa = profile::built_in("altyaa").unwrap();
    altyaa.environments[1].base = Some(sandbox.base_url());
    let mut desk = desk_of(altyaa, |_| {});
    // It serves the sandbox for as long as the test runs.
    desk.servers = starting;
    desk.act([
        Command::ChooseEnvironment("sandbox".into()),
        Command::SetWorkspace(Some(sandbox.workspace().to_owned())),
    ]);
    (desk, sandbox)
}

fn add(desk: &mut Desk, name: &str, origin: &str, secret: &str, workspace: &str) {
    desk.act([Command::AddCredential(Box::new(CredentialForm {
        name: name.into(),
        kind: CredentialKind::Bearer,
        header: String::new(),
        origins: origin.into(),
        workspace: workspace.into(),
        scopes: String::new(),
        expires: String::new(),
        secret: Secret::new(secret.into()),
        is_session_only: true,
    }))]);
    assert!(desk.state().keyring.credentials.iter().any(|known| known.name == name), "{:?}", desk.state().notices);
}

fn token(sandbox: &Sandbox, key: &str) -> String {
    let found = sandbox.credentials().iter().find(|credential| credential.name == key).unwrap();
    found.token.expose().to_owned()
}

#[test]
fn nothing_changes_before_it_is_applied_and_everything_comes_back() {
    let mut desk = desk();
    desk.send([]);
    let before = desk.state().draft.clone();
    desk.act([open("set_field")]);
    assert_eq!(desk.state().draft, before);
    assert_eq!(plan(&desk).changes[0].before.as_deref(), Some("\"2024-01-05T09:00:00Z\""));
    let sent = desk.state().history.len();
    desk.act([act(ActionAct::Apply { send: false })]);
    assert_ne!(desk.state().draft.body, before.body);
    assert_eq!((desk.state().history.len(), desk.state().action.is_none()), (sent, true), "nothing is sent");
    assert_eq!(desk.state().inspection.marks.len(), 1, "the finding stays marked where it is now");
    let undo = desk.state().undo().unwrap();
    assert!(!undo.takes_more(&desk.state().draft));
    // What was changed by hand since goes too, and that can be told before.
    desk.act([Command::SetUrl("{{base}}/v1/posts?x=1".into())]);
    assert!(desk.state().undo().unwrap().takes_more(&desk.state().draft));
    desk.act([act(ActionAct::Undo)]);
    assert_eq!(desk.state().draft, before);
    assert!(desk.state().undo().is_none());
    desk.act([act(ActionAct::Undo)]);
    assert_eq!(desk.state().draft, before, "there is one step back");
    assert!(desk.state().notices.last().unwrap().summary.contains("is left to take back"), "and it is said");
    desk.act([open("set_field"), act(ActionAct::Apply { send: true })]);
    assert_eq!(desk.state().draft, before, "what is not planned yet cannot be applied");
    desk.act([act(ActionAct::Apply { send: true })]);
    assert_eq!(desk.state().answer.as_ref().unwrap().status, Some(201));
    // Another request is no later state of this one.
    desk.act([Command::OpenStarter(1)]);
    assert!(desk.state().undo().is_none());
}

#[test]
fn plans_that_come_late_are_dropped() {
    let mut desk = desk();
    desk.send([]);
    desk.act([open("set_field"), act(ActionAct::Close)]);
    assert!(desk.state().action.is_none(), "a card that was left does not come back");
    desk.act([open("set_field")]);
    desk.act((0..40).map(|year| act(ActionAct::Edit(format!("{}-01-01T00:00:00Z", 2100 + year)))));
    assert_eq!(plan(&desk).changes[0].after, "\"2139-01-01T00:00:00Z\"", "the last that was typed");
    desk.act([open("set_field"), open("add_header")]);
    assert_eq!(plan(&desk).id, "add_header");
    desk.act([open("set_field"), Command::OpenStarter(1)]);
    assert_eq!(desk.state().draft.method, "GET");
    desk.act([open("set_field")]);
    let draft = desk.state().draft.clone();
    desk.act([act(ActionAct::Apply { send: false })]);
    assert_eq!(desk.state().draft, draft, "the other request has no such field");
}

#[test]
fn a_request_that_was_changed_meanwhile_is_planned_for_again_and_keeps_its_changes() {
    let mut desk = desk();
    desk.send([]);
    desk.act([open("set_field")]);
    desk.act([Command::SetUrl("{{base}}/v1/posts?by=hand".into())]);
    let draft = desk.state().draft.clone();
    desk.act([act(ActionAct::Apply { send: true })]);
    assert_eq!(desk.state().draft, draft, "it is not applied unseen");
    let notice = desk.state().notices.last().unwrap();
    assert_eq!((notice.kind, notice.summary.as_str()), (NoticeKind::Attention, "The request was changed meanwhile"));
    desk.act([act(ActionAct::Apply { send: false })]);
    assert_eq!(desk.state().draft.url, "{{base}}/v1/posts?by=hand");
    assert_ne!(desk.state().draft.body, draft.body);
    desk.act([Command::SetBody("{}".into()), open("set_field")]);
    assert!(desk.state().action.is_none());
    assert!(desk.state().notices.last().unwrap().summary.contains("publishAt is no longer in the payload"));
}

#[test]
fn escape_closes_the_card_before_what_was_said() {
    let mut desk = desk();
    desk.send([]);
    desk.act([open("make_coffee"), open("set_field")]);
    let said = desk.state().notices.len();
    desk.act([Command::CloseTopmost]);
    assert_eq!((desk.state().action.is_none(), desk.state().notices.len()), (true, said));
}

#[test]
fn another_credential_is_chosen_used_and_taken_back() {
    let mut desk = desk();
    let future = desk.state().draft.body.replace("2024-01-05", "2999-01-05");
    let (status, said) = desk.send([Command::SetBody(future.as_str().into()), named(&session_name("read-only key"))]);
    assert_eq!((status, said.code.as_deref()), (403, Some("forbidden")));
    desk.act([open("show_scope")]);
    let notes = plan(&desk).notes.join("\n");
    assert!(notes.contains("Needed: posts.write") && notes.contains("Missing: posts.write"), "{notes}");
    desk.act([open("choose_credential")]);
    let choices = plan(&desk).choices.clone();
    assert!(choices.iter().all(|choice| !choice.contains("read-only") && !choice.contains("control")), "{choices:?}");
    let editor = choices.iter().position(|choice| choice.starts_with("local.editor-key")).unwrap();
    desk.act([act(ActionAct::Choose(editor))]);
    desk.act([act(ActionAct::Apply { send: true })]);
    assert_eq!(desk.state().answer.as_ref().unwrap().status, Some(201));
    desk.act([act(ActionAct::Undo)]);
    assert_eq!(desk.state().draft.credential, CredentialChoice::Named(session_name("read-only key")));
}

#[test]
fn a_token_is_renewed_after_its_server_was_named() {
    let (mut desk, sandbox) = beside();
    let client = sandbox.oauth_clients().iter().find(|client| client.secret.is_some()).unwrap();
    let form = SignInForm {
        name: "service".into(),
        issuer: sandbox.base_url(),
        authorize_url: String::new(),
        token_url: String::new(),
        device_url: String::new(),
        revoke_url: String::new(),
        client_id: client.id.clone(),
        client_secret: Secret::new(client.secret.as_ref().unwrap().expose().to_owned()),
        flow: Flow::ClientCredentials,
        scopes: "posts.read posts.write".into(),
        origins: sandbox.base_url(),
        workspace: String::new(),
        is_session_only: true,
    };
    desk.act([Command::Credential(CredentialAct::SignIn(Box::new(form)))]);
    desk.send([named("service")]);
    let last4 =
        |desk: &Desk| desk.state().keyring.credentials.iter().find(|c| c.name == "service").unwrap().last4.clone();
    let before = last4(&desk);
    desk.act([open("refresh_token")]);
    assert_eq!(plan(&desk).step, Some(Step::Refresh("service".into())));
    assert!(plan(&desk).notes[0].contains("127.0.0.1"), "{:?}", plan(&desk).notes);
    assert_eq!(last4(&desk), before, "nobody is asked yet");
    desk.act([act(ActionAct::Do)]);
    assert_ne!(last4(&desk), before);
    assert!(desk.state().action.is_none());
}

#[test]
fn how_the_old_key_ended_is_known_until_the_new_one_worked() {
    let (mut desk, sandbox) = beside();
    add(&mut desk, "my-key", &sandbox.base_url(), "altyaa_sandbox_0000000000000000000000000000old4", "");
    let (status, _) = desk.send([named("my-key")]);
    assert_eq!(status, 401);
    desk.act([open("regenerate")]);
    assert_eq!(plan(&desk).replaces.as_deref(), Some("my-key"));
    assert!(desk.state().credentials.replaced.is_none());
    let replace = |secret: &str| {
        Command::Credential(CredentialAct::Replace { name: "my-key".into(), secret: Secret::new(secret.into()) })
    };
    // One that is refused as well proves nothing, and is not what the person would compare with.
    desk.act([replace("altyaa_sandbox_1111111111111111111111111111bad4")]);
    assert_eq!(desk.send([]).0, 401);
    desk.act([replace(&token(&sandbox, "editor key"))]);
    assert_eq!(desk.send([]).0, 400, "the key is taken, but the call did not work");
    let replaced = desk.state().credentials.replaced.clone().unwrap();
    assert_eq!((replaced.name.as_str(), replaced.last4.as_deref()), ("my-key", Some("old4")));
    let list = [Command::SetMethod("GET".into()), Command::SetBody("".into())];
    assert_eq!(desk.send(list).0, 200);
    assert_eq!(desk.state().credentials.replaced, None);
    assert!(desk.state().notices.iter().any(|notice| notice.summary == "The new secret of my-key works"));
    // A secret that cannot be stored takes nothing's place.
    desk.act([replace("")]);
    assert_eq!(desk.state().credentials.replaced, None, "{:?}", desk.state().notices);
}

#[test]
fn other_workspaces_are_asked_only_if_the_person_says_so() {
    let (mut desk, sandbox) = beside();
    let base = sandbox.base_url();
    add(&mut desk, "here", &base, &token(&sandbox, "editor key"), "ws_northwind");
    add(&mut desk, "there", &base, &token(&sandbox, "contoso key"), "ws_contoso");
    let post = r#"{"title": "T", "slug": "t-1", "channels": [{"name": "blog"}]}"#;
    let contoso = [named("there"), Command::SetWorkspace(Some("ws_contoso".into())), Command::SetBody(post.into())];
    assert_eq!(desk.send(contoso).0, 201);
    let made: serde_json::Value = serde_json::from_str(&desk.state().answer.as_ref().unwrap().raw.text).unwrap();
    let id = made["id"].as_str().or(made["data"]["id"].as_str()).unwrap().to_owned();
    let northwind = [
        named("here"),
        Command::SetWorkspace(Some("ws_northwind".into())),
        Command::SetMethod("GET".into()),
        Command::SetUrl(format!("{{{{base}}}}/v1/posts/{id}")),
        Command::SetBody("".into()),
    ];
    assert_eq!(desk.send(northwind).0, 404);
    let calls = desk.state().history.len();
    desk.act([open("check_id")]);
    assert!(plan(&desk).asks.iter().all(|ask| ask.workspace.as_deref() == Some("ws_northwind")));
    desk.act([act(ActionAct::WithOthers(true))]);
    assert_eq!(desk.state().history.len(), calls, "nothing is asked before it is said");
    let asks = plan(&desk).asks.clone();
    assert!(asks.iter().any(|ask| ask.credential == CredentialChoice::Named("there".into())), "{asks:?}");
    let count = asks.len();
    desk.act([act(ActionAct::Ask)]);
    let notes = plan(&desk).notes.join("\n");
    assert!(notes.contains("in the workspace ws_contoso: it is there"), "{notes}");
    assert_eq!(desk.state().history.len(), calls + count, "what was asked is in the list at once");
    assert_eq!(desk.state().answer.as_ref().unwrap().status, Some(404), "the answer in sight stays");
}

#[test]
fn what_is_asked_stops_when_the_card_is_left() {
    let mut desk = desk();
    let body = b"{}";
    let server =
        desk.servers.block_on(FaultServer::answering("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n", body));
    let url = format!("http://127.0.0.1:{}/v1/ants/1/bees/2/cats/3/dogs/4/eels/5/foxes/6", server.port());
    desk.send([Command::SetMethod("GET".into()), Command::SetUrl(url), Command::SetBody("".into())]);
    assert_eq!(server.seen().len(), 1);
    desk.act([open("check_id")]);
    assert_eq!(plan(&desk).asks.len(), 6);
    desk.act([act(ActionAct::Ask), act(ActionAct::Close)]);
    assert!(desk.state().action.is_none(), "what comes late opens nothing");
    std::thread::sleep(Duration::from_millis(50));
    assert!(server.seen().len() <= 2, "the one under way at most: {:?}", server.seen().len());
    desk.act([open("check_id")]);
    desk.act([act(ActionAct::Ask)]);
    assert!(server.seen().len() >= 7, "it can be asked again");
}

#[test]
fn the_sandbox_of_this_program_has_no_key_to_make_anew() {
    let mut desk = desk();
    assert!(matches!(desk.state().sandbox, SandboxState::Running { .. }));
    desk.send([named(&session_name("expired key"))]);
    desk.act([open("regenerate")]);
    assert!(desk.state().action.is_none());
    assert!(desk.state().notices.last().unwrap().fix.contains("choose another"));
}
