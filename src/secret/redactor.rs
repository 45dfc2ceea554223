//! The gate: removes secrets from every kind of text by known value, by name and by look.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::edits::{Edit, Edits, Found, How, merged};
use super::gather::{self, Gathered};
use super::known::{KnownValues, Learned};
use super::placeholder::is_ours;
use super::words::is_opaque;
use super::{Manifest, Redactable, Redacted, Rules, Secret};

/// Headers whose value is an address, with parameters that may be secret by name.
const ADDRESS_HEADERS: [&str; 4] = ["location", "content-location", "referer", "refresh"];

/// A value found by a secret name is looked for elsewhere too if it has at least this many characters.
const MIN_LEARNED_CHARS: usize = 12;

/// And at most so many bytes: no token that turns up elsewhere is longer.
const MAX_LEARNED_BYTES: usize = 4096;

/// What a value is called whose own label holds another secret.
const NEUTRAL: &str = "x";

/// Removes secrets, and remembers which pseudonym each got.
///
/// One redactor serves everything that is shown together, so that the same secret is `‹token#1›` in all of it.
/// *Secrets*: it holds them; it has no `Debug`.
pub struct Redactor {
    pub(super) rules: Arc<Rules>,
    pub(super) known: Arc<KnownValues>,
    /// Values that a name gave away on the way.
    pub(super) learned: Learned,
    /// By the hash of the value, so that no further copy is kept.
    pseudonyms: HashMap<[u8; 32], String>,
    counts: HashMap<String, u32>,
    pub(super) manifest: Manifest,
    pub(super) place: String,
}

impl Redactor {
    /// A redactor with the values the program holds, each with what a placeholder shall call it.
    pub fn new(rules: Arc<Rules>, known: Vec<(String, Secret)>) -> Self {
        Self::with_known(rules, Arc::new(KnownValues::new(known)))
    }

    /// The same with values that were made ready before, which takes longer than redacting a small text.
    pub fn with_known(rules: Arc<Rules>, known: Arc<KnownValues>) -> Self {
        Self {
            rules,
            known,
            learned: Learned::new(),
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
        let place = format!("{} header {}", self.place, name.to_lowercase());
        let outer = std::mem::replace(&mut self.place, place);
        let gathered = gather::header(self, name, value);
        let mut clean = self.settle(value, gathered).apply(value);
        if ADDRESS_HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            clean = self.url(&clean);
        }
        self.place = outer;
        clean
    }

    /// An address without its secrets: user information, parameters by name, known values and patterns anywhere.
    pub fn url(&mut self, url: &str) -> String {
        let gathered = gather::url(self, url);
        self.settle(url, gathered).apply(url)
    }

    /// A body without its secrets; everything else stays byte for byte.
    ///
    /// JSON is read as such whatever the content type says, since errors are often labelled wrongly.
    pub fn body(&mut self, text: &str, content_type: Option<&str>) -> String {
        self.body_edits(text, content_type).apply(text)
    }

    /// The replacements that [`Redactor::body`] makes, so that places in the body can be carried over.
    pub fn body_edits(&mut self, text: &str, content_type: Option<&str>) -> Edits {
        let gathered = gather::body(self, text, content_type);
        self.settle(text, gathered)
    }

    /// Free text without its secrets: messages, log lines, names.
    pub fn text(&mut self, text: &str) -> String {
        let gathered = gather::text(self, text);
        self.settle(text, gathered).apply(text)
    }

    /// A text that was a value of a JSON body: as [`Self::text`], and unpacked where it is base64 as in the body itself.
    pub fn json_text(&mut self, text: &str) -> String {
        let written = serde_json::Value::from(text).to_string();
        let clean = self.body(&written, Some("application/json"));
        match serde_json::from_str(&clean) {
            Ok(serde_json::Value::String(clean)) => self.text(&clean),
            _ => self.text(text),
        }
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

    /// Adds known values and patterns to what names gave away, and gives each value its pseudonym.
    pub(super) fn settle(&mut self, text: &str, gathered: Gathered) -> Edits {
        if self.rules.patterns.is_none() && !text.is_empty() {
            // Rules that cannot be read: everything goes.
            let edit = Edit { range: 0..text.len(), text: "‹removed#1›".to_owned() };
            return Edits::new(vec![edit]);
        }
        for name in &gathered.excepted {
            self.manifest.add_exception(&format!("name {name}"), &self.place);
        }
        for found in gathered.strong.iter().chain(&gathered.weak) {
            let value = found.value.trim();
            let is_sized = value.len() <= MAX_LEARNED_BYTES && value.chars().count() >= MIN_LEARNED_CHARS;
            if found.rule.starts_with("name ") && is_sized && is_opaque(value) {
                self.learned.add(&found.label, value);
            }
        }
        let raw = gather::raw(self, text, &gathered);
        let ours = |found: &Found| matches!(found.how, How::Plain | How::Quoted) && is_ours(&found.value);
        let strong = gathered.strong.into_iter().filter(|found| !ours(found)).collect();
        // An exact value wins over the text that only reads as a pair.
        let weak = raw.into_iter().chain(gathered.weak).filter(|found| !ours(found)).collect();
        let edits = merged(strong, weak).into_iter().map(|found| {
            let text = match &found.how {
                How::Ready(text) => text.clone(),
                How::Plain => self.pseudonym(&found),
                How::Quoted => format!("\"{}\"", self.pseudonym(&found)),
            };
            Edit { range: found.range, text }
        });
        Edits::new(edits.collect())
    }

    fn pseudonym(&mut self, found: &Found) -> String {
        self.manifest.add_removed(&found.rule, &self.place);
        let value = found.value.trim();
        let hash: [u8; 32] = Sha256::digest(value.as_bytes()).into();
        if let Some(known) = self.pseudonyms.get(&hash) {
            return known.clone();
        }
        // What the program holds is called by its own name wherever it is met first.
        let label = self.known.label_of(value).unwrap_or(&found.label);
        let label = if self.known.occurs_in(label) { NEUTRAL.to_owned() } else { label.to_owned() };
        let count = self.counts.entry(label.clone()).or_insert(0);
        *count = count.saturating_add(1);
        let pseudonym = format!("‹{label}#{count}›");
        let kind = if found.how == How::Quoted { "number" } else { "string" };
        self.manifest.add_value(&pseudonym, kind, value.chars().count());
        self.pseudonyms.insert(hash, pseudonym.clone());
        pseudonym
    }
}
