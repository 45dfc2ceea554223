//! Names whose values are secrets: headers, parameters and keys, folded over case and spelling.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use foldhash::fast::RandomState;
use serde::Deserialize;

use super::words::{folded, words_of};

/// How many names a memo holds, and how long one may be; others are looked up anew each time.
const MAX_MEMO_NAMES: usize = 8192;
const MAX_MEMO_NAME_BYTES: usize = 64;

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

/// The number of a rule in [`NameRules::rules`].
type RuleId = u16;

/// What a name says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Plain,
    /// Its value always stays.
    Kept,
    /// It would be secret, but the person said that it is not.
    Excepted,
    Secret(RuleId),
}

/// All names with their rules.
///
/// *Source*: `assets/redaction/names.toml`, and what the person added.
#[derive(Debug, Default)]
pub(in crate::secret) struct NameRules {
    pub(super) rules: Vec<NameRule>,
    pub(super) header: HashMap<String, RuleId>,
    pub(super) parameter: HashMap<String, RuleId>,
    pub(super) key: HashMap<String, RuleId>,
    pub(super) kept_headers: HashSet<String>,
    pub(super) kept_keys: HashSet<String>,
    pub(super) excepted: HashSet<String>,
    pub(super) beside: HashSet<String>,
    pub(super) reason: HashSet<String>,
    pub(super) errors: HashSet<String>,
    pub(super) schemes: HashSet<String>,
    pub(super) lists: HashSet<String>,
    pub(super) catalogs: HashSet<String>,
    pub(super) words: Words,
    pub(super) by_word: HashMap<&'static str, RuleId>,
    pub(super) memo: Mutex<Memo>,
}

/// What single words of a longer name say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    contains: Vec<String>,
    ends: Vec<String>,
    pairs: Vec<(String, String)>,
    about_first: HashSet<String>,
    about_last: HashSet<String>,
    about_token: HashSet<String>,
}

/// What was found out about a name, so that the thousandth `createdAt` costs one look.
#[derive(Debug, Default)]
pub(super) struct Memo {
    by_place: [HashMap<Box<str>, Verdict, RandomState>; 4],
    count: usize,
}

/// The rules with their memo, for one text.
pub(in crate::secret) struct Lookup<'r> {
    rules: &'r NameRules,
    memo: Held<'r>,
    /// Names that would have been secret without an exception.
    excepted: Vec<String>,
}

/// The shared memo, or one of one's own while another thread has it.
enum Held<'r> {
    Shared(MutexGuard<'r, Memo>),
    Own(Memo),
}

impl<'r> Lookup<'r> {
    /// The rule for values under this name; none if the name is not secret.
    pub(in crate::secret) fn find(&mut self, place: NamePlace, name: &str) -> Option<&'r NameRule> {
        match self.verdict(place, name) {
            Verdict::Secret(id) => self.rules.rules.get(usize::from(id)),
            Verdict::Excepted => {
                if !self.excepted.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                    self.excepted.push(name.to_lowercase());
                }
                None
            }
            Verdict::Plain | Verdict::Kept => None,
        }
    }

    /// Whether the name is one of those that are always kept.
    pub(in crate::secret) fn is_kept(&mut self, place: NamePlace, name: &str) -> bool {
        self.verdict(place, name) == Verdict::Kept
    }

    /// The rules themselves, for everything that is asked rarely.
    pub(in crate::secret) fn rules(&self) -> &'r NameRules {
        self.rules
    }

    /// Takes the names whose exception took effect.
    pub(in crate::secret) fn take_excepted(&mut self) -> Vec<String> {
        std::mem::take(&mut self.excepted)
    }

    fn verdict(&mut self, place: NamePlace, name: &str) -> Verdict {
        let memo = match &mut self.memo {
            Held::Shared(memo) => &mut **memo,
            Held::Own(memo) => memo,
        };
        let [header, parameter, key, text] = &mut memo.by_place;
        let names = match place {
            NamePlace::Header => header,
            NamePlace::Parameter => parameter,
            NamePlace::Key => key,
            NamePlace::Text => text,
        };
        if let Some(verdict) = names.get(name) {
            return *verdict;
        }
        let verdict = self.rules.verdict(place, name);
        if memo.count < MAX_MEMO_NAMES && name.len() <= MAX_MEMO_NAME_BYTES {
            names.insert(name.into(), verdict);
            memo.count += 1;
        }
        verdict
    }
}

