//! The gate: removes secrets from every kind of text by known value, by name and by look.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::edits::{Edit, Edits, Found, How, merged};
use super::known::KnownValues;
use super::names::{NamePlace, is_opaque};
use super::{Manifest, Redactable, Redacted, Rules, Secret, json, pairs, placeholders, shapes};

/// How deep texts inside JSON strings are read; deeper ones are still searched for known values and patterns.
const MAX_NESTED_TEXTS: u8 = 4;

/// A value found by a secret name is looked for elsewhere too if it has at least this many characters.
const MIN_LEARNED_CHARS: usize = 12;

/// Removes secrets, and remembers which pseudonym each got.
///
/// One redactor serves everything that is shown together, so that the same secret is `‹token#1›` in all of it.
/// *Secrets*: it holds them; it has no `Debug`.
pub struct Redactor {
    rules: Arc<Rules>,
    known: KnownValues,
    /// Values that a name gave away on the way.
    learned: KnownValues,
    /// By the hash of the value, so that no further copy is kept.
    pseudonyms: HashMap<[u8; 32], String>,
    counts: HashMap<String, u32>,
    manifest: Manifest,
    place: String,
}

/// A finished text still held a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret is left in the finished text, found by {rule} at line {line}")]
pub struct Leak {
    /// The rule that found it. Shape: `name password`, `pattern jwt`, `known value`.
    pub rule: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// Its first byte in the text.
    pub offset_bytes: usize,
}

impl Leak {
    /// What happened.
    pub fn summary(&self) -> String {
        "The finished text still holds a secret, so it was not written".to_owned()
    }

    /// Where.
    pub fn place(&self) -> String {
        format!("line {}, found by the rule {}", self.line, self.rule)
    }

    /// What to do.
    pub fn fix(&self) -> String {
        "Remove it from the text and try again".to_owned()
    }
}

impl Redactor {
    /// A redactor with the values the program holds, each with what a placeholder shall call it.
    pub fn new(rules: Arc<Rules>, known: Vec<(String, Secret)>) -> Self {
        let known = known.into_iter().map(|(label, secret)| (label_of(&label), secret)).collect();
        Self {
            rules,
            known: KnownValues::new(known),
            learned: KnownValues::growing(),
            pseudonyms: HashMap::new(),
            counts: HashMap::new(),
            manifest: Manifest::default(),
            place: "text".to_owned(),
        }
    }

    /// Says what comes next, for the manifest. Shape: `request body`.
    pub fn set_place(&mut self, place: &str) {
        place.clone_into(&mut self.place);
    }

    /// Passes a value through the gate.
    pub fn redact<T: Redactable>(&mut self, value: T) -> Redacted<T> {
        let value = value.redact_with(self);
        Redacted::new(value)
    }

    /// What was removed and kept so far.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// A header's value without its secrets.
    pub fn header(&mut self, name: &str, value: &str) -> String {
        let rules = Arc::clone(&self.rules);
        let place = format!("{} header {}", self.place, name.to_lowercase());
        if let Some(rule) = rules.names.find(NamePlace::Header, name) {
            let found = shapes::secret_parts(&rules.names, rule, value).into_iter().filter_map(|range| {
                Some(Found {
                    label: rule.label.clone(),
                    rule: format!("name {}", name.to_lowercase()),
                    value: Zeroizing::new(value.get(range.clone())?.to_owned()),
                    range,
                    how: How::Plain,
                })
            });
            let found = found.collect();
            let raw = self.raw(value);
            return self.finish(value, found, raw, &place).apply(value);
        }
        let is_kept = rules.names.is_kept(NamePlace::Header, name);
        if is_kept {
            self.manifest.add_kept(place.clone());
        }
        // A kept item in plain form is not searched for names: a trace id may hold `Root=1-…`.
        let by_name = if is_kept && is_kept_form(value) { Vec::new() } else { pairs::find(&rules.names, value) };
        let raw = self.raw(value);
        self.finish(value, by_name, raw, &place).apply(value)
    }

