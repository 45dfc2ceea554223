//! The answer: its tabs, and on the right what it was.

use eframe::egui::{Align, Frame, Grid, Layout, Margin, RichText, ScrollArea, Stroke, Ui};

use super::{checks, diagnosis, request};
use crate::app::{Answer, Command, ResponseTab, State};
use crate::text::visible_line;
use crate::ui::buffers::Queue;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{body_rows, controls};

/// Draws the answer. `with_checks` says that the checks are a tab here, because the window is narrow.
pub fn ui(ui: &mut Ui, state: &State, queue: &mut Queue, with_checks: bool) {
    let colours = theme::palette(ui.ctx());
    Frame::new().inner_margin(Margin::symmetric(12, 0)).show(ui, |ui| tabs_ui(ui, state, queue, with_checks, colours));
    ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), Stroke::new(1.0, colours.hairline));
    if state.response_tab == ResponseTab::Checks && with_checks {
        scrolled(ui, "checks-tab", |ui| checks::ui(ui, state, queue));
        return;
    }
    let Some(answer) = &state.answer else {
        empty_ui(ui, state, colours);
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
            ui.add(eframe::egui::Label::new(RichText::new(text).color(colours.attention)).wrap());
        });
    }
    match state.response_tab {
        ResponseTab::Diagnosis | ResponseTab::Checks => {
            scrolled(ui, "diagnosis-tab", |ui| diagnosis::ui(ui, state, answer, queue));
        }
        ResponseTab::Body => body_ui(ui, state, answer, queue, colours),
        ResponseTab::Headers => scrolled(ui, "headers-tab", |ui| headers_ui(ui, answer, colours)),
        ResponseTab::Timing => scrolled(ui, "timing-tab", |ui| timing_ui(ui, answer, colours)),
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
                ui.label(RichText::new(answer.status_line()).monospace().color(color));
            });
        }
    });
}

fn scrolled(ui: &mut Ui, salt: &str, add: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(salt).auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin::symmetric(16, 12)).show(ui, add);
    });
}

fn empty_ui(ui: &mut Ui, state: &State, colours: &Palette) {
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
    });
}

fn body_ui(ui: &mut Ui, state: &State, answer: &Answer, queue: &mut Queue, colours: &Palette) {
    Frame::new().inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            if answer.formatted.is_some() {
                let mut is_formatted = state.is_formatted;
                let one = ui.selectable_value(&mut is_formatted, true, "One member a line").clicked();
                let other = ui.selectable_value(&mut is_formatted, false, "As it came").clicked();
                if one || other {
                    queue.push_back(Command::ShowFormatted(is_formatted));
                }
            }
            let note = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).color(colours.attention));
            if answer.is_truncated {
                note(ui, "Not the whole body: it was cut");
            }
            if answer.raw.is_lossy {
                note(ui, "Some bytes are no UTF-8 and are shown as �");
            }
            if answer.is_from_history {
                note(ui, "From the history: secrets were removed");
            }
        });
    });
    if answer.raw.text.is_empty() {
        ui.vertical_centered(|ui| ui.label(RichText::new("The answer has no body").color(colours.soft)));
        return;
    }
    let view = answer.formatted.as_ref().filter(|_| state.is_formatted).unwrap_or(&answer.raw);
    body_rows::body_rows_ui(ui, &answer.id, view, &[], None);
}

fn headers_ui(ui: &mut Ui, answer: &Answer, colours: &Palette) {
    if answer.headers.is_empty() {
        ui.label(RichText::new("No answer came, so there are no headers").color(colours.soft));
    }
    Grid::new("response-headers").num_columns(2).spacing([20.0, 4.0]).show(ui, |ui| {
        for (name, value) in &answer.headers {
            ui.label(RichText::new(visible_line(name)).monospace().color(colours.soft));
            ui.add(eframe::egui::Label::new(RichText::new(visible_line(value)).monospace()).wrap());
            ui.end_row();
        }
    });
}

fn timing_ui(ui: &mut Ui, answer: &Answer, colours: &Palette) {
    let timing = &answer.timing;
    let phases = [
        ("Queue", timing.queue),
        ("Name lookup", timing.dns),
        ("Connection", timing.connect),
        ("TLS handshake", timing.tls),
        ("First byte", timing.first_byte),
        ("Download", timing.download),
        ("Total", Some(timing.total)),
    ];
    Grid::new("timing").num_columns(2).spacing([20.0, 4.0]).show(ui, |ui| {
        for (title, time) in phases {
            ui.label(RichText::new(title).color(colours.soft));
            let shown = time.map_or("not seen".to_owned(), |time| format!("{:.1} ms", time.as_secs_f64() * 1e3));
            ui.label(RichText::new(shown).monospace());
            ui.end_row();
        }
    });
}

fn log_ui(ui: &mut Ui, answer: &Answer, colours: &Palette) {
    Grid::new("log").num_columns(2).spacing([16.0, 2.0]).show(ui, |ui| {
        for line in &answer.log {
            ui.label(RichText::new(format!("{} ms", line.at_ms)).monospace().color(colours.soft));
            ui.add(eframe::egui::Label::new(RichText::new(visible_line(&line.text)).monospace()).wrap());
            ui.end_row();
        }
    });
}
