//! Actions that have to ask the API first: what would be asked is shown, and asked only then.

use std::sync::Arc;

use super::merge::{self, MergeRow};
use super::{ActionPlan, ActionWish, Change, PlanInput, Refusal, ids, slug};
use crate::app::answer::Answer;
use crate::diagnosis::Place;
use crate::exchange::{CredentialChoice, RequestDraft};
use crate::text::{Document, Kind, visible_line};

/// How many calls one action makes at most.
const MOST_CALLS: usize = 10;

/// One call that an action would make.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What it is asked for, in words. Shape: `post_7 in this workspace`.
    pub title: String,
    /// The request, under the same rules as any other.
    pub draft: Box<RequestDraft>,
}

/// What a call came to: the ask's title, and its answer or why there is none.
pub type Asked = (String, Result<Arc<Answer>, String>);

/// Plans the calls of an action.
///
/// # Errors
///
/// Why there is nothing to ask.
pub(super) fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let (title, asks, notes) = match wish.id.as_str() {
        "propose_slug" => ("Propose a free slug", slug_asks(wish)?, Vec::new()),
        "fetch_latest" => ("Fetch the latest state", latest_asks(wish)?, Vec::new()),
        _ => {
            let (asks, notes) = id_asks(wish)?;
            ("Check the ids of this call", asks, notes)
        }
    };
    Ok(ActionPlan { notes, asks: asks.into_iter().take(MOST_CALLS).collect(), ..ActionPlan::of(wish, title) })
}

/// What the answers came to.
///
/// # Errors
///
/// Why they do not help.
pub(super) fn read(wish: &ActionWish, asked: &[Asked]) -> Result<ActionPlan, Refusal> {
    let mut plan = plan(wish)?;
    plan.asks.clear();
    match wish.id.as_str() {
        "propose_slug" => free_slug(wish, asked, &mut plan)?,
        "fetch_latest" => latest(wish, asked, &mut plan)?,
        _ => plan.notes.extend(asked.iter().map(|(title, answer)| verdict(title, answer))),
    }
    Ok(plan)
}

/// A GET with the same credential and workspace, without payload and headers of the draft.
fn get(wish: &ActionWish, path: &str, title: String) -> Ask {
    let draft = RequestDraft {
        name: title.clone(),
        method: "GET".to_owned(),
        url: path.to_owned(),
        environment: wish.draft.environment.clone(),
        credential: wish.draft.credential.clone(),
        workspace: wish.draft.workspace.clone(),
        ..RequestDraft::default()
    };
    Ask { title, draft: Box::new(draft) }
}

/// The draft's address without query and fragment.
fn path_of(draft: &RequestDraft) -> &str {
    draft.url.split(['?', '#']).next().unwrap_or("")
}

fn slug_asks(wish: &ActionWish) -> Result<Vec<Ask>, Refusal> {
    let path = path_of(&wish.draft).trim_end_matches('/');
    // A change of one thing stands below the list; a new one goes to it.
    let list = if wish.draft.method.eq_ignore_ascii_case("POST") { path } else { parent(path)? };
    Ok(vec![get(wish, list, "the slugs that are taken".to_owned())])
}

fn parent(path: &str) -> Result<&str, Refusal> {
    let parent = path.rsplit_once('/').map(|(parent, _)| parent).filter(|parent| !parent.is_empty());
    parent.ok_or_else(|| ("The list that this belongs to is not known".to_owned(), "choose a slug by hand".to_owned()))
}

fn free_slug(wish: &ActionWish, asked: &[Asked], plan: &mut ActionPlan) -> Result<(), Refusal> {
    let document = Document::parse(&wish.draft.body);
    let diagnosis = wish.answer.diagnosis.as_ref();
    let fields = diagnosis.map_or(&[][..], |said| said.fields.as_slice());
    let blamed = fields.iter().find(|field| matches!(field.place, Place::Body(_)));
    let span = blamed.and_then(|field| field.place.span_in_payload(&document));
    let value = span.and_then(|span| serde_json::from_str::<String>(span.slice(&wish.draft.body)?).ok());
    let (Some(span), Some(value), Some(field)) = (span, value, blamed) else {
        return Err(("The slug is no longer in the payload".to_owned(), "send the request again".to_owned()));
    };
    let taken = match asked.first() {
        Some((_, Ok(answer))) if answer.status.is_some_and(|status| status < 400) => taken(&answer.raw.text),
        _ => {
            plan.notes.push("Which slugs are taken could not be read, so the next number is a guess".to_owned());
            Vec::new()
        }
    };
    let proposed = wish.typed.clone().unwrap_or_else(|| slug::next_free(&value, &taken));
    let after = serde_json::Value::from(proposed.as_str()).to_string();
    let body = &wish.draft.body;
    let (before, behind) = (body.get(..span.start).unwrap_or(""), body.get(span.end..).unwrap_or(""));
    let mut draft = wish.draft.clone();
    draft.body = format!("{before}{after}{behind}").into();
    plan.draft = Some(draft);
    plan.notes.push(format!("{} slugs are taken in the list", taken.len()));
    plan.changes = vec![Change { what: field.path.clone(), before: span.slice(body).map(str::to_owned), after }];
    plan.input = Some(PlanInput { label: "Slug to use".to_owned(), value: proposed, suggestions: Vec::new() });
    Ok(())
}

