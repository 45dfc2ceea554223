//! The spellings in which APIs write where a field stands, taken apart into segments.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::pointer::unescape;
use super::{Document, Kind};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment<'p> {
    /// The key or index it names.
    pub(super) text: Cow<'p, str>,
    /// Where it begins in the path as written.
    pub(super) from: usize,
    /// Where it ends there.
    pub(super) to: usize,
}

/// One way to understand a path.
#[derive(Clone, Debug)]
pub(super) struct Reading<'p> {
    /// The path as written.
    pub(super) path: &'p str,
    /// Its steps.
    pub(super) segments: Vec<Segment<'p>>,
    /// Whether several steps together may be one key that holds dots, brackets or slashes.
    pub(super) is_joinable: bool,
}

/// Words that name the request rather than a field in it.
const REQUEST_WORDS: [&str; 8] = ["$", "#", "body", "request", "requestBody", "payload", "data", "instance"];

impl Reading<'_> {
    /// How many words before the field name the request; at most four, since more say nothing more.
    pub(super) fn request_words(&self) -> usize {
        self.segments.iter().take(4).take_while(|segment| REQUEST_WORDS.contains(&&*segment.text)).count()
    }
}

/// Every way to understand a path, the likeliest first.
pub(super) fn readings(path: &str) -> Vec<Reading<'_>> {
    let is_pointer = path.starts_with('/') || path.starts_with("#/");
    let mut readings = Vec::new();
    let mut add = |segments, is_joinable| {
        if let Some(segments) = segments {
            readings.push(Reading { path, segments, is_joinable });
        }
    };
    if is_pointer {
        // By its standard first: `/a/b` is not the key `a/b`.
        add(Some(slashes(path)), false);
    }
    if path.trim_start().starts_with('[') {
        add(list(path), false);
    }
    let arrows = ["->", "→"].into_iter().find(|arrow| path.contains(arrow));
    if let Some(arrow) = arrows {
        let parts = parts(path, arrow);
        add(Some(parts.iter().map(|(from, to)| plain(path, *from, *to)).collect()), true);
        let nested: Option<Vec<_>> = parts.iter().map(|(from, to)| names(path, *from, *to)).collect();
        add(nested.map(|each| each.into_iter().flatten().collect()), true);
    }
    if path.contains('/') && !is_pointer {
        add(Some(slashes(path)), true);
    }
    if path.contains('%') {
        add(percent_decoded(slashes(path)), false);
    }
    let (from, to) = trimmed(path, 0, path.len());
    add(names(path, from, to), true);
    if is_pointer {
        add(Some(slashes(path)), true);
    }
    // A GraphQL variable by its name in the query text.
    let is_variable = path.starts_with('$') && path.get(1..).is_some_and(|rest| rest.starts_with(is_name_start));
    if is_variable {
        add(names(path, 1, path.len()), true);
    }
    if readings.is_empty() {
        // No spelling, but perhaps a key.
        readings.push(Reading { path, segments: vec![plain(path, 0, path.len())], is_joinable: true });
    }
    readings
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn plain(path: &str, from: usize, to: usize) -> Segment<'_> {
    Segment { text: Cow::Borrowed(path.get(from..to).unwrap_or_default()), from, to }
}

/// The borders without white space around.
fn trimmed(path: &str, from: usize, to: usize) -> (usize, usize) {
    let text = path.get(from..to).unwrap_or_default();
    let start = from + (text.len() - text.trim_start().len());
    (start, start + text.trim().len())
}

/// The borders of what stands between separators, without white space around.
fn parts(path: &str, separator: &str) -> Vec<(usize, usize)> {
    let mut at = 0;
    let mut found = Vec::new();
    for part in path.split(separator) {
        found.push(trimmed(path, at, at + part.len()));
        at += part.len() + separator.len();
    }
    found
}

/// `/a/b`, `#/a/b` (with `#` as a segment) or `a/b`, with `~0` and `~1` undone.
fn slashes(path: &str) -> Vec<Segment<'_>> {
    let mut at = usize::from(path.starts_with('/'));
    let mut found = Vec::new();
    for part in path.get(at..).unwrap_or_default().split('/') {
        found.push(Segment { text: unescape(part), from: at, to: at + part.len() });
        at += part.len() + 1;
    }
    found
}

