//! Streams: a line out for every line in, in order, at once.

use std::io::{BufRead as _, BufReader, Write as _};

use serde_json::{Value, json};

use super::program::Altyaa;

/// Line `n` of a stream of diagnoses, and whether it has an answer.
fn case(n: usize) -> (Vec<u8>, bool) {
    let body = json!({"error": {"code": "invalid_request", "message": format!("m{n}"),
        "details": {"field": "publishAt", "reason": "r"}}});
    let whole = json!({"id": n, "status": 400, "headers": {"X-Request-Id": format!("req_{n}")},
        "body": body.to_string(), "request": "{\"publishAt\": 1}"});
    match n % 7 {
        0 => (b"{\"status\": 400, \"body\": ".to_vec(), false),
        1 => (b"\xff\xfe garbage \x00".to_vec(), false),
        2 => (Vec::new(), false),
        3 => ("[".repeat(5_000).into_bytes(), false),
        4 => (json!({"status": "400", "body": ""}).to_string().into_bytes(), false),
        _ => (whole.to_string().into_bytes(), true),
    }
}

#[test]
fn a_thousand_mixed_lines_have_a_thousand_answers() {
    let altyaa = Altyaa::new();
    let cases: Vec<(Vec<u8>, bool)> = (0..1000).map(case).collect();
    let input: Vec<u8> = cases.iter().flat_map(|(line, _)| [line, &b"\n"[..]].concat()).collect();
    let done = altyaa.run_with(&["diagnose", "--jsonl"], &input);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let answers: Vec<Value> = done.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    for (n, (answer, (_, has_answer))) in answers.iter().zip(&cases).enumerate() {
        assert_eq!(!answer.is_null(), *has_answer, "line {n}: {answer}");
        if *has_answer {
            assert_eq!(
                (&answer["message"], &answer["request_id"]["value"]),
                (&json!(format!("m{n}")), &json!(format!("req_{n}")))
            );
            assert_eq!(answer["fields"][0]["span"]["start"], 14);
        }
    }
}

#[test]
fn spans_come_in_order_with_null_where_there_is_none() {
    let altyaa = Altyaa::new();
    let mut input = String::new();
    for n in 0..1000 {
        match n % 3 {
            0 => input.push_str(&json!({"id": n, "payload": format!("{{\"a\": {n}}}"), "path": "a"}).to_string()),
            1 => input.push_str(&json!({"payload": "{\"a\": 1}", "path": "b"}).to_string()),
            _ => input.push_str("]nonsense"),
        }
        input.push('\n');
    }
    let done = altyaa.run_with(&["span", "--jsonl"], input.as_bytes());
    assert_eq!((done.code, done.err.as_str(), done.text().lines().count()), (0, "", 1000));
    for (n, line) in done.text().lines().enumerate() {
        let place: Value = serde_json::from_str(line).unwrap();
        match n % 3 {
            0 => assert_eq!((&place["end"], &place["pointer"]), (&json!(6 + n.to_string().len()), &json!("/a"))),
            _ => assert_eq!(place, Value::Null),
        }
    }
}

#[test]
fn every_answer_comes_before_the_next_case_is_written() {
    let altyaa = Altyaa::new();
    for (command, line) in
        [("span", json!({"payload": "[1]", "path": "[0]"})), ("diagnose", json!({"status": 404, "body": ""}))]
    {
        let mut child = altyaa.command(&[command, "--jsonl"]).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        for _ in 0..3 {
            writeln!(input, "{line}").unwrap();
            let mut answer = String::new();
            // This would wait for ever if the answer were held back.
            output.read_line(&mut answer).unwrap();
            assert!(serde_json::from_str::<Value>(&answer).unwrap().is_object(), "{answer}");
        }
        drop(input);
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn an_empty_stream_is_fine_and_a_reader_that_leaves_is_told_as_a_broken_one() {
    let altyaa = Altyaa::new();
    for command in ["span", "diagnose"] {
        let done = altyaa.run(&[command, "--jsonl"]);
        assert_eq!((done.code, done.text(), done.err.as_str()), (0, "", ""));
        let mut child = altyaa.command(&[command, "--jsonl"]).spawn().unwrap();
        drop(child.stdout.take());
        let done = super::program::finished(child, b"{\"status\":404}\n{}\n");
        assert_eq!(done.code, 4, "{done:?}");
    }
}
