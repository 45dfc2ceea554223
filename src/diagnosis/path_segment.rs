//! Which segment of an address's path an answer means.

use percent_encoding::percent_decode_str;

use super::sent::Segment;
use crate::text::{Span, fragment_start};

/// More segments are not looked at.
const MOST_SEGMENTS: usize = 1000;
/// What a parameter's name may end with when it names a thing by its id.
const ID_ENDINGS: [&str; 9] = ["id", "ids", "uuid", "guid", "slug", "key", "name", "number", "no"];

/// The segments of an address's path, without empty ones at its end.
///
/// Takes an absolute address, a path, and one that begins with a variable (`{{base}}/v1`).
pub(super) fn segments(url: &str) -> Vec<Segment<'_>> {
    let end = url.get(..fragment_start(url)).map_or(url.len(), |url| url.find('?').unwrap_or(url.len()));
    let Some(start) = path_start(url.get(..end).unwrap_or_default()) else { return Vec::new() };
    let mut at = start;
    let mut found = Vec::new();
    for part in url.get(start..end).unwrap_or_default().split('/').take(MOST_SEGMENTS) {
        let text = percent_decode_str(part).decode_utf8_lossy();
        found.push(Segment { text, span: Span::new(at, at + part.len()) });
        at += part.len() + 1;
    }
    while found.last().is_some_and(|segment| segment.text.is_empty()) {
        found.pop();
    }
    found
}

/// Where the first segment begins, behind the first slash of the path; none where there is no path.
fn path_start(url: &str) -> Option<usize> {
    let is_bare = url.starts_with('/') && !url.starts_with("//");
    let host = match url.find("://") {
        _ if is_bare => 0,
        Some(at) => at + 3,
        None if url.starts_with("//") => 2,
        None => 0,
    };
    // A variable stands for the base; slashes inside it are none of the path.
    let host = if url.get(host..)?.starts_with("{{") { host + url.get(host..)?.find("}}")? + 2 } else { host };
    url.get(host..)?.find('/').map(|slash| host + slash + 1)
}

/// How sure it is which segment is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Its own words tell: a template's name, the resource before it, a value in the reason.
    By(usize),
    /// It is the only one that looks like an id.
    OnlyId(usize),
    /// Nothing tells.
    Nothing,
}

