//! The payload editor: line numbers, colours, marked lines with the reason under them.

use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, Align2, Color32, FontId, Frame, Galley, Id, Margin, Pos2, Rect, Role, Sense, Shape, Stroke, TextEdit, Ui,
    Vec2, WidgetInfo, vec2,
};

use super::json_tokens::{Token, tokens};
use crate::app::{Mark, MarkKind};
use crate::ui::theme::{self, Palette};

/// The space under a marked line for one reason.
const REASON_HEIGHT: f32 = 26.0;
/// The space left of the text for line numbers.
const GUTTER: f32 = 44.0;

/// A text that is being edited, with its colours.
///
/// The colours are kept from frame to frame, the laid-out glyphs are not: egui may move them in its font texture at any
/// time, and keeps its own cache of them.
#[derive(Default)]
pub struct CodeEditor {
    /// The text in the editor.
    pub text: String,
    coloured: Option<(u64, LayoutJob)>,
}

/// What a frame of the editor brought.
#[derive(Default)]
pub struct CodeEditorOutput {
    /// Whether the text was changed.
    pub is_changed: bool,
    /// The mark whose reason was clicked, by its place in the list.
    pub clicked_mark: Option<usize>,
}

impl CodeEditor {
    /// Draws the editor over all the room there is.
    ///
    /// `marks` must speak of the text as it is; `scroll_to` names the mark to bring into sight.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        id: Id,
        name: &str,
        marks: &[Mark],
        scroll_to: Option<usize>,
    ) -> CodeEditorOutput {
        let colours = theme::palette(ui.ctx());
        let full = ui.available_rect_before_wrap();
        let behind = ui.painter().add(Shape::Noop);
        let start_hash = hash(&self.text);
        let cache = &mut self.coloured;
        let mut layouter = |ui: &Ui, buffer: &dyn eframe::egui::TextBuffer, wrap: f32| {
            let text = buffer.as_str();
            let text_hash = hash(text);
            // Marks speak of the text at the start of the frame; a key pressed since then moves everything.
            let marks = if text_hash == start_hash { marks } else { &[] };
            let key = hash(&(text_hash, colours.ground, stamp(marks)));
            let mut job = match cache {
                Some((cached, job)) if *cached == key => job.clone(),
                _ => {
                    let job = highlighted(text, marks, colours);
                    *cache = Some((key, job.clone()));
                    job
                }
            };
            job.wrap.max_width = wrap;
            with_room_for_reasons(ui.fonts_mut(|fonts| fonts.layout_job(job)), marks)
        };
        let output = TextEdit::multiline(&mut self.text)
            .id(id)
            .code_editor()
            // Tab goes on to the next control: the keyboard must get out again.
            .lock_focus(false)
            // The margin of a text field is that of its frame: a frame without one would leave no room for numbers.
            .frame(Frame::NONE.inner_margin(Margin { left: GUTTER as i8, right: 12, top: 6, bottom: 6 }))
            .background_color(Color32::TRANSPARENT)
            .min_size(vec2(full.width(), full.height()))
            .desired_width(full.width())
            .layouter(&mut layouter)
            .show(ui);
        let response = output.response.response.clone().accessible_name(name);
        let mut result = CodeEditorOutput { is_changed: response.changed(), clicked_mark: None };
        let at = output.galley_pos;
        paint_line_numbers(ui, &output.galley, at, colours);
        if hash(&self.text) == start_hash {
            let lines = Rect::from_x_y_ranges(full.x_range(), full.y_range());
            let mut grounds = Vec::new();
            for (index, mark) in marks.iter().enumerate() {
                let Some((top, bottom)) = line_extent(&output.galley, mark.line) else { continue };
                let band = Rect::from_x_y_ranges(lines.x_range(), (at.y + top)..=(at.y + bottom));
                grounds.push(Shape::rect_filled(band, 0.0, colours.failure_ground));
                let bar = Rect::from_min_size(band.left_top(), vec2(3.0, band.height()));
                grounds.push(Shape::rect_filled(bar, 0.0, colours.failure));
                let above = marks.iter().take(index).filter(|other| other.line == mark.line).count();
                let corner = Pos2::new(at.x, band.bottom() + 3.0 + above as f32 * REASON_HEIGHT);
                if reason_ui(ui, id.with(("reason", index)), corner, mark, colours, full.right()) {
                    result.clicked_mark = Some(index);
                }
                if scroll_to == Some(index) {
                    ui.scroll_to_rect(band.expand2(vec2(0.0, REASON_HEIGHT)), Some(Align::Center));
                }
            }
            ui.painter().set(behind, Shape::Vec(grounds));
        }
        result
    }
}