impl NameRules {
    /// The rules for one text.
    pub(in crate::secret) fn lookup(&self) -> Lookup<'_> {
        let memo = match self.memo.try_lock() {
            Ok(memo) => Held::Shared(memo),
            Err(_) => Held::Own(Memo::default()),
        };
        Lookup { rules: self, memo, excepted: Vec::new() }
    }

    /// Whether a member of that name beside a secret only says what the secret is.
    pub(in crate::secret) fn is_beside(&self, name: &str) -> bool {
        self.beside.contains(&folded(name))
    }

    /// Whether the name holds a list of `[name, value]` pairs.
    pub(in crate::secret) fn is_pair_list(&self, name: &str) -> bool {
        self.lists.contains(&folded(name))
    }

    /// Whether members of an object of that name are named after packages and commands.
    pub(in crate::secret) fn is_catalog(&self, name: &str) -> bool {
        self.catalogs.contains(&folded(name))
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
        text.len() <= 400 && text.trim().contains(char::is_whitespace) && words.any(|word| self.is_reason_word(word))
    }

    /// Whether a word by itself is a reason: `required`.
    pub(in crate::secret) fn is_reason_word(&self, word: &str) -> bool {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        self.reason.contains(&bare)
    }

    fn verdict(&self, place: NamePlace, name: &str) -> Verdict {
        let whole = folded(name);
        if whole.is_empty() {
            return Verdict::Plain;
        }
        if self.is_kept_folded(place, &whole) {
            return Verdict::Kept;
        }
        let found =
            self.exact(place, &whole).or_else(|| self.by_last_part(place, name)).or_else(|| self.by_words(name));
        match found {
            Some(_) if self.excepted.contains(&whole) => Verdict::Excepted,
            Some(id) => Verdict::Secret(id),
            None => Verdict::Plain,
        }
    }

    fn is_kept_folded(&self, place: NamePlace, folded: &str) -> bool {
        match place {
            NamePlace::Header => self.kept_headers.contains(folded),
            _ => self.kept_keys.contains(folded) || self.kept_headers.contains(folded),
        }
    }

    fn exact(&self, place: NamePlace, folded: &str) -> Option<RuleId> {
        let found = match place {
            NamePlace::Header => {
                let other = self.key.get(folded).or_else(|| self.parameter.get(folded));
                let is_sure = |id: &&RuleId| self.rules.get(usize::from(**id)).is_some_and(|rule| !rule.is_opaque_only);
                self.header.get(folded).or_else(|| other.filter(is_sure))
            }
            NamePlace::Parameter => self.parameter.get(folded),
            // Headers also stand as keys: `{"headers": {"Authorization": …}}`.
            NamePlace::Key => self.key.get(folded).or_else(|| self.header.get(folded)),
            NamePlace::Text => {
                self.key.get(folded).or_else(|| self.header.get(folded)).or_else(|| self.parameter.get(folded))
            }
        };
        found.copied()
    }

    /// `user[pin]` and `user.pin` by their last part.
    fn by_last_part(&self, place: NamePlace, name: &str) -> Option<RuleId> {
        let trimmed = name.trim_end_matches([']', '[']);
        let (_, last) = trimmed.rsplit_once(['[', '.', '/', '$', ':'])?;
        let last = folded(last);
        if self.is_kept_folded(place, &last) { None } else { self.exact(place, &last) }
    }

    fn by_words(&self, name: &str) -> Option<RuleId> {
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
            return self.by_word.get(label_of(word)).copied();
        }
        let tail = words.get(words.len().checked_sub(2)?..)?;
        let pair = self.words.pairs.iter().find(|(a, b)| tail.first() == Some(a) && tail.get(1) == Some(b))?;
        self.by_word.get(if pair.0 == "session" { "session" } else { "api_key" }).copied()
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn rules() -> NameRules {
        NameRules::from_toml(include_str!("../../assets/redaction/names.toml")).unwrap()
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
            assert!(rules.lookup().find(NamePlace::Key, name).is_some(), "{name}");
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
            assert!(rules.lookup().find(NamePlace::Key, name).is_none(), "{name}");
        }
        assert!(rules.lookup().find(NamePlace::Header, "X-RateLimit-Remaining-Tokens").is_none());
        assert!(rules.lookup().find(NamePlace::Header, "Idempotency-Key").is_none());
        assert!(rules.lookup().find(NamePlace::Header, "WWW-Authenticate").is_none());
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
