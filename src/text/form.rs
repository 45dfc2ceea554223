//! A form's pairs, from a payload or a query, with the bytes of each value.

use std::borrow::Cow;

use url::form_urlencoded;

use super::form_path::FormIndex;
use super::{Document, Span, multipart};

/// More parts of one form are not looked at.
pub(super) const MOST_PARTS: usize = 50_000;
/// How many names are judged when a text is told to be a form.
const JUDGED_NAMES: usize = 32;
/// The longest name that a text without a content type is taken for a form with, in bytes.
const MAX_JUDGED_NAME: usize = 512;

/// One pair of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPart<'t> {
    /// The name, decoded. Shape: `user[email]`.
    pub name: Cow<'t, str>,
    /// The value's bytes as written, which may be none; where there is no `=`, those of the name.
    pub span: Span,
    /// The bytes of name and value; in a multipart form those of head and content.
    pub whole: Span,
    /// Whether it is a file.
    pub has_file: bool,
}

/// A form: its parts in order.
///
/// *Secrets*: as the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form<'t> {
    pub(super) parts: Vec<FormPart<'t>>,
    pub(super) index: FormIndex,
}

impl<'t> Form<'t> {
    /// Reads a payload as a form; none where it is none: JSON, markup, a text that only has an equals sign in it.
    ///
    /// The content type is asked for the boundary of a multipart form, else the payload's first line tells it.
    pub fn read(payload: &'t str, content_type: Option<&str>) -> Option<Self> {
        if let Some(parts) = multipart::parts(payload, content_type) {
            return Some(Self::new(parts));
        }
        looks_like_form(payload).then(|| Self::new(pairs(payload, Span::new(0, payload.len())).collect()))
    }

    /// The parameters of an address's query.
    pub fn of_query(url: &'t str) -> Self {
        Self::new(pairs(url, query_span(url)).collect())
    }

    /// Its parts in order.
    pub fn parts(&self) -> &[FormPart<'t>] {
        &self.parts
    }

    fn new(parts: Vec<FormPart<'t>>) -> Self {
        let index = FormIndex::new(&parts);
        Self { parts, index }
    }
}

/// The query of an address, without question mark and fragment.
fn query_span(url: &str) -> Span {
    let end = fragment_start(url);
    let start = url.get(..end).and_then(|before| before.find('?')).map_or(end, |mark| mark + 1);
    Span::new(start, end)
}

/// Where the fragment of an address begins, else its end. The number sign inside `‹…›`, where something was removed
/// from a kept address, begins none.
pub fn fragment_start(url: &str) -> usize {
    let mut is_removed = false;
    for (at, c) in url.char_indices() {
        match c {
            '‹' => is_removed = true,
            '›' => is_removed = false,
            '#' if !is_removed => return at,
            _ => {}
        }
    }
    // One that is never closed is no placeholder.
    if is_removed { url.find('#').unwrap_or(url.len()) } else { url.len() }
}

/// The pairs between ampersands, without empty ones.
fn pairs(text: &str, range: Span) -> impl Iterator<Item = FormPart<'_>> {
    let mut at = range.start;
    let pairs = range.slice(text).unwrap_or_default().split('&').filter_map(move |pair| {
        let whole = Span::new(at, at + pair.len());
        at = whole.end + 1;
        let (name, value) = match pair.split_once('=') {
            Some((name, value)) => (name, Span::new(whole.end - value.len(), whole.end)),
            None => (pair, whole),
        };
        (!pair.is_empty()).then(|| FormPart { name: decoded(name), span: value, whole, has_file: false })
    });
    pairs.take(MOST_PARTS)
}

/// A name with plus signs and percent-encoding undone.
fn decoded(name: &str) -> Cow<'_, str> {
    if !name.contains(['+', '%']) {
        return Cow::Borrowed(name);
    }
    // A parser's own separators stay what they are here.
    let whole = name.replace('&', "%26").replace('=', "%3D");
    let pair = form_urlencoded::parse(whole.as_bytes()).next();
    Cow::Owned(pair.map_or_else(|| name.to_owned(), |(name, _)| name.into_owned()))
}

/// Whether a payload of no known type is a form: one line of pairs whose names are names, and no JSON.
fn looks_like_form(text: &str) -> bool {
    let line = text.trim_end_matches(['\r', '\n']);
    let mut names = line.split('&').take(JUDGED_NAMES).map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    let is_name = |name: &str| {
        let is_foreign = |c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '"' | '{' | '}' | '<' | '>' | '(' | ')' | '\\')
        };
        name.len() <= MAX_JUDGED_NAME && !name.contains(is_foreign) && !name.starts_with(['[', '#'])
    };
    line.contains('=')
        && !line.starts_with('=')
        && names.all(is_name)
        && !line.contains('\n')
        && !Document::parse(text).is_complete()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<(String, String)>> {
        let form = Form::read(text, None)?;
        let pair = |part: &FormPart<'_>| (part.name.to_string(), part.span.slice(text).unwrap().to_owned());
        Some(form.parts().iter().map(pair).collect())
    }

    #[test]
    fn names_are_decoded_and_values_stay_as_written() {
        let text = "user%5Bemail%5D=a%40b&&title=a+b=c&flag&empty=&t%26=1&caf%C3%A9=%zz&user[x]=‹token#1›\r\n";
        let expected = [
            ("user[email]", "a%40b"),
            ("title", "a+b=c"),
            ("flag", "flag"),
            ("empty", ""),
            ("t&", "1"),
            ("café", "%zz"),
            ("user[x]", "‹token#1›\r\n"),
        ];
        assert_eq!(read(text).unwrap(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let form = Form::read(text, None).unwrap();
        assert_eq!(form.parts()[0].whole.slice(text), Some("user%5Bemail%5D=a%40b"));
        let empty = form.part("empty", 0).unwrap().span;
        assert_eq!((empty.is_empty(), text.get(empty.start - 1..empty.start)), (true, Some("=")));
    }

    #[test]
    fn what_only_has_an_equals_sign_in_it_is_no_form() {
        for text in [
            "",
            "a",
            "=",
            "{\"a\": \"b=c\"}",
            "{\"a\": \"b=c\"",
            "\"a=b\"",
            "[a=b]",
            "<a b=\"c\"/>",
            "query { user(id: \"a=b\") { x } }",
            "a = b",
            "A=1\nB=2",
            "# a=b",
            "1",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert!(read("a=b c").is_some(), "a value may be written carelessly");
    }

    #[test]
    fn a_query_ends_at_the_fragment_which_no_placeholder_begins() {
        let names = |url| Form::of_query(url).parts().iter().map(|part| part.name.to_string()).collect::<Vec<_>>();
        assert_eq!(names("/x?a=1&b#c=2&d?e=3"), ["a", "b"]);
        assert_eq!(names("/x?key=‹api_key#1›&limit=5#frag&y=1"), ["key", "limit"]);
        assert_eq!(names("/x?key=‹open&limit=5#frag&y=1"), ["key", "limit"]);
        assert_eq!(names("/x#?a=1"), [""; 0]);
        assert_eq!(names("/a=1"), [""; 0]);
    }
}
