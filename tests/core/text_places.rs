//! Every spelling of a path and every form field leads to exact bytes, on random documents and forms.

use std::time::{Duration, Instant};

use altyaa_console::text::{
    Document, Form, Kind, Node, Pointer, find, find_one_based, first_steps, graphql_token, graphql_token_again, locate,
    spelled,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

/// A step of a generated path: a key or an index.
type Step = Result<String, usize>;

fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, test).unwrap();
}

/// Keys with everything that separates, and none that names the request.
fn awkward_key() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        ".", "/", "[", "]", "\"", "'", "~", "~1", "%", "%41", " ", "-", "_", "é", "e\u{301}", "日", "😀", "a", "B",
        "7", "$", "->", "\\", "\u{1}", "\n", "{", "#", "*", "@", "@x.y/z",
    ]);
    let made = prop::collection::vec(pieces, 1..6).prop_map(|pieces| format!("k{}", pieces.concat()));
    let bare =
        prop::sample::select(vec!["", "0", "07", "-1", " ", ".", "/", "[0]", "~", "a.b", "a/b", "x[y]", "'", "\""]);
    prop_oneof![made, bare.prop_map(str::to_owned)]
}

fn path_of(key: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(prop_oneof![3 => key.prop_map(Ok), 1 => (0_usize..3).prop_map(Err)], 1..6)
}

/// A value at the end of a path, with something beside each step.
fn document(path: &[Step], has_neighbours: bool) -> Value {
    let mut value = Value::from("here");
    for step in path.iter().rev() {
        value = match step {
            Ok(key) if has_neighbours => serde_json::json!({"zz": [1], key: value, "zy": {"x": null}}),
            Ok(key) => serde_json::json!({ key: value }),
            Err(index) => {
                let mut items = vec![Value::from(false); *index];
                items.push(value);
                items.push(Value::Null);
                Value::from(items)
            }
        };
    }
    value
}

fn texts(path: &[Step]) -> Vec<String> {
    path.iter().map(|step| step.as_ref().map_or_else(|index| index.to_string(), Clone::clone)).collect()
}

