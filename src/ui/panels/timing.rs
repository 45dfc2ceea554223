//! Where the time went: every try with its phases as bars, and the waits between.

use eframe::egui::{Align, CornerRadius, Label, Layout, Rect, RichText, Sense, Ui, pos2, vec2};

use super::connection;
use crate::app::Answer;
use crate::exchange::{RecordedAttempt, RecordedTiming};
use crate::text::visible_line;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{controls, table};

/// The room of a number with its unit.
const NUMBERS: f32 = 92.0;
/// The height of a line with a bar.
const LINE: f32 = 22.0;
/// The longest bar.
const LONGEST: f32 = 560.0;

/// Draws every try.
pub fn ui(ui: &mut Ui, answer: &Answer) {
    let colours = theme::palette(ui.ctx());
    let attempts = &answer.record.attempts;
    if attempts.is_empty() {
        phases_ui(ui, &answer.record.timing, colours);
        return;
    }
    for (index, attempt) in attempts.iter().enumerate() {
        if attempts.len() > 1 {
            if index > 0 {
                ui.add_space(14.0);
                waited_ui(ui, attempt);
            }
            let title = format!("Try {} of {}: {}", attempt.n, attempts.len(), end_of(attempt));
            ui.label(theme::semibold(title).size(14.0));
            ui.add_space(2.0);
        }
        phases_ui(ui, &attempt.timing, colours);
        ui.add_space(8.0);
        if !attempt.redirects.is_empty() {
            connection::redirects_ui(ui, attempt, colours);
        }
        match &attempt.connection {
            Some(connection) => connection::ui(ui, connection, colours),
            None => table::soft(ui, "Nothing is known of its connection"),
        }
    }
    if attempts.len() > 1 {
        ui.add_space(12.0);
        let text =
            format!("{} tries took {} in all, waits included", attempts.len(), time(answer.record.timing.total_ms));
        ui.label(theme::semibold(text));
    }
}

/// How a try ended. Shape: `503 Service Unavailable`, `the server refused the connection`.
fn end_of(attempt: &RecordedAttempt) -> String {
    if let Some(error) = &attempt.transport_error {
        return visible_line(&error.summary).into_owned();
    }
    match attempt.status.and_then(|status| http::StatusCode::from_u16(status).ok()) {
        Some(status) => status.to_string(),
        None => attempt.status.map_or("no answer".into(), |status| status.to_string()),
    }
}

fn waited_ui(ui: &mut Ui, attempt: &RecordedAttempt) {
    let why = attempt.why.as_deref().map(visible_line);
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    table::soft(ui, format!("Waited {}{why}", time(attempt.waited_ms)));
    ui.add_space(6.0);
}

fn phases_ui(ui: &mut Ui, timing: &RecordedTiming, colours: &Palette) {
    let phases = [
        ("Queue", timing.queue_ms),
        ("Name lookup", timing.dns_ms),
        ("Connection", timing.connect_ms),
        ("TLS handshake", timing.tls_ms),
        ("First byte", timing.first_byte_ms),
        ("Download", timing.download_ms),
    ];
    let seen: f64 = phases.iter().filter_map(|(_, ms)| *ms).sum();
    let whole = timing.total_ms.max(seen).max(0.001);
    let mut begin = 0.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    for (title, ms) in phases {
        let part = ms.map(|ms| (begin / whole, (begin + ms) / whole));
        begin += ms.unwrap_or(0.0);
        line_ui(ui, title, &ms.map_or("not seen".into(), time), part, colours);
    }
    line_ui(ui, "Total", &time(timing.total_ms), None, colours);
}

/// A phase: its name, how long it took, and where in the whole that was.
fn line_ui(ui: &mut Ui, title: &str, shown: &str, part: Option<(f64, f64)>, colours: &Palette) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.spacing_mut().interact_size.y = LINE;
        ui.add_space(8.0);
        let column = |ui: &mut Ui, width: f32, layout: Layout, text: RichText| {
            let size = vec2(width, LINE);
            ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_size(size);
                ui.add(Label::new(text));
            });
        };
        let color = if part.is_none() && title != "Total" { colours.soft } else { colours.text };
        column(ui, table::NAMES, Layout::left_to_right(Align::Center), RichText::new(title).color(colours.soft));
        let number = RichText::new(shown).monospace().color(color);
        column(ui, NUMBERS, Layout::right_to_left(Align::Center), number);
        ui.add_space(10.0);
        let room = (ui.available_width() - 8.0).clamp(20.0, LONGEST);
        let (rect, _) = ui.allocate_exact_size(vec2(room, LINE), Sense::hover());
        let Some((begin, end)) = part else { return };
        let track = Rect::from_center_size(rect.center(), vec2(room, 8.0));
        ui.painter().rect_filled(track, CornerRadius::same(2), colours.selected);
        // The shortest phase is still seen.
        let left = track.left() + (room - 2.0) * begin as f32;
        let right = (track.left() + room * end as f32).max(left + 2.0);
        let bar = Rect::from_min_max(pos2(left, track.top()), pos2(right, track.bottom()));
        ui.painter().rect_filled(bar, CornerRadius::same(2), colours.accent);
    });
}

/// A time for people. Shape: `0.4 ms`, `38.2 ms`, `1.25 s`.
pub fn time(ms: f64) -> String {
    if ms < 1000.0 { format!("{ms:.1} ms") } else { format!("{:.2} s", ms / 1e3) }
}

/// The heading of a part of the tab.
pub fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(8.0);
    controls::group_heading(ui, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable() {
        assert_eq!([0.04, 38.16, 999.9, 1250.0].map(time), ["0.0 ms", "38.2 ms", "999.9 ms", "1.25 s"]);
    }
}
