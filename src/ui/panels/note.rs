//! The note beside an entry of the history.

use eframe::egui::{Context, Id, Key, Modifiers, TextEdit};

use super::{history_rows, notices};
use crate::app::{Command, Dialog, HistoryAct, State};
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme;
use crate::ui::widgets::{controls, form, table};

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let Some(entry) = &state.history_view.noting else { return };
    let is_new = buffers.note.as_ref().is_none_or(|(id, _)| *id != entry.id);
    if is_new {
        buffers.note = Some((entry.id.clone(), entry.note.clone().unwrap_or_default()));
    }
    let told = buffers.told;
    let Some((_, text)) = &mut buffers.note else { return };
    let close = || Command::OpenDialog(Dialog::None);
    let modal = controls::modal(ctx, Id::unique("note")).show(ctx, |ui| {
        ui.set_width(460.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.label(theme::semibold("Note").size(15.0));
        table::soft(ui, history_rows::title_of(entry));
        notices::in_dialog_ui(ui, state, told, queue);
        let keys = eframe::egui::KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
        let is_sent = ui.input_mut(|input| input.consume_shortcut(&keys));
        let field = ui.add(TextEdit::multiline(text).desired_rows(4).desired_width(f32::INFINITY));
        let field = field.accessible_name("Note");
        if is_new {
            field.request_focus();
        }
        form::note(ui, "It is searched with the rest; secrets in it are removed");
        let save = |text: &str| Command::History(HistoryAct::SetNote(entry.id.clone(), text.to_owned()));
        ui.horizontal_wrapped(|ui| {
            let shortcut = ui.ctx().format_shortcut(&keys);
            if controls::primary_button(ui, "Save", Some(&shortcut), "Save the note").clicked() || is_sent {
                queue.push_back(save(text));
            }
            if entry.note.is_some() && ui.button("Remove the note").clicked() {
                queue.push_back(save(""));
            }
            if ui.button("Close").clicked() {
                queue.push_back(close());
            }
        });
    });
    if modal.should_close() {
        queue.push_back(close());
    }
}
