//! Reads numbers, durations and points in time as answers write them.

use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};
use serde::Deserialize;

use super::Answer;

/// What a value that tells of time is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TimeUnit {
    /// Seconds from now. Shape: `30`, `1.5`.
    Seconds,
    /// Milliseconds from now. Shape: `10000`.
    Milliseconds,
    /// Minutes from now. Shape: `19`.
    Minutes,
    /// Seconds since 1970. Shape: `1470173023.123`.
    EpochSeconds,
    /// A time with its offset, by RFC 3339. Shape: `2026-11-23T00:01:30Z`.
    Time,
    /// A duration as Go writes it. Shape: `6m0s`, `20ms`.
    Duration,
}

impl TimeUnit {
    fn seconds(self, value: &str, base: Timestamp) -> Option<f64> {
        match self {
            Self::Seconds => decimal(value),
            Self::Milliseconds => decimal(value).map(|milliseconds| milliseconds / 1000.0),
            Self::Minutes => decimal(value).map(|minutes| minutes * 60.0).filter(|seconds| seconds.is_finite()),
            Self::EpochSeconds => decimal(value).and_then(|number| seconds_until_epoch(number, base)),
            Self::Time => time(value).map(|time| seconds_until(time, base)),
            Self::Duration => duration(value),
        }
    }
}

/// The answer's own `Date`, so that a wrong clock here does no harm; else `now`.
pub(super) fn base(answer: &Answer<'_>, now: Timestamp) -> Timestamp {
    answer.header("date").and_then(http_date).unwrap_or(now)
}

/// Seconds from `base` by the first unit that fits, by the value's own form where no unit is fixed; past is 0.
pub(super) fn seconds(value: &str, units: &[TimeUnit], base: Timestamp) -> Option<f64> {
    if units.is_empty() { by_form(value, base) } else { units.iter().find_map(|unit| unit.seconds(value, base)) }
}

/// Reads what may hold seconds from now, an epoch in seconds or milliseconds, a time or a duration.
///
/// Nothing else tells the units apart than their size; between the ranges nothing is guessed.
pub(super) fn by_form(value: &str, base: Timestamp) -> Option<f64> {
    if let Some(number) = decimal(value) {
        return match number {
            n if n < 1e6 => Some(n),
            n if (1e12..1e14).contains(&n) => seconds_until_epoch(n / 1000.0, base),
            n => seconds_until_epoch(n, base),
        };
    }
    time(value).map(|time| seconds_until(time, base)).or_else(|| duration(value))
}

/// Seconds, or one of the forms of an HTTP date.
pub(super) fn seconds_or_date(value: &str, base: Timestamp) -> Option<f64> {
    decimal(value).or_else(|| http_date(value).map(|time| seconds_until(time, base)))
}

/// A number that is not negative, without sign or exponent.
pub(super) fn decimal(value: &str) -> Option<f64> {
    let value = value.trim();
    let is_plain =
        value.starts_with(|c: char| c.is_ascii_digit()) && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // Hundreds of digits read as infinity, which is no time anybody waits.
    if is_plain { value.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

/// A duration as Go and Protocol Buffers write it. Shape: `6m0s`, `20ms`, `1.5s`.
pub(super) fn duration(value: &str) -> Option<f64> {
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
    total.filter(|seconds: &f64| seconds.is_finite())
}

fn time(value: &str) -> Option<Timestamp> {
    value.trim().parse().ok()
}

/// The three forms of an HTTP date.
///
/// Source: RFC 9110 §5.6.7.
pub fn http_date(value: &str) -> Option<Timestamp> {
    if let Ok(zoned) = rfc2822::parse(value) {
        return Some(zoned.timestamp());
    }
    let as_utc = |format: &str| {
        let parsed = strtime::parse(format, value).ok()?;
        parsed.to_datetime().ok()?.in_tz("UTC").ok().map(|zoned| zoned.timestamp())
    };
    as_utc("%A, %d-%b-%y %H:%M:%S GMT").or_else(|| as_utc("%a %b %e %H:%M:%S %Y"))
}

/// None for a number that no clock of this century shows, so that a short wait is not taken for the year 1970.
fn seconds_until_epoch(epoch_s: f64, base: Timestamp) -> Option<f64> {
    let base_s = base.as_millisecond() as f64 / 1000.0;
    (1e9..1e10).contains(&epoch_s).then(|| (epoch_s - base_s).max(0.0))
}

fn seconds_until(time: Timestamp, base: Timestamp) -> f64 {
    ((time.as_millisecond() - base.as_millisecond()) as f64 / 1000.0).max(0.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T00:00:00Z".parse().unwrap()
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
    fn a_value_without_a_unit_is_read_by_its_form() {
        let at = |value: &str| by_form(value, now());
        let epoch = now().as_second() + 90;
        assert_eq!(at("90"), Some(90.0));
        assert_eq!(at(&epoch.to_string()), Some(90.0));
        assert_eq!(at(&(epoch * 1000).to_string()), Some(90.0));
        assert_eq!(at("2026-11-23T00:01:30Z"), Some(90.0));
        assert_eq!(at("1m30s"), Some(90.0));
        assert_eq!(at("20ms"), Some(0.02));
        for nonsense in ["50000000", "1x", "-1", "", "20000000000", "2026-11-23T00:01:30", "s"] {
            assert_eq!(at(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_fixed_unit_refuses_every_other_form() {
        let read = |value: &str, unit: TimeUnit| seconds(value, &[unit], now());
        let epoch = format!("{}.5", now().as_second() + 90);
        assert_eq!(read("2000000", TimeUnit::Seconds), Some(2e6));
        assert_eq!(read("10000", TimeUnit::Milliseconds), Some(10.0));
        assert_eq!(read("19", TimeUnit::Minutes), Some(1140.0));
        assert_eq!(read(&epoch, TimeUnit::EpochSeconds), Some(90.5));
        assert_eq!(read("1470173023", TimeUnit::EpochSeconds), Some(0.0));
        assert_eq!(read("30", TimeUnit::EpochSeconds), None);
        assert_eq!(read("2026-11-22T00:00:00Z", TimeUnit::Time), Some(0.0));
        assert_eq!(read("30", TimeUnit::Time), None);
        assert_eq!(read("1h0m1s", TimeUnit::Duration), Some(3601.0));
        assert_eq!(read("30", TimeUnit::Duration), None);
        assert_eq!(read(&"9".repeat(308), TimeUnit::Minutes), None);
        assert_eq!(duration(&format!("{}d", "9".repeat(308))), None);
    }
}
