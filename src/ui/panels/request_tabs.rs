//! The request's tabs: query parameters, headers, credential and workspace, payload.

use eframe::egui::{Event, Frame, Grid, Id, Margin, RichText, ScrollArea, TextEdit, Ui};
use url::form_urlencoded;

use super::{expiry, request, top};
use crate::app::{Command, CredentialAct, Dialog, LARGE_PAYLOAD_BYTES, MarkKind, State};
use crate::credentials::Credential;
use crate::diagnosis::{FieldFinding, Location, Place};
use crate::exchange::HeaderLine;
use crate::text::{Span, visible_line};
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::icons;
use crate::ui::theme;
use crate::ui::widgets::{body_rows, controls};
use crate::workspace::{DraftPart, Offer};

/// How many findings are marked in an address.
const MOST_MARKED: usize = 20;

/// The id of the payload editor, for focus and tests.
pub fn body_id() -> Id {
    Id::unique("request-body")
}

/// The query parameters of an address as typed, decoded, in order.
pub fn params_of(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('#').map_or(url, |(url, _)| url).split_once('?').map(|(_, query)| query);
    query.map(|query| form_urlencoded::parse(query.as_bytes()).into_owned().collect()).unwrap_or_default()
}

/// The address with these parameters instead of its own. Braces stay, so that variables in a value do.
fn with_params(url: &str, params: &[(String, String)]) -> String {
    const SET: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'&')
        .add(b'+')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'=');
    let encode = |text: &str| percent_encoding::utf8_percent_encode(text, SET).to_string();
    let (rest, fragment) = url.split_once('#').map_or((url, None), |(rest, fragment)| (rest, Some(fragment)));
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    let pairs: Vec<String> = params.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("{path}{query}{}", fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default())
}

/// The findings of the answer in sight.
fn findings(state: &State) -> &[FieldFinding] {
    let diagnosis = state.answer.as_ref().and_then(|answer| answer.diagnosis.as_ref());
    diagnosis.map_or(&[], |diagnosis| &diagnosis.fields)
}

/// The reason an answer gives for a part of the request.
fn blamed(state: &State, is_meant: impl Fn(&Place) -> bool) -> Option<String> {
    let found = findings(state).iter().find(|field| is_meant(&field.place))?;
    Some(visible_line(found.reason.as_deref().unwrap_or("refused by the server")).into_owned())
}

/// What the answer to this draft blames in its address.
pub fn blamed_in_url(state: &State, url: &str) -> Vec<Span> {
    if !state.is_answer_to_the_draft() {
        return Vec::new();
    }
    // The address is laid out in every frame.
    let in_url = |field: &&FieldFinding| matches!(field.location, Location::Query | Location::Path);
    let first = findings(state).iter().filter(in_url).take(MOST_MARKED);
    first.filter_map(|field| span_in_draft(state, &field.place, url)).collect()
}

/// Where a place of the answer in sight is in the draft's address.
fn span_in_draft(state: &State, place: &Place, url: &str) -> Option<Span> {
    let record = &state.answer.as_ref()?.record;
    place.span_in_draft_url(url, &record.url_template, &record.url)
}

/// Says what the answer blames in the path of the address, or that it is no longer there.
fn path_findings_ui(ui: &mut Ui, state: &State, url: &str) {
    let colours = theme::palette(ui.ctx());
    let in_path = findings(state).iter().filter(|field| field.location == Location::Path);
    for field in in_path.filter(|_| state.is_answer_to_the_draft()).take(MOST_MARKED) {
        let segment = span_in_draft(state, &field.place, url).and_then(|span| span.slice(url));
        let place = match (segment, &field.place) {
            (Some(segment), _) => format!("Path segment {}", visible_line(segment)),
            (None, Place::Path(_)) => format!("{} is no longer in the path", visible_line(&field.path)),
            (None, _) => format!("{} in the path", visible_line(&field.path)),
        };
        let reason = visible_line(field.reason.as_deref().unwrap_or("refused by the server"));
        ui.colored_label(colours.failure, format!("{place}: {reason}"));
    }
}

