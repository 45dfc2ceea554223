//! `altyaa redact`: the gate as a command.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::program::{Altyaa, Done, finished};

/// A secret with characters that every form of text escapes in its own way.
const SECRET: &str = "c/an\"ary +1ü";

fn redact(altyaa: &Altyaa, words: &[&str], input: &[u8]) -> Done {
    let words = [&["redact", "--secret-env", "CANARY"], words].concat();
    finished(altyaa.command(&words).env("CANARY", SECRET).spawn().unwrap(), input)
}

#[test]
fn each_form_loses_its_secrets_and_nothing_else() {
    let altyaa = Altyaa::new();
    for (form, text, expected) in [
        (
            "json",
            "{\"a\": 1.50e+1, \"a\":\t2, \"password\": 5, \"n\": \"c\\/an\\\"ary +1\\u00fc\"}\r\n",
            "{\"a\": 1.50e+1, \"a\":\t2, \"password\": \"‹password#1›\", \"n\": \"‹canary#1›\"}\r\n",
        ),
        ("form", "a=1&token=x1&n=c%2Fan%22ary+%2B1%C3%BC\n", "a=1&token=‹token#1›&n=‹canary#1›\n"),
        (
            "http",
            "GET /x?sig=ab1 HTTP/1.1\r\nX-Request-Id: req_1\r\nX-Api-Key: k1\r\n\r\n",
            "GET /x?sig=‹signature#1› HTTP/1.1\r\nX-Request-Id: req_1\r\nX-Api-Key: ‹api_key#1›\r\n\r\n",
        ),
        (
            "text",
            "saw c/an\"ary +1ü; password=hunter2 max_tokens=5\n",
            "saw ‹canary#1›; password=‹password#1› max_tokens=5\n",
        ),
    ] {
        for words in [&["--as", form][..], &[]] {
            let done = redact(&altyaa, words, text.as_bytes());
            assert_eq!((done.code, done.text(), done.err.as_str()), (0, expected, ""), "{form} {words:?}");
        }
    }
}

#[test]
fn a_har_loses_headers_cookies_and_what_its_bodies_hold() {
    let altyaa = Altyaa::new();
    let body = "eyJwYXNzd29yZCI6Imh1bnRlcjIiLCJhIjoxfQ==";
    let har = json!({"log": {"entries": [{
        "request": {"url": "https://x.test/?api_key=k-1&page=2", "headers": [{"name": "Cookie", "value": "sid=abc"}],
            "cookies": [{"name": "sid", "value": "abc", "path": "/"}],
            "postData": {"mimeType": "application/json", "text": "{\"client_secret\":\"s-1\",\"a\":1}"}},
        "response": {"content": {"encoding": "base64", "text": body}}}]}});
    let done = redact(&altyaa, &["--as", "har"], har.to_string().as_bytes());
    let clean: Value = serde_json::from_slice(&done.out).unwrap();
    let entry = &clean["log"]["entries"][0];
    assert_eq!(entry["request"]["url"], "https://x.test/?api_key=‹api_key#1›&page=2");
    assert_eq!(entry["request"]["headers"][0]["value"], "sid=‹cookie#1›");
    assert_eq!(entry["request"]["cookies"][0], json!({"name": "sid", "value": "‹cookie#1›", "path": "/"}));
    assert_eq!(entry["request"]["postData"]["text"], "{\"client_secret\":\"‹secret#1›\",\"a\":1}");
    let inside = entry["response"]["content"]["text"].as_str().unwrap();
    let inside = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, inside).unwrap();
    assert_eq!(String::from_utf8(inside).unwrap(), "{\"password\":\"‹password#1›\",\"a\":1}");
}

#[test]
fn the_manifest_tells_rules_places_and_lengths_and_no_secret() {
    let altyaa = Altyaa::new();
    let manifest = altyaa.path("manifest.json");
    let text = format!("password: hunter2-long\nX-Request-Id: 4111111111111111\ncard 4111111111111111 {SECRET}\n");
    let done = redact(&altyaa, &["--manifest", &manifest], text.as_bytes());
    assert_eq!(done.code, 0, "{done:?}");
    let written = std::fs::read_to_string(&manifest).unwrap();
    assert_eq!(std::fs::metadata(&manifest).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!written.contains("hunter2") && !written.contains("4111"), "{written}");
    let manifest: Value = serde_json::from_str(&written).unwrap();
    let rules: Vec<&str> =
        manifest["removed"].as_array().unwrap().iter().map(|r| r["rule"].as_str().unwrap()).collect();
    assert!(
        rules.contains(&"name password") && rules.contains(&"pattern card") && rules.contains(&"known value"),
        "{rules:?}"
    );
    assert!(manifest["kept"].is_array());
    assert_eq!(manifest["values"][0], json!({"placeholder": "‹password#1›", "kind": "string", "length": "9-16"}));
}

