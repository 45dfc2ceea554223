//! The report: previewed, copied, written; and help.

use crate::desk::Desk;

#[test]
fn nothing_can_be_reported_before_a_request() {
    let mut desk = Desk::open();
    desk.key(crate::desk::CTRL, eframe::egui::Key::E);
    desk.assert_sees(&["There is nothing to report yet", "Send a request first"]);
}

#[test]
fn the_report_that_is_copied_is_the_one_that_is_shown() {
    let mut desk = Desk::open();
    desk.send();
    desk.press_button("Preview");
    let shown = desk.report();
    desk.press_button("Copy this report as Markdown");
    desk.assert_sees(&["The report was copied as Markdown"]);
    assert_eq!(desk.copied.len(), 1);
    // The time of making it may differ by a second; what it is about does not.
    let body =
        |text: &str| text.lines().filter(|line| !line.to_lowercase().contains("made")).collect::<Vec<_>>().join("\n");
    assert_eq!(body(&desk.copied[0]), body(&shown));
}

#[test]
fn the_report_is_written_where_it_was_asked_for_and_replaces_nothing() {
    let mut desk = Desk::open();
    desk.send();
    let path = desk.dir.path().join("report.md");
    let name = path.display().to_string();
    desk.press_button("Save as…");
    desk.fill("Report file", &name);
    desk.press_button("Save the report");
    desk.assert_sees(&["The report was written to"]);
    let written = std::fs::read_to_string(&path).unwrap();
    for part in ["invalid_request", "publishAt", "value is in the past", "/v1/posts"] {
        assert!(written.contains(part), "{part}\n{written}");
    }
    // Every token of the sandbox begins like this.
    assert!(!written.contains("altyaa_sandbox_"));
    std::fs::write(&path, "mine").unwrap();
    desk.press_button("Save as…");
    desk.fill("Report file", &name);
    desk.press_button("Save the report");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    assert!(desk.state(|state| state.notices.last().is_some_and(|notice| !notice.fix.is_empty())));
}

#[test]
fn the_request_id_is_copied() {
    let mut desk = Desk::open();
    desk.send();
    desk.press_button("Copy the request ID");
    let id = desk.state(|state| state.answer.as_ref().unwrap().record.request_id.clone()).unwrap();
    assert_eq!(desk.copied, [id]);
}

#[test]
fn help_names_every_host_and_every_shortcut() {
    let mut desk = Desk::open();
    desk.press_button("Help");
    desk.assert_sees(&["127.0.0.1", "no telemetry", "Ctrl+Enter", "Send the request", "Shift+F8"]);
    desk.press_button("Close");
    desk.assert_sees_not("no telemetry");
}
