//! `altyaa diagnose` and `altyaa span` through their arguments, files and streams.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use altyaa_console::cli::{diagnose, span};
use altyaa_console::profile;
use clap::{Args, Command};
use serde_json::{Value, json};

const EXAMPLE: &str = r#"{"error":{"code":"invalid_request","message":"publishAt must be a future timestamp","details":{"field":"publishAt","reason":"value is in the past"}}}"#;

/// Arguments as the terminal program would parse them.
fn parsed<A: Args>(words: &[&str]) -> Result<A, clap::Error> {
    let command = A::augment_args(Command::new("altyaa"));
    A::from_arg_matches(&command.try_get_matches_from(std::iter::once(&"altyaa").chain(words))?)
}

/// Exit code, standard output and standard error.
fn diagnosed(words: &[&str], json: bool, input: &str) -> (u8, String, String) {
    let args: diagnose::DiagnoseArgs = parsed(words).unwrap();
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    let profile = profile::built_in("altyaa").unwrap();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let code = diagnose::run(&args, &profile, json, now, &mut input.as_bytes(), &mut output, &mut errors);
    (code, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
}

fn spanned(words: &[&str], json: bool, input: &str) -> (u8, String, String) {
    let args: span::SpanArgs = parsed(words).unwrap();
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let code = span::run(&args, json, &mut input.as_bytes(), &mut output, &mut errors);
    (code, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
}

#[test]
fn usage_is_refused_before_anything_is_read() {
    for words in [
        vec!["--status", "400"],
        vec!["--status", "four", "-"],
        vec!["--status", "42", "-"],
        vec!["--status", "400", "--header", "no colon", "-"],
        vec!["--jsonl", "-"],
        vec!["--jsonl", "--status", "400"],
    ] {
        assert!(parsed::<diagnose::DiagnoseArgs>(&words).is_err(), "{words:?}");
    }
    assert!(parsed::<span::SpanArgs>(&["path"]).is_err());
    assert!(parsed::<span::SpanArgs>(&["--jsonl", "path", "file"]).is_err());
    assert_eq!(parsed::<span::SpanArgs>(&["-1", "-"]).unwrap().path.as_deref(), Some("-1"));
    assert_eq!(parsed::<span::SpanArgs>(&["", "-"]).unwrap().path.as_deref(), Some(""));
}

#[test]
fn a_file_and_its_request_give_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let request = folder.path().join("request.json");
    std::fs::write(&request, "{\n  \"publishAt\": 5\n}\n").unwrap();
    let request = request.to_str().unwrap();
    let words = ["-", "--status", "400", "-H", "X-Request-Id: req_1", "--request", request, "--url", "/v1/posts"];
    let (code, output, errors) = diagnosed(&words, true, EXAMPLE);
    assert_eq!((code, errors.as_str()), (0, ""));
    let object: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(object["fields"][0]["span"], json!({"start": 17, "end": 18, "line": 2, "column": 16}));
    assert_eq!(object["request_id"], json!({"value": "req_1", "source": "header x-request-id", "made_by": "api"}));

    let (code, output, _) = diagnosed(&words, false, EXAMPLE);
    assert_eq!(code, 0);
    assert!(output.starts_with("400 invalid_request: publishAt must be a future timestamp\n"), "{output}");
    assert!(output.contains("Field publishAt (body, line 2, column 16): value is in the past\n"), "{output}");
    assert!(output.contains("Request id: req_1 (header x-request-id)\n"), "{output}");
}

#[test]
fn a_missing_file_is_named_and_nothing_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.json");
    let missing = missing.to_str().unwrap();
    for words in [vec![missing, "--status", "400"], vec!["-", "--status", "400", "--request", missing]] {
        let (code, output, errors) = diagnosed(&words, true, EXAMPLE);
        assert_eq!((code, output.as_str()), (4, ""));
        assert!(errors.contains("could not be read") && errors.trim_end().ends_with(missing), "{errors}");
    }
    let (code, _, errors) = diagnosed(&["-", "--status", "400", "--request", "-"], true, EXAMPLE);
    assert_eq!(code, 4);
    assert!(errors.contains("not both"), "{errors}");
    assert_eq!(spanned(&["a", missing], true, "").0, 4);
}

