//! What is written to the tables for one exchange, inside a transaction of the caller: row, texts, counters, words.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::filed::{Dimensions, EntryState, Filed, own_words};
use super::words::OWN;

/// An entry's columns that decide what else has to be changed with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filing {
    pub seq: i64,
    facet: Option<i64>,
    grp: Option<i64>,
    bytes: i64,
    started_ms: i64,
    index: i64,
    pub is_deleted: bool,
}

/// Where an entry's words are, in the column `is_indexed`.
mod index_state {
    /// Not in the index yet.
    pub(super) const WAITING: i64 = 0;
    /// In the index.
    pub(super) const INDEXED: i64 = 1;
    /// Deleted before they came into the index.
    pub(super) const HIDDEN: i64 = 2;
    /// Deleted, and still in the index until the entry goes for good: taking them out takes a hundredth of a second.
    pub(super) const HIDDEN_INDEXED: i64 = 3;
}

/// How the entry of that id is filed; none where there is none.
pub(super) fn filing_of(connection: &Connection, id: &str) -> rusqlite::Result<Option<Filing>> {
    let sql = "SELECT seq, facet, grp, bytes, started_ms, is_indexed, deleted_ms FROM exchange WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([id], filing_from_row).optional()
}

/// The same for a number.
pub(super) fn filing_at(connection: &Connection, seq: i64) -> rusqlite::Result<Option<Filing>> {
    let sql = "SELECT seq, facet, grp, bytes, started_ms, is_indexed, deleted_ms FROM exchange WHERE seq = ?1";
    connection.prepare_cached(sql)?.query_row([seq], filing_from_row).optional()
}

fn filing_from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Filing> {
    Ok(Filing {
        seq: row.get(0)?,
        facet: row.get(1)?,
        grp: row.get(2)?,
        bytes: row.get(3)?,
        started_ms: row.get(4)?,
        index: row.get(5)?,
        is_deleted: row.get::<_, Option<i64>>(6)?.is_some(),
    })
}

/// Writes an exchange: a new row, or the one that was begun under its id; its words wait for [`index_waiting`].
pub(super) fn write(
    connection: &Connection,
    filed: &Filed,
    state: EntryState,
    run: Option<&str>,
) -> rusqlite::Result<i64> {
    let known = filing_of(connection, &filed.record.id)?;
    if let Some(filing) = known {
        unindex(connection, &filing)?;
        withdraw(connection, &filing)?;
    }
    // A request that runs is no failure and no answer of any kind yet.
    let is_over = state != EntryState::Running;
    let facet = if is_over { Some(facet_of(connection, filed)?) } else { None };
    let endpoint = endpoint_of(connection, filed)?;
    let grp = if is_over && filed.is_failure { Some(group_of(connection, filed)?) } else { None };
    let record = &filed.record;
    let head = match known.map(|filing| note_of(connection, filing.seq)).transpose()?.flatten() {
        Some(note) => with_note(&filed.head, Some(&note)),
        None => filed.head.clone(),
    };
    let values = params![
        record.id,
        record.started_at,
        filed.started_ms,
        record.environment,
        filed.host,
        record.method,
        record.url,
        filed.status(),
        record.code,
        filed.fault,
        record.field,
        record.message,
        record.request_id,
        record.timing.total_ms,
        state.number(),
        run,
        facet,
        grp,
        endpoint,
        is_over && filed.is_good,
        filed.bytes(),
    ];
    connection
        .prepare_cached(
            "INSERT INTO exchange (id, started_at, started_ms, environment, host, method, url, status, code, fault,
                field, message, request_id, total_ms, state, run, facet, grp, endpoint, is_good, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
             ON CONFLICT (id) DO UPDATE SET started_at = ?2, started_ms = ?3, environment = ?4, host = ?5, method = ?6,
                url = ?7, status = ?8, code = ?9, fault = ?10, field = ?11, message = ?12, request_id = ?13,
                total_ms = ?14, state = ?15, run = ?16, facet = ?17, grp = ?18, endpoint = ?19, is_good = ?20,
                bytes = ?21, deleted_ms = NULL, is_indexed = 0",
        )?
        .execute(values)?;
    let seq = match known {
        Some(filing) => filing.seq,
        None => connection.last_insert_rowid(),
    };
    let words = match facet {
        Some(facet) => own_words(facet, &dimensions(filed)),
        None => String::new(),
    };
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO content (seq, facet, head, request, response, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![seq, words, head, filed.request, filed.response, filed.json])?;
    let filing = Filing {
        seq,
        facet,
        grp,
        bytes: filed.bytes(),
        started_ms: filed.started_ms,
        index: index_state::WAITING,
        is_deleted: false,
    };
    count(connection, &filing)?;
    Ok(seq)
}

