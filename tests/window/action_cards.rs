//! The card of a guided action: its names, its keyboard, its ways, and secrets that are typed into it.

use altyaa_console::app::{ActionAct, Command, ResponseTab, session_name};
use altyaa_console::exchange::CredentialChoice;
use altyaa_console::sandbox::SandboxSettings;
use eframe::egui::{Key, Modifiers, Role};

use crate::desk::{Desk, Plan, Remote, add_session_credential, valid_post};

fn group(desk: &Desk) -> Vec<String> {
    desk.all(Role::Group).into_iter().map(|(name, _)| name).filter(|name| name.starts_with("Guided action")).collect()
}

fn use_credential(desk: &mut Desk, name: &str) {
    desk.push(Command::ChooseCredential(CredentialChoice::Named(name.to_owned())));
}

#[test]
fn the_keyboard_alone_opens_edits_and_leaves_a_card() {
    let mut desk = Desk::open();
    desk.send();
    desk.press_button("Set publishAt");
    assert_eq!(group(&desk), ["Guided action: Set publishAt"]);
    assert!(desk.is_focused("Value of publishAt"), "the keyboard is where the value is");
    desk.key(crate::desk::CTRL, Key::A);
    desk.type_text("2032-01-02T03:04:05Z");
    desk.assert_sees(&["\"2032-01-02T03:04:05Z\""]);
    // The next stop is what does it.
    desk.key(Modifiers::NONE, Key::Tab);
    assert!(desk.is_focused("Apply and send"));
    desk.key(Modifiers::NONE, Key::Tab);
    desk.key(Modifiers::NONE, Key::Enter);
    assert!(desk.state(|state| state.draft.body.contains("2032-01-02T03:04:05Z")));
    assert_eq!(group(&desk).len(), 0);
    desk.press_button("Undo");
    desk.press_button("Set publishAt");
    // A field gives the keyboard up first, then the card is closed.
    desk.key(Modifiers::NONE, Key::Escape);
    desk.key(Modifiers::NONE, Key::Escape);
    assert_eq!(group(&desk).len(), 0);
    assert!(desk.state(|state| state.action.is_none()));
}

#[test]
fn a_field_that_is_not_known_is_removed_or_renamed_as_chosen() {
    let mut desk = Desk::open();
    desk.push(Command::SetBody("{\"titel\": \"A\", \"slug\": \"b\", \"channels\": [{\"name\": \"blog\"}]}".into()));
    desk.send();
    desk.assert_sees(&["400 Bad Request"]);
    desk.press_button("Set titel");
    desk.assert_sees(&["\"titel\": \"A\"", "becomes", "not there"]);
    desk.click(Role::RadioButton, "Rename titel");
    desk.fill("Name instead of titel", "title");
    desk.assert_sees(&["the key titel", "becomes", "\"title\""]);
    desk.press_button("Apply and send");
    desk.assert_sees(&["201 Created"]);
    assert!(desk.state(|state| state.draft.body.starts_with("{\"title\": \"A\"")));
}

#[test]
fn undo_says_what_else_it_takes_back() {
    let mut desk = Desk::open();
    desk.send();
    desk.press_button("Set publishAt");
    desk.press_button("Apply");
    desk.assert_sees(&["Done: Set publishAt"]);
    desk.assert_sees_not("goes too");
    desk.push(Command::SetMethod("PUT".into()));
    desk.assert_sees(&["What you changed in the request since then goes too"]);
    desk.press_button("Undo");
    assert_eq!(desk.state(|state| state.draft.method.clone()), "POST");
    desk.assert_sees(&["Taken back: Set publishAt"]);
}

#[test]
fn another_credential_is_shown_with_what_is_known_of_it() {
    let mut desk = Desk::open();
    desk.push(Command::SetBody(valid_post("by-another").as_str().into()));
    use_credential(&mut desk, &session_name("read-only key"));
    desk.send();
    desk.assert_sees(&["403 Forbidden"]);
    desk.press_button("Choose another credential");
    let offered: Vec<String> = desk.all(Role::RadioButton).into_iter().map(|(name, _)| name).collect();
    let editor = offered.iter().find(|name| name.starts_with("local.editor-key")).unwrap().clone();
    assert!(editor.contains("posts.read posts.write"), "{editor}");
    desk.click(Role::RadioButton, &editor);
    desk.assert_sees(&["local.read-only-key", "becomes", "local.editor-key"]);
    desk.press_button("Apply and send");
    desk.assert_sees(&["201 Created"]);
}

