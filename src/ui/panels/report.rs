//! The report before it is written, and the question where to.

use eframe::egui::{Context, Id, RichText, ScrollArea};

use super::save_as::{self, SaveAs};
use crate::app::{Command, Dialog, State};
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme;
use crate::ui::widgets::controls;

/// Draws the preview.
pub fn preview_ui(ctx: &Context, state: &State, queue: &mut Queue) {
    let colours = theme::palette(ctx);
    let Some(report) = &state.report else { return };
    let screen = ctx.content_rect();
    // The same height in each frame: a scroll area in a dialog otherwise grows into its room step by step.
    let height = (screen.height() - 220.0).max(120.0);
    let modal = controls::modal(ctx, Id::unique("report-preview")).show(ctx, |ui| {
        ui.set_width((screen.width() - 120.0).min(860.0));
        ui.label(theme::semibold("The report as it will be written").size(15.0));
        let removed = if report.removed == 1 {
            "1 secret was removed".into()
        } else {
            format!("{} secrets were removed", report.removed)
        };
        ui.label(RichText::new(removed).color(colours.soft));
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                ui.add(eframe::egui::Label::new(RichText::new(report.text.as_str()).monospace()).wrap());
            },
        );
        ui.separator();
        ui.horizontal_wrapped(|ui| {
            if controls::primary_button(ui, "Export report", None, "Export this report").clicked() {
                queue.push_back(Command::ExportReport);
            }
            if ui.button("Copy as Markdown").accessible_name("Copy this report as Markdown").clicked() {
                queue.push_back(Command::CopyReport);
            }
            if ui.button("Save as…").accessible_name("Save this report as…").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::ReportPath));
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

/// Draws the question where to write the report.
pub fn path_ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let asked = SaveAs {
        id: "report-path",
        title: "Save the report",
        what: None,
        hint: "path of the file, ending in .md".into(),
        field: "Report file",
        save: "Save the report",
        browse: "Browse for the report file",
        is_there: state.answer.is_some(),
        path: &mut buffers.report_path,
        told: buffers.told,
    };
    let write = |path: &str| Command::WriteReport { path: path.into(), is_replacing: false };
    save_as::ui(ctx, state, asked, queue, Command::BrowseReportPath, write);
}
