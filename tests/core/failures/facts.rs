//! What the JSON of an exchange tells beside the words: the connection, its certificates, times, sizes.

use serde_json::{Value, json};

use super::told::{Told, case};
use crate::faults::Server;
use crate::faults::certificates::Authority;
use crate::faults::coding::{self, Coding, GREETING};
use crate::faults::http1;
use crate::faults::tls::TlsServer;

#[track_caller]
fn is_time(timing: &Value, names: &[&str]) {
    for name in names {
        assert!(timing[name].as_f64().is_some_and(|ms| (0.0..60_000.0).contains(&ms)), "{name}: {timing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_exchange_tells_its_connection_and_every_phase() {
    let told = Told::new();
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(told.path());
    let server = TlsServer::start(&authority.intermediate("Test Intermediate").good()).await;
    let url = format!("https://api.test:{}/v1/posts", server.port());
    let words = ["--ca-file", ca.to_str().unwrap(), "--resolve", "api.test=127.0.0.1"];
    let (code, json) = told.json(&case("", url).with(&words)).await;
    assert_eq!((code, &json["transport_error"]), (0, &Value::Null), "{json}");
    let connection = &json["attempts"][0]["connection"];
    assert_eq!(connection["peer"], server.address().to_string());
    assert_eq!((&connection["addresses"], &connection["is_kept"]), (&json!(["127.0.0.1"]), &json!(false)));
    assert_eq!(connection["proxy"]["used"], Value::Null);
    let tls = &connection["tls"];
    assert_eq!((&tls["version"], &tls["server_name"]), (&json!("TLS 1.3"), &json!("api.test")));
    assert_eq!((&tls["is_trusted"], &tls["is_unverified"]), (&json!(true), &json!(false)));
    let own = &tls["certificates"][0];
    assert_eq!((&own["subject"], &own["issuer"]), (&json!("CN=127.0.0.1"), &json!("CN=Test Intermediate")), "{tls}");
    assert!(own["not_after"].as_str().unwrap().starts_with("2120-01-01"), "{own}");
    assert_eq!(tls["certificates"][1]["issuer"], "CN=Test Root");
    let timing = &json["timing"];
    is_time(timing, &["queue_ms", "dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "download_ms", "total_ms"]);
    let parts = ["queue_ms", "dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "download_ms"];
    let sum: f64 = parts.iter().filter_map(|name| timing[name].as_f64()).sum();
    assert!(sum <= timing["total_ms"].as_f64().unwrap() + 1.0, "phases do not overlap: {timing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn phases_that_did_not_happen_are_null() {
    let told = Told::new();
    let server = http1::short_body(100, 40).await;
    let (code, json) = told.json(&case("", server.http("/v1/posts"))).await;
    assert_eq!(code, 3);
    assert_eq!((&json["timing"]["dns_ms"], &json["timing"]["tls_ms"]), (&Value::Null, &Value::Null));
    is_time(&json["timing"], &["connect_ms", "first_byte_ms", "download_ms", "total_ms"]);
    let response = &json["response"];
    assert_eq!((&response["body_bytes"], &response["wire_bytes"]), (&json!(40), &json!(40)));
    assert_eq!((&response["truncated"], &response["body"]), (&json!(true), &json!("x".repeat(40))));
    let error = &json["transport_error"];
    assert_eq!((&error["layer"], &error["kind"]), (&json!("body"), &json!("short_body")));
    let gone = crate::faults::tcp::Refused::start();
    let (_, json) = told.json(&case("", gone.https("/v1/posts"))).await;
    for name in ["dns_ms", "connect_ms", "tls_ms", "first_byte_ms", "download_ms"] {
        assert_eq!(json["timing"][name], Value::Null, "{name}: nothing stood");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_unpacked_tells_from_what_and_how_much_came() {
    let told = Told::new();
    let text = GREETING.repeat(500);
    for coding in Coding::ALL {
        let packed = coding.encode(text.as_bytes()).await;
        let server = coding::coded(coding, text.as_bytes()).await;
        let (code, json) = told.json(&case("", server.http("/v1/posts"))).await;
        let response = &json["response"];
        assert_eq!((code, &response["encodings"]), (0, &json!([coding.label()])), "{json}");
        assert_eq!((&response["wire_bytes"], &response["body_bytes"]), (&json!(packed.len()), &json!(text.len())));
        assert_eq!((&response["body"], &response["truncated"]), (&json!(text), &json!(false)));
    }
    let server = coding::stacked(&[Coding::Gzip, Coding::Brotli, Coding::Zstd], text.as_bytes()).await;
    let (_, json) = told.json(&case("", server.http("/v1/posts"))).await;
    assert_eq!(
        (&json["response"]["encodings"], &json["response"]["body"]),
        (&json!(["gzip", "br", "zstd"]), &json!(text))
    );
    let server = coding::two_members(b"one ", b"two").await;
    let (_, json) = told.json(&case("", server.http("/v1/posts"))).await;
    assert_eq!(json["response"]["body"], "one two");
    // A wrong label unpacks nothing, and the bytes are there as they came.
    let server = coding::labelled("gzip", GREETING.as_bytes()).await;
    let (code, json) = told.json(&case("", server.http("/v1/posts"))).await;
    assert_eq!((code, &json["response"]["encodings"], &json["response"]["body"]), (3, &json!([]), &json!(GREETING)));
}
