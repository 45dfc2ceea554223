//! Reads the payload of a post and blames the first field that is wrong.
//!
//! Members are looked at in the order in which they are written, then the ones that are missing.

use http::{HeaderMap, header};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::failure::{Code, Failure};
use super::rules::Rule;
use super::store::{Audience, Channel, ChannelName};

/// Characters in a title.
const TITLE_MAX: usize = 200;
/// Characters in a slug.
const SLUG_MAX: usize = 80;
/// Characters in a post's text.
const BODY_MAX: usize = 20_000;
/// Entries in `channels`.
const CHANNELS_MAX: usize = 10;
/// The largest version: beyond it JSON readers lose digits.
const VERSION_MAX: f64 = 9_007_199_254_740_991.0;

/// The fields that a payload sets; what is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct PostEdit {
    pub(super) title: Option<String>,
    pub(super) slug: Option<String>,
    /// `Some(None)` takes the text away.
    pub(super) body: Option<Option<String>>,
    /// `Some(None)` makes it a draft.
    pub(super) publish_at: Option<Option<Timestamp>>,
    pub(super) channels: Option<Vec<Channel>>,
    pub(super) notify: Option<bool>,
    /// The version that the client last saw.
    pub(super) version: Option<u64>,
}

/// The payload as a JSON object.
///
/// *Errors*: `invalid_request` for another content type, no JSON, or JSON that is no object.
pub(super) fn read_object(headers: &HeaderMap, bytes: &[u8]) -> Result<Map<String, Value>, Failure> {
    let message = "Content-Type must be application/json";
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    match (types.next(), types.next()) {
        (None, _) => return Err(Failure::invalid("Content-Type", message, "header is missing")),
        (Some(value), None) if value.to_str().is_ok_and(is_json) => {}
        _ => return Err(Failure::invalid("Content-Type", message, "value is not application/json")),
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::new(Code::InvalidRequest, "payload is empty, a JSON object is expected"));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(other) => {
            let found = kind_of(&other);
            Err(Failure::new(Code::InvalidRequest, format!("payload must be a JSON object, not {found}")))
        }
        // It may well be JSON; it is only deeper than what is read here.
        Err(error) if error.to_string().starts_with("recursion limit") => {
            Err(Failure::new(Code::InvalidRequest, "payload is nested deeper than 128 levels"))
        }
        Err(error) => Err(Failure::new(Code::InvalidRequest, format!("payload is not JSON: {error}"))),
    }
}

