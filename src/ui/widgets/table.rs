//! A table of names and what there is to say of each, with hairlines between.

use eframe::egui::{Align, Color32, Label, Layout, RichText, Sense, Stroke, Ui, vec2};

use crate::ui::theme::{self, Palette};

/// The width of the column of names.
pub const NAMES: f32 = 116.0;

/// Text that wraps.
pub fn wrapped(ui: &mut Ui, text: &str) {
    ui.add(Label::new(text).wrap());
}

/// Secondary text that wraps.
pub fn soft(ui: &mut Ui, text: impl Into<String>) {
    let colours = theme::palette(ui.ctx());
    ui.add(Label::new(RichText::new(text).color(colours.soft)).wrap());
}

/// Code that wraps.
pub fn code(ui: &mut Ui, text: impl Into<String>) {
    ui.add(Label::new(RichText::new(text).monospace()).wrap());
}

/// A line of the table: a name, what there is to say, and a hairline under it.
pub fn row(ui: &mut Ui, colours: &Palette, name: &str, add: impl FnOnce(&mut Ui)) {
    ui.add_space(4.0);
    ui.horizontal_top(|ui| {
        // Name and content get the same height, so that their first lines stand on one level.
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add_space(8.0);
        let size = vec2(NAMES, 20.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.label(RichText::new(name).color(colours.soft));
        });
        ui.horizontal_wrapped(add);
    });
    ui.add_space(4.0);
    hairline(ui, colours.hairline);
}

/// A thin line over the whole width.
pub fn hairline(ui: &mut Ui, color: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, color));
}
