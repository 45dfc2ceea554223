//! Another key in the place of one that is refused: its page, and the way to put the new one in.

use url::Url;

use super::{ActionPlan, ActionWish, Refusal};
use crate::app::link::check_link;
use crate::app::services::SANDBOX_PREFIX;
use crate::credentials::CredentialKind;
use crate::text::visible_line;

/// Where keys are made, by the links of a profile; the first that has an address.
const TOPICS: [&str; 2] = ["keys", "developer_portal"];

/// Plans it for the call's credential; it only tells and leads on.
///
/// # Errors
///
/// The credential is not known, or is none that is made anew by hand.
pub(super) fn plan(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let Some(credential) = &wish.credential else {
        let what = "Which credential the call went out with is not known".to_owned();
        return Err((what, "choose one in the Auth tab and send again".to_owned()));
    };
    let name = visible_line(&credential.name).into_owned();
    if credential.name.starts_with(SANDBOX_PREFIX) {
        let what = format!("{name} is a key of the sandbox in this program");
        return Err((what, "choose another of its keys, or start the program anew: it makes new ones".to_owned()));
    }
    if credential.kind == CredentialKind::OAuth {
        return Err((format!("{name} came from a sign-in and has no key"), "sign in again".to_owned()));
    }
    let page = TOPICS.iter().find_map(|topic| Url::parse(wish.profile.link(topic)?.url.as_deref()?).ok());
    let page = page.filter(|page| check_link(page).is_ok());
    let mut notes = Vec::new();
    notes.push(match &credential.last4 {
        Some(last) => format!("{name} ends in {}; compare it with the keys that the API lists", visible_line(last)),
        None => format!("How {name} ends is not known: it is too short for its end to be shown"),
    });
    notes.push(match &page {
        Some(page) => format!("Make a new key on {}", visible_line(page.host_str().unwrap_or_default())),
        None => "Make a new key where the API's keys are made; the profile names no page for it".to_owned(),
    });
    notes.push("Then put it in the old one's place: name, origins and workspace stay".to_owned());
    Ok(ActionPlan {
        notes,
        link: page,
        replaces: Some(credential.name.clone()),
        ..ActionPlan::of(wish, format!("Regenerate the key {name}"))
    })
}