/// Draws the query parameters.
pub fn params_ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    let mut params = params_of(&buffers.url);
    let mut is_changed = false;
    padded(ui, |ui| {
        path_findings_ui(ui, state, &state.draft.url);
        if params.is_empty() {
            ui.label(RichText::new("The URL has no query parameters").color(colours.soft));
        }
        let mut removed = None;
        Grid::new("params").num_columns(3).spacing([8.0, 6.0]).show(ui, |ui| {
            for (index, (name, value)) in params.iter_mut().enumerate() {
                let half = (ui.available_width() - 60.0).max(120.0) / 2.0;
                is_changed |= field(ui, name, half, &format!("Parameter {} name", index + 1));
                is_changed |= field(ui, value, half, &format!("Parameter {} value", index + 1));
                if controls::icon_button(ui, icons::TRASH, &format!("Remove parameter {}", index + 1)).clicked() {
                    removed = Some(index);
                }
                ui.end_row();
                if let Some(reason) = blamed(state, |place| matches!(place, Place::Query(wanted) if wanted == name)) {
                    ui.colored_label(colours.failure, reason);
                    ui.end_row();
                }
            }
        });
        if let Some(index) = removed {
            params.remove(index);
            is_changed = true;
        }
        if ui.button("Add a parameter").clicked() {
            params.push(("name".into(), String::new()));
            is_changed = true;
        }
    });
    if is_changed {
        buffers.url = with_params(&buffers.url, &params);
        queue.push_back(Command::SetUrl(buffers.url.clone()));
    }
}

/// Draws the header lines, and those that are added when the request is sent.
pub fn headers_ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    let mut is_changed = false;
    padded(ui, |ui| {
        let mut removed = None;
        for (index, line) in buffers.headers.iter_mut().enumerate() {
            ui.horizontal(|ui| {
                let half = (ui.available_width() - 90.0).max(120.0) / 2.0;
                let number = index + 1;
                is_changed |= ui
                    .checkbox(&mut line.is_enabled, "")
                    .on_hover_text("Send this header")
                    .accessible_name(format!("Send header {number}"))
                    .changed();
                is_changed |= field(ui, &mut line.name, half, &format!("Header {number} name"));
                is_changed |= field(ui, &mut line.value, half, &format!("Header {number} value"));
                if controls::icon_button(ui, icons::TRASH, &format!("Remove header {number}")).clicked() {
                    removed = Some(index);
                }
            });
            request::problem_ui(ui, state, &[DraftPart::Header(index)], colours);
            if let Some(reason) = blamed(state, |place| place.is_in_header(&line.name, &line.value)) {
                ui.colored_label(colours.failure, reason);
            }
        }
        if let Some(index) = removed {
            buffers.headers.remove(index);
            is_changed = true;
        }
        if ui.button("Add a header").clicked() {
            buffers.headers.push(HeaderLine { name: String::new(), value: String::new(), is_enabled: true });
            is_changed = true;
        }
        added_headers_ui(ui, state);
    });
    if is_changed {
        queue.push_back(Command::SetHeaders(buffers.headers.clone()));
    }
}

fn added_headers_ui(ui: &mut Ui, state: &State) {
    let colours = theme::palette(ui.ctx());
    ui.add_space(8.0);
    controls::group_heading(ui, "Added when sent");
    let typed =
        |name: &str| state.draft.headers.iter().any(|line| line.is_enabled && line.name.eq_ignore_ascii_case(name));
    let mut lines: Vec<(String, String)> = Vec::new();
    if state.is_foreign_address() {
        ui.label(
            RichText::new("This address belongs to no environment, so only a credential chosen by name is added")
                .color(colours.soft),
        );
    } else {
        if top::credential_title(state) != "No credential" {
            let header = state.profile.auth.as_ref().map_or("Authorization", |auth| auth.header.as_str());
            lines.push((header.to_owned(), format!("from {}", top::credential_title(state))));
        }
        match (&state.profile.workspace, state.draft.workspace.as_deref()) {
            (None, _) | (_, Some("")) => {}
            (Some(rule), Some(id)) => lines.push((rule.header.clone(), id.to_owned())),
            (Some(rule), None) => lines.push((rule.header.clone(), "the environment's own, if it has one".into())),
        }
    }
    if crate::workspace::is_json_like(&state.draft.body) {
        lines.push(("Content-Type".into(), "application/json".into()));
    }
    for (name, value) in lines.iter().filter(|(name, _)| !typed(name)) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(name).monospace());
            ui.label(RichText::new(value).color(colours.soft));
        });
        if let Some(reason) = blamed(state, |place| place.is_in_header(name, value)) {
            ui.colored_label(colours.failure, format!("{name}: {reason}"));
        }
    }
}

