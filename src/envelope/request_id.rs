//! The ids of a call, best first: names from the profile and from `assets/standards/request_ids.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::body::{Body, scalar_text};
use super::source::Outline;
use super::{Answer, AnsweredBy, IdMaker, RequestId};
use crate::profile::Profile;
use crate::text::Node;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdNames {
    vendor: Vec<HeaderName>,
    body: Vec<BodyName>,
    generic: Vec<HeaderName>,
    trace: Vec<HeaderName>,
}

/// A header and who mints what stands in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderName {
    name: String,
    made_by: IdMaker,
    beside: Option<Beside>,
}

/// Another maker, where the answer has that header too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside {
    header: String,
    made_by: IdMaker,
}

/// A pointer into the body, in which `*` is every item of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyName {
    name: String,
    made_by: IdMaker,
    content_type: Option<String>,
    /// Whether a value that begins as a path does is none.
    #[serde(default)]
    not_a_path: bool,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static NAMES: LazyLock<IdNames> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/request_ids.toml")).unwrap_or_default());

/// Every id of the answer, by rank; a value that stands in two places counts where it ranks higher.
///
/// `of_shape` are pointers that are ids in the body's own shape, `of_xml` the ids of an XML body with the way to each.
/// A header that the profile names is the API's own only where the API itself answered: gateways use the same names.
pub(super) fn request_ids(
    answer: &Answer<'_>,
    body: &Body<'_>,
    profile: &Profile,
    answered_by: AnsweredBy,
    of_shape: &[String],
    of_xml: &[(String, String)],
) -> Vec<RequestId> {
    let mut ids = Vec::new();
    let rule = &profile.request_id;
    let profile_maker = if answered_by == AnsweredBy::Api { IdMaker::Api } else { IdMaker::Unknown };
    // A header of a name that anybody may use ranks as such, whoever's profile lists it.
    let is_generic = |name: &&String| NAMES.generic.iter().any(|known| known.name.eq_ignore_ascii_case(name));
    for name in rule.headers.iter().filter(|name| !is_generic(name)) {
        from_header(name, maker_by_name(name, answer).unwrap_or(profile_maker), answer, &mut ids);
    }
    from_headers(&NAMES.vendor, answer, &mut ids);
    let outline = if let Body::Json(document) = body { Outline::of(document) } else { None };
    if let Some(outline) = &outline {
        for pointer in &rule.body {
            from_body(pointer, IdMaker::Api, false, outline, &mut ids);
        }
        for pointer in of_shape {
            from_body(pointer, IdMaker::Api, false, outline, &mut ids);
        }
        for name in NAMES.body.iter().filter(|name| name.fits(answer)) {
            from_body(&name.name, name.made_by, name.not_a_path, outline, &mut ids);
        }
    }
    for (value, path) in of_xml {
        push(&mut ids, value, IdMaker::Api, || format!("body {path}"));
    }
    for name in rule.headers.iter().filter(is_generic) {
        from_header(name, maker_by_name(name, answer).unwrap_or(profile_maker), answer, &mut ids);
    }
    from_headers(&NAMES.generic, answer, &mut ids);
    from_headers(&NAMES.trace, answer, &mut ids);
    ids
}

impl HeaderName {
    fn maker(&self, answer: &Answer<'_>) -> IdMaker {
        let beside = self.beside.as_ref().filter(|beside| answer.header(&beside.header).is_some());
        beside.map_or(self.made_by, |beside| beside.made_by)
    }
}

impl BodyName {
    fn fits(&self, answer: &Answer<'_>) -> bool {
        let Some(wanted) = &self.content_type else { return true };
        let media_type = answer.header("content-type").and_then(|value| value.split(';').next());
        media_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(wanted))
    }
}

/// Who mints ids of a header's name, where the name tells.
fn maker_by_name(header: &str, answer: &Answer<'_>) -> Option<IdMaker> {
    let mut names = NAMES.vendor.iter().chain(&NAMES.generic).chain(&NAMES.trace);
    let maker = names.find(|name| name.name.eq_ignore_ascii_case(header))?.maker(answer);
    Some(maker).filter(|maker| *maker != IdMaker::Unknown)
}

fn from_headers(names: &[HeaderName], answer: &Answer<'_>, ids: &mut Vec<RequestId>) {
    for name in names {
        from_header(&name.name, name.maker(answer), answer, ids);
    }
}

fn from_header(name: &str, made_by: IdMaker, answer: &Answer<'_>, ids: &mut Vec<RequestId>) {
    for value in answer.header_values(name) {
        push(ids, value, made_by, || format!("header {}", name.to_ascii_lowercase()));
    }
}

fn from_body(pointer: &str, made_by: IdMaker, not_a_path: bool, outline: &Outline<'_, '_>, ids: &mut Vec<RequestId>) {
    let Some((list, rest)) = pointer.split_once("/*/") else {
        let id = outline.at(pointer).and_then(id_text).filter(|id| !(not_a_path && id.starts_with('/')));
        return push(ids, &id.unwrap_or_default(), made_by, || format!("body {pointer}"));
    };
    let Some(list) = outline.at(list) else { return };
    let first = list.items().enumerate().find_map(|(index, item)| Some((index, id_text(item.get(rest)?)?)));
    if let Some((index, id)) = first {
        push(ids, &id, made_by, || format!("body {}/{index}/{rest}", list.pointer()));
    }
}

