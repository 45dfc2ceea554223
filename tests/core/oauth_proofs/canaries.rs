//! No secret of a sign-in or credential is left in a file, a stream or a report; where one was is looked for in every form.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use altyaa_console::app::{
    App, Command, CredentialAct, CredentialForm, LineEnd, NetworkSettings, Services, SignInEvent, SignInForm, refresh,
    sign_in, sign_out,
};
use altyaa_console::credentials::oauth::Flow;
use altyaa_console::credentials::{AllSecrets, CredentialKind, Origin};
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{CredentialChoice, ExchangeRecord};
use altyaa_console::report;
use altyaa_console::sandbox::{Sandbox, SandboxSettings};
use altyaa_console::secret::{Gate, Redacted, Secret};
use altyaa_console::transport::{CancelSignal, ClientCertificate, Limits, Route};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::issuer::*;
use super::program::{Login, login_words, lost};
use super::search::Needles;
use crate::cli::program::{Altyaa, Done};

const CLIENT_SECRET: &str = "cs-canary/4471+x";
const CODE: &str = "code-canary/77";
const DEVICE_CODE: &str = "dc-canary-3310";
const BY_CODE: [&str; 2] = ["at-canary-code-Zq7+x/9w", "rt-canary-code-5530"];
const BY_DEVICE: [&str; 2] = ["at-canary-device-1188", "rt-canary-device-2277"];
const BY_CLIENT: [&str; 2] = ["at-canary-client-3366", "rt-canary-client-4455"];
const RENEWED: [&str; 2] = ["at-canary-renewed-5544", "rt-canary-renewed-6633"];

/// What is there by design.
const CLIENT_ID: &str = "client-id-by-design";

/// Everything of the flows that may not be found afterwards, verifiers and proofs of the client included.
fn canaries(issuer: &Issuer) -> Vec<String> {
    let mut all: Vec<String> = [CLIENT_SECRET, CODE, DEVICE_CODE].map(str::to_owned).to_vec();
    all.extend([BY_CODE, BY_DEVICE, BY_CLIENT, RENEWED].concat().into_iter().map(str::to_owned));
    for asked in issuer.asked("/token") {
        all.push(asked.field("code_verifier"));
        all.push(asked.header("authorization").trim_start_matches("Basic ").to_owned());
    }
    all.retain(|text| !text.is_empty());
    all.sort();
    all.dedup();
    all
}

/// A server whose every secret is known, and which repeats what it was sent wherever it can.
fn issuer(is_refusing: &Arc<AtomicBool>) -> Issuer {
    let is_refusing = Arc::clone(is_refusing);
    Issuer::start(move |asked, _| {
        let refuses = is_refusing.load(Ordering::SeqCst);
        let grant = asked.field("grant_type");
        match asked.path.as_str() {
            "/device" => {
                let base = format!("http://{}", asked.header("host"));
                let body = json!({
                    "device_code": DEVICE_CODE, "user_code": "AB-12", "verification_uri": format!("{base}/enter"),
                    "expires_in": 60, "interval": 1,
                });
                answer(200, "", &body.to_string())
            }
            "/token" | "/revoke" if refuses => {
                let (token, refresh) = (asked.field("token"), asked.field("refresh_token"));
                let said = format!("no more of {token}{refresh}, client {CLIENT_SECRET}");
                answer(400, "", &json!({ "error": "invalid_grant", "error_description": said }).to_string())
            }
            "/token" => {
                let [access, refresh] = match grant.as_str() {
                    "authorization_code" => BY_CODE,
                    "refresh_token" => RENEWED,
                    "client_credentials" => BY_CLIENT,
                    _ => BY_DEVICE,
                };
                tokens(access, refresh, 3600)
            }
            "/revoke" => answer(200, "", ""),
            "/v1/posts" => {
                let sent = asked.header("authorization");
                let body = json!({"error": {
                    "code": "invalid_request", "message": format!("not with {sent}"),
                    "details": { "field": "title", "reason": STANDARD.encode(sent) },
                }});
                answer(400, "X-Request-Id: req-by-design\r\n", &body.to_string())
            }
            _ => metadata(asked),
        }
    })
}

