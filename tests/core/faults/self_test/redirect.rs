//! The redirects.

use super::{ask_once, client};
use crate::faults::certificates::Authority;
use crate::faults::web::header;
use crate::faults::{Server as _, redirect, tls};

#[tokio::test]
async fn redirects_lead_on_and_round() {
    let server = redirect::endless(302).await;
    for n in [0, 1, 41] {
        let got = ask_once(&server, &format!("/{n}")).await;
        assert!(got.text().starts_with("HTTP/1.1 302 "));
        assert_eq!(header(got.text(), "location"), Some(&format!("/{}", n + 1)[..]));
    }
    let server = redirect::two_step_loop(307).await;
    for (from, to) in [("/", "/b"), ("/b", "/a"), ("/a", "/b")] {
        assert_eq!(header(ask_once(&server, from).await.text(), "location"), Some(to));
    }
    // A client that follows comes to no end.
    let follows = client().redirect(reqwest::redirect::Policy::limited(7)).build().unwrap();
    assert!(follows.get(server.http("/")).send().await.unwrap_err().is_redirect());
    assert_eq!(server.seen().len(), 3 + 8);
}

#[tokio::test]
async fn another_origin_sees_what_comes_along() {
    let away = redirect::to_other_origin(307).await;
    assert_ne!(away.first.port(), away.second.port());
    let follows = client().redirect(reqwest::redirect::Policy::limited(2)).build().unwrap();
    let asking = follows.post(away.first.http("/v1?a=b")).header("X-Key", "planted").body("sent");
    assert_eq!(asking.send().await.unwrap().text().await.unwrap(), "arrived");
    let seen = away.second.seen();
    assert_eq!((seen[0].line(), seen[0].header("x-key")), ("POST /v1?a=b HTTP/1.1", Some("planted")));
    assert_eq!(seen[0].body, b"sent");
}

#[tokio::test]
async fn a_downgrade_leads_from_https_to_http() {
    let authority = Authority::new("Downgrade");
    let away = redirect::downgrade(302, tls::config(&authority.good(), tls::Options::default())).await;
    let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let got = client().tls_certs_only([root]).build().unwrap().get(away.first.https("/v1")).send().await.unwrap();
    assert_eq!(got.status(), 302);
    assert_eq!(got.headers()["location"], away.second.http("/v1"));
    assert_eq!((away.first.asked().len(), away.second.seen().len()), (1, 0));
}
