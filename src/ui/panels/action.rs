//! A guided action: what it would change, shown before it is changed.

use eframe::egui::{Button, Context, Frame, Id, Label, RichText, Role, Stroke, TextEdit, Ui, UiBuilder, vec2};
use url::Url;
use zeroize::Zeroize as _;

use crate::app::{
    ActionAct, ActionPlan, Change, Command, CredentialAct, OpenAction, Replaced, SANDBOX_PREFIX, State, Step, settable,
};
use crate::credentials::Credential;
use crate::diagnosis::{Action, Diagnosis};
use crate::secret::Secret;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{controls, form};

/// How much of a value is shown, in bytes.
const SHOWN_BYTES: usize = 400;
/// How much of a field's path fits on a button, in characters.
const SHOWN_PATH: usize = 60;

/// Draws the open action's card, and the way back from the last one.
pub fn ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    if let Some(undo) = state.undo() {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(format!("Done: {}", undo.title)).color(colours.soft));
            if ui.button("Undo").on_hover_text("Put the request back as it was").clicked() {
                queue.push_back(Command::Action(ActionAct::Undo));
            }
            if undo.takes_more(&state.draft) {
                let text = "What you changed in the request since then goes too";
                ui.label(RichText::new(text).color(colours.attention));
            }
        });
    }
    let chosen = state.used_credential();
    if let Some(replaced) = state.credentials.replaced.as_ref().filter(|replaced| Some(&*replaced.name) == chosen) {
        replaced_ui(ui, replaced, colours);
    }
    let Some(open) = &state.action else { return };
    ui.add_space(6.0);
    // It opens below what was read, so it is brought into sight once, and the keyboard goes to its value.
    let is_new = buffers.action_shown.as_deref() != Some(open.plan.id.as_str());
    buffers.action_shown = Some(open.plan.id.clone());
    let name = format!("Guided action: {}", visible_line(&open.plan.title));
    let builder = UiBuilder::new().accessibility_role(Role::Group).accessibility_label(name);
    let card = ui.scope_builder(builder, |ui| {
        let frame = Frame::new().stroke(Stroke::new(1.0, colours.hairline)).corner_radius(6.0).inner_margin(12.0);
        frame.show(ui, |ui| card_ui(ui, state, open, buffers, queue, is_new));
    });
    if is_new {
        card.response.scroll_to_me(None);
    }
}

fn card_ui(ui: &mut Ui, state: &State, open: &OpenAction, buffers: &mut Buffers, queue: &mut Queue, is_new: bool) {
    let colours = theme::palette(ui.ctx());
    let plan = &open.plan;
    ui.label(theme::semibold(plan.title.as_str()));
    for change in &plan.changes {
        change_ui(ui, change, colours);
    }
    for note in &plan.notes {
        ui.add(Label::new(RichText::new(note).color(colours.soft)).wrap());
    }
    choices_ui(ui, plan, buffers, queue);
    rows_ui(ui, plan, queue, colours);
    asks_ui(ui, open, queue, colours);
    input_ui(ui, plan, buffers, queue, is_new);
    page_ui(ui, plan, queue);
    new_secret_ui(ui, state, plan, buffers, queue);
    ui.add_space(6.0);
    buttons_ui(ui, state, plan, queue);
}

/// Forgets what was typed; called where no card is in sight.
pub fn forget(ctx: &Context, buffers: &mut Buffers) {
    buffers.action_value = None;
    buffers.action_shown = None;
    if !buffers.action_secret.is_empty() {
        buffers.action_secret.zeroize();
        form::forget_undo(ctx, secret_id());
    }
}

/// The id of the field for a new secret, so that its undo can be cleared.
fn secret_id() -> Id {
    Id::unique("action-secret")
}

/// How the secret before ended, until the new one worked.
pub fn replaced_ui(ui: &mut Ui, replaced: &Replaced, colours: &Palette) {
    let Some(last4) = replaced.last4.as_deref().filter(|_| replaced.from_job.is_some()) else { return };
    let text = format!("The secret of {} before ended in ···· {last4}; the new one has not worked yet", replaced.name);
    ui.add(Label::new(RichText::new(visible_line(&text)).color(colours.attention)).wrap());
}

