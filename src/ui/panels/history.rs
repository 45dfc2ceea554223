//! The history on the left: its switch, its filters in sight, its entries or kinds of failures.

use eframe::egui::{Align, Frame, Layout, Margin, RichText, Role, Ui, UiBuilder};
use jiff::Timestamp;

use super::history_filter::{self, chips_of};
use super::{history_groups, history_rows};
use crate::app::{Command, HistoryAct, State};
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::icons;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls;

/// Draws the history.
pub fn ui(ui: &mut Ui, state: &State, buffers: &Buffers, queue: &mut Queue, now: Timestamp) {
    let colours = theme::palette(ui.ctx());
    ui.add_space(8.0);
    head_ui(ui, state, queue);
    if state.history_view.is_grouped {
        history_groups::ui(ui, state, buffers, queue, now);
        return;
    }
    chips_ui(ui, state, queue, colours);
    comparing_ui(ui, state, queue, colours);
    if state.history.is_empty() {
        empty_ui(ui, state, queue, colours);
    } else {
        history_rows::ui(ui, state, queue, now);
    }
}

fn head_ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        controls::group_heading(ui, "History");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            history_filter::button_ui(ui, state, queue);
            let is_grouped = state.history_view.is_grouped;
            if controls::tab(ui, is_grouped, "Groups", None).on_hover_text("Failures of one kind together").clicked() {
                queue.push_back(Command::History(HistoryAct::ShowGroups(true)));
            }
            if controls::tab(ui, !is_grouped, "Entries", None).on_hover_text("Every call, newest first").clicked() {
                queue.push_back(Command::History(HistoryAct::ShowGroups(false)));
            }
        });
    });
    ui.add_space(2.0);
}

/// The filters that hold, each with a way out of it.
fn chips_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    let chips = chips_of(state);
    if chips.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = eframe::egui::vec2(4.0, 4.0);
        for chip in chips {
            let text: String = chip.title.chars().take(28).collect();
            let cross = icons::icon(icons::X, 11.0).color(colours.soft);
            let button = eframe::egui::Button::new((RichText::new(text).size(theme::SMALL_SIZE), cross));
            let name = format!("Remove the filter: {}", chip.title);
            if ui.add(button).on_hover_text(&name).accessible_name(&name).clicked() {
                queue.push_back(Command::History(HistoryAct::Filter(Box::new(chip.without))));
            }
        }
    });
    ui.add_space(4.0);
}

/// What is waited for while an entry is to be compared with another.
fn comparing_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    let Some(waiting) = &state.history_view.comparing else { return };
    let text = format!("Choose what to compare {} with", history_rows::title_of(waiting));
    let builder = UiBuilder::new().accessibility_role(Role::Status).accessibility_label(text.clone());
    ui.scope_builder(builder, |ui| {
        let frame = Frame::new().fill(colours.selected).corner_radius(6.0).inner_margin(Margin::symmetric(8, 6));
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(eframe::egui::Label::new(text).wrap());
            if controls::link_button(ui, "Do not compare").clicked() {
                queue.push_back(Command::History(HistoryAct::StopComparing));
            }
        });
    });
    ui.add_space(4.0);
}

/// An empty list says why it is empty, and what to do.
fn empty_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    let view = &state.history_view;
    let soft = |ui: &mut Ui, text: &str| {
        ui.add(eframe::egui::Label::new(RichText::new(text).color(colours.soft)).wrap());
    };
    if let Some((summary, fix)) = &view.problem {
        ui.add(eframe::egui::Label::new(RichText::new(summary).color(colours.failure)).wrap());
        soft(ui, fix);
        return;
    }
    if view.shown.is_none() {
        soft(ui, "Reading the history…");
        return;
    }
    if view.shows_all() {
        soft(ui, "Nothing sent yet");
        return;
    }
    soft(ui, "Nothing matches the filter");
    if controls::link_button(ui, "Clear the filter").clicked() {
        queue.push_back(Command::History(HistoryAct::ShowAll));
    }
}
