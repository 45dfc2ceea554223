//! The column on the left: requests, errors grouped, history, one filter over all.

use eframe::egui::{
    Align2, Context, FontId, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2,
    vec2,
};
use jiff::Timestamp;

use crate::app::{Command, Dialog, State};
use crate::history::HistoryEntry;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls::{self, method_colour, method_short, status_colour};

/// The id of the filter box, for its shortcut.
pub fn filter_id() -> eframe::egui::Id {
    eframe::egui::Id::unique("left-filter")
}

/// Draws the column.
pub fn ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue, now: Timestamp) {
    let colours = theme::palette(ui.ctx());
    ui.add_space(2.0);
    ui.add(
        TextEdit::singleline(&mut buffers.filter)
            .id(filter_id())
            .hint_text(eframe::egui::RichText::new("Filter requests and history").color(colours.soft))
            .desired_width(f32::INFINITY)
            .margin(vec2(8.0, 6.0)),
    )
    .accessible_name("Filter requests and history");
    let filter = buffers.filter.trim().to_lowercase();
    ScrollArea::vertical().id_salt("left").auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let mut shown = requests_ui(ui, state, &filter, queue, colours);
        shown += errors_ui(ui, state, &filter, buffers, colours);
        shown += history_ui(ui, state, &filter, queue, now, colours);
        if shown == 0 {
            ui.add_space(12.0);
            ui.label(eframe::egui::RichText::new("Nothing matches the filter").color(colours.soft));
            if controls::link_button(ui, "Clear the filter").clicked() {
                buffers.filter.clear();
            }
        }
    });
}

