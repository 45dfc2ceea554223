//! A whole document through the gate: JSON, an HTTP message, a form or plain text, told apart by what it holds.

use super::gather::{self, Gathered, looks_like_json};
use super::{Leak, Redacted, Redactor};

/// How often what a text gives away may change the text before it must stand still.
const MAX_PASSES: usize = 3;

/// What a document is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentForm {
    /// Told by its beginning.
    #[default]
    Auto,
    /// Free text: a log, a command, Markdown.
    Text,
    /// JSON, also a line after the other, and HAR.
    Json,
    /// HTTP messages with head and body.
    Http,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// A stretch of an HTTP text and what it is.
enum Part<'t> {
    /// A first line, an empty one, a sign of its own.
    Line(&'t str),
    /// A header with what stands between its name and its value.
    Header { name: &'t str, sign: &'t str, value: &'t str },
    /// A body with its content type.
    Body(&'t str, Option<&'t str>),
}

impl Redactor {
    /// A document without its secrets, searched again before it is handed out; what is not removed stays byte for byte.
    ///
    /// *Errors*: the first secret that the last look still found.
    pub fn document(&mut self, text: &str, form: DocumentForm) -> Result<Redacted<String>, Leak> {
        let form = if form == DocumentForm::Auto { form_of(text) } else { form };
        let mut clean = self.pass(text, form);
        let exceptions = self.manifest.exceptions.clone();
        for _ in 0..MAX_PASSES {
            // What a name gave away further down is taken out further up as well; a pass that finds nothing is the seal.
            let again = self.pass(&clean, form);
            if again == clean {
                self.manifest.exceptions = exceptions;
                return Ok(Redacted::new(clean));
            }
            clean = again;
        }
        let last = self.pass(&clean, form);
        self.leak_between(&clean, &last).map_or_else(|| Ok(Redacted::new(clean)), Err)
    }

    /// One pass of all three nets.
    fn pass(&mut self, text: &str, form: DocumentForm) -> String {
        match form {
            DocumentForm::Json => {
                let gathered = gather::json(self, text, 0);
                self.settle(text, gathered).apply(text)
            }
            // What stands across a head's end or two messages is seen in the whole.
            DocumentForm::Http => {
                let parts = self.http(text);
                self.values(&parts)
            }
            DocumentForm::Form => self.body(text, Some("application/x-www-form-urlencoded")),
            DocumentForm::Text | DocumentForm::Auto => self.text(text),
        }
    }

    /// A word without known values and patterns.
    fn values(&mut self, word: &str) -> String {
        self.settle(word, Gathered::default()).apply(word)
    }

    fn http(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for part in parts_of(text) {
            match part {
                Part::Line(line) => {
                    let clean = first_line(self, line);
                    out.push_str(&clean);
                }
                Part::Header { name, sign, value } => {
                    out.push_str(&self.values(name));
                    out.push_str(sign);
                    out.push_str(&self.header(name, value));
                }
                Part::Body(body, content_type) => out.push_str(&self.body(body, content_type)),
            }
        }
        out
    }
}

/// The address in `GET /path?query HTTP/1.1` is one.
fn first_line(redactor: &mut Redactor, line: &str) -> String {
    let mut words = line.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some(method), Some(url), Some(rest)) if is_method(method) && rest.starts_with("HTTP/") => {
            let url = redactor.url(url);
            format!("{} {url} {}", redactor.values(method), redactor.text(rest))
        }
        _ => redactor.text(line),
    }
}

/// What a document is by its beginning.
pub(in crate::secret) fn form_of(text: &str) -> DocumentForm {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let line = start.lines().next().unwrap_or_default();
    if looks_like_json(text) {
        DocumentForm::Json
    } else if is_first_line(line) {
        DocumentForm::Http
    } else if is_form(start) {
        DocumentForm::Form
    } else {
        DocumentForm::Text
    }
}

fn is_first_line(line: &str) -> bool {
    let mut words = line.split(' ');
    let first = words.next().unwrap_or_default();
    let is_status = first.starts_with("HTTP/") && words.next().is_some_and(|word| word.len() == 3);
    is_status || (is_method(first) && line.trim_end().rsplit(' ').next().is_some_and(|last| last.starts_with("HTTP/")))
}

fn is_method(word: &str) -> bool {
    (3..=20).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
}

fn is_form(text: &str) -> bool {
    let text = text.trim_end();
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"%+-_.~*&=[]!'()$,;:@/".contains(&b);
    !text.is_empty()
        && text.bytes().all(is_plain)
        && text.split('&').all(|pair| pair.find('=').is_some_and(|at| at > 0))
}

