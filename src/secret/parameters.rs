//! Finds the secrets of an address or a form: user information, and parameters by their names.

use std::ops::Range;

use zeroize::Zeroizing;

use super::edits::{Found, How};
use super::names::{Lookup, NamePlace};
use super::placeholder::is_in_placeholder;
use super::words::is_opaque;

/// User name and password before the host, whatever they are.
pub(super) fn user_information(url: &str) -> Vec<Found> {
    let head_end = url.find(['?', '#']).unwrap_or(url.len());
    // One that takes over the scheme begins with its slashes, which browsers and servers read either way round.
    let begins = matches!(url.as_bytes(), [b'/' | b'\\', b'/' | b'\\', ..]).then_some(2);
    let Some(start) = url.find("://").filter(|at| *at < head_end).map(|at| at + 3).or(begins) else {
        return Vec::new();
    };
    let end = url.get(start..head_end).and_then(|rest| rest.find(['/', '\\']));
    let end = end.map_or(head_end, |at| start + at);
    let Some(at) = url.get(start..end).and_then(|host| host.rfind('@')) else { return Vec::new() };
    let info = start..start + at;
    let colon = url.get(info.clone()).and_then(|info| info.find(':')).map_or(info.end, |at| start + at);
    let parts = [(info.start..colon, "user"), (colon + 1..info.end.max(colon + 1), "password")];
    let found = parts.into_iter().filter_map(|(range, label)| {
        let value = url.get(range.clone()).filter(|value| !value.is_empty())?;
        Some(Found {
            range,
            label: label.to_owned(),
            rule: "url user information".to_owned(),
            value: Zeroizing::new(decoded(value)),
            how: How::Plain,
        })
    });
    found.collect()
}

/// The parameters of an address, in its query and its fragment.
pub(super) fn of_url(lookup: &mut Lookup<'_>, url: &str) -> Vec<Found> {
    // The number sign of our own placeholders begins no fragment, else a second pass would remove them anew.
    let signs = url.char_indices().filter(|(at, c)| matches!(c, '?' | '#') && !is_in_placeholder(url, *at));
    let mut signs = signs.map(|(at, _)| at).peekable();
    let mut found = Vec::new();
    while let Some(at) = signs.next() {
        found.extend(find(lookup, url, at + 1..signs.peek().copied().unwrap_or(url.len())));
    }
    found
}

/// Parameters of a query or form by their names.
pub(super) fn find(lookup: &mut Lookup<'_>, text: &str, range: Range<usize>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = range.start;
    for pair in text.get(range).unwrap_or_default().split('&') {
        let start = at;
        at += pair.len() + 1;
        let Some((name, value)) = pair.split_once('=') else { continue };
        let (name, plain) = (decoded(name), Zeroizing::new(decoded(value)));
        let Some(rule) = lookup.find(NamePlace::Parameter, name.trim()) else { continue };
        if plain.is_empty() || (rule.is_opaque_only && !is_opaque(&plain)) {
            continue;
        }
        let value_start = start + pair.len() - value.len();
        found.push(Found {
            range: value_start..value_start + value.trim_end_matches(['\r', '\n']).len(),
            label: rule.label.clone(),
            rule: format!("name {}", name.trim().to_lowercase()),
            value: plain,
            how: How::Plain,
        });
    }
    found
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
