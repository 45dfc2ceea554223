//! Places that are not a JSON value: forms, parameters, path segments, headers, cookies, query text, and doubts.

use std::sync::LazyLock;

use altyaa_console::app::Answer;
use altyaa_console::diagnosis::{Diagnosis, DiagnosisInput, FieldFinding, Location, Place, diagnose, from_exchange};
use altyaa_console::exchange::ExchangeRecord;
use altyaa_console::profile::{self, Profile};
use altyaa_console::secret::{Redactor, Rules};
use altyaa_console::text::{Document, Pointer};
use jiff::Timestamp;
use serde_json::{Value, json};

fn altyaa() -> &'static Profile {
    static ALTYAA: LazyLock<Profile> = LazyLock::new(|| profile::built_in("altyaa").unwrap());
    &ALTYAA
}

/// The diagnosis of an answer in the shape of FastAPI, which says where each field is.
fn diagnosed(loc: &Value, msg: &str, url: &str, headers: &[&str], payload: Option<&str>) -> Diagnosis {
    let body = json!({"detail": [{"loc": loc, "msg": msg, "type": "value_error"}]}).to_string();
    asked(body, "POST", url, headers, payload)
}

/// The diagnosis of the document's own example, which says only the field's name.
fn blamed(field: &str, reason: &str, payload: Option<&str>) -> FieldFinding {
    let details = json!({"field": field, "reason": reason});
    let body = json!({"error": {"code": "invalid_request", "message": "m", "details": details}}).to_string();
    asked(body, "POST", "/v1/posts?limit=5", &[], payload).fields.remove(0)
}

fn asked(body: String, method: &str, url: &str, headers: &[&str], payload: Option<&str>) -> Diagnosis {
    let input = DiagnosisInput {
        status: 422,
        headers: &[],
        body: body.as_bytes(),
        method: Some(method),
        url: Some(url),
        request_headers: headers,
        payload,
    };
    let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
    diagnose(&input, altyaa(), now)
}

fn marked<'p>(field: &FieldFinding, payload: &'p str) -> Option<&'p str> {
    field.in_payload().map(|span| &payload[span.start..span.end])
}

#[test]
fn a_form_field_is_marked_with_its_value_as_written() {
    let payload = "title=a+b&user%5Bemail%5D=a%40b&empty=&flag&tags[]=x&tags[]=y";
    for (path, expected, place) in [
        ("title", "a+b", Place::Form("title".into(), 0)),
        ("user[email]", "a%40b", Place::Form("user[email]".into(), 0)),
        ("user.email", "a%40b", Place::Form("user[email]".into(), 0)),
        ("empty", "", Place::Form("empty".into(), 0)),
        ("flag", "flag", Place::Form("flag".into(), 0)),
        ("tags.1", "y", Place::Form("tags[]".into(), 1)),
    ] {
        let field = blamed(path, "r", Some(payload));
        assert_eq!((field.location, marked(&field, payload)), (Location::Body, Some(expected)), "{path}");
        assert_eq!((field.place, field.within, field.found_as), (place, None, None), "{path}");
    }
    let empty = blamed("empty", "r", Some(payload)).text_span.unwrap();
    let said = serde_json::to_value(blamed("title", "r", Some(payload))).unwrap();
    assert_eq!((&said["span"], &said["text_span"]["end"]), (&json!(null), &json!(9)), "a span is one of strict JSON");
    assert_eq!((empty.start, empty.end, empty.line, empty.column), (38, 38, 1, 39));
    let variant = blamed("userEmail", "r", Some("user_email=1&b=2"));
    assert_eq!((variant.location, variant.found_as.as_deref()), (Location::Body, Some("user_email")));
    assert_eq!(variant.difference().as_deref(), Some("The request spells it user_email"));
}

#[test]
fn a_field_that_a_form_has_not_is_missing_with_the_nearest_name() {
    let field = blamed("user.emial", "r", Some("user[email]=1&b=2"));
    assert_eq!((field.location, field.span, field.within), (Location::Body, None, None));
    assert_eq!(field.text_span, None);
    assert_eq!((field.nearest.as_deref(), field.place), (Some("user[email]"), Place::Unknown));
    let whole = blamed("body", "r", Some("a=1"));
    assert_eq!((whole.location, whole.span), (Location::Whole, None));
}

#[test]
fn a_part_of_a_multipart_form_is_marked_with_its_content() {
    let payload = "--b\r\nContent-Disposition: form-data; name=\"post[title]\"\r\n\r\nHello\r\nyou\r\n--b\r\n\
                   Content-Disposition: form-data; name=\"file\"; filename=\"x.txt\"\r\n\r\nabc\r\n--b--\r\n";
    let field = blamed("post.title", "r", Some(payload));
    assert_eq!(marked(&field, payload), Some("Hello\r\nyou"));
    let at = field.text_span.unwrap();
    assert_eq!((at.line, at.column), (4, 1));
    assert_eq!(marked(&blamed("file", "r", Some(payload)), payload), Some("abc"));
}

