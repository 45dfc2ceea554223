//! Shortcuts, the palette, and Escape.

use eframe::egui::{Key, Modifiers, Role};

use crate::desk::{CTRL, Desk, Plan};

#[test]
fn ctrl_enter_sends_from_wherever_the_keyboard_is() {
    for field in ["Payload", "URL", "Filter requests and history"] {
        let mut desk = Desk::open();
        let text = desk.text_of("Payload");
        desk.go_to(field);
        desk.key(CTRL, Key::Enter);
        desk.assert_sees(&["400 Bad Request"]);
        assert_eq!(desk.state(|state| state.history.len()), 1, "{field}");
        assert_eq!(desk.text_of("Payload"), text, "{field}");
    }
}

#[test]
fn enter_in_the_url_sends() {
    let mut desk = Desk::open();
    desk.go_to("URL");
    desk.key(Modifiers::NONE, Key::Enter);
    desk.assert_sees(&["400 Bad Request"]);
}

#[test]
fn ctrl_l_and_ctrl_f_move_the_keyboard() {
    let mut desk = Desk::open();
    desk.go_to("Payload");
    desk.key(CTRL, Key::L);
    assert!(desk.is_focused("URL"));
    desk.key(CTRL, Key::F);
    assert!(desk.is_focused("Filter requests and history"));
}

#[test]
fn the_palette_runs_the_command_that_was_typed() {
    let mut desk = Desk::open();
    desk.key(CTRL, Key::K);
    assert!(desk.is_focused("Command to run"));
    desk.type_text("Show query");
    desk.assert_sees(&["Show query parameters"]);
    // Of all commands only this one is left.
    assert!(desk.all(Role::Button).iter().all(|(name, _)| name != "Next finding"));
    desk.key(Modifiers::NONE, Key::Enter);
    desk.assert_sees_not("Command to run");
    desk.assert_sees(&["The URL has no query parameters"]);
}

#[test]
fn the_palette_is_walked_with_the_arrows() {
    let mut desk = Desk::open();
    desk.key(CTRL, Key::K);
    desk.type_text("colours");
    // Dark, light, of the desktop.
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.state(|state| state.theme), altyaa_console::app::Theme::Light);
}

#[test]
fn the_palette_says_when_there_is_no_such_command() {
    let mut desk = Desk::open();
    desk.press_button("Run a command");
    desk.type_text("make coffee");
    desk.assert_sees(&["No command of that name"]);
    desk.key(Modifiers::NONE, Key::Enter);
    desk.assert_sees(&["Command to run"]);
    desk.key(Modifiers::NONE, Key::Escape);
    desk.assert_sees_not("Command to run");
    // It forgets what was typed.
    desk.key(CTRL, Key::K);
    desk.assert_sees_not("No command of that name");
}

#[test]
fn every_command_of_the_palette_can_be_run() {
    let mut desk = Desk::open();
    desk.send();
    desk.key(CTRL, Key::K);
    let titles: Vec<String> =
        desk.texts().into_iter().filter(|text| harmless_titles().contains(&text.as_str())).collect();
    assert!(harmless_titles().iter().all(|title| titles.iter().any(|seen| seen == title)), "{titles:?}");
    desk.key(Modifiers::NONE, Key::Escape);
    for title in harmless_titles() {
        desk.key(CTRL, Key::K);
        desk.type_text(title);
        desk.key(Modifiers::NONE, Key::Enter);
        for _ in 0..3 {
            desk.key(Modifiers::NONE, Key::Escape);
        }
        desk.assert_sees_not("Command to run");
    }
}

/// The commands that write nothing outside the data directory.
fn harmless_titles() -> [&'static str; 12] {
    [
        "Send the request",
        "Cancel the request",
        "Save report as…",
        "Preview report",
        "Copy report as Markdown",
        "Next finding",
        "Previous finding",
        "Credentials…",
        "Show request headers",
        "Show payload",
        "Show log",
        "Help: what the program contacts",
    ]
}

#[test]
fn escape_closes_each_dialog() {
    let mut desk = Desk::open();
    desk.send();
    let dialogs: [(&str, &str); 4] = [
        ("Help", "What the program contacts"),
        ("Run a command", "Command to run"),
        ("Preview", "The report as it will be written"),
        ("Save as…", "Report file"),
    ];
    for (button, inside) in dialogs {
        let inside = if button == "Help" { "WHAT THE PROGRAM CONTACTS BY ITSELF" } else { inside };
        desk.press_button(button);
        desk.assert_sees(&[inside]);
        desk.key(Modifiers::NONE, Key::Escape);
        desk.assert_sees_not(inside);
    }
}

#[test]
fn notices_stay_until_they_are_dismissed() {
    let notices = vec![
        ("The first thing happened".to_owned(), "Do this".to_owned()),
        ("The second thing happened".to_owned(), "Do that".to_owned()),
    ];
    let mut desk = Desk::open_with(Plan { notices, ..Plan::default() });
    desk.send();
    desk.fill("URL", "{{base}}/v1/posts?limit=1");
    desk.send();
    desk.assert_sees(&["The first thing happened", "Do this", "The second thing happened", "Do that"]);
    assert_eq!(desk.all(Role::Alert).len(), 2);
    desk.press_button("Dismiss: The first thing happened");
    desk.assert_sees_not("The first thing happened");
    desk.assert_sees(&["The second thing happened"]);
    desk.key(Modifiers::NONE, Key::Escape);
    desk.assert_sees_not("The second thing happened");
}

#[test]
fn what_is_typed_in_the_frame_of_ctrl_enter_is_what_is_sent() {
    use eframe::egui::Event;
    let mut desk = Desk::open();
    desk.fill("URL", "/v1/post");
    desk.go_to("URL");
    desk.key(Modifiers::NONE, Key::End);
    // A quick hand: the last letter and the shortcut arrive together.
    let enter = Event::Key { key: Key::Enter, physical_key: None, pressed: true, repeat: false, modifiers: CTRL };
    desk.harness.input_mut().events.extend([
        Event::Text("s".into()),
        Event::ModifiersChanged(CTRL),
        enter,
        Event::ModifiersChanged(Modifiers::NONE),
    ]);
    desk.settle();
    desk.assert_sees(&["400 Bad Request"]);
    assert!(desk.state(|state| state.history[0].url.ends_with("/v1/posts")));
}

#[test]
fn tab_leaves_the_payload_and_changes_nothing_in_it() {
    let mut desk = Desk::open();
    let before = desk.text_of("Payload");
    desk.go_to("Payload");
    desk.key(Modifiers::NONE, Key::Tab);
    assert!(!desk.is_focused("Payload"));
    assert_eq!(desk.text_of("Payload"), before);
}

#[test]
fn a_folded_column_opens_as_a_dialog() {
    let mut desk = crate::layout::open([720.0, 600.0], 1.0);
    desk.press_button("Requests and history");
    desk.press_button("GET List posts");
    desk.send();
    desk.assert_sees(&["200 OK"]);
    // The filter's shortcut leads there too.
    desk.key(CTRL, Key::F);
    desk.assert_sees(&["Filter requests and history"]);
}