/// The button of an offered action: what it says and what it does; none for what nothing here does. Waiting and
/// retrying are in the row for trying again.
pub fn button_of(state: &State, diagnosis: &Diagnosis, action: &Action) -> Option<(String, Command)> {
    let label = action.label.clone();
    match action.id.as_str() {
        "open_status" => {
            let url = state.profile.link("status_page").and_then(|link| Url::parse(link.url.as_deref()?).ok())?;
            // Where it leads is said before it is opened.
            let host = visible_line(url.host_str().unwrap_or_default()).into_owned();
            Some((format!("{label} ({host})"), Command::Action(ActionAct::OpenStatus)))
        }
        _ if !state.is_answer_to_the_draft() => None,
        "set_field" => {
            let field = settable(&diagnosis.fields, state.finding.unwrap_or(0))?;
            let path: String = visible_line(&field.path).chars().take(SHOWN_PATH).collect();
            Some((format!("Set {path}"), open(&action.id)))
        }
        "refresh_token" => used(state)?.oauth.as_ref().filter(|o| o.is_renewable()).map(|_| (label, open(&action.id))),
        "sign_in" => used(state)?.oauth.as_ref().map(|_| (label, open(&action.id))),
        "regenerate" => {
            let credential = used(state).filter(|used| used.oauth.is_none() && !used.name.starts_with(SANDBOX_PREFIX));
            credential.map(|_| (label, open(&action.id)))
        }
        "add_header" | "choose_credential" | "show_scope" | "check_id" | "fetch_latest" | "propose_slug" => {
            Some((label, open(&action.id)))
        }
        _ => None,
    }
}

fn open(id: &str) -> Command {
    Command::Action(ActionAct::Open(id.to_owned()))
}

/// The credential that the answer's call went out with.
fn used(state: &State) -> Option<&Credential> {
    let name = state.answer.as_ref()?.record.credential.as_deref()?;
    state.keyring.credentials.iter().find(|known| known.name == name)
}

fn change_ui(ui: &mut Ui, change: &Change, colours: &Palette) {
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(visible_line(&change.what)).color(colours.soft));
        let before = change.before.as_deref().map_or_else(|| "not there".to_owned(), shown);
        ui.label(RichText::new(before).monospace().strikethrough().color(colours.failure));
        ui.label(RichText::new("becomes").color(colours.soft));
        ui.label(RichText::new(shown(&change.after)).monospace().color(colours.pass));
    });
}

/// The ways to do it, of which one is planned.
fn choices_ui(ui: &mut Ui, plan: &ActionPlan, buffers: &mut Buffers, queue: &mut Queue) {
    for (index, choice) in plan.choices.iter().enumerate() {
        if ui.radio(plan.choice == index, choice.as_str()).clicked() && plan.choice != index {
            buffers.action_value = None;
            queue.push_back(Command::Action(ActionAct::Choose(index)));
        }
    }
}

/// The page that an action leads to, by its host.
fn page_ui(ui: &mut Ui, plan: &ActionPlan, queue: &mut Queue) {
    let Some(page) = &plan.link else { return };
    ui.horizontal_wrapped(|ui| {
        let title = format!("Open {}", visible_line(page.host_str().unwrap_or_default()));
        if controls::link_button(ui, &title).on_hover_text(visible_line(page.as_str())).clicked() {
            queue.push_back(Command::Action(ActionAct::OpenPage));
        }
    });
}

/// The field for another secret, which takes the old one's place.
fn new_secret_ui(ui: &mut Ui, state: &State, plan: &ActionPlan, buffers: &mut Buffers, queue: &mut Queue) {
    let Some(name) = &plan.replaces else { return };
    ui.horizontal_wrapped(|ui| {
        form::secret(ui, secret_id(), "New key", &mut buffers.action_secret, 320.0, "paste the new key");
        let is_ready = !buffers.action_secret.is_empty() && !state.keyring.is_busy;
        let store = Button::new("Store in the old one's place");
        if ui.add_enabled(is_ready, store).clicked() {
            let secret = Secret::new(buffers.action_secret.to_string());
            queue.push_back(Command::Credential(CredentialAct::Replace { name: name.clone(), secret }));
            buffers.action_secret.zeroize();
            form::forget_undo(ui.ctx(), secret_id());
        }
    });
}

