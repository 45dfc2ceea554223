//! The parameters of the list of posts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::failure::Failure;
use super::payload::not_one_of;
use super::rules::Rule;
use super::store::PostState;

/// Posts on a page unless asked otherwise.
const LIMIT_DEFAULT: usize = 20;
/// Posts on a page at most.
const LIMIT_MAX: usize = 100;
/// What a cursor begins with before it is encoded.
const CURSOR_MARK: &str = "after:";

/// What a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListQuery {
    /// Posts on a page, 1 to 100.
    pub(super) limit: usize,
    /// The id after which the page begins.
    pub(super) after: Option<String>,
    /// Only posts in this state.
    pub(super) state: Option<PostState>,
}

/// The query of a list's address.
///
/// *Errors*: `invalid_request`, naming the parameter.
pub(super) fn read_list_query(query: &str) -> Result<ListQuery, Failure> {
    let mut list = ListQuery { limit: LIMIT_DEFAULT, after: None, state: None };
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "limit" => list.limit = read_limit(&value)?,
            "cursor" => list.after = Some(read_cursor(&value)?),
            "state" => {
                let known = PostState::from_text(&value);
                list.state = Some(known.ok_or_else(|| not_one_of("state", &PostState::ALL.map(PostState::as_str)))?);
            }
            other => {
                let short: String = other.chars().take(64).collect();
                let message = format!("{short} is not a parameter of this list");
                return Err(Failure::broken(Rule::ParameterKnown, short, message));
            }
        }
        if seen.iter().any(|earlier| *earlier == name) {
            return Err(Failure::broken(Rule::ParameterOnce, name.as_ref(), format!("{name} must be given once")));
        }
        seen.push(name.into_owned());
    }
    Ok(list)
}

fn read_limit(value: &str) -> Result<usize, Failure> {
    let is_number = !value.is_empty() && value.len() <= 9 && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { value.parse::<usize>().ok() } else { None };
    match number {
        Some(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        found => {
            let reason = if found.is_some() { "value is out of range" } else { "value is not an integer" };
            Err(Failure::invalid("limit", format!("limit must be an integer from 1 to {LIMIT_MAX}"), reason))
        }
    }
}

fn read_cursor(value: &str) -> Result<String, Failure> {
    let decoded = URL_SAFE_NO_PAD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded
        .as_deref()
        .and_then(|text| text.strip_prefix(CURSOR_MARK))
        .filter(|id| is_post_id(id))
        .map(str::to_owned)
        .ok_or_else(|| Failure::broken(Rule::CursorKnown, "cursor", "cursor must be one that this list gave out"))
}

/// The cursor for the page after an id.
pub(super) fn cursor_after(id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{CURSOR_MARK}{id}"))
}

/// Whether a text has the shape of a post's id.
fn is_post_id(text: &str) -> bool {
    text.strip_prefix("post_").is_some_and(|ulid| {
        ulid.len() == 26
            && ulid.bytes().all(|b| (b.is_ascii_digit() || b.is_ascii_uppercase()) && !b"ILOU".contains(&b))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn cursors_come_back_as_they_went() {
        let id = "post_01JD8Q6Z4N5T0V9M2K7B3C8D1E";
        let list = read_list_query(&format!("cursor={}&limit=5&state=draft", cursor_after(id))).unwrap();
        assert_eq!(list, ListQuery { limit: 5, after: Some(id.into()), state: Some(PostState::Draft) });
    }

    #[test]
    fn wrong_parameters_are_named() {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=-1", "limit"),
            ("limit=1.0", "limit"),
            ("limit=", "limit"),
            ("limit=%31%00", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("limit=1&limit=1", "limit"),
            ("cursor=", "cursor"),
            ("cursor=abc", "cursor"),
            ("cursor=%FF", "cursor"),
            ("state=gone", "state"),
            ("limti=1", "limti"),
        ] {
            assert_eq!(read_list_query(query).unwrap_err().details.unwrap().0, field, "{query}");
        }
    }
}