#[test]
fn bytes_that_are_no_text_and_utf_16_come_through() {
    let altyaa = Altyaa::new();
    let done = redact(&altyaa, &[], b"\xff\x80 password=hunter2 \xfe\n");
    assert_eq!(done.out, [&b"\xff\x80 password="[..], "‹password#1›".as_bytes(), b" \xfe\n"].concat());
    let wide = |text: &str| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let done = redact(&altyaa, &[], &wide("{\"password\":\"hunter2\",\"ü\":1}"));
    assert_eq!(done.out, wide("{\"password\":\"‹password#1›\",\"ü\":1}"));
    assert_eq!(redact(&altyaa, &[], b"").out, b"");
}

#[test]
fn a_stream_has_one_line_for_each_with_the_same_shape() {
    let altyaa = Altyaa::new();
    let exchange = json!({"id": 7, "request": {"method": "POST", "url": "https://u:pw-1@x.test/?token=t-1",
        "headers": [["Authorization", "Bearer abc"], ["Idempotency-Key", "k-1"]], "body": "password=hunter2&a=b"},
        "response": {"status": 400, "headers": {"X-Request-Id": "req_1", "Set-Cookie": "sid=c-9; Path=/"},
            "body": "{\"error\":{\"code\":\"invalid_request\",\"message\":\"no\",\"details\":{\"field\":\"a\"}},\"access_token\":\"x\"}"}});
    let input = format!("{exchange}\nnot json\n[\"{}\", 12]\n\n", SECRET.replace('"', "\\\""));
    let done = redact(&altyaa, &["--jsonl"], input.as_bytes());
    let lines: Vec<&str> = done.text().lines().collect();
    assert_eq!((done.code, lines.len(), lines[1], lines[3]), (0, 4, "null", "null"), "{done:?}");
    assert_eq!(lines[2], "[\"‹canary#1›\", 12]");
    // Which number each gets is nobody's business here.
    let mut parts = lines[0].split('#');
    let first = parts.next().unwrap().to_owned();
    let unnumbered = parts.fold(first, |out, part| out + "#0" + part.trim_start_matches(|c: char| c.is_ascii_digit()));
    let clean: Value = serde_json::from_str(&unnumbered).unwrap();
    assert_eq!(clean["request"]["url"], "https://u:‹password#0›@x.test/?token=‹token#0›");
    assert_eq!(clean["request"]["headers"], json!([["Authorization", "Bearer ‹token#0›"], ["Idempotency-Key", "k-1"]]));
    assert_eq!(clean["request"]["body"], "password=‹password#0›&a=b");
    assert_eq!(clean["response"]["headers"], json!({"X-Request-Id": "req_1", "Set-Cookie": "sid=‹cookie#0›; Path=/"}));
    let body: Value = serde_json::from_str(clean["response"]["body"].as_str().unwrap()).unwrap();
    let error = json!({"code": "invalid_request", "message": "no", "details": {"field": "a"}});
    assert_eq!(body, json!({"error": error, "access_token": "‹token#0›"}));
}

#[test]
fn own_rules_hold_and_wrong_ones_stop_everything() {
    let altyaa = Altyaa::new();
    let folder = altyaa.dir.path().join("data");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(folder.join("redaction.toml"), "names = ['x-internal']\n[[exception]]\nname = 'device_token'\n")
        .unwrap();
    let manifest = altyaa.path("m.json");
    let done = redact(&altyaa, &["--manifest", &manifest], b"{\"x_internal\":\"a\",\"device_token\":\"b\"}");
    assert_eq!(done.text(), "{\"x_internal\":\"‹secret#1›\",\"device_token\":\"b\"}");
    let manifest: Value = serde_json::from_slice(&std::fs::read(manifest).unwrap()).unwrap();
    assert_eq!(manifest["exceptions"][0], json!({"rule": "name device_token", "count": 1, "where": "text"}));
    std::fs::write(folder.join("redaction.toml"), "names = 5\n").unwrap();
    redact(&altyaa, &[], b"password=x").refused(4, &["The redaction rules cannot be read", "redaction.toml", "line 1"]);
}

#[test]
fn what_cannot_be_done_is_said() {
    let altyaa = Altyaa::new();
    altyaa.run_with(&["redact", "--secret-env", "NOT_SET"], b"x").refused(2, &["NOT_SET", "nothing was written"]);
    altyaa.run_with(&["redact", "/nonexistent/file"], b"").refused(4, &["could not be read", "/nonexistent/file"]);
    altyaa.run_with(&["redact", "--as", "yaml"], b"").refused(2, &["yaml"]);
}
