//! Another token for a credential that came from a sign-in: whom it is got from, shown before anybody is asked.

use super::{ActionPlan, ActionWish, Change, Refusal, Step};
use crate::credentials::oauth::Flow;
use crate::credentials::{Credential, OAuthFacts};
use crate::text::visible_line;

/// Plans a renewal.
///
/// # Errors
///
/// The call's credential is not known, came from no sign-in, or nothing is there to renew it with.
pub(super) fn refresh(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let (credential, oauth) = signed_in(wish)?;
    let name = visible_line(&credential.name);
    if !oauth.is_renewable() {
        let what = format!("There is nothing to renew the token of {name} with");
        return Err((what, "sign in again".to_owned()));
    }
    let host = host(oauth.provider.token_url.url());
    let sent = match oauth.flow {
        Flow::ClientCredentials => format!("{name} signs in as itself at {host}"),
        Flow::Code | Flow::Device => {
            format!("The refresh token of {name} goes to {host}, which gives a new token for it")
        }
    };
    Ok(plan(wish, credential, format!("Refresh the token of {name}"), sent, Step::Refresh(credential.name.clone())))
}

/// Plans a sign-in as the time before.
///
/// # Errors
///
/// The call's credential is not known or came from no sign-in.
pub(super) fn sign_in(wish: &ActionWish) -> Result<ActionPlan, Refusal> {
    let (credential, oauth) = signed_in(wish)?;
    let name = visible_line(&credential.name);
    let provider = &oauth.provider;
    let sent = match oauth.flow {
        Flow::Code => {
            let page = provider.authorize_url.as_ref().unwrap_or(&provider.token_url);
            format!("The browser opens {}, where you allow it", host(page.url()))
        }
        Flow::Device => {
            let page = provider.device_url.as_ref().unwrap_or(&provider.token_url);
            format!("{} gives a code, which you type in on any device", host(page.url()))
        }
        Flow::ClientCredentials => format!("{name} signs in as itself at {}", host(provider.token_url.url())),
    };
    Ok(plan(wish, credential, format!("Sign in again as {name}"), sent, Step::SignIn(credential.name.clone())))
}

fn signed_in(wish: &ActionWish) -> Result<(&Credential, &OAuthFacts), Refusal> {
    let Some(credential) = wish.credential.as_deref() else {
        let what = "Which credential the call went out with is not known".to_owned();
        return Err((what, "choose one in the Auth tab and send again".to_owned()));
    };
    let Some(oauth) = credential.oauth.as_deref() else {
        let what = format!("{} came from no sign-in", visible_line(&credential.name));
        return Err((what, "regenerate the key, or choose another credential".to_owned()));
    };
    Ok((credential, oauth))
}

fn plan(wish: &ActionWish, credential: &Credential, title: String, sent: String, step: Step) -> ActionPlan {
    let before = credential.last4.as_deref().map(|last| format!("···· {last}"));
    ActionPlan {
        changes: vec![Change {
            what: format!("token of {}", credential.name),
            before: Some(before.unwrap_or_else(|| "the one there".to_owned())),
            after: "a new one".to_owned(),
        }],
        notes: vec![sent, "The token before is given up; it cannot be put back".to_owned()],
        step: Some(step),
        ..ActionPlan::of(wish, title)
    }
}

fn host(url: &url::Url) -> String {
    visible_line(url.host_str().unwrap_or_default()).into_owned()
}
