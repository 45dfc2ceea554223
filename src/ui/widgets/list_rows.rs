//! Rows of the lists on the left: their ground, their focus, their texts.

use std::sync::Arc;

use eframe::egui::{
    AsIdSalt, Color32, FontId, Galley, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::controls::{method_colour, method_short};
use crate::ui::theme::{self, Palette};

/// The height of a row of one line.
pub const ROW: f32 = 27.0;
/// The height of a row of two lines.
pub const TALL_ROW: f32 = 42.0;
/// Where the text begins beside a method.
pub const AFTER_METHOD: f32 = 54.0;

/// A row of one line below the one before.
pub fn row(ui: &mut Ui, id: impl AsIdSalt, is_open: bool, name: &str) -> Response {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    row_at(ui, rect, id, is_open, name)
}

/// A row at that place.
pub fn row_at(ui: &Ui, rect: Rect, id: impl AsIdSalt, is_open: bool, name: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    let response = ui.interact(rect, ui.scope_id().with(id), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, name));
    let round = f32::from(theme::ROUND);
    if is_open || response.hovered() {
        ui.painter().rect_filled(rect, round, if is_open { colours.selected } else { colours.hovered });
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect, round, Stroke::new(1.5, colours.accent), StrokeKind::Inside);
    }
    response
}

/// Draws a method at the left end of a line.
pub fn method(ui: &Ui, rect: Rect, y: f32, method: &str, colours: &Palette) {
    let font = FontId::monospace(10.5);
    let color = method_colour(method, colours);
    ui.painter().text(pos2(rect.left() + 6.0, y), eframe::egui::Align2::LEFT_CENTER, method_short(method), font, color);
}

/// One line of text, cut at a width.
pub fn clipped(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(width.max(10.0));
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

/// Draws text in a line, cut at `right`; returns where it ends.
pub fn text(ui: &Ui, left: f32, y: f32, text: &str, font: FontId, color: Color32, right: f32) -> f32 {
    let galley = clipped(ui, text, font, color, right - left);
    let end = left + galley.size().x;
    ui.painter().galley(pos2(left, y - galley.size().y / 2.0), galley, color);
    end
}

/// Draws text that ends at `right`; returns where it begins.
pub fn text_before(ui: &Ui, right: f32, y: f32, text: &str, font: FontId, color: Color32) -> f32 {
    ui.painter().text(pos2(right, y), eframe::egui::Align2::RIGHT_CENTER, text, font, color).left()
}
