//! What was removed and what was kept on purpose, for showing beside a report.

use serde::{Deserialize, Serialize};

/// The account of one redaction.
///
/// *Secrets*: none; it names rules and places, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What was removed, by rule and place, in the order first met.
    pub removed: Vec<Removed>,
    /// Names whose values are always kept. Shape: `response header x-request-id`.
    pub kept: Vec<String>,
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
        match self.removed.iter_mut().find(|r| r.rule == rule && r.where_ == place) {
            Some(removed) => removed.count = removed.count.saturating_add(1),
            None => self.removed.push(Removed { rule: rule.to_owned(), count: 1, where_: place.to_owned() }),
        }
    }

    pub(in crate::secret) fn add_kept(&mut self, what: String) {
        if !self.kept.contains(&what) {
            self.kept.push(what);
        }
    }
}