#[test]
fn what_the_answer_says_of_the_place_is_believed() {
    let url = "https://api.example/v1/posts/77/comments/abc?page=2&filter%5Bstate%5D=x";
    let payload = r#"{"page": 1, "id": 2, "x-api-key": 3, "sid": 4}"#;
    let headers = ["X-Api-Key", "Content-Type", "Cookie"];
    for (loc, location, place) in [
        (json!(["query", "page"]), Location::Query, Place::Query("page".into())),
        (json!(["query", "filter", "state"]), Location::Query, Place::Query("filter[state]".into())),
        (json!(["query", "missing"]), Location::Query, Place::Query("missing".into())),
        (json!(["path", "postId"]), Location::Path, Place::Path(2)),
        (json!(["path", "comment_id"]), Location::Path, Place::Path(4)),
        (json!(["path", "id"]), Location::Path, Place::Path(2)),
        (json!(["header", "x-api-key"]), Location::Header, Place::Header("x-api-key".into())),
        (json!(["header", "x_api_key"]), Location::Header, Place::Header("X-Api-Key".into())),
        (json!(["cookie", "sid"]), Location::Cookie, Place::Cookie("sid".into())),
    ] {
        let field = diagnosed(&loc, "m", url, &headers, Some(payload)).fields.remove(0);
        assert_eq!((field.location, field.place, field.span), (location, place, None), "{loc}");
    }
    let field = diagnosed(&json!(["path", "id"]), "no comment 'abc'", url, &headers, Some(payload)).fields.remove(0);
    assert_eq!(field.place, Place::Path(4), "the reason quotes the segment");
    let url = "/v1/posts/draft/comments/last";
    let field = diagnosed(&json!(["path", "id"]), "m", url, &headers, None).fields.remove(0);
    assert_eq!((field.location, field.place), (Location::Path, Place::Unknown));
    let field = diagnosed(&json!(["body"]), "Field required", url, &[], None).fields.remove(0);
    assert_eq!((field.location, field.place), (Location::Whole, Place::Whole));
    let field = diagnosed(&json!(["body", "page"]), "m", url, &[], Some(payload)).fields.remove(0);
    assert_eq!(marked(&field, payload), Some("1"));
}

#[test]
fn a_word_before_the_path_names_the_part() {
    for (path, payload, location, place) in [
        ("query.limit", "{}", Location::Query, Place::Query("limit".into())),
        ("querystring.page", "{}", Location::Query, Place::Query("page".into())),
        ("headers.x-api-key", "{}", Location::Header, Place::Header("x-api-key".into())),
        ("cookies.sid", "{}", Location::Cookie, Place::Cookie("sid".into())),
        ("params.id", "{}", Location::Path, Place::Unknown),
        ("body.limit", "{}", Location::Body, Place::MissingIn(Pointer::root())),
        ("limit", "{}", Location::Query, Place::Query("limit".into())),
    ] {
        let field = blamed(path, "r", Some(payload));
        assert_eq!((field.location, field.place), (location, place), "{path}");
    }
    let payload = r#"{"query": {"limit": 5}}"#;
    assert_eq!(marked(&blamed("query.limit", "r", Some(payload)), payload), Some("5"));
}

#[test]
fn another_style_says_how_the_payload_spells_it() {
    let payload = r#"{"items": [{"publishAt": "x"}]}"#;
    let field = blamed("items[0].publish_at", "r", Some(payload));
    assert_eq!((marked(&field, payload), field.found_as.as_deref()), (Some("\"x\""), Some("items[0].publishAt")));
    let said = serde_json::to_value(&field).unwrap();
    assert_eq!(said["found_as"], "items[0].publishAt");
    let exact = serde_json::to_value(blamed("body.items[0].publishAt", "r", Some(payload))).unwrap();
    assert_eq!((exact.get("found_as"), exact.get("one_based")), (None, None));
}

