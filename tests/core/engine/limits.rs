//! What is too long, too much or of no known kind.

use super::{Place, log_of};
use crate::faults::web::{Web, answer};
use crate::faults::{Server, http1, redirect};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_header_is_cut_in_the_log_and_its_length_is_said() {
    let server = http1::long_header(300_000).await;
    let (code, json) = Place::new().get(&server.http("/v1/posts"), &[]).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"ok".into()), "{}", json["transport_error"]);
    let log = log_of(&json);
    let line = log.lines().find(|line| line.starts_with("< x-long: aaa")).unwrap();
    assert!(line.len() < 4200 && line.contains("300010 bytes"), "{} … {}", line.len(), &line[line.len() - 60..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_cap_says_so() {
    let server = Web::always(answer("200 OK", &[("Content-Type", "text/plain")], &[b'x'; 5000])).await;
    let place = Place::new();
    let url = server.http("/v1/posts");
    let (code, json) = place.get(&url, &["--max-body", "1000"]).await;
    assert_eq!((code, &json["response"]["truncated"]), (3, &true.into()), "{json}");
    assert_eq!((&json["response"]["body_bytes"], &json["transport_error"]), (&1000.into(), &().into()));
    assert!(log_of(&json).contains("cut after 1000 bytes"), "{json}");
    let done = place.run(&["send", "GET", &url, "--quiet", "--max-body", "1000"], &[]).await;
    assert!(done.code == 3 && done.text().contains("cut after 1"), "{done:?}");
    // Exactly as long as allowed is not too long.
    assert_eq!(place.get(&url, &["--max-body", "5000"]).await.0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_too_long_is_not_sent() {
    let server = Web::always(answer("200 OK", &[], b"ok")).await;
    let place = Place::new();
    let done = place.run(&["send", "GET", &server.http(&format!("/{}", "a".repeat(70_000)))], &[]).await;
    assert_eq!((done.code, done.text()), (2, ""), "{done:?}");
    assert!(done.err.contains("too long") && done.err.len() < 20_000, "{} bytes", done.err.len());
    assert!(server.seen().is_empty());
    let (code, _) = place.get(&server.http(&format!("/{}", "a".repeat(60_000))), &[]).await;
    assert_eq!((code, server.seen().len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_variable_of_no_known_kind_is_refused_by_its_name() {
    let server = Web::always(answer("200 OK", &[], b"ok")).await;
    let place = Place::new();
    let url = format!("http://x.test:{}/v1/posts", server.port());
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        for value in ["quic://user:canary-password@proxy.test:1", "http://", "::::"] {
            let words = ["--resolve", "x.test=127.0.0.1"];
            let (code, json) = place.get_with(&url, &words, &[(name, value)]).await;
            let error = &json["transport_error"];
            assert_eq!((code, &error["layer"]), (3, &"policy".into()), "{name}={value}: {json}");
            assert!(error["summary"].as_str().unwrap().contains(name), "{name}={value}: {error}");
            assert!(!json.to_string().contains("canary"), "{json}");
        }
    }
    assert!(server.seen().is_empty(), "nothing went past the proxy that was meant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_an_address_that_is_too_long_is_told_and_shown() {
    let place = Place::new();
    let second = Web::always(answer("200 OK", &[], b"arrived")).await;
    for (len, arrives) in [(60_000, true), (70_000, false), (200_000, false)] {
        let away = second.http(&format!("/{}", "a".repeat(len)));
        let first = Web::start(move |_| redirect::to(302, &away)).await;
        let (code, json) = place.get(&first.http("/start"), &[]).await;
        let log = log_of(&json);
        if arrives {
            assert_eq!((code, &json["response"]["body"]), (0, &"arrived".into()), "{}", json["transport_error"]);
            let to = json["redirects"][0]["to"].as_str().unwrap();
            assert!(to.len() < 8300 && to.ends_with('…'), "{} bytes", to.len());
            continue;
        }
        assert_eq!((code, &json["response"]["status"]), (0, &302.into()), "{}", json["transport_error"]);
        assert!(log.contains("not followed: its Location is too long or odd"), "{log}");
    }
    assert_eq!(second.seen().len(), 1);
}
