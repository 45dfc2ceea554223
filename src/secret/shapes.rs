//! Which parts of a value under a secret name are the secret: a scheme, cookie names and attributes stay.

use std::ops::Range;

use super::names::{NameRule, NameRules, Shape};
use super::words::is_opaque;

/// The secret stretches of a value, as byte ranges into it; none if nothing of it is secret.
pub(in crate::secret) fn secret_parts(names: &NameRules, rule: &NameRule, value: &str) -> Vec<Range<usize>> {
    let start = value.len() - value.trim_start().len();
    let end = value.trim_end().len();
    let Some(inner) = value.get(start..end.max(start)).filter(|inner| !inner.is_empty()) else { return Vec::new() };
    if rule.is_opaque_only && !is_opaque(inner) {
        return Vec::new();
    }
    match rule.shape {
        Shape::Whole | Shape::Scheme => {
            let secret = start + scheme_len(names, inner)..end;
            std::iter::once(secret).collect()
        }
        Shape::Cookies => {
            let mut parts = Vec::new();
            let mut at = start;
            for pair in inner.split(';') {
                parts.extend(pair_value(pair, at));
                at += pair.len() + 1;
            }
            parts
        }
        Shape::SetCookie => {
            let mut parts = Vec::new();
            let mut at = start;
            for line in inner.split('\n') {
                let first = line.split(';').next().unwrap_or(line);
                parts.extend(pair_value(first, at));
                at += line.len() + 1;
            }
            parts
        }
    }
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect()
}

/// How many bytes of the beginning only say how the credential travels.
fn scheme_len(names: &NameRules, value: &str) -> usize {
    match value.split_once(char::is_whitespace) {
        Some((word, rest)) if names.is_scheme(word) => value.len() - rest.trim_start().len(),
        None if names.is_scheme(value) => value.len(),
        _ => 0,
    }
}

/// The value of `name=value`, or all of it where there is no name; a deleted cookie has an empty one.
fn pair_value(pair: &str, at: usize) -> Option<Range<usize>> {
    let start = pair.find('=').map_or(pair.len() - pair.trim_start().len(), |equals| equals + 1);
    let end = pair.trim_end().len();
    (start < end).then(|| at + start..at + end)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::names::NamePlace;
    use super::*;

    fn parts<'a>(header: &str, value: &'a str) -> Vec<&'a str> {
        let names = NameRules::from_toml(include_str!("../../assets/redaction/names.toml")).unwrap();
        let rule = names.lookup().find(NamePlace::Header, header).unwrap();
        secret_parts(&names, rule, value).into_iter().map(|range| &value[range]).collect()
    }

    #[test]
    fn the_secret_part_of_each_shape() {
        assert_eq!(parts("authorization", "Bearer  abc.def "), vec!["abc.def"]);
        assert_eq!(parts("authorization", "abc def"), vec!["abc def"]);
        assert_eq!(parts("authorization", "Bearer"), Vec::<&str>::new());
        assert_eq!(parts("cookie", "a=1; b=x=y ;flag; c="), vec!["1", "x=y", "flag"]);
        assert_eq!(parts("set-cookie", "sid=abc; Path=/; HttpOnly"), vec!["abc"]);
        assert_eq!(parts("set-cookie", "sid=; Max-Age=0"), Vec::<&str>::new());
        assert_eq!(parts("x-api-key", " k "), vec!["k"]);
        assert_eq!(parts("x-api-key", "  "), Vec::<&str>::new());
    }
}
