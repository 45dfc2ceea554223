//! Kinds of failures: the same code, endpoint and field, with how often, first and last.

use eframe::egui::{FontId, Rect, RichText, Ui, pos2, vec2};
use jiff::Timestamp;

use super::history_rows::{age, day_of, short_day_of};
use super::left;
use crate::app::{Command, HistoryAct, State};
use crate::history::HistoryGroup;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls::{self, status_colour};
use crate::ui::widgets::list_rows;

/// Draws all kinds of failures.
pub fn ui(ui: &mut Ui, state: &State, buffers: &Buffers, queue: &mut Queue, now: Timestamp) {
    let colours = theme::palette(ui.ctx());
    let view = &state.history_view;
    let filter = buffers.filter.trim().to_lowercase();
    let groups: Vec<&HistoryGroup> = view.groups.iter().filter(|group| is_match(&filter, group)).collect();
    if groups.is_empty() {
        empty_ui(ui, state, queue, colours);
        return;
    }
    let step = list_rows::TALL_ROW + 1.0;
    let (_, whole) = ui.allocate_space(vec2(ui.available_width(), groups.len() as f32 * step));
    // Rows just out of sight are there too, so that the keyboard finds them.
    let sight = ui.clip_rect().expand(2.0 * step);
    for (index, group) in groups.iter().enumerate() {
        let top = whole.top() + index as f32 * step;
        let rect = Rect::from_min_size(pos2(whole.left(), top), vec2(whole.width(), list_rows::TALL_ROW));
        if rect.bottom() >= sight.top() && rect.top() <= sight.bottom() {
            row_ui(ui, rect, group, queue, now, colours);
        }
    }
    if view.next_group.is_some() && whole.bottom() <= sight.bottom() {
        queue.push_back(Command::History(HistoryAct::MoreGroups));
    }
}

fn empty_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    let is_filtered = !state.history_view.groups.is_empty();
    let text = if is_filtered { "Nothing matches the filter" } else { "No failures yet" };
    ui.label(RichText::new(text).color(colours.soft));
    if is_filtered && controls::link_button(ui, "Clear the filter").clicked() {
        queue.push_back(Command::History(HistoryAct::ShowAll));
    }
}

fn row_ui(ui: &mut Ui, rect: Rect, group: &HistoryGroup, queue: &mut Queue, now: Timestamp, colours: &Palette) {
    let response = list_rows::row_at(ui, rect, ("group", group.id), false, &name_of(group));
    let endpoint = visible_line(&group.endpoint);
    let last = age(&group.last_at, now);
    // The row has room for the span only; words are for who hears it or hovers.
    let span = format!("{} – {last}", short_day_of(&group.first_at));
    let last = if last == "now" { "last now".to_owned() } else { format!("last {last} ago") };
    let when = format!("first on {}, {last}", day_of(&group.first_at));
    let said = format!("{} {endpoint}, {when}", group.method);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(said.clone()));
    let (upper, lower) = (rect.top() + 13.0, rect.top() + 30.0);
    let text = FontId::proportional(theme::TEXT_SIZE);
    let small = FontId::proportional(theme::SMALL_SIZE);
    let mono = FontId::monospace(theme::SMALL_SIZE);
    let color = status_colour(group.status, colours);
    let count = list_rows::text_before(ui, rect.right() - 8.0, upper, &group.count.to_string(), mono.clone(), color);
    let end = list_rows::text(ui, rect.left() + 6.0, upper, &code_of(group), text, colours.text, count - 8.0);
    if let Some(field) = group.field.as_ref().filter(|_| count - end > 40.0) {
        list_rows::text(ui, end + 8.0, upper, &visible_line(field), mono, colours.soft, count - 8.0);
    }
    let right = list_rows::text_before(ui, rect.right() - 8.0, lower, &span, small.clone(), colours.soft) - 8.0;
    let shown = format!("{} {endpoint}", group.method);
    list_rows::text(ui, rect.left() + 6.0, lower, &shown, small, colours.soft, right);
    if response.gained_focus() {
        response.scroll_to_me(None);
    }
    let hover = format!("{}\n{} {endpoint}\n{when}\nShow these in the history", name_of(group), group.method);
    if response.on_hover_text(hover).clicked() {
        queue.push_back(Command::History(HistoryAct::OpenGroup(group.id)));
    }
}

/// What the answers of a kind have in common.
pub(super) fn code_of(group: &HistoryGroup) -> String {
    match (&group.code, group.status) {
        (Some(code), _) => visible_line(code).into_owned(),
        (None, Some(status)) => format!("Status {status}"),
        (None, None) => "No answer".to_owned(),
    }
}

/// A kind in words. Shape: `invalid_request publishAt, 12 times`.
pub(super) fn name_of(group: &HistoryGroup) -> String {
    let times = if group.count == 1 { "once".to_owned() } else { format!("{} times", group.count) };
    let field = group.field.as_deref().map(visible_line).unwrap_or_default();
    format!("{} {field}, {times}", code_of(group))
}

/// Whether a kind holds what was typed, which is in small letters.
pub(super) fn is_match(filter: &str, group: &HistoryGroup) -> bool {
    let status = group.status.map(|status| status.to_string()).unwrap_or_default();
    let texts = [group.code.as_deref().unwrap_or_default(), group.field.as_deref().unwrap_or_default()];
    left::is_match(filter, &texts) || left::is_match(filter, &[&group.endpoint, &group.method, &status])
}
