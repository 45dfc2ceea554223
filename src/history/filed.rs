//! What an exchange becomes in the tables: the columns of the list, the texts of the index, and the rest as JSON.

use std::collections::HashSet;

use jiff::Timestamp;

use super::endpoint::{endpoint_of, host_of};
use super::error::HistoryError;
use super::words::OWN;
use crate::exchange::ExchangeRecord;
use crate::secret::{Redactable, Redacted};

/// How far an exchange has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// It was started and has not ended, in a program that runs.
    Running,
    /// It ended, with or without an answer.
    Done,
    /// The program ended before it did.
    Interrupted,
}

impl EntryState {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Running => 0,
            Self::Done => 1,
            Self::Interrupted => 2,
        }
    }

    pub(super) fn of(number: i64) -> Self {
        match number {
            0 => Self::Running,
            2 => Self::Interrupted,
            _ => Self::Done,
        }
    }
}

/// A record in the parts that the tables have.
#[derive(Debug)]
pub(super) struct Filed {
    /// The record without its two body texts.
    pub record: ExchangeRecord,
    pub started_ms: i64,
    pub host: String,
    /// The transport error's kind.
    pub fault: Option<String>,
    pub is_failure: bool,
    pub is_good: bool,
    pub endpoint: String,
    /// What is searched beside the bodies.
    pub head: String,
    pub request: String,
    pub response: String,
    /// The record as JSON.
    pub json: String,
}

impl Filed {
    /// Takes a record apart; bodies are kept up to `max_body_bytes` each.
    pub(super) fn of(record: Redacted<ExchangeRecord>, max_body_bytes: usize) -> Result<Self, HistoryError> {
        let mut record = record.into_inner();
        cut(&mut record.request_body, max_body_bytes);
        if let Some(response) = &mut record.response {
            cut(&mut response.body, max_body_bytes);
        }
        let request = std::mem::take(&mut record.request_body.text);
        let response = record.response.as_mut().map(|response| std::mem::take(&mut response.body.text));
        let status = record.response.as_ref().map(|response| response.status);
        let fault = record.transport_error.as_ref().map(|error| error.kind.clone());
        let is_failure = fault.is_some() || record.code.is_some() || status.is_some_and(|status| status >= 400);
        let started = record.started_at.parse::<Timestamp>().map_or(0, Timestamp::as_millisecond);
        let template = if record.url_template.is_empty() { &record.url } else { &record.url_template };
        Ok(Self {
            started_ms: started,
            host: host_of(&record.url),
            is_good: !is_failure && status.is_some(),
            is_failure,
            endpoint: endpoint_of(template),
            head: head_of(&record),
            json: serde_json::to_string(&record)?,
            fault,
            request,
            response: response.unwrap_or_default(),
            record,
        })
    }

    /// The record as it was, with its bodies; the reverse of [`Filed::of`].
    pub(super) fn whole(json: &str, request: String, response: String) -> Result<ExchangeRecord, serde_json::Error> {
        let mut record: ExchangeRecord = serde_json::from_str(json)?;
        // A record of the first version still has its bodies in it.
        if !request.is_empty() {
            record.request_body.text = request;
        }
        if let Some(kept) = record.response.as_mut().filter(|_| !response.is_empty()) {
            kept.body.text = response;
        }
        Ok(record)
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.record.response.as_ref().map(|response| response.status)
    }

    /// By what failures of this kind are told from others: the envelope's code, else the transport error's kind.
    pub(super) fn code(&self) -> Option<&str> {
        self.record.code.as_deref().or(self.fault.as_deref())
    }

    pub(super) fn bytes(&self) -> i64 {
        let bytes = self.head.len() + self.request.len() + self.response.len() + self.json.len();
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }
}

fn cut(body: &mut crate::exchange::RecordedBody, max_bytes: usize) {
    if body.text.len() > max_bytes {
        let mut end = body.text.floor_char_boundary(max_bytes);
        // A placeholder across the cut would look like text of the body.
        if let Some((before, last)) = body.text.get(..end).and_then(|head| head.rsplit_once('‹'))
            && !last.contains('›')
            && last.len() < 64
        {
            end = before.len();
        }
        body.text.truncate(end);
        body.is_cut = true;
    }
}

