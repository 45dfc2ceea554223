//! The answer's body: as text or as bytes, whole or page by page, and what has to be known of it.

use eframe::egui::{Button, Context, Frame, Margin, RichText, TextEdit, Ui};

use super::request;
use super::save_as::{self, SaveAs};
use crate::app::{Answer, BodyPage, BodyStyle, Command, Dialog, PAGE_BYTES, State};
use crate::transport::size;
use crate::ui::buffers::{Buffers, Queue};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{body_rows, form, hex_rows};

/// How the body is looked at.
#[derive(Clone, Copy)]
struct Look<'a> {
    answer: &'a Answer,
    /// The page in sight, where it is shown page by page.
    page: Option<&'a BodyPage>,
    is_paged: bool,
    is_hex: bool,
}

impl<'a> Look<'a> {
    fn of(state: &'a State, answer: &'a Answer) -> Self {
        let is_hex = match state.body_style {
            BodyStyle::Fitting => answer.is_binary,
            BodyStyle::Text => false,
            BodyStyle::Hex => true,
        };
        let is_on_disk = answer.first_page.is_some() || answer.body.in_memory().is_none();
        // Of a body that is no text nothing was decoded: its text is read page by page, as that of a large one.
        let is_paged = is_on_disk || (answer.is_binary && !is_hex && !answer.body.is_empty());
        let page = if is_on_disk { state.body_page() } else { state.page.as_deref() };
        Self { answer, page: page.filter(|_| is_paged), is_paged, is_hex }
    }
}

/// Draws the body.
pub fn ui(ui: &mut Ui, state: &State, answer: &Answer, buffers: &mut Buffers, queue: &mut Queue) {
    let colours = theme::palette(ui.ctx());
    let look = Look::of(state, answer);
    if let Some(page) = look.page {
        // A byte behind the body's end is not waited for.
        buffers.wanted_byte = buffers.wanted_byte.filter(|byte| *byte < page.total);
    }
    Frame::new().inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            style_ui(ui, state, look, queue);
            if ui.add_enabled(!answer.body.is_empty(), Button::new("Save body…")).clicked() {
                queue.push_back(Command::OpenDialog(Dialog::BodyPath));
            }
        });
        notes_ui(ui, look, colours);
        if let Some(page) = look.page.filter(|page| page.total > PAGE_BYTES) {
            page_bar_ui(ui, page, buffers, queue, colours);
        }
    });
    if answer.body.is_empty() {
        let text = if answer.is_from_history && answer.is_binary && answer.body_bytes > 0 {
            "Of a body that is no text nothing is kept in the history but its length"
        } else {
            "The answer has no body"
        };
        ui.vertical_centered(|ui| ui.label(RichText::new(text).color(colours.soft)));
    } else if look.is_paged {
        page_ui(ui, look, buffers, queue, colours);
    } else if let Some(bytes) = answer.body.in_memory().filter(|_| look.is_hex) {
        hex_rows::hex_rows_ui(ui, &format!("{}-hex", answer.id), bytes, 0, None);
    } else {
        let view = answer.formatted.as_ref().filter(|_| state.is_formatted).unwrap_or(&answer.raw);
        body_rows::body_rows_ui(ui, &answer.id, view, &[], None);
    }
}

fn page_ui(ui: &mut Ui, look: Look<'_>, buffers: &mut Buffers, queue: &mut Queue, colours: &Palette) {
    let Some(page) = look.page else {
        ui.vertical_centered(|ui| {
            ui.label(RichText::new("This part of the body has not been read yet").color(colours.soft));
            if ui.button("Read it").accessible_name("Read this part of the body").clicked() {
                queue.push_back(Command::OpenBodyPage(0));
            }
        });
        return;
    };
    let target = buffers.wanted_byte.take_if(|byte| contains(page, *byte));
    let target = target.map(|byte| usize::try_from(byte - page.start).unwrap_or(0));
    // A page begins at its top, so each keeps a place of its own.
    let salt = format!("{}-{}-{}", look.answer.id, page.start, look.is_hex);
    if look.is_hex {
        hex_rows::hex_rows_ui(ui, &salt, &page.bytes, page.start, target);
    } else {
        body_rows::body_rows_ui(ui, &salt, &page.view, &[], target);
    }
}

fn contains(page: &BodyPage, byte: u64) -> bool {
    byte.checked_sub(page.start).is_some_and(|at| at < page.bytes.len() as u64)
}

fn style_ui(ui: &mut Ui, state: &State, look: Look<'_>, queue: &mut Queue) {
    let Look { answer, is_hex, is_paged, .. } = look;
    if answer.body.is_empty() {
        return;
    }
    let text = ui.selectable_label(!is_hex, "Text").on_hover_text("Show the body as text");
    if text.accessible_name("Show the body as text").clicked() {
        queue.push_back(Command::ShowBodyAs(BodyStyle::Text));
        if answer.is_binary && state.body_page().is_none() {
            queue.push_back(Command::OpenBodyPage(0));
        }
    }
    let bytes = ui.selectable_label(is_hex, "Bytes").on_hover_text("Show the body as bytes in hexadecimal digits");
    if bytes.accessible_name("Show the body as bytes").clicked() {
        queue.push_back(Command::ShowBodyAs(BodyStyle::Hex));
    }
    if answer.formatted.is_some() && !is_hex && !is_paged {
        ui.separator();
        let mut is_formatted = state.is_formatted;
        let one = ui.selectable_value(&mut is_formatted, true, "One member a line").clicked();
        let other = ui.selectable_value(&mut is_formatted, false, "As it came").clicked();
        if one || other {
            queue.push_back(Command::ShowFormatted(is_formatted));
        }
    }
    ui.separator();
}

