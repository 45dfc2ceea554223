//! Where a value stands, written as people write it.

use super::{Kind, Node};

/// The way to a value in dots and brackets; empty for the root. Shape: `items[0].url`, `a["b.c"]`.
pub fn spelled(node: Node<'_, '_>) -> String {
    let mut steps = Vec::new();
    let pointer = node.pointer();
    let mut above = node.parent();
    let tokens: Vec<_> = pointer.tokens().collect();
    for token in tokens.iter().rev() {
        let is_item = above.is_some_and(|parent| parent.kind() == Kind::Array);
        steps.push(if is_item { format!("[{token}]") } else { key(token) });
        above = above.and_then(Node::parent);
    }
    let path: String = steps.into_iter().rev().collect();
    path.strip_prefix('.').map_or_else(|| path.clone(), str::to_owned)
}

/// `.name`, or `["…"]` for a key that would be misread so.
fn key(token: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@');
    if !token.is_empty() && token.chars().all(is_plain) {
        return format!(".{token}");
    }
    let mut out = String::from("[\"");
    for c in token.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push_str("\"]");
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Document, locate};
    use super::*;

    #[test]
    fn what_is_written_leads_back() {
        let doc = Document::parse(r#"[{"a": {"b.c": [1, {"x\"\n": 2}], "0": 3, "": 4, "é": 5}}]"#);
        let mut all = Vec::new();
        for node in doc.descendants() {
            all.push(spelled(node));
            assert_eq!(locate(&doc, &spelled(node)), Some(node), "{}", spelled(node));
        }
        let expected = [
            "",
            "[0]",
            "[0].a",
            "[0].a[\"b.c\"]",
            "[0].a[\"b.c\"][0]",
            "[0].a[\"b.c\"][1]",
            "[0].a[\"b.c\"][1][\"x\\\"\\u000a\"]",
            "[0].a.0",
            "[0].a[\"\"]",
            "[0].a.é",
        ];
        assert_eq!(all, expected);
    }
}
