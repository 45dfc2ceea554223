//! A text as it reads once its escapes and line wraps are undone, and where each stretch of that stands in the text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr3;

use super::escape;

/// How often escapes inside escapes are undone; each level of JSON in JSON doubles the text, so more is no text.
const MAX_ROUNDS: usize = 8;

/// A text with something undone.
///
/// *Secrets*: whatever the text holds.
pub(in crate::secret) struct View {
    bytes: Vec<u8>,
    /// What each step did, the first one first.
    layers: Vec<Arc<Vec<Run>>>,
}

/// A stretch of a view and what it was made of.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Its first byte in the view.
    view_start: usize,
    /// Its first byte in the text below.
    text_start: usize,
    /// How many bytes of the text below it was made of; 0 for a stretch that was taken over as it is.
    unit_len: usize,
}

/// What one step makes of the text below it.
#[derive(Default)]
struct Step {
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

/// The readings of a text besides the text itself; each is none where it would be the same as another.
pub(in crate::secret) struct Views {
    /// Without the escapes of URLs, JSON, scripts and HTML.
    pub unescaped: Option<View>,
    /// The same with its lines put together, so that a value that was broken over lines is whole.
    pub joined: Option<View>,
    /// The text's own lines put together, escapes and all.
    pub plain: Option<View>,
    /// Readings of rarer kinds: soft breaks, mail, a form's blanks.
    pub others: Vec<View>,
}

impl Views {
    /// Every reading of a text.
    pub(in crate::secret) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let unescaped = unescaped(bytes, &[], Escapes::All);
        let below = unescaped.as_ref().map_or((bytes, &[][..]), |view| (&view.bytes, &view.layers));
        let joined = joined(below.0, below.1, Breaks::Hard);
        let plain = if unescaped.is_some() { self::joined(bytes, &[], Breaks::Hard) } else { None };
        let soft = if has_soft_break(below.0) { self::joined(below.0, below.1, Breaks::Soft) } else { None };
        // An escape that a line's end stands in the middle of.
        let late = plain.as_ref().and_then(|view| self::unescaped(&view.bytes, &view.layers, Escapes::All));
        // Mail in an address: its signs are escaped in turn, and backslashes are none of its escapes.
        let address = self::unescaped(bytes, &[], Escapes::NoBackslash);
        let mail_in_address = address.and_then(|view| mail(&view.bytes, &view.layers));
        let others = soft
            .into_iter()
            .chain(late)
            .chain(mail(bytes, &[]))
            .chain(mail_in_address)
            .chain(form_blanks(bytes))
            .collect();
        Self { unescaped, joined, plain, others }
    }

    /// The reading without any blank and without the signs of soft breaks, if there is more than one line.
    pub(in crate::secret) fn squeezed(&self, text: &str) -> Option<View> {
        let (input, layers) = self
            .unescaped
            .as_ref()
            .map_or((text.as_bytes(), &[][..]), |view| (view.bytes.as_slice(), view.layers.as_slice()));
        memchr::memchr2(b'\n', b'\r', input)?;
        let mut step = Step::with_room(input.len());
        let is_gone = |b: &u8| b.is_ascii_whitespace();
        let mut at = 0;
        while at < input.len() {
            let rest = input.get(at..).unwrap_or_default();
            let len = rest.iter().position(is_gone).unwrap_or(rest.len());
            let stretch = rest.get(..len).unwrap_or_default();
            let behind = rest.get(len..).unwrap_or_default();
            let is_soft = matches!(behind.first(), Some(b'\n' | b'\r')) && matches!(stretch.last(), Some(b'\\' | b'='));
            step.keep(input, at..at + len - usize::from(is_soft));
            at += len + behind.iter().take_while(|b| is_gone(b)).count();
        }
        Some(step.over(layers))
    }

    /// The readings of JSON whose strings with escapes are read one by one: none unless something else is escaped in it.
    pub(in crate::secret) fn of_json(text: &str) -> Self {
        match unescaped(text.as_bytes(), &[], Escapes::NoBackslash) {
            Some(_) => Self::of(text),
            None => Self { unescaped: None, joined: None, plain: None, others: Vec::new() },
        }
    }

    /// A text without its escapes; none if there are none.
    pub(in crate::secret) fn unescaped_of(text: &str) -> Option<View> {
        unescaped(text.as_bytes(), &[], Escapes::All)
    }

    /// The reading in which a value stands whole: the joined one, else the unescaped one; none if the text is both.
    pub(in crate::secret) fn whole(&self) -> Option<&View> {
        self.joined.as_ref().or(self.unescaped.as_ref())
    }
}

