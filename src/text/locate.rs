//! Where a field path lies in a payload, in whichever spelling an API writes it.

use super::path::{Reading, Segment, readings};
use super::pointer::index_from_token;
use super::{Document, Kind, Node};

/// How many places are tried beyond one a segment before a path counts as not found.
const SPARE_VISITS: usize = 4096;
/// How many segments together are compared with a key in another case or style.
const MOST_JOINED: usize = 8;

/// A field that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'d, 't> {
    /// Its value.
    pub node: Node<'d, 't>,
    /// Whether every key is spelled in the path as in the payload; else one differs in case or style.
    pub is_exact: bool,
}

/// The value a field path names, in any spelling: dots, brackets, JSON Pointer, JSONPath, slashes, arrows.
///
/// None where nothing or more than one thing is meant, and for any path in a text that is not strict JSON.
/// Source: the rules under "Spans" in the terminal program's contract.
pub fn locate<'d, 't>(doc: &'d Document<'t>, path: &str) -> Option<Node<'d, 't>> {
    find(doc, path).map(|found| found.node)
}

/// The same with whether the spelling was the payload's own.
pub fn find<'d, 't>(doc: &'d Document<'t>, path: &str) -> Option<Found<'d, 't>> {
    let root = doc.root().filter(|_| doc.is_complete())?;
    if path.is_empty() {
        return Some(Found { node: root, is_exact: true });
    }
    let readings = readings(path);
    let variables = graphql_variables(root);
    // Words that name the request go only where the path leads nowhere with them.
    let words = readings.iter().map(Reading::request_words).max().unwrap_or(0);
    for dropped in 0..=words {
        let fitting = || readings.iter().filter(|reading| reading.request_words() >= dropped);
        for start in [Some(root), variables].into_iter().flatten() {
            for is_exact in [true, false] {
                for reading in fitting() {
                    // What is left of `body` alone is the payload, not its variables.
                    if reading.segments.len() == dropped && start != root {
                        continue;
                    }
                    let mut search = Search::new(reading, dropped, is_exact);
                    if let Some(node) = search.run(start) {
                        return Some(Found { node, is_exact });
                    }
                }
            }
        }
    }
    None
}

/// The variables of a GraphQL payload.
pub(super) fn graphql_variables<'d, 't>(root: Node<'d, 't>) -> Option<Node<'d, 't>> {
    let variables = root.get("variables").filter(|node| node.kind() == Kind::Object)?;
    let is_query = root.get("query").is_some_and(|node| node.kind() == Kind::String);
    (is_query || root.get("operationName").is_some() || root.get("extensions").is_some()).then_some(variables)
}

/// One reading of a path tried from one place on.
pub(super) struct Search<'s, 'p, 'd, 't> {
    reading: &'s Reading<'p>,
    /// Which segment comes first.
    first: usize,
    /// Whether another case or style of a key does not count.
    is_exact: bool,
    /// The place that most segments led to, and how many; the start before the search.
    pub(super) deepest: Option<(usize, Node<'d, 't>)>,
}

impl<'s, 'p, 'd, 't> Search<'s, 'p, 'd, 't> {
    pub(super) fn new(reading: &'s Reading<'p>, first: usize, is_exact: bool) -> Self {
        Self { reading, first, is_exact, deepest: None }
    }

    /// The place all segments lead to. Among several ways the one with the longest keys wins.
    pub(super) fn run(&mut self, start: Node<'d, 't>) -> Option<Node<'d, 't>> {
        let segments = &self.reading.segments;
        let mut visits = segments.len() + SPARE_VISITS;
        // Ways not tried yet, the best last.
        let mut ways = vec![(self.first, start)];
        while let Some((next, node)) = ways.pop() {
            if self.deepest.is_none_or(|(reached, _)| next > reached) {
                self.deepest = Some((next, node));
            }
            let Some(segment) = segments.get(next) else {
                return Some(node);
            };
            visits = visits.checked_sub(1)?;
            match node.kind() {
                Kind::Array => {
                    let item = index_from_token(&segment.text).and_then(|index| node.index(index));
                    ways.extend(item.map(|item| (next + 1, item)));
                }
                Kind::Object => self.add_members(&mut ways, next, segment, node),
                _ => {}
            }
        }
        None
    }