/// What an entry can be filtered by.
pub(super) fn dimensions(filed: &Filed) -> Dimensions<'_> {
    let status = filed.status();
    Dimensions {
        environment: Some(&filed.record.environment),
        host: Some(&filed.host),
        method: Some(&filed.record.method),
        code: filed.code(),
        status,
        class: status.map(|status| status / 100),
        is_failure: filed.is_failure,
    }
}

/// Takes an entry out of the counters; its row stays as it is.
fn withdraw(connection: &Connection, filing: &Filing) -> rusqlite::Result<()> {
    if filing.is_deleted {
        return Ok(());
    }
    connection.prepare_cached("UPDATE total SET count = count - 1, bytes = bytes - ?1")?.execute([filing.bytes])?;
    if let Some(facet) = filing.facet {
        connection.prepare_cached("UPDATE facet SET count = count - 1 WHERE id = ?1")?.execute([facet])?;
    }
    if let Some(grp) = filing.grp {
        connection
            .prepare_cached(
                "UPDATE grp SET count = count - 1,
                    last_seq = COALESCE((SELECT max(seq) FROM exchange
                        WHERE exchange.grp = ?1 AND seq <> ?2 AND deleted_ms IS NULL), last_seq),
                    last_ms = COALESCE((SELECT started_ms FROM exchange
                        WHERE exchange.grp = ?1 AND seq <> ?2 AND deleted_ms IS NULL ORDER BY seq DESC LIMIT 1), last_ms),
                    first_ms = COALESCE((SELECT started_ms FROM exchange
                        WHERE exchange.grp = ?1 AND seq <> ?2 AND deleted_ms IS NULL ORDER BY seq LIMIT 1), first_ms)
                 WHERE id = ?1",
            )?
            .execute([grp, filing.seq])?;
    }
    Ok(())
}

/// Puts an entry into the counters.
pub(super) fn count(connection: &Connection, filing: &Filing) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE total SET count = count + 1, bytes = bytes + ?1")?.execute([filing.bytes])?;
    if let Some(facet) = filing.facet {
        connection.prepare_cached("UPDATE facet SET count = count + 1 WHERE id = ?1")?.execute([facet])?;
    }
    if let Some(grp) = filing.grp {
        connection
            .prepare_cached(
                "UPDATE grp SET count = count + 1,
                    first_ms = CASE WHEN count = 0 THEN ?2 ELSE min(first_ms, ?2) END,
                    last_ms = CASE WHEN count = 0 OR ?3 > last_seq THEN ?2 ELSE last_ms END,
                    last_seq = CASE WHEN count = 0 THEN ?3 ELSE max(last_seq, ?3) END
                 WHERE id = ?1",
            )?
            .execute([grp, filing.started_ms, filing.seq])?;
    }
    Ok(())
}

/// Removes an entry for good, with its words.
pub(super) fn remove(connection: &Connection, filing: &Filing) -> rusqlite::Result<()> {
    unindex(connection, filing)?;
    withdraw(connection, filing)?;
    connection.prepare_cached("DELETE FROM content WHERE seq = ?1")?.execute([filing.seq])?;
    connection.prepare_cached("DELETE FROM exchange WHERE seq = ?1")?.execute([filing.seq])?;
    Ok(())
}

/// Takes an entry's words out of the index, which needs the very texts that went in.
fn unindex(connection: &Connection, filing: &Filing) -> rusqlite::Result<()> {
    if !matches!(filing.index, index_state::INDEXED | index_state::HIDDEN_INDEXED) {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO words (words, rowid, facet, head, request, response)
             SELECT 'delete', seq, facet, head, request, response FROM content WHERE seq = ?1",
        )?
        .execute([filing.seq])?;
    connection.prepare_cached("UPDATE exchange SET is_indexed = 0 WHERE seq = ?1")?.execute([filing.seq])?;
    Ok(())
}

/// Puts the words of waiting entries into the index, oldest first, about `max_bytes` of text; returns how many.
///
/// A request that still runs waits until it is over.
pub(super) fn index_waiting(connection: &Connection, max_bytes: i64) -> rusqlite::Result<usize> {
    let mut waiting = Vec::new();
    let mut bytes = 0;
    {
        let sql = "SELECT seq, bytes FROM exchange WHERE is_indexed = 0 AND state <> 0 ORDER BY seq";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, size): (i64, i64) = (row.get(0)?, row.get(1)?);
            waiting.push(seq);
            bytes += size;
            if bytes >= max_bytes {
                break;
            }
        }
    }
    for seq in &waiting {
        connection
            .prepare_cached(
                "INSERT INTO words (rowid, facet, head, request, response)
                 SELECT seq, facet, head, request, response FROM content WHERE seq = ?1",
            )?
            .execute([seq])?;
        connection.prepare_cached("UPDATE exchange SET is_indexed = 1 WHERE seq = ?1")?.execute([seq])?;
    }
    Ok(waiting.len())
}

