//! What can be done with an entry of the history: its menu, by pointer and by keyboard.

use eframe::egui::{
    Button, Key, Modifiers, Popup, Rect, Response, RichText, SetOpenCommand, Ui, UiBuilder, pos2, vec2,
};

use crate::app::{Command, EntryAct, HistoryAct};
use crate::history::HistoryEntry;
use crate::ui::buffers::Queue;
use crate::ui::icons;
use crate::ui::theme;
use crate::ui::widgets::list_rows;

/// Whether the menu of a row is open.
pub fn is_open(row: &Response) -> bool {
    Popup::is_id_open(&row.ctx, Popup::default_response_id(row))
}

/// Draws the sign for the menu where it is due, and the menu where it is open.
pub fn ui(ui: &mut Ui, row: &Response, entry: &HistoryEntry, is_entry_open: bool, queue: &mut Queue) {
    let is_asked = sign_ui(ui, row, is_entry_open) || is_asked_by_key(ui, row);
    let set = if row.secondary_clicked() || is_asked {
        Some(SetOpenCommand::Bool(true))
    } else if row.clicked() {
        Some(SetOpenCommand::Bool(false))
    } else {
        None
    };
    let id = Popup::default_response_id(row);
    let is_at_pointer = row.secondary_clicked() || Popup::position_of_id(ui.ctx(), id).is_some();
    let popup = Popup::menu(row).open_memory(set).accessible_name("What to do with the entry");
    let popup = if is_at_pointer && !is_asked { popup.at_pointer_fixed() } else { popup };
    popup.show(|ui| items_ui(ui, entry, is_asked, queue));
}

/// Three dots at the end of the row; whether they were clicked.
fn sign_ui(ui: &mut Ui, row: &Response, is_entry_open: bool) -> bool {
    let is_near = row.hovered() || row.has_focus() || row.contains_pointer() || is_open(row);
    if !is_near && !is_entry_open {
        return false;
    }
    let rect = row.rect;
    let place = Rect::from_center_size(pos2(rect.right() - 13.0, rect.top() + list_rows::ROW / 2.0), vec2(20.0, 20.0));
    let mut is_clicked = false;
    ui.scope_builder(UiBuilder::new().max_rect(place), |ui| {
        ui.spacing_mut().button_padding = vec2(2.0, 0.0);
        let button =
            Button::new(icons::icon(icons::DOTS_THREE, 15.0)).frame_when_inactive(false).min_size(place.size());
        is_clicked = ui.put(place, button).accessible_name("What to do with the entry").clicked();
    });
    is_clicked
}

fn is_asked_by_key(ui: &Ui, row: &Response) -> bool {
    row.has_focus()
        && ui.input_mut(|input| {
            input.consume_key(Modifiers::SHIFT, Key::F10) || input.consume_key(Modifiers::NONE, Key::Menu)
        })
}

fn items_ui(ui: &mut Ui, entry: &HistoryEntry, is_just_open: bool, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    ui.set_min_width(200.0);
    let mut item = |ui: &mut Ui, title: &str, key: &str, act: Option<EntryAct>| {
        let key = RichText::new(key).size(theme::SMALL_SIZE).color(colours.soft);
        let response = ui.add(Button::new(title).right_text(key)).accessible_name(title);
        if response.clicked() {
            queue.push_back(match act {
                Some(act) => Command::History(HistoryAct::Act(entry.id.clone(), act)),
                None => Command::OpenHistoryEntry(entry.id.clone()),
            });
            ui.close();
        }
        response
    };
    let first = item(ui, "Open as new draft", "Enter", None);
    if is_just_open {
        first.request_focus();
    }
    item(ui, if entry.pinned { "Unpin" } else { "Pin" }, "", Some(EntryAct::TogglePin));
    item(ui, "Note…", "", Some(EntryAct::Note));
    ui.separator();
    item(ui, "Compare with…", "", Some(EntryAct::CompareWith));
    item(ui, "Compare with last good", "", Some(EntryAct::CompareWithLastGood));
    ui.separator();
    item(ui, "Copy id", "", Some(EntryAct::CopyId));
    item(ui, "Delete", "Del", Some(EntryAct::Delete));
}