#[test]
fn a_doubt_about_the_first_index_is_kept_beside_the_place() {
    let payload = "{\"emails\": [\n{\"type\": \"work\"},\n{\"type\": \"home\"}\n]}";
    let other = |field: &FieldFinding| field.one_based.map(|span| &payload[span.start..span.end]);
    let beyond = blamed("emails[2].type", "r", Some(payload));
    assert_eq!((beyond.span, other(&beyond)), (None, Some("\"home\"")));
    assert_eq!(
        beyond.doubt().as_deref(),
        Some("Counted from 1 this is line 3, column 10: counted from 0 it is beyond the end")
    );
    for reason in
        ["'work' is no type", "got \"work\"", "`work` is wrong", "“work” is wrong", "value '\"work\"' is wrong"]
    {
        let field = blamed("emails[1].type", reason, Some(payload));
        assert_eq!((marked(&field, payload), other(&field)), (Some("\"home\""), Some("\"work\"")), "{reason}");
    }
    for (path, reason) in [
        ("emails[1].type", "'home' is no type"),
        ("emails[1].type", "'work' is no 'home'"),
        ("emails[1].type", "must be work"),
        ("emails[0].type", "'home' is no type"),
        ("emails[3].type", "r"),
        ("emails[2].kind", "r"),
    ] {
        assert_eq!(blamed(path, reason, Some(payload)).one_based, None, "{path}: {reason}");
    }
    let said = serde_json::to_value(&beyond).unwrap();
    assert_eq!(said["one_based"], json!({"start": 40, "end": 46, "line": 3, "column": 10}));
}

#[test]
fn a_place_in_query_text_is_marked_in_the_payload() {
    let answer = |line: u64, column: u64| {
        json!({"errors": [{"message": "Cannot query field \"nmae\" on type \"User\".",
            "locations": [{"line": line, "column": column}]}]})
        .to_string()
    };
    let payload = r#"{"query": "query {\n  user(id: \"é\") {\n    nmae\n  }\n}"}"#;
    let field = asked(answer(3, 5), "POST", "/graphql", &[], Some(payload)).fields.remove(0);
    assert_eq!((field.location, marked(&field, payload)), (Location::Graphql, Some("nmae")));
    assert_eq!((field.place, field.token.as_deref()), (Place::Graphql(3, 5), Some("nmae")));
    let bare = "{\n  user { nmae }\n}";
    let field = asked(answer(2, 10), "POST", "/graphql", &[], Some(bare)).fields.remove(0);
    assert_eq!((marked(&field, bare), field.text_span.unwrap().column), (Some("nmae"), 10));
    for (line, column) in [(9, 1), (1, 99), (3, 1)] {
        let field = asked(answer(line, column), "POST", "/graphql", &[], Some(payload)).fields.remove(0);
        assert_eq!((field.location, field.span, field.within), (Location::Graphql, None, None));
    }
}

#[test]
fn a_redacted_payload_is_marked_where_the_field_stands_in_it() {
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2-and-more\r\n--b\r\n\
                     Content-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n--b--\r\n";
    for (payload, path, expected) in [
        ("password=hunter2-and-more&title=Hello+you", "title", "Hello+you"),
        ("title=Hello&password=hunter2-and-more", "password", "‹password#1›"),
        (multipart, "title", "Hello"),
        ("{\"password\": \"hunter2-and-more\", \"tags\": [\"Hello\"]}", "tags[1]", "\"Hello\""),
    ] {
        let body =
            json!({"error": {"code": "invalid_request", "message": "m", "details": {"field": path}}}).to_string();
        let exchange = crate::diagnosis::exchange(payload.as_bytes(), &body);
        let said = from_exchange(&exchange, altyaa(), exchange.started_at).unwrap();
        let said = serde_json::to_value(said).unwrap();
        let record = ExchangeRecord::from_exchange(&exchange, Some(&said));
        let record = Redactor::new(Rules::built_in(), Vec::new()).redact(record);
        let kept = &record.request_body.text;
        assert!(!kept.contains("hunter2"), "{kept}");
        let field = &record.diagnosis.as_ref().unwrap()["fields"][0];
        let span = field.get("one_based").or(field.get("text_span")).unwrap_or(&field["span"]);
        let at = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
        assert_eq!(&kept[at("start")..at("end")], expected, "{path} in {payload}");
        // Read back from the history it is marked there too.
        let kept = kept.clone();
        let answer = Answer::from_record(record, altyaa(), &profile::generic());
        let field = &answer.diagnosis.as_ref().unwrap().fields[0];
        let span = field.in_payload().or(field.one_based).unwrap();
        assert_eq!(&kept[span.start..span.end], expected, "{path} in {kept}");
        if let Some(span) = field.place.span_in_payload(&Document::parse(&kept)).filter(|_| field.span.is_some()) {
            assert_eq!(span.slice(&kept), Some(expected));
        }
    }
}

#[test]
fn pretty_and_minified_payloads_are_marked_at_the_same_field() {
    let value = json!({"a": [{"b c": "x"}, {"d": [1, 2, {"e": "here"}]}]});
    for payload in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
        let field = blamed("a[1].d[2].e", "r", Some(&payload));
        assert_eq!(marked(&field, &payload), Some("\"here\""));
        for other in [serde_json::to_string(&value).unwrap(), serde_json::to_string_pretty(&value).unwrap()] {
            let span = field.place.span_in_payload(&Document::parse(&other)).unwrap();
            assert_eq!(span.slice(&other), Some("\"here\""));
        }
    }
}
