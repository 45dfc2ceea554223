//! TLS: certificates that are no good, old versions, client certificates, and handshakes that break off.
//!
//! The verdicts are those of the platform's verifier, whose words differ; these are Linux's.
#![cfg(target_os = "linux")]

use serde_json::Value;

use super::told::{Told, case};
use crate::faults::Server;
use crate::faults::certificates::{Authority, self_signed};
use crate::faults::tls::{ONLY_12, ONLY_13, Options, TlsServer};
use crate::faults::tls_broken::{self as broken, BrokenTls, TlsFault};

fn tls(json: &Value) -> &Value {
    &json["attempts"][0]["connection"]["tls"]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_certificate_is_told_by_what_it_says() {
    let mut told = Told::new();
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(told.path());
    let trusted = ["--ca-file", ca.to_str().unwrap()];
    for (name, identity, words) in [
        ("tls_expired", authority.expired(), &trusted[..]),
        ("tls_not_yet_valid", authority.not_yet_valid(), &trusted),
        ("tls_wrong_name", authority.wrong_name(), &trusted),
        ("tls_self_signed", self_signed(), &[]),
        ("tls_untrusted_ca", authority.good(), &[]),
        ("tls_untrusted_intermediate", authority.intermediate("Test Intermediate").good(), &[]),
        (
            "tls_missing_intermediate",
            authority.intermediate("Test Intermediate").good().without_intermediates(),
            &trusted,
        ),
    ] {
        let server = TlsServer::start(&identity).await;
        let json = told.add(case(name, server.https("/v1/posts")).with(words)).await;
        assert_eq!(tls(&json)["is_trusted"], false);
        assert!(!tls(&json)["certificates"][0]["subject"].as_str().unwrap().is_empty(), "{json}");
        assert!(server.asked().is_empty(), "nothing was sent");
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_ca_is_trusted_where_its_file_is_named() {
    let mut told = Told::new();
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(told.path());
    let server = TlsServer::start(&authority.intermediate("Test Intermediate").good()).await;
    let json =
        told.add(case("tls_ca_file", server.https("/v1/posts")).with(&["--ca-file", ca.to_str().unwrap()])).await;
    assert_eq!((&tls(&json)["is_trusted"], &tls(&json)["is_unverified"]), (&true.into(), &false.into()));
    let lonely = self_signed();
    let own = told.altyaa.file("own.pem", lonely.own_pem());
    let alone = TlsServer::start(&lonely).await;
    let json = told.add(case("tls_ca_file_self_signed", alone.https("/v1/posts")).with(&["--ca-file", &own])).await;
    assert_eq!(tls(&json)["is_trusted"], true);
    // A file that holds none, and one that is not there.
    let none = told.altyaa.file("none.pem", "no certificate");
    told.add(case("tls_ca_file_without_ca", server.https("/v1/posts")).with(&["--ca-file", &none])).await;
    let gone = told.altyaa.path("gone.pem");
    told.add(case("tls_ca_file_gone", server.https("/v1/posts")).with(&["--ca-file", &gone])).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_verified_is_said_not_to_be() {
    let mut told = Told::new();
    let server = TlsServer::start(&self_signed()).await;
    let json = told.add(case("tls_insecure", server.https("/v1/posts")).with(&["--insecure"])).await;
    assert_eq!((&tls(&json)["is_trusted"], &tls(&json)["is_unverified"]), (&false.into(), &true.into()));
    let log = json["log"].to_string();
    assert!(log.contains("NOT VERIFIED"), "{log}");
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_for_a_name_leaves_the_names_in_tls_as_they_are() {
    let mut told = Told::new();
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(told.path());
    let ca = ca.to_str().unwrap();
    let server = TlsServer::start(&authority.good()).await;
    let url = format!("https://api.test:{}/v1/posts", server.port());
    let words = ["--ca-file", ca, "--resolve", "api.test=127.0.0.1"];
    let json = told.add(case("tls_resolve", url).with(&words)).await;
    assert_eq!(tls(&json)["server_name"], "api.test");
    assert!(server.seen().iter().all(|seen| seen.server_name.as_deref() == Some("api.test")));
    let url = format!("https://unlisted.test:{}/v1/posts", server.port());
    let words = ["--ca-file", ca, "--resolve", "unlisted.test=127.0.0.1"];
    told.add(case("tls_resolve_wrong_name", url).with(&words)).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_that_do_not_meet_are_told() {
    let mut told = Told::new();
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(told.path());
    let words = ["--ca-file", ca.to_str().unwrap(), "--min-tls", "1.3"];
    let server = TlsServer::start_as(&authority.good(), Options { versions: ONLY_12, ..Options::default() }).await;
    told.add(case("tls_min_13_against_12", server.https("/v1/posts")).with(&words)).await;
    let json = told.add(case("tls_12", server.https("/v1/posts")).with(&words[..2])).await;
    assert_eq!(tls(&json)["version"], "TLS 1.2");
    for (name, fault) in [
        ("tls_old_hello_10", TlsFault::OldServerHello { version: broken::TLS_10 }),
        ("tls_old_hello_11", TlsFault::OldServerHello { version: broken::TLS_11 }),
        ("tls_alert_version_10", TlsFault::Alert { version: broken::TLS_10, number: broken::PROTOCOL_VERSION }),
        ("tls_alert_version_12", TlsFault::Alert { version: broken::TLS_12, number: broken::PROTOCOL_VERSION }),
        ("tls_alert_handshake", TlsFault::Alert { version: broken::TLS_12, number: broken::HANDSHAKE_FAILURE }),
        ("tls_alert_internal", TlsFault::Alert { version: broken::TLS_12, number: broken::INTERNAL_ERROR }),
        ("tls_alert_name", TlsFault::Alert { version: broken::TLS_12, number: broken::UNRECOGNIZED_NAME }),
    ] {
        let server = BrokenTls::start(fault).await;
        told.add(case(name, server.https("/v1/posts"))).await;
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_breaks_off_is_told_from_one_that_never_was() {
    let mut told = Told::new();
    for (name, fault) in [
        ("tls_plain_http_there", TlsFault::PlainHttp),
        ("tls_closed", TlsFault::Closes),
        ("tls_reset", TlsFault::Resets),
        ("tls_closed_half_way", TlsFault::ClosesHalfWay),
        ("tls_reset_half_way", TlsFault::ResetsHalfWay),
    ] {
        let server = BrokenTls::start(fault).await;
        told.add(case(name, server.https("/v1/posts"))).await;
    }
    let server = BrokenTls::start(TlsFault::Silent).await;
    told.add(case("tls_silent", server.https("/v1/posts")).with(&["--connect-timeout", "1"])).await;
    // The other way round: http where https is spoken.
    let server = TlsServer::start(&self_signed()).await;
    told.add(case("http_on_a_tls_port", server.http("/v1/posts"))).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_that_is_wanted_and_not_given_is_asked_for() {
    let mut told = Told::new();
    let (authority, clients) = (Authority::new("Test Root"), Authority::new("Client Root"));
    let ca = authority.file_in(told.path());
    let trusted = ["--ca-file", ca.to_str().unwrap()];
    let dir = |name: &str| {
        let dir = told.path().join(name);
        std::fs::create_dir(&dir).unwrap();
        dir
    };
    let stranger = Authority::new("Other Root").client("stranger").files_in(&dir("other"), "unused");
    let expired = clients.expired_client("old").files_in(&dir("old"), "unused");
    for (versions, names) in [
        (ONLY_12, ["tls_client_wanted_12", "tls_client_stranger_12", "tls_client_expired_12"]),
        (ONLY_13, ["tls_client_wanted_13", "tls_client_stranger_13", "tls_client_expired_13"]),
    ] {
        let options = Options { versions, clients_of: Some(&clients), ..Options::default() };
        let server = TlsServer::start_as(&authority.good(), options).await;
        let [wanted, strange, old] = names;
        told.add(case(wanted, server.https("/v1/posts")).with(&trusted)).await;
        for (name, files) in [(strange, &stranger), (old, &expired)] {
            let own = ["--client-cert", files.both.to_str().unwrap()];
            told.add(case(name, server.https("/v1/posts")).with(&trusted).with(&own)).await;
        }
        assert!(server.asked().is_empty());
    }
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_is_taken_from_every_kind_of_file() {
    let mut told = Told::new();
    let (authority, clients) = (Authority::new("Test Root"), Authority::new("Client Root"));
    let ca = authority.file_in(told.path());
    let identity = clients.client("caller");
    let files = identity.files_in(told.path(), "canary-passphrase-1");
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let options = Options { clients_of: Some(&clients), ..Options::default() };
    let server = TlsServer::start_as(&authority.good(), options).await;
    let given =
        |name, words: &[&str]| case(name, server.https("/v1/posts")).with(&["--ca-file", &path(&ca)]).with(words);
    let (certificate, key, both, pkcs12) =
        (path(&files.certificate), path(&files.key), path(&files.both), path(&files.pkcs12));
    told.add(given("tls_client_pem_pair", &["--client-cert", &certificate, "--client-key", &key])).await;
    told.add(given("tls_client_pem_single", &["--client-cert", &both])).await;
    let with_pass = ["--client-cert", &pkcs12, "--client-cert-pass-env", "CLIENT_PASS"];
    let (code, _) = told.json(&given("tls_client_pkcs12", &with_pass).env("CLIENT_PASS", "canary-passphrase-1")).await;
    assert_eq!(code, 0);
    let seen = server.seen();
    assert_eq!(seen.len(), 5);
    assert!(seen.iter().all(|seen| seen.client_certificates.first() == Some(&identity.own_der())));

    let (code, json) = told.json(&given("", &with_pass).env("CLIENT_PASS", "canary-wrong-1")).await;
    assert_eq!((code, &json["transport_error"]["kind"]), (3, &"setup".into()), "{json}");
    assert!(!json.to_string().contains("canary-"), "{json}");
    told.add(given("tls_client_pass_wrong", &with_pass).env("CLIENT_PASS", "wrong")).await;
    told.add(given("tls_client_pass_missing", &with_pass[..2])).await;
    told.add(given("tls_client_without_key", &["--client-cert", &certificate])).await;
    let other = clients.client("other").files_in(&tempfile::tempdir_in(told.path()).unwrap().keep(), "unused");
    let foreign = path(&other.key);
    let (code, json) = told.json(&given("", &["--client-cert", &certificate, "--client-key", &foreign])).await;
    assert_eq!((code, &json["transport_error"]["kind"]), (3, &"setup".into()), "{json}");
    assert!(json["transport_error"]["summary"].as_str().unwrap().contains("do not belong together"), "{json}");
    told.end();
}