/// Cuts a text into heads and bodies; every byte of it is in one part.
fn parts_of(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut content_type = None;
        // The head, to the empty line.
        loop {
            let line_len = rest.find('\n').map_or(rest.len(), |at| at + 1);
            let (line, behind) = rest.split_at(line_len);
            rest = behind;
            let is_empty = line.trim().is_empty();
            let header = line.split_once(':').filter(|(name, _)| is_header_name(name));
            match header {
                Some((name, value)) => {
                    let mut end = line_len;
                    // A value that goes on in the next line, as old senders have it.
                    while rest.starts_with([' ', '\t'])
                        && !rest.trim_start_matches([' ', '\t']).starts_with(['\r', '\n'])
                    {
                        let more = rest.find('\n').map_or(rest.len(), |at| at + 1);
                        end += more;
                        rest = rest.get(more..).unwrap_or_default();
                    }
                    let folded = end > line_len;
                    let whole =
                        if folded { text.get(text.len() - rest.len() - end..text.len() - rest.len()) } else { None };
                    let value = whole.and_then(|whole| whole.get(name.len() + 1..)).unwrap_or(value);
                    let blanks = value.len() - value.trim_start_matches([' ', '\t']).len();
                    let (sign, inner) = value.split_at(blanks);
                    let kept = inner.trim_end().len();
                    let (inner, end_of_line) = inner.split_at(kept);
                    if name.eq_ignore_ascii_case("content-type") {
                        content_type = Some(inner);
                    }
                    let sign_len = 1 + sign.len();
                    let sign = line.get(name.len()..name.len() + sign_len).unwrap_or(":");
                    parts.push(Part::Header { name, sign, value: inner });
                    parts.push(Part::Line(end_of_line));
                }
                None => parts.push(Part::Line(line)),
            }
            if rest.is_empty() || is_empty {
                break;
            }
        }
        let len = next_message(rest);
        let (body, behind) = rest.split_at(len);
        if !body.is_empty() {
            parts.push(Part::Body(body, content_type));
        }
        rest = behind;
    }
    parts
}

/// Where the next message begins in a body: at a line that can be nothing else.
fn next_message(body: &str) -> usize {
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if at > 0 && is_first_line(line.trim_end()) {
            return at;
        }
        at += line.len();
    }
    // A body that begins as a message is one: the one before had none.
    if is_first_line(body.lines().next().unwrap_or_default()) && !body.is_empty() { 0 } else { body.len() }
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 100 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::Rules;
    use super::*;

    fn clean(text: &str) -> String {
        Redactor::new(Rules::built_in(), Vec::new()).document(text, DocumentForm::Auto).unwrap().into_inner()
    }

    #[test]
    fn a_form_is_told_by_its_beginning() {
        for (text, form) in [
            ("\u{feff} {\"a\":1}", DocumentForm::Json),
            ("HTTP/1.1 200 OK\r\n", DocumentForm::Http),
            ("POST /x HTTP/1.1\r\nHost: y", DocumentForm::Http),
            ("a=1&b=%20\n", DocumentForm::Form),
            ("a = 1", DocumentForm::Text),
            ("GET it done", DocumentForm::Text),
            ("", DocumentForm::Text),
        ] {
            assert_eq!(form_of(text), form, "{text}");
        }
    }

    #[test]
    fn messages_keep_their_bytes_but_for_secrets() {
        let text = "POST /v1/x?api_key=k-1 HTTP/1.1\r\nHost: a\r\nAuthorization:  Bearer abc\r\nCookie: a=1;\r\n b=2\r\n\
                    Content-Type: application/json\r\n\r\n{\"password\": \"hunter2\", \"n\": 1.50}\r\n\
                    HTTP/1.1 200 OK\nSet-Cookie: sid=zz; Path=/\n\nok";
        let expected = "POST /v1/x?api_key=‹api_key#1› HTTP/1.1\r\nHost: a\r\nAuthorization:  Bearer ‹token#1›\r\nCookie: \
                        a=‹cookie#1›;\r\n b=‹cookie#2›\r\nContent-Type: application/json\r\n\r\n{\"password\": \
                        \"‹password#1›\", \"n\": 1.50}\r\nHTTP/1.1 200 OK\nSet-Cookie: sid=‹cookie#3›; Path=/\n\nok";
        assert_eq!(clean(text), expected);
        assert_eq!(
            clean("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx"),
            "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx"
        );
    }

    #[test]
    fn what_a_name_gives_away_goes_further_up_too() {
        let text = "used s3cr3t-V4lue-77 once\npassword: s3cr3t-V4lue-77\n";
        assert_eq!(clean(text), "used ‹password#1› once\npassword: ‹password#1›\n");
    }
}
