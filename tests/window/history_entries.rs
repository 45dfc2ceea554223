//! What can be done with an entry of the history: pin, note, delete and undo, compare, copy, by pointer and keyboard.

use eframe::egui::{Key, Modifiers, Role};

use crate::desk::{CTRL, Desk, Plan, valid_post};

const FAILED: &str = "POST /v1/posts, 400, now";

/// A window with one failed call in its history.
fn one_failure() -> Desk {
    let mut desk = Desk::open();
    desk.send();
    desk
}

/// Opens the menu of a row by keyboard.
fn open_menu(desk: &mut Desk, row: &str) {
    desk.harness.get_by_role_and_label(Role::Button, row).focus();
    desk.settle();
    desk.key(Modifiers::SHIFT, Key::F10);
}

fn choose(desk: &mut Desk, row: &str, item: &str) {
    open_menu(desk, row);
    desk.press_button(item);
}

use egui_kittest::kittest::Queryable as _;

fn count(desk: &Desk, name: &str) -> usize {
    desk.all(Role::Button).into_iter().filter(|(label, _)| label == name).count()
}

#[test]
fn the_menu_opens_by_right_click_by_key_and_by_its_sign() {
    let mut desk = one_failure();
    desk.harness.get_by_role_and_label(Role::Button, FAILED).click_secondary();
    desk.settle();
    desk.assert_sees(&["Open as new draft", "Pin", "Note…", "Compare with…", "Compare with last good", "Copy id"]);
    desk.key(Modifiers::NONE, Key::Escape);
    desk.assert_sees_not("Compare with last good");
    open_menu(&mut desk, FAILED);
    desk.assert_sees(&["Compare with last good"]);
    assert!(desk.is_focused("Open as new draft"), "the keyboard is in the menu");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.press_button("What to do with the entry");
    desk.assert_sees(&["Compare with last good"]);
}

#[test]
fn an_entry_is_pinned_and_found_among_the_pinned() {
    let mut desk = one_failure();
    desk.press_button("GET List posts");
    desk.send();
    choose(&mut desk, FAILED, "Pin");
    assert!(desk.state(|state| state.history[1].pinned && !state.history[0].pinned));
    desk.assert_sees(&["invalid_request, publishAt, pinned"]);
    desk.press_button("Filter the history");
    desk.press_button("Only pinned");
    assert_eq!(desk.state(|state| state.history.len()), 1);
    desk.key(Modifiers::NONE, Key::Escape);
    // What is no longer pinned is no longer among them.
    choose(&mut desk, FAILED, "Unpin");
    desk.assert_sees(&["Nothing matches the filter"]);
    desk.press_button("Remove the filter: Only pinned");
    assert_eq!(desk.state(|state| state.history.len()), 2);
}

#[test]
fn a_note_is_written_searched_and_loses_its_secrets() {
    let mut desk = one_failure();
    choose(&mut desk, FAILED, "Note…");
    let token = "sk_live_4eC39HqLyjWDarjtT1zdp7dcABCD";
    desk.fill("Note", &format!("asked Kowalski about it, key {token}"));
    desk.key(CTRL, Key::Enter);
    desk.assert_sees_not("Save the note");
    let note = desk.state(|state| state.history[0].note.clone()).unwrap();
    assert!(note.contains("asked Kowalski") && !note.contains(token), "{note}");
    desk.fill("Filter requests and history", "kowal");
    assert_eq!(count(&desk, FAILED), 1);
    choose(&mut desk, FAILED, "Note…");
    assert!(desk.text_of("Note").contains("Kowalski"));
    desk.press_button("Remove the note");
    assert_eq!(desk.state(|state| state.history.first().and_then(|entry| entry.note.clone())), None);
}

#[test]
fn a_deleted_entry_is_put_back() {
    let mut desk = one_failure();
    desk.harness.get_by_role_and_label(Role::Button, FAILED).focus();
    desk.settle();
    desk.key(Modifiers::NONE, Key::Delete);
    desk.assert_sees(&["1 entry was deleted", "It can be put back for ten minutes", "Nothing sent yet"]);
    assert_eq!(count(&desk, FAILED), 0);
    // The offer outlives the next request.
    desk.press_button("GET List posts");
    desk.send();
    desk.press_button("Undo");
    desk.assert_sees(&["The entry was put back"]);
    desk.assert_sees_not("1 entry was deleted");
    assert_eq!(count(&desk, FAILED), 1);
    assert_eq!(desk.state(|state| state.history.len()), 2);
}

#[test]
fn two_entries_are_compared() {
    let mut desk = one_failure();
    desk.paste("Payload", &valid_post("compared"));
    desk.send();
    let good = "POST /v1/posts, 201, now";
    choose(&mut desk, FAILED, "Compare with…");
    desk.assert_sees(&["Choose what to compare POST /v1/posts, 400 with"]);
    desk.press_button(good);
    desk.assert_sees(&["Compare two calls", "Payload", "/publishAt", "not there", "DIFFERENT IN ANY TWO CALLS"]);
    // The older one is the first.
    let heads = desk.state(|state| match &state.history_view.compared {
        altyaa_console::app::Compared::Ready { before, after, .. } => (before.status, after.status),
        other => panic!("{other:?}"),
    });
    assert_eq!(heads, (Some(400), Some(201)));
    desk.press_button("Close");
    desk.assert_sees_not("Choose what to compare");
    desk.assert_sees_not("Compare two calls");
}

