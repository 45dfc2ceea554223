//! The exact values of secrets the program holds, searched for in every form they can take in text.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::Secret;
use super::encodings::forms_of;
use super::grams::{First, Grams};
use super::runs;
use super::view::{View, Views, reading_of};

/// Shorter values are removed only where a name says that they are secret: `abc` is everywhere.
pub(in crate::secret) const MIN_KNOWN_CHARS: usize = 6;

/// How many encodings over each other are undone where words of base64 and hex stand for text.
const MAX_DECODED: u8 = 3;

/// How many values a text may give away before no more are looked for elsewhere, so that memory stays bounded.
const MAX_LEARNED: usize = 1024;

/// A set of secret values with what a placeholder calls each, ready to be searched for.
///
/// *Secrets*: yes, also as search index; it is never printed or stored.
pub struct KnownValues {
    values: Vec<(String, Secret)>,
    index: Index,
}

/// One known value found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::secret) struct KnownHit {
    /// The bytes of the form that was found.
    pub(in crate::secret) range: Range<usize>,
    /// Which value it is, for [`KnownValues::get`].
    pub(in crate::secret) value: usize,
}

/// Three searches and whose form each of their strings is.
#[derive(Default)]
struct Index {
    /// The values as they are, for the text as it is.
    plain: Searcher,
    /// All forms, for the whole reading of the text.
    forms: Searcher,
    /// Values with blanks in them, without these: a line may have been broken there.
    squeezed: Searcher,
}

#[derive(Default)]
struct Searcher {
    grams: Option<Grams>,
    owners: Vec<usize>,
}

/// Every secret the program has held since it started.
///
/// Whoever takes a secret in hands adds it here; redactors are made of what is in it at that moment.
/// *Secrets*: yes; it has no `Debug`.
#[derive(Clone, Default)]
pub struct Registry(Arc<Mutex<Registered>>);

#[derive(Default)]
struct Registered {
    values: Vec<(String, Secret)>,
    /// What is in it, by hash.
    held: HashSet<[u8; 32]>,
    /// Made when first asked for after a change.
    ready: Option<Arc<KnownValues>>,
}

/// Values that secret names gave away on the way, searched for as they are.
pub(in crate::secret) struct Learned {
    values: Vec<(String, Secret)>,
    /// What is in it, by hash.
    held: HashSet<[u8; 32]>,
    searcher: Searcher,
    /// How many values the searcher knows.
    indexed: usize,
}

impl Registry {
    /// Takes a secret in, with what a placeholder shall call it; one that is there keeps its first label.
    pub fn add(&self, label: &str, secret: &Secret) {
        if secret.is_empty() {
            return;
        }
        let mut registered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if registered.held.insert(Sha256::digest(secret.expose().as_bytes()).into()) {
            registered.values.push((label.to_owned(), secret.clone()));
            registered.ready = None;
        }
    }

    /// Takes several in.
    pub fn extend(&self, secrets: impl IntoIterator<Item = (String, Secret)>) {
        for (label, secret) in secrets {
            self.add(&label, &secret);
        }
    }

    /// All of them, ready to be searched for.
    pub fn known(&self) -> Arc<KnownValues> {
        let mut registered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = &registered.ready {
            return Arc::clone(ready);
        }
        let ready = Arc::new(KnownValues::new(registered.values.clone()));
        registered.ready = Some(Arc::clone(&ready));
        ready
    }
}

