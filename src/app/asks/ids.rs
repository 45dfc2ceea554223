//! The ids of a call: in its path, its query and its payload.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use crate::diagnosis::Place;
use crate::text::{Document, Form, Kind, Node, Pointer, Span, visible_line};

/// How many ids are listed.
const MOST_IDS: usize = 50;
/// How many segments of a path are looked at.
const MOST_SEGMENTS: usize = 50;
/// How many values of a payload are looked at.
const MOST_VALUES: usize = 5_000;
/// Segments behind a collection that name something to do or to see, and no one thing of it.
const NO_IDS: [&str; 14] = [
    "batch", "bulk", "count", "create", "current", "export", "import", "latest", "logout", "me", "new", "search",
    "self", "upload",
];

/// A call whose ids are wanted.
///
/// *Secrets*: possibly.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdSource<'a> {
    /// The address as in the draft. Shape: `{{base}}/v1/posts/7?authorId=4`, `/v1/posts`, `https://host/v1/posts`.
    pub url: &'a str,
    /// The payload; empty for none.
    pub payload: &'a str,
    /// The payload's content type, where it is known: only a form is told by it.
    pub content_type: Option<&'a str>,
}

/// One id of a call.
///
/// *Secrets*: possibly, in `value`: a name that ends with `id` may be that of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallId {
    /// The id, decoded. Shape: `post_7`, `12`.
    pub value: String,
    /// Where it stands, to be marked.
    pub place: Place,
    /// The path of the list that it belongs to, as the address spells it; none where the call does not tell.
    /// Shape: `/v1/posts`.
    pub collection: Option<String>,
    /// What it is called: the member's or the parameter's name, of a path the collection's last segment.
    pub name: String,
}

impl CallId {
    /// The id with the place where it stands. Shape: `post_7 (path)`, `a 1 (query authorId)`, `4 (payload /team/id)`.
    pub fn words(&self) -> String {
        let place = match &self.place {
            Place::Path(_) => "path".to_owned(),
            Place::Query(name) => format!("query {name}"),
            Place::Body(pointer) => format!("payload {pointer}"),
            Place::Form(name, _) => format!("form {name}"),
            _ => self.name.clone(),
        };
        visible_line(&format!("{} ({place})", self.value)).into_owned()
    }
}

/// Every id of a call, in the order path, query, payload; at most 50.
///
/// A value whose collection does not stand in the path is listed without one: where else it could be asked for would be
/// a guess.
pub fn ids_of(source: &IdSource<'_>) -> Vec<CallId> {
    let path = Path::of(source.url);
    let mut found = path.ids();
    for part in Form::of_query(source.url).parts() {
        let text = part.span.slice(source.url).unwrap_or_default();
        if let Some(id) = from_form(&path, &part.name, text, Place::Query(part.name.to_string())) {
            found.push(id);
        }
        if found.len() >= MOST_IDS {
            break;
        }
    }
    let document = Document::parse(source.payload);
    if document.is_complete() {
        from_json(&path, &document, &mut found);
    } else if let Some(form) = Form::read(source.payload, source.content_type) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for part in form.parts().iter().filter(|part| !part.has_file).take(MOST_VALUES) {
            let count = seen.entry(part.name.as_ref()).or_default();
            let place = Place::Form(part.name.to_string(), *count);
            *count += 1;
            let text = part.span.slice(source.payload).unwrap_or_default();
            found.extend(from_form(&path, &part.name, text, place));
            if found.len() >= MOST_IDS {
                break;
            }
        }
    }
    found.truncate(MOST_IDS);
    found
}

