//! The gate in numbers: megabytes a second on JSON and logs, a whole record, and hostile input against plain input.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use altyaa_console::secret::{DocumentForm, KnownValues, Redactor, Rules, Secret};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// How long the texts are; short where nothing is measured because nothing is optimised.
const TEXT_BYTES: usize = if cfg!(debug_assertions) { 256 << 10 } else { 16 << 20 };
const HOSTILE_BYTES: [usize; 2] = if cfg!(debug_assertions) { [1_000, 10_000] } else { [100_000, 1_000_000] };

/// Fifty secrets of the lengths that API keys, tokens and passwords have.
fn known() -> Arc<KnownValues> {
    let secrets = (0..50u64).map(|number| {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let len = 12 + usize::try_from(number % 5).unwrap_or_default() * 16;
        let text: String = (0..len)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[(state >> 58) as usize])
            })
            .collect();
        ("token".to_owned(), Secret::new(text))
    });
    Arc::new(KnownValues::new(secrets.collect()))
}

/// Records as an API answers them, pretty-printed, with a secret every hundredth.
fn json(bytes: usize) -> String {
    let mut text = String::from("{\n  \"items\": [");
    let mut count = 0;
    while text.len() < bytes {
        let comma = if count == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        _ = write!(
            text,
            "{comma}\n    {{\n      \"id\": \"post_{count:08}\",\n      \"title\": \"Post number {count}\",\n      \"isDraft\": false,\n      \
             \"body\": \"A paragraph of ordinary words, as people write them, with a \\\"quotation\\\" in it.\",\n      \
             \"channels\": [\n        {{ \"name\": \"web\", \"weight\": 0.5 }}\n      ],\n      \"url\": \"https://api.example.test/v1/posts/{count}?page=2\",\n      \
             \"publishAt\": \"2026-11-02T09:00:00Z\"\n    }}"
        );
        if count % 100 == 0 {
            _ = write!(text, ",\n    {{ \"access_token\": \"at-{count:020}-x\" }}");
        }
        count += 1;
    }
    text.push_str("\n  ]\n}\n");
    text
}

/// Lines as a server logs them, with a secret every hundredth.
fn log(bytes: usize) -> String {
    let mut text = String::new();
    let mut count = 0u64;
    while text.len() < bytes {
        _ = writeln!(
            text,
            "2026-11-02T09:00:{:02}.123Z INFO  [worker-{}] request finished method=POST path=/v1/posts status=201 \
             duration_ms={} request_id=req_{count:016x} user agent sent no referrer",
            count % 60,
            count % 8,
            count % 900
        );
        if count.is_multiple_of(100) {
            _ = writeln!(text, "DEBUG > Authorization: Bearer tok-{count:024}");
        }
        count += 1;
    }
    text
}

/// The target: 100 MB/s on JSON and logs on one core, with the last look included in the second row of each.
fn throughput(c: &mut Criterion) {
    let known = known();
    let mut group = c.benchmark_group("redact, 50 known secrets");
    group.sample_size(10).measurement_time(Duration::from_secs(6));
    for (name, text, form) in
        [("JSON", json(TEXT_BYTES), DocumentForm::Json), ("logs", log(TEXT_BYTES), DocumentForm::Text)]
    {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new(name, "removed"), &text, |b, text| {
            b.iter(|| {
                let mut redactor = Redactor::with_known(Rules::built_in(), Arc::clone(&known));
                match form {
                    DocumentForm::Json => redactor.body(black_box(text), Some("application/json")).len(),
                    _ => redactor.text(black_box(text)).len(),
                }
            });
        });
        group.bench_with_input(BenchmarkId::new(name, "and looked through again"), &text, |b, text| {
            b.iter(|| {
                let mut redactor = Redactor::with_known(Rules::built_in(), Arc::clone(&known));
                redactor.document(black_box(text), form).map(|clean| clean.len())
            });
        });
    }
    group.finish();
}

/// Linear on hostile input: ten times the length takes about ten times as long.
fn hostile(c: &mut Criterion) {
    let known = known();
    let mut group = c.benchmark_group("hostile");
    group.sample_size(10).measurement_time(Duration::from_secs(2));
    for unit in [
        "{\"a\":[",
        "\"password\":\"",
        "password:",
        "eyJ-",
        "https://a:",
        "<password><![CDATA[",
        "form-data; name=password\n",
        "--password '",
        "%25",
        "\\\\u0041",
        "4111 1111 ",
    ] {
        for len in HOSTILE_BYTES {
            let text = unit.repeat(len / unit.len());
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new(unit.escape_debug().to_string(), len), &text, |b, text| {
                b.iter(|| Redactor::with_known(Rules::built_in(), Arc::clone(&known)).text(black_box(text)).len());
            });
        }
    }
    group.finish();
}

criterion_group!(redact, throughput, hostile);
criterion_main!(redact);
