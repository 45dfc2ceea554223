//! The proxies, with reqwest as their client and with plain sockets.

use reqwest::Proxy;
use tokio::io::AsyncWriteExt as _;

use super::{Got, client, connect, is_quiet, rest, take};
use crate::faults::certificates::Authority;
use crate::faults::proxy::{HttpProxy, ProxyMode};
use crate::faults::socks::{Socks5, SocksMode};
use crate::faults::tls::{self, TlsServer};
use crate::faults::web::{Web, answer};
use crate::faults::{Server, within};

async fn origin() -> Web {
    Web::always(answer("200 OK", &[("X-Origin", "yes")], b"origin")).await
}

fn through(proxy: String) -> reqwest::ClientBuilder {
    client().proxy(Proxy::all(proxy).unwrap())
}

/// Sends a head and reads to the end.
async fn say(server: &impl Server, head: &str) -> Got {
    let mut stream = connect(server).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    rest(&mut stream).await
}

const CONNECT: &str = "CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n";
const LOGIN: ProxyMode = ProxyMode::WantsPassword { user: "ann", password: "p:w" };
const REFUSAL: &str = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\n\
                       Content-Length: 11\r\n\r\nwho are you";
/// `ann:p:w`.
const BASIC: &str = "Basic YW5uOnA6dw==";

#[tokio::test]
async fn a_working_proxy_forwards_and_opens_tunnels() {
    let (authority, web) = (Authority::new("Proxied"), origin().await);
    let secure = TlsServer::start(&authority.good()).await;
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let proxy = HttpProxy::start(ProxyMode::Works, Some(web.address())).await;
    let got = through(proxy.http("")).build().unwrap().post("http://api.test/v1?a=b").body("sent").send();
    let got = got.await.unwrap();
    assert_eq!(got.headers()["x-origin"], "yes");
    assert_eq!(got.headers()["via"], "1.1 test-proxy");
    assert_eq!(got.text().await.unwrap(), "origin");
    assert_eq!(proxy.seen()[0].line, "POST http://api.test/v1?a=b HTTP/1.1");
    assert!(proxy.seen()[0].head.contains("\r\nhost: api.test\r\n"));
    assert_eq!((web.seen()[0].line(), &web.seen()[0].body[..]), ("POST /v1?a=b HTTP/1.1", &b"sent"[..]));
    assert_eq!(web.seen()[0].header("host"), Some("api.test"));

    let proxy = HttpProxy::start(ProxyMode::Works, Some(secure.address())).await;
    let client = through(proxy.http("")).tls_certs_only([root]).build().unwrap();
    assert_eq!(client.get("https://api.test/v1").send().await.unwrap().text().await.unwrap(), "secure");
    assert_eq!((proxy.seen().len(), &proxy.seen()[0].line[..]), (1, "CONNECT api.test:443 HTTP/1.1"));
    assert_eq!(secure.seen()[0].server_name.as_deref(), Some("api.test"));

    let proxy = HttpProxy::start(ProxyMode::Works, None).await;
    let url = web.http("/as-asked");
    assert!(say(&proxy, &format!("GET {url} HTTP/1.1\r\n\r\n")).await.text().ends_with("origin"));
    let refused = crate::faults::tcp::Refused::start();
    let got = say(&proxy, &format!("CONNECT {} HTTP/1.1\r\n\r\n", refused.address())).await;
    assert!(got.text().starts_with("HTTP/1.1 502 "));
}

#[tokio::test]
async fn a_proxy_may_be_reached_over_tls() {
    let (authority, web) = (Authority::new("Proxies"), origin().await);
    let config = tls::config(&authority.good(), tls::Options::default());
    let proxy = HttpProxy::start_tls(LOGIN, Some(web.address()), config).await;
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let way = Proxy::all(proxy.https("")).unwrap().basic_auth("ann", "p:w");
    let client = client().proxy(way).tls_certs_only([root]).build().unwrap();
    assert_eq!(client.get("http://api.test/").send().await.unwrap().text().await.unwrap(), "origin");
    assert_eq!(proxy.seen()[0].authorization.as_deref(), Some(BASIC));
    assert_eq!(web.seen()[0].header("proxy-authorization"), None, "it is not for the origin");
}

