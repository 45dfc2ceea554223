//! Retries wait, whatever the server says, and tell what each try was answered.

use std::time::Duration;

use altyaa_console::transport::{RetryPolicy, SendOptions};
use serde_json::json;

use super::{Place, send, transport};
use crate::faults::Server;
use crate::faults::http1::failing_first;
use crate::faults::web::{Web, answer};

#[test]
fn a_server_that_asks_for_no_wait_gets_the_backoff_all_the_same() {
    let policy = RetryPolicy::times(4);
    let ms =
        |retry, asked: Option<u64>, chance| policy.wait(retry, asked.map(Duration::from_millis), chance).as_millis();
    for asked in [None, Some(0)] {
        let waits: Vec<u128> = (1..=4).map(|retry| ms(retry, asked, 1.0)).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000], "{asked:?}");
    }
    // Next to nothing is as little.
    assert!(ms(3, Some(1), 1.0) >= 2000);
    // What is asked for is never cut short, and a little is added.
    assert_eq!([ms(1, Some(60_000), 0.0), ms(1, Some(60_000), 1.0)], [60_000, 60_500]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_waits_of_a_run_are_those_of_the_policy() {
    let dir = tempfile::tempdir().unwrap();
    let server = failing_first(4, "503 Service Unavailable", &[("Retry-After", "0")]).await;
    let retry = RetryPolicy { base: Duration::from_millis(30), ..RetryPolicy::times(4) };
    let options = SendOptions { retry, ..SendOptions::default() };
    let transport = transport(&dir).with_jitter(|| 1.0);
    let exchange = send(&transport, &server.http("/"), &options).await;
    let waited: Vec<u128> = exchange.attempts.iter().map(|one| one.waited.as_millis()).collect();
    assert_eq!(waited, [0, 30, 60, 120, 240]);
    assert_eq!(exchange.response.unwrap().status, 200);

    let server = failing_first(1, "503 Service Unavailable", &[("Retry-After", "0")]).await;
    let options = SendOptions { retry: RetryPolicy::times(1), ..SendOptions::default() };
    let exchange = send(&transport, &server.http("/"), &options).await;
    assert_eq!((exchange.attempts.len(), exchange.attempts[1].waited), (2, Duration::from_millis(500)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_names_a_time_is_tried_again_where_that_is_safe() {
    let place = Place::new();
    let server = failing_first(1, "403 Forbidden", &[("Retry-After", "1")]).await;
    let (code, got) = place.get(&server.http("/v1/posts"), &["--retry", "1"]).await;
    let statuses: Vec<_> = got["attempts"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!((code, statuses), (0, vec![json!(403), json!(200)]), "{got}");
    assert!(got["attempts"][1]["waited_ms"].as_f64().unwrap() >= 1000.0, "{got}");
    // Without a time it is a refusal, and a POST may be done twice.
    let server = failing_first(1, "403 Forbidden", &[]).await;
    let (code, got) = place.get(&server.http("/v1/posts"), &["--retry", "1"]).await;
    assert_eq!((code, server.seen().len()), (1, 1), "{got}");
    let server = failing_first(1, "403 Forbidden", &[("Retry-After", "1")]).await;
    let url = server.http("/v1/posts");
    let words = ["send", "POST", &url, "--data", "{}", "--retry", "1", "--json", "--quiet"];
    let done = place.run(&words, &[]).await;
    assert_eq!((done.code, server.seen().len()), (1, 1), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_try_keeps_its_request_id_and_the_wait_it_was_asked_for() {
    let answered = |status: &str, id: &str, wait: &str| {
        answer(status, &[("X-Request-Id", id), ("Retry-After", wait), ("Content-Type", "application/json")], b"{}")
    };
    let server = Web::in_turn(vec![
        answered("503 Service Unavailable", "req_first_1", "1"),
        answered("429 Too Many Requests", "req_second_2", "0"),
        answer("500 Internal Server Error", &[("X-Request-Id", "req_third_3")], b"{}"),
    ])
    .await;
    let (code, got) = Place::new().get(&server.http("/v1/posts"), &["--retry", "2"]).await;
    assert_eq!((code, server.seen().len()), (1, 3), "{got}");
    let of = |name: &str| got["attempts"].as_array().unwrap().iter().map(|one| one[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("request_id"), [json!("req_first_1"), json!("req_second_2"), json!("req_third_3")], "{got}");
    assert_eq!(of("retry_after_s"), [json!(1.0), json!(0.0), json!(null)], "{got}");
    let second = got["attempts"][1]["why"].as_str().unwrap();
    assert!(second.contains("503") && second.contains("asks to wait 1 s"), "{second}");
}
