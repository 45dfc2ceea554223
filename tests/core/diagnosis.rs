//! Diagnosis of hostile, cut-off and huge input, and from a whole exchange.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, LazyLock};
use std::time::Instant;

use altyaa_console::diagnosis::{Diagnosis, DiagnosisInput, Location, Place, diagnose, from_exchange};
use altyaa_console::envelope::{Answer, read};
use altyaa_console::exchange::{Exchange, ExchangeId, PreparedRequest, Response, Timing};
use altyaa_console::profile::{self, Profile};
use altyaa_console::text::Pointer;
use jiff::Timestamp;
use proptest::prelude::*;

/// The document's own example, with its line breaks.
const EXAMPLE: &str = "{\n\"error\": {\n\"code\": \"invalid_request\",\n\"message\": \"publishAt must be a future timestamp\",\n\"details\": {\n\"field\": \"publishAt\",\n\"reason\": \"value is in the past\"\n}\n}\n}";

fn now() -> Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

fn altyaa() -> &'static Profile {
    static ALTYAA: LazyLock<Profile> = LazyLock::new(|| profile::built_in("altyaa").unwrap());
    &ALTYAA
}

fn diagnosed(status: u16, body: &[u8], payload: Option<&str>) -> Diagnosis {
    let input = DiagnosisInput {
        status,
        headers: &[],
        body,
        method: Some("POST"),
        url: Some("/v1/posts"),
        request_headers: &[],
        payload,
    };
    diagnose(&input, altyaa(), now())
}

#[test]
fn an_answer_of_100_000_levels_is_read_as_far_as_it_goes() {
    for (open, close) in [("[", "]"), ("{\"error\":", "}")] {
        for whole in [true, false] {
            let end = if whole { close.repeat(100_000) } else { String::new() };
            let body = format!("{}null{end}", open.repeat(100_000));
            let diagnosis = diagnosed(500, body.as_bytes(), None);
            assert_eq!((diagnosis.format.as_str(), diagnosis.message), ("unknown", None));
        }
    }
    // Depth beside the envelope does not hide it.
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = format!("{{\"extra\":{deep},\"error\":{{\"code\":\"conflict\",\"message\":\"m\"}}}}");
    assert_eq!(diagnosed(409, body.as_bytes(), None).code.as_deref(), Some("conflict"));
}

#[test]
fn a_payload_of_100_000_levels_still_has_places() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let payload = format!("{{\"deep\":{deep},\"publishAt\":\"x\"}}");
    let field = diagnosed(400, EXAMPLE.as_bytes(), Some(&payload)).fields.remove(0);
    let span = field.span.unwrap();
    assert_eq!(&payload[span.start..span.end], "\"x\"");
    assert_eq!(span.column, "{\"deep\":".len() + deep.len() + ",\"publishAt\":".len() + 1);

    let unclosed = format!("{{\"publishAt\":\"x\",\"deep\":{}", "[".repeat(100_000));
    assert_eq!(diagnosed(400, EXAMPLE.as_bytes(), Some(&unclosed)).fields[0].span, None);
}

#[test]
fn ten_megabytes_are_no_trouble() {
    let list = format!("[{}1]", "1,".repeat(5_000_000));
    assert_eq!(diagnosed(500, list.as_bytes(), None).format, "unknown");
    let page = format!("<html>{}<title>late</title>", "<p>&".repeat(2_500_000));
    assert_eq!(diagnosed(502, page.as_bytes(), None).message, None);
    let payload = format!("{{\"list\":{list},\"publishAt\":\"x\"}}");
    let span = diagnosed(400, EXAMPLE.as_bytes(), Some(&payload)).fields[0].span.unwrap();
    assert_eq!(&payload[span.start..span.end], "\"x\"");
}

