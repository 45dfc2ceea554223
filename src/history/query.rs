//! What can be asked of the history, and what it answers.

use jiff::Timestamp;
use rusqlite::Row;
use serde::Serialize;

use super::filed::{Dimensions, EntryState};

/// How many entries a page has where nothing else is said.
pub const PAGE_ENTRIES: u32 = 50;

/// The columns of one line of the list, of the table `exchange` under the name `e`.
pub(super) const COLUMNS: &str = "e.seq, e.id, e.started_at, e.environment, e.method, e.url, e.status, e.code, e.field, \
    e.message, e.request_id, e.total_ms, e.pinned, e.state, e.note, e.host, e.fault, e.started_ms";

/// One line of the history's list.
///
/// *Secrets*: none; it is read from redacted records.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// The exchange's id.
    pub id: String,
    /// When it was started. Shape: RFC 3339.
    pub at: String,
    /// The environment's name.
    pub environment: String,
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// The status; none without an answer.
    pub status: Option<u16>,
    /// The envelope's code.
    pub code: Option<String>,
    /// The first blamed field.
    pub field: Option<String>,
    /// The sentence a person reads first.
    pub message: Option<String>,
    /// The id to give to support.
    pub request_id: Option<String>,
    /// How long it took, in milliseconds; 0 while it runs and where it was interrupted.
    pub total_ms: f64,
    /// Whether the person keeps it.
    pub pinned: bool,
    /// How far it came.
    pub state: EntryState,
    /// What the person wrote beside it.
    pub note: Option<String>,
}

/// A status, or all of its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Exactly this one.
    Exact(u16),
    /// All from that hundred on. Shape: 4 for 400 to 499.
    Class(u16),
}

impl std::str::FromStr for StatusFilter {
    type Err = String;

    /// Shape: `404` or `4xx`.
    fn from_str(text: &str) -> Result<Self, String> {
        let class = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX"));
        let number = class.unwrap_or(text).parse::<u16>().ok();
        match (class, number) {
            (Some(_), Some(class @ 1..=9)) => Ok(Self::Class(class)),
            (None, Some(status @ 100..=999)) => Ok(Self::Exact(status)),
            _ => Err("write a status such as 404, or a class such as 4xx".into()),
        }
    }
}

/// What is looked for; the default is everything, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Words that all have to be there: in address, ids, code, message, field, headers, log, note or bodies.
    ///
    /// The last word is still being typed, so from three letters on it also finds longer ones; a space behind it ends it.
    /// Words joined by other signs, as in `invalid_request` or an id, have to follow each other.
    pub text: String,
    /// The method. Shape: `POST`.
    pub method: Option<String>,
    /// The status or its class.
    pub status: Option<StatusFilter>,
    /// The envelope's code, or the transport error's kind where there was no answer.
    pub code: Option<String>,
    /// The host with its port. Shape: `127.0.0.1:4010`.
    pub host: Option<String>,
    /// The environment's name.
    pub environment: Option<String>,
    /// Started at that time or later.
    pub since: Option<Timestamp>,
    /// Started before that time.
    pub until: Option<Timestamp>,
    /// Only those that the person keeps.
    pub is_pinned: bool,
    /// Only failures: status 400 and above, an error envelope, or no whole answer.
    pub is_failure: bool,
    /// Only those of the group of that id.
    pub group: Option<i64>,
    /// Only those older than this one: the `next` of the page before.
    pub before: Option<String>,
    /// How many at most.
    pub limit: u32,
}

impl Default for HistoryQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            method: None,
            status: None,
            code: None,
            host: None,
            environment: None,
            since: None,
            until: None,
            is_pinned: false,
            is_failure: false,
            group: None,
            before: None,
            limit: PAGE_ENTRIES,
        }
    }
}

/// Some entries, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryPage {
    /// The entries.
    pub entries: Vec<HistoryEntry>,
    /// What to put into [`HistoryQuery::before`] for the page behind; none if there is none.
    pub next: Option<String>,
}

