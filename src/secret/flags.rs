//! Finds secrets in command lines: `--password x`, `-u user:password` and the like.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use zeroize::Zeroizing;

use super::edits::{Found, How};
use super::names::{Lookup, NamePlace};
use super::shapes::secret_parts;

/// Made once: most texts are short.
static DASHES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("--"));
static CURL: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("curl"));
static WGET: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("wget"));

/// Flags whose word is `user:password`, as curl and wget have them.
const USER_FLAGS: [&str; 4] = ["-u", "--user", "--proxy-user", "-U"];

/// Flags whose word is a line of cookies, as curl has them.
const COOKIE_FLAGS: [&str; 2] = ["-b", "--cookie"];

/// Every secret word behind a flag, in order.
pub(in crate::secret) fn find(lookup: &mut Lookup<'_>, text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for at in DASHES.find_iter(text.as_bytes()) {
        if !is_word_start(text, at) {
            continue;
        }
        let name_len = text.as_bytes().get(at + 2..).unwrap_or_default().iter();
        let name_len = name_len.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        let name = at + 2..at + 2 + name_len;
        let (Some(name_text), Some(word)) = (text.get(name.clone()), word_after(text, name.end)) else { continue };
        // A flag that stands alone is followed by the next flag.
        if name_text.is_empty() || text.get(word.clone()).is_none_or(|word| word.starts_with('-')) {
            continue;
        }
        if let Some(rule) = lookup.find(NamePlace::Key, name_text) {
            let value = text.get(word.clone()).unwrap_or_default();
            found.extend(secret_parts(lookup.rules(), rule, value).into_iter().map(|part| Found {
                label: rule.label.clone(),
                rule: format!("name {}", name_text.to_lowercase()),
                value: Zeroizing::new(value.get(part.clone()).unwrap_or_default().to_owned()),
                range: word.start + part.start..word.start + part.end,
                how: How::Plain,
            }));
        }
    }
    // Only beside the command's own name: `-u` means many things.
    if [&CURL, &WGET].into_iter().any(|name| name.find(text.as_bytes()).is_some()) {
        for flag in COOKIE_FLAGS {
            for at in memmem::find_iter(text.as_bytes(), flag.as_bytes()).filter(|at| is_word_start(text, *at)) {
                found.extend(cookie_words(lookup, text, at + flag.len()));
            }
        }
        for flag in USER_FLAGS {
            found
                .extend(memmem::find_iter(text.as_bytes(), flag.as_bytes()).filter_map(|at| user_word(text, at, flag)));
        }
    }
    found
}

/// The values of `name=value; name=value` behind a flag; a word without `=` is a file's name.
fn cookie_words(lookup: &mut Lookup<'_>, text: &str, end: usize) -> Vec<Found> {
    let word = word_after(text, end).filter(|word| text.get(word.clone()).is_some_and(|word| word.contains('=')));
    let (Some(word), Some(rule)) = (word, lookup.find(NamePlace::Header, "cookie")) else { return Vec::new() };
    let value = text.get(word.clone()).unwrap_or_default();
    let parts = secret_parts(lookup.rules(), rule, value).into_iter().map(|part| Found {
        label: rule.label.clone(),
        rule: "name cookie".to_owned(),
        value: Zeroizing::new(value.get(part.clone()).unwrap_or_default().to_owned()),
        range: word.start + part.start..word.start + part.end,
        how: How::Plain,
    });
    parts.collect()
}

fn user_word(text: &str, at: usize, flag: &str) -> Option<Found> {
    if !is_word_start(text, at) {
        return None;
    }
    let word = word_after(text, at + flag.len())?;
    let colon = text.get(word.clone())?.find(':')?;
    let range = word.start + colon + 1..word.end;
    let value = text.get(range.clone()).filter(|value| !value.is_empty() && !value.starts_with("//"))?;
    Some(Found {
        label: "password".to_owned(),
        rule: format!("flag {flag}"),
        value: Zeroizing::new(value.to_owned()),
        range,
        how: How::Plain,
    })
}

fn is_word_start(text: &str, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| text.as_bytes().get(i));
    before.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'[' | b',' | b'('))
}

/// The word behind a flag, without its quotes; none where a line ends or the flag goes on.
fn word_after(text: &str, end: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    // `["--password", "x"]` is a command line too.
    let rest = bytes.get(end..)?;
    let skip = match rest.first()? {
        b' ' | b'\t' => rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count(),
        b'"' | b'\'' if matches!(rest.get(1), Some(b',' | b' ')) => {
            1 + rest.iter().skip(1).take_while(|b| matches!(b, b',' | b' ')).count()
        }
        _ => return None,
    };
    let start = end + skip;
    let quote = bytes.get(start).copied().filter(|b| matches!(b, b'"' | b'\''));
    let (start, is_end): (usize, fn(u8, u8) -> bool) = match quote {
        Some(_) => (start + 1, |b, quote| b == quote),
        None => (start, |b, _| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b';' | b'|' | b')' | b',')),
    };
    let rest = bytes.get(start..)?;
    let len = rest.iter().position(|b| is_end(*b, quote.unwrap_or_default())).unwrap_or(rest.len());
    (len > 0).then(|| start..start + len)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::names::NameRules;
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let names = NameRules::from_toml(include_str!("../../assets/redaction/names.toml")).unwrap();
        find(&mut names.lookup(), text).into_iter().map(|found| text[found.range].to_owned()).collect()
    }

    #[test]
    fn words_behind_secret_flags_are_found() {
        let cases: &[(&str, &[&str])] = &[
            ("mysql --user me --password hunter2 db", &["hunter2"]),
            ("gh --token 'a b'", &["a b"]),
            ("[\"--api-key\", \"k1\"]", &["k1"]),
            ("curl -u me:hunter2 http://x/", &["hunter2"]),
            ("curl --user \"me:hunter 2\" http://x/", &["hunter 2"]),
            ("curl -b 'sid=a; b=c' http://x/", &["a", "c"]),
        ];
        for (text, expected) in cases {
            assert_eq!(values(text), *expected, "{text}");
        }
    }

    #[test]
    fn other_flags_stay() {
        for text in
            ["--max-tokens 100", "--password --verbose", "a--password b", "tar -u x:y", "curl -u me http://x", "--"]
        {
            assert_eq!(values(text), Vec::<String>::new(), "{text}");
        }
    }
}
