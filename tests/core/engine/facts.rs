//! What is told of proxies, lookups and kept connections is of the right one.

use altyaa_console::transport::SendOptions;
use serde_json::Value;

use super::{Place, log_of, send, transport};
use crate::faults::Server;
use crate::faults::certificates::Authority;
use crate::faults::proxy::{HttpProxy, ProxyMode};
use crate::faults::tcp::Refused;
use crate::faults::tls::{Options, config};
use crate::faults::web::{Web, answer};

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_through_a_proxy_over_tls_is_plain() {
    let place = Place::new();
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(place.altyaa.dir.path());
    let web = Web::always(answer("200 OK", &[], b"plain")).await;
    let tls = config(&authority.good(), Options::default());
    let proxy = HttpProxy::start_tls(ProxyMode::Works, None, tls).await;
    let words = ["--proxy", &proxy.https(""), "--ca-file", ca.to_str().unwrap()];
    let (code, json) = place.get(&web.http("/v1/posts"), &words).await;
    let connection = &json["attempts"][0]["connection"];
    assert_eq!((code, &connection["tls"], &json["response"]["body"]), (0, &Value::Null, &"plain".into()), "{json}");
    assert_eq!(connection["proxy"]["used"], proxy.https(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_is_told_by_the_name_that_was_looked_up() {
    let place = Place::new();
    let web = Web::always(answer("200 OK", &[], b"plain")).await;
    let proxy = HttpProxy::start(ProxyMode::Works, Some(web.address())).await;
    let via = format!("http://localhost:{}", proxy.port());
    let (code, json) = place.get("http://api.test/v1/posts", &["--proxy", &via]).await;
    assert_eq!(code, 0, "{json}");
    let log = log_of(&json);
    assert!(log.contains("looking up localhost\n") && !log.contains("looking up api.test"), "{log}");
    let url = format!("http://api.test:{}/v1/posts", web.port());
    let (_, json) = place.get(&url, &["--resolve", "api.test=127.0.0.1"]).await;
    assert!(log_of(&json).contains("looking up api.test\n"), "{json}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_without_a_port_is_told_with_the_one_that_is_dialled() {
    let place = Place::new();
    let web = Web::always(answer("200 OK", &[], b"plain")).await;
    // Nothing is meant to listen at these loopback addresses; what is told of them is the same if something does.
    for (via, told) in [
        ("socks5://127.94.0.1", "socks5://127.94.0.1:1080"),
        ("socks5h://127.94.0.1", "socks5h://127.94.0.1:1080"),
        ("socks5h://127.94.0.1:9", "socks5h://127.94.0.1:9"),
    ] {
        let words = ["--proxy", via, "--timeout", "2"];
        let (code, json) = place.get(&web.http("/v1/posts"), &words).await;
        let error = &json["transport_error"];
        assert_eq!((code, &error["layer"]), (3, &"proxy".into()), "{json}");
        let at = told.split("//").nth(1).unwrap();
        assert!(error["summary"].as_str().unwrap().contains(at), "{error}");
        assert_eq!(json["attempts"][0]["connection"]["proxy"]["used"], told, "{json}");
        assert!(log_of(&json).contains(told), "{json}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_plain_connection_shows_no_handshake() {
    let dir = tempfile::tempdir().unwrap();
    let transport = transport(&dir);
    let authority = Authority::new("Test Root");
    let mut options = SendOptions::default();
    options.route.ca_files = vec![authority.file_in(dir.path())];
    let secure = crate::faults::tls::TlsServer::start(&authority.good()).await;
    let plain = Web::always(answer("200 OK", &[], b"plain")).await;
    for (url, is_secure) in [(secure.https("/"), true), (plain.http("/"), false)] {
        let mut kept = 0;
        // A connection is given back a moment after its answer has ended.
        for _ in 0..20 {
            let exchange = send(&transport, &url, &options).await;
            let connection = exchange.attempts[0].connection.clone().unwrap();
            assert_eq!(connection.tls.is_some(), is_secure, "{url}: {connection:?}");
            kept += usize::from(connection.is_kept);
        }
        assert!(kept > 0, "{url}");
    }
    // A failure to connect shows none either.
    let gone = Refused::start();
    let exchange = send(&transport, &gone.http("/"), &options).await;
    assert_eq!(exchange.attempts[0].connection.clone().unwrap().tls, None);
}
