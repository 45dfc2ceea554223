//! Letting go of old entries, a few at a time, as the settings say.

use rusqlite::{Connection, params};

use super::error::HistoryError;
use super::store::{HistoryStore, now_ms};
use super::tables;

/// How many entries go in one transaction, so that an exchange never waits long behind it.
const BATCH: i64 = 16;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl HistoryStore {
    /// Removes some of what the settings no longer keep; returns how many. Pinned entries stay.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn let_go(&mut self) -> Result<usize, HistoryError> {
        let settings = self.settings.clone();
        if settings.max_age_days.is_none() && settings.max_size_mb.is_none() {
            return Ok(0);
        }
        let oldest = settings.max_age_days.map(|days| now_ms().saturating_sub(i64::from(days).saturating_mul(DAY_MS)));
        let max_bytes = settings.max_size_mb.map(|mb| i64::from(mb) << 20);
        self.write(|transaction| {
            let mut found = Vec::new();
            if let Some(oldest) = oldest {
                found = numbers(
                    transaction,
                    "SELECT seq FROM exchange WHERE started_ms < ?1 AND pinned = 0 AND state <> 0
                     ORDER BY started_ms LIMIT ?2",
                    oldest,
                )?;
            }
            if found.is_empty() && max_bytes.is_some_and(|max| used_bytes(transaction).is_ok_and(|used| used > max)) {
                found = numbers(
                    transaction,
                    "SELECT seq FROM exchange WHERE seq > ?1 AND pinned = 0 AND state <> 0 ORDER BY seq LIMIT ?2",
                    0,
                )?;
            }
            for seq in &found {
                if let Some(filing) = tables::filing_at(transaction, *seq)? {
                    tables::withdraw(transaction, &filing)?;
                    tables::remove(transaction, *seq)?;
                }
            }
            Ok(found.len())
        })
    }

    /// Removes an entry for good.
    pub(super) fn forget(&mut self, id: &str) -> Result<(), HistoryError> {
        self.write(|transaction| {
            if let Some(filing) = tables::filing_of(transaction, id)? {
                tables::withdraw(transaction, &filing)?;
                tables::remove(transaction, filing.seq)?;
            }
            Ok(())
        })
    }

    /// Keeps the newest of a store in memory.
    pub(super) fn keep_newest(&mut self, limit: u32) -> Result<(), HistoryError> {
        let over = self.read(|connection| {
            let sql = "SELECT id FROM exchange ORDER BY seq DESC LIMIT -1 OFFSET ?1";
            connection
                .prepare_cached(sql)?
                .query_map([limit], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<String>>>()
        })?;
        over.iter().try_for_each(|id| self.forget(id))
    }
}

fn numbers(connection: &Connection, sql: &str, from: i64) -> rusqlite::Result<Vec<i64>> {
    connection.prepare_cached(sql)?.query_map(params![from, BATCH], |row| row.get(0))?.collect()
}

/// The pages in use; what is free in the file is used again before it grows.
fn used_bytes(connection: &Connection) -> rusqlite::Result<i64> {
    let number = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    Ok((number("page_count")? - number("freelist_count")?) * number("page_size")?)
}
