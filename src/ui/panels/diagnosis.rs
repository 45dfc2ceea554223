//! What went wrong, where, why, and what to do.

use eframe::egui::{Label, RichText, Ui};

use super::{action, again, seen_before};
use crate::app::{ActionAct, Answer, Command, Dialog, MarkKind, State};
use crate::diagnosis::{Diagnosis, FieldFinding, Location};
use crate::exchange::TransportError;
use crate::text::visible_line;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls;
use crate::ui::widgets::table::{row, wrapped};

/// Draws the diagnosis of an answer, or why none came.
pub fn ui(ui: &mut Ui, state: &State, answer: &Answer, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    if let Some(error) = &answer.transport_error {
        transport_ui(ui, error, colours);
        again::ui(ui, state, answer, buffers, queue);
        seen_before::ui(ui, state, answer, queue);
    }
    let Some(diagnosis) = &answer.diagnosis else {
        report_buttons_ui(ui, queue);
        return;
    };
    // Of an answer that broke off, only an error in it is worth reading.
    if answer.transport_error.is_some() && !diagnosis.is_error {
        report_buttons_ui(ui, queue);
        return;
    }
    if answer.transport_error.is_some() {
        ui.add_space(12.0);
    }
    headline_ui(ui, diagnosis, colours);
    ui.add_space(6.0);
    if answer.is_foreign {
        row(ui, colours, "Profile", |ui| {
            ui.add(Label::new(RichText::new("This address belongs to no environment of the profile, so it was sent under the generic one: without its credential and workspace").color(colours.soft)).wrap());
        });
    }
    for (index, field) in diagnosis.fields.iter().enumerate() {
        field_ui(ui, state, diagnosis, index, field, queue, colours);
    }
    if let Some(meaning) = &diagnosis.meaning {
        row(ui, colours, "Meaning", |ui| {
            wrapped(ui, meaning);
            ui.label(RichText::new(diagnosis.meaning_by.words()).color(colours.soft));
        });
    }
    if !diagnosis.disagreements.is_empty() {
        row(ui, colours, "Disagreement", |ui| {
            ui.vertical(|ui| diagnosis.disagreements.iter().for_each(|sentence| wrapped(ui, sentence)));
        });
    }
    if !diagnosis.resolve.is_empty() {
        row(ui, colours, "How to resolve", |ui| {
            ui.vertical(|ui| {
                for step in &diagnosis.resolve {
                    wrapped(ui, step);
                }
            });
        });
    }
    if let Some(url) = diagnosis.doc_url.as_deref().and_then(|url| url::Url::parse(url).ok()) {
        row(ui, colours, "Documentation", |ui| {
            ui.add(Label::new(visible_line(url.as_str())).truncate());
            // Where it leads is said before it is opened.
            let title = format!("Open {}", visible_line(url.host_str().unwrap_or_default()));
            if controls::link_button(ui, &title).clicked() {
                queue.push_back(Command::Action(ActionAct::OpenDocs));
            }
        });
    }
    if let Some(link) = &diagnosis.link {
        row(ui, colours, "Read more", |ui| wrapped(ui, &link.title));
    }
    // Where waiting alone is enough, the row for trying again says it.
    let is_said_below = answer.advice().is_some_and(|advice| advice.verdict == "safe_after");
    if let Some(seconds) = diagnosis.retry_after_s.filter(|_| !is_said_below) {
        row(ui, colours, "Send again", |ui| wrapped(ui, &format!("after {seconds} s")));
    }
    if answer.transport_error.is_none() {
        again::ui(ui, state, answer, buffers, queue);
    }
    if let Some(id) = &diagnosis.request_id {
        row(ui, colours, "Request ID", |ui| {
            ui.label(RichText::new(visible_line(&id.value)).monospace());
            ui.label(RichText::new(visible_line(&id.source)).color(colours.soft));
            if controls::link_button(ui, "Copy")
                .on_hover_text("Copy the request ID")
                .accessible_name("Copy the request ID")
                .clicked()
                && let Some(text) = answer.request_id_to_copy()
            {
                queue.push_back(Command::Copy(text));
            }
        });
    }
    if answer.transport_error.is_none() {
        seen_before::ui(ui, state, answer, queue);
    }
    actions_ui(ui, state, diagnosis, queue);
    if state.is_answer_to_the_draft() {
        action::ui(ui, state, buffers, queue);
    }
}

fn headline_ui(ui: &mut Ui, diagnosis: &Diagnosis, colours: &Palette) {
    let (color, ground) = match diagnosis.is_error {
        true if diagnosis.status == 429 || diagnosis.status == 503 => (colours.attention, colours.attention_ground),
        true => (colours.failure, colours.failure_ground),
        false => (colours.pass, colours.pass_ground),
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let code = match &diagnosis.code {
            Some(code) => visible_line(code).into_owned(),
            None if diagnosis.is_error => "no code".to_owned(),
            None => "no error".to_owned(),
        };
        controls::chip(ui, &code, color, ground);
        let message = match &diagnosis.message {
            Some(message) => visible_line(message).into_owned(),
            None if !diagnosis.is_error => "The call worked".to_owned(),
            None => "No error envelope found; the answer is shown as it came".to_owned(),
        };
        ui.add(Label::new(theme::semibold(message).size(15.0)).wrap());
    });
    if diagnosis.is_error && diagnosis.code.is_none() && diagnosis.message.is_some() {
        ui.label(RichText::new("No error envelope found; the answer is shown as it came").color(colours.soft));
    }
}

