//! The column on the left: requests, errors grouped, history, one filter box over all.

use eframe::egui::{Align2, Context, FontId, Id, RichText, ScrollArea, TextEdit, Ui, pos2, vec2};
use jiff::Timestamp;

use super::{history, history_groups};
use crate::app::{Command, Dialog, HistoryAct, State};
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls::{self, status_colour};
use crate::ui::widgets::list_rows;

/// How many kinds of failures are shown above the history.
const MAX_ERRORS: usize = 5;

/// The id of the filter box, for its shortcut.
pub fn filter_id() -> Id {
    Id::unique("left-filter")
}

/// Draws the column.
pub fn ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue, now: Timestamp) {
    let colours = theme::palette(ui.ctx());
    ui.add_space(2.0);
    let field = ui.add(
        TextEdit::singleline(&mut buffers.filter)
            .id(filter_id())
            .hint_text(RichText::new("Filter requests and history").color(colours.soft))
            .desired_width(f32::INFINITY)
            .margin(vec2(8.0, 6.0)),
    );
    let field = field.accessible_name("Filter requests and history");
    if field.changed() {
        queue.push_back(Command::History(HistoryAct::Search(buffers.filter.clone())));
    }
    let filter = buffers.filter.trim().to_lowercase();
    ScrollArea::vertical().id_salt("left").auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        requests_ui(ui, state, &filter, queue, colours);
        if !state.history_view.is_grouped {
            errors_ui(ui, state, &filter, queue, colours);
        }
        history::ui(ui, state, buffers, queue, now);
    });
}

/// Draws the column as a dialog, for windows that have no room for it.
pub fn dialog_ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let height = (ctx.content_rect().height() - 100.0).max(160.0);
    let modal = controls::modal(ctx, Id::unique("requests")).show(ctx, |ui| {
        ui.set_width(360.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.set_height(height);
        self::ui(ui, state, buffers, queue, Timestamp::now());
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}

fn requests_ui(ui: &mut Ui, state: &State, filter: &str, queue: &mut Queue, colours: &Palette) {
    let all = state.profile.requests.iter().enumerate();
    let matching: Vec<_> =
        all.filter(|(_, request)| is_match(filter, &[&request.name, &request.method, &request.url])).collect();
    if matching.is_empty() {
        return;
    }
    heading(ui, "Requests");
    for (index, request) in &matching {
        let is_open = state.draft.name == request.name;
        let name = format!("{} {}", request.method, request.name);
        let response = list_rows::row(ui, ("request", *index), is_open, &name);
        let (rect, y) = (response.rect, response.rect.center().y);
        list_rows::method(ui, rect, y, &request.method, colours);
        let font = FontId::proportional(theme::TEXT_SIZE);
        let left = rect.left() + list_rows::AFTER_METHOD;
        list_rows::text(ui, left, y, &request.name, font, colours.text, rect.right() - 8.0);
        if response.clicked() {
            queue.push_back(Command::OpenStarter(*index));
        }
    }
}

fn errors_ui(ui: &mut Ui, state: &State, filter: &str, queue: &mut Queue, colours: &Palette) {
    let all = state.history_view.groups.iter();
    let groups: Vec<_> = all.filter(|group| history_groups::is_match(filter, group)).take(MAX_ERRORS).collect();
    if groups.is_empty() {
        return;
    }
    heading(ui, "Errors, grouped");
    for group in groups {
        let name = history_groups::name_of(group);
        let response = list_rows::row(ui, ("error", group.id), false, &name);
        let (rect, y) = (response.rect, response.rect.center().y);
        let font = FontId::proportional(theme::TEXT_SIZE);
        let code = history_groups::code_of(group);
        let end = list_rows::text(ui, rect.left() + 6.0, y, &code, font, colours.text, rect.right() - 70.0);
        let font = FontId::monospace(theme::SMALL_SIZE);
        if let Some(field) = &group.field {
            list_rows::text(ui, end + 8.0, y, &visible_line(field), font.clone(), colours.soft, rect.right() - 34.0);
        }
        let color = status_colour(group.status, colours);
        ui.painter().text(pos2(rect.right() - 8.0, y), Align2::RIGHT_CENTER, group.count, font, color);
        if response.on_hover_text("Show these in the history").clicked() {
            queue.push_back(Command::History(HistoryAct::OpenGroup(group.id)));
        }
    }
}

fn heading(ui: &mut Ui, title: &str) {
    ui.add_space(14.0);
    controls::group_heading(ui, title);
    ui.add_space(4.0);
}

/// Whether one of the texts holds what was typed, which is in small letters.
pub(super) fn is_match(filter: &str, texts: &[&str]) -> bool {
    filter.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(filter))
}
