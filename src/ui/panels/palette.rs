//! Every command by name, with its shortcut.

use eframe::egui::{Button, Context, Id, Key, RichText, ScrollArea, TextEdit, vec2};

use crate::app::{Command, Dialog};
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::shortcuts::{Act, ENTRIES, Entry, words};
use crate::ui::theme;
use crate::ui::widgets::controls;

/// Draws the palette; returns the act that was chosen.
pub fn ui(ctx: &Context, buffers: &mut Buffers, queue: &mut Queue) -> Option<Act> {
    let colours = theme::palette(ctx);
    let mut chosen = None;
    let modal = controls::modal(ctx, Id::unique("palette")).show(ctx, |ui| {
        ui.set_width(460.0_f32.min(ctx.content_rect().width() - 60.0));
        let query = ui.add(
            TextEdit::singleline(&mut buffers.palette)
                .id(Id::unique("palette-query"))
                .hint_text("Run a command")
                .desired_width(f32::INFINITY)
                .margin(vec2(8.0, 6.0)),
        );
        let query = query.accessible_name("Command to run");
        query.request_focus();
        if query.changed() {
            buffers.palette_row = 0;
        }
        let wanted = buffers.palette.trim().to_lowercase();
        let found: Vec<&Entry> = ENTRIES.iter().filter(|entry| entry.title.to_lowercase().contains(&wanted)).collect();
        let before = buffers.palette_row;
        ui.input(|input| {
            // Several presses may come in one frame.
            buffers.palette_row += input.num_presses(Key::ArrowDown);
            buffers.palette_row = buffers.palette_row.saturating_sub(input.num_presses(Key::ArrowUp));
        });
        buffers.palette_row = buffers.palette_row.min(found.len().saturating_sub(1));
        let is_moved = buffers.palette_row != before;
        if found.is_empty() {
            ui.label(RichText::new("No command of that name").color(colours.soft));
        }
        ScrollArea::vertical().max_height(360.0).auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for (index, entry) in found.iter().enumerate() {
                let shortcut = entry.shortcut.map(|shortcut| words(ctx, shortcut)).unwrap_or_default();
                let button = Button::selectable(index == buffers.palette_row, entry.title)
                    .right_text(RichText::new(shortcut).monospace().size(theme::SMALL_SIZE).color(colours.soft))
                    .min_size(vec2(ui.available_width(), 26.0));
                let row = ui.add(button).accessible_name(entry.title);
                if is_moved && index == buffers.palette_row {
                    row.scroll_to_me(None);
                }
                if row.clicked() {
                    chosen = Some((entry.act)());
                }
            }
        });
        if ui.input(|input| input.key_pressed(Key::Enter)) && chosen.is_none() {
            chosen = found.get(buffers.palette_row).map(|entry| (entry.act)());
        }
    });
    if chosen.is_some() || modal.should_close() {
        buffers.palette.clear();
        buffers.palette_row = 0;
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
    chosen
}
