//! Which scopes a call needs, as far as the server says it.

use crate::envelope::challenges;

/// The most scopes read from one sentence.
const SCOPES_MAX: usize = 16;
/// The most bytes of a scope.
const SCOPE_BYTES: usize = 200;

/// One source's word on what a call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeNeed {
    /// Sets of scopes of which one is enough, whole.
    pub alternatives: Vec<Vec<String>>,
    /// Who says so. Shape: `WWW-Authenticate`, `the answer's details`, `the OpenAPI document`.
    pub source: String,
    /// Whether the server said that this token does not have it, rather than what any call needs.
    pub is_refusal: bool,
}

/// What the challenges of an answer ask for.
///
/// Source: RFC 6750 §3; `values` are the `WWW-Authenticate` lines.
pub fn need_of_challenges<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<ScopeNeed> {
    let all: Vec<_> = values.into_iter().flat_map(challenges).collect();
    let bearer = all.iter().filter(|challenge| challenge.scheme.eq_ignore_ascii_case("bearer"));
    let with_scope = bearer.filter_map(|challenge| {
        let scopes: Vec<String> =
            challenge.param("scope")?.split_ascii_whitespace().filter_map(scope).take(SCOPES_MAX).collect();
        (!scopes.is_empty()).then(|| (scopes, challenge.param("error") == Some("insufficient_scope")))
    });
    let found: Vec<(Vec<String>, bool)> = with_scope.collect();
    if found.is_empty() {
        return None;
    }
    Some(ScopeNeed {
        is_refusal: found.iter().any(|(_, is_refusal)| *is_refusal),
        alternatives: found.into_iter().map(|(scopes, _)| scopes).collect(),
        source: "WWW-Authenticate".into(),
    })
}

/// What a sentence of an error envelope says is missing. Shape: `scope posts:write is missing`.
///
/// Only words beside "scope" or "permission" that look like a scope count, and only in a sentence that says that
/// something is wanting; of any other nothing is guessed.
pub fn need_of_reason(reason: &str) -> Option<ScopeNeed> {
    const WANTING: [&str; 9] =
        ["missing", "require", "need", "lack", "insufficient", "not granted", "not have", "without", "must have"];
    let head: String = reason.chars().take(1000).collect();
    let lower = head.to_ascii_lowercase();
    if !WANTING.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let words: Vec<&str> = head.split_whitespace().flat_map(|word| word.split(',')).collect();
    let is_head = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
        ["scope", "scopes", "scope(s", "permission", "permissions"].contains(&bare.as_str())
    };
    let mut scopes: Vec<String> = Vec::new();
    for (at, _) in words.iter().enumerate().filter(|(_, word)| is_head(word)) {
        let behind = words.iter().skip(at + 1).map_while(|word| match *word {
            "" | "and" | ":" => Some(None),
            word => like_scope(word).map(Some),
        });
        let mut named: Vec<String> = behind.flatten().collect();
        if named.is_empty() {
            // "the posts:write scope is required"
            named.extend(at.checked_sub(1).and_then(|before| words.get(before)).and_then(|word| like_scope(word)));
        }
        for scope in named {
            if !scopes.contains(&scope) && scopes.len() < SCOPES_MAX {
                scopes.push(scope);
            }
        }
    }
    (!scopes.is_empty()).then(|| ScopeNeed {
        alternatives: vec![scopes],
        source: "the answer's details".into(),
        is_refusal: true,
    })
}

/// A word that has the form of a scope: parts joined by a colon, dot, slash or underscore, or a word in quotes.
fn like_scope(word: &str) -> Option<String> {
    const AROUND: [char; 14] = ['"', '\'', '`', '(', ')', '[', ']', '<', '>', ';', ':', '.', '“', '”'];
    let bare = word.trim_matches(AROUND);
    let is_quoted = word.starts_with(['"', '\'', '`', '“']);
    let has_joint = bare.contains([':', '.', '/', '_']);
    scope(bare).filter(|_| is_quoted || has_joint)
}

/// A scope by RFC 6749 §3.3.
pub(super) fn scope(text: &str) -> Option<String> {
    let fits = !text.is_empty()
        && text.len() <= SCOPE_BYTES
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
    fits.then(|| text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn named(reason: &str) -> Vec<String> {
        need_of_reason(reason).map(|need| need.alternatives.concat()).unwrap_or_default()
    }

    #[test]
    fn a_challenge_names_the_scopes_and_whether_it_refuses() {
        let need =
            need_of_challenges(["Basic realm=\"scope=x\"", "Bearer error=\"insufficient_scope\", scope=\"a b\""]);
        assert_eq!(
            need,
            Some(ScopeNeed {
                alternatives: vec![vec!["a".into(), "b".into()]],
                source: "WWW-Authenticate".into(),
                is_refusal: true
            })
        );
        assert!(!need_of_challenges(["bearer scope=a"]).unwrap().is_refusal);
        assert_eq!(need_of_challenges(["Bearer realm=x", "Bearer scope=\"\"", "Basic scope=a"]), None);
    }

    #[test]
    fn a_sentence_names_a_scope_only_beside_the_word() {
        assert_eq!(named("scope posts:write is missing"), ["posts:write"]);
        assert_eq!(
            named("Missing required scopes: `posts.read`, posts.write and users.read."),
            ["posts.read", "posts.write", "users.read"]
        );
        assert_eq!(named("the posts:write scope is required"), ["posts:write"]);
        assert_eq!(named("Requires permission 'admin'"), ["admin"]);
        for reason in ["scope posts:write is held", "field a.b is missing", "the scope is missing", "scope", ""] {
            assert_eq!(named(reason), Vec::<String>::new(), "{reason}");
        }
    }
}