#[test]
fn hostile_paths_take_linear_time() {
    let began = Instant::now();
    for piece in ["a.", "[0]", "/~", "a[\"", "\\", "%25", "&", "body."] {
        let path = piece.repeat(200_000);
        let body = serde_json::json!({"error": {"code": "invalid_request", "message": "m",
            "details": {"field": path, "reason": "r"}}})
        .to_string();
        let diagnosis = diagnosed(400, body.as_bytes(), Some("{\"a\":{\"a\":[[0]]}}"));
        assert_eq!(diagnosis.fields[0].span, None);
        assert!(diagnosis.actions.iter().all(|action| action.label.len() < 300));
    }
    // Quadratic work on these sizes takes minutes.
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn of_an_answer_that_is_cut_off_only_whole_values_count() {
    let whole = diagnosed(400, EXAMPLE.as_bytes(), None);
    let mut best = 0;
    for end in 0..EXAMPLE.len() {
        let cut = diagnosed(400, &EXAMPLE.as_bytes()[..end], None);
        let known = [cut.code.is_some(), cut.message.is_some(), !cut.fields.is_empty()];
        assert!(cut.code.is_none() || cut.code == whole.code, "{end}");
        assert!(cut.message.is_none() || cut.message == whole.message, "{end}");
        for field in &cut.fields {
            assert_eq!(field.path, whole.fields[0].path, "{end}");
            assert!(field.reason.is_none() || field.reason == whole.fields[0].reason, "{end}");
        }
        let count = known.iter().filter(|known| **known).count();
        assert!(count >= best, "{end} knows less than a shorter one");
        best = count;
    }
    assert_eq!(best, 3);
}

#[test]
fn a_body_of_another_api_is_not_read_as_ours() {
    for (body, format, code, message) in [
        (
            r#"{"error":{"code":"parameter_missing","message":"m","param":"card[number]","type":"invalid_request_error"}}"#,
            "stripe",
            Some("parameter_missing"),
            Some("m"),
        ),
        (
            r#"{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}"#,
            "google",
            Some("INVALID_ARGUMENT"),
            Some("m"),
        ),
        (
            r#"{"error":{"code":"BadRequest","message":"m","target":"x","details":[]}}"#,
            "microsoft",
            Some("BadRequest"),
            Some("m"),
        ),
        (r#"{"error":"invalid_grant","error_description":"m"}"#, "oauth", Some("invalid_grant"), Some("m")),
        (r#"{"error":{"code":"","message":"m"}}"#, "unknown", None, Some("m")),
        (r#"{"error":{"code":"x","message":["m"]}}"#, "unknown", Some("x"), Some("m")),
        (r#"[{"error":{"code":"x","message":"m"}}]"#, "unknown", None, None),
    ] {
        let diagnosis = diagnosed(400, body.as_bytes(), None);
        assert_eq!(
            (diagnosis.format.as_str(), diagnosis.code.as_deref(), diagnosis.message.as_deref()),
            (format, code, message),
            "{body}"
        );
    }
}

#[test]
fn a_field_may_be_a_list_of_segments() {
    let body = r#"{"error":{"code":"invalid_request","message":"m","details":{"field":["channels",1,"name"]}}}"#;
    let payload = r#"{"channels":[{},{"name":"x"}]}"#;
    let field = diagnosed(400, body.as_bytes(), Some(payload)).fields.remove(0);
    assert_eq!(field.path, "channels.1.name");
    assert_eq!(field.place, Place::Body(Pointer::parse("/channels/1/name").unwrap()));
    for nameless in ["[]", "[null]", "[[\"a\"]]", "{}", "7", "null"] {
        let body = body.replace(r#"["channels",1,"name"]"#, nameless);
        assert!(diagnosed(400, body.as_bytes(), Some(payload)).fields.is_empty(), "{nameless}");
    }
}

#[test]
fn shapes_are_told_by_content_whatever_the_profile() {
    let answer = Answer { status: 400, headers: &[], body: EXAMPLE.as_bytes() };
    let envelope = read(&answer, &profile::generic(), now());
    assert_eq!((envelope.format.as_str(), envelope.code.as_deref()), ("altyaa", Some("invalid_request")));
    let body = br#"{"error":{"code":"x","message":"m"}}"#;
    let envelope = read(&Answer { body, ..answer }, &profile::generic(), now());
    let said = (envelope.format.as_str(), envelope.code.as_deref(), envelope.message.as_deref());
    assert_eq!(said, ("unknown", Some("x"), Some("m")), "anybody could have written it");
}

/// An exchange whose answer is the document's example.
pub fn exchange(payload: &[u8], body: &str) -> Exchange {
    let started_at = now();
    Exchange {
        id: ExchangeId::new(started_at),
        started_at,
        request: PreparedRequest {
            method: http::Method::POST,
            url: "http://127.0.0.1:4000/v1/posts".parse().unwrap(),
            url_template: "{{base}}/v1/posts".into(),
            headers: vec![(http::HeaderName::from_static("idempotency-key"), http::HeaderValue::from_static("k"))],
            origin_headers: Vec::new(),
            body: Arc::from(payload),
            environment: "local".into(),
            profile: "altyaa".into(),
            credential: None,
            secrets: Vec::new(),
        },
        response: Some(Response::whole(400, vec![("X-Request-Id".into(), "req_1".into())], body.as_bytes().to_vec())),
        transport_error: None,
        attempts: Vec::new(),
        redirects: Vec::new(),
        advice: None,
        timing: Timing::default(),
        log: Vec::new(),
    }
}

#[test]
fn an_exchange_is_diagnosed_with_what_was_sent() {
    let call = exchange(br#"{"publishAt":"x"}"#, EXAMPLE);
    let diagnosis = from_exchange(&call, altyaa(), now()).unwrap();
    assert_eq!(diagnosis.fields[0].span.unwrap().start, 13);
    assert_eq!(diagnosis.request_id.unwrap().value, "req_1");
    assert!(diagnosis.is_error);

    let blames_header = EXAMPLE.replace("\"publishAt\",", "\"Idempotency-Key\",");
    let field = from_exchange(&exchange(b"{}", &blames_header), altyaa(), now()).unwrap().fields.remove(0);
    assert_eq!((field.location, field.place), (Location::Header, Place::Header("Idempotency-Key".into())));

    let mut unanswered = exchange(b"{}", EXAMPLE);
    unanswered.response = None;
    assert_eq!(from_exchange(&unanswered, altyaa(), now()), None);
}

#[test]
fn a_payload_that_is_no_text_has_no_places() {
    let call = exchange(b"{\"\xff\":1,\"publishAt\":\"x\"}", EXAMPLE);
    let field = from_exchange(&call, altyaa(), now()).unwrap().fields.remove(0);
    assert_eq!((field.location, field.span), (Location::Body, None));
}

/// Bytes that look like an answer often enough to get past the first look.
fn answer_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "{\"error\":",
        "{\"code\":",
        "\"message\":",
        "\"details\":{\"field\":",
        "\"reason\":",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\u",
        "\\ud800",
        "\u{feff}",
        "<title",
        ">",
        "</title>",
        "&#x110000;",
        "&amp;",
        "<html",
        "null",
        "1e999",
        "-",
        " ",
        "\r\n",
        "é",
        "\u{202e}",
        "invalid_request",
        "publishAt",
        "channels[1].name",
        "/a~",
        "$",
    ]);
    let made = prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![prop::collection::vec(any::<u8>(), 0..300), made]
}

proptest! {
    #[test]
    fn no_answer_breaks_the_reading(
        status in any::<u16>(),
        body in answer_bytes(),
        payload in prop::option::of(any::<String>()),
        url in any::<String>(),
        header in prop::sample::select(vec!["retry-after", "ratelimit", "x-ratelimit-reset", "date", "content-type", "x-request-id"]),
        value in "[ -~é]{0,30}|[0-9]{1,20}|\"d\";r=0;t=[0-9]{1,3}",
    ) {
        let headers = vec![(header.to_owned(), value), ("x-ratelimit-remaining".to_owned(), "0".to_owned())];
        let input = DiagnosisInput {
            status,
            headers: &headers,
            body: &body,
            method: None,
            url: Some(&url),
            request_headers: &[],
            payload: payload.as_deref(),
        };
        let diagnosis = diagnose(&input, altyaa(), now());
        prop_assert!(diagnosis.retry_after_s.is_none_or(|wait| wait.is_finite() && wait >= 0.0));
        prop_assert!(serde_json::to_string(&diagnosis).is_ok());
        for field in &diagnosis.fields {
            prop_assert!(!field.path.is_empty());
            if let (Some(span), Some(payload)) = (field.span, &payload) {
                prop_assert!(payload.get(span.start..span.end).is_some());
            }
        }
    }

    #[test]
    fn a_blamed_key_is_found_where_it_stands(key in "[a-z][a-zA-Z0-9]{0,12}", value in any::<i64>(), pad in "[ \t\r\n]{0,5}") {
        let body = serde_json::json!({"error": {"code": "invalid_request", "message": "m", "details": {"field": key}}});
        let payload = format!("{{{pad}\"_é\":[1,2],{pad}\"{key}\"{pad}:{pad}{value}{pad}}}");
        let diagnosis = diagnosed(400, body.to_string().as_bytes(), Some(&payload));
        let span = diagnosis.fields[0].span.unwrap();
        prop_assert_eq!(&payload[span.start..span.end], value.to_string());
        prop_assert_eq!(span.line, payload[..span.start].matches('\n').count() + 1);
    }
}
