//! The escalation report: what it holds, what it never holds, and that foreign text in it stays text.

use std::collections::HashSet;
use std::time::Duration;

use altyaa_console::credentials::AllSecrets;
use altyaa_console::diagnosis;
use altyaa_console::disk::DataDir;
use altyaa_console::exchange::{
    Exchange, ExchangeId, ExchangeRecord, Layer, LogLine, PreparedRequest, Response, Timing, TransportError,
};
use altyaa_console::profile::{self, Profile};
use altyaa_console::report::{self, Made};
use altyaa_console::secret::{Gate, Redacted, Redactor, Rules, Secret};
use jiff::Timestamp;
use url::Url;

const EXAMPLE: &str = r#"{"error":{"code":"invalid_request","message":"publishAt must be a future timestamp","details":{"field":"publishAt","reason":"value is in the past"}}}"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn altyaa() -> Profile {
    profile::built_in("altyaa").unwrap()
}

/// The exchange of the document's example, with fixed times and ids.
fn example() -> Exchange {
    let url = Url::parse("http://127.0.0.1:40123/v1/posts?notify=true&access_token=canary-in-the-query").unwrap();
    let header = |name: &str, value: &str| {
        (http::HeaderName::from_bytes(name.as_bytes()).unwrap(), http::HeaderValue::from_str(value).unwrap())
    };
    let mut payload = altyaa().requests[0].body.clone();
    payload.insert_str(2, "  \"webhookSecret\": \"canary-in-the-payload\",\n");
    Exchange {
        id: ExchangeId("01KE019DW0HM2417AT3DNDGN0Z".into()),
        started_at: at("2026-11-23T10:00:00.123Z"),
        request: PreparedRequest {
            method: http::Method::POST,
            url,
            url_template: "{{base}}/v1/posts?notify=true&access_token=canary-in-the-query".into(),
            headers: vec![
                header("cookie", "theme=dark; sid=canary-in-the-cookie"),
                header("x-altyaa-workspace", "ws_northwind"),
                header("content-type", "application/json"),
                header("authorization", "Bearer canary-in-the-header"),
            ],
            origin_headers: Vec::new(),
            body: payload.into_bytes().into(),
            environment: "local".into(),
            profile: "altyaa".into(),
            credential: Some("local.editor-key".into()),
            secrets: vec![Secret::new("canary-in-the-header".into())],
        },
        response: Some(Response::whole(
            400,
            vec![
                ("content-type".into(), "application/json".into()),
                ("x-request-id".into(), "req_01KE019DW0HM2417AT3DNDGN0Z".into()),
                ("set-cookie".into(), "sid=canary-set-by-the-api; Path=/; HttpOnly".into()),
            ],
            EXAMPLE.as_bytes(),
        )),
        transport_error: None,
        attempts: Vec::new(),
        redirects: Vec::new(),
        advice: None,
        timing: Timing { total: Duration::from_millis(12), ..Timing::default() },
        log: vec![
            LogLine { at_ms: 0, text: "> POST /v1/posts with canary-in-the-header".into() },
            LogLine { at_ms: 12, text: "< 400 Bad Request".into() },
        ],
    }
}

/// Another body under the same head.
fn answer_with(exchange: &mut Exchange, body: &str) {
    let headers = exchange.response.take().unwrap().headers;
    exchange.response = Some(Response::whole(400, headers, body.to_owned()));
}

fn recorded(exchange: &Exchange, profile: &Profile) -> Redacted<ExchangeRecord> {
    let diagnosis = diagnosis::from_exchange(exchange, profile, exchange.started_at);
    let value = diagnosis.map(|diagnosis| serde_json::to_value(diagnosis).unwrap());
    let known = exchange.request.secrets.iter().map(|secret| ("local.editor-key".to_owned(), secret.clone())).collect();
    Redactor::new(Rules::built_in(), known).redact(ExchangeRecord::from_exchange(exchange, value.as_ref()))
}

fn no_secrets() -> AllSecrets {
    AllSecrets { secrets: Vec::new(), unread: Vec::new(), list_error: None }
}

fn made_with(record: &Redacted<ExchangeRecord>, secrets: AllSecrets) -> Made {
    let now = at("2026-11-23T10:01:00Z");
    report::markdown(&Gate::default(), secrets, record, &altyaa(), &profile::generic(), now, Vec::new()).unwrap()
}