fn hash(value: &(impl std::hash::Hash + ?Sized)) -> u64 {
    use std::hash::{DefaultHasher, Hasher as _};
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn stamp(marks: &[Mark]) -> u64 {
    hash(&marks.iter().map(|mark| (mark.span.start, mark.span.end, mark.line)).collect::<Vec<_>>())
}

/// Colours by token, the marked values underlined. Sections follow each other without gaps, as the layout asks.
fn highlighted(text: &str, marks: &[Mark], colours: &Palette) -> LayoutJob {
    let format = |color: Color32| TextFormat {
        font_id: FontId::monospace(theme::CODE_SIZE),
        line_height: Some(theme::CODE_ROW),
        color,
        ..TextFormat::default()
    };
    let mut job = LayoutJob::default();
    for (range, token) in tokens(text) {
        let color = token_colour(token, colours);
        let mut cuts = vec![range.start, range.end];
        for mark in marks {
            cuts.extend([mark.span.start, mark.span.end].into_iter().filter(|cut| range.contains(cut)));
        }
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let &[start, end] = pair else { continue };
            let Some(piece) = text.get(start..end) else { continue };
            let mut format = format(color);
            if marks.iter().any(|mark| mark.span.start <= start && end <= mark.span.end) {
                format.underline = Stroke::new(2.0, colours.failure);
            }
            job.append(piece, 0.0, format);
        }
    }
    if job.text.len() != text.len() {
        // A cut inside a character: show the text plainly rather than a part of it.
        return LayoutJob::single_section(text.to_owned(), format(colours.text));
    }
    job
}

/// The colour of a token.
pub fn token_colour(token: Token, colours: &Palette) -> Color32 {
    match token {
        Token::Key => colours.code_key,
        Token::String => colours.code_string,
        Token::Word => colours.code_number,
        Token::Other => colours.code_soft,
    }
}

/// Moves the rows below each marked line down, so that its reasons fit under it.
///
/// egui has no such thing; rows carry their own position, so moving them after the layout is enough.
fn with_room_for_reasons(galley: Arc<Galley>, marks: &[Mark]) -> Arc<Galley> {
    if marks.is_empty() {
        return galley;
    }
    let mut galley = Arc::unwrap_or_clone(galley);
    let mut line = 1;
    let mut moved = 0.0;
    for row in &mut galley.rows {
        row.pos.y += moved;
        if row.ends_with_newline {
            moved += reasons_height(marks, line);
            line += 1;
        }
    }
    moved += reasons_height(marks, line);
    galley.rect.max.y += moved;
    galley.mesh_bounds.max.y += moved;
    Arc::new(galley)
}

fn reasons_height(marks: &[Mark], line: usize) -> f32 {
    marks.iter().filter(|mark| mark.line == line).count() as f32 * REASON_HEIGHT
}

/// Top and bottom of a line in the galley; a wrapped line has several rows.
fn line_extent(galley: &Galley, wanted: usize) -> Option<(f32, f32)> {
    let mut line = 1;
    let mut extent: Option<(f32, f32)> = None;
    for row in &galley.rows {
        if line == wanted {
            let (top, bottom) = (row.rect().top(), row.rect().bottom());
            extent = Some(extent.map_or((top, bottom), |(first, _)| (first, bottom)));
        }
        line += usize::from(row.ends_with_newline);
        if line > wanted {
            break;
        }
    }
    extent
}

fn paint_line_numbers(ui: &Ui, galley: &Galley, at: Pos2, colours: &Palette) {
    let mut line = 1;
    let mut is_start = true;
    let seen = ui.clip_rect().y_range();
    for row in &galley.rows {
        let rect = row.rect();
        if is_start && seen.contains(at.y + rect.center().y) {
            let place = Pos2::new(at.x - 16.0, at.y + rect.center().y);
            ui.painter().text(place, Align2::RIGHT_CENTER, line, theme::code_font(), colours.code_soft);
        }
        is_start = row.ends_with_newline;
        line += usize::from(row.ends_with_newline);
    }
}

/// The reason under a marked line. Returns whether it was clicked.
fn reason_ui(ui: &Ui, id: Id, corner: Pos2, mark: &Mark, colours: &Palette, right: f32) -> bool {
    let mut job = LayoutJob::default();
    let format = |color: Color32| TextFormat {
        font_id: FontId::proportional(theme::SMALL_SIZE),
        color,
        ..TextFormat::default()
    };
    let reason = if mark.reason.is_empty() { "refused by the server" } else { &mark.reason };
    job.append(reason, 0.0, format(colours.failure));
    if !mark.path.is_empty() {
        let path = if mark.is_missing { format!("{} is missing here", mark.path) } else { mark.path.clone() };
        job.append(&path, 8.0, format(colours.soft));
    }
    job.wrap.max_width = (right - corner.x - 24.0).max(40.0);
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let rect = Rect::from_min_size(corner, Vec2::new(galley.size().x + 16.0, 21.0));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Mark, true, mark_name(mark)));
    let response = response.on_hover_text(mark_name(mark));
    ui.painter().rect_filled(rect, 5.0, colours.failure_ground);
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 5.0, Stroke::new(1.5, colours.accent), eframe::egui::StrokeKind::Outside);
    }
    ui.painter().galley(rect.min + vec2(8.0, (rect.height() - galley.size().y) / 2.0), galley, colours.failure);
    response.clicked()
}

/// A mark in words, for screen readers. Shape: `publishAt, line 4, column 16: value is in the past`.
pub fn mark_name(mark: &Mark) -> String {
    let subject = match mark.kind {
        MarkKind::Syntax => "Payload".to_owned(),
        MarkKind::Finding(_) if mark.is_missing => format!("{} is missing", mark.path),
        MarkKind::Finding(_) => mark.path.clone(),
    };
    format!("{subject}, line {}, column {}: {}", mark.line, mark.column, mark.reason)
}
