//! The net of names over a text whose form is not known: pairs, JSON in between, markup, forms and command lines.

use memchr::memchr2;

use super::edits::Found;
use super::json::{self, Extent};
use super::names::Lookup;
use super::view::View;
use super::{flags, markup, multipart, pairs};

/// How many bytes may be read again because what began like JSON was none, for each byte of the text.
const MAX_READ_AGAIN: usize = 4;

/// What the names in a text give away, in no order; places may overlap.
pub(in crate::secret) fn find(lookup: &mut Lookup<'_>, text: &str) -> Vec<Found> {
    let mut found = pairs::find(lookup, text);
    found.extend(embedded_json(lookup, text));
    found.extend(markup::find(lookup, text));
    found.extend(multipart::find(lookup, text));
    found.extend(flags::find(lookup, text));
    found
}

/// The same in another reading of the text, with the places in the text itself.
pub(in crate::secret) fn find_in(lookup: &mut Lookup<'_>, view: &View) -> Vec<Found> {
    let mut found = find(lookup, &view.text());
    for hit in &mut found {
        hit.range = view.place(hit.range.clone());
    }
    found
}

/// Objects and lists of JSON between other text, as logs have them.
fn embedded_json(lookup: &mut Lookup<'_>, text: &str) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut budget = text.len().saturating_mul(MAX_READ_AGAIN);
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| memchr2(b'{', b'[', rest)).map(|at| from + at) {
        from = at + 1;
        let mut inside = bytes.get(at + 1..).unwrap_or_default().iter().take(64).filter(|b| !b.is_ascii_whitespace());
        if !matches!(inside.next(), Some(b'"' | b'{' | b'[')) {
            continue;
        }
        let scan = json::scan(lookup, text, at, Extent::First);
        if scan.is_clean {
            from = scan.end.max(from);
        } else {
            // What was read counts all the same: names in broken JSON are names.
            budget = budget.saturating_sub(scan.end - at);
            if budget == 0 {
                from = scan.end.max(from);
            }
        }
        found.extend(scan.found);
    }
    found
}
