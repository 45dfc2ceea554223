//! Bytes of any number as rows of hexadecimal digits: only the rows in sight are made.

use eframe::egui::{FontId, Frame, Label, Margin, RichText, ScrollArea, TextWrapMode, Ui};

use crate::app::{HEX_ROW_BYTES, hex_row, row_count};
use crate::ui::theme;

/// Draws bytes over all the room there is. `first_offset` is where they begin in the body, `scroll_to` a place in them
/// to bring into sight.
pub fn hex_rows_ui(ui: &mut Ui, salt: &str, bytes: &[u8], first_offset: u64, scroll_to: Option<usize>) {
    let colours = theme::palette(ui.ctx());
    let mut area = ScrollArea::both().id_salt(salt).auto_shrink([false, false]);
    if let Some(at) = scroll_to {
        area = area.vertical_scroll_offset((at / HEX_ROW_BYTES) as f32 * theme::CODE_ROW);
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show_rows(ui, theme::CODE_ROW, row_count(bytes.len()), |ui, range| {
        ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
        Frame::new().inner_margin(Margin::symmetric(16, 0)).show(ui, |ui| {
            for row in range {
                let Some(text) = hex_row(bytes, first_offset, row) else { break };
                let text = RichText::new(text).font(FontId::monospace(theme::CODE_SIZE)).color(colours.text);
                ui.add(Label::new(text.line_height(Some(theme::CODE_ROW))));
            }
        });
    });
}
