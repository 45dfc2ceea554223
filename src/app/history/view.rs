//! What is shown of the history, as data.

use std::path::PathBuf;

use jiff::{Timestamp, ToSpan as _, Zoned};

use crate::history::{
    Comparison, DeletedBatch, HistoryEntry, HistoryFacets, HistoryGroup, HistoryQuery, HistorySettings, PAGE_ENTRIES,
    StatusFilter,
};

/// From how many typed characters on the history is searched.
pub const MIN_SEARCH_CHARS: usize = 3;

/// From when on entries are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// Since midnight where the person is.
    Today,
    /// The last seven days.
    Week,
    /// The last thirty days.
    Month,
    /// Whenever.
    #[default]
    Ever,
}

impl Since {
    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Ever => "All",
        }
    }

    /// The moment it begins; none for whenever.
    fn begin(self, now: &Zoned) -> Option<Timestamp> {
        let days = |days: i64| now.timestamp().checked_sub((days * 24).hours()).ok();
        match self {
            Self::Today => now.start_of_day().ok().map(|start| start.timestamp()),
            Self::Week => days(7),
            Self::Month => days(30),
            Self::Ever => None,
        }
    }
}

/// Which entries are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// The words typed; fewer than three characters ask for nothing yet.
    pub text: String,
    /// The method.
    pub method: Option<String>,
    /// The status or its class.
    pub status: Option<StatusFilter>,
    /// The envelope's code or the transport error's kind.
    pub code: Option<String>,
    /// The host with its port.
    pub host: Option<String>,
    /// The environment's name.
    pub environment: Option<String>,
    /// From when on.
    pub since: Since,
    /// Only failures.
    pub is_failure: bool,
    /// Only what the person keeps.
    pub is_pinned: bool,
    /// Only the failures of one kind: its number and its name.
    pub group: Option<(i64, String)>,
}

impl HistoryFilter {
    /// The words that are searched; none while there are too few characters.
    pub fn words(&self) -> Option<&str> {
        (self.text.trim().chars().count() >= MIN_SEARCH_CHARS).then_some(self.text.as_str())
    }

    /// Whether anything but the words narrows the list down.
    pub fn is_narrowed(&self) -> bool {
        *self != Self { text: self.text.clone(), ..Self::default() }
    }

    /// The question to the history.
    pub(super) fn query(&self, now: &Zoned, before: Option<String>, limit: u32) -> HistoryQuery {
        HistoryQuery {
            text: self.words().unwrap_or_default().to_owned(),
            method: self.method.clone(),
            status: self.status,
            code: self.code.clone(),
            host: self.host.clone(),
            environment: self.environment.clone(),
            since: self.since.begin(now),
            until: None,
            is_pinned: self.is_pinned,
            is_failure: self.is_failure,
            group: self.group.as_ref().map(|(id, _)| *id),
            before,
            limit,
        }
    }
}

/// Two entries side by side.
#[derive(Debug, Default)]
pub enum Compared {
    /// Nothing was asked for.
    #[default]
    Nothing,
    /// They are being read.
    Busy,
    /// They were compared.
    Ready {
        /// The first.
        before: Box<HistoryEntry>,
        /// The second.
        after: Box<HistoryEntry>,
        /// What is different, ranked.
        comparison: Box<Comparison>,
    },
    /// It cannot be done.
    Not {
        /// What happened.
        summary: String,
        /// What to do.
        fix: String,
    },
}

/// How long and how much is kept, and what there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// What the person set.
    pub settings: HistorySettings,
    /// How many entries there are.
    pub entries: u64,
    /// How much they take, in bytes of text.
    pub bytes: u64,
    /// The file; none where nothing is written to disk in this run.
    pub file: Option<PathBuf>,
    /// How many copies of older versions lie beside it.
    pub copies: usize,
    /// How many damaged files that were moved aside lie beside it.
    pub damaged: usize,
}

