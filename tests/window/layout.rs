//! Sizes, scale, themes: what is there at each, in reach and not on top of each other.

use altyaa_console::app::{Command, Dialog, Theme};
use eframe::egui::{Rect, Role, pos2, vec2};

use crate::desk::{Desk, Plan};

const CONTROLS: [Role; 5] = [Role::Button, Role::Tab, Role::ComboBox, Role::TextInput, Role::CheckBox];

pub fn open(size: [f32; 2], scale: f32) -> Desk {
    Desk::open_with(Plan { size, scale, ..Plan::default() })
}

/// Every control with its place.
fn controls(desk: &Desk) -> Vec<(String, Rect)> {
    let all = CONTROLS.iter().flat_map(|&role| desk.all(role));
    all.filter_map(|(name, place)| place.map(|place| (name, place))).collect()
}

/// No control reaches over the left or right edge, and none of the fixed ones lies on another.
#[track_caller]
pub fn assert_in_order(desk: &Desk, size: [f32; 2], when: &str) {
    let controls = controls(desk);
    let mut faults = Vec::new();
    for (name, place) in &controls {
        if place.left() < -0.5 || place.right() > size[0] + 0.5 {
            faults.push(format!("{name} at {place} is over the edge"));
        }
    }
    // Above the tabs of the answer nothing scrolls but the left column and the checks.
    let bars: Vec<_> = controls.iter().filter(|(_, place)| place.height() < 60.0).collect();
    for (index, (name, place)) in bars.iter().enumerate() {
        for (other, there) in &bars[index + 1..] {
            let both = place.shrink(1.0).intersect(there.shrink(1.0));
            let is_bar = |at: &Rect| at.bottom() < 90.0 || name == "Send";
            if both.is_positive() && is_bar(place) && is_bar(there) {
                faults.push(format!("{name} at {place} lies on {other} at {there}"));
            }
        }
    }
    assert!(faults.is_empty(), "{when}:\n{}", faults.join("\n"));
}

fn has(desk: &Desk, role: Role, name: &str) -> bool {
    desk.all(role).iter().any(|(seen, _)| seen == name)
}

#[test]
fn a_wide_window_shows_everything_at_once() {
    let mut desk = open([1440.0, 900.0], 1.0);
    desk.send();
    assert!(!has(&desk, Role::Tab, "Checks"));
    assert!(has(&desk, Role::Region, "Troubleshooting") && has(&desk, Role::Region, "Requests and history"));
    assert_in_order(&desk, [1440.0, 900.0], "1440x900");
}

#[test]
fn at_1000_points_the_checks_are_a_tab() {
    let mut desk = open([1000.0, 800.0], 1.0);
    desk.send();
    assert!(!has(&desk, Role::Region, "Troubleshooting"));
    assert!(has(&desk, Role::Region, "Requests and history"));
    desk.assert_sees_not("Check Payloads: failed");
    desk.open_tab("Answer", "Checks");
    desk.assert_sees(&["Check Payloads: failed", "2 of 5 clear", "Export report"]);
    desk.press_button("Preview");
    desk.assert_sees(&["The report as it will be written"]);
    desk.press_button("Close");
    assert_in_order(&desk, [1000.0, 800.0], "1000x800");
}

#[test]
fn at_760_points_the_left_column_is_folded_away() {
    let mut desk = open([760.0, 600.0], 1.0);
    assert!(!has(&desk, Role::Region, "Requests and history"));
    desk.send();
    assert_eq!(desk.marks(), ["publishAt, line 4, column 16: value is in the past"]);
    desk.press_button("Go to publishAt");
}

#[test]
fn a_window_that_is_made_narrower_and_wider_keeps_its_work() {
    let mut desk = open([1440.0, 900.0], 1.0);
    desk.fill("URL", "{{base}}/v1/posts?limit=3");
    for width in [1000.0, 760.0, 640.0, 1440.0] {
        desk.harness.set_size(vec2(width, 700.0));
        desk.settle();
        assert_eq!(desk.text_of("URL"), "{{base}}/v1/posts?limit=3");
    }
    assert!(has(&desk, Role::Region, "Troubleshooting"));
}

#[test]
fn eight_hundred_by_six_hundred_is_enough_for_the_main_job() {
    let mut desk = open([800.0, 600.0], 1.0);
    desk.send();
    let (_, mark) = desk.all(Role::Mark).remove(0);
    let mark = mark.unwrap();
    let answer = desk.rect(Role::Tab, "Timing");
    assert!(mark.bottom() < answer.top(), "the mark at {mark} is below the tabs of the answer at {answer}");
    let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 600.0));
    for (role, name) in [(Role::Button, "Send"), (Role::TextInput, "URL"), (Role::Tab, "Checks")] {
        assert!(window.contains_rect(desk.rect(role, name)), "{name}");
    }
    assert!(window.contains_rect(desk.place_of_text("publishAt must be a future timestamp")));
    assert_in_order(&desk, [800.0, 600.0], "800x600");
    // Each dialog fits and can be closed with the pointer.
    for opener in ["Help", "Run a command"] {
        desk.press_button(opener);
        assert!(controls(&desk).iter().all(|(_, place)| place.left() >= -0.5 && place.right() <= 800.5), "{opener}");
        desk.key(eframe::egui::Modifiers::NONE, eframe::egui::Key::Escape);
    }
    desk.choose("Credential", "Manage credentials…");
    for (role, name) in [(Role::Button, "Store credential"), (Role::Button, "Close")] {
        assert!(window.contains_rect(desk.rect(role, name)), "{name}");
    }
    desk.press_button("Close");
    desk.open_tab("Answer", "Checks");
    desk.press_button("Preview");
    assert!(window.contains_rect(desk.rect(Role::Button, "Close")));
}

