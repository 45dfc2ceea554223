//! Who wrote an answer that is no envelope of the API, from `assets/standards/speakers.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Answer, AnsweredBy};

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpeakerFile {
    speakers: Vec<SpeakerRule>,
}

/// One rule: a header that tells who spoke.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpeakerRule {
    header: String,
    contains: String,
    is: AnsweredBy,
}

// The file is part of the program; a test proves that it loads, so the empty one is never seen.
static SPEAKERS: LazyLock<SpeakerFile> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/speakers.toml")).unwrap_or_default());

/// Who the headers say it was; for answers whose body is no JSON.
pub(super) fn speaker(answer: &Answer<'_>) -> AnsweredBy {
    let fits = |rule: &&SpeakerRule| {
        answer.header_values(&rule.header).any(|value| value.to_ascii_lowercase().contains(&rule.contains))
    };
    SPEAKERS.speakers.iter().find(fits).map_or(AnsweredBy::Unknown, |rule| rule.is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_loads_and_compares_in_lower_case() {
        assert!(!SPEAKERS.speakers.is_empty());
        for rule in &SPEAKERS.speakers {
            assert_eq!(rule.contains, rule.contains.to_ascii_lowercase());
        }
    }

    #[test]
    fn a_proxy_speaks_before_the_server_behind_it() {
        let headers = vec![("Server".into(), "nginx".into()), ("X-Squid-Error".into(), "ERR_DNS_FAIL 0".into())];
        let answer = Answer { status: 503, headers: &headers, body: b"" };
        assert_eq!(speaker(&answer), AnsweredBy::Proxy);
        assert_eq!(speaker(&Answer { headers: &[], ..answer }), AnsweredBy::Unknown);
    }
}
