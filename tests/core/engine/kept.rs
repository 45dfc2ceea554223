//! Connections that were kept and end at the moment the next request goes out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use altyaa_console::transport::SendOptions;
use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use super::{send, send_as, transport};
use crate::faults::{Loopback, Server, read_head};

/// Answers the first request of each connection and keeps it, reads the next one and hangs up. Counts connections and
/// requests that were read.
async fn hanging_up() -> (Loopback, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counts = (Arc::clone(&connections), Arc::clone(&requests));
    let server = Loopback::start(move |stream| {
        let (connections, requests) = (Arc::clone(&counts.0), Arc::clone(&counts.1));
        async move {
            connections.fetch_add(1, Ordering::SeqCst);
            let mut stream = BufReader::new(stream);
            if read_head(&mut stream).await.is_none() {
                return;
            }
            requests.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
            if read_head(&mut stream).await.is_some() {
                requests.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await;
    (server, connections, requests)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_more_goes_out_again_on_a_new_connection() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    let (server, connections, _) = hanging_up().await;
    for _ in 0..20 {
        let exchange = send(&transport, &server.http("/v1/posts"), &SendOptions::default()).await;
        assert_eq!(exchange.response.as_ref().map(|response| response.status), Some(200), "{exchange:?}");
    }
    assert!(connections.load(Ordering::SeqCst) >= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_not_sent_again_unasked_and_says_what_happened() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    let (server, _, requests) = hanging_up().await;
    let url = server.http("/v1/posts");
    for _ in 0..100 {
        let before = requests.load(Ordering::SeqCst);
        let exchange = send_as(&transport, Method::POST, &url, b"", &SendOptions::default()).await;
        let Some(error) = &exchange.transport_error else { continue };
        assert_eq!((error.kind.as_str(), requests.load(Ordering::SeqCst) - before), ("closed", 1), "{error:?}");
        assert!(error.summary.ends_with("closed a connection that had been kept open"), "{error:?}");
        return;
    }
    panic!("no request went out on a kept connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_is_redirected_has_a_connection_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    // Redirects without having read the payload, and then hangs up, as servers with handlers that ignore it do.
    let server = Loopback::start(|stream| async move {
        let mut stream = BufReader::new(stream);
        let Some(head) = read_head(&mut stream).await else { return };
        let answer: &[u8] = match head.contains(" /end ") {
            true => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            false => b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n",
        };
        let mut rest = vec![0; 300_000];
        if answer.starts_with(b"HTTP/1.1 200") {
            let _ = stream.read_exact(&mut rest).await;
        }
        let _ = stream.write_all(answer).await;
        let _ = stream.read(&mut rest).await;
    })
    .await;
    for _ in 0..10 {
        let (url, payload) = (server.http("/start"), vec![b'x'; 300_000]);
        let exchange = send_as(&transport, Method::POST, &url, &payload, &SendOptions::default()).await;
        assert_eq!(exchange.response.as_ref().map(|response| response.status), Some(200), "{exchange:?}");
        let last = exchange.attempts[0].connection.as_ref().unwrap();
        assert!(!last.is_kept && exchange.redirects.len() == 1, "{last:?}");
    }
}
