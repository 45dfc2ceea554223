//! What a token may do against what the call needs.

use super::input::DoctorInput;
use super::jwt::Claims;
use super::model::{TokenAction, TokenFinding};
use super::needs::ScopeNeed;
use super::shown::Shown;

const ID: &str = "scope";

/// The scopes that are held, and who says so.
struct Held<'a> {
    scopes: Vec<&'a str>,
    source: &'static str,
}

/// Whether the token may do what the call needs.
pub(super) fn scope(input: &DoctorInput<'_>, claims: Option<&Claims>, shown: &Shown) -> TokenFinding {
    let held = held(input, claims);
    let mut evidence: Vec<String> = Vec::new();
    if let Some(held) = &held {
        evidence.push(format!("held by {}: {}", held.source, or_none(&shown.list(held.scopes.iter().copied()))));
    }
    let needs = input.call.map(|call| call.needs.as_slice()).unwrap_or_default();
    for need in needs {
        evidence.push(format!("needed by {}: {}", need.source, alternatives(need, shown)));
    }
    let found = match (&held, needs) {
        (_, []) => TokenFinding::unknown(ID, "It is not known which scopes the call needs"),
        (None, needs) => match needs.iter().find(|need| need.is_refusal) {
            Some(need) => missing(need.alternatives.first().map(Vec::as_slice).unwrap_or_default(), need, shown),
            None => TokenFinding::unknown(ID, "It is not known which scopes it holds, and the call needs some"),
        },
        (Some(held), needs) => judged(held, needs, shown),
    };
    found.because(evidence)
}

fn judged(held: &Held<'_>, needs: &[ScopeNeed], shown: &Shown) -> TokenFinding {
    for need in needs {
        let lacking = need.alternatives.iter().map(|scopes| {
            scopes.iter().filter(|scope| !held.scopes.contains(&scope.as_str())).cloned().collect::<Vec<String>>()
        });
        // Of several ways the shortest is the one to ask for.
        let Some(fewest) = lacking.min_by_key(Vec::len) else { continue };
        if fewest.is_empty() {
            continue;
        }
        let spelt: Vec<String> = fewest.iter().filter_map(|scope| other_spelling(scope, &held.scopes, shown)).collect();
        return missing(&fewest, need, shown).because(spelt);
    }
    if let Some(need) = needs.iter().find(|need| need.is_refusal) {
        let scopes = alternatives(need, shown);
        return TokenFinding::attention(
            ID,
            format!("The server says that {scopes} is wanting, though {} names it", held.source),
            "Ask whoever runs the API: the scope may have been taken away since, or be refused to this user",
        )
        .with(TokenAction::AskForScope(need.alternatives.first().map(|scopes| scopes.join(" ")).unwrap_or_default()));
    }
    TokenFinding::pass(ID, "It holds every scope that the call is known to need")
}

fn missing(scopes: &[String], need: &ScopeNeed, shown: &Shown) -> TokenFinding {
    let list = shown.list(scopes.iter().map(String::as_str));
    let noun = if scopes.len() == 1 { "The scope" } else { "The scopes" };
    let verb = if scopes.len() == 1 { "is" } else { "are" };
    let fix = format!("Ask for {list}, or use a credential that has it");
    TokenFinding::fail(ID, format!("{noun} {list} {verb} missing, by {}", need.source), &fix)
        .with(TokenAction::AskForScope(scopes.join(" ")))
}

/// The token's own word, else what is recorded of it.
fn held<'a>(input: &DoctorInput<'a>, claims: Option<&'a Claims>) -> Option<Held<'a>> {
    let own = claims.and_then(|claims| ["scope", "scp", "scopes"].iter().find_map(|name| claims.texts(name)));
    if let Some(texts) = own {
        let scopes = texts.into_iter().flat_map(str::split_ascii_whitespace).collect();
        return Some(Held { scopes, source: "the token itself" });
    }
    let recorded = &input.facts.scopes;
    (!recorded.is_empty())
        .then(|| Held { scopes: recorded.iter().map(String::as_str).collect(), source: "what is recorded" })
}

/// Shape: `a, b or c`.
fn alternatives(need: &ScopeNeed, shown: &Shown) -> String {
    let sets: Vec<String> =
        need.alternatives.iter().take(8).map(|scopes| shown.list(scopes.iter().map(String::as_str))).collect();
    or_none(&sets.join(" or "))
}

fn or_none(list: &str) -> String {
    if list.is_empty() { "none".into() } else { list.into() }
}

/// A held scope that differs in signs and case only. APIs write both `posts:write` and `posts.write`.
fn other_spelling(wanted: &str, held: &[&str], shown: &Shown) -> Option<String> {
    let bare = |scope: &str| -> String {
        scope.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let other = held.iter().find(|scope| bare(scope) == bare(wanted))?;
    Some(format!("held in another spelling: {}", shown.text(other)))
}