/// The members in which payload and latest state differ: one's own, theirs, and which is taken.
fn rows_ui(ui: &mut Ui, plan: &ActionPlan, queue: &mut Queue, colours: &Palette) {
    for row in &plan.rows {
        ui.horizontal_wrapped(|ui| {
            let key = visible_line(&row.key);
            let mut is_theirs = row.is_theirs;
            let label = format!("Take the latest {key}");
            if ui.checkbox(&mut is_theirs, label).changed() {
                queue.push_back(Command::Action(ActionAct::Take { key: row.key.clone(), is_theirs }));
            }
            ui.label(RichText::new("yours").color(colours.soft));
            ui.label(RichText::new(shown(&row.mine)).monospace());
            ui.label(RichText::new("latest").color(colours.soft));
            ui.label(RichText::new(shown(&row.theirs)).monospace());
        });
    }
}

/// What would be asked, before it is.
fn asks_ui(ui: &mut Ui, open: &OpenAction, queue: &mut Queue, colours: &Palette) {
    if open.plan.asks.is_empty() {
        return;
    }
    ui.label(
        RichText::new("This would be sent, with the call's own credential where no other is named:")
            .color(colours.soft),
    );
    for ask in &open.plan.asks {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(format!("GET {}", visible_line(&ask.url))).monospace());
            ui.label(RichText::new(ask.title.as_str()).color(colours.soft));
        });
    }
    if !open.wish.others.is_empty() {
        let mut with = open.wish.with_others;
        if ui.checkbox(&mut with, "Ask my other workspaces too").changed() {
            queue.push_back(Command::Action(ActionAct::WithOthers(with)));
        }
    }
    ui.add_enabled_ui(!open.is_asking, |ui| {
        let title = if open.is_asking { "Asking…" } else { "Ask the API" };
        if controls::primary_button(ui, title, None, "Ask the API").clicked() {
            queue.push_back(Command::Action(ActionAct::Ask));
        }
    });
}

fn input_ui(ui: &mut Ui, plan: &ActionPlan, buffers: &mut Buffers, queue: &mut Queue, is_new: bool) {
    let Some(input) = &plan.input else { return };
    let colours = theme::palette(ui.ctx());
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        let value = buffers.action_value.get_or_insert_with(|| input.value.clone());
        ui.label(RichText::new(visible_line(&input.label)).color(colours.soft));
        let edit = TextEdit::singleline(value).desired_width(260.0).margin(vec2(8.0, 5.0)).char_limit(4096);
        let response = ui.add(edit).accessible_name(input.label.as_str());
        if is_new {
            response.request_focus();
        }
        if response.changed() {
            queue.push_back(Command::Action(ActionAct::Edit(value.clone())));
        }
        for suggestion in &input.suggestions {
            let name = visible_line(suggestion);
            if ui.button(name.as_ref()).on_hover_text("Take this value").clicked() {
                *value = suggestion.clone();
                queue.push_back(Command::Action(ActionAct::Edit(suggestion.clone())));
            }
        }
    });
}

fn buttons_ui(ui: &mut Ui, state: &State, plan: &ActionPlan, queue: &mut Queue) {
    ui.horizontal_wrapped(|ui| {
        if plan.draft.is_some() {
            ui.add_enabled_ui(state.in_flight.is_none(), |ui| {
                if controls::primary_button(ui, "Apply and send", None, "Apply and send").clicked() {
                    queue.push_back(Command::Action(ActionAct::Apply { send: true }));
                }
            });
            if ui.button("Apply").clicked() {
                queue.push_back(Command::Action(ActionAct::Apply { send: false }));
            }
        }
        if let Some(step) = &plan.step {
            let title = match step {
                Step::Refresh(_) => "Refresh now",
                Step::SignIn(_) => "Sign in now",
            };
            let is_busy = state.credentials.sign_in.as_ref().is_some_and(|sign_in| !sign_in.is_over);
            ui.add_enabled_ui(!is_busy, |ui| {
                if controls::primary_button(ui, title, None, title).clicked() {
                    queue.push_back(Command::Action(ActionAct::Do));
                }
            });
        }
        let leave = if plan.draft.is_some() { "Leave it" } else { "Close" };
        if ui.button(leave).clicked() {
            queue.push_back(Command::Action(ActionAct::Close));
        }
    });
}

fn shown(text: &str) -> String {
    let head = text.get(..text.floor_char_boundary(SHOWN_BYTES)).unwrap_or(text);
    let cut = if head.len() < text.len() { "…" } else { "" };
    format!("{}{cut}", visible_line(head))
}
