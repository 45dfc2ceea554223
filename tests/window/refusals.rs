//! What is refused beside its field before anything is sent, and what is only marked.

use altyaa_console::app::Command;
use eframe::egui::{Rect, Role};

use crate::desk::Desk;

/// Sends, and looks for the words within so many points below the field.
#[track_caller]
fn assert_refused(desk: &mut Desk, field: Rect, words: &[&str]) {
    desk.send();
    for text in words {
        let place = desk.place_of_text(text);
        let is_beside = field.top() <= place.top() && place.top() < field.bottom() + 60.0;
        assert!(is_beside, "{text} at {place} is not beside {field}");
    }
    desk.assert_sees(&["No answer yet", "Nothing sent yet"]);
}

#[test]
fn a_wrong_url_is_refused_beside_it() {
    let cases = [
        ("", "There is no URL", "Write a path such as /v1/posts or a whole address"),
        ("example.com/v1", "has no scheme", "Begin with https:// or http://"),
        ("http://[", "This is no URL", "Write it like https://host/path?name=value"),
        ("ftp://host/x", "The scheme ftp cannot be sent", "Use https:// or http://"),
        ("https://user:pw@host/x", "holds a user name or password", "add a credential"),
        ("{{bse}}/v1/posts", "The variable {{bse}} is not known", "use {{base}}"),
    ];
    let mut desk = Desk::open();
    for (url, what, fix) in cases {
        desk.fill("URL", url);
        let field = desk.rect(Role::TextInput, "URL");
        assert_refused(&mut desk, field, &[what, fix]);
    }
    // The words go when the URL is changed, and a right one is sent.
    desk.fill("URL", "{{base}}/v1/posts");
    desk.assert_sees_not("is not known");
    desk.send();
    desk.assert_sees(&["400 Bad Request"]);
}

#[test]
fn a_wrong_method_is_refused_beside_it() {
    let mut desk = Desk::open();
    // The window offers right ones only; a wrong one can come from a profile or the history.
    for (method, what) in [("CONNECT", "asks a proxy for a tunnel"), ("BAD METHOD", "is no HTTP method")] {
        desk.push(Command::SetMethod(method.to_owned()));
        let field = desk.rect(Role::ComboBox, "Method");
        assert_refused(&mut desk, field, &[what, "Write GET, POST"]);
    }
    desk.choose("Method", "GET");
    desk.assert_sees_not("is no HTTP method");
    desk.send();
    desk.assert_sees(&["200 OK"]);
}

#[test]
fn a_wrong_header_is_refused_beside_it() {
    let mut desk = Desk::open();
    desk.open_tab("Request", "Headers");
    desk.press_button("Add a header");
    desk.press_button("Add a header");
    let cases = [
        ("X Bad", "1", "is no header name", "the colon is not part of the name"),
        ("", "1", "A header has a value but no name", "Write the name or remove the line"),
        ("Host", "x", "is set by the connection itself", "Remove the line"),
        ("X-Ok", "{{nope}}", "The variable {{nope}} is not known", "{{base}}"),
    ];
    for (name, value, what, fix) in cases {
        desk.fill("Header 2 name", name);
        desk.fill("Header 2 value", value);
        // From elsewhere the tab is opened.
        desk.open_tab("Request", "Body");
        desk.send();
        let field = desk.rect(Role::TextInput, "Header 2 name");
        assert_refused(&mut desk, field, &[what, fix]);
    }
    desk.fill("Header 2 name", "X-Right");
    desk.fill("Header 2 value", "1");
    desk.send();
    desk.assert_sees(&["400 Bad Request"]);
}

#[test]
fn an_environment_that_cannot_be_reached_sends_no_credential() {
    let mut desk = Desk::open();
    desk.choose("Credential", "local.editor-key");
    // Another origin than the one that the key is bound to.
    desk.fill("URL", "http://127.0.0.1:9/v1/posts");
    desk.send();
    desk.assert_sees(&["No answer yet"]);
    desk.assert_sees(&["Manage credentials…"]);
    assert!(desk.state(|state| state.problem.is_some() && state.history.is_empty()));
}

#[test]
fn a_payload_that_is_no_json_is_marked_at_the_first_wrong_byte_and_sent() {
    let mut desk = Desk::open();
    desk.paste("Payload", "{\n  \"title\": \"x\",\n  \"slug\": tru\n}");
    assert_eq!(desk.marks().len(), 1);
    assert!(desk.marks()[0].starts_with("Payload, line 3, column 14: Not JSON from here: "), "{:?}", desk.marks());
    desk.send();
    desk.assert_sees(&["400 Bad Request", "payload is not JSON"]);
    let sent = desk.state(|state| state.answer.as_ref().unwrap().record.request_body.text.clone());
    assert!(sent.contains("\"slug\": tru"), "{sent}");
    desk.paste("Payload", "{}");
    assert!(desk.marks().is_empty(), "{:?}", desk.marks());
}
