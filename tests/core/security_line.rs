//! The line from draft to answer: who gets a credential, what is told, and that every good report can be made.

use std::sync::{Arc, Mutex};

use altyaa_console::app::{Answer, LineEnd, SendWish, Services, run_line};
use altyaa_console::credentials::{CredentialKind, NewCredential};
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{CredentialChoice, HeaderLine, RequestDraft};
use altyaa_console::profile;
use altyaa_console::report;
use altyaa_console::sandbox::{RateLimit, SandboxSettings};
use altyaa_console::secret::{Gate, Secret};
use altyaa_console::transport::{CancelSignal, Limits};
use altyaa_console::workspace::DraftPart;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

struct Place {
    services: Arc<Services>,
    _folder: tempfile::TempDir,
}

async fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
    let (services, notices) =
        Services::open(profile::built_in("altyaa").unwrap(), data_dir, Limits::default()).unwrap();
    assert!(notices.is_empty());
    let services = Arc::new(services);
    let settings = SandboxSettings { limit: RateLimit::new(30, 3600).unwrap(), ..SandboxSettings::default() };
    services.start_sandbox(settings).await.unwrap();
    Place { services, _folder: folder }
}

fn draft(method: &str, url: &str) -> RequestDraft {
    RequestDraft { method: method.into(), url: url.into(), environment: "local".into(), ..RequestDraft::default() }
}

async fn run(place: &Place, draft: RequestDraft) -> LineEnd {
    run_line(&place.services, draft, SendWish::default(), CancelSignal::never(), |_| {}).await
}

async fn answer(place: &Place, draft: RequestDraft) -> Arc<Answer> {
    match run(place, draft).await {
        LineEnd::Finished(finished) => {
            assert!(finished.warning.is_none(), "{:?}", finished.warning);
            finished.answer
        }
        LineEnd::Refused(problem) => panic!("refused: {problem:?}"),
    }
}

