//! The last look: a finished text is searched again with all three nets before it leaves.

use std::sync::Arc;

use super::edits::Found;
use super::gather::{self, Gathered, looks_like_json};
use super::json::{self, Extent};
use super::placeholder::is_ours;
use super::{Redacted, Redactor};

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
    /// Searches a finished text again with all three nets.
    ///
    /// *Errors*: the first secret that is still in it, with rule and place. Our own placeholders are none.
    pub fn seal(&mut self, text: String) -> Result<Redacted<String>, Leak> {
        if !looks_like_json(&text) {
            return self.seal_parts(&[text]);
        }
        let rules = Arc::clone(&self.rules);
        let scan = json::scan(&mut rules.names.lookup(), &text, 0, Extent::Whole);
        let gathered = Gathered { kept: scan.kept, ..Gathered::default() };
        self.judge(text, scan.found, &gathered)
    }

    /// The same for a text put together of parts that say nothing of each other: a name in one names no value in the
    /// next. Known values and patterns are searched for across all of it.
    ///
    /// *Errors*: as [`Redactor::seal`], the place counted in the whole text.
    pub fn seal_parts(&mut self, parts: &[String]) -> Result<Redacted<String>, Leak> {
        let rules = Arc::clone(&self.rules);
        let mut lookup = rules.names.lookup();
        let mut found = Vec::new();
        let mut start = 0;
        for part in parts {
            found.extend(gather::names_in(&mut lookup, part).into_iter().map(|hit| hit.moved(start)));
            start += part.len();
        }
        drop(lookup);
        self.judge(parts.concat(), found, &Gathered::default())
    }

    /// The secret that one more pass took out of a text; none if it changed nothing.
    pub(super) fn leak_between(&self, text: &str, again: &str) -> Option<Leak> {
        if text == again {
            return None;
        }
        let offset_bytes = text.bytes().zip(again.bytes()).take_while(|(a, b)| a == b).count();
        let before = text.as_bytes().get(..offset_bytes).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let rule = self.manifest.removed.last().map_or_else(|| "name".to_owned(), |removed| removed.rule.clone());
        Some(Leak { rule, line, offset_bytes })
    }

    fn judge(&mut self, text: String, mut found: Vec<Found>, gathered: &Gathered) -> Result<Redacted<String>, Leak> {
        if self.rules.patterns.is_none() && !text.is_empty() {
            return Err(Leak { rule: "rules that cannot be read".into(), line: 1, offset_bytes: 0 });
        }
        found.extend(gather::raw(self, &text, gathered));
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
}
