//! Spans, spellings and strictness of `text/` on random documents, with serde_json as the second opinion.

use std::fmt::Write as _;

use altyaa_console::text::{Document, Kind, LineIndex, Node, Position, find, locate, surroundings, visible};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

/// Any JSON value with awkward keys and strings.
fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Eighths are read back exactly by everybody.
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{0,3}",
        "[a-c./~\\[\\]0-2\"'\\\\$# %_-]{0,6}",
        "\\PC{0,8}",
        "[\u{0}-\u{20}é日😀\u{2028}\u{feff}]{0,4}",
        "[a-z]{100,300}",
    ]
}

/// Writes a value with white space and escapes chosen by `noise`, which is used up from its end and then repeated.
struct Writer<'n> {
    out: String,
    noise: &'n [u8],
    at: usize,
}

impl Writer<'_> {
    fn noise(&mut self) -> u8 {
        self.at += 1;
        self.noise.get(self.at % self.noise.len().max(1)).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        let space = ["", "", "", " ", "\n", "\r\n", "\t", "                                  ", " \r"];
        let choice = usize::from(self.noise());
        self.out.push_str(space[choice % space.len()]);
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            let escape = self.noise().is_multiple_of(4);
            match c {
                '"' | '\\' if !escape => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                '/' if escape => self.out.push_str("\\/"),
                '\n' if !escape => self.out.push_str("\\n"),
                c if escape || c < ' ' || c == '"' || c == '\\' => {
                    let mut units = [0; 2];
                    for unit in c.encode_utf16(&mut units) {
                        write!(self.out, "\\u{unit:04X}").unwrap();
                    }
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn value(&mut self, value: &Value) {
        self.space();
        match value {
            Value::Array(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.value(item);
                }
                self.space();
                self.out.push(']');
            }
            Value::Object(members) => {
                self.out.push('{');
                for (index, (key, item)) in members.iter().enumerate() {
                    if index > 0 {
                        self.out.push(',');
                    }
                    self.space();
                    self.string(key);
                    self.space();
                    self.out.push(':');
                    self.value(item);
                }
                self.space();
                self.out.push('}');
            }
            Value::String(text) => self.string(text),
            other => self.out.push_str(&other.to_string()),
        }
        self.space();
    }
}

fn written(value: &Value, noise: &[u8]) -> String {
    let mut writer = Writer { out: String::new(), noise, at: 0 };
    writer.value(value);
    writer.out
}

/// Every value in text order, from the generated tree.
fn flattened<'v>(value: &'v Value, into: &mut Vec<&'v Value>) {
    into.push(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| flattened(item, into)),
        Value::Object(members) => members.values().for_each(|item| flattened(item, into)),
        _ => {}
    }
}

/// The value as the document's own walk sees it.
fn rebuilt(node: Node<'_, '_>) -> Value {
    match node.kind() {
        Kind::Object => Value::Object(node.members().map(|m| (m.key.into_owned(), rebuilt(m.value))).collect()),
        Kind::Array => node.items().map(rebuilt).collect(),
        Kind::String => Value::from(node.as_str().unwrap().into_owned()),
        _ => serde_json::from_str(node.raw()).unwrap(),
    }
}

fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, test).unwrap();
}

/// Wide documents reach beyond the distance at which places are kept.
fn documents() -> impl Strategy<Value = (Value, Vec<u8>)> {
    let wide = prop::collection::vec(value(), 0..40).prop_map(Value::from);
    (prop_oneof![value(), wide], prop::collection::vec(any::<u8>(), 1..40))
}

#[test]
fn every_span_slices_back_to_its_own_value() {
    run(400, documents(), |(value, noise)| {
        let text = written(&value, &noise);
        let doc = Document::parse(&text);
        prop_assert!(doc.is_complete(), "{:?}", doc.error());
        let mut expected = Vec::new();
        flattened(&value, &mut expected);
        let nodes: Vec<_> = doc.descendants().collect();
        prop_assert_eq!(nodes.len(), expected.len());
        for (node, expected) in nodes.iter().zip(expected) {
            let slice = node.span().slice(&text).unwrap();
            prop_assert_eq!(slice.trim(), slice);
            prop_assert_eq!(&serde_json::from_str::<Value>(slice).unwrap(), expected);
            prop_assert!(node.is_complete());
            let len = expected.as_array().map_or(expected.as_object().map_or(0, |o| o.len()), Vec::len);
            prop_assert_eq!(node.len(), len);
        }
        prop_assert_eq!(rebuilt(doc.root().unwrap()), value);
        Ok(())
    });
}