/// What has to be known before the body is taken for what came.
fn notes_ui(ui: &mut Ui, look: Look<'_>, colours: &Palette) {
    let Look { answer, page, is_hex, .. } = look;
    let mut notes: Vec<(String, bool)> = Vec::new();
    if !answer.encodings.is_empty() {
        let codings = crate::text::visible_line(&answer.encodings.join(", ")).into_owned();
        let (wire, unpacked) = (size(answer.wire_bytes), size(answer.body_bytes));
        notes.push((format!("Unpacked from {codings}: {wire} came, {unpacked} unpacked"), false));
    }
    if let Some(charset) = &answer.charset {
        notes.push((format!("Charset: {charset}"), charset.contains("no known charset")));
    }
    if answer.is_truncated {
        notes.push((format!("Not the whole body: it was cut after {}", size(answer.body_bytes)), true));
    }
    if !is_hex && page.map_or(answer.raw.is_lossy, |page| page.view.is_lossy) {
        let text = if answer.charset.is_some() {
            "Some bytes are no characters of that charset and are shown as �"
        } else {
            "Some bytes are no UTF-8 and are shown as �"
        };
        notes.push((text.to_owned(), true));
    }
    if answer.is_from_history {
        notes.push(("From the history: secrets were removed".to_owned(), true));
    }
    if notes.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        for (text, is_warning) in notes {
            ui.label(RichText::new(text).color(if is_warning { colours.attention } else { colours.soft }));
        }
    });
}

fn page_bar_ui(ui: &mut Ui, page: &BodyPage, buffers: &mut Buffers, queue: &mut Queue, colours: &Palette) {
    ui.horizontal_wrapped(|ui| {
        let last = page.start.saturating_add(page.bytes.len() as u64).saturating_sub(1);
        ui.label(format!("Bytes {} to {last} of {}", page.start, page.total));
        let end = page.total.saturating_sub(1);
        let steps = [
            ("First", "First page", page.previous_offset().map(|_| 0)),
            ("Previous", "Previous page", page.previous_offset()),
            ("Next", "Next page", page.next_offset()),
            ("Last", "Last page", page.next_offset().map(|_| end)),
        ];
        for (title, name, target) in steps {
            let button = ui.add_enabled(target.is_some(), Button::new(title)).accessible_name(name);
            if let Some(target) = target.filter(|_| button.clicked()) {
                queue.push_back(Command::OpenBodyPage(target));
            }
        }
        let hint = RichText::new("byte").color(colours.soft);
        let field = ui.add(TextEdit::singleline(&mut buffers.byte).hint_text(hint).desired_width(110.0));
        let field = field.accessible_name("Byte to go to");
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
        let wanted = buffers.byte.trim().parse::<u64>().ok().filter(|byte| *byte < page.total);
        let button = ui.add_enabled(wanted.is_some(), Button::new("Go")).accessible_name("Go to the byte");
        match wanted.filter(|_| button.clicked() || is_entered) {
            // An edge of a page of text moves back by a character, which the page before does not hold any more.
            Some(byte) => {
                buffers.wanted_byte = Some(byte);
                if !contains(page, byte) {
                    queue.push_back(Command::OpenBodyPage(byte));
                }
            }
            None if wanted.is_none() && !buffers.byte.trim().is_empty() => {
                form::problem(ui, &format!("Not a byte of it: write 0 to {end}"));
            }
            None => {}
        }
    });
}

/// Draws the question where to write the body.
pub fn path_ui(ctx: &Context, state: &State, buffers: &mut Buffers, queue: &mut Queue) {
    let answer = state.answer.as_ref();
    let what = answer.map(|answer| match (answer.is_from_history, answer.encodings.is_empty()) {
        (true, _) => "It is written as the history has it, without its secrets".to_owned(),
        (false, true) => format!("{} are written as they came", request::bytes(answer.body_bytes)),
        (false, false) => {
            format!("{} are written, unpacked and otherwise as they came", request::bytes(answer.body_bytes))
        }
    });
    let name = answer.map(|answer| answer.body_file_name()).unwrap_or_default();
    let asked = SaveAs {
        id: "body-path",
        title: "Save the answer's body",
        what: Some(what.unwrap_or_else(|| "There is no answer yet".into())),
        hint: format!("path of the file, such as {name}"),
        field: "Body file",
        save: "Save the body",
        browse: "Browse for the body file",
        is_there: answer.is_some(),
        path: &mut buffers.body_path,
        told: buffers.told,
    };
    let write = |path: &str| Command::WriteBody { path: path.into(), is_replacing: false };
    save_as::ui(ctx, state, asked, queue, Command::BrowseBodyPath, write);
}
