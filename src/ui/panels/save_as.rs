//! The question where to save something. A path can be typed where no file dialog is to be had.

use eframe::egui::{Context, Id, RichText, TextEdit};

use super::notices;
use crate::app::{Command, Dialog, State};
use crate::ui::buffers::Queue;
use crate::ui::theme;
use crate::ui::widgets::{controls, table};

/// What is saved, and how the question for it is worded.
pub(super) struct SaveAs<'a> {
    /// The dialog's id.
    pub id: &'static str,
    /// The heading.
    pub title: &'static str,
    /// What will be written; none where the heading says enough.
    pub what: Option<String>,
    /// What an empty field says.
    pub hint: String,
    /// The accessible name of the field for the path.
    pub field: &'static str,
    /// The accessible name of the button that saves.
    pub save: &'static str,
    /// The accessible name of the button for the file dialog.
    pub browse: &'static str,
    /// Whether there is anything to save.
    pub is_there: bool,
    /// The path being typed.
    pub path: &'a mut String,
    /// The newest notice of before the dialog was opened.
    pub told: u64,
}

/// Draws the question. `browse` asks for the file dialog, `write` saves to the path that was typed.
pub(super) fn ui(
    ctx: &Context,
    state: &State,
    asked: SaveAs<'_>,
    queue: &mut Queue,
    browse: Command,
    write: impl FnOnce(&str) -> Command,
) {
    let SaveAs { path, .. } = asked;
    let modal = controls::modal(ctx, Id::unique(asked.id)).show(ctx, |ui| {
        ui.set_width(520.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.label(theme::semibold(asked.title).size(15.0));
        if let Some(what) = asked.what {
            table::soft(ui, what);
        }
        table::soft(ui, "A file that is there already is not replaced");
        notices::in_dialog_ui(ui, state, asked.told, queue);
        let hint = RichText::new(asked.hint).color(theme::palette(ui.ctx()).soft);
        ui.add(TextEdit::singleline(path).hint_text(hint).desired_width(f32::INFINITY)).accessible_name(asked.field);
        ui.horizontal_wrapped(|ui| {
            let is_ready = !path.trim().is_empty() && asked.is_there;
            ui.add_enabled_ui(is_ready, |ui| {
                if controls::primary_button(ui, "Save", None, asked.save).clicked() {
                    queue.push_back(write(path.trim()));
                }
            });
            if ui.button("Browse…").accessible_name(asked.browse).clicked() {
                queue.push_back(browse);
            }
            if ui.button("Close").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::None));
            }
        });
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}
