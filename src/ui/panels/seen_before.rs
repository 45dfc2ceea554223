//! What the history knows of a failure: how often it was seen, and the last call that worked.

use eframe::egui::{RichText, Ui};

use super::history_rows::day_of;
use crate::app::{Answer, Command, EntryAct, HistoryAct, State};
use crate::ui::buffers::Queue;
use crate::ui::theme;
use crate::ui::widgets::controls;
use crate::ui::widgets::table::row;

/// Draws both rows; nothing for an answer that is no failure.
pub fn ui(ui: &mut Ui, state: &State, answer: &Answer, queue: &mut Queue) {
    if !answer.is_failure() {
        return;
    }
    let colours = theme::palette(ui.ctx());
    let view = &state.history_view;
    // The newest of its kind is the one that the kind was seen with last.
    let kind = view.groups.iter().find(|group| group.last_id == answer.id && group.count > 1);
    if let Some(kind) = kind {
        row(ui, colours, "Also seen", |ui| {
            ui.label(format!("{} times, first on {}", kind.count, day_of(&kind.first_at)));
            let show = controls::link_button(ui, "Show").on_hover_text("Show them in the history");
            if show.accessible_name("Show the same failures").clicked() {
                queue.push_back(Command::History(HistoryAct::OpenGroup(kind.id)));
            }
        });
    }
    let Some((id, good)) = &view.last_good else { return };
    if *id != answer.id {
        return;
    }
    row(ui, colours, "Last good call", |ui| match good {
        Some(_) => {
            let title = "Compare with the last good call of this endpoint";
            if controls::link_button(ui, "Compare with it").on_hover_text(title).accessible_name(title).clicked() {
                let act = HistoryAct::Act(answer.id.clone(), EntryAct::CompareWithLastGood);
                queue.push_back(Command::History(act));
            }
        }
        None => {
            ui.label(RichText::new("None of this endpoint in the history yet").color(colours.soft));
        }
    });
}
