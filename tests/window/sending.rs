//! Type, send, see the marked field.

use std::time::Duration;

use altyaa_console::sandbox::SandboxSettings;
use eframe::egui::{Key, Modifiers, Role};

use crate::desk::{CTRL, Desk, Remote, valid_post};

#[test]
fn the_first_send_shows_the_field_the_reason_and_what_to_do() {
    let mut desk = Desk::open();
    desk.assert_sees(&["No answer yet", "0 of 5 clear"]);
    assert!(desk.marks().is_empty());
    desk.send();
    assert_eq!(desk.marks(), ["publishAt, line 4, column 16: value is in the past"]);
    desk.assert_sees(&[
        "400 Bad Request",
        "invalid_request",
        "publishAt must be a future timestamp",
        "line 4, column 16",
        "value is in the past",
        "Payload validation error.",
        "Review details for field-specific issues.",
        "Validate data types and constraints before sending.",
        "Check Payloads: failed",
    ]);
    desk.rect(Role::Button, "Go to publishAt");
    desk.rect(Role::Button, "Copy the request ID");
}

#[test]
fn what_is_typed_is_sent_and_a_list_item_is_marked() {
    let mut desk = Desk::open();
    desk.fill("URL", "{{base}}/v1/posts");
    desk.fill(
        "Payload",
        "{\"title\": \"Typed\", \"slug\": \"typed\",\n \"channels\": [\"blog\", {\"name\": \"fax\"}]}",
    );
    desk.send();
    assert_eq!(desk.marks().len(), 1);
    assert!(desk.marks()[0].starts_with("channels[1].name, line 2, column 32: "), "{:?}", desk.marks());
    desk.fill("Payload", &valid_post("typed"));
    desk.send();
    assert!(desk.marks().is_empty());
    desk.assert_sees(&["201 Created"]);
    let sent = desk.state(|state| state.answer.as_ref().unwrap().raw.text.to_string());
    assert!(sent.contains("\"slug\":\"typed\""), "{sent}");
}

#[test]
fn the_mark_follows_its_field_while_typing() {
    let mut desk = Desk::open();
    desk.send();
    let text = desk.text_of("Payload");
    desk.paste("Payload", &format!("\n\n{text}"));
    assert_eq!(desk.marks(), ["publishAt, line 6, column 16: value is in the past"]);
}

#[test]
fn a_missing_field_marks_the_object_it_belongs_in() {
    let mut desk = Desk::open();
    desk.paste("Payload", "{\n  \"titel\": \"x\"\n}");
    desk.send();
    // An unknown field stands where it was written; a missing one where it belongs.
    assert!(desk.marks()[0].starts_with("titel, line 2, column 12: "), "{:?}", desk.marks());
    desk.paste("Payload", "{\n  \"title\": \"x\"\n}");
    desk.send();
    assert!(desk.marks()[0].starts_with("slug is missing, line 1, column 1: "), "{:?}", desk.marks());
    desk.assert_sees(&["is not in the payload"]);
}

#[test]
fn a_finding_far_below_comes_into_sight() {
    let mut desk = Desk::open();
    let text = desk.text_of("Payload").replacen('{', &format!("{{{}", "\n".repeat(300)), 1);
    desk.paste("Payload", &text);
    desk.send();
    let assert_in_sight = |desk: &Desk, how: &str| {
        let (name, mark) = desk.all(Role::Mark).remove(0);
        assert!(name.starts_with("publishAt, line 304"), "{name}");
        let mark = mark.unwrap_or_else(|| panic!("{how}: the mark is out of sight"));
        // The editor lies between the tabs of the request and those of the answer.
        let (top, bottom) = (desk.rect(Role::Tab, "Body 1").bottom(), desk.rect(Role::Tab, "Timing").top());
        assert!(top < mark.top() && mark.bottom() < bottom, "{how}: {mark} is not within {top} and {bottom}");
    };
    assert_in_sight(&desk, "after the answer");
    // From another tab, each way of going there brings it back.
    desk.open_tab("Request", "Headers");
    assert!(desk.marks().is_empty());
    desk.key(Modifiers::NONE, Key::F8);
    assert_in_sight(&desk, "F8");
    desk.open_tab("Request", "Auth");
    desk.key(Modifiers::SHIFT, Key::F8);
    assert_in_sight(&desk, "Shift+F8");
    desk.open_tab("Request", "Params");
    desk.press_button("Go to publishAt");
    assert_in_sight(&desk, "the finding");
    // From the top of the same text too.
    desk.focus("Payload");
    desk.key(CTRL, Key::Home);
    assert!(desk.all(Role::Mark)[0].1.is_none_or(|mark| mark.top() > 900.0), "the mark is still in sight");
    desk.press_button("Go to publishAt");
    assert_in_sight(&desk, "the finding, after moving away");
}

#[test]
fn a_header_that_is_blamed_is_shown_among_the_headers() {
    let mut desk = Desk::open();
    desk.choose("Credential", "No credential");
    desk.send();
    desk.open_tab("Request", "Params");
    desk.press_button("Go to Authorization");
    desk.assert_sees(&["a header of the request", "ADDED WHEN SENT"]);
}

#[test]
fn a_request_can_be_cancelled() {
    let remote = Remote::start(SandboxSettings { latency: Duration::from_secs(60), ..SandboxSettings::default() });
    let mut desk = remote.desk();
    desk.click_now("Send");
    desk.wait_for("Waiting for the answer…");
    desk.click_now("Cancel");
    desk.settle();
    desk.assert_sees(&["You cancelled the request", "cancelled"]);
    desk.rect(Role::Button, "Send");
}

#[test]
fn an_address_where_nothing_listens_is_explained() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut desk = Desk::open();
    desk.fill("URL", &format!("http://127.0.0.1:{port}/v1/posts"));
    desk.send();
    desk.assert_sees(&["refused the connection", "nothing listens at", "no answer"]);
    desk.fill("URL", "{{base}}/v1/posts");
    desk.send();
    desk.assert_sees(&["400 Bad Request"]);
}

#[test]
fn the_parts_of_an_answer_are_each_shown() {
    let mut desk = Desk::open();
    desk.send();
    desk.open_tab("Answer", "Answer");
    desk.assert_sees(&["\"invalid_request\""]);
    desk.open_tab("Answer", "Headers");
    desk.assert_sees(&["x-request-id", "application/json"]);
    desk.open_tab("Answer", "Timing");
    desk.assert_sees(&["First byte", "Total"]);
    desk.open_tab("Answer", "Log");
    desk.assert_sees(&["ms"]);
}

#[test]
fn foreign_text_is_taken_as_it_is() {
    use crate::desk::Plan;
    let mut desk = Desk::open_with(Plan { has_foreign_text: true, ..Plan::default() });
    desk.paste("Payload", "{\"title\": \"冬の発売 🎉\", \"slug\": \"Ü\"}");
    desk.send();
    assert!(desk.marks()[0].starts_with("slug, line 1, column 29: "), "{:?}", desk.marks());
    desk.assert_sees(&["400 Bad Request"]);
}
