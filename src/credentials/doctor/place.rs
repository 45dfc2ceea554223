//! Where a credential belongs: its environment and its workspace.

use super::audience::Place;
use super::input::{CallFacts, DoctorInput, EnvironmentFact};
use super::jwt::Claims;
use super::model::{TokenAction, TokenFinding};
use super::shown::Shown;
use crate::credentials::Origin;
use crate::profile::EnvironmentKind;
use crate::secret::Secret;

const ENVIRONMENT: &str = "environment";
const WORKSPACE: &str = "workspace";

/// Whether it belongs to the environment it goes to.
pub(super) fn environment(
    input: &DoctorInput<'_>,
    secret: Option<&Secret>,
    claims: Option<&Claims>,
    shown: &Shown,
) -> TokenFinding {
    let given = input.facts.origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(", ");
    let homes: Vec<&EnvironmentFact> =
        input.facts.origins.iter().filter_map(|origin| environment_at(input, origin)).collect();
    let evidence = vec![match homes.as_slice() {
        [] => format!("given for {given}, which is no environment of this profile"),
        homes => format!("given for {given} ({})", titles(homes)),
    }];
    if let Some(call) = input.call
        && !input.facts.origins.contains(&call.origin)
    {
        let there = environment_at(input, &call.origin);
        let place = there.map_or_else(|| call.origin.to_string(), |there| format!("{} ({})", there.title, call.origin));
        let belongs = if homes.is_empty() { given } else { titles(&homes) };
        let summary = format!("It was given for {belongs}, and the call goes to {place}");
        let found = TokenFinding::fail(
            ENVIRONMENT,
            summary,
            "Send to the environment it belongs to, or use a credential of the one that is called",
        );
        let action = match homes.first() {
            Some(home) => TokenAction::ChooseEnvironment(home.name.clone()),
            None => TokenAction::ChooseCredential,
        };
        return found.with(action).because(evidence);
    }
    let there = match input.call {
        Some(call) => environment_at(input, &call.origin),
        None => homes.first().copied(),
    };
    let Some(there) = there else {
        let found = match input.call {
            Some(_) => TokenFinding::pass(ENVIRONMENT, "It was given for where the call goes"),
            None => TokenFinding::unknown(ENVIRONMENT, "It was given for no environment of this profile"),
        };
        return found.because(evidence);
    };
    if let Some(what) = wrong_form(secret, there) {
        return TokenFinding::attention(ENVIRONMENT, what, "Look whether it is the one that is meant for here")
            .with(TokenAction::ChooseCredential)
            .because(evidence);
    }
    if let Some((name, other)) = claims.and_then(|claims| claimed(input, claims, there)) {
        let title = shown.text(&other.title);
        let summary = format!("The token names {title} ({name}), and it is used with {}", there.title);
        return TokenFinding::attention(ENVIRONMENT, summary, "Look whether it is the one that is meant for here")
            .with(TokenAction::ChooseEnvironment(other.name.clone()))
            .because(evidence);
    }
    let summary = match input.call {
        Some(_) => format!("It was given for {}, where the call goes", there.title),
        None => format!("It was given for {}", titles(&homes)),
    };
    TokenFinding::pass(ENVIRONMENT, summary).because(evidence)
}

fn environment_at<'a>(input: &DoctorInput<'a>, origin: &Origin) -> Option<&'a EnvironmentFact> {
    input.environments.iter().find(|environment| environment.origin.as_ref() == Some(origin))
}

fn titles(environments: &[&EnvironmentFact]) -> String {
    environments.iter().map(|environment| environment.title.as_str()).collect::<Vec<_>>().join(", ")
}

/// A secret whose form is that of the other kind of environment. Its prefix is a part of it and is not shown.
fn wrong_form(secret: Option<&Secret>, there: &EnvironmentFact) -> Option<String> {
    const WHO: [&str; 4] = ["sk", "pk", "rk", "whsec"];
    let text = secret?.expose();
    let has = |word: &str| WHO.iter().any(|who| text.strip_prefix(who).is_some_and(|rest| rest.starts_with(word)));
    let is_production = there.kind == EnvironmentKind::Production;
    if is_production && has("_test_") {
        return Some(format!("It has the form of a test key and is used with {}", there.title));
    }
    (!is_production && has("_live_")).then(|| format!("It has the form of a live key and is used with {}", there.title))
}

