//! Bodies that are large, and cookies within one command.

use super::told::{Told, case};
use crate::faults::web::{Asked, Web, answer};
use crate::faults::{Server, redirect};

/// Bytes that do not repeat soon.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..len).map(next).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_written_byte_for_byte() {
    let told = Told::new();
    let body = noise(20 << 20);
    let server = Web::always(answer("200 OK", &[("Content-Type", "application/octet-stream")], &body)).await;
    let out = told.altyaa.path("large.bin");
    let (code, json) = told.json(&case("", server.http("/v1/files/1")).with(&["--output", &out])).await;
    assert_eq!(code, 0, "{}", json["transport_error"]);
    assert!(std::fs::read(&out).unwrap() == body);
    let response = &json["response"];
    assert_eq!((&response["body_bytes"], &response["wire_bytes"]), (&body.len().into(), &body.len().into()));
    assert_eq!((&response["truncated"], &response["body_encoding"]), (&true.into(), &"base64".into()));
    // Beside the file that was asked for no other of that size is left: the spill file went with the program.
    let large = files_of(told.path()).into_iter().filter(|len| *len >= body.len() as u64).count();
    assert_eq!(large, 1);
}

/// The sizes of all files below a folder.
fn files_of(folder: &std::path::Path) -> Vec<u64> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let about = entry.metadata().unwrap();
        if about.is_dir() { all.extend(files_of(&entry.path())) } else { all.push(about.len()) }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_cut_where_one_says_and_marked() {
    let mut told = Told::new();
    let text = "a line of the answer\n".repeat(100);
    let server = Web::always(answer("200 OK", &[("Content-Type", "text/plain")], text.as_bytes())).await;
    let json = told.add(case("body_cut", server.http("/v1/posts")).with(&["--max-body", "42"])).await;
    let response = &json["response"];
    assert_eq!((&response["body_bytes"], &response["truncated"]), (&42.into(), &true.into()));
    assert_eq!(response["body"], &text[..42]);
    let long = "[\"0123456789\"]\n".repeat(100_000);
    let server = Web::always(answer("200 OK", &[("Content-Type", "text/plain")], long.as_bytes())).await;
    let (_, json) = told.json(&case("", server.http("/v1/posts"))).await;
    let response = &json["response"];
    assert_eq!((&response["body_bytes"], &response["truncated"]), (&long.len().into(), &true.into()));
    assert_eq!(response["body"].as_str().map(str::len), Some(1 << 20));
    told.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_go_along_within_one_command_where_they_are_wanted() {
    let told = Told::new();
    let answering = |asked: &Asked| match asked.target().starts_with("/start") {
        true => answer("302 Found", &[("Location", "/end"), ("Set-Cookie", "session=canary-cookie-1; Path=/")], b""),
        false => answer("200 OK", &[], b"arrived"),
    };
    for (words, wanted) in [(&["--cookies"][..], Some("session=canary-cookie-1")), (&[], None)] {
        let server = Web::start(answering).await;
        let (code, json) = told.json(&case("", server.http("/start")).with(words)).await;
        assert_eq!((code, &json["response"]["body"]), (0, &"arrived".into()), "{json}");
        assert_eq!(server.seen()[1].header("cookie"), wanted);
        assert!(!json.to_string().contains("canary-cookie-1"), "{json}");
        assert_eq!(json["log"].to_string().contains("cookie session kept"), wanted.is_some());
    }
    // A redirect to itself is no loop where a cookie changes the answer.
    let server = Web::start(|asked| match asked.header("cookie") {
        Some(_) => answer("200 OK", &[], b"let in"),
        None => [
            &b"HTTP/1.1 302 Found\r\nSet-Cookie: seen=1\r\n"[..],
            &redirect::to(302, "/door")[b"HTTP/1.1 302 Moved\r\n".len()..],
        ]
        .concat(),
    })
    .await;
    let (code, json) = told.json(&case("", server.http("/door")).with(&["--cookies"])).await;
    assert_eq!((code, &json["response"]["body"]), (0, &"let in".into()), "{json}");
}
