//! The exact values of secrets the program holds, searched for in every form they can take in text.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Secret;

/// Shorter values are removed only where a name says that they are secret: `abc` is everywhere.
pub(in crate::secret) const MIN_KNOWN_CHARS: usize = 6;

/// What `encodeURIComponent` leaves alone.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What RFC 3986 calls unreserved.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a path or a user name in a URL leaves alone besides.
const LOOSE: &AsciiSet = &COMPONENT
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b',')
    .remove(b';')
    .remove(b'/')
    .remove(b'?');

/// The index of all known values.
///
/// *Secrets*: yes, as search automaton; it is never printed or stored.
pub(in crate::secret) struct KnownValues {
    values: Vec<(String, Secret)>,
    /// Built when first needed, and again after a value was added.
    index: Option<Index>,
    /// Whether values come one by one while texts are searched; then no automaton is built.
    is_growing: bool,
}

/// How many values a growing set takes, so that a text full of secrets is still searched in linear time.
const MAX_GROWN: usize = 256;

struct Index {
    automaton: Option<AhoCorasick>,
    /// The value of each form.
    owners: Vec<usize>,
    /// Forms that the automaton could not take; searched for one by one.
    left_over: Vec<(String, usize)>,
}

/// One known value found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::secret) struct KnownHit {
    /// The bytes of the form that was found.
    pub(in crate::secret) range: Range<usize>,
    /// Which value it is, for [`KnownValues::get`].
    pub(in crate::secret) value: usize,
}

impl KnownValues {
    /// Takes the values with their labels; empty ones are left out.
    pub(in crate::secret) fn new(values: Vec<(String, Secret)>) -> Self {
        let mut known = Self { values: Vec::new(), index: None, is_growing: false };
        for (label, secret) in values {
            known.add(label, secret);
        }
        known
    }

    /// An empty set for values that are met on the way; at most 256, searched for in their commonest forms.
    pub(in crate::secret) fn growing() -> Self {
        let index = Index { automaton: None, owners: Vec::new(), left_over: Vec::new() };
        Self { values: Vec::new(), index: Some(index), is_growing: true }
    }

    /// Adds a value; one that is there already keeps its first label.
    pub(in crate::secret) fn add(&mut self, label: String, secret: Secret) {
        if secret.is_empty() || self.values.iter().any(|(_, known)| *known == secret) {
            return;
        }
        if !self.is_growing {
            self.values.push((label, secret));
            self.index = None;
            return;
        }
        if self.values.len() < MAX_GROWN
            && let Some(index) = &mut self.index
        {
            let number = self.values.len();
            index.left_over.extend(common_forms_of(secret.expose()).into_iter().map(|form| (form, number)));
            self.values.push((label, secret));
        }
    }

    /// The label and value of a hit.
    pub(in crate::secret) fn get(&self, value: usize) -> Option<(&str, &Secret)> {
        self.values.get(value).map(|(label, secret)| (label.as_str(), secret))
    }

    /// The label of a value that is known; none for any other.
    pub(in crate::secret) fn label_of(&self, value: &str) -> Option<&str> {
        let wanted = Secret::new(value.to_owned());
        self.values.iter().find(|(_, secret)| *secret == wanted).map(|(label, _)| label.as_str())
    }

    /// Every place of the text where a known value stands, in order, without overlaps.
    pub(in crate::secret) fn find(&mut self, text: &str) -> Vec<KnownHit> {
        if self.index.is_none() {
            self.index = Some(Index::new(&self.values));
        }
        let Some(index) = &self.index else { return Vec::new() };
        let found = index.automaton.iter().flat_map(|automaton| automaton.find_iter(text)).filter_map(|found| {
            let value = *index.owners.get(found.pattern().as_usize())?;
            Some(KnownHit { range: found.range(), value })
        });
        let mut hits: Vec<KnownHit> = found.collect();
        for (form, value) in &index.left_over {
            let places = text.match_indices(form.as_str());
            hits.extend(places.map(|(at, _)| KnownHit { range: at..at + form.len(), value: *value }));
        }
        hits
    }
}