/// Whether a content type is JSON with or without parameters.
fn is_json(value: &str) -> bool {
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The payload of a new post.
pub(super) fn read_create(members: &Map<String, Value>, now: Timestamp) -> Result<PostEdit, Failure> {
    let edit = read_members(members, now, false)?;
    for (name, is_there) in [("title", edit.title.is_some()), ("slug", edit.slug.is_some())] {
        if !is_there {
            return Err(missing(name));
        }
    }
    Ok(edit)
}

/// The payload of a change.
pub(super) fn read_update(members: &Map<String, Value>, now: Timestamp) -> Result<PostEdit, Failure> {
    if members.is_empty() {
        return Err(Failure::new(Code::InvalidRequest, "payload must have at least one field"));
    }
    read_members(members, now, true)
}

fn read_members(members: &Map<String, Value>, now: Timestamp, is_update: bool) -> Result<PostEdit, Failure> {
    let mut edit = PostEdit::default();
    for (name, value) in members {
        match name.as_str() {
            "title" => edit.title = Some(read_title(value)?),
            "slug" => edit.slug = Some(read_slug(value)?),
            "body" => edit.body = Some(read_nullable(value, |text| read_text("body", text, 0, BODY_MAX))?),
            "publishAt" => edit.publish_at = Some(read_nullable(value, |text| read_publish_at(text, now))?),
            "channels" => edit.channels = Some(read_channels(value)?),
            "notify" => edit.notify = Some(value.as_bool().ok_or_else(|| wrong_type("notify", "a boolean", value))?),
            "version" if is_update => edit.version = Some(read_version(value)?),
            _ => return Err(unknown(&member_path("", name), "a post")),
        }
    }
    Ok(edit)
}

/// `null` or what `read` makes of it.
fn read_nullable<T>(value: &Value, read: impl Fn(&Value) -> Result<T, Failure>) -> Result<Option<T>, Failure> {
    if value.is_null() { Ok(None) } else { read(value).map(Some) }
}

/// A text of so many characters.
fn read_text(path: &str, value: &Value, min: usize, max: usize) -> Result<String, Failure> {
    let text = value.as_str().ok_or_else(|| wrong_type(path, "a string", value))?;
    let count = text.chars().count();
    if count < min {
        return Err(Failure::invalid(path, format!("{path} must not be empty"), "value is empty"));
    }
    if count > max {
        let reason = format!("value has {count} characters");
        return Err(Failure::invalid(path, format!("{path} must be at most {max} characters long"), reason));
    }
    Ok(text.to_owned())
}

fn read_title(value: &Value) -> Result<String, Failure> {
    let title = read_text("title", value, 1, TITLE_MAX)?;
    if title.trim().is_empty() {
        return Err(Failure::broken(Rule::TitleNotBlank, "title", "title must be more than white space"));
    }
    Ok(title)
}

fn read_slug(value: &Value) -> Result<String, Failure> {
    let slug = read_text("slug", value, 1, SLUG_MAX)?;
    let is_slug = slug
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if !is_slug {
        let message = "slug must be lower-case letters and digits in words joined by single hyphens";
        return Err(Failure::invalid("slug", message, "value is not a slug"));
    }
    Ok(slug)
}

fn read_publish_at(value: &Value, now: Timestamp) -> Result<Timestamp, Failure> {
    let text = value.as_str().ok_or_else(|| wrong_type("publishAt", "a string", value))?;
    let message = "publishAt must be an RFC 3339 date and time such as 2030-01-05T09:00:00Z";
    match date_time(text) {
        Some(Some(at)) if at > now => Ok(at),
        // Word for word the troubleshooting document's example.
        Some(Some(_)) => {
            Err(Failure::broken(Rule::PublishAtFuture, "publishAt", "publishAt must be a future timestamp"))
        }
        Some(None) => {
            Err(Failure::broken(Rule::PublishAtRange, "publishAt", "publishAt must lie before 9999-12-30T22:00:00Z"))
        }
        None => Err(Failure::invalid("publishAt", message, "value is not a date and time")),
    }
}

fn read_channels(value: &Value) -> Result<Vec<Channel>, Failure> {
    let entries = value.as_array().ok_or_else(|| wrong_type("channels", "an array", value))?;
    if entries.is_empty() {
        return Err(Failure::invalid("channels", "channels must have at least one entry", "value is empty"));
    }
    if entries.len() > CHANNELS_MAX {
        let message = format!("channels must have at most {CHANNELS_MAX} entries");
        return Err(Failure::invalid("channels", message, format!("value has {} entries", entries.len())));
    }
    let mut channels: Vec<Channel> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("channels[{index}]");
        let (channel, name_path) = read_channel(&path, entry)?;
        if channels.iter().any(|earlier| earlier.name == channel.name) {
            let message = format!("{name_path} must name a channel that is not listed yet");
            return Err(Failure::broken(Rule::ChannelNamesUnique, name_path, message));
        }
        channels.push(channel);
    }
    Ok(channels)
}

/// One entry of `channels` and the path at which its name stands.
fn read_channel(path: &str, value: &Value) -> Result<(Channel, String), Failure> {
    let members = match value {
        Value::String(_) => {
            return Ok((Channel { name: read_name(path, value)?, audience: Audience::Everyone }, path.to_owned()));
        }
        Value::Object(members) => members,
        other => return Err(wrong_type(path, "an object or a channel's name", other)),
    };
    let name_path = format!("{path}.name");
    let (mut name, mut audience) = (None, Audience::Everyone);
    for (key, member) in members {
        match key.as_str() {
            "name" => name = Some(read_name(&name_path, member)?),
            "audience" => audience = read_audience(&format!("{path}.audience"), member)?,
            _ => return Err(unknown(&member_path(path, key), "a channel")),
        }
    }
    let name = name.ok_or_else(|| missing(&name_path))?;
    Ok((Channel { name, audience }, name_path))
}

