//! What Ctrl+C does while nothing seems to happen.

use std::io::Read as _;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncWriteExt as _, BufReader};

use super::{Place, done, log_of};
use crate::cli::program::interrupt;
use crate::faults::web::answer;
use crate::faults::{Loopback, Seen, Server, hold, read_head, within};

/// Answers and closes; writes down when the client has closed too, which it does once it has read all.
async fn closing(bytes: Vec<u8>) -> (Loopback, Seen<()>) {
    let seen = Seen::new();
    let all = seen.clone();
    let serve = move |stream| {
        let (bytes, all) = (bytes.clone(), all.clone());
        async move {
            let mut stream = BufReader::new(stream);
            if read_head(&mut stream).await.is_none() {
                return;
            }
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            hold(&mut stream).await;
            all.push(());
        }
    };
    (Loopback::start(serve).await, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_while_it_waits_to_try_again_ends_it_at_once() {
    let place = Place::new();
    let headers = [("Retry-After", "60"), ("Connection", "close")];
    let whole = answer("503 Service Unavailable", &headers, b"{\"a\":1}");
    let cut = whole[..whole.len() - 3].to_vec();
    // An answer that is whole is told as what it is; of one that is not, why it is not.
    for (bytes, code, kind) in [(whole, 1, json!(null)), (cut, 3, json!("short_body"))] {
        let (server, read) = closing(bytes).await;
        let url = server.http("/v1/posts");
        let child = place.start(&["send", "GET", &url, "--json", "--quiet", "--retry", "3"], &[]);
        read.at_least(1).await;
        let began = Instant::now();
        interrupt(&child);
        let done = done(child).await;
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        let json = done.json();
        assert_eq!((done.code, &json["transport_error"]["kind"]), (code, &kind), "{done:?}");
        assert_eq!((&json["response"]["status"], json["attempts"].as_array().unwrap().len()), (&json!(503), 1));
        assert!(log_of(&json).contains("cancelled while waiting to try again"), "{json}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_interruption_while_the_output_is_full_ends_the_program() {
    let place = Place::new();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n";
    let sent: Seen<()> = Seen::new();
    let all = sent.clone();
    let server = Loopback::start(move |stream| {
        let all = all.clone();
        async move {
            let mut stream = BufReader::new(stream);
            if read_head(&mut stream).await.is_none() {
                return;
            }
            let _ = stream.write_all(&[head.as_bytes(), &vec![b'x'; 4_000_000]].concat()).await;
            all.push(());
            hold(&mut stream).await;
        }
    })
    .await;
    let url = server.http("/v1/files/1");
    let mut child = place.start(&["send", "GET", &url, "--quiet", "--output", "-"], &[]);
    sent.at_least(1).await;
    interrupt(&child);
    // What came is being written, and nobody takes more than its beginning.
    let mut out = child.stdout.take().unwrap();
    let (out, first) = within(tokio::task::spawn_blocking(move || {
        let mut first = [0; 1000];
        out.read_exact(&mut first).unwrap();
        (out, first)
    }))
    .await
    .unwrap();
    assert_eq!(first, [b'x'; 1000]);
    interrupt(&child);
    let done = done(child).await;
    assert_eq!(done.code, 130, "{done:?}");
    drop(out);
}
