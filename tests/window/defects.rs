//! Defects that were found and mended; each test would show its own again.

use eframe::egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;

use crate::desk::{CTRL, Desk, Plan, add_session_credential};

#[test]
fn the_palette_can_move_the_keyboard() {
    for (command, field) in [("go to the url", "URL"), ("filter requests", "Filter requests and history")] {
        let mut desk = Desk::open();
        desk.key(CTRL, Key::K);
        desk.type_text(command);
        desk.key(Modifiers::NONE, Key::Enter);
        assert!(desk.is_focused(field), "{field}");
    }
}

#[test]
fn escape_closes_the_dialog_and_leaves_the_notice() {
    let notices = vec![("Something happened".to_owned(), String::new())];
    let mut desk = Desk::open_with(Plan { notices, ..Plan::default() });
    desk.press_button("Help");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.assert_sees_not("WHAT THE PROGRAM CONTACTS BY ITSELF");
    desk.assert_sees(&["Something happened"]);
}

#[test]
fn escape_closes_a_list_and_leaves_the_notice() {
    let notices = vec![("Something happened".to_owned(), String::new())];
    let mut desk = Desk::open_with(Plan { notices, ..Plan::default() });
    desk.click(Role::ComboBox, "Method");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.assert_sees(&["Something happened"]);
}

#[test]
fn a_dialog_keeps_the_keyboard_to_itself() {
    let mut desk = Desk::open();
    desk.press_button("Help");
    desk.key(CTRL, Key::Enter);
    assert_eq!(desk.state(|state| state.history.len()), 0);
}

#[test]
fn another_environment_empties_the_workspace() {
    let mut desk = Desk::open();
    desk.fill("Workspace", "ws_typed");
    desk.choose("Environment", "Sandbox");
    let drafted = desk.state(|state| state.draft.workspace.clone());
    assert_eq!(desk.text_of("Workspace"), drafted.unwrap_or_default());
}

#[test]
fn another_request_is_not_marked_with_the_findings_of_the_last_one() {
    let mut desk = Desk::open();
    desk.send();
    desk.press_button("PATCH Update a post");
    assert_eq!(desk.marks(), Vec::<String>::new());
}

#[test]
fn a_refused_credential_can_be_corrected() {
    let mut desk = Desk::open();
    add_session_credential(&mut desk, "my-key", "no origin", "the-secret-1234");
    desk.assert_sees(&["is no origin"]);
    assert_eq!(desk.text_of("Credential name"), "my-key");
    assert!(!desk.text_of("Secret").is_empty());
}

#[test]
fn a_refusal_in_a_dialog_is_said_in_front_of_it() {
    let mut desk = Desk::open();
    add_session_credential(&mut desk, "my-key", "no origin", "the-secret-1234");
    let notice = desk.place_of_text("is no origin");
    let name = desk.rect(Role::Label, "Credentials");
    let close = desk.rect(Role::Button, "Close");
    assert!(name.top() < notice.top() && notice.bottom() < close.bottom(), "{notice} is outside the dialog");
}

#[test]
fn the_lines_of_a_diagnosis_have_names_for_screen_readers() {
    let mut desk = Desk::open();
    desk.send();
    for name in ["Field", "Reason", "Meaning", "How to resolve", "Request ID"] {
        assert!(desk.texts().iter().any(|text| text == name), "{name}");
    }
}

#[test]
fn regions_have_a_place() {
    let desk = Desk::open();
    for (name, place) in desk.all(Role::Region) {
        assert!(place.is_some(), "{name}");
    }
}

#[test]
fn a_blamed_item_that_was_taken_out_is_gone() {
    let mut desk = Desk::open();
    desk.paste("Payload", "{\"title\": \"x\", \"slug\": \"x\", \"channels\": [\"blog\", \"fax\"]}");
    desk.send();
    assert!(desk.marks()[0].starts_with("channels[1], "), "{:?}", desk.marks());
    desk.paste("Payload", "{\"title\": \"x\", \"slug\": \"x\", \"channels\": [\"blog\"]}");
    assert_eq!(desk.marks(), Vec::<String>::new());
    desk.assert_sees(&["is no longer in the payload"]);
}

#[test]
fn the_credential_that_is_shown_is_the_one_that_is_sent() {
    let mut desk = Desk::open();
    desk.send();
    let sent = desk.state(|state| state.answer.as_ref().unwrap().record.credential.clone()).unwrap();
    let shown = desk.harness.get_by_role_and_label(Role::ComboBox, "Credential").value().unwrap_or_default();
    assert!(shown.starts_with(&sent), "{shown} is shown, {sent} was sent");
}

