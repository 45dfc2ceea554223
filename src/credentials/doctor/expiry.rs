//! When a token begins and ends, by this computer's clock and by the server's.

use jiff::Timestamp;

use super::clocks::Clocks;
use super::input::{DoctorInput, RefreshFact};
use super::jwt::{Claims, TimeClaim};
use super::model::{FindingState, TokenAction, TokenFinding};
use super::shown::{Shown, span_words};

/// From how little on a token is said to lapse soon, in milliseconds.
const SOON_MS: i64 = 5 * 60_000;
/// How far in the future a moment of issue may lie: two clocks are never quite the same.
const SLACK_MS: i64 = 30_000;

const EXPIRY: &str = "expiry";
const NOT_BEFORE: &str = "not_before";

/// When the token lapses.
pub(super) fn expiry(input: &DoctorInput<'_>, claims: Option<&Claims>, shown: &Shown) -> TokenFinding {
    let clocks = Clocks::of(input);
    let recorded = input.facts.expires_at.map(Timestamp::as_millisecond);
    let claim = claims.and_then(|claims| claims.time("exp"));
    let at_ms = match (claim, recorded) {
        (Some(TimeClaim::NoTime), _) => {
            let raw = claims.and_then(|claims| claims.get("exp")).map(|raw| shown.text(&raw.to_string()));
            let fix = "Get a new token: no server can read when this one lapses";
            return TokenFinding::attention(EXPIRY, "The token's expiry (exp) is no time", fix)
                .because(raw.map(|raw| format!("exp {raw}")))
                .with(renewal(&input.refresh));
        }
        (Some(TimeClaim::At { at_ms, .. }), _) => at_ms,
        (None, Some(at_ms)) => at_ms,
        (None, None) => {
            return TokenFinding::unknown(EXPIRY, "It is not known when it lapses").because([age(input)]);
        }
    };
    let source = if claim.is_some() { "the token's own expiry (exp)" } else { "the recorded expiry" };
    let mut evidence = vec![format!("{source} {}", time(at_ms))];
    evidence.extend(clocks.both(|now_ms| ends(at_ms, now_ms)));
    if claim.is_none() {
        evidence.push(age(input));
    }
    judged(input, clocks, at_ms, claim, recorded).because(evidence)
}

fn judged(
    input: &DoctorInput<'_>,
    clocks: Clocks,
    at_ms: i64,
    claim: Option<TimeClaim>,
    recorded: Option<i64>,
) -> TokenFinding {
    let action = renewal(&input.refresh);
    let fix = match action {
        TokenAction::Refresh => "Refresh it",
        TokenAction::SignIn => "Sign in again",
        _ => "Get a new one and replace it",
    };
    let by_local = at_ms <= clocks.local_ms;
    let by_server = clocks.server_ms.map(|server_ms| at_ms <= server_ms);
    let words = ends(at_ms, clocks.deciding_ms());
    if let Some(by_server) = by_server
        && by_server != by_local
    {
        let local = ends(at_ms, clocks.local_ms);
        let summary =
            format!("The clocks disagree: by the server's clock it {words}, by this computer's clock it {local}");
        return match by_server {
            true => TokenFinding::fail(EXPIRY, summary, &format!("{fix}; the server's clock decides")),
            false => TokenFinding::attention(EXPIRY, summary, "Set this computer's clock, or refresh the token"),
        }
        .with(action);
    }
    if by_local {
        return TokenFinding::fail(EXPIRY, format!("It {words} {}", clocks.by()), fix).with(action);
    }
    if let (Some(_), Some(recorded)) = (claim, recorded)
        && recorded <= clocks.local_ms
    {
        let summary = format!("It {words}, but its recorded expiry, {}, has passed: it is not sent", time(recorded));
        return TokenFinding::fail(EXPIRY, summary, "Store it again with the expiry that it has").with(action);
    }
    if let Some(TimeClaim::At { is_far: true, .. }) = claim {
        let summary = "The token's expiry (exp) is so far away that it seems to be in milliseconds instead of seconds";
        return TokenFinding::attention(EXPIRY, summary, "Tell whoever makes the tokens; servers may refuse it");
    }
    if let Some(TimeClaim::At { is_text: true, .. }) = claim {
        let summary = format!("It {words}, but its expiry (exp) is a text where a number has to be");
        return TokenFinding::attention(EXPIRY, summary, "Tell whoever makes the tokens; servers may refuse it");
    }
    // What is renewed by itself before it lapses needs nobody.
    if at_ms - clocks.deciding_ms() <= SOON_MS && input.refresh != RefreshFact::Alive {
        return TokenFinding::attention(EXPIRY, format!("It {words} {}", clocks.by()), fix).with(action);
    }
    TokenFinding::pass(EXPIRY, format!("It {words} {}", clocks.by()))
}

