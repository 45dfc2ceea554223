//! `altyaa send`: what goes out, what comes back, and how it ends.

use std::net::TcpListener;

use base64::Engine as _;
use serde_json::{Value, json};

use super::program::Altyaa;
use super::recorder::Recorder;

#[test]
fn a_refused_connection_ends_with_3_and_says_where_and_why() {
    let altyaa = Altyaa::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/x");
    let done = altyaa.run(&["send", "GET", &url, "--json", "--quiet"]);
    assert_eq!((done.code, done.err.as_str()), (3, ""));
    let said = done.json();
    assert_eq!((&said["response"], &said["diagnosis"]), (&Value::Null, &Value::Null));
    let error = &said["transport_error"];
    assert_eq!((&error["layer"], &error["kind"]), (&json!("tcp"), &json!("refused")));
    for name in ["summary", "seen", "meaning", "fix"] {
        assert!(error[name].as_str().is_some_and(|text| text.len() > 10), "{error}");
    }
    assert_eq!(&said["attempts"][0]["transport_error"], error);
    let done = altyaa.run(&["send", "GET", &url, "--quiet"]);
    assert_eq!(done.code, 3);
    assert!(done.text().contains(error["meaning"].as_str().unwrap()), "{}", done.text());
}

#[test]
fn an_answer_that_breaks_off_is_kept_and_ends_with_3() {
    let altyaa = Altyaa::new();
    let server = Recorder::raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf".to_vec());
    let done = altyaa.run(&["send", "GET", &server.url, "--json", "--quiet"]);
    assert_eq!(done.code, 3);
    let said = done.json();
    assert_eq!((&said["response"]["body"], &said["response"]["truncated"]), (&json!("half"), &json!(true)));
    assert_eq!(said["transport_error"]["layer"], "body");

    let server = Recorder::raw(b"not http at all\r\n\r\n".to_vec());
    let done = altyaa.run(&["send", "GET", &server.url, "--json", "--quiet"]);
    assert_eq!((done.code, &done.json()["response"]), (3, &Value::Null));
}