fn field_ui(
    ui: &mut Ui,
    state: &State,
    diagnosis: &Diagnosis,
    index: usize,
    field: &FieldFinding,
    queue: &mut Queue,
    colours: &Palette,
) {
    let title = if diagnosis.fields.len() > 1 {
        format!("Field {} of {}", index + 1, diagnosis.fields.len())
    } else {
        "Field".into()
    };
    row(ui, colours, &title, |ui| {
        let path = visible_line(&field.path).into_owned();
        let name = format!("Go to {path}");
        if controls::link_button(ui, &path).on_hover_text("Go to its place").accessible_name(name).clicked() {
            queue.push_back(Command::SelectFinding(index));
        }
        ui.label(RichText::new(place_text(state, index, field)).color(colours.soft));
    });
    if let Some(reason) = &field.reason {
        row(ui, colours, "Reason", |ui| wrapped(ui, &visible_line(reason)));
    }
    for (title, words) in [("Spelling", field.difference()), ("Doubt", field.doubt())] {
        if let Some(words) = words {
            row(ui, colours, title, |ui| wrapped(ui, &visible_line(&words)));
        }
    }
}

/// Where a field is now, in words.
fn place_text(state: &State, index: usize, field: &FieldFinding) -> String {
    match field.location {
        Location::Header => return "a header of the request".into(),
        Location::Query => return "a query parameter of the URL".into(),
        Location::Path => return "a part of the URL's path".into(),
        Location::Cookie => return "a cookie of the request".into(),
        Location::Whole => return "the payload as a whole".into(),
        Location::Body | Location::Graphql | Location::Unknown => {}
    }
    let mark = state.inspection.marks.iter().find(|mark| mark.kind == MarkKind::Finding(index));
    match mark {
        Some(mark) if mark.is_missing => match field.nearest.as_ref().or(field.nearest_above.as_ref()) {
            Some(nearest) => format!("is not in the payload; did you mean {}?", visible_line(nearest)),
            None if field.within.is_none() => {
                format!("is not in the payload; the way to it ends in the object of line {}", mark.line)
            }
            None => format!("is not in the payload; it belongs in the object of line {}", mark.line),
        },
        Some(mark) => format!("line {}, column {}", mark.line, mark.column),
        None if state.inspection.gone.contains(&index) => "is no longer in the payload".into(),
        None if state.inspection.is_form && field.in_payload().is_none() => match &field.nearest {
            Some(nearest) => format!("is not in the payload; did you mean {}?", visible_line(nearest)),
            None => "is not in the payload".into(),
        },
        None if !state.inspection.is_json && !state.draft.body.trim().is_empty() => {
            "cannot be looked for until the payload is JSON".into()
        }
        None => String::new(),
    }
}

fn transport_ui(ui: &mut Ui, error: &TransportError, colours: &Palette) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        controls::chip(ui, &error.kind, colours.failure, colours.failure_ground);
        ui.add(Label::new(theme::semibold(visible_line(&error.summary)).size(15.0)).wrap());
    });
    ui.add_space(6.0);
    row(ui, colours, "Layer", |ui| wrapped(ui, error.layer.title()));
    row(ui, colours, "Seen", |ui| wrapped(ui, &visible_line(&error.seen)));
    row(ui, colours, "Meaning", |ui| wrapped(ui, &error.meaning));
    row(ui, colours, "What to try", |ui| wrapped(ui, &error.fix));
}

fn actions_ui(ui: &mut Ui, state: &State, diagnosis: &Diagnosis, queue: &mut Queue) {
    ui.add_space(10.0);
    ui.horizontal_wrapped(|ui| {
        if !diagnosis.fields.is_empty()
            && state.is_answer_to_the_draft()
            && controls::primary_button(ui, "Go to the field", Some("F8"), "Go to the field").clicked()
        {
            queue.push_back(Command::SelectFinding(state.finding.unwrap_or(0)));
        }
        // Only what the program can do is offered as a button; the other actions are in the resolution's words.
        for offered in &diagnosis.actions {
            let Some((label, command)) = action::button_of(state, diagnosis, offered) else { continue };
            if ui.button(label).clicked() {
                queue.push_back(command);
            }
        }
        if diagnosis.is_error {
            if ui.button("Export report").clicked() {
                queue.push_back(Command::ExportReport);
            }
            if ui.button("Save report as…").clicked() {
                queue.push_back(Command::OpenDialog(Dialog::ReportPath));
            }
        }
    });
}

fn report_buttons_ui(ui: &mut Ui, queue: &mut Queue) {
    ui.add_space(10.0);
    ui.horizontal_wrapped(|ui| {
        if ui.button("Export report").clicked() {
            queue.push_back(Command::ExportReport);
        }
        if ui.button("Save report as…").clicked() {
            queue.push_back(Command::OpenDialog(Dialog::ReportPath));
        }
    });
}