impl View {
    /// The bytes as they read.
    pub(in crate::secret) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The view as text of the same length; bytes that are no UTF-8 are question marks.
    pub(in crate::secret) fn text(&self) -> Cow<'_, str> {
        if let Ok(text) = std::str::from_utf8(&self.bytes) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(self.bytes.len());
        for chunk in self.bytes.utf8_chunks() {
            out.push_str(chunk.valid());
            out.extend(std::iter::repeat_n('?', chunk.invalid().len()));
        }
        Cow::Owned(out)
    }

    /// The stretch of the original text that a stretch of the view was made of, whole escapes at both ends.
    pub(in crate::secret) fn place(&self, range: Range<usize>) -> Range<usize> {
        self.layers.iter().rev().fold(range, |range, runs| place_below(runs, range))
    }
}

impl Step {
    fn with_room(len: usize) -> Self {
        Self { bytes: Vec::with_capacity(len), runs: Vec::new() }
    }

    /// Takes a stretch over as it is.
    fn keep(&mut self, input: &[u8], range: Range<usize>) {
        let Some(stretch) = input.get(range.clone()).filter(|stretch| !stretch.is_empty()) else { return };
        self.runs.push(Run { view_start: self.bytes.len(), text_start: range.start, unit_len: 0 });
        self.bytes.extend_from_slice(stretch);
    }

    /// Puts what a unit of the text below stands for.
    fn put(&mut self, range: Range<usize>, what: &[u8]) {
        self.runs.push(Run { view_start: self.bytes.len(), text_start: range.start, unit_len: range.len() });
        self.bytes.extend_from_slice(what);
    }

    fn over(self, layers: &[Arc<Vec<Run>>]) -> View {
        let layers = layers.iter().cloned().chain(std::iter::once(Arc::new(self.runs))).collect();
        View { bytes: self.bytes, layers }
    }
}

/// What a secret looks like in [`Views::whole`] of a text that holds it.
pub(in crate::secret) fn reading_of(secret: &[u8]) -> Vec<u8> {
    let unescaped = unescaped(secret, &[], Escapes::All);
    let below = unescaped.as_ref().map_or(secret, |view| &view.bytes);
    joined(below, &[], Breaks::Hard).map_or_else(|| below.to_vec(), |view| view.bytes)
}

/// Which escapes are undone.
#[derive(Clone, Copy, PartialEq)]
enum Escapes {
    All,
    NoBackslash,
}

fn unescaped(input: &[u8], layers: &[Arc<Vec<Run>>], which: Escapes) -> Option<View> {
    let mut view = escapes(input, which)?.over(layers);
    for _ in 1..MAX_ROUNDS {
        let Some(step) = escapes(&view.bytes, which) else { break };
        view = step.over(&view.layers);
    }
    Some(view)
}

/// One round of escapes; none if there is no escape.
fn escapes(input: &[u8], which: Escapes) -> Option<Step> {
    let mut step = Step::default();
    let (mut from, mut kept) = (0, 0);
    let next = |from: usize| {
        let rest = input.get(from..)?;
        let found = match which {
            Escapes::All => memchr3(b'%', b'\\', b'&', rest),
            Escapes::NoBackslash => memchr::memchr2(b'%', b'&', rest),
        };
        found.map(|at| from + at)
    };
    while let Some(at) = next(from) {
        match escape::read(input, at) {
            Some(read) => {
                if step.bytes.capacity() == 0 {
                    step = Step::with_room(input.len());
                }
                step.keep(input, kept..at);
                step.put(at..at + read.len, read.bytes());
                from = at + read.len;
                kept = from;
            }
            None => from = at + 1,
        }
    }
    if step.runs.is_empty() {
        return None;
    }
    step.keep(input, kept..input.len());
    Some(step)
}

/// What a line break takes with it.
#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    /// The blanks around it.
    Hard,
    /// Also the sign before it that says that the line goes on.
    Soft,
}

fn has_soft_break(input: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', input).any(|at| {
        let before = input.get(..at).unwrap_or_default();
        matches!(before.strip_suffix(b"\r").unwrap_or(before).last(), Some(b'\\' | b'='))
    })
}

/// Lines put together: without breaks, the blanks around them, and NUL characters.
fn joined(input: &[u8], layers: &[Arc<Vec<Run>>], breaks: Breaks) -> Option<View> {
    memchr3(b'\n', b'\r', 0, input)?;
    let mut step = Step::with_room(input.len());
    let mut kept = 0;
    while let Some(at) = input.get(kept..).and_then(|rest| memchr3(b'\n', b'\r', 0, rest)).map(|at| kept + at) {
        if input.get(at) == Some(&0) {
            step.keep(input, kept..at);
            kept = at + 1;
            continue;
        }
        let before = input.get(kept..at).unwrap_or_default();
        let is_soft = breaks == Breaks::Soft && matches!(before.last(), Some(b'\\' | b'='));
        let end = before.len() - usize::from(is_soft);
        let blanks = before.get(..end).unwrap_or_default().iter().rev().take_while(|b| matches!(b, b' ' | b'\t'));
        step.keep(input, kept..at - usize::from(is_soft) - blanks.count());
        let rest = input.get(at..).unwrap_or_default();
        kept = at + rest.iter().take_while(|b| matches!(b, b'\n' | b'\r' | b' ' | b'\t')).count();
    }
    step.keep(input, kept..input.len());
    Some(step.over(layers))
}

