//! From a wish to a plan: which action it is.

use super::{ActionPlan, ActionWish, Refusal, headers, scope, set_field};

/// Plans an action; nothing is changed.
///
/// # Errors
///
/// Why it cannot be done, and what to do instead.
pub fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    match wish.id.as_str() {
        "set_field" => set_field::plan(wish),
        "add_header" => headers::plan(wish),
        "show_scope" => Ok(scope::plan(wish)),
        _ => Err(("This action is not known".to_owned(), "follow the resolution's words".to_owned())),
    }
}
