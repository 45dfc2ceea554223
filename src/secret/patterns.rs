//! Values that are secrets by their own look: well-known token formats, found wherever they stand.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde::Deserialize;

/// The value patterns, compiled.
///
/// *Source*: `assets/redaction/values.toml`.
#[derive(Debug)]
pub struct ValuePatterns {
    patterns: Vec<Pattern>,
    /// Finds which patterns can match at all, so that most text is looked at once.
    literals: AhoCorasick,
    /// The pattern of each literal.
    owners: Vec<usize>,
}

#[derive(Debug)]
struct Pattern {
    id: String,
    label: String,
    regex: Regex,
    check: Option<Check>,
}

/// What a regular expression cannot say.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Check {
    /// The value decodes from base64 to a text with a colon.
    Base64Pair,
    /// The value has a digit in it.
    Mixed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pattern: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    label: String,
    literals: Vec<String>,
    regex: String,
    #[serde(default)]
    check: Option<Check>,
    hits: Vec<Vec<String>>,
    misses: Vec<String>,
    source: String,
}

/// One value found by its look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternHit<'a> {
    /// The bytes of the secret itself.
    pub range: Range<usize>,
    /// The pattern's id. Shape: `jwt`.
    pub id: &'a str,
    /// What a placeholder calls it.
    pub label: &'a str,
}

/// Why the patterns could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// The file is no TOML of the known form.
    #[error("value patterns: {0}")]
    File(#[from] toml::de::Error),
    /// An expression is wrong.
    #[error("value pattern {id}: {source}")]
    Regex {
        /// The pattern's id.
        id: String,
        /// What is wrong with it.
        source: Box<regex::Error>,
    },
    /// The literals cannot be searched.
    #[error("value patterns: {0}")]
    Literals(#[from] aho_corasick::BuildError),
    /// An entry says nothing.
    #[error("value pattern {0} has no literals, hits, misses or source")]
    Thin(String),
}

impl ValuePatterns {
    /// Reads and compiles the patterns.
    ///
    /// *Errors*: text of another form, a wrong expression, an entry without examples.
    pub fn from_toml(text: &str) -> Result<Self, PatternError> {
        let file: File = toml::from_str(text)?;
        let mut patterns = Vec::new();
        let mut literals = Vec::new();
        let mut owners = Vec::new();
        for entry in file.pattern {
            if entry.literals.is_empty() || entry.hits.is_empty() || entry.misses.is_empty() || entry.source.is_empty()
            {
                return Err(PatternError::Thin(entry.id));
            }
            let regex = Regex::new(&entry.regex)
                .map_err(|source| PatternError::Regex { id: entry.id.clone(), source: Box::new(source) })?;
            for literal in entry.literals {
                literals.push(literal);
                owners.push(patterns.len());
            }
            patterns.push(Pattern { id: entry.id, label: entry.label, regex, check: entry.check });
        }
        let literals =
            AhoCorasickBuilder::new().ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(&literals)?;
        Ok(Self { patterns, literals, owners })
    }

    /// Every value in the text that looks like a secret, in no order; ranges may overlap.
    pub fn find<'a>(&'a self, text: &str) -> Vec<PatternHit<'a>> {
        let mut is_wanted = vec![false; self.patterns.len()];
        let mut wanted = 0;
        for found in self.literals.find_overlapping_iter(text) {
            let flag = self.owners.get(found.pattern().as_usize()).and_then(|owner| is_wanted.get_mut(*owner));
            if let Some(flag) = flag.filter(|flag| !**flag) {
                *flag = true;
                wanted += 1;
                if wanted == self.patterns.len() {
                    break;
                }
            }
        }
        let mut hits = Vec::new();
        let chosen = self.patterns.iter().zip(is_wanted).filter(|(_, is_wanted)| *is_wanted);
        for (pattern, _) in chosen {
            for captures in pattern.regex.captures_iter(text) {
                let Some(found) = captures.name("secret").or_else(|| captures.get(0)) else { continue };
                if pattern.check.is_none_or(|check| check.passes(found.as_str())) {
                    hits.push(PatternHit { range: found.range(), id: &pattern.id, label: &pattern.label });
                }
            }
        }
        hits
    }
}

impl Check {
    fn passes(self, value: &str) -> bool {
        match self {
            Self::Base64Pair => STANDARD
                .decode(value)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .is_some_and(|t| t.contains(':')),
            Self::Mixed => value.bytes().any(|b| b.is_ascii_digit()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../assets/redaction/values.toml");

    #[test]
    fn every_pattern_finds_its_hits_and_leaves_its_misses() {
        let patterns = ValuePatterns::from_toml(TEXT).unwrap();
        let file: File = toml::from_str(TEXT).unwrap();
        for entry in file.pattern {
            for hit in entry.hits {
                let text = format!("x {} y", hit.concat());
                let found = patterns.find(&text);
                assert!(found.iter().any(|f| f.id == entry.id), "{} does not find {text}", entry.id);
            }
            for miss in entry.misses {
                assert_eq!(patterns.find(&miss), vec![], "{}", entry.id);
            }
        }
    }

    #[test]
    fn a_jwt_goes_whole() {
        let patterns = ValuePatterns::from_toml(TEXT).unwrap();
        let jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"].join(".");
        let text = format!("\"{jwt}\"");
        let found = patterns.find(&text);
        assert_eq!(found.iter().map(|f| f.range.clone()).collect::<Vec<_>>(), vec![1..jwt.len() + 1]);
    }

    #[test]
    fn plain_text_has_no_hits() {
        let patterns = ValuePatterns::from_toml(TEXT).unwrap();
        for text in [
            "publishAt must be a future timestamp",
            "2026-11-23T10:00:00Z",
            "9f1c2c3e-7c1e-4d52-8a0b-0e6b1b1b7a11",
            "http://127.0.0.1:4010/v1/posts?page=2",
            "task-force-for-the-long-running-jobs",
            "01JD8Q6Z4N5T0V9M2K7B3C8D1E",
            "W/\"0815\"",
        ] {
            assert_eq!(patterns.find(text), vec![], "{text}");
        }
    }
}