    /// An address without its secrets: user information, parameters by name, known values and patterns anywhere.
    pub fn url(&mut self, url: &str) -> String {
        let rules = Arc::clone(&self.rules);
        let mut found = Vec::new();
        let head_end = url.find(['?', '#']).unwrap_or(url.len());
        // One that takes over the scheme begins with its slashes, which browsers and servers read either way round.
        let begins = matches!(url.as_bytes(), [b'/' | b'\\', b'/' | b'\\', ..]).then_some(2);
        let authority = url.find("://").filter(|at| *at < head_end).map(|at| at + 3).or(begins);
        if let Some(start) = authority {
            let end = url.get(start..head_end).and_then(|rest| rest.find(['/', '\\']));
            let end = end.map_or(head_end, |at| start + at);
            if let Some(at) = url.get(start..end).and_then(|host| host.rfind('@')) {
                let info = start..start + at;
                let colon = url.get(info.clone()).and_then(|info| info.find(':')).map_or(info.end, |at| start + at);
                for (range, label) in [(info.start..colon, "user"), (colon + 1..info.end.max(colon + 1), "password")] {
                    if let Some(value) = url.get(range.clone()).filter(|value| !value.is_empty()) {
                        let value = Zeroizing::new(decoded(value));
                        found.push(Found {
                            range,
                            label: label.into(),
                            rule: "url user information".into(),
                            value,
                            how: How::Plain,
                        });
                    }
                }
            }
        }
        // The number sign of our own placeholders begins no fragment, else a second pass would remove them anew.
        let signs = url.char_indices().filter(|(at, c)| matches!(c, '?' | '#') && !is_in_placeholder(url, *at));
        let mut signs = signs.map(|(at, _)| at).peekable();
        while let Some(at) = signs.next() {
            found.extend(self.parameters(&rules, url, at + 1..signs.peek().copied().unwrap_or(url.len())));
        }
        let raw = self.raw(url);
        let place = self.place.clone();
        self.finish(url, found, raw, &place).apply(url)
    }

    /// A body without its secrets; everything else stays byte for byte.
    ///
    /// JSON is read as such whatever the content type says, since errors are often labelled wrongly.
    pub fn body(&mut self, text: &str, content_type: Option<&str>) -> String {
        self.body_edits(text, content_type).apply(text)
    }

    /// The replacements that [`Redactor::body`] makes, so that places in the body can be carried over.
    pub fn body_edits(&mut self, text: &str, content_type: Option<&str>) -> Edits {
        let kind = content_type.unwrap_or_default().to_ascii_lowercase();
        let is_json = kind.contains("json") || looks_like_json(text);
        if is_json {
            return self.json(text, 0);
        }
        let rules = Arc::clone(&self.rules);
        let mut found = pairs::find(&rules.names, text);
        if kind.contains("x-www-form-urlencoded") {
            found.extend(self.parameters(&rules, text, 0..text.len()));
        }
        let raw = self.raw(text);
        let place = self.place.clone();
        self.finish(text, found, raw, &place)
    }

    /// Free text without its secrets: messages, log lines, names.
    pub fn text(&mut self, text: &str) -> String {
        let rules = Arc::clone(&self.rules);
        let found = pairs::find(&rules.names, text);
        let raw = self.raw(text);
        let place = self.place.clone();
        self.finish(text, found, raw, &place).apply(text)
    }

    /// Takes the placeholders of a text that was redacted before as given away, so that none of them is made anew for
    /// another secret.
    pub fn reserve(&mut self, text: &str) {
        for after in text.split('‹').skip(1) {
            let Some((label, number)) = after.split_once('›').and_then(|(inside, _)| inside.split_once('#')) else {
                continue;
            };
            if label.len() <= 40 && is_ours(&format!("‹{label}#{number}›")) {
                let count = self.counts.entry(label.to_owned()).or_insert(0);
                *count = number.parse().unwrap_or(u32::MAX).max(*count);
            }
        }
    }

    /// Searches a finished text again with all three nets.
    ///
    /// *Errors*: the first secret that is still in it, with rule and place. Our own placeholders are none.
    pub fn seal(&mut self, text: String) -> Result<Redacted<String>, Leak> {
        self.seal_parts(&[text])
    }

