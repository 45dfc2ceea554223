//! Actions that have to ask the API first: what would be asked is shown, and asked only then.

use std::sync::Arc;

use super::{ActionPlan, ActionWish, Change, PlanInput, Refusal};
use crate::app::asks::{
    AskFrom, IdSource, Latest, NoLatest, PlannedGet, Verdict, fetch_latest, fetch_pages, ids_of, is_version,
    merge_rows, merged, next_slug, planned, planned_latest, planned_list, run, taken_slugs, why_not_asked,
};
use crate::app::services::Services;
use crate::diagnosis::Place;
use crate::exchange::RequestDraft;
use crate::text::{Document, visible_line};
use crate::transport::CancelSignal;

/// What the API said to one planned call.
///
/// *Secrets*: possibly, in a latest state.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What it was asked for, in words.
    pub title: String,
    /// What came of it.
    pub came: Came,
}

/// What came of a planned call.
#[derive(Clone, Debug)]
pub enum Came {
    /// What became of an id.
    Id(Verdict),
    /// The latest state, or why there is none.
    Latest(Result<Latest, NoLatest>),
    /// The slugs of a list, and why they may not be all.
    Slugs {
        /// Those that are taken.
        taken: Vec<String>,
        /// Why there may be more; none where the list came whole.
        doubt: Option<String>,
    },
}

/// A member in which payload and latest state differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeChoice {
    /// The member.
    pub key: String,
    /// What is in the payload, as written.
    pub mine: String,
    /// What the latest state has, as written.
    pub theirs: String,
    /// Whether theirs is taken.
    pub is_theirs: bool,
}

/// Plans the calls of an action.
///
/// # Errors
///
/// Why there is nothing to ask.
pub(super) fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let (title, asks, notes) = match wish.id.as_str() {
        "propose_slug" => ("Propose a free slug", slug_asks(wish)?, Vec::new()),
        "fetch_latest" => ("Fetch the latest state", vec![planned_latest(&wish.draft).map_err(refusal)?], Vec::new()),
        _ => {
            let (asks, notes) = id_asks(wish)?;
            ("Check the ids of this call", asks, notes)
        }
    };
    Ok(ActionPlan { notes, asks, ..ActionPlan::of(wish, title) })
}

/// Asks one after the other, each as any request: by the binding's rules, and into the history. Once the person has
/// left the action, the one under way is stopped and no other is begun.
pub async fn ask_all(
    services: &Arc<Services>,
    wish: &ActionWish,
    asks: Vec<PlannedGet>,
    cancel: CancelSignal,
) -> Vec<Asked> {
    let mut asked = Vec::new();
    for ask in asks {
        if cancel.is_raised() {
            break;
        }
        let title = ask.title.clone();
        let came = match wish.id.as_str() {
            "propose_slug" => {
                let pages = fetch_pages(services, &ask, &cancel).await;
                let taken = pages.bodies().flat_map(taken_slugs).collect();
                let more = || format!("only {} pages of the list were read", pages.answers.len());
                let doubt = pages.problem.clone().or_else(|| (!pages.is_whole).then(more));
                Came::Slugs { taken, doubt }
            }
            "fetch_latest" => Came::Latest(fetch_latest(services, &ask, &wish.draft, cancel.clone()).await),
            _ => Came::Id(run(services, ask, cancel.clone()).await.verdict),
        };
        asked.push(Asked { title, came });
    }
    asked
}

/// What the answers came to.
///
/// # Errors
///
/// Why they do not help.
pub(super) fn read(wish: &ActionWish, asked: &[Asked]) -> Result<ActionPlan, Refusal> {
    let mut plan = plan(wish)?;
    plan.asks.clear();
    for answer in asked {
        match &answer.came {
            Came::Id(verdict) => plan.notes.push(format!("{}: {}", answer.title, visible_line(&verdict.words()))),
            Came::Latest(Ok(latest)) => show_latest(wish, latest, &mut plan)?,
            Came::Latest(Err(why)) => return Err(refusal(why.clone())),
            Came::Slugs { taken, doubt } => free_slug(wish, taken, doubt.as_deref(), &mut plan)?,
        }
    }
    Ok(plan)
}

fn refusal(why: NoLatest) -> Refusal {
    (visible_line(&why.summary).into_owned(), why.fix)
}

fn slug_asks(wish: &ActionWish) -> Result<Vec<PlannedGet>, Refusal> {
    let list =
        planned_list(&wish.draft).map(|list| PlannedGet { title: "the slugs that are taken".to_owned(), ..list });
    let list = list
        .ok_or_else(|| ("The list that this belongs to is not known".to_owned(), "choose a slug by hand".to_owned()))?;
    Ok(vec![list])
}