/// A server of another origin that keeps what it was sent.
async fn listener() -> (String, Arc<Mutex<Vec<String>>>) {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", server.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = server.accept().await {
            let mut head = vec![0; 16 << 10];
            let n = stream.read(&mut head).await.unwrap_or(0);
            kept.lock().unwrap().push(String::from_utf8_lossy(&head[..n]).to_lowercase());
            let _ =
                stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\nconnection: close\r\n\r\ngone").await;
        }
    });
    (base, heads)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_never_goes_to_another_origin() {
    let place = place().await;
    let (base, heads) = listener().await;
    let url = format!("{base}/v1/posts");

    let own = answer(&place, draft("GET", &url)).await;
    assert!(own.is_foreign, "another origin is said to be one");
    {
        let heads = heads.lock().unwrap();
        assert_eq!(heads.len(), 1);
        assert!(!heads[0].contains("authorization") && !heads[0].contains("altyaa-workspace"), "{}", heads[0]);
    }

    let named = RequestDraft { credential: CredentialChoice::Named("local.editor-key".into()), ..draft("GET", &url) };
    // Whatever the sandbox calls its first key.
    let first = place.services.own_credential("local").unwrap();
    let named = RequestDraft { credential: CredentialChoice::Named(first), ..named };
    match run(&place, named).await {
        LineEnd::Refused(problem) => assert_eq!(problem.part, DraftPart::Credential),
        LineEnd::Finished(_) => panic!("it was sent"),
    }
    assert_eq!(heads.lock().unwrap().len(), 1, "nothing was sent");

    let production = draft("GET", "https://api.altyaa.example/v1/posts");
    match run(&place, production).await {
        LineEnd::Refused(problem) => assert_eq!(problem.part, DraftPart::Environment),
        LineEnd::Finished(_) => panic!("the sandbox's data went to production"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_typed_by_hand_wins_and_is_told_as_such() {
    let place = place().await;
    let mut typed = draft("GET", "/v1/posts");
    typed.headers.push(HeaderLine {
        name: "authorization".into(),
        value: "Bearer typed-by-hand-canary".into(),
        is_enabled: true,
    });
    let answer = answer(&place, typed).await;
    assert_eq!((answer.status, answer.record.credential.as_deref()), (Some(401), None));
    let check = answer.checks.iter().find(|check| check.id == "authentication").unwrap();
    assert!(check.summary.contains("typed into the header authorization"), "{}", check.summary);
    assert!(!format!("{answer:?}").contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_production_token_does_not_go_to_the_sandbox() {
    let place = place().await;
    place
        .services
        .vault
        .add_session_credential(NewCredential {
            name: "prod".into(),
            kind: CredentialKind::Bearer,
            header: None,
            origins: vec!["https://api.altyaa.example".parse().unwrap()],
            workspace: None,
            scopes: Vec::new(),
            expires_at: None,
            created_at: Timestamp::now(),
            secret: Secret::new("prod-canary-token".into()),
            oauth: None,
        })
        .unwrap();
    let chosen = RequestDraft { credential: CredentialChoice::Named("prod".into()), ..draft("GET", "/v1/posts") };
    match run(&place, chosen).await {
        LineEnd::Refused(problem) => assert_eq!(problem.part, DraftPart::Credential),
        LineEnd::Finished(_) => panic!("the sandbox got the token of production"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_exchange_can_be_reported() {
    let place = place().await;
    let (base, _) = listener().await;
    let own = Arc::clone(&place.services.profile);
    let mut drafts: Vec<RequestDraft> = own
        .requests
        .iter()
        .map(|starter| RequestDraft { body: starter.body.as_str().into(), ..draft(&starter.method, &starter.url) })
        .collect();
    let new_post = r#"{"title":"A","slug":"a-slug","publishAt":"2099-01-05T09:00:00Z","channels":[{"name":"blog"}]}"#;
    for _ in 0..2 {
        drafts.push(RequestDraft { body: new_post.into(), ..draft("POST", "/v1/posts") });
    }
    drafts.push(RequestDraft { credential: CredentialChoice::Nothing, ..draft("GET", "/v1/posts") });
    drafts.push(RequestDraft { workspace: Some(String::new()), ..draft("GET", "/v1/posts") });
    drafts.push(draft("GET", "/v1/posts/post_gone"));
    drafts.push(RequestDraft { body: "{\"password\": \"unfinished".into(), ..draft("POST", "/v1/posts") });
    drafts.push(draft("GET", &format!("{base}/x?api_key=canary-canary-1")));
    drafts.push(draft("GET", "http://127.0.0.1:1/refused"));
    for key in place.services.vault.list_session() {
        let credential = CredentialChoice::Named(key.name);
        drafts.push(RequestDraft { credential, body: new_post.into(), ..draft("POST", "/v1/posts") });
    }
    // Until the bucket is empty.
    drafts.extend(std::iter::repeat_n(draft("GET", "/v1/posts"), 35));
    let mut codes = std::collections::BTreeSet::new();
    for draft in drafts {
        let (method, url) = (draft.method.clone(), draft.url.clone());
        let answer = answer(&place, draft).await;
        codes.extend(answer.record.code.clone());
        let all = place.services.vault.session_secrets();
        let secrets = altyaa_console::credentials::AllSecrets { secrets: all, unread: Vec::new(), list_error: None };
        let made = report::markdown(
            &Gate::default(),
            secrets,
            &answer.record,
            &own,
            &place.services.generic,
            Timestamp::now(),
            Vec::new(),
        );
        let made = made.unwrap_or_else(|error| panic!("{method} {url}: {}", error.summary()));
        if let Some(id) = &answer.record.request_id {
            assert!(made.text.contains(&format!("- **Request ID:** ` {id} `")), "{}", *made.text);
        }
        assert!(!made.text.contains("canary"), "{}", *made.text);
        for (name, secret) in place.services.vault.session_secrets() {
            assert!(!made.text.contains(secret.expose()), "{name} is in the report");
        }
    }
    let expected = ["conflict", "forbidden", "invalid_request", "not_found", "rate_limit_exceeded", "unauthorized"];
    for code in expected {
        assert!(codes.contains(code), "{code} was not met: {codes:?}");
    }
}
