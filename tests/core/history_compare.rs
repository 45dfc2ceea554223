//! Two calls side by side: every difference is told, and what explains the failure first.

use altyaa_console::exchange::ExchangeRecord;
use altyaa_console::history::{Comparison, Difference, DifferencePart, compare};

use crate::history_search::Call;

fn record(edit: impl FnOnce(&mut ExchangeRecord)) -> ExchangeRecord {
    let mut record = Call {
        method: "POST",
        url: "https://api.example.com/v1/posts?dry_run=1&page=2".into(),
        request: "{\"title\": \"A\", \"publishAt\": \"2030-01-01\", \"tags\": [\"x\", \"y\"], \"meta\": {\"a\": 1}}"
            .into(),
        response: "{\"id\": 1}".into(),
        headers: vec![
            ("Date", "Mon".into()),
            ("X-Request-Id", "req_1".into()),
            ("Content-Type", "application/json".into()),
        ],
        ..Call::new(1)
    }
    .record()
    .into_inner();
    edit(&mut record);
    record
}

fn names(comparison: &Comparison) -> Vec<(DifferencePart, &str)> {
    comparison.differences.iter().map(|d| (d.part, d.name.as_str())).collect()
}

fn find<'c>(comparison: &'c Comparison, name: &str) -> &'c Difference {
    comparison.differences.iter().find(|difference| difference.name == name).unwrap()
}

#[test]
fn a_call_compared_with_itself_has_no_difference() {
    let one = record(|_| {});
    assert_eq!(compare(&one, &one).differences, vec![]);
}

#[test]
fn causes_come_before_effects_and_the_blamed_value_first() {
    let good = record(|_| {});
    let bad = record(|record| {
        record.id = Call::new(2).id();
        record.request_body.text =
            "{\"title\": \"B\", \"publishAt\": \"2020-01-01\", \"tags\": [\"x\"], \"extra\": {\"b\": [1, 2]}}".into();
        record.credential = Some("reader".into());
        record.url = "https://api.example.com/v1/posts?dry_run=1&page=3".into();
        record.request_headers.push(("Content-Type".into(), "text/plain".into()));
        record.request_headers.push(("Idempotency-Key".into(), "k2".into()));
        record.field = Some("publishAt".into());
        record.code = Some("invalid_request".into());
        let response = record.response.as_mut().unwrap();
        response.status = 400;
        response.body.text = "{\"error\": {\"code\": \"invalid_request\"}}".into();
        response.headers[0].1 = "Tue".into();
        response.headers[1].1 = "req_2".into();
        response.headers.push(("Retry-After".into(), "3".into()));
    });
    let said = compare(&good, &bad);
    use DifferencePart::*;
    assert_eq!(
        names(&said),
        [
            (RequestBody, "/publishAt"),
            (Credential, ""),
            (RequestHeader, "content-type"),
            (RequestBody, "/title"),
            (RequestBody, "/tags/1"),
            (RequestBody, "/meta"),
            (RequestBody, "/extra"),
            (Query, "page"),
            (Status, ""),
            (Code, ""),
            (ResponseBody, "/id"),
            (ResponseBody, "/error"),
            (ResponseHeader, "retry-after"),
            (RequestHeader, "idempotency-key"),
            (ResponseHeader, "date"),
            (ResponseHeader, "x-request-id"),
        ]
    );
    let blamed = find(&said, "/publishAt");
    assert_eq!((blamed.before.as_deref(), blamed.after.as_deref()), (Some("\"2030-01-01\""), Some("\"2020-01-01\"")));
    let gone = find(&said, "/meta");
    assert_eq!((gone.before.as_deref(), gone.after.as_deref()), (Some("{\"a\": 1}"), None));
    assert!(said.differences[13..].iter().all(|difference| difference.is_usual));
    assert_eq!((said.before, said.after), (good.id, bad.id));
}

#[test]
fn a_field_that_is_missing_is_the_blamed_one() {
    let good = record(|_| {});
    let bad = record(|record| {
        record.request_body.text = "{\"title\": \"B\", \"tags\": [\"x\", \"y\"], \"meta\": {\"a\": 1}}".into();
        record.field = Some("publishAt".into());
    });
    assert_eq!(names(&compare(&good, &bad))[0], (DifferencePart::RequestBody, "/publishAt"));
}

#[test]
fn the_same_json_written_otherwise_is_no_difference_and_text_differs_by_line() {
    let good = record(|_| {});
    let spaced = record(|record| {
        record.request_body.text =
            "{ \"publishAt\":\"2030-01-01\",\n\"title\": \"\\u0041\", \"meta\": {\"a\":1}, \"tags\": [ \"x\",\"y\" ] }"
                .into();
    });
    assert_eq!(compare(&good, &spaced).differences, vec![]);
    let text = |text: &str| record(|record| record.request_body.text = text.into());
    let said = compare(&text("a\nb\nc"), &text("a\nx\nc"));
    assert_eq!((said.differences[0].name.as_str(), said.differences[0].after.as_deref()), ("line 2", Some("x")));
    let said = compare(&text("a"), &text(""));
    assert_eq!((said.differences[0].before.as_deref(), said.differences[0].after.as_deref()), (Some("a"), None));
    let kinds = compare(&text("{\"a\": {\"b\": 1}, \"c\": []}"), &text("{\"a\": 1, \"c\": [2]}"));
    assert_eq!(names(&kinds), [(DifferencePart::RequestBody, "/a"), (DifferencePart::RequestBody, "/c/0")]);
    let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(compare(&text(&deep), &text("[[2]]")).differences.len() <= 500);
    let long = format!("[{}0]", "1,".repeat(60_000));
    let said = compare(&text(&long), &text(&long.replace('1', "2")));
    assert!(said.differences.len() == 500 && said.more > 0);
}

#[test]
fn bodies_that_are_no_text_differ_by_length() {
    let binary = |len| {
        record(|record| {
            record.request_body.text.clear();
            record.request_body.is_binary = true;
            record.request_body.len_bytes = len;
        })
    };
    let said = compare(&binary(5), &binary(6));
    assert_eq!(said.differences[0].after.as_deref(), Some("6 bytes"));
    assert_eq!(compare(&binary(5), &binary(5)).differences, vec![]);
}