/// Waits until the history has been closed, all of it written into its one file.
#[track_caller]
fn closed(folder: &tempfile::TempDir) {
    let until = Instant::now() + DEADLINE;
    while folder.path().join("data/history.sqlite3-wal").exists() {
        assert!(Instant::now() < until, "the history stays open");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn nothing() -> AllSecrets {
    AllSecrets { secrets: Vec::new(), unread: Vec::new(), list_error: None }
}

/// The report of an exchange: as this program makes it, and as one does that knows no secret at all.
fn reports(services: &Services, record: &Redacted<ExchangeRecord>) -> String {
    let (own, generic, now) = (&services.profile, &services.generic, Timestamp::now());
    let known = services.vault.all_secrets();
    let one = report::markdown(&services.gate, known, record, own, generic, now, Vec::new()).unwrap();
    let other = report::markdown(&Gate::default(), nothing(), record, own, generic, now, Vec::new()).unwrap();
    format!("{}\n{}", one.text.as_str(), other.text.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_flow_of_a_sign_in_leaves_a_secret_behind() {
    let is_refusing = Arc::new(AtomicBool::new(false));
    let issuer = issuer(&is_refusing);
    let folder = tempfile::tempdir().unwrap();
    let services = services(&folder, profile_at(&issuer.url));
    let (said, steps, states) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let say = |text: String| said.lock().unwrap().push(text);
    let tell = |event: SignInEvent| {
        say(format!("{event:?}"));
        match event {
            SignInEvent::Step(step) => steps.lock().unwrap().push(step.exchange),
            SignInEvent::Open { url } => {
                states.lock().unwrap().push(parameter(&url, "state"));
                std::thread::spawn(move || come_back(&url, &parameter(&url, "state"), "code=code-canary%2F77"));
            }
            SignInEvent::Code { .. } => {}
        }
    };
    let on_step = |step: altyaa_console::app::StepView| tell(SignInEvent::Step(step));
    let never = CancelSignal::never;

    for (name, flow, secret) in [
        ("by-code", Flow::Code, Some(CLIENT_SECRET)),
        ("by-device", Flow::Device, None),
        ("by-client", Flow::ClientCredentials, Some(CLIENT_SECRET)),
    ] {
        let stored = sign_in(&services, wish(name, &issuer.url, flow, secret), never(), &tell).await.unwrap();
        say(format!("{stored:?} {}", serde_json::to_string(&stored.credential).unwrap()));
        let LineEnd::Finished(finished) = run(&services, call("/v1/posts", name)).await else { panic!("refused") };
        assert_eq!(finished.answer.status, Some(400));
        say(serde_json::to_string(&*finished.answer.record).unwrap());
        say(tokio::task::block_in_place(|| reports(&services, &finished.answer.record)));
    }
    say(format!("{:?}", refresh(&services, "by-code", never(), &on_step).await.unwrap()));
    is_refusing.store(true, Ordering::SeqCst);
    let failure = refresh(&services, "by-code", never(), &on_step).await.unwrap_err();
    assert_eq!((failure.kind.as_str(), failure.is_sign_in_needed), ("invalid_grant", true));
    say(format!("{failure:?}"));
    let kept = sign_out(&services, "by-device", never(), &on_step).await.unwrap();
    say(format!("{:?}", kept.expect("the server did not take it back")));
    is_refusing.store(false, Ordering::SeqCst);
    assert!(sign_out(&services, "by-code", never(), &on_step).await.unwrap().is_none());

    let steps = steps.lock().unwrap().clone();
    assert!(steps.len() >= 10, "{steps:?}");
    for step in &steps {
        let record = services.history.load(step).unwrap().unwrap();
        say(tokio::task::block_in_place(|| reports(&services, &record)));
    }
    let sent: String = issuer.asked("/token").iter().map(|asked| format!("{}{}", asked.head, asked.body)).collect();
    assert!(sent.contains("code_verifier=") && sent.contains(DEVICE_CODE) && sent.contains(BY_CODE[1]), "{sent}");
    let canaries = canaries(&issuer);
    let needles = Needles::of(&canaries);
    let text = said.lock().unwrap().join("\n");
    needles.are_not_in("what was said", &text);
    assert!(Needles::of(&[CLIENT_ID]).found_in(text.as_bytes()).is_some(), "the search finds what is there");

    // While the database is open, with what is not in its main file yet, and when it is closed.
    let on_disk = Needles::of(&[canaries, states.into_inner().unwrap()].concat());
    on_disk.are_not_below(folder.path());
    let (found, _) = Needles::of(&["req-by-design"]).found_below(folder.path());
    assert!(found.iter().any(|file| file.contains("-wal")), "the write-ahead log was looked at: {found:?}");
    drop(services);
    closed(&folder);
    on_disk.are_not_below(folder.path());
    for by_design in [CLIENT_ID, "req-by-design"] {
        let (found, _) = Needles::of(&[by_design]).found_below(folder.path());
        assert!(found.iter().any(|file| file.contains("history.sqlite3")), "{by_design}: {found:?}");
    }
}

#[test]
fn what_is_typed_shown_and_renewed_in_the_program_is_in_no_file() {
    let is_refusing = Arc::new(AtomicBool::new(false));
    let issuer = issuer(&is_refusing);
    let folder = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
    let (services, _) = Services::open(profile_at(&issuer.url), data_dir, Limits::default()).unwrap();
    let mut app = App::start(services, Vec::new()).unwrap();
    assert!(app.settle(DEADLINE));
    let said = Mutex::new(Vec::new());
    let mut act = |app: &mut App, command: Command| {
        said.lock().unwrap().push(format!("{command:?}"));
        app.push(command);
        assert!(app.settle(DEADLINE));
        let state = app.state();
        assert_eq!((state.keyring.problem.as_ref(), state.problem.as_ref()), (None, None));
        said.lock()
            .unwrap()
            .push(format!("{:?} {:?} {:?}", state.credentials, state.notices, state.keyring.credentials));
    };
    let (typed, other, phrase) = ("typed-canary/1+1", "other-canary/2+2", "phrase-canary/3+3");
    let empty = String::new;
    let form = CredentialForm {
        name: "typed".into(),
        kind: CredentialKind::Bearer,
        header: empty(),
        origins: issuer.url.clone(),
        workspace: empty(),
        scopes: empty(),
        expires: empty(),
        secret: Secret::new(typed.into()),
        is_session_only: true,
    };
    act(&mut app, Command::AddCredential(Box::new(form)));
    let reveal = || Command::Credential(CredentialAct::Reveal("typed".into()));
    act(&mut app, reveal());
    assert_eq!(app.state().credentials.revealed.as_ref().unwrap().secret.expose(), typed);
    act(&mut app, Command::ChooseEnvironment("sandbox".into()));
    act(&mut app, Command::SetUrl("/v1/posts".into()));
    let choose = |name: &str| Command::ChooseCredential(CredentialChoice::Named(name.into()));
    let mut calls = 0;
    let mut send = |app: &mut App, act: &mut dyn FnMut(&mut App, Command), name: &str, secret: &str| {
        act(app, choose(name));
        act(app, Command::Send);
        calls += 1;
        let sent = issuer.asked("/v1/posts");
        assert_eq!((sent.len(), sent.last().unwrap().header("authorization")), (calls, &*format!("Bearer {secret}")));
        act(app, Command::ExportReport);
    };
    send(&mut app, &mut act, "typed", typed);
    let replace = CredentialAct::Replace { name: "typed".into(), secret: Secret::new(other.into()) };
    act(&mut app, Command::Credential(replace));
    act(&mut app, reveal());
    act(&mut app, Command::Credential(CredentialAct::Test("typed".into())));
    send(&mut app, &mut act, "typed", other);

    let sign_in = SignInForm {
        name: "by-client".into(),
        issuer: issuer.url.clone(),
        authorize_url: empty(),
        token_url: empty(),
        device_url: empty(),
        revoke_url: empty(),
        client_id: CLIENT_ID.into(),
        client_secret: Secret::new(CLIENT_SECRET.into()),
        flow: Flow::ClientCredentials,
        scopes: empty(),
        origins: issuer.url.clone(),
        workspace: empty(),
        is_session_only: true,
    };
    act(&mut app, Command::Credential(CredentialAct::SignIn(Box::new(sign_in))));
    send(&mut app, &mut act, "by-client", BY_CLIENT[0]);
    act(&mut app, Command::Credential(CredentialAct::Refresh("by-client".into())));
    send(&mut app, &mut act, "by-client", RENEWED[0]);
    act(&mut app, Command::Credential(CredentialAct::SignOut("by-client".into())));
    assert!(!issuer.asked("/revoke").is_empty());

    let certificate = ClientCertificate { file: folder.path().join("none.p12"), key: None };
    let settings = NetworkSettings {
        route: Route { client_certificate: Some(certificate), ..Route::default() },
        ..NetworkSettings::default()
    };
    let passphrase = Some(Secret::new(phrase.into()));
    // Where no keyring is, that is told; it is kept in memory then.
    app.push(Command::SetNetwork { environment: "production".into(), settings: Box::new(settings), passphrase });
    assert!(app.settle(DEADLINE));
    said.lock().unwrap().push(format!("{:?}", app.state().notices));

    let typed = [typed, other, phrase].map(str::to_owned).to_vec();
    let needles = Needles::of(&[canaries(&issuer), typed].concat());
    needles.are_not_in("what the program shows", said.lock().unwrap().join("\n"));
    needles.are_not_below(folder.path());
    drop(app);
    closed(&folder);
    needles.are_not_below(folder.path());
    let file_of = |text: &str, name: &str| {
        let (found, _) = Needles::of(&[text]).found_below(folder.path());
        assert!(found.iter().any(|file| file.contains(name)), "{text} is in {name}: {found:?}");
    };
    file_of("req-by-design", "history.sqlite3");
    file_of("req-by-design", "/reports/");
    file_of("none.p12", "network.toml");
}

/// Allows what a page of the sandbox asks, and follows where it leads; gives the last answer.
fn allow(authorize: &Url) -> String {
    let host = format!("{}:{}", authorize.host_str().unwrap(), authorize.port().unwrap());
    let target = &authorize[url::Position::BeforePath..];
    let page = raw(&host, &format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).unwrap();
    let (_, rest) = page.split_once("name=\"ticket\" value=\"").unwrap_or_else(|| panic!("{page}"));
    let form = format!("ticket={}&decision=allow", rest.split_once('"').unwrap().0);
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
        authorize.path(),
        form.len()
    );
    let led = raw(&host, &request).unwrap();
    let Some(there) = led.lines().find_map(|line| line.strip_prefix("location: ")) else { return led };
    let there = Url::parse(there).unwrap();
    let address = format!("127.0.0.1:{}", there.port().unwrap());
    let target = &there[url::Position::BeforePath..];
    raw(&address, &format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_s_own_tokens_are_nowhere_either() {
    let sandbox = Sandbox::start(SandboxSettings::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let services = services(&folder, profile_at(&sandbox.base_url()));
    let origin: Origin = sandbox.base_url().parse().unwrap();
    let service = sandbox.oauth_clients().iter().find(|client| client.secret.is_some()).unwrap();
    let secret = service.secret.as_ref().unwrap().expose().to_owned();
    let (said, mut canaries) = (Mutex::new(Vec::new()), vec![secret.clone()]);
    let tell = |event: SignInEvent| {
        said.lock().unwrap().push(format!("{event:?}"));
        match event {
            SignInEvent::Open { url } => drop(std::thread::spawn(move || allow(&url))),
            SignInEvent::Code { verification_uri_complete, .. } => {
                std::thread::spawn(move || allow(&verification_uri_complete.unwrap()));
            }
            SignInEvent::Step(_) => {}
        }
    };
    let on_step = |_: altyaa_console::app::StepView| {};
    let session = |services: &Services| -> Vec<String> {
        services.vault.session_secrets().into_iter().map(|(_, secret)| secret.expose().to_owned()).collect()
    };
    for (name, client, flow, secret) in [
        ("by-code", "altyaa-console", Flow::Code, None),
        ("by-device", "altyaa-console", Flow::Device, None),
        ("by-client", service.id.as_str(), Flow::ClientCredentials, Some(secret.as_str())),
    ] {
        let mut wish = wish(name, &sandbox.base_url(), flow, secret);
        wish.client_id = client.into();
        wish.workspace = Some(sandbox.workspace().into());
        assert_eq!(wish.origins, std::slice::from_ref(&origin));
        sign_in(&services, wish, CancelSignal::never(), &tell).await.unwrap();
        for (method, wanted) in [("GET", 200), ("POST", 400)] {
            let mut draft = call("/v1/posts", name);
            draft.method = method.into();
            draft.body = if method == "POST" { "{}".into() } else { "".into() };
            draft.workspace = Some(sandbox.workspace().into());
            let LineEnd::Finished(finished) = run(&services, draft).await else { panic!("refused") };
            assert_eq!(finished.answer.status, Some(wanted), "{name}");
            let text = tokio::task::block_in_place(|| reports(&services, &finished.answer.record));
            said.lock().unwrap().extend([text, serde_json::to_string(&*finished.answer.record).unwrap()]);
        }
        canaries.extend(session(&services));
        refresh(&services, name, CancelSignal::never(), &on_step).await.unwrap();
        canaries.extend(session(&services));
    }
    // The sandbox forgets everything, so that the next renewal is refused.
    let (host, key) = (sandbox.local_addr().to_string(), sandbox.control_key().expose().to_owned());
    let reset = format!(
        "POST /control HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Content-Length: 14\r\nConnection: close\r\n\r\n{{\"reset\":true}}"
    );
    let answer = tokio::task::spawn_blocking(move || raw(&host, &reset).unwrap()).await.unwrap();
    assert_eq!(status_of(&answer), 200, "{answer}");
    let failure = refresh(&services, "by-code", CancelSignal::never(), &on_step).await.unwrap_err();
    assert_eq!(failure.kind, "invalid_grant");
    said.lock().unwrap().push(format!("{failure:?}"));
    for name in ["by-code", "by-device", "by-client"] {
        let ended = sign_out(&services, name, CancelSignal::never(), &on_step).await.unwrap();
        said.lock().unwrap().push(format!("{ended:?}"));
    }
    // Short parts such as user names are no tokens.
    canaries.retain(|text| text.len() >= 16);
    canaries.sort();
    canaries.dedup();
    assert!(canaries.len() >= 11, "an access and a refresh token twice for two, and the service's: {}", canaries.len());
    let needles = Needles::of(&canaries);
    needles.are_not_in("what was said", said.lock().unwrap().join("\n"));
    needles.are_not_below(folder.path());
    drop(services);
    closed(&folder);
    needles.are_not_below(folder.path());
    let (found, _) = Needles::of(&["altyaa-console"]).found_below(folder.path());
    assert!(found.iter().any(|file| file.contains("history.sqlite3")), "{found:?}");
}

/// Everything that a program's runs have left.
struct Runs<'a> {
    altyaa: &'a Altyaa,
    said: Vec<u8>,
}

impl Runs<'_> {
    fn note(&mut self, done: Done, code: i32) {
        assert_eq!(done.code, code, "{done:?}");
        self.said.extend([&done.out[..], done.err.as_bytes(), b"\n"].concat());
    }

    /// Nothing of the needles is there, and what is there by design is found.
    #[track_caller]
    fn check(&self, issuer: &Issuer, more: &[String]) {
        let needles = Needles::of(&[&canaries(issuer)[..], more].concat());
        needles.are_not_in("an output", &self.said);
        needles.are_not_below(self.altyaa.dir.path());
        for by_design in [CLIENT_ID, "req-by-design"] {
            let found = Needles::of(&[by_design]).found_in(&self.said).is_some();
            assert!(found, "{by_design} in {}", String::from_utf8_lossy(&self.said));
        }
        assert!(!Needles::of(&["req-by-design"]).found_below(self.altyaa.dir.path()).0.is_empty());
    }
}

#[test]
fn the_program_prints_and_keeps_none_where_no_keyring_is() {
    let is_refusing = Arc::new(AtomicBool::new(false));
    let (altyaa, issuer) = (Altyaa::new(), issuer(&is_refusing));
    let mut runs = Runs { altyaa: &altyaa, said: Vec::new() };
    let mut command = altyaa.command(&login_words(&issuer, &["--no-browser", "--client-secret-env", "CS"]));
    command.env("CS", CLIENT_SECRET);
    let mut login = Login::start(command, b"");
    let open = login.opened();
    assert_eq!(status_of(&come_back(&open, &parameter(&open, "state"), "code=code-canary%2F77").unwrap()), 200);
    let done = login.end();
    lost(&done);
    runs.note(done, 4);
    let report = |runs: &mut Runs<'_>, n: usize| {
        let out = altyaa.path(&format!("report-{n}.md"));
        runs.note(altyaa.run(&["report", "--exchange", "last", "--out", &out]), 0);
        runs.said.extend(std::fs::read(out).unwrap());
        runs.note(altyaa.run(&["history", "show", "last", "--json"]), 0);
    };
    report(&mut runs, 0);
    let words = ["oauth", "login", "login", "--issuer", &issuer.url, "--client-id", CLIENT_ID, "--flow"];
    runs.note(altyaa.run(&[&words[..], &["device"]].concat()), 4);
    report(&mut runs, 1);
    let by_client = [&words[..], &["client_credentials", "--client-secret-stdin"]].concat();
    runs.note(altyaa.run_with(&by_client, CLIENT_SECRET.as_bytes()), 4);
    is_refusing.store(true, Ordering::SeqCst);
    for more in [&[][..], &["--json"]] {
        runs.note(altyaa.run_with(&[&by_client[..], more].concat(), CLIENT_SECRET.as_bytes()), 1);
    }
    report(&mut runs, 2);
    let url = format!("{}/v1/posts", issuer.url);
    let header = format!("Authorization: Bearer {}", BY_CLIENT[0]);
    runs.note(altyaa.run(&["send", "GET", &url, "-H", &header, "--json"]), 1);
    report(&mut runs, 3);
    runs.check(&issuer, &[]);
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn the_program_keeps_them_in_the_keyring_and_nowhere_else() {
    use super::program::{is_private_session, kept_command, kept_run};
    use altyaa_console::credentials::Vault;

    if !is_private_session("the_program_keeps_them_in_the_keyring_and_nowhere_else") {
        return;
    }
    let is_refusing = Arc::new(AtomicBool::new(false));
    let (altyaa, issuer) = (Altyaa::new(), issuer(&is_refusing));
    let mut runs = Runs { altyaa: &altyaa, said: Vec::new() };
    let held = || -> Vec<String> {
        let vault = Vault::open(&DataDir::resolve(Some(altyaa.dir.path().join("data"))).unwrap());
        vault.all_secrets().secrets.into_iter().map(|(_, secret)| secret.expose().to_owned()).collect()
    };
    let mut login = Login::start(
        kept_command(&altyaa, &login_words(&issuer, &["--no-browser", "--client-secret-stdin"])),
        CLIENT_SECRET.as_bytes(),
    );
    let open = login.opened();
    assert_eq!(status_of(&come_back(&open, &parameter(&open, "state"), "code=code-canary%2F77").unwrap()), 200);
    runs.note(login.end(), 0);
    for kept in [BY_CODE[0], BY_CODE[1], CLIENT_SECRET] {
        assert!(held().iter().any(|secret| secret == kept), "{kept} is in the keyring");
    }
    let url = format!("{}/v1/posts", issuer.url);
    let words = ["send", "GET", &url, "--credential", "login"];
    let report = |runs: &mut Runs<'_>, n: usize| {
        let out = altyaa.path(&format!("report-{n}.md"));
        runs.note(kept_run(&altyaa, &["report", "--exchange", "last", "--out", &out, "--json"], b""), 0);
        runs.said.extend(std::fs::read(out).unwrap());
    };
    runs.note(kept_run(&altyaa, &words, b""), 1);
    assert_eq!(issuer.asked("/v1/posts")[0].header("authorization"), format!("Bearer {}", BY_CODE[0]));
    report(&mut runs, 0);
    runs.note(kept_run(&altyaa, &["oauth", "refresh", "login", "--json"], b""), 0);
    report(&mut runs, 1);
    assert!(held().iter().any(|secret| secret == RENEWED[1]) && !held().iter().any(|secret| secret == BY_CODE[1]));
    runs.note(kept_run(&altyaa, &[&words[..], &["--json", "--verbose"]].concat(), b""), 1);
    // The call names no workspace, which the doctor says.
    runs.note(kept_run(&altyaa, &["credential", "doctor", "login", "--exchange", "last"], b""), 1);
    is_refusing.store(true, Ordering::SeqCst);
    runs.note(kept_run(&altyaa, &["oauth", "refresh", "login"], b""), 1);
    report(&mut runs, 2);
    runs.note(kept_run(&altyaa, &["oauth", "logout", "login"], b""), 0);
    assert!(!held().iter().any(|secret| secret == RENEWED[0]), "it is signed out here all the same");
    let typed = "typed-canary/1+1";
    runs.note(
        kept_run(&altyaa, &["credential", "add", "typed", "--origin", &issuer.url, "--json"], typed.as_bytes()),
        0,
    );
    assert!(held().iter().any(|secret| secret == typed));
    runs.note(kept_run(&altyaa, &["send", "GET", &url, "--credential", "typed", "--json"], b""), 1);
    report(&mut runs, 3);
    runs.note(kept_run(&altyaa, &["credential", "list"], b""), 0);
    runs.check(&issuer, &[typed.to_owned()]);
    runs.note(kept_run(&altyaa, &["credential", "remove", "typed"], b""), 0);
    runs.check(&issuer, &[typed.to_owned()]);
    assert_eq!(held(), [""; 0], "nothing is left");
}

/// Set for the run of the test below inside a process of its own, since the hook belongs to the whole process.
const INSIDE: &str = "ALTYAA_TEST_PANIC_WITH_TOKENS";

#[test]
fn a_panic_with_a_token_in_its_text_prints_nothing_of_it() {
    if std::env::var_os(INSIDE).is_some() {
        altyaa_console::app::install_panic_hook();
        panic_while_signing_in();
        println!("went on");
        return;
    }
    let test = "oauth_proofs::canaries::a_panic_with_a_token_in_its_text_prints_nothing_of_it";
    let mut program = std::process::Command::new(std::env::current_exe().unwrap());
    program.args([test, "--exact", "--nocapture"]).env(INSIDE, "1").env("RUST_BACKTRACE", "full");
    let output = program.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let needles = Needles::of(&[CLIENT_SECRET, BY_CLIENT[0], BY_CLIENT[1]]);
    needles.are_not_in("what a panic prints", &said);
    let text = String::from_utf8_lossy(&said);
    assert!(output.status.success() && text.contains("went on"), "{text}");
    assert_eq!(text.matches("a part of the program broke off (thread ").count(), 2, "{text}");
    assert!(text.contains("canaries.rs:"), "the place is told: {text}");
    assert!(Needles::of(&["went on"]).found_in(&said).is_some());
}

/// A sign-in whose listener panics with the tokens in its text, and a thread that panics with a secret.
fn panic_while_signing_in() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let issuer = issuer(&Arc::new(AtomicBool::new(false)));
    let services = services(&folder, profile_at(&issuer.url));
    let wish = wish("by-client", &issuer.url, Flow::ClientCredentials, Some(CLIENT_SECRET));
    let task = runtime.spawn(async move {
        let tell = |event: SignInEvent| {
            if matches!(event, SignInEvent::Step(step) if step.title.contains("Token")) {
                panic!("holding {} and {CLIENT_SECRET}", BY_CLIENT.join(" "));
            }
        };
        sign_in(&services, wish, CancelSignal::never(), &tell).await.map(|_| ())
    });
    assert!(runtime.block_on(task).is_err(), "it broke off");
    let secret = Secret::new(BY_CLIENT[0].into());
    let thread = std::thread::spawn(move || panic!("{} is what it had", secret.expose()));
    assert!(thread.join().is_err());
    runtime.shutdown_timeout(Duration::from_secs(5));
}
