//! The payload that a cURL command's words make: data, JSON, forms.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use sha2::{Digest as _, Sha256};

use super::{ImportedRequest, PartKind};

/// What `--data-urlencode` leaves as it is (RFC 3986, unreserved); a blank becomes `+`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The pieces of a payload in the order written.
#[derive(Default)]
pub(super) struct Payload {
    /// What `--data` and its kin add up to.
    data: Vec<u8>,
    /// Whether anything was added, be it empty.
    pub has_data: bool,
    /// Whether `--json` was used.
    pub is_json: bool,
    /// The parts of a form.
    parts: Vec<FormPart>,
}

/// One part of a form.
struct FormPart {
    name: Vec<u8>,
    file_name: Option<Vec<u8>>,
    content_type: Option<Vec<u8>>,
    value: Vec<u8>,
}

impl Payload {
    /// Whether it is a form of parts.
    pub(super) fn is_form(&self) -> bool {
        !self.parts.is_empty()
    }

    /// `--data` and `--data-binary`: text, or `@` and a file's name. `input` is what stands in the text as standard
    /// input.
    pub(super) fn add_data(&mut self, option: &str, word: &[u8], input: Option<&[u8]>, request: &mut ImportedRequest) {
        let piece = match word.strip_prefix(b"@") {
            Some(name) => {
                let whole = file(option, name, input, PartKind::PayloadFile, request);
                // All but the binary option leave line breaks of a file out.
                if option == "--data-binary" { whole } else { whole.map(without_breaks) }
            }
            None => Some(word.into()),
        };
        self.add(&piece.unwrap_or_default());
    }

    /// `--data-raw`: text, whatever it begins with.
    pub(super) fn add_raw(&mut self, word: &[u8]) {
        self.add(word);
    }

    /// `--json`: pieces stand one behind the other, with nothing between.
    pub(super) fn add_json(&mut self, word: &[u8], input: Option<&[u8]>, request: &mut ImportedRequest) {
        self.is_json = true;
        self.has_data = true;
        match word.strip_prefix(b"@") {
            Some(name) => {
                let piece = file("--json", name, input, PartKind::PayloadFile, request);
                self.data.extend_from_slice(&piece.unwrap_or_default());
            }
            None => self.data.extend_from_slice(word),
        }
    }

    /// `--data-urlencode`: `text`, `=text`, `name=text`, `@file`, `name@file`.
    pub(super) fn add_urlencoded(&mut self, word: &[u8], input: Option<&[u8]>, request: &mut ImportedRequest) {
        let piece = urlencoded("--data-urlencode", word, input, request);
        self.add(&piece);
    }

    /// `--form`: `name=text`, `name=@file`, `name=<file`, each perhaps with `;type=…` and `;filename=…`.
    pub(super) fn add_form(&mut self, word: &[u8], request: &mut ImportedRequest) {
        let (name, content) = split_once(word, b'=').unwrap_or((word, b""));
        let (content, extras) = content_and_extras(content);
        let extra = |key: &[u8]| extras.iter().rev().find(|(known, _)| *known == key).map(|(_, value)| value.to_vec());
        let mut part = FormPart {
            name: name.to_vec(),
            file_name: extra(b"filename"),
            content_type: extra(b"type"),
            value: Vec::new(),
        };
        match content.first() {
            Some(sign @ (b'@' | b'<')) => {
                let file = content.get(1..).unwrap_or_default();
                request.add_part("--form", &String::from_utf8_lossy(file), PartKind::FormFile);
                if *sign == b'@' && part.file_name.is_none() {
                    // Only the name goes along, never the folders before it.
                    let last = file.rsplit(|b| matches!(b, b'/' | b'\\')).next();
                    part.file_name = Some(last.unwrap_or_default().to_vec());
                }
            }
            _ => part.value = content.to_vec(),
        }
        if let Some((_, headers)) = extras.iter().find(|(key, value)| *key == b"headers" && value.starts_with(b"@")) {
            request.add_part(
                "--form",
                &String::from_utf8_lossy(headers.get(1..).unwrap_or_default()),
                PartKind::HeaderFile,
            );
        }
        self.parts.push(part);
    }

    /// `--form-string`: `name=text`, whatever it begins with.
    pub(super) fn add_form_string(&mut self, word: &[u8]) {
        let (name, value) = split_once(word, b'=').unwrap_or((word, b""));
        self.parts.push(FormPart { name: name.to_vec(), file_name: None, content_type: None, value: value.to_vec() });
    }

