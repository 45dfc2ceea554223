//! The cookies of the chosen environment: shown, changed, added, removed.

use eframe::egui::{Align, Context, Id, Label, Layout, RichText, ScrollArea, Ui};
use jiff::Timestamp;
use zeroize::Zeroize as _;

use super::notices;
use crate::app::{Command, CookieView, Dialog, SandboxState, State};
use crate::credentials::KeyringState;
use crate::profile::EnvironmentKind;
use crate::secret::Secret;
use crate::text::visible_line;
use crate::transport::CookieFacts;
use crate::ui::buffers::{Buffers, CookieBuffers, CookieKey, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{controls, form};

/// How long a revealed value stays in sight, in seconds.
const REVEAL_S: f64 = 10.0;

fn value_id() -> Id {
    Id::unique("cookie-value")
}

fn new_value_id() -> Id {
    Id::unique("cookie-new-value")
}

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ctx);
    let screen = ctx.content_rect();
    let height = (screen.height() - 190.0).clamp(140.0, 520.0);
    let told = buffers.told;
    let has_edits = buffers.network.is_some();
    let own = &mut buffers.cookies;
    own.is_used = true;
    let view = state.cookies.as_ref().filter(|view| view.environment == state.draft.environment);
    let modal = controls::modal(ctx, Id::unique("cookies")).show(ctx, |ui| {
        ui.set_width(680.0_f32.min(screen.width() - 60.0));
        ui.label(theme::semibold(format!("Cookies of {}", state.environment_title())).size(15.0));
        ui.add(Label::new(RichText::new(kept_where(state)).color(colours.soft)).wrap());
        notices::in_dialog_ui(ui, state, told, queue);
        ScrollArea::vertical()
            .id_salt("cookies-all")
            .max_height(height)
            .min_scrolled_height(height)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                match view {
                    None => {
                        ui.label(RichText::new("Reading the cookies…").color(colours.soft));
                    }
                    Some(view) if view.cookies.is_empty() => empty_ui(ui, state),
                    Some(view) => {
                        for cookie in &view.cookies {
                            cookie_ui(ui, &view.environment, cookie, own, queue, colours);
                            ui.separator();
                        }
                    }
                }
                if own.is_adding {
                    add_ui(ui, state, own, queue);
                }
            });
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            footer_ui(ui, state, view, own, queue);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button("Close").clicked() {
                    queue.push_back(Command::OpenDialog(Dialog::None));
                }
                let back = if has_edits { "Back to the network…" } else { "Network…" };
                if ui.button(back).clicked() {
                    queue.push_back(Command::OpenDialog(Dialog::Network));
                }
            });
        });
    });
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}

/// Overwrites the values that were typed and hides what was revealed; called when the dialog is not open.
pub fn forget(ctx: &Context, buffers: &mut Buffers) {
    if !buffers.cookies.is_used {
        return;
    }
    buffers.cookies.value.zeroize();
    buffers.cookies.new_value.zeroize();
    buffers.cookies = CookieBuffers::default();
    form::forget_undo(ctx, value_id());
    form::forget_undo(ctx, new_value_id());
}

fn kept_where(state: &State) -> &'static str {
    if state.keyring.state == KeyringState::Ready {
        "They are kept in the keyring and go to this environment only"
    } else {
        "No keyring keeps them, so they last until the program ends; they go to this environment only"
    }
}

fn empty_ui(ui: &mut Ui, state: &State) {
    ui.label(theme::semibold("No cookies yet"));
    let text = if state.network_settings().has_cookies {
        "They come with the Set-Cookie headers of this environment's answers"
    } else {
        "Cookies are off for this environment: switch them on under Network…, and they come with the Set-Cookie headers of its answers"
    };
    form::note(ui, text);
}

fn key_of(cookie: &CookieFacts) -> CookieKey {
    (cookie.domain.clone(), cookie.path.clone(), cookie.name.clone())
}

fn cookie_ui(
    ui: &mut Ui,
    environment: &str,
    cookie: &CookieFacts,
    own: &mut CookieBuffers,
    queue: &mut Queue,
    colours: &Palette,
) {
    let name = visible_line(&cookie.name).into_owned();
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::semibold(&name));
        ui.label(RichText::new(format!("{}{}", visible_line(&cookie.domain), visible_line(&cookie.path))).monospace());
        ui.label(RichText::new(flags_of(cookie)).color(colours.soft));
    });
    let key = key_of(cookie);
    if own.edited.as_ref() == Some(&key) {
        edit_ui(ui, environment, cookie, own, queue);
        return;
    }
    let now = ui.input(|input| input.time);
    let left = own.revealed.as_ref().filter(|(shown, _)| *shown == key).map(|(_, until)| until - now);
    ui.horizontal_wrapped(|ui| {
        match left.filter(|left| *left > 0.0) {
            Some(left) => {
                ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(left.min(1.0)));
                ui.add(Label::new(RichText::new(visible_line(cookie.value.expose())).monospace()).wrap());
                if ui.button("Hide").accessible_name(format!("Hide the value of {name}")).clicked() {
                    own.revealed = None;
                }
            }
            None => {
                ui.label(RichText::new("••••••••").monospace().color(colours.soft));
                let reveal = ui.button("Reveal").on_hover_text("Show the value for ten seconds");
                if reveal.accessible_name(format!("Reveal the value of {name}")).clicked() {
                    own.revealed = Some((key.clone(), now + REVEAL_S));
                }
            }
        }
        if ui.button("Change…").accessible_name(format!("Change the value of {name}")).clicked() {
            own.value.zeroize();
            form::forget_undo(ui.ctx(), value_id());
            own.edited = Some(key.clone());
        }
        if ui.button("Remove").accessible_name(format!("Remove the cookie {name}")).clicked() {
            queue.push_back(Command::RemoveCookie { environment: environment.to_owned(), cookie: Some(key) });
        }
    });
}