/// Quoted-printable undone, then everything else; none if the text has no sign of it.
fn mail(input: &[u8], layers: &[Arc<Vec<Run>>]) -> Option<View> {
    let mut step = Step::default();
    let (mut from, mut kept) = (0, 0);
    while let Some(at) = input.get(from..).and_then(|rest| memchr::memchr(b'=', rest)).map(|at| from + at) {
        from = at + 1;
        let behind = input.get(at + 1..).unwrap_or_default();
        // Capitals only, as RFC 2045 has it: `id=deadbeef` is an ordinary pair.
        let is_hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        let byte = match behind {
            [high, low, ..] if is_hex(*high) && is_hex(*low) => escape::hex_byte([*high, *low]),
            _ => None,
        };
        let break_len = match behind {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            _ => 0,
        };
        if byte.is_some() || break_len > 0 {
            step.keep(input, kept..at);
            if let Some(byte) = byte {
                step.put(at..at + 3, &[byte]);
            }
            from = at + 1 + if byte.is_some() { 2 } else { break_len };
            kept = from;
        }
    }
    if kept == 0 {
        return None;
    }
    step.keep(input, kept..input.len());
    Some(whole_over(step, layers))
}

/// A form's blanks, where some stand behind a line break: `%0A+++`.
fn form_blanks(input: &[u8]) -> Option<View> {
    memchr::memmem::find(input, b"%0A+").or_else(|| memchr::memmem::find(input, b"%0a+"))?;
    let mut step = Step::with_room(input.len());
    step.keep(input, 0..input.len());
    for byte in &mut step.bytes {
        if *byte == b'+' {
            *byte = b' ';
        }
    }
    Some(whole_over(step, &[]))
}

fn whole_over(step: Step, layers: &[Arc<Vec<Run>>]) -> View {
    let first = step.over(layers);
    let second = unescaped(&first.bytes, &first.layers, Escapes::All).unwrap_or(first);
    joined(&second.bytes, &second.layers, Breaks::Hard).unwrap_or(second)
}

fn place_below(runs: &[Run], range: Range<usize>) -> Range<usize> {
    let run_of = |at: usize| runs.partition_point(|run| run.view_start <= at).checked_sub(1).and_then(|i| runs.get(i));
    let start = run_of(range.start).map_or(range.start, |run| match run.unit_len {
        0 => run.text_start + (range.start - run.view_start),
        _ => run.text_start,
    });
    if range.is_empty() {
        return start..start;
    }
    let last = range.end - 1;
    let end = run_of(last).map_or(range.end, |run| match run.unit_len {
        0 => run.text_start + (last - run.view_start) + 1,
        len => run.text_start + len,
    });
    start..end.max(start)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    /// Where a word of the whole reading stands in the text.
    fn place<'t>(text: &'t str, word: &str) -> Option<&'t str> {
        let views = Views::of(text);
        let view = views.whole().into_iter().chain(&views.others);
        let mut found = view.filter_map(|view| {
            let at = memchr::memmem::find(view.bytes(), word.as_bytes())?;
            text.get(view.place(at..at + word.len()))
        });
        found.next()
    }

    #[test]
    fn a_word_is_found_through_escapes_and_wraps() {
        for (text, place_in_text) in [
            ("a=%73ecr%65t&b", "%73ecr%65t"),
            ("a=%2573ecret", "%2573ecret"),
            (r#""\u0073ecre\u0074x""#, r"\u0073ecre\u0074"),
            (r#"{"a":"{\"b\":\"\\u0073ecret\"}"}"#, r"\\u0073ecret"),
            (r"x\x73ecret", r"\x73ecret"),
            ("&#115;ecre&#x74;!", "&#115;ecre&#x74;"),
            ("sec\nret", "sec\nret"),
            ("sec\\\n   ret", "sec\\\n   ret"),
            ("sec=\r\nret", "sec=\r\nret"),
            (r#""sec\nret""#, r"sec\nret"),
            ("s\0e\0c\0r\0e\0t\0", "s\0e\0c\0r\0e\0t"),
            ("s=65cret", "s=65cret"),
        ] {
            assert_eq!(place(text, "secret"), Some(place_in_text), "{text:?}");
        }
    }

    #[test]
    fn a_plain_line_has_no_other_reading() {
        let views = Views::of("100 % of a&b, C:, x=1");
        assert!(views.unescaped.is_none() && views.joined.is_none() && views.others.is_empty());
    }

    #[test]
    fn what_is_no_utf8_is_still_read_as_bytes() {
        let views = Views::of("%ff%73ecret");
        let view = views.whole().unwrap();
        assert_eq!((view.bytes(), &*view.text()), (&b"\xffsecret"[..], "?secret"));
    }
}
