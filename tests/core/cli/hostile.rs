//! Input that wants to break the program.

use serde_json::{Value, json};

use super::program::{Altyaa, finished};
use super::recorder::Recorder;

fn deep() -> String {
    format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))
}

#[test]
fn a_hundred_thousand_levels_are_read_both_ways() {
    let altyaa = Altyaa::new();
    let file = altyaa.file("deep.json", deep());
    let objects = altyaa.file("objects.json", format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    let server = Recorder::answering(400, &[("Content-Type", "application/json")], deep().as_bytes());
    for payload in [&file, &objects] {
        for more in [&["--json"][..], &[]] {
            let words = ["send", "POST", &server.url, "--data", &format!("@{payload}"), "--quiet"];
            let done = altyaa.run(&[&words, more].concat());
            assert_eq!((done.code, done.err.as_str()), (1, ""));
        }
        let done = altyaa.run(&["diagnose", &file, "--status", "400", "--request", payload, "--json"]);
        assert_eq!((done.code, &done.json()["format"]), (0, &json!("unknown")));
        assert_eq!(altyaa.run(&["diagnose", payload, "--status", "400"]).code, 0);
    }
    // Not all of it: the system takes no longer argument. A stream does.
    let place = altyaa.run(&["span", &"[0]".repeat(40_000), &file, "--json"]).json();
    assert_eq!((&place["start"], &place["end"]), (&json!(40_000), &json!(160_000)));
    let case = json!({"payload": deep(), "path": "[0]".repeat(99_999)});
    let place = altyaa.run_with(&["span", "--jsonl"], case.to_string().as_bytes()).json();
    assert_eq!((&place["start"], &place["end"]), (&json!(99_999), &json!(100_001)));
    let report = altyaa.path("r.md");
    assert_eq!(altyaa.run(&["report", "--out", &report]).code, 0);
    let case = json!({"status": 400, "headers": [], "body": deep(), "request": deep()});
    assert_eq!(altyaa.run_with(&["diagnose", "--jsonl"], case.to_string().as_bytes()).json()["status"], 400);
}

#[test]
fn ten_megabytes_go_both_ways() {
    let altyaa = Altyaa::new();
    let payload = format!("{{\"items\": [{}0], \"publishAt\": 1}}", "{\"a\": [1, \"xyz\"]}, ".repeat(560_000));
    assert!(payload.len() > 10 << 20);
    let file = altyaa.file("big.json", &payload);
    let envelope =
        json!({"error": {"code": "invalid_request", "message": "m", "details": {"field": "publishAt", "reason": "r"}}});
    let server = Recorder::answering(400, &[], envelope.to_string().as_bytes());
    let done = altyaa.run(&["send", "POST", &server.url, "--data", &format!("@{file}"), "--json", "--quiet"]);
    assert_eq!(done.code, 1);
    let (_, sent) = server.received();
    assert!(sent == payload.as_bytes());
    let said = done.json();
    assert_eq!((&said["request"]["truncated"], &said["request"]["body_bytes"]), (&json!(true), &json!(payload.len())));
    // A place behind the cut is none in the text that is printed.
    assert_eq!(said["diagnosis"]["fields"][0]["span"], Value::Null);
    let answer = altyaa.file("answer.json", envelope.to_string());
    let said = altyaa.run(&["diagnose", &answer, "--status", "400", "--request", &file, "--json"]).json();
    assert_eq!(said["fields"][0]["span"]["start"], payload.len() - 2);

    let server = Recorder::answering(500, &[], payload.as_bytes());
    let out = altyaa.path("out");
    let done = altyaa.run(&["send", "GET", &server.url, "--quiet", "--output", &out]);
    assert_eq!((done.code, std::fs::read(out).unwrap() == payload.as_bytes()), (1, true));
    assert!(done.text().contains("--output FILE"), "it says that there is more");
}

#[test]
fn marks_and_empty_files_are_read_for_what_they_are() {
    let altyaa = Altyaa::new();
    let marked = altyaa.file("marked.json", "\u{feff}{\"a\": 1}");
    let place = altyaa.run(&["span", "a", &marked, "--json"]);
    assert_eq!((place.code, &place.json()["start"]), (0, &json!(9)));
    let empty = altyaa.file("empty", "");
    for path in ["", "a", "$"] {
        let done = altyaa.run(&["span", path, &empty, "--json"]);
        assert_eq!((done.code, done.json()), (1, Value::Null), "{path}");
    }
    let utf16 = altyaa.file("utf16.json", b"\xff\xfe{\0}\0");
    assert_eq!(altyaa.run(&["span", "", &utf16, "--json"]).json(), Value::Null);
    for file in [&empty, &utf16] {
        let done = altyaa.run(&["diagnose", file, "--status", "502", "--request", file, "--json"]);
        assert_eq!((done.code, &done.json()["format"]), (0, &json!("unknown")));
        assert_eq!(altyaa.run(&["diagnose", file, "--status", "502"]).code, 0);
    }
    let server = Recorder::answering(502, &[], b"");
    for more in [&["--json"][..], &[]] {
        assert_eq!(altyaa.run(&[&["send", "GET", &server.url], more].concat()).code, 1);
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let altyaa = Altyaa::new();
    let payload = altyaa.file("p.json", format!("{{\"a\": \"{}\"}}", "x".repeat(1 << 20)));
    let big = Recorder::answering(200, &[], "x\n".repeat(1 << 19).as_bytes());
    let cases: &[(&[&str], i32)] = &[
        (&["send", "GET", &big.url, "--quiet"], 0),
        (&["send", "GET", &big.url, "--quiet", "--json"], 0),
        (&["send", "GET", &big.url, "--quiet", "--output", "-"], 0),
        (&["send", "GET", "/v1/posts/gone", "--json"], 1),
        (&["diagnose", &payload, "--status", "400"], 0),
        (&["span", "a", &payload], 0),
        (&["span", "a", &payload, "--json"], 0),
        (&["credential", "list", "--json"], 0),
        (&["--help"], 0),
    ];
    for (words, code) in cases {
        let mut child = altyaa.command(words).spawn().unwrap();
        drop(child.stdout.take());
        let done = finished(child, b"");
        assert_eq!((done.code, done.err.contains("written")), (*code, false), "{words:?}: {done:?}");
    }
    // With both ends gone there is nobody to tell, and still no panic.
    let mut child = altyaa.command(&["send", "GET", "nowhere"]).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(finished(child, b"").code, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_standard_output_ends_with_4() {
    let altyaa = Altyaa::new();
    let payload = altyaa.file("p.json", "{\"a\": 1}");
    let server = Recorder::answering(200, &[], b"no line end");
    for words in [
        vec!["send", "GET", &server.url, "--quiet"],
        vec!["send", "GET", &server.url, "--quiet", "--output", "-"],
        vec!["diagnose", &payload, "--status", "400", "--json"],
        vec!["span", "a", &payload, "--json"],
        vec!["credential", "list", "--json"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let child = altyaa.command(&words).stdout(full).spawn().unwrap();
        let done = finished(child, b"");
        assert_eq!(done.code, 4, "{words:?}: {done:?}");
        assert!(done.err.contains("could not be written"), "{words:?}: {}", done.err);
    }
}