/// Where a cookie goes and when it lapses. Shape: `this host only · https only · lapses 2027-01-31 12:00 UTC`.
fn flags_of(cookie: &CookieFacts) -> String {
    let mut flags = vec![if cookie.is_host_only { "this host only" } else { "hosts below too" }.to_owned()];
    if cookie.is_secure {
        flags.push("Secure".into());
    }
    if cookie.is_http_only {
        flags.push("HttpOnly".into());
    }
    flags.push(match cookie.expires_at {
        Some(at) => format!("lapses {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => "no date of lapse".into(),
    });
    flags.join(" · ")
}

fn edit_ui(ui: &mut Ui, environment: &str, cookie: &CookieFacts, own: &mut CookieBuffers, queue: &mut Queue) {
    ui.horizontal_wrapped(|ui| {
        form::secret(ui, value_id(), "New value", &mut own.value, 300.0, "the new value");
        if ui.button("Keep").accessible_name("Keep the new value").clicked() {
            let changed = CookieFacts { value: Secret::new(own.value.to_string()), ..cookie.clone() };
            queue.push_back(Command::SetCookie { environment: environment.to_owned(), cookie: Box::new(changed) });
            leave_edit(ui.ctx(), own);
        }
        if ui.button("Leave it").clicked() {
            leave_edit(ui.ctx(), own);
        }
    });
}

fn leave_edit(ctx: &Context, own: &mut CookieBuffers) {
    own.value.zeroize();
    own.edited = None;
    form::forget_undo(ctx, value_id());
}

fn add_ui(ui: &mut Ui, state: &State, own: &mut CookieBuffers, queue: &mut Queue) {
    ui.add_space(4.0);
    controls::group_heading(ui, "Add a cookie");
    form::line(ui, "Name", |ui| {
        form::field(ui, "Cookie name", &mut own.name, 300.0, "session");
    });
    form::line(ui, "Domain", |ui| {
        form::field(ui, "Cookie domain", &mut own.domain, 300.0, "api.example.com");
        ui.checkbox(&mut own.is_for_below, "Also to the hosts below it");
    });
    form::line(ui, "Path", |ui| {
        form::field(ui, "Cookie path", &mut own.path, 300.0, "/");
    });
    form::line(ui, "Value", |ui| {
        form::secret(ui, new_value_id(), "Cookie value", &mut own.new_value, 300.0, "the value");
    });
    let expires = own.expires.trim().parse::<Timestamp>().ok();
    let is_expires_wrong = expires.is_none() && !own.expires.trim().is_empty();
    form::line(ui, "Lapses", |ui| {
        form::field(ui, "Cookie lapses", &mut own.expires, 300.0, "2027-01-31T12:00:00Z, or nothing");
        if is_expires_wrong {
            form::problem(ui, "Time not readable: write one such as 2027-01-31T12:00:00Z, or nothing");
        }
        ui.checkbox(&mut own.is_secure, "Over https and to this machine only");
    });
    let is_ready = !own.name.trim().is_empty() && !own.domain.trim().is_empty() && !is_expires_wrong;
    ui.horizontal(|ui| {
        ui.add_enabled_ui(is_ready, |ui| {
            let add = ui.button("Add the cookie").on_disabled_hover_text("Name and domain are needed");
            if add.clicked() {
                let path = own.path.trim();
                let cookie = CookieFacts {
                    name: own.name.trim().to_owned(),
                    domain: own.domain.trim().trim_start_matches('.').to_ascii_lowercase(),
                    is_host_only: !own.is_for_below,
                    path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
                    expires_at: expires,
                    is_secure: own.is_secure,
                    is_http_only: false,
                    value: Secret::new(own.new_value.to_string()),
                };
                queue.push_back(Command::SetCookie {
                    environment: state.draft.environment.clone(),
                    cookie: Box::new(cookie),
                });
                leave_add(ui.ctx(), own);
            }
        });
        if ui.button("Do not add").clicked() {
            leave_add(ui.ctx(), own);
        }
    });
}

fn leave_add(ctx: &Context, own: &mut CookieBuffers) {
    own.new_value.zeroize();
    own.is_adding = false;
    form::forget_undo(ctx, new_value_id());
}

fn footer_ui(ui: &mut Ui, state: &State, view: Option<&CookieView>, own: &mut CookieBuffers, queue: &mut Queue) {
    if !own.is_adding && ui.add_enabled(view.is_some(), eframe::egui::Button::new("Add a cookie…")).clicked() {
        own.is_adding = true;
        own.name.clear();
        own.expires.clear();
        own.domain = host_of_environment(state);
        own.path = "/".into();
    }
    if view.is_none_or(|view| view.cookies.is_empty()) {
        own.is_clearing = false;
        return;
    }
    let title = if own.is_clearing { "Remove all for good" } else { "Remove all…" };
    if ui.button(title).clicked() {
        if own.is_clearing {
            queue.push_back(Command::RemoveCookie { environment: state.draft.environment.clone(), cookie: None });
        }
        own.is_clearing = !own.is_clearing;
    }
}

/// The host that the environment's requests go to; empty where it is not known.
fn host_of_environment(state: &State) -> String {
    let environment = state.profile.environment(&state.draft.environment);
    let base = match (environment.map(|environment| environment.kind), &state.sandbox) {
        (Some(EnvironmentKind::Embedded), SandboxState::Running { base, .. }) => Some(base.as_str()),
        _ => environment.and_then(|environment| environment.base.as_deref()),
    };
    let url = base.and_then(|base| url::Url::parse(base).ok());
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