/// The claim that names another environment of the profile, and that environment.
fn claimed<'a>(
    input: &DoctorInput<'a>,
    claims: &Claims,
    there: &EnvironmentFact,
) -> Option<(&'static str, &'a EnvironmentFact)> {
    ["aud", "iss"].into_iter().find_map(|name| {
        let places: Vec<Place> = claims.texts(name)?.into_iter().filter_map(Place::of).collect();
        let is_at = |environment: &EnvironmentFact| {
            environment.origin.as_ref().is_some_and(|origin| places.iter().any(|place| place.is(origin)))
        };
        if is_at(there) {
            return None;
        }
        input.environments.iter().find(|other| is_at(other)).map(|other| (name, other))
    })
}

/// Whether the request names the workspace that the credential belongs to.
pub(super) fn workspace(input: &DoctorInput<'_>, claims: Option<&Claims>, shown: &Shown) -> TokenFinding {
    let Some(header) = input.workspace_header else {
        return TokenFinding::pass(WORKSPACE, "This API names no workspace in a header");
    };
    let bound = input.facts.workspace.as_deref();
    let claimed = claims.and_then(|claims| claims.text("workspace").or_else(|| claims.text("workspace_id")));
    let mut evidence = Vec::new();
    evidence.extend(bound.map(|bound| format!("the credential is bound to {}", shown.text(bound))));
    evidence.extend(claimed.map(|claimed| format!("the token names {}", shown.text(claimed))));
    let found = match (bound, claimed, input.call) {
        (Some(bound), Some(claimed), _) if bound != claimed => {
            let (bound, claimed) = (shown.text(bound), shown.text(claimed));
            let summary = format!("The credential is bound to the workspace {bound}, and the token names {claimed}");
            TokenFinding::attention(WORKSPACE, summary, "Use the credential of the workspace that is meant")
                .with(TokenAction::ChooseCredential)
        }
        (_, _, None) => TokenFinding::unknown(WORKSPACE, format!("No call was looked at, so {header} was not either")),
        (bound, claimed, Some(call)) => sent(header, claimed.or(bound), call, shown),
    };
    found.because(evidence)
}

/// Whether a text has the shape of an id. Shape: `ws_123`.
fn is_id(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_sign)
}

fn sent(header: &str, own: Option<&str>, call: &CallFacts, shown: &Shown) -> TokenFinding {
    let set = |found: TokenFinding| match own {
        // It may be a claim of the token, which anything can be in: only what looks like an id is offered.
        Some(own) if is_id(own) => found.with(TokenAction::SetWorkspace(own.to_owned())),
        _ => found,
    };
    match (call.workspace.as_deref(), own) {
        (None, _) if call.has_workspace_header => {
            TokenFinding::unknown(WORKSPACE, format!("{header} was sent, and its value was not kept"))
        }
        // The API asks for it at some addresses only, and this is one of the others.
        (None, _) if call.status.is_some_and(|status| status < 400) => {
            TokenFinding::pass(WORKSPACE, format!("{header} was not sent, and the API accepted the call without it"))
        }
        (None, _) => set(TokenFinding::fail(
            WORKSPACE,
            format!("{header} is missing from the call"),
            &match own {
                Some(own) => format!("Send {header}: {}", shown.text(own)),
                None => format!("Send {header} with the id of the workspace that the credential belongs to"),
            },
        )),
        (Some(named), Some(own)) if named != own => {
            let (named, belongs) = (shown.text(named), shown.text(own));
            set(TokenFinding::fail(
                WORKSPACE,
                format!("The call names the workspace {named}, and the credential belongs to {belongs}"),
                &format!("Send {header}: {belongs}, or use a credential of {named}"),
            ))
        }
        (Some(_), Some(_)) => TokenFinding::pass(WORKSPACE, "The call names the workspace that it belongs to"),
        (Some(named), None) => TokenFinding::unknown(
            WORKSPACE,
            format!("The call names the workspace {}, and it is not known which one it belongs to", shown.text(named)),
        ),
    }
}
