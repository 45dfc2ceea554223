//! Pasted texts in the window: read, shown and marked, without anything being sent.

use altyaa_console::app::{Command, Dialog};

use crate::desk::Desk;

const COMMAND: &str = "curl -i https://api.shop.example/v1/orders?limit=900 -H 'Authorization: Bearer planted-secret-4711' \\\n  \
    -H 'Content-Type: application/json' -d '{\"qty\": -1}'\nHTTP/1.1 422 Unprocessable Content\r\n\
    Content-Type: application/json\r\nX-Request-Id: req_9\r\n\r\n\
    {\"message\":\"The given data was invalid.\",\"errors\":{\"qty\":[\"must be positive\"]}}";

fn read(desk: &mut Desk, text: &str, status: &str) {
    desk.push(Command::OpenDialog(Dialog::Paste));
    desk.paste("Text to read", text);
    if !status.is_empty() {
        desk.fill("Status, if the text does not say it", status);
    }
    desk.press_button("Read the text");
}

#[test]
fn a_command_with_its_answer_is_diagnosed_and_nothing_is_sent() {
    let mut desk = Desk::open();
    read(&mut desk, COMMAND, "");
    desk.assert_sees(&[
        "The given data was invalid.",
        "must be positive",
        "req_9",
        "Read as a cURL command",
        "nothing was sent",
    ]);
    assert_eq!(desk.marks().len(), 1, "{:?}", desk.marks());
    desk.state(|state| {
        assert_eq!(state.dialog, Dialog::None);
        assert_eq!(state.draft.url, "/v1/orders?limit=900", "the text's host is shown and not used");
        assert!(state.draft.headers.iter().all(|line| !line.name.eq_ignore_ascii_case("authorization")));
        assert!(state.history.is_empty());
    });
    desk.press_button("Preview");
    let report = desk.report();
    assert!(report.contains("must be positive") && !report.contains("planted-secret-4711"), "{report}");
}

#[test]
fn files_that_a_command_names_are_listed_and_not_opened() {
    let mut desk = Desk::open();
    let text = "curl $BASE/v1/orders -d @order.json --proxy proxy.example:3128\nHTTP/1.1 422 X\r\nContent-Type: application/json\r\n\r\n\
                {\"message\":\"No\",\"errors\":{\"qty\":[\"must be positive\"]}}";
    read(&mut desk, text, "");
    desk.assert_sees(&["The command names more, and none of it was opened or done", "order.json", "must be positive"]);
    desk.state(|state| {
        assert_eq!(state.draft.url, "/v1/orders");
        let diagnosis = state.answer.as_ref().unwrap().diagnosis.as_ref().unwrap();
        assert_eq!(diagnosis.fields[0].span, None, "what is in the file is not known");
    });
}

#[test]
fn a_body_alone_needs_its_status() {
    let mut desk = Desk::open();
    let body = r#"{"error":{"code":"not_found","message":"No such post","details":{"reason":"post was deleted"}}}"#;
    read(&mut desk, body, "");
    desk.assert_sees(&["The text does not say the answer's status", "type it beside the text"]);
    desk.fill("Status, if the text does not say it", "404");
    desk.press_button("Read the text");
    desk.assert_sees(&["No such post", "not_found", "404 Not Found", "Resource does not exist"]);
}

#[test]
fn a_request_alone_is_no_answer() {
    let mut desk = Desk::open();
    read(&mut desk, "curl https://api.shop.example/v1/orders", "");
    desk.assert_sees(&["There is no answer in the text"]);
    assert!(desk.state(|state| state.answer.is_none()));
}

#[test]
fn a_misspelled_key_is_renamed_and_keeps_its_value() {
    let mut desk = Desk::open();
    let text = "curl /v1/orders -d '{\"titel\": \"A\", \"qty\": 1}'\nHTTP/1.1 422 X\r\nContent-Type: application/json\r\n\r\n\
                {\"message\":\"No\",\"errors\":{\"title\":[\"is required\"]}}";
    read(&mut desk, text, "");
    desk.press_button("Set title");
    desk.assert_sees(&["the key titel", "becomes", "its value stays"]);
    desk.press_button("Apply");
    assert_eq!(desk.state(|state| state.draft.body.to_string()), r#"{"title": "A", "qty": 1}"#);
    desk.press_button("Undo");
    assert_eq!(desk.state(|state| state.draft.body.to_string()), r#"{"titel": "A", "qty": 1}"#);
}
