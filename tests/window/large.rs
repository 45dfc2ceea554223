//! Payloads that no editor could hold: pasted, shown, sent, without the window standing still.

use std::time::{Duration, Instant};

use eframe::egui::{Event, Key};

use crate::desk::{CTRL, Desk};

/// The longest that one frame may take: far above what it does take, far below a window that stands still.
const FRAME: Duration = Duration::from_secs(5);

/// Pastes into the payload and draws until it was looked over; no frame may take too long.
fn paste(desk: &mut Desk, text: String) {
    desk.go_to("Payload");
    desk.harness.key_press_modifiers(CTRL, Key::A);
    desk.step();
    let length = text.len();
    desk.harness.event(Event::Paste(text));
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let start = Instant::now();
        desk.step();
        assert!(start.elapsed() < FRAME, "a frame took {:?}", start.elapsed());
        let is_done =
            desk.state(|state| state.draft.body.len() == length && state.inspected_revision == state.body_revision);
        if is_done && desk.harness.state_mut().app().pending_jobs() == 0 {
            break;
        }
        assert!(Instant::now() < deadline, "the payload was never looked over");
    }
    let start = Instant::now();
    desk.settle();
    assert!(start.elapsed() < 4 * FRAME, "drawing took {:?}", start.elapsed());
}

#[test]
fn a_hundred_thousand_levels_are_shown_and_sent() {
    let mut desk = Desk::open();
    paste(&mut desk, "[".repeat(100_000) + &"]".repeat(100_000));
    desk.assert_sees(&["This payload of 200.0 kB is shown, not edited", "[[[["]);
    assert!(desk.state(|state| state.inspection.is_json));
    desk.send();
    desk.assert_sees(&["400 Bad Request", "invalid_request"]);
    // And a call that works after it.
    desk.press_button("Remove it");
    assert_eq!(desk.text_of("Payload"), "");
    desk.press_button("GET List posts");
    desk.send();
    desk.assert_sees(&["200 OK"]);
}

#[test]
fn ten_megabytes_are_shown_and_sent() {
    let mut desk = Desk::open();
    let row = format!("  \"{}\",\n", "x".repeat(95));
    let mut text = String::from("[\n");
    while text.len() < 10_000_000 {
        text.push_str(&row);
    }
    text.push_str("  1\n]");
    paste(&mut desk, text);
    desk.assert_sees(&["This payload of 10.0 MB is shown, not edited"]);
    desk.send();
    // The sandbox takes 1 MiB; that it says so shows that the whole was sent.
    desk.assert_sees(&["413 Payload Too Large"]);
    desk.press_button("Preview");
    desk.assert_sees(&["The report as it will be written"]);
    desk.press_button("Close");
}

#[test]
fn a_large_payload_that_is_no_json_says_where() {
    let mut desk = Desk::open();
    let text = "[\n".to_owned() + &"1,\n".repeat(100_000) + "?]";
    paste(&mut desk, text);
    desk.assert_sees(&["Not JSON from here", "(line 100002, column 1)"]);
}

#[test]
fn the_deepest_payload_that_is_still_edited_can_be_typed_in() {
    let mut desk = Desk::open();
    paste(&mut desk, "[".repeat(60_000) + &"]".repeat(60_000));
    let start = Instant::now();
    desk.harness.event(Event::Text(" ".to_owned()));
    desk.step();
    assert!(start.elapsed() < FRAME, "a key took {:?}", start.elapsed());
    desk.settle();
    assert_eq!(desk.state(|state| state.draft.body.len()), 120_001);
    desk.send();
    desk.assert_sees(&["400 Bad Request"]);
}
