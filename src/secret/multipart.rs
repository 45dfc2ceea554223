//! Finds the secret parts of a multipart form by their names.

use std::sync::LazyLock;

use memchr::memmem;
use zeroize::Zeroizing;

use super::edits::{Found, How};
use super::names::{Lookup, NamePlace};
use crate::text::head_end;

/// Made once: most texts are short.
static FORM_DATA: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("form-data;"));

/// The longest line that a part's name is looked for in.
const MAX_LINE_BYTES: usize = 512;

/// Every part under a secret name in the text, in order; the headers of a part stay.
///
/// *Source*: RFC 7578 section 4.2.
pub(in crate::secret) fn find(lookup: &mut Lookup<'_>, text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.as_bytes().get(from..).and_then(|rest| FORM_DATA.find(rest)) {
        let start = from + at;
        from = start + "form-data;".len();
        let near = text.get(from..text.floor_char_boundary((from + MAX_LINE_BYTES).min(text.len())));
        let line = near.and_then(|near| near.lines().next()).unwrap_or_default();
        let Some(name) = name_of(line) else { continue };
        let Some(rule) = lookup.find(NamePlace::Text, name) else { continue };
        let Some(rest) = text.get(from..) else { break };
        let Some(head_len) = head_end(rest) else { continue };
        let body = rest.get(head_len..).unwrap_or_default();
        let len = memmem::find(body.as_bytes(), b"\n--").unwrap_or(body.len());
        let value = body.get(..len).unwrap_or_default();
        let value = value.strip_suffix('\r').filter(|_| len < body.len()).unwrap_or(value);
        let range = from + head_len..from + head_len + value.len();
        from = range.end;
        if !value.trim().is_empty() {
            found.push(Found {
                label: rule.label.clone(),
                rule: format!("name {}", name.to_lowercase()),
                value: Zeroizing::new(value.to_owned()),
                range,
                how: How::Plain,
            });
        }
    }
    found
}

fn name_of(line: &str) -> Option<&str> {
    let at = line.match_indices("name=").map(|(at, _)| at).find(|at| {
        let before = line.get(..*at).unwrap_or_default();
        before.ends_with([' ', ';', '\t'])
    })?;
    let rest = line.get(at + "name=".len()..)?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([';', ' ', '\t', '\r']).next(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::names::NameRules;
    use super::*;

    #[test]
    fn the_part_under_a_secret_name_is_found() {
        let names = NameRules::from_toml(include_str!("../../assets/redaction/names.toml")).unwrap();
        for (text, expected) in [
            (
                "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHello\r\n--b\r\n\
                 Content-Disposition: form-data; name=\"password\"; filename=\"x\"\r\nContent-Type: text/plain\r\n\r\n\
                 hunter2\r\nmore\r\n--b--\r\n",
                vec!["hunter2\r\nmore"],
            ),
            ("content-disposition: form-data; name=password\n\nx", vec!["x"]),
            ("form-data; filename=\"password\"\n\nx", vec![]),
            ("form-data; name=\"password\"", vec![]),
        ] {
            let found = find(&mut names.lookup(), text);
            assert_eq!(found.into_iter().map(|f| &text[f.range]).collect::<Vec<_>>(), expected);
        }
    }
}