#[test]
fn an_exception_that_took_effect_is_written_in_the_report() {
    let mut exchange = crate::planted::exchange(1);
    exchange.request.body = br#"{"device_token":"stays-5f6a7b8c"}"#.to_vec().into();
    let record = recorded(&exchange, &altyaa());
    let own = "[[exception]]\nname = 'device_token'\n";
    let gate = Gate::new(Rules::with_own(own).unwrap().into(), altyaa_console::secret::Registry::default());
    // The record was made under the same rules.
    let record = gate.redactor().redact({
        let mut record = ExchangeRecord::clone(&record);
        record.request_body.text = r#"{"device_token":"stays-5f6a7b8c"}"#.into();
        record
    });
    let now = at("2026-11-23T10:01:00Z");
    let made = report::markdown(&gate, no_secrets(), &record, &altyaa(), &profile::generic(), now, Vec::new()).unwrap();
    assert!(made.text.contains("stays-5f6a7b8c"), "{}", *made.text);
    assert!(
        made.text.contains("(1 value was not removed): ` name device_token ` in ` request body `"),
        "{}",
        *made.text
    );
}

fn made(exchange: &Exchange) -> Made {
    made_with(&recorded(exchange, &altyaa()), no_secrets())
}

/// The lines outside fences, without their code spans: all that Markdown reads as Markdown.
fn alive(text: &str) -> String {
    let mut out = String::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let run: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) => {
                if line.trim_end() == run && run.len() >= open.len() {
                    fence = None;
                }
            }
            None if run.len() >= 3 && !line[run.len()..].contains('`') => fence = Some(run),
            None => out.push_str(&format!("{}\n", without_spans(line))),
        }
    }
    assert!(fence.is_none(), "a fence stays open");
    out
}

/// A line without its code spans, by the rule of CommonMark: a span ends at the next run of as many backticks.
fn without_spans(line: &str) -> String {
    let runs: Vec<(usize, usize)> = {
        let mut runs = Vec::new();
        let mut chars = line.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == '`' {
                let mut end = at + 1;
                while chars.next_if(|(_, c)| *c == '`').is_some() {
                    end += 1;
                }
                runs.push((at, end));
            }
        }
        runs
    };
    let mut out = String::new();
    let mut from = 0;
    let mut index = 0;
    while index < runs.len() {
        let (start, end) = runs[index];
        let close = runs[index + 1..].iter().position(|(s, e)| e - s == end - start);
        match close {
            Some(further) => {
                out.push_str(&line[from..start]);
                from = runs[index + 1 + further].1;
                index += further + 2;
            }
            None => index += 1,
        }
    }
    out.push_str(&line[from..]);
    out
}

#[test]
fn the_documents_example_gives_the_golden_report() {
    let text = made(&example()).text.into_inner().replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/core/golden_report/invalid_request.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap());
}

#[test]
fn no_secret_of_any_place_is_in_it_and_each_is_counted_once() {
    let made = made(&example());
    assert!(!made.text.contains("canary"), "{}", *made.text);
    // Query, cookie, header (also in the log), payload, set-cookie, and the theme's cookie, which has no better name.
    let distinct: HashSet<&str> = altyaa_console::secret::placeholders(&made.text).collect();
    assert_eq!((made.removed, distinct.len()), (6, 6), "{}", *made.text);
    for kept in ["req_01KE019DW0HM2417AT3DNDGN0Z", "ws_northwind", "publishAt", "2024-01-05T09:00:00Z", "notify=true"] {
        assert!(made.text.contains(kept), "{kept} is missing");
    }
}

#[test]
fn a_credential_added_since_is_removed_under_a_name_of_its_own() {
    let mut exchange = example();
    exchange.request.headers.push((http::HeaderName::from_static("x-note"), "plain-value-of-later".parse().unwrap()));
    let record = recorded(&exchange, &altyaa());
    assert!(made_with(&record, no_secrets()).text.contains("plain-value-of-later"));
    let mut secrets = no_secrets();
    // Called as the credential that was used is: their placeholders must differ all the same.
    secrets.secrets.push(("local.editor-key".into(), Secret::new("plain-value-of-later".into())));
    let text = made_with(&record, secrets).text.into_inner();
    assert!(!text.contains("plain-value-of-later"));
    assert!(text.contains("x-note: ‹local_editor_key#2›"), "{text}");
    assert!(text.contains("authorization: Bearer ‹local_editor_key#1›"), "{text}");
}

#[test]
fn redacting_a_record_again_changes_nothing() {
    let record = recorded(&example(), &altyaa());
    let again = Redactor::new(Rules::built_in(), Vec::new()).redact(ExchangeRecord::clone(&record));
    assert_eq!(again, record);
}

