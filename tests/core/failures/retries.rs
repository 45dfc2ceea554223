//! What is tried again, what is not, and how that is told.

use super::told::{Told, case};
use crate::faults::Server;
use crate::faults::http1::failing_first;
use serde_json::Value;

/// Shape: `[503, 200]`.
fn statuses(json: &Value) -> Vec<u64> {
    json["attempts"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_a_moment_is_tried_again_and_every_try_is_kept() {
    let mut told = Told::new();
    for (status, headers, least_ms) in [
        ("503 Service Unavailable", &[][..], 0.0),
        ("429 Too Many Requests", &[("Retry-After", "1")], 1000.0),
        ("503 Service Unavailable", &[("Retry-After", "1")], 1000.0),
        ("429 Too Many Requests", &[("retry-after-ms", "300")], 300.0),
        (
            "429 Too Many Requests",
            &[("Date", "Mon, 23 Nov 2026 10:00:00 GMT"), ("Retry-After", "Mon, 23 Nov 2026 10:00:01 GMT")],
            1000.0,
        ),
    ] {
        let server = failing_first(1, status, headers).await;
        let (code, json) = told.json(&case("", server.http("/v1/posts")).with(&["--retry", "2"])).await;
        let first: u64 = status[..3].parse().unwrap();
        assert_eq!((code, statuses(&json)), (0, vec![first, 200]), "{headers:?}: {json}");
        let second = &json["attempts"][1];
        assert!(second["why"].as_str().unwrap().contains(&status[..3]), "{second}");
        let waited = second["waited_ms"].as_f64().unwrap();
        // A little is added to what was asked for, never taken away.
        assert!(waited >= least_ms && waited <= least_ms + 501.0, "{headers:?}: {waited}");
        assert_eq!((server.seen().len(), &json["attempts"][0]["waited_ms"]), (2, &0.0.into()));
    }
    let server = failing_first(1, "429 Too Many Requests", &[("Retry-After", "1")]).await;
    let words = ["--retry", "2", "--verbose"];
    told.add(case("retry_then_good", server.http("/v1/posts")).with(&words).once()).await;
    let server = failing_first(9, "503 Service Unavailable", &[]).await;
    let (code, json) = told.json(&case("", server.http("/v1/posts")).with(&["--retry", "2"])).await;
    assert_eq!((code, statuses(&json)), (1, vec![503; 3]));
    assert!(json["log"].to_string().contains("not tried again: 3 tries were made"), "{}", json["log"]);
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_sent_twice_only_with_a_key_or_when_one_says_so() {
    let mut told = Told::new();
    let post = |name, server: &dyn Fn(&str) -> String, words: &[&str]| {
        case(name, server("/v1/posts")).method("POST").with(&["--data", "{}", "--retry", "2"]).with(words)
    };
    let server = failing_first(1, "503 Service Unavailable", &[]).await;
    told.add(post("retry_post_without_key", &|path| server.http(path), &["--verbose"]).once()).await;
    assert_eq!(server.seen().len(), 1, "it was not sent twice");
    for words in [&["-H", "Idempotency-Key: k"][..], &["--retry-unsafe"]] {
        let server = failing_first(1, "503 Service Unavailable", &[]).await;
        let (code, json) = told.json(&post("", &|path| server.http(path), words)).await;
        assert_eq!((code, statuses(&json)), (0, vec![503, 200]), "{words:?}: {json}");
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_fails_is_tried_again_and_a_certificate_is_not() {
    let mut told = Told::new();
    let gone = crate::faults::tcp::Refused::start();
    let (code, json) = told.json(&case("", gone.http("/v1/posts")).with(&["--retry", "1"])).await;
    assert_eq!((code, json["attempts"].as_array().unwrap().len()), (3, 2));
    assert_eq!(json["attempts"][0]["transport_error"], json["transport_error"]);
    let server = crate::faults::tls::TlsServer::start(&crate::faults::certificates::self_signed()).await;
    let words = ["--retry", "3", "--verbose"];
    told.add(case("retry_pointless", server.https("/v1/posts")).with(&words)).await;
    assert_eq!(server.seen_at_least(2).await.len(), 2, "one try each");
    told.end();
}