#[test]
fn every_own_pointer_leads_back() {
    run(200, documents(), |(value, noise)| {
        let text = written(&value, &noise);
        let doc = Document::parse(&text);
        for node in doc.descendants() {
            let pointer = node.pointer();
            prop_assert_eq!(doc.at_pointer(pointer.as_str()), Some(node));
            prop_assert_eq!(locate(&doc, pointer.as_str()), Some(node), "{}", pointer);
            prop_assert!(find(&doc, pointer.as_str()).unwrap().is_exact);
            prop_assert_eq!(node.parent().map(|p| p.pointer()), pointer.parent());
            prop_assert_eq!(doc.node_at(node.span().start), Some(node));
            let key = node.key_span().map(|span| serde_json::from_str::<String>(span.slice(&text).unwrap()).unwrap());
            if let Some(key) = key {
                let last = pointer.tokens().last();
                prop_assert_eq!(Some(key.as_str()), last.as_deref());
            }
            // A JSON array of the same tokens.
            let tokens: Vec<_> = pointer.tokens().map(|token| token.into_owned()).collect();
            if tokens.len() > 1 {
                prop_assert_eq!(locate(&doc, &serde_json::to_string(&tokens).unwrap()), Some(node));
            }
        }
        Ok(())
    });
}

#[test]
fn plain_keys_are_found_in_every_spelling() {
    let key = "[a-f]{4,7}x";
    let path = prop::collection::vec(prop_oneof![key.prop_map(Ok), (0_usize..4).prop_map(Err)], 1..7);
    run(300, (path, prop::collection::vec(any::<u8>(), 1..40)), |(path, noise)| {
        let mut value = Value::from("here");
        for step in path.iter().rev() {
            value = match step {
                Ok(key) => serde_json::json!({"zz": [1], key: value, "zy": null}),
                Err(index) => {
                    let mut items = vec![Value::from(false); *index];
                    items.push(value);
                    items.push(Value::Null);
                    Value::from(items)
                }
            };
        }
        let text = written(&value, &noise);
        let doc = Document::parse(&text);
        let tokens: Vec<String> =
            path.iter().map(|step| step.as_ref().map_or_else(|index| index.to_string(), Clone::clone)).collect();
        let quoted: String = path
            .iter()
            .map(|step| step.as_ref().map_or_else(|i| format!("[{i}]"), |key| format!("['{key}']")))
            .collect();
        let dotted: String =
            path.iter().map(|step| step.as_ref().map_or_else(|i| format!("[{i}]"), |key| format!(".{key}"))).collect();
        let spellings = [
            tokens.join("."),
            tokens.join(" -> "),
            format!("/{}", tokens.join("/")),
            format!("#/{}", tokens.join("/")),
            tokens.join("/"),
            format!("${quoted}"),
            quoted,
            format!("${dotted}"),
            format!("body{dotted}"),
            format!("request.body{dotted}"),
            dotted,
            tokens.join(".").to_uppercase(),
        ];
        for spelling in spellings {
            let found = locate(&doc, &spelling);
            let found = found.and_then(Node::as_str);
            prop_assert_eq!(found.as_deref(), Some("here"), "{}", spelling);
        }
        Ok(())
    });
}

