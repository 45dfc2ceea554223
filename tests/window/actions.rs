//! Guided actions against the real sandbox: shown, edited, done, taken back.

use altyaa_console::app::{ActionAct, Command, RequestTab};

use crate::desk::{Desk, valid_post};

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
    desk.assert_sees(&["The request was changed: Set publishAt"]);
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

#[test]
fn a_workspace_header_that_was_left_out_is_added_and_taken_out_again() {
    let mut desk = Desk::open();
    desk.push(Command::SetWorkspace(Some(String::new())));
    desk.send();
    desk.assert_sees(&["401 Unauthorized"]);
    desk.press_button("Add or correct X-Altyaa-Workspace");
    desk.assert_sees(&["header X-Altyaa-Workspace", "not there", "becomes", "ws_northwind"]);
    desk.press_button("Apply and send");
    desk.assert_sees(&["publishAt must be a future timestamp"]);
    desk.press_button("Undo");
    assert_eq!(desk.state(|state| state.draft.workspace.clone()), Some(String::new()), "left out as before");
}

#[test]
fn the_scope_that_is_missing_stands_beside_those_that_the_key_has() {
    let mut desk = Desk::open();
    desk.choose("Credential", "local.read-only-key");
    desk.send();
    desk.assert_sees(&["403 Forbidden"]);
    let before = desk.state(|state| state.draft.clone());
    desk.press_button("Show the missing scope");
    desk.assert_sees(&[
        "Needed: posts.write (by WWW-Authenticate)",
        "local.read-only-key has:",
        "Missing: posts.write",
    ]);
    desk.press_button("Close");
    desk.assert_sees_not("Needed: posts.write");
    assert_eq!(desk.state(|state| state.draft.clone()), before, "it only tells");
}

/// The id of the post that was made last.
fn made(desk: &mut Desk) -> String {
    desk.state(|state| {
        let text = &state.answer.as_ref().unwrap().raw.text;
        let answer: serde_json::Value = serde_json::from_str(text).unwrap();
        answer["id"].as_str().or(answer["data"]["id"].as_str()).unwrap_or_else(|| panic!("{text}")).to_owned()
    })
}

fn call(desk: &mut Desk, method: &str, url: &str, body: &str) {
    desk.push(Command::SetMethod(method.into()));
    desk.push(Command::SetUrl(url.into()));
    desk.push(Command::SetBody(body.into()));
    desk.send();
}

#[test]
fn a_free_slug_is_proposed_after_the_list_was_asked() {
    let mut desk = Desk::open();
    let body = valid_post("launch-x");
    call(&mut desk, "POST", "{{base}}/v1/posts", &body);
    desk.assert_sees(&["201 Created"]);
    desk.send();
    desk.assert_sees(&["409 Conflict"]);
    desk.press_button("Propose a free slug");
    desk.assert_sees(&["GET {{base}}/v1/posts", "the slugs that are taken"]);
    let calls = desk.state(|state| state.history.len());
    desk.press_button("Ask the API");
    desk.assert_sees(&["becomes", "\"launch-x-2\""]);
    assert_eq!(desk.state(|state| state.draft.body.to_string()), body);
    desk.press_button("Apply and send");
    desk.assert_sees(&["201 Created"]);
    assert!(desk.state(|state| state.history.len()) > calls, "what was asked stands in the history");
}

#[test]
fn the_latest_state_is_merged_into_the_payload() {
    let mut desk = Desk::open();
    call(&mut desk, "POST", "{{base}}/v1/posts", &valid_post("launch-y"));
    let id = made(&mut desk);
    let url = format!("{{{{base}}}}/v1/posts/{id}");
    call(&mut desk, "PATCH", &url, r#"{"title": "Second"}"#);
    desk.assert_sees(&["200 OK"]);
    call(&mut desk, "PATCH", &url, r#"{"title": "Third", "version": 1}"#);
    desk.assert_sees(&["409 Conflict"]);
    desk.press_button("Fetch the latest state");
    desk.press_button("Ask the API");
    desk.assert_sees(&["Take the latest title", "\"Third\"", "\"Second\"", "Take the latest version"]);
    desk.press_button("Apply and send");
    desk.assert_sees(&["200 OK"]);
    assert_eq!(desk.state(|state| state.draft.body.to_string()), r#"{"title": "Third", "version": 2}"#);
}

#[test]
fn an_id_is_there_deleted_or_unknown() {
    let mut desk = Desk::open();
    call(&mut desk, "POST", "{{base}}/v1/posts", &valid_post("launch-z"));
    let id = made(&mut desk);
    let url = format!("{{{{base}}}}/v1/posts/{id}");
    call(&mut desk, "DELETE", &url, "");
    call(&mut desk, "PATCH", &url, r#"{"title": "x"}"#);
    desk.assert_sees(&["404 Not Found"]);
    desk.press_button("Check the ids of this call");
    desk.assert_sees(&[&format!("GET {{{{base}}}}/v1/posts/{id}"), "(path)"]);
    desk.press_button("Ask the API");
    desk.assert_sees(&["it was deleted"]);
    call(&mut desk, "GET", "{{base}}/v1/posts/post_00000000000000000000000000", "");
    desk.press_button("Check the ids of this call");
    desk.press_button("Ask the API");
    desk.assert_sees(&["it is not there, or lies outside this workspace"]);
}

#[test]
fn a_missing_field_is_its_misspelled_neighbour_or_a_new_member() {
    let mut desk = Desk::open();
    call(
        &mut desk,
        "POST",
        "{{base}}/v1/posts",
        "{\n  \"slug\": \"launch-m\",\n  \"channels\": [{\"name\": \"blog\"}]\n}",
    );
    desk.assert_sees(&["400 Bad Request"]);
    desk.press_button("Set title");
    desk.fill("Value of title", "A launch");
    desk.assert_sees(&["not there", "\"title\": \"A launch\""]);
    desk.press_button("Apply and send");
    desk.assert_sees(&["201 Created"]);
    let body = "{\n  \"slug\": \"launch-m\",\n  \"channels\": [{\"name\": \"blog\"}],\n  \"title\": \"A launch\"\n}";
    assert_eq!(desk.state(|state| state.draft.body.to_string()), body);
}
