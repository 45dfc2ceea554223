//! The left column: history, grouped errors, filter.

use eframe::egui::Role;

use crate::desk::{Desk, Plan, valid_post};

/// A window in which a call failed and another worked.
fn two_calls() -> Desk {
    let mut desk = Desk::open();
    desk.send();
    desk.press_button("GET List posts");
    desk.send();
    desk.assert_sees(&["200 OK"]);
    desk
}

/// The history's rows by name.
fn rows(desk: &Desk) -> Vec<String> {
    desk.all(Role::Button).into_iter().map(|(name, _)| name).filter(|name| name.contains(" /v1/posts, ")).collect()
}

#[test]
fn a_row_opens_its_request_with_its_answer() {
    let mut desk = two_calls();
    assert_eq!(rows(&desk), ["GET /v1/posts, 200, now", "POST /v1/posts, 400, now"]);
    assert_eq!(desk.text_of("Payload"), "");
    desk.press_button("POST /v1/posts, 400, now");
    assert!(desk.text_of("Payload").contains("\"publishAt\": \"2024-01-05T09:00:00Z\""));
    assert_eq!(desk.text_of("URL"), "{{base}}/v1/posts");
    desk.assert_sees(&["400 Bad Request", "invalid_request"]);
    assert_eq!(desk.marks(), ["publishAt, line 4, column 16: value is in the past"]);
    desk.open_tab("Answer", "Answer");
    desk.assert_sees(&["From the history: secrets were removed"]);
    // It can be sent again as it is.
    desk.send();
    desk.assert_sees(&["400 Bad Request"]);
    assert_eq!(rows(&desk).len(), 3);
}

#[test]
fn an_entry_of_yesterday_can_be_sent_today() {
    let mut desk = Desk::open();
    desk.send();
    let Desk { harness, dir, .. } = desk;
    drop(harness);
    // Another start: another port, other tokens.
    let mut desk = Desk::open_in(dir, Plan::default());
    desk.press_button("POST /v1/posts, 400, now");
    desk.paste("Payload", &valid_post("today"));
    desk.send();
    desk.assert_sees(&["201 Created"]);
}

#[test]
fn the_filter_filters_and_says_when_nothing_matches() {
    let mut desk = two_calls();
    desk.fill("Filter requests and history", "invalid_req");
    assert_eq!(rows(&desk), ["POST /v1/posts, 400, now"]);
    desk.assert_sees_not("GET List posts");
    desk.fill("Filter requests and history", "LIST");
    assert!(rows(&desk).is_empty());
    desk.rect(Role::Button, "GET List posts");
    desk.fill("Filter requests and history", "nowhere");
    desk.assert_sees(&["Nothing matches the filter"]);
    desk.press_button("Clear the filter");
    assert_eq!(desk.text_of("Filter requests and history"), "");
    assert_eq!(rows(&desk).len(), 2);
}

#[test]
fn the_history_is_found_by_request_id_and_status() {
    let mut desk = two_calls();
    let id = desk.state(|state| state.history[1].request_id.clone()).unwrap();
    for text in [id.as_str(), "400"] {
        desk.fill("Filter requests and history", text);
        assert_eq!(rows(&desk), ["POST /v1/posts, 400, now"], "{text}");
    }
}

#[test]
fn errors_are_grouped_by_code_and_field() {
    let mut desk = Desk::open();
    desk.send();
    desk.send();
    desk.rect(Role::Button, "invalid_request publishAt, 2 times");
    desk.press_button("GET List posts");
    desk.send();
    desk.press_button("invalid_request publishAt, 2 times");
    assert_eq!(rows(&desk), ["POST /v1/posts, 400, now"; 2]);
}
