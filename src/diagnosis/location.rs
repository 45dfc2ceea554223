//! In which part of the request a blamed field is, decided by evidence.

use std::sync::LazyLock;

use super::part::named_part;
use super::path_segment::{Told, told};
use super::sent::Sent;
use super::{DiagnosisInput, Location};
use crate::envelope::{BlamedField, Stated};
use crate::profile::Profile;
use serde::Deserialize;

/// The file `assets/standards/request_headers.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderNames {
    names: Vec<String>,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static HEADERS: LazyLock<HeaderNames> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/request_headers.toml")).unwrap_or_default());

/// Where a field is that the answer names.
///
/// The rule, first match wins:
/// 1. what the answer itself says beside the field, be it found there or not; the payload's root is the whole of it;
/// 2. a path that resolves in the payload exactly as it is spelled is in the body, or the whole of it;
/// 3. a path that begins with a word for a part of the request (`query.limit`, `headers.x-api-key`, `body.title`) is in
///    that part, unless the payload has an object or array under that word;
/// 4. the name of the profile's credential or workspace header, or of a header that was sent, is a header, since such
///    names are no field names;
/// 5. a path that resolves in the payload in another case or style is in the body;
/// 6. a query parameter of the address is that parameter, in any spelling as for forms;
/// 7. a name with a hyphen that was sent as a header in another style (`idempotency_key`) is that header;
/// 8. where the status does not speak of the content or the method carries none, what names a segment of the path by a
///    template, by its resource or by its value in the reason is that segment;
/// 9. a name that begins with `X-`, or a registered request header's name, is a header, a registered one without a hyphen only where the status does not speak of the
///    content;
/// 10. where the status speaks of the content (400, 409, 413, 415, 422, or below 400) and the method may carry one, a
///     field that is found nowhere is one that is missing from the body, unless there was no payload at all;
/// 11. else nothing tells.
pub(super) fn location(
    field: &BlamedField,
    hit: Hit,
    sent: &Sent<'_>,
    input: &DiagnosisInput<'_>,
    profile: &Profile,
) -> Location {
    let path = field.path.as_str();
    match (field.stated, hit) {
        (Stated::Body | Stated::Nowhere, Hit::Root) => return Location::Whole,
        (Stated::Body, _) => return if names_the_payload(path) { Location::Whole } else { Location::Body },
        (Stated::Query, _) => return Location::Query,
        (Stated::Path, _) => return Location::Path,
        (Stated::Header, _) => return Location::Header,
        (Stated::Cookie, _) => return Location::Cookie,
        (Stated::Graphql(_), _) => return Location::Graphql,
        (Stated::Nowhere, Hit::Exact) => return Location::Body,
        (Stated::Nowhere, Hit::Variant | Hit::None) => {}
    }
    if let Some(part) = named_part(path).filter(|part| !sent.holds_more_under(&part.word)) {
        return part.location;
    }
    if profile.is_own_header(path) || input.request_headers.iter().any(|name| name.eq_ignore_ascii_case(path)) {
        return Location::Header;
    }
    if hit == Hit::Variant {
        return Location::Body;
    }
    if sent.query.find_bare(path).is_some() {
        return Location::Query;
    }
    if header_in_another_style(path, input).is_some_and(|name| name.contains('-')) {
        return Location::Header;
    }
    let is_of_content = speaks_of_content(input.status) && may_carry_content(input.method);
    if !is_of_content && matches!(told(&sent.path, path, field.reason.as_deref()), Told::By(_)) {
        return Location::Path;
    }
    let is_registered = HEADERS.names.iter().any(|name| name.eq_ignore_ascii_case(path));
    // Nothing but a header is named like this.
    let is_private = path.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-"));
    if is_private || (is_registered && (path.contains('-') || !speaks_of_content(input.status))) {
        return Location::Header;
    }
    if is_of_content && input.payload != Some("") {
        return Location::Body;
    }
    Location::Unknown
}

/// The header that was sent under a name in another style; its name as sent.
pub(super) fn header_in_another_style<'a>(path: &str, input: &DiagnosisInput<'a>) -> Option<&'a str> {
    let folded = |name: &str| name.replace(['-', '_', ' '], "").to_ascii_lowercase();
    let wanted = folded(path);
    input.request_headers.iter().copied().find(|name| !wanted.is_empty() && folded(name) == wanted)
}

/// Whether a path that the answer says is in the body is no more than a name of the body.
pub(super) fn names_the_payload(path: &str) -> bool {
    matches!(path, "$" | "#" | "body" | "payload" | "requestBody" | "request.body" | "/" | "/body")
}

/// How a path was found in the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hit {
    /// The path names the payload as a whole.
    Root,
    /// As it is spelled.
    Exact,
    /// In another case or style.
    Variant,
    /// Not at all, or there is no payload.
    None,
}

/// The statuses whose fault is what was sent, rather than who sent it, where to or when.
fn speaks_of_content(status: u16) -> bool {
    status < 400 || matches!(status, 400 | 409 | 413 | 415 | 422)
}

