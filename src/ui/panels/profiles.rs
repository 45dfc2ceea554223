//! The API profiles: those inside the program, and the files of the profiles folder.

use eframe::egui::{Context, Id, Label, RichText, ScrollArea, Ui};

use super::notices;
use crate::app::{Command, Dialog, State};
use crate::profile::ProfileChoice;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{controls, table};

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, buffers: &Buffers, queue: &mut Queue) {
    let screen = ctx.content_rect();
    let height = (screen.height() - 220.0).clamp(120.0, 420.0);
    let colours = theme::palette(ctx);
    let modal = controls::modal(ctx, Id::unique("profiles")).show(ctx, |ui| {
        ui.set_width(560.0_f32.min(screen.width() - 60.0));
        ui.label(theme::semibold("API profiles").size(15.0));
        table::soft(ui, "A profile says what an API is: its environments, headers, error shape and error codes");
        notices::in_dialog_ui(ui, state, buffers.told, queue);
        ui.add_space(6.0);
        if state.profiles.choices.is_empty() {
            table::soft(ui, "Reading the profiles…");
        }
        ScrollArea::vertical().id_salt("profiles-all").max_height(height).show(ui, |ui| {
            for choice in &state.profiles.choices {
                choice_ui(ui, state, choice, queue, colours);
            }
        });
        ui.add_space(8.0);
        table::soft(ui, "Put a TOML file into this folder to have it here:");
        ui.add(Label::new(RichText::new(visible_line(&state.profiles.folder)).monospace()).wrap());
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            if ui.button("Read the folder again").clicked() {
                queue.push_back(Command::OpenProfiles);
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

fn choice_ui(ui: &mut Ui, state: &State, choice: &ProfileChoice, queue: &mut Queue, colours: &Palette) {
    let title = visible_line(&choice.title);
    let file = choice.file.as_ref().and_then(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
    let origin = file.map_or_else(|| "built in".to_owned(), |name| visible_line(&name).into_owned());
    match &choice.problem {
        None => {
            let is_chosen = state.profile.name == choice.name && state.profile.title == choice.title;
            let name = format!("Use the profile {title}");
            ui.horizontal(|ui| {
                let label = ui.selectable_label(is_chosen, title.as_ref()).accessible_name(name);
                ui.label(RichText::new(origin).color(colours.soft));
                if is_chosen {
                    ui.label(RichText::new("in use").color(colours.soft));
                }
                if label.clicked() && !is_chosen {
                    queue.push_back(Command::ChooseProfile(choice.key.clone()));
                }
            });
        }
        Some((what, fix)) => {
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(title.as_ref()).color(colours.soft));
                ui.label(RichText::new("cannot be used").color(colours.attention));
            });
            ui.add(Label::new(format!("{}: {}", visible_line(what), visible_line(fix))).wrap());
        }
    }
}