    /// The same for a text put together of parts that say nothing of each other: a name in one names no value in the
    /// next. Known values and patterns are searched for across all of it.
    ///
    /// *Errors*: as [`Redactor::seal`], the place counted in the whole text.
    pub fn seal_parts(&mut self, parts: &[String]) -> Result<Redacted<String>, Leak> {
        let rules = Arc::clone(&self.rules);
        let text = parts.concat();
        if rules.patterns.is_none() && !text.is_empty() {
            return Err(Leak { rule: "rules that cannot be read".into(), line: 1, offset_bytes: 0 });
        }
        let mut found = self.raw(&text);
        let mut start = 0;
        for part in parts {
            found.extend(pairs::find(&rules.names, part).into_iter().map(|mut hit| {
                hit.range = hit.range.start + start..hit.range.end + start;
                hit
            }));
            start += part.len();
        }
        let first = found.into_iter().filter(|found| !is_ours(&found.value)).min_by_key(|found| found.range.start);
        match first {
            None => Ok(Redacted::new(text)),
            Some(found) => {
                let before = text.get(..found.range.start).unwrap_or_default();
                let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
                Err(Leak { rule: found.rule, line, offset_bytes: found.range.start })
            }
        }
    }

    fn json(&mut self, text: &str, depth: u8) -> Edits {
        let rules = Arc::clone(&self.rules);
        let scan = json::scan(&rules.names, text);
        let mut found = scan.found;
        let mut weak = Vec::new();
        for range in scan.strings {
            let Some(inside) = text.get(range.clone()) else { continue };
            if inside.contains('\\') {
                weak.extend(self.escaped_string(inside, range, depth));
            } else {
                let shift = range.start;
                weak.extend(pairs::find(&rules.names, inside).into_iter().map(|mut f| {
                    f.range = f.range.start + shift..f.range.end + shift;
                    f
                }));
            }
        }
        if !scan.is_clean {
            // What no reader understands is searched as text besides.
            weak.extend(pairs::find(&rules.names, text));
        }
        let mut raw = self.raw(text);
        for hit in &mut raw {
            let after = scan.scalars.partition_point(|scalar| scalar.end <= hit.range.start);
            if let Some(scalar) = scan.scalars.get(after).filter(|scalar| scalar.start < hit.range.end) {
                hit.range = hit.range.start.min(scalar.start)..hit.range.end.max(scalar.end);
                hit.how = How::Quoted;
            }
        }
        // An exact value wins over the text that only reads as a pair.
        raw.extend(weak);
        found.retain(|found| !is_ours(&found.value));
        let place = self.place.clone();
        self.finish(text, found, raw, &place)
    }

    /// A JSON string with escapes: what it says is searched, and written back escaped if something was in it.
    fn escaped_string(&mut self, inside: &str, range: Range<usize>, depth: u8) -> Option<Found> {
        let plain = json::unescaped(inside).into_owned();
        let clean = if depth < MAX_NESTED_TEXTS && looks_like_json(&plain) {
            self.json(&plain, depth + 1).apply(&plain)
        } else {
            self.text(&plain)
        };
        if clean == plain {
            return None;
        }
        let quoted = serde_json::to_string(&clean).ok()?;
        let ready = quoted.strip_prefix('"')?.strip_suffix('"')?.to_owned();
        Some(Found {
            range,
            label: String::new(),
            rule: String::new(),
            value: Zeroizing::default(),
            how: How::Ready(ready),
        })
    }

    /// Parameters of a query or form by their names.
    fn parameters(&self, rules: &Rules, text: &str, range: Range<usize>) -> Vec<Found> {
        let mut found = Vec::new();
        let mut at = range.start;
        for pair in text.get(range).unwrap_or_default().split('&') {
            let start = at;
            at += pair.len() + 1;
            let Some((name, value)) = pair.split_once('=') else { continue };
            let (name, plain) = (decoded(name), Zeroizing::new(decoded(value)));
            let Some(rule) = rules.names.find(NamePlace::Parameter, &name) else { continue };
            if plain.is_empty() || (rule.is_opaque_only && !is_opaque(&plain)) {
                continue;
            }
            let value_start = start + pair.len() - value.len();
            found.push(Found {
                range: value_start..value_start + value.trim_end_matches(['\r', '\n']).len(),
                label: rule.label.clone(),
                rule: format!("name {}", name.to_lowercase()),
                value: plain,
                how: How::Plain,
            });
        }
        found
    }

