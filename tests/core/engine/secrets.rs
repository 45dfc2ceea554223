//! Secrets of the way and of the answer's margins are told nowhere.

use super::{Place, log_of};
use crate::faults::certificates::Authority;
use crate::faults::http1::{End, Step, Steps};
use crate::faults::proxy::{HttpProxy, ProxyMode};
use crate::faults::web::{Web, answer};
use crate::faults::{Server, redirect};

const COOKIE: &str = "canary-cookie-1a2b3c4d";
const PASSWORD: &str = "canary-proxy-5e6f7a8b";
/// `proxyuser:canary-proxy-5e6f7a8b`.
const BASIC: &str = "cHJveHl1c2VyOmNhbmFyeS1wcm94eS01ZTZmN2E4Yg==";
const PHRASE: &str = "canary-phrase-9c0d1e2f";

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_that_repeats_secrets_of_the_way_is_shown_without_them() {
    let place = Place::new();
    let files = Authority::new("Client Root").client("caller").files_in(place.altyaa.dir.path(), PHRASE);
    let filler = "\"a line of the answer\",\n".repeat(8_000);
    let said = format!("\"{COOKIE} {PASSWORD} {BASIC} {PHRASE}\"");
    let body = format!("[{filler}{said},\n{filler}{said}]");
    assert!(body.len() > 380_000);
    let web = Web::start(move |asked| match asked.target() {
        "/start" => {
            let cookie = format!("sid={COOKIE}");
            answer("302 Found", &[("Location", "/end"), ("Set-Cookie", &cookie)], b"")
        }
        _ => answer("200 OK", &[("Content-Type", "application/json")], body.as_bytes()),
    })
    .await;
    let proxy = HttpProxy::start(ProxyMode::Works, Some(web.address())).await;
    let via = format!("http://proxyuser:{PASSWORD}@{}", proxy.address());
    let words = [
        "--resolve",
        "x.test=127.0.0.1",
        "--cookies",
        "--client-cert",
        files.pkcs12.to_str().unwrap(),
        "--client-cert-pass-env",
        "PHRASE",
    ];
    let env = [("HTTP_PROXY", via.as_str()), ("PHRASE", PHRASE)];
    let (code, json) = place.get_with("http://x.test/start", &words, &env).await;
    assert_eq!(code, 0, "{}", json["transport_error"]);
    assert_eq!(proxy.seen()[1].authorization.as_deref(), Some(format!("Basic {BASIC}").as_str()));
    assert!(web.seen()[1].head.contains(COOKIE), "each of them was in use");
    let shown = json["response"]["body"].as_str().unwrap();
    assert!(shown.len() > 380_000, "{} bytes are shown", shown.len());
    for text in [json.to_string(), place.kept()] {
        for secret in [COOKIE, PASSWORD, BASIC, PHRASE] {
            let at = text.find(secret);
            assert!(
                at.is_none(),
                "{secret}: …{}",
                &text[text.floor_char_boundary(at.unwrap().saturating_sub(80))..][..160]
            );
        }
    }
}

/// An answer with a header and a trailer that hold keys.
async fn with_trailer() -> Steps {
    let text = "HTTP/1.1 200 OK\r\nx-client-secret: my pass phrase here\r\nTransfer-Encoding: chunked\r\n\
                Trailer: x-api-key\r\n\r\n5\r\nhello\r\n0\r\nx-api-key: letmein-no-shape\r\n\
                x-session-token: two words\r\n\r\n";
    Steps::start(vec![Step::new(text, End::Close)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn secret_headers_and_trailers_are_in_no_log_and_no_history() {
    let place = Place::new();
    let server = with_trailer().await;
    let url = server.http("/v1/posts");
    let (code, json) = place.get(&url, &[]).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"hello".into()), "{json}");
    let log = log_of(&json);
    assert!(log.contains("< trailer x-api-key: ") && log.contains("< x-client-secret: "), "{log}");
    let human = place.run(&["send", "GET", &url, "--verbose"], &[]).await;
    let kept = place.kept();
    assert!(kept.contains("x-client-secret"), "the history is looked at");
    for text in [json.to_string(), human.text().to_owned(), human.err, kept] {
        for secret in ["letmein", "pass phrase", "two words"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_a_location_is_kept_nowhere() {
    let place = Place::new();
    let second = Web::always(answer("200 OK", &[], b"arrived")).await;
    let away = second.address();
    let first = Web::start(move |asked| match asked.target() {
        "/token" => redirect::to(302, &format!("http://shorttok@{away}/end")),
        "/pair" => redirect::to(302, &format!("http://u:shorttok@{away}/end")),
        "/backslash" => redirect::to(302, &format!("/\\shorttok@{away}/end")),
        _ => redirect::to(302, &format!("//shorttok@{away}/end")),
    })
    .await;
    for path in ["/token", "/pair", "/relative", "/backslash"] {
        for words in [&[][..], &["--max-redirects", "0"]] {
            let url = first.http(path);
            let (code, json) = place.get(&url, words).await;
            assert_eq!(code, 0, "{json}");
            let shown = [&["send", "GET", &url, "--verbose"], words].concat();
            let human = place.run(&shown, &[]).await;
            for text in [json.to_string(), human.text().to_owned(), human.err] {
                assert!(!text.contains("shorttok"), "{path} {words:?}: {text}");
            }
        }
    }
    assert!(!place.kept().contains("shorttok"));
    assert!(second.seen().iter().all(|asked| asked.header("authorization").is_none()));
}
