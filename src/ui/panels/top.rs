//! The bar above: environment, workspace, credential, palette, colours, help.

use eframe::egui::{Button, ComboBox, RichText, TextEdit, Ui, vec2};

use super::{expiry, request_tabs};
use crate::app::{Command, Dialog, SandboxState, State, Theme};
use crate::credentials::Credential;
use crate::exchange::CredentialChoice;
use crate::profile::{Environment, EnvironmentKind};
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::icons;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls;

/// Draws the bar.
pub fn ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    let width = ui.available_width();
    ui.horizontal_centered(|ui| {
        if width < 776.0 && controls::icon_button(ui, icons::SIDEBAR_SIMPLE, "Requests and history").clicked() {
            queue.push_back(Command::OpenDialog(Dialog::Requests));
        }
        if width > 900.0 {
            ui.label(theme::semibold("Altyaa Console"));
            ui.separator();
        }
        environment_ui(ui, state, queue, colours);
        // A narrower bar has no room for it; the Auth tab and the palette have it too.
        if width > 1000.0 && controls::icon_button(ui, icons::GLOBE, "Network settings").clicked() {
            queue.push_back(Command::OpenDialog(Dialog::Network));
        }
        if state.profile.workspace.is_some() {
            workspace_ui(ui, state, buffers, queue, colours);
        }
        credential_ui(ui, state, queue, colours);
        ui.with_layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center), |ui| {
            if controls::icon_button(ui, icons::QUESTION, "Help").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::Help));
            }
            let (icon, name, next) = match ui.ctx().global_style().visuals.dark_mode {
                true => (icons::SUN, "Light colours", Theme::Light),
                false => (icons::MOON, "Dark colours", Theme::Dark),
            };
            if controls::icon_button(ui, icon, name).clicked() {
                queue.push_back(Command::SetTheme(next));
            }
            if width > 1000.0 {
                let shortcut = ui.ctx().format_shortcut(&eframe::egui::KeyboardShortcut::new(
                    eframe::egui::Modifiers::COMMAND,
                    eframe::egui::Key::K,
                ));
                let button = Button::new(RichText::new("Run a command").color(colours.soft))
                    .right_text(RichText::new(shortcut).monospace().size(theme::SMALL_SIZE).color(colours.soft));
                if ui.add(button.min_size(vec2(190.0, 28.0))).accessible_name("Run a command").clicked() {
                    queue.push_back(Command::OpenDialog(Dialog::Palette));
                }
            } else if controls::icon_button(ui, icons::COMMAND, "Run a command").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::Palette));
            }
        });
    });
}

fn environment_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    let chosen = state.profile.environment(&state.draft.environment);
    let title = chosen.map_or("No environment", |environment| environment.title.as_str());
    let text = match chosen.map(|environment| environment.kind) {
        // Production is told from the others by word and weight, not by colour alone.
        Some(EnvironmentKind::Production) => theme::semibold(format!("{title} · real data")).color(colours.failure),
        _ => RichText::new(title).color(colours.text),
    };
    let (dot, dot_color) = match chosen.map(|environment| environment.kind) {
        Some(EnvironmentKind::Production) => (true, colours.failure),
        Some(EnvironmentKind::Sandbox) => (true, colours.attention),
        Some(EnvironmentKind::Embedded) => (true, colours.pass),
        None => (false, colours.soft),
    };
    if dot {
        let (rect, _) = ui.allocate_exact_size(vec2(8.0, 8.0), eframe::egui::Sense::hover());
        ui.painter().circle_filled(rect.center(), 4.5, dot_color);
    }
    let response = ComboBox::from_id_salt("environment")
        .selected_text(text)
        .truncate()
        .width(if ui.available_width() < 700.0 { 104.0 } else { 130.0 })
        .show_ui(ui, |ui| {
            for environment in &state.profile.environments {
                let is_chosen = environment.name == state.draft.environment;
                let response = ui.selectable_label(is_chosen, &environment.title);
                if response.on_hover_text(address_of(environment, state)).clicked() {
                    queue.push_back(Command::ChooseEnvironment(environment.name.clone()));
                    ui.close();
                }
            }
        })
        .response;
    let response = controls::name_combo(response, "Environment", title);
    if let Some(environment) = chosen {
        response.on_hover_text(address_of(environment, state));
    }
}

