//! The entries of the history, newest first; only those in sight are drawn.

use eframe::egui::{EventFilter, FontId, Key, Modifiers, Rect, Response, RichText, Ui, pos2, vec2};
use jiff::{Timestamp, tz::TimeZone};

use super::history_filter::environment_title;
use super::history_menu;
use crate::app::{Command, Dialog, EntryAct, HistoryAct, State};
use crate::history::{EntryState, HistoryEntry};
use crate::text::visible_line;
use crate::ui::buffers::Queue;
use crate::ui::icons;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls::status_colour;
use crate::ui::widgets::list_rows;

/// How far beyond what is in sight rows are drawn, so that the keyboard finds the next one.
const BEYOND: f32 = 90.0;

/// Draws the entries, and asks for more when their end comes into sight.
pub fn ui(ui: &mut Ui, state: &State, queue: &mut Queue, now: Timestamp) {
    let colours = theme::palette(ui.ctx());
    let total: f32 = state.history.iter().map(|entry| height_of(entry) + 1.0).sum();
    let (_, whole) = ui.allocate_space(vec2(ui.available_width(), total));
    let sight = ui.clip_rect().expand(BEYOND);
    let mut top = whole.top();
    for (index, entry) in state.history.iter().enumerate() {
        let height = height_of(entry);
        let rect = Rect::from_min_size(pos2(whole.left(), top), vec2(whole.width(), height));
        top += height + 1.0;
        if rect.top() > sight.bottom() {
            break;
        }
        if rect.bottom() >= sight.top() {
            let row = row_ui(ui, rect, state, entry, queue, now, colours);
            if row.has_focus() {
                walk(ui, &row, state, index);
            }
        }
    }
    if state.history_view.next.is_none() {
        return;
    }
    if whole.bottom() <= sight.bottom() {
        queue.push_back(Command::History(HistoryAct::More));
    }
    ui.label(RichText::new("Reading more…").color(colours.soft));
}

/// An entry with something to say of its failure has a second line.
fn height_of(entry: &HistoryEntry) -> f32 {
    if second_line(entry).is_some() { list_rows::TALL_ROW } else { list_rows::ROW }
}

/// The note where there is one, else what went wrong.
fn second_line(entry: &HistoryEntry) -> Option<&str> {
    entry.note.as_deref().or(entry.code.as_deref())
}

fn row_ui(
    ui: &mut Ui,
    rect: Rect,
    state: &State,
    entry: &HistoryEntry,
    queue: &mut Queue,
    now: Timestamp,
    colours: &Palette,
) -> Response {
    let is_open = state.open_entry.as_deref() == Some(entry.id.as_str());
    let age = age(&entry.at, now);
    let path = path_of(&entry.url);
    let name = format!("{} {}, {}, {age}", entry.method, visible_line(path), outcome_of(entry));
    let response = list_rows::row_at(ui, rect, ("history", &entry.id), is_open, &name);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(beside(entry)));
    let small = FontId::proportional(theme::SMALL_SIZE);
    let mono = FontId::monospace(theme::SMALL_SIZE);
    let upper = rect.top() + list_rows::ROW / 2.0;
    list_rows::method(ui, rect, upper, &entry.method, colours);
    let mut right = rect.right() - 8.0;
    if is_open || response.hovered() || response.has_focus() || history_menu::is_open(&response) {
        right -= 20.0;
    }
    right = list_rows::text_before(ui, right, upper, &age, small.clone(), colours.soft) - 8.0;
    let (outcome, color) = match (entry.status, entry.state) {
        (Some(status), _) => (status.to_string(), status_colour(Some(status), colours)),
        (None, EntryState::Running) => ("running".to_owned(), colours.soft),
        (None, EntryState::Interrupted) => ("interrupted".to_owned(), colours.attention),
        (None, EntryState::Done) => ("no answer".to_owned(), colours.failure),
    };
    let font = if entry.status.is_some() { mono.clone() } else { small.clone() };
    right = list_rows::text_before(ui, right, upper, &outcome, font, color) - 8.0;
    if entry.pinned {
        let font = FontId::new(12.0, eframe::egui::FontFamily::Name(icons::FAMILY.into()));
        right = list_rows::text_before(ui, right, upper, icons::PUSH_PIN, font, colours.accent) - 6.0;
    }
    let left = rect.left() + list_rows::AFTER_METHOD;
    let text = FontId::proportional(theme::TEXT_SIZE);
    list_rows::text(ui, left, upper, &visible_line(path), text, colours.text, right);
    let lower = rect.top() + 31.0;
    if let Some(note) = &entry.note {
        list_rows::text(ui, left, lower, &visible_line(note), small, colours.soft, rect.right() - 8.0);
    } else if let Some(code) = &entry.code {
        let end = list_rows::text(ui, left, lower, &visible_line(code), small, colours.soft, rect.right() - 8.0);
        if let Some(field) = entry.field.as_ref().filter(|_| rect.right() - end > 48.0) {
            list_rows::text(ui, end + 8.0, lower, &visible_line(field), mono, colours.soft, rect.right() - 8.0);
        }
    }
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    if response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Delete)) {
        queue.push_back(Command::History(HistoryAct::Act(entry.id.clone(), EntryAct::Delete)));
    }
    history_menu::ui(ui, &response, entry, is_open, queue);
    // A pointer that rests over a row says nothing of it once a dialog is open above.
    if matches!(state.dialog, Dialog::None | Dialog::Requests) {
        response.clone().on_hover_ui(|ui| hover_ui(ui, state, entry));
    }
    if response.clicked() {
        queue.push_back(match state.history_view.comparing {
            Some(_) => Command::History(HistoryAct::CompareTo(entry.id.clone())),
            None => Command::OpenHistoryEntry(entry.id.clone()),
        });
    }
    response
}