#[test]
fn every_dialog_of_the_network_fits_the_smallest_windows() {
    for size in [[800.0, 600.0], [640.0, 480.0]] {
        let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(size[0], size[1]));
        let mut desk = open(size, 1.0);
        desk.send();
        let dialogs: [(Command, &[&str]); 3] = [
            (Command::OpenDialog(Dialog::Network), &["Save network settings", "Close"]),
            (Command::OpenCookies, &["Add a cookie…", "Network…", "Close"]),
            (Command::OpenDialog(Dialog::BodyPath), &["Save the body", "Browse for the body file", "Close"]),
        ];
        for (command, buttons) in dialogs {
            desk.push(command);
            let title = desk.state(|state| format!("{:?}", state.dialog));
            if title == "Cookies" {
                desk.press_button("Add a cookie…");
            }
            let controls = controls(&desk);
            assert!(
                controls.iter().all(|(_, place)| place.left() >= -0.5 && place.right() <= size[0] + 0.5),
                "{title}"
            );
            for button in buttons.iter().filter(|button| **button != "Add a cookie…") {
                let places: Vec<Rect> =
                    controls.iter().filter(|(name, _)| name == button).map(|(_, place)| *place).collect();
                assert!(places.iter().any(|place| window.contains_rect(*place)), "{title}: {button} at {places:?}");
            }
            desk.harness.check_accessibility();
            desk.press_button("Close");
        }
    }
}

#[test]
fn the_warning_of_certificates_fits_every_width() {
    for width in [640.0, 800.0, 1000.0, 1440.0] {
        let mut desk = open([width, 600.0], 1.0);
        let mut settings = altyaa_console::app::NetworkSettings::default();
        settings.route.is_unverified = true;
        let (environment, settings) = ("local".to_owned(), Box::new(settings));
        desk.push(Command::SetNetwork { environment, settings, passphrase: None });
        let button = desk.rect(Role::Button, "Verify again");
        let text = desk.place_of_text("Certificates of Local sandbox are not verified");
        assert!(button.right() <= width && text.left() >= 0.0 && text.right() <= button.left(), "{width}");
        // It lies between the bar above and the request, on neither of them.
        let (above, below) = (desk.rect(Role::ComboBox, "Environment"), desk.rect(Role::TextInput, "URL"));
        for place in [button, text] {
            assert!(above.bottom() <= place.top() && place.bottom() <= below.top(), "{width}: {place}");
        }
        assert_in_order(&desk, [width, 600.0], &format!("{width} with the warning"));
    }
}

#[test]
fn at_twice_the_size_the_same_is_there() {
    // 1440x900 pixels hold 720x450 points; 2880x1800 hold what a window at 100 % does.
    for size in [[720.0, 450.0], [1440.0, 900.0]] {
        let mut desk = open(size, 2.0);
        desk.send();
        assert_eq!(desk.marks(), ["publishAt, line 4, column 16: value is in the past"]);
        desk.assert_sees(&["invalid_request", "Payload validation error."]);
        desk.press_button("Go to publishAt");
        if size[0] > 1000.0 {
            assert_in_order(&desk, size, &format!("{size:?} at 200 %"));
        }
    }
}

#[test]
fn every_tab_and_dialog_names_what_can_be_used() {
    // The check itself is the harness's own, after each run.
    let mut desk = Desk::open();
    desk.send();
    desk.fill("URL", "{{base}}/v1/posts?limit=5&state=draft");
    desk.open_tab("Request", "Headers");
    desk.press_button("Add a header");
    for tab in ["Params", "Headers", "Auth", "Body"] {
        desk.open_tab("Request", tab);
        desk.harness.check_accessibility();
    }
    for tab in ["Answer", "Headers", "Timing", "Log", "Diagnosis"] {
        desk.open_tab("Answer", tab);
        desk.harness.check_accessibility();
    }
    for dialog in ["Help", "Preview", "Save as…"] {
        desk.press_button(dialog);
        desk.harness.check_accessibility();
        desk.press_button("Close");
    }
    let unnamed: Vec<_> = controls(&desk).into_iter().filter(|(name, _)| name.trim().is_empty()).collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
fn the_theme_is_switched_and_remembered() {
    let mut desk = Desk::open();
    assert!(desk.harness.ctx.global_style().visuals.dark_mode);
    desk.press_button("Light colours");
    assert!(!desk.harness.ctx.global_style().visuals.dark_mode);
    desk.press_button("Dark colours");
    assert!(desk.harness.ctx.global_style().visuals.dark_mode);
    desk.press_button("Light colours");
    let Desk { harness, dir, .. } = desk;
    drop(harness);
    let mut desk = Desk::open_in(dir, Plan::default());
    assert_eq!(desk.state(|state| state.theme), Theme::Light);
    assert!(!desk.harness.ctx.global_style().visuals.dark_mode);
}

#[test]
fn the_checks_answer_where_they_can() {
    let mut desk = Desk::open();
    desk.assert_sees(&["Validate Authentication: not known"]);
    desk.send();
    desk.assert_sees(&["Inspect Logs: passed", "Use Sandbox: passed", "Monitor Webhooks: not known", "2 of 5 clear"]);
    desk.open_tab("Request", "Params");
    desk.press_button("Go to field");
    assert_eq!(desk.marks().len(), 1);
}
