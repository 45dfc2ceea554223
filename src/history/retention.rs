//! Letting go of old entries, a few at a time, as the settings say.

use rusqlite::{Connection, params};

use super::error::HistoryError;
use super::store::{HistoryStore, now_ms};
use super::tables;

/// How many entries are let go in one transaction.
const BATCH: i64 = 64;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

impl HistoryStore {
    /// Removes a few entries that were deleted for good, or else lets go of some that the settings no longer keep.
    ///
    /// Returns how many; 0 when nothing is left to do. Pinned entries stay.
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn let_go(&mut self) -> Result<usize, HistoryError> {
        // First, so that the file's size is told from what is kept.
        let removed = self.remove_some_expired()?;
        let settings = self.settings.clone();
        if removed > 0 || (settings.max_age_days.is_none() && settings.max_size_mb.is_none()) {
            return Ok(removed);
        }
        let oldest = settings.max_age_days.map(|days| now_ms().saturating_sub(i64::from(days).saturating_mul(DAY_MS)));
        let max_bytes = settings.max_size_mb.map(|mb| i64::from(mb) << 20);
        let find = |connection: &Connection| -> rusqlite::Result<Vec<i64>> {
            if let Some(oldest) = oldest {
                let found = numbers(
                    connection,
                    "SELECT seq FROM exchange WHERE started_ms < ?1 AND pinned = 0 AND state <> 0
                     AND deleted_ms IS NULL ORDER BY started_ms LIMIT ?2",
                    oldest,
                )?;
                if !found.is_empty() {
                    return Ok(found);
                }
            }
            match max_bytes {
                Some(max) if used_bytes(connection)? > max => numbers(
                    connection,
                    "SELECT seq FROM exchange WHERE seq > ?1 AND pinned = 0 AND state <> 0 AND deleted_ms IS NULL
                     ORDER BY seq LIMIT ?2",
                    0,
                ),
                _ => Ok(Vec::new()),
            }
        };
        // Asked for outside a transaction first: another program need not be waited for where nothing is to be done.
        if self.read(find)?.is_empty() {
            return Ok(0);
        }
        self.write(|transaction| {
            let found = find(transaction)?;
            for seq in &found {
                if let Some(filing) = tables::filing_at(transaction, *seq)? {
                    // For good: nobody is asked to take it back.
                    tables::hide(transaction, &filing, 0)?;
                }
            }
            Ok(found.len())
        })
    }

    /// Removes an entry for good.
    pub(super) fn forget(&mut self, id: &str) -> Result<(), HistoryError> {
        self.write(|transaction| {
            if let Some(filing) = tables::filing_of(transaction, id)? {
                tables::remove(transaction, &filing)?;
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
