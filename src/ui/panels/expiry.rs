//! When a credential lapses, in words and colour; used wherever a credential is shown.

use eframe::egui::{Color32, Response, RichText, Ui};
use jiff::Timestamp;

use crate::credentials::Credential;
use crate::ui::theme::{self, Palette};

/// From how few seconds on a person should look.
const SOON_S: i64 = 300;

/// The words and their colour; none where nothing is known of its end.
fn words(credential: &Credential, now: Timestamp, colours: &Palette) -> Option<(String, Color32)> {
    let left = credential.expires_at?.as_second().saturating_sub(now.as_second());
    Some(match left {
        ..=0 => (format!("expired {} ago", span(left.saturating_neg())), colours.failure),
        1..SOON_S => (format!("expires in {}", span(left)), colours.attention),
        _ => (format!("expires in {}", span(left)), colours.soft),
    })
}

/// Shape: `40 s`, `12 min`, `5 h`, `30 days`.
fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Shows it; keeps counting while it is soon.
pub fn label(ui: &mut Ui, credential: &Credential, now: Timestamp, colours: &Palette) -> Option<Response> {
    let (text, color) = words(credential, now, colours)?;
    let left = credential.expires_at?.as_second().saturating_sub(now.as_second());
    if (0..7200).contains(&left) {
        let pause = if left < 120 { 1 } else { 30 };
        ui.ctx().request_repaint_after(std::time::Duration::from_secs(pause));
    }
    let at = credential.expires_at?.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    Some(ui.label(RichText::new(text).size(theme::SMALL_SIZE).color(color)).on_hover_text(at))
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_in_the_unit_that_says_most() {
        for (seconds, text) in
            [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_800, "2 days")]
        {
            assert_eq!(span(seconds), text);
        }
    }
}