/// Draws the choice of credential and workspace.
pub fn auth_ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    padded(ui, |ui| {
        ui.label("Credential");
        top::credential_choice_ui(ui, "auth-credential", state, queue);
        request::problem_ui(ui, state, &[DraftPart::Credential, DraftPart::Workspace], colours);
        offer_ui(ui, state, queue);
        let shown = top::chosen_credential(state);
        if let Some(credential) = shown {
            let origins: Vec<String> = credential.origins.iter().map(ToString::to_string).collect();
            ui.label(RichText::new(format!("Goes to {} only", origins.join(", "))).color(colours.soft));
            if !credential.scopes.is_empty() {
                ui.label(RichText::new(format!("Scopes {}", credential.scopes.join(", "))).color(colours.soft));
            }
            ui.horizontal_wrapped(|ui| {
                expiry::label(ui, credential, jiff::Timestamp::now(), colours);
                refresh_ui(ui, state, credential, queue);
            });
        }
        if let Some(rule) = &state.profile.workspace {
            let mut is_left_out = state.draft.workspace.as_deref() == Some("");
            if ui.checkbox(&mut is_left_out, format!("Leave the header {} out", rule.header)).changed() {
                queue.push_back(Command::SetWorkspace(is_left_out.then(String::new)));
            }
        }
        ui.add_space(4.0);
        ui.horizontal_wrapped(|ui| {
            if ui.button("Manage credentials…").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::Credentials));
            }
            if ui.button("Network…").on_hover_text("Times, proxy, certificates, names, retries").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::Network));
            }
            if ui.button("Cookies…").clicked() {
                queue.push_back(Command::OpenCookies);
            }
        });
    });
}

/// What can be done at one press about a credential that was refused before anything was sent.
fn offer_ui(ui: &mut Ui, state: &State, queue: &mut Queue) {
    let Some(offer) = state.problem.as_ref().and_then(|problem| problem.offer.as_ref()) else { return };
    match &**offer {
        Offer::AllowOrigin { credential, origin } => {
            let title = format!("Let {credential} also go to {origin}, for good");
            if ui.button(visible_line(&title)).clicked() {
                let (name, origin) = (credential.clone(), origin.clone());
                queue.push_back(Command::Credential(CredentialAct::AllowOrigin { name, origin }));
            }
        }
        Offer::SignIn { credential } => {
            if ui.button(format!("Sign in again as {credential}")).clicked() {
                queue.push_back(Command::OpenDialog(Dialog::Credentials));
                queue.push_back(Command::Credential(CredentialAct::SignInAgain(credential.clone())));
            }
        }
    }
}

/// The button that renews a token, where something renews it.
pub fn refresh_ui(ui: &mut Ui, state: &State, credential: &Credential, queue: &mut Queue) {
    let Some(oauth) = &credential.oauth else { return };
    let is_busy = state.credentials.sign_in.as_ref().is_some_and(|sign_in| !sign_in.is_over);
    let (title, act) = if oauth.is_renewable() {
        ("Refresh", CredentialAct::Refresh(credential.name.clone()))
    } else {
        ("Sign in again", CredentialAct::SignInAgain(credential.name.clone()))
    };
    ui.add_enabled_ui(!is_busy, |ui| {
        if controls::link_button(ui, title).accessible_name(format!("{title} {}", credential.name)).clicked() {
            if !oauth.is_renewable() {
                queue.push_back(Command::OpenDialog(Dialog::Credentials));
            }
            queue.push_back(Command::Credential(act));
        }
    });
}

