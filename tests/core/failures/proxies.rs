//! HTTP proxies: ones that work, want a password, refuse, close, talk nonsense or say nothing.

use std::net::SocketAddr;

use super::told::{Told, case};
use crate::faults::Server;
use crate::faults::certificates::Authority;
use crate::faults::proxy::{HttpProxy, ProxyMode as Mode};
use crate::faults::tcp::Refused;
use crate::faults::tls::{Options, TlsServer, config};
use crate::faults::web::{Web, answer};

/// What the proxy lets pass.
const USER: &str = "proxyuser";
const PASSWORD: &str = "canary-proxy-password";
const LOCKED: Mode = Mode::WantsPassword { user: USER, password: PASSWORD };

/// Origins behind the proxies, and the CA of the one with TLS.
struct Behind {
    web: Web,
    tls: TlsServer,
    ca: String,
    authority: Authority,
}

impl Behind {
    async fn start(told: &Told) -> Self {
        let authority = Authority::new("Test Root");
        let ca = authority.file_in(told.path()).to_str().unwrap().to_owned();
        let web = Web::always(answer("200 OK", &[], b"plain")).await;
        Self { web, tls: TlsServer::start(&authority.good()).await, ca, authority }
    }
}

fn at(proxy: &impl Server) -> String {
    proxy.http("")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_works_is_used_and_named() {
    let mut told = Told::new();
    let behind = Behind::start(&told).await;
    let proxy = HttpProxy::start(Mode::Works, None).await;
    let via = ["--proxy", &at(&proxy)];
    let json = told.add(case("proxy_http", behind.web.http("/v1/posts")).with(&via)).await;
    let facts = &json["attempts"][0]["connection"]["proxy"];
    assert_eq!((&facts["used"], &facts["why"]), (&at(&proxy).into(), &"chosen for this environment".into()));
    let json =
        told.add(case("proxy_tunnel", behind.tls.https("/v1/posts")).with(&via).with(&["--ca-file", &behind.ca])).await;
    let connection = &json["attempts"][0]["connection"];
    assert_eq!(connection["proxy"]["used"], at(&proxy));
    assert_eq!(connection["tls"]["certificates"][0]["subject"], "CN=127.0.0.1", "{connection}");
    assert_eq!(proxy.seen().iter().filter(|saw| saw.line.starts_with("CONNECT ")).count(), 2);
    // For this proxy every name leads to the server, so that it does not matter that nothing listens there.
    let everywhere = HttpProxy::start(Mode::Works, Some(behind.tls.address())).await;
    let bare = case("proxy_tunnel_to_bare_ipv6", "https://[::1]:8443/v1/posts".into());
    told.add(bare.with(&["--proxy", &at(&everywhere)])).await;

    // What is behind the tunnel is told as what it is.
    told.add(case("proxy_tunnel_untrusted", behind.tls.https("/v1/posts")).with(&via)).await;
    let gone = Refused::start();
    told.add(case("proxy_origin_refused", gone.http("/v1/posts")).with(&via)).await;
    told.add(case("proxy_tunnel_origin_refused", gone.https("/v1/posts")).with(&via)).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bypass_list_leads_past_the_proxy() {
    let mut told = Told::new();
    let behind = Behind::start(&told).await;
    let proxy = HttpProxy::start(Mode::Works, None).await;
    let words = ["--proxy", &at(&proxy), "--proxy-bypass", "api.test,127.0.0.0/8", "--verbose"];
    let json = told.add(case("proxy_bypass", behind.web.http("/v1/posts")).with(&words)).await;
    let facts = &json["attempts"][0]["connection"]["proxy"];
    assert_eq!((&facts["used"], &facts["why"]), (&().into(), &"the bypass list names 127.0.0.1".into()));
    assert!(proxy.seen().is_empty());
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_wants_a_password_is_told_from_one_that_refuses_it() {
    let mut told = Told::new();
    let behind = Behind::start(&told).await;
    let proxy = HttpProxy::start(LOCKED, Some(behind.web.address())).await;
    let via = ["--proxy", &at(&proxy)];
    told.add(case("proxy_wants_password", behind.web.http("/v1/posts")).with(&via)).await;
    told.add(case("proxy_wants_password_for_tunnel", behind.tls.https("/v1/posts")).with(&via)).await;

    // With a user and a password, as the environment has them; loopback itself never goes there.
    let named = |name, scheme: &str, user: &str, proxy: SocketAddr| {
        let variable = if scheme == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" };
        case(name, format!("{scheme}://x.test/v1/posts"))
            .env(variable, &format!("http://{user}@{proxy}"))
            .with(&["--resolve", "x.test=127.0.0.1"])
    };
    let right = format!("{USER}:{PASSWORD}");
    let (code, json) = told.json(&named("", "http", &right, proxy.address())).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"plain".into()), "{json}");
    let facts = &json["attempts"][0]["connection"]["proxy"];
    assert_eq!((&facts["used"], &facts["why"]), (&at(&proxy).into(), &"the environment variable HTTP_PROXY".into()));
    let all = json.to_string();
    assert!(!all.contains(PASSWORD) && !all.contains("Proxy-Authorization: Basic"), "{all}");
    let human = told.run(&named("", "http", &right, proxy.address()), &["--verbose"]).await;
    assert!(!format!("{human:?}").contains(PASSWORD), "{human:?}");
    told.add(named("proxy_refuses_password", "http", "proxyuser:wrong", proxy.address())).await;
    told.add(named("proxy_refuses_password_for_tunnel", "https", "proxyuser:wrong", proxy.address())).await;
    let negotiate = HttpProxy::start(Mode::Challenges("Negotiate"), None).await;
    told.add(case("proxy_wants_negotiate", behind.web.http("/v1/posts")).with(&["--proxy", &at(&negotiate)])).await;
    assert!(behind.tls.seen().is_empty(), "nothing came through");
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_in_which_a_proxy_fails_is_told() {
    let mut told = Told::new();
    let behind = Behind::start(&told).await;
    let (plain, tls) = (behind.web.http("/v1/posts"), behind.tls.https("/v1/posts"));
    let refuses = Mode::RefusesConnect { status: "403 Forbidden", body: "not from here" };
    for (name, mode, url, words) in [
        ("proxy_refuses_connect", refuses, &tls, &[][..]),
        ("proxy_closes_tunnel", Mode::ClosesTunnel, &tls, &[]),
        ("proxy_closes", Mode::Closes, &plain, &[]),
        ("proxy_closes_connect", Mode::Closes, &tls, &[]),
        ("proxy_garbage", Mode::Garbage, &plain, &[]),
        ("proxy_garbage_connect", Mode::Garbage, &tls, &[]),
        ("proxy_silent", Mode::Silent, &plain, &["--first-byte-timeout", "1"]),
        ("proxy_silent_connect", Mode::Silent, &tls, &["--connect-timeout", "1"]),
    ] {
        let proxy = HttpProxy::start(mode, None).await;
        told.add(case(name, url.clone()).with(&["--proxy", &at(&proxy)]).with(words)).await;
    }
    // In clear the proxy was given the request, and may have passed it on.
    let closes = HttpProxy::start(Mode::Closes, None).await;
    let post = |url: &String| case("", url.clone()).method("POST").with(&["--proxy", &at(&closes), "--data", "{}"]);
    for (url, verdict) in [(&plain, "may_duplicate"), (&tls, "safe_now")] {
        let (code, json) = told.json(&post(url)).await;
        assert_eq!((code, &json["advice"]["verdict"]), (3, &verdict.into()), "{json}");
    }
    let gone = Refused::start();
    told.add(case("proxy_refused", plain.clone()).with(&["--proxy", &at(&gone)])).await;
    told.add(case("proxy_refused_tunnel", tls).with(&["--proxy", &at(&gone)])).await;
    told.add(case("proxy_unknown_kind", plain.clone()).with(&["--proxy", "ftp://127.0.0.1:21"])).await;
    told.add(case("proxy_with_password_in_address", plain).with(&["--proxy", "http://user:pw@127.0.0.1:1"])).await;
    assert!(behind.tls.asked().is_empty() && behind.web.seen().is_empty());
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_over_tls_works_and_its_certificate_is_told_from_the_servers() {
    let mut told = Told::new();
    let behind = Behind::start(&told).await;
    let good = config(&behind.authority.good(), Options::default());
    let proxy = HttpProxy::start_tls(Mode::Works, None, good).await;
    let via = ["--proxy", &proxy.https(""), "--ca-file", &behind.ca];
    told.add(case("proxy_https", behind.web.http("/v1/posts")).with(&via)).await;
    told.add(case("proxy_https_tunnel", behind.tls.https("/v1/posts")).with(&via)).await;
    told.add(case("proxy_https_untrusted", behind.web.http("/v1/posts")).with(&via[..2])).await;
    told.add(case("proxy_https_untrusted_tunnel", behind.tls.https("/v1/posts")).with(&via[..2])).await;
    let expired =
        HttpProxy::start_tls(Mode::Works, None, config(&behind.authority.expired(), Options::default())).await;
    let via = ["--proxy", &expired.https(""), "--ca-file", &behind.ca];
    told.add(case("proxy_https_expired", behind.tls.https("/v1/posts")).with(&via)).await;
    told.end();
}
