//! The warning that stands as long as certificates of the chosen environment are not verified.

use eframe::egui::{Align, Label, Layout, RichText, Role, Ui, UiBuilder};

use crate::app::{Command, State};
use crate::ui::buffers::Queue;
use crate::ui::icons;
use crate::ui::theme;

/// Whether there is something to warn of.
pub fn is_shown(state: &State) -> bool {
    state.own_network().is_some_and(|network| network.route.is_unverified)
}

/// Draws the warning; it goes only when verification is switched on again.
pub fn ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    let text = format!(
        "Certificates of {} are not verified: anybody between could read and change what is sent",
        state.environment_title()
    );
    let builder = UiBuilder::new().accessibility_role(Role::Alert).accessibility_label(text.clone());
    ui.scope_builder(builder, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("Verify again").on_hover_text("Verify certificates from now on").clicked() {
                let mut settings = state.network_settings();
                settings.route.is_unverified = false;
                queue.push_back(Command::SetNetwork {
                    environment: state.draft.environment.clone(),
                    settings: Box::new(settings),
                    passphrase: None,
                });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(icons::icon(icons::WARNING, 15.0).color(colours.attention));
                ui.add(Label::new(RichText::new(text).color(colours.attention)).wrap());
            });
        });
    });
}
