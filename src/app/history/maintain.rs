//! What changes the history itself: pins, notes, deletions, settings.

use super::act::{HistoryAct, HistoryEffect};
use super::update::{overview, refresh};
use crate::app::effect::Effect;
use crate::app::state::{Dialog, NoticeKind, State};
use crate::history::{DeletedBatch, HistoryEntry};

/// How many deletions can be undone.
const MAX_UNDO: usize = 10;

/// Applies what concerns the entries themselves.
pub(super) fn update(state: &mut State, act: HistoryAct) -> Vec<Effect> {
    match act {
        HistoryAct::Changed(entry) => changed(state, entry.map(|entry| *entry)),
        HistoryAct::Deleted(batch) => deleted(state, batch),
        HistoryAct::Undone(count, of) => undone(state, count, of),
        HistoryAct::OpenKeeping => {
            state.dialog = Dialog::Keeping;
            state.history_view.keeping = None;
            state.history_view.purged = None;
            vec![Effect::History(HistoryEffect::ReadKeeping)]
        }
        HistoryAct::Keep(settings) => {
            state.history_view.is_working = true;
            vec![Effect::History(HistoryEffect::Keep(settings))]
        }
        HistoryAct::Purge => {
            state.history_view.is_working = true;
            state.history_view.purged = None;
            vec![Effect::History(HistoryEffect::Purge)]
        }
        HistoryAct::KeepingRead(read, problem) => {
            let was_saved = std::mem::take(&mut state.history_view.is_working);
            match read {
                Ok(keeping) => state.history_view.keeping = Some(*keeping),
                Err((summary, fix)) => state.say(NoticeKind::Failure, summary, fix),
            }
            match problem {
                Some((summary, fix)) => state.say(NoticeKind::Attention, summary, fix),
                None if was_saved => state.say(NoticeKind::Done, "The history's settings are saved", ""),
                None => {}
            }
            // Some entries may have been let go.
            if was_saved { refresh(state) } else { Vec::new() }
        }
        HistoryAct::Purged(Ok(end)) => {
            state.history_view.is_working = false;
            state.history_view.deleted.clear();
            state.history_view.next = None;
            state.history_view.comparing = None;
            state.history_view.last_good = None;
            state.history.clear();
            state.history_view.purged = Some(end);
            let mut effects = refresh(state);
            effects.push(Effect::History(HistoryEffect::ReadKeeping));
            effects
        }
        HistoryAct::Purged(Err((summary, fix))) => {
            state.history_view.is_working = false;
            state.say(NoticeKind::Failure, summary, fix);
            Vec::new()
        }
        // All others are the list's.
        _ => Vec::new(),
    }
}

fn changed(state: &mut State, entry: Option<HistoryEntry>) -> Vec<Effect> {
    let Some(entry) = entry else {
        state.say(
            NoticeKind::Attention,
            "This exchange is no longer in the history",
            "It was deleted or let go; choose another",
        );
        return refresh(state);
    };
    if let Some(listed) = state.history.iter_mut().find(|listed| listed.id == entry.id) {
        *listed = entry;
    }
    // What is shown may depend on it.
    if state.history_view.shows_all() { Vec::new() } else { refresh(state) }
}

fn deleted(state: &mut State, batch: DeletedBatch) -> Vec<Effect> {
    let count = batch.ids().len();
    state.history.retain(|entry| !batch.ids().contains(&entry.id));
    if state.history_view.comparing.as_ref().is_some_and(|waiting| batch.ids().contains(&waiting.id)) {
        state.history_view.comparing = None;
    }
    if count == 0 {
        state.say(NoticeKind::Attention, "This exchange is no longer in the history", "");
        return refresh(state);
    }
    let what = if count == 1 { "1 entry was deleted".to_owned() } else { format!("{count} entries were deleted") };
    // Two deletions are said twice, each with its own way back.
    let id = state.say_again(NoticeKind::Done, what, "It can be put back for ten minutes");
    let undo = &mut state.history_view.deleted;
    undo.push((id, batch));
    if undo.len() > MAX_UNDO {
        undo.remove(0);
    }
    // The rows behind move up, so that the end of the list may be in sight at once; the panel asks for more then.
    overview(state)
}

fn undone(state: &mut State, count: usize, of: usize) -> Vec<Effect> {
    match count {
        0 => state.say(
            NoticeKind::Attention,
            "The entry could not be put back: ten minutes are over",
            "Send the request again",
        ),
        _ if count < of => {
            state.say(
                NoticeKind::Attention,
                format!("{count} of {of} entries were put back"),
                "Ten minutes are over for the others",
            );
        }
        1 => state.say(NoticeKind::Done, "The entry was put back", ""),
        _ => state.say(NoticeKind::Done, format!("{count} entries were put back"), ""),
    }
    refresh(state)
}
