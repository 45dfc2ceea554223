//! What the three nets find in one text: by the names in it, by the values that are known, and by look.

use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::edits::{Found, How};
use super::json::{self, Extent};
use super::names::{Lookup, NamePlace};
use super::patterns::PatternHit;
use super::view::Views;
use super::{Redactor, by_name, parameters, shapes};

/// How deep texts inside strings are read; deeper ones are still searched for known values and patterns.
const MAX_NESTED_TEXTS: u8 = 8;

/// What the names in a text give away.
#[derive(Default)]
pub(super) struct Gathered {
    /// Values that are surely what their names say.
    pub strong: Vec<Found>,
    /// Values in text that reads as a pair.
    pub weak: Vec<Found>,
    /// Values that stay unless they are known secrets or of a well-known token format.
    pub kept: Vec<Range<usize>>,
    /// Numbers and words of JSON; what is removed of one takes all of it, in quotes.
    pub scalars: Vec<Range<usize>>,
    /// Names that an exception of the person's keeps.
    pub excepted: Vec<String>,
    /// Whether it is JSON whose strings with escapes were each read by themselves.
    pub are_strings_read: bool,
}

/// A header's value by its name.
pub(super) fn header(redactor: &mut Redactor, name: &str, value: &str) -> Gathered {
    let rules = Arc::clone(&redactor.rules);
    let mut lookup = rules.names.lookup();
    let mut gathered = Gathered::default();
    if let Some(rule) = lookup.find(NamePlace::Header, name) {
        let parts = shapes::secret_parts(&rules.names, rule, value).into_iter();
        gathered.strong.extend(parts.filter_map(|range| {
            Some(Found {
                label: rule.label.clone(),
                rule: format!("name {}", name.to_lowercase()),
                value: Zeroizing::new(value.get(range.clone())?.to_owned()),
                range,
                how: How::Plain,
            })
        }));
        return gathered;
    }
    let is_kept = lookup.is_kept(NamePlace::Header, name);
    if is_kept {
        let place = redactor.place.clone();
        redactor.manifest.add_kept(place);
    }
    // A kept item in plain form is not searched for names: a trace id may hold `Root=1-…`.
    if is_kept && is_kept_form(value) {
        gathered.kept.push(0..value.len());
    } else {
        gathered.strong = names_in(&mut lookup, value);
    }
    gathered.excepted = lookup.take_excepted();
    gathered
}

/// An address by its user information and its parameters.
pub(super) fn url(redactor: &Redactor, url: &str) -> Gathered {
    let mut lookup = redactor.rules.names.lookup();
    let mut strong = parameters::user_information(url);
    strong.extend(parameters::of_url(&mut lookup, url));
    let weak = names_in(&mut lookup, url);
    Gathered { strong, weak, excepted: lookup.take_excepted(), ..Gathered::default() }
}

/// A body by the names in it, whatever its form is.
pub(super) fn body(redactor: &mut Redactor, text: &str, content_type: Option<&str>) -> Gathered {
    let kind = content_type.unwrap_or_default().to_ascii_lowercase();
    if kind.contains("json") || looks_like_json(text) {
        return json(redactor, text, 0);
    }
    let is_form = kind.contains("x-www-form-urlencoded");
    let mut gathered = self::text(redactor, text);
    if is_form {
        let rules = Arc::clone(&redactor.rules);
        gathered.strong.extend(parameters::find(&mut rules.names.lookup(), text, 0..text.len()));
    }
    gathered
}

/// Free text by the names in it.
pub(super) fn text(redactor: &Redactor, text: &str) -> Gathered {
    let mut lookup = redactor.rules.names.lookup();
    let strong = names_in(&mut lookup, text);
    Gathered { strong, excepted: lookup.take_excepted(), ..Gathered::default() }
}

/// JSON by its keys, and what its strings hold.
pub(super) fn json(redactor: &mut Redactor, text: &str, depth: u8) -> Gathered {
    let rules = Arc::clone(&redactor.rules);
    let mut lookup = rules.names.lookup();
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let scan = json::scan(&mut lookup, text, mark, Extent::Whole);
    let mut excepted = lookup.take_excepted();
    let mut weak = Vec::new();
    let has_escapes = |range: &Range<usize>| text.get(range.clone()).is_some_and(|inside| inside.contains('\\'));
    let (escaped, plain): (Vec<_>, Vec<_>) = scan.strings.into_iter().partition(has_escapes);
    let mut in_base64 = Vec::new();
    for range in plain {
        let Some(inside) = text.get(range.clone()) else { continue };
        weak.extend(names_in(&mut lookup, inside).into_iter().map(|found| found.moved(range.start)));
        if json::is_base64_like(inside.as_bytes()) {
            in_base64.push(range);
        }
    }
    if !scan.is_clean {
        // What no reader understands is searched as text besides.
        weak.extend(names_in(&mut lookup, text));
    }
    excepted.extend(lookup.take_excepted());
    // Texts inside are looked at with a lookup of their own.
    drop(lookup);
    for range in escaped {
        let inside = text.get(range.clone()).unwrap_or_default();
        weak.extend(escaped_string(redactor, inside, depth).map(|ready| Found::ready(range, ready)));
    }
    for range in in_base64 {
        let inside = text.get(range.clone()).unwrap_or_default();
        weak.extend(base64_text(redactor, inside, depth).map(|ready| Found::ready(range, ready)));
    }
    let kept = scan.kept.iter().filter(|range| text.get((*range).clone()).is_some_and(is_kept_form)).cloned().collect();
    Gathered { strong: scan.found, weak, kept, scalars: scan.scalars, excepted, are_strings_read: scan.is_clean }
}

