//! The answers of a list: its pages one after the other, and the things in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use url::form_urlencoded;

use super::ask::{AskFrom, PlannedGet, Question, send};
use super::ids::{IdSource, ids_of};
use crate::app::answer::Answer;
use crate::app::services::Services;
use crate::diagnosis::Place;
use crate::exchange::RequestDraft;
use crate::text::{Document, Kind, Node};
use crate::transport::CancelSignal;

/// How many pages of a list are fetched.
pub(super) const MOST_PAGES: usize = 10;
/// How many things of one page are looked at.
const MOST_ITEMS: usize = 10_000;
/// What a list's answer calls the things in it.
const ITEMS: [&str; 6] = ["data", "items", "results", "records", "entries", "values"];
/// What a list's answer calls the cursor of the next page.
const CURSORS: [&str; 4] = ["nextCursor", "next_cursor", "cursor", "next"];
/// Members in which the cursor may stand instead.
const AROUND_CURSORS: [&str; 5] = ["meta", "pagination", "paging", "page", "response_metadata"];

/// The pages of a list that came.
///
/// *Secrets*: possibly, in the answers.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// The answers, in order; the last one may be a refusal.
    pub answers: Vec<Arc<Answer>>,
    /// Whether the last page is among them.
    pub is_whole: bool,
    /// Why there are not more, where something went wrong.
    pub problem: Option<String>,
}

impl Pages {
    /// The bodies of the pages.
    pub fn bodies(&self) -> impl Iterator<Item = &str> {
        self.answers.iter().filter(|answer| !answer.is_failure()).map(|answer| answer.raw.text.as_ref())
    }
}

/// The list that the thing of a call belongs to, page by page; none where the address does not tell.
///
/// A call that makes something new goes to the list itself; any other goes to one thing of it.
pub fn planned_list(draft: &RequestDraft) -> Option<PlannedGet> {
    let from = AskFrom::of(draft);
    let path = if draft.method.trim().eq_ignore_ascii_case("POST") {
        from.path.clone()
    } else {
        let ids = ids_of(&IdSource { url: &draft.url, ..IdSource::default() });
        let last = ids.into_iter().rev().find(|id| matches!(id.place, Place::Path(_)))?;
        last.collection?
    };
    let path = path.trim_end_matches('/');
    (!path.is_empty()).then(|| from.get(format!("what stands in {path}"), path, Question::Pages))
}

/// Fetches a list page by page, at most 10, each as any request.
pub async fn fetch_pages(services: &Arc<Services>, planned: &PlannedGet, cancel: &CancelSignal) -> Pages {
    let mut pages = Pages::default();
    let mut cursors = BTreeSet::new();
    let mut url = planned.url.clone();
    while pages.answers.len() < MOST_PAGES {
        let answer = match send(services, planned, &url, cancel.clone()).await {
            Ok(answer) => answer,
            Err(why) => return Pages { problem: Some(why), ..pages },
        };
        pages.answers.push(Arc::clone(&answer));
        if answer.is_failure() || answer.is_truncated || answer.first_page.is_some() {
            let why = if answer.is_failure() { answer.status_line() } else { "the answer is too large".to_owned() };
            return Pages { problem: Some(why), ..pages };
        }
        let document = Document::parse(&answer.raw.text);
        if !document.is_complete() {
            return Pages { problem: Some("the answer is no JSON".to_owned()), ..pages };
        }
        match next_cursor(&document) {
            // A cursor that came before leads round in a circle.
            Some(cursor) if cursors.insert(cursor.clone()) => {
                let query: String =
                    form_urlencoded::Serializer::new(String::new()).append_pair("cursor", &cursor).finish();
                url = format!("{}?{query}", planned.url);
            }
            Some(_) => return pages,
            None => return Pages { is_whole: !has_more(&document), ..pages },
        }
    }
    pages
}

