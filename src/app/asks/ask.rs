//! Calls that ask what became of an id: planned, shown, and sent by the same line as any request.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ids::CallId;
use super::list::{MOST_PAGES, fetch_pages, has_id};
use super::verdict::{Verdict, verdict_of};
use crate::app::answer::Answer;
use crate::app::line::{LineEnd, run_line};
use crate::app::services::Services;
use crate::app::wish::SendWish;
use crate::credentials::{Credential, Origin, VaultError};
use crate::diagnosis::Place;
use crate::exchange::{CredentialChoice, RequestDraft};
use crate::secret::{Redactor, Rules};
use crate::text::visible_line;
use crate::transport::CancelSignal;

/// How many calls are planned at most.
const MOST_CALLS: usize = 20;
/// How many other workspaces are offered.
const MOST_WORKSPACES: usize = 10;
/// What stays as it is in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Where a call went, so that others can go there under the same rules.
///
/// *Secrets*: none by design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskFrom {
    /// What stands before the path. Shape: `{{base}}`, `https://host`, nothing.
    pub prefix: String,
    /// The path without query and fragment. Shape: `/v1/posts/7`.
    pub path: String,
    /// The environment's name.
    pub environment: String,
    /// Which credential goes with it.
    pub credential: CredentialChoice,
    /// The workspace, as in [`RequestDraft::workspace`].
    pub workspace: Option<String>,
}

/// One call that would be made, shown before it is.
///
/// *Secrets*: none by design; the credential is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedGet {
    /// What it is asked for, in words. Shape: `post_7`, `post_7 in the workspace ws_contoso`.
    pub title: String,
    /// The address as in a draft. Shape: `{{base}}/v1/posts/post_7`.
    pub url: String,
    /// The environment's name.
    pub environment: String,
    /// Which credential goes with it.
    pub credential: CredentialChoice,
    /// The workspace, as in [`RequestDraft::workspace`].
    pub workspace: Option<String>,
    /// What is read from the answer.
    pub question: Question,
}

/// What a planned call is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether the thing at this address is there.
    Thing,
    /// Whether the list at this address has that id, page by page.
    InList(String),
    /// What the list at this address holds, page by page.
    Pages,
}

/// What a planned call came to.
///
/// *Secrets*: possibly, in the answer.
#[derive(Clone, Debug)]
pub struct AskResult {
    /// The planned call's title.
    pub title: String,
    /// What became of the id.
    pub verdict: Verdict,
    /// The answer, the last of several; none if nothing was sent.
    pub answer: Option<Arc<Answer>>,
}

impl AskFrom {
    /// Where a draft goes.
    pub fn of(draft: &RequestDraft) -> Self {
        let url = draft.url.trim();
        let end = url.find(['?', '#']).unwrap_or(url.len());
        let start = Place::Path(0).span_in_url(url).and_then(|first| first.start.checked_sub(1)).unwrap_or(end);
        let part = |from: usize, to: usize| url.get(from..to).unwrap_or_default().to_owned();
        Self {
            prefix: part(0, start.min(end)),
            path: part(start, end),
            environment: draft.environment.clone(),
            credential: draft.credential.clone(),
            workspace: draft.workspace.clone(),
        }
    }

    /// A GET of a path there. Headers that were typed by hand do not go with it, nor does the payload.
    pub(super) fn get(&self, title: String, path: &str, question: Question) -> PlannedGet {
        PlannedGet {
            title,
            url: format!("{}{path}", self.prefix),
            environment: self.environment.clone(),
            credential: self.credential.clone(),
            workspace: self.workspace.clone(),
            question,
        }
    }
}

impl PlannedGet {
    /// How many calls it may take: a list comes page by page.
    pub fn most_calls(&self) -> usize {
        if self.question == Question::Thing { 1 } else { MOST_PAGES }
    }

    /// The same with another credential and its workspace.
    fn with(&self, credential: &str, workspace: &str) -> Self {
        Self {
            title: format!("{} in the workspace {}", self.title, visible_line(workspace)),
            credential: CredentialChoice::Named(credential.to_owned()),
            workspace: Some(workspace.to_owned()),
            ..self.clone()
        }
    }
}

