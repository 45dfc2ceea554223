//! What a person is told when a server does each thing wrong that a server can do.

use std::sync::Arc;
use std::time::Duration;

use altyaa_console::disk::SpillDir;
use altyaa_console::exchange::{Exchange, ExchangeId, Layer, PreparedRequest, TransportError};
use altyaa_console::secret::Secret;
use altyaa_console::transport::{CancelSignal, Limits, Progress, SendOptions, Transport, cancel_pair, no_hint};
use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use url::Url;

use crate::transport_server::{Fault, FaultServer};

/// Stands in the query and in the Authorization header of every request here.
const CANARY: &str = "canary_q7Xw93LmZt";

/// Words of libraries and of the system that no headline may hold.
const LIBRARY_WORDS: [&str; 9] = [
    "hyper",
    "reqwest",
    "rustls",
    "os error",
    "error sending",
    "error trying",
    "Connect",
    "message completed",
    "Custom {",
];

/// For what never comes; everything else gets the time that a busy machine needs.
fn short_limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_millis(400),
        idle: Duration::from_millis(400),
        total: Duration::from_secs(20),
        ..Limits::default()
    }
}

fn patient_limits() -> Limits {
    Limits { first_byte: Duration::from_secs(20), idle: Duration::from_secs(20), ..short_limits() }
}

fn request(method: &str, url: &str) -> PreparedRequest {
    let mut value = HeaderValue::from_str(&format!("Bearer {CANARY}")).unwrap();
    value.set_sensitive(true);
    PreparedRequest {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        url: Url::parse(&format!("{url}?token={CANARY}")).unwrap(),
        url_template: url.to_owned(),
        headers: vec![(HeaderName::from_static("authorization"), value)],
        origin_headers: Vec::new(),
        body: Arc::from(&b""[..]),
        environment: "local".into(),
        profile: "generic".into(),
        credential: Some("key".into()),
        secrets: vec![Secret::new(CANARY.into())],
    }
}

/// Sends and checks everything that holds for every exchange.
async fn send_with(
    limits: Limits,
    request: PreparedRequest,
    cancel: CancelSignal,
    progress: impl FnMut(Progress),
) -> Exchange {
    let transport = Transport::new(SpillDir::new(Some(std::env::temp_dir().join("altyaa-tests"))));
    let options = SendOptions::from(limits);
    let sending = transport.send(ExchangeId::new(Timestamp::now()), request, &options, cancel, &no_hint, progress);
    let exchange = tokio::time::timeout(Duration::from_secs(30), sending).await.expect("an exchange always ends");
    assert!(exchange.response.is_some() || exchange.transport_error.is_some(), "an answer or a reason");
    assert_eq!(exchange.attempts.len(), 1);
    assert_eq!(exchange.attempts[0].transport_error, exchange.transport_error);
    assert_eq!(exchange.attempts[0].status, exchange.response.as_ref().map(|response| response.status));
    for line in &exchange.log {
        // The request line shows the query until it is redacted; the header is never written.
        assert!(!line.text.contains(&format!("Bearer {CANARY}")), "{}", line.text);
        assert!(!line.text.starts_with("failed") || !line.text.contains(CANARY), "{}", line.text);
    }
    if let Some(error) = &exchange.transport_error {
        check_words(error);
        assert!(exchange.log.iter().any(|line| line.text == format!("failed: {}", error.summary)));
    }
    exchange
}

async fn send(limits: Limits, url: &str) -> Exchange {
    send_with(limits, request("GET", url), CancelSignal::never(), |_| {}).await
}

/// Sends to a server with that fault and wants no head of an answer.
async fn failed(fault: Fault) -> TransportError {
    let server = FaultServer::start(fault).await;
    let exchange = send(patient_limits(), &format!("http://127.0.0.1:{}/v1/posts", server.port())).await;
    assert!(exchange.response.is_none());
    assert_eq!(exchange.timing.first_byte, None);
    exchange.transport_error.expect("a reason")
}

