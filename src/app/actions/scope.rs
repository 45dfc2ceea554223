//! Shows which scope a call needs, beside those that its credential has.

use super::{ActionPlan, ActionWish};
use crate::credentials::doctor::{need_of_challenges, need_of_reason};
use crate::text::visible_line;

/// Plans it; it only tells.
pub(super) fn plan(wish: &ActionWish) -> ActionPlan {
    let challenges = wish.answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    let by_header = need_of_challenges(challenges.map(|(_, value)| value.as_str()));
    let diagnosis = wish.answer.diagnosis.as_ref();
    let reasons = diagnosis.into_iter().flat_map(|said| said.fields.iter().filter_map(|field| field.reason.as_deref()));
    let message = diagnosis.and_then(|said| said.message.as_deref());
    let by_words = || reasons.chain(message).find_map(need_of_reason);
    let mut notes = Vec::new();
    let need = by_header.or_else(by_words);
    match &need {
        Some(need) => {
            let ways: Vec<String> = need.alternatives.iter().map(|scopes| scopes.join(" and ")).collect();
            notes.push(format!("Needed: {} (by {})", visible_line(&ways.join(", or ")), visible_line(&need.source)));
        }
        None => notes.push("Needed: unknown; neither the answer's header nor its words name a scope".to_owned()),
    }
    match &wish.credential {
        Some(credential) if credential.scopes.is_empty() => {
            notes.push(format!("{} has: unknown; no scopes were written down for it", visible_line(&credential.name)));
        }
        Some(credential) => {
            notes.push(format!(
                "{} has: {}",
                visible_line(&credential.name),
                visible_line(&credential.scopes.join(", "))
            ));
            let has = |scope: &String| credential.scopes.contains(scope);
            let lacking = |scopes: &Vec<String>| scopes.iter().filter(|scope| !has(scope)).cloned().collect::<Vec<_>>();
            let missing = need.iter().flat_map(|need| &need.alternatives).map(lacking).min_by_key(Vec::len);
            match missing {
                Some(missing) if missing.is_empty() => {
                    notes.push("By what was written down it has all of them: the server sees it otherwise".to_owned());
                }
                Some(missing) => notes.push(format!("Missing: {}", visible_line(&missing.join(", ")))),
                None => {}
            }
        }
        None => notes.push("Which credential was used is not known".to_owned()),
    }
    notes.push("Choose a credential that has it, or have it granted and sign in again".to_owned());
    ActionPlan { notes, ..ActionPlan::of(wish, "The scope of this call") }
}
