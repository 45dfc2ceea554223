//! The line's steps in numbers: from a payload to the place of a field.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

use altyaa_console::diagnosis::{DiagnosisInput, diagnose};
use altyaa_console::profile;
use altyaa_console::text::{Document, LineIndex, locate};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;

/// Pretty-printed records of at least that many bytes together, and the path of the last field.
fn records(bytes: usize) -> (String, String) {
    let mut text = String::from("{\n  \"items\": [");
    let mut count = 0;
    while text.len() < bytes {
        let comma = if count == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        _ = write!(
            text,
            "{comma}\n    {{\n      \"id\": {count},\n      \"title\": \"Post number {count}\",\n      \"isDraft\": false,\n      \
             \"channels\": [\n        {{ \"name\": \"web\", \"weight\": 0.5 }},\n        {{ \"name\": \"m\\u00e4il\", \
             \"weight\": 1 }}\n      ],\n      \"publishAt\": \"2026-11-02T09:00:00Z\"\n    }}"
        );
        count += 1;
    }
    text.push_str("\n  ]\n}\n");
    (text, format!("items[{}].publishAt", count - 1))
}

/// The target: under 1 ms at 100 kB, under 60 ms at 10 MB, and no stall at 50 MB on one line.
fn span_index_and_lookup(c: &mut Criterion) {
    let mut group = c.benchmark_group("span index and last field");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    for (name, bytes) in [("100 kB", 100_000), ("10 MB", 10_000_000)] {
        let (text, path) = records(bytes);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &text, |b, text| {
            b.iter(|| {
                let document = Document::parse(black_box(text));
                let node = locate(&document, black_box(&path));
                node.map(|node| node.span())
            });
        });
    }
    let line = format!("[{}1]", "1,".repeat(25_000_000));
    group.throughput(Throughput::Bytes(line.len() as u64)).sample_size(10);
    group.bench_with_input(BenchmarkId::from_parameter("50 MB on one line"), &line, |b, line| {
        b.iter(|| {
            let document = Document::parse(black_box(line));
            let span = locate(&document, "[25000000]").map(|node| node.span());
            span.map(|span| LineIndex::new(line).position(span.start))
        });
    });
    group.finish();
}

/// A field that is not there makes every reading fail before the answer is none.
fn missing_field(c: &mut Criterion) {
    let (text, _) = records(10_000_000);
    let document = Document::parse(&text);
    c.bench_function("missing field in 10 MB", |b| b.iter(|| locate(&document, black_box("body.items[0].publish_to"))));
}

/// The target: under 1 ms for the document's own example, from the answer's bytes to the place and the actions.
fn envelope_to_diagnosis(c: &mut Criterion) {
    let (Some(profile), Ok(now)) = (profile::built_in("altyaa"), Timestamp::from_second(1_795_392_000)) else { return };
    let Some(payload) = profile.requests.first().map(|request| request.body.clone()) else { return };
    let headers = [("X-Request-Id".to_owned(), "req_1".to_owned())];
    let body = br#"{"error":{"code":"invalid_request","message":"publishAt must be a future timestamp",
        "details":{"field":"publishAt","reason":"value is in the past"}}}"#;
    let input = DiagnosisInput {
        status: 400,
        headers: &headers,
        body,
        method: Some("POST"),
        url: Some("/v1/posts"),
        request_headers: &[],
        payload: Some(&payload),
    };
    c.bench_function("envelope to diagnosis", |b| b.iter(|| diagnose(black_box(&input), &profile, now)));
}

/// The target: under 2 ms for 20 findings in a payload of 100 kB and under 80 ms in one of 10 MB, from the bytes of
/// answer and payload to the marks.
fn twenty_findings(c: &mut Criterion) {
    let (Some(profile), Ok(now)) = (profile::built_in("altyaa"), Timestamp::from_second(1_795_392_000)) else { return };
    let mut group = c.benchmark_group("20 findings to marks");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    for (name, bytes) in [("100 kB", 100_000), ("10 MB", 10_000_000)] {
        let (payload, last) = records(bytes);
        let count: usize =
            last.trim_start_matches("items[").split(']').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        let blamed = |i: usize| {
            // Every fourth is not there, so that what stands around it is looked for too.
            let field = if i % 4 == 3 { "publish_to" } else { "publishAt" };
            format!("{{\"loc\":[\"body\",\"items\",{},\"{field}\"],\"msg\":\"m\",\"type\":\"t\"}}", i * count / 20)
        };
        let body = format!("{{\"detail\":[{}]}}", (0..20).map(blamed).collect::<Vec<_>>().join(","));
        let input = DiagnosisInput {
            status: 422,
            headers: &[],
            body: body.as_bytes(),
            method: Some("POST"),
            url: Some("/v1/posts"),
            request_headers: &[],
            payload: Some(&payload),
        };
        group.throughput(Throughput::Bytes(payload.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter(|| {
                let said = diagnose(black_box(&input), &profile, now);
                assert!(said.fields.len() == 20 && said.fields.iter().all(|f| f.span.is_some() || f.within.is_some()));
            });
        });
    }
    group.finish();
}

criterion_group!(line, span_index_and_lookup, missing_field, envelope_to_diagnosis, twenty_findings);
criterion_main!(line);
