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

/// Every way to understand a path, the likeliest first; at least one.
pub(super) fn readings(path: &str) -> Vec<Reading<'_>> {
    let is_pointer = path.starts_with('/') || path.starts_with("#/");
    let mut readings = Vec::new();
    let mut add = |segments, is_joinable| {
        if let Some(segments) = segments {
            readings.push(Reading { path, segments, is_joinable });
        }
    };
    // Where a pointer begins behind the sign of a fragment, which is dropped like a word for the request.
    let fragment = usize::from(path.starts_with("#/"));
    if is_pointer {
        // By its standard first: `/a/b` is not the key `a/b`.
        add(Some(slashes(path, 0)), false);
        if fragment > 0 {
            add(Some(slashes(path, fragment)), false);
        }
    } else if !is_joined_as_a_whole(path) {
        add(Some(vec![plain(path, 0, path.len())]), false);
    }
    if path == "." {
        add(Some(Vec::new()), false);
    }
    if path.trim_start().starts_with(['[', '(']) {
        add(list(path), false);
    }
    let arrows = ["->", "→"].into_iter().find(|arrow| path.contains(arrow));
    if let Some(arrow) = arrows {
        let parts = parts(path, arrow);
        add(Some(parts.iter().map(|(from, to)| plain(path, *from, *to)).collect()), true);
        add(Some(parts.iter().flat_map(|(from, to)| names(path, *from, *to)).collect()), true);
    }
    if path.contains('/') && !is_pointer {
        add(Some(slashes(path, 0)), true);
    }
    if path.contains('%') {
        add(percent_decoded(path, fragment), false);
    }
    // White space around is none of the name, unless the key has it too.
    let (from, to) = trimmed(path, 0, path.len());
    if (from, to) != (0, path.len()) {
        add(Some(names(path, 0, path.len())), true);
    }
    if !is_descent(path) {
        add(Some(names(path, from, to)), true);
    }
    if is_pointer {
        add(Some(slashes(path, 0)), true);
    }
    // A GraphQL variable by its name in the query text.
    let is_variable = path.starts_with('$') && path.get(1..).is_some_and(|rest| rest.starts_with(is_name_start));
    if is_variable {
        add(Some(names(path, 1, path.len())), true);
    }
    if path.contains('/') && path.contains(['[', '.']) {
        // Slashes between what is itself in dots and brackets: `/items[0]/url`.
        let parts = parts(path.get(fragment..).unwrap_or_default(), "/");
        let inside = parts.iter().skip(usize::from(is_pointer)).map(|(from, to)| (from + fragment, to + fragment));
        add(Some(inside.flat_map(|(from, to)| names(path, from, to)).collect()), true);
    }
    if path.contains("%5B") || path.contains("%5b") {
        add(form_encoded(path), false);
    }
    if is_pointer {
        // No pointer, but perhaps a key.
        add(Some(vec![plain(path, 0, path.len())]), false);
    }
    readings
}

/// Whether the whole path is tried as one key anyway, since dots and brackets are read from its first byte to its last
/// before it is read in any other way.
fn is_joined_as_a_whole(path: &str) -> bool {
    let is_read_otherwise = path.starts_with(['.', '[', '(', '"', '\'', '$']) || path.contains(['%', '>', '→']);
    !is_read_otherwise && path.trim().len() == path.len()
}

/// Whether a path searches at any depth (`$..name`), which names no single place.
fn is_descent(path: &str) -> bool {
    path.trim_start().starts_with("$..")
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

/// `/a/b`, `#/a/b` (with `#` as a segment, unless it begins behind that) or `a/b`, with `~0` and `~1` undone.
fn slashes(path: &str, from: usize) -> Vec<Segment<'_>> {
    let mut at = from + usize::from(path.get(from..).is_some_and(|rest| rest.starts_with('/')));
    let mut found = Vec::new();
    for part in path.get(at..).unwrap_or_default().split('/') {
        found.push(Segment { text: unescape(part), from: at, to: at + part.len() });
        at += part.len() + 1;
    }
    found
}

/// The same with percent-encoding undone before `~`; none where that gives no UTF-8.
fn percent_decoded(path: &str, from: usize) -> Option<Vec<Segment<'_>>> {
    let mut at = from + usize::from(path.get(from..)?.starts_with('/'));
    let mut found = Vec::new();
    for part in path.get(at..)?.split('/') {
        let text = percent_decode_str(part).decode_utf8().ok()?;
        found.push(Segment { text: Cow::Owned(unescape(&text).into_owned()), from: at, to: at + part.len() });
        at += part.len() + 1;
    }
    Some(found)
}

/// Form style as it stands in a form: `user%5Bemail%5D`; none where that gives no UTF-8.
fn form_encoded(path: &str) -> Option<Vec<Segment<'_>>> {
    let text = percent_decode_str(path).decode_utf8().ok()?;
    let segments = names(&text, 0, text.len()).into_iter();
    Some(segments.map(|each| Segment { text: Cow::Owned(each.text.into_owned()), from: 0, to: path.len() }).collect())
}

