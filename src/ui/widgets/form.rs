//! Lines of a form: a name on the left, an input on the right, and what is wrong with it under it.

use eframe::egui::{
    Align, ComboBox, Context, Id, Label, Layout, Response, RichText, Role, TextEdit, Ui, UiBuilder, vec2,
};

use super::controls;
use crate::ui::theme;

/// The width of the column of names.
const NAMES: f32 = 150.0;

/// A line: its name, and inputs beside it.
pub fn line(ui: &mut Ui, title: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        let size = vec2(NAMES, ui.spacing().interact_size.y);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(size);
            ui.label(title);
        });
        ui.vertical(add);
    });
}

/// A field for one line of text.
pub fn field(ui: &mut Ui, name: &str, text: &mut String, width: f32, hint: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    let width = width.min(ui.available_width() - 24.0);
    let edit = TextEdit::singleline(text).hint_text(RichText::new(hint).color(colours.soft)).desired_width(width);
    ui.add(edit).accessible_name(name)
}

/// A short field with its unit and a few words beside it.
pub fn number(ui: &mut Ui, name: &str, text: &mut String, unit: &str) {
    ui.horizontal_wrapped(|ui| {
        field(ui, name, text, 64.0, "");
        note(ui, unit);
    });
}

/// A field for lines of text.
pub fn lines(ui: &mut Ui, name: &str, text: &mut String, hint: &str) {
    let colours = theme::palette(ui.ctx());
    let width = 360.0_f32.min(ui.available_width() - 24.0);
    let edit = TextEdit::multiline(text).desired_rows(2).desired_width(width);
    ui.add(edit.hint_text(RichText::new(hint).color(colours.soft))).accessible_name(name);
}

/// A masked field. What was typed into it also lies in its undo: see [`forget_undo`].
pub fn secret(ui: &mut Ui, id: Id, name: &str, text: &mut String, width: f32, hint: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    let width = width.min(ui.available_width() - 24.0);
    let edit = TextEdit::singleline(text).id(id).password(true).desired_width(width);
    ui.add(edit.hint_text(RichText::new(hint).color(colours.soft))).accessible_name(name)
}

/// Takes away the undo of a masked field, which holds what was typed.
pub fn forget_undo(ctx: &Context, id: Id) {
    TextEdit::store_state(ctx, id, eframe::egui::widgets::text_edit::TextEditState::default());
}

/// A list to choose one of a few from.
pub fn choice<T: PartialEq + Clone>(ui: &mut Ui, name: &str, value: &mut T, offered: &[(T, &str)]) {
    let chosen = offered.iter().find(|(offer, _)| offer == value).map(|(_, title)| *title).unwrap_or_default();
    let response = ComboBox::from_id_salt(name)
        .selected_text(chosen)
        .width(220.0)
        .show_ui(ui, |ui| {
            for (offer, title) in offered {
                if ui.selectable_label(offer == value, *title).clicked() {
                    value.clone_from(offer);
                    ui.close();
                }
            }
        })
        .response;
    controls::name_combo(response, name, chosen);
}

/// A few words beside or under an input.
pub fn note(ui: &mut Ui, text: &str) {
    let colours = theme::palette(ui.ctx());
    ui.add(Label::new(RichText::new(text).size(theme::SMALL_SIZE).color(colours.soft)).wrap());
}

/// What is wrong with an input.
pub fn problem(ui: &mut Ui, text: &str) {
    let colours = theme::palette(ui.ctx());
    let builder = UiBuilder::new().accessibility_role(Role::Alert).accessibility_label(text);
    ui.scope_builder(builder, |ui| {
        ui.add(Label::new(RichText::new(text).size(theme::SMALL_SIZE).color(colours.failure)).wrap());
    });
}
