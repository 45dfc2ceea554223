//! Where in a request a finding lies, and where that is in the text shown now.

use super::path_segment::segments;
use crate::text::{Document, Form, Node, Pointer, Span, graphql_token};

/// Where in a request a finding lies, so that it can be marked in whatever text shows it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The whole payload.
    Whole,
    /// A value of the payload; of duplicate keys the last is meant. Shape: `/channels/1/name`.
    Body(Pointer),
    /// Something that is missing from a value of the payload; the root is `""`.
    MissingIn(Pointer),
    /// A query parameter, by its decoded name.
    Query(String),
    /// A segment of the address's path, counted from 0 after the first slash.
    Path(usize),
    /// A header, by name.
    Header(String),
    /// A cookie, by name.
    Cookie(String),
    /// A part of a form, by its decoded name, and which of the parts of that name, counted from 0.
    Form(String, usize),
    /// A place in the text of a GraphQL query, line and column from 1.
    Graphql(usize, usize),
    /// Nowhere that could be marked.
    Unknown,
}

impl Place {
    /// The bytes to mark in a payload; none if the place is not in it any more, or not in a payload.
    ///
    /// A payload may be JSON, a form, or a GraphQL query by itself.
    pub fn span_in_payload(&self, payload: &Document<'_>) -> Option<Span> {
        match self {
            Self::Whole => payload.root().map(Node::span),
            Self::Body(pointer) | Self::MissingIn(pointer) => {
                payload.at_pointer(pointer.as_str()).filter(|_| payload.is_complete()).map(Node::span)
            }
            Self::Form(name, occurrence) => {
                let form = Form::read(payload.text(), None).filter(|_| !payload.is_complete())?;
                form.part(name, *occurrence).map(|part| part.span)
            }
            Self::Graphql(line, column) => graphql_token(payload, *line, *column),
            Self::Query(_) | Self::Path(_) | Self::Header(_) | Self::Cookie(_) | Self::Unknown => None,
        }
    }

    /// The bytes to mark in an address: a parameter's name and value, or a segment of the path; none if the place is not
    /// in it any more, or in no address.
    ///
    /// Of equal names the first. The segments of an address that begins with a variable are those behind it.
    pub fn span_in_url(&self, url: &str) -> Option<Span> {
        match self {
            Self::Query(wanted) => {
                Form::of_query(url).parts().iter().find(|part| part.name == *wanted).map(|part| part.whole)
            }
            Self::Path(at) => segments(url).get(*at).map(|segment| segment.span),
            _ => None,
        }
    }

    /// The same in the address of a draft, from which `sent` was made when it was `template`: the variable that it begins
    /// with may stand for segments of its own. Shape: `{{base}}/v1/posts` for `https://host/api/v1/posts`.
    pub fn span_in_draft_url(&self, draft: &str, template: &str, sent: &str) -> Option<Span> {
        let Self::Path(at) = self else { return self.span_in_url(draft) };
        let in_variable = segments(sent).len().saturating_sub(segments(template).len());
        let shift = if draft.starts_with("{{") && template.starts_with("{{") { in_variable } else { 0 };
        Self::Path(at.checked_sub(shift)?).span_in_url(draft)
    }

    /// Whether it is a header of that name, or a cookie in it.
    pub fn is_in_header(&self, name: &str, value: &str) -> bool {
        match self {
            Self::Header(wanted) => wanted.eq_ignore_ascii_case(name),
            Self::Cookie(wanted) => {
                name.eq_ignore_ascii_case("cookie")
                    && value.split(';').any(|pair| pair.split_once('=').is_some_and(|(name, _)| name.trim() == wanted))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_marked_with_its_value_as_written() {
        let url = "{{base}}/v1/posts?a=1&&filter%5Bst%5D=x%26y&limit&a=2#limit=3";
        let marked = |name: &str| Place::Query(name.into()).span_in_url(url).and_then(|span| span.slice(url));
        assert_eq!(marked("a"), Some("a=1"));
        assert_eq!(marked("filter[st]"), Some("filter%5Bst%5D=x%26y"));
        assert_eq!(marked("limit"), Some("limit"));
        assert_eq!(marked("b"), None);
        assert_eq!(Place::Query("a".into()).span_in_url("/a=1"), None);
        assert_eq!(Place::Header("a".into()).span_in_url(url), None);
    }

    #[test]
    fn a_mark_follows_its_value_and_goes_when_it_is_gone() {
        let place = Place::Body(Pointer::parse("/a/1").unwrap());
        let marked =
            |text: &'static str| place.span_in_payload(&Document::parse(text)).and_then(|span| span.slice(text));
        assert_eq!(marked(r#"{"a":[1,2]}"#), Some("2"));
        assert_eq!(marked("{\n \"b\": 0,\n \"a\": [1, \"two\"]\n}"), Some("\"two\""));
        assert_eq!(marked(r#"{"a":[1]}"#), None);
        assert_eq!(marked(""), None);
        assert_eq!(Place::Whole.span_in_payload(&Document::parse(" {} ")), Some(Span::new(1, 3)));
        assert_eq!(Place::Header("a".into()).span_in_payload(&Document::parse("{\"a\":1}")), None);
    }

    #[test]
    fn the_marks_of_forms_queries_and_paths_follow_too() {
        let form = Place::Form("tags[]".into(), 1);
        let marked =
            |text: &'static str| form.span_in_payload(&Document::parse(text)).and_then(|span| span.slice(text));
        assert_eq!(marked("tags[]=a&tags%5B%5D=b%20c"), Some("b%20c"));
        assert_eq!(marked("x=1&tags[]=a&y=2&tags[]="), Some(""));
        assert_eq!(marked("tags[]=a"), None);
        assert_eq!(marked("{\"tags[]\":1}"), None);
        let query = "{\"query\": \"{ a(b: 1) }\"}";
        let token = Place::Graphql(1, 5).span_in_payload(&Document::parse(query));
        assert_eq!(token.and_then(|span| span.slice(query)), Some("b"));
        let segment = |url: &'static str| Place::Path(2).span_in_url(url).and_then(|span| span.slice(url));
        assert_eq!(segment("https://h/v1/posts/a%20b?x=1"), Some("a%20b"));
        assert_eq!(segment("{{base}}/v1/posts/{{id}}"), Some("{{id}}"));
        assert_eq!(segment("/v1/posts"), None);
        let sent = "https://h/api/eu/v1/posts/7";
        let in_draft = |draft: &'static str| {
            Place::Path(4).span_in_draft_url(draft, "{{base}}/v1/posts/7", sent).and_then(|span| span.slice(draft))
        };
        assert_eq!(in_draft("{{base}}/v1/posts/8/x"), Some("8"));
        assert_eq!(in_draft("https://h/api/eu/v1/posts/9"), Some("9"));
        assert_eq!(in_draft("{{base}}/v1/posts"), None);
    }

    #[test]
    fn a_header_is_told_by_its_name_and_a_cookie_by_its_pair() {
        assert!(Place::Header("X-Key".into()).is_in_header("x-key", ""));
        let cookie = Place::Cookie("sid".into());
        assert!(cookie.is_in_header("Cookie", "a=b; sid=1"));
        assert!(!cookie.is_in_header("Cookie", "a=sid; Sid=1; sid2=3"));
        assert!(!cookie.is_in_header("X", "sid=1"));
        assert!(!Place::Query("x".into()).is_in_header("x", ""));
    }
}
