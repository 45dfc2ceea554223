//! The history keeps the newest exchanges, redacted, whatever state its file is in.

use std::fs;
use std::path::Path;
use std::time::Duration;

use altyaa_console::history::{FILE_NAME, History, HistoryError, HistoryNotice, HistoryStore};

use crate::planted;

const SOON: Duration = Duration::from_secs(10);

fn bytes_of(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.flat_map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn every_exchange_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    {
        let (history, notice) = History::open(dir.path()).unwrap();
        assert!(notice.is_none());
        for number in 0..70 {
            history.record(planted::redacted(number).0).wait(SOON).unwrap();
        }
    }
    let (history, _) = History::open(dir.path()).unwrap();
    let entries = history.newest(100).unwrap();
    assert_eq!(entries.len(), 70);
    let newest = planted::redacted(69).0;
    assert_eq!(entries[0].id, newest.id);
    assert_eq!((entries[0].status, entries[0].code.as_deref()), (Some(400), Some("invalid_request")));
    assert_eq!(history.load("last").unwrap().unwrap(), newest);
    assert_eq!(history.load(&entries[69].id).unwrap().unwrap(), planted::redacted(0).0);
    assert!(history.load("no such id").unwrap().is_none());
}

#[test]
fn an_empty_history_has_no_last() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    assert_eq!(history.newest(10).unwrap(), vec![]);
    assert!(history.load("last").unwrap().is_none());
}

#[test]
fn the_same_exchange_twice_is_one_entry() {
    let mut store = HistoryStore::in_memory().unwrap();
    store.insert(&planted::redacted(1).0).unwrap();
    store.insert(&planted::redacted(1).0).unwrap();
    assert_eq!(store.newest(10).unwrap().len(), 1);
}

#[test]
fn two_programs_write_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let (one, _) = History::open(dir.path()).unwrap();
    let (two, notice) = History::open(dir.path()).unwrap();
    assert!(notice.is_none());
    let receipts: Vec<_> =
        (0..40).map(|number| if number % 2 == 0 { &one } else { &two }.record(planted::redacted(number).0)).collect();
    for receipt in receipts {
        receipt.wait(SOON).unwrap();
    }
    assert_eq!(one.newest(100).unwrap().len(), 40);
    assert_eq!(one.newest(100).unwrap(), two.newest(100).unwrap());
}

#[test]
fn no_planted_secret_is_in_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    for number in 0..60 {
        history.record(planted::redacted(number).0).wait(SOON).unwrap();
    }
    for stage in ["open", "closed"] {
        let bytes = bytes_of(dir.path());
        assert!(memchr::memmem::find(&bytes, b"invalid_request").is_some(), "the search itself works ({stage})");
        for form in planted::forms() {
            assert!(memchr::memmem::find(&bytes, &form).is_none(), "{} ({stage})", String::from_utf8_lossy(&form));
        }
        if stage == "open" {
            drop(history.clone());
        }
    }
}

#[cfg(unix)]
#[test]
fn every_file_is_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(FILE_NAME), "no database, and open to all, which is long enough to be read as one")
        .unwrap();
    fs::set_permissions(dir.path().join(FILE_NAME), fs::Permissions::from_mode(0o644)).unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    history.record(planted::redacted(1).0).wait(SOON).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().unwrap());
    }
    assert!(names.iter().any(|name| name.ends_with("-wal")), "{names:?}");
}

#[test]
fn a_damaged_file_is_moved_aside_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let junk = b"this is no database at all, but a longer text that stands in its place ".repeat(40);
    fs::write(dir.path().join(FILE_NAME), &junk).unwrap();
    assert!(matches!(HistoryStore::open(dir.path()), Err(HistoryError::Corrupt { .. })));
    let (history, notice) = History::open(dir.path()).unwrap();
    let Some(HistoryNotice::MovedAside { to }) = notice else { panic!("{notice:?}") };
    assert_eq!(fs::read(to).unwrap(), junk);
    history.record(planted::redacted(1).0).wait(SOON).unwrap();
    assert_eq!(history.newest(10).unwrap().len(), 1);
}

