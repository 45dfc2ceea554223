//! Replacements in a text, and where its places are afterwards.

use std::ops::Range;

use zeroize::Zeroizing;

/// One replaced stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes replaced in the text as it was.
    pub range: Range<usize>,
    /// What stands there now.
    pub text: String,
}

/// Replacements in order and without overlaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits(Vec<Edit>);

impl Edits {
    /// Takes edits that are in order and do not overlap.
    pub(in crate::secret) fn new(edits: Vec<Edit>) -> Self {
        Self(edits)
    }

    /// Whether nothing is replaced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The edits in order.
    pub fn iter(&self) -> impl Iterator<Item = &Edit> {
        self.0.iter()
    }

    /// The text with every edit made.
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for edit in &self.0 {
            out.push_str(text.get(at..edit.range.start).unwrap_or_default());
            out.push_str(&edit.text);
            at = edit.range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    /// Where a stretch of the old text stands in the new one; what lay inside a replaced stretch becomes all of it.
    ///
    /// Units: bytes.
    pub fn map(&self, range: Range<usize>) -> Range<usize> {
        let (mut start, mut end) = (range.start, range.end);
        let mut shift = 0isize;
        for edit in &self.0 {
            let (old, new_len) = (&edit.range, edit.text.len());
            let new_start = old.start.saturating_add_signed(shift);
            if old.start < range.end && range.start < old.end {
                if range.start > old.start {
                    start = new_start;
                }
                if range.end < old.end {
                    end = new_start + new_len;
                }
            }
            let grown = new_len as isize - old.len() as isize;
            shift += grown;
            if range.start >= old.end {
                start = range.start.saturating_add_signed(shift);
            }
            if range.end >= old.end {
                end = range.end.saturating_add_signed(shift);
            }
        }
        start..end
    }
}

/// One value that has to go, before it has its pseudonym.
///
/// *Secrets*: yes, in `value`.
#[derive(Clone)]
pub(in crate::secret) struct Found {
    /// The bytes to replace.
    pub range: Range<usize>,
    /// What the placeholder calls it.
    pub label: String,
    /// The rule, for the manifest.
    pub rule: String,
    /// The value as the program knows it, without the escapes of its place.
    pub value: Zeroizing<String>,
    /// How it is put in.
    pub how: How,
}

impl Found {
    /// A stretch whose new text is made already.
    pub(in crate::secret) fn ready(range: Range<usize>, text: String) -> Self {
        let (label, rule) = (String::new(), String::new());
        Self { range, label, rule, value: Zeroizing::default(), how: How::Ready(text) }
    }

    /// The same in a text that begins earlier by so many bytes.
    pub(in crate::secret) fn moved(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }
}

/// How a replacement is written.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::secret) enum How {
    /// As a placeholder.
    Plain,
    /// As a placeholder in quotes, where a JSON number stood.
    Quoted,
    /// As this text, which was redacted already.
    Ready(String),
}

/// Puts what was found in order; of two that overlap one in `strong` wins, and the other loses what they share.
pub(in crate::secret) fn merged(strong: Vec<Found>, weak: Vec<Found>) -> Vec<Found> {
    let ranked = strong.into_iter().map(|f| (0u8, f)).chain(weak.into_iter().map(|f| (1, f)));
    let mut all: Vec<(u8, Found)> = ranked.collect();
    all.sort_by(|(a_rank, a), (b_rank, b)| {
        a.range.start.cmp(&b.range.start).then(a_rank.cmp(b_rank)).then(b.range.end.cmp(&a.range.end))
    });
    let mut out: Vec<(u8, Found)> = Vec::with_capacity(all.len());
    for (rank, mut next) in all {
        let mut is_covered = next.range.is_empty();
        while let Some((last_rank, last)) = out.last_mut() {
            if is_covered || last.range.end <= next.range.start {
                break;
            }
            if rank < *last_rank {
                // The stronger one also takes what the weaker one covered behind it.
                next.range.end = next.range.end.max(last.range.end);
                if next.range.start > last.range.start {
                    last.range.end = next.range.start;
                } else {
                    out.pop();
                }
            } else if next.range.end <= last.range.end {
                is_covered = true;
            } else {
                next.range.start = last.range.end;
            }
        }
        if !is_covered {
            out.push((rank, next));
        }
    }
    out.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::single_range_in_vec_init)]
mod tests {
    use super::*;

    fn edit(range: Range<usize>, text: &str) -> Edit {
        Edit { range, text: text.into() }
    }

    fn found(range: Range<usize>) -> Found {
        Found { range, label: String::new(), rule: String::new(), value: Zeroizing::default(), how: How::Plain }
    }

    #[test]
    fn overlaps_are_covered_once() {
        let cases: [[&[Range<usize>]; 3]; 4] = [
            [&[2..6], &[0..4, 5..9, 3..5], &[0..2, 2..6, 6..9]],
            [&[4..6], &[2..8], &[2..4, 4..8]],
            [&[2..6], &[2..6], &[2..6]],
            [&[], &[3..7, 3..5, 5..9], &[3..7, 7..9]],
        ];
        for [strong, weak, expected] in cases {
            let list = |ranges: &[Range<usize>]| ranges.iter().cloned().map(found).collect::<Vec<_>>();
            let merged: Vec<_> = merged(list(strong), list(weak)).into_iter().map(|f| f.range).collect();
            assert_eq!(merged, expected);
        }
    }

    #[test]
    fn places_move_with_the_text() {
        let edits = Edits::new(vec![edit(2..4, "LONGER"), edit(6..8, "")]);
        assert_eq!(edits.apply("0123456789"), "01LONGER4589");
        assert_eq!(edits.map(0..2), 0..2);
        assert_eq!(edits.map(2..4), 2..8);
        assert_eq!(edits.map(1..5), 1..9);
        assert_eq!(edits.map(3..4), 2..8);
        assert_eq!(edits.map(4..6), 8..10);
        assert_eq!(edits.map(8..10), 10..12);
        assert_eq!(edits.map(0..10), 0..12);
    }
}
