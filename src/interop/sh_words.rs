//! A command line for a POSIX shell cut into words as the shell would, with nothing put in and nothing run.

use super::PartKind;
use super::ansi_escape::ansi_escape;
use super::curl_error::CurlError;
use super::words::{Split, Word, break_len, line_end, unclosed};

/// Cuts the command that begins at `start`; it ends at a line break that is neither quoted nor escaped.
///
/// Variables and commands to be put in stay as they are written and are noted.
pub(super) fn split(text: &str, start: usize) -> Result<Split, CurlError> {
    let mut shell = Shell {
        text,
        bytes: text.as_bytes(),
        at: start,
        word: None,
        split: Split::default(),
        documents: Vec::new(),
        is_over: false,
    };
    shell.read()?;
    Ok(shell.split)
}

/// The state of one pass.
struct Shell<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// The word that is being read.
    word: Option<Word>,
    split: Split,
    /// The ends of here-documents that begin behind this line, and whether tabs before their lines go.
    documents: Vec<(Vec<u8>, bool)>,
    /// Whether the command has ended, so that words on its line are those of another.
    is_over: bool,
}

impl Shell<'_> {
    fn read(&mut self) -> Result<(), CurlError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if break_len(self.bytes, self.at) > 0 {
                self.end_word()?;
                let is_empty = self.split.words.is_empty() && !self.is_over;
                self.at += break_len(self.bytes, self.at);
                if !is_empty {
                    self.here_documents();
                    break;
                }
                continue;
            }
            match byte {
                b' ' | b'\t' => {
                    self.end_word()?;
                    self.at += 1;
                }
                b'#' if self.word.is_none() => {
                    let end = line_end(self.bytes, self.at);
                    let has_break = self.bytes.get(end.saturating_sub(1)) == Some(&b'\n');
                    self.at = if has_break { end - 1 } else { end };
                }
                b';' | b'|' | b'&' | b'(' | b')' => self.operator(byte)?,
                b'<' | b'>' => self.redirection(byte)?,
                _ => self.piece(byte)?,
            }
        }
        self.end_word()?;
        self.split.end = self.at;
        Ok(())
    }

    /// One quoted, escaped or plain piece of a word.
    fn piece(&mut self, byte: u8) -> Result<(), CurlError> {
        match byte {
            b'\'' => self.single_quoted(),
            b'"' => {
                self.at += 1;
                self.double_quoted(self.at - 1)
            }
            b'\\' => {
                self.escape();
                Ok(())
            }
            b'$' => match self.bytes.get(self.at + 1) {
                Some(b'\'') => self.ansi_quoted(),
                Some(b'"') => {
                    self.at += 2;
                    self.double_quoted(self.at - 1)
                }
                _ => self.insertion(),
            },
            b'`' => self.insertion(),
            _ => {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let len = rest.iter().position(|b| b" \t\r\n'\"\\$`;|&<>()".contains(b)).unwrap_or(rest.len()).max(1);
                self.take(len);
                Ok(())
            }
        }
    }

    /// The word that is being read, begun if none is.
    fn word(&mut self) -> &mut Vec<u8> {
        let at = self.at;
        &mut self.word.get_or_insert_with(|| Word { bytes: Vec::new(), at }).bytes
    }

    /// Takes the next bytes over as they are.
    fn take(&mut self, len: usize) {
        let piece = self.bytes.get(self.at..self.at + len).unwrap_or_default();
        self.word().extend_from_slice(piece);
        self.at += len;
    }

    fn end_word(&mut self) -> Result<(), CurlError> {
        match self.word.take() {
            Some(word) if !self.is_over => self.split.push(word),
            Some(_) | None => Ok(()),
        }
    }

    fn single_quoted(&mut self) -> Result<(), CurlError> {
        let opening = self.at;
        let rest = self.bytes.get(opening + 1..).unwrap_or_default();
        let Some(len) = memchr::memchr(b'\'', rest) else { return Err(unclosed(self.text, opening, "'")) };
        self.word();
        self.at += 1;
        self.take(len);
        self.at += 1;
        Ok(())
    }

    /// What follows a double quote that opens at `opening`.
    fn double_quoted(&mut self, opening: usize) -> Result<(), CurlError> {
        self.word();
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(len) = rest.iter().position(|b| matches!(b, b'"' | b'\\' | b'$' | b'`')) else {
                return Err(unclosed(self.text, opening, "\""));
            };
            self.take(len);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    let next = self.at + 1;
                    if break_len(self.bytes, next) > 0 {
                        self.at = next + break_len(self.bytes, next);
                    } else if matches!(self.bytes.get(next), Some(b'"' | b'\\' | b'$' | b'`')) {
                        self.at = next;
                        self.take(1);
                    } else {
                        self.take(1);
                    }
                }
                _ => self.insertion()?,
            }
        }
    }

    /// `$'…'`, with the escapes of C.
    fn ansi_quoted(&mut self) -> Result<(), CurlError> {
        let opening = self.at;
        self.word();
        self.at += 2;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(len) = memchr::memchr2(b'\'', b'\\', rest) else {
                return Err(unclosed(self.text, opening, "$'"));
            };
            self.take(len);
            if self.bytes.get(self.at) == Some(&b'\'') {
                self.at += 1;
                return Ok(());
            }
            let (bytes, len) = ansi_escape(self.bytes.get(self.at..).unwrap_or_default());
            self.word().extend_from_slice(&bytes);
            self.at += len;
        }
    }

    /// A backslash outside quotes.
    fn escape(&mut self) {
        let next = self.at + 1;
        let rest = self.bytes.get(next..).unwrap_or_default();
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        // Blanks behind the sign come from copying; the shell would end the command there, which nobody meant.
        let blanks = if self.word.is_none() { blanks } else { 0 };
        if break_len(self.bytes, next + blanks) > 0 {
            self.at = next + blanks + break_len(self.bytes, next + blanks);
        } else if rest.is_empty() {
            self.at = next;
        } else {
            self.word();
            self.at = next;
            self.take(1);
        }
    }

    /// `$NAME`, `${…}`, `$(…)` and backticks stay as they are written; any other `$` is one.
    fn insertion(&mut self) -> Result<(), CurlError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (len, what) = match rest {
            [b'`', inner @ ..] => {
                let len = closing_backtick(inner).ok_or_else(|| unclosed(self.text, self.at, "`"))?;
                (len + 2, PartKind::Command)
            }
            [b'$', b'(', ..] => {
                let len = closing(rest, 1, b'(', b')').ok_or_else(|| unclosed(self.text, self.at, "$("))?;
                (len, PartKind::Command)
            }
            [b'$', b'{', ..] => {
                let len = closing(rest, 1, b'{', b'}').ok_or_else(|| unclosed(self.text, self.at, "${"))?;
                (len, PartKind::Variable)
            }
            [b'$', name @ ..] => {
                let len = name.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                (len + 1, PartKind::Variable)
            }
            _ => (1, PartKind::Variable),
        };
        let written = rest.get(..len).unwrap_or_default();
        if len > 1 && !self.is_over {
            self.split.note("shell", &named(written), what);
        }
        self.take(len);
        Ok(())
    }

    /// `;`, `|`, `&` and brackets end the command.
    fn operator(&mut self, byte: u8) -> Result<(), CurlError> {
        self.end_word()?;
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let is_cut = byte == b'&' && rest.first().is_some_and(|b| !b.is_ascii_whitespace() && *b != b'&');
        self.split.is_cut_by_ampersand |= is_cut && !self.is_over && !self.split.words.is_empty();
        self.is_over |= !self.split.words.is_empty();
        self.at += 1;
        Ok(())
    }

    /// `> file`, `2>&1`, `< file`, `<<END`, `<<<word`.
    fn redirection(&mut self, byte: u8) -> Result<(), CurlError> {
        // Digits right before the sign are the number of a stream, no word.
        match self.word.take() {
            Some(word) if word.bytes.iter().all(u8::is_ascii_digit) => {}
            other => {
                self.word = other;
                self.end_word()?;
            }
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let signs = rest.iter().take(3).take_while(|b| **b == byte).count();
        self.at += signs;
        let is_indented = byte == b'<' && signs == 2 && self.bytes.get(self.at) == Some(&b'-');
        let is_stream = self.bytes.get(self.at) == Some(&b'&');
        self.at += usize::from(is_indented || is_stream || self.bytes.get(self.at) == Some(&b'|'));
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let target = self.next_word()?;
        if self.is_over {
            return Ok(());
        }
        match (byte, signs) {
            (b'<', 2) => self.documents.push((target, is_indented)),
            (b'<', 3) => self.split.input = Some([target.as_slice(), b"\n"].concat()),
            (b'<', _) => self.split.note("<", &target, PartKind::StandardInput),
            _ if is_stream || target == b"/dev/null" => {}
            _ => self.split.note(">", &target, PartKind::OutputFile),
        }
        Ok(())
    }

    /// The word right here, which is none of the command's.
    fn next_word(&mut self) -> Result<Vec<u8>, CurlError> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if break_len(self.bytes, self.at) > 0 || b" \t;|&<>()".contains(&byte) {
                break;
            }
            self.piece(byte)?;
        }
        Ok(self.word.take().map(|word| word.bytes).unwrap_or_default())
    }

    /// Reads what the `<<` of the command's lines announced; the last one is the input.
    fn here_documents(&mut self) {
        for (end, is_indented) in std::mem::take(&mut self.documents) {
            let mut input = Vec::new();
            while self.at < self.bytes.len() {
                let next = line_end(self.bytes, self.at);
                let mut line = self.bytes.get(self.at..next).unwrap_or_default();
                self.at = next;
                if is_indented {
                    line = line.get(line.iter().take_while(|b| **b == b'\t').count()..).unwrap_or_default();
                }
                if line.trim_ascii_end() == end {
                    break;
                }
                input.extend_from_slice(line);
            }
            self.split.input = Some(input);
        }
    }
}

