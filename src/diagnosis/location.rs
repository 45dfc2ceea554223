//! In which part of the request a blamed field is, decided by evidence.

use std::sync::LazyLock;

use serde::Deserialize;
use url::form_urlencoded;

use super::place::query_parameters;
use super::{DiagnosisInput, Location};
use crate::profile::Profile;

/// The file `assets/standards/request_headers.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderNames {
    names: Vec<String>,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static HEADERS: LazyLock<HeaderNames> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/request_headers.toml")).unwrap_or_default());

/// Where a field is that the answer names without saying where.
///
/// The rule, first match wins:
/// 1. a path that resolves in the payload exactly as it is spelled is in the body, or the whole of it;
/// 2. the name of the profile's credential or workspace header, or of a header that was sent, is a header, since such
///    names are no field names;
/// 3. a path that resolves in the payload in another case or style is in the body;
/// 4. the name of a query parameter of the address is that parameter;
/// 5. a registered request header's name is a header, one without a hyphen only where the status does not speak of the
///    content;
/// 6. where the status speaks of the content (400, 409, 413, 415, 422, or below 400) and the method may carry one, a
///    field that is found nowhere is one that is missing from the body, unless there was no payload at all;
/// 7. else nothing tells.
pub(super) fn location(path: &str, hit: Hit, input: &DiagnosisInput<'_>, profile: &Profile) -> Location {
    match hit {
        Hit::Root => return Location::Whole,
        Hit::Exact => return Location::Body,
        Hit::Variant | Hit::None => {}
    }
    if profile.is_own_header(path) || input.request_headers.iter().any(|name| name.eq_ignore_ascii_case(path)) {
        return Location::Header;
    }
    if hit == Hit::Variant || is_form_field(path, input) {
        return Location::Body;
    }
    if input.url.is_some_and(|url| query_parameters(url).any(|(name, _)| name == path)) {
        return Location::Query;
    }
    let is_registered = HEADERS.names.iter().any(|name| name.eq_ignore_ascii_case(path));
    if is_registered && (path.contains('-') || !speaks_of_content(input.status)) {
        return Location::Header;
    }
    if speaks_of_content(input.status) && may_carry_content(input.method) && input.payload != Some("") {
        return Location::Body;
    }
    Location::Unknown
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

/// Whether the payload is a form that has a field of that name.
fn is_form_field(path: &str, input: &DiagnosisInput<'_>) -> bool {
    let Some(payload) = input.payload else { return false };
    // A form is one line of pairs; JSON never looks like that, since it begins with a bracket or quote.
    let is_form = payload.contains('=') && !payload.contains(['\n', '{', '[', '"', '<', ' ']);
    is_form && form_urlencoded::parse(payload.as_bytes()).any(|(name, _)| name == path)
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
            location(path, hit, &input(status, method, url, payload), &altyaa)
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
        assert_eq!(at("post[title]", Hit::None, 404, "PATCH", Some("post%5Btitle%5D=a&b=c")), Location::Body);
    }
}