#[tokio::test]
async fn a_proxy_wants_its_password() {
    let web = origin().await;
    let proxy = HttpProxy::start(LOGIN, Some(web.address())).await;
    let mut stream = connect(&proxy).await;
    // The connection is kept for a second try.
    stream.write_all(CONNECT.as_bytes()).await.unwrap();
    let refusal = String::from_utf8(take(&mut stream, REFUSAL.len()).await).unwrap();
    assert_eq!(refusal, REFUSAL);
    let again = CONNECT.replace("\r\n\r\n", &format!("\r\nProxy-Authorization: {BASIC}\r\n\r\n"));
    stream.write_all(again.as_bytes()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await.unwrap();
    let got = rest(&mut stream).await;
    assert!(got.text().starts_with("HTTP/1.1 200 Connection established\r\n\r\n") && got.text().ends_with("origin"));
    let seen: Vec<_> = proxy.seen().into_iter().map(|one| one.authorization).collect();
    assert_eq!(seen, [None, Some(BASIC.to_owned())]);

    let proxy = HttpProxy::start(ProxyMode::Challenges("Negotiate"), None).await;
    let got = within(through(proxy.http("")).build().unwrap().get("http://api.test/").send()).await.unwrap();
    assert_eq!(got.status(), 407);
    assert_eq!(got.headers()["proxy-authenticate"], "Negotiate");
}

#[tokio::test]
async fn a_proxy_fails_in_its_way() {
    for (status, body) in [("403 Forbidden", "not that one"), ("502 Bad Gateway", "<h1>no way</h1>")] {
        let proxy = HttpProxy::start(ProxyMode::RefusesConnect { status, body }, None).await;
        let got = say(&proxy, CONNECT).await;
        assert!(got.text().starts_with(&format!("HTTP/1.1 {status}\r\n")) && got.text().ends_with(body));
        let error = through(proxy.http("")).build().unwrap().get("https://api.test/").send().await.unwrap_err();
        assert!(error.is_connect());
    }
    let proxy = HttpProxy::start(ProxyMode::ClosesTunnel, None).await;
    let got = say(&proxy, CONNECT).await;
    assert_eq!((got.text(), got.error), ("HTTP/1.1 200 Connection established\r\n\r\n", None));
    let got = say(&HttpProxy::start(ProxyMode::Closes, None).await, CONNECT).await;
    assert_eq!((&got.bytes[..], got.error), (&b""[..], None));
    let got = say(&HttpProxy::start(ProxyMode::Garbage, None).await, CONNECT).await;
    assert!(got.bytes.starts_with(b"\x05\xff\0garbage"));
    let proxy = HttpProxy::start(ProxyMode::Silent, None).await;
    let mut stream = connect(&proxy).await;
    stream.write_all(CONNECT.as_bytes()).await.unwrap();
    is_quiet(&mut stream).await;
    assert_eq!(proxy.seen()[0].line, "CONNECT api.test:443 HTTP/1.1");
}

#[tokio::test]
async fn a_socks_proxy_works_with_and_without_a_password() {
    let web = origin().await;
    let login = SocksMode::WantsPassword { user: "ann", password: "pw" };
    for (mode, user) in [(SocksMode::Works, ""), (login, "ann:pw@")] {
        let proxy = Socks5::start(mode, Some(web.address())).await;
        let url = format!("socks5h://{user}{}", proxy.address());
        let got = through(url).build().unwrap().get("http://api.test/v1").send().await.unwrap();
        assert_eq!(got.text().await.unwrap(), "origin");
        let saw = &proxy.seen()[0];
        assert_eq!((&saw.target[..], saw.is_by_name), ("api.test:80", true));
        assert_eq!(saw.login, (!user.is_empty()).then(|| ("ann".into(), "pw".into())));
    }
    // By address, and to where it was asked for.
    let proxy = Socks5::start(SocksMode::Works, None).await;
    let url = format!("socks5://{}", proxy.address());
    assert!(through(url).build().unwrap().get(web.http("/")).send().await.unwrap().status().is_success());
    assert_eq!((proxy.seen()[0].is_by_name, &proxy.seen()[0].target), (false, &web.address().to_string()));
}

/// Greets with these methods and says the rest at once; everything that came back.
async fn socks(mode: SocksMode, rest_of_talk: &[u8]) -> Vec<u8> {
    let proxy = Socks5::start(mode, None).await;
    let mut stream = connect(&proxy).await;
    stream.write_all(&[&[5, 2, 0, 2], rest_of_talk].concat()).await.unwrap();
    let got = rest(&mut stream).await;
    assert_eq!(got.error, None);
    assert_eq!(proxy.seen_at_least(1).await[0].methods, [0, 2]);
    got.bytes
}

/// To `api.test:443` by name.
const TO_API: &[u8] = b"\x05\x01\0\x03\x08api.test\x01\xbb";

#[tokio::test]
async fn a_socks_proxy_fails_in_its_way() {
    assert_eq!(socks(SocksMode::NoMethod, b"").await, [5, 0xff]);
    let login = SocksMode::WantsPassword { user: "ann", password: "pw" };
    assert_eq!(socks(login, b"\x01\x03ann\x02no").await, [5, 2, 1, 1]);
    for code in 1..=8 {
        assert_eq!(socks(SocksMode::Fails(code), TO_API).await, [5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    assert!(socks(SocksMode::Nonsense, b"").await.starts_with(b"HTTP/1.1 400 "));
    assert_eq!(socks(SocksMode::Closes, b"").await, b"");
    assert_eq!(socks(SocksMode::ClosesLate, TO_API).await, [5, 0]);
    let proxy = Socks5::start(SocksMode::Silent, None).await;
    let mut stream = connect(&proxy).await;
    stream.write_all(&[5, 1, 0]).await.unwrap();
    is_quiet(&mut stream).await;
}
