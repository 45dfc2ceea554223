//! Finding entries, newest first, without looking through all of them.

use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter};

use super::query::{COLUMNS, HistoryEntry, HistoryPage, HistoryQuery, Line};
use super::words::{OWN, Term};

/// Up to how many combinations of filters are named one by one; beyond it each filter is a word of its own.
const MAX_FACETS: usize = 64;

/// How many entries are looked at one by one before the index is asked for the exact beginning.
const MAX_CANDIDATES: usize = 500;

/// After how many of them it is seen whether looking on is worth it.
const FIRST_CANDIDATES: usize = 100;

/// How much text of them is looked at, in bytes.
const MAX_CANDIDATE_BYTES: usize = 4 << 20;

/// More entries at once than any list shows.
const MAX_LIMIT: u32 = 10_000;

/// The entries of that query, newest first.
pub(super) fn search(connection: &Connection, query: &HistoryQuery) -> rusqlite::Result<HistoryPage> {
    // One reading transaction, so that an entry which moves into the index meanwhile is seen once.
    let transaction = connection.unchecked_transaction()?;
    let limit = usize::try_from(query.limit.min(MAX_LIMIT)).unwrap_or(0);
    let terms = Term::all_of(&query.text);
    let Some(range) = range_of(&transaction, query)? else { return Ok(HistoryPage::default()) };
    if terms.is_empty() && !query.text.trim().is_empty() {
        // Signs alone are in no word.
        return Ok(HistoryPage::default());
    }
    // One more than is shown tells whether there is a page behind.
    let search = Search { connection: &transaction, query, terms, range, limit: limit.saturating_add(1) };
    let dimensions = query.dimensions();
    let mut lines = if query.group.is_some() || query.is_pinned || (search.terms.is_empty() && dimensions.is_none()) {
        search.walk()?
    } else {
        search.look_up()?
    };
    let has_more = lines.len() > limit;
    lines.truncate(limit);
    let entries: Vec<_> = lines.into_iter().map(|line| line.entry).collect();
    let next = entries.last().filter(|_| has_more).map(|entry| entry.id.clone());
    Ok(HistoryPage { entries, next })
}

/// The line of that id, or the newest that is over for `last`.
pub(super) fn entry(connection: &Connection, id: &str) -> rusqlite::Result<Option<HistoryEntry>> {
    let which = match id {
        "last" => "?1 = 'last' AND e.deleted_ms IS NULL AND e.state <> 0 ORDER BY e.seq DESC LIMIT 1",
        _ => "e.id = ?1 AND e.deleted_ms IS NULL",
    };
    let sql = format!("SELECT {COLUMNS} FROM exchange e WHERE {which}");
    let found = connection.prepare_cached(&sql)?.query_row([id], Line::from_row).optional()?;
    Ok(found.map(|line| line.entry))
}

/// From which number on, and up to before which.
#[derive(Clone, Copy)]
struct Range {
    from: i64,
    below: i64,
}

struct Search<'c> {
    connection: &'c Connection,
    query: &'c HistoryQuery,
    terms: Vec<Term>,
    range: Range,
    limit: usize,
}

