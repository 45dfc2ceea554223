//! Two entries of the history side by side, and what is different.

use eframe::egui::{Context, Id, Label, RichText, ScrollArea, Ui, vec2};

use super::history_rows::{moment_of, outcome_of, path_of};
use crate::app::{Command, Compared, Dialog, State};
use crate::history::{Comparison, Difference, HistoryEntry};
use crate::text::visible_line;
use crate::ui::buffers::Queue;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{controls, table};

/// The width of the column that says what is different.
const NAMES: f32 = 190.0;
/// How many characters of a value are shown; the rest on hover.
const SHOWN_CHARS: usize = 240;

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, queue: &mut Queue) {
    let colours = theme::palette(ctx);
    let screen = ctx.content_rect();
    let height = (screen.height() - 260.0).clamp(120.0, 560.0);
    let modal = controls::modal(ctx, Id::unique("compare")).show(ctx, |ui| {
        ui.set_width(860.0_f32.min(screen.width() - 60.0));
        ui.label(theme::semibold("Compare two calls").size(15.0));
        match &state.history_view.compared {
            Compared::Nothing | Compared::Busy => table::soft(ui, "Reading both…"),
            Compared::Not { summary, fix } => {
                table::wrapped(ui, summary);
                table::soft(ui, fix.as_str());
            }
            Compared::Ready { before, after, comparison } => {
                columns(
                    ui,
                    |ui| table::soft(ui, ""),
                    |ui| head_ui(ui, "Before", before, colours),
                    |ui| head_ui(ui, "After", after, colours),
                );
                table::hairline(ui, colours.hairline);
                ScrollArea::vertical()
                    .id_salt("differences")
                    .max_height(height)
                    .min_scrolled_height(height)
                    .auto_shrink([false, true])
                    .show(ui, |ui| differences_ui(ui, comparison, colours));
            }
        }
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            if ui.button("Close").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::None));
            }
            if let Compared::Ready { before, after, .. } = &state.history_view.compared {
                for (title, entry) in [("Open the first", before), ("Open the second", after)] {
                    if ui.button(title).on_hover_text("Open it as a new draft").clicked() {
                        queue.push_back(Command::OpenDialog(Dialog::None));
                        queue.push_back(Command::OpenHistoryEntry(entry.id.clone()));
                    }
                }
            }
        });
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}

fn head_ui(ui: &mut Ui, title: &str, entry: &HistoryEntry, colours: &Palette) {
    ui.label(theme::semibold(title));
    let address = format!("{} {}", entry.method, visible_line(path_of(&entry.url)));
    cut_ui(ui, &address, colours, true);
    let color = controls::status_colour(entry.status, colours);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(outcome_of(entry)).monospace().color(color));
        if let Some(code) = &entry.code {
            ui.label(RichText::new(visible_line(code)).color(colours.text));
        }
        ui.label(RichText::new(moment_of(&entry.at)).color(colours.soft));
    });
}

fn differences_ui(ui: &mut Ui, comparison: &Comparison, colours: &Palette) {
    let (usual, telling): (Vec<_>, Vec<_>) = comparison.differences.iter().partition(|difference| difference.is_usual);
    if telling.is_empty() {
        ui.add_space(6.0);
        let text = if usual.is_empty() {
            "Nothing differs: both were sent and answered alike"
        } else {
            "Nothing that matters differs: both were sent and answered alike"
        };
        ui.label(text);
    }
    telling.iter().for_each(|difference| difference_ui(ui, difference, colours));
    if !usual.is_empty() {
        ui.add_space(8.0);
        controls::group_heading(ui, "Different in any two calls");
        usual.iter().for_each(|difference| difference_ui(ui, difference, colours));
    }
    if comparison.more > 0 {
        table::soft(ui, format!("and {} more differences", comparison.more));
    }
}

fn difference_ui(ui: &mut Ui, difference: &Difference, colours: &Palette) {
    ui.add_space(4.0);
    columns(
        ui,
        |ui| {
            ui.label(RichText::new(difference.part.label()).color(colours.soft));
            if !difference.name.is_empty() {
                cut_ui(ui, &visible_line(&difference.name), colours, true);
            }
        },
        |ui| value_ui(ui, difference.before.as_deref(), colours),
        |ui| value_ui(ui, difference.after.as_deref(), colours),
    );
    ui.add_space(4.0);
    table::hairline(ui, colours.hairline);
}

fn value_ui(ui: &mut Ui, value: Option<&str>, colours: &Palette) {
    match value {
        Some("") => {
            ui.label(RichText::new("empty").color(colours.soft));
        }
        Some(value) => cut_ui(ui, &visible_line(value), colours, true),
        None => {
            ui.label(RichText::new("not there").color(colours.soft));
        }
    }
}

/// A text cut to what fits into three lines or so, with all of it on hover.
fn cut_ui(ui: &mut Ui, text: &str, colours: &Palette, is_code: bool) {
    let is_long = text.chars().count() > SHOWN_CHARS;
    let shown: String = if is_long { text.chars().take(SHOWN_CHARS).chain(['…']).collect() } else { text.to_owned() };
    let rich = RichText::new(shown).color(colours.text);
    let label = ui.add(Label::new(if is_code { rich.monospace() } else { rich }).wrap());
    if is_long {
        label.on_hover_ui(|ui| {
            ui.set_max_width(600.0);
            ui.add(Label::new(RichText::new(text).monospace()).wrap());
        });
    }
}

/// What, before and after beside each other.
fn columns(ui: &mut Ui, what: impl FnOnce(&mut Ui), before: impl FnOnce(&mut Ui), after: impl FnOnce(&mut Ui)) {
    let names = NAMES.min(ui.available_width() * 0.25);
    let width = ((ui.available_width() - names - 24.0) / 2.0).max(60.0);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = vec2(12.0, 2.0);
        let mut column = |width: f32, add: &mut dyn FnMut(&mut Ui)| {
            ui.vertical(|ui| {
                ui.set_width(width);
                add(ui);
            });
        };
        let (mut what, mut before, mut after) = (Some(what), Some(before), Some(after));
        column(names, &mut |ui| {
            if let Some(add) = what.take() {
                add(ui);
            }
        });
        column(width, &mut |ui| {
            if let Some(add) = before.take() {
                add(ui);
            }
        });
        column(width, &mut |ui| {
            if let Some(add) = after.take() {
                add(ui);
            }
        });
    });
}
