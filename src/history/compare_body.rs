//! What is different between two bodies: by JSON pointer, or the first line of a text.

use std::collections::{BTreeSet, HashMap};

use crate::exchange::RecordedBody;
use crate::text::{Document, Kind, Node};

/// How many values of each body are looked at.
const MAX_VALUES: usize = 20_000;

/// How long the pointers to them may be together, in bytes: deep nesting makes long ones.
const MAX_POINTER_BYTES: usize = 8 << 20;

/// One difference of two bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BodyDifference {
    /// A JSON pointer; empty for the whole, `line 3` for a text.
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// All of them, in the order of the first body, then of what only the second has.
pub(super) fn differences(before: &RecordedBody, after: &RecordedBody) -> Vec<BodyDifference> {
    if before.text == after.text {
        // Of bodies that are no text only their lengths are known.
        let is_other = before.is_binary != after.is_binary || before.len_bytes != after.len_bytes;
        let length = |body: &RecordedBody| Some(format!("{} bytes", body.len_bytes));
        return match is_other {
            true => vec![BodyDifference { name: String::new(), before: length(before), after: length(after) }],
            false => Vec::new(),
        };
    }
    let (first, second) = (Document::parse(&before.text), Document::parse(&after.text));
    let is_json =
        |document: &Document<'_>| document.is_complete() && document.root().is_some_and(|root| !root.is_empty());
    if is_json(&first) && is_json(&second) {
        return of_documents(&first, &second);
    }
    vec![of_texts(&before.text, &after.text)]
}

fn of_documents(first: &Document<'_>, second: &Document<'_>) -> Vec<BodyDifference> {
    let (first, second) = (Flat::of(first), Flat::of(second));
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (here, there, is_first) in [(&first, &second, true), (&second, &first, false)] {
        for (pointer, node) in here.order.iter().filter(|(_, node)| node.is_empty()) {
            let pointer = here.uppermost_unlike(pointer, there);
            let (Some(node), other) = (here.values.get(pointer).or(Some(node)), there.values.get(pointer)) else {
                continue;
            };
            // What lies behind the end of looking is not known to be missing.
            if (other.is_none() && there.is_cut)
                || other.is_some_and(|other| is_same(*node, *other))
                || !seen.insert(pointer.to_owned())
            {
                continue;
            }
            let (this, that) = (Some(node.raw().to_owned()), other.map(|other| other.raw().to_owned()));
            let (before, after) = if is_first { (this, that) } else { (that, this) };
            found.push(BodyDifference { name: pointer.to_owned(), before, after });
        }
    }
    found
}

/// The values of a document by their pointers, in the order of the text.
struct Flat<'d, 't> {
    order: Vec<(String, Node<'d, 't>)>,
    values: HashMap<String, Node<'d, 't>>,
    /// Whether there are more values than were looked at.
    is_cut: bool,
}

impl<'d, 't> Flat<'d, 't> {
    fn of(document: &'d Document<'t>) -> Self {
        let mut flat = Self { order: Vec::new(), values: HashMap::new(), is_cut: false };
        let mut pointer_bytes = 0;
        let mut open: Vec<(String, Node<'d, 't>)> =
            document.root().map(|root| (String::new(), root)).into_iter().collect();
        while let Some((pointer, node)) = open.pop() {
            pointer_bytes += pointer.len();
            if flat.order.len() >= MAX_VALUES || pointer_bytes > MAX_POINTER_BYTES {
                flat.is_cut = true;
                break;
            }
            let mut children: Vec<_> = node
                .members()
                .map(|member| {
                    let key = member.key;
                    (format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), member.value)
                })
                .collect();
            children.extend(node.items().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), item)));
            // The last one pushed is looked at next.
            open.extend(children.into_iter().rev());
            flat.values.insert(pointer.clone(), node);
            flat.order.push((pointer, node));
        }
        flat
    }

    /// The value itself, or the uppermost one around it that the other document does not have as a container too:
    /// what is missing is told once, for the whole of it.
    fn uppermost_unlike<'p>(&self, pointer: &'p str, there: &Self) -> &'p str {
        let mut top = pointer;
        while let Some((parent, _)) = top.rsplit_once('/') {
            let kinds = [self, there].map(|flat| flat.values.get(parent).map(|node| node.kind()));
            if kinds[0] == kinds[1] {
                break;
            }
            top = parent;
        }
        top
    }
}

fn is_same(a: Node<'_, '_>, b: Node<'_, '_>) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a == b,
        // What a container holds is compared by itself.
        (None, None) => a.kind() == b.kind() && (a.raw() == b.raw() || matches!(a.kind(), Kind::Object | Kind::Array)),
        _ => false,
    }
}

/// The first lines that are not the same.
fn of_texts(before: &str, after: &str) -> BodyDifference {
    let (mut first, mut second) = (before.lines(), after.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (first.next(), second.next()) {
            (Some(a), Some(b)) if a == b => {}
            (None, None) => return BodyDifference { name: "line ends".into(), before: None, after: None },
            (a, b) => {
                let text = |line: Option<&str>| line.map(str::to_owned);
                return BodyDifference { name: format!("line {number}"), before: text(a), after: text(b) };
            }
        }
    }
}
