//! Tells by its content what a pasted text is, and reads what a diagnosis needs out of it.

use std::borrow::Cow;

use thiserror::Error;

use super::curl::{MAX_BYTES, is_command_text};
use super::har::{HarEntry, entries_of, read_entry};
use super::message::message_at;
use super::raw_http::RawHttp;
use super::{
    CurlCommand, CurlError, HarError, ImportedAnswer, ImportedRequest, read_curl, read_har, read_log_line,
    read_raw_http,
};
use crate::diagnosis::DiagnosisInput;
use crate::text::{Document, Kind, Node};

/// What code stands between in Markdown.
const FENCE: &str = "```";
/// How many lines may stand between a command and its answer.
const MOST_LINES_BEFORE: usize = 20;

/// What a pasted text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasteKind {
    /// A cURL command, or one for PowerShell, perhaps with its answer.
    Command,
    /// An HTTP archive, or one entry of it.
    Har,
    /// HTTP messages.
    RawHttp,
    /// JSON log lines.
    LogLine,
    /// The body of an answer, alone.
    Body,
}

impl PasteKind {
    /// What it is called. Shape: `a cURL command`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Command => "a cURL command",
            Self::Har => "a HAR file",
            Self::RawHttp => "HTTP messages",
            Self::LogLine => "a JSON log line",
            Self::Body => "an answer's body",
        }
    }
}

/// What a pasted text holds.
///
/// *Secrets*: possibly, in every part; its `Debug` prints none.
#[derive(Clone, PartialEq, Eq)]
pub struct Pasted {
    /// What it is.
    pub kind: PasteKind,
    /// The request, as far as it is told.
    pub request: Option<ImportedRequest>,
    /// The answer's status; none where the text does not say it.
    pub status: Option<u16>,
    /// The answer's headers.
    pub headers: Vec<(String, String)>,
    /// The answer's body.
    pub body: Vec<u8>,
    /// Whether there is an answer at all.
    pub has_answer: bool,
    /// Which entry of an archive was read, counted from 1, and how many there are.
    pub entry: Option<(usize, usize)>,
}

impl Pasted {
    /// The names of the headers that were sent, for [`Pasted::input`].
    pub fn header_names(&self) -> Vec<&str> {
        self.request.iter().flat_map(|request| &request.headers).map(|(name, _)| name.as_str()).collect()
    }

    /// What a diagnosis is made from; a status that is not known is 0.
    pub fn input<'a>(&'a self, header_names: &'a [&'a str]) -> DiagnosisInput<'a> {
        let told = |text: &'a str| if text.is_empty() { None } else { Some(text) };
        DiagnosisInput {
            status: self.status.unwrap_or(0),
            headers: &self.headers,
            body: &self.body,
            method: self.request.as_ref().and_then(|request| told(&request.method)),
            url: self.request.as_ref().and_then(|request| told(&request.url)),
            request_headers: header_names,
            payload: self.request.as_ref().and_then(ImportedRequest::payload),
        }
    }

    /// What keeps the diagnosis from being whole, and what to do; none if nothing does.
    pub fn missing(&self) -> Option<(&'static str, &'static str)> {
        match (self.has_answer, self.status) {
            (false, _) => Some((
                "the answer is missing: this is a request alone",
                "paste its answer below it, best with its head, as curl -i prints it",
            )),
            (true, None) => Some((
                "the status is not known: the text does not tell it",
                "give the status, or paste the answer with its head, as curl -i prints it",
            )),
            (true, Some(_)) => None,
        }
    }
}

impl std::fmt::Debug for Pasted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pasted")
            .field("kind", &self.kind)
            .field("request", &self.request)
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why a pasted text could not be read.
#[derive(Debug, Error)]
pub enum PasteError {
    /// There is nothing in it.
    #[error("there is no text")]
    Empty,
    /// More than 256 MiB.
    #[error("the text is larger than 256 MiB")]
    TooLarge,
    /// It begins as a command and is none.
    #[error(transparent)]
    Command(#[from] CurlError),
    /// It begins as an archive and is none.
    #[error(transparent)]
    Har(#[from] HarError),
    /// An archive without an entry that could be read.
    #[error("the archive holds no request")]
    NoEntry,
}

impl PasteError {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::Command(error) => error.summary(),
            Self::Har(error) => error.summary(),
            Self::Empty | Self::TooLarge | Self::NoEntry => self.to_string(),
        }
    }

