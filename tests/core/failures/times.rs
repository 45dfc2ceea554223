//! The four times a request has, each told apart when it is over.

use std::time::Duration;

use super::told::{Told, case};
use crate::faults::{Server, http1};
use crate::transport_server::{Fault, FaultServer};

#[tokio::test(flavor = "multi_thread")]
async fn each_time_that_is_over_is_told_as_what_it_is() {
    let mut told = Told::new();
    let drip = http1::slow_body(Duration::from_millis(50)).await;
    told.add(case("time_total", drip.http("/v1/posts")).with(&["--timeout", "1"]).counted()).await;
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc";
    let stands = FaultServer::start(Fault::AnswerAndHold(head.as_bytes().into())).await;
    told.add(case("time_idle", stands.http("/v1/posts")).with(&["--idle-timeout", "1"])).await;
    let slow = http1::slow_head(Duration::from_millis(50)).await;
    told.add(case("time_first_byte", slow.http("/v1/posts")).with(&["--first-byte-timeout", "1"])).await;
    told.add(case("time_total_in_head", slow.http("/v1/posts")).with(&["--timeout", "1"])).await;
    told.end();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_answers_no_greeting_is_not_connected_to_in_time() {
    let mut told = Told::new();
    let never = crate::faults::tcp::NeverAccepts::start().await;
    told.add(case("time_connect", never.http("/v1/posts")).with(&["--connect-timeout", "1"])).await;
    told.add(case("time_total_in_connect", never.http("/v1/posts")).with(&["--timeout", "1"])).await;
    told.add(case("time_connect_https", never.https("/v1/posts")).with(&["--connect-timeout", "1"])).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_within_its_times_is_whole() {
    let told = Told::new();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    let drip = FaultServer::start(Fault::Drip(head.as_bytes().into(), Duration::from_millis(100))).await;
    let (code, json) = told.json(&case("", drip.http("/v1/posts")).with(&["--idle-timeout", "10"])).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"xxxxxxxxxx".into()), "{json}");
}
