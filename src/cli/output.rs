//! How the program writes: standard output, and refusals without secrets or terminal commands.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::program::{FAILURE, Stop};
use crate::secret::{Redactor, Rules};
use crate::text::visible_line;

/// Writes to standard output and flushes.
///
/// A reader that has seen enough and closed its end is no failure.
/// *Errors*: a stop with exit code 4.
pub(super) fn print(bytes: &[u8]) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    unless_closed(written).map_err(|error| {
        Stop::new(
            FAILURE,
            format!("Standard output could not be written: {error}"),
            "Give it a file or a pipe that has room",
        )
    })
}

/// A value as one line of JSON in which nothing is left that a terminal obeys.
///
/// What [`visible_line`] would write out is escaped as JSON does it, so that the value stays the same.
pub(super) fn json_line(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(value)?;
    let mut line = String::with_capacity(text.len() + 1);
    match visible_line(&text) {
        Cow::Borrowed(text) => line.push_str(text),
        Cow::Owned(_) => {
            let mut buffer = [0; 4];
            for c in text.chars() {
                let is_plain = matches!(visible_line(c.encode_utf8(&mut buffer)), Cow::Borrowed(_));
                // All of them have four digits: DEL, C1 and bidirectional controls. Others are escaped already.
                match is_plain {
                    true => line.push(c),
                    false => line.push_str(&format!("\\u{:04x}", u32::from(c))),
                }
            }
        }
    }
    line.push('\n');
    Ok(line)
}

/// A pipe whose reader is gone counts as written.
pub(super) fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes what happened, where, and what to do, on standard error's behalf.
///
/// The place is left out where the first line already names it. Arguments are quoted in refusals, so that they pass
/// the redactor too.
/// Shape: `altyaa: The data directory belongs to another user (/x)`, then `  Name a directory of your own …`.
pub fn refuse(to: &mut dyn Write, summary: &str, place: &str, fix: &str) {
    let said = summary.to_lowercase();
    let is_said = place.split(' ').all(|word| said.contains(&word.to_lowercase()));
    let place = if is_said { String::new() } else { format!(" ({})", said_safely(place)) };
    // Nothing can be said when standard error itself is gone.
    let _ = writeln!(to, "altyaa: {}{place}", sentence(&said_safely(summary)));
    if !fix.is_empty() {
        let _ = writeln!(to, "  {}", sentence(&said_safely(fix)));
    }
}

/// A text that begins with a capital letter, unless it begins with a name in code.
fn sentence(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// Writes one remark on standard error.
pub(super) fn remark(text: &str) {
    refuse(&mut io::stderr().lock(), text, "", "");
}

/// A text for one line of standard error: without secrets that can be told, and with nothing a terminal obeys.
pub(super) fn said_safely(text: &str) -> String {
    visible_line(&without_secrets(text)).into_owned()
}

/// A text without the secrets that can be told by their name or form.
pub(super) fn without_secrets(text: &str) -> String {
    Redactor::new(Rules::built_in(), Vec::new()).text(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn refused(summary: &str, place: &str, fix: &str) -> String {
        let mut out = Vec::new();
        refuse(&mut out, summary, place, fix);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_place_that_was_named_is_not_named_twice() {
        let said = "altyaa: There is no credential named x\n";
        assert_eq!(refused("There is no credential named x", "credential x", ""), said);
        assert_eq!(refused("The file is gone", "", ""), "altyaa: The file is gone\n");
        assert_eq!(refused("The file is gone", "/y", ""), "altyaa: The file is gone (/y)\n");
    }

    #[test]
    fn a_refusal_obeys_nothing_that_came_from_outside() {
        let said = refused("No file", "a\u{1b}[2J\u{202e}b\nc", "Do this");
        assert_eq!(said, "altyaa: No file (a\\u{1b}[2J\\u{202e}b\\nc)\n  Do this\n");
    }

    #[test]
    fn json_is_escaped_and_stays_the_same() {
        let value = serde_json::json!({"a\u{202e}": "\u{9b}31m\u{7f} é \n", "plain": "ü"});
        let line = json_line(&value).unwrap();
        assert_eq!(line, "{\"a\\u202e\":\"\\u009b31m\\u007f é \\n\",\"plain\":\"ü\"}\n");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), value);
    }

    #[test]
    fn a_refusal_begins_as_a_sentence_does() {
        assert_eq!(refused("there is no key x", "", "write y"), "altyaa: There is no key x\n  Write y\n");
        assert_eq!(refused("x.toml is gone", "", ""), "altyaa: x.toml is gone\n");
    }

    #[test]
    fn a_refusal_does_not_repeat_a_secret() {
        let said = refused("`host/x?access_token=canary-1a2b3c&page=2` has no scheme", "URL", "Begin with https://");
        assert!(!said.contains("canary") && said.contains("page=2"), "{said}");
    }
}
