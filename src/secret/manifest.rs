//! What was removed and what was kept on purpose, for showing beside a report.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// How many values are told of one by one.
const MAX_VALUES: usize = 10_000;

/// The account of one redaction.
///
/// *Secrets*: none; it names rules and places, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What was removed, by rule and place, in the order first met.
    pub removed: Vec<Removed>,
    /// Names whose values are always kept. Shape: `response header x-request-id`.
    pub kept: Vec<String>,
    /// What each placeholder stands for, in the order first given; at most 10,000.
    #[serde(default)]
    pub values: Vec<RemovedValue>,
    /// Exceptions of the person's that kept a value in. Shape: rule `name device_token`.
    #[serde(default)]
    pub exceptions: Vec<Removed>,
    /// Where each rule and place stands in `removed`, since a hostile text has many.
    #[serde(skip)]
    index: HashMap<(String, String), usize>,
}

/// What is still said of a removed value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedValue {
    /// What stands in its place. Shape: `‹token#1›`.
    pub placeholder: String,
    /// What it was: `string` or `number`.
    pub kind: String,
    /// How long it was, in characters, as a class. Shape: `17-32`.
    pub length: String,
}

/// Values that one rule removed in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The rule. Shape: `name authorization`, `pattern jwt`, `known value`.
    pub rule: String,
    /// How many values.
    pub count: u32,
    /// Where. Shape: `request header authorization`, `request body`.
    #[serde(rename = "where")]
    pub where_: String,
}

impl Manifest {
    /// How many values were removed altogether.
    pub fn removed_count(&self) -> u32 {
        self.removed.iter().map(|removed| removed.count).fold(0, u32::saturating_add)
    }

    pub(in crate::secret) fn add_removed(&mut self, rule: &str, place: &str) {
        let key = (rule.to_owned(), place.to_owned());
        let next = self.removed.len();
        let at = *self.index.entry(key).or_insert(next);
        match self.removed.get_mut(at) {
            Some(removed) => removed.count = removed.count.saturating_add(1),
            None => self.removed.push(Removed { rule: rule.to_owned(), count: 1, where_: place.to_owned() }),
        }
    }

    pub(in crate::secret) fn add_value(&mut self, placeholder: &str, kind: &str, chars: usize) {
        if self.values.len() < MAX_VALUES {
            let length = length_class(chars).to_owned();
            self.values.push(RemovedValue { placeholder: placeholder.to_owned(), kind: kind.to_owned(), length });
        }
    }

    pub(in crate::secret) fn add_exception(&mut self, rule: &str, place: &str) {
        match self.exceptions.iter_mut().find(|kept| kept.rule == rule && kept.where_ == place) {
            Some(kept) => kept.count = kept.count.saturating_add(1),
            None => self.exceptions.push(Removed { rule: rule.to_owned(), count: 1, where_: place.to_owned() }),
        }
    }

    pub(in crate::secret) fn add_kept(&mut self, what: String) {
        if !self.kept.contains(&what) {
            self.kept.push(what);
        }
    }
}

/// A length that tells two kinds of tokens apart but not two tokens.
fn length_class(chars: usize) -> &'static str {
    match chars {
        0..=8 => "1-8",
        9..=16 => "9-16",
        17..=32 => "17-32",
        33..=64 => "33-64",
        65..=128 => "65-128",
        129..=256 => "129-256",
        _ => "over 256",
    }
}
