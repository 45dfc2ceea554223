//! Signing in: the form, and how far a sign-in has come.

use std::time::Instant;

use eframe::egui::{Button, Context, Id, Label, RichText, Role, Ui, UiBuilder};

use super::credential_form::session_ui;
use crate::app::{Command, CredentialAct, Dialog, SandboxState, SignInEvent, SignInForm, SignInView, State};
use crate::credentials::KeyringState;
use crate::credentials::oauth::Flow;
use crate::secret::Secret;
use crate::text::visible_line;
use crate::ui::buffers::{Queue, SignInBuffers};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{controls, form};

/// How a person can sign in.
const FLOWS: [(Flow, &str); 3] = [
    (Flow::Code, "In the browser"),
    (Flow::Device, "With a code, on any device"),
    (Flow::ClientCredentials, "As the program itself"),
];

/// The client that the embedded sandbox knows this program as.
const SANDBOX_CLIENT: &str = "altyaa-console";

/// The id of the field for the client's secret, so that its undo can be cleared.
fn secret_id() -> Id {
    Id::unique("sign-in-client-secret")
}

/// Takes away the undo of the client's secret, which holds what was typed.
pub fn clear_undo(ctx: &Context) {
    form::forget_undo(ctx, secret_id());
}

/// Draws the fields.
pub fn form_ui(ui: &mut Ui, state: &State, form: &mut SignInBuffers, colours: &Palette) {
    line(ui, "Name", &mut form.name, "my-login");
    form::line(ui, "How", |ui| form::choice(ui, "Sign-in flow", &mut form.flow, &FLOWS));
    if !form.is_by_hand {
        line(ui, "Server", &mut form.issuer, "https://login.example.com, which announces its addresses");
    } else {
        line(ui, "Token address", &mut form.token_url, "https://login.example.com/token");
        line(ui, "Authorize address", &mut form.authorize_url, "https://login.example.com/authorize");
        line(ui, "Device address", &mut form.device_url, "optional");
        line(ui, "Revocation address", &mut form.revoke_url, "optional");
    }
    ui.horizontal_wrapped(|ui| {
        ui.checkbox(&mut form.is_by_hand, "Write the addresses down by hand");
        if let SandboxState::Running { base, .. } = &state.sandbox
            && ui.button("Use the local sandbox").clicked()
        {
            form.fill_for_sandbox(base, SANDBOX_CLIENT);
        }
    });
    line(ui, "Client id", &mut form.client_id, "as the server gave it");
    form::line(ui, "Client secret", |ui| {
        form::secret(ui, secret_id(), "Client secret", &mut form.client_secret, 400.0, "only where the client has one");
    });
    line(ui, "Scopes", &mut form.scopes, "optional, as in posts.read posts.write");
    line(ui, "Origins", &mut form.origins, "where the token may go, as in https://api.example.com");
    line(ui, "Workspace", &mut form.workspace, "optional");
    session_ui(ui, state, &mut form.is_session_only, colours);
}

/// The button below the form, always in sight.
pub fn footer_ui(ui: &mut Ui, state: &State, form: &SignInBuffers, queue: &mut Queue) {
    let server = if form.is_by_hand { &form.token_url } else { &form.issuer };
    let is_ready = [&form.name, server, &form.client_id, &form.origins].iter().all(|text| !text.trim().is_empty());
    let is_running = state.credentials.sign_in.as_ref().is_some_and(|sign_in| !sign_in.is_over);
    ui.add_enabled_ui(is_ready && !is_running, |ui| {
        if controls::primary_button(ui, "Sign in", None, "Sign in")
            .on_disabled_hover_text("Name, server, client id and origin are needed")
            .clicked()
        {
            let by_hand = |text: &str| if form.is_by_hand { text.to_owned() } else { String::new() };
            queue.push_back(Command::Credential(CredentialAct::SignIn(Box::new(SignInForm {
                name: form.name.clone(),
                issuer: if form.is_by_hand { String::new() } else { form.issuer.clone() },
                authorize_url: by_hand(&form.authorize_url),
                token_url: by_hand(&form.token_url),
                device_url: by_hand(&form.device_url),
                revoke_url: by_hand(&form.revoke_url),
                client_id: form.client_id.clone(),
                // The form keeps its own until it is over, so that a refusal costs no typing.
                client_secret: Secret::new(form.client_secret.to_string()),
                flow: form.flow,
                scopes: form.scopes.clone(),
                origins: form.origins.clone(),
                workspace: form.workspace.clone(),
                is_session_only: form.is_session_only || state.keyring.state == KeyringState::Missing,
            }))));
        }
    });
}

