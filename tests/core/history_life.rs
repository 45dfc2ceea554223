//! What becomes of entries over time: unfinished ones, older files, bad days of the disk, letting go, purging.

use std::fs;
use std::path::Path;
use std::time::Duration;

use altyaa_console::exchange::ExchangeRecord;
use altyaa_console::history::{
    EntryState, FILE_NAME, History, HistoryError, HistoryNotice, HistoryQuery, HistorySettings, HistoryStore,
};
use altyaa_console::secret::{Redacted, Redactor, Rules};
use base64::Engine as _;

use crate::history_search::Call;
use crate::planted;

const SOON: Duration = Duration::from_secs(10);

/// The statements of version 1, as they were released.
const VERSION_1: &str = "CREATE TABLE exchange (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, started_at TEXT NOT NULL,
    environment TEXT NOT NULL, method TEXT NOT NULL, url TEXT NOT NULL, status INTEGER, code TEXT, field TEXT,
    message TEXT, request_id TEXT, total_ms REAL NOT NULL, pinned INTEGER NOT NULL DEFAULT 0, record TEXT NOT NULL
) STRICT; PRAGMA user_version = 1;";

/// A file of version 1 with that many entries, the second of which cannot be read.
fn version_1(dir: &Path, count: u32) {
    let connection = rusqlite::Connection::open(dir.join(FILE_NAME)).unwrap();
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    connection.execute_batch(VERSION_1).unwrap();
    for number in 0..count {
        let record = planted::redacted(number).0;
        let json = match number {
            1 => "{\"format\": \"of a version that nobody knows\"}".to_owned(),
            _ => serde_json::to_string(&record).unwrap(),
        };
        connection
            .execute(
                "INSERT INTO exchange (id, started_at, environment, method, url, status, code, field, message,
                    request_id, total_ms, pinned, record) VALUES (?1, ?2, ?3, ?4, ?5, 400, ?6, ?7, ?8, ?9, 12.0, ?10, ?11)",
                rusqlite::params![
                    record.id, record.started_at, record.environment, record.method, record.url, record.code,
                    record.field, record.message, record.request_id, number == 2, json
                ],
            )
            .unwrap();
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_of_the_first_version_is_copied_and_carried_over() {
    let dir = tempfile::tempdir().unwrap();
    version_1(dir.path(), 5);
    fs::write(dir.path().join("history.sqlite3.v1.copy"), "of an earlier time").unwrap();
    let (history, notice) = History::open(dir.path()).unwrap();
    assert!(notice.is_none(), "{notice:?}");
    let entries = history.newest(10).unwrap();
    assert_eq!(entries.len(), 5);
    for (entry, number) in entries.iter().rev().zip(0..) {
        let record = planted::redacted(number).0;
        assert_eq!((&entry.id, &entry.at), (&record.id, &record.started_at));
        assert_eq!(
            (entry.pinned, entry.state, entry.code.as_deref()),
            (number == 2, EntryState::Done, Some("invalid_request"))
        );
        match number {
            // It stays, and says that it cannot be read.
            1 => assert!(matches!(history.load(&entry.id), Err(HistoryError::Record { .. }))),
            _ => assert_eq!(history.load(&entry.id).unwrap().unwrap(), record),
        }
    }
    let found = history.search(&HistoryQuery { text: "invalid_req".into(), ..HistoryQuery::default() }).unwrap();
    assert_eq!(found.entries.len(), 5);
    assert_eq!(history.groups(None, 10).unwrap().groups[0].count, 4);
    let copy = dir.path().join("history.sqlite3.v1.copy-2");
    let old = rusqlite::Connection::open(&copy).unwrap();
    assert_eq!(old.query_row("SELECT count(*) FROM exchange", [], |row| row.get::<_, i64>(0)).unwrap(), 5);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
    drop(history);
    let (history, notice) = History::open(dir.path()).unwrap();
    assert!(notice.is_none() && history.newest(10).unwrap().len() == 5);
    assert!(!names(dir.path()).contains(&"history.sqlite3.v1.copy-3".to_owned()), "it is copied once");
}

#[test]
fn a_migration_that_fails_half_way_leaves_the_file_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    version_1(dir.path(), 5);
    let path = dir.path().join(FILE_NAME);
    {
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE words (in_the_way INTEGER)").unwrap();
    }
    let (history, notice) = History::open(dir.path()).unwrap();
    assert!(matches!(notice, Some(HistoryNotice::InMemory { .. })), "{notice:?}");
    history.record(planted::redacted(9).0).wait(SOON).unwrap();
    assert_eq!(history.newest(10).unwrap().len(), 1);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((number("PRAGMA user_version"), number("SELECT count(*) FROM exchange")), (1, 5));
    assert_eq!(number("SELECT count(record) FROM exchange"), 5);
    assert_eq!(number("SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 3);
}

#[test]
fn a_file_that_cannot_be_copied_is_not_migrated() {
    let dir = tempfile::tempdir().unwrap();
    version_1(dir.path(), 2);
    fs::create_dir(dir.path().join("history.sqlite3.v1.copy")).unwrap();
    for number in 2..100 {
        fs::create_dir(dir.path().join(format!("history.sqlite3.v1.copy-{number}"))).unwrap();
    }
    let (_history, notice) = History::open(dir.path()).unwrap();
    let notice = notice.unwrap();
    assert!(notice.summary().contains("could not be copied"), "{}", notice.summary());
    let connection = rusqlite::Connection::open(dir.path().join(FILE_NAME)).unwrap();
    assert_eq!(connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

fn begun(number: u32) -> Redacted<ExchangeRecord> {
    let mut record = Call { request: "{\"begun\": \"unfinished\"}".into(), ..Call::new(number) }.record().into_inner();
    record.response = None;
    Redactor::new(Rules::built_in(), Vec::new()).redact(record)
}

/// Waits until a condition holds; fails after a while.
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let until = std::time::Instant::now() + SOON;
    while !holds() {
        assert!(std::time::Instant::now() < until, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn what_was_started_is_running_and_then_done_or_interrupted() {
    let dir = tempfile::tempdir().unwrap();
    let id = |number| Call::new(number).id();
    {
        let (history, _) = History::open(dir.path()).unwrap();
        history.start(begun(1));
        history.start(begun(2));
        wait_for("both appear", || history.newest(10).unwrap().len() == 2);
        let entries = history.newest(10).unwrap();
        assert!(entries.iter().all(|entry| entry.state == EntryState::Running && entry.status.is_none()));
        // It is found by its words, and is no failure and no last exchange yet.
        let query = HistoryQuery { text: "unfin".into(), ..HistoryQuery::default() };
        assert_eq!(history.search(&query).unwrap().entries.len(), 2);
        assert!(history.load("last").unwrap().is_none());
        assert_eq!(history.groups(None, 10).unwrap().groups.len(), 0);
        history.record(Call::new(2).record()).wait(SOON).unwrap();
        let entries = history.newest(10).unwrap();
        assert_eq!((entries[0].state, entries[1].state), (EntryState::Done, EntryState::Running));
        // A start that comes late changes nothing.
        history.start(begun(2));
        history.record(Call::new(3).record()).wait(SOON).unwrap();
        assert_eq!(history.newest(10).unwrap()[1].state, EntryState::Done);
        // Another window sees it running, too.
        let (other, _) = History::open(dir.path()).unwrap();
        assert_eq!(other.entry(&id(1)).unwrap().unwrap().state, EntryState::Running);
    }
    wait_for("the first run ends", || names(dir.path()).iter().all(|name| !name.ends_with(".lock")));
    let (history, _) = History::open(dir.path()).unwrap();
    let entry = history.entry(&id(1)).unwrap().unwrap();
    assert_eq!((entry.state, entry.status), (EntryState::Interrupted, None));
    assert_eq!(history.load(&id(1)).unwrap().unwrap().request_body.text, "{\"begun\": \"unfinished\"}");
    let query = HistoryQuery { text: "unfinished ".into(), ..HistoryQuery::default() };
    assert_eq!(history.search(&query).unwrap().entries.len(), 1);
    assert_eq!(history.groups(None, 10).unwrap().groups.len(), 0);
}

#[test]
fn what_a_killed_window_left_is_marked_while_another_lists() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    {
        let mut store = HistoryStore::open(dir.path()).unwrap();
        store.start(&begun(1)).unwrap();
        assert_eq!(history.newest(1).unwrap()[0].state, EntryState::Running);
    }
    assert_eq!(history.newest(1).unwrap()[0].state, EntryState::Interrupted);
}

#[test]
fn what_cannot_be_written_is_kept_in_memory_and_written_later() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    let call = |number| Call { status: Some(400), code: Some("invalid_request"), ..Call::new(number) };
    history.record(call(1).record()).wait(SOON).unwrap();
    let path = dir.path().join(FILE_NAME);
    let other = rusqlite::Connection::open(&path).unwrap();
    // The disk has no more pages to give.
    other
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON exchange BEGIN SELECT RAISE(FAIL, 'no room'); END")
        .unwrap();
    for number in 2..5 {
        let error = history.record(call(number).record()).wait(SOON).unwrap_err();
        assert!(!error.summary().is_empty() && error.place().ends_with(FILE_NAME) && !error.fix().is_empty());
    }
    let query = |text: &str| HistoryQuery { text: text.into(), limit: 2, ..HistoryQuery::default() };
    let ids =
        |page: &altyaa_console::history::HistoryPage| page.entries.iter().map(|e| e.id.clone()).collect::<Vec<_>>();
    let first = history.search(&query("inval")).unwrap();
    assert_eq!(ids(&first), [call(4).id(), call(3).id()]);
    let second = history.search(&HistoryQuery { before: first.next, ..query("inval") }).unwrap();
    assert_eq!((ids(&second), second.next), (vec![call(2).id(), call(1).id()], None));
    assert_eq!(history.load("last").unwrap().unwrap().id, call(4).id());
    assert_eq!(history.load(&call(3).id()).unwrap().unwrap(), call(3).record());
    other.execute_batch("DROP TRIGGER full").unwrap();
    history.record(call(5).record()).wait(SOON).unwrap();
    wait_for("the others are written, too", || {
        other.query_row("SELECT count(*) FROM exchange", [], |row| row.get::<_, i64>(0)).unwrap() == 5
    });
    assert_eq!(history.search(&HistoryQuery { limit: 9, ..query("inval") }).unwrap().entries.len(), 5);
}

#[test]
fn a_locked_file_keeps_nobody_from_sending() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    let other = rusqlite::Connection::open(dir.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = history.record(Call::new(1).record()).wait(SOON).unwrap_err();
    assert!(matches!(error, HistoryError::Locked { .. }), "{error}");
    assert_eq!(history.newest(5).unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    history.record(Call::new(2).record()).wait(SOON).unwrap();
    assert_eq!(history.newest(5).unwrap().len(), 2);
}

#[test]
fn damage_met_while_reading_moves_the_file_aside() {
    let dir = tempfile::tempdir().unwrap();
    let call = |number| Call { request: "x".repeat(20_000), ..Call::new(number) };
    {
        let mut store = HistoryStore::open(dir.path()).unwrap();
        for number in 0..60 {
            store.insert(&call(number).record()).unwrap();
        }
    }
    let path = dir.path().join(FILE_NAME);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 3 / 4096 * 4096;
    // Zeroes where pages of texts were, as after a crash of the file system.
    bytes[middle..middle + 12 * 4096].fill(0);
    fs::write(&path, &bytes).unwrap();
    let (history, notice) = History::open(dir.path()).unwrap();
    assert!(notice.is_none(), "opening does not look through everything");
    // Met by whoever reads there first: this, or the writer that puts the words into the index.
    let mut notices = Vec::new();
    wait_for("the file is moved aside", || {
        for number in 0..60 {
            if let Err(HistoryError::MovedAside { to }) = history.load(&call(number).id()) {
                assert!(to.exists());
            }
        }
        notices.extend(history.take_notices());
        !notices.is_empty()
    });
    assert!(matches!(notices[..], [HistoryNotice::MovedAside { .. }]), "{notices:?}");
    history.record(call(99).record()).wait(SOON).unwrap();
    assert_eq!(history.newest(10).unwrap().len(), 1);
    assert!(names(dir.path()).iter().any(|name| name.starts_with("history.sqlite3.broken-")));
}

#[test]
fn a_deletion_can_be_taken_back_and_goes_for_good_with_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    let ids: Vec<String> = (0..6).map(|number| Call::new(number).id()).collect();
    for number in 0..6 {
        history.record(Call::new(number).record()).wait(SOON).unwrap();
    }
    let batch = history.delete(&ids[..3]).unwrap();
    assert_eq!((batch.ids().len(), history.newest(9).unwrap().len()), (3, 3));
    assert_eq!((batch.undo().unwrap(), history.newest(9).unwrap().len()), (3, 6));
    let batch = history.delete(&[ids[0].clone(), ids[0].clone(), "nothing".into()]).unwrap();
    assert_eq!(batch.ids(), &ids[..1]);
    // Another window that opens leaves it to be taken back.
    drop(History::open(dir.path()).unwrap());
    assert_eq!(batch.undo().unwrap(), 1);
    history.delete(&ids[..2]).unwrap();
    drop(history);
    wait_for("the run ends", || names(dir.path()).iter().all(|name| !name.ends_with(".lock")));
    let (history, _) = History::open(dir.path()).unwrap();
    assert_eq!(history.newest(9).unwrap().len(), 4);
    let rows = rusqlite::Connection::open(dir.path().join(FILE_NAME)).unwrap();
    wait_for("their rows go", || {
        rows.query_row("SELECT count(*) FROM content", [], |row| row.get::<_, i64>(0)).unwrap() == 4
    });
}

#[test]
fn old_entries_are_let_go_as_the_settings_say_and_pinned_ones_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    // Far older than a day.
    for number in 0..200 {
        let call = Call { request: "y".repeat(30_000), status: Some(500), ..Call::new(number) };
        history.record(call.record()).wait(SOON).unwrap();
    }
    assert_eq!(history.load("last").unwrap().unwrap().request_body.text.len(), 30_000);
    let pinned = Call::new(3).id();
    history.set_pinned(&pinned, true).unwrap();
    history.set_settings(HistorySettings { max_size_mb: Some(4), ..HistorySettings::default() }).unwrap();
    let mut before = 0;
    let mut kept = history.newest(500).unwrap();
    wait_for("the oldest go, until the rest fits", || {
        std::thread::sleep(Duration::from_millis(200));
        before = kept.len();
        kept = history.newest(500).unwrap();
        kept.len() < 150 && kept.len() == before
    });
    assert!((20..150).contains(&kept.len()), "{}", kept.len());
    assert_eq!((&kept[0].id, &kept.last().unwrap().id), (&Call::new(199).id(), &pinned));
    history
        .set_settings(HistorySettings { max_age_days: Some(1), max_body_kib: 1, ..HistorySettings::default() })
        .unwrap();
    wait_for("all but the pinned one go", || history.newest(500).unwrap().len() == 1);
    assert_eq!(history.newest(500).unwrap()[0].id, pinned);
    assert_eq!(history.groups(None, 9).unwrap().groups[0].count, 1);
    // The next start knows them, and bodies are cut to them.
    drop(history);
    let (history, _) = History::open(dir.path()).unwrap();
    assert_eq!(history.settings().max_age_days, Some(1));
    history.record(Call { request: "z".repeat(5000), ..Call::new(500) }.record()).wait(SOON).unwrap();
    let body = history.load(&Call::new(500).id()).unwrap().unwrap().request_body.clone();
    assert_eq!((body.text.len(), body.len_bytes, body.is_cut), (1024, 5000, true));
}

/// A word in every form that a file may hold it.
fn forms(word: &str) -> Vec<Vec<u8>> {
    let base64 = base64::engine::general_purpose::STANDARD;
    let mut forms = vec![word.as_bytes().to_vec(), word.to_uppercase().into_bytes()];
    for before in ["", "a", "ab"] {
        // Without the letters at the ends, which depend on what stands beside.
        let encoded = base64.encode(format!("{before}{word}"));
        forms.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
    }
    forms.push(word.bytes().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect());
    forms.push(word.chars().flat_map(|c| format!("\\u{:04x}", u32::from(c)).into_bytes()).collect());
    forms.push(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(word.encode_utf16().flat_map(u16::to_be_bytes).collect());
    forms
}

fn where_found(dir: &Path, forms: &[Vec<u8>]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for form in forms {
            if memchr::memmem::find(&bytes, form).is_some() {
                found.push(format!("{}: {}", path.display(), String::from_utf8_lossy(form)));
            }
        }
    }
    found
}

#[test]
fn after_a_purge_no_byte_of_anything_is_left() {
    const WORD: &str = "quuxcanarywallaby";
    let dir = tempfile::tempdir().unwrap();
    version_1(dir.path(), 3);
    let (history, _) = History::open(dir.path()).unwrap();
    let base64 = base64::engine::general_purpose::STANDARD;
    let percent: String = WORD.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let escaped: String = WORD.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    for number in 0..80 {
        let call = Call {
            url: format!("https://api.example.com/v1/posts/{WORD}/{number}"),
            request: format!("{{\"note\": \"{WORD} {escaped} {}\"}}", base64.encode(format!("ab{WORD}{number}"))),
            response: format!("{percent} {} {}", WORD.to_uppercase(), base64.encode(format!("a{WORD}"))),
            headers: vec![("X-Note", WORD.into())],
            code: Some("quuxcanarywallaby"),
            status: Some(400),
            ..Call::new(number)
        };
        history.record(call.record()).wait(SOON).unwrap();
    }
    let ids: Vec<String> = (0..20).map(|number| Call::new(number).id()).collect();
    let note = Redactor::new(Rules::built_in(), Vec::new()).redact(WORD.to_owned());
    history.set_note(&ids[19], note).unwrap();
    history.delete(&ids[..10]).unwrap();
    fs::write(dir.path().join("history.sqlite3.broken-00ff00ff"), WORD).unwrap();
    fs::write(dir.path().join("history.sqlite3-wal.broken-00ff00ff"), WORD).unwrap();
    fs::write(dir.path().join("unrelated.txt"), "stays").unwrap();
    let forms = forms(WORD);
    assert!(where_found(dir.path(), &forms).len() > 4, "the search itself works");
    let report = history.purge().unwrap();
    assert_eq!((report.exchanges, report.files, report.left.is_none()), (83, 3, true), "{report:?}");
    assert_eq!(where_found(dir.path(), &forms), Vec::<String>::new());
    assert!(names(dir.path()).contains(&"unrelated.txt".to_owned()));
    assert_eq!(history.newest(9).unwrap(), vec![]);
    assert_eq!(history.groups(None, 9).unwrap().groups, vec![]);
    assert_eq!(history.totals().unwrap(), (0, 0));
    history.record(Call::new(200).record()).wait(SOON).unwrap();
    assert_eq!(history.newest(9).unwrap().len(), 1);
}

#[test]
fn a_deletion_alone_leaves_no_word_in_the_file_once_it_is_for_good() {
    const WORD: &str = "quuxcanarywombat";
    let dir = tempfile::tempdir().unwrap();
    let mut store = HistoryStore::open(dir.path()).unwrap();
    for number in 0..40 {
        let request = if number == 20 { format!("{{\"a\": \"{WORD}\"}}") } else { "{}".into() };
        store.insert(&Call { request, ..Call::new(number) }.record()).unwrap();
    }
    while store.index_waiting().unwrap() {}
    store.delete(&[Call::new(20).id()]).unwrap();
    assert_eq!(store.remove_deleted(i64::MAX).unwrap(), 1);
    drop(store);
    assert_eq!(where_found(dir.path(), &forms(WORD)), Vec::<String>::new());
}

#[test]
fn a_purge_says_when_another_program_reads() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = HistoryStore::open(dir.path()).unwrap();
    store.insert(&Call::new(1).record()).unwrap();
    let other = rusqlite::Connection::open(dir.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM exchange;").unwrap();
    let count = |sql: &str| other.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM exchange"), 1);
    let mut store2 = HistoryStore::open_with(dir.path(), Duration::from_millis(20)).unwrap();
    let report = store2.purge_within(Duration::from_millis(100)).unwrap();
    let left = report.left.unwrap();
    assert!(left.summary().contains("another program was reading") && left.fix().contains("purge once more"));
    other.execute_batch("COMMIT").unwrap();
    assert!(store2.purge_within(Duration::from_secs(5)).unwrap().left.is_none());
}
