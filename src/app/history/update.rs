//! The one place where what is shown of the history changes.

use super::act::{EntryAct, HistoryAct, HistoryEffect};
use super::maintain;
use super::view::{Compared, HistoryFilter, HistoryView};
use crate::app::effect::Effect;
use crate::app::state::{Dialog, NoticeKind, State};
use crate::history::{HistoryEntry, HistoryPage};

/// How many entries a list that is read again holds at most.
const MAX_KEPT_ROWS: usize = 2000;

/// Applies what happened and says what has to be done outside.
pub(in crate::app) fn update(state: &mut State, act: HistoryAct) -> Vec<Effect> {
    let view = &mut state.history_view;
    match act {
        HistoryAct::Search(text) => {
            let before = view.filter.words().map(str::to_owned);
            view.filter.text = text;
            if view.filter.words() == before.as_deref() { Vec::new() } else { search(view) }
        }
        HistoryAct::Filter(filter) => {
            view.filter = HistoryFilter { text: std::mem::take(&mut view.filter.text), ..*filter };
            view.is_grouped = false;
            search(view)
        }
        HistoryAct::ShowAll => {
            view.text_revision += 1;
            view.is_grouped = false;
            view.filter = HistoryFilter::default();
            search(view)
        }
        HistoryAct::ShowGroups(is_grouped) => {
            view.is_grouped = is_grouped;
            Vec::new()
        }
        HistoryAct::OpenGroup(id) => {
            let Some(group) = view.groups.iter().find(|group| group.id == id) else { return Vec::new() };
            let title = group_title(group);
            // What was narrowed down before might hide what was just asked for.
            view.filter = HistoryFilter { group: Some((id, title)), ..HistoryFilter::default() };
            view.text_revision += 1;
            view.is_grouped = false;
            search(view)
        }
        HistoryAct::More => more(view),
        HistoryAct::MoreGroups => {
            let Some(before) = view.next_group.filter(|_| !view.is_grouping) else { return Vec::new() };
            view.is_grouping = true;
            vec![Effect::History(HistoryEffect::Groups { overview: view.overview, before })]
        }
        HistoryAct::Act(id, act) => act_on(state, id, act),
        HistoryAct::ActOnOpen(act) => match state.answer.as_ref().map(|answer| answer.id.clone()) {
            Some(id) => act_on(state, id, act),
            None => {
                let fix = "Send a request, or open an entry of the history first";
                state.say(NoticeKind::Attention, "No entry of the history is open", fix);
                Vec::new()
            }
        },
        HistoryAct::SetNote(id, note) => {
            state.dialog = Dialog::None;
            view.noting = None;
            vec![Effect::History(HistoryEffect::Note(id, note))]
        }
        HistoryAct::Undo(notice) => {
            let Some(at) = view.deleted.iter().position(|(id, _)| *id == notice) else { return Vec::new() };
            let (_, batch) = view.deleted.remove(at);
            state.notices.retain(|kept| kept.id != notice);
            vec![Effect::History(HistoryEffect::Undo(batch))]
        }
        HistoryAct::CompareTo(id) => match view.comparing.take() {
            Some(waiting) => compare(state, Some(id), waiting.id),
            None => Vec::new(),
        },
        HistoryAct::StopComparing => {
            view.comparing = None;
            Vec::new()
        }
        HistoryAct::Found { generation, is_more, filter, page, notices } => {
            found(state, generation, is_more, *filter, page, notices)
        }
        HistoryAct::OverviewRead { overview, read } if overview == view.overview => {
            match read {
                Ok(read) => {
                    view.is_grouping = false;
                    (view.groups, view.next_group) = (read.0.groups, read.0.next);
                    view.facets = read.1;
                }
                Err((summary, fix)) => state.say(NoticeKind::Failure, summary, fix),
            }
            Vec::new()
        }
        HistoryAct::GroupsRead { overview, page } if overview == view.overview => {
            view.is_grouping = false;
            match page {
                Ok(page) => {
                    view.groups.extend(page.groups);
                    view.next_group = page.next;
                }
                Err((summary, fix)) => {
                    view.next_group = None;
                    state.say(NoticeKind::Failure, summary, fix);
                }
            }
            Vec::new()
        }
        HistoryAct::WasCompared { comparison, compared } if comparison == view.comparison => {
            view.compared = match compared {
                Ok(both) => {
                    let (before, after, comparison) = *both;
                    Compared::Ready {
                        before: Box::new(before),
                        after: Box::new(after),
                        comparison: Box::new(comparison),
                    }
                }
                Err((summary, fix)) => Compared::Not { summary, fix },
            };
            Vec::new()
        }
        HistoryAct::OverviewRead { .. } | HistoryAct::GroupsRead { .. } | HistoryAct::WasCompared { .. } => Vec::new(),
        HistoryAct::LastGoodFound { id, good } => {
            if state.answer.as_ref().is_some_and(|answer| answer.id == id) {
                view.last_good = Some((id, good));
            }
            Vec::new()
        }
        HistoryAct::WasRead(entry, act) => take_up(state, *entry, act),
        other => maintain::update(state, other),
    }
}

