//! The history for people at a terminal: aligned, with nothing in it that a terminal obeys.

use crate::history::{Comparison, EntryState, HistoryEntry, HistoryGroup};
use crate::text::visible_line;

/// The longest column but the last, in characters.
const MAX_COLUMN: usize = 48;

/// One line an exchange.
pub(super) fn list(entries: &[HistoryEntry]) -> String {
    let row = |entry: &HistoryEntry| {
        let what = [entry.code.as_deref(), entry.field.as_deref()];
        let what: Vec<&str> = what.into_iter().flatten().collect();
        vec![
            second(&entry.at),
            entry.id.clone(),
            if entry.pinned { "*".into() } else { String::new() },
            status(entry),
            entry.method.clone(),
            entry.environment.clone(),
            what.join(" "),
            format!("{:.0} ms", entry.total_ms),
            entry.url.clone(),
        ]
    };
    aligned(&entries.iter().map(row).collect::<Vec<_>>())
}

/// One line a kind of failure.
pub(super) fn groups(groups: &[HistoryGroup]) -> String {
    let row = |group: &HistoryGroup| {
        vec![
            format!("{}x", group.count),
            second(&group.last_at),
            group.code.clone().or(group.status.map(|status| status.to_string())).unwrap_or_default(),
            group.method.clone(),
            group.endpoint.clone(),
            group.field.clone().unwrap_or_default(),
            group.last_id.clone(),
        ]
    };
    aligned(&groups.iter().map(row).collect::<Vec<_>>())
}

/// What stands over an exchange that is shown.
pub(super) fn head(entry: &HistoryEntry) -> String {
    let mut text = format!(
        "{}  {}  {}",
        visible_line(&entry.id),
        visible_line(&second(&entry.at)),
        visible_line(&entry.environment)
    );
    match entry.state {
        EntryState::Done => {}
        EntryState::Running => text.push_str("  running"),
        EntryState::Interrupted => text.push_str("  interrupted: the program ended before the answer came"),
    }
    if entry.pinned {
        text.push_str("  pinned");
    }
    text.push('\n');
    if let Some(note) = &entry.note {
        text.push_str(&format!("Note: {}\n", visible_line(note)));
    }
    text
}

/// One difference a line or two.
pub(super) fn comparison(comparison: &Comparison) -> String {
    let mut text = format!("{} and {}\n", comparison.before, comparison.after);
    if comparison.differences.is_empty() {
        text.push_str("Nothing is different\n");
    }
    let mut was_usual = false;
    for difference in &comparison.differences {
        if difference.is_usual && !was_usual {
            text.push_str("\nDifferent in any two calls\n");
        }
        was_usual = difference.is_usual;
        let name =
            if difference.name.is_empty() { String::new() } else { format!(" {}", visible_line(&difference.name)) };
        text.push_str(&format!("{}{name}\n", difference.part.label()));
        for (sign, value) in [('-', &difference.before), ('+', &difference.after)] {
            if let Some(value) = value {
                text.push_str(&format!("  {sign} {}\n", visible_line(value)));
            }
        }
    }
    if comparison.more > 0 {
        text.push_str(&format!("… {} more\n", comparison.more));
    }
    text
}

fn status(entry: &HistoryEntry) -> String {
    match (entry.status, entry.state) {
        (Some(status), _) => status.to_string(),
        (None, EntryState::Running) => "running".into(),
        (None, EntryState::Interrupted) => "interrupted".into(),
        (None, EntryState::Done) => "no answer".into(),
    }
}

/// Shape: `2026-11-25 12:30:14Z`.
fn second(at: &str) -> String {
    let head = at.get(..19).unwrap_or(at);
    format!("{}Z", head.replace('T', " "))
}

/// Columns as wide as their widest value, empty ones left out.
fn aligned(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|value| shown(value)).collect()).collect();
    let count = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|value| value.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (value, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
            line.push_str(&format!("{value:<width$}  ", width = *width));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn shown(value: &str) -> String {
    let value = visible_line(value);
    match value.char_indices().nth(MAX_COLUMN * 4) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.into_owned(),
    }
}