/// Draws the payload.
pub fn body_ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    if take_large_paste(ui, queue) || state.draft.body.len() > LARGE_PAYLOAD_BYTES {
        large_body_ui(ui, state, buffers, queue);
        return;
    }
    let is_current = state.inspected_revision == state.body_revision && *buffers.body.text == *state.draft.body;
    let marks = if is_current { state.inspection.marks.as_slice() } else { &[] };
    let wanted = scroll_target(state, buffers, is_current);
    let output = ScrollArea::vertical()
        .id_salt("request-body-scroll")
        .auto_shrink([false, false])
        .show(ui, |ui| buffers.body.ui(ui, body_id(), "Payload", marks, wanted))
        .inner;
    if output.is_changed {
        queue.push_back(Command::SetBody(buffers.body.text.as_str().into()));
    }
    if let Some(MarkKind::Finding(index)) = output.clicked_mark.and_then(|at| marks.get(at)).map(|mark| mark.kind) {
        queue.push_back(Command::SelectFinding(index));
    }
}

/// The mark of the chosen finding, once for each choice.
fn scroll_target(state: &State, buffers: &mut Buffers, is_current: bool) -> Option<usize> {
    if !is_current || buffers.scrolled_for == state.finding_revision {
        return None;
    }
    let chosen = state.finding?;
    let at = state.inspection.marks.iter().position(|mark| mark.kind == MarkKind::Finding(chosen))?;
    buffers.scrolled_for = state.finding_revision;
    Some(at)
}

/// A paste too large for an editor goes straight to the draft, so that it is never laid out as a whole.
fn take_large_paste(ui: &Ui, queue: &mut Queue) -> bool {
    if !ui.memory(|memory| memory.has_focus(body_id())) {
        return false;
    }
    ui.input_mut(|input| {
        let is_large = |event: &Event| matches!(event, Event::Paste(text) if text.len() > LARGE_PAYLOAD_BYTES);
        let Some(at) = input.events.iter().position(is_large) else { return false };
        if let Event::Paste(text) = input.events.remove(at) {
            queue.push_back(Command::SetBody(text.into()));
        }
        true
    })
}

fn large_body_ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            let size = request::bytes(state.draft.body.len() as u64);
            ui.label(RichText::new(format!("This payload of {size} is shown, not edited")).color(colours.soft));
            if ui.button("Remove it").clicked() {
                buffers.body.text.clear();
                queue.push_back(Command::SetBody("".into()));
            }
            if let Some(mark) = state.inspection.marks.iter().find(|mark| mark.kind == MarkKind::Syntax) {
                ui.colored_label(
                    colours.failure,
                    format!("{} (line {}, column {})", mark.reason, mark.line, mark.column),
                );
            }
        });
    });
    let is_current = state.inspected_revision == state.body_revision;
    match (&state.inspection.view, is_current) {
        (Some(view), true) => {
            let wanted = scroll_target(state, buffers, true);
            let offset = wanted.and_then(|at| state.inspection.marks.get(at)).map(|mark| mark.span.start);
            body_rows::body_rows_ui(ui, "large-payload", view, &state.inspection.marks, offset);
        }
        _ => {
            // All the room is taken, so that the panel keeps its height until the rows are there.
            ui.set_min_size(ui.available_size());
            ui.label(RichText::new("Reading the payload…").color(colours.soft));
        }
    }
}

fn padded(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt("request-tab").auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin::same(12)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 6.0;
            add(ui);
        });
    });
}

fn field(ui: &mut Ui, text: &mut String, width: f32, name: &str) -> bool {
    ui.add(TextEdit::singleline(text).font(theme::code_font()).desired_width(width)).accessible_name(name).changed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_survive_editing() {
        let url = "{{base}}/v1/posts?limit=5&q=a%20b&x={{workspace}}#top";
        let params = params_of(url);
        assert_eq!(params[1], ("q".to_owned(), "a b".to_owned()));
        assert_eq!(with_params(url, &params), url);
        assert_eq!(with_params("/x?a=1", &[]), "/x");
        assert_eq!(with_params("/x", &[("a&b".into(), "1=2%".into())]), "/x?a%26b=1%3D2%25");
    }
}
