//! Lines and columns of a text that is looked up often: at most three bits a byte, however short the lines are.

use super::{Position, Span};

/// Bits in a block between two stored counts.
const BLOCK_BITS: usize = 512;
/// Words in such a block.
const BLOCK_WORDS: usize = BLOCK_BITS / 64;

/// The lines of one text, without the text.
///
/// LF or CRLF end a line; what follows the last line end is a line too, so that an empty text has one.
/// Built in one pass; each look-up takes time by the logarithm of the text's length.
#[derive(Clone, Debug)]
pub struct LineIndex {
    /// Bytes of the text.
    len: usize,
    /// Every LF.
    newlines: Bits,
    /// Every LF after a CR.
    crlf: Bits,
    /// Every byte that continues a character.
    continuations: Bits,
}

impl LineIndex {
    /// Indexes a text.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let len = bytes.len();
        let newlines = Bits::new(len, memchr::memchr_iter(b'\n', bytes));
        let is_crlf = |&at: &usize| at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'\r');
        let crlf = Bits::new(len, memchr::memchr_iter(b'\n', bytes).filter(is_crlf));
        let continuations = if text.is_ascii() {
            Bits::new(len, std::iter::empty())
        } else {
            Bits::new(len, bytes.iter().enumerate().filter(|(_, b)| **b & 0xc0 == 0x80).map(|(at, _)| at))
        };
        Self { len, newlines, crlf, continuations }
    }

    /// How many lines there are; at least one.
    pub fn line_count(&self) -> usize {
        self.newlines.total + 1
    }

    /// The position of a byte offset.
    ///
    /// An offset inside a character counts as its beginning, one beyond the end as the end.
    pub fn position(&self, offset: usize) -> Position {
        let mut at = offset.min(self.len);
        while at > 0 && self.continuations.get(at) {
            at -= 1;
        }
        let before = self.newlines.rank(at);
        let start = self.line_start(before + 1).unwrap_or(0);
        Position { line: before + 1, column: self.scalars(start, at) + 1 }
    }

    /// The bytes of a line without its line end; none where there is no such line.
    ///
    /// *Units*: `line` is 1-based.
    pub fn line_span(&self, line: usize) -> Option<Span> {
        let start = self.line_start(line)?;
        let end = match self.newlines.select(line - 1) {
            Some(newline) if self.crlf.get(newline) => newline - 1,
            Some(newline) => newline,
            None => self.len,
        };
        Some(Span { start, end })
    }

    /// The byte offset of a line and column (both 1-based); the column after the last character is the line's end.
    /// None where the text has no such line or column.
    pub fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let Span { start, end } = self.line_span(line)?;
        let wanted = column.checked_sub(1)?;
        if wanted > self.scalars(start, end) {
            return None;
        }
        // The smallest offset with that many characters before it.
        let (mut low, mut high) = (start, end);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.scalars(start, middle) < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // `scalars` already counts a character at its first byte: step over the rest of it.
        while low < end && self.continuations.get(low) {
            low += 1;
        }
        Some(low)
    }

    /// Where a line begins.
    fn line_start(&self, line: usize) -> Option<usize> {
        match line {
            0 => None,
            1 => Some(0),
            _ => self.newlines.select(line - 2).map(|newline| newline + 1),
        }
    }

    /// How many characters begin in that range of bytes.
    fn scalars(&self, start: usize, end: usize) -> usize {
        (end - start) - (self.continuations.rank(end) - self.continuations.rank(start))
    }
}

/// A set of byte offsets, one bit each, with counts to search by; empty sets take no memory.
#[derive(Clone, Debug)]
struct Bits {
    words: Vec<u64>,
    /// How many are set before each block.
    before_block: Vec<usize>,
    total: usize,
}

impl Bits {
    /// Collects ascending offsets below `len`.
    fn new(len: usize, offsets: impl Iterator<Item = usize>) -> Self {
        let mut offsets = offsets.peekable();
        if offsets.peek().is_none() {
            return Self { words: Vec::new(), before_block: Vec::new(), total: 0 };
        }
        let mut words = vec![0_u64; len / 64 + 1];
        for at in offsets {
            if let Some(word) = words.get_mut(at / 64) {
                *word |= 1 << (at % 64);
            }
        }
        let mut total = 0;
        let mut before_block = Vec::with_capacity(words.len() / BLOCK_WORDS + 1);
        for block in words.chunks(BLOCK_WORDS) {
            before_block.push(total);
            total += block.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        }
        Self { words, before_block, total }
    }

    /// Whether that offset is in the set.
    fn get(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// How many offsets of the set lie before `at`.
    fn rank(&self, at: usize) -> usize {
        let Some(before) = self.before_block.get(at / BLOCK_BITS) else {
            return self.total;
        };
        let first = at / BLOCK_BITS * BLOCK_WORDS;
        let whole = self.words.get(first..at / 64).unwrap_or_default();
        let part = self.words.get(at / 64).map_or(0, |word| word & ((1_u64 << (at % 64)) - 1));
        before + whole.iter().map(|word| word.count_ones() as usize).sum::<usize>() + part.count_ones() as usize
    }

    /// The offset number `n` of the set, 0-based.
    fn select(&self, n: usize) -> Option<usize> {
        if n >= self.total {
            return None;
        }
        let block = self.before_block.partition_point(|before| *before <= n).checked_sub(1)?;
        let mut left = n - self.before_block.get(block)?;
        for (index, word) in self.words.iter().enumerate().skip(block * BLOCK_WORDS) {
            let ones = word.count_ones() as usize;
            if left < ones {
                let mut rest = *word;
                for _ in 0..left {
                    rest &= rest - 1;
                }
                return Some(index * 64 + rest.trailing_zeros() as usize);
            }
            left -= ones;
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_lf_or_crlf_and_spans_leave_the_end_out() {
        let text = "one\r\ntw\ro\n\nlast";
        let index = LineIndex::new(text);
        assert_eq!(index.line_count(), 4);
        let lines: Vec<_> = (1..=4).map(|n| index.line_span(n).unwrap().slice(text).unwrap()).collect();
        assert_eq!(lines, ["one", "tw\ro", "", "last"]);
        assert_eq!(index.line_span(0), None);
        assert_eq!(index.line_span(5), None);
        assert_eq!(LineIndex::new("").line_span(1), Some(Span::new(0, 0)));
    }

    #[test]
    fn agrees_with_one_pass_over_the_text_and_back() {
        let piece = "{\r\n\t\"é\": \"日本語 😀\",\n\"plain\": [1,2,3]}\n\n";
        let text = piece.repeat(60);
        let index = LineIndex::new(&text);
        for offset in 0..=text.len() {
            assert_eq!(index.position(offset), Position::of(&text, offset), "offset {offset}");
        }
        for (offset, c) in text.char_indices() {
            let Position { line, column } = index.position(offset);
            let back = index.offset(line, column);
            if c == '\n' && text[..offset].ends_with('\r') {
                assert_eq!(back, None, "between CR and LF is no column of the line");
            } else {
                assert_eq!(back, Some(offset));
            }
        }
        assert_eq!(index.offset(1, 3), None);
        assert_eq!(index.offset(1, 0), None);
    }
}
