//! What a person trusts one address with holds for no other: not on the way to it, behind it, or of the same name.
//!
//! The verdicts are those of Linux's verifier.
#![cfg(target_os = "linux")]

use std::sync::Arc;

use altyaa_console::transport::{ClientCertificate, SendOptions};
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use serde_json::Value;
use tokio::io::{AsyncWriteExt as _, BufStream, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Place, send, transport};
use crate::faults::certificates::{Authority, Identity, self_signed};
use crate::faults::proxy::{HttpProxy, ProxyMode};
use crate::faults::tls::{Options, TlsServer, config};
use crate::faults::web::{Asked, Web, answer, read_asked};
use crate::faults::{Loopback, Seen, Server};

fn text(path: &std::path::Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn layer_and_kind(json: &Value) -> (&str, &str) {
    let error = &json["transport_error"];
    (error["layer"].as_str().unwrap_or_default(), error["kind"].as_str().unwrap_or_default())
}

/// Servers of one authority, and a client certificate of another.
struct Certified {
    place: Place,
    authority: Authority,
    clients: Authority,
    client: Identity,
    words: Vec<String>,
}

impl Certified {
    fn new() -> Self {
        let place = Place::new();
        let (authority, clients) = (Authority::new("Test Root"), Authority::new("Client Root"));
        let client = clients.client("caller");
        let files = client.files_in(place.altyaa.dir.path(), "unused");
        let ca = authority.file_in(place.altyaa.dir.path());
        let words = vec!["--ca-file".to_owned(), text(&ca), "--client-cert".into(), text(&files.both)];
        Self { place, authority, clients, client, words }
    }

    fn words<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        self.words.iter().map(String::as_str).chain(more.iter().copied()).collect()
    }

    /// Asks for a certificate and goes on without one.
    fn curious(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let roots = Arc::new(self.clients.roots());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider));
        let builder =
            ServerConfig::builder_with_provider(provider).with_protocol_versions(rustls::ALL_VERSIONS).unwrap();
        let builder = builder.with_client_cert_verifier(verifier.allow_unauthenticated().build().unwrap());
        let identity = self.authority.good();
        Arc::new(builder.with_single_cert(identity.sent_chain(), identity.private_key()).unwrap())
    }

    async fn strict(&self, answer: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> TlsServer {
        let options = Options { clients_of: Some(&self.clients), ..Options::default() };
        TlsServer::start_with(config(&self.authority.good(), options), move |_| answer()).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_certificate_is_not_shown_where_a_redirect_leads() {
    let certified = Certified::new();
    for is_strict in [true, false] {
        let second = match is_strict {
            true => certified.strict(|| answer("200 OK", &[], b"arrived")).await,
            false => TlsServer::start_with(certified.curious(), |_| answer("200 OK", &[], b"arrived")).await,
        };
        let away = second.https("/end");
        let first = certified.strict(move || answer("307 Moved", &[("Location", &away)], b"")).await;
        let (code, json) = certified.place.get(&first.https("/start"), &certified.words(&[])).await;
        assert_eq!(first.seen()[0].client_certificates.first(), Some(&certified.client.own_der()), "{json}");
        let seen = second.seen_at_least(1).await;
        assert!(seen.iter().all(|seen| seen.client_certificates.is_empty()), "{json}");
        match is_strict {
            true => assert_eq!((code, layer_and_kind(&json)), (3, ("tls", "client_certificate")), "{json}"),
            false => assert_eq!((code, &json["response"]["body"]), (0, &"arrived".into()), "{json}"),
        }
    }
}

/// A proxy over TLS that writes down which certificates it was shown.
async fn curious_proxy(config: Arc<ServerConfig>, behind: &HttpProxy) -> (Loopback, Seen<usize>) {
    let (seen, behind) = (Seen::new(), behind.address());
    let (acceptor, all) = (TlsAcceptor::from(config), seen.clone());
    let serve = move |stream| {
        let (acceptor, all) = (acceptor.clone(), all.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            all.push(stream.get_ref().1.peer_certificates().unwrap_or_default().len());
            let Ok(mut plain) = TcpStream::connect(behind).await else { return };
            let _ = copy_bidirectional(&mut stream, &mut plain).await;
        }
    };
    (Loopback::start(serve).await, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_certificate_is_not_shown_to_a_proxy_that_asks() {
    let certified = Certified::new();
    let target = certified.strict(|| answer("200 OK", &[], b"secure")).await;
    let plain = Web::always(answer("200 OK", &[], b"plain")).await;
    let works = HttpProxy::start(ProxyMode::Works, None).await;
    let (proxy, shown) = curious_proxy(certified.curious(), &works).await;
    // At the same host too: certificates belong to the address, and the proxy has another.
    for host in ["localhost", "127.0.0.1"] {
        let proxy = format!("https://{host}:{}", proxy.port());
        let words = certified.words(&["--proxy", &proxy]);
        let before = target.seen().len();
        let (code, json) = certified.place.get(&target.https("/v1/posts"), &words).await;
        assert_eq!((code, &json["response"]["body"]), (0, &"secure".into()), "{host}: {json}");
        assert_eq!(target.seen()[before].client_certificates.first(), Some(&certified.client.own_der()), "{host}");
        let (code, json) = certified.place.get(&plain.http("/v1/posts"), &words).await;
        assert_eq!((code, &json["response"]["body"]), (0, &"plain".into()), "{host}: {json}");
    }
    assert_eq!(shown.all(), [0; 4], "of localhost twice, then of 127.0.0.1 twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_verified_though_the_target_is_not() {
    let place = Place::new();
    let authority = Authority::new("Test Root");
    let ca = text(&authority.file_in(place.altyaa.dir.path()));
    let target = TlsServer::start(&self_signed()).await;
    let plain = Web::always(answer("200 OK", &[], b"plain")).await;
    let bad = HttpProxy::start_tls(ProxyMode::Works, None, config(&self_signed(), Options::default())).await;
    for host in ["localhost", "127.0.0.1"] {
        let via = format!("https://{host}:{}", bad.port());
        for url in [target.https("/v1/posts"), plain.http("/v1/posts")] {
            let (code, json) = place.get(&url, &["--insecure", "--proxy", &via]).await;
            assert_eq!((code, layer_and_kind(&json)), (3, ("proxy", "untrusted")), "{host} {url}: {json}");
        }
    }
    assert!(bad.seen().is_empty() && target.seen().is_empty());
    let good = HttpProxy::start_tls(ProxyMode::Works, None, config(&authority.good(), Options::default())).await;
    let simple = HttpProxy::start(ProxyMode::Works, None).await;
    for via in [good.https(""), format!("https://localhost:{}", good.port()), simple.http("")] {
        let words = ["--insecure", "--proxy", &via, "--ca-file", &ca];
        let (code, json) = place.get(&target.https("/v1/posts"), &words).await;
        assert_eq!((code, &json["response"]["body"]), (0, &"secure".into()), "{via}: {json}");
        assert_eq!(json["attempts"][0]["connection"]["tls"]["is_unverified"], true);
    }
    let gone = TlsServer::start(&self_signed()).await;
    let away = gone.https("/end");
    let first = TlsServer::start_with(config(&self_signed(), Options::default()), move |_| {
        answer("302 Found", &[("Location", &away)], b"")
    })
    .await;
    let (code, json) = place.get(&first.https("/start"), &["--insecure"]).await;
    assert_eq!((code, layer_and_kind(&json)), (3, ("tls", "untrusted")), "{json}");
    assert!(gone.asked().is_empty());
}

/// A place with a profile of that name whose `sandbox` is at `base`, and settings of `altyaa/sandbox` made for `origin`.
fn settled(name: &str, base: &str, origin: &str, settings: &str) -> (Place, String) {
    let place = Place::new();
    let path = place.altyaa.profile_for(base);
    let profile = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, profile.replacen("name = \"altyaa\"", &format!("name = \"{name}\""), 1)).unwrap();
    std::fs::create_dir(place.altyaa.path("data")).unwrap();
    // As the program makes it: others may not enter.
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(place.altyaa.path("data"), std::fs::Permissions::from_mode(0o700)).unwrap();
    let text = format!("[environments.\"altyaa/sandbox\"]\norigin = \"{origin}\"\n{settings}");
    place.altyaa.file("data/network.toml", text);
    (place, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_hold_for_the_profile_and_the_origin_they_were_made_for() {
    let other = Web::always(answer("200 OK", &[], b"other")).await;
    let elsewhere = other.http("");
    let lonely = TlsServer::start(&self_signed()).await;
    let certified = Certified::new();
    let strict = certified.strict(|| answer("200 OK", &[], b"secure")).await;
    let setting = Web::start(|asked| match asked.target() {
        "/start" => answer("302 Found", &[("Location", "/end"), ("Set-Cookie", "sid=canary-cookie")], b""),
        _ => answer("200 OK", &[], asked.header("cookie").unwrap_or("none").as_bytes()),
    })
    .await;
    let cert = format!("[environments.\"altyaa/sandbox\".route.client_certificate]\nfile = {:?}\n", certified.words[3]);
    for (base, path, settings) in [
        (lonely.https(""), "/v1/posts", "[environments.\"altyaa/sandbox\".route]\nis_unverified = true\n"),
        (strict.https(""), "/v1/posts", cert.as_str()),
        (setting.http(""), "/start", "has_cookies = true\n"),
    ] {
        for (name, origin, holds) in [("altyaa", &base, true), ("other", &base, false), ("altyaa", &elsewhere, false)] {
            let (place, profile) = settled(name, &base, origin, settings);
            let words = ["--profile", &profile, "--env", "sandbox", "send", "--json", "--quiet", "GET", path];
            let done = place.run(&[&words[..], &["--ca-file", &certified.words[1]]].concat(), &[]).await;
            let json = done.json();
            let is_held = match base.starts_with("https") {
                true => done.code == 0,
                false => setting.seen().last().unwrap().header("cookie").is_some(),
            };
            assert_eq!(is_held, holds, "{name} made for {origin} at {base}: {done:?}");
            if base.starts_with("https") && !holds {
                assert_eq!(json["transport_error"]["layer"], "tls", "{json}");
            }
        }
    }
    let shown: Vec<bool> =
        strict.seen_at_least(3).await.iter().map(|seen| !seen.client_certificates.is_empty()).collect();
    assert_eq!(shown, [true, false, false]);
}

/// Asks `/slow` and answers it once a second connection is there, whose handshake waits for `gate`.
struct Crossing {
    loopback: Loopback,
    connections: Seen<()>,
    asked: Seen<Asked>,
    /// How many certificates each connection was shown.
    shown: Seen<usize>,
    gate: Seen<()>,
}

impl Crossing {
    async fn start(config: Arc<ServerConfig>) -> Self {
        let (connections, asked, shown, gate) = (Seen::new(), Seen::new(), Seen::new(), Seen::new());
        let acceptor = TlsAcceptor::from(config);
        let all = (connections.clone(), asked.clone(), shown.clone(), gate.clone());
        let serve = move |stream| {
            let (acceptor, (connections, asked, shown, gate)) = (acceptor.clone(), all.clone());
            async move {
                connections.push(());
                if connections.all().len() > 1 {
                    gate.at_least(1).await;
                }
                let Ok(stream) = acceptor.accept(stream).await else { return };
                shown.push(stream.get_ref().1.peer_certificates().unwrap_or_default().len());
                let mut stream = BufStream::new(stream);
                while let Some(one) = read_asked(&mut stream).await {
                    asked.push(one.clone());
                    if one.target() == "/slow" {
                        connections.at_least(2).await;
                    }
                    let _ = stream.write_all(&answer("200 OK", &[], b"secure")).await;
                    let _ = stream.flush().await;
                }
            }
        };
        Self { loopback: Loopback::start(serve).await, connections, asked, shown, gate }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_nobody_waits_for_any_longer_bears_the_client_certificate_too() {
    let certified = Certified::new();
    let server = Crossing::start(certified.curious()).await;
    let mut options = SendOptions::default();
    options.route.ca_files = vec![certified.words[1].clone().into()];
    options.route.client_certificate = Some(ClientCertificate { file: certified.words[3].clone().into(), key: None });
    let transport = transport(&certified.place.altyaa.dir);
    let second = async {
        server.asked.at_least(1).await;
        send(&transport, &server.loopback.https("/second"), &options).await
    };
    let slow = server.loopback.https("/slow");
    let (first, second) = tokio::join!(send(&transport, &slow, &options), second);
    for exchange in [&first, &second] {
        assert_eq!(exchange.response.as_ref().map(|response| response.status), Some(200), "{exchange:?}");
    }
    // It took the first one's connection; its own is opened all the same, for whoever comes next.
    assert!(second.attempts[0].connection.as_ref().unwrap().is_kept);
    server.gate.push(());
    assert_eq!((server.shown.at_least(2).await, server.connections.all().len()), (vec![1, 1], 2));
}
