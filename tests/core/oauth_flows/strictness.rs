//! A server gets what the flow is made of and nothing that belongs elsewhere: no redirects, cookies, lax trust.

use altyaa_console::credentials::oauth::code;
use altyaa_console::credentials::oauth::{self, TokenHint, discover};
use altyaa_console::transport::CookieJar;

use super::*;
use crate::faults::Server as _;
use crate::faults::certificates::self_signed;
use crate::faults::tls::TlsServer;

#[tokio::test]
async fn a_token_address_that_redirects_gets_no_secret_sent_on() {
    for status in [301, 302, 303, 307, 308] {
        let thief = Server::saying(json(200, TOKENS)).await;
        let location = format!("location: {}/token\r\n", thief.base());
        let server = Server::saying(answer(status, "text/plain", &location, "over there")).await;
        let desk = Desk::new();
        let secret = Secret::new("rt-canary-5530".into());
        let talk = &desk.talk();
        let error = oauth::refresh(talk, &server.provider(), &confidential(), &secret, &[]).await.unwrap_err();
        assert_eq!(error.kind(), "not_oauth", "{status}");
        assert!(error.summary().contains(&format!("{status}, a redirect")), "{error}");
        assert_eq!(error.exchange.as_ref().unwrap().response.as_ref().unwrap().status, status);
        let error = oauth::revoke(talk, &server.provider(), &confidential(), &secret, TokenHint::Refresh).await;
        assert_eq!(error.unwrap_err().kind(), "not_oauth");
        assert!(thief.seen().is_empty(), "{status}: {:?}", thief.seen());
        assert_eq!(server.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_code_is_not_sent_on_either() {
    let thief = Server::saying(json(200, TOKENS)).await;
    let location = format!("location: {}/token\r\n", thief.base());
    let server = Server::saying(answer(307, "text/plain", &location, "")).await;
    let desk = Desk::new();
    let pending = code::begin(&server.provider(), &public(), &[]).await.unwrap();
    let state = pending.url().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let back = format!("127.0.0.1:{}", pending.redirect_url().port().unwrap()).parse().unwrap();
    let target = format!("/oauth/callback?code=code-canary&state={state}");
    let talk = &desk.talk();
    let (result, _) = tokio::join!(pending.wait(talk, DEADLINE), come_back(back, &target));
    assert_eq!(result.unwrap_err().kind(), "not_oauth");
    assert!(thief.seen().is_empty());
}

#[tokio::test]
async fn trust_that_was_given_for_the_api_is_not_given_to_the_sign_in() {
    let server = TlsServer::start(&self_signed()).await;
    let desk = Desk::new();
    let issuer = format!("https://127.0.0.1:{}", server.port()).parse().unwrap();
    let talk = desk.talk();
    assert!(talk.options.route.is_unverified, "else this shows nothing");
    let error = discover(&talk, &issuer).await.unwrap_err();
    assert_eq!(error.kind(), "no_answer", "{error:?}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn cookies_are_neither_kept_nor_sent() {
    let server =
        Server::saying(answer(200, "application/json", "set-cookie: sid=cookie-canary; Path=/\r\n", TOKENS)).await;
    let desk = Desk::new();
    let jar = Arc::new(Mutex::new(CookieJar::default()));
    let mut talk = desk.talk();
    talk.options.cookies = Some(Arc::clone(&jar));
    for _ in 0..2 {
        oauth::client_credentials(&talk, &server.provider(), &confidential(), &[]).await.unwrap();
    }
    assert!(server.seen().iter().all(|seen| seen.header("cookie").is_none()));
    assert!(jar.lock().unwrap().secrets().is_empty());
    assert!(!desk.records.lock().unwrap()[0].contains("cookie-canary"));
}
