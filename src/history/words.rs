//! Words as the index sees them: folded, in order, with the same bounds; and the terms that a person types.

/// What begins the index's own words, which no text of a person or an answer is searched for with.
pub(super) const OWN: char = '\u{f8ff}';

/// From how many letters on a word that is being typed also finds longer ones; the index keeps beginnings of that length.
pub(super) const PREFIX_LETTERS: usize = 3;

/// What was typed between two spaces: one word, or several that have to follow each other, as in `invalid_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    words: Vec<String>,
    is_prefix: bool,
}

impl Term {
    /// Every term of a text, in order; the last one is still being typed unless a space follows it.
    ///
    /// A word of one or two letters stands for itself, and longer ones at the end also for what begins with them.
    pub(super) fn all_of(text: &str) -> Vec<Self> {
        let ends = text.ends_with(char::is_whitespace);
        let parts: Vec<&str> = text.split_whitespace().collect();
        let last = parts.len().saturating_sub(1);
        let term = |(index, part): (usize, &&str)| {
            let words: Vec<String> = Words::of(part).collect();
            let letters = words.last()?.chars().count();
            // What follows the last word, as the stop in `it.`, ends it.
            let is_open = index == last && !ends && part.chars().next_back().is_some_and(is_letter);
            Some(Self { words, is_prefix: is_open && letters >= PREFIX_LETTERS })
        };
        parts.iter().enumerate().filter_map(term).collect()
    }

    /// The term for the index's own language, exactly.
    ///
    /// Made of letters and digits alone, so that nothing typed is ever an operator.
    pub(super) fn exact(&self) -> String {
        format!("\"{}\"{}", self.words.join(" "), if self.is_prefix { " *" } else { "" })
    }

    /// A wider term that the index answers newest first without collecting; none where the exact one is as good.
    ///
    /// Only for what [`Term::is_in`] can tell apart with certainty.
    pub(super) fn rough(&self) -> Option<String> {
        let (last, before) = self.words.split_last()?;
        let is_plain = self.is_prefix && last.len() > PREFIX_LETTERS && last.is_ascii();
        let head = last.get(..PREFIX_LETTERS).filter(|_| is_plain && !looks_rare(last))?;
        let mut words = before.join(" ");
        if !words.is_empty() {
            words.push(' ');
        }
        Some(format!("\"{words}{head}\" *"))
    }

    /// Whether a text has the term's words one after the other.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let Some((first, rest)) = self.words.split_first() else { return false };
        let mut words = Words::of(text);
        while let Some(found) = words.next() {
            if rest.is_empty() {
                if self.is_last(&found, first) {
                    return true;
                }
                continue;
            }
            if found != *first {
                continue;
            }
            let mut ahead = words.clone();
            let (last, middle) = rest.split_last().unwrap_or((first, &[]));
            if middle.iter().all(|word| ahead.next().as_ref() == Some(word))
                && ahead.next().is_some_and(|found| self.is_last(&found, last))
            {
                return true;
            }
        }
        false
    }

    fn is_last(&self, found: &str, last: &str) -> bool {
        if self.is_prefix { found.starts_with(last) } else { found == last }
    }
}

/// An id is in few entries, so nothing is gained by looking for its beginning first.
fn looks_rare(word: &str) -> bool {
    word.len() >= 8 && word.bytes().filter(u8::is_ascii_digit).count() >= 2
}

/// The folded words of a text.
#[derive(Clone, Debug)]
struct Words<'t> {
    rest: &'t str,
}

impl<'t> Words<'t> {
    fn of(text: &'t str) -> Self {
        Self { rest: text }
    }
}

impl Iterator for Words<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let text = self.rest.trim_start_matches(|c| !is_letter(c));
        if text.is_empty() {
            self.rest = text;
            return None;
        }
        let end = text.find(|c| !is_letter(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        if word.is_ascii() {
            return Some(word.to_ascii_lowercase());
        }
        Some(word.chars().filter(|c| !is_mark(*c)).flat_map(char::to_lowercase).map(without_mark).collect())
    }
}

