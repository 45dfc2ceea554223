//! Colours, sizes and fonts by meaning, for light and dark.

use std::sync::Arc;

use eframe::egui::style::{Selection, TextCursorStyle, WidgetVisuals};
use eframe::egui::{
    self, Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, FontTweak, Margin, Stroke,
    TextStyle, Vec2, epaint,
};

use super::icons;

/// Text in the window.
pub const TEXT_SIZE: f32 = 13.0;
/// Secondary text.
pub const SMALL_SIZE: f32 = 12.0;
/// Code and bodies.
pub const CODE_SIZE: f32 = 12.5;
/// A line of code.
pub const CODE_ROW: f32 = 20.0;
/// Rounded corners of controls.
pub const ROUND: u8 = 6;
/// The family of the heavier text.
pub const SEMIBOLD: &str = "semibold";

/// The colours of one theme, named by meaning.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Behind request and answer.
    pub ground: Color32,
    /// Bars and columns around them.
    pub raised: Color32,
    /// Buttons, inputs and cards on `raised`.
    pub field: Color32,
    /// A control under the pointer.
    pub hovered: Color32,
    /// The row or tab that is chosen.
    pub selected: Color32,
    /// Lines between regions; decoration only.
    pub hairline: Color32,
    /// The edge of a control, which has to be seen.
    pub edge: Color32,
    /// Text.
    pub text: Color32,
    /// Secondary text.
    pub soft: Color32,
    /// The one accent: links, focus, the chosen tab.
    pub accent: Color32,
    /// The fill of the main button.
    pub primary: Color32,
    /// Text on `primary`.
    pub on_primary: Color32,
    /// Failure.
    pub failure: Color32,
    /// Behind what failed.
    pub failure_ground: Color32,
    /// Attention.
    pub attention: Color32,
    /// Behind what needs attention.
    pub attention_ground: Color32,
    /// Pass.
    pub pass: Color32,
    /// Behind what passed.
    pub pass_ground: Color32,
    /// JSON member names, and the method GET.
    pub code_key: Color32,
    /// JSON strings, and the method POST.
    pub code_string: Color32,
    /// JSON numbers and words.
    pub code_number: Color32,
    /// Punctuation and line numbers.
    pub code_soft: Color32,
    /// Behind selected text.
    pub selection: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Light on dark.
pub const DARK: Palette = Palette {
    ground: rgb(0x131418),
    raised: rgb(0x1a1d25),
    field: rgb(0x14161b),
    hovered: rgb(0x272b36),
    selected: rgb(0x23272f),
    hairline: rgb(0x2a2e38),
    edge: rgb(0x6b7280),
    text: rgb(0xe6e8ec),
    soft: rgb(0x9aa1ad),
    accent: rgb(0x7aa7ff),
    primary: rgb(0x6c9eff),
    on_primary: rgb(0x0b1020),
    failure: rgb(0xff7b7b),
    failure_ground: rgb(0x3a1e22),
    attention: rgb(0xf0b14a),
    attention_ground: rgb(0x352a14),
    pass: rgb(0x57c98c),
    pass_ground: rgb(0x15301f),
    code_key: rgb(0x7fa9ff),
    code_string: rgb(0x6fcf97),
    code_number: rgb(0xb69cff),
    code_soft: rgb(0x9aa1ad),
    selection: rgb(0x2b447d),
};

/// Dark on light.
pub const LIGHT: Palette = Palette {
    ground: rgb(0xf4f5f7),
    raised: rgb(0xffffff),
    field: rgb(0xf6f7f9),
    hovered: rgb(0xe4e7ec),
    selected: rgb(0xeceef2),
    hairline: rgb(0xdfe2e7),
    edge: rgb(0x7d8592),
    text: rgb(0x16181d),
    soft: rgb(0x565d69),
    accent: rgb(0x1d55d0),
    primary: rgb(0x2563eb),
    on_primary: rgb(0xffffff),
    failure: rgb(0xb4232c),
    failure_ground: rgb(0xfde9ea),
    attention: rgb(0x8a5300),
    attention_ground: rgb(0xfdf1da),
    pass: rgb(0x14713a),
    pass_ground: rgb(0xe0f4e7),
    code_key: rgb(0x1d55d0),
    code_string: rgb(0x14713a),
    code_number: rgb(0x6a3fc4),
    code_soft: rgb(0x565d69),
    selection: rgb(0xc3d6ff),
};

/// The palette of what is being drawn.
pub fn palette(ctx: &Context) -> &'static Palette {
    if ctx.global_style().visuals.dark_mode { &DARK } else { &LIGHT }
}

/// Text of the heavier weight.
pub fn semibold(text: impl Into<String>) -> egui::RichText {
    egui::RichText::new(text).family(FontFamily::Name(SEMIBOLD.into()))
}

/// The code font.
pub fn code_font() -> FontId {
    FontId::monospace(CODE_SIZE)
}

