//! From a wish to a plan: which action it is.

use std::sync::Arc;

use super::{ActionPlan, ActionWish, Ask, Asked, OpenAction, Refusal};
use super::{ask, credential, headers, regenerate, scope, set_field, token};
use crate::app::line::{LineEnd, run_line};
use crate::app::services::Services;
use crate::app::wish::SendWish;
use crate::transport::CancelSignal;

/// A plan together with what it was made from.
///
/// # Errors
///
/// As [`plan`].
pub fn open_action(wish: ActionWish, asked: Vec<Asked>) -> Result<Box<OpenAction>, Refusal> {
    let plan = plan(&wish, &asked)?;
    Ok(Box::new(OpenAction { plan, wish, asked, is_asking: false }))
}

/// Asks one after the other, each as any request: by the binding's rules, and into the history. Once the person has
/// left the action, the one under way is stopped and no other is begun.
pub async fn ask_all(services: &Arc<Services>, asks: Vec<Ask>, cancel: CancelSignal) -> Vec<Asked> {
    let mut asked = Vec::new();
    for ask in asks {
        if cancel.is_raised() {
            break;
        }
        let answer = match run_line(services, *ask.draft, SendWish::default(), cancel.clone(), |_| {}).await {
            LineEnd::Finished(finished) => Ok(finished.answer),
            LineEnd::Refused(problem) => Err(format!("{}: {}", problem.summary, problem.fix)),
        };
        asked.push((ask.title, answer));
    }
    asked
}

/// Plans an action; nothing is changed and nothing is sent. `asked` is what the API said, where it was asked already.
///
/// # Errors
///
/// Why it cannot be done, and what to do instead.
pub fn plan(wish: &ActionWish, asked: &[Asked]) -> Result<ActionPlan, Refusal> {
    match wish.id.as_str() {
        "set_field" => set_field::plan(wish),
        "add_header" => headers::plan(wish),
        "choose_credential" => credential::plan(wish),
        "refresh_token" => token::refresh(wish),
        "sign_in" => token::sign_in(wish),
        "regenerate" => regenerate::plan(wish),
        "show_scope" => Ok(scope::plan(wish)),
        "propose_slug" | "fetch_latest" | "check_id" if asked.is_empty() => ask::plan(wish),
        "propose_slug" | "fetch_latest" | "check_id" => ask::read(wish, asked),
        _ => Err(("This action is not known".to_owned(), "follow the resolution's words".to_owned())),
    }
}
