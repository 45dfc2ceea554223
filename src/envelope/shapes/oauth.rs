//! OAuth 2: an `error` word with a description in the body, or in `WWW-Authenticate`.

use std::sync::LazyLock;

use super::super::reading::{self, Reading};
use super::super::source::Source;
use super::super::{Answer, challenge::challenges};
use crate::profile::{built_in, is_openable};

/// The codes of the standards, as the profile `oauth` explains them.
static KNOWN: LazyLock<Vec<String>> = LazyLock::new(|| {
    built_in("oauth").map(|profile| profile.codes.into_iter().map(|entry| entry.code).collect()).unwrap_or_default()
});

/// Reads `{"error":"invalid_grant","error_description":"…","error_uri":"…"}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let top = &source.top;
    let word = top.text("error").filter(|word| !word.contains(char::is_whitespace))?;
    let has_more = top.is_text("error_description") || top.is_text("error_uri");
    if !(has_more || (is_known(&word) && source.is_failure())) {
        return None;
    }
    let mut read = Reading::new("oauth");
    read.message = top.text("error_description");
    read.doc_url = top.text("error_uri").filter(|uri| is_openable(uri));
    if matches!(word.as_str(), "slow_down" | "authorization_pending") {
        let seconds = top.get("interval").and_then(|node| node.as_f64());
        read.retry_after_s = seconds.filter(|seconds| *seconds >= 0.0);
    }
    read.code = reading::code(source.answer.status, [Some(word)]);
    Some(read)
}

fn is_known(word: &str) -> bool {
    KNOWN.iter().any(|known| known == word)
}

/// Reads `WWW-Authenticate: Bearer error="invalid_token", error_description="…"` (RFC 6750, RFC 9449).
pub(in super::super) fn by_header(answer: &Answer<'_>) -> Option<Reading> {
    let mut all = answer.header_values("www-authenticate").flat_map(challenges);
    let challenge = all.find(|challenge| challenge.param("error").is_some_and(|word| !word.trim().is_empty()))?;
    let mut read = Reading::new("oauth");
    let said = |name: &str| challenge.param(name).filter(|text| !text.trim().is_empty()).map(str::to_owned);
    read.code = reading::code(answer.status, [said("error")]);
    read.message = said("error_description");
    read.doc_url = said("error_uri").filter(|uri| is_openable(uri));
    Some(read)
}