/// The text of an id; none for an empty one.
fn id_text(node: Node<'_, '_>) -> Option<String> {
    scalar_text(node).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn push(ids: &mut Vec<RequestId>, value: &str, made_by: IdMaker, source: impl FnOnce() -> String) {
    if !value.is_empty() && !ids.iter().any(|id| id.value == value) {
        ids.push(RequestId { value: value.to_owned(), source: source(), made_by });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::generic;

    /// Source and maker of every id.
    fn ids(headers: &[(&str, &str)], body: &str) -> Vec<(String, IdMaker)> {
        let headers: Vec<(String, String)> = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let answer = Answer { status: 500, headers: &headers, body: body.as_bytes() };
        let ids = request_ids(&answer, &Body::sort(&answer, body), &generic(), AnsweredBy::Unknown, &[], &[]);
        ids.into_iter().map(|id| (id.source, id.made_by)).collect()
    }

    fn id(source: &str, made_by: IdMaker) -> (String, IdMaker) {
        (source.to_owned(), made_by)
    }

    #[test]
    fn the_file_loads_and_no_name_has_two_ranks() {
        let names = NAMES.vendor.iter().chain(&NAMES.generic).chain(&NAMES.trace);
        let mut headers: Vec<&String> = names.map(|name| &name.name).collect();
        let count = headers.len();
        assert!(count > 20);
        assert!(headers.iter().all(|name| name.to_ascii_lowercase() == **name));
        headers.sort();
        headers.dedup();
        assert_eq!(headers.len(), count);
        // A list has one item behind its `*`, the member that holds the id.
        assert!(NAMES.body.iter().all(|name| {
            name.name.starts_with('/') && name.name.split_once("/*/").is_none_or(|(_, rest)| !rest.contains('/'))
        }));
    }

    #[test]
    fn vendor_ranks_before_body_before_generic_before_trace() {
        let headers = [
            ("cf-ray", "1"),
            ("traceparent", "2"),
            ("X-Request-Id", "3"),
            ("client-request-id", "4"),
            ("x-ms-request-id", "5"),
        ];
        let expected = [
            id("header x-ms-request-id", IdMaker::Api),
            id("body /error/innerError/request-id", IdMaker::Api),
            id("body /error/innerError/client-request-id", IdMaker::Client),
            id("header x-request-id", IdMaker::Unknown),
            id("header client-request-id", IdMaker::Client),
            id("header cf-ray", IdMaker::Cdn),
            id("header traceparent", IdMaker::Tracer),
        ];
        let body = r#"{"error":{"innerError":{"request-id":"6","client-request-id":"7"}}}"#;
        assert_eq!(ids(&headers, body), expected);
    }

    #[test]
    fn an_amazon_id_beside_that_of_the_gateway_is_the_gateways() {
        let own = ("x-amzn-RequestId", "1");
        assert_eq!(ids(&[own], ""), [id("header x-amzn-requestid", IdMaker::Api)]);
        assert_eq!(ids(&[own, ("x-amz-apigw-id", "2")], ""), [id("header x-amzn-requestid", IdMaker::Gateway)]);
    }

    #[test]
    fn a_problems_instance_counts_only_in_a_problem() {
        let body = r#"{"title":"No","instance":"urn:uuid:1"}"#;
        let expected = [id("body /instance", IdMaker::Api)];
        assert_eq!(ids(&[("Content-Type", "Application/Problem+JSON; charset=utf-8")], body), expected);
        assert_eq!(ids(&[("Content-Type", "application/json")], body), []);
        assert_eq!(ids(&[], body), []);
        let of_spring = r#"{"title":"No","instance":"/v1/posts"}"#;
        assert_eq!(ids(&[("Content-Type", "application/problem+json")], of_spring), []);
    }

    #[test]
    fn the_first_detail_that_has_an_id_counts() {
        let body =
            r#"{"error":{"id":7,"details":[{"reason":"x"},3,{"requestId":" "},{"requestId":"a"},{"requestId":"b"}]}}"#;
        let expected = [id("body /error/details/3/requestId", IdMaker::Api), id("body /error/id", IdMaker::Api)];
        assert_eq!(ids(&[], body), expected);
        assert_eq!(ids(&[], r#"{"details":[{"requestId":"a"}]}"#), [id("body /details/0/requestId", IdMaker::Api)]);
        assert_eq!(ids(&[], r#"{"details":{"requestId":"a"},"error":{"id":{}}}"#), []);
    }

    #[test]
    fn a_profiles_header_is_the_apis_only_where_the_api_answered() {
        let mut profile = generic();
        profile.request_id.headers = vec!["X-Request-Id".into(), "CF-Ray".into()];
        let headers = [("x-request-id".to_owned(), "1".to_owned()), ("cf-ray".to_owned(), "2".to_owned())];
        let answer = Answer { status: 502, headers: &headers, body: b"" };
        let makers = |by| {
            request_ids(&answer, &Body::Empty, &profile, by, &[], &[]).iter().map(|id| id.made_by).collect::<Vec<_>>()
        };
        // The generic name ranks after the one that says more, though the profile lists it first.
        assert_eq!(makers(AnsweredBy::Api), [IdMaker::Cdn, IdMaker::Api]);
        assert_eq!(makers(AnsweredBy::Gateway), [IdMaker::Cdn, IdMaker::Unknown]);
    }

    #[test]
    fn makers_are_written_as_their_word() {
        for maker in [IdMaker::Api, IdMaker::Gateway, IdMaker::Cdn, IdMaker::Tracer, IdMaker::Client, IdMaker::Unknown]
        {
            assert_eq!(serde_json::to_value(maker).unwrap(), maker.word());
        }
    }
}