/// An id as a segment of a path.
pub(super) fn segment(id: &str) -> String {
    utf8_percent_encode(id, SEGMENT).to_string()
}

/// Why an id is not asked for; none if it is.
pub fn why_not_asked(id: &CallId) -> Option<&'static str> {
    // A path of an address is kept as it is; a secret must not get there from a place where it is removed.
    let member = serde_json::Value::from_iter([(id.name.clone(), id.value.clone())]).to_string();
    let mut redactor = Redactor::new(Rules::built_in(), Vec::new());
    if redactor.body(&member, Some("application/json")) != member {
        return Some("it looks like a secret");
    }
    match (&id.collection, id.value.as_str()) {
        (None, _) => Some("the call does not tell where it could be asked for"),
        (Some(_), "." | "..") => Some("it is no id but a step in a path"),
        _ => None,
    }
}

/// The calls that ask for these ids, each address once; at most 20.
///
/// `with_lists` also looks through the lists they belong to, which tells more where a credential may list things but not
/// open them. `others` are credentials with their workspaces that are asked the same: only when the person says so.
pub fn planned(ids: &[CallId], from: &AskFrom, with_lists: bool, others: &[(String, String)]) -> Vec<PlannedGet> {
    let mut seen = BTreeSet::new();
    let mut own = Vec::new();
    for id in ids.iter().filter(|id| why_not_asked(id).is_none()) {
        let Some(collection) = id.collection.as_deref() else { continue };
        let path = format!("{collection}/{}", segment(&id.value));
        let shown = id.words();
        if !seen.insert(path.clone()) {
            continue;
        }
        own.push(from.get(shown.clone(), &path, Question::Thing));
        if with_lists {
            own.push(from.get(format!("{shown} in the list"), collection, Question::InList(id.value.clone())));
        }
    }
    let elsewhere = others.iter().flat_map(|(name, workspace)| own.iter().map(|get| get.with(name, workspace)));
    own.iter().cloned().chain(elsewhere).take(MOST_CALLS).collect()
}

/// The credentials that may go to an origin and belong to another workspace than this one, each with its workspace: one
/// for each workspace, by name, none that has lapsed.
///
/// Blocking: the settings are read.
///
/// # Errors
///
/// Those of the list of credentials.
pub fn other_workspaces(
    services: &Services,
    origin: &Origin,
    workspace: Option<&str>,
) -> Result<Vec<(String, String)>, VaultError> {
    let now = Timestamp::now();
    let mut seen: BTreeSet<String> = workspace.map(str::to_owned).into_iter().collect();
    let is_good = |facts: &Credential| {
        let is_renewable = facts.oauth.as_ref().is_some_and(|oauth| oauth.is_renewable());
        facts.origins.contains(origin) && (is_renewable || facts.expires_at.is_none_or(|at| at > now))
    };
    let known = services.vault.list()?.into_iter().filter(is_good);
    let others = known.filter_map(|facts| Some((facts.name, facts.workspace?)));
    Ok(others.filter(|(_, workspace)| seen.insert(workspace.clone())).take(MOST_WORKSPACES).collect())
}

/// Makes a planned call: by the rules of its credential, and into the history, as any request.
pub async fn run(services: &Arc<Services>, planned: PlannedGet, cancel: CancelSignal) -> AskResult {
    let (verdict, answer) = match &planned.question {
        Question::Thing => match send(services, &planned, &planned.url, cancel).await {
            Ok(answer) => (verdict_of(&answer), Some(answer)),
            Err(why) => (Verdict::Unknown(why), None),
        },
        Question::InList(_) | Question::Pages => {
            let pages = fetch_pages(services, &planned, &cancel).await;
            let is_there = match &planned.question {
                Question::InList(id) => pages.bodies().any(|body| has_id(body, id)),
                _ => false,
            };
            let verdict = match (is_there, &pages.problem) {
                (true, _) => Verdict::Listed,
                (false, Some(why)) => Verdict::Unknown(why.clone()),
                (false, None) if planned.question == Question::Pages => {
                    Verdict::Unknown("no id was asked for".to_owned())
                }
                (false, None) if pages.is_whole => Verdict::NotHere,
                (false, None) => Verdict::Unknown(format!("it is not in the first {} pages", pages.answers.len())),
            };
            (verdict, pages.answers.last().cloned())
        }
    };
    AskResult { title: planned.title, verdict, answer }
}

