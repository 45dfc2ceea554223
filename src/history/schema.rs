//! The numbered migrations of the history, from the first version on.

use rusqlite::{Connection, TransactionBehavior};

/// Each step with its number; a released step is never changed, a new one is added behind it.
const MIGRATIONS: &[(i64, &str)] = &[(
    1,
    "CREATE TABLE exchange (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        started_at TEXT NOT NULL,
        environment TEXT NOT NULL,
        method TEXT NOT NULL,
        url TEXT NOT NULL,
        status INTEGER,
        code TEXT,
        field TEXT,
        message TEXT,
        request_id TEXT,
        total_ms REAL NOT NULL,
        pinned INTEGER NOT NULL DEFAULT 0,
        record TEXT NOT NULL
    ) STRICT;",
)];

/// The newest version that this program knows.
pub(super) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(number, _)| *number)
}

/// The version of a database; 0 for a new one.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a database to the newest version in one transaction; of two programs one waits for the other.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    if version(connection)? >= newest() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let current = version(&transaction)?;
    for (number, sql) in MIGRATIONS.iter().filter(|(number, _)| *number > current) {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.commit()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_by_one() {
        let numbers: Vec<i64> = MIGRATIONS.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=newest()).collect::<Vec<_>>());
    }

    #[test]
    fn a_new_database_gets_the_newest_version_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), newest());
    }
}