fn read_name(path: &str, value: &Value) -> Result<ChannelName, Failure> {
    let text = value.as_str().ok_or_else(|| wrong_type(path, "a string", value))?;
    ChannelName::from_text(text).ok_or_else(|| not_one_of(path, &ChannelName::ALL.map(ChannelName::as_str)))
}

fn read_audience(path: &str, value: &Value) -> Result<Audience, Failure> {
    let text = value.as_str().ok_or_else(|| wrong_type(path, "a string", value))?;
    Audience::from_text(text).ok_or_else(|| not_one_of(path, &Audience::ALL.map(Audience::as_str)))
}

/// A whole number from 1; JSON Schema counts `2.0` as one too.
fn read_version(value: &Value) -> Result<u64, Failure> {
    let Value::Number(number) = value else { return Err(wrong_type("version", "an integer", value)) };
    let real = number.as_f64().unwrap_or(f64::NAN);
    if real.fract() != 0.0 || real.is_nan() {
        return Err(Failure::invalid("version", "version must be an integer", "value has a fraction"));
    }
    if !(1.0..=VERSION_MAX).contains(&real) {
        let message = "version must be from 1 to 9007199254740991";
        return Err(Failure::invalid("version", message, "value is out of range"));
    }
    // Within the range above every whole `f64` is exact.
    Ok(number.as_u64().unwrap_or(real as u64))
}