/// Overwrites a page of the database.
fn damage(dir: &Path, table: &str, byte: u8) {
    let path = dir.join(FILE_NAME);
    let page = {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        let root = connection.query_row(sql, [table], |row| row.get::<_, i64>(0)).unwrap();
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        usize::try_from(root).unwrap()
    };
    let mut bytes = fs::read(&path).unwrap();
    bytes[(page - 1) * 4096..page * 4096].fill(byte);
    fs::write(&path, &bytes).unwrap();
}

#[test]
fn damage_at_the_root_of_a_table_is_seen_when_it_is_opened() {
    for table in ["exchange", "content", "facet", "grp", "words_data", "sqlite_sequence"] {
        let dir = tempfile::tempdir().unwrap();
        {
            let mut store = HistoryStore::open(dir.path()).unwrap();
            for number in 0..30 {
                store.insert(&planted::redacted(number).0).unwrap();
            }
        }
        damage(dir.path(), table, 0xa5);
        let (history, notice) = History::open(dir.path()).unwrap();
        if table == "sqlite_sequence" {
            // Met by the first exchange that is written.
            let error = history.record(planted::redacted(31).0).wait(SOON).unwrap_err();
            assert!(matches!(error, HistoryError::MovedAside { .. }), "{error}");
            assert!(matches!(history.take_notices()[..], [HistoryNotice::MovedAside { .. }]));
            assert_eq!(history.newest(10).unwrap().len(), 1, "it is in the new file");
            continue;
        }
        assert!(matches!(notice, Some(HistoryNotice::MovedAside { .. })), "{table}: {notice:?}");
        assert_eq!(history.newest(10).unwrap(), vec![]);
    }
}

#[test]
fn a_newer_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(HistoryStore::open(dir.path()).unwrap());
    let path = dir.path().join(FILE_NAME);
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = HistoryStore::open(dir.path()).unwrap_err();
    assert!(matches!(error, HistoryError::Newer { found: 99, .. }));
    assert!(error.fix().contains("--data-dir") && error.place().ends_with(FILE_NAME));
    let (history, notice) = History::open(dir.path()).unwrap();
    assert!(notice.unwrap().summary().contains("in memory only"));
    history.record(planted::redacted(1).0).wait(SOON).unwrap();
    assert_eq!(history.newest(10).unwrap().len(), 1);
    let version: i64 =
        rusqlite::Connection::open(&path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn a_folder_that_cannot_be_used_leaves_the_history_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(FILE_NAME)).unwrap();
    for folder in [dir.path().to_path_buf(), dir.path().join("missing")] {
        let (history, notice) = History::open(&folder).unwrap();
        let notice = notice.unwrap();
        assert!(matches!(notice, HistoryNotice::InMemory { .. }));
        assert!(!notice.summary().is_empty() && !notice.place().is_empty() && !notice.fix().is_empty());
        history.record(planted::redacted(1).0).wait(SOON).unwrap();
        assert!(history.load("last").unwrap().is_some());
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_file_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("target");
    fs::write(&target, "").unwrap();
    std::os::unix::fs::symlink(&target, dir.path().join(FILE_NAME)).unwrap();
    assert!(matches!(HistoryStore::open(dir.path()), Err(HistoryError::Disk { .. })));
    assert_eq!(fs::read(&target).unwrap(), b"");
}

#[test]
fn a_locked_file_is_said_to_be_locked() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = HistoryStore::open_with(dir.path(), Duration::from_millis(50)).unwrap();
    let other = rusqlite::Connection::open(dir.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.insert(&planted::redacted(1).0).unwrap_err();
    assert!(matches!(error, HistoryError::Locked { .. }), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    store.insert(&planted::redacted(1).0).unwrap();
}

#[test]
fn a_receipt_can_be_awaited() {
    let dir = tempfile::tempdir().unwrap();
    let (history, _) = History::open(dir.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(history.record(planted::redacted(1).0).committed()).unwrap();
    assert_eq!(history.newest(1).unwrap().len(), 1);
}