    /// Where. Shape: `line 3, column 7`; empty where it is the whole text.
    pub fn place(&self) -> String {
        match self {
            Self::Command(error) => error.place(),
            Self::Har(error) => error.place(),
            Self::Empty | Self::TooLarge | Self::NoEntry => String::new(),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Command(error) => error.fix(),
            Self::Har(error) => error.fix(),
            Self::Empty => "paste an answer, a cURL command with its answer, a HAR file or a JSON log line",
            Self::TooLarge => "give a part of it",
            Self::NoEntry => "save it again after the call was made",
        }
    }
}

/// Reads a pasted text by its content; nothing in it is sent, opened or resolved.
///
/// What is nothing else is the body of an answer whose status is not known.
///
/// # Errors
///
/// [`PasteError`]: no text, too much of it, a command or an archive that cannot be read.
pub fn read_paste(text: &str) -> Result<Pasted, PasteError> {
    if text.len() > MAX_BYTES {
        return Err(PasteError::TooLarge);
    }
    let shown = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    if shown.is_empty() {
        return Err(PasteError::Empty);
    }
    let unfenced = without_fences(shown);
    let shown = unfenced.as_ref();
    if is_command_text(shown) {
        let CurlCommand { request, end, write_out } = read_curl(shown)?;
        return Ok(with_answer(request, shown.get(end..).unwrap_or_default(), write_out.as_deref()));
    }
    if let Some(found) = read_raw_http(shown) {
        return Ok(pasted(PasteKind::RawHttp, found));
    }
    if shown.starts_with('{')
        && let Some(found) = archive(shown)?
    {
        return Ok(found);
    }
    Ok(match read_log_line(shown) {
        Some(found) => pasted(PasteKind::LogLine, found),
        None => pasted(PasteKind::Body, RawHttp { request: None, answer: Some(body(shown)) }),
    })
}

/// A text that begins with a fence of Markdown, without the lines of all fences.
fn without_fences(text: &str) -> Cow<'_, str> {
    if !text.starts_with(FENCE) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_inclusive('\n').filter(|line| !line.trim_start().starts_with(FENCE)).collect())
}

/// An archive or one entry of it; none for other JSON.
fn archive(text: &str) -> Result<Option<Pasted>, PasteError> {
    let document = Document::parse(text);
    if entries_of(&document).is_some() {
        drop(document);
        let har = read_har(text)?;
        let failed = |entry: &HarEntry| entry.answer.as_ref().is_some_and(ImportedAnswer::has_failed);
        let chosen = har.entries.iter().rposition(failed);
        let chosen = chosen.or_else(|| har.entries.iter().rposition(|entry| entry.answer.is_some()));
        let chosen = chosen.unwrap_or(har.entries.len().saturating_sub(1));
        let total = har.total;
        let entry = har.entries.into_iter().nth(chosen).ok_or(PasteError::NoEntry)?;
        let mut found = of_entry(entry);
        found.entry = Some((chosen + 1, total));
        return Ok(Some(found));
    }
    let is_object = |node: &Node<'_, '_>| node.kind() == Kind::Object;
    let is_entry = document.root().is_some_and(|root| {
        let request = root.get("request").filter(is_object);
        let response = root.get("response").filter(is_object);
        request.is_some_and(|request| request.get("method").is_some() && request.get("url").is_some())
            && response.is_some_and(|response| response.get("content").as_ref().is_some_and(is_object))
    });
    Ok(if is_entry { document.root().and_then(read_entry).map(of_entry) } else { None })
}

fn of_entry(entry: HarEntry) -> Pasted {
    pasted(PasteKind::Har, RawHttp { request: Some(entry.request), answer: entry.answer })
}

