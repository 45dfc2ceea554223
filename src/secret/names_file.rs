//! The names of `assets/redaction/names.toml` as rules, with what the person added to them.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::names::{NameRule, NameRules, Shape, Words};
use super::words::folded;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    secret: Vec<Entry>,
    words: Words,
    keep: Keep,
    reason: Reason,
    schemes: Schemes,
    pairs: Pairs,
    catalogs: Catalogs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    label: String,
    r#in: Vec<EntryPlace>,
    #[serde(default)]
    when: When,
    #[serde(default)]
    shape: Shape,
    #[serde(default)]
    deep: bool,
    names: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EntryPlace {
    Header,
    Parameter,
    Key,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum When {
    #[default]
    Always,
    Opaque,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keep {
    headers: Vec<String>,
    keys: Vec<String>,
    beside: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    words: HashSet<String>,
    under: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schemes {
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pairs {
    lists: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogs {
    under: Vec<String>,
}

impl NameRules {
    /// Reads the rules.
    ///
    /// *Errors*: text that is no TOML or has an unknown member; the error names the line.
    pub(in crate::secret) fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let mut rules = Self { words: file.words, reason: file.reason.words, ..Self::default() };
        for entry in file.secret {
            let Some(id) = rules.add_rule(NameRule {
                label: entry.label,
                is_opaque_only: entry.when == When::Opaque,
                shape: entry.shape,
                is_deep: entry.deep,
            }) else {
                continue;
            };
            for place in entry.r#in {
                let map = match place {
                    EntryPlace::Header => &mut rules.header,
                    EntryPlace::Parameter => &mut rules.parameter,
                    EntryPlace::Key => &mut rules.key,
                };
                for name in &entry.names {
                    // The first entry wins, so that a later opaque one cannot weaken it.
                    map.entry(folded(name)).or_insert(id);
                }
            }
        }
        let fold_all = |names: Vec<String>| names.iter().map(|name| folded(name)).collect::<HashSet<_>>();
        rules.kept_headers = fold_all(file.keep.headers);
        rules.kept_keys = fold_all(file.keep.keys);
        rules.beside = fold_all(file.keep.beside);
        rules.errors = fold_all(file.reason.under);
        rules.schemes = fold_all(file.schemes.words);
        rules.lists = fold_all(file.pairs.lists);
        rules.catalogs = fold_all(file.catalogs.under);
        let mut by_word = HashMap::new();
        for label in ["password", "token", "secret", "api_key", "session"] {
            let rule = NameRule {
                label: label.to_owned(),
                is_opaque_only: false,
                shape: Shape::Whole,
                is_deep: label != "session",
            };
            by_word.extend(rules.add_rule(rule).map(|id| (label, id)));
        }
        rules.by_word = by_word;
        Ok(rules)
    }

    /// Takes the person's own names: they are secret in every place, also where the program's lists keep them.
    pub(in crate::secret) fn add_names(&mut self, names: &[String]) {
        let rule = NameRule { label: "secret".to_owned(), is_opaque_only: false, shape: Shape::Whole, is_deep: true };
        let Some(id) = self.add_rule(rule) else { return };
        for name in names.iter().map(|name| folded(name)).filter(|name| !name.is_empty()) {
            self.kept_headers.remove(&name);
            self.kept_keys.remove(&name);
            for map in [&mut self.header, &mut self.parameter, &mut self.key] {
                map.insert(name.clone(), id);
            }
        }
    }

    /// Takes names that the person says are no secrets.
    pub(in crate::secret) fn except_names<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.excepted.extend(names.map(folded));
    }

    fn add_rule(&mut self, rule: NameRule) -> Option<u16> {
        let id = u16::try_from(self.rules.len()).ok()?;
        self.rules.push(rule);
        Some(id)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::names::NamePlace;
    use super::*;

    fn rules() -> NameRules {
        NameRules::from_toml(include_str!("../../assets/redaction/names.toml")).unwrap()
    }

    #[test]
    fn every_entry_is_found_in_every_spelling() {
        let rules = rules();
        let file: File = toml::from_str(include_str!("../../assets/redaction/names.toml")).unwrap();
        for entry in &file.secret {
            assert!(!entry.names.is_empty() && !entry.r#in.is_empty());
            assert!(entry.label.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", entry.label);
            for place in &entry.r#in {
                let place = match place {
                    EntryPlace::Header => NamePlace::Header,
                    EntryPlace::Parameter => NamePlace::Parameter,
                    EntryPlace::Key => NamePlace::Key,
                };
                for name in &entry.names {
                    for spelled in [name.clone(), name.to_lowercase(), name.to_uppercase(), name.replace('_', "-")] {
                        assert!(rules.lookup().find(place, &spelled).is_some(), "{spelled} as {place:?}");
                    }
                }
            }
        }
        for name in file.keep.headers {
            assert!(rules.lookup().find(NamePlace::Header, &name).is_none(), "{name}");
        }
        for name in file.keep.keys {
            assert!(rules.lookup().find(NamePlace::Key, &name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_person_has_the_last_word() {
        let mut rules = rules();
        rules.add_names(&["X-Request-Id".into()]);
        rules.except_names(std::iter::once("device_token"));
        let mut lookup = rules.lookup();
        assert!(lookup.find(NamePlace::Header, "x-request-id").is_some());
        assert!(lookup.find(NamePlace::Key, "deviceToken").is_none());
        assert_eq!(lookup.take_excepted(), ["devicetoken"]);
    }
}
