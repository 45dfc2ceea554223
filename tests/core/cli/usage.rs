//! Wrong arguments, profiles and files: the exit code, what is said, and that it is said safely.

use super::program::Altyaa;

#[test]
fn help_and_version_are_no_errors() {
    let altyaa = Altyaa::new();
    let help = altyaa.run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    for command in ["sandbox", "send", "diagnose", "import", "span", "credential", "report"] {
        assert!(help.text().contains(&format!("\n  {command} ")), "{}", help.text());
        let own = altyaa.run(&[command, "--help"]);
        assert_eq!((own.code, own.err.as_str()), (0, ""), "{command}");
        for flag in ["--profile", "--env", "--data-dir", "--json", "--quiet"] {
            assert!(own.text().contains(flag), "{command} {flag}");
        }
    }
    assert!(help.text().contains("Exit codes:"), "{}", help.text());
    let version = altyaa.run(&["--version"]);
    assert_eq!((version.code, version.text()), (0, concat!("altyaa ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn wrong_arguments_end_with_2_and_nothing_on_standard_output() {
    let altyaa = Altyaa::new();
    let bad: &[&[&str]] = &[
        &[],
        &["nope"],
        &["send"],
        &["send", "GET"],
        &["send", "GE T", "/v1/posts"],
        &["send", "CONNECT", "/v1/posts"],
        &["send", "GET", "v1/posts"],
        &["send", "GET", "ftp://127.0.0.1/"],
        &["send", "GET", "http://[::1/"],
        &["send", "GET", ""],
        &["send", "GET", "{{nope}}/x"],
        &["send", "GET", "/v1/posts", "-H", "no colon"],
        &["send", "GET", "/v1/posts", "-H", "a b: c"],
        &["send", "GET", "/v1/posts", "-H", "X-A: b\r\nX-C: d"],
        &["send", "GET", "/v1/posts", "-H", "Content-Length: 5"],
        &["send", "GET", "/v1/posts", "--data", "a", "--data-raw", "b"],
        &["send", "GET", "/v1/posts", "--timeout", "0"],
        &["send", "GET", "/v1/posts", "--credential", "nope"],
        &["send", "GET", "/v1/posts", "--credential", "editor key", "--no-credential"],
        &["send", "GET", "http://127.0.0.1:9/", "--credential", "editor key"],
        &["send", "GET", "/v1/posts", "--env", "nope"],
        &["diagnose", "-", "--status", "400", "--env", "nope"],
        &["diagnose", "-"],
        &["diagnose", "-", "--status", "42"],
        &["diagnose", "--jsonl", "x"],
        &["import", "curl"],
        &["import", "nope", "-"],
        &["import", "openapi", "-"],
        &["import", "postman", "-"],
        &["span", "a"],
        &["span", "--jsonl", "a"],
        &["sandbox", "--listen", "0.0.0.0:0"],
        &["sandbox", "--limit", "0/60"],
        &["credential", "add", "key"],
        &["credential", "remove", "nope"],
        &["report"],
        &["report", "--out", "x.html"],
    ];
    for words in bad {
        let done = altyaa.run(words);
        assert_eq!((done.code, done.text()), (2, ""), "{words:?}: {done:?}");
        assert!(done.err.lines().count() >= 2, "{words:?} says what to do: {}", done.err);
    }
}

#[test]
fn a_profile_that_cannot_be_used_is_told_with_its_place_and_its_fix() {
    let altyaa = Altyaa::new();
    let send = |profile: &str| altyaa.run(&["--profile", profile, "send", "GET", "/v1/posts"]);
    let broken = altyaa.file("broken.toml", "name = \"x\"\ntitle = \n");
    send(&broken).refused(2, &["broken.toml, line 2, column 9", "key = \"value\""]);
    let unknown = altyaa.file("unknown.toml", "name = \"x\"\ntitle = \"X\"\n\nenvelop = 1\n");
    send(&unknown).refused(2, &["unknown.toml, line 4, column 1", "envelop", "envelope"]);
    send("nope").refused(2, &["nope", "altyaa, generic"]);
    send(&altyaa.path("missing.toml")).refused(2, &["missing.toml"]);
    send(altyaa.dir.path().to_str().unwrap()).refused(2, &["could not be read"]);
    let words = ["--profile", &broken, "diagnose", "-", "--status", "400"];
    altyaa.run(&words).refused(2, &["line 2, column 9"]);
}

#[test]
fn files_that_cannot_be_read_or_written_end_with_4() {
    let altyaa = Altyaa::new();
    let (folder, missing) = (altyaa.dir.path().to_str().unwrap(), altyaa.path("missing.json"));
    for data in [format!("@{folder}"), format!("@{missing}"), "@".to_owned()] {
        altyaa.run(&["send", "POST", "/v1/posts", "--data", &data]).refused(4, &["payload could not be read"]);
    }
    for file in [folder, &missing] {
        altyaa.run(&["diagnose", file, "--status", "400"]).refused(4, &["answer could not be read", file]);
        altyaa.run(&["diagnose", "-", "--status", "400", "--request", file]).refused(4, &["payload", file]);
        altyaa.run(&["span", "a", file, "--json"]).refused(4, &["payload could not be read", file]);
    }
    altyaa.run(&["diagnose", "-", "--status", "400", "--request", "-"]).refused(4, &["not both"]);
    let file = altyaa.file("file", "");
    altyaa.run(&["--data-dir", &file, "credential", "list"]).refused(4, &["file", "--data-dir"]);
    let taken = altyaa.run(&["--data-dir", &file, "send", "GET", "/v1/posts"]);
    taken.refused(4, &["file", "--data-dir"]);
}

#[test]
fn a_keyring_that_does_not_answer_is_4_and_a_name_that_is_not_there_is_2() {
    let altyaa = Altyaa::new();
    let add = ["credential", "add", "key", "--origin", "https://api.altyaa.example"];
    let done = altyaa.run_with(&add, b"canary-secret-1a2b3c\n");
    done.refused(4, &["keyring", "not kept"]);
    assert!(!done.err.contains("canary"), "{}", done.err);
    let list = altyaa.run(&["credential", "list", "--json"]);
    assert_eq!((list.code, list.json()), (0, serde_json::json!([])));
    let send = ["send", "GET", "https://api.altyaa.example/v1/posts", "--credential", "key"];
    altyaa.run(&send).refused(2, &["no credential named"]);
    // As the list is after the keyring took it once.
    let mut facts = altyaa.run_with(&[&add[..], &["--session", "--json"]].concat(), b"canary-secret-1a2b3c\n").json();
    facts["stored"] = "keyring".into();
    altyaa.file("data/credentials.json", serde_json::json!({"version": 1, "credentials": [facts]}).to_string());
    assert_eq!(altyaa.run(&["credential", "list", "--json"]).json()[0]["name"], "key");
    // Its own name is found in any environment, also in the one with keys of its own.
    altyaa.run(&send).refused(4, &["keyring"]);
    altyaa.run(&[&["--env", "production"], &send[..]].concat()).refused(4, &["keyring"]);
}

#[test]
fn a_session_credential_is_read_from_standard_input_and_printed_without_its_secret() {
    let altyaa = Altyaa::new();
    let words = ["credential", "add", "key", "--origin", "https://a.example", "--session", "--json"];
    let done = altyaa.run_with(&words, b"canary-secret-1a2b3c\n");
    assert_eq!(done.code, 0, "{done:?}");
    let facts = done.json();
    assert_eq!((&facts["name"], &facts["stored"], &facts["last4"]), (&"key".into(), &"session".into(), &"2b3c".into()));
    for name in ["kind", "origins", "workspace", "scopes", "expires_at"] {
        assert!(facts.get(name).is_some(), "{facts}");
    }
    assert!(!done.err.contains("canary") && !done.text().contains("canary"), "{done:?}");
    let quiet = altyaa.run_with(&[&words[..6], &["--quiet"]].concat(), b"canary-secret-1a2b3c\n");
    assert_eq!((quiet.code, quiet.text(), quiet.err.as_str()), (0, "", ""));
}

#[test]
fn arguments_cannot_steer_the_terminal() {
    let altyaa = Altyaa::new();
    let evil = "\u{1b}[2J\u{202e}\u{7}\u{9b}x";
    for words in [
        vec![evil],
        vec!["send", evil, "/x"],
        vec!["send", "GET", evil],
        vec!["send", "GET", "/x", "-H", evil],
        vec!["send", "GET", "/x", "--data", "@\u{1b}[2J\u{202e}"],
        vec!["send", "GET", "/x", "--env", evil],
        vec!["send", "GET", "/x", "--credential", evil],
        vec!["send", "GET", "/x", "--output", "/no\u{1b}[2J/x"],
        vec!["--profile", evil, "send", "GET", "/x"],
        vec!["diagnose", evil, "--status", "400"],
        vec!["diagnose", "-", "--status", evil],
        vec!["span", evil, "-"],
        vec!["report", "--out", "\u{1b}[2J.md", "--exchange", evil],
        vec!["credential", "remove", evil],
        vec!["credential", "add", evil, "--origin", "https://a.example"],
        vec!["sandbox", "--listen", evil],
    ] {
        let done = altyaa.run(&words);
        assert_ne!(done.code, 0, "{words:?}");
        let said = format!("{}{}", done.text(), done.err);
        assert!(!said.is_empty() && !said.contains(['\u{1b}', '\u{202e}', '\u{7}', '\u{9b}']), "{words:?}: {said:?}");
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let altyaa = Altyaa::new();
    let bytes = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    for words in [vec!["send".as_ref(), "GET".as_ref(), bytes], vec!["span".as_ref(), bytes, "-".as_ref()]] {
        assert_eq!(altyaa.run(&words).code, 2);
    }
}
