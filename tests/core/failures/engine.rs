//! What one command cannot show, since it sends once: connections that are kept, and waits that are cancelled.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use altyaa_console::disk::SpillDir;
use altyaa_console::exchange::{Exchange, ExchangeId, PreparedRequest};
use altyaa_console::transport::{
    AnswerHint, CancelSignal, Progress, RetryPolicy, SendOptions, Transport, cancel_pair, no_hint,
};
use http::Method;
use url::Url;

use crate::faults::certificates::Authority;
use crate::faults::http1::failing_first;
use crate::faults::tls::TlsServer;
use crate::faults::{Server, within};

fn request(url: &str) -> PreparedRequest {
    PreparedRequest {
        method: Method::GET,
        url: Url::parse(url).unwrap(),
        url_template: url.to_owned(),
        headers: Vec::new(),
        origin_headers: Vec::new(),
        body: Arc::from(&b""[..]),
        environment: "local".into(),
        profile: "generic".into(),
        credential: None,
        secrets: Vec::new(),
    }
}

fn transport(dir: &tempfile::TempDir) -> Transport {
    Transport::new(SpillDir::new(Some(dir.path().join("spill"))))
}

async fn send(transport: &Transport, id: &str, url: &str, options: &SendOptions) -> Exchange {
    let id = ExchangeId(id.to_owned());
    within(transport.send(id, request(url), options, CancelSignal::never(), &no_hint, |_| {})).await
}

#[tokio::test]
async fn a_kept_connection_tells_whose_handshake_it_shows() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("Test Root");
    let server = TlsServer::start(&authority.good()).await;
    let mut options = SendOptions::default();
    options.route.ca_files = vec![authority.file_in(dir.path())];
    let transport = transport(&dir);
    let url = server.https("/v1/posts");
    let first = send(&transport, "first", &url, &options).await;
    let second = send(&transport, "second", &url, &options).await;
    let connection = |exchange: &Exchange| exchange.attempts[0].connection.clone().unwrap();
    let (first, second, timing) = (connection(&first), connection(&second), second.timing);
    assert_eq!((first.is_kept, second.is_kept), (false, true));
    let (made, shown) = (first.tls.unwrap(), second.tls.unwrap());
    assert_eq!((made.made_by, shown.made_by.as_deref()), (None, Some("first")));
    assert_eq!((made.certificates, made.version), (shown.certificates, shown.version));
    assert_eq!((timing.dns, timing.connect, timing.tls), (None, None, None), "nothing was opened");
    assert!(timing.first_byte.is_some());
    assert_eq!((first.peer, first.addresses), (second.peer, second.addresses));
    assert_eq!(server.seen().len(), 1, "one handshake");
    transport.forget_connections();
    let third = connection(&send(&transport, "third", &url, &options).await);
    assert_eq!((third.is_kept, server.seen().len()), (false, 2));
}

#[tokio::test]
async fn cancelling_while_it_waits_to_try_again_ends_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = failing_first(9, "503 Service Unavailable", &[]).await;
    let options = SendOptions { retry: RetryPolicy::times(3), ..SendOptions::default() };
    let judge = |_: &_| AnswerHint { retry_after: Some(Duration::from_secs(60)), ..AnswerHint::default() };
    let (cancel, signal) = cancel_pair();
    let progress = move |step: Progress| {
        if matches!(step, Progress::Retrying { attempt: 2, of: 4, .. }) {
            cancel.cancel();
        }
    };
    let transport = transport(&dir);
    let began = Instant::now();
    let sending =
        transport.send(ExchangeId("one".into()), request(&server.http("/")), &options, signal, &judge, progress);
    let exchange = within(sending).await;
    assert!(began.elapsed() < Duration::from_secs(8), "the wait was 60 s");
    assert_eq!((exchange.attempts.len(), exchange.response.map(|response| response.status)), (1, Some(503)));
    assert!(exchange.log.iter().any(|line| line.text == "cancelled while waiting to try again"));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn waits_are_drawn_from_the_given_chance() {
    let dir = tempfile::tempdir().unwrap();
    let server = failing_first(3, "503 Service Unavailable", &[]).await;
    let retry = RetryPolicy { base: Duration::from_millis(40), ..RetryPolicy::times(3) };
    let options = SendOptions { retry, ..SendOptions::default() };
    let chances = Mutex::new(vec![0.5, 0.0, 1.0]);
    let transport = transport(&dir).with_jitter(move || chances.lock().unwrap().pop().unwrap());
    let exchange = send(&transport, "one", &server.http("/"), &options).await;
    let waited: Vec<u128> = exchange.attempts.iter().map(|one| one.waited.as_millis()).collect();
    // 1.0 of 40, 0.0 of 80, 0.5 of 160.
    assert_eq!(waited, [0, 40, 0, 80]);
    assert_eq!(
        exchange.attempts.iter().map(|one| one.status).collect::<Vec<_>>(),
        [Some(503), Some(503), Some(503), Some(200)]
    );
}
