//! `altyaa diagnose` without a status: whatever is pasted gives the diagnosis that its parts would give.

use serde_json::{Value, json};

use super::program::{Altyaa, Done};

const ERROR: &str = r#"{"error":{"code":"invalid_request","message":"publishAt must be a future timestamp","details":{"field":"publishAt","reason":"value is in the past"}}}"#;
const PAYLOAD: &str = "{\n  \"publishAt\": 5\n}";

fn diagnosed(altyaa: &Altyaa, text: &str, more: &[&str]) -> Done {
    altyaa.run_with(&[&["diagnose", "-"], more].concat(), text.as_bytes())
}

#[test]
fn every_kind_gives_the_diagnosis_that_its_parts_give() {
    let altyaa = Altyaa::new();
    let (answer, payload) = (altyaa.file("a.json", ERROR), altyaa.file("p.json", PAYLOAD));
    let url = "https://api.example.com/v1/posts";
    let words = ["diagnose", &answer, "--status", "422", "-H", "X-Request-Id: req_1", "--method", "POST", "--url", url];
    let expected = altyaa.run(&[&words[..], &["--request", &payload, "--json"]].concat()).json();
    assert_eq!(expected["fields"][0]["span"]["line"], 2);
    let head = "HTTP/1.1 422 Unprocessable\r\nX-Request-Id: req_1\r\n\r\n";
    let header = json!([{"name": "X-Request-Id", "value": "req_1"}]);
    let har = json!({"log": {"entries": [
        {"request": {"method": "GET", "url": "https://x/"}, "response": {"status": 200}},
        {"request": {"method": "POST", "url": url, "postData": {"text": PAYLOAD}},
         "response": {"status": 422, "headers": header, "content": {"text": ERROR}}},
    ]}});
    let log = json!({"level": "error", "req": {"method": "post", "url": url, "body": PAYLOAD},
        "res": {"statusCode": 422, "headers": {"X-Request-Id": "req_1"}, "body": ERROR}});
    let windows = PAYLOAD.replace('{', "^{").replace('}', "^}").replace('"', "^\\^\"").replace('\n', "^\n\n");
    for text in [
        format!("$ curl -i {url} \\\n  -d '{PAYLOAD}'\n{head}{ERROR}"),
        format!("curl -i ^\"{url}^\" ^\n  --data-raw ^\"{windows}^\"\n{head}{ERROR}"),
        format!("iwr -Method Post -Uri '{url}' -Body '{PAYLOAD}'\n{head}{ERROR}"),
        format!("POST {url} HTTP/1.1\r\nHost: api.example.com\r\n\r\n{PAYLOAD}\r\n\r\n{head}{ERROR}"),
        har.to_string(),
        serde_json::to_string_pretty(&har).unwrap(),
        log.to_string(),
        format!("noise\n2026-11-23 ERROR {log}\nnoise\n"),
    ] {
        let done = diagnosed(&altyaa, &text, &["--json"]);
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{text}");
        assert_eq!(done.json(), expected, "{text}");
    }
}

#[test]
fn what_was_read_is_said_first() {
    let altyaa = Altyaa::new();
    let text = format!("curl https://x.example/v1 -d '{PAYLOAD}'\nHTTP/2 422\n\n{ERROR}");
    let done = diagnosed(&altyaa, &text, &[]);
    let first = "Read as a cURL command: POST https://x.example/v1\n422 invalid_request: publishAt must be";
    assert!(done.text().starts_with(first), "{}", done.text());
    assert!(done.text().contains("Field publishAt (body, line 2, column 16)"), "{}", done.text());
    let har = json!({"log": {"entries": [{"request": {"method": "GET", "url": "https://x/a"}, "response": {"status": 503}}, {"request": {}}]}});
    let done = diagnosed(&altyaa, &har.to_string(), &[]);
    assert!(done.text().starts_with("Read as a HAR file, entry 1 of 2: GET https://x/a\n503\n"), "{}", done.text());
    let done = diagnosed(&altyaa, &format!("curl x -d @body.json\nHTTP/2 422\n\n{ERROR}"), &[]);
    assert!(done.text().contains("--request FILE gives it") && done.text().contains("--data body.json"), "{done:?}");
}

