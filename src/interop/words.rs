//! A command line cut into words, whatever shell it was written for.

use super::PartKind;
use super::curl_error::CurlError;
use crate::text::Position;

/// A command line of more words than this is none that a person wrote.
const MOST_WORDS: usize = 100_000;
/// More places where the shell puts something in are not listed.
const MOST_INSERTIONS: usize = 1000;

/// One word, quotes and escapes undone.
///
/// *Secrets*: possibly.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where it begins in the text.
    pub at: usize,
}

impl Word {
    /// Its text; bytes that are no UTF-8 are replaced.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A command line in its parts.
#[derive(Default)]
pub(super) struct Split {
    /// The words, the command's own name first.
    pub words: Vec<Word>,
    /// What the shell would put in or send elsewhere: by whom it is named, what is named, what it would do.
    pub insertions: Vec<(String, String, PartKind)>,
    /// What stands in the text as standard input, by `<<` or `<<<`.
    pub input: Option<Vec<u8>>,
    /// Whether the shell would end the command at a `&` with more words behind it.
    pub is_cut_by_ampersand: bool,
    /// Where the text goes on behind the command.
    pub end: usize,
}

impl Split {
    /// Adds a word.
    ///
    /// *Errors*: [`CurlError::TooManyWords`].
    pub(super) fn push(&mut self, word: Word) -> Result<(), CurlError> {
        if self.words.len() >= MOST_WORDS {
            return Err(CurlError::TooManyWords);
        }
        self.words.push(word);
        Ok(())
    }

    /// Notes what the shell would put in.
    pub(super) fn note(&mut self, option: &str, value: &[u8], what: PartKind) {
        if self.insertions.len() < MOST_INSERTIONS {
            self.insertions.push((option.to_owned(), String::from_utf8_lossy(value).into_owned(), what));
        }
    }
}

/// A quote or bracket that opens at a byte and is not closed.
pub(super) fn unclosed(text: &str, at: usize, sign: &'static str) -> CurlError {
    CurlError::Unclosed { sign, position: Position::of(text, at) }
}

/// How long a line break at that byte is: LF or CRLF; 0 for none.
pub(super) fn break_len(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..).unwrap_or_default() {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    }
}

/// Where the line that holds a byte ends, its break included.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(bytes.len(), |len| at + len + 1)
}
