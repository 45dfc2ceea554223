//! Findings outside of JSON: the path of the address, parameters, headers, forms and query text.

use eframe::egui::{Key, Modifiers};

use crate::desk::{Desk, Plan};
use crate::server::{Server, answer};

/// A window on a server that blames these places, each with its own reason.
fn desk_blaming(places: &'static [(&str, &str)]) -> (Server, Desk) {
    let blamed = |(loc, msg): &(&str, &str)| format!("{{\"loc\":{loc},\"msg\":\"{msg}\",\"type\":\"t\"}}");
    let body = format!("{{\"detail\":[{}]}}", places.iter().map(blamed).collect::<Vec<_>>().join(","));
    desk_answering(body)
}

fn desk_answering(body: String) -> (Server, Desk) {
    let headers = "Content-Type: application/json\r\n";
    let server = Server::start(move |_, _| answer("422 Unprocessable Content", headers, body.as_bytes()));
    let mut desk = Desk::open_with(Plan { profile: server.profile(), ..Plan::default() });
    desk.choose("Environment", "Sandbox");
    (server, desk)
}

#[test]
fn the_path_a_parameter_and_a_header_are_blamed_beside_themselves() {
    let (_server, mut desk) = desk_blaming(&[
        (r#"["path","postId"]"#, "no such post"),
        (r#"["query","pageSize"]"#, "too large"),
        (r#"["header","idempotency_key"]"#, "used before"),
    ]);
    desk.press_button("GET List posts");
    desk.fill("URL", "{{base}}/v1/posts/12?page_size=500");
    desk.send();
    desk.key(Modifiers::NONE, Key::F8);
    desk.assert_sees(&["Path segment 12: no such post", "too large", "The request spells it page_size"]);
    // The mark follows the segment, and says when it is gone.
    desk.fill("URL", "{{base}}/v1/posts/13/x?page_size=500");
    desk.assert_sees(&["Path segment 13: no such post", "too large"]);
    desk.fill("URL", "{{base}}/v1/posts");
    desk.assert_sees(&["postId is no longer in the path"]);
}

#[test]
fn a_form_is_marked_and_is_no_broken_json() {
    let (_server, mut desk) =
        desk_blaming(&[(r#"["body","user","email"]"#, "is no address"), (r#"["body","agee"]"#, "is missing")]);
    desk.press_button("POST Schedule a post");
    desk.fill("Payload", "age=1&user%5Bemail%5D=nobody");
    desk.send();
    desk.assert_sees(&["form · 28 B", "is not in the payload; did you mean age?"]);
    let marks = desk.state(|state| state.inspection.marks.clone());
    assert_eq!(marks.len(), 1, "{marks:?}");
    assert_eq!((marks[0].span.start, marks[0].span.end), (22, 28));
    desk.fill("Payload", "user%5Bemail%5D=someone&age=1");
    desk.key(Modifiers::NONE, Key::F8);
    let marks = desk.state(|state| state.inspection.marks.clone());
    assert_eq!((marks[0].span.start, marks[0].span.end), (16, 23));
    desk.fill("Payload", "age=1");
    desk.assert_sees(&["is no longer in the payload"]);
}

#[test]
fn query_text_is_marked_at_its_token() {
    let body = r#"{"errors":[{"message":"Cannot query field \"nmae\" on type \"User\".","locations":[{"line":1,"column":10}]}]}"#;
    let (_server, mut desk) = desk_answering(body.to_owned());
    desk.press_button("POST Schedule a post");
    desk.fill("Payload", r#"{"query": "{ user { nmae } }"}"#);
    desk.send();
    let marks = desk.state(|state| state.inspection.marks.clone());
    assert_eq!((marks[0].span.start, marks[0].span.end), (20, 24));
    desk.fill("Payload", r#"{"query": "{ user { id nmae } }"}"#);
    let marks = desk.state(|state| state.inspection.marks.clone());
    assert_eq!((marks[0].span.start, marks[0].span.end), (23, 27));
}