#[test]
fn without_a_status_or_an_answer_it_says_what_to_add() {
    let altyaa = Altyaa::new();
    for text in [ERROR, "<html>502</html>", "plain text", "{\"cut", &format!("curl http://x\n{ERROR}")] {
        diagnosed(&altyaa, text, &["--json"]).refused(2, &["status is not known", "--status N"]);
    }
    for text in ["curl http://x", "GET /a HTTP/1.1\nHost: x\n\n", r#"{"log":{"entries":[{"request":{}}]}}"#] {
        diagnosed(&altyaa, text, &[]).refused(2, &["answer is missing", "curl -i"]);
    }
    diagnosed(&altyaa, " \n", &[]).refused(2, &["no text"]);
    diagnosed(&altyaa, "curl 'x", &[]).refused(4, &["line 1, column 6"]);
    diagnosed(&altyaa, "{\"log\":{\"entries\":[{", &[]).refused(4, &["line 1, column 21"]);
    altyaa.run(&["diagnose", &altyaa.path("none")]).refused(4, &["none"]);
}

#[test]
fn with_a_status_a_paste_is_a_body_as_before() {
    let altyaa = Altyaa::new();
    let text = format!("HTTP/1.1 422 X\n\n{ERROR}");
    let said = diagnosed(&altyaa, &text, &["--status", "500", "--json"]).json();
    assert_eq!((&said["status"], &said["format"]), (&json!(500), &json!("unknown")));
}

#[test]
fn what_is_typed_stands_over_what_is_pasted() {
    let altyaa = Altyaa::new();
    let payload = altyaa.file("p.json", "{\"a\": 1, \"publishAt\": 5}");
    let text = format!("curl http://x -d @gone.json\nHTTP/1.1 422 X\n\n{ERROR}");
    let words = ["--request", &payload, "-H", "Retry-After: 5", "--method", "PATCH", "--url", "/v1/posts/p1", "--json"];
    let said = diagnosed(&altyaa, &text, &words).json();
    assert_eq!((&said["fields"][0]["span"]["column"], &said["retry_after_s"]), (&json!(23), &json!(5.0)));
    let done = diagnosed(&altyaa, &text, &["--request", "-"]);
    done.refused(4, &["not both"]);
}

#[test]
fn an_error_that_repeats_what_was_sent_shows_no_secret() {
    let altyaa = Altyaa::new();
    let token = "canary-1a2b3c4d5e6f7a8b";
    let answer = json!({"error": {"code": "invalid_token", "message": format!("no such token {token}")}}).to_string();
    let log = json!({"req": {"method": "GET", "url": "/", "headers": {"authorization": format!("Bearer {token}")}},
        "res": {"statusCode": 401, "body": answer}});
    for text in [
        format!("curl http://x -H 'Authorization: Bearer {token}'\nHTTP/1.1 401 X\n\n{answer}"),
        format!("curl 'http://x/?api_key={token}'\nHTTP/1.1 401 X\n\n{answer}"),
        format!("GET / HTTP/1.1\nX-Api-Key: {token}\n\nHTTP/1.1 401 X\n\n{answer}"),
        log.to_string(),
    ] {
        for more in [&[][..], &["--json"]] {
            let done = diagnosed(&altyaa, &text, more);
            assert_eq!(done.code, 0, "{text}");
            assert!(!done.text().contains("canary"), "{text}: {}", done.text());
        }
    }
}

#[test]
fn hostile_pastes_are_read_to_their_end() {
    let altyaa = Altyaa::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = json!({"status": 400, "response_body": "x", "request_body": deep}).to_string();
    assert_eq!(diagnosed(&altyaa, &answer, &["--json"]).json()["status"], 400);
    let log = format!("{}{}", "{\"log\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(diagnosed(&altyaa, &log, &[]).code, 2);
    for piece in ["HTTP/1.1 400 X\n\n", "{\"status\":400}\n", "> GET / HTTP/1.1\n", "A: b\n", "{", "\0", "curl x\n"] {
        let text = format!("HTTP/1.1 400 X\n{}", piece.repeat(3_000_000 / piece.len()));
        let done = diagnosed(&altyaa, &text, &["--json"]);
        assert_eq!(done.code, 0, "{piece:?}: {}", done.err);
        assert_eq!(done.json()["status"], Value::from(400), "{piece:?}");
    }
}
