//! Two clocks: this computer's and the server's, and what a moment is by each.

use jiff::Timestamp;

use super::input::DoctorInput;
use super::model::{TokenAction, TokenFinding};
use super::shown::span_words;
use crate::credentials::Origin;

const ID: &str = "clock";
/// From how much on a person should look at the clocks, in milliseconds.
const MUCH_MS: i64 = 30_000;

/// What an answer told of its server's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerClock {
    /// Whose clock it is.
    pub origin: Origin,
    /// The answer's `Date`, which has whole seconds.
    pub date: Timestamp,
    /// When the answer's head arrived, by this computer's clock.
    pub seen_at: Timestamp,
    /// How long the answer took from the request on, in milliseconds; the server wrote the date somewhere in between.
    pub round_trip_ms: u64,
}

impl ServerClock {
    /// How far the server's clock is ahead at least and at most, in milliseconds; negative where it is behind.
    fn range_ms(&self) -> (i64, i64) {
        let round_trip = i64::try_from(self.round_trip_ms).unwrap_or(i64::MAX).min(24 * 3_600_000);
        let low = self.date.as_millisecond() - self.seen_at.as_millisecond();
        // The date was cut to whole seconds, and may have been written as early as the request was sent.
        (low, low + 999 + round_trip)
    }

    /// The server's time at a moment of this computer's.
    pub fn at(&self, now: Timestamp) -> Timestamp {
        let ahead = jiff::SignedDuration::from_millis(self.ahead_ms());
        now.checked_add(ahead).unwrap_or(now)
    }

    /// How far the server's clock is ahead as far as it can be told; 0 where the two may well agree.
    pub(super) fn ahead_ms(&self) -> i64 {
        let (low, high) = self.range_ms();
        if low <= 0 && high >= 0 { 0 } else { low + (high - low) / 2 }
    }
}

/// A moment by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    pub local_ms: i64,
    /// None where the server's clock is not known.
    pub server_ms: Option<i64>,
}

impl Clocks {
    pub(super) fn of(input: &DoctorInput<'_>) -> Self {
        let local_ms = input.now.as_millisecond();
        Self { local_ms, server_ms: input.server.map(|server| local_ms + server.ahead_ms()) }
    }

    /// The clock that decides: the server's where it is known.
    pub(super) fn deciding_ms(&self) -> i64 {
        self.server_ms.unwrap_or(self.local_ms)
    }

    /// By whose clock that is, for a sentence.
    pub(super) fn by(&self) -> &'static str {
        if self.server_ms.is_some() { "by the server's clock" } else { "by this computer's clock" }
    }

    /// What was compared, where the server's clock says otherwise than the local one.
    pub(super) fn both(&self, verdict: impl Fn(i64) -> String) -> Vec<String> {
        let mut said = vec![format!("by this computer's clock {}", verdict(self.local_ms))];
        match self.server_ms {
            Some(server_ms) => said.push(format!("by the server's clock {}", verdict(server_ms))),
            None => said.push("the server's clock is not known".into()),
        }
        said
    }
}

/// How far the two clocks are apart.
pub(super) fn clock(input: &DoctorInput<'_>) -> TokenFinding {
    let Some(server) = input.server else {
        return TokenFinding::unknown(ID, "No answer has told the time of this server yet");
    };
    let (low, high) = server.range_ms();
    let evidence = [
        format!("Date {} from {}", server.date, server.origin),
        format!("seen at {}, {} ms after the request", server.seen_at, server.round_trip_ms),
    ];
    let ahead = server.ahead_ms();
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let apart = format!("The server's clock is {} {side} this computer's", seconds(ahead));
    // The least that it can be counts: a slow answer is no wrong clock.
    let least = low.unsigned_abs().min(high.unsigned_abs());
    let found = if ahead == 0 {
        TokenFinding::pass(ID, "The clocks of server and computer agree, as far as a Date in whole seconds tells")
    } else if least > MUCH_MS.unsigned_abs() {
        let fix = "Set this computer's clock, or let the system keep it by itself, if it is this one that is wrong";
        TokenFinding::attention(ID, apart, fix).with(TokenAction::SetClock)
    } else {
        TokenFinding::pass(ID, apart)
    };
    found.because(evidence)
}

/// Shape: `1.5 seconds`, `48 seconds`, `3700 seconds (61 minutes)`.
fn seconds(ms: i64) -> String {
    let ms = ms.unsigned_abs();
    let whole = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
    match ms {
        0..=9_999 => format!("{}.{} seconds", ms / 1000, ms % 1000 / 100),
        10_000..=119_999 => format!("{whole} seconds"),
        _ => format!("{whole} seconds ({})", span_words(whole)),
    }
}
