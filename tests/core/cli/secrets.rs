//! Secrets planted everywhere a call can hold them: none is printed, by no command, in no form.

use serde_json::json;

use super::program::{Altyaa, Done};
use super::recorder::Recorder;

const CANARIES: &[&str] = &[
    "canary-header-1a2b3c4d",
    "canary-bearer-5e6f7a8b",
    "canary-query-9c0d1e2f",
    "canary-json-3a4b5c6d",
    "canary-cookie-7e8f9a0b",
    "canary-answer-1c2d3e4f",
    "canary-binary-5a6b7c8d",
];

#[track_caller]
fn clean(done: &Done) {
    let said = format!("{}{}", String::from_utf8_lossy(&done.out), done.err);
    for canary in CANARIES {
        assert!(!said.contains(canary), "{canary} is in {said}");
    }
    let decoded = said.split('"').filter(|part| part.len() > 16);
    for part in decoded {
        use base64::Engine as _;
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(part) {
            assert!(!bytes.windows(7).any(|part| part == b"canary-"), "{:?}", String::from_utf8_lossy(&bytes));
        }
    }
}

/// The answer repeats everything it was sent.
fn answer() -> String {
    json!({
        "error": {
            "code": "invalid_request",
            "message": "canary-json-3a4b5c6d is too short, sent with canary-header-1a2b3c4d and canary-bearer-5e6f7a8b",
            "details": {"field": "password", "reason": "got canary-json-3a4b5c6d at ?access_token=canary-query-9c0d1e2f"}
        },
        "access_token": "canary-answer-1c2d3e4f"
    })
    .to_string()
}

const PAYLOAD: &str = "{\"title\": \"A\", \"password\": \"canary-json-3a4b5c6d\"}";

fn send(altyaa: &Altyaa, server: &Recorder, more: &[&str]) -> Done {
    let url = format!("{}/v1/posts?access_token=canary-query-9c0d1e2f&page=2", server.url);
    let profile = altyaa.profile_for(&server.url);
    let words = ["--profile", &profile, "send", "POST", &url, "-H", "X-Api-Key: canary-header-1a2b3c4d"];
    let auth = ["-H", "Authorization: Bearer canary-bearer-5e6f7a8b", "--data", PAYLOAD];
    altyaa.run(&[&words[..], &auth[..], more].concat())
}

#[test]
fn send_and_report_print_none_and_output_holds_all() {
    let altyaa = Altyaa::new();
    let cookie = ("Set-Cookie", "sid=canary-cookie-7e8f9a0b; HttpOnly");
    let server = Recorder::answering(400, &[cookie, ("Content-Type", "application/json")], answer().as_bytes());
    let done = send(&altyaa, &server, &["--json"]);
    assert_eq!(done.code, 1);
    clean(&done);
    let said = done.json();
    let span = &said["diagnosis"]["fields"][0]["span"];
    let at = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
    let body = said["request"]["body"].as_str().unwrap();
    let value = &body[at("start")..at("end")];
    assert!(value.starts_with("\"‹password#") && value.ends_with("›\""), "{value}");
    assert!(said["request"]["url"].as_str().unwrap().ends_with("&page=2"), "{said}");
    clean(&send(&altyaa, &server, &[]));

    let out = altyaa.path("answer.json");
    let done = send(&altyaa, &server, &["--output", &out]);
    clean(&done);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), answer());
    let done = send(&altyaa, &server, &["--output", "-", "--json"]);
    assert_eq!(done.text(), answer());
    clean(&Done { out: Vec::new(), ..done });

    let report = altyaa.path("r.md");
    clean(&altyaa.run(&["report", "--out", &report, "--json"]));
    clean(&Done { code: 0, out: std::fs::read(&report).unwrap(), err: String::new() });

    let (head, body) = server.received();
    assert!(head.contains("canary-header-1a2b3c4d") && body == PAYLOAD.as_bytes(), "it was sent: {head}");
}

#[test]
fn bytes_that_are_no_text_and_long_bodies_are_redacted_too() {
    let altyaa = Altyaa::new();
    let mut body = b"\xff\xfe\0\0{\"password\":\"canary-binary-5a6b7c8d\"} canary-bearer-5e6f7a8b \x80".to_vec();
    let server = Recorder::answering(200, &[], &body);
    let done = send(&altyaa, &server, &["--json"]);
    clean(&done);
    assert_eq!(done.json()["response"]["body_encoding"], "base64");
    body.retain(u8::is_ascii);
    for extra in [300_000, 1 << 20] {
        let long = [&vec![b' '; extra][..], &body].concat();
        let server = Recorder::answering(200, &[], &long);
        clean(&send(&altyaa, &server, &["--json"]));
        clean(&send(&altyaa, &server, &[]));
    }
    let file = altyaa.file("payload", b"\xff{\"password\":\"canary-binary-5a6b7c8d\"}");
    let server = Recorder::answering(200, &[], b"");
    let done = altyaa.run(&["send", "POST", &server.url, "--data", &format!("@{file}"), "--json"]);
    assert_eq!(done.json()["request"]["body_encoding"], "base64");
    clean(&done);
}

