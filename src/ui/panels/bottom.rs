//! The bar below: keyring, rate limit, sandbox, version.

use eframe::egui::{Align, Layout, RichText, Sense, Ui, vec2};

use crate::app::{Command, Dialog, SandboxState, State};
use crate::credentials::KeyringState;
use crate::ui::buffers::Queue;
use crate::ui::theme;
use crate::ui::widgets::controls;

/// Draws the bar.
pub fn ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    let width = ui.available_width();
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let small = |text: String| RichText::new(text).size(theme::SMALL_SIZE).color(colours.soft);
        let (color, text) = match (&state.keyring.state, state.keyring.is_busy) {
            (KeyringState::Ready, _) => (colours.pass, "Keyring unlocked".to_owned()),
            (KeyringState::Unknown, true) => (colours.soft, "Asking the keyring…".to_owned()),
            (other, _) => (colours.attention, other.summary().to_owned()),
        };
        let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), 4.0, color);
        if ui.add(eframe::egui::Button::new(small(text)).frame(false)).on_hover_text("Open credentials").clicked() {
            queue.push_back(Command::OpenDialog(Dialog::Credentials));
        }
        if let Some((remaining, limit)) = state.answer.as_ref().and_then(|answer| answer.rate_limit()) {
            ui.add_space(8.0);
            ui.label(small("Rate limit".into()));
            let left = (remaining / limit) as f32;
            let color = if left < 0.2 { colours.attention } else { colours.accent };
            controls::bar(ui, 80.0, left, color, &format!("Rate limit, {remaining} of {limit} left"));
            ui.label(small(format!("{remaining} of {limit} left")));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(small(concat!("v", env!("CARGO_PKG_VERSION")).into()));
            if width < 800.0 {
                return;
            }
            ui.add_space(8.0);
            let sandbox = match &state.sandbox {
                SandboxState::Starting => "Local sandbox starting…".to_owned(),
                SandboxState::Running { base, .. } => format!("Local sandbox at {base}"),
                SandboxState::Failed(_) => "Local sandbox did not start".to_owned(),
            };
            ui.label(small(sandbox));
        });
    });
}
