//! The history as a list: pages, filters, groups, what is said where it is empty or cannot be written.

use altyaa_console::disk::DataDir;
use altyaa_console::exchange::ExchangeRecord;
use altyaa_console::history::History;
use altyaa_console::secret::{Redactor, Rules};
use eframe::egui::{Key, Modifiers, Role};
use tempfile::TempDir;

use crate::desk::{CTRL, Desk, Plan};

/// A data directory with that many calls: every tenth failed, each to a host of two.
fn full(count: usize) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
    let (history, notice) = History::open(data_dir.path()).unwrap();
    assert!(notice.is_none());
    for number in 0..count {
        let redacted = Redactor::new(Rules::built_in(), Vec::new()).redact(record(number));
        drop(history.record(redacted));
    }
    // What is asked after them is answered after them.
    history.set_pinned("none", true).unwrap();
    dir
}

fn record(number: usize) -> ExchangeRecord {
    let at = jiff::Timestamp::now().as_second() - 3 * 86_400 - 10_000 + i64::try_from(number).unwrap();
    let at = jiff::Timestamp::from_second(at).unwrap();
    let is_failed = number.is_multiple_of(10);
    let url = format!("http://host-{}.example/v1/things/{number}?word=needle{number}", number % 2);
    let empty = serde_json::json!({ "text": "", "len_bytes": 0, "is_binary": false, "is_cut": false });
    let response = serde_json::json!({
        "status": if is_failed { 422 } else { 200 }, "http_version": "HTTP/1.1", "headers": [], "body": empty,
        "wire_bytes": 0, "is_truncated": false,
    });
    let value = serde_json::json!({
        "id": format!("01J{number:023}"), "started_at": at.to_string(), "environment": "production",
        "profile": "altyaa", "method": if is_failed { "PATCH" } else { "GET" }, "url": url, "url_template": url,
        "request_headers": [], "request_body": empty, "response": response, "timing": { "total_ms": 12.0 },
        "attempts": [], "log": [], "code": is_failed.then_some("bad_thing"), "field": is_failed.then_some("name"),
    });
    serde_json::from_value(value).unwrap()
}

fn open(count: usize) -> Desk {
    Desk::open_in(full(count), Plan::default())
}

fn rows(desk: &Desk) -> usize {
    desk.all(Role::Button).into_iter().filter(|(name, _)| name.contains(" /v1/things/")).count()
}

fn loaded(desk: &mut Desk) -> usize {
    desk.state(|state| state.history.len())
}

#[test]
fn two_thousand_entries_are_read_page_by_page_as_their_end_comes_into_sight() {
    let mut desk = open(2000);
    assert_eq!(loaded(&mut desk), 50);
    assert!(rows(&desk) < 40, "only those in sight are drawn: {}", rows(&desk));
    assert!(desk.state(|state| state.history[0].url.contains("/1999?")));
    // Scrolled to the end again and again, as far as it goes.
    let place = desk.rect(Role::Button, "GET List posts").center();
    desk.harness.hover_at(place);
    for pages in 2..5 {
        desk.harness.event(eframe::egui::Event::MouseWheel {
            unit: eframe::egui::MouseWheelUnit::Point,
            delta: eframe::egui::vec2(0.0, -100_000.0),
            phase: eframe::egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
            source: eframe::egui::MouseWheelSource::Wheel,
        });
        desk.settle();
        assert!(loaded(&mut desk) >= pages * 50, "{}", loaded(&mut desk));
        assert!(rows(&desk) < 60);
    }
    let ids = desk.state(|state| state.history.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>());
    let mut sorted = ids.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!(ids, sorted, "newest first, none twice");
}

#[test]
fn the_history_is_searched_from_three_characters_on() {
    let mut desk = open(300);
    for (text, found) in [("ne", 50), ("needle7", 11), ("needle299", 1), ("needle2999", 0)] {
        desk.fill("Filter requests and history", text);
        assert_eq!(loaded(&mut desk), found, "{text}");
    }
    desk.assert_sees(&["Nothing matches the filter"]);
    desk.press_button("Clear the filter");
    assert_eq!((loaded(&mut desk), desk.text_of("Filter requests and history")), (50, String::new()));
    desk.go_to("Payload");
    desk.key(CTRL | Modifiers::SHIFT, Key::F);
    assert!(desk.is_focused("Filter requests and history"));
}

#[test]
fn filters_are_chosen_shown_as_chips_and_removed_one_by_one() {
    let mut desk = open(100);
    desk.press_button("Filter the history");
    desk.assert_sees(&[
        "GET, 90",
        "PATCH, 10",
        "4xx, 10",
        "422, 10",
        "bad_thing, 10",
        "host-0.example, 50",
        "Production, 100",
    ]);
    desk.press_button("Only failures");
    assert_eq!(loaded(&mut desk), 10);
    // It stays open for more.
    desk.press_button("host-1.example, 50");
    assert_eq!(loaded(&mut desk), 0, "failures all went to the other host");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.assert_sees(&["Nothing matches the filter"]);
    desk.press_button("Remove the filter: Only failures");
    assert_eq!(loaded(&mut desk), 50);
    assert!(desk.state(|state| state.history_view.next.is_none()));
    desk.press_button("Filter the history");
    desk.press_button("Today");
    assert_eq!(loaded(&mut desk), 0);
    desk.press_button("7 days");
    assert_eq!(loaded(&mut desk), 50);
    desk.press_button("Remove all filters");
    desk.assert_sees_not("Remove the filter:");
}