/// Draws the column as a dialog, for windows that have no room for it.
pub fn dialog_ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let height = (ctx.content_rect().height() - 100.0).max(160.0);
    let modal = controls::modal(ctx, eframe::egui::Id::unique("requests")).show(ctx, |ui| {
        ui.set_width(360.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.set_height(height);
        self::ui(ui, state, buffers, queue, Timestamp::now());
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}

fn requests_ui(ui: &mut Ui, state: &State, filter: &str, queue: &mut Queue, colours: &Palette) -> usize {
    let matching: Vec<_> = state
        .profile
        .requests
        .iter()
        .enumerate()
        .filter(|(_, request)| is_match(filter, &[&request.name, &request.method, &request.url]))
        .collect();
    if matching.is_empty() {
        return 0;
    }
    heading(ui, "Requests");
    for (index, request) in &matching {
        let is_open = state.draft.name == request.name;
        let response = row(ui, ("request", *index), is_open, &format!("{} {}", request.method, request.name));
        let rect = response.rect;
        method(ui, rect, &request.method, colours);
        text(ui, rect, 54.0, &request.name, colours.text, rect.right() - 8.0);
        if response.clicked() {
            queue.push_back(Command::OpenStarter(*index));
        }
    }
    matching.len()
}

/// One group of failed exchanges.
struct Group<'s> {
    code: &'s str,
    field: Option<&'s str>,
    count: usize,
    newest: &'s HistoryEntry,
}

fn groups(entries: &[HistoryEntry]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for entry in entries {
        let Some(code) = entry.code.as_deref() else { continue };
        let field = entry.field.as_deref();
        match groups.iter_mut().find(|group| group.code == code && group.field == field) {
            Some(group) => group.count += 1,
            None => groups.push(Group { code, field, count: 1, newest: entry }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

fn errors_ui(ui: &mut Ui, state: &State, filter: &str, buffers: &mut Buffers, colours: &Palette) -> usize {
    let groups: Vec<_> = groups(&state.history)
        .into_iter()
        .filter(|group| is_match(filter, &[group.code, group.field.unwrap_or_default()]))
        .take(8)
        .collect();
    if groups.is_empty() {
        return 0;
    }
    heading(ui, "Errors, grouped");
    for (index, group) in groups.iter().enumerate() {
        let times = if group.count == 1 { "once".to_owned() } else { format!("{} times", group.count) };
        let name = format!("{} {}, {times}", group.code, group.field.unwrap_or_default());
        let response = row(ui, ("group", index), false, &name);
        let rect = response.rect;
        let end = text(ui, rect, 6.0, &visible_line(group.code), colours.text, rect.right() - 70.0);
        if let Some(field) = group.field {
            let font = FontId::monospace(theme::SMALL_SIZE);
            let galley = clipped(ui, &visible_line(field), font, colours.soft, rect.right() - 34.0 - end);
            ui.painter().galley(pos2(end + 8.0, rect.center().y - galley.size().y / 2.0), galley, colours.soft);
        }
        let color = status_colour(group.newest.status, colours);
        let place = pos2(rect.right() - 8.0, rect.center().y);
        ui.painter().text(place, Align2::RIGHT_CENTER, group.count, FontId::monospace(theme::SMALL_SIZE), color);
        if response.on_hover_text("Show these in the history").clicked() {
            buffers.filter = group.code.to_owned();
        }
    }
    groups.len()
}

fn history_ui(ui: &mut Ui, state: &State, filter: &str, queue: &mut Queue, now: Timestamp, colours: &Palette) -> usize {
    let status = |entry: &HistoryEntry| entry.status.map_or("none".to_owned(), |status| status.to_string());
    let matching: Vec<_> = state
        .history
        .iter()
        .filter(|entry| {
            let (code, field) = (entry.code.as_deref().unwrap_or_default(), entry.field.as_deref().unwrap_or_default());
            let id = entry.request_id.as_deref().unwrap_or_default();
            is_match(filter, &[&entry.method, &entry.url, code, field, id, &status(entry)])
        })
        .collect();
    if matching.is_empty() && !filter.is_empty() {
        return 0;
    }
    heading(ui, "History");
    if matching.is_empty() {
        ui.label(eframe::egui::RichText::new("Nothing sent yet").color(colours.soft));
        return 1;
    }
    for (index, entry) in matching.iter().enumerate() {
        let is_open = state.open_entry.as_deref() == Some(entry.id.as_str());
        let age = age(&entry.at, now);
        let path = path_of(&entry.url);
        let name = format!("{} {path}, {}, {age}", entry.method, status(entry));
        let response = row(ui, ("history", index), is_open, &name);
        let rect = response.rect;
        method(ui, rect, &entry.method, colours);
        let small = FontId::proportional(theme::SMALL_SIZE);
        let place = pos2(rect.right() - 8.0, rect.center().y);
        let age_rect = ui.painter().text(place, Align2::RIGHT_CENTER, age, small, colours.soft);
        let status_text = entry.status.map_or("—".to_owned(), |status| status.to_string());
        let color = status_colour(entry.status, colours);
        let place = pos2(age_rect.left() - 8.0, rect.center().y);
        let font = FontId::monospace(theme::SMALL_SIZE);
        let status_rect = ui.painter().text(place, Align2::RIGHT_CENTER, status_text, font, color);
        text(ui, rect, 54.0, &visible_line(path), colours.text, status_rect.left() - 8.0);
        if response.on_hover_text(visible_line(&entry.url)).clicked() {
            queue.push_back(Command::OpenHistoryEntry(entry.id.clone()));
        }
    }
    matching.len()
}

fn heading(ui: &mut Ui, title: &str) {
    ui.add_space(14.0);
    controls::group_heading(ui, title);
    ui.add_space(4.0);
}

fn is_match(filter: &str, texts: &[&str]) -> bool {
    filter.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(filter))
}

fn row(ui: &mut Ui, id: impl eframe::egui::AsIdSalt, is_open: bool, name: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 27.0));
    let response = ui.interact(rect, ui.scope_id().with(id), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, name));
    if is_open || response.hovered() {
        ui.painter().rect_filled(
            rect,
            f32::from(theme::ROUND),
            if is_open { colours.selected } else { colours.hovered },
        );
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, f32::from(theme::ROUND), Stroke::new(1.5, colours.accent), StrokeKind::Inside);
    }
    response
}

fn method(ui: &Ui, rect: eframe::egui::Rect, method: &str, colours: &Palette) {
    let place = pos2(rect.left() + 6.0, rect.center().y);
    let color = method_colour(method, colours);
    ui.painter().text(place, Align2::LEFT_CENTER, method_short(method), FontId::monospace(10.5), color);
}

fn clipped(
    ui: &Ui,
    text: &str,
    font: FontId,
    color: eframe::egui::Color32,
    width: f32,
) -> std::sync::Arc<eframe::egui::Galley> {
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(width.max(10.0));
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// Draws text in a row, cut at `right`; returns where it ends.
fn text(ui: &Ui, rect: eframe::egui::Rect, from: f32, text: &str, color: eframe::egui::Color32, right: f32) -> f32 {
    let left = rect.left() + from;
    let galley = clipped(ui, text, FontId::proportional(theme::TEXT_SIZE), color, right - left);
    let end = left + galley.size().x;
    ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, color);
    end
}

/// Path and query of an address.
fn path_of(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    after.find('/').and_then(|at| after.get(at..)).unwrap_or("/")
}

/// How long ago. Shape: `now`, `2 m`, `1 h`, `3 d`.
pub fn age(at: &str, now: Timestamp) -> String {
    let Ok(at) = at.parse::<Timestamp>() else { return "?".into() };
    match now.as_second() - at.as_second() {
        ..60 => "now".into(),
        seconds @ 60..3600 => format!("{} m", seconds / 60),
        seconds @ 3600..86_400 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
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
