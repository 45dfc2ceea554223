//! Every reason for which a credential is not sent: nothing reaches the server, and the words say what, where and what next.

use std::sync::Arc;

use altyaa_console::app::{App, Command, LineEnd, Services};
use altyaa_console::credentials::{NewCredential, Persist, VaultError};
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{CredentialChoice, RequestDraft};
use altyaa_console::transport::Limits;
use altyaa_console::workspace::{DraftPart, DraftProblem, Offer};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::issuer::*;
use crate::cli::program::Altyaa;

const SECRET: &str = "refused-canary-1234";

/// A token that says when it begins and ends, in seconds from now.
fn jwt(begins_s: i64, ends_s: i64) -> String {
    let now = Timestamp::now().as_second();
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "iat": now - 3600, "nbf": now + begins_s, "exp": now + ends_s });
    format!("{}.{}.c2ln", part(json!({ "alg": "HS256", "typ": "JWT" })), part(claims))
}

/// Sends with a credential of this session, and gives the refusal.
async fn refused(server: &Issuer, credential: NewCredential, draft: RequestDraft) -> DraftProblem {
    let folder = tempfile::tempdir().unwrap();
    let services = services(&folder, profile_at(&server.url));
    services.vault.add_session_credential(credential).unwrap();
    match run(&services, draft).await {
        LineEnd::Refused(problem) => {
            assert_eq!((problem.part, problem.is_outside), (DraftPart::Credential, false), "{problem:?}");
            assert_eq!(problem.place(), "credential");
            assert!(!problem.fix.is_empty() && !format!("{problem:?}").contains(SECRET), "{problem:?}");
            problem
        }
        LineEnd::Finished(_) => panic!("it was sent"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_port_or_scheme_is_another_origin() {
    let server = Issuer::forbidden();
    let port = server.port();
    for given in [
        format!("http://localhost:{port}"),
        format!("http://[::1]:{port}"),
        format!("http://127.0.0.2:{port}"),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        "http://127.0.0.1".to_owned(),
    ] {
        let problem = refused(&server, bearer("key", &given, SECRET), call("/v1/posts", "key")).await;
        assert!(problem.summary.contains(&given) && problem.summary.contains(&server.url), "{problem:?}");
        assert!(problem.fix.contains("another credential"), "{problem:?}");
        let origin = server.url.parse().unwrap();
        assert_eq!(problem.offer, Some(Box::new(Offer::AllowOrigin { credential: "key".into(), origin })));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_over_plain_http_to_another_machine() {
    // This address is none of the loopback's, and yet its connections come here: what was sent would be seen.
    let server = Issuer::forbidden();
    let far = format!("http://0.0.0.0:{}", server.port());
    assert!(raw(&far["http://".len()..], "GET / HTTP/1.1\r\nHost: x\r\n\r\n").is_some(), "it would arrive");
    let before = server.connections();
    let problem = refused(&server, bearer("key", &server.url, SECRET), call(&format!("{far}/v1/posts"), "key")).await;
    assert!(problem.summary.contains(&far), "{problem:?}");
    assert_eq!(problem.offer, None, "it cannot be allowed at one press either");
    // Nor can such an origin be given: not when it is added, and not later.
    let folder = tempfile::tempdir().unwrap();
    let services = services(&folder, profile_at(&far));
    let added = services.vault.add_session_credential(bearer("far", &far, SECRET));
    assert!(matches!(added, Err(VaultError::InvalidFact(_))), "{added:?}");
    services.vault.add_session_credential(bearer("key", &server.url, SECRET)).unwrap();
    let allowed = services.vault.allow_origin("key", &far.parse().unwrap());
    assert!(matches!(allowed, Err(VaultError::InvalidFact(_))), "{allowed:?}");
    assert!(matches!(run(&services, call("/v1/posts", "key")).await, LineEnd::Refused(_)));
    assert_eq!(server.connections(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_takes_no_credential_along() {
    for status in [301, 302, 303, 307, 308] {
        let other = Issuer::start(|_, _| answer(200, "", "{}"));
        let there = format!("Location: {}/v1/posts\r\n", other.url);
        let server = Issuer::start(move |_, _| answer(status, &there, "{}"));
        let folder = tempfile::tempdir().unwrap();
        let services = services(&folder, profile_at(&server.url));
        services.vault.add_session_credential(bearer("key", &server.url, SECRET)).unwrap();
        let draft = RequestDraft { workspace: Some("ws_own".into()), ..call("/v1/posts", "key") };
        assert!(matches!(run(&services, draft).await, LineEnd::Finished(_)));
        let own = &server.asked("/v1/posts")[0];
        assert_eq!(
            (own.header("authorization"), own.header("x-altyaa-workspace")),
            (&*format!("Bearer {SECRET}"), "ws_own")
        );
        let led = other.asked("/v1/posts");
        assert_eq!(led.len(), 1, "{status}: the redirect is followed");
        let head = led[0].head.to_lowercase();
        assert!(!head.contains(SECRET) && !head.contains("authorization") && !head.contains("ws_own"), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_or_is_not_valid_yet_is_not_sent() {
    let server = Issuer::forbidden();
    let lapsed = Timestamp::now() - SignedDuration::from_secs(5);
    let recorded = NewCredential { expires_at: Some(lapsed), ..bearer("key", &server.url, SECRET) };
    for (credential, words) in [
        (recorded, "The credential key expired at 2"),
        (bearer("key", &server.url, &jwt(-7200, -60)), "The credential key expired at 2"),
        (bearer("key", &server.url, &jwt(600, 7200)), "The credential key is not valid before 2"),
    ] {
        let problem = refused(&server, credential, call("/v1/posts", "key")).await;
        assert!(problem.summary.starts_with(words), "{problem:?}");
        assert!(problem.fix.contains("replace") || problem.fix.contains("clock"), "{problem:?}");
    }
    assert_eq!(server.connections(), 0);
    let good = Issuer::start(|_, _| answer(200, "", "{}"));
    let folder = tempfile::tempdir().unwrap();
    let services = services(&folder, profile_at(&good.url));
    services.vault.add_session_credential(bearer("key", &good.url, &jwt(-60, 7200))).unwrap();
    assert!(matches!(run(&services, call("/v1/posts", "key")).await, LineEnd::Finished(_)), "it is valid now");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credential_of_another_workspace_is_not_sent() {
    let server = Issuer::forbidden();
    let bound = NewCredential { workspace: Some("ws_own".into()), ..bearer("key", &server.url, SECRET) };
    let draft = RequestDraft { workspace: Some("ws_other".into()), ..call("/v1/posts", "key") };
    let problem = refused(&server, bound, draft).await;
    for word in ["key", "ws_own", "ws_other"] {
        assert!(problem.summary.contains(word), "{problem:?}");
    }
    assert!(problem.fix.contains("ws_own"), "{problem:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_calls_another_host_production_gets_nothing() {
    let (real, hostile) = (Issuer::forbidden(), Issuer::start(|_, _| answer(200, "", "{}")));
    let mut profile = profile_at(&real.url);
    for environment in &mut profile.environments {
        if environment.name != "local" {
            environment.base = Some(hostile.url.clone());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let services = services(&folder, profile);
    services.vault.add_session_credential(bearer("production", &real.url, SECRET)).unwrap();
    let of = |environment: &str| RequestDraft { environment: environment.into(), ..call("/v1/posts", "production") };
    for environment in ["production", "sandbox"] {
        let LineEnd::Refused(problem) = run(&services, of(environment)).await else { panic!("it was sent") };
        assert!(problem.summary.contains(&real.url) && problem.summary.contains(&hostile.url), "{problem:?}");
        assert!(!problem.fix.is_empty(), "{problem:?}");
    }
    assert_eq!((hostile.connections(), real.connections()), (0, 0));
    // Whoever names no credential sends none, whatever its name is.
    let unnamed = RequestDraft { credential: CredentialChoice::Environment, ..of("production") };
    assert!(matches!(run(&services, unnamed).await, LineEnd::Finished(_)));
    let head = hostile.asked("/v1/posts")[0].head.to_lowercase();
    assert!(!head.contains("authorization") && !head.contains(SECRET), "{head}");
}

#[test]
fn an_entry_of_the_history_leads_no_credential_to_where_its_environment_is_now() {
    let (real, hostile) = (Issuer::start(|_, _| answer(400, "", "{}")), Issuer::forbidden());
    let folder = tempfile::tempdir().unwrap();
    let start = |url: &str| {
        let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
        let (services, _) = Services::open(profile_at(url), data_dir, Limits::default()).unwrap();
        services.vault.add_session_credential(bearer("key", &real.url, SECRET)).unwrap();
        let mut app = App::start(services, Vec::new()).unwrap();
        assert!(app.settle(DEADLINE));
        app
    };
    let push = |app: &mut App, command: Command| {
        app.push(command);
        assert!(app.settle(DEADLINE));
    };
    let id = {
        let mut app = start(&real.url);
        push(&mut app, Command::ChooseEnvironment("sandbox".into()));
        push(&mut app, Command::SetUrl("/v1/posts".into()));
        push(&mut app, Command::ChooseCredential(CredentialChoice::Named("key".into())));
        push(&mut app, Command::Send);
        assert_eq!(app.state().problem, None);
        app.state().history[0].id.clone()
    };
    assert_eq!(real.connections(), 1);
    let mut app = start(&hostile.url);
    push(&mut app, Command::OpenHistoryEntry(id));
    assert_eq!(app.state().draft.environment, "sandbox");
    push(&mut app, Command::ChooseCredential(CredentialChoice::Named("key".into())));
    push(&mut app, Command::Send);
    let problem = app.state().problem.clone().expect("it is refused");
    assert_eq!(problem.part, DraftPart::Credential, "{problem:?}");
    assert_eq!((hostile.connections(), real.connections()), (0, 1));
}

#[test]
fn send_refuses_a_sandbox_key_elsewhere_before_anything_is_sent() {
    let (altyaa, server) = (Altyaa::new(), Issuer::forbidden());
    let url = format!("{}/v1/posts", server.url);
    let done = altyaa.run(&["--env", "local", "send", "GET", &url, "--credential", "editor key"]);
    done.refused(2, &["credential", "does not go to", &server.url, "Choose another credential"]);
    // A profile that claims the host gets no key of the sandbox either.
    let profile = altyaa.profile_for(&server.url);
    let words =
        ["--profile", &profile, "--env", "sandbox", "send", "GET", "/v1/posts", "--credential", "local.editor-key"];
    assert_eq!(altyaa.run(&words).code, 2);
    assert_eq!(server.connections(), 0);
}

/// The program with the session's own keyring.
#[cfg(all(unix, not(target_os = "macos")))]
mod with_a_keyring {
    use super::*;
    use crate::oauth_proofs::program::{is_private_session, kept_run};

    #[test]
    fn send_refuses_with_2_and_sends_nothing() {
        if !is_private_session("send_refuses_with_2_and_sends_nothing") {
            return;
        }
        let (altyaa, server) = (Altyaa::new(), Issuer::start(|_, _| answer(200, "", "{}")));
        let profile = altyaa.profile_for(&server.url);
        let add = |name: &str, secret: &str, more: &[&str]| {
            let words = [&["credential", "add", name][..], more].concat();
            let done = kept_run(&altyaa, &words, secret.as_bytes());
            assert_eq!(done.code, 0, "{done:?}");
        };
        let own = ["--origin", server.url.as_str()];
        add("host", SECRET, &["--origin", &format!("http://localhost:{}", server.port())]);
        add("port", SECRET, &["--origin", &format!("http://127.0.0.1:{}", server.port() ^ 1)]);
        add("scheme", SECRET, &["--origin", &format!("https://127.0.0.1:{}", server.port())]);
        add("recorded", SECRET, &[&own[..], &["--expires", "2020-01-01"]].concat());
        add("exp", &jwt(-7200, -60), &own);
        add("nbf", &jwt(600, 7200), &own);
        add("workspace", SECRET, &[&own[..], &["--workspace", "ws_own"]].concat());
        add("good", SECRET, &own);
        let send = |name: &str, url: &str| {
            let words = ["--profile", &profile, "--env", "sandbox", "send", "GET", url, "--workspace", "ws_other"];
            kept_run(&altyaa, &[&words[..], &["--credential", name]].concat(), b"")
        };
        for (name, words) in [
            ("host", ["does not go to", "Choose another credential"]),
            ("port", ["does not go to", "Choose another credential"]),
            ("scheme", ["does not go to", "Choose another credential"]),
            ("recorded", ["expired at 2020-01-02", "replace"]),
            ("exp", ["expired at 2", "replace"]),
            ("nbf", ["is not valid before 2", "clock"]),
            ("workspace", ["ws_other", "workspace to ws_own"]),
        ] {
            let done = send(name, "/v1/posts");
            done.refused(2, &[&words[..], &["credential", name]].concat());
            assert!(!done.err.contains(SECRET), "{done:?}");
        }
        let far = format!("http://0.0.0.0:{}", server.port());
        send("good", &format!("{far}/v1/posts")).refused(2, &[&far, "does not go to"]);
        let words = ["credential", "add", "far", "--origin", &far];
        assert_eq!(kept_run(&altyaa, &words, SECRET.as_bytes()).code, 2);
        assert_eq!(server.connections(), 0);

        assert_eq!(send("good", "/v1/posts").code, 0);
        assert_eq!(server.asked("/v1/posts")[0].header("authorization"), format!("Bearer {SECRET}"));

        let hostile = Issuer::start(|_, _| answer(200, "", "{}"));
        let evil = std::fs::read_to_string(&profile).unwrap().replace("https://api.altyaa.example", &hostile.url);
        let evil = altyaa.file("evil.toml", evil);
        let words = ["--profile", &evil, "--env", "production", "send", "GET", "/v1/posts", "--credential", "good"];
        kept_run(&altyaa, &words, b"").refused(2, &["good", &hostile.url, "does not go to"]);
        assert_eq!(hostile.connections(), 0);

        for status in [302, 307] {
            let other = Issuer::start(|_, _| answer(200, "", "{}"));
            let there = format!("Location: {}/v1/posts\r\n", other.url);
            let leading = Issuer::start(move |_, _| answer(status, &there, "{}"));
            let name = format!("led{status}");
            add(&name, SECRET, &["--origin", &leading.url]);
            let done =
                kept_run(&altyaa, &["send", "GET", &format!("{}/v1/posts", leading.url), "--credential", &name], b"");
            assert_eq!(done.code, 0, "{done:?}");
            assert_eq!(leading.asked("/v1/posts")[0].header("authorization"), format!("Bearer {SECRET}"));
            let head = other.asked("/v1/posts")[0].head.to_lowercase();
            assert!(!head.contains("authorization") && !head.contains(SECRET), "{head}");
        }
    }

    /// An item that another hand wrote does not send a secret over plain http, whatever it says.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_item_for_plain_http_is_not_used() {
        if !is_private_session("an_item_for_plain_http_is_not_used") {
            return;
        }
        let server = Issuer::forbidden();
        let far = format!("http://0.0.0.0:{}", server.port());
        let folder = tempfile::tempdir().unwrap();
        let services = services(&folder, profile_at(&far));
        services.vault.add(bearer("forged", &server.url, SECRET), Persist::Keyring).unwrap();
        let user = format!("forged@{}", services.data_dir.mark().unwrap());
        let attributes = ["service", altyaa_console::credentials::SERVICE, "username", &user];
        let tool = |verb: &[&str], input: &str| {
            use std::io::Write as _;
            let mut command = std::process::Command::new("secret-tool");
            command.args([verb, &attributes].concat());
            command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
            let mut child = command.spawn().expect("secret-tool is installed");
            child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
            String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
        };
        let item = tool(&["lookup"], "");
        assert!(item.contains(&server.url), "{item}");
        tool(&["clear"], "");
        tool(&["store", "--label=forged"], &item.replace(&server.url, &far));
        let services = Arc::clone(&services);
        let LineEnd::Refused(problem) = run(&services, call("/v1/posts", "forged")).await else {
            panic!("it was sent")
        };
        // Such an item is none that this program writes, so it is not even taken apart.
        assert!(problem.summary.contains("cannot be read") && problem.fix.contains("Remove"), "{problem:?}");
        assert_eq!((problem.offer, server.connections()), (None, 0));
        services.vault.remove("forged").unwrap();
    }
}
