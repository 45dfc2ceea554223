//! The form for a credential whose secret is at hand.

use eframe::egui::{Context, Id, RichText, Ui};

use crate::app::{Command, CredentialForm, State};
use crate::credentials::{CredentialKind, KeyringState};
use crate::secret::Secret;
use crate::ui::buffers::{CredentialBuffers, Queue};
use crate::ui::theme::Palette;
use crate::ui::widgets::{controls, form};

/// The kinds that can be added by hand.
const KINDS: [(CredentialKind, &str); 4] = [
    (CredentialKind::Bearer, "Bearer token"),
    (CredentialKind::ApiKey, "API key"),
    (CredentialKind::Basic, "User name and password"),
    (CredentialKind::Header, "Own header"),
];

/// The id of the field for the secret, so that its undo can be cleared.
fn secret_id() -> Id {
    Id::unique("credential-secret")
}

/// The undo of the field for the secret holds what was typed.
pub fn clear_undo(ctx: &Context) {
    form::forget_undo(ctx, secret_id());
    super::sign_in::clear_undo(ctx);
}

/// What a kind is called.
pub fn kind_title(kind: CredentialKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("OAuth", |(_, title)| title)
}

/// Draws the fields.
pub fn ui(ui: &mut Ui, state: &State, form: &mut CredentialBuffers, colours: &Palette) {
    line(ui, "Name", &mut form.name, "my-key");
    form::line(ui, "Kind", |ui| form::choice(ui, "Credential kind", &mut form.kind, &KINDS));
    if matches!(form.kind, CredentialKind::ApiKey | CredentialKind::Header) {
        line(ui, "Header", &mut form.header, "X-Api-Key");
    }
    line(ui, "Origins", &mut form.origins, "https://api.example.com");
    line(ui, "Workspace", &mut form.workspace, "optional");
    line(ui, "Scopes", &mut form.scopes, "optional, as in posts.read posts.write");
    line(ui, "Expires", &mut form.expires, "optional, as in 2026-12-31");
    let hint = if form.kind == CredentialKind::Basic { "user:password" } else { "paste the token" };
    form::line(ui, "Secret", |ui| {
        form::secret(ui, secret_id(), "Secret", &mut form.secret, 400.0, hint);
    });
    session_ui(ui, state, &mut form.is_session_only, colours);
    if form.origins.trim().is_empty() {
        ui.label(RichText::new("It goes to these origins only, and is refused anywhere else").color(colours.soft));
    }
}

/// Whether it is kept for this session only, and what that means where there is no choice.
pub fn session_ui(ui: &mut Ui, state: &State, is_session_only: &mut bool, colours: &Palette) {
    let has_keyring = state.keyring.state != KeyringState::Missing;
    ui.add_enabled_ui(has_keyring, |ui| {
        let mut is_chosen = *is_session_only || !has_keyring;
        if ui.checkbox(&mut is_chosen, "Keep it for this session only, not in the keyring").changed() {
            *is_session_only = is_chosen;
        }
    });
    if !has_keyring {
        ui.label(
            RichText::new("No keyring answers, so it is kept in memory until the program ends").color(colours.soft),
        );
    }
}

/// The button below the form, always in sight.
pub fn footer_ui(ui: &mut Ui, state: &State, form: &CredentialBuffers, queue: &mut Queue) {
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

fn line(ui: &mut Ui, title: &str, text: &mut String, hint: &str) {
    let name = format!("Credential {}", title.to_lowercase());
    form::line(ui, title, |ui| {
        form::field(ui, &name, text, 400.0, hint);
    });
}
