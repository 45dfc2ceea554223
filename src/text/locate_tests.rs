//! Tests of the spellings and of what is found.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::locate::{find, find_one_based, locate};
use super::{Document, Span};

/// The pointer a path leads to.
fn place(text: &str, path: &str) -> Option<String> {
    let doc = Document::parse(text);
    locate(&doc, path).map(|node| node.pointer().to_string())
}

fn check(text: &str, cases: &[(&str, Option<&str>)]) {
    for (path, expected) in cases {
        assert_eq!(place(text, path).as_deref(), *expected, "path {path:?} in {text}");
    }
}

const ORDER: &str = r#"{
    "items": [{"url": "u0", "tags": ["a", "b"]}, {"url": "u1"}],
    "contactInfo": {"phone": "1", "e mail": 2},
    "user": {"email": "x", "0": "zero"},
    "publishAt": "now"
}"#;

#[test]
fn every_spelling_leads_to_its_value() {
    let url = Some("/items/0/url");
    check(
        ORDER,
        &[
            ("items[0].url", url),
            ("items.0.url", url),
            ("items.[0].url", url),
            (".items[0].url", url),
            ("items[0][url]", url),
            ("items[0]['url']", url),
            ("['items'][0][\"url\"]", url),
            ("items[ 0 ].url", url),
            (".\"items\"[0].'url'", url),
            ("/items/0/url", url),
            ("#/items/0/url", url),
            ("#/%69tems/0/url", url),
            ("/%69tems/0/url", url),
            ("items/0/url", url),
            ("$.items[0].url", url),
            ("$['items'][0]['url']", url),
            ("$.items.0.url", url),
            ("items -> 0 -> url", url),
            ("items->0->url", url),
            ("items → 0 → url", url),
            ("body -> items -> 0 -> url", url),
            ("body -> items[0] -> url", url),
            ("[\"items\", 0, \"url\"]", url),
            ("[\"body\",\"items\",0,\"url\"]", url),
            (" items[0].url ", url),
            ("items[0].tags[1]", Some("/items/0/tags/1")),
            ("contactInfo/phone", Some("/contactInfo/phone")),
            ("contactInfo['e mail']", Some("/contactInfo/e mail")),
            ("#/contactInfo/e%20mail", Some("/contactInfo/e mail")),
            ("user[email]", Some("/user/email")),
            ("user[0]", Some("/user/0")),
            ("", Some("")),
            ("$", Some("")),
            ("#", Some("")),
            ("items", Some("/items")),
        ],
    );
    check(r#"[{"a": 1}]"#, &[("[0].a", Some("/0/a")), ("0.a", Some("/0/a")), ("$[0]['a']", Some("/0/a"))]);
}

#[test]
fn words_for_the_request_go_only_where_the_path_leads_nowhere_with_them() {
    for word in ["$", "#", "body", "request", "request.body", "requestBody", "payload", "data", "instance"] {
        assert_eq!(place(ORDER, &format!("{word}.publishAt")).as_deref(), Some("/publishAt"), "{word}");
        assert_eq!(place(ORDER, &format!("{word}.missing")), None, "{word}");
        assert_eq!(place(ORDER, word).as_deref(), Some(""), "{word} alone is the payload");
    }
    check(
        r#"{"data": {"a": 1}, "a": 2, "body": 3}"#,
        &[
            ("data.a", Some("/data/a")),
            ("/data/a", Some("/data/a")),
            ("body.a", Some("/a")),
            ("request.body.a", Some("/a")),
            ("$.body", Some("/body")),
            ("body", Some("/body")),
            ("/body/data/a", Some("/data/a")),
            ("body[data][a]", Some("/data/a")),
        ],
    );
    check(r#"{"$": 1, "": 2}"#, &[("$", Some("/$")), ("", Some("")), ("/", Some("/"))]);
}

#[test]
fn what_is_not_there_is_none() {
    let none = [
        "missing",
        "items[2].url",
        "items[-1]",
        "items[-1].url",
        "items.-",
        "/items/-",
        "/items/01",
        "items[01].url",
        "items[00]",
        "items[+1]",
        "items[1e0]",
        "items[99999999999999999999].url",
        "items.url",
        "items[0].url.more",
        "items[*].url",
        "items[0",
        "items]0[",
        "publishAt.",
        "publishAt/",
        "/",
        "..",
        "[]",
        "->",
        "items[].url",
        "contactInfo.",
        "user[email",
        "/items/0/url/",
    ];
    for path in none {
        assert_eq!(place(ORDER, path), None, "path {path:?}");
    }
}

#[test]
fn text_that_is_not_strict_json_has_no_places() {
    for text in ["{\"a\": 1", "{\"a\": 1,}", "{\"a\": 1} x", "", "{\"a\": 01}", "{\"a\": \"\t\"}"] {
        check(text, &[("a", None), ("", None), ("$", None)]);
    }
}

#[test]
fn keys_may_hold_what_separates() {
    check(
        r#"{"a.b": {"c[0]": 1}, "a": {"b": 2, "x.y": 3, "": 4}, "p/q": {"~t": 5, "u~1v": 6}, "q\"uote": 7,
            "ключ": 8, "[0]": 9, "l": {"app.io/name": 10}, "x[y]": 11, "we'ird": 12, "100%": 13}"#,
        &[
            ("a.b", Some("/a.b")),
            ("/a/b", Some("/a/b")),
            ("a['b']", Some("/a/b")),
            ("['a.b']", Some("/a.b")),
            ("a.b.c[0]", Some("/a.b/c[0]")),
            ("$['a.b']['c[0]']", Some("/a.b/c[0]")),
            ("a.x.y", Some("/a/x.y")),
            ("a.", Some("/a/")),
            ("p/q", Some("/p~1q")),
            ("/p~1q/~0t", Some("/p~1q/~0t")),
            ("#/p~1q/~0t", Some("/p~1q/~0t")),
            ("p/q.~t", Some("/p~1q/~0t")),
            ("/p~1q/u~01v", Some("/p~1q/u~01v")),
            ("/p%2Fq/~0t", Some("/p~1q/~0t")),
            ("['q\\\"uote']", Some("/q\"uote")),
            ("q\"uote", Some("/q\"uote")),
            ("ключ", Some("/ключ")),
            ("#/%D0%BA%D0%BB%D1%8E%D1%87", Some("/ключ")),
            ("[0]", Some("/[0]")),
            ("l[app.io/name]", Some("/l/app.io~1name")),
            ("l.app.io/name", Some("/l/app.io~1name")),
            ("x[y]", Some("/x[y]")),
            ("we'ird", Some("/we'ird")),
            ("['we\\'ird']", Some("/we'ird")),
            ("100%", Some("/100%")),
            ("/100%", Some("/100%")),
        ],
    );
}

#[test]
fn another_case_or_style_counts_only_where_it_is_the_only_one() {
    check(
        r#"{"publishAt": 1, "user_name": {"FirstName": 2}, "ID": 3, "Id": 4, "id": 5, "kind": {}, "Kind": {"a": 6},
            "two-way": 7, "two_way": 8, "twice": 9, "twice": 10, "contactInfo.phone": 11}"#,
        &[
            ("publish_at", Some("/publishAt")),
            ("PublishAt", Some("/publishAt")),
            ("publish-at", Some("/publishAt")),
            ("PUBLISH_AT", Some("/publishAt")),
            ("userName.first_name", Some("/user_name/FirstName")),
            ("/userName/first_name", Some("/user_name/FirstName")),
            ("id", Some("/id")),
            ("Id", Some("/Id")),
            ("iD", None),
            ("kind.a", None),
            ("twoWay", None),
            ("Twice", Some("/twice")),
            ("contact_info.phone", Some("/contactInfo.phone")),
            ("_", None),
        ],
    );
    let doc = Document::parse(r#"{"publishAt": 1}"#);
    assert!(find(&doc, "publishAt").unwrap().is_exact);
    assert!(!find(&doc, "body.publish_at").unwrap().is_exact);
}

#[test]
fn of_duplicate_keys_the_last_counts() {
    let text = r#"{"a": 1, "a": {"b": 2}, "a.c": 3, "a.c": 4, "d": {"x": 1}, "d": 5}"#;
    let doc = Document::parse(text);
    assert_eq!(locate(&doc, "a.b").unwrap().raw(), "2");
    assert_eq!(locate(&doc, "a.c").unwrap().raw(), "4");
    assert_eq!(locate(&doc, "A.C").unwrap().raw(), "4");
    assert_eq!(locate(&doc, "d").unwrap().raw(), "5");
    assert_eq!(locate(&doc, "d.x"), None, "the earlier duplicate is not looked into");
}

#[test]
fn graphql_paths_are_also_tried_under_the_variables() {
    check(
        r#"{"query": "mutation($input: I!) { x }", "variables": {"input": {"title": ""}, "data": {"n": 1}}}"#,
        &[
            ("input.title", Some("/variables/input/title")),
            ("variables.input.title", Some("/variables/input/title")),
            ("$input.title", Some("/variables/input/title")),
            ("/input/title", Some("/variables/input/title")),
            ("body.input.title", Some("/variables/input/title")),
            ("data.n", Some("/variables/data/n")),
            ("query", Some("/query")),
            ("body", Some("")),
            ("title", None),
        ],
    );
    check(r#"{"variables": {"a": 1}}"#, &[("a", None)]);
}

#[test]
fn spans_are_bytes_of_the_text_as_given() {
    let text = "\u{feff} {\"é\": \"日本\" ,\r\n\t\"b\":{ } }\n";
    let doc = Document::parse(text);
    let slice = |path: &str| locate(&doc, path).unwrap().span().slice(text).unwrap();
    assert_eq!(slice("é"), "\"日本\"");
    assert_eq!(slice("b"), "{ }");
    assert_eq!(doc.root().unwrap().span(), Span::new(4, text.len() - 1));
}

#[test]
fn a_hostile_path_or_payload_ends_soon() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let doc = Document::parse(&deep);
    let path = "/0".repeat(99_999);
    assert_eq!(locate(&doc, &path).unwrap().span(), Span::new(99_999, 100_001));
    assert_eq!(locate(&doc, &"[0]".repeat(99_999)).unwrap().span().start, 99_999);
    let mut forest = String::from("0");
    for _ in 0..12 {
        forest = format!("{{\"a\": {forest}, \"a.a\": {forest}}}");
    }
    let doc = Document::parse(&forest);
    assert_eq!(locate(&doc, &format!("{}.b", "a.".repeat(24))), None);
    assert_eq!(locate(&doc, &"body.".repeat(50_000)), None);
}

#[test]
fn hard_spellings_lead_to_their_value_or_nowhere() {
    check(
        r#"{"a": {"b": [1, {"c]d": 2, "e[f": 3, "g[h]i": 4}]}, "name ": 5, " lead": 6, "x y": 7, "t~1": {"u": 8},
            "😀": 9, "": {"": 10, "k": 11}, "v": {"07": 12, "-1": 13, "*": 14}, "p+q": 15, "50%": {"%41": 16}}"#,
        &[
            ("$['a'][\"b\"][0]", Some("/a/b/0")),
            ("$.a['b'][0]", Some("/a/b/0")),
            ("['a', 'b', 0]", Some("/a/b/0")),
            ("('body', 'a', 'b', 0)", Some("/a/b/0")),
            ("[\"a\"]", Some("/a")),
            ("['a']", Some("/a")),
            ("('a')", None),
            ("['a', b]", None),
            ("['a', 'b'", None),
            ("$..b", None),
            ("$..k", None),
            ("$.*", None),
            ("a.b[*]", None),
            ("a.b.*", None),
            ("a.b[]", None),
            ("/a/b/-", None),
            ("/a/b[1]/c]d", Some("/a/b/1/c]d")),
            ("a/b[0]", Some("/a/b/0")),
            ("/a/b[0]", Some("/a/b/0")),
            ("#/a/b[0]", Some("/a/b/0")),
            ("/body/a.b[0]", Some("/a/b/0")),
            ("a.b[1].c]d", Some("/a/b/1/c]d")),
            ("a.b[1].e[f", Some("/a/b/1/e[f")),
            ("a.b[1].g[h]i", Some("/a/b/1/g[h]i")),
            ("a.b.1['g[h]i']", Some("/a/b/1/g[h]i")),
            ("name ", Some("/name ")),
            ("['name ']", Some("/name ")),
            ("/name ", Some("/name ")),
            (" lead", Some("/ lead")),
            ("x y", Some("/x y")),
            ("/x+y", None),
            ("/p+q", Some("/p+q")),
            ("/p%2Bq", Some("/p+q")),
            ("#/x%20y", Some("/x y")),
            ("/t~01/u", Some("/t~01/u")),
            ("#/t~01/u", Some("/t~01/u")),
            ("/t~01/%75", Some("/t~01/u")),
            ("/t%7E01/u", Some("/t~01/u")),
            ("['\\ud83d\\ude00']", Some("/😀")),
            ("[\"\\ud83d\\ude00\"]", Some("/😀")),
            ("a%5Bb%5D%5B0%5D", Some("/a/b/0")),
            ("a%5bb%5d", Some("/a/b")),
            ("/", Some("/")),
            ("['']", Some("/")),
            ("//", Some("//")),
            ("//k", Some("//k")),
            ("['']['k']", Some("//k")),
            ("v.07", Some("/v/07")),
            ("v[-1]", Some("/v/-1")),
            ("v.*", Some("/v/*")),
            ("/50%/%41", Some("/50%/%41")),
            ("50%.%41", Some("/50%/%41")),
        ],
    );
    check(
        r#"[{"x": 1, "data": [{"x": 2}]}, [3]]"#,
        &[
            ("body.0.x", Some("/0/x")),
            ("/0/x", Some("/0/x")),
            ("body[0].x", Some("/0/x")),
            ("$.0.x", Some("/0/x")),
            ("$.[0].x", Some("/0/x")),
            (".[0].x", Some("/0/x")),
            ("[0].data.0.x", Some("/0/data/0/x")),
            ("data[0].data[0].x", Some("/0/data/0/x")),
            ("[1][0]", Some("/1/0")),
            ("[1, 0]", Some("/1/0")),
            ("1.0", Some("/1/0")),
            ("[0]", Some("/0")),
            ("[2]", None),
            ("x", None),
        ],
    );
}