#[test]
fn what_could_not_be_read_for_the_last_scan_is_named() {
    let mut secrets = no_secrets();
    let error = || altyaa_console::credentials::VaultError::DamagedEntry { name: "x".into() };
    secrets.unread.push(("<b>@staging".into(), error()));
    secrets.list_error = Some(error());
    let text = made_with(&recorded(&example(), &altyaa()), secrets).text.into_inner();
    assert!(text.contains("Could not be read for the last scan: ` <b>@staging `"), "{text}");
    assert!(text.contains("` the list of credentials `"), "{text}");
}

/// What a hostile API, payload or profile could try.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "```\n# alive\n<img src=https://evil.example/x onerror=alert(1)>",
        "`` ` ``` ````",
        "| a | b |\n|---|---|",
        "[click](javascript:alert(1)) ![x](https://evil.example/p.png) @everyone #1 <script>",
        "\u{1b}[2J\u{202e}evil\u{2066}\u{9b}31m\u{0}\r\nnext\rover",
        "missing password:",
        "token=",
        "`password`: `",
        "\"password\": \"",
        "{\"password\": \"unfinished",
        "secret: '",
        "‹token#1› ‹ › ‹token#1",
        "~~~\nalive",
        "-->\n\n<details open>",
    ]
    .map(str::to_owned)
    .into();
    all.push("`".repeat(5000));
    all.push("‹".repeat(5000));
    all.push("a".repeat(1 << 20));
    all.push("\"token\":\"".repeat(20_000));
    all
}

#[test]
fn hostile_text_in_every_place_stays_text_and_small() {
    // What this program itself says in this report, to see that nothing else is said.
    for evil in hostile() {
        let mut exchange = example();
        let one_line = evil.replace(['\n', '\r', '\0', '\u{1b}'], " ");
        let body =
            serde_json::json!({"error": {"code": evil, "message": evil, "details": {"field": evil, "reason": evil}}});
        let response = exchange.response.as_mut().unwrap();
        response.body = body.to_string().into_bytes().into();
        response.headers.push(("x-evil".into(), one_line.clone()));
        response.headers[1].1 = one_line;
        exchange.request.body = evil.as_bytes().into();
        exchange.log.push(LogLine { at_ms: 13, text: evil.clone() });
        exchange.transport_error = Some(TransportError {
            layer: Layer::Body,
            kind: "cut".into(),
            summary: evil.clone(),
            seen: evil.clone(),
            meaning: evil.clone(),
            fix: evil.clone(),
        });
        for response in [exchange.response.clone(), None] {
            exchange.response = response;
            let start = std::time::Instant::now();
            let text = made(&exchange).text.into_inner();
            let head: String = evil.chars().take(60).collect();
            assert!(start.elapsed() < Duration::from_secs(20), "{head:?} took {:?}", start.elapsed());
            assert!(text.len() < 256 << 10, "{head:?} gives {} bytes", text.len());
            let alive = alive(&text);
            let marks =
                ["<", "](", "@", "javascript", "evil", "alive", "|", "\u{1b}", "\u{202e}", "‹", "~~~", "password"];
            for mark in marks {
                assert!(!alive.contains(mark), "{mark:?} of {head:?} is alive:\n{alive}");
            }
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}', '\u{0}', '\u{2066}']), "{head:?}");
            for section in
                ["# Escalation report", "## Payload snippet", "## Troubleshooting checklist", "## Log", "## Redaction"]
            {
                assert_eq!(alive.lines().filter(|line| *line == section).count(), 1, "{section} of {head:?}:\n{alive}");
            }
        }
    }
}

#[test]
fn a_profile_from_a_stranger_cannot_bring_a_report_alive() {
    let text = "name = \"mine\"\ntitle = \"M\"\n[[environments]]\nname = \"p\"\ntitle = \"<b>@all\"\nkind = \"production\"\n\
                base = \"https://a.example\"\nis_default = true\n[[links]]\ntopic = \"status_page\"\n\
                title = \"[x](https://evil.example)\"\n[[checks]]\nid = \"logs\"\ntitle = \"a\\n# evil <img>\"\ntext = \"t\"\n";
    let mine = profile::load(text, "mine.toml").unwrap();
    let mut exchange = example();
    exchange.request.profile = "mine".into();
    exchange.request.environment = "p".into();
    let record = recorded(&exchange, &mine);
    let made = report::markdown(
        &Gate::default(),
        no_secrets(),
        &record,
        &mine,
        &profile::generic(),
        Timestamp::now(),
        Vec::new(),
    )
    .unwrap();
    let alive = alive(&made.text);
    for mark in ["<", "evil", "@", "]("] {
        assert!(!alive.contains(mark), "{mark}: {alive}");
    }
}

