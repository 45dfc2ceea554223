//! How long to wait before sending again, by headers, body and rate-limit windows.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde::Deserialize;

use super::Answer;
use super::body::{Body, scalar_text, text};
use super::moment::{self, by_form, decimal, duration, seconds_or_date};
use super::rate_limit;
use super::source::Outline;

/// The whole file `assets/standards/retry.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetryNames {
    header_milliseconds: Vec<String>,
    body_seconds: Vec<String>,
    body_times: Vec<String>,
    typed_entries: Vec<TypedEntry>,
}

/// A list in the body whose entries say by a member what they are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedEntry {
    list: String,
    type_member: String,
    type_ends: String,
    duration_member: String,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static NAMES: LazyLock<RetryNames> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/retry.toml")).unwrap_or_default());

/// Seconds to wait; 0 for a time that has passed, none if the answer does not say.
///
/// A point in time is measured against the answer's own `Date`, so that a wrong clock here does no harm.
/// `of_shape` is what the body's own shape says, which counts as the body's hint.
pub(super) fn retry_after_s(
    answer: &Answer<'_>,
    body: &Body<'_>,
    now: Timestamp,
    of_shape: Option<f64>,
) -> Option<f64> {
    let base = moment::base(answer, now);
    let after = || answer.header("retry-after").and_then(|value| seconds_or_date(value, base));
    let after_ms = || {
        let values = NAMES.header_milliseconds.iter().filter_map(|name| answer.header(name));
        values.filter_map(decimal).map(|milliseconds| milliseconds / 1000.0).next()
    };
    after().or_else(after_ms).or(of_shape).or_else(|| body_hint(body, base)).or_else(|| {
        // A window's end is no hint unless the window is what stopped the call.
        matches!(answer.status, 429 | 503).then(|| reset_of_empty_windows(answer, body, base)).flatten()
    })
}

/// What the body alone says, whatever the headers do.
pub(super) fn body_wait_s(answer: &Answer<'_>, body: &Body<'_>, now: Timestamp) -> Option<f64> {
    body_hint(body, moment::base(answer, now))
}

fn body_hint(body: &Body<'_>, base: Timestamp) -> Option<f64> {
    let Body::Json(document) = body else { return None };
    let outline = Outline::of(document)?;
    let at = |pointer: &String| outline.at(pointer).and_then(scalar_text);
    let seconds = || NAMES.body_seconds.iter().filter_map(at).find_map(|value| decimal(&value));
    let entries = || NAMES.typed_entries.iter().find_map(|entry| entry_hint(&outline, entry));
    let times = || NAMES.body_times.iter().filter_map(at).find_map(|value| by_form(&value, base));
    seconds().or_else(entries).or_else(times)
}

/// The duration of the first entry of that type that has one.
fn entry_hint(outline: &Outline<'_, '_>, entry: &TypedEntry) -> Option<f64> {
    outline.at(&entry.list)?.items().find_map(|item| {
        let is_of_type = text(item.get(&entry.type_member)?)?.ends_with(&entry.type_ends);
        if is_of_type { duration(&text(item.get(&entry.duration_member)?)?) } else { None }
    })
}

