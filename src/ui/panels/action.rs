//! A guided action: what it would change, shown before it is changed.

use eframe::egui::{Frame, Label, RichText, Stroke, TextEdit, Ui, vec2};

use crate::app::{ActionAct, ActionPlan, Change, Command, State};
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls;

/// How much of a value is shown, in bytes.
const SHOWN_BYTES: usize = 400;

/// Draws the open action's card, and the way back from the last one.
pub fn ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    if let Some(undo) = state.undo.as_ref().filter(|undo| undo.after == state.draft_revision) {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(format!("Done: {}", undo.title)).color(colours.soft));
            if ui.button("Undo").on_hover_text("Put the request back as it was").clicked() {
                queue.push_back(Command::Action(ActionAct::Undo));
            }
        });
    }
    let Some(plan) = &state.action else {
        buffers.action_value = None;
        buffers.action_shown = None;
        return;
    };
    ui.add_space(6.0);
    let card =
        Frame::new().stroke(Stroke::new(1.0, colours.hairline)).corner_radius(6.0).inner_margin(12.0).show(ui, |ui| {
            ui.label(theme::semibold(plan.title.as_str()));
            for change in &plan.changes {
                change_ui(ui, change, colours);
            }
            for note in &plan.notes {
                ui.add(Label::new(RichText::new(note).color(colours.soft)).wrap());
            }
            input_ui(ui, plan, buffers, queue, colours);
            ui.add_space(6.0);
            buttons_ui(ui, state, plan, queue);
        });
    // It opens below what was read, so it is brought into sight once.
    if buffers.action_shown.as_deref() != Some(plan.id.as_str()) {
        buffers.action_shown = Some(plan.id.clone());
        card.response.scroll_to_me(None);
    }
}

fn change_ui(ui: &mut Ui, change: &Change, colours: &Palette) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(visible_line(&change.what)).color(colours.soft));
        let before = change.before.as_deref().map_or_else(|| "not there".to_owned(), shown);
        ui.label(RichText::new(before).monospace().strikethrough().color(colours.failure));
        ui.label(RichText::new("becomes").color(colours.soft));
        ui.label(RichText::new(shown(&change.after)).monospace().color(colours.pass));
    });
}

fn input_ui(ui: &mut Ui, plan: &ActionPlan, buffers: &mut Buffers, queue: &mut Queue, colours: &Palette) {
    let Some(input) = &plan.input else { return };
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        let value = buffers.action_value.get_or_insert_with(|| input.value.clone());
        ui.label(RichText::new(visible_line(&input.label)).color(colours.soft));
        let edit = TextEdit::singleline(value).desired_width(260.0).margin(vec2(8.0, 5.0)).char_limit(4096);
        let response = ui.add(edit).accessible_name(input.label.as_str());
        if response.changed() {
            queue.push_back(Command::Action(ActionAct::Edit(value.clone())));
        }
        for suggestion in &input.suggestions {
            let name = visible_line(suggestion);
            if ui.button(name.as_ref()).on_hover_text("Take this value").clicked() {
                *value = suggestion.clone();
                queue.push_back(Command::Action(ActionAct::Edit(suggestion.clone())));
            }
        }
    });
}

fn buttons_ui(ui: &mut Ui, state: &State, plan: &ActionPlan, queue: &mut Queue) {
    ui.horizontal_wrapped(|ui| {
        if plan.draft.is_some() {
            ui.add_enabled_ui(state.in_flight.is_none(), |ui| {
                if controls::primary_button(ui, "Apply and send", None, "Apply and send").clicked() {
                    queue.push_back(Command::Action(ActionAct::Apply { send: true }));
                }
            });
            if ui.button("Apply").clicked() {
                queue.push_back(Command::Action(ActionAct::Apply { send: false }));
            }
        }
        let leave = if plan.draft.is_some() { "Leave it" } else { "Close" };
        if ui.button(leave).clicked() {
            queue.push_back(Command::Action(ActionAct::Close));
        }
    });
}

fn shown(text: &str) -> String {
    let head = text.get(..text.floor_char_boundary(SHOWN_BYTES)).unwrap_or(text);
    let cut = if head.len() < text.len() { "…" } else { "" };
    format!("{}{cut}", visible_line(head))
}
