//! How requests of the chosen environment go out: times, proxy, encryption, names, redirects, retries.

use std::borrow::Cow;

use eframe::egui::{Align, Context, Id, Label, Layout, RichText, ScrollArea, Ui};
use zeroize::Zeroizing;

use super::request;
use crate::app::{Command, Dialog, State};
use crate::credentials::CredentialKind;
use crate::secret::Secret;
use crate::transport::{HttpVersion, MinTls};
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::icons;
use crate::ui::network_form::{Field, NetworkForm, ProxyKind};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{controls, form};
use crate::workspace::DraftPart;

/// What is wrong, field by field.
type Problems = [(Field, Cow<'static, str>)];

/// The id of the field for the pass phrase, so that its undo can be cleared.
fn passphrase_id() -> Id {
    Id::unique("network-passphrase")
}

/// Draws the dialog.
pub fn ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ctx);
    let environment = &state.draft.environment;
    let edited = buffers.network.take().filter(|form| form.environment == *environment);
    let mut form = edited.unwrap_or_else(|| NetworkForm::of(environment, &state.network_settings()));
    let (_, problems) = form.read();
    let screen = ctx.content_rect();
    let height = (screen.height() - 170.0).clamp(160.0, 640.0);
    let modal = controls::modal(ctx, Id::unique("network")).show(ctx, |ui| {
        ui.set_width(620.0_f32.min(screen.width() - 60.0));
        ui.label(theme::semibold(format!("Network of {}", state.environment_title())).size(15.0));
        ScrollArea::vertical()
            .id_salt("network-all")
            .max_height(height)
            .min_scrolled_height(height)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                request::problem_ui(ui, state, &[DraftPart::Network], colours);
                times_ui(ui, &mut form, &problems);
                again_ui(ui, &mut form, &problems);
                proxy_ui(ui, state, &mut form, &problems);
                tls_ui(ui, &mut form, &problems, colours);
                names_ui(ui, &mut form, &problems);
                cookies_ui(ui, &mut form, queue);
            });
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            ui.add_enabled_ui(problems.is_empty(), |ui| {
                let save = controls::primary_button(ui, "Save", None, "Save network settings");
                if save.on_disabled_hover_text("Something cannot be read; it is said beside its field").clicked() {
                    // Read anew: an assistive technology may edit and save within one frame.
                    let (settings, problems) = form.read();
                    if !problems.is_empty() {
                        return;
                    }
                    let typed = (!form.passphrase.is_empty()).then(|| Secret::new(form.passphrase.to_string()));
                    queue.push_back(Command::SetNetwork {
                        environment: environment.clone(),
                        settings: Box::new(settings),
                        passphrase: typed,
                    });
                    queue.push_back(Command::OpenDialog(Dialog::None));
                }
            });
            if !problems.is_empty() {
                let count = problems.len();
                let text = if count == 1 {
                    "1 field cannot be read".to_owned()
                } else {
                    format!("{count} fields cannot be read")
                };
                ui.label(RichText::new(text).color(colours.failure));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.button("Close").clicked() {
                    queue.push_back(Command::OpenDialog(Dialog::None));
                }
            });
        });
    });
    buffers.network = Some(form);
    if modal.should_close() {
        queue.push_back(Command::OpenDialog(Dialog::None));
    }
}

/// Overwrites the pass phrase's buffer and its undo, and drops what was not saved; called when the dialog is not open.
///
/// A look at the cookies keeps the other edits, because it was asked for from within the dialog.
pub fn forget(ctx: &Context, state: &State, buffers: &mut Buffers) {
    let Some(form) = &mut buffers.network else { return };
    form.forget();
    form::forget_undo(ctx, passphrase_id());
    if state.dialog != Dialog::Cookies {
        buffers.network = None;
    }
}

fn problem_ui(ui: &mut Ui, problems: &Problems, field: Field) {
    if let Some((_, text)) = problems.iter().find(|(wrong, _)| *wrong == field) {
        form::problem(ui, text);
    }
}

fn times_ui(ui: &mut Ui, form: &mut NetworkForm, problems: &Problems) {
    controls::group_heading(ui, "Times and sizes");
    let times = [
        (
            Field::Connect,
            "Connection",
            "Seconds for opening a connection",
            &mut form.connect,
            "s, name lookup and TLS included",
        ),
        (
            Field::FirstByte,
            "First byte",
            "Seconds until the first byte",
            &mut form.first_byte,
            "s from the start to the answer's head",
        ),
        (Field::Idle, "Silence", "Seconds of silence in a body", &mut form.idle, "s between two pieces of the body"),
        (Field::Total, "In all", "Seconds for one try in all", &mut form.total, "s for one try from beginning to end"),
        (
            Field::BodyCap,
            "Body",
            "Body kept, in MiB",
            &mut form.body_cap,
            "MiB are kept; what is longer is cut there and marked",
        ),
    ];
    for (field, title, name, text, unit) in times {
        form::line(ui, title, |ui| {
            form::number(ui, name, text, unit);
            problem_ui(ui, problems, field);
        });
    }
}

