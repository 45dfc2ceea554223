//! One credential of the list: its facts, what can be done with it, and what the token doctor found.

use std::time::Instant;

use eframe::egui::{Context, Id, Label, RichText, Ui};
use jiff::Timestamp;
use zeroize::Zeroize as _;

use super::credential_form::kind_title;
use super::{action, expiry};
use crate::app::{Command, CredentialAct, Dialog, RequestTab, SANDBOX_PREFIX, State};
use crate::credentials::doctor::{FindingState, TokenAction, TokenFinding};
use crate::credentials::{Credential, KeyringState, StoredIn};
use crate::exchange::CredentialChoice;
use crate::secret::Secret;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls::{self, Sign};
use crate::ui::widgets::form;

/// The id of the field for another secret, so that its undo can be cleared.
fn secret_id() -> Id {
    Id::unique("credential-replacement")
}

/// Overwrites what was typed; called when the dialog is not open.
pub fn forget(ctx: &Context, buffers: &mut Buffers) {
    if let Some((_, secret)) = &mut buffers.replacing {
        secret.zeroize();
    }
    buffers.replacing = None;
    buffers.removing = None;
    buffers.opened_credential = None;
    form::forget_undo(ctx, secret_id());
}

/// Draws the row.
pub fn ui(
    ui: &mut Ui,
    state: &State,
    credential: &Credential,
    buffers: &mut Buffers,
    queue: &mut Queue,
    colours: &Palette,
) {
    let name = credential.name.as_str();
    let is_sandbox = name.starts_with(SANDBOX_PREFIX);
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::semibold(name));
        let last4 = credential.last4.as_deref().map(|last| format!("···· {last}")).unwrap_or_default();
        ui.label(RichText::new(last4).monospace().color(colours.soft));
        expiry::label(ui, credential, Timestamp::now(), colours);
        if ui.button("Test").accessible_name(format!("Test {name}")).clicked() {
            buffers.opened_credential = Some(name.to_owned());
            queue.push_back(Command::Credential(CredentialAct::Test(name.to_owned())));
        }
        let is_open = buffers.opened_credential.as_deref() == Some(name);
        let (title, spoken) =
            if is_open { ("Less", format!("Less of {name}")) } else { ("More…", format!("More of {name}")) };
        if ui.button(title).accessible_name(spoken).clicked() {
            buffers.opened_credential = (!is_open).then(|| name.to_owned());
        }
        if !is_sandbox {
            remove_ui(ui, credential, buffers, queue);
        }
    });
    ui.add(Label::new(RichText::new(facts(credential)).size(theme::SMALL_SIZE).color(colours.soft)).wrap());
    if buffers.opened_credential.as_deref() == Some(name) {
        more_ui(ui, state, credential, buffers, queue);
    }
    if let Some(replaced) = state.credentials.replaced.as_ref().filter(|replaced| replaced.name == name) {
        action::replaced_ui(ui, replaced, colours);
    }
    revealed_ui(ui, state, name, queue);
    copy_question_ui(ui, state, name, queue, colours);
    replace_ui(ui, state, name, buffers, queue);
    if let Some(tested) = state.credentials.tested.as_ref().filter(|tested| tested.name == name) {
        for found in &tested.findings {
            finding_ui(ui, name, found, buffers, queue, colours);
        }
    }
    ui.add_space(6.0);
}

/// What is known of it, on one line.
fn facts(credential: &Credential) -> String {
    let stored = match credential.stored {
        StoredIn::Keyring => "keyring",
        StoredIn::Session => "this session only",
    };
    let origins: Vec<String> = credential.origins.iter().map(ToString::to_string).collect();
    let mut parts = vec![kind_title(credential.kind).to_owned(), stored.to_owned(), origins.join(", ")];
    parts.extend(credential.workspace.iter().map(|workspace| format!("workspace {workspace}")));
    if !credential.scopes.is_empty() {
        parts.push(credential.scopes.join(" "));
    }
    if let Some(oauth) = &credential.oauth {
        let server = oauth.provider.issuer.as_ref().unwrap_or(&oauth.provider.token_url);
        parts.push(format!("from {}", server.url().host_str().unwrap_or_default()));
        if oauth.refused_at.is_some() {
            parts.push("refresh refused: sign in again".to_owned());
        }
    }
    visible_line(&parts.join(" · ")).into_owned()
}