/// Sends to a server with that answer and wants the head of an answer, whole or broken.
async fn answered(limits: Limits, head: &str, body: &[u8]) -> Exchange {
    let server = FaultServer::answering(head, body).await;
    let exchange = send(limits, &format!("http://127.0.0.1:{}/v1/posts", server.port())).await;
    assert!(exchange.response.is_some(), "{:?}", exchange.transport_error);
    exchange
}

fn check_words(error: &TransportError) {
    let texts = [&error.summary, &error.seen, &error.meaning, &error.fix];
    for text in texts {
        assert!(!text.is_empty() && !text.ends_with('.') && !text.contains('\n'), "{error:?}");
        assert!(!text.contains(CANARY) && !text.contains("token="), "{error:?}");
    }
    for word in LIBRARY_WORDS {
        assert!(!error.summary.contains(word), "`{word}` in: {}", error.summary);
        assert!(!error.meaning.contains(word) && !error.fix.contains(word), "{error:?}");
    }
    assert!(error.kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", error.kind);
    assert!(error.summary.chars().next().is_some_and(|c| !c.is_whitespace()));
}

#[track_caller]
fn is(error: &TransportError, layer: Layer, kind: &str) {
    assert_eq!((error.layer, error.kind.as_str()), (layer, kind), "{error:?}");
}

#[track_caller]
fn error_of(exchange: &Exchange) -> &TransportError {
    exchange.transport_error.as_ref().expect("a reason")
}

#[track_caller]
fn body_of(exchange: &Exchange) -> &[u8] {
    &exchange.response.as_ref().expect("an answer").sample
}

/// A port where nothing listens: it was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_refused_port_is_named() {
    let port = free_port();
    let exchange = send(patient_limits(), &format!("http://127.0.0.1:{port}/v1/posts")).await;
    let error = error_of(&exchange);
    is(error, Layer::Tcp, "refused");
    assert_eq!(error.summary, format!("127.0.0.1:{port} refused the connection"));
    let exchange = send(patient_limits(), &format!("https://127.0.0.1:{port}/v1/posts")).await;
    is(error_of(&exchange), Layer::Tcp, "refused");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let server = FaultServer::start(Fault::Silent).await;
    let exchange = send(short_limits(), &format!("http://127.0.0.1:{}/", server.port())).await;
    is(error_of(&exchange), Layer::Http, "timeout");
    assert_eq!(error_of(&exchange).seen, "No answer within 0.4 s, the time for an answer's head");
    assert_eq!((exchange.response.is_none(), exchange.timing.first_byte), (true, None));
    let total = Limits { total: Duration::from_millis(300), ..patient_limits() };
    let server = FaultServer::start(Fault::Silent).await;
    let exchange = send(total, &format!("http://127.0.0.1:{}/", server.port())).await;
    is(error_of(&exchange), Layer::Http, "timeout");
    assert_eq!(error_of(&exchange).seen, "No answer within 0.3 s, the time for one try");
}

