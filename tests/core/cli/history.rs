//! `altyaa history` as a script uses it.

use serde_json::Value;

use super::program::{Altyaa, Done};
use super::recorder::Recorder;

const BAD: &str = "{\"error\": {\"code\": \"invalid_request\", \"message\": \"publishAt \\u001b[2J must be later\", \
    \"details\": {\"field\": \"publishAt\", \"reason\": \"past\"}}}";

/// Three calls: a good one, a failure, and one that nobody answers.
fn three_calls() -> (Altyaa, Vec<String>) {
    let altyaa = Altyaa::new();
    let json = ("Content-Type", "application/json");
    let id = |done: &Done| done.json()["id"].as_str().unwrap().to_owned();
    let mut ids = Vec::new();
    for (status, body) in [(200, "{\"id\": 1}"), (400, BAD)] {
        let server = Recorder::answering(status, &[json, ("X-Request-Id", "req_wallaby_1")], body.as_bytes());
        let profile = altyaa.profile_for(&server.url);
        let url = format!("{}/v1/posts/{status}", server.url);
        let data = format!("{{\"title\": \"Wallaby {status}\", \"publishAt\": \"2020-01-01T00:00:00Z\"}}");
        let done = altyaa.run(&["--profile", &profile, "--json", "send", "POST", &url, "--data", &data]);
        ids.push(id(&done));
    }
    let done = altyaa.run(&["--profile", "generic", "--json", "send", "GET", "http://127.0.0.1:9/v1/nobody"]);
    assert_eq!(done.code, 3, "{done:?}");
    ids.push(id(&done));
    (altyaa, ids)
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect()
}

#[test]
fn what_was_sent_is_listed_found_filtered_and_shown() {
    let (altyaa, sent) = three_calls();
    let list = altyaa.run(&["history", "list", "--json"]);
    assert_eq!(list.code, 0, "{list:?}");
    let list = list.json();
    assert_eq!(ids(&list), [&sent[2], &sent[1], &sent[0]]);
    let entry = &list[1];
    for name in [
        "id",
        "at",
        "environment",
        "method",
        "url",
        "status",
        "code",
        "field",
        "message",
        "request_id",
        "total_ms",
        "pinned",
    ] {
        assert!(entry.get(name).is_some(), "{name} is not in {entry}");
    }
    assert_eq!(
        (&entry["status"], &entry["code"], &entry["field"]),
        (&400.into(), &"invalid_request".into(), &"publishAt".into())
    );
    let lines = altyaa.run(&["history", "list", "--jsonl", "--limit", "2"]);
    let lines: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, list.as_array().unwrap()[..2]);
    let found = |more: &[&str]| {
        let done = altyaa.run(&[&["history", "search", "--json"][..], more].concat());
        assert_eq!(done.code, 0, "{done:?}");
        ids(&done.json()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found(&["walla"]), [sent[1].clone(), sent[0].clone()]);
    assert_eq!(found(&["req_wallaby_1", "--status", "4xx"]), sent[1..2]);
    assert_eq!(found(&["wallaby", "--failed", "--method", "post"]), sent[1..2]);
    assert_eq!(found(&["nobody", "--code", "refused"]), sent[2..]);
    assert_eq!(found(&["wallaby", "--before", &sent[1]]), sent[..1]);
    assert_eq!(found(&["wallaby", "--since", "2999-01-01"]), Vec::<String>::new());
    assert_eq!(found(&["\" OR *"]), Vec::<String>::new());
    let shown = altyaa.run(&["history", "show", &sent[1], "--json"]).json();
    assert_eq!(
        (&shown["id"], &shown["state"], &shown["pinned"]),
        (&sent[1].as_str().into(), &"done".into(), &false.into())
    );
    assert_eq!((&shown["response"]["status"], &shown["response"]["body"]), (&400.into(), &BAD.into()));
    assert!(shown["request"]["body"].as_str().unwrap().contains("Wallaby 400"));
    let groups = altyaa.run(&["history", "groups", "--json"]).json();
    assert_eq!((&groups[1]["code"], &groups[1]["endpoint"]), (&"invalid_request".into(), &"/v1/posts/{id}".into()));
    assert_eq!((&groups[1]["count"], &groups[1]["last_id"]), (&1.into(), &sent[1].as_str().into()));
    let compared = altyaa.run(&["history", "compare", &sent[1], "--last-good", "--json"]).json();
    assert_eq!((&compared["before"], &compared["after"]), (&sent[0].as_str().into(), &sent[1].as_str().into()));
    assert_eq!(compared["differences"][0]["part"], "address");
}

