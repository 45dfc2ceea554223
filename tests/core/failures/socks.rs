//! SOCKS5 proxies: ones that work, want a password, fail in each way they can, or are none.

use super::told::{Told, case};
use crate::faults::Server;
use crate::faults::certificates::Authority;
use crate::faults::socks::{Socks5, SocksMode as Mode};
use crate::faults::tcp::Refused;
use crate::faults::tls::TlsServer;
use crate::faults::web::{Web, answer};

fn at(proxy: &impl Server, scheme: &str) -> String {
    format!("{scheme}://{}", proxy.address())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socks_proxy_that_works_is_used_and_looks_the_name_up_where_it_is_asked_to() {
    let mut told = Told::new();
    let web = Web::always(answer("200 OK", &[], b"plain")).await;
    let authority = Authority::new("Test Root");
    let ca = authority.file_in(told.path());
    let tls = TlsServer::start(&authority.good()).await;
    let proxy = Socks5::start(Mode::Works, Some(web.address())).await;
    let local = ["--proxy", &at(&proxy, "socks5"), "--resolve", "api.test=127.0.0.1"];
    told.add(case("socks", "http://api.test/v1/posts".into()).with(&local)).await;
    told.add(case("socks_by_name", "http://api.test/v1/posts".into()).with(&["--proxy", &at(&proxy, "socks5h")])).await;
    let saw = proxy.seen();
    assert_eq!(saw.iter().map(|saw| saw.is_by_name).collect::<Vec<_>>(), [false, false, true, true]);
    let proxy = Socks5::start(Mode::Works, None).await;
    let words = ["--proxy", &at(&proxy, "socks5"), "--ca-file", ca.to_str().unwrap()];
    told.add(case("socks_tls", tls.https("/v1/posts")).with(&words)).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socks_proxy_that_wants_a_password_is_told_from_one_that_refuses_it() {
    let mut told = Told::new();
    let web = Web::always(answer("200 OK", &[], b"plain")).await;
    let mode = Mode::WantsPassword { user: "proxyuser", password: "canary-socks-password" };
    let proxy = Socks5::start(mode, Some(web.address())).await;
    told.add(case("socks_wants_password", web.http("/v1/posts")).with(&["--proxy", &at(&proxy, "socks5")])).await;
    let named = |name, user: &str| {
        let value = format!("socks5h://{user}@{}", proxy.address());
        case(name, "http://x.test/v1/posts".into()).env("ALL_PROXY", &value).with(&["--resolve", "x.test=127.0.0.1"])
    };
    let (code, json) = told.json(&named("", "proxyuser:canary-socks-password")).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"plain".into()), "{json}");
    assert!(!json.to_string().contains("canary-socks"), "{json}");
    told.add(named("socks_refuses_password", "proxyuser:wrong")).await;
    let proxy = Socks5::start(Mode::NoMethod, None).await;
    told.add(case("socks_no_method", web.http("/v1/posts")).with(&["--proxy", &at(&proxy, "socks5")])).await;
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_in_which_a_socks_proxy_fails_is_told() {
    let mut told = Told::new();
    let codes = [
        "socks_code_1_general",
        "socks_code_2_not_allowed",
        "socks_code_3_network",
        "socks_code_4_host",
        "socks_code_5_refused",
        "socks_code_6_ttl",
        "socks_code_7_command",
        "socks_code_8_address",
    ];
    let codes = codes.into_iter().zip(1..).map(|(name, code)| (name, Mode::Fails(code)));
    let others = [
        ("socks_nonsense", Mode::Nonsense),
        ("socks_closes", Mode::Closes),
        ("socks_closes_late", Mode::ClosesLate),
        ("socks_silent", Mode::Silent),
    ];
    for (name, mode) in codes.chain(others) {
        let proxy = Socks5::start(mode, None).await;
        let words = ["--proxy", &at(&proxy, "socks5h"), "--connect-timeout", "2"];
        told.add(case(name, "https://api.test/v1/posts".into()).with(&words)).await;
    }
    let gone = Refused::start();
    told.add(case("socks_refused", "http://api.test/v1/posts".into()).with(&["--proxy", &at(&gone, "socks5h")])).await;
    told.end();
}