/// What a kind of failures is called. Shape: `invalid_request publishAt`, `Status 502`.
fn group_title(group: &crate::history::HistoryGroup) -> String {
    let code = match (&group.code, group.status) {
        (Some(code), _) => code.clone(),
        (None, Some(status)) => format!("Status {status}"),
        (None, None) => "No answer".to_owned(),
    };
    match &group.field {
        Some(field) => format!("{code} {field}"),
        None => code,
    }
}

/// Asks anew for the first entries. While a question is being answered none is added: its end asks the newest one.
fn search(view: &mut HistoryView) -> Vec<Effect> {
    view.limit = HistoryView::page();
    ask(view)
}

/// Asks anew for as many entries as are in the list, after something changed in the history.
pub(in crate::app) fn refresh(state: &mut State) -> Vec<Effect> {
    let rows = u32::try_from(state.history.len().min(MAX_KEPT_ROWS)).unwrap_or(0);
    let view = &mut state.history_view;
    view.limit = rows.max(HistoryView::page());
    let mut effects = ask(view);
    effects.extend(overview(state));
    effects
}

fn ask(view: &mut HistoryView) -> Vec<Effect> {
    view.generation += 1;
    if view.is_running {
        return Vec::new();
    }
    view.is_running = true;
    vec![Effect::History(HistoryEffect::Search {
        generation: view.generation,
        filter: Box::new(view.filter.clone()),
        before: None,
        limit: view.limit.max(HistoryView::page()),
    })]
}

/// Asks for the kinds of failures and for what can be filtered by.
pub(in crate::app) fn overview(state: &mut State) -> Vec<Effect> {
    let view = &mut state.history_view;
    view.overview += 1;
    let limit = u32::try_from(view.groups.len().min(MAX_KEPT_ROWS)).unwrap_or(0).max(HistoryView::page());
    vec![Effect::History(HistoryEffect::Overview { overview: view.overview, limit })]
}

fn more(view: &mut HistoryView) -> Vec<Effect> {
    let Some(next) = view.next.clone().filter(|_| !view.is_running) else { return Vec::new() };
    view.is_running = true;
    vec![Effect::History(HistoryEffect::Search {
        generation: view.generation,
        filter: Box::new(view.filter.clone()),
        before: Some(next),
        limit: HistoryView::page(),
    })]
}

fn found(
    state: &mut State,
    generation: u64,
    is_more: bool,
    filter: HistoryFilter,
    page: Result<HistoryPage, (String, String)>,
    notices: Vec<(String, String)>,
) -> Vec<Effect> {
    for (summary, fix) in notices {
        state.say(NoticeKind::Attention, summary, fix);
    }
    let view = &mut state.history_view;
    view.is_running = false;
    if generation != view.generation {
        // Something else was asked for meanwhile.
        view.generation -= 1;
        return ask(view);
    }
    match page {
        Ok(page) => {
            view.problem = None;
            view.next = page.next;
            view.shown = Some(filter);
            if is_more {
                state.history.extend(page.entries);
            } else {
                state.history = page.entries;
            }
        }
        Err((summary, fix)) => {
            view.next = None;
            view.problem = Some((summary.clone(), fix.clone()));
            state.say(NoticeKind::Failure, summary, fix);
        }
    }
    Vec::new()
}

/// A job broke off, so no answer may come to what was asked.
pub(in crate::app) fn stop_waiting(state: &mut State) {
    state.history_view.is_running = false;
    state.history_view.is_grouping = false;
    state.history_view.is_working = false;
}

/// Looks for the last good call of a failed answer's endpoint.
pub(in crate::app) fn find_last_good(state: &mut State) -> Option<Effect> {
    state.history_view.last_good = None;
    let answer = state.answer.as_ref().filter(|answer| answer.is_failure())?;
    Some(Effect::History(HistoryEffect::FindLastGood(answer.id.clone())))
}

fn act_on(state: &mut State, id: String, act: EntryAct) -> Vec<Effect> {
    let effect = match act {
        EntryAct::TogglePin => HistoryEffect::TogglePin(id),
        EntryAct::Delete => HistoryEffect::Delete(vec![id]),
        EntryAct::CopyId => HistoryEffect::CopyId(id),
        EntryAct::CompareWithLastGood => return compare(state, None, id),
        // The note that is there is shown first, also of an entry that the list does not show.
        EntryAct::Note | EntryAct::CompareWith => match state.history.iter().find(|entry| entry.id == id) {
            Some(entry) => {
                let entry = entry.clone();
                return take_up(state, entry, act);
            }
            None => HistoryEffect::Read(id, act),
        },
    };
    vec![Effect::History(effect)]
}

/// What needs more than the entry's id.
fn take_up(state: &mut State, entry: HistoryEntry, act: EntryAct) -> Vec<Effect> {
    if act == EntryAct::Note {
        state.history_view.noting = Some(entry);
        state.dialog = Dialog::Note;
    } else {
        state.history_view.comparing = Some(entry);
        state.history_view.is_grouped = false;
    }
    Vec::new()
}

fn compare(state: &mut State, before: Option<String>, after: String) -> Vec<Effect> {
    let view = &mut state.history_view;
    view.comparison += 1;
    view.compared = Compared::Busy;
    state.dialog = Dialog::Compare;
    vec![Effect::History(HistoryEffect::Compare { comparison: view.comparison, before, after })]
}
