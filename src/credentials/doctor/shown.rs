//! What came from a token, made fit to be shown: on one line, short, and nothing that repeats the secret.

use std::collections::HashSet;

use crate::secret::Secret;
use crate::text::visible_line;

/// The most characters of one claim that are shown.
const CLAIM_CHARS: usize = 120;
/// The most entries of a list that are shown.
const LIST_ITEMS: usize = 12;
/// How many characters in a row would give a part of the secret away.
pub(super) const PIECE_CHARS: usize = 8;

/// Shows texts beside secrets that it keeps out of them.
///
/// *Secrets*: yes, pieces of them, as hashes only.
pub(super) struct Shown {
    pieces: HashSet<u64>,
}

impl Shown {
    pub(super) fn new<'a>(secrets: impl Iterator<Item = &'a Secret>) -> Self {
        Self { pieces: secrets.flat_map(|secret| pieces(secret.expose())).collect() }
    }

    /// A foreign text as one short line; a text that holds a piece of the secret is not shown at all.
    pub(super) fn text(&self, text: &str) -> String {
        // A claim may be a mebibyte long, and what is not shown need not be looked at.
        let head: String = text.chars().take(CLAIM_CHARS + PIECE_CHARS).collect();
        if pieces(&head).any(|piece| self.pieces.contains(&piece)) {
            return "(not shown, since it repeats a part of the secret)".into();
        }
        let line = visible_line(&head);
        if text.chars().nth(CLAIM_CHARS).is_none() && line.chars().count() <= 4 * CLAIM_CHARS {
            return line.into_owned();
        }
        let mut cut: String = line.chars().take(CLAIM_CHARS).collect();
        cut.push('…');
        cut
    }

    /// Several of them, joined by commas.
    pub(super) fn list<'a>(&self, items: impl IntoIterator<Item = &'a str>) -> String {
        let items: Vec<&str> = items.into_iter().collect();
        let mut shown: Vec<String> = items.iter().take(LIST_ITEMS).map(|item| self.text(item)).collect();
        if let Some(more) = items.len().checked_sub(LIST_ITEMS).filter(|more| *more > 0) {
            shown.push(format!("{more} more"));
        }
        shown.join(", ")
    }
}

/// Every run of that many characters, as a hash.
fn pieces(text: &str) -> impl Iterator<Item = u64> + '_ {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    let starts = text.char_indices().map(|(at, _)| at);
    let ends = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).skip(PIECE_CHARS);
    starts.zip(ends).map(|(start, end)| {
        let mut hasher = DefaultHasher::new();
        text.get(start..end).unwrap_or_default().hash(&mut hasher);
        hasher.finish()
    })
}

/// A length of time in words, of two units at most. Shape: `48 seconds`, `3 hours 5 minutes`, `12 days`.
pub(super) fn span_words(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let counted = |n: u64, unit: &str| if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") };
    let two = |first: (u64, &str), second: (u64, &str)| match second.0 {
        0 => counted(first.0, first.1),
        _ => format!("{} {}", counted(first.0, first.1), counted(second.0, second.1)),
    };
    match seconds {
        0..=119 => counted(seconds, "second"),
        120..=7_199 => counted(seconds / 60, "minute"),
        7_200..=172_799 => two((seconds / 3_600, "hour"), (seconds % 3_600 / 60, "minute")),
        172_800..=63_071_999 => counted(seconds / 86_400, "day"),
        _ => counted(seconds / 31_557_600, "year"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_repeats_the_secret_is_not_shown() {
        let secret = Secret::new("abcdefghijklmnop".into());
        let shown = Shown::new(std::iter::once(&secret));
        assert!(shown.text("xx cdefghij").starts_with("(not shown"));
        assert_eq!(shown.text("xx cdefghi"), "xx cdefghi");
        // Across the cut too.
        let long = format!("{}abcdefghijkl", "x".repeat(CLAIM_CHARS - 4));
        assert!(shown.text(&long).starts_with("(not shown"));
        assert_eq!(shown.text("a\u{1b}b\n"), "a\\u{1b}b\\n");
        assert_eq!(shown.text(&"y".repeat(1_000_000)).chars().count(), CLAIM_CHARS + 1);
    }

    #[test]
    fn lengths_of_time_read_as_people_say_them() {
        let cases = [
            (0, "0 seconds"),
            (1, "1 second"),
            (-48, "48 seconds"),
            (180, "3 minutes"),
            (11_100, "3 hours 5 minutes"),
            (7_200, "2 hours"),
            (1_036_800, "12 days"),
            (i64::MIN, "292271023045 years"),
        ];
        for (seconds, words) in cases {
            assert_eq!(span_words(seconds), words);
        }
    }
}
