//! Guided actions against the real sandbox: shown, edited, done, taken back.

use altyaa_console::app::{ActionAct, Command, RequestTab};

use crate::desk::Desk;

#[test]
fn the_field_is_set_to_a_future_time_after_it_was_shown_and_sent_again() {
    let mut desk = Desk::open();
    let before = desk.state(|state| state.draft.body.to_string());
    desk.send();
    desk.press_button("Set publishAt");
    desk.assert_sees(&["becomes", "\"2024-01-05T09:00:00Z\""]);
    assert_eq!(desk.state(|state| state.draft.body.to_string()), before, "nothing is changed before it is applied");
    desk.press_button("Apply and send");
    desk.assert_sees(&["201 Created"]);
    let after = desk.state(|state| state.draft.body.to_string());
    let without_value = |text: &str| {
        let at = text.find("publishAt").unwrap() + "publishAt\": \"".len();
        let end = at + text[at..].find('"').unwrap();
        format!("{}{}", &text[..at], &text[end..])
    };
    assert_ne!(before, after);
    assert_eq!(without_value(&before), without_value(&after), "only the value's bytes changed");
    desk.push(Command::Action(ActionAct::Undo));
    assert_eq!(desk.state(|state| state.draft.body.to_string()), before, "byte for byte");
}

#[test]
fn a_proposal_can_be_edited_left_and_taken_back() {
    let mut desk = Desk::open();
    desk.send();
    desk.press_button("Set publishAt");
    desk.fill("Value of publishAt", "2031-05-06T07:08:09Z");
    desk.assert_sees(&["\"2031-05-06T07:08:09Z\""]);
    desk.press_button("Leave it");
    desk.assert_sees_not("becomes");
    desk.press_button("Set publishAt");
    desk.fill("Value of publishAt", "2031-05-06T07:08:09Z");
    desk.press_button("Apply");
    assert!(desk.state(|state| state.draft.body.contains("2031-05-06T07:08:09Z")));
    desk.press_button("Undo");
    assert!(desk.state(|state| state.draft.body.contains("2024-01-05T09:00:00Z")));
}

#[test]
fn the_workspace_header_is_put_right() {
    let mut desk = Desk::open();
    desk.push(Command::SetWorkspace(Some("ws_nowhere".into())));
    desk.push(Command::ShowRequestTab(RequestTab::Body));
    desk.send();
    desk.press_button("Add or correct X-Altyaa-Workspace");
    desk.assert_sees(&["header X-Altyaa-Workspace", "ws_nowhere", "becomes", "ws_northwind"]);
    desk.press_button("Apply and send");
    desk.assert_sees(&["publishAt must be a future timestamp"]);
}
