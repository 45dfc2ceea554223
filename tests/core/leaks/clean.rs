//! Texts without any secret: what they are made with, and their collection.

use serde_json::{Value, json};

use super::encodings::json as json_text;
use super::money::is_luhn;
use super::rng::Rng;
use super::{CleanCase, Form, clean_apis, clean_docs, clean_logs, clean_more};

/// All cases without secrets.
pub(crate) fn cases(rng: &mut Rng) -> Vec<CleanCase> {
    let mut cases = Vec::new();
    for round in 0..12 {
        for (name, make) in clean_apis::ALL.into_iter().chain(clean_more::ALL) {
            cases.push(document(&format!("{name} {round}"), &make(rng), round, rng));
        }
    }
    for round in 0..4 {
        for (name, make) in clean_docs::ALL {
            cases.push(document(&format!("{name} {round}"), &make(rng), round, rng));
        }
    }
    cases.extend(clean_logs::cases(rng));
    cases
}

/// A JSON document as it is, pretty, as the answer of an exchange, of an HTTP text or of an archive.
fn document(name: &str, value: &Value, round: usize, rng: &mut Rng) -> CleanCase {
    let mut leaves = Vec::new();
    collect(value, 1, &mut leaves);
    match round % 6 {
        0 | 4 => finish(name, Form::Json, value.to_string(), leaves),
        1 => finish(name, Form::Json, serde_json::to_string_pretty(value).unwrap(), leaves),
        2 => {
            let answers = headers(rng);
            let lines: String = answers.iter().map(|(k, v)| format!("{k}: {v}\r\n")).collect();
            leaves.extend(answers.into_iter().map(|(_, v)| v));
            finish(name, Form::Http, format!("HTTP/1.1 200 OK\r\n{lines}\r\n{value}"), leaves)
        }
        3 => {
            let mut whole = json!({
                "request": {"method": "GET", "url": "https://api.example.com/v1/things?page=2&per_page=50&sort=created",
                    "headers": [["Accept", "application/json"], ["User-Agent", "acme-client/2.4.1"]], "body": ""},
                "response": {"status": 200, "headers": headers(rng)},
            });
            let mut inner = Vec::new();
            collect(value, 2, &mut inner);
            collect(&whole, 1, &mut inner);
            whole["response"]["body"] = json!(value.to_string());
            finish(name, Form::Exchange, whole.to_string(), inner)
        }
        _ => {
            let answers: Vec<Value> = headers(rng).into_iter().map(|(k, v)| json!({"name": k, "value": v})).collect();
            let mut har = json!({"log": {"version": "1.2", "creator": {"name": "Firefox", "version": "128.0"}, "pages": [], "entries": [{
                "startedDateTime": rng.instant(), "time": rng.range(20, 900),
                "request": {"method": "GET", "url": format!("https://api.example.com/v1/things/{}", id(9, rng)), "httpVersion": "HTTP/2",
                    "headers": [{"name": "accept", "value": "application/json"}, {"name": "accept-language", "value": "de-CH,de;q=0.9"}],
                    "queryString": [{"name": "page", "value": "2"}, {"name": "cursor", "value": cursor(rng)}], "cookies": [], "headersSize": 310, "bodySize": 0},
                "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/2", "headers": answers, "cookies": [],
                    "content": {"size": 1200, "mimeType": "application/json"}, "redirectURL": "", "headersSize": -1, "bodySize": 1200},
                "timings": {"blocked": 1, "send": 0, "wait": rng.range(10, 400), "receive": 2}}]}});
            let mut inner = Vec::new();
            collect(value, 2, &mut inner);
            collect(&har, 1, &mut inner);
            har["log"]["entries"][0]["response"]["content"]["text"] = json!(value.to_string());
            finish(name, Form::Har, har.to_string(), inner)
        }
    }
}

/// Ends a case: each leaf value is in the text, and their number is noted.
pub(crate) fn finish(name: &str, form: Form, text: String, mut leaves: Vec<String>) -> CleanCase {
    leaves.retain(|leaf| !leaf.is_empty());
    CleanCase { name: format!("{name} ({form:?})"), form, text, values: leaves.len(), leaves }
}

/// Gathers strings and numbers as they stand in JSON that is itself written `depth - 1` times into a JSON string.
pub(crate) fn collect(value: &Value, depth: usize, leaves: &mut Vec<String>) {
    match value {
        Value::String(text) => leaves.push((0..depth).fold(text.clone(), |text, _| json_text(&text))),
        Value::Number(number) => leaves.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, depth, leaves)),
        Value::Object(map) => map.values().for_each(|item| collect(item, depth, leaves)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Response headers that name nothing secret.
pub(crate) fn headers(rng: &mut Rng) -> Vec<(String, String)> {
    [
        ("Date", "Wed, 25 Nov 2026 12:17:00 GMT".to_owned()),
        ("Content-Type", "application/json; charset=utf-8".to_owned()),
        ("X-Request-Id", rng.uuid()),
        ("ETag", format!("W/{}", rng.hex(40))),
        ("X-RateLimit-Limit", "5000".to_owned()),
        ("X-RateLimit-Remaining", rng.digits(4)),
        ("X-RateLimit-Reset", format!("17{}", rng.digits(8))),
        ("Retry-After", "30".to_owned()),
        ("CF-Ray", format!("{}-ZRH", rng.hex(16))),
        ("traceparent", format!("00-{}-{}-01", rng.hex(32), rng.hex(16))),
        ("x-amzn-RequestId", rng.uuid()),
        ("x-amz-cf-id", format!("{}==", rng.alnum(54))),
        ("Server-Timing", "db;dur=53, app;dur=47.2".to_owned()),
        ("Link", "<https://api.example.com/v1/things?page=3>; rel=next".to_owned()),
        (
            "X-GitHub-Request-Id",
            format!("{}:{}:{}", rng.hex(4).to_uppercase(), rng.hex(6).to_uppercase(), rng.hex(8).to_uppercase()),
        ),
        ("Cache-Control", "private, max-age=60, s-maxage=60".to_owned()),
        ("Vary", "Accept, Accept-Encoding".to_owned()),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect()
}

/// A number of `n` digits that is no card number.
pub(crate) fn id(n: usize, rng: &mut Rng) -> String {
    loop {
        let id = rng.digits(n);
        if n < 12 || !is_luhn(&id) {
            return id;
        }
    }
}

/// A whole number of `n` digits, up to 18, that is no card number.
pub(crate) fn number(n: usize, rng: &mut Rng) -> u64 {
    id(n, rng).parse().unwrap()
}

/// A cursor of a page: base64 of an innocent text.
pub(crate) fn cursor(rng: &mut Rng) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!("cursor:v2:{}:{}", rng.instant(), rng.digits(7)))
}

/// A ULID.
pub(crate) fn ulid(rng: &mut Rng) -> String {
    format!("01J{}", rng.chars("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23))
}

/// A few words.
pub(crate) fn words(n: usize, rng: &mut Rng) -> String {
    const WORDS: [&str; 36] = [
        "update",
        "order",
        "the",
        "release",
        "fix",
        "pagination",
        "token",
        "limit",
        "for",
        "password",
        "form",
        "label",
        "when",
        "session",
        "list",
        "is",
        "empty",
        "and",
        "retry",
        "after",
        "timeout",
        "docs",
        "author",
        "key",
        "column",
        "of",
        "state",
        "machine",
        "secretary",
        "table",
        "with",
        "basic",
        "cookie",
        "recipe",
        "signature",
        "dish",
    ];
    (0..n).map(|_| rng.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}
