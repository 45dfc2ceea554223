//! The guard against what a page, a rebinding name and a rude client would send.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::*;

/// A listener whose only handler counts its calls.
async fn counting(policy: Policy) -> (Running, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    let router = Router::new().fallback(move |body: axum::body::Bytes| {
        seen.fetch_add(1, Ordering::SeqCst);
        async move { format!("{} bytes", body.len()) }
    });
    let guarded = Guarded::bind(SocketAddr::from(([127, 0, 0, 1], 0)), policy).await.unwrap();
    (guarded.serve(router), calls)
}

/// Sends bytes as they are and reads to the end; `{own}` becomes the listener's address.
async fn raw(running: &Running, request: &str) -> String {
    let own = running.local_addr().to_string();
    let mut stream = TcpStream::connect(running.local_addr()).await.unwrap();
    stream.write_all(request.replace("{own}", &own).as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.expect("an answer").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn own_requests_are_served() {
    let (running, calls) = counting(Policy::default()).await;
    for host in ["{own}".to_owned(), format!("localhost:{}", running.local_addr().port())] {
        let answer = raw(&running, &format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let own_page = "POST / HTTP/1.1\r\nHost: {own}\r\nOrigin: http://{own}\r\nSec-Fetch-Site: same-origin\r\n\
                    Content-Length: 2\r\nConnection: close\r\n\r\n{}";
    assert!(raw(&running, own_page).await.ends_with("2 bytes"));
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn foreign_requests_never_reach_a_handler() {
    let (running, calls) = counting(Policy::default()).await;
    let attacks = [
        ("rebinding", "GET / HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n"),
        ("rebinding with our port", "GET / HTTP/1.1\r\nHost: attacker.example:{port}\r\nConnection: close\r\n\r\n"),
        ("no host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
        ("two hosts", "GET / HTTP/1.1\r\nHost: {own}\r\nHost: attacker.example\r\nConnection: close\r\n\r\n"),
        ("absolute target", "GET http://attacker.example/ HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n"),
        (
            "cross-site form",
            "POST / HTTP/1.1\r\nHost: {own}\r\nOrigin: https://attacker.example\r\nSec-Fetch-Site: cross-site\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\nConnection: close\r\n\r\na=b",
        ),
        (
            "form of a sandboxed frame",
            "POST / HTTP/1.1\r\nHost: {own}\r\nOrigin: null\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ),
        (
            "cross-site fetch without an origin",
            "GET / HTTP/1.1\r\nHost: {own}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n\
             Connection: close\r\n\r\n",
        ),
        (
            "page of another local port",
            "GET / HTTP/1.1\r\nHost: {own}\r\nSec-Fetch-Site: same-site\r\nConnection: close\r\n\r\n",
        ),
        (
            "preflight",
            "OPTIONS / HTTP/1.1\r\nHost: {own}\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n",
        ),
    ];
    let port = running.local_addr().port().to_string();
    for (name, request) in attacks {
        let answer = raw(&running, &request.replace("{port}", &port)).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{name}: {answer}");
        assert!(!answer.to_lowercase().contains("access-control-"), "{name}: {answer}");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_may_navigate_but_not_post() {
    let policy = Policy { cross_site: CrossSite::Navigation, ..Policy::default() };
    let (running, calls) = counting(policy).await;
    let head = "Host: {own}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\
                Connection: close\r\n";
    let answer = raw(&running, &format!("GET /callback?code=1 HTTP/1.1\r\n{head}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = raw(&running, &format!("POST /callback HTTP/1.1\r\n{head}Content-Length: 0\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_navigation_may_be_bound_to_paths() {
    let policy = Policy { cross_site: CrossSite::NavigationTo(&["/page"]), ..Policy::default() };
    let (running, calls) = counting(policy).await;
    let head = "Host: {own}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\
                Connection: close\r\n";
    for (line, status) in [
        ("GET /page?a=b", "200"),
        ("GET /page/", "403"),
        ("GET /Page", "403"),
        ("GET /%70age", "403"),
        ("GET /other", "403"),
        ("POST /page", "403"),
    ] {
        let answer = raw(&running, &format!("{line} HTTP/1.1\r\n{head}\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{line}: {answer}");
    }
    let framed = head.replace("document", "iframe");
    let answer = raw(&running, &format!("GET /page HTTP/1.1\r\n{framed}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_tunnel_host_is_served_only_where_allowed() {
    let (running, _) = counting(Policy { host: HostRule::Any, ..Policy::default() }).await;
    let answer = raw(&running, "GET / HTTP/1.1\r\nHost: tunnel.example\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn oversized_bodies_are_refused_in_every_framing() {
    let bounds = Bounds { body_bytes: 1000, ..Bounds::default() };
    let (running, calls) = counting(Policy { bounds, ..Policy::default() }).await;
    let big = "x".repeat(1001);
    let sized = format!("POST / HTTP/1.1\r\nHost: {{own}}\r\nContent-Length: 1001\r\n\r\n{big}");
    let chunked =
        format!("POST / HTTP/1.1\r\nHost: {{own}}\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n{big}\r\n0\r\n\r\n");
    let announced = "POST / HTTP/1.1\r\nHost: {own}\r\nContent-Length: 99999999999\r\n\r\n".to_owned();
    for request in [sized, chunked, announced] {
        let answer = raw(&running, &request).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    let fits =
        format!("POST / HTTP/1.1\r\nHost: {{own}}\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n{}", &big[1..]);
    assert!(raw(&running, &fits).await.ends_with("1000 bytes"));
}

#[tokio::test]
async fn oversized_heads_are_refused() {
    let (running, calls) = counting(Policy::default()).await;
    for (len, count) in [(40_000, 1), (100_000, 1), (10, 150)] {
        let lines: String = (0..count).map(|n| format!("X-Filler-{n}: {}\r\n", "x".repeat(len))).collect();
        let answer =
            raw(&running, &format!("GET / HTTP/1.1\r\nHost: {{own}}\r\n{lines}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{len} times {count}: {answer}");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let bounds = Bounds { head_time: Duration::from_millis(200), ..Bounds::default() };
    let (running, calls) = counting(Policy { bounds, ..Policy::default() }).await;
    let answer = raw(&running, "GET / HTTP/1.1\r\nHost: {own}\r\nX-Slow: ").await;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_slow_body_is_answered_and_cut_off() {
    let bounds = Bounds { body_time: Duration::from_millis(200), ..Bounds::default() };
    let (running, calls) = counting(Policy { bounds, ..Policy::default() }).await;
    let answer = raw(&running, "POST / HTTP/1.1\r\nHost: {own}\r\nContent-Length: 10\r\n\r\nabc").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_full_house_lets_the_next_one_wait() {
    let bounds = Bounds { connections: 1, head_time: Duration::from_millis(300), ..Bounds::default() };
    let (running, _) = counting(Policy { bounds, ..Policy::default() }).await;
    let idle = TcpStream::connect(running.local_addr()).await.unwrap();
    let answer = raw(&running, "GET / HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(idle);
}

#[tokio::test]
async fn other_addresses_are_refused_in_words() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let error = Guarded::bind(address.parse().unwrap(), Policy::default()).await.unwrap_err();
        assert!(matches!(error, BindError::NotLoopback { .. }), "{error}");
        assert!(error.fix().contains("127.0.0.1"), "{}", error.fix());
    }
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let (running, _) = counting(Policy::default()).await;
    let error = Guarded::bind(running.local_addr(), Policy::default()).await.unwrap_err();
    assert!(matches!(error, BindError::InUse { .. }), "{error}");
    assert!(error.place().contains(&running.local_addr().port().to_string()));
}

#[tokio::test]
async fn a_stopped_listener_is_gone() {
    let (running, _) = counting(Policy::default()).await;
    let address = running.local_addr();
    running.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_dropped_listener_is_gone() {
    let (running, _) = counting(Policy::default()).await;
    let address = running.local_addr();
    drop(running);
    let gone = timeout(Duration::from_secs(5), async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(gone.await.is_ok());
}
