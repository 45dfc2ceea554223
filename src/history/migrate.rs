//! Carries the rows of the first version over, and copies the file before any of it is changed.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, params};

use super::error::HistoryError;
use super::filed::{EntryState, Filed, from_store};
use super::tables;
use crate::disk;
use crate::exchange::ExchangeRecord;

/// What a copy's name begins with, behind the database's own. Shape: `history.sqlite3.v1.copy`.
const COPY: &str = "copy";

/// Copies a database of that version that has rows, owner-only, beside itself.
///
/// *Errors*: [`HistoryError::NotCopied`]; what was begun is removed again.
pub(super) fn copy_before(connection: &Connection, path: &Path, version: i64) -> Result<(), HistoryError> {
    if version == 0 {
        return Ok(());
    }
    let failed = |source: HistoryError| HistoryError::NotCopied { path: path.to_path_buf(), source: Box::new(source) };
    let copy = new_file(path, version).map_err(|source| failed(source.into()))?;
    // SQLite writes into an empty file as into a missing one, so that it is owner-only before a byte is in it.
    let name = copy.to_string_lossy().into_owned();
    if let Err(source) = connection.execute("VACUUM INTO ?1", [name]) {
        let _ = std::fs::remove_file(&copy);
        return Err(failed(HistoryError::from_sqlite(&copy, source)));
    }
    Ok(())
}

fn new_file(path: &Path, version: i64) -> Result<PathBuf, disk::DiskError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut last = disk::DiskError::NoFileName { path: path.to_path_buf() };
    for number in 1..100 {
        let ending = if number == 1 { String::new() } else { format!("-{number}") };
        let copy = path.with_file_name(format!("{name}.v{version}.{COPY}{ending}"));
        match disk::create_new(&copy, b"") {
            Ok(()) => return Ok(copy),
            Err(error @ disk::DiskError::Exists { .. }) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// Version 1 to 2: each record is taken apart; one that cannot be read keeps its columns and its text as it is.
pub(super) fn carry_over(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare(
        "SELECT seq, id, started_at, environment, method, url, status, code, field, message, request_id, total_ms,
            pinned, record FROM exchange_1 ORDER BY seq",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, id): (i64, String) = (row.get(0)?, row.get(1)?);
        let pinned: bool = row.get(12)?;
        let json: String = row.get(13)?;
        let read = serde_json::from_str::<ExchangeRecord>(&json).ok();
        let filed = read.and_then(|record| Filed::of(from_store(record), usize::MAX).ok());
        // Numbered anew in the same order.
        match filed.filter(|filed| filed.record.id == id) {
            Some(filed) => {
                let written = tables::write(transaction, &filed, EntryState::Done, None)?;
                transaction.execute("UPDATE exchange SET pinned = ?2 WHERE seq = ?1", params![written, pinned])?;
            }
            None => {
                transaction.execute(
                    "INSERT INTO exchange (id, started_at, started_ms, environment, host, method, url, status, code,
                        field, message, request_id, total_ms, pinned, state, bytes)
                     SELECT id, started_at, CAST(COALESCE(unixepoch(started_at), 0) * 1000 AS INTEGER), environment, '',
                        method, url, status, code, field, message, request_id, total_ms, pinned, 1, length(record)
                     FROM exchange_1 WHERE seq = ?1",
                    [seq],
                )?;
                transaction.execute(
                    "INSERT INTO content (seq, facet, head, request, response, record)
                     SELECT ?1, '', concat_ws(char(10), url, id, environment, code, field, message, request_id), '', '',
                        record FROM exchange_1 WHERE seq = ?2",
                    params![transaction.last_insert_rowid(), seq],
                )?;
                transaction.execute(
                    "UPDATE total SET count = count + 1, bytes = bytes + ?1",
                    [i64::try_from(json.len()).unwrap_or(i64::MAX)],
                )?;
            }
        }
    }
    drop(rows);
    drop(statement);
    transaction.execute("DROP TABLE exchange_1", [])?;
    Ok(())
}
