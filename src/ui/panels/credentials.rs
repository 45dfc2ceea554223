//! The credentials: a list, and a form for a new one.

use eframe::egui::{ComboBox, Context, Grid, Id, Label, RichText, Role, ScrollArea, TextEdit, Ui, UiBuilder};
use zeroize::Zeroize as _;

use crate::app::{Command, CredentialForm, Dialog, State};
use crate::credentials::{CredentialKind, KeyringState, StoredIn};
use crate::secret::Secret;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, CredentialBuffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{controls, form};

/// The id of the field for the secret, so that its undo can be cleared.
fn secret_id() -> Id {
    Id::unique("credential-secret")
}

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ctx);
    let form = &mut buffers.credential;
    if form.stored_count != state.keyring.stored_count {
        // It was stored: the form is ready for the next one.
        form.stored_count = state.keyring.stored_count;
        form.name.clear();
        form.secret.zeroize();
        clear_undo(ctx);
    }
    let height = (ctx.content_rect().height() - 140.0).clamp(160.0, 470.0);
    let modal = controls::modal(ctx, Id::unique("credentials")).show(ctx, |ui| {
        ui.set_width(560.0_f32.min(ctx.content_rect().width() - 60.0));
        ui.label(theme::semibold("Credentials").size(15.0));
        ScrollArea::vertical().id_salt("credentials-all").max_height(height).min_scrolled_height(height).show(
            ui,
            |ui| {
                keyring_ui(ui, state, queue, colours);
                if let Some((summary, fix)) = &state.keyring.problem {
                    let builder = UiBuilder::new().accessibility_role(Role::Alert).accessibility_label(summary.clone());
                    ui.scope_builder(builder, |ui| {
                        ui.add(Label::new(RichText::new(visible_line(summary)).color(colours.failure)).wrap());
                        ui.add(Label::new(RichText::new(fix).color(colours.soft)).wrap());
                    });
                }
                ui.separator();
                list_ui(ui, state, &mut buffers.removing, queue, colours);
                ui.separator();
                ui.label(theme::semibold("Add a credential"));
                form_ui(ui, state, &mut buffers.credential, colours);
            },
        );
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            footer_ui(ui, state, &buffers.credential, queue);
            ui.with_layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center), |ui| {
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

/// Overwrites the secret's buffer and its undo; called when the dialog is not open.
pub fn forget_secret(ctx: &Context, buffers: &mut Buffers) {
    if !buffers.credential.secret.is_empty() {
        buffers.credential.secret.zeroize();
    }
    clear_undo(ctx);
    buffers.removing = None;
}

/// The undo of the field for the secret holds what was typed.
fn clear_undo(ctx: &Context) {
    form::forget_undo(ctx, secret_id());
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

fn list_ui(ui: &mut Ui, state: &State, removing: &mut Option<String>, queue: &mut Queue, colours: &Palette) {
    if state.keyring.credentials.is_empty() {
        ui.label(RichText::new("No credentials yet").color(colours.soft));
        return;
    }
    ScrollArea::vertical()
        .id_salt("credential-list")
        .max_height(150.0)
        .min_scrolled_height(150.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            // The person's own first, the sandbox's after them.
            let mut credentials: Vec<_> = state.keyring.credentials.iter().collect();
            credentials.sort_by_key(|credential| credential.name.starts_with(crate::app::SANDBOX_PREFIX));
            for credential in credentials {
                ui.horizontal(|ui| {
                    ui.label(theme::semibold(&credential.name));
                    let last4 = credential.last4.as_deref().map(|last| format!("···· {last}")).unwrap_or_default();
                    ui.label(RichText::new(last4).monospace().color(colours.soft));
                    let stored = match credential.stored {
                        StoredIn::Keyring => "keyring",
                        StoredIn::Session => "this session only",
                    };
                    let origins: Vec<String> = credential.origins.iter().map(ToString::to_string).collect();
                    ui.label(
                        RichText::new(format!("{stored} · {}", visible_line(&origins.join(", ")))).color(colours.soft),
                    );
                    let is_own = credential.name.starts_with(crate::app::SANDBOX_PREFIX);
                    if is_own {
                        return;
                    }
                    let is_asked = removing.as_deref() == Some(credential.name.as_str());
                    let (title, name) = if is_asked {
                        ("Remove for good", format!("Remove {} for good", credential.name))
                    } else {
                        ("Remove…", format!("Remove {}", credential.name))
                    };
                    if ui.button(title).accessible_name(name).clicked() {
                        if is_asked {
                            *removing = None;
                            queue.push_back(Command::RemoveCredential(credential.name.clone()));
                        } else {
                            *removing = Some(credential.name.clone());
                        }
                    }
                });
            }
        });
}

fn form_ui(ui: &mut Ui, state: &State, form: &mut CredentialBuffers, colours: &Palette) {
    Grid::new("credential-form").num_columns(2).spacing([12.0, 6.0]).show(ui, |ui| {
        line(ui, "Name", &mut form.name, "my-key");
        ui.label("Kind");
        let response = ComboBox::from_id_salt("credential-kind")
            .selected_text(kind_title(form.kind))
            .show_ui(ui, |ui| {
                for kind in
                    [CredentialKind::Bearer, CredentialKind::ApiKey, CredentialKind::Basic, CredentialKind::Header]
                {
                    if ui.selectable_value(&mut form.kind, kind, kind_title(kind)).clicked() {
                        ui.close();
                    }
                }
            })
            .response;
        controls::name_combo(response, "Credential kind", kind_title(form.kind));
        ui.end_row();
        if matches!(form.kind, CredentialKind::ApiKey | CredentialKind::Header) {
            line(ui, "Header", &mut form.header, "X-Api-Key");
        }
        line(ui, "Origins", &mut form.origins, "https://api.example.com");
        line(ui, "Workspace", &mut form.workspace, "optional");
        ui.label("Secret");
        let hint = if form.kind == CredentialKind::Basic { "user:password" } else { "paste the token" };
        ui.add(
            TextEdit::singleline(&mut *form.secret).id(secret_id()).password(true).hint_text(hint).desired_width(360.0),
        )
        .accessible_name("Secret");
        ui.end_row();
    });
    let has_keyring = state.keyring.state != KeyringState::Missing;
    ui.add_enabled_ui(has_keyring, |ui| {
        let mut is_session_only = form.is_session_only || !has_keyring;
        if ui.checkbox(&mut is_session_only, "Keep it for this session only, not in the keyring").changed() {
            form.is_session_only = is_session_only;
        }
    });
    if !has_keyring {
        ui.label(
            RichText::new("No keyring answers, so it is kept in memory until the program ends").color(colours.soft),
        );
    }
    if state.draft.environment.is_empty() || form.origins.trim().is_empty() {
        ui.label(RichText::new("It goes to these origins only, and is refused anywhere else").color(colours.soft));
    }
}

/// The buttons below the form, always in sight.
fn footer_ui(ui: &mut Ui, state: &State, form: &CredentialBuffers, queue: &mut Queue) {
    let is_ready = !form.name.trim().is_empty() && !form.secret.is_empty() && !form.origins.trim().is_empty();
    ui.add_enabled_ui(is_ready && !state.keyring.is_busy, |ui| {
        if controls::primary_button(ui, "Store credential", None, "Store credential")
            .on_disabled_hover_text("Name, origin and secret are needed")
            .clicked()
        {
            queue.push_back(Command::AddCredential(Box::new(CredentialForm {
                name: form.name.trim().to_owned(),
                kind: form.kind,
                header: form.header.trim().to_owned(),
                origins: form.origins.clone(),
                workspace: form.workspace.trim().to_owned(),
                scopes: form.scopes.clone(),
                expires: form.expires.clone(),
                // The form keeps its own until it is stored, so that a refusal costs no typing.
                secret: Secret::new(form.secret.to_string()),
                is_session_only: form.is_session_only || state.keyring.state == KeyringState::Missing,
            })));
        }
    });
}

fn kind_title(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Bearer => "Bearer token",
        CredentialKind::ApiKey => "API key",
        CredentialKind::Basic => "User name and password",
        CredentialKind::Header => "Own header",
        CredentialKind::OAuth => "OAuth",
    }
}

fn line(ui: &mut Ui, title: &str, text: &mut String, hint: &str) {
    ui.label(title);
    ui.add(TextEdit::singleline(text).hint_text(hint.to_owned()).desired_width(360.0))
        .accessible_name(format!("Credential {}", title.to_lowercase()));
    ui.end_row();
}