/// Every member `slug` of an answer.
fn taken(text: &str) -> Vec<String> {
    let document = Document::parse(text);
    let objects = document.descendants().take(100_000).filter(|node| node.kind() == Kind::Object);
    objects.filter_map(|node| node.get("slug")?.as_str().map(|slug| slug.into_owned())).collect()
}

fn latest_asks(wish: &ActionWish) -> Result<Vec<Ask>, Refusal> {
    if wish.draft.method.eq_ignore_ascii_case("POST") {
        let what = "What is new has no latest state to fetch".to_owned();
        return Err((what, "change what is in conflict, such as the slug".to_owned()));
    }
    Ok(vec![get(wish, path_of(&wish.draft), "the latest state".to_owned())])
}

fn latest(wish: &ActionWish, asked: &[Asked], plan: &mut ActionPlan) -> Result<(), Refusal> {
    let failed = |why: String| (format!("The latest state did not come: {why}"), "try it again later".to_owned());
    let answer = match asked.first() {
        Some((_, Ok(answer))) if answer.status.is_some_and(|status| status < 400) => answer,
        Some((_, Ok(answer))) => return Err(failed(answer.status_line())),
        Some((_, Err(why))) => return Err(failed(why.clone())),
        None => return Err(failed("nothing was asked".to_owned())),
    };
    let Some(rows) = merge::rows(&wish.draft.body, &answer.raw.text) else {
        return Err(("Payload or latest state is no JSON object".to_owned(), "compare them by hand".to_owned()));
    };
    if rows.is_empty() {
        plan.notes.push("Every member of the payload is the same in the latest state".to_owned());
    }
    plan.rows = rows;
    take(plan, &wish.draft);
    Ok(())
}

/// Makes the draft of what is taken from the latest state.
pub(super) fn take(plan: &mut ActionPlan, before: &RequestDraft) {
    let mut draft = before.clone();
    draft.body = merge::merged(&before.body, &plan.rows).into();
    plan.changes = plan.rows.iter().filter(|row| row.is_theirs).map(change).collect();
    plan.draft = Some(draft);
}

fn change(row: &MergeRow) -> Change {
    Change { what: row.key.clone(), before: Some(row.mine.clone()), after: row.theirs.clone() }
}

fn id_asks(wish: &ActionWish) -> Result<(Vec<Ask>, Vec<String>), Refusal> {
    let path = wish.draft.url.strip_prefix("{{base}}").unwrap_or(&wish.draft.url);
    // An address of its own is asked there, under the same rules as the call.
    let origin = url::Url::parse(path).ok().filter(url::Url::has_host).map(|url| url.origin().ascii_serialization());
    let found = ids::of(path, &wish.draft.body);
    if found.is_empty() {
        let what = "No id stands in this call".to_owned();
        return Err((what, "look at the path: it may be another one".to_owned()));
    }
    let mut notes = Vec::new();
    let mut asks = Vec::new();
    for id in found {
        let shown = format!("{} ({})", visible_line(&id.value), visible_line(&id.place));
        match id.address {
            Some(address) => asks.push(get(wish, &format!("{}{address}", origin.as_deref().unwrap_or("")), shown)),
            None => notes.push(format!("{shown}: unknown; where it could be asked for is not known")),
        }
    }
    if asks.is_empty() {
        notes.push("None of them can be asked for".to_owned());
    }
    let others = wish.others.iter().flat_map(|(name, workspace)| {
        asks.iter().map(move |ask| {
            let mut draft = ask.draft.clone();
            draft.credential = CredentialChoice::Named(name.clone());
            draft.workspace = Some(workspace.clone());
            Ask { title: format!("{} in the workspace {}", ask.title, visible_line(workspace)), draft }
        })
    });
    let others: Vec<Ask> = if wish.with_others { others.collect() } else { Vec::new() };
    asks.extend(others);
    Ok((asks, notes))
}

/// What an answer says of an id.
fn verdict(title: &str, answer: &Result<Arc<Answer>, String>) -> String {
    let answer = match answer {
        Ok(answer) => answer,
        Err(why) => return format!("{title}: unknown; {why}"),
    };
    let diagnosis = answer.diagnosis.as_ref();
    let words = diagnosis.into_iter().flat_map(|said| {
        let reasons = said.fields.iter().filter_map(|field| field.reason.as_deref());
        reasons.chain(said.message.as_deref())
    });
    let is_deleted = words.map(str::to_lowercase).any(|words| words.contains("deleted"));
    match answer.status {
        Some(status) if status < 300 => format!("{title}: it is there"),
        Some(410) => format!("{title}: it was deleted"),
        Some(404) if is_deleted => format!("{title}: it was deleted"),
        Some(404) => format!("{title}: it is not there, or lies outside this workspace"),
        _ => format!("{title}: unknown; the API answered {}", answer.status_line()),
    }
}