fn again_ui(ui: &mut Ui, form: &mut NetworkForm, problems: &Problems) {
    ui.add_space(6.0);
    controls::group_heading(ui, "Redirects and retries");
    form::line(ui, "Redirects", |ui| {
        form::number(ui, "Redirects to follow", &mut form.redirects, "are followed; 0 shows the redirect itself");
        problem_ui(ui, problems, Field::Redirects);
    });
    form::line(ui, "Retries", |ui| {
        form::number(ui, "Retries", &mut form.retries, "times it is tried again; 0 is never by itself");
        problem_ui(ui, problems, Field::Retries);
        form::note(ui, "POST and PATCH without an idempotency key are never repeated unasked");
    });
}

fn proxy_ui(ui: &mut Ui, state: &State, form: &mut NetworkForm, problems: &Problems) {
    ui.add_space(6.0);
    controls::group_heading(ui, "Proxy");
    form::line(ui, "Proxy", |ui| {
        let offered = [
            (ProxyKind::System, "The system's"),
            (ProxyKind::Direct, "None"),
            (ProxyKind::Explicit, "The one named here"),
        ];
        form::choice(ui, "Proxy", &mut form.proxy, &offered);
    });
    if form.proxy != ProxyKind::Explicit {
        return;
    }
    form::line(ui, "Address", |ui| {
        form::field(ui, "Proxy address", &mut form.proxy_url, 360.0, "http://proxy.corp:8080 or socks5h://…");
        problem_ui(ui, problems, Field::Proxy);
    });
    form::line(ui, "Not for", |ui| {
        form::field(ui, "Hosts without the proxy", &mut form.proxy_bypass, 360.0, "localhost,.corp,10.0.0.0/8");
    });
    form::line(ui, "Credential", |ui| {
        let basic = state.keyring.credentials.iter().filter(|credential| credential.kind == CredentialKind::Basic);
        let mut names: Vec<&str> = basic.map(|credential| credential.name.as_str()).collect();
        // One that is named and cannot be found now stays named.
        if let Some(chosen) = form.proxy_credential.as_deref().filter(|chosen| !names.contains(chosen)) {
            names.push(chosen);
        }
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let named = names.iter().map(|name| (Some(name.clone()), name.as_str()));
        let offered: Vec<(Option<String>, &str)> = std::iter::once((None, "No credential")).chain(named).collect();
        form::choice(ui, "Proxy credential", &mut form.proxy_credential, &offered);
        form::note(ui, "User name and password whose origin is https:// with the proxy's host and port");
    });
}

fn tls_ui(ui: &mut Ui, form: &mut NetworkForm, problems: &Problems, colours: &Palette) {
    ui.add_space(6.0);
    controls::group_heading(ui, "Encryption and HTTP");
    form::line(ui, "Oldest TLS", |ui| {
        form::choice(ui, "Oldest TLS", &mut form.min_tls, &[(MinTls::V1_2, "TLS 1.2"), (MinTls::V1_3, "TLS 1.3")]);
    });
    form::line(ui, "HTTP", |ui| {
        let offered = [
            (HttpVersion::Auto, "What the server prefers"),
            (HttpVersion::Http1, "HTTP/1.1 only"),
            (HttpVersion::Http2, "HTTP/2 only"),
        ];
        form::choice(ui, "HTTP version", &mut form.http, &offered);
    });
    form::line(ui, "CA files", |ui| {
        form::lines(ui, "CA files", &mut form.ca_files, "one path a line, PEM or DER");
        form::note(ui, "Trusted beside the system's own");
    });
    form::line(ui, "Client certificate", |ui| {
        form::field(ui, "Client certificate file", &mut form.certificate, 360.0, "path of a .pem, .p12 or .pfx file");
        problem_ui(ui, problems, Field::Certificate);
    });
    form::line(ui, "Its key", |ui| {
        form::field(ui, "Client key file", &mut form.key, 360.0, "path, where the key is in a file of its own");
    });
    form::line(ui, "Its pass phrase", |ui| {
        let text: &mut Zeroizing<String> = &mut form.passphrase;
        form::secret(ui, passphrase_id(), "Pass phrase", text, 360.0, "where the file has one");
        form::note(ui, "Kept until the program ends, in no file; empty leaves the one typed before");
    });
    form::line(ui, "Verification", |ui| {
        ui.checkbox(&mut form.is_unverified, "Do not verify certificates");
        ui.horizontal_top(|ui| {
            ui.label(icons::icon(icons::WARNING, 14.0).color(colours.attention));
            let text =
                "Anybody between could then read and change what is sent to this environment, its credential too";
            ui.add(Label::new(RichText::new(text).size(theme::SMALL_SIZE).color(colours.attention)).wrap());
        });
    });
}

fn names_ui(ui: &mut Ui, form: &mut NetworkForm, problems: &Problems) {
    ui.add_space(6.0);
    controls::group_heading(ui, "Names");
    form::line(ui, "Addresses of names", |ui| {
        form::lines(ui, "Addresses of names", &mut form.names, "api.test=127.0.0.1, one a line");
        problem_ui(ui, problems, Field::Names);
        form::note(ui, "They stand for what a name lookup would say");
    });
}

fn cookies_ui(ui: &mut Ui, form: &mut NetworkForm, queue: &mut Queue) {
    ui.add_space(6.0);
    controls::group_heading(ui, "Cookies");
    form::line(ui, "Cookies", |ui| {
        ui.checkbox(&mut form.has_cookies, "Keep and send cookies");
        if ui.button("Show cookies…").clicked() {
            queue.push_back(Command::OpenCookies);
        }
    });
}