/// One pair of a query or a form.
fn from_form(path: &Path<'_>, name: &str, written: &str, place: Place) -> Option<CallId> {
    let value = form_urlencoded::parse(format!("v={}", written.replace('&', "%26")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .filter(|value| is_value(value))?;
    let plain = name.trim_end_matches("[]");
    let (above, last) = match plain.strip_suffix(']').unwrap_or(plain).rsplit_once(['[', '.']) {
        Some((above, last)) => (Some(above.trim_end_matches(']')), last),
        None => (None, plain),
    };
    let stem = stem_of(last)?;
    let above = above.and_then(|above| above.rsplit(['[', '.']).next());
    Some(CallId { value, place, collection: path.collection_of(stem, above), name: name.to_owned() })
}

fn from_json(path: &Path<'_>, document: &Document<'_>, found: &mut Vec<CallId>) {
    for object in document.descendants().take(MOST_VALUES).filter(|node| node.kind() == Kind::Object) {
        for member in object.members().take(MOST_VALUES) {
            let Some(stem) = stem_of(&member.key) else { continue };
            let many = member.value.items().take(MOST_IDS);
            for node in std::iter::once(member.value).chain(many) {
                if found.len() >= MOST_IDS {
                    return;
                }
                let Some(value) = value_of(node).filter(|value| is_value(value)) else { continue };
                let above = object.pointer();
                found.push(CallId {
                    value,
                    collection: path.collection_of(stem, name_above(&above).as_deref()),
                    place: Place::Body(node.pointer()),
                    name: member.key.to_string(),
                });
            }
        }
    }
}

/// The key of an object, or of the list it is in.
fn name_above(object: &Pointer) -> Option<String> {
    let tokens: Vec<_> = object.tokens().collect();
    let name = tokens.iter().rev().find(|token| !token.bytes().all(|b| b.is_ascii_digit()));
    name.map(|token| token.to_string())
}

fn value_of(node: Node<'_, '_>) -> Option<String> {
    match node.kind() {
        Kind::String => node.as_str().map(|text| text.into_owned()),
        Kind::Number => Some(node.raw().to_owned()),
        _ => None,
    }
}

/// Whether a value is there: what only stands for one, as in a template or where something was removed, is none.
fn is_value(value: &str) -> bool {
    !value.trim().is_empty() && value.len() <= 512 && !value.starts_with(['{', ':', '‹', '<'])
}

/// What an id's name says it is the id of, which may be nothing; none where it is no id's name.
/// Shape: `author` of `authorId`, nothing of `id`.
fn stem_of(name: &str) -> Option<&str> {
    if matches!(name, "id" | "ID" | "Id" | "ids" | "Ids" | "IDs" | "_id") {
        return Some("");
    }
    let endings = ["_ids", "-ids", "IDs", "Ids", "_id", "-id", "ID", "Id"];
    endings.into_iter().find_map(|ending| name.strip_suffix(ending)).filter(|stem| !stem.is_empty())
}

/// The path of an address: its segments and where they stand.
struct Path<'u> {
    url: &'u str,
    segments: Vec<Span>,
}

impl<'u> Path<'u> {
    fn of(url: &'u str) -> Self {
        let spans = (0..MOST_SEGMENTS).map_while(|at| Place::Path(at).span_in_url(url));
        Self { url, segments: spans.collect() }
    }

    fn text(&self, at: usize) -> &'u str {
        self.segments.get(at).and_then(|span| span.slice(self.url)).unwrap_or_default()
    }

    /// The path up to and with a segment. Shape: `/v1/posts`.
    fn until(&self, at: usize) -> Option<String> {
        let start = self.segments.first()?.start.checked_sub(1)?;
        self.url.get(start..self.segments.get(at)?.end).map(str::to_owned)
    }

    fn has_id_at(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return false };
        let text = percent_decode_str(self.text(at)).decode_utf8_lossy();
        let before = self.text(before);
        is_collection(before) && is_value(&text) && is_one(&text, before)
    }

    fn ids(&self) -> Vec<CallId> {
        let ids = (0..self.segments.len()).filter(|at| self.has_id_at(*at));
        let ids = ids.filter_map(|at| {
            let before = at.checked_sub(1)?;
            Some(CallId {
                value: percent_decode_str(self.text(at)).decode_utf8_lossy().into_owned(),
                place: Place::Path(at),
                collection: self.until(before),
                name: self.text(before).to_owned(),
            })
        });
        ids.collect()
    }

    /// The lists that the path names: those with an id behind them, and a plural at its end.
    fn collections(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let last = self.segments.len().saturating_sub(1);
        (0..self.segments.len()).filter(move |at| {
            is_collection(self.text(*at)) && (self.has_id_at(at + 1) || (*at == last && self.text(*at).ends_with('s')))
        })
    }

    /// The list that an id belongs to: that of its stem, or of the object it is in, or the call's own.
    fn collection_of(&self, stem: &str, above: Option<&str>) -> Option<String> {
        let wanted = if stem.is_empty() { above } else { Some(stem) };
        let at = match wanted.map(folded) {
            Some(wanted) => self.collections().rev().find(|at| names(self.text(*at), &wanted)),
            None => self.collections().next_back(),
        };
        self.until(at?)
    }
}

/// Whether a segment can name many things: a word, and no version.
fn is_collection(segment: &str) -> bool {
    let is_version =
        segment.len() <= 4 && segment.starts_with(['v', 'V']) && segment.ends_with(|c: char| c.is_ascii_digit());
    let is_word = segment.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'));
    segment.len() > 1 && is_word && !is_version
}

/// Whether a segment is one thing of the list before it: it has a digit, or the list is in the plural and it is not.
fn is_one(segment: &str, before: &str) -> bool {
    let is_word_of_its_own = NO_IDS.contains(&segment.to_ascii_lowercase().as_str()) || segment.ends_with('s');
    segment.chars().any(|c| c.is_ascii_digit()) || (before.ends_with('s') && !is_word_of_its_own)
}