#[test]
fn nothing_shown_is_obeyed_by_a_terminal() {
    let (altyaa, sent) = three_calls();
    for words in [
        &["history", "list"][..],
        &["history", "search", "wallaby"],
        &["history", "groups"],
        &["history", "show", &sent[1]],
        &["history", "compare", &sent[0], &sent[1]],
        &["history", "list", "--json"],
        &["history", "show", "last", "--json"],
    ] {
        let done = altyaa.run(words);
        assert_eq!(done.code, 0, "{done:?}");
        assert!(!done.text().contains('\u{1b}') && !done.text().is_empty(), "{done:?}");
    }
    let list = altyaa.run(&["history", "list"]);
    assert!(list.text().contains("invalid_request publishAt") && list.text().contains("no answer"), "{list:?}");
}

#[test]
fn pins_notes_and_deletions_are_kept() {
    let (altyaa, sent) = three_calls();
    assert_eq!(altyaa.run(&["history", "pin", &sent[0], &sent[1], "--json"]).json()[1]["pinned"], true);
    assert_eq!(altyaa.run(&["history", "unpin", &sent[0]]).code, 0);
    let pinned = altyaa.run(&["history", "list", "--pinned", "--json"]).json();
    assert_eq!(ids(&pinned), [&sent[1]]);
    let noted = altyaa
        .run_with(&["history", "note", "last", "--json"], "ask Ann, password=canary-1a2b3c4d\n".as_bytes())
        .json();
    assert!(noted["note"].as_str().unwrap().starts_with("ask Ann"), "{noted}");
    assert!(!noted["note"].as_str().unwrap().contains("canary"), "{noted}");
    assert_eq!(ids(&altyaa.run(&["history", "search", "Ann", "--json"]).json()), [&sent[2]]);
    let deleted = altyaa.run(&["history", "delete", &sent[0], "--json"]);
    assert_eq!(deleted.json()["deleted"][0], sent[0].as_str());
    altyaa.run(&["history", "show", &sent[0]]).refused(2, &["The history holds no exchange"]);
    altyaa.run(&["history", "delete", &sent[0]]).refused(2, &["The history holds no exchange"]);
    altyaa.run(&["history", "compare", &sent[1], "--last-good"]).refused(2, &["had a good answer"]);
}

#[test]
fn a_purge_wants_to_be_asked_for() {
    let (altyaa, _) = three_calls();
    altyaa.run(&["history", "purge"]).refused(2, &["--yes"]);
    assert_eq!(altyaa.run(&["history", "list", "--json"]).json().as_array().unwrap().len(), 3);
    let purged = altyaa.run(&["history", "purge", "--yes", "--json"]);
    assert_eq!((purged.code, purged.json()["exchanges"].clone()), (0, 3.into()), "{purged:?}");
    let list = altyaa.run(&["history", "list", "--json"]);
    assert_eq!((list.code, list.json()), (0, serde_json::json!([])));
    for entry in std::fs::read_dir(altyaa.dir.path().join("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(memchr::memmem::find(&bytes, b"allaby").is_none());
    }
}

#[test]
fn wrong_arguments_are_refused() {
    let altyaa = Altyaa::new();
    for words in [
        &["history", "list", "--status", "4x"][..],
        &["history", "list", "--since", "yesterday"],
        &["history", "search"],
        &["history", "compare", "a"],
        &["history", "show", "last"],
        &["history", "nothing"],
    ] {
        assert_eq!(altyaa.run(words).code, 2, "{words:?}");
    }
    std::fs::write(altyaa.path("file"), "").unwrap();
    let done = altyaa.run(&["--data-dir", &altyaa.path("file"), "history", "list"]);
    assert_eq!(done.code, 4, "{done:?}");
}
