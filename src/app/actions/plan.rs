//! From a wish to a plan: which action it is.

use super::{ActionPlan, ActionWish, Asked, OpenAction, Refusal};
use super::{ask, credential, headers, regenerate, scope, set_field, token};

/// A plan together with what it was made from.
///
/// # Errors
///
/// As [`plan`].
pub fn open_action(wish: ActionWish, asked: Vec<Asked>) -> Result<Box<OpenAction>, Refusal> {
    let plan = plan(&wish, &asked)?;
    Ok(Box::new(OpenAction { plan, wish, asked, is_asking: false }))
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