fn facet_of(connection: &Connection, filed: &Filed) -> rusqlite::Result<i64> {
    let values = params![
        filed.record.environment,
        filed.host,
        filed.record.method,
        filed.status().map_or(-1, i64::from),
        filed.code().unwrap_or_default(),
        filed.is_failure,
    ];
    let sql = "SELECT id FROM facet
        WHERE environment = ?1 AND host = ?2 AND method = ?3 AND status = ?4 AND code = ?5 AND is_failure = ?6";
    if let Some(id) = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    connection
        .prepare_cached(
            "INSERT INTO facet (environment, host, method, status, code, is_failure, count)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
        )?
        .execute(values)?;
    Ok(connection.last_insert_rowid())
}

fn endpoint_of(connection: &Connection, filed: &Filed) -> rusqlite::Result<i64> {
    let values = params![filed.record.method, filed.endpoint];
    let sql = "SELECT id FROM endpoint WHERE method = ?1 AND path = ?2";
    if let Some(id) = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    connection.prepare_cached("INSERT INTO endpoint (method, path) VALUES (?1, ?2)")?.execute(values)?;
    Ok(connection.last_insert_rowid())
}

fn group_of(connection: &Connection, filed: &Filed) -> rusqlite::Result<i64> {
    let code = filed.code().unwrap_or_default();
    // Without a code the status is what tells one kind of failure from another.
    let status = if code.is_empty() { filed.status().map_or(-1, i64::from) } else { -1 };
    let field = filed.record.field.as_deref().unwrap_or_default();
    let values = params![code, status, filed.record.method, filed.endpoint, field];
    let sql = "SELECT id FROM grp WHERE code = ?1 AND status = ?2 AND method = ?3 AND endpoint = ?4 AND field = ?5";
    if let Some(id) = connection.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    connection
        .prepare_cached(
            "INSERT INTO grp (code, status, method, endpoint, field, count, first_ms, last_ms, last_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0)",
        )?
        .execute(values)?;
    Ok(connection.last_insert_rowid())
}

/// Hides an entry and takes it out of the counters; searches pass over it from now on.
pub(super) fn hide(connection: &Connection, filing: &Filing, at_ms: i64) -> rusqlite::Result<()> {
    withdraw(connection, filing)?;
    let index = match filing.index {
        index_state::INDEXED => index_state::HIDDEN_INDEXED,
        _ => index_state::HIDDEN,
    };
    connection
        .prepare_cached("UPDATE exchange SET deleted_ms = ?2, is_indexed = ?3 WHERE seq = ?1")?
        .execute([filing.seq, at_ms, index])?;
    Ok(())
}

/// Puts a hidden entry back everywhere.
pub(super) fn show(connection: &Connection, filing: &Filing) -> rusqlite::Result<()> {
    let index = match filing.index {
        index_state::HIDDEN_INDEXED => index_state::INDEXED,
        _ => index_state::WAITING,
    };
    connection
        .prepare_cached("UPDATE exchange SET deleted_ms = NULL, is_indexed = ?2 WHERE seq = ?1")?
        .execute([filing.seq, index])?;
    count(connection, filing)
}

/// Writes a note; its words are the last ones of the head, behind a mark of our own.
pub(super) fn set_note(connection: &Connection, filing: &Filing, note: Option<&str>) -> rusqlite::Result<()> {
    unindex(connection, filing)?;
    let sql = "SELECT head FROM content WHERE seq = ?1";
    let head: String = connection.prepare_cached(sql)?.query_row([filing.seq], |row| row.get(0))?;
    let head = with_note(&head, note);
    connection.prepare_cached("UPDATE content SET head = ?2 WHERE seq = ?1")?.execute(params![filing.seq, head])?;
    connection.prepare_cached("UPDATE exchange SET note = ?2 WHERE seq = ?1")?.execute(params![filing.seq, note])?;
    Ok(())
}

fn note_of(connection: &Connection, seq: i64) -> rusqlite::Result<Option<String>> {
    connection.prepare_cached("SELECT note FROM exchange WHERE seq = ?1")?.query_row([seq], |row| row.get(0))
}

fn with_note(head: &str, note: Option<&str>) -> String {
    let begin = format!("{OWN}note\n");
    let mut head = head.split_once(&begin).map_or(head, |(before, _)| before).to_owned();
    if let Some(note) = note {
        head.push_str(&begin);
        head.extend(note.chars().filter(|c| *c != OWN));
    }
    head
}