#[test]
fn groups_tell_how_often_first_and_last_and_open_their_entries() {
    let mut desk = open(100);
    desk.open_tab("Requests and history", "Groups");
    desk.assert_sees(&["bad_thing name, 10 times", "/v1/things/{id}, first on", "last 3 d ago"]);
    assert_eq!(rows(&desk), 0);
    desk.press_button("bad_thing name, 10 times");
    assert_eq!(loaded(&mut desk), 10);
    desk.press_button("Remove the filter: bad_thing name");
    assert_eq!(loaded(&mut desk), 50);
}

#[test]
fn the_arrows_walk_the_list_beyond_what_is_in_sight() {
    let mut desk = open(60);
    let first = desk.all(Role::Button).into_iter().map(|(name, _)| name).find(|name| name.contains(" /v1/things/59"));
    use egui_kittest::kittest::Queryable as _;
    desk.harness.get_by_role_and_label(Role::Button, &first.unwrap()).focus();
    desk.settle();
    for _ in 0..40 {
        desk.key(Modifiers::NONE, Key::ArrowDown);
    }
    assert!(desk.is_focused("GET /v1/things/19?word=needle19, 200, 3 d"), "{:?}", desk.texts());
}

#[test]
fn the_settings_are_changed_and_everything_is_deleted_after_being_asked() {
    let mut desk = open(100);
    std::fs::write(desk.dir.path().join("data/history.sqlite3.v1.copy"), "old").unwrap();
    std::fs::write(desk.dir.path().join("data/history.sqlite3.broken-1"), "bad").unwrap();
    desk.key(CTRL, Key::K);
    desk.type_text("History settings");
    desk.key(Modifiers::NONE, Key::Enter);
    desk.assert_sees(&["100 entries, ", "history.sqlite3"]);
    assert!(desk.is_disabled("Save the history settings"));
    desk.fill("Bodies up to, in KiB", "9999");
    desk.assert_sees(&["Write a number from 0 to 256"]);
    assert!(desk.is_disabled("Save the history settings"));
    desk.fill("Bodies up to, in KiB", "16");
    desk.fill("Keep for, in days", "365");
    desk.press_button("Save the history settings");
    let written = std::fs::read_to_string(desk.dir.path().join("data/history.toml")).unwrap();
    assert_eq!(written, "max_age_days = 365\nmax_body_kib = 16\n");
    desk.press_button("Delete everything…");
    desk.assert_sees(&[
        "100 entries, 1 copy of an older version and 1 damaged file that was moved aside will be deleted for good",
    ]);
    desk.press_button("Keep everything");
    assert_eq!(loaded(&mut desk), 50);
    desk.press_button("Delete everything…");
    desk.press_button("Delete everything for good");
    desk.assert_sees(&["100 entries and 2 files beside the history were deleted", "0 entries"]);
    desk.press_button("Close");
    desk.assert_sees(&["Nothing sent yet"]);
    assert_eq!(loaded(&mut desk), 0);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_said_and_calls_are_kept_in_memory() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = full(3);
    let data = dir.path().join("data");
    let set = |mode: u32, folder: u32| {
        for entry in std::fs::read_dir(&data).unwrap().flatten() {
            std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        }
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(folder)).unwrap();
    };
    set(0o400, 0o500);
    if std::fs::write(data.join("probe"), "x").is_ok() {
        // Whoever runs this may write everything, so there is nothing to see.
        set(0o600, 0o700);
        return;
    }
    let mut desk = Desk::open_in(dir, Plan::default());
    desk.assert_sees(&["kept in memory only"]);
    desk.send();
    assert!(desk.state(|state| !state.history.is_empty()));
    desk.push(altyaa_console::app::Command::History(altyaa_console::app::HistoryAct::OpenKeeping));
    desk.assert_sees(&["Kept in memory only, until the program ends"]);
    set(0o600, 0o700);
}

#[test]
fn a_file_that_cannot_be_opened_is_said_and_calls_are_kept_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = DataDir::resolve(Some(dir.path().join("data"))).unwrap();
    std::fs::create_dir(data_dir.file("history.sqlite3")).unwrap();
    let mut desk = Desk::open_in(dir, Plan::default());
    desk.assert_sees(&["kept in memory only", "Nothing sent yet"]);
    desk.send();
    assert_eq!(loaded(&mut desk), 1);
    desk.push(altyaa_console::app::Command::History(altyaa_console::app::HistoryAct::OpenKeeping));
    desk.assert_sees(&["Kept in memory only, until the program ends", "1 entry, "]);
}
