//! The answer's headers, what came behind its body, and the rate limits they tell of.

use eframe::egui::{Grid, Label, RichText, Ui};

use super::timing::heading;
use crate::app::Answer;
use crate::envelope::RateLimit;
use crate::text::visible_line;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::table::{code, row, soft, wrapped};

/// Draws headers, trailers and rate limits.
pub fn ui(ui: &mut Ui, answer: &Answer) {
    let colours = theme::palette(ui.ctx());
    if answer.headers.is_empty() {
        let text = if answer.status.is_some() {
            "The answer has no headers"
        } else {
            "No answer came, so there are no headers"
        };
        ui.label(RichText::new(text).color(colours.soft));
    }
    if !answer.rate_limits.is_empty() {
        rate_limits_ui(ui, &answer.rate_limits, colours);
        heading(ui, "Headers");
    }
    lines_ui(ui, "response-headers", &answer.headers, colours);
    if !answer.trailers.is_empty() {
        heading(ui, "Behind the body (trailers)");
        lines_ui(ui, "response-trailers", &answer.trailers, colours);
    }
}

fn lines_ui(ui: &mut Ui, salt: &str, lines: &[(String, String)], colours: &Palette) {
    Grid::new(salt).num_columns(2).spacing([20.0, 4.0]).show(ui, |ui| {
        for (name, value) in lines {
            ui.label(RichText::new(visible_line(name)).monospace().color(colours.soft));
            ui.add(Label::new(RichText::new(visible_line(value)).monospace()).wrap());
            ui.end_row();
        }
    });
}

fn rate_limits_ui(ui: &mut Ui, limits: &[RateLimit], colours: &Palette) {
    heading(ui, "Rate limits");
    for limit in limits {
        let name = limit.name.as_deref().map_or("Limit".into(), visible_line);
        row(ui, colours, &name, |ui| {
            ui.vertical(|ui| {
                wrapped(ui, &reading(limit));
                for (source, value) in &limit.raw {
                    ui.horizontal_wrapped(|ui| {
                        soft(ui, format!("{} said", visible_line(source)));
                        code(ui, visible_line(value));
                    });
                }
            });
        });
    }
}

/// A rate limit in words. Shape: `28 of 100 requests left, 72 used, in 60 s, begins again in 41 s`.
fn reading(limit: &RateLimit) -> String {
    let unit = if limit.unit == "unknown" { String::new() } else { format!(" {}", visible_line(&limit.unit)) };
    let mut parts = Vec::new();
    match (limit.remaining, limit.limit) {
        (Some(remaining), Some(limit)) => parts.push(format!("{remaining} of {limit}{unit} left")),
        (Some(remaining), None) => parts.push(format!("{remaining}{unit} left")),
        (None, Some(limit)) => parts.push(format!("{limit}{unit} are granted")),
        (None, None) => {}
    }
    if let Some(used) = limit.used {
        parts.push(format!("{used}{} used", if parts.is_empty() { unit.as_str() } else { "" }));
    }
    if let Some(window) = limit.window_s {
        parts.push(format!("in a window of {window} s"));
    }
    if let Some(reset) = limit.reset_s {
        parts.push(format!("begins again {} s after the answer", (reset * 10.0).round() / 10.0));
    }
    if parts.is_empty() { "It could not be read".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_says_only_what_was_told() {
        let none = RateLimit {
            family: "generic".into(),
            name: None,
            limit: None,
            remaining: None,
            used: None,
            unit: "unknown".into(),
            reset_s: None,
            window_s: None,
            raw: Vec::new(),
        };
        assert_eq!(reading(&none), "It could not be read");
        let some = RateLimit { limit: Some(100.0), remaining: Some(28.0), unit: "requests".into(), ..none.clone() };
        assert_eq!(reading(&some), "28 of 100 requests left");
        let used = RateLimit { used: Some(40.0), unit: "percent".into(), window_s: Some(60.0), ..none };
        assert_eq!(reading(&used), "40 percent used, in a window of 60 s");
    }
}