#[test]
fn words_of_a_json_api_document_are_names_where_the_payload_has_them() {
    let wrapped = r#"{"data": {"attributes": {"title": 1}}}"#;
    check(
        wrapped,
        &[
            ("/data/attributes/title", Some("/data/attributes/title")),
            ("data.attributes.title", Some("/data/attributes/title")),
            ("/attributes/title", None),
        ],
    );
    check(
        r#"{"attributes": {"title": 1}}"#,
        &[("/data/attributes/title", Some("/attributes/title")), ("data.attributes.title", Some("/attributes/title"))],
    );
    check(r#"{"title": 1}"#, &[("/data/attributes/title", None), ("/data/title", Some("/title"))]);
    check(
        r#"{"body": {"body": {"data": 1}}, "request": {"payload": 2}, "payload": 3}"#,
        &[
            ("body.body.data", Some("/body/body/data")),
            ("data.body.body", Some("/body/body")),
            ("request.payload", Some("/request/payload")),
            ("request.body.payload", Some("/payload")),
            ("$.request.payload", Some("/request/payload")),
        ],
    );
}

#[test]
fn characters_that_look_alike_are_different_keys() {
    let text = "{\"caf\u{e9}\": 1, \"cafe\u{301}\": 2, \"\\u0063\\u0061t\": 3, \"a\\u00e9\": {\"b\": 4, \"b\": {\"c\": 5, \"c\": 6}}}";
    check(
        text,
        &[
            ("caf\u{e9}", Some("/caf\u{e9}")),
            ("cafe\u{301}", Some("/cafe\u{301}")),
            ("cafe", None),
            ("cat", Some("/cat")),
            ("a\u{e9}.b", Some("/a\u{e9}/b")),
        ],
    );
    let doc = Document::parse(text);
    assert_eq!(locate(&doc, "a\u{e9}.b.c").unwrap().raw(), "6", "of duplicates within duplicates the last");
}

#[test]
fn indexes_that_may_count_from_one_are_told() {
    let doc = Document::parse(
        r#"{"items": [{"url": "a", "tags": ["x"]}, {"url": "b", "tags": ["y", "z"]}], "0": 1, "1": 2}"#,
    );
    let one_based =
        |path: &str| find_one_based(&doc, path, locate(&doc, path)).map(|found| found.node.pointer().to_string());
    for (path, expected) in [
        ("items[1].url", Some("/items/0/url")),
        ("items[2].url", Some("/items/1/url")),
        ("items[2].tags[2]", Some("/items/1/tags/1")),
        ("Items.2", Some("/items/1")),
        ("body.items.2.url", Some("/items/1/url")),
        ("items[0].url", None),
        ("items[0].tags[1]", None),
        ("items[3].url", None),
        ("items[1].missing", None),
        ("items[2].missing", None),
        ("1", None),
        ("items", None),
        ("items[-1]", None),
    ] {
        assert_eq!(one_based(path).as_deref(), expected, "{path}");
    }
}
