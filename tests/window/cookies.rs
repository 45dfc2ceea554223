//! The cookies: they come, are masked, revealed for ten seconds, changed, added, removed.

use altyaa_console::credentials::KeyringState;
use eframe::egui::Role;

use crate::desk::{Desk, Plan};
use crate::server::{Server, answer};

const VALUE: &str = "planted-cookie-9f8e7d";

/// A window whose environment "Sandbox" sets a cookie, with cookies on.
fn desk_on(server: &Server) -> Desk {
    let mut desk = Desk::open_with(Plan { profile: server.profile(), ..Plan::default() });
    desk.choose("Environment", "Sandbox");
    desk.press_button("Network settings");
    desk.click(Role::CheckBox, "Keep and send cookies");
    desk.press_button("Save network settings");
    desk.press_button("GET List posts");
    desk
}

fn setting() -> Server {
    let line = format!("Set-Cookie: session={VALUE}; Path=/v1; HttpOnly; Max-Age=3600\r\n");
    Server::start(move |_, _| answer("200 OK", &line, b"{}"))
}

fn open_cookies(desk: &mut Desk) {
    desk.open_tab("Request", "Auth");
    desk.press_button("Cookies…");
}

#[test]
fn without_cookies_it_is_said_how_they_come() {
    let mut desk = Desk::open();
    open_cookies(&mut desk);
    desk.assert_sees(&["No cookies yet", "Cookies are off for this environment", "Set-Cookie"]);
    let has_keyring = desk.state(|state| state.keyring.state == KeyringState::Ready);
    desk.assert_sees(&[if has_keyring { "are kept in the keyring" } else { "last until the program ends" }]);
    desk.press_button("Close");
    desk.assert_sees_not("No cookies yet");
}

#[test]
fn a_cookie_that_came_is_masked_and_revealed_for_ten_seconds() {
    let server = setting();
    let mut desk = desk_on(&server);
    desk.send();
    open_cookies(&mut desk);
    desk.assert_sees(&["session", "127.0.0.1/v1", "this host only", "HttpOnly", "lapses 20"]);
    desk.assert_sees_not(VALUE);
    desk.press_button("Reveal the value of session");
    desk.assert_sees(&[VALUE]);
    // Each frame of the harness is a quarter of a second.
    (0..50).for_each(|_| desk.step());
    desk.assert_sees_not(VALUE);
    desk.press_button("Reveal the value of session");
    desk.press_button("Hide the value of session");
    desk.assert_sees_not(VALUE);
    // What was revealed when the dialog closed is masked when it opens.
    desk.press_button("Reveal the value of session");
    desk.press_button("Close");
    desk.press_button("Cookies…");
    desk.assert_sees_not(VALUE);
}

#[test]
fn a_value_is_changed_sent_and_removed() {
    let server = setting();
    let mut desk = desk_on(&server);
    desk.send();
    open_cookies(&mut desk);
    desk.press_button("Change the value of session");
    desk.fill("New value", "other-secret-42");
    desk.assert_sees_not("other-secret-42");
    desk.press_button("Keep the new value");
    desk.press_button("Close");
    desk.send();
    assert!(server.seen()[1].contains("session=other-secret-42"), "{}", server.seen()[1]);
    open_cookies(&mut desk);
    desk.press_button("Remove the cookie session");
    desk.assert_sees(&["No cookies yet", "They come with the Set-Cookie headers"]);
}

#[test]
fn one_is_added_by_hand_and_all_are_removed_after_being_asked() {
    let server = setting();
    let mut desk = desk_on(&server);
    open_cookies(&mut desk);
    desk.press_button("Add a cookie…");
    assert_eq!(desk.text_of("Cookie domain"), "127.0.0.1");
    assert!(desk.is_disabled("Add the cookie"));
    desk.fill("Cookie name", "choice");
    desk.fill("Cookie value", "planted-by-hand");
    desk.fill("Cookie lapses", "tomorrow");
    desk.assert_sees(&["Time not readable: write one such as 2027-01-31T12:00:00Z, or nothing"]);
    assert!(desk.is_disabled("Add the cookie"));
    desk.fill("Cookie lapses", "");
    desk.press_button("Add the cookie");
    desk.assert_sees(&["choice", "no date of lapse"]);
    desk.assert_sees_not("planted-by-hand");
    desk.press_button("Close");
    desk.send();
    assert!(server.seen()[0].contains("choice=planted-by-hand"), "{}", server.seen()[0]);
    open_cookies(&mut desk);
    let count = |desk: &mut Desk| desk.state(|state| state.cookies.as_ref().unwrap().cookies.len());
    assert_eq!(count(&mut desk), 2);
    desk.press_button("Remove all…");
    assert_eq!(count(&mut desk), 2);
    desk.press_button("Remove all for good");
    assert_eq!(count(&mut desk), 0);
}

#[test]
fn a_cookie_that_is_refused_is_said_in_the_dialog() {
    let server = setting();
    let mut desk = desk_on(&server);
    open_cookies(&mut desk);
    desk.press_button("Add a cookie…");
    desk.fill("Cookie name", "a b;c");
    desk.fill("Cookie domain", "127.0.0.1");
    desk.press_button("Add the cookie");
    desk.assert_sees(&["The cookie was not kept", "Cookies of Sandbox"]);
}