#[tokio::test]
async fn a_silent_server_behind_https_is_not_said_to_have_taken_the_request() {
    let server = FaultServer::start(Fault::Silent).await;
    let exchange = send(short_limits(), &format!("https://127.0.0.1:{}/", server.port())).await;
    let error = error_of(&exchange);
    is(error, Layer::Tls, "timeout");
    assert!(error.meaning.contains("speaks no TLS"), "{error:?}");
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_is_told_from_a_reset() {
    is(&failed(Fault::Answer(Arc::from(&b""[..]))).await, Layer::Http, "closed");
    is(&failed(Fault::Answer(Arc::from(&b"HTTP/1.1 200 OK\r\nContent-Ty"[..]))).await, Layer::Http, "closed");
    // Closed with the request unread, the system says one or the other.
    let error = failed(Fault::CloseUnread).await;
    assert!(error.layer == Layer::Http && ["closed", "reset"].contains(&error.kind.as_str()), "{error:?}");
}

#[tokio::test]
async fn a_reset_in_the_head_is_a_reset() {
    for head in ["", "HTTP/1.1 200 OK\r\nContent-Ty"] {
        let server = FaultServer::start(Fault::AnswerAndReset(head.as_bytes().into())).await;
        server.go_on().notify_one();
        let exchange = send(patient_limits(), &format!("http://127.0.0.1:{}/", server.port())).await;
        is(error_of(&exchange), Layer::Http, "reset");
        assert!(exchange.response.is_none());
    }
}

#[tokio::test]
async fn a_reset_in_the_body_keeps_what_came() {
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\nX-Request-Id: req_1\r\n\r\n{\"error\":";
    let server = FaultServer::start(Fault::AnswerAndReset(head.as_bytes().into())).await;
    let gate = server.go_on();
    let progress = move |step: Progress| {
        if matches!(step, Progress::Receiving { .. }) {
            gate.notify_one();
        }
    };
    let url = format!("http://127.0.0.1:{}/", server.port());
    let exchange = send_with(patient_limits(), request("GET", &url), CancelSignal::never(), progress).await;
    is(error_of(&exchange), Layer::Body, "reset");
    assert_eq!(error_of(&exchange).summary, "The connection broke after 9 bytes of the answer");
    assert_eq!(body_of(&exchange), b"{\"error\":");
    let response = exchange.response.as_ref().unwrap();
    assert!(response.is_truncated);
    assert_eq!((response.status, response.header("x-request-id")), (400, Some("req_1")));
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_kept_and_counted() {
    let exchange = answered(patient_limits(), "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n", b"{\"a\":1}").await;
    let error = error_of(&exchange);
    is(error, Layer::Body, "short_body");
    assert_eq!(error.summary, "The answer ended 13 bytes too early");
    assert!(error.seen.starts_with("7 bytes came, 20 were announced"), "{error:?}");
    assert_eq!(body_of(&exchange), b"{\"a\":1}");
    assert!(exchange.response.as_ref().unwrap().is_truncated);
}

#[tokio::test]
async fn a_chunked_body_may_be_cut_or_garbled() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let cut = answered(patient_limits(), head, b"3\r\nabc\r\n5\r\nde").await;
    is(error_of(&cut), Layer::Body, "closed");
    assert!(body_of(&cut).starts_with(b"abc"));
    let garbled = answered(patient_limits(), head, b"3\r\nabc\r\nzz\r\n").await;
    is(error_of(&garbled), Layer::Body, "malformed");
    assert_eq!(body_of(&garbled), b"abc");
    let whole = answered(patient_limits(), head, b"3\r\nabc\r\n0\r\n\r\n").await;
    assert_eq!((body_of(&whole), whole.transport_error.is_none()), (&b"abc"[..], true));
}

#[tokio::test]
async fn what_is_no_http_is_said_to_be_none() {
    for bytes in [
        &b"220 mail.example ESMTP\r\n"[..],
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"{\"error\":{}}\r\n\r\n",
        b"\0\0\0\0\0\0",
    ] {
        let error = failed(Fault::Answer(bytes.into())).await;
        is(&error, Layer::Http, "malformed");
        assert!(error.summary.ends_with("answered with something that is no HTTP"), "{error:?}");
    }
    // The greeting may come before or after the request has left.
    for _ in 0..10 {
        let error = failed(Fault::SpeakFirst(b"SSH-2.0-OpenSSH_9.9\r\n")).await;
        is(&error, Layer::Http, "malformed");
    }
}

#[tokio::test]
async fn plain_http_where_tls_was_asked_is_not_tls() {
    for answer in ["HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "SSH-2.0-OpenSSH_9.9\r\n"] {
        let server = FaultServer::start(Fault::Answer(answer.as_bytes().into())).await;
        let exchange = send(patient_limits(), &format!("https://127.0.0.1:{}/", server.port())).await;
        let error = error_of(&exchange);
        is(error, Layer::Tls, "not_tls");
        assert!(error.fix.contains("is it http rather than https"), "{error:?}");
    }
    let server = FaultServer::start(Fault::Answer(Arc::from(&b""[..]))).await;
    let exchange = send(patient_limits(), &format!("https://127.0.0.1:{}/", server.port())).await;
    is(error_of(&exchange), Layer::Tls, "closed");
}

#[tokio::test]
async fn a_body_that_stops_is_told_from_one_that_drips() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
    let server = FaultServer::start(Fault::AnswerAndHold(head.as_bytes().into())).await;
    let exchange = send(short_limits(), &format!("http://127.0.0.1:{}/", server.port())).await;
    is(error_of(&exchange), Layer::Body, "timeout");
    assert_eq!(error_of(&exchange).summary, "The answer stopped arriving");
    assert_eq!(body_of(&exchange), b"abc");

    let limits = Limits { total: Duration::from_millis(700), ..patient_limits() };
    let server = FaultServer::start(Fault::Drip(head.as_bytes().into(), Duration::from_millis(20))).await;
    let exchange = send(limits, &format!("http://127.0.0.1:{}/", server.port())).await;
    is(error_of(&exchange), Layer::Body, "timeout");
    assert_eq!(error_of(&exchange).summary, "The answer took longer than allowed");
    assert!(body_of(&exchange).len() > 3);
}

#[tokio::test]
async fn a_slow_body_within_its_time_is_whole() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    let server = FaultServer::start(Fault::Drip(head.as_bytes().into(), Duration::from_millis(30))).await;
    let exchange = send(patient_limits(), &format!("http://127.0.0.1:{}/", server.port())).await;
    assert_eq!((body_of(&exchange), &exchange.transport_error), (&b"xxxxxxxxxx"[..], &None));
    assert!(!exchange.response.as_ref().unwrap().is_truncated);
}