impl KnownValues {
    /// Takes the values with their labels; empty ones and repetitions are left out.
    pub fn new(values: Vec<(String, Secret)>) -> Self {
        let mut kept: Vec<(String, Secret)> = Vec::with_capacity(values.len());
        for (label, secret) in values {
            if !secret.is_empty() && !kept.iter().any(|(_, known)| *known == secret) {
                kept.push((label_of(&label), secret));
            }
        }
        let index = Index::new(&kept);
        Self { values: kept, index }
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

    /// Whether a known value stands in a label as it is.
    pub(in crate::secret) fn occurs_in(&self, label: &str) -> bool {
        let mut hits = Vec::new();
        self.index.plain.find(label.as_bytes(), None, &mut hits);
        !hits.is_empty()
    }

    /// Every place of the text where a known value stands, in no order; places may overlap.
    pub(in crate::secret) fn find(&self, text: &str, views: &Views) -> Vec<KnownHit> {
        self.find_down_to(text, views, MAX_DECODED)
    }

    /// The same, with words of base64 and hex read so many times over each other.
    fn find_down_to(&self, text: &str, views: &Views, levels: u8) -> Vec<KnownHit> {
        let mut hits = Vec::new();
        if self.values.is_empty() {
            return hits;
        }
        if self.index.squeezed.grams.is_some()
            && let Some(view) = views.squeezed(text)
        {
            self.index.squeezed.find(view.bytes(), Some(&view), &mut hits);
        }
        let Some(view) = views.whole() else {
            self.index.forms.find(text.as_bytes(), None, &mut hits);
            self.find_decoded(text, views, levels, &mut hits);
            return hits;
        };
        // A value whose own characters look like escapes, cut by what stands beside it, is found as it is.
        self.index.plain.find(text.as_bytes(), None, &mut hits);
        self.index.forms.find(view.bytes(), Some(view), &mut hits);
        if let Some(view) = &views.plain {
            self.index.plain.find(view.bytes(), Some(view), &mut hits);
        }
        for view in &views.others {
            self.index.forms.find(view.bytes(), Some(view), &mut hits);
        }
        self.find_decoded(text, views, levels, &mut hits);
        hits
    }
}

impl KnownValues {
    /// Words of base64 and hex in whose text a known value stands, and in which none was found as it is; they go whole.
    fn find_decoded(&self, text: &str, views: &Views, levels: u8, hits: &mut Vec<KnownHit>) {
        let Some(levels) = levels.checked_sub(1) else { return };
        let mut found: Vec<Range<usize>> = hits.iter().map(|hit| hit.range.clone()).collect();
        found.sort_by_key(|range| range.start);
        // Lines put together would join a word with the next line's.
        let view = views.unescaped.as_ref();
        for (range, bytes) in runs::decoded(view.map_or(text.as_bytes(), View::bytes)) {
            let range = view.map_or(range.clone(), |view| view.place(range));
            let behind = found.partition_point(|found| found.start < range.end);
            if behind.checked_sub(1).and_then(|last| found.get(last)).is_some_and(|last| last.end > range.start) {
                continue;
            }
            let inner = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
            if let Some(hit) = self.find_down_to(&inner, &Views::of(&inner), levels).first() {
                hits.push(KnownHit { range, value: hit.value });
            }
        }
    }
}

impl Index {
    fn new(values: &[(String, Secret)]) -> Self {
        let (mut plain, mut forms, mut squeezed) = (Vec::new(), Vec::new(), Vec::new());
        for (number, (_, secret)) in values.iter().enumerate() {
            if secret.expose().chars().count() < MIN_KNOWN_CHARS {
                continue;
            }
            plain.push((secret.expose().as_bytes().to_vec(), number));
            if secret.expose().contains(char::is_whitespace) {
                let reading = reading_of(secret.expose().as_bytes());
                let bare: Vec<u8> = reading.into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
                squeezed.push((bare, number));
            }
            forms.extend(forms_of(secret.expose()).into_iter().map(|form| (form, number)));
        }
        Self { plain: Searcher::new(plain), forms: Searcher::new(forms), squeezed: Searcher::new(squeezed) }
    }
}

impl Searcher {
    fn new(patterns: Vec<(Vec<u8>, usize)>) -> Self {
        if patterns.is_empty() {
            return Self::default();
        }
        let (patterns, owners): (Vec<_>, Vec<_>) = patterns.into_iter().unzip();
        Self { grams: Some(Grams::new(patterns, First::Four)), owners }
    }

    fn find(&self, bytes: &[u8], view: Option<&View>, hits: &mut Vec<KnownHit>) {
        let Some(grams) = &self.grams else { return };
        grams.find(bytes, |pattern, range| {
            let Some(value) = self.owners.get(pattern).copied() else { return };
            hits.push(KnownHit { range: view.map_or(range.clone(), |view| view.place(range)), value });
        });
    }
}

impl Learned {
    pub(in crate::secret) fn new() -> Self {
        Self { values: Vec::new(), held: HashSet::new(), searcher: Searcher::default(), indexed: 0 }
    }