/// A command with the answer that follows it.
fn with_answer(request: ImportedRequest, rest: &str, write_out: Option<&str>) -> Pasted {
    let shown = from_answer(rest.trim_start());
    let answer = match read_raw_http(shown) {
        Some(found) => {
            // The command tells the payload, which the output of `-v` does not.
            return pasted(PasteKind::Command, RawHttp { request: Some(request), answer: found.answer });
        }
        None if shown.is_empty() => None,
        None => Some(body_with_status(shown, write_out)),
    };
    pasted(PasteKind::Command, RawHttp { request: Some(request), answer })
}

/// What follows a command, from its answer on: words such as `Response` and a progress meter may stand before it.
fn from_answer(text: &str) -> &str {
    let begins = |wanted: &dyn Fn(&str, usize) -> bool| {
        let mut at = 0;
        for line in text.split_inclusive('\n').take(MOST_LINES_BEFORE) {
            if wanted(line, at) {
                return text.get(at..);
            }
            at += line.len();
        }
        None
    };
    if text.starts_with(['{', '[', '<', '*', '>']) {
        return text;
    }
    let message = begins(&|_, at| message_at(text, at).is_some());
    message.or_else(|| begins(&|line, _| line.starts_with(['{', '[', '<', '>', '*']))).unwrap_or(text)
}

/// A body whose status curl was told to print behind it.
fn body_with_status(text: &str, write_out: Option<&str>) -> ImportedAnswer {
    let prints_status =
        write_out.is_some_and(|format| format.contains("%{http_code}") || format.contains("%{response_code}"));
    let shown = text.trim_end();
    let split = shown.len().checked_sub(3).filter(|_| prints_status).and_then(|at| shown.split_at_checked(at));
    if let Some((before, digits)) = split
        && let Ok(status @ 100..=599) = digits.parse()
    {
        // What else the format holds stands on the line of the status.
        let format = write_out.unwrap_or_default();
        let lead = format.split("%{").next().unwrap_or_default().replace("\\n", "\n").replace("\\r", "\r");
        let before = before.strip_suffix(lead.as_str()).unwrap_or(before);
        return ImportedAnswer { status: Some(status), ..body(before) };
    }
    body(text)
}

fn body(text: &str) -> ImportedAnswer {
    ImportedAnswer { status: None, headers: Vec::new(), body: text.as_bytes().to_vec() }
}

