//! All redaction rules together: names and value patterns, as the program ships them and as a person adds to them.

use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::names::NameRules;
use super::patterns::{Class, OwnPattern, PatternError, ValuePatterns};

const NAMES: &str = include_str!("../../assets/redaction/names.toml");
const VALUES: &str = include_str!("../../assets/redaction/values.toml");

/// The file in the data directory that holds what a person added.
pub const OWN_RULES_FILE: &str = "redaction.toml";

/// The rules of the embedded files; none if they cannot be read, which a test rules out.
static BUILT_IN: LazyLock<Option<Arc<Rules>>> = LazyLock::new(|| Rules::from_toml(NAMES, VALUES).ok().map(Arc::new));

/// What is a secret, as reviewed data.
#[derive(Debug)]
pub struct Rules {
    pub(in crate::secret) names: NameRules,
    /// None is a rule set that could not be read: then every text is removed whole.
    pub(in crate::secret) patterns: Option<ValuePatterns>,
}

/// What a person adds to the rules.
///
/// Shape: `names = ["x-internal-id"]`, `classes = ["email"]`, `[[pattern]] id, regex`, `[[exception]] name or pattern`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRules {
    /// Names that are secret in every place.
    #[serde(default)]
    pub names: Vec<String>,
    /// Classes of values that are removed too.
    #[serde(default)]
    pub classes: Vec<Class>,
    /// Further patterns of values.
    #[serde(default, rename = "pattern")]
    pub patterns: Vec<OwnPattern>,
    /// What stays although a rule says otherwise; each that took effect stands in the manifest.
    #[serde(default, rename = "exception")]
    pub exceptions: Vec<Exception>,
}

/// A rule that a person switched off.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Exception {
    /// Values under this name stay, unless they are known or of a well-known format.
    Name(String),
    /// The pattern of this id removes nothing.
    Pattern(String),
}

/// Why rules could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The file of names is wrong.
    #[error("redaction names: {0}")]
    Names(#[from] toml::de::Error),
    /// The file of value patterns is wrong.
    #[error(transparent)]
    Patterns(#[from] PatternError),
}

impl RuleError {
    /// What happened.
    pub fn summary(&self) -> String {
        "The redaction rules cannot be read".into()
    }

    /// Where and why: the line of the file, or the pattern.
    pub fn place(&self) -> String {
        self.to_string().trim().to_owned()
    }

    /// What to do.
    pub fn fix(&self) -> String {
        format!("Correct {OWN_RULES_FILE} in the data directory, or move it away; until then nothing is taken from it")
    }
}

impl Rules {
    /// The rules of `assets/redaction/`, read once.
    ///
    /// If they could not be read, the rules that remove everything: redaction fails closed.
    pub fn built_in() -> Arc<Self> {
        BUILT_IN.clone().unwrap_or_else(|| Arc::new(Self { names: NameRules::default(), patterns: None }))
    }

    /// Reads rules from the text of both files.
    ///
    /// *Errors*: which file is wrong and in which line or pattern.
    pub fn from_toml(names: &str, values: &str) -> Result<Self, RuleError> {
        Ok(Self { names: NameRules::from_toml(names)?, patterns: Some(ValuePatterns::from_toml(values)?) })
    }

    /// The program's rules with what a person added to them.
    ///
    /// *Errors*: the line or the pattern that is wrong.
    pub fn with_own(text: &str) -> Result<Self, RuleError> {
        let own: OwnRules = toml::from_str(text)?;
        let mut names = NameRules::from_toml(NAMES)?;
        names.add_names(&own.names);
        names.except_names(own.exceptions.iter().filter_map(|exception| match exception {
            Exception::Name(name) => Some(name.as_str()),
            Exception::Pattern(_) => None,
        }));
        let excepted: Vec<String> = own
            .exceptions
            .iter()
            .filter_map(|exception| match exception {
                Exception::Pattern(id) => Some(id.clone()),
                Exception::Name(_) => None,
            })
            .collect();
        let patterns = ValuePatterns::with(VALUES, &own.classes, &own.patterns, &excepted)?;
        Ok(Self { names, patterns: Some(patterns) })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_rules_can_be_read() {
        assert!(BUILT_IN.is_some());
    }

    #[test]
    fn a_misspelled_member_is_an_error() {
        assert!(Rules::from_toml("[[secret]]\nlable = 'x'", "").is_err());
        assert!(Rules::with_own("nam = []").is_err());
        assert!(Rules::with_own("[[pattern]]\nid = 'x'\nregex = '('").unwrap_err().place().contains('x'));
    }

    #[test]
    fn a_person_adds_names_patterns_classes_and_exceptions() {
        let own = "names = ['x-internal']\nclasses = ['email']\n[[pattern]]\nid = 'order'\nregex = 'ORD-[0-9]{4}'\n\
                   [[exception]]\nname = 'device_token'\n[[exception]]\npattern = 'card'\n";
        let mut redactor = crate::secret::Redactor::new(Arc::new(Rules::with_own(own).unwrap()), Vec::new());
        let text = r#"{"x_internal":"a","to":"ann@example.test","n":"ORD-1234","device_token":"plain","card":"4111111111111111"}"#;
        let clean = redactor.body(text, None);
        assert_eq!(
            clean,
            r#"{"x_internal":"‹secret#1›","to":"‹email#1›","n":"‹secret#2›","device_token":"plain","card":"4111111111111111"}"#
        );
        let exceptions: Vec<&str> = redactor.manifest().exceptions.iter().map(|kept| kept.rule.as_str()).collect();
        assert_eq!(exceptions, ["name device_token", "pattern card"]);
    }
}
