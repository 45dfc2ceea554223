//! What was removed from a draft and has to be filled in before it can be sent.

use eframe::egui::{Button, Frame, Label, Margin, RichText, Role, Ui, UiBuilder, vec2};

use crate::app::{Command, Gap, RequestTab, State};
use crate::ui::buffers::Queue;
use crate::ui::theme;
use crate::workspace::DraftPart;

/// How many places are named; behind them only how many more there are.
const MAX_NAMES: usize = 6;

/// Draws the band; nothing where nothing is missing.
pub fn ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    let gaps = state.gaps();
    if gaps.is_empty() {
        return;
    }
    let colours = theme::palette(ui.ctx());
    let text = match gaps.len() {
        1 => "1 removed value has to be filled in before this can be sent".to_owned(),
        count => format!("{count} removed values have to be filled in before this can be sent"),
    };
    let builder = UiBuilder::new().accessibility_role(Role::Status).accessibility_label(text.clone());
    ui.scope_builder(builder, |ui| {
        let frame = Frame::new().fill(colours.attention_ground).inner_margin(Margin::symmetric(12, 5));
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
                ui.spacing_mut().button_padding = vec2(2.0, 0.0);
                ui.spacing_mut().interact_size.y = 20.0;
                ui.add(Label::new(RichText::new(text).color(colours.attention)).wrap());
                for gap in gaps.iter().take(MAX_NAMES) {
                    let shown = RichText::new(&gap.name).monospace().color(colours.text).underline();
                    let name = format!("Go to {}", gap.name);
                    let button = ui.add(Button::new(shown).frame(false)).on_hover_text("Go to its place");
                    if button.accessible_name(name).clicked() {
                        queue.push_back(Command::ShowRequestTab(tab_of(gap)));
                    }
                }
                if gaps.len() > MAX_NAMES {
                    ui.label(RichText::new(format!("and {} more", gaps.len() - MAX_NAMES)).color(colours.text));
                }
            });
        });
    });
}

fn tab_of(gap: &Gap) -> RequestTab {
    match gap.part {
        DraftPart::Header(_) => RequestTab::Headers,
        DraftPart::Workspace | DraftPart::Credential => RequestTab::Auth,
        DraftPart::Url => RequestTab::Params,
        _ => RequestTab::Body,
    }
}
