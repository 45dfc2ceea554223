//! `altyaa import`: requests out of foreign files, of which nothing is sent, opened or shown with its secrets.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::program::Altyaa;

const COMMAND: &str = "curl -X POST 'https://api.example.com/v1/posts?dry=1' \\\n  -H 'Content-Type: application/json' \\\n  \
                       --frob --data '{\"title\": \"a\"}'\n";

fn har(entries: &Value) -> String {
    json!({"log": {"version": "1.2", "entries": entries}}).to_string()
}

#[test]
fn a_command_becomes_one_request_object() {
    let altyaa = Altyaa::new();
    let file = altyaa.file("call.sh", COMMAND);
    let done = altyaa.run(&["import", "curl", &file, "--json"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    assert_eq!(
        done.json(),
        json!({
            "method": "POST",
            "url": "https://api.example.com/v1/posts?dry=1",
            "httpVersion": "",
            "cookies": [],
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "queryString": [{"name": "dry", "value": "1"}],
            "postData": {"mimeType": "application/json", "text": "{\"title\": \"a\"}"},
            "headersSize": -1,
            "bodySize": 14,
            "_is_body_whole": true,
            "_named_parts": [],
            "_unknown": ["--frob"],
        })
    );
    let done = altyaa.run_with(&["import", "curl", "-"], COMMAND.as_bytes());
    let expected = "POST https://api.example.com/v1/posts?dry=1\n  Content-Type: application/json\n\n    {\"title\": \"a\"}\n\
                    Not read: --frob\n";
    assert_eq!((done.code, done.text()), (0, expected));
}

#[test]
fn an_archive_becomes_one_request_object_a_line() {
    let altyaa = Altyaa::new();
    let text = har(&json!([
        {"startedDateTime": "2026-11-23T08:00:00Z", "request": {"method": "GET", "url": "https://x/a"}, "response": {"status": 404}},
        {"request": {"method": "POST", "url": "https://x/b", "postData": {"mimeType": "text/plain", "text": "/w==", "encoding": "base64"}}},
        5,
    ]));
    let file = altyaa.file("all.har", &text);
    let done = altyaa.run(&["import", "har", &file, "--json"]);
    assert_eq!(done.code, 0);
    let lines: Vec<Value> = done.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["_status"], &lines[0]["url"]), (2, &json!(404), &json!("https://x/a")));
    assert_eq!(lines[0]["_started_at"], "2026-11-23T08:00:00Z");
    assert_eq!(lines[1]["postData"], json!({"mimeType": "", "text": "/w==", "_encoding": "base64"}));
    assert!(done.err.contains("2 of 3 entries"), "{}", done.err);
    let done = altyaa.run(&["import", "har", &file]);
    assert!(done.text().starts_with("GET https://x/a  404\n\nPOST https://x/b\n"), "{}", done.text());
    // With a mark of its own, as Windows programs write it.
    let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(altyaa.run_with(&["import", "har", "-", "--json"], &wide).text().lines().count(), 2);
}

