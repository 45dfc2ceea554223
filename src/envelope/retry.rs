//! How long to wait before sending again, by headers, body and rate-limit windows.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};
use serde::Deserialize;

use super::Answer;
use super::body::{Body, scalar_text};

/// The whole file `assets/standards/retry.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetryNames {
    body_seconds: Vec<String>,
    windows: Vec<Window>,
}

/// A pair of headers that tell of one window.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    remaining: String,
    reset: String,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static NAMES: LazyLock<RetryNames> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/retry.toml")).unwrap_or_default());

/// Seconds to wait; 0 for a time that has passed, none if the answer does not say.
///
/// A point in time is measured against the answer's own `Date`, so that a wrong clock here does no harm.
pub(super) fn retry_after_s(answer: &Answer<'_>, body: &Body<'_>, now: Timestamp) -> Option<f64> {
    let base = answer.header("date").and_then(http_date).unwrap_or(now);
    let after = || answer.header("retry-after").and_then(|value| seconds_or_date(value, base));
    let after_ms = || {
        ["retry-after-ms", "x-ms-retry-after-ms"]
            .iter()
            .find_map(|name| answer.header(name).and_then(decimal))
            .map(|milliseconds| milliseconds / 1000.0)
    };
    after().or_else(after_ms).or_else(|| body_hint(body)).or_else(|| {
        // A window's end is no hint unless the window is what stopped the call.
        matches!(answer.status, 429 | 503).then(|| reset_of_empty_windows(answer, base)).flatten()
    })
}

fn body_hint(body: &Body<'_>) -> Option<f64> {
    let Body::Json(document) = body else { return None };
    NAMES
        .body_seconds
        .iter()
        .find_map(|pointer| document.at_pointer(pointer).and_then(scalar_text).and_then(|s| decimal(&s)))
}

/// The longest wait of all windows that have nothing left.
fn reset_of_empty_windows(answer: &Answer<'_>, base: Timestamp) -> Option<f64> {
    let drafted = answer.header_values("ratelimit").flat_map(|value| value.split(',')).filter_map(empty_policy);
    let paired = NAMES.windows.iter().filter_map(|window| {
        let left = decimal(answer.header(&window.remaining)?)?;
        if left > 0.0 {
            return None;
        }
        reset(answer.header(&window.reset)?, base)
    });
    drafted.chain(paired).reduce(f64::max)
}

/// The `t` of a policy with `r=0`. Shape: `"default";r=0;t=30`.
///
/// Source: draft-ietf-httpapi-ratelimit-headers-11; `t` is always in seconds from now.
fn empty_policy(policy: &str) -> Option<f64> {
    let parameter = |name: &str| {
        policy
            .split(';')
            .filter_map(|part| part.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .and_then(|(_, v)| decimal(v))
    };
    if parameter("r")? > 0.0 {
        return None;
    }
    parameter("t")
}

/// Reads what a reset header may hold: seconds from now, an epoch in seconds or milliseconds, a time or a duration.
///
/// Nothing else tells the units apart than their size; between the ranges nothing is guessed.
fn reset(value: &str, base: Timestamp) -> Option<f64> {
    let base_s = base.as_millisecond() as f64 / 1000.0;
    if let Some(number) = decimal(value) {
        return match number {
            n if n < 1e6 => Some(n),
            n if (1e9..1e10).contains(&n) => Some((n - base_s).max(0.0)),
            n if (1e12..1e14).contains(&n) => Some((n / 1000.0 - base_s).max(0.0)),
            _ => None,
        };
    }
    if let Ok(time) = value.parse::<Timestamp>() {
        return Some(seconds_until(time, base));
    }
    duration(value)
}

/// A duration as Go writes it. Shape: `6m0s`, `20ms`, `1.5s`.
fn duration(value: &str) -> Option<f64> {
    let mut rest = value.trim();
    let mut total = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit_end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at_checked(unit_end)?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        total = Some(total.unwrap_or(0.0) + decimal(number)? * seconds);
        rest = next;
    }
    total
}

fn seconds_or_date(value: &str, base: Timestamp) -> Option<f64> {
    decimal(value).or_else(|| http_date(value).map(|time| seconds_until(time, base)))
}

fn seconds_until(time: Timestamp, base: Timestamp) -> f64 {
    ((time.as_millisecond() - base.as_millisecond()) as f64 / 1000.0).max(0.0)
}

/// A number that is not negative, without sign or exponent.
fn decimal(value: &str) -> Option<f64> {
    let value = value.trim();
    let is_plain =
        value.starts_with(|c: char| c.is_ascii_digit()) && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // Hundreds of digits read as infinity, which is no time anybody waits.
    if is_plain { value.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

/// The three forms of an HTTP date.
///
/// Source: RFC 9110 §5.6.7.
fn http_date(value: &str) -> Option<Timestamp> {
    if let Ok(zoned) = rfc2822::parse(value) {
        return Some(zoned.timestamp());
    }
    let as_utc = |format: &str| {
        let parsed = strtime::parse(format, value).ok()?;
        parsed.to_datetime().ok()?.in_tz("UTC").ok().map(|zoned| zoned.timestamp())
    };
    as_utc("%A, %d-%b-%y %H:%M:%S GMT").or_else(|| as_utc("%a %b %e %H:%M:%S %Y"))
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
        retry_after_s(&answer, &Body::sort(&answer, body), now())
    }

    #[test]
    fn the_file_loads() {
        assert!(!NAMES.body_seconds.is_empty() && !NAMES.windows.is_empty());
    }

    #[test]
    fn all_three_forms_of_a_date_are_read() {
        let expected = "1994-11-06T08:49:37Z".parse::<Timestamp>().unwrap();
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(http_date(text), Some(expected), "{text}");
        }
        assert_eq!(http_date("soon"), None);
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
    }

    #[test]
    fn a_reset_is_read_by_the_size_of_its_number() {
        let at = |value: &str| reset(value, now());
        let epoch = now().as_second() + 90;
        assert_eq!(at("90"), Some(90.0));
        assert_eq!(at(&epoch.to_string()), Some(90.0));
        assert_eq!(at(&(epoch * 1000).to_string()), Some(90.0));
        assert_eq!(at("2026-11-23T00:01:30Z"), Some(90.0));
        assert_eq!(at("1m30s"), Some(90.0));
        assert_eq!(at("20ms"), Some(0.02));
        assert_eq!(at("50000000"), None);
        assert_eq!(at("1x"), None);
    }
}
