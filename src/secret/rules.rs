//! All redaction rules together: names and value patterns, as the program ships them.

use std::sync::{Arc, LazyLock};

use super::names::NameRules;
use super::patterns::{PatternError, ValuePatterns};

/// The rules of the embedded files; none if they cannot be read, which a test rules out.
static BUILT_IN: LazyLock<Option<Arc<Rules>>> = LazyLock::new(|| {
    let names = include_str!("../../assets/redaction/names.toml");
    let values = include_str!("../../assets/redaction/values.toml");
    Rules::from_toml(names, values).ok().map(Arc::new)
});

/// What is a secret, as reviewed data.
#[derive(Debug)]
pub struct Rules {
    pub(in crate::secret) names: NameRules,
    /// None is a rule set that could not be read: then every text is removed whole.
    pub(in crate::secret) patterns: Option<ValuePatterns>,
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
    }
}