/// Failures of one kind: the same code, endpoint and field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryGroup {
    /// Its number, for [`HistoryQuery::group`].
    pub id: i64,
    /// The envelope's code, or the transport error's kind.
    pub code: Option<String>,
    /// The status, where there is no code.
    pub status: Option<u16>,
    /// The method.
    pub method: String,
    /// The path. Shape: `/v1/posts/{id}`.
    pub endpoint: String,
    /// The first blamed field.
    pub field: Option<String>,
    /// How many there are.
    pub count: u64,
    /// When the first of them was started. Shape: RFC 3339.
    pub first_at: String,
    /// When the last of them was started. Shape: RFC 3339.
    pub last_at: String,
    /// The id of the last of them.
    pub last_id: String,
}

/// Some groups, the one seen last first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPage {
    /// The groups.
    pub groups: Vec<HistoryGroup>,
    /// What to ask for the page behind with; none if there is none.
    pub next: Option<i64>,
}

/// A value that can be filtered by, and how many entries have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// How many entries have it.
    pub count: u64,
}

/// What can be filtered by, the most frequent first; statuses in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HistoryFacets {
    /// Environments.
    pub environments: Vec<FacetValue>,
    /// Hosts with their ports.
    pub hosts: Vec<FacetValue>,
    /// Methods.
    pub methods: Vec<FacetValue>,
    /// Statuses.
    pub statuses: Vec<FacetValue>,
    /// Codes of envelopes and kinds of transport errors.
    pub codes: Vec<FacetValue>,
}

/// An entry as read, with what filters need beside it.
pub(super) struct Line {
    pub seq: i64,
    pub entry: HistoryEntry,
    host: String,
    fault: Option<String>,
    started_ms: i64,
}

impl Line {
    /// Reads [`COLUMNS`].
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            entry: HistoryEntry {
                id: row.get(1)?,
                at: row.get(2)?,
                environment: row.get(3)?,
                method: row.get(4)?,
                url: row.get(5)?,
                status: row.get(6)?,
                code: row.get(7)?,
                field: row.get(8)?,
                message: row.get(9)?,
                request_id: row.get(10)?,
                total_ms: row.get(11)?,
                pinned: row.get(12)?,
                state: EntryState::of(row.get(13)?),
                note: row.get(14)?,
            },
            host: row.get(15)?,
            fault: row.get(16)?,
            started_ms: row.get(17)?,
        })
    }
}

impl HistoryQuery {
    /// What of it the small table of combinations can answer; none if it asks for none of that.
    pub(super) fn dimensions(&self) -> Option<Dimensions<'_>> {
        let (status, class) = match self.status {
            Some(StatusFilter::Exact(status)) => (Some(status), None),
            Some(StatusFilter::Class(class)) => (None, Some(class)),
            None => (None, None),
        };
        let dimensions = Dimensions {
            environment: self.environment.as_deref(),
            host: self.host.as_deref(),
            method: self.method.as_deref(),
            code: self.code.as_deref(),
            status,
            class,
            is_failure: self.is_failure,
        };
        (!dimensions.words().is_empty()).then_some(dimensions)
    }

    /// Whether an entry's columns are what is asked for; its text is looked at elsewhere.
    pub(super) fn fits(&self, line: &Line) -> bool {
        let entry = &line.entry;
        let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
        let code = entry.code.as_deref().or(line.fault.as_deref());
        let is_failure = code.is_some() || entry.status.is_some_and(|status| status >= 400);
        is(&self.environment, &entry.environment)
            && is(&self.host, &line.host)
            && is(&self.method, &entry.method)
            && self.code.as_deref().is_none_or(|wanted| code == Some(wanted))
            && match self.status {
                None => true,
                Some(StatusFilter::Exact(wanted)) => entry.status == Some(wanted),
                Some(StatusFilter::Class(class)) => entry.status.is_some_and(|status| status / 100 == class),
            }
            && (!self.is_failure || is_failure)
            && (!self.is_pinned || entry.pinned)
            && self.since.is_none_or(|since| line.started_ms >= since.as_millisecond())
            && self.until.is_none_or(|until| line.started_ms < until.as_millisecond())
    }
}
