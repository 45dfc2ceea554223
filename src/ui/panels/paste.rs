//! A text is pasted and read as an answer: a body, raw HTTP, a cURL command with its answer, HAR or a log line.

use eframe::egui::{Context, Id, RichText, ScrollArea, TextEdit, vec2};

use super::notices;
use crate::app::{Command, Dialog, State};
use crate::secret::Secret;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme;
use crate::ui::widgets::{controls, table};

/// The longest text that is taken, in bytes; the reader itself takes more, a text field does not.
const MOST_BYTES: usize = 4 << 20;

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let screen = ctx.content_rect();
    let height = (screen.height() - 300.0).clamp(100.0, 380.0);
    let modal = controls::modal(ctx, Id::unique("paste")).show(ctx, |ui| {
        ui.set_width(640.0_f32.min(screen.width() - 60.0));
        ui.label(theme::semibold("Read a pasted answer").size(15.0));
        table::soft(
            ui,
            "An error body, raw HTTP, a cURL command with its answer, a HAR file or a JSON log line. Nothing is sent",
        );
        notices::in_dialog_ui(ui, state, buffers.told, queue);
        ui.add_space(6.0);
        ScrollArea::vertical().id_salt("paste-text").max_height(height).show(ui, |ui| {
            let edit = TextEdit::multiline(&mut buffers.paste.text)
                .code_editor()
                .char_limit(MOST_BYTES)
                .desired_width(f32::INFINITY)
                .desired_rows(12)
                .hint_text("Paste here");
            ui.add(edit).accessible_name("Text to read");
        });
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            ui.label("Status");
            let edit = TextEdit::singleline(&mut buffers.paste.status).desired_width(64.0).char_limit(3);
            ui.add(edit.margin(vec2(8.0, 5.0))).accessible_name("Status, if the text does not say it");
            ui.label(RichText::new("only if the text does not say it").color(theme::palette(ui.ctx()).soft));
        });
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            let is_ready = !buffers.paste.text.trim().is_empty();
            ui.add_enabled_ui(is_ready, |ui| {
                if controls::primary_button(ui, "Read", None, "Read the text").clicked() {
                    queue.push_back(Command::ReadPaste {
                        text: Secret::new(buffers.paste.text.clone()),
                        status: buffers.paste.status.trim().parse().ok().filter(|status| (100..=999).contains(status)),
                    });
                }
            });
            if ui.button("Close").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::None));
            }
        });
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}
