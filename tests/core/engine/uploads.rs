//! Payloads that take their time on the way out.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};

use super::Place;
use crate::faults::web::{answer, header};
use crate::faults::{Loopback, Seen, Server, hold, read_head, within};

fn payload(len: u32) -> Vec<u8> {
    (0..len).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// A server whose system holds little, so that what is sent is what was read; it ends when dropped.
struct Slow {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
    seen: Seen<(String, Vec<u8>)>,
}

impl Slow {
    /// Reads about 250 kB at that interval, up to so many bytes; answers only who was read to the end.
    async fn start(every: Duration, up_to: usize) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(64 << 10).unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(16).unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Seen::new());
        let all = seen.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, every, up_to, all.clone()));
            }
        });
        Self { address, task, seen }
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, every: Duration, up_to: usize, seen: Seen<(String, Vec<u8>)>) {
    let mut stream = BufReader::new(stream);
    let Some(head) = read_head(&mut stream).await else { return };
    let length: usize = header(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length.min(up_to)];
    for piece in body.chunks_mut(250_000) {
        tokio::time::sleep(every).await;
        if stream.read_exact(piece).await.is_err() {
            return;
        }
    }
    let is_whole = body.len() == length;
    seen.push((head, body));
    if !is_whole {
        return std::future::pending().await;
    }
    let _ = stream.write_all(&answer("200 OK", &[], b"taken")).await;
    hold(&mut stream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_is_taken_slowly_is_no_slow_answer() {
    let place = Place::new();
    let body = payload(20_000_000);
    let file = format!("@{}", place.altyaa.file("payload.bin", &body));
    let server = Slow::start(Duration::from_millis(25), usize::MAX).await;
    let url = format!("http://{}/v1/files", server.address);
    let words = ["send", "POST", &url, "--quiet", "--data", &file, "--first-byte-timeout", "1.4"];
    let began = Instant::now();
    let done = place.run(&words, &[]).await;
    assert!(done.code == 0 && done.text().contains("\ntaken\n"), "{done:?}");
    assert!(began.elapsed() > Duration::from_millis(2000), "it took longer than the head may: {:?}", began.elapsed());
    let (head, got) = within(server.seen.at_least(1)).await.remove(0);
    assert!(got == body, "byte for byte");
    assert_eq!(header(&head, "content-length"), Some("20000000"));
    assert_eq!(header(&head, "transfer-encoding"), None);
    assert_eq!(head.to_ascii_lowercase().matches("content-length").count(), 1);
    // Small ones too, and none where there is none.
    for (data, length) in [("x", Some("1")), ("", None)] {
        let words = ["send", "PUT", &url, "--json", "--quiet", "--data", data];
        assert_eq!(place.run(&words, &[]).await.code, 0);
        let (head, _) = server.seen.all().pop().unwrap();
        assert!([length, Some("0")].contains(&header(&head, "content-length")) || length.is_none(), "{head}");
        assert_eq!(header(&head, "transfer-encoding"), None, "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_reading_is_told_as_such() {
    let place = Place::new();
    let file = format!("@{}", place.altyaa.file("payload.bin", payload(9_000_000)));
    let server = Slow::start(Duration::ZERO, 300_000).await;
    let url = format!("http://{}/v1/files", server.address);
    let words = ["send", "POST", &url, "--json", "--quiet", "--data", &file, "--idle-timeout", "1"];
    let began = Instant::now();
    let done = place.run(&words, &[]).await;
    let json = done.json();
    let error = &json["transport_error"];
    assert_eq!((done.code, &error["layer"], &error["kind"]), (3, &"http".into(), &"timeout".into()), "{json}");
    assert!(error["summary"].as_str().unwrap().ends_with("did not take the payload in time"), "{error}");
    let seen = error["seen"].as_str().unwrap();
    let taken: usize = seen.split(' ').next().unwrap().parse().unwrap();
    assert!(seen.contains("of 9000000 bytes") && (300_000..9_000_000).contains(&taken), "{seen}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // It may have acted on what it has: a POST is not safe to repeat.
    assert_eq!(json["advice"]["verdict"], "may_duplicate", "{json}");
}

/// Answers as soon as the head has come, reads no more, and closes or stays.
async fn early(closes: bool) -> Loopback {
    Loopback::start(move |stream| async move {
        let mut stream = BufReader::new(stream);
        if read_head(&mut stream).await.is_none() {
            return;
        }
        let _ = stream.write_all(&answer("413 Content Too Large", &[("Connection", "close")], b"too much")).await;
        if closes {
            let _ = stream.shutdown().await;
            return hold(&mut stream).await;
        }
        std::future::pending::<()>().await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_before_the_payload_is_taken_is_the_answer() {
    let place = Place::new();
    let file = format!("@{}", place.altyaa.file("payload.bin", payload(9_000_000)));
    for closes in [true, false] {
        let server = early(closes).await;
        let url = server.http("/v1/files");
        let words = ["send", "POST", &url, "--json", "--quiet", "--data", &file, "--idle-timeout", "2"];
        let done = place.run(&words, &[]).await;
        let json = done.json();
        assert_eq!((done.code, &json["response"]["body"]), (1, &"too much".into()), "{}", json["transport_error"]);
        assert!(json["timing"]["total_ms"].as_f64().unwrap() < 1500.0, "{}", json["timing"]);
    }
}