#[test]
fn foreign_text_cannot_steer_the_terminal() {
    let body = EXAMPLE.replace("publishAt", "\\u001b[31mred\\u202e\\n");
    let (_, output, _) = diagnosed(&["-", "--status", "400", "-H", "X-Request-Id: a\u{1b}b"], false, &body);
    assert!(!output.contains(['\u{1b}', '\u{202e}']), "{output:?}");
    assert!(output.contains("\\u{1b}[31mred"), "{output:?}");
    let (_, output, _) = diagnosed(&["-", "--status", "502"], false, "bad\u{7}\u{9b} gateway");
    assert!(!output.contains(['\u{7}', '\u{9b}']), "{output:?}");
}

#[test]
fn what_is_no_envelope_is_shown_raw_and_named_so() {
    let (code, output, _) = diagnosed(&["-", "--status", "500"], false, "{\"oops\":1}");
    assert_eq!(code, 0);
    assert!(output.contains("No error envelope found in 10 bytes.\n    {\"oops\":1}\n"), "{output}");
    let (_, output, _) = diagnosed(&["-", "--status", "200"], false, "{\"id\":1}");
    assert_eq!(output, "200\nNo error in it.\n");
}

#[test]
fn a_stream_answers_every_line_in_order() {
    let whole = json!({"id": 7, "status": 409, "headers": [["X-Request-Id", "a"]], "body": EXAMPLE, "more": {"x": []}});
    let object = json!({"status": 429, "headers": {"Retry-After": 3, "Set-Cookie": ["a=1", "b=2"]}, "body": null});
    let lines = [
        whole.to_string(),
        "{broken".into(),
        String::new(),
        object.to_string(),
        json!({"headers": {}, "body": ""}).to_string(),
        json!({"status": 400, "headers": "x", "body": ""}).to_string(),
        json!({"status": 400, "headers": {}, "body": {"error": {}}}).to_string(),
        json!({"status": 70000, "headers": {}, "body": ""}).to_string(),
        "[1]".into(),
        json!({"status": 400}).to_string(),
    ];
    let (code, output, errors) = diagnosed(&["--jsonl"], false, &lines.join("\n"));
    assert_eq!((code, errors.as_str()), (0, ""));
    let answers: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let nulls: Vec<bool> = answers.iter().map(Value::is_null).collect();
    assert_eq!(nulls, [false, true, true, false, true, true, true, true, true, false]);
    assert_eq!(answers[0]["request_id"]["value"], "a");
    assert_eq!(answers[3]["retry_after_s"], 3.0);
    assert_eq!(answers[9]["status"], 400);
}

#[test]
fn span_answers_with_its_place_or_null_and_exit_1() {
    let payload = "{\"channels\": [{}, {\"name\": \"x\"}]}";
    let (code, output, _) = spanned(&["channels[1].name", "-"], true, payload);
    assert_eq!(code, 0);
    let place: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(place, json!({"start": 27, "end": 30, "line": 1, "column": 28, "pointer": "/channels/1/name"}));
    assert_eq!(spanned(&["channels[2]", "-"], true, payload), (1, "null\n".into(), String::new()));
    assert_eq!(spanned(&["channels", "-"], true, "{\"channels\": 1,}").0, 1);
    let (code, output, _) = spanned(&["", "-"], false, " 5 ");
    assert_eq!((code, output.as_str()), (0, "line 1, column 2, bytes 1 to 2, the whole text\n    5\n"));
    let (code, output, _) = spanned(&["a", "-"], false, "{}");
    assert_eq!((code, output.as_str()), (1, "This path has no place in the text.\n"));
}

#[test]
fn a_stream_of_spans_has_a_line_for_a_line() {
    let lines = [
        json!({"id": "x", "payload": "{\"a\":[1,2]}", "path": "a[1]"}).to_string(),
        json!({"payload": "{\"a\":[1,2]}", "path": "a[2]"}).to_string(),
        json!({"payload": "{\"a\":", "path": "a"}).to_string(),
        json!({"payload": {"a": 1}, "path": "a"}).to_string(),
        json!({"path": "a"}).to_string(),
        "nonsense".into(),
    ];
    let (code, output, _) = spanned(&["--jsonl"], false, &lines.join("\n"));
    assert_eq!(code, 0);
    let first = json!({"start": 8, "end": 9, "line": 1, "column": 9, "pointer": "/a/1"});
    assert_eq!(output, format!("{first}\nnull\nnull\nnull\nnull\nnull\n"));
}
