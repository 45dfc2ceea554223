//! What text cannot prove: the colours of the marked line, in both themes.

use altyaa_console::app::Theme;
use altyaa_console::ui::theme::{DARK, LIGHT, Palette};
use eframe::egui::{Color32, Pos2, Role, pos2};

use crate::desk::Desk;

/// The window after the first failure, drawn, and a look at single points of it.
fn drawn(theme: Theme) -> (Desk, impl Fn(Pos2) -> Color32) {
    let mut desk = Desk::open();
    if theme == Theme::Light {
        desk.press_button("Light colours");
    }
    desk.send();
    desk.harness.remove_cursor();
    desk.settle();
    let image = desk.harness.render().unwrap();
    let look = move |at: Pos2| {
        let [r, g, b, _] = image.get_pixel(at.x as u32, at.y as u32).0;
        Color32::from_rgb(r, g, b)
    };
    (desk, look)
}

fn is_near(one: Color32, other: Color32) -> bool {
    let far = |a: u8, b: u8| a.abs_diff(b) > 3;
    !(far(one.r(), other.r()) || far(one.g(), other.g()) || far(one.b(), other.b()))
}

fn assert_marked(theme: Theme, colours: &Palette) {
    let (desk, look) = drawn(theme);
    let reason = desk.all(Role::Mark)[0].1.unwrap();
    let right = desk.rect(Role::Button, "Send").right() - 20.0;
    // The marked line lies right above its reason, in the colour of failure from edge to edge.
    let line = pos2(right, reason.top() - 12.0);
    assert!(is_near(look(line), colours.failure_ground), "{theme:?}: {:?} at {line}", look(line));
    // The line above it does not.
    let above = pos2(right, reason.top() - 34.0);
    assert!(is_near(look(above), colours.ground), "{theme:?}: {:?} at {above}", look(above));
    // The value is underlined, left of the reason's end and within its line.
    let mut underlined = 0;
    for x in (reason.left() as u32)..(right as u32) {
        let has_it = (2..16).any(|up| is_near(look(pos2(x as f32, reason.top() - up as f32)), colours.failure));
        underlined += u32::from(has_it);
    }
    // `"2024-01-05T09:00:00Z"` is 22 characters of about 7.5 points.
    assert!((140..=190).contains(&underlined), "{theme:?}: {underlined} points are underlined");
    // The reason is a chip of its own.
    let chip = pos2(reason.left() + 4.0, reason.center().y);
    assert!(is_near(look(chip), colours.failure_ground), "{theme:?}: {:?} at {chip}", look(chip));
}

#[test]
fn the_marked_line_is_seen_in_the_dark_theme() {
    assert_marked(Theme::Dark, &DARK);
}

#[test]
fn the_marked_line_is_seen_in_the_light_theme() {
    assert_marked(Theme::Light, &LIGHT);
}