fn quoted(key: &str, quote: char) -> String {
    let mut out = String::from(quote);
    for c in key.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// The spellings that hold any key at all.
fn safe_spellings(path: &[Step]) -> Vec<String> {
    let tokens = texts(path);
    let pointer = Pointer::from_tokens(&tokens).to_string();
    let brackets = |quote: char| -> String {
        path.iter()
            .map(|step| step.as_ref().map_or_else(|i| format!("[{i}]"), |key| format!("[{}]", quoted(key, quote))))
            .collect()
    };
    let encoded: String =
        pointer.split('/').skip(1).map(|t| format!("/{}", utf8_percent_encode(t, NON_ALPHANUMERIC))).collect();
    let list: Vec<Value> = path
        .iter()
        .map(|step| step.as_ref().map_or_else(|i| Value::from(*i), |key| Value::from(key.clone())))
        .collect();
    let mut spellings = vec![
        pointer.clone(),
        format!("#{pointer}"),
        encoded.clone(),
        format!("#{encoded}"),
        brackets('\''),
        brackets('"'),
        format!("${}", brackets('\'')),
        format!("${}", brackets('"')),
        format!("body{}", brackets('"')),
        format!("request.body{}", brackets('\'')),
        format!("/body{pointer}"),
    ];
    if list.len() > 1 {
        spellings.push(serde_json::to_string(&list).unwrap());
        spellings.push(serde_json::to_string_pretty(&list).unwrap());
        let loose: Vec<String> =
            path.iter().map(|step| step.as_ref().map_or_else(ToString::to_string, |key| quoted(key, '\''))).collect();
        spellings.push(format!("[{}]", loose.join(", ")));
        spellings.push(format!("({})", loose.join(", ")));
    }
    spellings
}

#[test]
fn awkward_keys_are_found_in_every_spelling_that_can_hold_them() {
    run(400, (path_of(awkward_key()), any::<bool>()), |(path, has_neighbours)| {
        let text = serde_json::to_string_pretty(&document(&path, has_neighbours)).unwrap();
        let doc = Document::parse(&text);
        let goal = doc.at_pointer(Pointer::from_tokens(texts(&path)).as_str()).unwrap();
        prop_assert_eq!(goal.raw(), "\"here\"");
        for spelling in safe_spellings(&path) {
            let found = find(&doc, &spelling).map(|found| (found.node, found.is_exact));
            prop_assert_eq!(found, Some((goal, true)), "{} in {}", spelling, text);
        }
        let own = spelled(goal);
        prop_assert_eq!(locate(&doc, &own), Some(goal), "{}", own);
        Ok(())
    });
}

#[test]
fn unquoted_keys_that_hold_separators_are_found_too() {
    // Without quotes a key cannot begin or end with what would be cut off or taken for a step of its own.
    let key = "[a-z]{2,4}x([./~é日]|[a-z]){0,4}[a-z]{2}";
    run(400, path_of(key.prop_map(|key: String| key)), |path| {
        let text = serde_json::to_string(&document(&path, true)).unwrap();
        let doc = Document::parse(&text);
        let tokens = texts(&path);
        let dotted: String =
            path.iter().map(|step| step.as_ref().map_or_else(|i| format!("[{i}]"), |key| format!(".{key}"))).collect();
        let form: String = tokens.iter().skip(1).map(|token| format!("[{token}]")).collect();
        for spelling in [
            tokens.join("."),
            dotted.trim_start_matches('.').to_owned(),
            dotted.clone(),
            format!("${dotted}"),
            format!("body{dotted}"),
            format!("data{dotted}"),
            format!("requestBody{dotted}"),
            tokens.join(" -> "),
            tokens.join("->"),
            tokens.join(" → "),
            format!("body -> {}", tokens.join(" -> ")),
            format!("{}{form}", tokens[0]),
        ] {
            let found = locate(&doc, &spelling).and_then(Node::as_str);
            prop_assert_eq!(found.as_deref(), Some("here"), "{} in {}", spelling, text);
        }
        Ok(())
    });
}

#[test]
fn every_key_is_found_by_its_bare_name() {
    let any = prop_oneof![awkward_key(), "[./\\[\\]#$%~'\"a-c0 >(){}-]{1,8}", any::<String>()];
    run(1000, any.prop_filter("the empty path is the root", |key: &String| !key.is_empty()), |key| {
        let text = serde_json::json!({"zz": 1, &key: "here"}).to_string();
        let doc = Document::parse(&text);
        let found = locate(&doc, &key).map(Node::raw);
        prop_assert_eq!(found, Some("\"here\""), "{:?} in {}", key, text);
        Ok(())
    });
}

#[test]
fn another_style_is_found_and_its_own_spelling_leads_to_the_same() {
    let word = "[b-y]{3,6}";
    run(300, prop::collection::vec(prop::collection::vec(word, 1..4), 1..4), |keys| {
        let camel = |words: &[String]| -> String {
            let upper = |word: &String| word[..1].to_uppercase() + &word[1..];
            words.iter().enumerate().map(|(at, word)| if at == 0 { word.clone() } else { upper(word) }).collect()
        };
        let path: Vec<Step> = keys.iter().map(|words| Ok(camel(words))).collect();
        let text = serde_json::to_string(&document(&path, true)).unwrap();
        let doc = Document::parse(&text);
        for join in ["_", "-"] {
            let other: Vec<String> = keys.iter().map(|words| words.join(join)).collect();
            let found = find(&doc, &other.join(".")).unwrap();
            prop_assert_eq!(found.node.raw(), "\"here\"");
            prop_assert_eq!(found.is_exact, other == texts(&path));
            prop_assert_eq!(locate(&doc, &spelled(found.node)), Some(found.node));
        }
        Ok(())
    });
}

#[test]
fn a_form_field_is_found_in_every_spelling() {
    let step = prop_oneof![3 => "[a-e]{2,4}é?".prop_map(Ok::<String, usize>), 1 => (0_usize..3).prop_map(Err)];
    let path = ("[a-e]{3,5}", prop::collection::vec(step, 0..4));
    let value = "[ -%'-~é日]{0,8}";
    run(400, (path, value, any::<bool>(), any::<bool>()), |((first, steps), value, is_encoded, is_multipart)| {
        let tokens: Vec<String> = std::iter::once(first).chain(texts(&steps)).collect();
        let name: String =
            tokens.iter().enumerate().map(|(at, t)| if at == 0 { t.clone() } else { format!("[{t}]") }).collect();
        let text = if is_multipart {
            let part = |name: &str, value: &str| {
                format!("--xYz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            format!("{}{}{}--xYz--\r\n", part("zz", "1"), part(&name, &value), part("zy", ""))
        } else {
            let encode = |text: &str| match is_encoded {
                true => utf8_percent_encode(text, NON_ALPHANUMERIC).to_string(),
                false => text.to_owned(),
            };
            format!("zz=1&{}={}&zy", encode(&name), encode(&value))
        };
        let form = Form::read(&text, None).unwrap();
        let expected =
            if is_multipart || !is_encoded { value } else { utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string() };
        for spelling in [
            name.clone(),
            utf8_percent_encode(&name, NON_ALPHANUMERIC).to_string(),
            tokens.join("."),
            tokens.join("/"),
            format!("/{}", tokens.join("/")),
            format!("#/{}", tokens.join("/")),
            format!("body.{}", tokens.join(".")),
            format!("$.{}", tokens.join(".")),
            tokens.join(" -> "),
            tokens.join(".").to_uppercase(),
        ] {
            let found = form.find(&spelling).map(|found| found.part.span);
            prop_assert_eq!(
                found.and_then(|span| span.slice(&text)),
                Some(expected.as_str()),
                "{} in {:?}",
                spelling,
                text
            );
        }
        Ok(())
    });
}

#[test]
fn no_form_no_query_and_no_path_panics() {
    let formish = "[a-c=&%0-9+\\[\\]. \r\n\"{}é-]{0,60}";
    let multipart = "(--x|\r\n|\n|Content-Disposition: form-data; name=|\"a\\\\\"|;|--|v|é){0,30}";
    let graphqlish = "[{}()\\[\\]:!$@.\"\\\\#a-c0-9eE+,\r\n\té-]{0,60}";
    let text = prop_oneof![formish, multipart, graphqlish, any::<String>()];
    let path = prop_oneof!["[a-c./\\[\\]%$#~'\"0-9> -]{0,20}", any::<String>()];
    run(1500, (text, path, 0..5_usize, 0..70_usize), |(text, path, line, column)| {
        for content_type in [None, Some("multipart/form-data; boundary=x")] {
            if let Some(form) = Form::read(&text, content_type) {
                for part in form.parts() {
                    prop_assert!(part.span.slice(&text).is_some() && part.whole.slice(&text).is_some());
                    let found = form.find(&part.name).unwrap();
                    prop_assert_eq!(&found.part.name, &part.name);
                    prop_assert_eq!(form.part(&part.name, found.occurrence), Some(found.part));
                }
                prop_assert!(form.find(&path).is_none_or(|found| found.part.span.slice(&text).is_some()));
                form.nearest(&path);
            }
        }
        first_steps(&path);
        for payload in [text.clone(), serde_json::json!({ "query": text }).to_string()] {
            let doc = Document::parse(&payload);
            find_one_based(&doc, &path, locate(&doc, &path));
            if let Some(span) = graphql_token(&doc, line, column) {
                prop_assert!(!span.is_empty());
                let token = span.slice(&payload).unwrap();
                if doc.root().is_none_or(|root| root.kind() != Kind::Object) {
                    prop_assert_eq!(graphql_token_again(&doc, line, column, token), Some(span));
                }
            }
        }
        Ok(())
    });
}

/// Work on a text of so many pieces.
type Work = Box<dyn Fn(usize)>;

/// How long the work takes on a text of so many pieces; the best of three.
fn took(work: &dyn Fn(usize), pieces: usize) -> Duration {
    let once = || {
        let began = Instant::now();
        work(pieces);
        began.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

#[test]
fn sixteen_times_the_input_takes_no_sixty_four_times_as_long() {
    let find_in = |text: String, path: String| {
        let doc = Document::parse(&text);
        find_one_based(&doc, &path, locate(&doc, &path));
        if let Some(form) = Form::read(&text, None) {
            form.find(&path);
            form.nearest(&path);
        }
        graphql_token(&doc, 1, text.len().saturating_sub(2));
    };
    let mut works: Vec<(&str, Work)> = Vec::new();
    for piece in ["a[0].", "['a'].", "[", "[\"", ".'", "'\\", "%5B", "/a", "->", "body.", "a[b]c", "$..", "(", "1,"] {
        works.push((piece, Box::new(move |n| find_in("{\"a\":[[1]]}".to_owned(), piece.repeat(n)))));
    }
    for piece in [
        "&a",
        "a=1&",
        "a[]=1&",
        "%5B",
        "--x\r\n",
        "\r\n--x",
        ";name=\"",
        "a[b]=&A[b]=&",
        "{ a(b: \"",
        "\"\"\"\\",
        "#\n",
    ] {
        let head = if piece.contains('x') || piece.contains("name") {
            "--x\r\nContent-Disposition: form-data"
        } else {
            "a=1&"
        };
        works.push((piece, Box::new(move |n| find_in(format!("{head}{}", piece.repeat(n)), "a.1.b".to_owned()))));
        let query = move |n: usize| serde_json::json!({ "query": piece.repeat(n) }).to_string();
        works.push((piece, Box::new(move |n| find_in(query(n), "a.1.b".to_owned()))));
    }
    for (name, work) in works {
        let (small, large) = (took(&*work, 4_000), took(&*work, 64_000));
        // Below this much nothing can be told.
        let floor = Duration::from_millis(40);
        assert!(large < small.max(floor / 16) * 64, "{name}: {small:?}, then {large:?}");
    }
}