/// The things of a list: the answer itself, or its member that is a list of objects, the usual names first.
pub(super) fn items<'d, 't>(document: &'d Document<'t>) -> impl Iterator<Item = Node<'d, 't>> {
    let root = document.root().filter(|_| document.is_complete());
    let list = root.and_then(|root| {
        let is_list = |node: &Node<'_, '_>| node.kind() == Kind::Array;
        let named = || ITEMS.iter().find_map(|name| root.get(name).filter(is_list));
        let first = || root.members().take(MOST_ITEMS).map(|member| member.value).find(is_list);
        Some(root).filter(is_list).or_else(named).or_else(first)
    });
    let nodes = list.into_iter().flat_map(|list| list.items().take(MOST_ITEMS));
    nodes.filter(|node| node.kind() == Kind::Object)
}

/// A text or a number as it is compared with an id.
pub(super) fn plain(node: Node<'_, '_>) -> Option<String> {
    match node.kind() {
        Kind::String => node.as_str().map(|text| text.into_owned()),
        Kind::Number => Some(node.raw().to_owned()),
        _ => None,
    }
}

/// Whether the things of a page have one of that id.
pub(super) fn has_id(body: &str, wanted: &str) -> bool {
    let document = Document::parse(body);
    items(&document)
        .any(|item| ["id", "_id"].iter().any(|key| item.get(key).and_then(plain).as_deref() == Some(wanted)))
}

/// The cursor of the next page; an address is none: where it leads is another question.
fn next_cursor(document: &Document<'_>) -> Option<String> {
    let root = document.root()?;
    let around = AROUND_CURSORS.iter().filter_map(|name| root.get(name));
    let mut nodes =
        std::iter::once(root).chain(around).flat_map(|node| CURSORS.iter().filter_map(move |name| node.get(name)));
    let is_cursor =
        |text: &String| !text.is_empty() && text.len() <= 4096 && !text.contains("://") && !text.starts_with('/');
    nodes.find_map(|node| node.as_str().map(|text| text.into_owned()).filter(is_cursor))
}

/// Whether the answer says that there is more, in whatever way.
fn has_more(document: &Document<'_>) -> bool {
    let Some(root) = document.root() else { return false };
    let around = AROUND_CURSORS.iter().filter_map(|name| root.get(name));
    std::iter::once(root).chain(around).any(|node| {
        let says = ["has_more", "hasMore", "hasNextPage"]
            .iter()
            .any(|name| node.get(name).and_then(Node::as_bool) == Some(true));
        // Shape: `"next": "https://…?page=2"`.
        says || node.get("next").is_some_and(|next| next.as_str().is_some_and(|text| !text.is_empty()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_things_of_a_list_are_found_where_lists_keep_them() {
        let count = |text: &str| items(&Document::parse(text)).count();
        assert_eq!(count("[{},{},1]"), 2);
        assert_eq!(count(r#"{"tags":[1],"data":[{}]}"#), 1);
        assert_eq!(count(r#"{"posts":[{},{}]}"#), 2);
        assert_eq!(count(r#"{"a":{}}"#), 0);
        assert_eq!(count("[{}"), 0);
        assert!(has_id(r#"{"data":[{"id":7},{"_id":"x"}]}"#, "7") && has_id(r#"[{"_id":"x"}]"#, "x"));
        assert!(!has_id(r#"[{"id":"7","author":{"id":"x"}}]"#, "x"));
    }

    #[test]
    fn the_next_page_is_told_by_its_cursor_and_no_address_is_followed() {
        let next = |text: &str| next_cursor(&Document::parse(text));
        assert_eq!(next(r#"{"nextCursor":"abc"}"#).as_deref(), Some("abc"));
        assert_eq!(next(r#"{"meta":{"next_cursor":"x y"}}"#).as_deref(), Some("x y"));
        for none in [r#"{"nextCursor":null}"#, r#"{"next":"https://evil.example/"}"#, r#"{"next":"/v1?x"}"#, "[]"] {
            assert_eq!(next(none), None, "{none}");
        }
        assert!(has_more(&Document::parse(r#"{"has_more":true}"#)));
        assert!(has_more(&Document::parse(r#"{"next":"https://evil.example/"}"#)));
        assert!(!has_more(&Document::parse(r#"{"next":null,"hasMore":false}"#)));
    }
}
