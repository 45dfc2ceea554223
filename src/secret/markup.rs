//! Finds the secret values of XML and HTML by the names of their elements and attributes.

use std::ops::Range;

use memchr::memchr;
use zeroize::Zeroizing;

use super::edits::{Found, How};
use super::names::{Lookup, NamePlace};
use super::words::is_opaque;

/// Attributes whose text is the name of what stands in a [`VALUE_ATTRIBUTES`] attribute or in the element.
const NAME_ATTRIBUTES: [&str; 4] = ["name", "key", "id", "property"];
const VALUE_ATTRIBUTES: [&str; 2] = ["value", "content"];

/// The longest tag that is read.
const MAX_TAG_BYTES: usize = 4096;

/// Every secret value of an element in the text, in order.
///
/// `password="…"` inside a tag is a pair like any other and left to [`super::pairs`].
pub(in crate::secret) fn find(lookup: &mut Lookup<'_>, text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text.as_bytes().get(from..).and_then(|rest| memchr(b'<', rest)).map(|at| from + at) {
        from = open + 1;
        let Some(tag) = tag_at(text, open) else { continue };
        from = tag.end;
        let name = text.get(tag.name.clone()).unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or(name);
        let attributes = attributes_of(text, tag.name.end..tag.end);
        let named =
            attributes.iter().find(|(name, _)| is_one_of(text, name, &NAME_ATTRIBUTES)).map(|(_, value)| value.clone());
        let by_attribute =
            named.and_then(|range| Some((lookup.find(NamePlace::Text, text.get(range.clone())?)?, range)));
        if let Some((rule, name)) = &by_attribute {
            let values = attributes.iter().filter(|(name, _)| is_one_of(text, name, &VALUE_ATTRIBUTES));
            found.extend(
                values.filter_map(|(_, value)| a_find(text, value.clone(), rule.is_opaque_only, &rule.label, name)),
            );
        }
        let by_element = lookup.find(NamePlace::Key, local).map(|rule| (rule, tag.name.clone()));
        let Some((rule, name)) = by_element.or(by_attribute).filter(|_| !tag.is_empty) else { continue };
        let Some(content) = content_at(text, tag.end) else { continue };
        from = content.end;
        found.extend(a_find(text, content, rule.is_opaque_only, &rule.label, &name));
    }
    found
}

struct Tag {
    name: Range<usize>,
    /// Behind the `>`.
    end: usize,
    /// Whether nothing stands in it: `<a/>`.
    is_empty: bool,
}

fn tag_at(text: &str, open: usize) -> Option<Tag> {
    let rest = text.as_bytes().get(open + 1..)?;
    if !rest.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_') {
        return None;
    }
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':');
    let name_len = rest.iter().take_while(|b| is_name(b)).count();
    let near = rest.get(..MAX_TAG_BYTES.min(rest.len()))?;
    let mut quote = None;
    for (at, byte) in near.iter().enumerate().skip(name_len) {
        match (quote, byte) {
            (Some(open), byte) if *byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'>') => {
                let is_empty = at.checked_sub(1).and_then(|i| near.get(i)) == Some(&b'/');
                return Some(Tag { name: open + 1..open + 1 + name_len, end: open + 1 + at + 1, is_empty });
            }
            (None, b'<') => return None,
            _ => {}
        }
    }
    None
}

/// Names and values of a tag's attributes.
fn attributes_of(text: &str, tag: Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let Some(inside) = text.as_bytes().get(tag.clone()) else { return Vec::new() };
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(sign) = inside.get(at..).and_then(|rest| memchr(b'=', rest)).map(|found| at + found) {
        let before = inside.get(..sign).unwrap_or_default();
        let end = before.len() - before.iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
        let name_len = before.get(..end).unwrap_or_default().iter().rev();
        let name_len =
            name_len.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':')).count();
        let blanks = inside.get(sign + 1..).unwrap_or_default().iter().take_while(|b| b.is_ascii_whitespace()).count();
        let start = sign + 1 + blanks;
        let Some(quote @ (b'"' | b'\'')) = inside.get(start) else {
            at = sign + 1;
            continue;
        };
        let Some(len) = inside.get(start + 1..).and_then(|rest| memchr(*quote, rest)) else { break };
        let value = start + 1..start + 1 + len;
        out.push((tag.start + end - name_len..tag.start + end, tag.start + value.start..tag.start + value.end));
        at = value.end + 1;
    }
    out
}

fn is_one_of(text: &str, name: &Range<usize>, names: &[&str]) -> bool {
    text.get(name.clone()).is_some_and(|name| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// The text between a tag and the next one, without the blanks around it.
fn content_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let (skip, len) = match rest.trim_start().strip_prefix("<![CDATA[") {
        Some(data) => (rest.len() - data.len(), data.find("]]>").unwrap_or(data.len())),
        None => (0, memchr(b'<', rest.as_bytes())?),
    };
    let content = rest.get(skip..skip + len)?;
    let trimmed = content.trim();
    let at = start + skip + (content.len() - content.trim_start().len());
    (!trimmed.is_empty()).then(|| at..at + trimmed.len())
}

fn a_find(text: &str, range: Range<usize>, is_opaque_only: bool, label: &str, name: &Range<usize>) -> Option<Found> {
    let value = text.get(range.clone()).filter(|value| !value.is_empty())?;
    (!is_opaque_only || is_opaque(value)).then(|| Found {
        label: label.to_owned(),
        rule: format!("name {}", text.get(name.clone()).unwrap_or_default().to_lowercase()),
        value: Zeroizing::new(value.to_owned()),
        range,
        how: How::Plain,
    })
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
    fn values_of_secret_elements_and_attributes_are_found() {
        let cases: &[(&str, &[&str])] = &[
            ("<password>hunter2</password>", &["hunter2"]),
            ("<ns:Password type=\"x>y\"> hunter2\n</ns:Password>", &["hunter2"]),
            ("<apiKey><![CDATA[a<b]]></apiKey>", &["a<b"]),
            ("<add key=\"Password\" value=\"x1\"/>", &["x1"]),
            ("<input type='password' name='password' value='x1'>", &["x1"]),
            ("<entry key=\"api_key\">x1</entry>", &["x1"]),
            ("<meta name=\"csrf-token\" content=\"x1\">", &["x1"]),
        ];
        for (text, expected) in cases {
            assert_eq!(values(text), *expected, "{text}");
        }
    }

    #[test]
    fn plain_markup_stays() {
        for text in
            ["<title>Password</title>", "a < b, password > c", "<password/>", "<password></password>", "<", "<password"]
        {
            assert_eq!(values(text), Vec::<String>::new(), "{text}");
        }
    }
}
