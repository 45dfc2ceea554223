//! How long and how much the history keeps, how much there is, and deleting all of it.

use eframe::egui::{Context, Id, Label, RichText, ScrollArea, Ui};

use super::notices;
use super::request::bytes;
use crate::app::{Command, Dialog, HistoryAct, Keeping, PurgeEnd, State};
use crate::history::HistorySettings;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, KeepingForm, Queue};
use crate::ui::theme;
use crate::ui::widgets::{controls, form, table};

/// The most that is kept of a body, in KiB.
const MAX_BODY_KIB: u32 = 256;

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let screen = ctx.content_rect();
    let height = (screen.height() - 160.0).clamp(140.0, 520.0);
    let told = buffers.told;
    let view = &state.history_view;
    let modal = controls::modal(ctx, Id::unique("keeping")).show(ctx, |ui| {
        ui.set_width(560.0_f32.min(screen.width() - 60.0));
        ui.label(theme::semibold("History settings").size(15.0));
        notices::in_dialog_ui(ui, state, told, queue);
        let Some(keeping) = &view.keeping else {
            table::soft(ui, "Reading the settings…");
            return;
        };
        let own = buffers.keeping.get_or_insert_with(|| KeepingForm::of(&keeping.settings));
        // As tall as it needs to be from the first frame on, so that nothing is cut while the dialog grows.
        let area = ScrollArea::vertical().id_salt("keeping-all").max_height(height).min_scrolled_height(height);
        area.auto_shrink([false, true]).show(ui, |ui| {
            totals_ui(ui, keeping);
            ui.add_space(6.0);
            let wanted = settings_ui(ui, own);
            ui.add_space(6.0);
            let is_changed = wanted.as_ref().is_some_and(|wanted| *wanted != keeping.settings);
            ui.add_enabled_ui(is_changed && !view.is_working, |ui| {
                let save = controls::primary_button(ui, "Save", None, "Save the history settings");
                if let Some(wanted) = wanted.filter(|_| save.clicked()) {
                    queue.push_back(Command::History(HistoryAct::Keep(wanted)));
                }
            });
            ui.add_space(10.0);
            purge_ui(ui, keeping, view.purged.as_ref(), view.is_working, own, queue);
        });
        ui.add_space(6.0);
        if ui.button("Close").clicked() {
            queue.push_back(Command::OpenDialog(Dialog::None));
        }
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}

fn totals_ui(ui: &mut Ui, keeping: &Keeping) {
    let entries = counted(keeping.entries, "entry", "entries");
    table::wrapped(ui, &format!("{entries}, {} of text", bytes(keeping.bytes)));
    match &keeping.file {
        Some(file) => {
            let place = visible_line(&file.display().to_string()).into_owned();
            ui.add(Label::new(RichText::new(place).monospace()).wrap());
        }
        None => table::soft(ui, "Kept in memory only, until the program ends"),
    }
}

/// The settings as typed; none where one of them is no number.
fn settings_ui(ui: &mut Ui, own: &mut KeepingForm) -> Option<HistorySettings> {
    let days = limit_ui(ui, "Keep for", "for good", "days", &mut own.is_for_good, &mut own.days);
    let size = limit_ui(ui, "At most", "no limit", "MB", &mut own.is_unlimited, &mut own.size);
    let mut kib = None;
    form::line(ui, "Bodies up to", |ui| {
        form::number(ui, "Bodies up to, in KiB", &mut own.body, "KiB of each body; of a larger one its beginning");
        kib = own.body.trim().parse::<u32>().ok().filter(|kib| *kib <= MAX_BODY_KIB);
        if kib.is_none() {
            form::problem(ui, &format!("Write a number from 0 to {MAX_BODY_KIB}"));
        }
    });
    form::note(ui, "The oldest go first; pinned entries stay");
    Some(HistorySettings { max_age_days: days?, max_size_mb: size?, max_body_kib: kib? })
}

/// A limit that may be none. The outer none is what is no number.
fn limit_ui(
    ui: &mut Ui,
    title: &str,
    none: &str,
    unit: &str,
    is_none: &mut bool,
    text: &mut String,
) -> Option<Option<u32>> {
    let mut value = Some(None);
    form::line(ui, title, |ui| {
        ui.horizontal_wrapped(|ui| {
            if ui.radio(*is_none, none).clicked() {
                *is_none = true;
            }
            let own = ui.radio(!*is_none, "").accessible_name(format!("{title} a number of {unit}"));
            if own.clicked() {
                *is_none = false;
            }
            let field = form::field(ui, &format!("{title}, in {unit}"), text, 64.0, "");
            if field.changed() {
                *is_none = false;
            }
            form::note(ui, unit);
        });
        if *is_none {
            return;
        }
        let number = text.trim().parse::<u32>().ok().filter(|number| *number > 0);
        value = number.map(Some);
        if value.is_none() {
            form::problem(ui, &format!("Write a whole number of {unit}, 1 or more"));
        }
    });
    value
}

fn purge_ui(
    ui: &mut Ui,
    keeping: &Keeping,
    end: Option<&PurgeEnd>,
    is_working: bool,
    own: &mut KeepingForm,
    queue: &mut Queue,
) {
    let colours = theme::palette(ui.ctx());
    table::hairline(ui, colours.hairline);
    ui.add_space(4.0);
    if let Some(end) = end {
        end_ui(ui, end);
    }
    let beside = keeping.copies + keeping.damaged;
    if keeping.entries == 0 && beside == 0 {
        if end.is_none() {
            table::soft(ui, "There is nothing to delete");
        }
        return;
    }
    if is_working {
        table::soft(ui, "Working…");
        return;
    }
    if !own.is_purging {
        if ui.button("Delete everything…").clicked() {
            own.is_purging = true;
        }
        return;
    }
    let text = format!("{} will be deleted for good, also the pinned ones. This cannot be undone", what_goes(keeping));
    form::problem(ui, &text);
    ui.horizontal_wrapped(|ui| {
        if ui.button("Delete everything for good").clicked() {
            own.is_purging = false;
            queue.push_back(Command::History(HistoryAct::Purge));
        }
        if ui.button("Keep everything").clicked() {
            own.is_purging = false;
        }
    });
}

/// Shape: `12 entries, 1 copy of an older version and 2 damaged files that were moved aside`.
fn what_goes(keeping: &Keeping) -> String {
    let mut parts = vec![counted(keeping.entries, "entry", "entries")];
    if keeping.copies > 0 {
        parts.push(counted(keeping.copies as u64, "copy of an older version", "copies of older versions"));
    }
    if keeping.damaged > 0 {
        let (one, many) = ("damaged file that was moved aside", "damaged files that were moved aside");
        parts.push(counted(keeping.damaged as u64, one, many));
    }
    match parts.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => parts.concat(),
    }
}