/// Sends one call of a plan, once: what was shown is what is sent.
///
/// # Errors
///
/// Why nothing was sent and what to do, in words.
pub(super) async fn send(
    services: &Arc<Services>,
    planned: &PlannedGet,
    url: &str,
    cancel: CancelSignal,
) -> Result<Arc<Answer>, String> {
    let draft = RequestDraft {
        name: planned.title.clone(),
        method: "GET".to_owned(),
        url: url.to_owned(),
        environment: planned.environment.clone(),
        credential: planned.credential.clone(),
        workspace: planned.workspace.clone(),
        ..RequestDraft::default()
    };
    let wish = SendWish { retries: Some(0), ..SendWish::default() };
    match run_line(services, draft, wish, cancel, |_| {}).await {
        LineEnd::Finished(finished) => Ok(finished.answer),
        LineEnd::Refused(problem) => Err(format!("{}: {}", problem.summary, problem.fix)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::ids::{IdSource, ids_of};
    use super::*;

    fn urls(url: &str, payload: &str, others: &[(String, String)]) -> Vec<String> {
        let draft = RequestDraft { method: "PATCH".into(), url: url.into(), ..RequestDraft::default() };
        let ids = ids_of(&IdSource { url, payload, content_type: None });
        planned(&ids, &AskFrom::of(&draft), false, others).into_iter().map(|get| get.url).collect()
    }

    #[test]
    fn every_address_is_planned_once_and_on_the_same_origin() {
        let payload = r#"{"id":"7","postIds":["7","a/b c","../x","..","{{base}}"],"otherId":"9"}"#;
        let expected = ["/v1/posts/7", "/v1/posts/a%2Fb%20c", "/v1/posts/..%2Fx"];
        for prefix in ["", "{{base}}", "https://host:1"] {
            let expected = expected.map(|path| format!("{prefix}{path}"));
            assert_eq!(urls(&format!("{prefix}/v1/posts/7?x=1#y"), payload, &[]), expected);
        }
    }

    #[test]
    fn others_are_planned_only_where_they_are_named_and_there_is_an_end() {
        let many: Vec<String> = (0..100).map(|n| format!("{{\"id\":{n}}}")).collect();
        let payload = format!("[{}]", many.join(","));
        let others = [("key".to_owned(), "ws_other".to_owned())];
        assert_eq!(urls("/v1/posts", &payload, &others).len(), MOST_CALLS);
        let ids = ids_of(&IdSource { url: "/v1/posts/7", ..IdSource::default() });
        let draft = RequestDraft { url: "/v1/posts/7".into(), ..RequestDraft::default() };
        let gets = planned(&ids, &AskFrom::of(&draft), true, &others);
        let said: Vec<_> = gets.iter().map(|get| (get.title.as_str(), get.url.as_str(), get.most_calls())).collect();
        let expected = [
            ("7 (path)", "/v1/posts/7", 1),
            ("7 (path) in the list", "/v1/posts", MOST_PAGES),
            ("7 (path) in the workspace ws_other", "/v1/posts/7", 1),
            ("7 (path) in the list in the workspace ws_other", "/v1/posts", MOST_PAGES),
        ];
        assert_eq!(said, expected);
        assert_eq!(gets[2].credential, CredentialChoice::Named("key".into()));
        assert_eq!(gets[2].workspace.as_deref(), Some("ws_other"));
    }

    #[test]
    fn what_looks_like_a_secret_is_not_put_into_an_address() {
        let payload = r#"{"session_id":"s3cr3t-canary-0123456789"}"#;
        let ids = ids_of(&IdSource { url: "/v1/sessions", payload, content_type: None });
        assert_eq!(ids[0].collection.as_deref(), Some("/v1/sessions"));
        assert_eq!(why_not_asked(&ids[0]), Some("it looks like a secret"));
        assert_eq!(urls("/v1/sessions", payload, &[]), [""; 0]);
    }
}
