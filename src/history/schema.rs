//! The numbered migrations of the history, from the first version on.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::migrate;

/// One step from a version to the next.
enum Step {
    /// Statements alone.
    Sql(&'static str),
    /// Statements, then a function that carries the rows over.
    SqlThen(&'static str, fn(&Transaction<'_>) -> rusqlite::Result<()>),
}

/// Each step with its number; a released step is never changed, a new one is added behind it.
const MIGRATIONS: &[(i64, Step)] = &[(1, Step::Sql(VERSION_1)), (2, Step::SqlThen(VERSION_2, migrate::carry_over))];

const VERSION_1: &str = "CREATE TABLE exchange (
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
) STRICT;";

/// Merging eight parts of the index at a time instead of four takes a quarter off the work of an insert.
///
/// Lists are read from `exchange` alone; texts lie in `content`, so that a page of a list drags no body along.
///
/// `facet` counts the entries of each combination of what can be filtered by, `grp` those of each kind of failure, so
/// that neither is ever found by looking through all entries. `is_indexed` says where
/// its words are (see `tables.rs`); `state` is 0 running, 1 done, 2 interrupted.
const VERSION_2: &str = "
ALTER TABLE exchange RENAME TO exchange_1;
CREATE TABLE exchange (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    started_at TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    environment TEXT NOT NULL,
    host TEXT NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    status INTEGER,
    code TEXT,
    fault TEXT,
    field TEXT,
    message TEXT,
    request_id TEXT,
    total_ms REAL NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0,
    note TEXT,
    state INTEGER NOT NULL,
    run TEXT,
    facet INTEGER,
    grp INTEGER,
    endpoint INTEGER,
    is_good INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL,
    deleted_ms INTEGER,
    is_indexed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX exchange_by_time ON exchange (started_ms);
CREATE INDEX exchange_waiting ON exchange (seq) WHERE is_indexed = 0;
CREATE INDEX exchange_running ON exchange (run) WHERE state = 0;
CREATE INDEX exchange_pinned ON exchange (seq) WHERE pinned = 1;
CREATE INDEX exchange_deleted ON exchange (deleted_ms) WHERE deleted_ms IS NOT NULL;
CREATE INDEX exchange_by_group ON exchange (grp, seq) WHERE grp IS NOT NULL;
CREATE INDEX exchange_good ON exchange (endpoint, seq) WHERE is_good = 1;
CREATE TABLE content (
    seq INTEGER PRIMARY KEY,
    facet TEXT NOT NULL,
    head TEXT NOT NULL,
    request TEXT NOT NULL,
    response TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE TABLE facet (
    id INTEGER PRIMARY KEY,
    environment TEXT NOT NULL,
    host TEXT NOT NULL,
    method TEXT NOT NULL,
    status INTEGER NOT NULL,
    code TEXT NOT NULL,
    is_failure INTEGER NOT NULL,
    count INTEGER NOT NULL,
    UNIQUE (environment, host, method, status, code, is_failure)
) STRICT;
CREATE TABLE grp (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    status INTEGER NOT NULL,
    method TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    field TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    UNIQUE (code, status, method, endpoint, field)
) STRICT;
CREATE INDEX grp_by_last ON grp (last_seq) WHERE count > 0;
CREATE TABLE endpoint (
    id INTEGER PRIMARY KEY,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    UNIQUE (method, path)
) STRICT;
CREATE TABLE total (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO total VALUES (1, 0, 0);
CREATE VIRTUAL TABLE words USING fts5 (
    facet, head, request, response,
    content = 'content', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2', prefix = '3'
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
INSERT INTO words (words, rank) VALUES ('automerge', 8);
";

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
    for (number, step) in MIGRATIONS.iter().filter(|(number, _)| *number > current) {
        match step {
            Step::Sql(sql) => transaction.execute_batch(sql)?,
            Step::SqlThen(sql, then) => {
                transaction.execute_batch(sql)?;
                then(&transaction)?;
            }
        }
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