/// What a word is made of, as SQLite's unicode61 has it: letters, numbers, and marks over letters.
fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || is_mark(c) }
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Letters with a mark beside the letter without it: what unicode61 takes away, as far as Latin letters go.
const MARKED: &[(char, &str)] = &[
    ('a', "àáâãäåāăąǎǟǡǻȁȃȧạảấầẩẫậắằẳẵặ"),
    ('c', "çćĉċč"),
    ('d', "ďḋḍ"),
    ('e', "èéêëēĕėęěȅȇȩẹẻẽếềểễệ"),
    ('g', "ĝğġģǧǵ"),
    ('h', "ĥḣḥ"),
    ('i', "ìíîïĩīĭįǐȉȋỉị"),
    ('j', "ĵǰ"),
    ('k', "ķǩ"),
    ('l', "ĺļľḷ"),
    ('m', "ṁṃ"),
    ('n', "ñńņňǹṅṇ"),
    ('o', "òóôõöōŏőơǒǫȍȏȯọỏốồổỗộớờởỡợ"),
    ('r', "ŕŗřȑȓṙṛ"),
    ('s', "śŝşšșṡṣ"),
    ('t', "ţťțṫṭ"),
    ('u', "ùúûüũūŭůűųưǔȕȗụủứừửữự"),
    ('w', "ŵẁẃẅẇẉ"),
    ('y', "ýÿŷȳẏỳỵỷỹ"),
    ('z', "źżžẑẓ"),
];

fn without_mark(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    MARKED.iter().find(|(_, marked)| marked.contains(c)).map_or(c, |(letter, _)| *letter)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn only(text: &str) -> Term {
        let mut terms = Term::all_of(text);
        assert_eq!(terms.len(), 1, "{text}");
        terms.pop().unwrap()
    }

    #[test]
    fn what_is_still_being_typed_is_a_beginning() {
        assert_eq!(only("publ").exact(), "\"publ\" *");
        assert_eq!(only("publ ").exact(), "\"publ\"");
        assert_eq!(only("pu").exact(), "\"pu\"");
        assert_eq!(only("publ").rough().unwrap(), "\"pub\" *");
        assert_eq!(only("pub").rough(), None);
        assert_eq!(only("invalid_request").exact(), "\"invalid request\" *");
        assert_eq!(only("invalid_request").rough().unwrap(), "\"invalid req\" *");
        assert_eq!(only("01ARYZ6S41TSV4RRFFQ69G5FAV").rough(), None);
        let many: Vec<String> = Term::all_of("rate limit exc").iter().map(Term::exact).collect();
        assert_eq!(many, ["\"rate\"", "\"limit\"", "\"exc\" *"]);
    }

    #[test]
    fn nothing_typed_is_an_operator() {
        for text in ["\"", "a\" OR b", "NEAR(", "-x", "*", "^a", "{head}:x", "a\0b", "\u{f8ff}", "(((", "'"] {
            for term in Term::all_of(text) {
                let inner = term.exact();
                let inner = inner.trim_end_matches(" *").trim_matches('"');
                assert!(inner.chars().all(|c| c == ' ' || c.is_alphanumeric()), "{text}: {inner}");
            }
        }
        assert!(Term::all_of(" *** \u{f8ff}f1x").iter().all(|term| !term.exact().contains(OWN)));
    }

    #[test]
    fn words_follow_each_other_in_a_text() {
        let text = "{\"code\": \"invalid_request\", \"title\": \"Größe\"} req-0001";
        for (term, is_in) in [
            ("inv", true),
            ("invalid_req", true),
            ("invalid_title", false),
            ("nvalid", false),
            ("grosse", false),
            ("GRO", true),
            ("größ", true),
            ("req-0001", true),
            ("req-0002", false),
            ("code invalid", true),
        ] {
            assert_eq!(Term::all_of(term).iter().all(|term| term.is_in(text)), is_in, "{term}");
        }
    }
}
