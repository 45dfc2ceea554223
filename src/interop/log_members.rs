//! Under which names log lines hold an exchange, from `assets/standards/log_members.toml`.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::text::{Kind, Node};

/// More members of one object are not looked at.
const MOST_MEMBERS: usize = 1000;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogMembers {
    pub status: Vec<String>,
    pub shared_status: Vec<String>,
    pub body: Vec<String>,
    pub headers: Vec<String>,
    pub method: Vec<String>,
    pub url: Vec<String>,
    pub request_headers: Vec<String>,
    pub request_body: Vec<String>,
    pub wrappers: Vec<String>,
}

/// The file, read once.
// It is part of the program; a test proves that it loads, so the empty one is never seen.
pub(super) static NAMES: LazyLock<LogMembers> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/standards/log_members.toml")).unwrap_or_default());

/// The members of one object, read once for many questions.
pub(super) struct Members<'d, 't>(Vec<(Cow<'t, str>, Node<'d, 't>)>);

impl<'d, 't> Members<'d, 't> {
    /// The first thousand members of an object; none for other kinds.
    pub(super) fn of(node: Node<'d, 't>) -> Self {
        Self(node.members().take(MOST_MEMBERS).map(|member| (member.key, member.value)).collect())
    }

    /// The first of these names that is there and not null, and is what `wanted` asks for.
    pub(super) fn find<T>(&self, names: &[String], wanted: impl Fn(Node<'d, 't>) -> Option<T>) -> Option<T> {
        names.iter().find_map(|name| self.at(name).filter(|node| !node.is_null()).and_then(&wanted))
    }

    /// The member of a name, whose dots are steps or part of the name.
    fn at(&self, name: &str) -> Option<Node<'d, 't>> {
        if let Some(node) = self.get(name) {
            return Some(node);
        }
        let (first, rest) = name.split_once('.')?;
        let mut node = self.get(first)?;
        if node.kind() == Kind::Object
            && let Some(flat) = node.get(rest)
        {
            return Some(flat);
        }
        for step in rest.split('.') {
            node = node.get(step)?;
        }
        Some(node)
    }

    fn get(&self, key: &str) -> Option<Node<'d, 't>> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, node)| *node)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::text::Document;

    #[test]
    fn the_file_loads_with_every_name_once() {
        let names: LogMembers = toml::from_str(include_str!("../../assets/standards/log_members.toml")).unwrap();
        for list in [
            [&names.status, &names.shared_status, &names.body],
            [&names.headers, &names.method, &names.url],
            [&names.request_headers, &names.request_body, &names.wrappers],
        ]
        .iter()
        .flatten()
        {
            assert!(!list.is_empty());
            for (n, name) in list.iter().enumerate() {
                assert!(!name.is_empty() && !list[..n].contains(name), "{name}");
                assert!(name.split('.').all(|step| !step.is_empty()), "{name}");
            }
        }
    }

    #[test]
    fn dots_are_steps_or_part_of_a_name() {
        let names = ["http.response.code".to_owned()];
        for text in [
            r#"{"http.response.code": 5}"#,
            r#"{"http": {"response.code": 5}}"#,
            r#"{"http": {"response": {"code": 4, "code": 5}}}"#,
        ] {
            let document = Document::parse(text);
            let members = Members::of(document.root().unwrap());
            assert_eq!(members.find(&names, Node::as_i64), Some(5), "{text}");
        }
    }
}
