//! The counters that are kept beside the entries: kinds of failures, and what can be filtered by.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::query::{FacetValue, GroupPage, HistoryFacets, HistoryGroup};

/// The kinds of failures, the one seen last first; `before` is the `next` of the page before.
pub(super) fn groups(connection: &Connection, before: Option<i64>, limit: u32) -> rusqlite::Result<GroupPage> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT g.id, g.code, g.status, g.method, g.endpoint, g.field, g.count, g.first_ms, g.last_ms, g.last_seq, e.id
         FROM grp g INDEXED BY grp_by_last LEFT JOIN exchange e ON e.seq = g.last_seq
         WHERE g.count > 0 AND g.last_seq < ?1 ORDER BY g.last_seq DESC LIMIT ?2",
    )?;
    // One more than is shown tells whether there is a page behind.
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let rows = statement.query_map(params![before.unwrap_or(i64::MAX), wanted], |row| {
        let code: String = row.get(1)?;
        let field: String = row.get(5)?;
        let group = HistoryGroup {
            id: row.get(0)?,
            code: Some(code).filter(|code| !code.is_empty()),
            status: u16::try_from(row.get::<_, i64>(2)?).ok(),
            method: row.get(3)?,
            endpoint: row.get(4)?,
            field: Some(field).filter(|field| !field.is_empty()),
            count: u64::try_from(row.get::<_, i64>(6)?).unwrap_or(0),
            first_at: time(row.get(7)?),
            last_at: time(row.get(8)?),
            last_id: row.get::<_, Option<String>>(10)?.unwrap_or_default(),
        };
        Ok((row.get::<_, i64>(9)?, group))
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|(seq, _)| *seq);
    Ok(GroupPage { groups: found.into_iter().map(|(_, group)| group).collect(), next })
}

fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|at| at.to_string()).unwrap_or_default()
}

/// Every value that can be filtered by, with its count.
pub(super) fn facets(connection: &Connection) -> rusqlite::Result<HistoryFacets> {
    let mut statement = connection
        .prepare_cached("SELECT environment, host, method, status, code, count FROM facet WHERE count > 0")?;
    let mut rows = statement.query([])?;
    let mut counts: [BTreeMap<String, u64>; 5] = Default::default();
    while let Some(row) = rows.next()? {
        let count = u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0);
        let status: i64 = row.get(3)?;
        let status = if status < 0 { String::new() } else { status.to_string() };
        let values: [String; 5] = [row.get(0)?, row.get(1)?, row.get(2)?, status, row.get(4)?];
        for (counts, value) in counts.iter_mut().zip(values) {
            if !value.is_empty() {
                *counts.entry(value).or_default() += count;
            }
        }
    }
    let [environments, hosts, methods, statuses, codes] = counts.map(|counts| {
        counts.into_iter().map(|(value, count)| FacetValue { value, count }).collect::<Vec<FacetValue>>()
    });
    let by_count = |mut values: Vec<FacetValue>| {
        values.sort_by_key(|value| std::cmp::Reverse(value.count));
        values
    };
    Ok(HistoryFacets {
        environments: by_count(environments),
        hosts: by_count(hosts),
        methods: by_count(methods),
        statuses,
        codes: by_count(codes),
    })
}