#[test]
fn the_same_call_twice_differs_in_nothing_that_matters() {
    let mut desk = Desk::open();
    desk.press_button("GET List posts");
    desk.send();
    desk.send();
    let last = desk.state(|state| state.history[0].id.clone());
    let act = altyaa_console::app::EntryAct::CompareWithLastGood;
    desk.push(altyaa_console::app::Command::History(altyaa_console::app::HistoryAct::Act(last, act)));
    desk.assert_sees(&["both were sent and answered alike"]);
}

#[test]
fn a_failure_offers_the_last_good_call_or_says_that_there_is_none() {
    let mut desk = one_failure();
    let bad = desk.text_of("Payload");
    desk.assert_sees(&["None of this endpoint in the history yet"]);
    desk.paste("Payload", &valid_post("good"));
    desk.send();
    desk.assert_sees_not("Last good call");
    desk.paste("Payload", &bad);
    desk.send();
    desk.press_button("Compare with the last good call of this endpoint");
    desk.assert_sees(&["Compare two calls", "/publishAt", "2024-01-05T09:00:00Z"]);
    desk.press_button("Open the first");
    desk.assert_sees(&["201 Created"]);
}

#[test]
fn a_failure_says_how_often_it_was_seen() {
    let mut desk = one_failure();
    desk.assert_sees_not("Also seen");
    desk.send();
    desk.assert_sees(&["Also seen", "2 times, first on"]);
    desk.press_button("GET List posts");
    desk.send();
    desk.press_button(FAILED_FIRST);
    assert_eq!(count(&desk, FAILED), 2);
}

/// The group of the failures, in the list above the history.
const FAILED_FIRST: &str = "invalid_request publishAt, 2 times";

#[test]
fn an_id_is_copied_and_a_reopened_one_is_named_by_the_palette() {
    let mut desk = one_failure();
    let id = desk.state(|state| state.history[0].id.clone());
    choose(&mut desk, FAILED, "Copy id");
    assert_eq!(desk.copied.as_slice(), std::slice::from_ref(&id));
    desk.key(CTRL, Key::K);
    desk.type_text("Copy the id of the open");
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.copied, [id.clone(), id]);
}

#[test]
fn the_note_of_an_open_entry_that_the_list_does_not_show_is_not_lost() {
    let mut desk = one_failure();
    choose(&mut desk, FAILED, "Note…");
    desk.fill("Note", "first words");
    desk.press_button("Save the note");
    desk.press_button("Filter the history");
    desk.press_button("Today");
    desk.press_button("Only pinned");
    desk.key(Modifiers::NONE, Key::Escape);
    assert!(desk.state(|state| state.history.is_empty()));
    desk.key(CTRL, Key::K);
    desk.type_text("Note beside");
    desk.key(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.text_of("Note"), "first words");
    desk.press_button("Close");
    // The same for its pin.
    for is_pinned in [true, false] {
        desk.key(CTRL, Key::K);
        desk.type_text("Pin or unpin");
        desk.key(Modifiers::NONE, Key::Enter);
        assert_eq!(desk.state(|state| state.history.len()), usize::from(is_pinned));
    }
}

#[test]
fn without_an_open_entry_the_palette_says_so() {
    let mut desk = Desk::open();
    desk.key(CTRL, Key::K);
    desk.type_text("Delete the open entry");
    desk.key(Modifiers::NONE, Key::Enter);
    desk.assert_sees(&["No entry of the history is open"]);
}

#[test]
fn a_draft_says_what_was_removed_from_it() {
    let mut desk = Desk::open();
    desk.open_tab("Request", "Headers");
    desk.press_button("Add a header");
    desk.fill("Header 1 name", "X-Api-Key");
    desk.fill("Header 1 value", "planted-key-value-1234");
    desk.open_tab("Request", "Body");
    desk.paste("Payload", "{\"title\": \"x\", \"password\": \"planted-pass-5678\"}");
    desk.send();
    let Desk { harness, dir, .. } = desk;
    drop(harness);
    let mut desk = Desk::open_in(dir, Plan::default());
    // Only the list was read: nothing of the last run is drawn.
    assert!(desk.state(|state| state.answer.is_none() && state.open_entry.is_none() && state.history.len() == 1));
    let row = desk.all(Role::Button).into_iter().map(|(name, _)| name).find(|name| name.starts_with("POST /v1/posts,"));
    desk.press_button(&row.unwrap());
    desk.assert_sees(&["2 removed values have to be filled in before this can be sent"]);
    desk.press_button("Go to header x-api-key");
    desk.fill("Header 1 value", "again");
    desk.assert_sees(&["1 removed value has to be filled in before this can be sent"]);
    desk.press_button("Go to body /password");
    desk.paste("Payload", &valid_post("filled"));
    desk.assert_sees_not("to be filled in before");
    desk.send();
    desk.assert_sees(&["201 Created"]);
}