/// Installs fonts, sizes and both palettes.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.all_styles_mut(|style| {
        style.text_styles = [
            (TextStyle::Small, FontId::proportional(SMALL_SIZE)),
            (TextStyle::Body, FontId::proportional(TEXT_SIZE)),
            (TextStyle::Button, FontId::proportional(TEXT_SIZE)),
            (TextStyle::Heading, FontId::new(15.0, FontFamily::Name(SEMIBOLD.into()))),
            (TextStyle::Monospace, code_font()),
        ]
        .into();
        style.spacing.item_spacing = Vec2::new(8.0, 6.0);
        style.spacing.button_padding = Vec2::new(10.0, 5.0);
        style.spacing.interact_size = Vec2::new(28.0, 26.0);
        style.spacing.menu_margin = Margin::same(6);
        style.spacing.window_margin = Margin::same(16);
        style.spacing.scroll = egui::style::ScrollStyle::solid();
        style.spacing.scroll.bar_width = 8.0;
        style.interaction.selectable_labels = true;
    });
    ctx.style_mut_of(egui::Theme::Dark, |style| visuals(&mut style.visuals, &DARK));
    ctx.style_mut_of(egui::Theme::Light, |style| visuals(&mut style.visuals, &LIGHT));
}

fn visuals(visuals: &mut egui::Visuals, colours: &Palette) {
    let round = CornerRadius::same(ROUND);
    let widget = |fill: Color32, edge: Color32, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: round,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    visuals.widgets.noninteractive = widget(colours.raised, colours.hairline, colours.text);
    visuals.widgets.inactive = widget(colours.field, colours.edge, colours.text);
    visuals.widgets.hovered = widget(colours.hovered, colours.edge, colours.text);
    visuals.widgets.active = widget(colours.hovered, colours.accent, colours.text);
    visuals.widgets.open = widget(colours.hovered, colours.accent, colours.text);
    visuals.selection = Selection { bg_fill: colours.selection, stroke: Stroke::new(1.5, colours.accent) };
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(colours.soft);
    visuals.hyperlink_color = colours.accent;
    visuals.faint_bg_color = colours.field;
    visuals.extreme_bg_color = colours.field;
    visuals.text_edit_bg_color = Some(colours.field);
    visuals.code_bg_color = colours.field;
    visuals.warn_fg_color = colours.attention;
    visuals.error_fg_color = colours.failure;
    visuals.window_fill = colours.raised;
    visuals.window_stroke = Stroke::new(1.0, colours.hairline);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.panel_fill = colours.ground;
    visuals.window_shadow =
        epaint::Shadow { offset: [0, 8], blur: 24, spread: 0, color: Color32::from_black_alpha(90) };
    visuals.popup_shadow = epaint::Shadow { offset: [0, 4], blur: 12, spread: 0, color: Color32::from_black_alpha(70) };
    // A blinking cursor costs a sixth of a core on software rendering.
    visuals.text_cursor =
        TextCursorStyle { blink: false, stroke: Stroke::new(2.0, colours.accent), ..visuals.text_cursor.clone() };
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, data: FontData| fonts.font_data.insert(name.to_owned(), Arc::new(data));
    let inter: &'static [u8] = include_bytes!("../../assets/fonts/Inter.ttf");
    add("inter", FontData::from_static(inter));
    add("inter-semibold", FontData::from_static(inter).tweak(weight(600.0)));
    add("mono", FontData::from_static(include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")));
    add("icons", FontData::from_static(include_bytes!("../../assets/fonts/Phosphor.ttf")));
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    // Each family falls back on the others, so that a sign missing in one is drawn from another.
    fonts.families.insert(FontFamily::Proportional, list(&["inter", "icons", "mono"]));
    fonts.families.insert(FontFamily::Monospace, list(&["mono", "inter", "icons"]));
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), list(&["inter-semibold", "icons", "mono"]));
    fonts.families.insert(FontFamily::Name(icons::FAMILY.into()), list(&["icons", "inter"]));
    fonts
}

fn weight(value: f32) -> FontTweak {
    FontTweak { coords: epaint::text::VariationCoords::new([(b"wght", value)]), ..FontTweak::default() }
}

/// The contrast of two colours by WCAG 2.2, from 1 to 21.
///
/// *Source*: WCAG 2.2, "relative luminance" and "contrast ratio".
pub fn contrast(one: Color32, other: Color32) -> f32 {
    let luminance = |colour: Color32| {
        let channel = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_that_is_used_can_be_read() {
        for (name, p) in [("dark", DARK), ("light", LIGHT)] {
            let grounds = [p.ground, p.raised, p.field, p.hovered, p.selected];
            for text in [p.text, p.soft, p.accent, p.failure, p.attention, p.pass] {
                for ground in grounds {
                    assert!(
                        contrast(text, ground) >= 4.5,
                        "{name}: {text:?} on {ground:?} is {}",
                        contrast(text, ground)
                    );
                }
            }
            for code in [p.code_key, p.code_string, p.code_number, p.code_soft, p.text] {
                for ground in [p.ground, p.failure_ground, p.attention_ground] {
                    assert!(
                        contrast(code, ground) >= 4.5,
                        "{name}: code {code:?} on {ground:?} is {}",
                        contrast(code, ground)
                    );
                }
            }
            for (text, ground) in [
                (p.failure, p.failure_ground),
                (p.soft, p.failure_ground),
                (p.accent, p.failure_ground),
                (p.attention, p.attention_ground),
                (p.pass, p.pass_ground),
                (p.on_primary, p.primary),
                (p.text, p.selection),
            ] {
                assert!(contrast(text, ground) >= 4.5, "{name}: {text:?} on {ground:?} is {}", contrast(text, ground));
            }
            for ground in [p.ground, p.raised, p.field] {
                assert!(contrast(p.edge, ground) >= 3.0, "{name}: edge on {ground:?} is {}", contrast(p.edge, ground));
            }
        }
    }

    #[test]
    fn contrast_of_black_and_white_is_twenty_one() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
        assert!((contrast(Color32::RED, Color32::RED) - 1.0).abs() < 0.01);
    }
}