/// The arrows go from row to row, also to the sign of no row and beyond what is in sight.
fn walk(ui: &Ui, row: &Response, state: &State, index: usize) {
    let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(row.id, arrows));
    let (up, down) = ui.input_mut(|input| {
        (input.consume_key(Modifiers::NONE, Key::ArrowUp), input.consume_key(Modifiers::NONE, Key::ArrowDown))
    });
    let next = match (up, down) {
        (true, false) => index.checked_sub(1),
        (false, true) => index.checked_add(1),
        _ => None,
    };
    if let Some(entry) = next.and_then(|next| state.history.get(next)) {
        let id = ui.scope_id().with(("history", &entry.id));
        ui.memory_mut(|memory| memory.request_focus(id));
    }
}

/// What a row says beside its name: code, field, pin, note.
fn beside(entry: &HistoryEntry) -> String {
    let parts = [
        entry.code.as_deref().map(|code| visible_line(code).into_owned()),
        entry.field.as_deref().map(|field| visible_line(field).into_owned()),
        entry.pinned.then(|| "pinned".to_owned()),
        entry.note.as_deref().map(|note| format!("note: {}", visible_line(note))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Everything that the list knows of an entry.
fn hover_ui(ui: &mut Ui, state: &State, entry: &HistoryEntry) {
    ui.set_max_width(420.0);
    let line = |ui: &mut Ui, text: String| {
        ui.add(eframe::egui::Label::new(visible_line(&text).into_owned()).wrap());
    };
    line(ui, format!("{} {}", entry.method, entry.url));
    let took = if entry.total_ms > 0.0 { format!(" after {:.0} ms", entry.total_ms) } else { String::new() };
    line(ui, format!("{}{took}, {}", capital(&outcome_of(entry)), moment_of(&entry.at)));
    let code = [entry.code.as_deref(), entry.field.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let said = [("", code), ("", entry.message.clone().unwrap_or_default())];
    let ids = [
        ("Request ID ", entry.request_id.clone().unwrap_or_default()),
        ("Environment ", environment_title(state, &entry.environment)),
        ("Note: ", entry.note.clone().unwrap_or_default()),
    ];
    for (title, text) in said.into_iter().chain(ids).filter(|(_, text)| !text.is_empty()) {
        line(ui, format!("{title}{text}"));
    }
    if entry.pinned {
        line(ui, "Pinned: kept when others are let go".into());
    }
    let colours = theme::palette(ui.ctx());
    ui.label(RichText::new("Right click or Shift+F10 for more").size(theme::SMALL_SIZE).color(colours.soft));
}

fn capital(text: &str) -> String {
    super::again::sentence(text)
}

/// How an entry ended. Shape: `400`, `no answer`, `interrupted`, `running`.
pub(super) fn outcome_of(entry: &HistoryEntry) -> String {
    match (entry.status, entry.state) {
        (Some(status), _) => status.to_string(),
        (None, EntryState::Running) => "running".into(),
        (None, EntryState::Interrupted) => "interrupted".into(),
        (None, EntryState::Done) => "no answer".into(),
    }
}

/// An entry in few words. Shape: `POST /v1/posts, 400`.
pub(super) fn title_of(entry: &HistoryEntry) -> String {
    format!("{} {}, {}", entry.method, visible_line(path_of(&entry.url)), outcome_of(entry))
}

/// Path and query of an address.
pub(super) fn path_of(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    after.find('/').and_then(|at| after.get(at..)).unwrap_or("/")
}

/// How long ago. Shape: `now`, `2 m`, `1 h`, `3 d`.
pub(super) fn age(at: &str, now: Timestamp) -> String {
    let Ok(at) = at.parse::<Timestamp>() else { return "?".into() };
    match now.as_second() - at.as_second() {
        ..60 => "now".into(),
        seconds @ 60..3600 => format!("{} m", seconds / 60),
        seconds @ 3600..86_400 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// A day where the person is. Shape: `14 November`.
pub(super) fn day_of(at: &str) -> String {
    let at = at.parse::<Timestamp>().map(|at| at.to_zoned(TimeZone::system()));
    at.map_or_else(|_| "an unknown day".into(), |at| at.strftime("%-d %B").to_string())
}

/// A day in few letters. Shape: `14 Nov`.
pub(super) fn short_day_of(at: &str) -> String {
    let at = at.parse::<Timestamp>().map(|at| at.to_zoned(TimeZone::system()));
    at.map_or_else(|_| "?".into(), |at| at.strftime("%-d %b").to_string())
}

/// A moment where the person is. Shape: `14 November 2026, 09:31:02`.
pub(super) fn moment_of(at: &str) -> String {
    let at = at.parse::<Timestamp>().map(|at| at.to_zoned(TimeZone::system()));
    at.map_or_else(|_| "at an unknown time".into(), |at| at.strftime("%-d %B %Y, %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn age_is_short() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for (at, shown) in [
            ("2026-11-22T11:59:30Z", "now"),
            ("2026-11-22T12:00:30Z", "now"),
            ("2026-11-22T11:58:00Z", "2 m"),
            ("2026-11-22T10:30:00Z", "1 h"),
            ("2026-11-19T12:00:00Z", "3 d"),
            ("not a time", "?"),
        ] {
            assert_eq!(age(at, now), shown);
        }
    }

    #[test]
    fn a_path_is_told_from_its_host() {
        assert_eq!(path_of("http://127.0.0.1:80/v1/posts?limit=1"), "/v1/posts?limit=1");
        assert_eq!(path_of("https://host"), "/");
    }
}