/// Whether a list is that of a thing, in singular or plural.
fn names(list: &str, thing: &str) -> bool {
    let list = folded(list);
    let plural_of_y = thing.strip_suffix('y').map(|stem| format!("{stem}ies"));
    !thing.is_empty()
        && (list == thing
            || list.strip_prefix(thing).is_some_and(|ending| matches!(ending, "s" | "es"))
            || plural_of_y.is_some_and(|plural| plural == list))
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn said(url: &str, payload: &str) -> Vec<(String, Option<String>)> {
        let ids = ids_of(&IdSource { url, payload, content_type: None });
        ids.into_iter().map(|id| (id.value, id.collection)).collect()
    }

    fn pair(value: &str, collection: &str) -> (String, Option<String>) {
        (value.to_owned(), (!collection.is_empty()).then(|| collection.to_owned()))
    }

    #[test]
    fn ids_are_found_in_path_query_and_payload_with_their_lists() {
        let url = "{{base}}/v1/posts/post%207/comments/12?authorId=a%201&limit=5&postId=9";
        let payload = r#"{"id":"c","author":{"team_id":4},"post":{"id":"p"},"tagIds":["x",2,null],"valid":"no"}"#;
        let expected = [
            pair("post 7", "/v1/posts"),
            pair("12", "/v1/posts/post%207/comments"),
            pair("a 1", ""),
            pair("9", "/v1/posts"),
            pair("c", "/v1/posts/post%207/comments"),
            pair("x", ""),
            pair("2", ""),
            pair("4", ""),
            pair("p", "/v1/posts"),
        ];
        assert_eq!(said(url, payload), expected);
    }

    #[test]
    fn every_id_is_marked_where_it_stands() {
        let url = "https://host/v1/posts/alice?filter[post_id]=7+8";
        let payload = "{\n \"blocks\": [{\"postIds\": [\"p\", \"q\"]}]}";
        let ids = ids_of(&IdSource { url, payload, content_type: None });
        let document = Document::parse(payload);
        let marked: Vec<&str> = ids
            .iter()
            .map(|id| match id.place.span_in_url(url) {
                Some(span) => span.slice(url).unwrap(),
                None => id.place.span_in_payload(&document).unwrap().slice(payload).unwrap(),
            })
            .collect();
        assert_eq!(marked, ["alice", "filter[post_id]=7+8", "\"p\"", "\"q\""]);
        assert_eq!(ids[1].value, "7 8");
        assert!(ids.iter().all(|id| id.collection.as_deref() == Some("/v1/posts")), "{ids:?}");
    }

    #[test]
    fn a_form_has_ids_too() {
        let payload = "post[id]=7&title=x&ids[]=1&ids[]=a%26b";
        let ids = ids_of(&IdSource { url: "/v1/posts", payload, content_type: None });
        let document = Document::parse(payload);
        let marked: Vec<_> =
            ids.iter().map(|id| id.place.span_in_payload(&document).unwrap().slice(payload).unwrap()).collect();
        assert_eq!(marked, ["7", "1", "a%26b"]);
        assert_eq!(ids[2].value, "a&b");
        assert_eq!(ids[0].collection.as_deref(), Some("/v1/posts"));
    }

    #[test]
    fn what_is_no_id_is_not_listed() {
        for url in ["/v1/posts", "/v1/posts/search", "/v2/posts/{id}", "/v1/posts/{{id}}", "/v1/posts/‹id›", "/", ""]
        {
            assert_eq!(said(url, ""), [], "{url}");
        }
        assert_eq!(said("/v1/posts", r#"{"id":null,"postId":"","a_id":true,"paid":1,"grid":"x"}"#), []);
        assert_eq!(said("/v1/posts", "no json"), []);
    }

    #[test]
    fn there_is_an_end_to_the_list() {
        let many: Vec<String> = (0..1000).map(|n| format!("{{\"id\":{n}}}")).collect();
        assert_eq!(said("/v1/posts", &format!("[{}]", many.join(","))).len(), MOST_IDS);
        // Deep and closed, so that it is read as JSON: what lies deeper than what is looked at is not listed.
        let deep = format!("{}{{\"id\":\"x\"}}{}", "{\"id\":".repeat(200_000), "}".repeat(200_000));
        let started = std::time::Instant::now();
        assert_eq!(said(&"/ab/1".repeat(20_000), &deep).len(), MOST_SEGMENTS / 2);
        assert!(started.elapsed() < std::time::Duration::from_secs(2), "{:?}", started.elapsed());
    }
}
