//! The request: method, address, Send, and its tabs.

use eframe::egui::{ComboBox, Frame, Margin, RichText, Stroke, TextEdit, Ui, vec2};

use super::again::sentence;
use super::gaps;
use super::request_tabs;
use crate::app::{Command, InFlight, RequestTab, State};
use crate::text::Span;
use crate::transport::Progress;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::icons;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::controls;
use crate::workspace::DraftPart;

/// The methods offered; another can be typed nowhere, so the list is all of the common ones.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// The id of the address field, for its shortcut.
pub fn url_id() -> eframe::egui::Id {
    eframe::egui::Id::unique("request-url")
}

/// Draws the request.
pub fn ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    Frame::new().inner_margin(Margin { left: 12, right: 12, top: 10, bottom: 8 }).show(ui, |ui| {
        line_ui(ui, state, buffers, queue, colours);
        problem_ui(ui, state, &[DraftPart::Url, DraftPart::Method, DraftPart::Environment, DraftPart::Body], colours);
        if let Some(flight) = &state.in_flight {
            progress_ui(ui, flight, colours);
        }
    });
    gaps::ui(ui, state, queue);
    ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), Stroke::new(1.0, colours.hairline));
    Frame::new().inner_margin(Margin::symmetric(12, 0)).show(ui, |ui| tabs_ui(ui, state, queue, colours));
    ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), Stroke::new(1.0, colours.hairline));
    match state.request_tab {
        RequestTab::Params => request_tabs::params_ui(ui, state, buffers, queue),
        RequestTab::Headers => request_tabs::headers_ui(ui, state, buffers, queue),
        RequestTab::Auth => request_tabs::auth_ui(ui, state, queue),
        RequestTab::Body => request_tabs::body_ui(ui, state, buffers, queue),
    }
}

fn line_ui(ui: &mut Ui, state: &State, buffers: &mut Buffers, queue: &mut Queue, colours: &Palette) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 32.0;
        let method = state.draft.method.clone();
        let shown = RichText::new(&method).monospace().color(controls::method_colour(&method, colours));
        let response = ComboBox::from_id_salt("method")
            .selected_text(shown)
            .width(92.0)
            .show_ui(ui, |ui| {
                for offered in METHODS {
                    if ui.selectable_label(offered == method, RichText::new(offered).monospace()).clicked() {
                        queue.push_back(Command::SetMethod(offered.to_owned()));
                        ui.close();
                    }
                }
            })
            .response;
        controls::name_combo(response, "Method", &method);
        let width = (ui.available_width() - 140.0).max(80.0);
        let mut layouter = |ui: &Ui, text: &dyn eframe::egui::TextBuffer, _wrap: f32| {
            let blamed = request_tabs::blamed_in_url(state, text.as_str());
            ui.fonts_mut(|fonts| fonts.layout_job(url_job(text.as_str(), &blamed, colours)))
        };
        let response = ui
            .add(
                TextEdit::singleline(&mut buffers.url)
                    .id(url_id())
                    .font(theme::code_font())
                    .hint_text(RichText::new("{{base}}/v1/posts or a whole URL").color(colours.soft))
                    .desired_width(width)
                    .margin(vec2(10.0, 8.0))
                    .layouter(&mut layouter),
            )
            .accessible_name("URL");
        if response.changed() {
            queue.push_back(Command::SetUrl(buffers.url.clone()));
        }
        let enter = response.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
        if state.in_flight.is_some() {
            if ui.add_sized([ui.available_width(), 32.0], eframe::egui::Button::new("Cancel")).clicked() {
                queue.push_back(Command::Cancel);
            }
        } else {
            let shortcut = ui.ctx().format_shortcut(&eframe::egui::KeyboardShortcut::new(
                eframe::egui::Modifiers::COMMAND,
                eframe::egui::Key::Enter,
            ));
            let hover = format!("Send the request ({shortcut})");
            if controls::primary_button(ui, "Send", Some(&shortcut), "Send").on_hover_text(hover).clicked() || enter {
                queue.push_back(Command::Send);
            }
        }
    });
}

/// Variables stand out from the rest of an address, and what the answer blames is underlined.
fn url_job(text: &str, blamed: &[Span], colours: &Palette) -> eframe::egui::text::LayoutJob {
    let mut job = eframe::egui::text::LayoutJob::default();
    let mut append = |from: usize, to: usize, color| {
        // Cut where a blamed stretch begins or ends.
        let mut borders = vec![from, to];
        borders.extend(blamed.iter().flat_map(|span| [span.start, span.end]).filter(|at| (from..to).contains(at)));
        borders.sort_unstable();
        for pair in borders.windows(2) {
            let &[start, end] = pair else { continue };
            let is_blamed = blamed.iter().any(|span| span.contains(start));
            let underline = if is_blamed { Stroke::new(1.5, colours.failure) } else { Stroke::NONE };
            let font_id = theme::code_font();
            let format = eframe::egui::TextFormat { font_id, color, underline, ..Default::default() };
            if start < end {
                job.append(text.get(start..end).unwrap_or_default(), 0.0, format);
            }
        }
    };
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("{{")).map(|start| at + start) {
        let end = text.get(start..).and_then(|rest| rest.find("}}")).map_or(text.len(), |end| start + end + 2);
        append(at, start, colours.text);
        append(start, end, colours.attention);
        at = end;
    }
    append(at, text.len(), colours.text);
    job.break_on_newline = false;
    job
}