fn remove_ui(ui: &mut Ui, credential: &Credential, buffers: &mut Buffers, queue: &mut Queue) {
    let name = credential.name.as_str();
    let is_asked = buffers.removing.as_deref() == Some(name);
    let (title, spoken) = if is_asked {
        ("Remove for good", format!("Remove {name} for good"))
    } else {
        ("Remove…", format!("Remove {name}"))
    };
    if ui.button(title).accessible_name(spoken).clicked() {
        if is_asked {
            buffers.removing = None;
            queue.push_back(Command::RemoveCredential(name.to_owned()));
        } else {
            buffers.removing = Some(name.to_owned());
        }
    }
}

/// What is done less often.
fn more_ui(ui: &mut Ui, state: &State, credential: &Credential, buffers: &mut Buffers, queue: &mut Queue) {
    let name = credential.name.as_str();
    let is_busy = state.credentials.sign_in.as_ref().is_some_and(|sign_in| !sign_in.is_over);
    ui.horizontal_wrapped(|ui| {
        if ui.button("Use").accessible_name(format!("Use {name}")).clicked() {
            queue.push_back(Command::ChooseCredential(CredentialChoice::Named(name.to_owned())));
            queue.push_back(Command::OpenDialog(Dialog::None));
            return;
        }
        let mut button = |ui: &mut Ui, title: &str, is_enabled: bool, act: CredentialAct| {
            let button = ui.add_enabled(is_enabled, eframe::egui::Button::new(title));
            if button.accessible_name(format!("{} {name}", title.trim_end_matches('…'))).clicked() {
                queue.push_back(Command::Credential(act));
            }
        };
        if credential.oauth.is_some() {
            button(ui, "Refresh", !is_busy, CredentialAct::Refresh(name.to_owned()));
            button(ui, "Sign in again", !is_busy, CredentialAct::SignInAgain(name.to_owned()));
            button(ui, "Sign out", !is_busy, CredentialAct::SignOut(name.to_owned()));
        }
        button(ui, "Show secret", true, CredentialAct::Reveal(name.to_owned()));
        button(ui, "Copy secret", true, CredentialAct::CopySecret(name.to_owned()));
        let is_sandbox = name.starts_with(SANDBOX_PREFIX);
        if credential.stored == StoredIn::Session && !is_sandbox {
            let has_keyring = state.keyring.state != KeyringState::Missing;
            button(ui, "Keep in keyring", has_keyring, CredentialAct::KeepInKeyring(name.to_owned()));
        }
        if credential.oauth.is_none()
            && !is_sandbox
            && ui.button("Replace…").accessible_name(format!("Replace the secret of {name}")).clicked()
        {
            buffers.replacing = Some((name.to_owned(), Default::default()));
        }
    });
}

fn revealed_ui(ui: &mut Ui, state: &State, name: &str, queue: &mut Queue) {
    let Some(revealed) = state.credentials.revealed.as_ref().filter(|revealed| revealed.name == name) else { return };
    let left = revealed.until.saturating_duration_since(Instant::now());
    ui.horizontal_wrapped(|ui| {
        ui.add(Label::new(RichText::new(visible_line(revealed.secret.expose())).monospace()).wrap());
        ui.label(format!("hidden again in {} s", left.as_secs() + 1));
        if ui.button("Hide").clicked() {
            queue.push_back(Command::Credential(CredentialAct::Hide));
        }
    });
    ui.ctx().request_repaint_after(left.min(std::time::Duration::from_millis(500)));
}

fn copy_question_ui(ui: &mut Ui, state: &State, name: &str, queue: &mut Queue, colours: &Palette) {
    if state.credentials.copy_asked.as_deref() != Some(name) {
        return;
    }
    let text = "Every program on this computer can read the clipboard. The secret stays there for thirty seconds";
    ui.add(Label::new(RichText::new(text).color(colours.attention)).wrap());
    ui.horizontal(|ui| {
        if ui.button("Copy it, and do not ask again").clicked() {
            queue.push_back(Command::Credential(CredentialAct::AllowCopying));
        }
        if ui.button("Do not copy").clicked() {
            queue.push_back(Command::Credential(CredentialAct::StopCopying));
        }
    });
}

