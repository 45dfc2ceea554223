//! The icons of the window by name; the code points are those of `assets/icons/icons.tsv`.

use eframe::egui::{FontFamily, RichText};

/// The font family that holds the icons.
pub const FAMILY: &str = "icons";

/// Phosphor `check`.
pub const CHECK: &str = "\u{e182}";
/// Phosphor `command`.
pub const COMMAND: &str = "\u{e1c4}";
/// Phosphor `dots-three`.
pub const DOTS_THREE: &str = "\u{e1fe}";
/// Phosphor `funnel`.
pub const FUNNEL: &str = "\u{e266}";
/// Phosphor `globe`.
pub const GLOBE: &str = "\u{e288}";
/// Phosphor `moon`.
pub const MOON: &str = "\u{e330}";
/// Phosphor `push-pin`.
pub const PUSH_PIN: &str = "\u{e3e2}";
/// Phosphor `question`.
pub const QUESTION: &str = "\u{e3e8}";
/// Phosphor `sidebar-simple`.
pub const SIDEBAR_SIMPLE: &str = "\u{ec24}";
/// Phosphor `sun`.
pub const SUN: &str = "\u{e472}";
/// Phosphor `trash`.
pub const TRASH: &str = "\u{e4a6}";
/// Phosphor `warning`.
pub const WARNING: &str = "\u{e4e0}";
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
        for (name, code) in [
            ("check", CHECK),
            ("command", COMMAND),
            ("dots-three", DOTS_THREE),
            ("funnel", FUNNEL),
            ("globe", GLOBE),
            ("moon", MOON),
            ("push-pin", PUSH_PIN),
            ("question", QUESTION),
            ("sidebar-simple", SIDEBAR_SIMPLE),
            ("sun", SUN),
            ("trash", TRASH),
            ("warning", WARNING),
            ("x", X),
        ] {
            let point = code.chars().next().map(u32::from).unwrap_or_default();
            assert!(table.lines().any(|line| line == format!("{name}\tU+{point:04X}")), "{name}");
        }
    }
}
