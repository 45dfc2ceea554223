//! Renewals against a server on loopback, over the vault's fake keyring.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;

use super::*;
use crate::credentials::model::tests::sample_oauth;
use crate::credentials::vault::tests::{Fake, setup, vault_in};
use crate::credentials::worker::Limits;
use crate::credentials::{KeyringState, NewCredential, OAuthGrant, Persist, StoredIn};
use crate::disk::SpillDir;
use crate::secret::Secret;
use crate::transport::{CancelHandle, SendOptions, Transport, cancel_pair};

/// How the server answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A new refresh token each time; an old one is refused.
    Rotating,
    /// No refresh token in its answers.
    Keeping,
    /// Everything is refused.
    Refusing,
}

/// A token address that counts and gives `access-N`, and `refresh-N` for `refresh-(N-1)`.
struct Server {
    address: std::net::SocketAddr,
    asked: Arc<AtomicUsize>,
    forms: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(mode: Mode) -> Self {
        let (asked, forms) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, kept) = (Arc::clone(&asked), Arc::clone(&forms));
        let handler = move |form: String| async move {
            // Long enough for everybody else to come and wait.
            tokio::time::sleep(Duration::from_millis(150)).await;
            let n = count.fetch_add(1, Ordering::SeqCst) + 1;
            let is_good = form.contains("grant_type=client_credentials")
                || mode == Mode::Keeping
                || form.contains(&format!("refresh_token=refresh-{n}&"));
            kept.lock().unwrap().push(form);
            if mode == Mode::Refusing || !is_good {
                return (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#.to_owned());
            }
            let rotated =
                if mode == Mode::Rotating { format!(r#","refresh_token":"refresh-{}""#, n + 1) } else { String::new() };
            let body =
                format!(r#"{{"access_token":"access-{}","token_type":"Bearer","expires_in":300{rotated}}}"#, n + 1);
            (StatusCode::OK, body)
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/token", post(handler)).route("/revoke", post(|| async { StatusCode::OK }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, asked, forms }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A credential with `access-1` and `refresh-1` from this server.
    fn credential(&self, name: &str) -> NewCredential {
        let provider = serde_json::json!({ "token_url": format!("http://{}/token", self.address) });
        let sample = sample_oauth(name, "access-1", "refresh-1");
        let grant =
            OAuthGrant { provider: serde_json::from_value(provider).unwrap(), ..*sample.oauth.clone().unwrap() };
        NewCredential { oauth: Some(Box::new(grant)), ..sample }
    }
}

/// What a renewal needs beside the vault.
struct Way {
    transport: Transport,
    cancel: CancelSignal,
    _handle: CancelHandle,
    _folder: tempfile::TempDir,
}

use crate::transport::CancelSignal;

impl Way {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (handle, cancel) = cancel_pair();
        let transport = Transport::new(SpillDir::new(Some(folder.path().to_path_buf())));
        Self { transport, cancel, _handle: handle, _folder: folder }
    }

    fn talk<'a>(&'a self, vault: &'a Vault) -> Talk<'a> {
        Talk {
            transport: &self.transport,
            options: SendOptions::default(),
            environment: String::new(),
            on_step: &|_| {},
            cancel: self.cancel.clone(),
            registry: vault.registry(),
        }
    }

    async fn renew(&self, vault: &Vault, name: &str) -> Result<Renewal, RenewalError> {
        renew(vault, &self.talk(vault), name).await
    }
}

fn secrets(vault: &Vault, name: &str) -> (String, String) {
    let item = vault.item(name).unwrap();
    (item.secret.expose().to_owned(), item.refresh.unwrap().expose().to_owned())
}

async fn setup_at(server: &Server) -> (tempfile::TempDir, Fake, Vault) {
    let (dir, fake, vault) = setup(KeyringState::Ready);
    vault.add(server.credential("login"), Persist::Keyring).unwrap();
    (dir, fake, vault)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_takes_what_the_other_got() {
    let server = Server::start(Mode::Rotating).await;
    let (dir, fake, vault) = setup_at(&server).await;
    // Another vault over the same directory and keyring stands for another process.
    let other = vault_in(&dir, &fake, Limits::default());
    let way = Way::new();
    let ends = tokio::join!(
        way.renew(&vault, "login"),
        way.renew(&vault, "login"),
        way.renew(&other, "login"),
        way.renew(&other, "login"),
    );
    assert_eq!(server.asked(), 1, "one request for all four");
    let ends = [ends.0.unwrap(), ends.1.unwrap(), ends.2.unwrap(), ends.3.unwrap()];
    assert_eq!(ends.iter().filter(|end| matches!(end, Renewal::Renewed(_))).count(), 1);
    assert_eq!(secrets(&vault, "login"), ("access-2".into(), "refresh-2".into()));
    assert_eq!(secrets(&other, "login"), ("access-2".into(), "refresh-2".into()));
    let facts = vault.list().unwrap().remove(0);
    assert!(facts.expires_at.is_some() && !is_due(&facts, Timestamp::now()));

    assert!(matches!(way.renew(&other, "login").await, Ok(Renewal::Renewed(_))), "asked anew it is renewed anew");
    assert_eq!(secrets(&vault, "login"), ("access-3".into(), "refresh-3".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_refresh_token_is_never_tried_again() {
    let server = Server::start(Mode::Refusing).await;
    let (dir, fake, vault) = setup_at(&server).await;
    let way = Way::new();
    let Err(RenewalError::Server(error)) = way.renew(&vault, "login").await else { panic!("renewed") };
    assert!(error.is_sign_in_needed());
    let other = vault_in(&dir, &fake, Limits::default());
    for vault in [&vault, &other] {
        let again = way.renew(vault, "login").await;
        assert!(matches!(again, Err(RenewalError::SignInNeeded { refused_at: Some(_), .. })), "{again:?}");
        assert!(!vault.list().unwrap().remove(0).oauth.unwrap().is_renewable());
    }
    assert_eq!(server.asked(), 1, "no loop");
    assert_eq!(secrets(&vault, "login").1, "refresh-1", "nothing is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_rotate_keeps_the_refresh_token() {
    let server = Server::start(Mode::Keeping).await;
    let (_dir, _fake, vault) = setup_at(&server).await;
    Way::new().renew(&vault, "login").await.unwrap();
    assert_eq!(secrets(&vault, "login"), ("access-2".into(), "refresh-1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_keyring_refuses_is_kept_for_the_run_and_said() {
    let server = Server::start(Mode::Rotating).await;
    let (dir, fake, vault) = setup_at(&server).await;
    let way = Way::new();
    let user = vault.user("login");
    // The keyring fails at the very moment when the new tokens are to be written.
    let breaker = fake.clone();
    let renewing = way.renew(&vault, "login");
    let breaking = async {
        tokio::time::sleep(Duration::from_millis(80)).await;
        breaker.set(KeyringState::Missing);
    };
    let (end, ()) = tokio::join!(renewing, breaking);
    // While it renews the vault reads the item once more, and that may be what failed.
    let Ok(Renewal::Renewed(stored)) = end else { panic!("{end:?}") };
    assert_eq!(stored.fallback.unwrap().state, KeyringState::Missing);
    assert_eq!(stored.credential.stored, StoredIn::Session);
    assert_eq!(secrets(&vault, "login"), ("access-2".into(), "refresh-2".into()));
    assert!(String::from_utf8(fake.stored(&user).unwrap()).unwrap().contains("refresh-1"));

    way.renew(&vault, "login").await.unwrap();
    assert_eq!(secrets(&vault, "login"), ("access-3".into(), "refresh-3".into()), "the run goes on with it");
    fake.set(KeyringState::Ready);
    vault.keep("login").unwrap();
    assert_eq!(secrets(&vault_in(&dir, &fake, Limits::default()), "login"), ("access-3".into(), "refresh-3".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_takes_away_during_a_renewal_does_not_come_back() {
    let server = Server::start(Mode::Rotating).await;
    let way = Way::new();
    let soon = || tokio::time::sleep(Duration::from_millis(60));
    for is_sign_out in [true, false] {
        let (_dir, fake, vault) = setup(KeyringState::Ready);
        // Each server answer gives the next number, so the second round begins with the second token.
        let mut new = server.credential("login");
        new.oauth.as_mut().unwrap().refresh = Some(Secret::new(format!("refresh-{}", server.asked() + 1)));
        vault.add(new, Persist::Keyring).unwrap();
        let taking = async {
            soon().await;
            if is_sign_out {
                assert!(sign_out(&vault, &way.talk(&vault), "login").await.unwrap().is_none());
            } else {
                let vault = vault.clone();
                tokio::task::spawn_blocking(move || vault.remove("login")).await.unwrap().unwrap();
            }
        };
        let (renewed, ()) = tokio::join!(way.renew(&vault, "login"), taking);
        assert_eq!(renewed.is_ok(), is_sign_out, "a sign-out waits for it, a removal does not: {renewed:?}");
        assert_eq!((vault.list().unwrap().len(), fake.stored(&vault.user("login"))), (0, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_signs_in_as_itself_needs_no_refresh_token() {
    let server = Server::start(Mode::Keeping).await;
    let (_dir, _fake, vault) = setup(KeyringState::Ready);
    let mut new = server.credential("service");
    let grant = new.oauth.as_mut().unwrap();
    (grant.flow, grant.refresh, grant.client_secret) =
        (Flow::ClientCredentials, None, Some(Secret::new("client-secret".into())));
    vault.add(new, Persist::Keyring).unwrap();
    Way::new().renew(&vault, "service").await.unwrap();
    assert_eq!(vault.item("service").unwrap().secret.expose(), "access-2");
    assert!(server.forms.lock().unwrap()[0].contains("grant_type=client_credentials"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_from_no_sign_in_is_not_renewed() {
    let (_dir, _fake, vault) = setup(KeyringState::Ready);
    vault.add(crate::credentials::model::tests::sample("key", "secret"), Persist::Keyring).unwrap();
    let end = Way::new().renew(&vault, "key").await;
    assert!(matches!(end, Err(RenewalError::Vault(VaultError::NotOauth { .. }))));
}

#[test]
fn a_token_is_due_when_little_of_its_time_is_left() {
    let facts = |life: i64, mut change: Box<dyn FnMut(&mut NewCredential)>| {
        let mut new = sample_oauth("login", "access", "refresh");
        new.expires_at = Some(new.created_at + jiff::SignedDuration::from_secs(life));
        change(&mut new);
        new.facts(StoredIn::Keyring)
    };
    let due = |facts: &Credential, after: i64| is_due(facts, facts.created_at + jiff::SignedDuration::from_secs(after));
    let hour = facts(3600, Box::new(|_| {}));
    assert!(!due(&hour, 3539) && due(&hour, 3540) && due(&hour, 4000));
    let short = facts(8, Box::new(|_| {}));
    assert!(!due(&short, 5) && due(&short, 6));
    assert!(!due(&facts(3600, Box::new(|new| new.expires_at = None)), 9999), "nothing is known of its end");
    assert!(!due(&facts(10, Box::new(|new| new.oauth.as_mut().unwrap().refresh = None)), 9), "nothing renews it");
}