/// RFC 9110 gives content of these methods no meaning.
fn may_carry_content(method: Option<&str>) -> bool {
    method.is_none_or(|method| {
        !["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"].iter().any(|m| m.eq_ignore_ascii_case(method))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::built_in;

    fn input<'a>(status: u16, method: &'a str, url: &'a str, payload: Option<&'a str>) -> DiagnosisInput<'a> {
        let request_headers = &["Idempotency-Key"];
        DiagnosisInput {
            status,
            headers: &[],
            body: b"",
            method: Some(method),
            url: Some(url),
            request_headers,
            payload,
        }
    }

    #[test]
    fn each_rule_decides_where_the_one_before_does_not() {
        let altyaa = built_in("altyaa").unwrap();
        let url = "/v1/posts?limit=5&filter%5Bstate%5D=a#limit=x&slug=y";
        let at = |path: &str, hit, status, method: &str, payload| {
            let asked = input(status, method, url, payload);
            location(&BlamedField::new(path, None), hit, &Sent::read(&asked), &asked, &altyaa)
        };
        assert_eq!(at("Authorization", Hit::Exact, 400, "POST", Some("{}")), Location::Body);
        assert_eq!(at("$", Hit::Root, 400, "POST", Some("{}")), Location::Whole);
        assert_eq!(at("authorization", Hit::Variant, 401, "POST", Some("{}")), Location::Header);
        assert_eq!(at("idempotency-key", Hit::None, 409, "POST", Some("{}")), Location::Header);
        assert_eq!(at("limit", Hit::Variant, 400, "POST", Some("{}")), Location::Body);
        assert_eq!(at("limit", Hit::None, 400, "POST", Some("{}")), Location::Query);
        assert_eq!(at("filter[state]", Hit::None, 400, "GET", None), Location::Query);
        assert_eq!(at("slug", Hit::None, 400, "POST", Some("{}")), Location::Body);
        assert_eq!(at("slug", Hit::None, 400, "POST", None), Location::Body);
        assert_eq!(at("slug", Hit::None, 400, "POST", Some("")), Location::Unknown);
        assert_eq!(at("slug", Hit::None, 400, "GET", None), Location::Unknown);
        assert_eq!(at("id", Hit::None, 404, "PATCH", Some("{}")), Location::Unknown);
        assert_eq!(at("Content-Type", Hit::None, 415, "POST", Some("{}")), Location::Header);
        assert_eq!(at("host", Hit::None, 400, "POST", Some("{}")), Location::Body);
        assert_eq!(at("Host", Hit::None, 403, "POST", Some("{}")), Location::Header);
        assert_eq!(at("query.limit", Hit::None, 400, "POST", Some("{}")), Location::Query);
        assert_eq!(at("query.limit", Hit::None, 400, "POST", Some("{\"query\":{}}")), Location::Body);
        assert_eq!(at("query.limit", Hit::Exact, 400, "POST", Some("{\"query\":{\"limit\":1}}")), Location::Body);
        assert_eq!(at("headers.x-api-key", Hit::None, 400, "POST", Some("{}")), Location::Header);
        assert_eq!(at("filter.state", Hit::None, 400, "GET", None), Location::Query);
        assert_eq!(at("Limit", Hit::None, 400, "GET", None), Location::Query);
        assert_eq!(at("idempotency_key", Hit::None, 409, "POST", Some("{}")), Location::Header);
        assert_eq!(at("body.limit", Hit::None, 404, "PATCH", Some("{}")), Location::Body);
        assert_eq!(at("version", Hit::None, 404, "GET", None), Location::Unknown);
    }

    #[test]
    fn a_segment_of_the_path_is_told_where_no_payload_is_in_question() {
        let altyaa = built_in("altyaa").unwrap();
        let at = |path: &str, reason: Option<&str>, status, method: &str| {
            let asked = input(status, method, "/v1/posts/77/comments/abc", Some("{}"));
            let field = BlamedField::new(path, reason.map(str::to_owned));
            location(&field, Hit::None, &Sent::read(&asked), &asked, &altyaa)
        };
        assert_eq!(at("postId", None, 400, "GET"), Location::Path);
        assert_eq!(at("postId", None, 404, "PATCH"), Location::Path);
        assert_eq!(at("postId", None, 422, "POST"), Location::Body);
        assert_eq!(at("id", Some("no comment 'abc'"), 404, "GET"), Location::Path);
        assert_eq!(at("id", None, 404, "GET"), Location::Unknown);
    }

    #[test]
    fn what_the_answer_says_wins() {
        let altyaa = built_in("altyaa").unwrap();
        for (stated, hit, path, expected) in [
            (Stated::Query, Hit::Exact, "limit", Location::Query),
            (Stated::Body, Hit::None, "limit", Location::Body),
            (Stated::Body, Hit::Root, "body", Location::Whole),
            (Stated::Body, Hit::None, "body", Location::Whole),
            (Stated::Header, Hit::Exact, "title", Location::Header),
            (Stated::Cookie, Hit::None, "sid", Location::Cookie),
            (Stated::Path, Hit::None, "id", Location::Path),
            (Stated::Graphql(None), Hit::Exact, "id", Location::Graphql),
            (Stated::Query, Hit::Root, "$", Location::Query),
        ] {
            let asked = input(400, "POST", "/v1/posts?limit=5", Some("{\"limit\":1,\"title\":2}"));
            let field = BlamedField { path: path.into(), reason: None, stated };
            assert_eq!(location(&field, hit, &Sent::read(&asked), &asked, &altyaa), expected, "{field:?}");
        }
    }
}
