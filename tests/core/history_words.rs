//! What a person reads when the history's file is in a bad state: compared with `golden_history/NAME.txt`.
//!
//! `UPDATE_GOLDEN=1` writes the files; each is then read by somebody who asks whether it is true and says what to do.

use std::fs;
use std::path::{Path, PathBuf};

use altyaa_console::history::{FILE_NAME, History, HistoryError, HistoryNotice, HistoryStore, PurgeLeft};

use crate::history_search::Call;

/// The three answers, with the folder and random names replaced.
fn told(dir: &Path, summary: &str, place: &str, fix: &str) -> String {
    let place = place.replace(&fs::canonicalize(dir).unwrap().display().to_string(), "DIR");
    let place = place.replace(&dir.display().to_string(), "DIR");
    let place = match place.split_once(".broken-") {
        Some((before, _)) => format!("{before}.broken-NUMBER"),
        None => place,
    };
    format!("What:  {summary}\nWhere: {place}\nDo:    {fix}\n")
}

#[track_caller]
fn is_golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/core/golden_history/{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), text, "{name}");
}

/// Opens a folder whose file was made bad, checks what is said, and that the program works all the same.
#[track_caller]
fn opens_and_says(name: &str, spoil: impl FnOnce(&Path)) {
    let dir = tempfile::tempdir().unwrap();
    spoil(dir.path());
    let (history, notice) = History::open(dir.path()).unwrap();
    let notice = notice.unwrap();
    is_golden(name, &told(dir.path(), &notice.summary(), &notice.place(), &notice.fix()));
    history.record(Call::new(1).record()).wait(std::time::Duration::from_secs(10)).unwrap();
    assert_eq!(history.newest(10).unwrap().len(), 1);
    if let HistoryNotice::MovedAside { to } = notice {
        assert!(to.exists(), "the damaged file is kept");
    }
}

/// A real file with some entries.
fn filled(dir: &Path) -> PathBuf {
    let mut store = HistoryStore::open(dir).unwrap();
    for number in 0..50 {
        store.insert(&Call { request: "x".repeat(5000), ..Call::new(number) }.record()).unwrap();
    }
    store.path().to_path_buf()
}

#[test]
fn a_text_in_place_of_the_database() {
    opens_and_says("text", |dir| fs::write(dir.join(FILE_NAME), "no database ".repeat(500)).unwrap());
}

#[test]
fn a_file_that_was_cut_short() {
    opens_and_says("cut_short", |dir| {
        let path = filled(dir);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2 / 4096 * 4096]).unwrap();
    });
}

#[test]
fn a_file_whose_first_pages_are_zero() {
    opens_and_says("zero", |dir| {
        let path = filled(dir);
        let mut bytes = fs::read(&path).unwrap();
        bytes[100..200_000].fill(0);
        fs::write(&path, &bytes).unwrap();
    });
}

#[test]
fn a_file_of_a_newer_version() {
    opens_and_says("newer", |dir| {
        let path = filled(dir);
        rusqlite::Connection::open(path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    });
}

#[test]
fn a_directory_in_place_of_the_file() {
    opens_and_says("directory", |dir| fs::create_dir(dir.join(FILE_NAME)).unwrap());
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_file() {
    opens_and_says("link", |dir| std::os::unix::fs::symlink(dir.join("target"), dir.join(FILE_NAME)).unwrap());
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt as _;

    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mut is_root = false;
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    set(dir.path(), 0o500);
    if fs::write(dir.path().join("probe"), "").is_ok() {
        // Root may write everywhere, so the words alone are looked at.
        is_root = true;
    }
    let why = if is_root {
        HistoryNotice::InMemory { why: HistoryError::ReadOnly { path: dir.path().join(FILE_NAME) } }
    } else {
        let (history, notice) = History::open(dir.path()).unwrap();
        history.record(Call::new(99).record()).wait(std::time::Duration::from_secs(10)).unwrap();
        notice.unwrap()
    };
    set(dir.path(), 0o700);
    if is_root {
        is_golden("read_only", &told(dir.path(), &why.summary(), &why.place(), &why.fix()));
    } else {
        assert!(why.summary().contains("in memory only") && !why.fix().is_empty(), "{}", why.summary());
    }
}

#[test]
fn what_is_said_while_the_program_runs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    let disk = HistoryError::Full { path: path.clone() };
    for (name, error) in [
        ("full", disk),
        ("locked", HistoryError::Locked { path: path.clone() }),
        ("met_damage", HistoryError::MovedAside { to: dir.path().join(format!("{FILE_NAME}.broken-1f")) }),
        (
            "not_copied",
            HistoryError::NotCopied { path: path.clone(), source: Box::new(HistoryError::Full { path: path.clone() }) },
        ),
        ("no_answer", HistoryError::TimedOut),
    ] {
        is_golden(name, &told(dir.path(), &error.summary(), &error.place(), &error.fix()));
    }
    let left = PurgeLeft::Read;
    is_golden("purge_read", &told(dir.path(), &left.summary(), &left.place(), &left.fix()));
}

#[test]
fn settings_that_cannot_be_read_keep_everything() {
    opens_and_says("settings", |dir| fs::write(dir.join("history.toml"), "\nmax_age_days = \"a day\"\n").unwrap());
}