impl Index {
    fn new(values: &[(String, Secret)]) -> Self {
        let mut forms = Vec::new();
        let mut owners = Vec::new();
        for (number, (_, secret)) in values.iter().enumerate() {
            if secret.expose().chars().count() < MIN_KNOWN_CHARS {
                continue;
            }
            for form in forms_of(secret.expose()) {
                forms.push(form);
                owners.push(number);
            }
        }
        let built = AhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest).build(&forms);
        match built {
            Ok(automaton) => Self { automaton: Some(automaton), owners, left_over: Vec::new() },
            // Only beyond 2^31 states, far above any set of credentials; nothing is skipped even then.
            Err(_) => {
                let left_over = forms.into_iter().zip(owners).collect();
                Self { automaton: None, owners: Vec::new(), left_over }
            }
        }
    }
}

/// The spellings that a value has in the texts of one exchange: as it is, in addresses and in JSON.
fn common_forms_of(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([secret.to_owned(), utf8_percent_encode(secret, UNRESERVED).to_string()]);
    forms.insert(secret.replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\/"));
    forms
}

/// Every spelling of a secret in text: as it is, for URLs and forms, in JSON and HTML, in hex and base64.
fn forms_of(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::new();
    forms.insert(secret.to_owned());
    for set in [NON_ALPHANUMERIC, COMPONENT, UNRESERVED, LOOSE] {
        let upper = utf8_percent_encode(secret, set).to_string();
        forms.insert(lower_hex(&upper));
        forms.insert(upper.replace("%20", "+"));
        forms.insert(upper);
    }
    if let Ok(quoted) = serde_json::to_string(secret) {
        let inner = quoted.trim_start_matches('"').strip_suffix('"').unwrap_or(&quoted).to_owned();
        forms.insert(inner.replace('/', "\\/"));
        forms.insert(ascii_json(&inner));
        // A JSON text inside a JSON string.
        forms.insert(inner.replace('\\', "\\\\").replace('"', "\\\""));
        forms.insert(inner);
    }
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    forms.insert(html.replace('"', "&quot;").replace('\'', "&#39;"));
    forms.insert(html.replace('"', "&quot;").replace('\'', "&#x27;"));
    forms.insert(html);
    let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
    forms.insert(hex.to_uppercase());
    forms.insert(hex);
    for offset in 0..3usize {
        let mut bytes = vec![0u8; offset];
        bytes.extend_from_slice(secret.as_bytes());
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            // Characters that also carry bits of the neighbours are cut off; what is left is the same at this alignment.
            let start = (offset * 8).div_ceil(6);
            let end = bytes.len() * 8 / 6;
            if let Some(core) = text.get(start..end).filter(|core| core.len() >= MIN_KNOWN_CHARS) {
                forms.insert(core.to_owned());
            }
        }
    }
    forms.retain(|form| !form.is_empty());
    forms
}

fn lower_hex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = 0;
    for c in text.chars() {
        if c == '%' {
            left = 3;
        }
        out.push(if left > 0 { c.to_ascii_lowercase() } else { c });
        left = usize::saturating_sub(left, 1);
    }
    out
}

/// A JSON string's inside with everything beyond ASCII as `\u` escapes.
fn ascii_json(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    for c in inner.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn known(value: &str) -> KnownValues {
        KnownValues::new(vec![("token".into(), Secret::new(value.into()))])
    }

    #[test]
    fn every_form_is_found() {
        let secret = "p/4ss \"wörd\" & <more>+1";
        let mut known = known(secret);
        let standard = |before: &str| base64::engine::general_purpose::STANDARD.encode(format!("{before}{secret}"));
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for text in [
            secret.to_owned(),
            form,
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            serde_json::to_string(secret).unwrap(),
            serde_json::to_string(&serde_json::to_string(secret).unwrap()).unwrap(),
            standard(""),
            standard("a"),
            standard("me:"),
            standard("user:"),
            secret.bytes().map(|b| format!("{b:02X}")).collect(),
        ] {
            assert_eq!(known.find(&format!("x{text}y")).len(), 1, "{text}");
        }
    }

    #[test]
    fn short_values_are_not_searched_for() {
        assert_eq!(known("12345").find("12345 and 12345"), vec![]);
        assert_eq!(known("123456").find("a 123456").len(), 1);
    }

    #[test]
    fn an_empty_set_finds_nothing_and_added_values_are_found() {
        let mut known = KnownValues::new(vec![(String::new(), Secret::new(String::new()))]);
        assert_eq!(known.find("anything"), vec![]);
        known.add("token".into(), Secret::new("anything".into()));
        assert_eq!(known.find("anything").len(), 1);
    }
}
