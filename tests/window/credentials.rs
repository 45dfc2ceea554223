//! The dialog for credentials, and that no secret stays in sight.

use altyaa_console::sandbox::SandboxSettings;
use eframe::egui::Role;

use crate::desk::{Desk, Remote, add_session_credential};

const SECRET: &str = "planted_9f8e7d6c5b4a39281706_last";

#[test]
fn a_credential_is_added_chosen_used_and_removed_after_being_asked_twice() {
    let remote = Remote::start(SandboxSettings::default());
    let mut desk = remote.desk();
    // It was added, listed and chosen on the way here; the token is a real one, so the call gets through.
    desk.send();
    desk.assert_sees(&["400 Bad Request", "invalid_request", "value is in the past"]);
    let token = remote.token("editor key");
    desk.assert_sees_not(&token);
    desk.open_tab("Request", "Auth");
    desk.assert_sees(&["Goes to http://127.0.0.1"]);
    desk.press_button("Manage credentials…");
    desk.assert_sees(&["my-key", "this session only"]);
    desk.press_button("Remove my-key");
    // Asked once nothing is gone.
    assert!(desk.state(|state| state.keyring.credentials.iter().any(|one| one.name == "my-key")));
    desk.press_button("Remove my-key for good");
    assert!(desk.state(|state| state.keyring.credentials.iter().all(|one| one.name != "my-key")));
    desk.press_button("Close");
    desk.send();
    desk.assert_sees(&["401 Unauthorized"]);
}

#[test]
fn asking_for_removal_is_forgotten_when_the_dialog_closes() {
    let mut desk = Desk::open();
    add_session_credential(&mut desk, "my-key", "https://api.example.com", SECRET);
    desk.press_button("Remove my-key");
    desk.rect(Role::Button, "Remove my-key for good");
    desk.press_button("Close");
    desk.choose("Credential", "Manage credentials…");
    desk.press_button("Remove my-key");
    assert!(desk.state(|state| state.keyring.credentials.iter().any(|one| one.name == "my-key")));
}

#[test]
fn the_form_refuses_until_it_is_complete() {
    let mut desk = Desk::open();
    desk.choose("Credential", "Manage credentials…");
    let before = desk.state(|state| state.keyring.credentials.len());
    let parts = [("Credential name", "my-key"), ("Credential origins", "https://api.example.com"), ("Secret", SECRET)];
    for left_out in parts {
        for (field, text) in parts {
            desk.fill(field, if field == left_out.0 { "" } else { text });
        }
        assert!(desk.is_disabled("Store credential"), "without {}", left_out.0);
        desk.press_button("Store credential");
        assert_eq!(desk.state(|state| state.keyring.credentials.len()), before, "without {}", left_out.0);
    }
    desk.fill("Secret", SECRET);
    assert!(!desk.is_disabled("Store credential"));
}

#[test]
fn the_secret_is_never_in_sight() {
    let mut desk = Desk::open();
    desk.choose("Credential", "Manage credentials…");
    desk.fill("Credential name", "my-key");
    desk.paste("Secret", SECRET);
    desk.assert_sees_not(SECRET);
    add_session_credential(&mut desk, "my-key", &desk_base(&mut Desk::open()), SECRET);
    desk.assert_sees_not(SECRET);
    desk.assert_sees(&["Credential my-key is kept for this session", "···· last"]);
    desk.press_button("Close");
    // Used against the sandbox, which does not know it, and reported.
    let base = desk_base(&mut desk);
    add_session_credential(&mut desk, "other-key", &base, SECRET);
    desk.press_button("Close");
    desk.choose("Credential", "other-key");
    desk.send();
    desk.assert_sees(&["401 Unauthorized", "token is not known"]);
    for tab in ["Answer", "Headers", "Timing", "Log", "Diagnosis"] {
        desk.open_tab("Answer", tab);
        desk.assert_sees_not(SECRET);
    }
    for tab in ["Params", "Headers", "Auth", "Body"] {
        desk.open_tab("Request", tab);
        desk.assert_sees_not(SECRET);
    }
    desk.press_button("Preview");
    assert!(!desk.report().contains(SECRET));
    desk.press_button("Copy this report as Markdown");
    assert!(!desk.copied.concat().contains(SECRET));
    // Nor on the disk.
    let mut files = vec![desk.dir.path().to_path_buf()];
    let mut read = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        read += 1;
        assert!(!bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "{}", path.display());
    }
    assert!(read > 0);
}

/// The address of a window's own sandbox.
fn desk_base(desk: &mut Desk) -> String {
    desk.state(|state| match &state.sandbox {
        altyaa_console::app::SandboxState::Running { base, .. } => base.clone(),
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_secret_that_was_typed_and_not_stored_is_forgotten() {
    let mut desk = Desk::open();
    desk.choose("Credential", "Manage credentials…");
    desk.fill("Secret", SECRET);
    assert!(!desk.text_of("Secret").is_empty());
    desk.press_button("Close");
    desk.choose("Credential", "Manage credentials…");
    assert_eq!(desk.text_of("Secret"), "");
    // Undo brings nothing back.
    desk.go_to("Secret");
    desk.key(crate::desk::CTRL, eframe::egui::Key::Z);
    assert_eq!(desk.text_of("Secret"), "");
}

#[test]
fn a_wrong_origin_and_a_second_of_that_name_are_refused_in_words() {
    let mut desk = Desk::open();
    add_session_credential(&mut desk, "my-key", "no origin", SECRET);
    let before = desk.state(|state| state.keyring.credentials.len());
    assert_eq!(desk.all(Role::Alert).len(), 1);
    add_session_credential(&mut desk, "my-key", "https://api.example.com", SECRET);
    add_session_credential(&mut desk, "my-key", "https://api.example.com", SECRET);
    assert_eq!(desk.state(|state| state.keyring.credentials.len()), before + 1);
    assert_eq!(desk.all(Role::Alert).len(), 1, "a refusal is said once, in the dialog");
    desk.assert_sees_not(SECRET);
}