/// A date and time by RFC 3339 §5.6: none if it is not one, `Some(None)` if no clock here can hold it.
fn date_time(text: &str) -> Option<Option<Timestamp>> {
    let bytes = text.as_bytes();
    let number = |from: usize, len: usize| -> Option<u32> {
        let digits = text.get(from..from + len)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    let is_at = |index: usize, wanted: &[u8]| bytes.get(index).is_some_and(|byte| wanted.contains(byte));
    let is_shaped = is_at(4, b"-") && is_at(7, b"-") && is_at(10, b"Tt") && is_at(13, b":") && is_at(16, b":");
    if !is_shaped {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let mut end = 19;
    let mut fraction = String::new();
    if is_at(end, b".") {
        fraction = text.get(end + 1..)?.chars().take_while(char::is_ascii_digit).collect();
        if fraction.is_empty() {
            return None;
        }
        end += 1 + fraction.len();
        // Below a nanosecond nothing is kept.
        fraction.truncate(9);
    }
    let offset_mins: i32 = if is_at(end, b"Zz") && bytes.len() == end + 1 {
        0
    } else if is_at(end, b"+-") && is_at(end + 3, b":") && bytes.len() == end + 6 {
        let (hours, minutes) = (number(end + 1, 2)?, number(end + 4, 2)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        let mins = i32::try_from(hours * 60 + minutes).ok()?;
        if is_at(end, b"-") { -mins } else { mins }
    } else {
        return None;
    };
    let minute_of_day = (i32::try_from(hour * 60 + minute).ok()? - offset_mins).rem_euclid(24 * 60);
    let is_leap_second = second == 60 && minute_of_day == 24 * 60 - 1;
    if hour > 23 || minute > 59 || (second > 59 && !is_leap_second) {
        return None;
    }
    let date =
        jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let nanos: i32 = format!("{fraction:0<9}").parse().ok()?;
    let at = |value: u32| i8::try_from(value).ok();
    let civil = date.at(at(hour)?, at(minute)?, at(second.min(59))?, nanos);
    let offset = jiff::tz::Offset::from_seconds(offset_mins * 60).ok()?;
    Some(offset.to_timestamp(civil).ok())
}

/// A required member that is not there.
fn missing(path: &str) -> Failure {
    Failure::invalid(path, format!("{path} is required"), "value is missing")
}

/// A member that nothing is known of.
fn unknown(path: &str, of: &str) -> Failure {
    Failure::invalid(path, format!("{path} is not a field of {of}"), "field is unknown")
}

/// A value of another JSON type.
fn wrong_type(path: &str, wanted: &str, value: &Value) -> Failure {
    Failure::invalid(path, format!("{path} must be {wanted}"), format!("value is {}", kind_of(value)))
}

/// A text outside a fixed list.
pub(super) fn not_one_of(path: &str, allowed: &[&str]) -> Failure {
    let message = format!("{path} must be one of {}", allowed.join(", "));
    Failure::invalid(path, message, "value is not in the list")
}

/// A JSON type with its article.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The path of a member whose name may be anything: `channels[0].colour`, `["a b"]`.
fn member_path(parent: &str, key: &str) -> String {
    let is_plain = !key.is_empty()
        && key.len() <= 64
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if is_plain {
        return if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") };
    }
    let short: String = key.chars().take(64).collect();
    format!("{parent}[{}]", Value::String(short))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_dates_are_read() {
        for (text, wanted) in [
            ("2030-01-05T09:00:00Z", "2030-01-05T09:00:00Z"),
            ("2030-01-05t09:00:00z", "2030-01-05T09:00:00Z"),
            ("2030-01-05T09:00:00.5+01:30", "2030-01-05T07:30:00.5Z"),
            ("2030-01-05T09:00:00.1234567891234-23:59", "2030-01-06T08:59:00.123456789Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2016-12-31T15:59:60-08:00", "2016-12-31T23:59:59Z"),
        ] {
            assert_eq!(date_time(text).unwrap().unwrap().to_string(), wanted, "{text}");
        }
        assert_eq!(date_time("9999-12-31T23:59:59Z"), Some(None));
    }

    #[test]
    fn other_dates_are_none() {
        for text in [
            "",
            "2030",
            "2030-01-05",
            "2030-01-05 09:00:00Z",
            "2030-01-05T09:00Z",
            "2030-01-05T09:00:00",
            "2030-01-05T09:00:00.Z",
            "2030-01-05T09:00:00+0100",
            "2030-01-05T09:00:00+24:00",
            "2030-01-05T24:00:00Z",
            "2030-01-05T09:60:00Z",
            "2030-01-05T09:00:60Z",
            "2030-02-30T09:00:00Z",
            "2030-13-01T09:00:00Z",
            "2030-01-05T09:00:00Z[UTC]",
            "2030-01-05T09:00:00Zx",
            "+030-01-05T09:00:00Z",
            "２０３０-01-05T09:00:00Z",
        ] {
            assert_eq!(date_time(text), None, "{text}");
        }
    }

    #[test]
    fn strange_member_names_are_quoted() {
        assert_eq!(member_path("", "tilte"), "tilte");
        assert_eq!(member_path("channels[0]", "colour"), "channels[0].colour");
        assert_eq!(member_path("", "a.b"), "[\"a.b\"]");
        assert_eq!(member_path("channels[0]", ""), "channels[0][\"\"]");
    }

    proptest::proptest! {
        #[test]
        fn every_printed_time_is_read_back(nanos in -60_000_000_000_000_000_000i128..250_000_000_000_000_000_000i128) {
            let at = Timestamp::from_nanosecond(nanos).unwrap();
            proptest::prop_assert_eq!(date_time(&at.to_string()), Some(Some(at)));
        }

        #[test]
        fn any_text_is_a_date_or_not(text in "[0-9]{0,4}[-0-9TtZz:.+é ]{0,30}") {
            let _ = date_time(&text);
        }

        #[test]
        fn any_bytes_are_an_object_or_a_failure(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
            if let Ok(members) = read_object(&headers, &bytes) {
                let _ = read_create(&members, Timestamp::UNIX_EPOCH);
            }
        }
    }
}