/// The longest wait of all windows that have nothing left.
fn reset_of_empty_windows(answer: &Answer<'_>, body: &Body<'_>, base: Timestamp) -> Option<f64> {
    let windows = rate_limit::readings(answer, body, base).into_iter();
    windows.filter(|window| window.remaining == Some(0.0)).filter_map(|window| window.reset_s).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 2026-11-23T00:00:00Z.
    fn now() -> Timestamp {
        "2026-11-23T00:00:00Z".parse().unwrap()
    }

    fn wait(status: u16, headers: &[(&str, &str)], body: &str) -> Option<f64> {
        let headers: Vec<(String, String)> = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let answer = Answer { status, headers: &headers, body: body.as_bytes() };
        retry_after_s(&answer, &Body::sort(&answer, body), now(), None)
    }

    #[test]
    fn the_file_loads() {
        assert!(!NAMES.body_seconds.is_empty() && !NAMES.header_milliseconds.is_empty());
    }

    #[test]
    fn retry_after_in_seconds_or_as_a_date() {
        assert_eq!(wait(503, &[("Retry-After", "12")], ""), Some(12.0));
        assert_eq!(wait(400, &[("retry-after", " 0 ")], ""), Some(0.0));
        assert_eq!(wait(503, &[("Retry-After", "Mon, 23 Nov 2026 00:00:45 GMT")], ""), Some(45.0));
        let date = ("Date", "Mon, 23 Nov 2026 00:00:40 GMT");
        assert_eq!(wait(503, &[date, ("Retry-After", "Mon, 23 Nov 2026 00:00:45 GMT")], ""), Some(5.0));
        assert_eq!(wait(503, &[date, ("Retry-After", "Mon, 23 Nov 2026 00:00:10 GMT")], ""), Some(0.0));
        assert_eq!(wait(429, &[("retry-after-ms", "1500")], ""), Some(1.5));
        for nonsense in ["-5", "1e9", "soon", "5 s", "", &"9".repeat(400)] {
            assert_eq!(wait(503, &[("Retry-After", nonsense)], ""), None, "{nonsense}");
        }
    }

    #[test]
    fn the_body_counts_where_no_header_says_it() {
        assert_eq!(wait(429, &[], r#"{"retry_after": 1.25}"#), Some(1.25));
        assert_eq!(wait(429, &[("Retry-After", "2")], r#"{"retry_after": 1.25}"#), Some(2.0));
        assert_eq!(wait(429, &[], r#"{"retry_after": "later"}"#), None);
        assert_eq!(wait(429, &[], r#"{"retry_after": 1"#), None);
    }

    #[test]
    fn windows_count_only_when_empty_and_only_for_429_and_503() {
        let empty = [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "30")];
        assert_eq!(wait(429, &empty, ""), Some(30.0));
        assert_eq!(wait(503, &empty, ""), Some(30.0));
        assert_eq!(wait(400, &empty, ""), None);
        assert_eq!(wait(429, &[("X-RateLimit-Remaining", "1"), ("X-RateLimit-Reset", "30")], ""), None);
        assert_eq!(wait(429, &[("X-RateLimit-Reset", "30")], ""), None);
        assert_eq!(wait(429, &[("RateLimit", r#""burst";r=0;t=9, "day";r=7;t=900"#)], ""), Some(9.0));
        let two = [
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "20ms"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ];
        assert_eq!(wait(429, &two, ""), Some(360.0));
    }

    #[test]
    fn a_typed_entry_of_the_body_says_it() {
        let body = r#"{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.Help","retryDelay":"1s"},
            {"@type":"type.googleapis.com/google.rpc.RetryInfo"},
            {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"12.5s"}]}}"#;
        assert_eq!(wait(429, &[], body), Some(12.5));
        let flat = r#"{"details":[1,{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3s"}]}"#;
        assert_eq!(wait(503, &[], flat), Some(3.0));
        for nonsense in ["12", "-1s", "soon", ""] {
            let body = format!(r#"{{"error":{{"details":[{{"@type":"RetryInfo","retryDelay":"{nonsense}"}}]}}}}"#);
            assert_eq!(wait(429, &[], &body), None, "{nonsense}");
        }
    }

    #[test]
    fn a_time_in_the_body_is_read_by_its_form() {
        assert_eq!(wait(429, &[], r#"{"reset_at": "2026-11-23T00:01:30Z"}"#), Some(90.0));
        assert_eq!(wait(429, &[], r#"{"error": {"reset_at": 1795392090}}"#), Some(90.0));
        assert_eq!(wait(429, &[], r#"{"reset_at": "tomorrow"}"#), None);
    }
}