    /// Known values and patterns anywhere in a text.
    fn raw(&mut self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for (set, rule) in [(&mut self.known, "known value"), (&mut self.learned, "value met before")] {
            for hit in set.find(text) {
                let Some((label, secret)) = set.get(hit.value) else { continue };
                let value = Zeroizing::new(secret.expose().to_owned());
                found.push(Found {
                    range: hit.range,
                    label: label.to_owned(),
                    rule: rule.to_owned(),
                    value,
                    how: How::Plain,
                });
            }
        }
        let hits = self.rules.patterns.as_ref().map(|patterns| patterns.find(text)).unwrap_or_default();
        for hit in hits {
            let Some(value) = text.get(hit.range.clone()) else { continue };
            found.push(Found {
                value: Zeroizing::new(value.to_owned()),
                range: hit.range,
                label: hit.label.to_owned(),
                rule: format!("pattern {}", hit.id),
                how: How::Plain,
            });
        }
        found
    }

    /// Puts everything found together and gives each value its pseudonym.
    fn finish(&mut self, text: &str, strong: Vec<Found>, weak: Vec<Found>, place: &str) -> Edits {
        if self.rules.patterns.is_none() && !text.is_empty() {
            // Rules that cannot be read: everything goes.
            let edit = Edit { range: 0..text.len(), text: "‹removed#1›".to_owned() };
            return Edits::new(vec![edit]);
        }
        let ours = |found: &Found| found.how == How::Plain && is_ours(&found.value);
        let strong = strong.into_iter().filter(|found| !ours(found)).collect();
        let weak = weak.into_iter().filter(|found| !ours(found)).collect();
        let edits = merged(strong, weak).into_iter().map(|found| {
            let text = match &found.how {
                How::Ready(text) => text.clone(),
                How::Plain => self.pseudonym(&found, place),
                How::Quoted => format!("\"{}\"", self.pseudonym(&found, place)),
            };
            Edit { range: found.range, text }
        });
        Edits::new(edits.collect())
    }

    fn pseudonym(&mut self, found: &Found, place: &str) -> String {
        self.manifest.add_removed(&found.rule, place);
        let value = found.value.trim();
        if found.rule.starts_with("name ") && value.chars().count() >= MIN_LEARNED_CHARS && is_opaque(value) {
            self.learned.add(found.label.clone(), Secret::new(value.to_owned()));
        }
        let hash: [u8; 32] = Sha256::digest(value.as_bytes()).into();
        if let Some(known) = self.pseudonyms.get(&hash) {
            return known.clone();
        }
        // What the program holds is called by its own name wherever it is met first.
        let label = self.known.label_of(value).unwrap_or(&found.label).to_owned();
        let count = self.counts.entry(label.clone()).or_insert(0);
        *count = count.saturating_add(1);
        let pseudonym = format!("‹{label}#{count}›");
        self.pseudonyms.insert(hash, pseudonym.clone());
        pseudonym
    }
}

/// A label as a placeholder can hold it: lower-case letters, digits and `_`.
fn label_of(text: &str) -> String {
    let label: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(40).collect();
    if label.trim_matches('_').is_empty() { "secret".to_owned() } else { label }
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// Whether the byte at that place stands inside one of our own placeholders.
fn is_in_placeholder(text: &str, at: usize) -> bool {
    // A placeholder is at most 60 bytes long, so only the text just before is looked at.
    let near = text.floor_char_boundary(at.saturating_sub(60));
    let Some(open) = text.get(near..at).and_then(|before| before.rfind('‹')).map(|open| near + open) else {
        return false;
    };
    let Some(rest) = text.get(open..) else { return false };
    placeholders(rest).next().is_some_and(|found| rest.starts_with(found) && open + found.len() > at)
}

/// Whether a text begins as a JSON object or list.
fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

/// What a kept item may look like to be exempt from names.
fn is_kept_form(value: &str) -> bool {
    value.len() <= 64
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'=' | b'+' | b'-'))
}

/// Whether nothing but our own placeholders is in a value.
fn is_ours(value: &str) -> bool {
    if !value.contains('‹') {
        return false;
    }
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('‹') {
        let Some((inside, behind)) = after.split_once('›') else { return false };
        let is_placeholder = inside.split_once('#').is_some_and(|(label, number)| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        });
        if !is_placeholder || before.chars().any(char::is_alphanumeric) {
            return false;
        }
        rest = behind;
    }
    !rest.chars().any(char::is_alphanumeric)
}