#[test]
fn the_payload_has_line_numbers() {
    let mut desk = Desk::open();
    desk.send();
    let image = desk.harness.render().unwrap();
    let editor = desk.rect(Role::MultilineTextInput, "Payload");
    let reason = desk.all(Role::Mark)[0].1.unwrap();
    // The reason starts where the text does; left of it are the numbers.
    assert!(reason.left() - editor.left() >= 24.0, "the text starts {} points in", reason.left() - editor.left());
    let ground = image.get_pixel(editor.left() as u32 + 8, reason.bottom() as u32 + 2);
    let numbers = (editor.left() as u32 + 5..reason.left() as u32 - 4)
        .filter(|&x| (2..18).any(|down| image.get_pixel(x, reason.bottom() as u32 + down) != ground));
    assert!(numbers.count() > 3);
}

#[test]
fn the_bar_above_fits_at_720_points() {
    for size in [[760.0, 600.0], [720.0, 450.0], [640.0, 480.0]] {
        let desk = crate::layout::open(size, 2.0);
        crate::layout::assert_in_order(&desk, size, &format!("{size:?}"));
    }
}

#[test]
fn a_dialog_that_rests_does_not_move() {
    let mut desk = Desk::open();
    desk.send();
    desk.harness.get_by_role_and_label(Role::Button, "Preview").click();
    while !desk.sees("Copy this report as Markdown") || desk.harness.state_mut().app().pending_jobs() > 0 {
        desk.step();
    }
    desk.harness.run();
    let place = desk.rect(Role::Button, "Copy this report as Markdown");
    (0..12).for_each(|_| desk.step());
    assert_eq!(desk.rect(Role::Button, "Copy this report as Markdown"), place);
}

#[test]
fn the_payload_is_legible_after_the_colours_are_switched() {
    let mut switched = Desk::open();
    switched.press_button("Light colours");
    let mut fresh = Desk::open();
    fresh.press_button("Light colours");
    // Another layout of the same text, by a change that is taken back.
    let text = fresh.text_of("Payload");
    fresh.paste("Payload", "{}");
    fresh.paste("Payload", &text);
    let picture = |desk: &mut Desk| {
        desk.go_to("URL");
        desk.harness.remove_cursor();
        desk.settle();
        let (top, bottom) = (desk.rect(Role::Tab, "Body").bottom(), desk.rect(Role::Tab, "Timing").top());
        let place = desk.rect(Role::MultilineTextInput, "Payload");
        let image = desk.harness.render().unwrap();
        let rows = top as u32 + 4..bottom as u32 - 4;
        rows.flat_map(|y| (place.left() as u32 + 2..place.left() as u32 + 400).map(move |x| (x, y)))
            .map(|(x, y)| image.get_pixel(x, y).0)
            .collect::<Vec<_>>()
    };
    let (switched, fresh) = (picture(&mut switched), picture(&mut fresh));
    assert_eq!(switched.len(), fresh.len());
    // Where a glyph lies among the others that were drawn before it is chance, and rounds a point by a shade.
    let is_other = |(one, other): &(&[u8; 4], &[u8; 4])| one.iter().zip(*other).any(|(a, b)| a.abs_diff(*b) > 3);
    let different: Vec<_> = switched.iter().zip(&fresh).filter(is_other).collect();
    assert!(different.is_empty(), "points differ: {different:?}");
}

#[test]
fn a_large_payload_leaves_the_request_its_height() {
    let mut desk = Desk::open();
    let before = desk.rect(Role::Tab, "Timing").top();
    desk.paste("Payload", &"[1]\n".repeat(50_000));
    assert_eq!(desk.rect(Role::Tab, "Timing").top(), before);
}

#[test]
fn a_credential_can_be_stored_in_the_smallest_window() {
    let mut desk = crate::layout::open([640.0, 480.0], 1.0);
    desk.push(altyaa_console::app::Command::OpenDialog(altyaa_console::app::Dialog::Credentials));
    let window = eframe::egui::Rect::from_min_size(eframe::egui::Pos2::ZERO, eframe::egui::vec2(640.0, 480.0));
    for name in ["Store credential", "Close"] {
        let place = desk.rect(Role::Button, name);
        assert!(window.contains_rect(place), "{name} at {place}");
    }
}
