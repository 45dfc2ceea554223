//! The credentials: the keyring's state, the list, and the forms for a new one and for signing in.

use eframe::egui::{Align, Context, Id, Label, Layout, RichText, Role, ScrollArea, Ui, UiBuilder};
use zeroize::Zeroize as _;

use super::credential_form::{self, clear_undo};
use super::{credential_row, sign_in};
use crate::app::{Command, CredentialAct, Dialog, State};
use crate::credentials::KeyringState;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, NewCredentialTab, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls;

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ctx);
    let form = &mut buffers.credential;
    if form.stored_count != state.keyring.stored_count {
        // It was stored: the form is ready for the next one.
        form.stored_count = state.keyring.stored_count;
        form.name.clear();
        form.secret.zeroize();
        buffers.sign_in.name.clear();
        buffers.sign_in.forget();
        clear_undo(ctx);
    }
    let height = (ctx.content_rect().height() - 140.0).clamp(160.0, 700.0);
    let modal = controls::modal(ctx, Id::unique("credentials")).show(ctx, |ui| {
        ui.set_width(700.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.label(theme::semibold("Credentials").size(15.0));
        ScrollArea::vertical().id_salt("credentials-all").max_height(height).min_scrolled_height(height).show(
            ui,
            |ui| {
                keyring_ui(ui, state, queue, colours);
                problem_ui(ui, state, colours);
                sign_in::progress_ui(ui, state, queue, colours);
                ui.separator();
                list_ui(ui, state, buffers, queue, colours);
                ui.separator();
                tabs_ui(ui, &mut buffers.new_credential);
                match buffers.new_credential {
                    NewCredentialTab::Secret => credential_form::ui(ui, state, &mut buffers.credential, colours),
                    NewCredentialTab::SignIn => sign_in::form_ui(ui, state, &mut buffers.sign_in, colours),
                }
            },
        );
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            match buffers.new_credential {
                NewCredentialTab::Secret => credential_form::footer_ui(ui, state, &buffers.credential, queue),
                NewCredentialTab::SignIn => sign_in::footer_ui(ui, state, &buffers.sign_in, queue),
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button("Close").clicked() {
                    queue.push_back(Command::OpenDialog(Dialog::None));
                }
            });
        });
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}

/// Overwrites the secrets' buffers and their undo; called when the dialog is not open.
pub fn forget_secret(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    if !buffers.credential.secret.is_empty() {
        buffers.credential.secret.zeroize();
    }
    buffers.sign_in.forget();
    clear_undo(ctx);
    credential_row::forget(ctx, buffers);
    if state.credentials.revealed.is_some() {
        queue.push_back(Command::Credential(CredentialAct::Hide));
    }
    if state.credentials.copy_asked.is_some() {
        queue.push_back(Command::Credential(CredentialAct::StopCopying));
    }
}

fn keyring_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    ui.horizontal_wrapped(|ui| {
        let color = if state.keyring.state == KeyringState::Ready { colours.pass } else { colours.attention };
        ui.label(RichText::new(state.keyring.state.summary()).color(color));
        if state.keyring.state != KeyringState::Ready {
            ui.label(RichText::new(state.keyring.state.fix()).color(colours.soft));
        }
        if ui.add_enabled(!state.keyring.is_busy, eframe::egui::Button::new("Ask again")).clicked() {
            queue.push_back(Command::RefreshCredentials);
        }
    });
}

fn problem_ui(ui: &mut Ui, state: &State, colours: &Palette) {
    let Some((summary, fix)) = &state.keyring.problem else { return };
    let builder = UiBuilder::new().accessibility_role(Role::Alert).accessibility_label(summary.clone());
    ui.scope_builder(builder, |ui| {
        ui.add(Label::new(RichText::new(visible_line(summary)).color(colours.failure)).wrap());
        ui.add(Label::new(RichText::new(fix).color(colours.soft)).wrap());
    });
}

fn list_ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue, colours: &Palette) {
    if state.keyring.credentials.is_empty() {
        ui.label(RichText::new("No credentials yet: add one below, or sign in").color(colours.soft));
        return;
    }
    // The person's own first, the sandbox's after them.
    let mut credentials: Vec<_> = state.keyring.credentials.iter().collect();
    credentials.sort_by_key(|credential| credential.name.starts_with(crate::app::SANDBOX_PREFIX));
    ScrollArea::vertical()
        .id_salt("credential-list")
        .max_height(210.0)
        .min_scrolled_height(210.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for credential in credentials {
                credential_row::ui(ui, state, credential, buffers, queue, colours);
            }
        });
}

fn tabs_ui(ui: &mut Ui, chosen: &mut NewCredentialTab) {
    ui.horizontal(|ui| {
        for (tab, title) in
            [(NewCredentialTab::Secret, "Add a credential"), (NewCredentialTab::SignIn, "Sign in (OAuth)")]
        {
            if controls::tab(ui, *chosen == tab, title, None).clicked() {
                *chosen = tab;
            }
        }
    });
    ui.add_space(4.0);
}
