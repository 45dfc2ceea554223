//! The ids of a call: in its path, its query and its payload.

use url::Url;

use crate::text::{Document, Form, Kind};

/// How many are listed.
const MOST: usize = 30;
/// How many values of a payload are looked at.
const MOST_VALUES: usize = 5000;

/// One id of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallId {
    /// The id.
    pub value: String,
    /// Where it stands, in words. Shape: `path /v1/posts/…`, `query postId`, `payload /author/id`.
    pub place: String,
    /// Where it can be asked for; none where its collection is not known. Shape: `/v1/posts/post_1`.
    pub address: Option<String>,
}

/// Every id of a call, in the order path, query, payload.
pub(super) fn of(path_and_query: &str, payload: &str) -> Vec<CallId> {
    let mut found = Vec::new();
    let Ok(url) = Url::parse("http://relative.invalid").and_then(|base| base.join(path_and_query)) else {
        return found;
    };
    let segments: Vec<&str> = url.path().split('/').skip(1).collect();
    for (index, segment) in segments.iter().enumerate() {
        if is_id(segment) && index > 0 {
            let address = segments.get(..=index).unwrap_or_default().join("/");
            let collection = segments.get(..index).unwrap_or_default().join("/");
            found.push(CallId {
                value: (*segment).to_owned(),
                place: format!("path /{collection}/…"),
                address: Some(format!("/{address}")),
            });
        }
    }
    for part in Form::of_query(path_and_query).parts() {
        if is_id_name(&part.name) {
            found.push(CallId {
                value: value_of(path_and_query, part.span),
                place: format!("query {}", part.name),
                address: None,
            });
        }
    }
    let document = Document::parse(payload);
    for node in document.descendants().take(MOST_VALUES) {
        let is_named = node.kind() == Kind::Object;
        if !is_named {
            continue;
        }
        for member in node.members().take(MOST_VALUES).filter(|member| is_id_name(&member.key)) {
            let value = member.value.as_str().map(|text| text.into_owned());
            let value = value.or_else(|| (member.value.kind() == Kind::Number).then(|| member.value.raw().to_owned()));
            if let Some(value) = value.filter(|value| !value.is_empty() && found.len() < MOST) {
                found.push(CallId { value, place: format!("payload {}", member.value.pointer()), address: None });
            }
        }
    }
    found.truncate(MOST);
    found
}

fn value_of(text: &str, span: crate::text::Span) -> String {
    let written = span.slice(text).unwrap_or("");
    percent_encoding::percent_decode_str(written).decode_utf8_lossy().into_owned()
}

/// Whether a segment names one thing rather than many: a number, or letters with a digit among them.
fn is_id(segment: &str) -> bool {
    let is_version = segment.len() <= 3 && segment.starts_with('v');
    !is_version && segment.chars().any(|c| c.is_ascii_digit())
}

fn is_id_name(name: &str) -> bool {
    name == "id" || name.ends_with("Id") || name.ends_with("_id") || name.ends_with("-id") || name == "ID"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_every_part() {
        let found = of(
            "/v1/posts/post_7/comments/12?authorId=a%201&limit=5",
            r#"{"id":"p","author":{"team_id":4,"name":"x"}}"#,
        );
        let said: Vec<_> =
            found.iter().map(|id| (id.value.as_str(), id.place.as_str(), id.address.as_deref())).collect();
        let expected = [
            ("post_7", "path /v1/posts/…", Some("/v1/posts/post_7")),
            ("12", "path /v1/posts/post_7/comments/…", Some("/v1/posts/post_7/comments/12")),
            ("a 1", "query authorId", None),
            ("p", "payload /id", None),
            ("4", "payload /author/team_id", None),
        ];
        assert_eq!(said, expected);
        assert_eq!(of("/v1/posts", "no json").len(), 0);
    }
}
