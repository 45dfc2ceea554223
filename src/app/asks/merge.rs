//! The payload beside the latest state: which members differ, and taking some of theirs byte for byte.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::text::{Document, Kind, Member, Node, Span};

/// One top-level member of payload or latest state.
///
/// *Secrets*: as the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeRow {
    /// The member's name.
    pub key: String,
    /// Its value in the payload, as written; none if it is not there.
    pub mine: Option<String>,
    /// Its value in the latest state, as the server wrote it; none if it is not there.
    pub theirs: Option<String>,
    /// Whether both are the same apart from white space and how characters are escaped.
    pub is_same: bool,
}

/// The top-level members of both, those of the payload first; of duplicates the last.
///
/// None where one of the two is no whole JSON object.
pub fn merge_rows(mine: &str, theirs: &str) -> Option<Vec<MergeRow>> {
    let (mine, theirs) = (Document::parse(mine), Document::parse(theirs));
    let (mine, theirs) = (object(&mine)?, object(&theirs)?);
    let (my_values, their_values) = (last_of(mine), last_of(theirs));
    let row = |key: &str| {
        let value = |of: &BTreeMap<String, Member<'_, '_>>| of.get(key).map(|member| member.value.raw().to_owned());
        let (mine, theirs) = (value(&my_values), value(&their_values));
        let is_same = mine.as_deref().zip(theirs.as_deref()).is_some_and(|(mine, theirs)| is_same(mine, theirs));
        MergeRow { key: key.to_owned(), mine, theirs, is_same }
    };
    let mut seen = BTreeSet::new();
    let keys = mine.members().chain(theirs.members()).map(|member| member.key.into_owned());
    let keys = keys.filter(|key| seen.insert(key.clone()));
    Some(keys.map(|key| row(&key)).collect())
}

/// The payload with the members of these names as the latest state has them.
///
/// Only the bytes of their values change; one that only the latest state has is put behind the last member, set as that
/// one is. A name that the latest state does not have changes nothing. Texts that are no whole JSON object neither.
pub fn merged(mine: &str, theirs: &str, take_theirs: &[String]) -> String {
    let (my_document, their_document) = (Document::parse(mine), Document::parse(theirs));
    let (Some(my_root), Some(their_root)) = (object(&my_document), object(&their_document)) else {
        return mine.to_owned();
    };
    let (my_values, their_values) = (last_of(my_root), last_of(their_root));
    let wanted: BTreeSet<&str> = take_theirs.iter().map(String::as_str).collect();
    let mut edits: Vec<(Span, Cow<'_, str>)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut added: Vec<&Member<'_, '_>> = Vec::new();
    for key in their_root.members().map(|member| member.key) {
        let taken = their_values.get(key.as_ref()).filter(|_| wanted.contains(key.as_ref()));
        let Some(taken) = taken.filter(|_| seen.insert(key.into_owned())) else { continue };
        match my_values.get(taken.key.as_ref()) {
            Some(member) => edits.push((member.value.span(), Cow::Borrowed(taken.value.raw()))),
            None => added.push(taken),
        }
    }
    if !added.is_empty() {
        edits.push(addition(mine, my_root, theirs, &added));
    }
    edits.sort_by_key(|(span, _)| span.start);
    let mut text = String::with_capacity(mine.len());
    let mut at = 0;
    for (span, new) in &edits {
        text.push_str(mine.get(at..span.start).unwrap_or_default());
        text.push_str(new);
        at = span.end;
    }
    text.push_str(mine.get(at..).unwrap_or_default());
    text
}

/// The state itself in an answer that wraps it in `data` or in its only member: whichever shares most names with the
/// payload; the whole answer where none does.
pub fn state_in<'t>(answer: &'t str, mine: &str) -> &'t str {
    let (document, mine) = (Document::parse(answer), Document::parse(mine));
    let (Some(root), Some(mine)) = (object(&document), object(&mine)) else { return answer };
    let names = last_of(mine);
    let shared = |node: Node<'_, '_>| {
        let shared: BTreeSet<_> =
            node.members().map(|member| member.key).filter(|key| names.contains_key(key.as_ref())).collect();
        shared.len()
    };
    let only = root.members().next().filter(|_| root.len() == 1).map(|member| member.value);
    let inner = root.get("data").or(only).filter(|inner| inner.kind() == Kind::Object);
    inner.filter(|inner| shared(*inner) > shared(root)).map_or(answer, Node::raw)
}

