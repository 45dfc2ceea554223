//! Redirects are followed at once, within the try's time, and with nothing of the caller.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncWriteExt as _, BufReader};

use super::Place;
use crate::faults::web::{Asked, Web, answer, read_asked};
use crate::faults::{Loopback, Seen, Server, hold, redirect};

/// What the body of a redirect does.
#[derive(Clone, Copy, Debug)]
enum Passed {
    /// It is announced and never comes.
    Silent,
    /// A byte comes from time to time, for ever.
    Drips,
    /// Pieces come as fast as they are taken, for ever.
    Floods,
    /// It has 100 MB and an end.
    Large,
}

/// Redirects everything but `/end` to `/end`, after that body.
async fn passing(kind: Passed) -> Loopback {
    Loopback::start(move |stream| async move {
        let mut stream = BufReader::new(stream);
        let Some(asked) = read_asked(&mut stream).await else { return };
        if asked.target() == "/end" {
            let _ = stream.write_all(&answer("200 OK", &[], b"arrived")).await;
            return hold(&mut stream).await;
        }
        let length = if matches!(kind, Passed::Large) { 100_000_000 } else { 1_000_000_000_000u64 };
        let head = format!("HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: {length}\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).await;
        let piece = vec![b'x'; 1_000_000];
        match kind {
            Passed::Silent => {}
            Passed::Drips => {
                while stream.write_all(b"x").await.is_ok() && stream.flush().await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Passed::Floods => while stream.write_all(&piece).await.is_ok() {},
            Passed::Large => {
                for _ in 0..100 {
                    if stream.write_all(&piece).await.is_err() {
                        return;
                    }
                }
            }
        }
        hold(&mut stream).await;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_followed_whatever_its_body_does() {
    let place = Place::new();
    for kind in [Passed::Silent, Passed::Drips, Passed::Floods, Passed::Large] {
        let server = passing(kind).await;
        let (code, json) = place.get(&server.http("/start"), &[]).await;
        assert_eq!((code, &json["response"]["body"]), (0, &"arrived".into()), "{kind:?}: {json}");
        let waited = json["timing"]["total_ms"].as_f64().unwrap();
        assert!(waited < 2500.0, "{kind:?}: {waited} ms");
    }
}

/// Redirects without end, each after that time.
async fn slow(pause: Duration) -> Loopback {
    Loopback::start(move |stream| async move {
        let mut stream = BufReader::new(stream);
        while let Some(asked) = read_asked(&mut stream).await {
            let n: u64 = asked.target().trim_start_matches('/').parse().unwrap_or(0);
            tokio::time::sleep(pause).await;
            let _ = stream.write_all(&redirect::to(302, &format!("/{}", n + 1))).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_try_holds_for_all_its_redirects_together() {
    let server = slow(Duration::from_millis(700)).await;
    let began = Instant::now();
    let (code, json) = Place::new().get(&server.http("/1"), &["--timeout", "2"]).await;
    assert!(began.elapsed() < Duration::from_millis(3500), "{:?}", began.elapsed());
    assert_eq!((code, &json["transport_error"]["kind"]), (3, &"timeout".into()), "{json}");
    let hops = json["redirects"].as_array().unwrap();
    assert_eq!(hops.len(), 2, "{json}");
    for hop in hops {
        let timing = &hop["timing"];
        let (queue, first) = (timing["queue_ms"].as_f64().unwrap(), timing["first_byte_ms"].as_f64().unwrap());
        assert!(queue < 600.0, "what went before is no part of this hop's: {timing}");
        assert!((650.0..1500.0).contains(&first), "{timing}");
    }
    // That of the hop that was not answered.
    assert!(json["timing"]["queue_ms"].as_f64().unwrap() < 600.0, "{}", json["timing"]);
    let total = json["timing"]["total_ms"].as_f64().unwrap();
    assert!((1900.0..3000.0).contains(&total), "the try as a whole: {total}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_origin_gets_only_headers_that_say_nothing_of_the_caller() {
    let away = redirect::to_other_origin(307).await;
    let url = away.first.http("/v1/posts");
    let headers = [
        "Accept: text/plain",
        "Accept-Language: de",
        "Content-Type: application/json",
        "Idempotency-Key: k-1",
        "If-None-Match: \"1\"",
        "Authorization: Bearer canary",
        "Cookie: a=canary",
        "X-Other: canary",
        "X-Api-Key: canary",
        "Origin: https://canary.test",
        "Referer: https://canary.test/",
        "From: canary@canary.test",
        "Proxy-Authorization: Basic canary",
        "Signature: canary",
        "Forwarded: for=canary",
    ];
    let typed: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
    let words = [&["send", "POST", &url, "--json", "--quiet", "--data", "{}"], &typed[..]].concat();
    let done = Place::new().run(&words, &[]).await;
    assert_eq!(done.code, 0, "{done:?}");
    let names = |asked: &Asked| -> Vec<String> {
        let lines = asked.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let mut names: Vec<String> = lines.map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        names
    };
    let seen = away.second.seen();
    let travelled = [
        "accept",
        "accept-encoding",
        "accept-language",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "if-none-match",
        "user-agent",
    ];
    assert_eq!(names(&seen[0]), travelled);
    assert!(!seen[0].head.contains("canary") && seen[0].body == b"{}", "{}", seen[0].head);
    assert!(away.first.seen()[0].head.matches("canary").count() >= 9, "the first one was told all of it");
    let mut dropped: Vec<String> = serde_json::from_value(done.json()["redirects"][0]["dropped"].clone()).unwrap();
    dropped.sort();
    let left = [
        "authorization",
        "cookie",
        "forwarded",
        "from",
        "origin",
        "proxy-authorization",
        "referer",
        "signature",
        "x-api-key",
        "x-other",
    ];
    assert_eq!(dropped, left);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_home_again_does_not_bring_back_what_was_left_behind() {
    let seen: Seen<Asked> = Seen::new();
    let home: Arc<std::sync::OnceLock<String>> = Arc::default();
    let back = Arc::clone(&home);
    let second = Web::start(move |_| redirect::to(307, &format!("{}/end", back.get().unwrap()))).await;
    let (away, all) = (second.http("/mid"), seen.clone());
    let first = Web::start(move |asked| {
        all.push(asked.clone());
        if asked.target() == "/start" { redirect::to(307, &away) } else { answer("200 OK", &[], b"arrived") }
    })
    .await;
    home.set(first.http("")).unwrap();
    let words = ["-H", "Authorization: Bearer canary"];
    let (code, json) = Place::new().get(&first.http("/start"), &words).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"arrived".into()), "{json}");
    let heads = seen.all();
    // Another server chose this address.
    assert_eq!([heads[0].header("authorization"), heads[1].header("authorization")], [Some("Bearer canary"), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_that_leads_nowhere_leaves_the_answer_as_it_is() {
    let place = Place::new();
    for location in ["http://", "http://x.test:99999/", "http://[::1/", "http://a b/", "ftp://127.0.0.1/", "data:,x"] {
        let server = Web::start(move |_| redirect::to(302, location)).await;
        let (code, json) = place.get(&server.http("/start"), &[]).await;
        assert_eq!((code, &json["response"]["status"]), (0, &302.into()), "{location}: {json}");
        assert!(super::log_of(&json).contains("not followed: its Location is "), "{location}: {json}");
    }
}
