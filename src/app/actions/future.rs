//! A time that lies ahead, written as the one it replaces.

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// How far ahead, in seconds.
const AHEAD_S: i64 = 3600;
/// To what it is rounded up, in seconds.
const STEP_S: i64 = 300;
/// Epochs in seconds lie between 2001 and 2286; larger numbers are milliseconds.
const EPOCH_SECONDS: std::ops::Range<i64> = 1_000_000_000..10_000_000_000;

/// An hour from now, rounded up to five minutes, in the form of a JSON value; none if that is no time.
///
/// A text keeps its offset and its fraction's digits, an epoch its unit; what comes back is without quotes.
pub(super) fn ahead(raw: &str, now: Timestamp) -> Option<String> {
    let second = second_ahead(now);
    if let Ok(number) = raw.parse::<i64>() {
        if EPOCH_SECONDS.contains(&number) {
            return Some(second.to_string());
        }
        let is_milliseconds = EPOCH_SECONDS.contains(&(number / 1000));
        return is_milliseconds.then(|| (second * 1000).to_string());
    }
    let text = serde_json::from_str::<String>(raw).ok()?;
    // It has to be a whole time with its offset; a date alone may mean any zone.
    text.parse::<Timestamp>().ok()?;
    let (date_and_time, offset) = split_offset(&text)?;
    let fraction = date_and_time.split_once('.').map_or(0, |(_, digits)| digits.len());
    let zone = TimeZone::fixed(offset_of(offset)?);
    let at = Timestamp::from_second(second).ok()?.to_zoned(zone);
    let separator = text.chars().nth(10)?;
    let mut written = at.strftime("%Y-%m-%d").to_string();
    written.push(separator);
    written.push_str(&at.strftime("%H:%M:%S").to_string());
    if fraction > 0 {
        written.push('.');
        written.extend(std::iter::repeat_n('0', fraction));
    }
    written.push_str(offset);
    Some(written)
}

/// The same where nothing says in which form: RFC 3339 in UTC.
pub(super) fn in_an_hour(now: Timestamp) -> Option<String> {
    Some(Timestamp::from_second(second_ahead(now)).ok()?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn second_ahead(now: Timestamp) -> i64 {
    // A part of a second that has begun counts, so that it is never less than an hour.
    let begun = i64::from(now.subsec_nanosecond() > 0);
    (now.as_second() + begun + AHEAD_S + STEP_S - 1).div_euclid(STEP_S) * STEP_S
}

/// Date and time, and the offset as written. Shape of the second: `Z`, `+02:00`, `-0330`.
fn split_offset(text: &str) -> Option<(&str, &str)> {
    let time = text.get(11..)?;
    let at = 11 + time.find(['Z', 'z', '+', '-'])?;
    Some((text.get(..at)?, text.get(at..)?))
}

fn offset_of(written: &str) -> Option<Offset> {
    if written.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let sign = if written.starts_with('-') { -1 } else { 1 };
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).map_or(Ok(0), str::parse).ok()?;
    let seconds = sign * (hours * 3600 + minutes * 60);
    let offset = SignedDuration::from_secs(seconds);
    Offset::from_seconds(i32::try_from(offset.as_secs()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_form_stays_and_the_time_lies_ahead() {
        let now: Timestamp = "2026-11-25T20:31:12Z".parse().unwrap();
        let cases = [
            ("\"2024-01-05T09:00:00Z\"", "2026-11-25T21:35:00Z"),
            ("\"2024-01-05T09:00:00.000+02:00\"", "2026-11-25T23:35:00.000+02:00"),
            ("\"2024-01-05 09:00:00-03:30\"", "2026-11-25 18:05:00-03:30"),
            ("1700000000", "1795642500"),
            ("1700000000000", "1795642500000"),
        ];
        for (before, after) in cases {
            let proposed = ahead(before, now).unwrap();
            assert_eq!(proposed, after, "{before}");
        }
        let is_later = ahead("\"2024-01-05T09:00:00Z\"", now).unwrap().parse::<Timestamp>().unwrap() > now;
        assert!(is_later);
        assert_eq!(in_an_hour(now).as_deref(), Some("2026-11-25T21:35:00Z"));
        assert_eq!(in_an_hour("2026-11-25T20:30:00Z".parse().unwrap()).as_deref(), Some("2026-11-25T21:30:00Z"));
        assert_eq!(in_an_hour("2026-11-25T20:30:00.1Z".parse().unwrap()).as_deref(), Some("2026-11-25T21:35:00Z"));
        for none in ["\"2024-01-05\"", "\"soon\"", "7", "null", "\"\"", "true", "\"2024-01-05T09:00:00\""] {
            assert_eq!(ahead(none, now), None, "{none}");
        }
    }
}
