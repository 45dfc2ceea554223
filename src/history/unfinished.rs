//! Requests that were started and never ended, because their program did.

use super::error::HistoryError;
use super::filed::{EntryState, Filed, from_store};
use super::runs::{self, Run};
use super::store::HistoryStore;
use super::tables;

impl HistoryStore {
    /// Marks what runs that have ended left unfinished; their requests stay.
    ///
    /// *Errors*: as [`HistoryStore::insert`].
    pub fn interrupt_dead_runs(&mut self) -> Result<(), HistoryError> {
        let dead = self.dead_runs()?;
        if dead.is_empty() {
            return Ok(());
        }
        let found = self.read(|connection| {
            let mut found = Vec::new();
            let sql = "SELECT e.id, c.record, c.request, c.response FROM exchange e INDEXED BY exchange_running
                CROSS JOIN content c ON c.seq = e.seq WHERE e.state = 0 AND e.run = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            for run in &dead {
                let rows = statement.query_map([run], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
                })?;
                found.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            Ok(found)
        })?;
        for (id, json, request, response) in found {
            let record = Filed::whole(&json, request, response).ok();
            let filed = record.and_then(|record| Filed::of(from_store(record), usize::MAX).ok());
            self.write(|transaction| match &filed {
                Some(filed) => tables::write(transaction, filed, EntryState::Interrupted, None).map(|_| ()),
                None => {
                    transaction.execute("UPDATE exchange SET state = 2, run = NULL WHERE id = ?1", [&id]).map(|_| ())
                }
            })?;
        }
        Ok(())
    }

    /// Runs with unfinished entries that have ended.
    pub(super) fn dead_runs(&self) -> Result<Vec<String>, HistoryError> {
        let runs = self.read(|connection| {
            let sql =
                "SELECT DISTINCT run FROM exchange INDEXED BY exchange_running WHERE state = 0 AND run IS NOT NULL";
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let Some(folder) = self.path.parent() else { return Ok(Vec::new()) };
        let own = self.run.as_ref().map(Run::id);
        Ok(runs.into_iter().filter(|run| Some(run.as_str()) != own && runs::is_over(folder, run)).collect())
    }
}