/// What is wrong with a part, said right there.
pub fn problem_ui(ui: &mut Ui, state: &State, parts: &[DraftPart], colours: &Palette) {
    let Some(problem) = state.problem.as_ref().filter(|problem| parts.contains(&problem.part)) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(icons::icon(icons::WARNING, 14.0).color(colours.failure));
        ui.colored_label(colours.failure, &problem.summary);
        ui.label(RichText::new(&problem.fix).color(colours.soft));
    });
}

fn progress_ui(ui: &mut Ui, flight: &InFlight, colours: &Palette) {
    let words = flight.progress.words().map(|words| sentence(&words));
    let text = words.unwrap_or_else(|| "Waiting for the answer…".to_owned());
    ui.horizontal_wrapped(|ui| {
        if let Progress::Receiving { received, expected: Some(expected), .. } = flight.progress {
            let done = (received as f64 / expected.max(1) as f64) as f32;
            controls::bar(ui, 120.0, done, colours.accent, &format!("{:.0} % of the answer came", done * 100.0));
        }
        let is_waiting_again = matches!(flight.progress, Progress::Retrying { .. });
        ui.label(RichText::new(text).color(if is_waiting_again { colours.attention } else { colours.soft }));
    });
}

/// A count of bytes for people. Shape: `183 B`, `1.5 kB`, `5.0 MB`.
pub fn bytes(count: u64) -> String {
    match count {
        ..1000 => format!("{count} B"),
        1000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.2} GB", count as f64 / 1e9),
    }
}

fn tabs_ui(ui: &mut Ui, state: &State, queue: &mut Queue, colours: &Palette) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let mut tab = |ui: &mut Ui, tab: RequestTab, title: &str, count: Option<(usize, eframe::egui::Color32)>| {
            if controls::tab(ui, state.request_tab == tab, title, count).clicked() {
                queue.push_back(Command::ShowRequestTab(tab));
            }
        };
        let some = |count: usize| (count > 0).then_some((count, colours.soft));
        tab(ui, RequestTab::Params, "Params", some(request_tabs::params_of(&state.draft.url).len()));
        tab(
            ui,
            RequestTab::Headers,
            "Headers",
            some(state.draft.headers.iter().filter(|line| line.is_enabled).count()),
        );
        tab(ui, RequestTab::Auth, "Auth", None);
        let marks = state.inspection.marks.len();
        tab(ui, RequestTab::Body, "Body", (marks > 0).then_some((marks, colours.failure)));
        if state.request_tab == RequestTab::Body && ui.available_width() > 160.0 {
            ui.with_layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center), |ui| {
                let len = state.draft.body.len() as u64;
                let kind = match &state.inspection {
                    _ if len == 0 => "no payload".to_owned(),
                    seen if seen.is_json => format!("application/json · {}", bytes(len)),
                    seen if seen.is_form => format!("form · {}", bytes(len)),
                    _ => format!("text · {}", bytes(len)),
                };
                ui.label(RichText::new(kind).color(colours.soft));
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_readable() {
        assert_eq!(bytes(183), "183 B");
        assert_eq!(bytes(1500), "1.5 kB");
        assert_eq!(bytes(5_000_000), "5.0 MB");
    }

    #[test]
    fn an_open_variable_does_not_break_the_layout() {
        for text in ["{{base}}/x", "{{base", "}}", "{{}}{{", ""] {
            assert_eq!(url_job(text, &[], &theme::DARK).text, text);
        }
    }

    #[test]
    fn what_is_blamed_is_underlined_and_nothing_else() {
        let text = "{{base}}/v1/posts/{{id}}?limit=5";
        let blamed = [Span::new(18, 24), Span::new(25, 32)];
        let job = url_job(text, &blamed, &theme::DARK);
        assert_eq!(job.text, text);
        let underlined = job.sections.iter().filter(|section| section.format.underline != Stroke::NONE);
        let parts: Vec<&str> = underlined.map(|s| &text[s.byte_range.start.0..s.byte_range.end.0]).collect();
        assert_eq!(parts, ["{{id}}", "limit=5"]);
        for wrong in [Span::new(0, 900), Span::new(9, 2), Span::new(40, 41)] {
            assert_eq!(url_job(text, &[wrong], &theme::DARK).text, text);
        }
    }
}