/// Draws how far a sign-in, renewal or sign-out has come, and why it failed.
pub fn progress_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    let Some(sign_in) = &state.credentials.sign_in else { return };
    ui.separator();
    let builder = UiBuilder::new().accessibility_role(Role::Status).accessibility_label(title(sign_in));
    ui.scope_builder(builder, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::semibold(title(sign_in)));
            if sign_in.is_over {
                if ui.button("Dismiss").clicked() {
                    queue.push_back(Command::Credential(CredentialAct::CloseSignIn));
                }
            } else if ui.button("Cancel sign-in").clicked() {
                queue.push_back(Command::Credential(CredentialAct::CancelSignIn));
            }
        });
        if let Some(wanted) = &sign_in.wanted {
            wanted_ui(ui, sign_in, wanted, queue, colours);
        }
        if let Some(failure) = &sign_in.failure {
            form::problem(ui, &visible_line(&failure.summary));
            form::note(ui, &visible_line(&failure.place));
            form::note(ui, &visible_line(&failure.fix));
            let said = |name: &str| failure.diagnosis.as_ref()?.get(name)?.as_str().map(str::to_owned);
            if let Some(code) = said("code") {
                let meaning = said("meaning").unwrap_or_default();
                form::note(ui, &visible_line(&format!("{code}: {meaning}")));
            }
            if failure.is_sign_in_needed && controls::link_button(ui, "Sign in again").clicked() {
                queue.push_back(Command::Credential(CredentialAct::SignInAgain(sign_in.name.clone())));
            }
        }
        steps_ui(ui, sign_in, queue);
    });
}

fn title(sign_in: &SignInView) -> String {
    match (&sign_in.failure, sign_in.is_over) {
        (Some(_), _) => format!("{} did not get a token", sign_in.name),
        (None, true) => format!("{} is done", sign_in.name),
        (None, false) => format!("Asking the server for {}…", sign_in.name),
    }
}

fn wanted_ui(ui: &mut Ui, sign_in: &SignInView, wanted: &SignInEvent, queue: &mut Queue, colours: &Palette) {
    match wanted {
        SignInEvent::Open { url } => {
            let host = url.authority();
            ui.add(
                Label::new(format!("Allow it in the browser, at {host}; this window waits for five minutes")).wrap(),
            );
            ui.horizontal(|ui| {
                if ui.button("Open the browser again").clicked() {
                    queue.push_back(Command::Credential(CredentialAct::OpenSignIn));
                }
                if ui.button("Copy the address").clicked() {
                    queue.push_back(Command::Credential(CredentialAct::CopySignIn));
                }
            });
        }
        SignInEvent::Code { user_code, verification_uri, expires_in, .. } => {
            let host = verification_uri.authority();
            ui.add(Label::new(format!("Open {verification_uri} on any device and type in the code")).wrap());
            ui.horizontal(|ui| {
                ui.label(RichText::new(visible_line(user_code)).monospace().size(20.0));
                if ui.button("Copy the code").clicked() {
                    queue.push_back(Command::Credential(CredentialAct::CopySignIn));
                }
                if ui.button(format!("Open {host}")).clicked() {
                    queue.push_back(Command::Credential(CredentialAct::OpenSignIn));
                }
            });
            let passed = sign_in.wanted_at.map(|at| Instant::now().saturating_duration_since(at)).unwrap_or_default();
            let left = expires_in.saturating_sub(passed).as_secs();
            ui.label(
                RichText::new(format!("The code can be used for {} min {} s", left / 60, left % 60))
                    .color(colours.soft),
            );
            ui.ctx().request_repaint_after(std::time::Duration::from_secs(1));
        }
        SignInEvent::Step(_) => {}
    }
}

/// What was asked of the server; each is in the history, without its secrets.
fn steps_ui(ui: &mut Ui, sign_in: &SignInView, queue: &mut Queue) {
    for step in &sign_in.steps {
        ui.horizontal_wrapped(|ui| {
            let status = step.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            ui.label(format!("{} · {status}", step.title));
            let button = ui.add(Button::new("Look at it").small());
            if button.accessible_name(format!("Look at the {}", step.title.to_lowercase())).clicked() {
                queue.push_back(Command::OpenDialog(Dialog::None));
                queue.push_back(Command::OpenHistoryEntry(step.exchange.clone()));
            }
        });
    }
}

fn line(ui: &mut Ui, title: &str, text: &mut String, hint: &str) {
    let name = format!("Sign-in {}", title.to_lowercase());
    form::line(ui, title, |ui| {
        form::field(ui, &name, text, 400.0, hint);
    });
}
