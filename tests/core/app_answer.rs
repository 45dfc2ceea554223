//! An answer made without a network, for tests of what the state does with it.

use std::sync::Arc;
use std::time::Duration;

use altyaa_console::app::Answer;
use altyaa_console::diagnosis;
use altyaa_console::exchange::{
    Attempt, Exchange, ExchangeId, ExchangeRecord, Layer, PreparedRequest, Response, Timing, TransportError,
};
use altyaa_console::profile;
use altyaa_console::secret::{Redactor, Rules};
use http::Method;
use jiff::Timestamp;

/// The document's own example.
pub const PAST: &str = r#"{"error":{"code":"invalid_request","message":"publishAt must be a future timestamp","details":{"field":"publishAt","reason":"value is in the past"}}}"#;

/// An answer as the line makes it, of a request with that payload; no status means that none came.
pub fn answer_to(payload: &str, status: Option<u16>, body: &str) -> Arc<Answer> {
    let altyaa = profile::built_in("altyaa").unwrap();
    let now = Timestamp::now();
    let refused = || TransportError {
        layer: Layer::Tcp,
        kind: "refused".into(),
        summary: "127.0.0.1:9 refused the connection".into(),
        seen: "nothing listens".into(),
        meaning: "the server is not running".into(),
        fix: "start it".into(),
    };
    let transport_error = status.is_none().then(refused);
    let response = status.map(|status| {
        Response::whole(status, vec![("x-request-id".into(), "req_01".into())], body.as_bytes().to_vec())
    });
    let exchange = Exchange {
        id: ExchangeId::new(now),
        started_at: now,
        request: PreparedRequest {
            method: Method::POST,
            url: "http://127.0.0.1:9/v1/posts".parse().unwrap(),
            url_template: "{{base}}/v1/posts".into(),
            headers: Vec::new(),
            origin_headers: Vec::new(),
            body: payload.as_bytes().into(),
            environment: "local".into(),
            profile: "altyaa".into(),
            credential: None,
            secrets: Vec::new(),
        },
        attempts: vec![Attempt {
            n: 1,
            started_at: now,
            status,
            transport_error: transport_error.clone(),
            timing: Timing::default(),
            waited: Duration::ZERO,
            why: None,
            connection: None,
            redirects: Vec::new(),
            request_id: None,
            retry_after: None,
        }],
        response,
        transport_error,
        redirects: Vec::new(),
        advice: None,
        timing: Timing::default(),
        log: Vec::new(),
    };
    let diagnosis = diagnosis::from_exchange(&exchange, &altyaa, now);
    let value = diagnosis.as_ref().map(|diagnosis| serde_json::to_value(diagnosis).unwrap());
    let record = ExchangeRecord::from_exchange(&exchange, value.as_ref());
    let record = Redactor::new(Rules::built_in(), Vec::new()).redact(record);
    Arc::new(Answer::from_exchange(exchange, diagnosis, record, false, &altyaa, &altyaa, Vec::new()))
}
