//! Who wrote an answer that is no envelope of the API, from `assets/standards/speakers.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Answer, AnsweredBy};

/// How much of a page is searched for its maker's marks, in bytes.
const SEARCHED_BYTES: usize = 64 * 1024;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpeakerFile {
    pages: Vec<PageRule>,
    speakers: Vec<SpeakerRule>,
}

/// A known page: texts that stand in it, all of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageRule {
    contains: Vec<String>,
    is: AnsweredBy,
}

/// One rule: a header that tells who spoke.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpeakerRule {
    header: String,
    contains: String,
    is: AnsweredBy,
    /// Whether it holds for JSON too: where only this speaker sets the header, and not on what it passes on.
    #[serde(default)]
    of_json: bool,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static SPEAKERS: LazyLock<SpeakerFile> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/speakers.toml")).unwrap_or_default());

/// Who it was, for answers whose body is no JSON: by a page that is known, else by the headers.
///
/// The page comes first: a CDN that passes a gateway's page on signs it with its own header.
pub(super) fn speaker(answer: &Answer<'_>, text: &str) -> AnsweredBy {
    let page = text.get(..text.floor_char_boundary(SEARCHED_BYTES)).unwrap_or(text).to_ascii_lowercase();
    let is_page = |rule: &&PageRule| rule.contains.iter().all(|words| page.contains(words));
    let fits = |rule: &&SpeakerRule| {
        answer.header_values(&rule.header).any(|value| value.to_ascii_lowercase().contains(&rule.contains))
    };
    let by_page = SPEAKERS.pages.iter().find(is_page).map(|rule| rule.is);
    by_page.or_else(|| SPEAKERS.speakers.iter().find(fits).map(|rule| rule.is)).unwrap_or(AnsweredBy::Unknown)
}

/// The same for JSON that no shape fits: what is passed on bears most of the headers too.
pub(super) fn speaker_of_json(answer: &Answer<'_>) -> AnsweredBy {
    let fits = |rule: &&SpeakerRule| {
        let values = answer.header_values(&rule.header);
        rule.of_json && values.map(str::to_ascii_lowercase).any(|value| value.contains(&rule.contains))
    };
    SPEAKERS.speakers.iter().find(fits).map_or(AnsweredBy::Unknown, |rule| rule.is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_loads_and_compares_in_lower_case() {
        assert!(!SPEAKERS.speakers.is_empty() && !SPEAKERS.pages.is_empty());
        for rule in &SPEAKERS.speakers {
            assert_eq!(rule.contains, rule.contains.to_ascii_lowercase());
        }
        for words in SPEAKERS.pages.iter().flat_map(|rule| &rule.contains) {
            assert_eq!(*words, words.to_ascii_lowercase());
            assert!(words.len() > 4, "{words} stands in anything");
        }
    }

    #[test]
    fn a_proxy_speaks_before_the_server_behind_it() {
        let headers = vec![("Server".into(), "nginx".into()), ("X-Squid-Error".into(), "ERR_DNS_FAIL 0".into())];
        let answer = Answer { status: 503, headers: &headers, body: b"" };
        assert_eq!(speaker(&answer, ""), AnsweredBy::Proxy);
        assert_eq!(speaker(&Answer { headers: &[], ..answer }, ""), AnsweredBy::Unknown);
    }

    #[test]
    fn a_known_page_speaks_before_the_headers() {
        let headers = vec![("Server".into(), "cloudflare".into())];
        let answer = Answer { status: 502, headers: &headers, body: b"" };
        assert_eq!(speaker(&answer, "<html><center>nginx/1.25.3</center></html>"), AnsweredBy::Gateway);
        assert_eq!(speaker(&answer, "<html><title>Oops</title></html>"), AnsweredBy::Cdn);
    }
}
