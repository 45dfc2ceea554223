//! The device flow: how it asks, how long it waits, and where it does not send anybody.

use std::time::{Duration, Instant};

use altyaa_console::credentials::oauth::{OAuthError, Provider, device, device::PendingDevice};
use altyaa_console::transport::cancel_pair;

use super::*;

/// The answer that begins a flow, at the address the request came to.
fn begun(seen: &Seen, rest: &str) -> Vec<u8> {
    let base = format!("http://{}", seen.header("host").unwrap());
    json(
        200,
        &format!(
            r#"{{"device_code":"dc-canary-3310","user_code":"WDJB-MJHT","verification_uri":"{base}/enter",
            "verification_uri_complete":"{base}/enter?user_code=WDJB-MJHT"{rest}}}"#
        ),
    )
}

/// A server whose token address gives these answers one after the other, the last one for ever, and notes when.
async fn polled(rest: &'static str, answers: &'static [(u16, &'static str)]) -> (Server, Arc<Mutex<Vec<Instant>>>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&times);
    let server = Server::start(move |seen, _| {
        if seen.target == "/device" {
            return begun(seen, rest);
        }
        let mut noted = noted.lock().unwrap();
        noted.push(Instant::now());
        let (status, body) = answers[(noted.len() - 1).min(answers.len() - 1)];
        json(status, body)
    })
    .await;
    (server, times)
}

const PENDING: (u16, &str) = (400, r#"{"error":"authorization_pending"}"#);
const SLOW_DOWN: (u16, &str) = (400, r#"{"error":"slow_down"}"#);

#[tokio::test]
async fn the_code_is_shown_and_asked_for_until_it_is_allowed() {
    let (server, times) = polled(r#","expires_in":60,"interval":1"#, &[PENDING, PENDING, (200, TOKENS)]).await;
    let desk = Desk::new();
    let pending = device::begin(&desk.talk(), &server.provider(), &public(), &["posts:read".into()]).await.unwrap();
    assert_eq!(pending.user_code, "WDJB-MJHT");
    assert_eq!(pending.verification_uri, server.at("/enter"));
    assert_eq!(pending.verification_uri_complete, Some(server.at("/enter?user_code=WDJB-MJHT")));
    assert_eq!((pending.expires_in, pending.interval), (Duration::from_secs(60), Duration::from_secs(1)));
    assert!(!format!("{pending:?}").contains("dc-canary"), "{pending:?}");
    let began = Instant::now();
    let tokens = pending.wait(&desk.talk()).await.unwrap();
    assert_eq!(tokens.access.expose(), "at-canary-8471");
    let times = times.lock().unwrap();
    let gaps: Vec<Duration> = std::iter::once(&began).chain(&*times).zip(&*times).map(|(a, b)| *b - *a).collect();
    assert_eq!(gaps.len(), 3);
    for gap in gaps {
        assert!((950..4000).contains(&gap.as_millis()), "{gap:?}");
    }
    let seen = server.seen();
    assert_eq!(seen[0].field("client_id").as_deref(), Some("console"));
    assert_eq!(seen[0].field("scope").as_deref(), Some("posts:read"));
    assert_eq!(seen[1].field("grant_type").as_deref(), Some("urn:ietf:params:oauth:grant-type:device_code"));
    assert_eq!(seen[1].field("device_code").as_deref(), Some("dc-canary-3310"));
    assert_eq!(desk.titles(), ["Device authorization", "Device poll", "Device poll", "Device poll"]);
}

#[tokio::test]
async fn slow_down_adds_five_seconds() {
    let (server, times) = polled(r#","expires_in":60,"interval":1"#, &[SLOW_DOWN, (200, TOKENS)]).await;
    let desk = Desk::new();
    let pending = device::begin(&desk.talk(), &server.provider(), &public(), &[]).await.unwrap();
    pending.wait(&desk.talk()).await.unwrap();
    let times = times.lock().unwrap();
    let gap = times[1] - times[0];
    assert!((5900..11_000).contains(&gap.as_millis()), "{gap:?}");
}

async fn ended_with(rest: &'static str, answers: &'static [(u16, &'static str)]) -> (OAuthError, usize) {
    let (server, _) = polled(rest, answers).await;
    let desk = Desk::new();
    let pending = device::begin(&desk.talk(), &server.provider(), &public(), &[]).await.unwrap();
    let error = pending.wait(&desk.talk()).await.unwrap_err();
    (error, server.seen().len())
}

#[tokio::test]
async fn a_refusal_and_a_lapsed_code_stop_it() {
    let rest = r#","expires_in":60,"interval":1"#;
    let (denied, count) = ended_with(rest, &[(400, r#"{"error":"access_denied"}"#)]).await;
    assert_eq!((denied.kind(), count), ("denied", 2));
    let (expired, count) = ended_with(rest, &[(400, r#"{"error":"expired_token"}"#)]).await;
    assert_eq!((expired.kind(), count), ("expired", 2));
    assert!(expired.is_sign_in_needed());
    let (other, count) = ended_with(rest, &[(401, r#"{"error":"invalid_client"}"#)]).await;
    assert_eq!((other.kind(), count), ("refused", 2));
}

#[tokio::test]
async fn a_code_that_lapses_meanwhile_is_not_asked_for_again() {
    let begun = Instant::now();
    let (error, count) = ended_with(r#","expires_in":"2","interval":1"#, &[PENDING]).await;
    assert_eq!(error.kind(), "expired");
    assert!((1900..6000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert!(count <= 3, "{count}");
    // An interval longer than the life of the code does not make anybody wait for it.
    let begun = Instant::now();
    let (error, count) = ended_with(r#","expires_in":1,"interval":500"#, &[PENDING]).await;
    assert_eq!((error.kind(), count), ("expired", 1));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_server_that_is_down_for_a_moment_is_asked_less_often() {
    let (server, times) = polled(r#","expires_in":60,"interval":1"#, &[(503, "busy"), (200, TOKENS)]).await;
    let desk = Desk::new();
    let pending = device::begin(&desk.talk(), &server.provider(), &public(), &[]).await.unwrap();
    pending.wait(&desk.talk()).await.unwrap();
    let times = times.lock().unwrap();
    let gap = times[1] - times[0];
    assert!((1900..6000).contains(&gap.as_millis()), "{gap:?}");
}

#[tokio::test]
async fn a_lost_connection_is_no_end() {
    let (server, _) = polled(r#","expires_in":60,"interval":1"#, &[(200, TOKENS)]).await;
    let desk = Desk::new();
    // A port that nobody listens on at first.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let token_url = format!("http://{free}/token").parse().unwrap();
    let pending =
        device::begin(&desk.talk(), &Provider { token_url, ..server.provider() }, &public(), &[]).await.unwrap();
    let talk = &desk.talk();
    let late = async {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let listener = TcpListener::bind(free).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(&json(200, TOKENS)).await.unwrap();
    };
    let (tokens, ()) = tokio::join!(pending.wait(talk), late);
    tokens.unwrap();
    assert_eq!(desk.titles(), ["Device authorization", "Device poll", "Device poll"]);
}

#[tokio::test]
async fn the_person_stops_it() {
    let (server, _) = polled(r#","expires_in":60"#, &[PENDING]).await;
    let desk = Desk::new();
    let (handle, signal) = cancel_pair();
    let pending = device::begin(&desk.talk(), &server.provider(), &public(), &[]).await.unwrap();
    assert_eq!(pending.interval, Duration::from_secs(5), "where the server does not say");
    let talk = &desk.talk_until(signal);
    let begun = Instant::now();
    let (result, ()) = tokio::join!(pending.wait(talk), async { handle.cancel() });
    assert_eq!(result.unwrap_err().kind(), "cancelled");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

/// What beginning makes of an answer.
async fn of(body: &str) -> Result<PendingDevice, OAuthError> {
    let body = body.to_owned();
    let server = Server::start(move |seen, _| {
        json(200, &body.replace("{base}", &format!("http://{}", seen.header("host").unwrap())))
    })
    .await;
    let desk = Desk::new();
    device::begin(&desk.talk(), &server.provider(), &public(), &[]).await
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_servers_own() {
    let with = |uri: &str, complete: &str| {
        format!(
            r#"{{"device_code":"dc","user_code":"A-1","expires_in":60,"verification_uri":"{uri}","verification_uri_complete":"{complete}"}}"#
        )
    };
    of(&with("{base}/enter", "{base}/enter?c=1")).await.unwrap();
    for (uri, complete, kind) in [
        ("http://login.example/enter", "{base}/x", "unsafe_endpoint"),
        ("javascript:alert(1)", "{base}/x", "unsafe_endpoint"),
        ("https://me:pw@login.example/", "{base}/x", "unsafe_endpoint"),
        ("https://attacker.example/enter", "{base}/x", "foreign_endpoint"),
        ("http://127.0.0.1:9/enter", "{base}/x", "foreign_endpoint"),
        ("{base}/enter", "https://attacker.example/enter?c=1", "foreign_endpoint"),
        ("{base}/enter", "file:///etc/passwd", "unsafe_endpoint"),
    ] {
        let error = of(&with(uri, complete)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{uri} {complete}");
        assert!(error.summary().contains("verification_uri"), "{error}");
        assert!(!error.fix().contains("--token-url"), "{}", error.fix());
    }
}

#[tokio::test]
async fn an_answer_without_its_members_is_none() {
    let whole = r#"{"device_code":"dc","user_code":"A-1","expires_in":60,"verification_uri":"{base}/enter"}"#;
    of(whole).await.unwrap();
    of(&whole.replace("verification_uri", "verification_url")).await.unwrap();
    for (member, other) in [
        ("\"device_code\"", "\"x\""),
        ("\"user_code\"", "\"x\""),
        ("\"verification_uri\"", "\"x\""),
        ("\"expires_in\"", "\"x\""),
        ("60", "0"),
        ("60", "-1"),
        ("60", "\"soon\""),
        (r#""A-1""#, r#""A\u001b[2J""#),
        (r#""A-1""#, r#""A\u202e1""#),
        (r#""A-1""#, r#""A\n1""#),
    ] {
        let error = of(&whole.replace(member, other)).await.unwrap_err();
        assert_eq!(error.kind(), "not_oauth", "{member} {other}");
        assert!(!error.summary().contains('\u{1b}'));
    }
    let long = of(&whole.replace("A-1", &"A".repeat(65))).await.unwrap_err();
    assert_eq!(long.kind(), "not_oauth");
    let endless = of(&whole.replace("60", "1e300")).await.unwrap();
    assert_eq!(endless.expires_in, Duration::from_secs(86_400));
}

#[tokio::test]
async fn a_server_without_the_flow_is_told_as_such() {
    let (server, _) = polled("", &[PENDING]).await;
    let desk = Desk::new();
    let without = Provider { device_url: None, ..server.provider() };
    assert_eq!(device::begin(&desk.talk(), &without, &public(), &[]).await.unwrap_err().kind(), "no_such_flow");
    assert!(server.seen().is_empty());
}
