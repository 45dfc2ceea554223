//! The credentials panel: what is shown, copied, tested, replaced, allowed and signed in.

use std::time::{Duration, Instant};

use altyaa_console::app::{Command, CredentialAct, REVEAL};
use altyaa_console::exchange::CredentialChoice;
use eframe::egui::Role;

use crate::desk::{Desk, Remote, add_session_credential};
use altyaa_console::sandbox::SandboxSettings;

const SECRET: &str = "planted_1a2b3c4d5e6f70819203_last";

fn with_key(origin: &str) -> Desk {
    let mut desk = Desk::open();
    add_session_credential(&mut desk, "my-key", origin, SECRET);
    desk.press_button("More of my-key");
    desk
}

#[test]
fn a_secret_is_in_sight_only_when_asked_for_and_for_ten_seconds() {
    let mut desk = with_key("https://api.example.com");
    desk.assert_sees_not(SECRET);
    desk.press_button("Show secret my-key");
    desk.settle();
    desk.assert_sees(&[SECRET, "hidden again in"]);
    let until = desk.state(|state| state.credentials.revealed.as_ref().unwrap().until);
    let left = until.saturating_duration_since(Instant::now());
    assert!(left <= REVEAL && left > REVEAL.saturating_sub(Duration::from_secs(5)), "{left:?}");
    desk.press_button("Hide");
    desk.assert_sees_not(SECRET);
    // Time hides it as well, and so does closing the dialog.
    desk.press_button("Show secret my-key");
    desk.settle();
    desk.press_button("Close");
    desk.assert_sees_not(SECRET);
    assert!(desk.state(|state| state.credentials.revealed.is_none()));
    desk.choose("Credential", "Manage credentials…");
    desk.press_button("More of my-key");
    desk.press_button("Show secret my-key");
    desk.settle();
    std::thread::sleep(until.saturating_duration_since(Instant::now()));
    let until = desk.state(|state| state.credentials.revealed.as_ref().map(|revealed| revealed.until));
    if let Some(until) = until {
        std::thread::sleep(until.saturating_duration_since(Instant::now()) + Duration::from_millis(50));
    }
    desk.step();
    desk.step();
    desk.assert_sees_not(SECRET);
}

#[test]
fn copying_asks_once_and_nothing_of_it_passes_the_ordinary_clipboard() {
    let mut desk = with_key("https://api.example.com");
    desk.press_button("Copy secret my-key");
    desk.assert_sees(&["Every program on this computer can read the clipboard"]);
    desk.press_button("Do not copy");
    assert!(!desk.sees("Every program on this computer"));
    assert!(desk.state(|state| !state.credentials.is_copy_allowed));
    desk.press_button("Copy secret my-key");
    desk.press_button("Copy it, and do not ask again");
    desk.settle();
    assert!(!desk.copied.concat().contains(SECRET), "it went through the window's own clipboard");
    desk.press_button("Copy secret my-key");
    desk.settle();
    assert!(!desk.sees("Every program on this computer"), "asked once a run");
    desk.assert_sees_not(SECRET);
}

#[test]
fn the_token_doctor_says_what_is_wrong_and_offers_the_fix() {
    let mut desk = Desk::open();
    add_session_credential(&mut desk, "my-key", "https://api.example.com", &format!("\"{SECRET}\""));
    desk.press_button("Test my-key");
    desk.settle();
    desk.assert_sees(&["this session only"]);
    assert!(
        desk.all(Role::Label).iter().chain(&desk.all(Role::Image)).any(|(name, _)| name.contains("shape of my-key"))
            || desk.sees("quotes"),
        "{:?}",
        desk.texts()
    );
    desk.assert_sees_not(SECRET);
    desk.press_button("Clean the secret: my-key");
    desk.settle();
    desk.assert_sees(&["The secret of my-key was cleaned"]);
    desk.press_button("Show secret my-key");
    desk.settle();
    desk.assert_sees(&[SECRET]);
    assert!(!desk.sees(&format!("\"{SECRET}\"")));
}

#[test]
fn a_secret_is_replaced_and_the_binding_stays() {
    let mut desk = with_key("https://api.example.com");
    desk.press_button("Replace the secret of my-key");
    assert!(desk.is_disabled("Store new secret"));
    desk.fill("New secret", "another_secret_0123456789_new4");
    desk.press_button("Store new secret");
    desk.settle();
    desk.assert_sees(&["The secret of my-key was replaced", "···· new4", "https://api.example.com"]);
    desk.assert_sees_not("another_secret_0123456789_new4");
    assert!(desk.all(Role::PasswordInput).iter().all(|(name, _)| name != "New secret"), "the field is gone");
}

#[test]
fn a_refused_origin_is_allowed_after_it_was_shown() {
    let mut desk = with_key("https://api.example.com");
    desk.press_button("Close");
    let base = desk.state(|state| match &state.sandbox {
        altyaa_console::app::SandboxState::Running { base, .. } => base.clone(),
        other => panic!("{other:?}"),
    });
    desk.choose("Credential", "my-key");
    desk.send();
    desk.assert_sees(&["was given for https://api.example.com and does not go to"]);
    assert!(desk.state(|state| state.answer.is_none()), "nothing was sent");
    desk.press_button(&format!("Let my-key also go to {base}, for good"));
    desk.settle();
    let origins = desk.state(|state| {
        let found = state.keyring.credentials.iter().find(|credential| credential.name == "my-key").unwrap();
        found.origins.iter().map(ToString::to_string).collect::<Vec<_>>()
    });
    assert_eq!(origins, ["https://api.example.com".to_owned(), base]);
    desk.send();
    desk.assert_sees(&["401 Unauthorized"]);
}

#[test]
fn a_sign_in_that_fails_says_why_and_its_steps_can_be_looked_at() {
    let mut desk = Desk::open();
    desk.choose("Credential", "Manage credentials…");
    desk.click(Role::Tab, "Sign in (OAuth)");
    assert!(desk.is_disabled("Sign in"));
    desk.press_button("Use the local sandbox");
    desk.fill("Sign-in client id", "nobody-knows-me");
    desk.fill("Client secret", SECRET);
    desk.choose("Sign-in flow", "As the program itself");
    desk.press_button("Sign in");
    desk.settle();
    desk.assert_sees(&["sandbox-login did not get a token", "invalid_client", "Token request · 401"]);
    desk.assert_sees_not(SECRET);
    desk.press_button("Look at the token request");
    desk.settle();
    desk.assert_sees(&["401 Unauthorized", "/oauth/token", "invalid_client"]);
    for tab in ["Params", "Headers", "Auth", "Body"] {
        desk.open_tab("Request", tab);
        desk.assert_sees_not(SECRET);
    }
}

#[test]
fn a_program_signs_in_as_itself_and_its_token_is_renewed_from_the_top_bar() {
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
    desk.settle();
    desk.assert_sees(&["Signed in: service is ready", "expires in"]);
    desk.assert_sees_not(&secret);
    desk.press_button("Close");
    desk.push(Command::ChooseCredential(CredentialChoice::Named("service".into())));
    desk.send();
    desk.assert_sees(&["400 Bad Request", "value is in the past"]);
    let last4 = |desk: &mut Desk| {
        desk.state(|state| {
            let found = state.keyring.credentials.iter().find(|credential| credential.name == "service");
            found.and_then(|credential| credential.last4.clone())
        })
    };
    let before = last4(&mut desk);
    desk.push(Command::Credential(CredentialAct::Refresh("service".into())));
    desk.settle();
    desk.assert_sees(&["The token of service was refreshed"]);
    assert_ne!(last4(&mut desk), before);
}
