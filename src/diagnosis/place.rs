//! Where in a request a finding lies, and where that is in the text shown now.

use url::form_urlencoded;

use crate::text::{Document, Pointer, Span};

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
    /// A part of a form, by its decoded name.
    Form(String),
    /// A place in the text of a GraphQL query, line and column from 1.
    Graphql(usize, usize),
    /// Nowhere that could be marked.
    Unknown,
}

impl Place {
    /// The bytes to mark in a payload; none if the place is not in it any more, or not in a payload.
    pub fn span_in_payload(&self, payload: &Document<'_>) -> Option<Span> {
        let node = match self {
            Self::Whole => payload.root()?,
            Self::Body(pointer) | Self::MissingIn(pointer) => payload.at_pointer(pointer.as_str())?,
            _ => return None,
        };
        Some(node.span())
    }

    /// The bytes of the parameter, name and value, in an address; none if it is not in it any more, or no parameter.
    ///
    /// Of equal names the first.
    pub fn span_in_url(&self, url: &str) -> Option<Span> {
        let Self::Query(wanted) = self else { return None };
        query_parameters(url).find(|(name, _)| name == wanted).map(|(_, span)| span)
    }
}

/// The query parameters of an address: the decoded name, and the bytes of name and value as written.
pub(super) fn query_parameters(url: &str) -> impl Iterator<Item = (String, Span)> {
    let end = url.find('#').unwrap_or(url.len());
    let start = url.get(..end).and_then(|before| before.find('?')).map_or(end, |mark| mark + 1);
    let mut at = start;
    url.get(start..end).unwrap_or("").split('&').filter_map(move |pair| {
        let span = Span::new(at, at + pair.len());
        at = span.end + 1;
        form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| (name.into_owned(), span))
    })
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
}