#[tokio::test]
async fn a_body_over_the_cap_is_cut_kept_and_marked() {
    let limits = Limits { body_cap_bytes: 1000, ..patient_limits() };
    for (len, is_cut) in [(999, false), (1000, false), (1001, true), (300_000, true)] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {len}\r\n\r\n");
        let exchange = answered(limits, &head, &vec![b'a'; len]).await;
        let response = exchange.response.as_ref().unwrap();
        assert_eq!((response.body.len_bytes(), response.is_truncated), (len.min(1000) as u64, is_cut), "{len}");
        assert!(response.wire_bytes >= response.body.len_bytes());
        assert_eq!(exchange.transport_error, None, "a cut of our own is no fault of the answer");
        assert_eq!(exchange.log.iter().any(|line| line.text.starts_with("cut after 1000 bytes")), is_cut);
    }
    // A flood without end is cut as well.
    let server = FaultServer::start(Fault::Drip(Arc::from(&b"HTTP/1.1 200 OK\r\n\r\n"[..]), Duration::ZERO)).await;
    let exchange = send(limits, &format!("http://127.0.0.1:{}/", server.port())).await;
    assert_eq!((body_of(&exchange).len(), exchange.response.as_ref().unwrap().is_truncated), (1000, true));
}

#[tokio::test]
async fn an_answer_without_a_body_is_whole() {
    for head in [
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ] {
        let exchange = answered(patient_limits(), head, b"").await;
        assert_eq!((body_of(&exchange), &exchange.transport_error), (&b""[..], &None), "{head}");
        assert!(!exchange.response.as_ref().unwrap().is_truncated);
    }
    let server = FaultServer::answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"").await;
    let head = request("HEAD", &format!("http://127.0.0.1:{}/", server.port()));
    let exchange = send_with(patient_limits(), head, CancelSignal::never(), |_| {}).await;
    assert_eq!((body_of(&exchange), &exchange.transport_error), (&b""[..], &None));
    assert!(!exchange.response.as_ref().unwrap().is_truncated);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_kept_as_they_came() {
    let body = b"{\"a\":\"\xff\xfe\"}";
    let exchange = answered(patient_limits(), "HTTP/1.1 200 OK\r\nX-Odd: aäb\r\n\r\n", body).await;
    assert_eq!(body_of(&exchange), body);
    assert_eq!(exchange.response.as_ref().unwrap().header("x-odd"), Some("aäb"));
    assert_eq!(exchange.transport_error, None);
}

