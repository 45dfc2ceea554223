//! What stays said until it is dismissed.

use eframe::egui::{Align, Frame, Label, Layout, Margin, RichText, Role, Stroke, Ui, UiBuilder};

use crate::app::{Command, Dialog, HistoryAct, Notice, NoticeKind, State};
use crate::ui::buffers::Queue;
use crate::ui::icons;
use crate::ui::theme;
use crate::ui::widgets::controls;

/// The newest notices for the place above the answer. Those that a dialog says, newer than `told`, are not said twice.
pub fn above_the_answer(state: &State, told: u64) -> Vec<&Notice> {
    let is_said_there = matches!(
        state.dialog,
        Dialog::Cookies
            | Dialog::BodyPath
            | Dialog::ReportPath
            | Dialog::Keeping
            | Dialog::Note
            | Dialog::Profiles
            | Dialog::Paste
    );
    let is_here = |notice: &&Notice| !is_said_there || notice.id <= told || notice.kind == NoticeKind::Done;
    state.notices.iter().rev().filter(is_here).take(3).collect()
}

/// Draws what went wrong since a dialog was opened, which hides the place above the answer.
///
/// `told` is the newest notice of before.
pub fn in_dialog_ui(ui: &mut Ui, state: &State, told: u64, queue: &mut Queue) {
    let is_new = |notice: &&Notice| notice.id > told && notice.kind != NoticeKind::Done;
    let newest: Vec<&Notice> = state.notices.iter().rev().filter(is_new).take(2).collect();
    list_ui(ui, state, &newest, queue);
}

/// Draws notices.
pub fn list_ui(ui: &mut Ui, state: &State, notices: &[&Notice], queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    for notice in notices {
        let (color, ground, icon) = match notice.kind {
            NoticeKind::Done => (colours.pass, colours.pass_ground, icons::CHECK),
            NoticeKind::Attention => (colours.attention, colours.attention_ground, icons::WARNING),
            NoticeKind::Failure => (colours.failure, colours.failure_ground, icons::WARNING),
        };
        let role = if notice.kind == NoticeKind::Done { Role::Status } else { Role::Alert };
        let builder = UiBuilder::new().accessibility_role(role).accessibility_label(notice.summary.clone());
        ui.scope_builder(builder, |ui| {
            Frame::new()
                .fill(ground)
                .stroke(Stroke::new(1.0, color))
                .corner_radius(6.0)
                .inner_margin(Margin::symmetric(10, 5))
                .show(ui, |ui| {
                    ui.horizontal(|ui| {
                        ui.label(icons::icon(icon, 15.0).color(color));
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            if controls::icon_button(ui, icons::X, &format!("Dismiss: {}", notice.summary)).clicked() {
                                queue.push_back(Command::DismissNotice(notice.id));
                            }
                            if state.history_view.can_undo(notice.id) && ui.button("Undo").clicked() {
                                queue.push_back(Command::History(HistoryAct::Undo(notice.id)));
                            }
                            ui.with_layout(Layout::left_to_right(Align::Center).with_main_wrap(true), |ui| {
                                ui.add(
                                    Label::new(RichText::new(crate::text::visible_line(&notice.summary)).color(color))
                                        .wrap(),
                                );
                                if !notice.fix.is_empty() {
                                    ui.add(Label::new(RichText::new(&notice.fix).color(colours.text)).wrap());
                                }
                            });
                        });
                    });
                });
        });
    }
}
