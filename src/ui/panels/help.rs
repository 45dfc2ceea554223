//! Help: every host the program contacts by itself, and every shortcut.

use eframe::egui::{Context, Grid, Id, Label, RichText, ScrollArea};

use crate::app::{Command, Dialog};
use crate::ui::buffers::Queue;
use crate::ui::shortcuts::{ENTRIES, words};
use crate::ui::theme;
use crate::ui::widgets::controls;

/// A host that the program contacts by itself.
pub struct Contact {
    /// Which host.
    pub host: &'static str,
    /// When.
    pub when: &'static str,
    /// With what.
    pub with: &'static str,
    /// How to switch it off.
    pub switch: &'static str,
}

/// Every host that the program contacts without being told to by a Send.
pub const CONTACTS: &[Contact] = &[
    Contact {
        host: "127.0.0.1",
        when: "At start, and when a request goes to the local sandbox",
        with: "The request itself; it never leaves this machine",
        switch: "Choose another environment",
    },
    Contact {
        host: "The sign-in server you named",
        when: "When you sign in, refresh or sign out, and before a call whose token is about to lapse",
        with: "Client id and secret, scopes, codes and refresh token; never a request to the API",
        switch: "Remove the credential that came from the sign-in",
    },
];

/// Draws the dialog.
pub fn ui(ctx: &Context, queue: &mut Queue) {
    let colours = theme::palette(ctx);
    let height = (ctx.content_rect().height() - 200.0).max(120.0);
    let modal = controls::modal(ctx, Id::unique("help")).show(ctx, |ui| {
        ui.set_width(600.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.label(theme::semibold("Help").size(15.0));
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                controls::group_heading(ui, "What the program contacts by itself");
                Grid::new("contacts").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
                    for contact in CONTACTS {
                        for (title, text) in [
                            ("Host", contact.host),
                            ("When", contact.when),
                            ("With what", contact.with),
                            ("Switch", contact.switch),
                        ] {
                            ui.label(RichText::new(title).color(colours.soft));
                            ui.add(Label::new(text));
                            ui.end_row();
                        }
                    }
                });
                ui.label(RichText::new("Nothing else: no telemetry, no crash upload, no account").color(colours.soft));
                ui.add_space(8.0);
                controls::group_heading(ui, "Shortcuts");
                Grid::new("shortcuts").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
                    for entry in ENTRIES {
                        let Some(shortcut) = entry.shortcut else { continue };
                        ui.label(RichText::new(words(ctx, shortcut)).monospace());
                        ui.label(entry.title);
                        ui.end_row();
                    }
                });
            },
        );
        if ui.button("Close").clicked() {
            queue.push_back(Command::OpenDialog(Dialog::None));
        }
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}