#[test]
fn accepts_and_refuses_what_serde_json_does() {
    let edits =
        prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, "[\\[\\]{},:\"\\\\0-9eE.+tfnu \t/-]"), 1..4);
    run(2000, (value(), prop::collection::vec(any::<u8>(), 1..40), edits), |(value, noise, edits)| {
        let mut chars: Vec<char> = written(&value, &noise).chars().collect();
        for (place, kind, piece) in &edits {
            let at = place.index(chars.len() + 1);
            match kind {
                0 if at < chars.len() => _ = chars.remove(at),
                1 => chars.truncate(at),
                _ => chars.insert(at, piece.chars().next().unwrap()),
            }
        }
        let text: String = chars.into_iter().collect();
        let doc = Document::parse(&text);
        match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
            Ok(_) => prop_assert!(doc.is_complete(), "{:?} in {text:?}", doc.error()),
            Err(error) => {
                // Lone surrogates are within the grammar, numbers beyond a double too.
                let is_beyond_grammar = error.to_string().contains("surrogate")
                    || error.to_string().contains("hex escape")
                    || error.to_string().contains("out of range");
                prop_assert!(!doc.is_complete() || is_beyond_grammar, "{error} in {text:?}");
            }
        }
        walk_up_to_the_fault(&doc)
    });
}

/// What is before a fault can be walked and is whole where it says so.
fn walk_up_to_the_fault(doc: &Document<'_>) -> Result<(), TestCaseError> {
    let stop = doc.error().map_or(doc.text().len(), |error| error.offset);
    let has_duplicates = doc.descendants().any(|node| {
        let keys: std::collections::HashSet<_> = node.members().map(|member| member.key).collect();
        keys.len() < node.members().count()
    });
    for node in doc.descendants() {
        let raw = node.span().slice(doc.text());
        prop_assert!(raw.is_some() && node.span().end <= stop);
        if node.is_complete() {
            prop_assert!(Document::parse(raw.unwrap()).is_complete());
        }
        // A pointer through an earlier duplicate leads elsewhere or nowhere.
        let pointer = node.pointer();
        let found = doc.at_pointer(pointer.as_str());
        prop_assert!(has_duplicates || found == Some(node), "{} in {:?}", pointer, doc.text());
        prop_assert_eq!(node.members().count() + node.items().count(), node.len());
    }
    if !doc.is_complete() {
        prop_assert_eq!(locate(doc, ""), None);
    }
    Ok(())
}

#[test]
fn no_text_and_no_path_panics() {
    let jsonish = "[\\[\\]{},:\"\\\\0-9a.$#/~%>'u \n-]{0,40}";
    let any_text = prop_oneof![jsonish, "\\PC{0,40}", any::<String>()];
    let sound = documents().prop_map(|(value, noise)| written(&value, &noise));
    let either = prop_oneof![any_text.clone(), sound];
    run(1000, (either, any_text, any::<usize>()), |(text, path, offset)| {
        let doc = Document::parse(&text);
        walk_up_to_the_fault(&doc)?;
        let found = locate(&doc, &path);
        let around = surroundings(&doc, &path);
        prop_assert!(found.is_none() || around.within.is_none());
        doc.at_pointer(&path);
        doc.node_at(offset % (text.len() + 2));
        let index = LineIndex::new(&text);
        for offset in 0..=(text.len() + 1).min(300) {
            prop_assert_eq!(index.position(offset), Position::of(&text, offset));
        }
        let shown = visible(&text);
        let is_safe = !shown.contains(['\u{1b}', '\u{202e}', '\u{7f}', '\u{9b}']);
        prop_assert!(is_safe);
        if let Some(error) = doc.error() {
            prop_assert!(!error.summary().is_empty() && !error.fix().is_empty());
        }
        Ok(())
    });
}

#[test]
fn a_hundred_thousand_levels_are_read_and_dropped() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let levels = 100_000;
        let whole = format!("{}1{}", open.repeat(levels), close.repeat(levels));
        let doc = Document::parse(&whole);
        assert!(doc.is_complete());
        assert_eq!(doc.descendants().count(), levels + 1);
        let deepest = doc.descendants().last().unwrap();
        assert_eq!(deepest.raw(), "1");
        assert_eq!(deepest.pointer().tokens().count(), levels);
        let cut = Document::parse(&whole[..open.len() * levels]);
        assert_eq!(cut.error().unwrap().offset, open.len() * levels);
        assert!(!cut.root().unwrap().is_complete());
        assert_eq!(cut.root().unwrap().span().end, open.len() * levels);
    }
}