impl Search<'_> {
    /// Entry by entry, where an index of the table leads to them: all, the pinned ones, those of a group.
    fn walk(&self) -> rusqlite::Result<Vec<Line>> {
        let (index, which) = match (self.query.group, self.query.is_pinned) {
            (Some(_), _) => ("INDEXED BY exchange_by_group", "e.grp = ?3"),
            // Named, because it has to be the condition of that index.
            (None, true) => ("INDEXED BY exchange_pinned", "e.pinned = 1 AND ?3 IS NULL"),
            (None, false) => ("", "?3 IS NULL"),
        };
        let (texts, joined) = self.texts();
        let sql = format!(
            "SELECT {COLUMNS}{texts} FROM exchange e {index} {joined}
             WHERE e.seq < ?1 AND e.seq >= ?2 AND {which} AND e.deleted_ms IS NULL ORDER BY e.seq DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![self.range.below, self.range.from, self.query.group])?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            let line = Line::from_row(row)?;
            if self.query.fits(&line) && self.has_all(row, &self.terms)? {
                lines.push(line);
                if lines.len() >= self.limit {
                    break;
                }
            }
        }
        Ok(lines)
    }

    /// Texts are read only where words are looked for: bodies are long.
    fn texts(&self) -> (&'static str, &'static str) {
        match self.terms.is_empty() {
            true => ("", ""),
            false => (", c.head, c.request, c.response", "LEFT JOIN content c ON c.seq = e.seq"),
        }
    }

    /// Through the index of words, and one by one through the few that wait to be put into it.
    fn look_up(&self) -> rusqlite::Result<Vec<Line>> {
        let mut lines = self.waiting()?;
        if let Some(filter) = self.filter()? {
            lines.extend(self.indexed(&filter)?);
        }
        lines.sort_by_key(|line| std::cmp::Reverse(line.seq));
        lines.truncate(self.limit);
        Ok(lines)
    }

    fn waiting(&self) -> rusqlite::Result<Vec<Line>> {
        let (texts, joined) = self.texts();
        let sql = format!(
            "SELECT {COLUMNS}{texts} FROM exchange e INDEXED BY exchange_waiting {joined}
             WHERE e.is_indexed = 0 AND e.seq < ?1 AND e.seq >= ?2 ORDER BY e.seq DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![self.range.below, self.range.from])?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            let line = Line::from_row(row)?;
            if self.query.fits(&line) && self.has_all(row, &self.terms)? {
                lines.push(line);
            }
        }
        Ok(lines)
    }

    /// The filters in the index's language: empty if there are none; none if no entry can fit.
    fn filter(&self) -> rusqlite::Result<Option<String>> {
        let Some(dimensions) = self.query.dimensions() else { return Ok(Some(String::new())) };
        let mut sql = "SELECT id FROM facet WHERE count > 0".to_owned();
        let mut values: Vec<String> = Vec::new();
        for (column, wanted) in [
            ("environment", dimensions.environment),
            ("host", dimensions.host),
            ("method", dimensions.method),
            ("code", dimensions.code),
        ] {
            if let Some(wanted) = wanted {
                values.push(wanted.to_owned());
                sql.push_str(&format!(" AND {column} = ?{}", values.len()));
            }
        }
        // Numbers, so there is nothing to bind.
        if let Some(status) = dimensions.status {
            sql.push_str(&format!(" AND status = {status}"));
        }
        if let Some(class) = dimensions.class {
            sql.push_str(&format!(" AND status / 100 = {class}"));
        }
        if dimensions.is_failure {
            sql.push_str(" AND is_failure = 1");
        }
        let mut statement = self.connection.prepare_cached(&sql)?;
        let ids = statement.query_map(params_from_iter(values), |row| row.get::<_, i64>(0))?;
        let ids = ids.take(MAX_FACETS + 1).collect::<rusqlite::Result<Vec<i64>>>()?;
        if ids.is_empty() {
            return Ok(None);
        }
        if ids.len() > MAX_FACETS {
            let words: Vec<String> = dimensions.words().iter().map(|word| format!("\"{word}\"")).collect();
            return Ok(Some(words.join(" AND ")));
        }
        let words: Vec<String> = ids.iter().map(|id| format!("\"{OWN}f{id}\"")).collect();
        Ok(Some(format!("({})", words.join(" OR "))))
    }

    /// What the index has.
    ///
    /// A beginning of more than three letters that is in nearly every entry would make SQLite collect all of them
    /// before the first is told. So the newest with the first three letters are looked at first, and the index is only
    /// asked for the rest when few of them fit, which is when collecting is cheap.
    fn indexed(&self, filter: &str) -> rusqlite::Result<Vec<Line>> {
        let mut exact: Vec<String> = Vec::new();
        if !filter.is_empty() {
            exact.push(filter.to_owned());
        }
        exact.extend(self.terms.iter().map(Term::exact));
        let mut lines = Vec::new();
        let mut below = self.range.below;
        if let Some(rough) = self.terms.last().and_then(Term::rough) {
            let mut wide = exact.clone();
            wide.pop();
            wide.push(rough);
            match self.candidates(&wide.join(" AND "), &mut lines)? {
                Some(reached) => below = reached,
                None => return Ok(lines),
            }
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM words CROSS JOIN exchange e ON e.seq = words.rowid
             WHERE words MATCH ?1 AND words.rowid < ?2 AND words.rowid >= ?3 AND e.deleted_ms IS NULL
             ORDER BY words.rowid DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![exact.join(" AND "), below, self.range.from])?;
        while lines.len() < self.limit {
            let Some(row) = rows.next()? else { break };
            let line = Line::from_row(row)?;
            if self.query.fits(&line) {
                lines.push(line);
            }
        }
        Ok(lines)
    }

    /// Looks at entries one by one; returns below which number to look on, or none where nothing is left to do.
    fn candidates(&self, wide: &str, lines: &mut Vec<Line>) -> rusqlite::Result<Option<i64>> {
        let sql = format!(
            "SELECT {COLUMNS}, c.head, c.request, c.response FROM words CROSS JOIN exchange e ON e.seq = words.rowid
             CROSS JOIN content c ON c.seq = words.rowid
             WHERE words MATCH ?1 AND words.rowid < ?2 AND words.rowid >= ?3 AND e.deleted_ms IS NULL
             ORDER BY words.rowid DESC"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![wide, self.range.below, self.range.from])?;
        let (mut count, mut bytes) = (0, 0);
        let last = self.terms.get(self.terms.len().saturating_sub(1)..).unwrap_or_default();
        while let Some(row) = rows.next()? {
            let line = Line::from_row(row)?;
            let seq = line.seq;
            count += 1;
            for column in TEXTS {
                bytes += text(row, column)?.len();
            }
            if self.query.fits(&line) && self.has_all(row, last)? {
                lines.push(line);
                if lines.len() >= self.limit {
                    return Ok(None);
                }
            }
            let is_hopeless = count == FIRST_CANDIDATES && lines.len() * 10 < FIRST_CANDIDATES;
            if count >= MAX_CANDIDATES || bytes >= MAX_CANDIDATE_BYTES || is_hopeless {
                return Ok(Some(seq));
            }
        }
        Ok(None)
    }

    /// Whether each term is in one of the row's texts.
    fn has_all(&self, row: &Row<'_>, terms: &[Term]) -> rusqlite::Result<bool> {
        for term in terms {
            let mut is_in = false;
            for column in TEXTS {
                is_in = is_in || term.is_in(text(row, column)?);
            }
            if !is_in {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Where head, request and response stand behind [`COLUMNS`].
const TEXTS: [usize; 3] = [18, 19, 20];

fn text<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r str> {
    Ok(row.get_ref(column)?.as_str_or_null()?.unwrap_or_default())
}

/// The numbers that can be asked for; none if there are none in that time.
fn range_of(connection: &Connection, query: &HistoryQuery) -> rusqlite::Result<Option<Range>> {
    let mut range = Range { from: 0, below: i64::MAX };
    if let Some(id) = &query.before {
        let sql = "SELECT seq FROM exchange WHERE id = ?1";
        let known: Option<i64> = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
        range.below = match known {
            Some(seq) => seq,
            // It is gone, or in another store; ids sort by time.
            None => {
                let sql = "SELECT seq + 1 FROM exchange WHERE id < ?1 ORDER BY id DESC LIMIT 1";
                let older = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
                older.unwrap_or(0)
            }
        };
    }
    // Numbers and times rise together but for what runs side by side, so the nearest thousand decide.
    if let Some(since) = query.since {
        let sql = "SELECT min(seq) FROM
            (SELECT seq FROM exchange WHERE started_ms >= ?1 ORDER BY started_ms LIMIT 1000)";
        let from: Option<i64> =
            connection.prepare_cached(sql)?.query_row([since.as_millisecond()], |row| row.get(0))?;
        let Some(from) = from else { return Ok(None) };
        range.from = from;
    }
    if let Some(until) = query.until {
        let sql = "SELECT max(seq) FROM
            (SELECT seq FROM exchange WHERE started_ms < ?1 ORDER BY started_ms DESC LIMIT 1000)";
        let last: Option<i64> =
            connection.prepare_cached(sql)?.query_row([until.as_millisecond()], |row| row.get(0))?;
        let Some(last) = last else { return Ok(None) };
        range.below = range.below.min(last.saturating_add(1));
    }
    Ok(Some(range))
}