/// When the token begins to count.
pub(super) fn not_before(input: &DoctorInput<'_>, is_read: bool, claims: Option<&Claims>) -> TokenFinding {
    let Some(claims) = claims else {
        let why = if is_read { "It does not say from when on it counts" } else { "The secret could not be read" };
        return TokenFinding::unknown(NOT_BEFORE, why);
    };
    let clocks = Clocks::of(input);
    let mut worst: Option<TokenFinding> = None;
    let mut evidence = Vec::new();
    for (name, what) in [("nbf", "Its beginning (nbf)"), ("iat", "The moment it was made (iat)")] {
        let found = match claims.time(name) {
            None => continue,
            Some(TimeClaim::NoTime) => {
                let fix = "Get a new token: no server can read from when on this one counts";
                TokenFinding::attention(NOT_BEFORE, format!("{what} is no time"), fix)
            }
            Some(TimeClaim::At { at_ms, .. }) => {
                evidence.push(format!("{name} {}", time(at_ms)));
                evidence.extend(clocks.both(|now_ms| begins(at_ms, now_ms)));
                let slack = if name == "iat" { SLACK_MS } else { 0 };
                begun(what, at_ms, clocks, slack, name == "nbf")
            }
        };
        let is_worse = |other: &TokenFinding| rank(found.state) > rank(other.state);
        if worst.as_ref().is_none_or(is_worse) {
            worst = Some(found);
        }
    }
    let none = || TokenFinding::pass(NOT_BEFORE, "The token names no time before which it does not count");
    worst.unwrap_or_else(none).because(evidence)
}

fn begun(what: &str, at_ms: i64, clocks: Clocks, slack: i64, is_strict: bool) -> TokenFinding {
    let lies_ahead = |now_ms: i64| at_ms.saturating_sub(now_ms) > slack;
    let by_local = lies_ahead(clocks.local_ms);
    let by_server = clocks.server_ms.map(lies_ahead);
    let wait = "Wait until then, or set the clock of the machine that makes the tokens";
    let words = begins(at_ms, clocks.deciding_ms());
    match (by_local, by_server) {
        (local, Some(server)) if local != server => {
            let local = begins(at_ms, clocks.local_ms);
            let summary =
                format!("The clocks disagree: {what} by the server's clock {words}, by this computer's clock {local}");
            match server && is_strict {
                true => TokenFinding::fail(NOT_BEFORE, summary, wait),
                false => TokenFinding::attention(NOT_BEFORE, summary, "Set this computer's clock")
                    .with(TokenAction::SetClock),
            }
        }
        (true, _) => {
            let summary = format!("{what} {words} {}", clocks.by());
            match is_strict {
                true => TokenFinding::fail(NOT_BEFORE, summary, wait),
                false => TokenFinding::attention(NOT_BEFORE, summary, wait),
            }
        }
        (false, _) => TokenFinding::pass(NOT_BEFORE, format!("{what} {words} {}", clocks.by())),
    }
}

/// What gets a new token.
fn renewal(refresh: &RefreshFact) -> TokenAction {
    match refresh {
        RefreshFact::Alive => TokenAction::Refresh,
        RefreshFact::None | RefreshFact::Refused { .. } => TokenAction::SignIn,
        RefreshFact::NotOauth => TokenAction::Replace,
    }
}

pub(super) fn rank(state: FindingState) -> u8 {
    match state {
        FindingState::Fail => 3,
        FindingState::Attention => 2,
        FindingState::Unknown => 1,
        FindingState::Pass => 0,
    }
}

fn age(input: &DoctorInput<'_>) -> String {
    let age = input.now.as_second().saturating_sub(input.facts.created_at.as_second());
    match age {
        0.. => format!("added {} ago, at {}", span_words(age), input.facts.created_at),
        _ => format!("added at {}, which this computer's clock has not reached", input.facts.created_at),
    }
}

fn ends(at_ms: i64, now_ms: i64) -> String {
    match at_ms.saturating_sub(now_ms) {
        left @ 1.. => format!("lapses in {}", span_words((left + 999) / 1000)),
        gone => format!("lapsed {} ago", span_words(gone / 1000)),
    }
}

fn begins(at_ms: i64, now_ms: i64) -> String {
    match at_ms.saturating_sub(now_ms) {
        left @ 1.. => format!("lies {} ahead", span_words((left + 999) / 1000)),
        gone => format!("was {} ago", span_words(gone / 1000)),
    }
}

fn time(at_ms: i64) -> String {
    match Timestamp::from_millisecond(at_ms) {
        Ok(at) if at_ms > Timestamp::MIN.as_millisecond() && at_ms < Timestamp::MAX.as_millisecond() => at.to_string(),
        _ => "beyond every calendar".into(),
    }
}