/// Known values and patterns anywhere in a text.
pub(super) fn raw(redactor: &mut Redactor, text: &str, gathered: &Gathered) -> Vec<Found> {
    let views = if gathered.are_strings_read { Views::of_json(text) } else { Views::of(text) };
    let mut found = Vec::new();
    let is_kept = |range: &Range<usize>| {
        let after = gathered.kept.partition_point(|kept| kept.end <= range.start);
        gathered.kept.get(after).is_some_and(|kept| kept.start < range.end)
    };
    let take = |range, label: &str, rule: &str, value: &str| Found {
        range,
        label: label.to_owned(),
        rule: rule.to_owned(),
        value: Zeroizing::new(value.to_owned()),
        how: How::Plain,
    };
    for hit in redactor.known.find(text, &views) {
        let Some((label, secret)) = redactor.known.get(hit.value) else { continue };
        found.push(take(hit.range, label, "known value", secret.expose()));
    }
    for (range, label, secret) in redactor.learned.find(text, &views) {
        if !is_kept(&range) {
            found.push(take(range, label, "value met before", secret.expose()));
        }
    }
    let rules = Arc::clone(&redactor.rules);
    if let Some(patterns) = &rules.patterns {
        let mut add = |hit: PatternHit<'_>, range: Range<usize>, value: &str| {
            if hit.is_excepted {
                redactor.manifest.add_exception(&format!("pattern {}", hit.id), &redactor.place);
            } else if hit.is_token || !is_kept(&range) {
                found.push(take(range, hit.label, &format!("pattern {}", hit.id), value));
            }
        };
        for hit in patterns.find(text) {
            let range = hit.range.clone();
            add(hit, range.clone(), text.get(range).unwrap_or_default());
        }
        if let Some(view) = &views.unescaped {
            let read = view.text();
            for hit in patterns.find(&read) {
                let value = read.get(hit.range.clone()).unwrap_or_default();
                let range = view.place(hit.range.clone());
                add(hit, range, value);
            }
        }
    }
    for hit in &mut found {
        if gathered.are_strings_read {
            hit.range = within_quotes(text.as_bytes(), hit.range.clone());
        }
        let after = gathered.scalars.partition_point(|scalar| scalar.end <= hit.range.start);
        if let Some(scalar) = gathered.scalars.get(after).filter(|scalar| scalar.start < hit.range.end) {
            hit.range = hit.range.start.min(scalar.start)..hit.range.end.max(scalar.end);
            hit.how = How::Quoted;
        }
    }
    found
}

/// A stretch of strict JSON without the quotes of the strings at its ends: those are no part of any value.
fn within_quotes(text: &[u8], range: Range<usize>) -> Range<usize> {
    let is_quote = |at: usize| {
        let before = text.get(..at).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count();
        text.get(at) == Some(&b'"') && before.is_multiple_of(2)
    };
    let start = if is_quote(range.start) { range.start + 1 } else { range.start };
    let end = if range.end > start + 1 && is_quote(range.end - 1) { range.end - 1 } else { range.end };
    start.min(end)..end
}

/// Names in a text as it stands, and as it reads without its escapes.
pub(super) fn names_in(lookup: &mut Lookup<'_>, text: &str) -> Vec<Found> {
    let mut found = by_name::find(lookup, text);
    if let Some(view) = Views::unescaped_of(text) {
        found.extend(by_name::find_in(lookup, &view));
    }
    found
}

/// A JSON string with escapes: what it says is searched, and written back escaped if something was in it.
fn escaped_string(redactor: &mut Redactor, inside: &str, depth: u8) -> Option<String> {
    let plain = json::unescaped(inside);
    let clean = nested(redactor, &plain, depth)?;
    let quoted = serde_json::to_string(&clean).ok()?;
    Some(quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// A base64 text of a text: what it says is searched, and written back as base64 if something was in it.
fn base64_text(redactor: &mut Redactor, inside: &str, depth: u8) -> Option<String> {
    let head = inside.get(..12)?;
    let is_url = inside.contains(['-', '_']);
    let is_text = |bytes: &[u8]| bytes.iter().all(|b| !b.is_ascii_control() || b.is_ascii_whitespace());
    let engine = if is_url { &URL_SAFE_NO_PAD } else { &STANDARD_NO_PAD };
    engine.decode(head).ok().filter(|bytes| is_text(bytes))?;
    let bytes = engine.decode(inside.trim_end_matches('=')).ok()?;
    let plain = Zeroizing::new(String::from_utf8(bytes).ok()?);
    let clean = nested(redactor, &plain, depth)?;
    Some(match (is_url, inside.ends_with('=') || inside.len().is_multiple_of(4)) {
        (true, true) => URL_SAFE.encode(clean),
        (true, false) => URL_SAFE_NO_PAD.encode(clean),
        (false, true) => STANDARD.encode(clean),
        (false, false) => STANDARD_NO_PAD.encode(clean),
    })
}

/// A text that stands inside another; none if nothing of it has to go.
fn nested(redactor: &mut Redactor, plain: &str, depth: u8) -> Option<String> {
    let gathered = match looks_like_json(plain) {
        true if depth < MAX_NESTED_TEXTS => json(redactor, plain, depth + 1),
        _ => text(redactor, plain),
    };
    let edits = redactor.settle(plain, gathered);
    (!edits.is_empty()).then(|| edits.apply(plain))
}

/// Whether a text begins as a JSON object or list.
pub(super) fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

/// What a kept item may look like to be exempt from names and patterns.
fn is_kept_form(value: &str) -> bool {
    value.len() <= 64
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'=' | b'+' | b'-'))
}
