//! Streams: one JSON case a line in, one result a line out.

use std::io::{self, BufRead, Read, Write};

use serde_json::Value;

use super::output::json_line;

/// The longest line that is read, in bytes; a longer one is answered with `null` and never held whole.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// Answers every line of a stream in order and flushes after each; a line that is no JSON is answered with `null`.
///
/// # Errors
///
/// Only those of the stream itself.
pub fn answer_lines(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    answer: impl FnMut(&Value) -> Option<Value>,
) -> io::Result<()> {
    answer_lines_up_to(MAX_LINE_BYTES, input, output, answer)
}

/// The same for answers made of the line's own text, which must be JSON, so that nothing of it is written anew.
///
/// # Errors
///
/// Only those of the stream itself.
pub fn answer_texts(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    mut answer: impl FnMut(&str) -> Option<String>,
) -> io::Result<()> {
    each_line(MAX_LINE_BYTES, input, |line| {
        let text = std::str::from_utf8(line).ok().map(str::trim);
        let case = text.filter(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
        let result = case.and_then(&mut answer).unwrap_or_else(|| "null".to_owned());
        output.write_all(result.as_bytes())?;
        output.write_all(b"\n")?;
        output.flush()
    })
}

fn answer_lines_up_to(
    max_bytes: u64,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    mut answer: impl FnMut(&Value) -> Option<Value>,
) -> io::Result<()> {
    each_line(max_bytes, input, |line| {
        let case = serde_json::from_slice::<Value>(line).ok();
        let result = case.and_then(|case| answer(&case)).unwrap_or(Value::Null);
        output.write_all(json_line(&result)?.as_bytes())?;
        output.flush()
    })
}

/// Hands out every line; an empty one for a line beyond the limit.
fn each_line(max_bytes: u64, input: &mut dyn BufRead, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = Read::take(&mut *input, max_bytes).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        let is_whole = line.ends_with(b"\n") || u64::try_from(read).is_ok_and(|read| read < max_bytes);
        if !is_whole {
            skip_line(input)?;
            line.clear();
        }
        take(without_mark(&line))?;
    }
}

/// A byte-order mark before the first line is none of its text.
fn without_mark(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

/// Reads to the line's end and keeps nothing.
fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let newline = memchr::memchr(b'\n', buffer);
        let used = newline.map_or(buffer.len(), |at| at + 1);
        input.consume(used);
        if newline.is_some() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn answers(text: &str, max_bytes: u64) -> String {
        let mut output = Vec::new();
        answer_lines_up_to(max_bytes, &mut text.as_bytes(), &mut output, |case| Some(case.get("n")?.clone())).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn every_line_has_one_answer_in_its_place() {
        let text = "{\"n\":1}\r\nnot json\n\n{\"m\":2}\n{\"n\":3}";
        assert_eq!(answers(text, 100), "1\nnull\nnull\nnull\n3\n");
        assert_eq!(answers("", 100), "");
        assert_eq!(answers("\u{feff}{\"n\":1}\n", 100), "1\n");
    }

    #[test]
    fn a_line_beyond_the_limit_is_skipped_whole() {
        let text = format!("{{\"n\":\"{}\"}}\n{{\"n\":2}}\n", "x".repeat(200));
        assert_eq!(answers(&text, 50), "null\n2\n");
        assert_eq!(answers(&"[".repeat(1000), 50), "null\n");
        assert_eq!(answers("{\"n\":1}\n{\"n\":2}", 8), "1\n2\n");
    }

    #[test]
    fn nesting_does_not_break_the_stream() {
        assert_eq!(answers(&format!("{}\n{{\"n\":1}}\n", "[".repeat(100_000)), 1 << 20), "null\n1\n");
    }
}