fn replace_ui(ui: &mut Ui, state: &State, name: &str, buffers: &mut Buffers, queue: &mut Queue) {
    if buffers.replaced_count != state.credentials.replaced_count {
        buffers.replaced_count = state.credentials.replaced_count;
        forget_typed(ui.ctx(), buffers);
    }
    let Some((_, secret)) = buffers.replacing.as_mut().filter(|(replaced, _)| replaced == name) else { return };
    let mut is_over = false;
    ui.horizontal_wrapped(|ui| {
        form::secret(ui, secret_id(), "New secret", secret, 320.0, "paste the new secret");
        let is_ready = !secret.is_empty() && !state.keyring.is_busy;
        if ui.add_enabled(is_ready, eframe::egui::Button::new("Store new secret")).clicked() {
            let secret = Secret::new(secret.to_string());
            queue.push_back(Command::Credential(CredentialAct::Replace { name: name.to_owned(), secret }));
        }
        is_over = ui.button("Leave it").clicked();
    });
    if is_over {
        forget_typed(ui.ctx(), buffers);
    }
}

fn forget_typed(ctx: &Context, buffers: &mut Buffers) {
    if let Some((_, secret)) = &mut buffers.replacing {
        secret.zeroize();
    }
    buffers.replacing = None;
    form::forget_undo(ctx, secret_id());
}

fn finding_ui(
    ui: &mut Ui,
    name: &str,
    found: &TokenFinding,
    buffers: &mut Buffers,
    queue: &mut Queue,
    colours: &Palette,
) {
    ui.horizontal_top(|ui| {
        let (sign, word) = match found.state {
            FindingState::Pass => (Sign::Pass, "passed"),
            FindingState::Attention => (Sign::Attention, "needs attention"),
            FindingState::Fail => (Sign::Fail, "failed"),
            FindingState::Unknown => (Sign::Unknown, "not known"),
        };
        controls::sign(ui, sign, &format!("{} of {name}: {word}", found.id));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let evidence = found.evidence.join("\n");
            let summary = ui.add(Label::new(visible_line(&found.summary).into_owned()).wrap());
            if !evidence.is_empty() {
                summary.on_hover_text(evidence);
            }
            if !found.fix.is_empty() {
                form::note(ui, &found.fix);
            }
            if let Some(action) = &found.action {
                action_ui(ui, name, action, buffers, queue, colours);
            }
        });
    });
}

/// The button of a finding; none for what the program cannot do by itself.
fn action_ui(
    ui: &mut Ui,
    name: &str,
    action: &TokenAction,
    buffers: &mut Buffers,
    queue: &mut Queue,
    colours: &Palette,
) {
    let owned = || name.to_owned();
    let (title, commands) = match action {
        TokenAction::Refresh => ("Refresh".to_owned(), vec![Command::Credential(CredentialAct::Refresh(owned()))]),
        TokenAction::SignIn => {
            ("Sign in again".to_owned(), vec![Command::Credential(CredentialAct::SignInAgain(owned()))])
        }
        TokenAction::Replace => ("Replace the secret".to_owned(), Vec::new()),
        TokenAction::CleanSecret => {
            ("Clean the secret".to_owned(), vec![Command::Credential(CredentialAct::Clean(owned()))])
        }
        TokenAction::SetWorkspace(id) => {
            (format!("Set the workspace {id}"), vec![Command::SetWorkspace(Some(id.clone()))])
        }
        TokenAction::ChooseEnvironment(environment) => (
            format!("Choose the environment {environment}"),
            vec![
                Command::ChooseEnvironment(environment.clone()),
                Command::ChooseCredential(CredentialChoice::Named(owned())),
            ],
        ),
        TokenAction::ChooseCredential => (
            "Choose another credential".to_owned(),
            vec![Command::OpenDialog(Dialog::None), Command::ShowRequestTab(RequestTab::Auth)],
        ),
        TokenAction::AskForScope(scope) => {
            ui.label(RichText::new(format!("Ask for {scope}")).monospace().color(colours.soft));
            return;
        }
        TokenAction::SetClock => return,
    };
    let response = controls::link_button(ui, &visible_line(&title)).accessible_name(format!("{title}: {name}"));
    if response.clicked() {
        if *action == TokenAction::Replace {
            buffers.replacing = Some((owned(), Default::default()));
        }
        queue.extend(commands);
    }
}
