//! The five troubleshooting checks, then escalation.

use eframe::egui::{Frame, Label, Margin, RichText, Stroke, Ui};

use super::{expiry, request_tabs};
use crate::app::{Command, Dialog, State};
use crate::checklist::{Check, CheckState};
use crate::credentials::Credential;
use crate::ui::buffers::Queue;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls::{self, Sign};

/// Draws checks and escalation.
pub fn ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    let checks = state.checks();
    ui.horizontal(|ui| {
        ui.label(theme::semibold("Troubleshooting").size(14.0));
        ui.with_layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center), |ui| {
            let clear = checks.iter().filter(|check| check.state == CheckState::Pass).count();
            ui.label(RichText::new(format!("{clear} of {} clear", checks.len())).color(colours.soft));
        });
    });
    for check in checks.iter() {
        check_ui(ui, state, check, queue, colours);
    }
    ui.add_space(8.0);
    controls::group_heading(ui, "Escalation");
    escalation_ui(ui, state, queue, colours);
}

/// The sign and the word for a state.
pub fn sign_of(state: CheckState) -> (Sign, &'static str) {
    match state {
        CheckState::Pass => (Sign::Pass, "passed"),
        CheckState::Fail => (Sign::Fail, "failed"),
        CheckState::Attention => (Sign::Attention, "needs attention"),
        CheckState::Unknown => (Sign::Unknown, "not known"),
    }
}

fn check_ui(ui: &mut Ui, state: &State, check: &Check, queue: &mut Queue, colours: &Palette) {
    card(ui, colours, |ui| {
        ui.horizontal_top(|ui| {
            let (sign, word) = sign_of(check.state);
            controls::sign(ui, sign, &format!("{}: {word}", check.title));
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 3.0;
                ui.label(theme::semibold(&check.title)).on_hover_text(&check.text);
                let summary = RichText::new(&check.summary).size(theme::SMALL_SIZE).color(colours.soft);
                ui.add(Label::new(summary).wrap()).on_hover_text(&check.text);
                let has_place = state.is_answer_to_the_draft()
                    && state.answer.as_ref().and_then(|a| a.diagnosis.as_ref()).is_some_and(|d| !d.fields.is_empty());
                let is_blamed = check.id == "payload" && check.state == CheckState::Fail && has_place;
                if is_blamed && controls::link_button(ui, "Go to field").clicked() {
                    queue.push_back(Command::SelectFinding(state.finding.unwrap_or(0)));
                }
                if check.id == "authentication"
                    && check.state == CheckState::Fail
                    && controls::link_button(ui, "Choose a credential").clicked()
                {
                    queue.push_back(Command::ShowRequestTab(crate::app::RequestTab::Auth));
                }
                if check.id == "authentication"
                    && let Some(credential) = used_credential(state)
                {
                    expiry::label(ui, credential, jiff::Timestamp::now(), colours);
                    request_tabs::refresh_ui(ui, state, credential, queue);
                }
            });
        });
    });
}

/// The credential that the exchange in sight was sent with, if it is still there.
fn used_credential(state: &State) -> Option<&Credential> {
    let name = state.answer.as_ref()?.record.credential.as_deref()?;
    state.keyring.credentials.iter().find(|credential| credential.name == name)
}

fn escalation_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    card(ui, colours, |ui| {
        let text = match &state.report {
            Some(report) => format!(
                "The report holds request ID, time, endpoint, payload snippet and checklist. {} removed",
                if report.removed == 1 { "1 secret".to_owned() } else { format!("{} secrets", report.removed) }
            ),
            None => "A Markdown file with request ID, time, endpoint, payload snippet and checklist. Secrets are removed before it is written".into(),
        };
        ui.add(Label::new(RichText::new(text).size(theme::SMALL_SIZE).color(colours.soft)).wrap());
        let shortcut = ui.ctx().format_shortcut(&eframe::egui::KeyboardShortcut::new(
            eframe::egui::Modifiers::COMMAND,
            eframe::egui::Key::E,
        ));
        ui.add_enabled_ui(state.answer.is_some(), |ui| {
            ui.vertical_centered_justified(|ui| {
                let button = controls::primary_button(ui, "Export report", None, "Export report");
                let hover = format!("Write the report to a file ({shortcut})");
                if button.on_hover_text(hover).on_disabled_hover_text("Send a request first").clicked() {
                    queue.push_back(Command::ExportReport);
                }
            });
            ui.horizontal_wrapped(|ui| {
                if ui.button("Preview").clicked() {
                    queue.push_back(Command::PreviewReport);
                }
                if ui.button("Copy as Markdown").clicked() {
                    queue.push_back(Command::CopyReport);
                }
                if ui.button("Save as…").clicked() {
                    queue.push_back(Command::OpenDialog(Dialog::ReportPath));
                }
            });
        });
    });
}

fn card(ui: &mut Ui, colours: &Palette, add: impl FnOnce(&mut Ui)) {
    Frame::new()
        .fill(colours.field)
        .stroke(Stroke::new(1.0, colours.hairline))
        .corner_radius(8.0)
        .inner_margin(Margin::same(10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            add(ui);
        });
}
