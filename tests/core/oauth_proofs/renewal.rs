//! A token is renewed on the way of a call: in time, once, kept before it is used, and never again once refused.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use altyaa_console::app::{LineEnd, SendWish, Services, run_line};
use altyaa_console::credentials::{Persist, Vault};
use altyaa_console::transport::{CancelSignal, cancel_pair};
use altyaa_console::workspace::{DraftPart, Offer};

use super::issuer::*;

/// The secrets that the vault holds now.
fn held(vault: &Vault) -> Vec<String> {
    vault.session_secrets().into_iter().map(|(_, secret)| secret.expose().to_owned()).collect()
}

#[track_caller]
fn status(end: LineEnd) -> Option<u16> {
    match end {
        LineEnd::Finished(finished) => finished.answer.status,
        LineEnd::Refused(problem) => panic!("{problem:?}"),
    }
}

/// Services with the credential `login`, which has these seconds left.
fn desk(server: &Issuer, left_s: i64) -> (Arc<Services>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let services = services(&folder, profile_at(&server.url));
    let old = signed_in("login", &server.url, "at-old", "rt-old", left_s);
    services.vault.sign_in(old, Persist::Session).unwrap();
    (services, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_about_to_lapse_is_renewed_and_kept_before_the_call() {
    // Lapsed already, and with ten of its 3,610 seconds left.
    for left_s in [-5, 10] {
        let vault = Arc::new(OnceLock::<Vault>::new());
        let at_the_call = Arc::new(Mutex::new(Vec::new()));
        let (own_vault, own_held) = (Arc::clone(&vault), Arc::clone(&at_the_call));
        let server = Issuer::start(move |asked, _| match asked.path.as_str() {
            "/token" => tokens("at-new", "rt-new", 3600),
            _ => {
                own_held.lock().unwrap().push(held(own_vault.get().unwrap()));
                answer(200, "", "{}")
            }
        });
        let (services, _folder) = desk(&server, left_s);
        assert!(vault.set(services.vault.clone()).is_ok());
        for _ in 0..2 {
            assert_eq!(status(run(&services, call("/v1/posts", "login")).await), Some(200));
        }
        let asked = server.asked("/token");
        assert_eq!(asked.len(), 1, "one request for two calls");
        assert_eq!(
            (asked[0].field("grant_type"), asked[0].field("refresh_token")),
            ("refresh_token".into(), "rt-old".into())
        );
        let calls = server.asked("/v1/posts");
        assert!(
            calls.len() == 2 && calls.iter().all(|call| call.header("authorization") == "Bearer at-new"),
            "{calls:?}"
        );
        let held = at_the_call.lock().unwrap()[0].clone();
        assert!(held.contains(&"at-new".into()) && held.contains(&"rt-new".into()), "kept before the call: {held:?}");
        assert!(!held.contains(&"rt-old".into()), "{held:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_time_left_is_not_renewed() {
    let server = Issuer::start(|_, _| answer(200, "", "{}"));
    let (services, _folder) = desk(&server, 120);
    assert_eq!(status(run(&services, call("/v1/posts", "login")).await), Some(200));
    assert_eq!(server.asked("/token").len(), 0);
    assert_eq!(server.asked("/v1/posts")[0].header("authorization"), "Bearer at-old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_renewal_says_sign_in_again_and_is_not_tried_again() {
    let refusal = r#"{"error":"invalid_grant","error_description":"the sign-in is over"}"#;
    let server = Issuer::start(|_, _| answer(400, "", refusal));
    let (services, _folder) = desk(&server, -5);
    for _ in 0..3 {
        let LineEnd::Refused(problem) = run(&services, call("/v1/posts", "login")).await else { panic!("it was sent") };
        assert_eq!((problem.part, problem.is_outside), (DraftPart::Credential, false));
        assert!(problem.summary.contains("login has expired"), "{problem:?}");
        assert!(problem.fix.to_lowercase().contains("sign in again"), "{problem:?}");
        assert_eq!(problem.offer, Some(Box::new(Offer::SignIn { credential: "login".into() })));
    }
    assert_eq!((server.asked("/token").len(), server.asked("/v1/posts").len(), server.connections()), (1, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_for_now_is_asked_again_and_a_token_that_still_holds_is_used() {
    let server = Issuer::start(|asked, number| match (asked.path.as_str(), number) {
        ("/token", 0) => answer(503, "", "{}"),
        ("/token", _) => tokens("at-new", "rt-new", 3600),
        _ => answer(200, "", "{}"),
    });
    let (services, _folder) = desk(&server, 10);
    let LineEnd::Finished(finished) = run(&services, call("/v1/posts", "login")).await else { panic!("refused") };
    let (summary, fix) = finished.warning.clone().expect("it is told");
    assert!(summary.contains("could not be refreshed before the call") && !fix.is_empty(), "{summary}");
    assert_eq!(status(run(&services, call("/v1/posts", "login")).await), Some(200));
    let sent: Vec<String> =
        server.asked("/v1/posts").iter().map(|call| call.header("authorization").to_owned()).collect();
    assert_eq!(sent, ["Bearer at-old", "Bearer at-new"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_the_same_time_renew_once() {
    let server = Issuer::start(|asked, _| match asked.path.as_str() {
        "/token" => {
            // Long enough that the others come meanwhile.
            std::thread::sleep(std::time::Duration::from_millis(150));
            tokens("at-new", "rt-new", 3600)
        }
        _ => answer(200, "", "{}"),
    });
    let (services, _folder) = desk(&server, -5);
    let one = || run(&services, call("/v1/posts", "login"));
    let (a, b, c) = tokio::join!(one(), one(), one());
    assert_eq!([status(a), status(b), status(c)], [Some(200); 3]);
    assert_eq!(server.asked("/token").len(), 1);
    assert!(server.asked("/v1/posts").iter().all(|call| call.header("authorization") == "Bearer at-new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_gave_is_kept_although_the_call_was_cancelled() {
    let (open, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    let server = Issuer::start(move |_, _| {
        let _ = gate.lock().unwrap().recv_timeout(DEADLINE);
        tokens("at-new", "rt-new", 3600)
    });
    let (services, _folder) = desk(&server, -5);
    let (handle, cancel) = cancel_pair();
    let line = run_line(&services, call("/v1/posts", "login"), SendWish::default(), cancel, |_| {});
    let stop = async {
        let until = Instant::now() + DEADLINE;
        while server.asked("/token").is_empty() && Instant::now() < until {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert!(held(&services.vault).contains(&"rt-old".into()), "nothing has come yet");
        handle.cancel();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        // From here on nothing is held back.
        drop(open);
    };
    let (end, ()) = tokio::join!(line, stop);
    let LineEnd::Refused(problem) = end else { panic!("it was sent") };
    assert!(problem.is_cancelled, "{problem:?}");
    // The program may end at once: what the server gave is kept by now.
    let held = held(&services.vault);
    assert!(held.contains(&"rt-new".into()) && !held.contains(&"rt-old".into()), "{held:?}");
    assert!(server.asked("/v1/posts").is_empty());
    let end = run_line(&services, call("/v1/posts", "login"), SendWish::default(), CancelSignal::never(), |_| {});
    assert_eq!(status(end.await), Some(200));
    assert_eq!(server.asked("/token").len(), 1, "the next call uses it");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_renewed_for_a_call_that_the_binding_forbids() {
    let (server, other) = (Issuer::start(|_, _| tokens("at-new", "rt-new", 3600)), Issuer::forbidden());
    let (services, _folder) = desk(&server, -5);
    let end = run(&services, call(&format!("{}/v1/posts", other.url), "login")).await;
    let LineEnd::Refused(problem) = end else { panic!("it was sent") };
    assert!(problem.summary.contains("does not go to"), "{problem:?}");
    assert_eq!((server.connections(), other.connections()), (0, 0));
}
