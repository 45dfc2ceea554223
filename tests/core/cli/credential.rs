//! `credential doctor` from outside: sandbox keys need no keyring, everything else has one that does not answer.

use serde_json::{Value, json};

use super::program::{Altyaa, Done};

/// The finding of that id.
#[track_caller]
fn finding(done: &Done, id: &str) -> Value {
    let said = done.json();
    let findings = said["findings"].as_array().unwrap();
    let found = findings.iter().find(|found| found["id"] == id).unwrap_or_else(|| panic!("no {id} in {said}"));
    for member in ["state", "summary", "fix"] {
        assert!(found[member].is_string(), "{found}");
    }
    found.clone()
}

#[track_caller]
fn is(done: &Done, id: &str, state: &str, words: &str) {
    let found = finding(done, id);
    assert_eq!(found["state"], state, "{found}");
    assert!(found["summary"].as_str().unwrap().contains(words), "{found}");
}

/// A list that names a credential whose keyring entry nobody can read.
fn listed(altyaa: &Altyaa, facts: Value) {
    std::fs::create_dir_all(altyaa.path("data")).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(altyaa.path("data"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut all = json!({
        "name": "key", "kind": "bearer", "header": null, "origins": ["https://api.altyaa.example"],
        "workspace": "ws_1", "scopes": ["posts:read"], "expires_at": null, "last4": "cdef", "stored": "keyring",
        "created_at": "2026-05-01T10:00:00Z"
    });
    all.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
    altyaa.file("data/credentials.json", json!({"version": 1, "credentials": [all]}).to_string());
}

#[test]
fn a_key_of_the_sandbox_is_looked_at_with_the_call_that_it_failed() {
    let altyaa = Altyaa::new();
    let post = ["send", "POST", "/v1/posts", "--data", "{\"title\":\"A\",\"slug\":\"a-post\"}"];
    assert_eq!(altyaa.run(&[&post[..], &["--credential", "read-only key"]].concat()).code, 1);
    let done = altyaa.run(&["credential", "doctor", "read-only key", "--exchange", "last", "--json"]);
    assert_eq!(done.code, 1, "{done:?}");
    is(&done, "scope", "fail", "posts.write is missing");
    is(&done, "environment", "pass", "Local sandbox");
    is(&done, "stored", "pass", "this session only");
    is(&done, "shape", "pass", "");
    is(&done, "kind", "pass", "opaque");
    let clock = finding(&done, "clock");
    assert!(clock["state"] == "pass" && clock["evidence"][0].as_str().unwrap().starts_with("Date 20"), "{clock}");

    let plain = altyaa.run(&["credential", "doctor", "local.read-only-key", "--exchange", "last"]);
    assert_eq!(plain.code, 1);
    assert!(plain.text().contains("  fail       scope        The scope posts.write is missing"), "{plain:?}");
    assert!(plain.text().contains("To resolve   Ask for posts.write"), "{plain:?}");
    let quiet = altyaa.run(&["credential", "doctor", "read-only key", "--exchange", "last", "--quiet"]);
    assert!(quiet.text().starts_with("  fail") && !quiet.text().contains("pass  "), "{quiet:?}");

    let done = altyaa.run(&["credential", "doctor", "editor key", "--json"]);
    assert_eq!(done.code, 0, "{done:?}");
    is(&done, "scope", "unknown", "which scopes the call needs");
    is(&done, "workspace", "unknown", "No call");
}

#[test]
fn a_call_without_its_workspace_is_told() {
    let altyaa = Altyaa::new();
    assert_eq!(altyaa.run(&["send", "GET", "/v1/posts", "--workspace", ""]).code, 1);
    let done = altyaa.run(&["credential", "doctor", "editor key", "--exchange", "last", "--json"]);
    assert_eq!(done.code, 1, "{done:?}");
    is(&done, "workspace", "fail", "X-Altyaa-Workspace is missing");
}

#[test]
fn a_keyring_that_does_not_answer_is_4_and_the_rest_is_told() {
    let altyaa = Altyaa::new();
    listed(&altyaa, json!({"expires_at": "2026-05-02T10:00:00Z"}));
    let done = altyaa.run(&["credential", "doctor", "key", "--json"]);
    assert_eq!(done.code, 4, "{done:?}");
    is(&done, "stored", "fail", "keyring");
    is(&done, "expiry", "fail", "lapsed");
    is(&done, "shape", "unknown", "could not be read");
    is(&done, "environment", "pass", "Production");
    assert!(done.err.contains("keyring"), "{done:?}");
}

#[test]
fn the_credential_of_one_environment_in_a_call_to_another_is_told() {
    let altyaa = Altyaa::new();
    assert_eq!(altyaa.run(&["send", "GET", "/v1/posts"]).code, 0);
    listed(&altyaa, json!({}));
    let done = altyaa.run(&["credential", "doctor", "key", "--exchange", "last", "--json"]);
    is(&done, "environment", "fail", "given for Production");
}

#[test]
fn a_name_or_exchange_that_is_not_there_is_2() {
    let altyaa = Altyaa::new();
    altyaa.run(&["credential", "doctor", "nope"]).refused(2, &["There is no credential named nope"]);
    altyaa.run(&["--env", "production", "credential", "doctor", "nope"]).refused(2, &["no credential named nope"]);
    altyaa.run(&["credential", "doctor", "nope", "--exchange", "last"]).refused(2, &["no exchange last"]);
    altyaa.run(&["credential", "doctor"]).refused(2, &["NAME"]);
    let evil = "a\u{1b}[2J\u{202e}";
    let done = altyaa.run(&["credential", "doctor", evil]);
    assert!(done.code == 2 && !done.err.contains(['\u{1b}', '\u{202e}']), "{done:?}");
}