fn object<'d, 't>(document: &'d Document<'t>) -> Option<Node<'d, 't>> {
    document.root().filter(|root| document.is_complete() && root.kind() == Kind::Object)
}

/// The members by name; of duplicates the last.
fn last_of<'d, 't>(object: Node<'d, 't>) -> BTreeMap<String, Member<'d, 't>> {
    object.members().map(|member| (member.key.to_string(), member)).collect()
}

/// What is put behind the last member, and where.
fn addition<'a>(mine: &str, root: Node<'_, '_>, theirs: &str, added: &[&Member<'_, '_>]) -> (Span, Cow<'a, str>) {
    let last = root.members().last();
    let start = last.as_ref().map_or(root.span().start + 1, |member| member.value.span().end);
    // White space before the last member's key, and what stands between its key and its value.
    let (before, between) = match &last {
        Some(last) => {
            let ahead = mine.get(..last.key_span.start).unwrap_or_default();
            let before = ahead.get(ahead.trim_end_matches([' ', '\t', '\r', '\n']).len()..).unwrap_or_default();
            (before, mine.get(last.key_span.end..last.value.span().start).unwrap_or(":"))
        }
        None => ("", ":"),
    };
    let mut text = String::new();
    for (index, member) in added.iter().enumerate() {
        if last.is_some() || index > 0 {
            text.push(',');
        }
        text.push_str(before);
        text.push_str(member.key_span.slice(theirs).unwrap_or_default());
        text.push_str(between);
        text.push_str(member.value.raw());
    }
    (Span::new(start, start), Cow::Owned(text))
}

/// Whether two values are the same token for token; a number counts as it is written.
fn is_same(one: &str, other: &str) -> bool {
    one == other || Tokens(one).eq(Tokens(other))
}

/// The tokens of strict JSON: texts with their escapes undone, and every other character that is no white space.
struct Tokens<'t>(&'t str);

#[derive(PartialEq)]
enum Token<'t> {
    Text(Cow<'t, str>),
    Other(char),
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let text = self.0.trim_start_matches([' ', '\t', '\r', '\n']);
        let first = text.chars().next()?;
        let end = if first == '"' { end_of_text(text) } else { first.len_utf8() };
        let (token, rest) = text.split_at_checked(end)?;
        self.0 = rest;
        if first != '"' {
            return Some(Token::Other(first));
        }
        // One that cannot be read, such as half a surrogate pair, counts as it is written.
        Some(Token::Text(serde_json::from_str::<String>(token).map_or(Cow::Borrowed(token), Cow::Owned)))
    }
}

