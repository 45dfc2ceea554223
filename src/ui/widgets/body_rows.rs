//! A body of any size: only the rows in sight are laid out.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align2, FontId, Rect, ScrollArea, Sense, Stroke, TextWrapMode, Ui, pos2, vec2};

use super::code_editor::{mark_name, token_colour};
use super::json_tokens::tokens;
use crate::app::{BodyRow, BodyView, Mark};
use crate::text::{visible, visible_line};
use crate::ui::theme;

/// The space left of the text for line numbers.
const GUTTER: f32 = 56.0;

/// Draws a body over all the room there is. `scroll_to` is a byte in the text to bring into sight.
pub fn body_rows_ui(ui: &mut Ui, salt: &str, view: &BodyView, marks: &[Mark], scroll_to: Option<usize>) {
    let colours = theme::palette(ui.ctx());
    let mut area = ScrollArea::both().id_salt(salt).auto_shrink([false, false]);
    if let Some(offset) = scroll_to {
        let row = view.rows.partition_point(|row| row.span.end < offset);
        let above = (ui.available_height() / 2.0).max(0.0);
        area = area.vertical_scroll_offset((row as f32 * theme::CODE_ROW - above).max(0.0));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show_rows(ui, theme::CODE_ROW, view.rows.len(), |ui, range| {
        ui.style_mut().wrap_mode = Some(TextWrapMode::Extend);
        // A row is as high as it is counted; a control's height would push the last ones out of reach.
        ui.spacing_mut().interact_size.y = theme::CODE_ROW;
        for (index, row) in view.rows.get(range.clone()).unwrap_or_default().iter().enumerate() {
            let mark = marks.iter().find(|mark| row.span.start <= mark.span.start && mark.span.start <= row.span.end);
            let job = row_job(view, row, mark, colours);
            ui.push_id((salt, range.start + index), |ui| {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 0.0;
                    let (number, _) = ui.allocate_exact_size(vec2(GUTTER, theme::CODE_ROW), Sense::hover());
                    if mark.is_some() {
                        let band = Rect::from_min_max(number.left_top(), pos2(ui.max_rect().right(), number.bottom()));
                        ui.painter().rect_filled(band, 0.0, colours.failure_ground);
                    }
                    if let Some(line) = row.line {
                        let place = pos2(number.right() - 16.0, number.center().y);
                        ui.painter().text(place, Align2::RIGHT_CENTER, line, theme::code_font(), colours.code_soft);
                    }
                    let label = ui.label(job);
                    if let Some(mark) = mark {
                        label.on_hover_text(mark_name(mark));
                        ui.add_space(12.0);
                        ui.colored_label(colours.failure, &mark.reason).on_hover_text(mark_name(mark));
                    }
                });
            });
        }
    });
}

fn row_job(view: &BodyView, row: &BodyRow, mark: Option<&Mark>, colours: &theme::Palette) -> LayoutJob {
    let raw = row.span.slice(&view.text).unwrap_or_default();
    // Far down in a very long body rows are not cut at line ends any more.
    let shown = if raw.contains('\n') { visible_line(raw) } else { visible(raw) };
    let format = |color| TextFormat {
        font_id: FontId::monospace(theme::CODE_SIZE),
        line_height: Some(theme::CODE_ROW),
        color,
        ..TextFormat::default()
    };
    // Where signs were made visible, offsets no longer fit: the row is then shown plainly.
    let is_same = matches!(shown, std::borrow::Cow::Borrowed(_));
    if !is_same || !view.is_json {
        return LayoutJob::single_section(shown.into_owned(), format(colours.text));
    }
    let mut job = LayoutJob::default();
    for (range, token) in tokens(raw) {
        let mut format = format(token_colour(token, colours));
        let (start, end) = (row.span.start + range.start, row.span.start + range.end);
        if mark.is_some_and(|mark| mark.span.start < end && start < mark.span.end) {
            format.underline = Stroke::new(2.0, colours.failure);
        }
        job.append(raw.get(range).unwrap_or_default(), 0.0, format);
    }
    job
}