    /// Adds the members of an object that the path may go on with from segment `next` on.
    fn add_members(
        &self,
        ways: &mut Vec<(usize, Node<'d, 't>)>,
        next: usize,
        segment: &Segment<'p>,
        object: Node<'d, 't>,
    ) {
        let segments = &self.reading.segments;
        let rest = self.reading.path.get(segment.from..).unwrap_or_default();
        let before = ways.len();
        let mut add = |way: (usize, Node<'d, 't>), is_own: bool| {
            // Of duplicates the last; a segment's own text goes before the same segment as written.
            let same = ways.iter_mut().skip(before).find(|known| known.0 == way.0);
            match same {
                Some(known) if is_own => *known = way,
                Some(_) => {}
                None => ways.push(way),
            }
        };
        let mut joined = Vec::new();
        for member in object.members() {
            if member.key == segment.text {
                add((next + 1, member.value), true);
            } else if self.reading.is_joinable && rest.starts_with(&*member.key) {
                let end = segment.from + member.key.len();
                if let Ok(found) = segments.binary_search_by_key(&end, |each| each.to)
                    && found >= next
                {
                    joined.push((found + 1, member.value));
                }
            }
        }
        // Later duplicates first, so that they win.
        for way in joined.into_iter().rev() {
            add(way, false);
        }
        if ways.len() == before && !self.is_exact {
            self.add_variants(ways, next, object);
        }
        ways.get_mut(before..).unwrap_or_default().sort_by_key(|way| way.0);
    }

    /// Adds the members whose key is a segment, or several, in another case or style, where it is the only such key.
    fn add_variants(&self, ways: &mut Vec<(usize, Node<'d, 't>)>, next: usize, object: Node<'d, 't>) {
        let segments = self.reading.segments.get(next..).unwrap_or_default();
        let Some(first) = segments.first() else {
            return;
        };
        let joined = if self.reading.is_joinable { MOST_JOINED } else { 1 };
        let mut spellings: Vec<Variant<'d, 't>> = Vec::new();
        for (step, last) in segments.iter().enumerate().take(joined) {
            let text = self.reading.path.get(first.from..last.to).unwrap_or_default();
            let folded = folded(if step == 0 { &first.text } else { text });
            spellings.push(Variant { after: next + step + 1, folded, key: None, value: None, is_ambiguous: false });
        }
        for member in object.members() {
            let key = folded(&member.key);
            let Some(spelling) = spellings.iter_mut().find(|each| each.folded == key && !key.is_empty()) else {
                continue;
            };
            // Of duplicates the last; two different keys are no answer.
            let is_other = spelling.key.as_ref().is_some_and(|known| *known != member.key);
            spelling.is_ambiguous |= is_other;
            spelling.value = Some(member.value);
            spelling.key.get_or_insert_with(|| member.key.into_owned());
        }
        let sure = spellings.into_iter().filter(|each| !each.is_ambiguous);
        ways.extend(sure.filter_map(|each| Some((each.after, each.value?))));
    }
}

/// One spelling that a key may have apart from case and style.
struct Variant<'d, 't> {
    /// The segment after it.
    after: usize,
    folded: String,
    /// The first key found.
    key: Option<String>,
    /// The newest value of that key.
    value: Option<Node<'d, 't>>,
    /// Whether another key fits too.
    is_ambiguous: bool,
}

/// A key without what case and style change: `publish_at`, `PublishAt` and `publish-at` are one.
pub(super) fn folded(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::super::Span;
    use super::*;

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
}