/// Behind the closing quote of the text that begins here.
fn end_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    let closing = text.bytes().enumerate().skip(1).find(|(_, byte)| {
        let closes = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        closes
    });
    closing.map_or(text.len(), |(at, _)| at + 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    const MINE: &str = "{\n  \"title\": \"Mine\",\n  \"version\": 3,\n  \"n\": 1.0\n}\n";

    fn taken(mine: &str, theirs: &str, keys: &[&str]) -> String {
        merged(mine, theirs, &keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn rows_name_every_member_of_both() {
        let theirs = r#"{"version": 5, "title":"M\u0069ne", "id":"p","n":1}"#;
        let rows = merge_rows(MINE, theirs).unwrap();
        let said: Vec<_> = rows
            .iter()
            .map(|row| (row.key.as_str(), row.mine.as_deref(), row.theirs.as_deref(), row.is_same))
            .collect();
        let expected = [
            ("title", Some("\"Mine\""), Some(r#""M\u0069ne""#), true),
            ("version", Some("3"), Some("5"), false),
            ("n", Some("1.0"), Some("1"), false),
            ("id", None, Some("\"p\""), false),
        ];
        assert_eq!(said, expected);
        assert_eq!(merge_rows("[1]", "{}"), None);
        assert_eq!(merge_rows("{}", "{\"a\":1"), None);
    }

    #[test]
    fn white_space_is_no_difference_and_large_numbers_are_compared_as_written() {
        let same = |one: &str, other: &str| merge_rows(one, other).unwrap()[0].is_same;
        assert!(same("{\"a\":[1, {\"b\" :\"x y\"}]}", "{\"a\":[1,{\"b\":\"x y\"} ]}"));
        assert!(!same("{\"a\":\"x y\"}", "{\"a\":\"xy\"}"));
        assert!(!same("{\"a\":10000000000000000000001}", "{\"a\":10000000000000000000002}"));
        assert!(!same("{\"a\":\"1\"}", "{\"a\":1}"));
    }

    #[test]
    fn only_the_bytes_of_what_is_taken_change() {
        let theirs = r#"{"id":"p","version":5,"title":"Theirs","tags":[1,  2]}"#;
        assert_eq!(taken(MINE, theirs, &["version"]), MINE.replace('3', "5"));
        assert_eq!(taken(MINE, theirs, &["gone"]), MINE);
        let expected =
            "{\n  \"title\": \"Mine\",\n  \"version\": 3,\n  \"n\": 1.0,\n  \"id\": \"p\",\n  \"tags\": [1,  2]\n}\n";
        assert_eq!(taken(MINE, theirs, &["tags", "id"]), expected);
        assert_eq!(taken("{}", theirs, &["id", "version"]), r#"{"id":"p","version":5}"#);
        assert_eq!(taken(r#"{"a":1,"a":2}"#, r#"{"a":3,"a":4}"#, &["a"]), r#"{"a":1,"a":4}"#);
        assert_eq!(taken(r#"{"a":1,"n":2}"#, r#"{"n":1e400}"#, &["n"]), r#"{"a":1,"n":1e400}"#);
        assert_eq!(taken("no json", theirs, &["id"]), "no json");
    }

    #[test]
    fn a_wrapped_state_is_found_by_what_it_shares_with_the_payload() {
        let whole = r#"{"title":"a","data":{"x":1}}"#;
        assert_eq!(state_in(whole, MINE), whole);
        assert_eq!(state_in(r#"{"data":{"title":"a"},"meta":{}}"#, MINE), r#"{"title":"a"}"#);
        assert_eq!(state_in(r#"{"post":{"title":"a"}}"#, MINE), r#"{"title":"a"}"#);
        assert_eq!(state_in("<html>", MINE), "<html>");
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
            prop::collection::vec("[a-z\"\\\\{},:]{0,4}".prop_map(Value::from), 0..3).prop_map(Value::from),
        ]
    }

    fn state() -> impl Strategy<Value = Map<String, Value>> {
        prop::collection::btree_map("[a-e\"\\\\~/é]{0,2}", value(), 0..6).prop_map(|map| map.into_iter().collect())
    }

    proptest! {
        #[test]
        fn nothing_taken_is_mine_and_all_taken_has_their_values(mine in state(), theirs in state(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&mine) } else { serde_json::to_string(&mine) }.unwrap();
            let their_text = serde_json::to_string(&theirs).unwrap();
            prop_assert_eq!(merged(&text, &their_text, &[]), text.clone());
            let all: Vec<String> = theirs.keys().cloned().collect();
            let result: Map<String, Value> = serde_json::from_str(&merged(&text, &their_text, &all)).unwrap();
            let mut expected = mine.clone();
            expected.extend(theirs.clone());
            prop_assert_eq!(result, expected);
            let rows = merge_rows(&text, &their_text).unwrap();
            for row in rows {
                prop_assert_eq!(row.is_same, mine.get(&row.key).is_some() && mine.get(&row.key) == theirs.get(&row.key));
            }
        }

        #[test]
        fn no_text_breaks_it(mine in "[{}\\[\\]\",:a\\\\0-9 ]{0,40}", theirs in "\\PC{0,40}") {
            let _ = merge_rows(&mine, &theirs);
            prop_assert_eq!(merged(&mine, &theirs, &[]), mine);
        }
    }
}
