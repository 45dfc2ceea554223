//! The answer: its tabs, and on the right what it was.

use eframe::egui::{Align, Frame, Grid, Label, Layout, Margin, RichText, ScrollArea, Stroke, Ui};

use super::{body, checks, diagnosis, headers, request, timing};
use crate::app::{Answer, Command, Dialog, ResponseTab, State};
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls;

/// Draws the answer. `with_checks` says that the checks are a tab here, because the window is narrow.
pub fn ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue, with_checks: bool) {
    let colours = theme::palette(ui.ctx());
    Frame::new().inner_margin(Margin::symmetric(12, 0)).show(ui, |ui| tabs_ui(ui, state, queue, with_checks, colours));
    ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), Stroke::new(1.0, colours.hairline));
    if state.response_tab == ResponseTab::Checks && with_checks {
        scrolled(ui, "checks-tab", |ui| checks::ui(ui, state, queue));
        return;
    }
    let Some(answer) = &state.answer else {
        empty_ui(ui, state, queue, colours);
        return;
    };
    if !state.is_answer_to_the_draft() || state.in_flight.is_some() {
        Frame::new().inner_margin(Margin { left: 16, right: 16, top: 8, bottom: 0 }).show(ui, |ui| {
            let call = format!("{} {}", answer.record.method, visible_line(&answer.record.url));
            let text = if state.in_flight.is_some() {
                format!("Waiting for the answer; this is the one before, to {call}")
            } else {
                format!("This is the answer to {call}, not to the request above")
            };
            ui.add(Label::new(RichText::new(text).color(colours.attention)).wrap());
        });
    }
    match state.response_tab {
        ResponseTab::Diagnosis | ResponseTab::Checks => {
            scrolled(ui, "diagnosis-tab", |ui| diagnosis::ui(ui, state, answer, buffers, queue));
        }
        ResponseTab::Body => body::ui(ui, state, answer, buffers, queue),
        ResponseTab::Headers => scrolled(ui, "headers-tab", |ui| headers::ui(ui, answer)),
        ResponseTab::Timing => scrolled(ui, "timing-tab", |ui| timing::ui(ui, answer)),
        ResponseTab::Log => scrolled(ui, "log-tab", |ui| log_ui(ui, answer, colours)),
    }
}

fn tabs_ui(ui: &mut Ui, state: &State, queue: &mut Queue, with_checks: bool, colours: &Palette) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let mut tab = |ui: &mut Ui, tab: ResponseTab, title: &str, count: usize| {
            let count = (count > 0).then_some((count, colours.soft));
            if controls::tab(ui, state.response_tab == tab, title, count).clicked() {
                queue.push_back(Command::ShowResponseTab(tab));
            }
        };
        tab(ui, ResponseTab::Diagnosis, "Diagnosis", 0);
        tab(ui, ResponseTab::Body, "Answer", 0);
        tab(ui, ResponseTab::Headers, "Headers", state.answer.as_ref().map_or(0, |answer| answer.headers.len()));
        tab(ui, ResponseTab::Timing, "Timing", 0);
        tab(ui, ResponseTab::Log, "Log", 0);
        if with_checks {
            tab(ui, ResponseTab::Checks, "Checks", 0);
        }
        if let Some(answer) = &state.answer {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 16.0;
                let soft = |text: String| RichText::new(text).monospace().color(colours.soft);
                if ui.available_width() > 220.0 {
                    ui.label(soft(request::bytes(answer.body_bytes)));
                    ui.label(soft(format!("{} ms", answer.timing.total.as_millis())));
                }
                let color = controls::status_colour(answer.status, colours);
                // A narrow window has no room for a long phrase; the number comes first.
                ui.add(Label::new(RichText::new(answer.status_line()).monospace().color(color)).truncate());
            });
        }
    });
}

fn scrolled(ui: &mut Ui, salt: &str, add: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(salt).auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin::symmetric(16, 12)).show(ui, add);
    });
}

fn empty_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    ui.vertical_centered(|ui| {
        ui.add_space(40.0);
        if state.in_flight.is_some() {
            ui.label(RichText::new("Waiting for the answer…").color(colours.soft));
            return;
        }
        ui.label(theme::semibold("No answer yet"));
        let shortcut = ui.ctx().format_shortcut(&eframe::egui::KeyboardShortcut::new(
            eframe::egui::Modifiers::COMMAND,
            eframe::egui::Key::Enter,
        ));
        ui.label(
            RichText::new(format!(
                "Press Send or {shortcut}. The local sandbox runs inside this program: no account, no network"
            ))
            .color(colours.soft),
        );
        ui.add_space(8.0);
        if controls::link_button(ui, "Read a pasted answer…").clicked() {
            queue.push_back(Command::OpenDialog(Dialog::Paste));
        }
    });
}

fn log_ui(ui: &mut Ui, answer: &Answer, colours: &Palette) {
    Grid::new("log").num_columns(2).spacing([16.0, 2.0]).show(ui, |ui| {
        for line in &answer.log {
            ui.label(RichText::new(format!("{} ms", line.at_ms)).monospace().color(colours.soft));
            ui.add(Label::new(RichText::new(visible_line(&line.text)).monospace()).wrap());
            ui.end_row();
        }
    });
}
