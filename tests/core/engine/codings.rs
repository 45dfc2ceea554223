//! Bodies whose label is wrong, and codings that lie over each other.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use altyaa_console::exchange::{Exchange, Response};
use altyaa_console::transport::SendOptions;
use tokio::io::{AsyncWriteExt as _, BufReader};

use super::{send, transport};
use crate::faults::coding::{Coding, labelled, stacked};
use crate::faults::web::{Web, answer};
use crate::faults::{Loopback, Server, hold, http1, read_head};

/// JSON of about that many bytes that does not repeat.
fn json_of(len: usize) -> Vec<u8> {
    let mut text = String::from("{\"items\":[");
    let mut n = 0u64;
    while text.len() < len {
        text.push_str(&format!("{{\"id\":\"{:016x}\",\"n\":{n}}},", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        n += 1;
    }
    text.push_str("{}]}");
    text.into_bytes()
}

#[track_caller]
fn answered(exchange: &Exchange) -> &Response {
    exchange.response.as_ref().unwrap_or_else(|| panic!("{:?}", exchange.transport_error))
}

#[track_caller]
fn fault(exchange: &Exchange) -> (&str, &str) {
    let error = exchange.transport_error.as_ref().unwrap();
    (error.kind.as_str(), error.summary.as_str())
}

#[track_caller]
fn is_as_it_came(exchange: &Exchange, body: &[u8], what: &str) {
    let response = answered(exchange);
    assert_eq!(fault(exchange).0, "bad_encoding", "{what}");
    let kept = response.body.read_at(0, usize::MAX).unwrap();
    let same = kept.iter().zip(body).take_while(|(a, b)| a == b).count();
    assert!(kept == body, "{what}: {} of {} bytes, {same} alike", kept.len(), body.len());
    assert!(response.encodings.is_empty() && response.is_truncated, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mislabelled_body_is_kept_as_it_came_also_on_a_kept_connection() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    let large = json_of(5 << 20);
    let now: Arc<Mutex<(&str, Vec<u8>)>> = Arc::default();
    let next = Arc::clone(&now);
    let server = Web::start(move |asked| match asked.target() {
        "/large" => answer("200 OK", &[], &large),
        _ => {
            let (label, body) = next.lock().unwrap().clone();
            answer("200 OK", &[("Content-Type", "application/json"), ("Content-Encoding", label)], &body)
        }
    })
    .await;
    for label in ["gzip", "br", "deflate", "zstd"] {
        for len in [200_000, 700_000] {
            let body = json_of(len);
            *now.lock().unwrap() = (label, body.clone());
            for is_kept in [false, true] {
                let what = format!("{label}, {len} bytes, kept: {is_kept}");
                // A connection is given back a moment after its answer has ended.
                for left in (0..100).rev() {
                    transport.forget_connections();
                    if is_kept {
                        send(&transport, &server.http("/large"), &SendOptions::default()).await;
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    let exchange = send(&transport, &server.http("/v1/posts"), &SendOptions::default()).await;
                    is_as_it_came(&exchange, &body, &what);
                    if exchange.attempts[0].connection.as_ref().unwrap().is_kept == is_kept {
                        break;
                    }
                    assert!(left > 0, "{what}");
                }
            }
        }
    }
}

/// Sends a body in these pieces, each in a chunk and a packet of its own, under that label.
async fn in_pieces(label: &'static str, pieces: Vec<Vec<u8>>) -> Loopback {
    let pieces = Arc::new(pieces);
    Loopback::start(move |stream| {
        let pieces = Arc::clone(&pieces);
        async move {
            let mut stream = BufReader::new(stream);
            if read_head(&mut stream).await.is_none() {
                return;
            }
            let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {label}\r\nTransfer-Encoding: chunked\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            for piece in pieces.iter() {
                let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
                let _ = stream.write_all(&chunk).await;
                let _ = stream.flush().await;
                // Long enough that the client reads it alone; if it does not, the test proves less and holds.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let _ = stream.write_all(b"0\r\n\r\n").await;
            hold(&mut stream).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_label_is_told_also_where_the_first_piece_is_small() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    let body = json_of(100_000);
    for label in ["gzip", "br", "deflate", "zstd"] {
        for first in [1, 5, 9, 15] {
            let server = in_pieces(label, vec![body[..first].to_vec(), body[first..].to_vec()]).await;
            let exchange = send(&transport, &server.http("/v1/posts"), &SendOptions::default()).await;
            is_as_it_came(&exchange, &body, &format!("{label}, first {first}"));
        }
    }
    for label in ["gzip", "br", "deflate", "zstd"] {
        let server = labelled(label, b"{\"a\":1}").await;
        let exchange = send(&transport, &server.http("/v1/posts"), &SendOptions::default()).await;
        is_as_it_came(&exchange, b"{\"a\":1}", &format!("{label}, short"));
    }
    // What is packed right comes through in whatever pieces, also when it is shorter than the look at it.
    for coding in Coding::ALL {
        for plain in [&b"a"[..], &body] {
            let packed = coding.encode(plain).await;
            let pieces = packed.iter().take(20).map(|byte| vec![*byte]).chain(packed.get(20..).map(<[u8]>::to_vec));
            let pieces = pieces.filter(|piece| !piece.is_empty()).collect();
            let server = in_pieces(coding.label(), pieces).await;
            let exchange = send(&transport, &server.http("/v1/posts"), &SendOptions::default()).await;
            assert_eq!(exchange.transport_error, None, "{coding:?}");
            assert!(answered(&exchange).body.read_at(0, usize::MAX).unwrap() == plain, "{coding:?}");
        }
    }
}

async fn gzip(plain: &[u8]) -> Vec<u8> {
    Coding::Gzip.encode(plain).await
}

#[tokio::test(flavor = "multi_thread")]
async fn codings_over_each_other_are_unpacked_to_their_ends() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    let (a, b) = (json_of(30_000), json_of(50_000));
    let inner = [gzip(&a).await, gzip(&b).await].concat();
    let outer = gzip(&inner).await;
    let server = labelled("gzip, gzip", &outer).await;
    let exchange = send(&transport, &server.http("/"), &SendOptions::default()).await;
    assert_eq!((&exchange.transport_error, answered(&exchange).encodings.len()), (&None, 2));
    assert!(answered(&exchange).body.read_at(0, usize::MAX).unwrap() == [&a[..], &b].concat());

    // The inner one ended well; the outer one did not.
    let len = outer.len();
    let mut damaged = outer.clone();
    damaged[len - 6] ^= 0xff;
    for (what, bytes) in [("cut", &outer[..len - 3]), ("cut at its checksum", &outer[..len - 8]), ("damaged", &damaged)]
    {
        let server = labelled("gzip, gzip", bytes).await;
        let exchange = send(&transport, &server.http("/"), &SendOptions::default()).await;
        assert_eq!(fault(&exchange).0, "bad_encoding", "{what}");
        let response = answered(&exchange);
        assert!(response.is_truncated, "{what}");
        let kept = response.body.read_at(0, usize::MAX).unwrap();
        assert!([&a[..], &b].concat().starts_with(&kept), "{what}: {} bytes", kept.len());
        // What was unpacked together with the damage is not given out.
        assert!(!kept.is_empty(), "{what}");
    }
    let all = [Coding::Gzip, Coding::Brotli, Coding::Zstd, Coding::Zlib];
    for codings in [&all[..2], &all, &[Coding::Zlib, Coding::Gzip, Coding::Gzip, Coding::Brotli]] {
        let server = stacked(codings, &a).await;
        let exchange = send(&transport, &server.http("/"), &SendOptions::default()).await;
        assert_eq!((&exchange.transport_error, answered(&exchange).encodings.len()), (&None, codings.len()));
        assert!(answered(&exchange).body.read_at(0, usize::MAX).unwrap() == a);
    }
    let five = [Coding::Gzip; 5];
    let mut packed = a.clone();
    for coding in five {
        packed = coding.encode(&packed).await;
    }
    let server = stacked(&five, &a).await;
    let exchange = send(&transport, &server.http("/"), &SendOptions::default()).await;
    assert_eq!((&exchange.transport_error, answered(&exchange).encodings.len()), (&None, 0));
    assert!(answered(&exchange).body.read_at(0, usize::MAX).unwrap() == packed, "as it came");
    assert!(exchange.log.iter().any(|line| line.text.contains("not known here")), "{:?}", exchange.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_in_any_layer_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    // 64 MiB of zeros in members of one; and members that unpack to nothing, 32 MiB of them.
    let zeros = gzip(&vec![0; 1 << 20]).await.repeat(64);
    let nothing = gzip(b"").await;
    let nothing = nothing.repeat((1 << 20) / nothing.len());
    let quiet = gzip(&nothing).await.repeat(32);
    for (what, label, bytes) in [
        ("the innermost", "gzip, gzip", gzip(&zeros).await),
        ("the innermost of three", "gzip, gzip, br", Coding::Brotli.encode(&gzip(&zeros).await).await),
        ("one between", "gzip, gzip", quiet),
    ] {
        let server = labelled(label, &bytes).await;
        let began = Instant::now();
        let exchange = send(&transport, &server.http("/"), &SendOptions::default()).await;
        assert_eq!(fault(&exchange).0, "too_large", "{what}: {:?}", exchange.transport_error);
        assert!(answered(&exchange).body.len_bytes() <= 24 << 20, "{what}");
        assert!(began.elapsed() < Duration::from_secs(8), "{what}: {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_bytes_of_which_nothing_was_unpacked_are_kept_when_no_more_come() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    let mut options = SendOptions::default();
    options.limits.idle = Duration::from_millis(300);
    let packed = Coding::Brotli.encode(&json_of(1000)).await;
    for (label, came) in [("gzip", &[0x1f, 0x8b, 8][..]), ("br", &packed[..9]), ("deflate", b"{\"a\""), ("gzip", b"")] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {label}\r\nContent-Length: 5000\r\n\r\n");
        let bytes = [head.as_bytes(), came].concat();
        let server = http1::Steps::start(vec![http1::Step::new(bytes, http1::End::Hold)]).await;
        let exchange = send(&transport, &server.http("/"), &options).await;
        let response = answered(&exchange);
        assert_eq!((fault(&exchange).0, response.is_truncated), ("timeout", true), "{label}");
        assert_eq!(response.body.read_at(0, 100).unwrap(), came, "{label}");
        assert!(response.encodings.is_empty(), "{label}: nothing was unpacked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_is_heard_while_packed_bytes_unpack_to_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    let mut options = SendOptions::default();
    options.limits.total = Duration::from_millis(400);
    options.limits.max_ratio = u64::MAX;
    let nothing = gzip(b"").await;
    let nothing = nothing.repeat((1 << 20) / nothing.len());
    for (label, bytes) in [("gzip", nothing.repeat(16)), ("gzip, gzip", gzip(&nothing).await.repeat(256))] {
        let server = labelled(label, &bytes).await;
        let began = Instant::now();
        let exchange = send(&transport, &server.http("/"), &options).await;
        let took = began.elapsed();
        let kind = exchange.transport_error.as_ref().map(|error| error.kind.as_str());
        assert_eq!(kind, Some("timeout"), "{label} after {took:?}");
        assert!(took < Duration::from_secs(5), "{label}: {took:?}");
    }
}