/// What is to be put in, by its name: of `${NAME:-value}` the value is left out, as it may be a secret.
fn named(written: &[u8]) -> Vec<u8> {
    let Some(inside) = written.strip_prefix(b"${") else { return written.to_vec() };
    let len = inside.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let end: &[u8] = if inside.get(len) == Some(&b'}') { b"}" } else { "…}".as_bytes() };
    [b"${", inside.get(..len).unwrap_or_default(), end].concat()
}

/// Where the bracket that opens at `from` closes, in bytes behind it; quotes inside are passed over.
fn closing(bytes: &[u8], from: usize, open: u8, close: u8) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, from);
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 1,
            b'\'' => at += 1 + memchr::memchr(b'\'', bytes.get(at + 1..)?)?,
            byte if byte == open => depth += 1,
            byte if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

fn closing_backtick(inner: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'`', b'\\', inner.get(at..)?)?;
        if inner.get(at) == Some(&b'`') {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::text::Position;

    fn words(text: &str) -> Vec<String> {
        split(text, 0).unwrap().words.iter().map(Word::text).collect()
    }

    #[test]
    fn words_are_cut_as_a_shell_cuts_them() {
        for (text, expected) in [
            ("curl  a\tb", vec!["curl", "a", "b"]),
            ("curl 'a b'\"c d\"e\\ f", vec!["curl", "a bc de f"]),
            ("curl 'it'\\''s'", vec!["curl", "it's"]),
            ("curl '' \"\"", vec!["curl", "", ""]),
            (r#"curl "\"\\\$\`\n""#, vec!["curl", "\"\\$`\\n"]),
            ("curl a \\\n  b \\\r\n\tc\nHTTP", vec!["curl", "a", "b", "c"]),
            ("curl a \\ \t\n b", vec!["curl", "a", "b"]),
            ("curl \"a\\\nb\"", vec!["curl", "ab"]),
            ("curl $'\\n\\t\\'\\x41\\u00e9\\101\\e\\q'", vec!["curl", "\n\t'AéA\u{1b}\\q"]),
            ("curl $'\\ud83d\\ude00\\U0001F600\\u0021'", vec!["curl", "😀😀!"]),
            ("curl a # a comment\nb", vec!["curl", "a"]),
            ("curl a#b", vec!["curl", "a#b"]),
            ("curl a | jq '.x\n.y'\nrest", vec!["curl", "a"]),
            ("curl a; curl b", vec!["curl", "a"]),
            ("curl a 2>&1 >/dev/null", vec!["curl", "a"]),
            ("\n\n  curl a\\", vec!["curl", "a"]),
            ("curl ü$ 'é'", vec!["curl", "ü$", "é"]),
            ("curl a\0b", vec!["curl", "a\0b"]),
        ] {
            assert_eq!(words(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_a_shell_would_put_in_is_noted_and_stays_as_written() {
        let text = "curl \"$TOKEN and ${A:-'}'}\" $(cat '/etc/passwd)' ) `id \\` x` '$NO' > out.json < in";
        let split = split(text, 0).unwrap();
        let words: Vec<_> = split.words.iter().map(Word::text).collect();
        assert_eq!(words, ["curl", "$TOKEN and ${A:-'}'}", "$(cat '/etc/passwd)' )", "`id \\` x`", "$NO"]);
        let noted: Vec<_> =
            split.insertions.iter().map(|(by, what, kind)| (by.as_str(), what.as_str(), *kind)).collect();
        assert_eq!(
            noted,
            [
                ("shell", "$TOKEN", PartKind::Variable),
                ("shell", "${A…}", PartKind::Variable),
                ("shell", "$(cat '/etc/passwd)' )", PartKind::Command),
                ("shell", "`id \\` x`", PartKind::Command),
                (">", "out.json", PartKind::OutputFile),
                ("<", "in", PartKind::StandardInput),
            ]
        );
    }

    #[test]
    fn input_that_stands_in_the_text_is_taken() {
        let here = split("curl -d @- x <<'EOF' | jq\n{\"a\":\n1}\nEOF\nrest", 0).unwrap();
        assert_eq!(here.input.as_deref(), Some(&b"{\"a\":\n1}\n"[..]));
        assert_eq!(here.words.len(), 4);
        let text = "curl x <<-E\n\ta\n\tE\nrest";
        let here = split(text, 0).unwrap();
        assert_eq!((here.input.as_deref(), text.get(here.end..)), (Some(&b"a\n"[..]), Some("rest")));
        assert_eq!(split("curl x <<< 'a b'", 0).unwrap().input.as_deref(), Some(&b"a b\n"[..]));
    }

    #[test]
    fn the_end_of_the_command_is_where_its_line_ends() {
        for (text, rest) in [
            ("curl a\nHTTP/1.1 200 OK", "HTTP/1.1 200 OK"),
            ("curl a \\\r\n b\r\n\r\n{}", "\r\n{}"),
            ("curl a | jq .\n{}", "{}"),
            ("curl 'a\nb'\nc", "c"),
            ("curl a", ""),
        ] {
            assert_eq!(text.get(split(text, 0).unwrap().end..), Some(rest), "{text:?}");
        }
    }

    #[test]
    fn an_address_that_an_ampersand_cuts_is_told() {
        assert!(split("curl http://x/?a=1&b=2", 0).unwrap().is_cut_by_ampersand);
        assert!(!split("curl 'http://x/?a=1&b=2' && echo", 0).unwrap().is_cut_by_ampersand);
    }

    #[test]
    fn what_is_not_closed_is_named_with_its_place() {
        for (text, sign, line, column) in [
            ("curl 'a", "'", 1, 6),
            ("curl \\\n \"a", "\"", 2, 2),
            ("curl $'a\\'", "$'", 1, 6),
            ("curl $(a", "$(", 1, 6),
            ("curl \"${a\"", "${", 1, 7),
            ("curl `a", "`", 1, 6),
        ] {
            let expected = CurlError::Unclosed { sign, position: Position { line, column } };
            assert_eq!(split(text, 0).err(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn hostile_lines_take_linear_time_and_little_memory() {
        let began = std::time::Instant::now();
        for piece in
            ["'", "\"", "''", "'' ", "$(", "`", "\\", "$'\\'", "${", "\"$(", "<", "<<a ", "$a", "&", "|\n", "\\\n"]
        {
            let text = format!("curl {}", piece.repeat(10_000_000 / piece.len()));
            let _ = split(&text, 0);
        }
        assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    }
}
