//! What a person changes about entries: pins, notes, deletions and their undoing.

use rusqlite::{Connection, params};

use super::error::HistoryError;
use super::store::{HistoryStore, now_ms};
use super::tables;
use crate::secret::Redacted;

/// How long a deletion can be taken back.
const UNDO_MS: i64 = 10 * 60 * 1000;

/// How many entries go for good in one transaction: each takes a hundredth of a second, and exchanges wait behind it.
const FEW: i64 = 4;

impl HistoryStore {
    /// Keeps an entry when others are let go, or no longer; whether it is there.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn set_pinned(&mut self, id: &str, is_pinned: bool) -> Result<bool, HistoryError> {
        self.write(|transaction| {
            let sql = "UPDATE exchange SET pinned = ?2 WHERE id = ?1 AND deleted_ms IS NULL";
            Ok(transaction.prepare_cached(sql)?.execute(params![id, is_pinned])? > 0)
        })
    }

    /// Writes a note beside an entry, where search finds it too; an empty one takes it away. Whether it is there.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn set_note(&mut self, id: &str, note: &Redacted<String>) -> Result<bool, HistoryError> {
        let note = Some(note.as_str()).filter(|note| !note.trim().is_empty());
        self.write(|transaction| {
            let Some(filing) = tables::filing_of(transaction, id)?.filter(|filing| !filing.is_deleted) else {
                return Ok(false);
            };
            tables::set_note(transaction, &filing, note)?;
            Ok(true)
        })
    }

    /// Hides entries from lists, searches, groups and counters; returns the ids of those that were there.
    ///
    /// They can be put back for ten minutes.
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn delete(&mut self, ids: &[String]) -> Result<Vec<String>, HistoryError> {
        let now = now_ms();
        self.write(|transaction| {
            let mut deleted = Vec::new();
            for id in ids {
                let Some(filing) = tables::filing_of(transaction, id)?.filter(|filing| !filing.is_deleted) else {
                    continue;
                };
                tables::hide(transaction, &filing, now)?;
                deleted.push(id.clone());
            }
            Ok(deleted)
        })
    }

    /// Puts deleted entries back; returns how many were still there.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn undelete(&mut self, ids: &[String]) -> Result<usize, HistoryError> {
        self.write(|transaction| {
            let mut count = 0;
            for id in ids {
                if let Some(filing) = tables::filing_of(transaction, id)?.filter(|filing| filing.is_deleted) {
                    tables::show(transaction, &filing)?;
                    count += 1;
                }
            }
            Ok(count)
        })
    }

    /// Makes what was deleted so far go for good: nobody is left to take it back.
    pub(super) fn expire_deleted(&mut self) -> Result<(), HistoryError> {
        let has_some = self.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM exchange INDEXED BY exchange_deleted
                WHERE deleted_ms IS NOT NULL AND deleted_ms > 0)";
            connection.query_row(sql, [], |row| row.get::<_, bool>(0))
        })?;
        if has_some {
            self.write(|transaction| {
                transaction.execute("UPDATE exchange SET deleted_ms = 0 WHERE deleted_ms IS NOT NULL", [])
            })?;
        }
        Ok(())
    }

    /// Removes for good what was deleted before that time, in milliseconds since 1970; returns how many.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn remove_deleted(&mut self, before_ms: i64) -> Result<usize, HistoryError> {
        let mut count = 0;
        loop {
            match self.remove_some(before_ms)? {
                0 => return Ok(count),
                some => count += some,
            }
        }
    }

    /// The same for a few of what can no longer be taken back.
    pub(super) fn remove_some_expired(&mut self) -> Result<usize, HistoryError> {
        self.remove_some(now_ms() - UNDO_MS)
    }

    fn remove_some(&mut self, before_ms: i64) -> Result<usize, HistoryError> {
        let find = |connection: &Connection| -> rusqlite::Result<Vec<i64>> {
            let sql = "SELECT seq FROM exchange INDEXED BY exchange_deleted
                WHERE deleted_ms IS NOT NULL AND deleted_ms < ?1 LIMIT ?2";
            connection.prepare_cached(sql)?.query_map([before_ms, FEW], |row| row.get(0))?.collect()
        };
        // Asked for outside a transaction first: another program need not be waited for where nothing is to be done.
        if self.read(find)?.is_empty() {
            return Ok(0);
        }
        self.write(|transaction| {
            let found = find(transaction)?;
            for seq in &found {
                if let Some(filing) = tables::filing_at(transaction, *seq)? {
                    tables::remove(transaction, &filing)?;
                }
            }
            Ok(found.len())
        })
    }
}
