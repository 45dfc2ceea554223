//! What can happen to the history in the window, and the work that comes of it.

use super::view::{HistoryFilter, Keeping, PurgeEnd};
use crate::history::{Comparison, DeletedBatch, GroupPage, HistoryEntry, HistoryFacets, HistoryPage, HistorySettings};

/// What happened, and what to do.
type Words = (String, String);

/// One thing that a person does with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryAct {
    /// Keep it, or no longer.
    TogglePin,
    /// Write a note beside it.
    Note,
    /// Delete it.
    Delete,
    /// Choose another to compare it with.
    CompareWith,
    /// Compare it with the last good call of its endpoint.
    CompareWithLastGood,
    /// Copy its id.
    CopyId,
}

/// One thing that happened. Verbs are acts of a person; past forms are ends of jobs.
#[derive(Debug)]
pub enum HistoryAct {
    /// The words to search were typed.
    Search(String),
    /// Other filters; the words stay.
    Filter(Box<HistoryFilter>),
    /// Neither words nor filters.
    ShowAll,
    /// The kinds of failures, or the entries.
    ShowGroups(bool),
    /// Only the failures of that kind.
    OpenGroup(i64),
    /// The end of the list came into sight.
    More,
    /// The end of the list of kinds came into sight.
    MoreGroups,
    /// Something with an entry of the list.
    Act(String, EntryAct),
    /// Something with the entry whose answer is in sight.
    ActOnOpen(EntryAct),
    /// The note was written.
    SetNote(String, String),
    /// Put back what the notice of that number says was deleted.
    Undo(u64),
    /// Compare the waiting entry with that one.
    CompareTo(String),
    /// No comparison after all.
    StopComparing,
    /// Show how long and how much is kept.
    OpenKeeping,
    /// Keep that long and that much.
    Keep(HistorySettings),
    /// Delete everything, for good.
    Purge,

    /// Entries were found.
    Found {
        /// The question.
        generation: u64,
        /// Whether they belong behind those of the list.
        is_more: bool,
        /// The filter they were found with.
        filter: Box<HistoryFilter>,
        /// The entries, or why not.
        page: Result<HistoryPage, Words>,
        /// What happened to the history meanwhile.
        notices: Vec<Words>,
    },
    /// The kinds of failures and what can be filtered by were read.
    OverviewRead {
        /// The question.
        overview: u64,
        /// Both, or why not.
        read: Result<Box<(GroupPage, HistoryFacets)>, Words>,
    },
    /// More kinds of failures were read.
    GroupsRead {
        /// The question.
        overview: u64,
        /// They, or why not.
        page: Result<GroupPage, Words>,
    },
    /// An entry was pinned, or a note was written; none where it is no longer there.
    Changed(Option<Box<HistoryEntry>>),
    /// An entry was read that something needs more of than its id.
    WasRead(Box<HistoryEntry>, EntryAct),
    /// Entries were deleted.
    Deleted(DeletedBatch),
    /// Deleted entries were put back: how many, of how many.
    Undone(usize, usize),
    /// Two entries were compared.
    WasCompared {
        /// The question.
        comparison: u64,
        /// They and what is different, or why not.
        compared: Result<Box<(HistoryEntry, HistoryEntry, Comparison)>, Words>,
    },
    /// The last good call of that answer's endpoint was looked for.
    LastGoodFound {
        /// The answer.
        id: String,
        /// The call; none where there is none.
        good: Option<String>,
    },
    /// How much is kept was read; a problem where the settings could not be saved.
    KeepingRead(Result<Box<Keeping>, Words>, Option<Words>),
    /// Everything was deleted, or why not.
    Purged(Result<PurgeEnd, Words>),
}

/// Work with the history. Every one blocks and answers with a [`HistoryAct`].
#[derive(Debug)]
pub enum HistoryEffect {
    /// Find entries.
    Search {
        /// The question.
        generation: u64,
        /// Which.
        filter: Box<HistoryFilter>,
        /// Only those behind that one.
        before: Option<String>,
        /// How many.
        limit: u32,
    },
    /// Read kinds of failures and what can be filtered by.
    Overview {
        /// The question.
        overview: u64,
        /// How many kinds.
        limit: u32,
    },
    /// Read more kinds of failures.
    Groups {
        /// The question.
        overview: u64,
        /// Only those behind that one.
        before: i64,
    },
    /// Keep an entry when others are let go, or no longer.
    TogglePin(String),
    /// Read an entry that something needs more of than its id.
    Read(String, EntryAct),
    /// Write a note beside an entry.
    Note(String, String),
    /// Delete entries.
    Delete(Vec<String>),
    /// Put deleted entries back.
    Undo(DeletedBatch),
    /// Compare two entries.
    Compare {
        /// The question.
        comparison: u64,
        /// The first; none for the last good call of the second's endpoint.
        before: Option<String>,
        /// The second.
        after: String,
    },
    /// Look for the last good call of an answer's endpoint.
    FindLastGood(String),
    /// Copy an entry's id.
    CopyId(String),
    /// Read how long and how much is kept.
    ReadKeeping,
    /// Keep that long and that much.
    Keep(HistorySettings),
    /// Delete everything.
    Purge,
}
