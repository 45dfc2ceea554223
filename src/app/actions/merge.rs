//! The payload beside the latest state: which members differ, and taking some of theirs.

use std::collections::BTreeSet;

use crate::text::{Document, Kind, Node, Span};

/// How many members are compared.
const MOST: usize = 200;
/// Members that say which state a change was made for; theirs is what a new try has to name.
const VERSIONS: [&str; 6] = ["version", "revision", "etag", "_rev", "lockVersion", "lock_version"];

/// One member that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRow {
    /// The member.
    pub key: String,
    /// What is in the payload, as written.
    pub mine: String,
    /// What the latest state has, as written.
    pub theirs: String,
    /// Whether theirs is taken.
    pub is_theirs: bool,
}

/// The members that both have and that differ; a version is theirs from the beginning.
///
/// None where one of the two is no JSON object. The latest state may stand under `data` or under its only member.
pub(super) fn rows(mine: &str, theirs: &str) -> Option<Vec<MergeRow>> {
    let (mine, theirs) = (Document::parse(mine), Document::parse(theirs));
    let (mine, theirs) = (object(&mine)?, latest(object(&theirs)?));
    let differing = mine.members().take(MOST).filter_map(|member| {
        let other = theirs.get(&member.key)?;
        let is_same = is_same(member.value, other);
        (!is_same).then(|| MergeRow {
            is_theirs: VERSIONS.iter().any(|name| member.key.eq_ignore_ascii_case(name)),
            key: member.key.into_owned(),
            mine: member.value.raw().to_owned(),
            theirs: other.raw().to_owned(),
        })
    });
    Some(differing.collect())
}

/// The payload with their value in the members taken; every other byte stays.
pub(super) fn merged(mine: &str, rows: &[MergeRow]) -> String {
    let document = Document::parse(mine);
    let Some(root) = object(&document) else { return mine.to_owned() };
    let taken: BTreeSet<&str> = rows.iter().filter(|row| row.is_theirs).map(|row| row.key.as_str()).collect();
    let mut edits: Vec<(Span, &str)> = Vec::new();
    for key in taken {
        let theirs = rows.iter().find(|row| row.key == key).map_or("", |row| row.theirs.as_str());
        edits.extend(root.get(key).map(|node| (node.span(), theirs)));
    }
    // From the end on, so that the places before stay where they are.
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut text = mine.to_owned();
    for (span, theirs) in edits {
        if text.get(span.range()).is_some() {
            text.replace_range(span.range(), theirs);
        }
    }
    text
}

fn object<'d, 't>(document: &'d Document<'t>) -> Option<Node<'d, 't>> {
    document.root().filter(|root| document.is_complete() && root.kind() == Kind::Object)
}

/// The state itself, which some answers wrap.
fn latest<'d, 't>(answer: Node<'d, 't>) -> Node<'d, 't> {
    let only = answer.members().next().filter(|_| answer.len() == 1).map(|member| member.value);
    only.or_else(|| answer.get("data")).filter(|inner| inner.kind() == Kind::Object).unwrap_or(answer)
}

/// Whether two values are the same, apart from white space.
fn is_same(one: Node<'_, '_>, other: Node<'_, '_>) -> bool {
    let value = |node: Node<'_, '_>| serde_json::from_str::<serde_json::Value>(node.raw()).ok();
    one.raw() == other.raw() || value(one).zip(value(other)).is_some_and(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const MINE: &str = "{\n  \"title\": \"Mine\",\n  \"version\": 3,\n  \"tags\": [1, 2],\n  \"own\": true\n}";

    #[test]
    fn only_what_differs_is_a_row_and_a_version_is_theirs() {
        let theirs = r#"{"data":{"title":"Theirs","version":5,"tags":[1,2],"id":"p"}}"#;
        let found = rows(MINE, theirs).unwrap();
        let said: Vec<_> = found.iter().map(|row| (row.key.as_str(), row.theirs.as_str(), row.is_theirs)).collect();
        assert_eq!(said, [("title", "\"Theirs\"", false), ("version", "5", true)]);
        assert_eq!(merged(MINE, &found), MINE.replace('3', "5"));
        let all: Vec<MergeRow> = found.into_iter().map(|row| MergeRow { is_theirs: true, ..row }).collect();
        assert_eq!(merged(MINE, &all), MINE.replace('3', "5").replace("Mine", "Theirs"));
        assert_eq!(merged(MINE, &[]), MINE);
    }

    #[test]
    fn what_is_no_object_is_not_compared() {
        assert_eq!(rows("[1]", "{}"), None);
        assert_eq!(rows("{}", "<html>"), None);
        assert_eq!(rows("{\"a\":1", "{}"), None);
    }
}