/// A pipe that nobody writes to: whoever opens it for reading waits until the deadline.
#[cfg(unix)]
fn trap(altyaa: &Altyaa, name: &str) -> String {
    let path = altyaa.path(name);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[cfg(not(unix))]
fn trap(altyaa: &Altyaa, name: &str) -> String {
    altyaa.path(name)
}

#[test]
fn what_a_command_names_is_never_opened_sent_or_run() {
    let altyaa = Altyaa::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let host = listener.local_addr().unwrap();
    let secret = altyaa.file("secret.txt", "canary-of-the-file\nurl = http://canary-config/\n");
    let trap = trap(&altyaa, "trap");
    let out = altyaa.path("out.txt");
    let ran = altyaa.path("ran.txt");
    for (words, named) in [
        (format!("-d @{secret}"), "payload"),
        (format!("--data-binary @{trap}"), "payload"),
        (format!("--data-urlencode n@{secret}"), "payload"),
        (format!("--json @{trap}"), "payload"),
        (format!("-T {trap}"), "payload"),
        (format!("-F f=@{secret}"), "form"),
        (format!("-F 'f=<{trap}'"), "form"),
        (format!("-H @{trap}"), "headers"),
        (format!("-K {secret}"), "options"),
        (format!("-K {trap}"), "options"),
        (format!("-b {trap}"), "cookies"),
        (format!("--netrc-file {trap}"), "password"),
        (format!("--cert {trap} --key {trap} --cacert {trap}"), "certificate"),
        (format!("-o {out}"), "written"),
        (format!("> {out}"), "written"),
        (format!("-c {out} -D {out} --trace {out}"), "written"),
        (format!("--proxy http://{host}"), "way"),
        (format!("--connect-to ::{host}"), "way"),
        (format!("-H \"X: $(touch {ran})\""), "command"),
        (format!("-H \"X: `touch {ran}`\""), "command"),
        (format!("-d @- < {trap}"), "input"),
        (format!("file://{trap}"), "HTTP"),
    ] {
        let command = format!("curl http://{host}/ {words}");
        // The address of another scheme stands alone.
        let command = command.replace(&format!("http://{host}/ file:"), "file:");
        for more in [&[][..], &["--json"]] {
            let done = altyaa.run_with(&[&["import", "curl", "-"], more].concat(), command.as_bytes());
            assert_eq!((done.code, done.err.as_str()), (0, ""), "{command}");
            assert!(!done.text().contains("canary"), "{command}: {done:?}");
            if more.is_empty() {
                assert!(done.text().contains(named) && done.text().contains("To confirm"), "{command}: {done:?}");
            } else {
                assert_ne!(done.json()["_named_parts"], json!([]), "{command}");
            }
        }
        let pasted = format!("{command}\nHTTP/1.1 422 X\n\n{{\"error\":{{\"code\":\"x\",\"message\":\"m\"}}}}");
        let done = altyaa.run_with(&["diagnose", "-"], pasted.as_bytes());
        assert_eq!(done.code, 0, "{command}: {done:?}");
        assert!(!done.text().contains("canary"), "{command}: {done:?}");
    }
    assert!(listener.accept().is_err(), "something was sent");
    for path in [out, ran] {
        assert!(!std::path::Path::new(&path).exists(), "{path} was made");
    }
}

#[test]
fn what_an_archive_names_is_never_opened_or_sent() {
    let altyaa = Altyaa::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let trap = trap(&altyaa, "trap");
    let request = json!({
        "method": "POST", "url": format!("{base}/v1"), "headers": [{"name": "Host", "value": "evil.example"}],
        "postData": {"mimeType": "multipart/form-data", "params": [{"name": "f", "fileName": trap}]}
    });
    let link = json!({"method": "GET", "url": format!("file://{trap}")});
    let file =
        altyaa.file("a.har", har(&json!([{"request": request, "response": {"status": 401}}, {"request": link}])));
    let done = altyaa.run(&["import", "har", &file]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    // The foreign address is shown, and that is all.
    assert!(done.text().contains(&format!("POST {base}/v1  401")) && done.text().contains("a part of the form"));
    assert_eq!(altyaa.run(&["diagnose", &file]).code, 0);
    assert!(listener.accept().is_err(), "something was sent");
    assert!(!altyaa.dir.path().join("data/history.sqlite3").exists(), "nothing is kept");
}

#[test]
fn no_secret_is_printed() {
    let altyaa = Altyaa::new();
    let command = "curl 'https://me:canary-url-1a2b3c4d@x.example/?api_key=canary-query-1a2b3c4d' \
        -H 'Authorization: Bearer canary-bearer-1a2b3c4d' -H 'X-Api-Key: canary-key-1a2b3c4d' \
        -u me:canary-basic-1a2b3c4d -b 'sid=canary-cookie-1a2b3c4d' --proxy http://me:canary-proxy-1a2b3c4d@p:1 \
        --proxy-user me:canary-user-1a2b3c4d --cert c.pem:canary-cert-1a2b3c4d --pass canary-pass-1a2b3c4d \
        --oauth2-bearer=canary-unknown-1a2b3c4d -H \"X-Token: ${T:-canary-default-1a2b3c4d}\" \
        -d '{\"password\": \"canary-body-1a2b3c4d\", \"note\": \"used canary-bearer-1a2b3c4d\"}'";
    let basic = "bWU6Y2FuYXJ5LWJhc2ljLTFhMmIzYzRk";
    let entry = json!({"request": {
        "method": "POST", "url": "https://x/?access_token=canary-har-1a2b3c4d",
        "headers": [{"name": "Cookie", "value": "sid=canary-jar-1a2b3c4d"}],
        "postData": {"mimeType": "application/x-www-form-urlencoded", "text": "client_secret=canary-form-1a2b3c4d"}
    }});
    let archive = har(&json!([entry]));
    for (form, text) in [("curl", command), ("har", &archive)] {
        for more in [&[][..], &["--json"]] {
            let done = altyaa.run_with(&[&["import", form, "-"], more].concat(), text.as_bytes());
            assert_eq!(done.code, 0);
            let all = format!("{}{}", done.text(), done.err);
            assert!(!all.contains("canary") && !all.contains(basic), "{form}: {all}");
        }
    }
}

#[test]
fn foreign_text_cannot_steer_the_terminal() {
    let altyaa = Altyaa::new();
    let command = "curl $'http://x/\\e[2J' -H $'A\\e]0: b\\u202e\\r\\nC: d' -d $'\\x9b\\e[31m' -o $'\\e[5m' --\u{1b}x";
    let done = altyaa.run_with(&["import", "curl", "-"], command.as_bytes());
    assert_eq!(done.code, 0);
    assert!(!done.text().contains(['\u{1b}', '\u{202e}', '\r']), "{:?}", done.text());
    let done = altyaa.run_with(&["import", "curl", "-", "--json"], command.as_bytes());
    assert!(!done.text().contains(['\u{1b}', '\u{202e}']), "{:?}", done.text());
    let done = altyaa.run_with(&["import", "curl", "-"], "cu\u{1b}[2Jrl".as_bytes());
    done.refused(4, &["no cURL command"]);
}

#[test]
fn what_cannot_be_read_is_4_with_place_and_remedy() {
    let altyaa = Altyaa::new();
    for (form, text, words) in [
        ("curl", "wget http://x", ["line 1, column 1", "Begin with the command"]),
        ("curl", "curl 'http://x", ["line 1, column 6", "Close it"]),
        ("curl", "curl -v", ["no address", "Add the address"]),
        ("har", "{\"log\": 5}", ["log.entries", "Save it again"]),
        ("har", "{\"log\":\n[", ["line 2, column 2", "Complete the text"]),
        ("har", "", ["line 1, column 1", "Write a value"]),
    ] {
        altyaa.run_with(&["import", form, "-"], text.as_bytes()).refused(4, &words);
    }
    altyaa.run(&["import", "har", &altyaa.path("none.har")]).refused(4, &["none.har"]);
    altyaa.run(&["import", "openapi", "-"]).refused(2, &["later version", "import har"]);
    altyaa.run(&["import", "postman", "-"]).refused(2, &["later version"]);
}

#[test]
fn hostile_files_are_read_to_their_end() {
    let altyaa = Altyaa::new();
    let deep = "[".repeat(100_000);
    let levels = format!("{{\"log\":{{\"entries\":[{{\"request\":{{\"headers\":{deep}{}}}}}]}}}}", "]".repeat(100_000));
    assert_eq!(altyaa.run_with(&["import", "har", "-", "--json"], levels.as_bytes()).code, 0);
    assert_eq!(altyaa.run_with(&["import", "har", "-"], deep.as_bytes()).code, 4);
    for piece in ["'", "\"", "\"'", "''", "$(", "\\", "^\"", "`", "\0", "\r\n", "-d a "] {
        let text = format!("\u{feff}curl http://x {}", piece.repeat(10_000_000 / piece.len()));
        let done = altyaa.run_with(&["import", "curl", "-", "--json"], text.as_bytes());
        assert!(matches!(done.code, 0 | 4), "{piece:?}: {}", done.code);
    }
    let many = har(&Value::Array(vec![json!({"request": {"method": "GET", "url": "https://x/"}}); 10_500]));
    let done = altyaa.run_with(&["import", "har", "-", "--json"], many.as_bytes());
    assert_eq!((done.code, done.text().lines().count()), (0, 10_000));
    assert!(done.err.contains("10000 of 10500 entries"), "{}", done.err);
}
