//! Small controls: tabs, chips, buttons, link buttons, state signs.

use eframe::egui::{
    Align2, Button, Color32, Context, Frame, Id, Margin, Modal, Rect, Response, RichText, Role, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::ui::icons;
use crate::ui::theme;

/// The one button that does the main thing. The name is spoken without the shortcut.
pub fn primary_button(ui: &mut Ui, text: &str, shortcut: Option<&str>, name: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    let label = theme::semibold(text).color(colours.on_primary);
    let mut button = Button::new(label).fill(colours.primary).stroke(Stroke::NONE).min_size(vec2(0.0, 32.0));
    if let Some(shortcut) = shortcut {
        button =
            button.right_text(RichText::new(shortcut).monospace().size(theme::SMALL_SIZE).color(colours.on_primary));
    }
    ui.add(button).accessible_name(name)
}

/// A button that reads as a link.
pub fn link_button(ui: &mut Ui, text: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    ui.add(Button::new(RichText::new(text).color(colours.accent)).frame(false).min_size(vec2(0.0, 20.0)))
        .on_hover_cursor(eframe::egui::CursorIcon::PointingHand)
}

/// A button that shows only an icon; the name is spoken and shown on hover.
pub fn icon_button(ui: &mut Ui, icon: &str, name: &str) -> Response {
    ui.add(Button::new(icons::icon(icon, 16.0)).frame_when_inactive(false)).on_hover_text(name).accessible_name(name)
}

/// A dialog over the window, with room around what it holds.
pub fn modal(ctx: &Context, id: Id) -> Modal {
    Modal::new(id).frame(Frame::popup(&ctx.global_style()).inner_margin(Margin::same(16)))
}

/// A tab. Shape of the count: a small number after the title, in `count_colour`.
pub fn tab(ui: &mut Ui, is_chosen: bool, title: &str, count: Option<(usize, Color32)>) -> Response {
    let colours = theme::palette(ui.ctx());
    let color = if is_chosen { colours.text } else { colours.soft };
    let font = eframe::egui::FontId::proportional(theme::TEXT_SIZE);
    let title_galley = ui.painter().layout_no_wrap(title.to_owned(), font.clone(), color);
    let count_galley = count.map(|(count, color)| ui.painter().layout_no_wrap(count.to_string(), font, color));
    let width = title_galley.size().x + count_galley.as_ref().map_or(0.0, |galley| galley.size().x + 5.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width + 8.0, 32.0), Sense::click());
    let name = match count {
        Some((count, _)) => format!("{title} {count}"),
        None => title.to_owned(),
    };
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_chosen, &name));
    let y = rect.center().y - title_galley.size().y / 2.0;
    let mut x = rect.left() + 4.0;
    let title_width = title_galley.size().x;
    let shown = if response.hovered() && !is_chosen { colours.text } else { color };
    ui.painter().galley_with_override_text_color(pos2(x, y), title_galley, shown);
    x += title_width + 5.0;
    if let Some(galley) = count_galley {
        ui.painter().galley(pos2(x, y), galley, color);
    }
    if is_chosen {
        ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, Stroke::new(2.0, colours.accent));
    }
    if response.has_focus() {
        ui.painter().rect_stroke(rect.shrink(2.0), 4.0, Stroke::new(1.5, colours.accent), StrokeKind::Inside);
    }
    response
}

/// How much of something is there, from 0 to 1.
pub fn bar(ui: &mut Ui, width: f32, share: f32, color: Color32, name: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    let track = Rect::from_center_size(rect.center(), vec2(width, 6.0));
    ui.painter().rect_filled(track, 3.0, colours.hovered);
    // Nothing at all is no dot.
    let filled = Rect::from_min_size(track.min, vec2(width * share.clamp(0.0, 1.0), track.height()));
    ui.painter().rect_filled(filled, 3.0, color);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, name));
    response
}

/// A short text on a coloured ground, such as an error code.
pub fn chip(ui: &mut Ui, text: &str, color: Color32, ground: Color32) -> Response {
    Frame::new()
        .fill(ground)
        .corner_radius(5.0)
        .inner_margin(Margin::symmetric(8, 3))
        .show(ui, |ui| ui.label(RichText::new(text).monospace().color(color)))
        .inner
}

/// The heading of a group in a column.
pub fn group_heading(ui: &mut Ui, text: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    ui.label(theme::semibold(text.to_uppercase()).size(11.0).color(colours.soft).extra_letter_spacing(0.4))
}

/// What a sign says: it differs in shape as well as in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A tick.
    Pass,
    /// An exclamation mark.
    Fail,
    /// A triangle.
    Attention,
    /// A question mark.
    Unknown,
}

/// A round sign for a state.
pub fn sign(ui: &mut Ui, sign: Sign, name: &str) -> Response {
    let colours = theme::palette(ui.ctx());
    let (mark, color, ground) = match sign {
        Sign::Pass => (icons::CHECK, colours.pass, colours.pass_ground),
        Sign::Fail => ("!", colours.failure, colours.failure_ground),
        Sign::Attention => (icons::WARNING, colours.attention, colours.attention_ground),
        Sign::Unknown => ("?", colours.soft, colours.selected),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(18.0, 18.0), Sense::hover());
    ui.painter().circle_filled(rect.center(), 9.0, ground);
    // The heavier text family falls back on the icons, so one family draws letters and icons alike.
    let font = eframe::egui::FontId::new(11.5, eframe::egui::FontFamily::Name(theme::SEMIBOLD.into()));
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, mark, font, color);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response
}

/// Names a combo box for screen readers and tells what is chosen in it.
pub fn name_combo(response: Response, name: &str, chosen: &str) -> Response {
    let response = response.accessible_name(name);
    response.ctx.accesskit_node_builder(response.id, |node| node.set_value(chosen));
    response
}

/// The colour of a method.
pub fn method_colour(method: &str, colours: &theme::Palette) -> Color32 {
    match method {
        "GET" | "HEAD" | "OPTIONS" => colours.code_key,
        "POST" => colours.pass,
        "PUT" | "PATCH" => colours.attention,
        "DELETE" => colours.failure,
        _ => colours.soft,
    }
}

/// A method as shown in lists. Shape: `DEL` for `DELETE`.
pub fn method_short(method: &str) -> String {
    match method {
        "DELETE" => "DEL".to_owned(),
        "OPTIONS" => "OPT".to_owned(),
        other => other.chars().take(6).collect(),
    }
}

/// The colour of a status.
pub fn status_colour(status: Option<u16>, colours: &theme::Palette) -> Color32 {
    match status {
        Some(200..=299) => colours.pass,
        Some(100..=399) => colours.soft,
        Some(429 | 503) => colours.attention,
        _ => colours.failure,
    }
}