#[test]
fn diagnose_prints_none_and_its_spans_stay() {
    let altyaa = Altyaa::new();
    let (answered, payload) = (altyaa.file("a.json", answer()), altyaa.file("p.json", PAYLOAD));
    let words = [
        "diagnose",
        &answered,
        "--status",
        "400",
        "--request",
        &payload,
        "-H",
        "Set-Cookie: sid=canary-cookie-7e8f9a0b",
        "-H",
        "X-Request-Id: req_canary",
        "-H",
        "X-Api-Key: canary-header-1a2b3c4d",
        "--url",
        "/v1/posts?access_token=canary-query-9c0d1e2f",
    ];
    let sees = |text: &str| {
        // The bearer token stands in nothing that this command is given but in the sentence, as any word does.
        text.replace("canary-bearer-5e6f7a8b", "")
    };
    let done = altyaa.run(&[&words[..], &["--json"]].concat());
    assert_eq!(done.code, 0);
    let said = done.json();
    clean(&Done { out: sees(done.text()).into_bytes(), ..done });
    let start = PAYLOAD.find("\"canary").unwrap();
    assert_eq!(said["fields"][0]["span"], json!({"start": start, "end": start + 22, "line": 1, "column": start + 1}));
    assert_eq!((&said["fields"][0]["path"], &said["code"]), (&json!("password"), &json!("invalid_request")));
    assert_eq!(said["request_id"]["value"], "req_canary");
    let done = altyaa.run(&words);
    clean(&Done { out: sees(done.text()).into_bytes(), ..done });

    let headers = json!({"Set-Cookie": "sid=canary-cookie-7e8f9a0b", "X-Api-Key": "canary-header-1a2b3c4d"});
    let case = json!({"status": 400, "headers": headers, "body": answer(), "request": PAYLOAD});
    let done = altyaa.run_with(&["diagnose", "--jsonl"], case.to_string().as_bytes());
    assert_eq!(done.json()["fields"], said["fields"]);
    clean(&Done { out: sees(done.text()).into_bytes(), ..done });

    // What is no envelope is shown, and redacted as well.
    let text = altyaa.file("t.txt", "failed: access_token=canary-answer-1c2d3e4f\n");
    let done = altyaa.run(&["diagnose", &text, "--status", "502"]);
    assert!(done.text().contains("access_token=‹"), "{}", done.text());
    clean(&done);
}

#[test]
fn a_token_is_removed_wherever_a_diagnosis_could_hold_it() {
    let altyaa = Altyaa::new();
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    let body = json!({"error": {"code": token, "message": format!("bad {token}"), "details": {"field": token, "reason": token}}});
    let case = json!({"status": 400, "headers": {"X-Request-Id": token}, "body": body.to_string()});
    let done = altyaa.run_with(&["diagnose", "--jsonl"], case.to_string().as_bytes());
    assert!(!done.text().contains("eyJ"), "{}", done.text());
    assert_eq!(done.json()["status"], 400);
}

#[test]
fn span_prints_no_value_that_is_secret_by_its_name() {
    let altyaa = Altyaa::new();
    let done = altyaa.run_with(&["span", "password", "-"], PAYLOAD.as_bytes());
    assert_eq!(done.code, 0);
    assert!(
        done.text().contains("bytes 27 to 49, /password") && done.text().contains("‹password#1›"),
        "{}",
        done.text()
    );
    clean(&done);
    assert!(altyaa.run_with(&["span", "title", "-"], PAYLOAD.as_bytes()).text().contains("\"A\""));
}

#[test]
fn refusals_do_not_repeat_them() {
    let altyaa = Altyaa::new();
    for words in [
        ["send", "GET", "host/x?access_token=canary-query-9c0d1e2f", "--json"],
        ["send", "GET", "http://me:canary-header-1a2b3c4d@127.0.0.1/", "--json"],
        ["send", "GET", "/x", "-HAuthorization Bearer canary-bearer-5e6f7a8b"],
        ["diagnose", "-", "--status=400", "-HX-Api-Key canary-header-1a2b3c4d"],
    ] {
        let done = altyaa.run(&words);
        done.refused(2, &[]);
        clean(&done);
    }
}