/// Which segment a parameter's name and the reason mean.
///
/// First match wins: a segment that is the parameter's name in a template (`{postId}`, `:postId`, `{{postId}}`); the only
/// one whose text the reason quotes; the only one after a segment that is the name's own resource (`postId` after
/// `posts`); the only one that looks like an id.
pub(super) fn told(segments: &[Segment<'_>], name: &str, reason: Option<&str>) -> Told {
    let only = |is_meant: &dyn Fn(usize, &str) -> bool| {
        let mut meant = segments.iter().enumerate().filter(|(at, segment)| is_meant(*at, &segment.text));
        let (first, _) = meant.next()?;
        if meant.next().is_some() { None } else { Some(first) }
    };
    let wanted = folded(name);
    let is_template = |_, text: &str| template_name(text).is_some_and(|name| folded(name) == wanted);
    if let Some(at) = only(&is_template) {
        return Told::By(at);
    }
    if let Some(reason) = reason
        && let Some(at) = only(&|_, text| looks_like_value(text) && quotes(reason, text))
    {
        return Told::By(at);
    }
    if let Some(resource) = resource(name) {
        let is_after = |at: usize, text: &str| {
            let before = at.checked_sub(1).and_then(|before| segments.get(before));
            !text.is_empty() && before.is_some_and(|before| is_resource(&before.text, &resource))
        };
        if let Some(at) = only(&is_after) {
            return Told::By(at);
        }
    }
    only(&|_, text| looks_like_id(text)).map_or(Told::Nothing, Told::OnlyId)
}

/// Opening and closing quotes of every kind.
const PAIRS: [(char, char); 7] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»'), ('„', '“')];

/// Whether a text has an opening quote.
pub(super) fn has_quotes(text: &str) -> bool {
    text.contains(PAIRS.map(|(open, _)| open))
}

/// Whether a text has a value in quotes of any kind.
pub(super) fn quotes(text: &str, value: &str) -> bool {
    !value.is_empty()
        && value.len() < text.len()
        && PAIRS.iter().any(|(open, close)| text.contains(&format!("{open}{value}{close}")))
}

/// The name in a segment that stands for a parameter.
fn template_name(segment: &str) -> Option<&str> {
    let braced = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let braced = braced.map(|inner| inner.trim_start_matches('{').trim_end_matches('}').trim());
    braced.or_else(|| segment.strip_prefix(':')).filter(|name| !name.is_empty())
}

/// The resource in a parameter's name, folded; none where the name is only an id. Shape: `post` of `postId`.
fn resource(name: &str) -> Option<String> {
    let name = folded(name);
    let ending = ID_ENDINGS.iter().filter(|ending| name.ends_with(**ending)).max_by_key(|ending| ending.len());
    let stem = name.strip_suffix(*ending.unwrap_or(&"")).unwrap_or(&name);
    (stem.len() > 1).then(|| stem.to_owned())
}

/// Whether a segment is a resource, in singular or plural.
fn is_resource(segment: &str, resource: &str) -> bool {
    let segment = folded(segment);
    let ies = resource.strip_suffix('y').map(|stem| format!("{stem}ies"));
    segment == resource
        || segment.strip_prefix(resource).is_some_and(|ending| matches!(ending, "s" | "es"))
        || ies.is_some_and(|plural| plural == segment)
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a segment may be a value at all: a version or the name of a resource in a sentence is none.
fn looks_like_value(segment: &str) -> bool {
    !segment.is_empty() && !is_version(segment)
}

fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix(['v', 'V']).unwrap_or("");
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// Whether a segment is a number, a UUID, or letters and digits as ids are: `post_123`, `01JD8Q6Z4N`.
fn looks_like_id(segment: &str) -> bool {
    let is_word = segment.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    if !is_word || digits == 0 || is_version(segment) {
        return false;
    }
    let has_prefix = segment.split_once('_').is_some_and(|(kind, id)| {
        kind.bytes().all(|b| b.is_ascii_alphabetic()) && id.bytes().any(|b| b.is_ascii_digit())
    });
    digits == segment.len() || has_prefix || segment.len() >= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(url: &str) -> Vec<String> {
        segments(url).into_iter().map(|segment| segment.text.into_owned()).collect()
    }

    #[test]
    fn the_path_of_any_address_is_cut_into_segments() {
        assert_eq!(texts("https://h:1/v1/posts/a%20b?x=/y#/z"), ["v1", "posts", "a b"]);
        assert_eq!(texts("/v1/posts/"), ["v1", "posts"]);
        assert_eq!(texts("{{base}}/v1/{{id}}/x"), ["v1", "{{id}}", "x"]);
        assert_eq!(texts("{{a/b}}/v1"), ["v1"]);
        assert_eq!(texts("/v1/users/‹email#1›/x#y"), ["v1", "users", "‹email#1›", "x"]);
        assert_eq!(texts("/a//b"), ["a", "", "b"]);
        assert_eq!(texts("/redirect/http://x"), ["redirect", "http:", "", "x"]);
        for none in ["", "/", "https://h", "https://h/", "https://h?a=/b", "{{base}}", "{{base"] {
            assert_eq!(texts(none), [""; 0], "{none}");
        }
        let url = "{{base}}/v1/posts/7";
        assert_eq!(segments(url).pop().and_then(|segment| segment.span.slice(url)), Some("7"));
    }

    #[test]
    fn the_segment_that_is_meant_is_told_by_evidence() {
        let told = |url: &str, name: &str, reason: Option<&str>| told(&segments(url), name, reason);
        assert_eq!(told("/v1/posts/12/comments/34", "postId", None), Told::By(2));
        assert_eq!(told("/v1/posts/12/comments/34", "comment_id", None), Told::By(4));
        assert_eq!(told("/v1/categories/x", "categoryId", None), Told::By(2));
        assert_eq!(told("/v1/posts/abc", "post", None), Told::By(2));
        assert_eq!(told("/v1/posts/{postId}", "post_id", None), Told::By(2));
        assert_eq!(told("/v1/posts/:id", "id", None), Told::By(2));
        assert_eq!(told("/v1/posts/a%20b/x/7", "id", Some("no post \"a b\"")), Told::By(2));
        assert_eq!(told("/v1/posts/12/comments/34", "id", None), Told::Nothing);
        assert_eq!(told("/v1/posts/12/comments", "id", None), Told::OnlyId(2));
        assert_eq!(told("/v1/posts/post_9", "id", None), Told::OnlyId(2));
        assert_eq!(told("/v1/x/0190a7c2-7d3e-7bbb-9e0a-1c2d3e4f5a6b", "id", None), Told::OnlyId(2));
        assert_eq!(told("/v1/posts/draft", "id", None), Told::Nothing);
        assert_eq!(told("/v2/posts", "id", Some("unknown version 'v2'")), Told::Nothing);
        assert_eq!(told("/v1/posts/12/posts/34", "postId", None), Told::Nothing);
        assert_eq!(told("", "id", None), Told::Nothing);
    }

    #[test]
    fn quotes_of_every_kind_are_seen() {
        for text in ["got \"x\"", "got 'x'.", "`x`", "“x”", "‘x’", "«x»", "„x“"] {
            assert!(quotes(text, "x"), "{text}");
        }
        assert!(!quotes("got x", "x") && !quotes("got \"xy\"", "x") && !quotes("\"\"", ""));
    }
}