/// The words of an entry's own that filters look for, in the index's column `facet`.
///
/// Each is one word with a sign before it that nothing typed can have. Names are kept as a hash, because they may
/// hold what the index would take for several words; whoever finds an entry by one looks at the entry's columns too.
pub(super) fn own_words(facet: i64, dimensions: &Dimensions<'_>) -> String {
    let mut words = format!("{OWN}f{facet}");
    for word in dimensions.words() {
        words.push(' ');
        words.push_str(&word);
    }
    words
}

/// What entries can be filtered by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dimensions<'a> {
    pub environment: Option<&'a str>,
    pub host: Option<&'a str>,
    pub method: Option<&'a str>,
    pub code: Option<&'a str>,
    pub status: Option<u16>,
    pub class: Option<u16>,
    pub is_failure: bool,
}

impl Dimensions<'_> {
    /// A word of the index for each that is given.
    pub(super) fn words(&self) -> Vec<String> {
        let named = [('e', self.environment), ('h', self.host), ('m', self.method), ('k', self.code)];
        let mut words: Vec<String> = Vec::new();
        for (sign, text) in named {
            if let Some(text) = text {
                words.push(format!("{OWN}{sign}{:08x}", hash_of(text)));
            }
        }
        words.extend(self.status.map(|status| format!("{OWN}s{status}")));
        words.extend(self.class.map(|class| format!("{OWN}c{class}")));
        if self.is_failure {
            words.push(format!("{OWN}x"));
        }
        words
    }
}

/// FNV-1a: the same on every machine and in every version, which the standard library's hasher is not.
fn hash_of(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// What is searched beside the bodies: addresses, ids, the failure's words, header lines, the log.
fn head_of(record: &ExchangeRecord) -> String {
    let mut head = Head::default();
    for text in [&record.method, &record.url, &record.environment, &record.id] {
        head.line(text);
    }
    let named =
        [&record.credential, &record.workspace, &record.code, &record.field, &record.message, &record.request_id];
    for text in named.into_iter().flatten() {
        head.line(text);
    }
    for (name, value) in &record.request_headers {
        head.pair(name, value);
    }
    if let Some(response) = &record.response {
        head.line(&response.status.to_string());
        for text in response.reason.iter() {
            head.line(text);
        }
        for (name, value) in response.headers.iter().chain(&response.trailers) {
            head.pair(name, value);
        }
    }
    for error in record.transport_error.iter().chain(record.attempts.iter().filter_map(|a| a.transport_error.as_ref()))
    {
        head.line(&error.kind);
        head.line(&error.summary);
        head.line(&error.seen);
    }
    for attempt in &record.attempts {
        for id in attempt.request_id.iter() {
            head.line(id);
        }
    }
    for redirect in record.redirects.iter().chain(record.attempts.iter().flat_map(|attempt| &attempt.redirects)) {
        head.line(&redirect.to);
    }
    for line in &record.log {
        // Header lines are there already.
        if !line.text.starts_with("> ") && !line.text.starts_with("< ") {
            head.line(&line.text);
        }
    }
    head.text
}

/// Lines, each of them once.
#[derive(Default)]
struct Head {
    text: String,
    seen: HashSet<String>,
}

impl Head {
    fn line(&mut self, line: &str) {
        if line.is_empty() || !self.seen.insert(line.to_owned()) {
            return;
        }
        // The sign before our own words is in no text of others.
        self.text.extend(line.chars().filter(|c| *c != OWN));
        self.text.push('\n');
    }

    fn pair(&mut self, name: &str, value: &str) {
        self.line(&format!("{name}: {value}"));
    }
}

/// The proof of redaction goes with the parts and comes back with the whole: only this folder makes one from the other.
pub(super) fn from_store<T: Redactable>(value: T) -> Redacted<T> {
    Redacted::from_own_store(value)
}
