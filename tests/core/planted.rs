//! An exchange with a planted secret in every place it can have one.

use std::sync::Arc;
use std::time::Duration;

use altyaa_console::exchange::{
    Exchange, ExchangeId, ExchangeRecord, Layer, LogLine, PreparedRequest, Response, Timing, TransportError,
};
use altyaa_console::secret::{Redacted, Redactor, Rules, Secret};
use base64::Engine as _;
use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use serde_json::json;
use url::Url;

/// The credential of the request: known by value.
pub const TOKEN: &str = "known-canary-Zq7+x/9w==";

/// Everything that may not be found afterwards, in the plain form.
pub const CANARIES: &[&str] = &[
    TOKEN,
    "cookie-canary-1a",
    "query-canary-2b",
    "userinfo-canary-3c",
    "json-canary-4d",
    "deep-canary-5e",
    "number-915273846",
    "setcookie-canary-6f",
    "answer-canary-7g",
    "log-canary-8h",
    "header-canary-9i",
];

pub const REQUEST_BODY: &str = "{\r\n  \"title\": \"Wörld\",\t\"password\": \"json-canary-4d\",\n  \"nested\": [{\"a\": {\"client-secret\": \"deep-canary-5e\"}}],\n  \"pin\": 915273846, \"max_tokens\": 100, \"next_page_token\": \"plain-1\", \"author\": \"Ann\", \"state\": \"draft\",\n  \"note\": \"uses known-canary-Zq7+x\\/9w== here\",\n  \"publishAt\": \"2020-01-01T00:00:00Z\", \"n\": 1.50e+1, \"n\": 2\n}";

fn base64_of(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// The exchange, numbered so that many can be told apart.
pub fn exchange(number: u32) -> Exchange {
    let headers: Vec<(&str, String)> = vec![
        ("authorization", format!("Bearer {TOKEN}")),
        ("cookie", "sid=cookie-canary-1a; theme=dark".into()),
        ("x-api-key", "header-canary-9i".into()),
        ("content-type", "application/json".into()),
        ("idempotency-key", "order-2026-11-23-0001".into()),
    ];
    let at = Timestamp::from_millisecond(1_700_000_000_000 + i64::from(number)).unwrap();
    Exchange {
        id: ExchangeId(altyaa_console::exchange::ulid(at, [1; 10])),
        started_at: at,
        request: PreparedRequest {
            method: Method::POST,
            url: Url::parse("http://me:userinfo-canary-3c@127.0.0.1:4010/v1/posts?access_token=query-canary-2b&page=2").unwrap(),
            url_template: "{{base}}/v1/posts?access_token=query-canary-2b&page=2".into(),
            headers: headers
                .into_iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap()))
                .collect(),
            origin_headers: Vec::new(),
            body: Arc::from(REQUEST_BODY.as_bytes()),
            environment: "local".into(),
            profile: "altyaa".into(),
            credential: Some("full".into()),
            secrets: vec![Secret::new(TOKEN.into())],
        },
        response: Some(Response::whole(
            400,
            vec![
                ("X-Request-Id".into(), format!("req-{number:04}")),
                ("Set-Cookie".into(), "session=setcookie-canary-6f; Path=/; HttpOnly".into()),
                ("X-RateLimit-Remaining-Tokens".into(), "149".into()),
            ],
            json!({"error": {"code": "invalid_request", "message": "publishAt must be a future timestamp",
                "details": {"field": "publishAt", "reason": "value is in the past", "echo": base64_of(&format!("me:{TOKEN}"))}},
                "access_token": "answer-canary-7g"})
            .to_string(),
        )),
        transport_error: Some(TransportError {
            layer: Layer::Body,
            kind: "short_body".into(),
            summary: "The answer ended early".into(),
            seen: format!("after Authorization: Bearer {TOKEN}"),
            meaning: "m".into(),
            fix: "f".into(),
        }),
        attempts: vec![],
        redirects: Vec::new(),
        advice: None,
        timing: Timing { total: Duration::from_millis(12), ..Timing::default() },
        log: vec![
            LogLine { at_ms: 0, text: "> POST /v1/posts?access_token=query-canary-2b&page=2".into() },
            LogLine { at_ms: 1, text: "> X-Auth-Token: log-canary-8h".into() },
            LogLine { at_ms: 2, text: format!("echo {}", TOKEN.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")) },
        ],
    }
}

/// Its diagnosis, with a span into the request's body.
pub fn diagnosis() -> serde_json::Value {
    let start = REQUEST_BODY.find("\"2020").unwrap();
    json!({"format": "altyaa", "status": 400, "code": "invalid_request",
        "message": format!("publishAt must be a future timestamp, not {TOKEN}"),
        "fields": [{"path": "publishAt", "location": "body", "reason": "value is in the past",
            "span": {"start": start, "end": start + 22, "line": 6, "column": 16}, "within": null, "nearest": null}],
        "request_id": {"value": "req-0001", "source": "header x-request-id"}})
}

/// The redacted record and the redactor that made it.
pub fn redacted(number: u32) -> (Redacted<ExchangeRecord>, Redactor) {
    let exchange = exchange(number);
    let mut redactor = Redactor::new(Rules::built_in(), ExchangeRecord::known_secrets(&exchange));
    let record = ExchangeRecord::from_exchange(&exchange, Some(&diagnosis()));
    let record = redactor.redact(record);
    (record, redactor)
}

/// Every canary in every form a file may hold it.
pub fn forms() -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for canary in CANARIES {
        let canary = canary.trim_start_matches("number-");
        forms.push(canary.as_bytes().to_vec());
        forms.push(base64_of(canary).trim_end_matches('=').as_bytes()[..8].to_vec());
        forms.push(canary.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").into_bytes());
        forms.push(canary.replace('/', "\\/").into_bytes());
        forms.push(canary.encode_utf16().flat_map(u16::to_le_bytes).collect());
    }
    forms
}