#[tokio::test]
async fn huge_headers_are_read_up_to_a_bound() {
    let large = format!("HTTP/1.1 200 OK\r\nX-Large: {}\r\nContent-Length: 2\r\n\r\n", "a".repeat(100_000));
    let exchange = answered(patient_limits(), &large, b"ok").await;
    assert_eq!(exchange.response.as_ref().unwrap().header("x-large").map(str::len), Some(100_000));
    let long = format!("HTTP/1.1 200 OK\r\nX-Large: {}\r\n\r\n", "a".repeat(2_000_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-One: 1\r\n".repeat(5_000));
    for head in [long, many] {
        let error = failed(Fault::Answer(head.into_bytes().into())).await;
        is(&error, Layer::Http, "too_large");
        assert!(error.summary.contains("headers"), "{error:?}");
    }
}

#[tokio::test]
async fn cancelling_before_the_head_ends_at_once() {
    let server = FaultServer::start(Fault::Silent).await;
    let (handle, signal) = cancel_pair();
    let wanted = request("POST", &format!("http://127.0.0.1:{}/", server.port()));
    let sending = send_with(patient_limits(), wanted, signal, |_| {});
    let cancelling = async {
        while server.seen().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        handle.cancel();
        handle.cancel();
    };
    let (exchange, ()) = tokio::join!(sending, cancelling);
    is(error_of(&exchange), Layer::Policy, "cancelled");
    assert!(exchange.response.is_none());
    assert!(error_of(&exchange).meaning.contains("may have acted on it"));
}

#[tokio::test]
async fn cancelling_in_the_body_keeps_what_came() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
    let server = FaultServer::start(Fault::AnswerAndHold(head.as_bytes().into())).await;
    let (handle, signal) = cancel_pair();
    let wanted = request("GET", &format!("http://127.0.0.1:{}/", server.port()));
    let progress = move |step: Progress| {
        if matches!(step, Progress::Receiving { received: 3, expected: Some(100), .. }) {
            handle.cancel();
        }
    };
    let exchange = send_with(patient_limits(), wanted, signal, progress).await;
    is(error_of(&exchange), Layer::Policy, "cancelled");
    assert_eq!(error_of(&exchange).seen, "Cancelled after 3 bytes of the answer");
    assert_eq!(body_of(&exchange), b"abc");
    assert!(exchange.response.as_ref().unwrap().is_truncated);
}

#[tokio::test]
async fn a_wish_to_stop_that_came_first_sends_nothing() {
    let server = FaultServer::start(Fault::Silent).await;
    for _ in 0..20 {
        let (handle, signal) = cancel_pair();
        handle.cancel();
        let wanted = request("POST", &format!("http://127.0.0.1:{}/", server.port()));
        let exchange = send_with(patient_limits(), wanted, signal, |_| {}).await;
        is(error_of(&exchange), Layer::Policy, "cancelled");
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn an_unknown_host_is_named() {
    const HOST: &str = "altyaa-console-nowhere.invalid";
    // Without a network some resolvers never answer; then there is nothing to be seen here.
    let looked = tokio::time::timeout(Duration::from_secs(4), tokio::net::lookup_host((HOST, 80))).await;
    let has_proxy =
        ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].iter().any(|name| std::env::var_os(name).is_some());
    if has_proxy || !matches!(looked, Ok(Err(_))) {
        println!("NOT RUN: an_unknown_host_is_named needs a resolver that answers for .invalid, and no proxy");
        return;
    }
    let limits = Limits { connect: Duration::from_secs(10), ..patient_limits() };
    let exchange = send(limits, &format!("http://{HOST}/v1/posts")).await;
    is(error_of(&exchange), Layer::Dns, "no_such_host");
    assert_eq!(error_of(&exchange).summary, format!("The name {HOST} could not be looked up"));
}
