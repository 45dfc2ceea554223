//! Discord: a numeric code, and errors as a tree that follows the payload.

use super::super::Stated;
use super::super::map::sentence;
use super::super::reading::{self, Reading};
use super::super::source::Source;
use crate::text::{Kind, Node};

/// How deep the tree is followed.
const DEEPEST: usize = 64;
/// How many branches are looked at.
const MOST_BRANCHES: usize = 5000;
/// Codes of Discord have five or six digits, apart from 0.
const LEAST_CODE: i64 = 10_000;

/// Reads `{"code":50035,"message":"…","errors":{"a":{"0":{"b":{"_errors":[{"code":"…","message":"…"}]}}}}}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let top = &source.top;
    if !source.is_failure() || !top.is_text("message") {
        return None;
    }
    let tree = top.object("errors").filter(|_| top.is_number("code"));
    let is_limit = top.is_number("retry_after") && top.has("global");
    let code = top.get("code").and_then(Node::as_i64);
    let is_bare = top.len() == 2 && code.is_some_and(|code| code == 0 || code >= LEAST_CODE);
    if tree.is_none() && !is_limit && !is_bare {
        return None;
    }
    let mut read = Reading::new("discord");
    read.code = reading::code(source.answer.status, [top.scalar("code")]);
    read.message = top.text("message");
    if let Some(tree) = tree {
        add_leaves(tree, &mut read);
    }
    Some(read)
}

fn add_leaves(tree: Node<'_, '_>, read: &mut Reading) {
    let mut branches = 0usize;
    let mut open = vec![(String::new(), tree.members())];
    while let Some((prefix, members)) = open.last_mut() {
        let Some(member) = members.next() else {
            open.pop();
            continue;
        };
        branches += 1;
        if branches > MOST_BRANCHES {
            return;
        }
        if member.key == "_errors" {
            let path = prefix.clone();
            for entry in member.value.items().take(MOST_BRANCHES) {
                read.fields.add(path.clone(), sentence(entry), Stated::Nowhere);
            }
        } else if member.value.kind() == Kind::Object {
            let path = if prefix.is_empty() { member.key.to_string() } else { format!("{prefix}.{}", member.key) };
            if open.len() < DEEPEST {
                open.push((path, member.value.members()));
            }
        }
    }
}
