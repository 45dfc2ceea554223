//! A map from fields to what is wrong with them, as frameworks write it.

use super::Stated;
use super::reading::Fields;
use super::source::filled_text;
use crate::text::{Kind, Node};

/// Keys that stand for no field but for the whole.
const NO_FIELD: [&str; 7] = ["", "base", "non_field_errors", "__all__", "_errors", "_schema", "_global"];
/// How deep names are joined; below that a map is no map of fields.
const DEEPEST: usize = 32;
/// How many entries are looked at in all.
const MOST_ENTRIES: usize = 5000;

/// Adds a field for every key; nested names are joined by dots. The sentence of the entry for no field comes back.
///
/// A value is a sentence, a list of sentences or of objects that hold one, or an object of the same kind again.
pub(super) fn add(fields: &mut Fields, map: Node<'_, '_>) -> Option<String> {
    let mut of_none = None;
    let mut visits = 0usize;
    // Maps still to be walked, the next one last, each with the names that lead to it.
    let mut open = vec![(String::new(), 0usize, map.members())];
    while let Some((prefix, depth, members)) = open.last_mut() {
        let Some(member) = members.next() else {
            open.pop();
            continue;
        };
        visits += 1;
        if visits > MOST_ENTRIES {
            break;
        }
        let is_no_field = prefix.is_empty() && NO_FIELD.contains(&&*member.key);
        let path = if prefix.is_empty() { member.key.to_string() } else { format!("{prefix}.{}", member.key) };
        if is_no_field {
            of_none = of_none.or_else(|| reasons(member.value).into_iter().next());
            continue;
        }
        let value = member.value;
        let own = sentence(value);
        if value.kind() == Kind::Object && own.is_none() {
            let depth = *depth + 1;
            if depth < DEEPEST {
                open.push((path, depth, value.members()));
            }
            continue;
        }
        if value.kind() == Kind::Null {
            continue;
        }
        let said = reasons(value);
        if said.is_empty() {
            fields.add(path, None, Stated::Nowhere);
        } else {
            said.into_iter().for_each(|reason| fields.add(path.clone(), Some(reason), Stated::Nowhere));
        }
    }
    of_none
}

/// The sentences of a value.
fn reasons(value: Node<'_, '_>) -> Vec<String> {
    match value.kind() {
        Kind::Array => value.items().take(100).filter_map(sentence).collect(),
        _ => sentence(value).into_iter().collect(),
    }
}

/// The sentence of one entry: the text itself, or the member of an object that holds it, else its code.
pub(super) fn sentence(entry: Node<'_, '_>) -> Option<String> {
    if entry.kind() != Kind::Object {
        return filled_text(entry);
    }
    let names = ["message", "description", "detail", "reason", "msg", "defaultMessage", "error", "code", "type"];
    names.iter().find_map(|name| entry.get(name).and_then(filled_text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::text::Document;

    fn said(text: &str) -> (Vec<(String, Option<String>)>, Option<String>) {
        let document = Document::parse(text);
        let mut fields = Fields::default();
        let of_none = add(&mut fields, document.root().unwrap());
        (fields.into_vec().into_iter().map(|field| (field.path, field.reason)).collect(), of_none)
    }

    fn entry(path: &str, reason: &str) -> (String, Option<String>) {
        (path.to_owned(), Some(reason.to_owned()))
    }

    #[test]
    fn every_form_of_a_map_is_read() {
        let text = r#"{"title":["is short","is odd"],"items.0.url":"is no URL","base":["Nothing fits"],
            "user":{"email":[{"error":"Taken","description":"is taken"}],"name":{"first":"is empty"}},"age":null,"":["x"]}"#;
        let expected = vec![
            entry("title", "is short; is odd"),
            entry("items.0.url", "is no URL"),
            entry("user.email", "is taken"),
            entry("user.name.first", "is empty"),
        ];
        assert_eq!(said(text), (expected, Some("Nothing fits".into())));
    }

    #[test]
    fn a_deep_or_endless_map_ends() {
        let deep = "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000);
        assert_eq!(said(&deep).0, []);
        let wide: String = (0..20_000).map(|i| format!("\"k{i}\":\"r\",")).collect();
        assert_eq!(said(&format!("{{{wide}\"z\":\"r\"}}")).0.len(), 1000);
    }
}
