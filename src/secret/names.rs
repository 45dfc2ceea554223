//! Names whose values are secrets: headers, parameters and keys, folded over case and spelling.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

/// Where a name stands, since `code` in a query is a credential and in an error envelope a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::secret) enum NamePlace {
    /// An HTTP header or trailer.
    Header,
    /// A query or form parameter.
    Parameter,
    /// A key of JSON and its like.
    Key,
    /// Free text, where it cannot be told: secret in any of the others.
    Text,
}

/// How much of a value under a secret name goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::secret) enum Shape {
    /// All of it.
    #[default]
    Whole,
    /// All but the scheme before the blank: `Bearer …`.
    Scheme,
    /// The values of `name=value; name=value`.
    Cookies,
    /// The value of the first pair; the attributes behind it stay.
    SetCookie,
}

/// What is done with the value under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::secret) struct NameRule {
    /// What a placeholder calls it. Shape: `api_key`.
    pub(in crate::secret) label: String,
    /// Whether only values that look made by a machine are secret here.
    pub(in crate::secret) is_opaque_only: bool,
    /// How much of the value goes.
    pub(in crate::secret) shape: Shape,
    /// Whether values inside an object under the name are secret too.
    pub(in crate::secret) is_deep: bool,
}

/// All names with their rules.
///
/// *Source*: `assets/redaction/names.toml`.
#[derive(Debug, Default)]
pub(in crate::secret) struct NameRules {
    header: HashMap<String, NameRule>,
    parameter: HashMap<String, NameRule>,
    key: HashMap<String, NameRule>,
    kept_headers: HashSet<String>,
    kept_keys: HashSet<String>,
    beside: HashSet<String>,
    reason: HashSet<String>,
    errors: HashSet<String>,
    schemes: HashSet<String>,
    lists: HashSet<String>,
    words: Words,
    by_word: HashMap<&'static str, NameRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    secret: Vec<Entry>,
    words: Words,
    keep: Keep,
    reason: Reason,
    schemes: Schemes,
    pairs: Pairs,
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

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    contains: Vec<String>,
    ends: Vec<String>,
    pairs: Vec<(String, String)>,
    about_first: HashSet<String>,
    about_last: HashSet<String>,
    about_token: HashSet<String>,
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

impl NameRules {
    /// Reads the rules.
    ///
    /// *Errors*: text that is no TOML or has an unknown member; the error names the line.
    pub(in crate::secret) fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let mut rules = Self { words: file.words, reason: file.reason.words, ..Self::default() };
        for entry in file.secret {
            let rule = NameRule {
                label: entry.label,
                is_opaque_only: entry.when == When::Opaque,
                shape: entry.shape,
                is_deep: entry.deep,
            };
            for place in entry.r#in {
                let map = match place {
                    EntryPlace::Header => &mut rules.header,
                    EntryPlace::Parameter => &mut rules.parameter,
                    EntryPlace::Key => &mut rules.key,
                };
                for name in &entry.names {
                    // The first entry wins, so that a later opaque one cannot weaken it.
                    map.entry(folded(name)).or_insert_with(|| rule.clone());
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
        for label in ["password", "token", "secret", "api_key", "session"] {
            let rule = NameRule { label: label.to_owned(), is_opaque_only: false, shape: Shape::Whole, is_deep: false };
            rules.by_word.insert(label, rule);
        }
        Ok(rules)
    }

    /// The rule for values under this name; none if the name is not secret.
    pub(in crate::secret) fn find(&self, place: NamePlace, name: &str) -> Option<&NameRule> {
        let whole = folded(name);
        if whole.is_empty() || self.is_kept_folded(place, &whole) {
            return None;
        }
        self.exact(place, &whole).or_else(|| self.by_last_part(place, name)).or_else(|| self.by_words(name))
    }

    /// Whether the name is one of those that are always kept.
    pub(in crate::secret) fn is_kept(&self, place: NamePlace, name: &str) -> bool {
        self.is_kept_folded(place, &folded(name))
    }

    /// Whether a member of that name beside a secret only says what the secret is.
    pub(in crate::secret) fn is_beside(&self, name: &str) -> bool {
        self.beside.contains(&folded(name))
    }

    /// Whether the name holds a list of `[name, value]` pairs.
    pub(in crate::secret) fn is_pair_list(&self, name: &str) -> bool {
        self.lists.contains(&folded(name))
    }

    /// Whether the name belongs to an error, so that field names below it hold reasons.
    pub(in crate::secret) fn is_error(&self, name: &str) -> bool {
        self.errors.contains(&folded(name))
    }

    /// Whether the word names how a credential travels: `Bearer`.
    pub(in crate::secret) fn is_scheme(&self, word: &str) -> bool {
        self.schemes.contains(&folded(word))
    }

    /// Whether a text reads as a reason, such as `This field is required.`
    pub(in crate::secret) fn is_reason(&self, text: &str) -> bool {
        let mut words = text.split_whitespace();
        text.len() <= 400
            && text.trim().contains(char::is_whitespace)
            && words.any(|word| {
                let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
                self.reason.contains(&bare)
            })
    }

    fn is_kept_folded(&self, place: NamePlace, folded: &str) -> bool {
        match place {
            NamePlace::Header => self.kept_headers.contains(folded),
            _ => self.kept_keys.contains(folded) || self.kept_headers.contains(folded),
        }
    }

    fn exact(&self, place: NamePlace, folded: &str) -> Option<&NameRule> {
        match place {
            NamePlace::Header => self.header.get(folded),
            NamePlace::Parameter => self.parameter.get(folded),
            // Headers also stand as keys: `{"headers": {"Authorization": …}}`.
            NamePlace::Key => self.key.get(folded).or_else(|| self.header.get(folded)),
            NamePlace::Text => {
                self.key.get(folded).or_else(|| self.header.get(folded)).or_else(|| self.parameter.get(folded))
            }
        }
    }

    /// `user[pin]` and `user.pin` by their last part.
    fn by_last_part(&self, place: NamePlace, name: &str) -> Option<&NameRule> {
        let trimmed = name.trim_end_matches([']', '[']);
        let (_, last) = trimmed.rsplit_once(['[', '.', '/', '$'])?;
        let last = folded(last);
        if self.is_kept_folded(place, &last) { None } else { self.exact(place, &last) }
    }

    fn by_words(&self, name: &str) -> Option<&NameRule> {
        let words = words_of(name);
        let (first, last) = (words.first()?, words.last()?);
        if words.len() > 1 && (self.words.about_first.contains(first) || self.words.about_last.contains(last)) {
            return None;
        }
        let ends_with_token = last.ends_with("token");
        if ends_with_token {
            let stem = last.trim_end_matches("token");
            let about = &self.words.about_token;
            if about.contains(stem) || words.iter().any(|word| about.contains(word)) {
                return None;
            }
            // `pagetoken` in one word; a stem that merely ends so is rare and stays visible in the manifest.
            if about.iter().any(|word| word.len() >= 4 && stem.ends_with(word.as_str())) {
                return None;
            }
        }
        let contains = self.words.contains.iter().find(|part| words.contains(part));
        let found = contains.or_else(|| self.words.ends.iter().find(|end| last.ends_with(end.as_str())));
        if let Some(word) = found {
            return self.by_word.get(label_of(word));
        }
        let tail = words.get(words.len().checked_sub(2)?..)?;
        let pair = self.words.pairs.iter().find(|(a, b)| tail.first() == Some(a) && tail.get(1) == Some(b))?;
        self.by_word.get(if pair.0 == "session" { "session" } else { "api_key" })
    }
}

fn label_of(word: &str) -> &'static str {
    match word {
        "password" | "passwd" | "passphrase" => "password",
        "token" => "token",
        "apikey" => "api_key",
        _ => "secret",
    }
}

/// A name without case, separators and brackets.
pub(in crate::secret) fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.' | '[' | ']' | ' ' | '$'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The words of a name in lower case: `stripeSecretKey`, `stripe_secret_key` and `Stripe-Secret-Key` are three words.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut chars = name.chars().peekable();
    let mut previous: Option<char> = None;
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            previous = None;
            continue;
        }
        let was_lower = previous.is_some_and(|p| p.is_lowercase() || p.is_ascii_digit());
        let was_upper = previous.is_some_and(char::is_uppercase);
        let next_is_lower = chars.peek().is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && (was_lower || (was_upper && next_is_lower)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
        previous = Some(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a value looks made by a machine, so that it may be a secret under a name that also has plain uses.
///
/// Eight characters and more without a blank, with letters and digits or both cases mixed inside a word, or very long.
pub(in crate::secret) fn is_opaque(value: &str) -> bool {
    if value.len() < 8 || value.contains(char::is_whitespace) {
        return false;
    }
    let has_digit = value.bytes().any(|b| b.is_ascii_digit());
    let has_letter = value.bytes().any(|b| b.is_ascii_alphabetic());
    let bytes = value.as_bytes();
    let turns =
        bytes.windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    let is_date = value.len() <= 32
        && value.get(..4).is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()))
        && value.as_bytes().get(4) == Some(&b'-');
    (has_digit && has_letter && !is_date)
        || turns.count() >= 2
        || (value.len() >= 24 && !value.contains(['_', '-', '.', '/']))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
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
                        assert!(rules.find(place, &spelled).is_some(), "{spelled} as {place:?}");
                    }
                }
            }
        }
        for name in file.keep.headers {
            assert!(rules.find(NamePlace::Header, &name).is_none(), "{name}");
        }
        for name in file.keep.keys {
            assert!(rules.find(NamePlace::Key, &name).is_none(), "{name}");
        }
    }

    #[test]
    fn compound_names_are_secret_by_their_words() {
        let rules = rules();
        for name in [
            "userPassword",
            "new_password",
            "dbPasswd",
            "stripeSecretKey",
            "slack_token",
            "githubToken",
            "authtoken",
            "client-secret-value",
            "awsSecretAccessKey",
            "user[password]",
            "user[otp]",
            "account.pin",
            "openaiApiKey",
            "X-Acme-Api-Key",
            "OPENAI_API_KEY",
            "accessToken",
            "webhookSecret",
            "password_confirmation",
            "APIKey",
        ] {
            assert!(rules.find(NamePlace::Key, name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_about_secrets_and_plain_names_stay() {
        let rules = rules();
        for name in [
            "max_tokens",
            "maxTokens",
            "next_page_token",
            "nextPageToken",
            "nextpagetoken",
            "author",
            "authored_by",
            "code",
            "state",
            "key",
            "has_password",
            "token_type",
            "password_expires_at",
            "tokenCount",
            "secretary",
            "pinned",
            "sessions_url",
            "compass",
            "passenger",
            "keyboard",
            "idempotency_key",
            "signature_algorithm",
            "field",
            "publishAt",
            "message",
            "request_id",
        ] {
            assert!(rules.find(NamePlace::Key, name).is_none(), "{name}");
        }
        assert!(rules.find(NamePlace::Header, "X-RateLimit-Remaining-Tokens").is_none());
        assert!(rules.find(NamePlace::Header, "Idempotency-Key").is_none());
        assert!(rules.find(NamePlace::Header, "WWW-Authenticate").is_none());
    }

    #[test]
    fn opaque_values_are_told_from_words() {
        for value in ["af0ifjsldkj", "SplxlOBeZQQYbYS6WxSbIA", "4/0AX4XfWhAbCd", "abcdefghijklmnopqrstuvwxyz"] {
            assert!(is_opaque(value), "{value}");
        }
        for value in [
            "published",
            "scheduled",
            "invalid_request",
            "2026-11-23T10:00:00Z",
            "createdAt",
            "12345678",
            "two words 12",
        ] {
            assert!(!is_opaque(value), "{value}");
        }
    }

    #[test]
    fn reasons_are_told_from_passphrases() {
        let rules = rules();
        assert!(rules.is_reason("This field is required."));
        assert!(rules.is_reason("can't be blank"));
        assert!(!rules.is_reason("correct horse battery staple"));
        assert!(!rules.is_reason("required"));
    }
}
