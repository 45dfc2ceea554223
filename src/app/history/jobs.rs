//! The work with the history, on a thread where blocking does no harm.

use std::fs;

use jiff::Zoned;

use super::act::{HistoryAct, HistoryEffect};
use super::view::{Keeping, PurgeEnd};
use crate::app::command::Command;
use crate::app::services::Services;
use crate::history::{Beside, FILE_NAME, HistoryEntry, HistoryError, HistorySettings, PAGE_ENTRIES, beside, compare};

/// Does it. Blocking.
pub(in crate::app) fn run(services: &Services, effect: HistoryEffect) -> Command {
    let history = &services.history;
    let act = match effect {
        HistoryEffect::Search { generation, filter, before, limit } => {
            let is_more = before.is_some();
            let page = history.search(&filter.query(&Zoned::now(), before, limit)).map_err(said);
            let told = |notice: crate::history::HistoryNotice| {
                (format!("{} ({})", notice.summary(), notice.place()), notice.fix())
            };
            let notices = history.take_notices().into_iter().map(told).collect();
            HistoryAct::Found { generation, is_more, filter, page, notices }
        }
        HistoryEffect::Overview { overview, limit } => {
            let read = history.groups(None, limit).and_then(|groups| Ok(Box::new((groups, history.facets()?))));
            HistoryAct::OverviewRead { overview, read: read.map_err(said) }
        }
        HistoryEffect::Groups { overview, before } => {
            let page = history.groups(Some(before), PAGE_ENTRIES).map_err(said);
            HistoryAct::GroupsRead { overview, page }
        }
        HistoryEffect::TogglePin(id) => {
            let is_pinned = history.entry(&id).map(|entry| entry.is_some_and(|entry| entry.pinned));
            return changed(services, &id, is_pinned.and_then(|is_pinned| history.set_pinned(&id, !is_pinned)));
        }
        HistoryEffect::Read(id, act) => match history.entry(&id) {
            Ok(Some(entry)) => HistoryAct::WasRead(Box::new(entry), act),
            Ok(None) => HistoryAct::Changed(None),
            Err(error) => return failed(&error),
        },
        HistoryEffect::Note(id, note) => {
            let note = services.gate.redactor().redact(note.trim().to_owned());
            return changed(services, &id, history.set_note(&id, note));
        }
        HistoryEffect::Delete(ids) => match history.delete(&ids) {
            Ok(batch) => HistoryAct::Deleted(batch),
            Err(error) => return failed(&error),
        },
        HistoryEffect::Undo(batch) => {
            let of = batch.ids().len();
            match batch.undo() {
                Ok(count) => HistoryAct::Undone(count, of),
                Err(error) => return failed(&error),
            }
        }
        HistoryEffect::Compare { comparison, before, after } => {
            HistoryAct::WasCompared { comparison, compared: compared(services, before, &after).map(Box::new) }
        }
        HistoryEffect::FindLastGood(id) => match history.last_good(&id) {
            Ok(good) => HistoryAct::LastGoodFound { id, good },
            // It is an offer only, and the list says what is wrong with the history.
            Err(_) => HistoryAct::LastGoodFound { id, good: None },
        },
        HistoryEffect::CopyId(id) => return Command::Copy(services.gate.redactor().redact(id)),
        HistoryEffect::ReadKeeping => HistoryAct::KeepingRead(keeping(services).map(Box::new), None),
        HistoryEffect::Keep(settings) => {
            let problem = history.set_settings(settings).err().map(|error| {
                let (summary, fix) = said(error);
                (format!("The settings hold until the program ends, because they could not be saved: {summary}"), fix)
            });
            HistoryAct::KeepingRead(keeping(services).map(Box::new), problem)
        }
        HistoryEffect::Purge => HistoryAct::Purged(purge(services)),
    };
    Command::History(act)
}

/// What happened and what to do.
fn said(error: HistoryError) -> (String, String) {
    (error.summary(), error.fix())
}

fn failed(error: &HistoryError) -> Command {
    Command::Failed { summary: error.summary(), fix: error.fix() }
}

fn changed(services: &Services, id: &str, done: Result<bool, HistoryError>) -> Command {
    let entry = done.and_then(|is_there| if is_there { services.history.entry(id) } else { Ok(None) });
    match entry {
        Ok(entry) => Command::History(HistoryAct::Changed(entry.map(Box::new))),
        Err(error) => failed(&error),
    }
}

type Both = (HistoryEntry, HistoryEntry, crate::history::Comparison);

fn compared(services: &Services, before: Option<String>, after: &str) -> Result<Both, (String, String)> {
    let history = &services.history;
    let gone = || {
        let fix = "It was deleted or let go; choose another";
        ("One of the two is no longer in the history".to_owned(), fix.to_owned())
    };
    let before = match before {
        Some(before) => before,
        None => history.last_good(after).map_err(said)?.ok_or_else(|| {
            (
                "There is no good call of this endpoint before this one".to_owned(),
                "Compare it with another entry: choose Compare with… in an entry's menu".to_owned(),
            )
        })?,
    };
    // The older one comes first, whichever was chosen first; ids sort by time.
    let (before, after) = if before.as_str() <= after { (before.as_str(), after) } else { (after, before.as_str()) };
    let load = |id: &str| -> Result<_, (String, String)> {
        let record = history.load(id).map_err(said)?.ok_or_else(gone)?;
        let entry = history.entry(id).map_err(said)?.ok_or_else(gone)?;
        Ok((record, entry))
    };
    let ((first, first_entry), (second, second_entry)) = (load(before)?, load(after)?);
    let comparison = compare(&first, &second);
    Ok((first_entry, second_entry, comparison))
}

fn keeping(services: &Services) -> Result<Keeping, (String, String)> {
    let (entries, bytes) = services.history.totals().map_err(said)?;
    let settings: HistorySettings = services.history.settings();
    let (mut copies, mut damaged) = (0, 0);
    for entry in fs::read_dir(services.data_dir.path()).into_iter().flatten().flatten() {
        match beside(&entry.file_name()) {
            Some(Beside::Copy) => copies += 1,
            Some(Beside::Damaged) => damaged += 1,
            None => {}
        }
    }
    let file = services.is_history_on_disk.then(|| services.data_dir.file(FILE_NAME));
    Ok(Keeping { settings, entries, bytes, file, copies, damaged })
}

fn purge(services: &Services) -> Result<PurgeEnd, (String, String)> {
    let report = services.history.purge().map_err(said)?;
    let left = report.left.map(|left| (left.summary(), left.place(), left.fix()));
    Ok(PurgeEnd { entries: report.exchanges, files: report.files, left })
}
