//! Programs that write are killed at any moment, and two write at once: nothing that was committed is lost.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use altyaa_console::history::{EntryState, FILE_NAME, History, HistoryQuery, HistoryStore};

use crate::history_search::Call;

const DIR: &str = "HISTORY_CRASH_DIR";
const FIRST: &str = "HISTORY_CRASH_FIRST";
const SECONDS: &str = "HISTORY_CRASH_SECONDS";

/// Writes exchanges and says which are committed, until it is killed or its time is over. Run by the tests below.
#[test]
#[ignore = "the part of the tests below that is killed"]
fn child_that_writes() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok()).unwrap();
    let until = Instant::now() + Duration::from_secs(number(SECONDS).into());
    let (history, notice) = History::open(Path::new(&dir)).unwrap();
    assert!(notice.is_none(), "{notice:?}");
    let mut out = std::io::stdout();
    let mut next = number(FIRST);
    while Instant::now() < until {
        let call = Call {
            status: Some(if next.is_multiple_of(3) { 400 } else { 200 }),
            request: format!("{{\"title\": \"number {next}\", \"content\": \"{}\"}}", "lorem ipsum ".repeat(30)),
            ..Call::new(next)
        };
        let mut begun = call.record();
        if next.is_multiple_of(2) {
            begun = Call { status: None, ..call.clone() }.record();
        }
        history.start(begun);
        history.record(call.record()).wait(Duration::from_secs(30)).unwrap();
        writeln!(out, "committed:{}", call.id()).unwrap();
        out.flush().unwrap();
        if next.is_multiple_of(16) {
            let query = HistoryQuery { text: "lore".into(), ..HistoryQuery::default() };
            assert!(!history.search(&query).unwrap().entries.is_empty());
            history.start(Call { status: None, ..Call::new(next + 50_000_000) }.record());
        }
        next += 1;
    }
}

fn child(dir: &Path, first: u32, seconds: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "history_crash::child_that_writes", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .env(FIRST, first.to_string())
        .env(SECONDS, seconds.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The ids that a child said are committed, until its output ends.
fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = BufReader::new(child.stdout.take().unwrap());
    out.lines().map_while(Result::ok).filter_map(|line| {
        // The test harness may write before it on the same line.
        line.split_once("committed:").map(|(_, id)| id.to_owned()).filter(|id| id.len() == 26)
    })
}

fn words_of(connection: &rusqlite::Connection, sql: &str) -> String {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Everything said to be committed is there, and the database is whole.
fn check(dir: &Path, committed: &BTreeSet<String>) {
    let path = dir.join(FILE_NAME);
    // As it was left, before the program opens it. Whoever is killed early enough leaves no file, or one without tables.
    if path.exists() {
        let connection = rusqlite::Connection::open(&path).unwrap();
        assert_eq!(words_of(&connection, "PRAGMA integrity_check"), "ok");
        if words_of(&connection, "SELECT count(*) || '' FROM sqlite_schema WHERE name = 'words'") == "1" {
            connection.execute_batch("INSERT INTO words (words, rank) VALUES ('integrity-check', 0)").unwrap();
        }
    }
    let mut store = HistoryStore::open(dir).unwrap();
    for id in committed {
        let entry = store.entry(id).unwrap().unwrap_or_else(|| panic!("{id} is lost"));
        assert_eq!(entry.state, EntryState::Done);
    }
    let open = HistoryQuery { limit: 10_000, ..HistoryQuery::default() };
    assert!(store.search(&open).unwrap().entries.iter().all(|entry| entry.state != EntryState::Running));
    while store.index_waiting().unwrap() {}
    let connection = rusqlite::Connection::open(&path).unwrap();
    // Now also against the texts, word for word.
    connection.execute_batch("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)").unwrap();
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let rows = number("SELECT count(*) FROM exchange");
    assert_eq!((number("SELECT count FROM total"), number("SELECT COALESCE(sum(count), 0) FROM facet")), (rows, rows));
    assert_eq!(number("SELECT COALESCE(sum(count), 0) FROM grp"), number("SELECT count(grp) FROM exchange"));
}

fn killed(times: u32) {
    let dir = tempfile::tempdir().unwrap();
    let mut committed = BTreeSet::new();
    let mut random = [0_u8; 128];
    getrandom::fill(&mut random).unwrap();
    for time in 0..times {
        let mut child = child(dir.path(), time * 100_000, 60);
        let mut said = said(&mut child);
        // Every other time from before the file is opened on, else well into writing, however slow the machine is.
        if time % 2 == 1 {
            committed.extend(said.next());
        }
        std::thread::sleep(Duration::from_millis(5 + u64::from(random[time as usize % 128])));
        child.kill().unwrap();
        committed.extend(said);
        child.wait().unwrap();
        check(dir.path(), &committed);
    }
    assert!(committed.len() >= times as usize / 2, "something was written at all: {}", committed.len());
    println!("| killed | {times} |\n| committed before, all found | {} |", committed.len());
}

fn two_at_once(seconds: u32) {
    let dir = tempfile::tempdir().unwrap();
    let mut children = [0, 10_000_000].map(|first| child(dir.path(), first, seconds));
    let readers: Vec<_> = children
        .iter_mut()
        .map(|child| {
            let mut other = std::mem::replace(child, Command::new("true").spawn().unwrap());
            std::thread::spawn(move || {
                let ids = said(&mut other).collect();
                let done = other.wait_with_output().unwrap();
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
                ids
            })
        })
        .collect();
    let written: Vec<Vec<String>> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    assert!(written.iter().all(|ids| !ids.is_empty()));
    println!("| seconds of two programs at once | {seconds} |");
    println!("| exchanges of the one, of the other | {}, {} |", written[0].len(), written[1].len());
    check(dir.path(), &written.into_iter().flatten().collect());
}

#[test]
fn a_program_killed_while_it_writes_loses_nothing_committed() {
    killed(10);
}

#[test]
fn two_programs_that_write_at_once_both_write_everything() {
    two_at_once(3);
}

#[test]
#[ignore = "takes a minute or two: tests/long crash"]
fn in_full_killed_a_hundred_times() {
    killed(100);
}

#[test]
#[ignore = "takes a minute: tests/long crash"]
fn in_full_two_programs_for_a_minute() {
    two_at_once(60);
}