/// `["a","b",0]`: a JSON array of keys and indexes, two at least; one alone is the same in brackets. Single quotes and
/// round brackets do too, as some languages print such a list.
fn list(path: &str) -> Option<Vec<Segment<'static>>> {
    let document = Document::parse(path);
    if !document.is_complete() {
        return loose_list(path);
    }
    let root = document.root().filter(|root| root.kind() == Kind::Array)?;
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

/// `['a', 0, 'b']` and `('a', 0, 'b')`.
fn loose_list(path: &str) -> Option<Vec<Segment<'static>>> {
    let inside = path.trim();
    let close = if inside.starts_with('(') { ')' } else { ']' };
    let (_, to) = trimmed(path, 0, path.len());
    let to = to - usize::from(inside.ends_with(close));
    if inside.len() < 2 || !inside.ends_with(close) {
        return None;
    }
    let mut at = path.len() - path.trim_start().len() + 1;
    let mut found = Vec::new();
    let text = path.get(..to)?;
    loop {
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start().len();
        let from = at;
        let name = match quoted(text, at) {
            Some((name, end)) => {
                at = end;
                name
            }
            None => {
                let digits = text.get(at..)?;
                let digits = digits.get(..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()))?;
                at += digits.len();
                Some(digits).filter(|digits| !digits.is_empty())?.to_owned()
            }
        };
        found.push(Segment { text: Cow::Owned(name), from, to: at });
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start().len();
        match text.as_bytes().get(at) {
            Some(b',') => at += 1,
            None => return Some(found).filter(|found| found.len() > 1),
            Some(_) => return None,
        }
    }
}

/// Dots and brackets in any mixture, quotes in both, a leading dot: `a.b[0]['c.d'].e`, `user[email]`, `."a.b"`.
///
/// A bracket that does not begin such a step belongs to a name: `a[b`, `a[b]c`.
fn names(path: &str, from: usize, to: usize) -> Vec<Segment<'_>> {
    let text = path.get(..to).unwrap_or_default();
    let mut at = from;
    let mut found = Vec::new();
    if text.get(at..).is_some_and(|rest| rest.starts_with('.') && rest.len() > 1) {
        at += 1;
    }
    let mut brackets = Brackets { close: None };
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let start = at;
        if let Some((segment, end)) = bracket(text, at, &mut brackets).filter(|(_, end)| is_border(text, *end)) {
            found.push(segment);
            at = end;
        } else if let Some((name, end)) = quoted(text, at).filter(|(_, end)| is_border(text, *end)) {
            found.push(Segment { text: Cow::Owned(name), from: start, to: end });
            at = end;
        } else {
            let skipped = usize::from(rest.starts_with('['));
            at += rest.get(skipped..).and_then(|rest| rest.find(['.', '['])).map_or(rest.len(), |end| skipped + end);
            found.push(plain(text, start, at));
        }
        match text.as_bytes().get(at) {
            None => return found,
            Some(b'.') => at += 1,
            Some(_) => {}
        }
    }
}

/// The steps of a name in dots and brackets, as forms have them: `user[email]`, `items[][url]`.
pub(super) fn names_of(name: &str) -> Vec<Cow<'_, str>> {
    names(name, 0, name.len()).into_iter().map(|segment| segment.text).collect()
}

/// Where the next closing bracket is, so that many opening ones without one take linear time.
struct Brackets {
    /// Found last; none before the first search.
    close: Option<Option<usize>>,
}

impl Brackets {
    fn close_after(&mut self, text: &str, at: usize) -> Option<usize> {
        match self.close {
            Some(None) => None,
            Some(Some(known)) if known >= at => Some(known),
            _ => {
                let found = text.get(at..).and_then(|rest| rest.find(']')).map(|found| at + found);
                self.close = Some(found);
                found
            }
        }
    }
}

fn is_border(text: &str, at: usize) -> bool {
    matches!(text.as_bytes().get(at), None | Some(b'.' | b'['))
}

/// `[0]`, `[name]`, `['name']` or `["name"]` at `at`.
fn bracket<'p>(text: &'p str, at: usize, brackets: &mut Brackets) -> Option<(Segment<'p>, usize)> {
    if text.as_bytes().get(at) != Some(&b'[') {
        return None;
    }
    let inside = at + 1;
    let start = inside + text.get(inside..)?.len() - text.get(inside..)?.trim_start().len();
    // Without a closing bracket behind it nothing is looked for.
    let close = brackets.close_after(text, inside)?;
    if let Some((name, end)) = quoted(text, start) {
        let rest = text.get(end..)?;
        let close = end + rest.len() - rest.trim_start().len();
        if text.as_bytes().get(close) == Some(&b']') {
            return Some((Segment { text: Cow::Owned(name), from: at, to: close + 1 }, close + 1));
        }
    }
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
                    let high = code_unit(&mut chars)?;
                    let mut units = vec![high];
                    if (0xd800..0xdc00).contains(&high) && rest.get(offset + 6..)?.starts_with("\\u") {
                        chars.nth(1);
                        units.push(code_unit(&mut chars)?);
                    }
                    // As in a payload's keys, what is no character becomes U+FFFD.
                    name.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
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

/// The four hexadecimal digits that come next.
fn code_unit(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<u16> {
    let code: String = chars.by_ref().take(4).map(|(_, digit)| digit).collect();
    u16::from_str_radix(&code, 16).ok().filter(|_| code.len() == 4)
}
