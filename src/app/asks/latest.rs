//! The latest state of what a call was about, fetched after a conflict.

use std::sync::Arc;

use super::ask::{AskFrom, PlannedGet, Question, segment, send};
use super::list::{fetch_pages, items, plain, planned_list};
use super::merge::state_in;
use super::verdict::{Verdict, verdict_of};
use crate::app::answer::Answer;
use crate::app::services::Services;
use crate::exchange::RequestDraft;
use crate::text::{Document, Kind};
use crate::transport::CancelSignal;

/// Members that say which state it is, best first.
const VERSIONS: [&str; 7] = ["version", "revision", "lockVersion", "lock_version", "_rev", "resourceVersion", "etag"];

/// The latest state.
///
/// *Secrets*: possibly, in `body`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Where it is, as in a draft. Shape: `{{base}}/v1/posts/post_7`.
    pub url: String,
    /// The state as the server wrote it: one JSON object, out of what wraps it.
    pub body: String,
    /// The header `ETag`, as written, for `If-Match`.
    pub etag: Option<String>,
    /// Its version as written in the body. Shape: `5`, `"a1b2"` with its quotes.
    pub version: Option<String>,
}

/// Why there is no latest state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoLatest {
    /// What happened.
    pub summary: String,
    /// What to do.
    pub fix: String,
}

impl NoLatest {
    fn new(summary: impl Into<String>, fix: &str) -> Self {
        Self { summary: summary.into(), fix: fix.to_owned() }
    }
}

/// The call that fetches the latest state: the draft's own address without its query; for a POST the list that it goes
/// to, in which the thing with the payload's slug is looked for.
///
/// # Errors
///
/// Why there is nothing to fetch.
pub fn planned_latest(draft: &RequestDraft) -> Result<PlannedGet, NoLatest> {
    if draft.method.trim().eq_ignore_ascii_case("POST") {
        let list = planned_list(draft).filter(|_| slug_of(&draft.body).is_some());
        let list = list.map(|list| PlannedGet { title: "the thing that has the slug".to_owned(), ..list });
        return list.ok_or_else(|| {
            NoLatest::new("What is new has no latest state to fetch", "Change what is in conflict, such as the slug")
        });
    }
    let from = AskFrom::of(draft);
    let path = from.path.trim_end_matches('/');
    if path.is_empty() {
        return Err(NoLatest::new("The address names nothing that could be fetched", "Write the path of the thing"));
    }
    Ok(from.get("the latest state".to_owned(), path, Question::Thing))
}

/// Whether a member says which state a thing is in; a new try has to name the latest.
pub fn is_version(key: &str) -> bool {
    VERSIONS.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// Fetches the latest state by a call that [`planned_latest`] planned, as any request.
///
/// # Errors
///
/// Why it did not come.
pub async fn fetch_latest(
    services: &Arc<Services>,
    planned: &PlannedGet,
    draft: &RequestDraft,
    cancel: CancelSignal,
) -> Result<Latest, NoLatest> {
    if planned.question != Question::Thing {
        return in_list(services, planned, draft, cancel).await;
    }
    let answer = send(services, planned, &planned.url, cancel).await;
    let answer = answer.map_err(|why| NoLatest::new(why, "Put that right, then fetch it again"))?;
    match verdict_of(&answer) {
        Verdict::Listed => of_answer(planned, draft, &answer),
        Verdict::Deleted => Err(NoLatest::new("It was deleted meanwhile", "Create it anew, or leave it deleted")),
        Verdict::NotHere => Err(NoLatest::new("It is not in this workspace any more", "Check the ids of this call")),
        Verdict::Unknown(why) => {
            Err(NoLatest::new(format!("The latest state did not come: {why}"), "Fetch it again later"))
        }
    }
}

fn of_answer(planned: &PlannedGet, draft: &RequestDraft, answer: &Answer) -> Result<Latest, NoLatest> {
    if answer.is_truncated || answer.first_page.is_some() {
        return Err(NoLatest::new("The latest state is too large to be compared", "Compare it by hand"));
    }
    let body = state_in(&answer.raw.text, &draft.body).to_owned();
    let etag = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("etag")).map(|(_, tag)| tag.clone());
    Ok(Latest { url: planned.url.clone(), version: version_of(&body), body, etag })
}

async fn in_list(
    services: &Arc<Services>,
    planned: &PlannedGet,
    draft: &RequestDraft,
    cancel: CancelSignal,
) -> Result<Latest, NoLatest> {
    let Some(slug) = slug_of(&draft.body) else {
        return Err(NoLatest::new("The slug is no longer in the payload", "Send the request again"));
    };
    let pages = fetch_pages(services, planned, &cancel).await;
    for body in pages.bodies() {
        let document = Document::parse(body);
        let found = items(&document).find(|item| item.get("slug").and_then(plain).is_some_and(|other| other == slug));
        let Some(found) = found else { continue };
        let id = found.get("id").and_then(plain);
        let url = id.map_or_else(|| planned.url.clone(), |id| format!("{}/{}", planned.url, segment(&id)));
        return Ok(Latest { url, body: found.raw().to_owned(), etag: None, version: version_of(found.raw()) });
    }
    let why = match (&pages.problem, pages.is_whole) {
        (Some(why), _) => format!("The list did not come whole: {why}"),
        (None, true) => "Nothing in the list has this slug".to_owned(),
        (None, false) => format!("Nothing in the first {} pages of the list has this slug", pages.answers.len()),
    };
    Err(NoLatest::new(why, "Propose another slug instead"))
}

/// The slug in a payload.
fn slug_of(payload: &str) -> Option<String> {
    let document = Document::parse(payload);
    let root = document.root().filter(|root| document.is_complete() && root.kind() == Kind::Object)?;
    root.get("slug")?.as_str().map(|slug| slug.into_owned()).filter(|slug| !slug.is_empty())
}

/// The version that a state names, as written.
fn version_of(body: &str) -> Option<String> {
    let document = Document::parse(body);
    let root = document.root()?;
    let mut found = VERSIONS.iter().filter_map(|name| root.get(name));
    found.find(|value| matches!(value.kind(), Kind::Number | Kind::String)).map(|value| value.raw().to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn draft(method: &str, url: &str, body: &str) -> RequestDraft {
        RequestDraft { method: method.into(), url: url.into(), body: body.into(), ..RequestDraft::default() }
    }

    #[test]
    fn what_is_fetched_is_the_thing_itself_or_the_list_of_a_new_one() {
        let get = planned_latest(&draft("PATCH", "{{base}}/v1/posts/7/?x=1#y", "{}")).unwrap();
        assert_eq!((get.url.as_str(), get.question), ("{{base}}/v1/posts/7", Question::Thing));
        let get = planned_latest(&draft("post", "/v1/posts?x=1", r#"{"slug":"a"}"#)).unwrap();
        assert_eq!((get.url.as_str(), get.question), ("/v1/posts", Question::Pages));
        assert!(planned_latest(&draft("POST", "/v1/posts", r#"{"title":"a"}"#)).is_err());
        assert!(planned_latest(&draft("PATCH", "{{base}}", "{}")).is_err());
    }

    #[test]
    fn a_version_is_told_as_it_is_written() {
        assert_eq!(version_of(r#"{"etag":"x","version":5}"#).as_deref(), Some("5"));
        assert_eq!(version_of(r#"{"_rev":"1-a"}"#).as_deref(), Some("\"1-a\""));
        assert_eq!(version_of(r#"{"version":{"n":1}}"#), None);
        assert_eq!(version_of("<html>"), None);
    }
}