/// What came of deleting everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgeEnd {
    /// How many entries there were.
    pub entries: u64,
    /// How many files beside the history were removed.
    pub files: usize,
    /// What could not be done: what, where, and what to do.
    pub left: Option<(String, String, String)>,
}

/// Everything that is shown of the history beside the entries of the list.
#[derive(Debug, Default)]
pub struct HistoryView {
    /// Which entries are shown.
    pub filter: HistoryFilter,
    /// The filter that the entries in sight were found with; none before the first came.
    pub shown: Option<HistoryFilter>,
    /// From where on there are more entries; none at the end.
    pub next: Option<String>,
    /// Why the list could not be read: what happened, and what to do.
    pub problem: Option<(String, String)>,
    /// Whether the kinds of failures are shown instead of entries.
    pub is_grouped: bool,
    /// The kinds of failures, the one seen last first.
    pub groups: Vec<HistoryGroup>,
    /// From where on there are more of them; none at the end.
    pub next_group: Option<i64>,
    /// What can be filtered by.
    pub facets: HistoryFacets,
    /// The entry whose note is being written.
    pub noting: Option<HistoryEntry>,
    /// The entry that waits for another to be compared with.
    pub comparing: Option<HistoryEntry>,
    /// The two entries that are compared.
    pub compared: Compared,
    /// Of which answer the last good call was looked for, and its id; none where there is none.
    pub last_good: Option<(String, Option<String>)>,
    /// How long and how much is kept; none until it was asked for.
    pub keeping: Option<Keeping>,
    /// What came of deleting everything, while its dialog is open.
    pub purged: Option<PurgeEnd>,
    /// Whether everything is being deleted or the settings are being saved.
    pub is_working: bool,
    /// What was deleted and can be put back, by the number of the notice that says so.
    pub(super) deleted: Vec<(u64, DeletedBatch)>,
    /// Counts changes of the words by anything but typing, so that their field takes them over.
    pub text_revision: u64,
    /// Counts questions for the list; answers to older ones are dropped.
    pub(super) generation: u64,
    /// Whether a question for the list is being answered.
    pub(super) is_running: bool,
    /// How many entries the next answer brings.
    pub(super) limit: u32,
    /// Counts questions for groups and facets.
    pub(super) overview: u64,
    /// Whether more groups are on their way.
    pub(super) is_grouping: bool,
    /// Counts comparisons.
    pub(super) comparison: u64,
}

impl HistoryView {
    /// How many entries a fresh list has.
    pub(super) fn page() -> u32 {
        PAGE_ENTRIES
    }

    /// Whether the list in sight is older than what was asked for.
    pub fn is_busy(&self) -> bool {
        self.is_running
    }

    /// Whether nothing narrows the list in sight down.
    pub fn shows_all(&self) -> bool {
        self.shown.as_ref().is_none_or(|shown| !shown.is_narrowed() && shown.words().is_none())
    }

    /// Whether that notice offers to put something back.
    pub fn can_undo(&self, notice: u64) -> bool {
        self.deleted.iter().any(|(id, _)| *id == notice)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn two_characters_ask_for_nothing_and_three_do() {
        let filter = |text: &str| HistoryFilter { text: text.into(), ..HistoryFilter::default() };
        assert_eq!(filter(" ab ").words(), None);
        assert_eq!(filter("äöü").words(), Some("äöü"));
        assert!(!filter("abc").is_narrowed());
        assert!(HistoryFilter { is_pinned: true, ..filter("") }.is_narrowed());
    }

    #[test]
    fn today_begins_at_midnight_where_the_person_is() {
        let now: Zoned = "2026-11-25T01:30:00+02:00[+02:00]".parse().unwrap();
        let begin = |since: Since| since.begin(&now).map(|at| at.to_string());
        assert_eq!(begin(Since::Today).as_deref(), Some("2026-11-24T22:00:00Z"));
        assert_eq!(begin(Since::Week).as_deref(), Some("2026-11-17T23:30:00Z"));
        assert_eq!(begin(Since::Ever), None);
    }
}
