//! The icons of the window by name; the code points are those of `assets/icons/icons.tsv`.

use eframe::egui::{FontFamily, RichText};

/// The font family that holds the icons.
pub const FAMILY: &str = "icons";

/// Phosphor `arrow-clockwise`.
pub const ARROW_CLOCKWISE: &str = "\u{e036}";
/// Phosphor `arrow-square-out`.
pub const ARROW_SQUARE_OUT: &str = "\u{e5de}";
/// Phosphor `caret-down`.
pub const CARET_DOWN: &str = "\u{e136}";
/// Phosphor `check`.
pub const CHECK: &str = "\u{e182}";
/// Phosphor `circle`.
pub const CIRCLE: &str = "\u{e18a}";
/// Phosphor `circle-dashed`.
pub const CIRCLE_DASHED: &str = "\u{e602}";
/// Phosphor `circle-half`.
pub const CIRCLE_HALF: &str = "\u{e18c}";
/// Phosphor `clock-counter-clockwise`.
pub const CLOCK_COUNTER_CLOCKWISE: &str = "\u{e1a0}";
/// Phosphor `command`.
pub const COMMAND: &str = "\u{e1c4}";
/// Phosphor `copy`.
pub const COPY: &str = "\u{e1ca}";
/// Phosphor `crosshair`.
pub const CROSSHAIR: &str = "\u{e1d6}";
/// Phosphor `export`.
pub const EXPORT: &str = "\u{eaf0}";
/// Phosphor `eye`.
pub const EYE: &str = "\u{e220}";
/// Phosphor `eye-slash`.
pub const EYE_SLASH: &str = "\u{e224}";
/// Phosphor `file-text`.
pub const FILE_TEXT: &str = "\u{e23a}";
/// Phosphor `flask`.
pub const FLASK: &str = "\u{e79e}";
/// Phosphor `globe`.
pub const GLOBE: &str = "\u{e288}";
/// Phosphor `info`.
pub const INFO: &str = "\u{e2ce}";
/// Phosphor `key`.
pub const KEY: &str = "\u{e2d6}";
/// Phosphor `keyboard`.
pub const KEYBOARD: &str = "\u{e2d8}";
/// Phosphor `lifebuoy`.
pub const LIFEBUOY: &str = "\u{e63a}";
/// Phosphor `lock`.
pub const LOCK: &str = "\u{e2fa}";
/// Phosphor `lock-open`.
pub const LOCK_OPEN: &str = "\u{e306}";
/// Phosphor `magnifying-glass`.
pub const MAGNIFYING_GLASS: &str = "\u{e30c}";
/// Phosphor `moon`.
pub const MOON: &str = "\u{e330}";
/// Phosphor `paper-plane-tilt`.
pub const PAPER_PLANE_TILT: &str = "\u{e398}";
/// Phosphor `plus`.
pub const PLUS: &str = "\u{e3d4}";
/// Phosphor `pulse`.
pub const PULSE: &str = "\u{e000}";
/// Phosphor `question`.
pub const QUESTION: &str = "\u{e3e8}";
/// Phosphor `sidebar-simple`.
pub const SIDEBAR_SIMPLE: &str = "\u{ec24}";
/// Phosphor `stop`.
pub const STOP: &str = "\u{e46c}";
/// Phosphor `sun`.
pub const SUN: &str = "\u{e472}";
/// Phosphor `trash`.
pub const TRASH: &str = "\u{e4a6}";
/// Phosphor `warning`.
pub const WARNING: &str = "\u{e4e0}";
/// Phosphor `wifi-slash`.
pub const WIFI_SLASH: &str = "\u{e4f2}";
/// Phosphor `x`.
pub const X: &str = "\u{e4f6}";

/// An icon as text of that size. The widget that shows it needs an accessible name of its own.
pub fn icon(code: &str, size: f32) -> RichText {
    RichText::new(code).family(FontFamily::Name(FAMILY.into())).size(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_in_the_table() {
        let table = include_str!("../../assets/icons/icons.tsv");
        for (name, code) in [("arrow-clockwise", ARROW_CLOCKWISE), ("arrow-square-out", ARROW_SQUARE_OUT), ("caret-down", CARET_DOWN), ("check", CHECK), ("circle", CIRCLE), ("circle-dashed", CIRCLE_DASHED), ("circle-half", CIRCLE_HALF), ("clock-counter-clockwise", CLOCK_COUNTER_CLOCKWISE), ("command", COMMAND), ("copy", COPY), ("crosshair", CROSSHAIR), ("export", EXPORT), ("eye", EYE), ("eye-slash", EYE_SLASH), ("file-text", FILE_TEXT), ("flask", FLASK), ("globe", GLOBE), ("info", INFO), ("key", KEY), ("keyboard", KEYBOARD), ("lifebuoy", LIFEBUOY), ("lock", LOCK), ("lock-open", LOCK_OPEN), ("magnifying-glass", MAGNIFYING_GLASS), ("moon", MOON), ("paper-plane-tilt", PAPER_PLANE_TILT), ("plus", PLUS), ("pulse", PULSE), ("question", QUESTION), ("sidebar-simple", SIDEBAR_SIMPLE), ("stop", STOP), ("sun", SUN), ("trash", TRASH), ("warning", WARNING), ("wifi-slash", WIFI_SLASH), ("x", X)] {
            let point = code.chars().next().map(u32::from).unwrap_or_default();
            assert!(table.lines().any(|line| line == format!("{name}\tU+{point:04X}")), "{name}");
        }
    }
}