fn pasted(kind: PasteKind, found: RawHttp) -> Pasted {
    let has_answer = found.answer.is_some();
    let ImportedAnswer { status, headers, body } = found.answer.unwrap_or_default();
    Pasted { kind, request: found.request, status, headers, body, has_answer, entry: None }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use serde_json::json;

    use super::*;

    const ERROR: &str = "{\"error\":{\"code\":\"x\"}}";

    fn read(text: &str) -> Pasted {
        read_paste(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn each_kind_is_told_by_its_content() {
        let entry =
            json!({"request": {"method": "GET", "url": "u"}, "response": {"status": 404, "content": {"text": ERROR}}});
        let har = json!({"log": {"entries": [entry.clone(), {"request": {"url": "b"}, "response": {"status": 200}}]}});
        for (text, kind, status, has_answer) in [
            (format!("curl http://x -d a\n{ERROR}"), PasteKind::Command, None, true),
            (format!("curl -i http://x\nHTTP/1.1 422 X\nA: b\n\n{ERROR}"), PasteKind::Command, Some(422), true),
            (
                format!("curl -v http://x\n* x\n> GET / HTTP/1.1\n>\n< HTTP/1.1 409 X\n<\n{ERROR}"),
                PasteKind::Command,
                Some(409),
                true,
            ),
            (format!("curl http://x -w '\\n%{{http_code}}'\n{ERROR}\n422\n"), PasteKind::Command, Some(422), true),
            ("$ curl http://x \\\n  -d a".into(), PasteKind::Command, None, false),
            (format!("curl http://x\n\nResponse:\nHTTP/1.1 422 X\n\n{ERROR}"), PasteKind::Command, Some(422), true),
            (format!("curl http://x\n  % Total    % Received\n\n{ERROR}"), PasteKind::Command, None, true),
            (
                format!("```sh\ncurl -i http://x\n```\n\n```json\nHTTP/2 422\n\n{ERROR}\n```\n"),
                PasteKind::Command,
                Some(422),
                true,
            ),
            (format!("```\nHTTP/2 422\n\n{ERROR}\n```\n"), PasteKind::RawHttp, Some(422), true),
            (format!("iwr 'http://x'\n{ERROR}"), PasteKind::Command, None, true),
            (format!("\u{feff}HTTP/1.1 422 X\r\n\r\n{ERROR}"), PasteKind::RawHttp, Some(422), true),
            (format!("GET /a HTTP/1.1\nHost: x\n\nHTTP/1.1 404 N\n\n{ERROR}"), PasteKind::RawHttp, Some(404), true),
            (format!("> GET / HTTP/1.1\n>\n< HTTP/1.1 409 X\n<\n{ERROR}"), PasteKind::RawHttp, Some(409), true),
            ("GET /a HTTP/1.1\n\n".into(), PasteKind::RawHttp, None, false),
            (har.to_string(), PasteKind::Har, Some(404), true),
            (entry.to_string(), PasteKind::Har, Some(404), true),
            (json!({"log": {"entries": [{"request": {}}]}}).to_string(), PasteKind::Har, None, false),
            (
                json!({"res": {"statusCode": 422}, "response_body": ERROR}).to_string(),
                PasteKind::LogLine,
                Some(422),
                true,
            ),
            (format!("x {}\ny", json!({"status": 422, "response_body": ERROR})), PasteKind::LogLine, Some(422), true),
            (ERROR.into(), PasteKind::Body, None, true),
            (format!(" \n{ERROR}"), PasteKind::Body, None, true),
            ("<html><title>502</title>".into(), PasteKind::Body, None, true),
            ("upstream connect error".into(), PasteKind::Body, None, true),
            ("{\"error\": {\"message\": \"cut".into(), PasteKind::Body, None, true),
            ("curl: (7) Failed to connect".into(), PasteKind::Body, None, true),
        ] {
            let found = read(&text);
            assert_eq!((found.kind, found.status, found.has_answer), (kind, status, has_answer), "{text}");
            assert_eq!(found.missing().is_none(), found.status.is_some(), "{text}");
            if text.contains("error\\\":{") || text.contains(ERROR) {
                assert_eq!(std::str::from_utf8(&found.body).unwrap().trim(), ERROR, "{text}");
            }
        }
        assert_eq!(read(&har.to_string()).entry, Some((1, 2)));
    }

    #[test]
    fn a_diagnosis_gets_the_request_too() {
        let found = read(&format!("curl http://x/a?b -H 'X-A: 1' -d '{{\"c\":1}}'\n\nHTTP/1.1 422 X\nD: e\n\n{ERROR}"));
        let names = found.header_names();
        let input = found.input(&names);
        assert_eq!((input.method, input.url, input.payload), (Some("POST"), Some("http://x/a?b"), Some("{\"c\":1}")));
        assert_eq!((input.request_headers, input.status), (&["X-A", "Content-Type"][..], 422));
        let found = read("curl http://x -d @/etc/passwd\n{}");
        let names = found.header_names();
        assert_eq!((found.input(&names).payload, found.input(&names).status), (None, 0));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_place_and_remedy() {
        for (text, place) in [
            ("", ""),
            (" \u{feff}\n", ""),
            ("curl 'x", "line 1, column 6"),
            ("{\"log\": {\"entries\": []}}", ""),
            ("{\"log\": {\"entries\": [{", "line 1, column 23"),
            ("iwr 'x", "line 1, column 5"),
        ] {
            let error = read_paste(text).unwrap_err();
            assert_eq!(error.place(), place, "{text}: {error}");
            assert!(!error.summary().is_empty() && !error.fix().is_empty());
        }
    }

    #[test]
    fn debug_shows_nothing_that_may_be_secret() {
        let said = format!("{:?}", read("curl http://x?k=canary -H 'A: canary' -d canary\ncanary"));
        assert!(!said.contains("canary"), "{said}");
    }
}