/// The same with percent-encoding undone before `~`; none where that gives no UTF-8.
fn percent_decoded(segments: Vec<Segment<'_>>) -> Option<Vec<Segment<'_>>> {
    let decode = |segment: Segment<'_>| {
        let text = percent_decode_str(&segment.text).decode_utf8().ok()?;
        Some((unescape(&text).into_owned(), segment.from, segment.to))
    };
    let decoded: Option<Vec<_>> = segments.into_iter().map(decode).collect();
    Some(decoded?.into_iter().map(|(text, from, to)| Segment { text: Cow::Owned(text), from, to }).collect())
}

/// `["a","b",0]`: a JSON array of keys and indexes, two at least; one alone is the same in brackets.
fn list(path: &str) -> Option<Vec<Segment<'static>>> {
    let document = Document::parse(path);
    let root = document.root().filter(|root| document.is_complete() && root.kind() == Kind::Array)?;
    let segment = |item: super::Node<'_, '_>| {
        let text = match item.kind() {
            Kind::String => item.as_str()?.into_owned(),
            Kind::Number => item.raw().to_owned(),
            _ => return None,
        };
        Some(Segment { text: Cow::Owned(text), from: item.span().start, to: item.span().end })
    };
    let segments: Option<Vec<_>> = root.items().map(segment).collect();
    segments.filter(|segments| segments.len() > 1)
}

/// Dots and brackets in any mixture, quotes in both, a leading dot: `a.b[0]['c.d'].e`, `user[email]`, `."a.b"`.
fn names(path: &str, from: usize, to: usize) -> Option<Vec<Segment<'_>>> {
    let text = path.get(..to)?;
    let mut at = from;
    let mut found = Vec::new();
    if text.get(at..)?.starts_with('.') {
        at += 1;
        if at == to {
            return Some(found);
        }
    }
    loop {
        let rest = text.get(at..)?;
        let start = at;
        if rest.starts_with('[') {
            let (segment, end) = bracket(text, at)?;
            found.push(segment);
            at = end;
        } else if let Some((name, end)) = quoted(text, at).filter(|(_, end)| is_border(text, *end)) {
            found.push(Segment { text: Cow::Owned(name), from: start, to: end });
            at = end;
        } else {
            at += rest.find(['.', '[']).unwrap_or(rest.len());
            found.push(plain(text, start, at));
        }
        match text.as_bytes().get(at) {
            None => return Some(found),
            Some(b'.') => at += 1,
            Some(b'[') => {}
            Some(_) => return None,
        }
    }
}

fn is_border(text: &str, at: usize) -> bool {
    matches!(text.as_bytes().get(at), None | Some(b'.' | b'['))
}

/// `[0]`, `[name]`, `['name']` or `["name"]` at `at`.
fn bracket(text: &str, at: usize) -> Option<(Segment<'_>, usize)> {
    let inside = at + 1;
    let start = inside + text.get(inside..)?.len() - text.get(inside..)?.trim_start().len();
    if let Some((name, end)) = quoted(text, start) {
        let rest = text.get(end..)?;
        let close = end + rest.len() - rest.trim_start().len();
        if text.as_bytes().get(close) == Some(&b']') {
            return Some((Segment { text: Cow::Owned(name), from: at, to: close + 1 }, close + 1));
        }
    }
    let close = inside + text.get(inside..)?.find(']')?;
    Some((Segment { text: Cow::Borrowed(text.get(inside..close)?.trim()), from: at, to: close + 1 }, close + 1))
}

/// The text in the single or double quotes that begin at `at`, and where they end.
fn quoted(text: &str, at: usize) -> Option<(String, usize)> {
    let rest = text.get(at..)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut name = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((offset, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                'u' => {
                    let code: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
                    name.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                }
                'n' => name.push('\n'),
                't' => name.push('\t'),
                'r' => name.push('\r'),
                'b' => name.push('\u{8}'),
                'f' => name.push('\u{c}'),
                other => name.push(other),
            },
            c if c == quote => return Some((name, at + offset + 1)),
            c => name.push(c),
        }
    }
    None
}