fn address_of(environment: &Environment, state: &State) -> String {
    match (environment.kind, &state.sandbox) {
        (EnvironmentKind::Embedded, SandboxState::Running { base, .. }) => format!("Inside this program, at {base}"),
        (EnvironmentKind::Embedded, SandboxState::Starting) => "Inside this program, starting".into(),
        (EnvironmentKind::Embedded, SandboxState::Failed(why)) => format!("Did not start: {why}"),
        _ => environment.base.clone().unwrap_or_else(|| "No address known".into()),
    }
}

fn workspace_ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue, colours: &Palette) {
    let own = match (&state.sandbox, state.profile.environment(&state.draft.environment).map(|e| e.kind)) {
        (SandboxState::Running { workspace, .. }, Some(EnvironmentKind::Embedded)) => workspace.as_str(),
        _ => "none",
    };
    // An empty id is the choice to send none, which is something else than the environment's own.
    let own = if state.draft.workspace.as_deref() == Some("") { "none" } else { own };
    if ui.available_width() > 620.0 {
        ui.label(RichText::new("Workspace").color(colours.soft));
    }
    let edit = TextEdit::singleline(&mut buffers.workspace)
        .hint_text(RichText::new(own).color(colours.text))
        .desired_width(if ui.available_width() < 560.0 { 78.0 } else { 108.0 })
        .margin(vec2(8.0, 5.0))
        .char_limit(200);
    let response = ui.add(edit).accessible_name("Workspace");
    if response.changed() {
        let id = buffers.workspace.trim();
        queue.push_back(Command::SetWorkspace((!id.is_empty()).then(|| id.to_owned())));
    }
    response.on_hover_text("Empty for the environment's own workspace; the Auth tab can leave it out");
}

/// The credential's name as the bar and the Auth tab show it.
pub fn credential_title(state: &State) -> String {
    let chosen = match &state.draft.credential {
        CredentialChoice::Nothing => None,
        CredentialChoice::Named(name) => Some(name.as_str()),
        CredentialChoice::Environment => own_credential(state),
    };
    let Some(name) = chosen else { return "No credential".into() };
    let last4 = chosen_credential(state).and_then(|credential| credential.last4.as_deref());
    format!("{}{}", name, last4.map(|last| format!(" ···· {last}")).unwrap_or_default())
}

/// The credential that the environment fills in itself.
pub fn own_credential(state: &State) -> Option<&str> {
    let kind = state.profile.environment(&state.draft.environment)?.kind;
    match &state.sandbox {
        SandboxState::Running { credential, .. } if kind == EnvironmentKind::Embedded => Some(credential),
        _ => None,
    }
}

fn credential_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    if ui.available_width() > 420.0 {
        ui.label(RichText::new("Credential").color(colours.soft));
    }
    credential_choice_ui(ui, "credential", state, queue);
    // Where there is little room the Auth tab says it too.
    if let Some(credential) = chosen_credential(state)
        && ui.available_width() > 420.0
    {
        expiry::label(ui, credential, jiff::Timestamp::now(), colours);
        request_tabs::refresh_ui(ui, state, credential, queue);
    }
}

/// The facts of the credential that the draft is sent with.
pub fn chosen_credential(state: &State) -> Option<&Credential> {
    let name = match &state.draft.credential {
        CredentialChoice::Nothing => return None,
        CredentialChoice::Named(name) => name.as_str(),
        CredentialChoice::Environment => own_credential(state)?,
    };
    state.keyring.credentials.iter().find(|credential| credential.name == name)
}

/// The list of credentials to choose from, used by the bar and the Auth tab.
pub fn credential_choice_ui(ui: &mut Ui, salt: &str, state: &State, queue: &mut Queue) {
    let response = ComboBox::from_id_salt(salt)
        .selected_text(credential_title(state))
        .truncate()
        .height(320.0)
        .width(if ui.available_width() < 420.0 { 120.0 } else { 190.0 })
        .show_ui(ui, |ui| {
            let mut choose = |ui: &mut Ui, choice: CredentialChoice, text: String| {
                if ui.selectable_label(state.draft.credential == choice, text).clicked() {
                    queue.push_back(Command::ChooseCredential(choice));
                    ui.close();
                }
            };
            if let Some(name) = own_credential(state) {
                choose(ui, CredentialChoice::Environment, format!("Environment's own ({})", name));
            }
            choose(ui, CredentialChoice::Nothing, "No credential".into());
            for credential in &state.keyring.credentials {
                choose(ui, CredentialChoice::Named(credential.name.clone()), credential.name.clone());
            }
            ui.separator();
            if ui.selectable_label(false, "Manage credentials…").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::Credentials));
                ui.close();
            }
        })
        .response;
    controls::name_combo(response, "Credential", &credential_title(state));
}
