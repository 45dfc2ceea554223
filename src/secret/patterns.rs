//! Values that are secrets by their own look: well-known token formats, found wherever they stand.

use std::ops::Range;

use regex::Regex;
use serde::Deserialize;

use super::grams::{First, Grams};
use super::known::label_of;

/// The value patterns, compiled.
///
/// *Source*: `assets/redaction/values.toml`, and what the person added.
#[derive(Debug)]
pub struct ValuePatterns {
    pub(super) patterns: Vec<Pattern>,
    /// Finds where a pattern can match at all, so that most text is looked at once.
    pub(super) literals: Grams,
    /// The pattern of each literal.
    pub(super) owners: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Pattern {
    pub id: String,
    pub label: String,
    pub regex: Regex,
    pub check: Option<Check>,
    pub scan: Option<Scan>,
    pub is_token: bool,
    pub is_excepted: bool,
    /// Whether a match goes over many lines, so that its end is far from its literal.
    pub is_wide: bool,
}

/// What a regular expression cannot say.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    /// The value decodes from base64 to a text with a colon.
    Base64Pair,
    /// The value has a digit in it.
    Mixed,
    /// The last digit is right.
    Luhn,
    /// The check digits are right.
    Iban,
}

/// How values without a literal are searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scan {
    /// Among groups of digits, which the expression then sees without blanks.
    Digits,
    /// Among what begins as an IBAN does, seen without blanks.
    Iban,
    /// Among words of 26 signs and more.
    Long,
    /// Between `://` and what ends a host, where an `@` stands in between.
    Authority,
    /// Everywhere.
    All,
}

/// What a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// A credential of a well-known format, removed wherever it stands.
    #[default]
    Token,
    /// A number of a person's or a machine's; stays in what is always kept.
    Number,
}

/// A class of values that is only removed when a person switched it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// E-mail addresses.
    Email,
    /// Addresses of machines.
    Ip,
    /// Telephone numbers.
    Phone,
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
    #[serde(default)]
    literals: Vec<String>,
    regex: String,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    wide: bool,
    #[serde(default)]
    scan: Option<Scan>,
    #[serde(default)]
    class: Option<Class>,
    #[serde(default)]
    check: Option<Check>,
    hits: Vec<Vec<String>>,
    misses: Vec<String>,
    source: String,
}

/// A pattern of the person's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnPattern {
    /// What the manifest calls it.
    pub id: String,
    /// The form, in the `regex` crate's language; the group `secret`, where there is one, is what is removed.
    pub regex: String,
    /// What a placeholder calls it; `secret` if it is left out.
    #[serde(default)]
    pub label: Option<String>,
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
    /// Whether it is a credential of a well-known format, which is removed even from what is kept.
    pub is_token: bool,
    /// Whether an exception of the person's keeps it.
    pub is_excepted: bool,
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
    /// An entry says nothing.
    #[error("value pattern {0} has no literals, hits, misses or source")]
    Thin(String),
}

impl ValuePatterns {
    /// Reads and compiles the patterns.
    ///
    /// *Errors*: text of another form, a wrong expression, an entry without examples.
    pub fn from_toml(text: &str) -> Result<Self, PatternError> {
        Self::with(text, &[], &[], &[])
    }

    /// The same with classes switched on, patterns of the person's own, and ids that find nothing.
    ///
    /// *Errors*: as [`ValuePatterns::from_toml`], for the person's patterns too.
    pub fn with(text: &str, classes: &[Class], own: &[OwnPattern], excepted: &[String]) -> Result<Self, PatternError> {
        let file: File = toml::from_str(text)?;
        let mut patterns = Vec::new();
        let mut literals = Vec::new();
        let mut owners = Vec::new();
        for entry in file.pattern {
            let is_short = |literal: &String| literal.len() < 3;
            let has_search = entry.scan.is_some() == entry.literals.is_empty() && !entry.literals.iter().any(is_short);
            if !has_search || entry.hits.is_empty() || entry.misses.is_empty() || entry.source.is_empty() {
                return Err(PatternError::Thin(entry.id));
            }
            if entry.class.is_some_and(|class| !classes.contains(&class)) {
                continue;
            }
            for literal in entry.literals {
                literals.push(literal.into_bytes());
                owners.push(patterns.len());
            }
            patterns.push(Pattern {
                regex: compiled(&entry.id, &entry.regex)?,
                is_excepted: excepted.contains(&entry.id),
                id: entry.id,
                label: entry.label,
                check: entry.check,
                scan: entry.scan,
                is_token: entry.kind == Kind::Token,
                is_wide: entry.wide,
            });
        }
        for pattern in own {
            patterns.push(Pattern {
                regex: compiled(&pattern.id, &pattern.regex)?,
                id: pattern.id.clone(),
                label: label_of(pattern.label.as_deref().unwrap_or_default()),
                check: None,
                scan: Some(Scan::All),
                is_token: true,
                is_excepted: excepted.contains(&pattern.id),
                is_wide: false,
            });
        }
        Ok(Self { patterns, literals: Grams::new(literals, First::ThreeFolded), owners })
    }
}

fn compiled(id: &str, regex: &str) -> Result<Regex, PatternError> {
    Regex::new(regex).map_err(|source| PatternError::Regex { id: id.to_owned(), source: Box::new(source) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../assets/redaction/values.toml");

    #[test]
    fn every_pattern_finds_its_hits_and_leaves_its_misses() {
        let patterns = ValuePatterns::with(TEXT, &[Class::Email, Class::Ip, Class::Phone], &[], &[]).unwrap();
        let file: File = toml::from_str(TEXT).unwrap();
        for entry in file.pattern {
            for hit in entry.hits {
                let text = format!("x {} y", hit.concat());
                let found = patterns.find(&text);
                assert!(found.iter().any(|f| f.id == entry.id), "{} does not find {text}", entry.id);
            }
            for miss in entry.misses {
                assert!(!patterns.find(&miss).iter().any(|f| f.id == entry.id), "{}: {miss}", entry.id);
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
