//! A guided action: what it would change, shown before it is changed.

use eframe::egui::{Frame, Label, RichText, Stroke, TextEdit, Ui, vec2};

use crate::app::{ActionAct, ActionPlan, Change, Command, OpenAction, State};
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
    let Some(open) = &state.action else {
        buffers.action_value = None;
        buffers.action_shown = None;
        return;
    };
    let plan = &open.plan;
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
            rows_ui(ui, plan, queue, colours);
            asks_ui(ui, open, queue, colours);
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

/// The members in which payload and latest state differ: one's own, theirs, and which is taken.
fn rows_ui(ui: &mut Ui, plan: &ActionPlan, queue: &mut Queue, colours: &Palette) {
    for row in &plan.rows {
        ui.horizontal_wrapped(|ui| {
            let key = visible_line(&row.key);
            let mut is_theirs = row.is_theirs;
            let label = format!("Take the latest {key}");
            if ui.checkbox(&mut is_theirs, label).changed() {
                queue.push_back(Command::Action(ActionAct::Take { key: row.key.clone(), is_theirs }));
            }
            ui.label(RichText::new("yours").color(colours.soft));
            ui.label(RichText::new(shown(&row.mine)).monospace());
            ui.label(RichText::new("latest").color(colours.soft));
            ui.label(RichText::new(shown(&row.theirs)).monospace());
        });
    }
}

/// What would be asked, before it is.
fn asks_ui(ui: &mut Ui, open: &OpenAction, queue: &mut Queue, colours: &Palette) {
    if open.plan.asks.is_empty() {
        return;
    }
    ui.label(
        RichText::new("This would be sent, with the call's own credential where no other is named:")
            .color(colours.soft),
    );
    for ask in &open.plan.asks {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(format!("GET {}", visible_line(&ask.draft.url))).monospace());
            ui.label(RichText::new(ask.title.as_str()).color(colours.soft));
        });
    }
    if !open.wish.others.is_empty() {
        let mut with = open.wish.with_others;
        if ui.checkbox(&mut with, "Ask my other workspaces too").changed() {
            queue.push_back(Command::Action(ActionAct::WithOthers(with)));
        }
    }
    ui.add_enabled_ui(!open.is_asking, |ui| {
        let title = if open.is_asking { "Asking…" } else { "Ask the API" };
        if controls::primary_button(ui, title, None, "Ask the API").clicked() {
            queue.push_back(Command::Action(ActionAct::Ask));
        }
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