    /// The payload's bytes, and the content type it has by itself.
    ///
    /// The line between a form's parts is made of its content, since curl draws it by lot.
    pub(super) fn finish(self) -> (Vec<u8>, Option<String>) {
        if !self.is_form() {
            let content_type = match (self.has_data, self.is_json) {
                (_, true) => Some("application/json"),
                (true, false) => Some("application/x-www-form-urlencoded"),
                (false, false) => None,
            };
            return (self.data, content_type.map(str::to_owned));
        }
        let mut digest = Sha256::new();
        for part in &self.parts {
            digest.update(&part.value);
        }
        let boundary: String = digest.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        let mut body = Vec::new();
        for part in &self.parts {
            body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"").as_bytes());
            body.extend(quoted(&part.name));
            body.push(b'"');
            if let Some(file_name) = &part.file_name {
                body.extend_from_slice(b"; filename=\"");
                body.extend(quoted(file_name));
                body.push(b'"');
            }
            if let Some(content_type) = &part.content_type {
                body.extend_from_slice(b"\r\nContent-Type: ");
                body.extend(content_type.iter().filter(|b| !b.is_ascii_control()));
            }
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(&part.value);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (body, Some(format!("multipart/form-data; boundary={boundary}")))
    }

    /// Adds a piece behind a `&`.
    fn add(&mut self, piece: &[u8]) {
        if self.has_data {
            self.data.push(b'&');
        }
        self.data.extend_from_slice(piece);
        self.has_data = true;
    }
}

/// What `--data-urlencode` and `--url-query` make of a word.
pub(super) fn urlencoded(option: &str, word: &[u8], input: Option<&[u8]>, request: &mut ImportedRequest) -> Vec<u8> {
    let sign = memchr::memchr(b'=', word).or_else(|| memchr::memchr(b'@', word));
    let (name, content) = match sign {
        Some(at) => (word.get(..at).unwrap_or_default(), word.get(at + 1..).unwrap_or_default()),
        None => (&b""[..], word),
    };
    let is_file = sign.is_some_and(|at| word.get(at) == Some(&b'@'));
    let content = match is_file {
        true => file(option, content, input, PartKind::PayloadFile, request).unwrap_or_default(),
        false => content.into(),
    };
    let mut piece = name.to_vec();
    if !name.is_empty() {
        piece.push(b'=');
    }
    piece.extend_from_slice(percent_encode(&content, ESCAPED).to_string().replace("%20", "+").as_bytes());
    piece
}

/// Names a file that is not opened; standard input that stands in the text is its content.
fn file<'i>(
    option: &str,
    name: &[u8],
    input: Option<&'i [u8]>,
    what: PartKind,
    request: &mut ImportedRequest,
) -> Option<Cow<'i, [u8]>> {
    if name == b"-" {
        if let Some(input) = input {
            return Some(input.into());
        }
        request.add_part(option, "-", PartKind::StandardInput);
        return None;
    }
    request.add_part(option, &String::from_utf8_lossy(name), what);
    None
}

fn without_breaks(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    text.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n' | 0)).collect()
}

/// What is said of a form's part: the word, and what it is.
type Extra = (&'static [u8], Vec<u8>);

/// A form's content, which ends at the first `;` outside quotes, and what follows it. Shape: `@a.png;type=image/png`, `"a;b";type=text/plain`.
fn content_and_extras(text: &[u8]) -> (Vec<u8>, Vec<Extra>) {
    let sign_len = usize::from(matches!(text.first(), Some(b'@' | b'<')));
    let (sign, rest) = text.split_at_checked(sign_len).unwrap_or((b"", text));
    let (content, mut tail) = match unquoted(rest) {
        Some((inside, len)) => (inside, rest.get(len..).unwrap_or_default()),
        None => {
            let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
            (rest.get(..end).unwrap_or_default().to_vec(), rest.get(end..).unwrap_or_default())
        }
    };
    let mut extras = Vec::new();
    while let Some(at) = memchr::memchr(b';', tail) {
        tail = tail.get(at + 1..).unwrap_or_default();
        let Some((key, value)) = extra(tail) else { continue };
        let len = memchr::memchr(b';', value).unwrap_or(value.len());
        let value = unquoted(value).map_or_else(|| value.get(..len).unwrap_or_default().to_vec(), |(inside, _)| inside);
        extras.push((key, value));
    }
    ([sign, &content].concat(), extras)
}

/// The word that a text begins with, if it says something of a form's part, and what follows its sign.
fn extra(text: &[u8]) -> Option<(&'static [u8], &[u8])> {
    const KEYS: [&[u8]; 4] = [b"type", b"filename", b"headers", b"encoder"];
    let text = text.trim_ascii_start();
    KEYS.into_iter().find_map(|key| Some((key, text.strip_prefix(key)?.strip_prefix(b"=")?)))
}

/// A text in double quotes with backslashes before quotes and backslashes, and how long it is written.
fn unquoted(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let inner = text.strip_prefix(b"\"")?;
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        match inner.get(at..)? {
            [b'\\', escaped @ (b'"' | b'\\'), ..] => {
                out.push(*escaped);
                at += 2;
            }
            [b'"', ..] => return Some((out, at + 2)),
            [byte, ..] => {
                out.push(*byte);
                at += 1;
            }
            [] => return None,
        }
    }
}

/// A name in the head of a part, as browsers escape it.
fn quoted(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for byte in name {
        match byte {
            b'"' => out.extend_from_slice(b"%22"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'\n' => out.extend_from_slice(b"%0A"),
            _ => out.push(*byte),
        }
    }
    out
}

fn split_once(text: &[u8], sign: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(sign, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}