fn end_ui(ui: &mut Ui, end: &PurgeEnd) {
    let colours = theme::palette(ui.ctx());
    let files = match end.files {
        0 => String::new(),
        count => format!(" and {}", counted(count as u64, "file beside the history", "files beside the history")),
    };
    let were = if end.entries == 1 && end.files == 0 { "was" } else { "were" };
    let text = format!("{}{files} {were} deleted", counted(end.entries, "entry", "entries"));
    ui.add(Label::new(RichText::new(text).color(colours.pass)).wrap());
    if let Some((what, place, fix)) = &end.left {
        form::problem(ui, what);
        for text in [place, fix].into_iter().filter(|text| !text.is_empty()) {
            table::soft(ui, visible_line(text));
        }
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_is_said_in_words() {
        let keeping = |entries, copies, damaged| Keeping {
            settings: HistorySettings::default(),
            entries,
            bytes: 0,
            file: None,
            copies,
            damaged,
        };
        assert_eq!(what_goes(&keeping(1, 0, 0)), "1 entry");
        assert_eq!(what_goes(&keeping(12, 1, 0)), "12 entries and 1 copy of an older version");
        let all = "0 entries, 2 copies of older versions and 1 damaged file that was moved aside";
        assert_eq!(what_goes(&keeping(0, 2, 1)), all);
    }
}