fn free_slug(wish: &ActionWish, taken: &[String], doubt: Option<&str>, plan: &mut ActionPlan) -> Result<(), Refusal> {
    let document = Document::parse(&wish.draft.body);
    let diagnosis = wish.answer.diagnosis.as_ref();
    let fields = diagnosis.map_or(&[][..], |said| said.fields.as_slice());
    let blamed = fields.iter().find(|field| matches!(field.place, Place::Body(_)));
    let span = blamed.and_then(|field| field.place.span_in_payload(&document));
    let value = span.and_then(|span| serde_json::from_str::<String>(span.slice(&wish.draft.body)?).ok());
    let (Some(span), Some(value), Some(field)) = (span, value, blamed) else {
        return Err(("The slug is no longer in the payload".to_owned(), "send the request again".to_owned()));
    };
    let count = if taken.len() == 1 { "1 slug is".to_owned() } else { format!("{} slugs are", taken.len()) };
    plan.notes.push(match doubt {
        None => format!("{count} taken in the list"),
        Some(why) => {
            format!("{count} taken as far as the list was read, so this one may be too: {}", visible_line(why))
        }
    });
    let proposed = wish.typed.clone().unwrap_or_else(|| next_slug(&value, taken));
    let after = serde_json::Value::from(proposed.as_str()).to_string();
    let body = &wish.draft.body;
    let (before, behind) = (body.get(..span.start).unwrap_or(""), body.get(span.end..).unwrap_or(""));
    plan.changes =
        vec![Change { what: field.path.clone(), before: span.slice(body).map(str::to_owned), after: after.clone() }];
    plan.draft = Some(RequestDraft { body: format!("{before}{after}{behind}").into(), ..wish.draft.clone() });
    plan.input = Some(PlanInput { label: "Slug to use".to_owned(), value: proposed, suggestions: Vec::new() });
    Ok(())
}

fn show_latest(wish: &ActionWish, latest: &Latest, plan: &mut ActionPlan) -> Result<(), Refusal> {
    let Some(rows) = merge_rows(&wish.draft.body, &latest.body) else {
        return Err(("Payload or latest state is no JSON object".to_owned(), "compare them by hand".to_owned()));
    };
    let differing = rows.into_iter().filter(|row| !row.is_same).filter_map(|row| {
        // What only one of them has is no contradiction.
        let (mine, theirs) = (row.mine?, row.theirs?);
        let is_theirs = wish.takes.get(&row.key).copied().unwrap_or_else(|| is_version(&row.key));
        Some(MergeChoice { key: row.key, mine, theirs, is_theirs })
    });
    plan.rows = differing.collect();
    if plan.rows.is_empty() {
        plan.notes.push("Every member of the payload is the same in the latest state".to_owned());
    }
    let taken = || plan.rows.iter().filter(|row| row.is_theirs);
    let keys: Vec<String> = taken().map(|row| row.key.clone()).collect();
    let change =
        |row: &MergeChoice| Change { what: row.key.clone(), before: Some(row.mine.clone()), after: row.theirs.clone() };
    plan.changes = taken().map(change).collect();
    let body = merged(&wish.draft.body, &latest.body, &keys).into();
    plan.draft = Some(RequestDraft { body, ..wish.draft.clone() });
    Ok(())
}

fn id_asks(wish: &ActionWish) -> Result<(Vec<PlannedGet>, Vec<String>), Refusal> {
    let content_type = wish.draft.headers.iter().find(|line| line.name.eq_ignore_ascii_case("content-type"));
    let found = ids_of(&IdSource {
        url: &wish.draft.url,
        payload: &wish.draft.body,
        content_type: content_type.map(|line| line.value.as_str()),
    });
    if found.is_empty() {
        let what = "No id stands in this call".to_owned();
        return Err((what, "look at the path: it may be another one".to_owned()));
    }
    let said = |id| why_not_asked(id).map(|why| format!("{}: unknown; {why}", id.words()));
    let mut notes: Vec<String> = found.iter().filter_map(said).collect();
    let from = AskFrom::of(&wish.draft);
    let own = planned(&found, &from, false, &[]);
    let others: &[_] = if wish.with_others { &wish.others } else { &[] };
    let asks = planned(&found, &from, false, others);
    if asks.len() < own.len() * (1 + others.len()) {
        notes.push(format!("Only the first {} of these calls are made", asks.len()));
    }
    Ok((asks, notes))
}