    /// Takes a value in; at most 1,024, so that a text of nothing but secrets stays bounded.
    pub(in crate::secret) fn add(&mut self, label: &str, value: &str) {
        if self.values.len() < MAX_LEARNED && self.held.insert(Sha256::digest(value.as_bytes()).into()) {
            self.values.push((label.to_owned(), Secret::new(value.to_owned())));
        }
    }

    /// Every place where one stands, with its label and value; in no order, and places may overlap.
    pub(in crate::secret) fn find(&mut self, text: &str, views: &Views) -> Vec<(Range<usize>, &str, &Secret)> {
        if self.values.is_empty() {
            return Vec::new();
        }
        if self.indexed < self.values.len() {
            let values = self.values.iter().enumerate();
            let forms = values.map(|(number, (_, secret))| (reading_of(secret.expose().as_bytes()), number));
            self.searcher = Searcher::new(forms.collect());
            self.indexed = self.values.len();
        }
        let mut hits = Vec::new();
        match views.whole() {
            Some(view) => self.searcher.find(view.bytes(), Some(view), &mut hits),
            None => self.searcher.find(text.as_bytes(), None, &mut hits),
        }
        let owned = hits.into_iter().filter_map(|hit| {
            let (label, secret) = self.values.get(hit.value)?;
            Some((hit.range, label.as_str(), secret))
        });
        owned.collect()
    }
}

/// A label as a placeholder can hold it: lower-case letters, digits and `_`.
pub(in crate::secret) fn label_of(text: &str) -> String {
    let label: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).take(40).collect();
    if label.trim_matches('_').is_empty() { "secret".to_owned() } else { label }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use base64::Engine as _;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    fn known(value: &str) -> KnownValues {
        KnownValues::new(vec![("token".into(), Secret::new(value.into()))])
    }

    fn find(known: &KnownValues, text: &str) -> Vec<KnownHit> {
        known.find(text, &Views::of(text))
    }

    #[test]
    fn every_form_is_found() {
        let secret = "p/4ss \"wörd\" & <more>+1";
        let known = known(secret);
        let standard = |before: &str| base64::engine::general_purpose::STANDARD.encode(format!("{before}{secret}"));
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let units: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wrapped = |text: String| {
            let chars: Vec<char> = text.chars().collect();
            chars.chunks(7).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join("\r\n  ")
        };
        for text in [
            secret.to_owned(),
            form.clone(),
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            utf8_percent_encode(&form, NON_ALPHANUMERIC).to_string(),
            secret.bytes().map(|b| format!("%{b:02x}")).collect(),
            serde_json::to_string(secret).unwrap(),
            serde_json::to_string(&serde_json::to_string(secret).unwrap()).unwrap(),
            secret.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect(),
            secret.chars().map(|c| format!("&#{};", u32::from(c))).collect(),
            secret.chars().flat_map(|c| [c, '\0']).collect(),
            standard(""),
            standard("a"),
            standard("me:"),
            standard("user:"),
            wrapped(standard("user:")),
            base64::engine::general_purpose::URL_SAFE.encode(&units),
            secret.bytes().map(|b| format!("{b:02X}")).collect(),
            secret.bytes().map(|b| format!("{b:02x}:")).collect(),
            secret.bytes().map(|b| format!("\\x{b:02x}")).collect(),
        ] {
            assert!(!find(&known, &format!("x{text}y")).is_empty(), "{text}");
        }
    }

    #[test]
    fn short_values_are_not_searched_for() {
        assert_eq!(find(&known("12345"), "12345 and 12345"), vec![]);
        assert_eq!(find(&known("123456"), "a 123456").len(), 1);
    }

    #[test]
    fn a_registry_knows_what_was_added_last() {
        let registry = Registry::default();
        registry.add("x", &Secret::new(String::new()));
        assert_eq!(find(&registry.known(), "anything"), vec![]);
        registry.add("token", &Secret::new("anything".into()));
        registry.add("again", &Secret::new("anything".into()));
        assert_eq!(find(&registry.known(), "anything").len(), 1);
        assert_eq!(registry.known().label_of("anything"), Some("token"));
    }

    #[test]
    fn learned_values_are_found_in_every_text_that_follows() {
        let mut learned = Learned::new();
        for (number, text) in ["first-secret", "second-secret"].into_iter().enumerate() {
            learned.add("token", text);
            let all = "first-secret, second%2Dsecret";
            assert_eq!(learned.find(all, &Views::of(all)).len(), number + 1);
        }
    }
}
