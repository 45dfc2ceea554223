//! A command line for the Windows command prompt cut into words: its carets first, then quotes as programs read them.

use std::iter::Peekable;

use super::PartKind;
use super::curl_error::CurlError;
use super::words::{Split, Word, break_len, line_end, unclosed};

/// Cuts the command that begins at `start`; it ends at a line break that is neither quoted nor escaped.
pub(super) fn split(text: &str, start: usize) -> Result<Split, CurlError> {
    let prompt = Prompt { bytes: text.as_bytes(), at: start, is_quoted: false, is_escaped: false, stopped: None };
    let mut signs = prompt.peekable();
    let mut split = Split::default();
    let mut end = text.len();
    while let Some(&sign) = signs.peek() {
        match sign {
            Sign { byte: b' ' | b'\t', .. } => _ = signs.next(),
            Sign { byte, at, is_operator: true } => {
                signs.next();
                end = line_end(text.as_bytes(), at);
                if matches!(byte, b'\n' | b'\r') {
                    if split.words.is_empty() {
                        continue;
                    }
                    break;
                }
                if byte == b'>' {
                    redirect(text, at, &mut split);
                }
                break;
            }
            Sign { at, .. } => {
                let word = word(text, at, &mut signs)?;
                split.push(word)?;
            }
        }
    }
    split.end = end;
    Ok(split)
}

/// What follows a `>`: the rest of the line.
fn redirect(text: &str, at: usize, split: &mut Split) {
    // The number of a stream right before the sign is no word.
    if split.words.last().is_some_and(|word| word.bytes.len() == 1 && word.at + 1 == at && word.bytes != b"-") {
        split.words.pop();
    }
    let target = text.get(at..line_end(text.as_bytes(), at)).unwrap_or_default().trim_start_matches('>').trim();
    let target = target.trim_matches('"');
    if !target.starts_with('&') && !target.eq_ignore_ascii_case("nul") {
        split.note(">", target.as_bytes(), PartKind::OutputFile);
    }
}

/// One word as programs read it: `\"` is a quote, backslashes before one count in pairs, `""` inside quotes is one.
fn word(text: &str, at: usize, signs: &mut Peekable<Prompt<'_>>) -> Result<Word, CurlError> {
    let mut word = Word { bytes: Vec::new(), at };
    let mut opening = None;
    while let Some(&sign) = signs.peek() {
        if opening.is_none() && (sign.is_operator || matches!(sign.byte, b' ' | b'\t')) {
            return Ok(word);
        }
        signs.next();
        match sign.byte {
            b'\\' => {
                let mut backslashes = 1;
                while signs.next_if(|next| next.byte == b'\\').is_some() {
                    backslashes += 1;
                }
                let is_before_quote = signs.peek().is_some_and(|next| next.byte == b'"');
                let kept = if is_before_quote { backslashes / 2 } else { backslashes };
                word.bytes.extend(std::iter::repeat_n(b'\\', kept));
                if is_before_quote && backslashes % 2 == 1 {
                    signs.next();
                    word.bytes.push(b'"');
                }
            }
            b'"' if opening.is_some() => {
                if signs.next_if(|next| next.byte == b'"').is_some() {
                    word.bytes.push(b'"');
                } else {
                    opening = None;
                }
            }
            b'"' => opening = Some(sign.at),
            byte => word.bytes.push(byte),
        }
    }
    match opening {
        Some(at) => Err(unclosed(text, at, "\"")),
        None => Ok(word),
    }
}

/// A byte as the prompt hands it on.
#[derive(Clone, Copy)]
struct Sign {
    byte: u8,
    /// Where it stands in the text.
    at: usize,
    /// Whether it means something to the prompt itself.
    is_operator: bool,
}

/// The bytes of a line with the prompt's carets undone.
struct Prompt<'t> {
    bytes: &'t [u8],
    at: usize,
    /// Whether a quote is open; within quotes a caret is one.
    is_quoted: bool,
    /// Whether the byte before was a caret.
    is_escaped: bool,
    /// Set once an operator was handed out.
    stopped: Option<()>,
}