#[test]
fn a_server_that_is_silent_is_a_timeout() {
    let altyaa = Altyaa::new();
    let server = Recorder::raw(Vec::new());
    let done = altyaa.run(&["send", "GET", &server.url, "--json", "--quiet", "--timeout", "1"]);
    assert_eq!((done.code, &done.json()["transport_error"]["kind"]), (3, &json!("timeout")), "{done:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_request_says_so() {
    let altyaa = Altyaa::new();
    let server = Recorder::raw(Vec::new());
    let child = altyaa.command(&["send", "POST", &server.url, "--data", "x", "--json", "--quiet"]).spawn().unwrap();
    // The program listens for the signal from before it sends.
    server.received();
    super::program::interrupt(&child);
    let done = super::program::finished(child, b"");
    assert_eq!((done.code, &done.json()["transport_error"]["kind"]), (3, &json!("cancelled")), "{done:?}");
}

#[test]
fn an_error_under_any_status_ends_with_1() {
    let altyaa = Altyaa::new();
    let envelope = br#"{"error":{"code":"invalid_request","message":"m","details":{"field":"a","reason":"r"}}}"#;
    for (status, body, code) in
        [(200, &envelope[..], 1), (200, b"{\"id\":1}", 0), (204, b"", 0), (302, b"", 0), (404, b"", 1), (500, b"x", 1)]
    {
        let server = Recorder::answering(status, &[("Content-Type", "application/json")], body);
        let profile = altyaa.profile_for(&server.url);
        let done = altyaa.run(&["--profile", &profile, "--env", "sandbox", "send", "GET", "/", "--json", "--quiet"]);
        assert_eq!((done.code, &done.json()["response"]["status"]), (code, &json!(status)), "{done:?}");
    }
}

#[test]
fn a_foreign_address_is_named_and_gets_nothing_of_the_profile() {
    let altyaa = Altyaa::new();
    let server = Recorder::answering(200, &[], b"{}");
    let url = format!("{}/v1/posts", server.url);
    for words in
        [vec!["send", "POST", &url, "--data", "{}"], vec!["send", "POST", &url, "--data", "{}", "--workspace", "ws_1"]]
    {
        let done = altyaa.run(&words);
        assert_eq!(done.code, 0);
        assert!(done.err.contains("belongs to no environment") && done.err.contains("generic"), "{}", done.err);
        let (head, body) = server.received();
        assert!(head.starts_with("post /v1/posts http/1.1"), "{head}");
        for name in ["x-altyaa-workspace", "authorization", "ws_", "bearer"] {
            assert!(!head.contains(name), "{name} is in {head}");
        }
        assert_eq!(body, b"{}");
    }
    let done = altyaa.run(&["send", "GET", &url, "--quiet"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    server.received();
    // A key of the embedded sandbox is bound to the sandbox.
    let done = altyaa.run(&["send", "GET", &url, "--credential", "editor key"]);
    done.refused(2, &["does not go to", &server.url]);
    assert!(server.is_untouched());
    let other = Recorder::answering(200, &[], b"{}");
    let profile = altyaa.profile_for(&other.url);
    let own = ["--profile", &profile, "--env", "sandbox", "send", "GET", "/v1/posts?a=1", "--workspace", "ws_1"];
    let done = altyaa.run(&own);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let (head, _) = other.received();
    assert!(head.starts_with("get /v1/posts?a=1 ") && head.contains("x-altyaa-workspace: ws_1"), "{head}");
    // A whole address is of the environment that it belongs to; the default one's key is not offered to it.
    let whole = format!("{}/v1/posts", other.url);
    let done = altyaa.run(&["--profile", &profile, "send", "GET", &whole, "--workspace", "ws_1"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let (head, _) = other.received();
    assert!(head.contains("x-altyaa-workspace: ws_1") && !head.contains("authorization"), "{head}");
}

#[test]
fn a_redirect_elsewhere_is_followed_without_what_belongs_here() {
    let altyaa = Altyaa::new();
    let other = Recorder::answering(200, &[], b"{}");
    let server = Recorder::answering(302, &[("Location", &other.url)], b"");
    let words = ["send", "GET", &server.url, "-H", "Authorization: Bearer canary-1a2b3c4d", "--json", "--quiet"];
    let said = altyaa.run(&words).json();
    assert_eq!((&said["response"]["status"], &said["redirects"][0]["status"]), (&json!(200), &json!(302)));
    assert_eq!(said["redirects"][0]["dropped"], json!(["authorization"]));
    let (head, _) = other.received();
    assert!(!head.contains("canary") && !head.contains("authorization"), "{head}");
}

#[test]
fn a_redirect_is_shown_itself_where_none_is_followed() {
    let altyaa = Altyaa::new();
    let other = Recorder::answering(200, &[], b"{}");
    let server = Recorder::answering(302, &[("Location", &other.url)], b"");
    let said = altyaa.run(&["send", "GET", &server.url, "--max-redirects", "0", "--json", "--quiet"]).json();
    assert_eq!((&said["response"]["status"], &said["redirects"]), (&json!(302), &json!([])));
    assert!(other.is_untouched());
}

#[test]
fn payloads_go_out_byte_for_byte() {
    let altyaa = Altyaa::new();
    let server = Recorder::answering(200, &[], b"{}");
    let bytes: Vec<u8> = (0..=255).collect();
    let file = altyaa.file("payload.bin", &bytes);
    let (at_file, at_marked) =
        (format!("@{file}"), format!("@{}", altyaa.file("marked.json", b"\xef\xbb\xbf{\"a\": 1}\r\n")));
    let at_empty = format!("@{}", altyaa.file("empty", b""));
    let cases: &[(&str, &str, &[u8])] = &[
        ("--data", "{\"a\":  1.50e+1, \"a\": 2}", b"{\"a\":  1.50e+1, \"a\": 2}"),
        ("--data", "", b""),
        ("--data", &at_file, &bytes),
        ("--data", &at_marked, b"\xef\xbb\xbf{\"a\": 1}\r\n"),
        ("--data", &at_empty, b""),
        ("--data", "@-", b"from\0standard input\xff"),
        ("--data-raw", &at_file, at_file.as_bytes()),
        ("--data-raw", "@-", b"@-"),
    ];
    for (flag, value, wanted) in cases {
        let done = altyaa
            .run_with(&["send", "PUT", &server.url, flag, value, "--json", "--quiet"], b"from\0standard input\xff");
        assert_eq!(done.code, 0, "{done:?}");
        let (head, body) = server.received();
        assert_eq!(body, *wanted, "{flag} {value}");
        assert!(wanted.is_empty() || head.contains(&format!("content-length: {}", wanted.len())), "{head}");
        let request = &done.json()["request"];
        assert_eq!(request["body_bytes"], wanted.len());
        let printed = request["body"].as_str().unwrap();
        match std::str::from_utf8(wanted) {
            Ok(text) => assert_eq!((printed, &request["body_encoding"]), (text, &json!("utf-8"))),
            Err(_) => {
                let decoded = base64::engine::general_purpose::STANDARD.decode(printed).unwrap();
                assert_eq!((&decoded[..], &request["body_encoding"]), (*wanted, &json!("base64")));
            }
        }
    }
}

#[test]
fn headers_go_out_as_typed_and_those_of_one_name_in_order() {
    let altyaa = Altyaa::new();
    let server = Recorder::answering(200, &[], b"{}");
    let words =
        ["send", "get", &server.url, "-H", "X-One: a: b", "--header", "x-two:  é ", "-H", "X-One: c", "--quiet"];
    assert_eq!(altyaa.run(&words).code, 0);
    let (head, _) = server.received();
    let own: Vec<&str> = head.lines().filter(|line| line.starts_with("x-one")).collect();
    assert_eq!(own, ["x-one: a: b", "x-one: c"], "{head}");
    assert!(head.contains("\r\nx-two: é\r\n"), "{head}");
    assert!(!head.contains("content-type"), "{head}");
}

#[test]
fn output_holds_the_bytes_as_received() {
    let altyaa = Altyaa::new();
    let bytes: Vec<u8> = (0..=255).rev().cycle().take(70_000).collect();
    let server = Recorder::answering(418, &[], &bytes);
    let out = altyaa.path("answer.bin");
    let done = altyaa.run(&["send", "GET", &server.url, "--output", &out, "--json", "--quiet"]);
    assert_eq!((done.code, std::fs::read(&out).unwrap() == bytes), (1, true));
    let response = &done.json()["response"];
    assert_eq!((&response["body_encoding"], &response["body_bytes"]), (&json!("base64"), &json!(bytes.len())));
    let printed = base64::engine::general_purpose::STANDARD.decode(response["body"].as_str().unwrap()).unwrap();
    assert!(printed == bytes && response["truncated"] == false);

    let done = altyaa.run(&["send", "GET", &server.url, "--output", "-", "--json", "--quiet"]);
    assert_eq!((done.code, done.out == bytes), (1, true));
    let beside: Value = serde_json::from_str(&done.err).unwrap();
    assert_eq!(beside["response"]["status"], 418);
    assert!(done.err.ends_with("}\n"));

    // Nothing is sent for an answer that could not be kept, and nothing is lost where none came.
    server.received();
    server.received();
    altyaa
        .run(&["send", "GET", &server.url, "--output", &altyaa.path("no/x")])
        .refused(4, &["nothing was sent", "no/x"]);
    assert!(server.is_untouched());
    altyaa.run(&["send", "GET", "http://127.0.0.1:9/", "--output", &out, "--quiet"]);
    assert!(std::fs::read(&out).unwrap() == bytes);
}

#[test]
fn a_body_is_printed_up_to_a_mebibyte() {
    let altyaa = Altyaa::new();
    for (size, is_cut) in [(300_000, false), (1 << 20, false), ((1 << 20) + 1, true), (10 << 20, true)] {
        let body = format!("[{}]", "\"é\",".repeat(size / 5));
        let body = &body.as_bytes()[..size - usize::from(!body.is_char_boundary(size))];
        let body = [body, &b"x"[..size - body.len()]].concat();
        let server = Recorder::answering(200, &[("Content-Type", "application/json")], &body);
        let response = altyaa.run(&["send", "GET", &server.url, "--json", "--quiet"]).json()["response"].clone();
        assert_eq!((&response["truncated"], &response["body_encoding"]), (&json!(is_cut), &json!("utf-8")), "{size}");
        let printed = response["body"].as_str().unwrap();
        assert!(body.starts_with(printed.as_bytes()), "{size}");
        assert!(printed.len() <= 1 << 20 && printed.len() + 4 > size.min(1 << 20), "{size}: {}", printed.len());
        assert_eq!(response["body_bytes"], size);
    }
}

#[test]
fn the_answer_cannot_steer_the_terminal() {
    let altyaa = Altyaa::new();
    let body = "{\"error\":{\"code\":\"a\\u001b[31m\",\"message\":\"m\\u202e\\u0007\",\"details\":{\"field\":\"f\u{9b}\",\"reason\":\"r\\r\"}}}\u{1b}]0;x\u{7}";
    let server = Recorder::answering(400, &[("X-Request-Id", "a\tb"), ("X-Evil", "\u{9b}31m")], body.as_bytes());
    for words in [vec!["send", "GET", &server.url], vec!["send", "GET", &server.url, "--json"]] {
        let done = altyaa.run(&words);
        assert_eq!(done.code, 1);
        let said = format!("{}{}", done.text(), done.err);
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}', '\r']), "{said:?}");
    }
}