#[test]
fn a_new_key_is_pasted_over_the_old_one_whose_end_stays_in_sight_until_it_worked() {
    let remote = Remote::start(SandboxSettings::default());
    let mut desk = remote.desk();
    let wrong = "altyaa_sandbox_0000000000000000000000000000old4";
    desk.choose("Credential", "Manage credentials…");
    add_session_credential(&mut desk, "new-key", &remote.sandbox.base_url(), wrong);
    desk.press_button("Close");
    use_credential(&mut desk, "new-key");
    desk.send();
    desk.assert_sees(&["401 Unauthorized"]);
    desk.press_button("Regenerate the key");
    desk.assert_sees(&["new-key ends in old4", "the profile names no page for it"]);
    assert!(desk.is_disabled("Store in the old one's place"));
    // What is typed is not kept where the card is out of sight.
    desk.paste("New key", "left_behind_0123456789");
    desk.push(Command::ShowResponseTab(ResponseTab::Headers));
    desk.push(Command::ShowResponseTab(ResponseTab::Diagnosis));
    assert_eq!(desk.text_of("New key"), "");
    let token = remote.token("editor key");
    desk.paste("New key", &token);
    desk.press_button("Store in the old one's place");
    desk.assert_sees(&["The secret of new-key was replaced", "new-key before ended in ···· old4"]);
    desk.assert_sees_not(&token);
    assert_eq!(desk.text_of("New key"), "");
    desk.send();
    desk.assert_sees(&["400 Bad Request", "new-key before ended in ···· old4"]);
    desk.push(Command::SetBody(valid_post("with-new-key").as_str().into()));
    desk.send();
    desk.assert_sees(&["201 Created", "The new secret of new-key works"]);
    desk.push(Command::ShowResponseTab(ResponseTab::Diagnosis));
    desk.assert_sees_not("old4");
}

#[test]
fn a_page_is_named_by_its_host_before_it_is_opened() {
    let remote = Remote::start(SandboxSettings::default());
    let mut profile = remote.profile();
    for (topic, url) in
        [("developer_portal", "https://keys.altyaa.example/new"), ("status_page", "https://status.altyaa.example")]
    {
        profile.links.iter_mut().find(|link| link.topic == topic).unwrap().url = Some(url.into());
    }
    let mut desk = Desk::open_with(Plan { profile, ..Plan::default() });
    desk.choose("Environment", "Sandbox");
    add_session_credential(&mut desk, "my-key", &remote.sandbox.base_url(), "not_a_key_of_this_sandbox");
    desk.press_button("Close");
    use_credential(&mut desk, "my-key");
    desk.send();
    desk.assert_sees(&["401 Unauthorized"]);
    desk.press_button("Regenerate the key");
    desk.assert_sees(&["Make a new key on keys.altyaa.example"]);
    desk.rect(Role::Button, "Open keys.altyaa.example");
    desk.push(Command::Action(ActionAct::Close));
    desk.push(Command::ChooseEnvironment("local".into()));
    desk.press_button("POST Sandbox: fail the next call");
    desk.send();
    desk.press_button("GET List posts");
    desk.send();
    desk.assert_sees(&["503 Service Unavailable"]);
    desk.rect(Role::Button, "Open the status page (status.altyaa.example)");
}

#[test]
fn a_token_is_renewed_after_the_server_was_named() {
    let remote = Remote::start(SandboxSettings::default());
    let (base, secret) = remote.service();
    let mut desk = remote.desk();
    desk.choose("Credential", "Manage credentials…");
    desk.click(Role::Tab, "Sign in (OAuth)");
    desk.fill("Sign-in name", "service");
    desk.fill("Sign-in server", &base);
    desk.fill("Sign-in origins", &base);
    desk.fill("Sign-in client id", "altyaa-service");
    desk.click(Role::CheckBox, "Keep it for this session only, not in the keyring");
    desk.fill("Client secret", &secret);
    desk.choose("Sign-in flow", "As the program itself");
    desk.press_button("Sign in");
    desk.press_button("Close");
    use_credential(&mut desk, "service");
    desk.push(Command::SetWorkspace(Some("ws_contoso".into())));
    desk.send();
    desk.assert_sees(&["401 Unauthorized"]);
    desk.press_button("Refresh the token");
    desk.assert_sees(&[
        "Refresh the token of service",
        "service signs in as itself at 127.0.0.1",
        "cannot be put back",
    ]);
    desk.press_button("Refresh now");
    desk.assert_sees(&["The token of service was refreshed"]);
    assert_eq!(group(&desk).len(), 0);
}
