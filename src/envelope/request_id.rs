//! The ids of a call, best first: names from the profile and from `assets/standards/request_ids.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::body::{Body, scalar_text};
use super::{Answer, RequestId};
use crate::profile::Profile;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdNames {
    vendor: Vec<String>,
    body: Vec<String>,
    generic: Vec<String>,
    trace: Vec<String>,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static NAMES: LazyLock<IdNames> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/request_ids.toml")).unwrap_or_default());

/// Every id of the answer, by rank; a value that stands in two places counts where it ranks higher.
pub(super) fn request_ids(answer: &Answer<'_>, body: &Body<'_>, profile: &Profile) -> Vec<RequestId> {
    let mut ids = Vec::new();
    let rule = &profile.request_id;
    from_headers(&rule.headers, answer, &mut ids);
    from_headers(&NAMES.vendor, answer, &mut ids);
    from_body(&rule.body, body, &mut ids);
    from_body(&NAMES.body, body, &mut ids);
    from_headers(&NAMES.generic, answer, &mut ids);
    from_headers(&NAMES.trace, answer, &mut ids);
    ids
}

fn from_headers(names: &[String], answer: &Answer<'_>, ids: &mut Vec<RequestId>) {
    for name in names {
        for value in answer.header_values(name) {
            push(ids, value.to_owned(), || format!("header {}", name.to_ascii_lowercase()));
        }
    }
}

fn from_body(pointers: &[String], body: &Body<'_>, ids: &mut Vec<RequestId>) {
    let Body::Json(document) = body else { return };
    for pointer in pointers {
        let value = document.at_pointer(pointer).and_then(scalar_text);
        if let Some(value) = value.as_deref().map(str::trim).filter(|value| !value.is_empty()) {
            push(ids, value.to_owned(), || format!("body {pointer}"));
        }
    }
}

fn push(ids: &mut Vec<RequestId>, value: String, source: impl FnOnce() -> String) {
    if !ids.iter().any(|id| id.value == value) {
        ids.push(RequestId { value, source: source() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_loads_and_no_name_has_two_ranks() {
        let mut headers: Vec<&String> = NAMES.vendor.iter().chain(&NAMES.generic).chain(&NAMES.trace).collect();
        let count = headers.len();
        assert!(count > 20);
        assert!(headers.iter().all(|name| name.to_ascii_lowercase() == **name));
        headers.sort();
        headers.dedup();
        assert_eq!(headers.len(), count);
        assert!(NAMES.body.iter().all(|pointer| pointer.starts_with('/')));
    }
}