impl Iterator for Prompt<'_> {
    type Item = Sign;

    fn next(&mut self) -> Option<Sign> {
        loop {
            if self.stopped.is_some() {
                return None;
            }
            let byte = *self.bytes.get(self.at)?;
            let at = self.at;
            if byte == b'^' && !self.is_quoted && !self.is_escaped {
                self.at += 1;
                // A line break behind a caret goes, and what follows it is escaped instead.
                self.at += break_len(self.bytes, self.at);
                self.is_escaped = true;
                continue;
            }
            self.at += 1;
            let is_escaped = std::mem::take(&mut self.is_escaped);
            if byte == b'"' && !is_escaped {
                self.is_quoted = !self.is_quoted;
            }
            let is_break = break_len(self.bytes, at) > 0;
            if is_escaped && is_break && byte == b'\r' {
                // The escaped break is a line feed in what is sent.
                self.is_escaped = true;
                continue;
            }
            let is_operator = !self.is_quoted && !is_escaped && (is_break || matches!(byte, b'&' | b'|' | b'>' | b'<'));
            if is_operator && !is_break {
                self.stopped = Some(());
            }
            return Some(Sign { byte, at, is_operator });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        split(text, 0).unwrap().words.iter().map(Word::text).collect()
    }

    #[test]
    fn both_forms_that_browsers_copy_are_read() {
        let new = "curl ^\"https://x.example/a?b=1^&c=%^20^\" ^\n  -H ^\"content-type: application/json^\" ^\r\n  \
                   --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"x^^y^\\^\"^}^\"\r\n{}";
        assert_eq!(
            words(new),
            [
                "curl",
                "https://x.example/a?b=1&c=%20",
                "-H",
                "content-type: application/json",
                "--data-raw",
                r#"{"a":"x^y"}"#
            ]
        );
        assert_eq!(new.get(split(new, 0).unwrap().end..), Some("{}"));
        let old = "curl \"https://x/a\" -H \"A: \"\"q\"\"\" --data-binary \"{\"\"a\"\":1\"^\r\n\r\n\"}\" --compressed";
        assert_eq!(
            words(old),
            ["curl", "https://x/a", "-H", "A: \"q\"", "--data-binary", "{\"a\":1\n}", "--compressed"]
        );
    }

    #[test]
    fn quotes_and_backslashes_are_read_as_programs_read_them() {
        for (text, expected) in [
            (r#"curl "a\\" b"#, vec!["curl", "a\\", "b"]),
            (r#"curl "a\\\"b" C:\x\y"#, vec!["curl", "a\\\"b", r"C:\x\y"]),
            (r#"curl -d "{\"a\": \"b c\"}" x"#, vec!["curl", "-d", r#"{"a": "b c"}"#, "x"]),
            ("curl \"\" a", vec!["curl", "", "a"]),
            ("curl a^ b", vec!["curl", "a", "b"]),
            ("curl \"a^b\" | more", vec!["curl", "a^b"]),
            ("curl ^\"a^\nb^\n\nc^\"", vec!["curl", "ab\nc"]),
        ] {
            assert_eq!(words(text), expected, "{text:?}");
        }
        let split = split("curl a 2>nul", 0).unwrap();
        assert_eq!((split.words.len(), split.insertions.len()), (2, 0));
        assert_eq!(super::split("curl a > o.json", 0).unwrap().insertions.len(), 1);
    }

    #[test]
    fn an_open_quote_is_named_and_hostile_lines_take_linear_time() {
        assert!(matches!(split("curl \"a", 0), Err(CurlError::Unclosed { sign: "\"", .. })));
        let began = std::time::Instant::now();
        for piece in ["\"", "^", "^\"", "\\", "\\\"", "\"\" ", "^\n", "\"\"\""] {
            let _ = split(&format!("curl {}", piece.repeat(3_000_000 / piece.len())), 0);
        }
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