#[test]
fn a_payload_of_100_000_lines_is_shown_around_the_blamed_one() {
    let mut exchange = example();
    let filler: String = (0..99_000).map(|n| format!("\"k{n}\":1,\n")).collect();
    exchange.request.body =
        format!("{{\n\"publishAt\": \"2024-01-05T09:00:00Z\",\n{filler}\"z\":1}}").into_bytes().into();
    let made = made(&exchange);
    assert!(made.text.len() < 32 << 10, "{}", made.text.len());
    assert!(made.text.contains("| \"publishAt\": \"2024-01-05T09:00:00Z\",\n"), "{}", *made.text);
    assert!(made.text.contains("Only the beginning was kept"), "{}", *made.text);
    assert!(!made.text.contains("The payload is not JSON"), "a cut payload is not called broken: {}", *made.text);
}

#[test]
fn what_is_not_there_is_said_as_it_is() {
    let mut exchange = example();
    exchange.request.body = b"\x89PNG\0\0".as_slice().into();
    answer_with(&mut exchange, "");
    let text = made(&exchange).text.into_inner();
    assert!(text.contains("The payload was no text, 6 bytes; it is not kept."), "{text}");
    assert!(text.contains("The answer's body was empty."), "{text}");
    exchange.request.body = Vec::new().into();
    assert!(made(&exchange).text.contains("The payload was empty."));
}

#[test]
fn an_exchange_of_another_profile_is_not_explained_by_this_one() {
    let mut exchange = example();
    exchange.request.profile = "elsewhere".into();
    let text = made(&exchange).text.into_inner();
    assert!(text.contains("- **Environment:** an address of no environment"), "{text}");
}

#[test]
fn a_field_with_a_name_for_secrets_keeps_its_place() {
    let mut exchange = example();
    answer_with(&mut exchange, &EXAMPLE.replace("publishAt\",\"reason", "webhookSecret\",\"reason"));
    let text = made(&exchange).text.into_inner();
    assert!(text.contains("- **Field:** ` webhookSecret ` at line 2, column"), "{text}");
}

mod files {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn mode(path: &std::path::Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_report_is_its_owners_and_replaces_nothing_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
        let record = recorded(&example(), &altyaa());
        let text = made_with(&record, no_secrets()).text;
        let write = |path, is_replacing| report::write(&text, path, &record, &data_dir, is_replacing);

        let first = write(None, false).unwrap();
        let second = write(None, false).unwrap();
        assert!(first.ends_with("data/reports/altyaa-report-2026-11-23-100000-invalid_request.md"), "{first:?}");
        assert!(second.ends_with("data/reports/altyaa-report-2026-11-23-100000-invalid_request-2.md"), "{second:?}");
        assert_eq!((mode(&first), mode(first.parent().unwrap())), (0o600, 0o700));

        let there = folder.path().join("there.md");
        fs::write(&there, "mine").unwrap();
        let refused = write(Some(there.clone()), false).unwrap_err();
        assert!(!refused.fix().is_empty());
        assert_eq!(fs::read_to_string(&there).unwrap(), "mine");
        write(Some(there.clone()), true).unwrap();
        assert_eq!((fs::read_to_string(&there).unwrap(), mode(&there)), ((*text).clone(), 0o600));
    }

    #[test]
    fn links_missing_folders_and_folders_are_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
        let record = recorded(&example(), &altyaa());
        let text = made_with(&record, no_secrets()).text;
        let target = folder.path().join("target.txt");
        fs::write(&target, "precious").unwrap();
        let link = folder.path().join("link.md");
        symlink(&target, &link).unwrap();
        let write = |path: &std::path::Path, is_replacing| {
            report::write(&text, Some(path.to_path_buf()), &record, &data_dir, is_replacing)
        };
        assert!(write(&link, false).is_err());
        write(&link, true).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious", "a link is replaced, not followed");
        for path in [folder.path().join("no/such/folder.md"), folder.path().to_path_buf(), target.join("x.md")] {
            for is_replacing in [false, true] {
                let error = write(&path, is_replacing).unwrap_err();
                assert!(!error.summary().is_empty() && !error.fix().is_empty(), "{path:?}");
            }
        }
        // The reports folder itself replaced by a link.
        symlink(folder.path(), folder.path().join("data/reports")).unwrap();
        assert!(report::write(&text, None, &record, &data_dir, false).is_err());
    }
}
