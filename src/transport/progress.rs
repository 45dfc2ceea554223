//! How far a request has come: bytes, rate, time left, and the waits between tries.

use std::time::{Duration, Instant};

/// How far a request has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// It is on its way.
    Waiting,
    /// A redirect is being followed.
    Redirected {
        /// How many were followed so far.
        followed: u32,
    },
    /// The body is arriving.
    Receiving {
        /// Bytes on the wire so far.
        received: u64,
        /// Bytes in all, if the answer said so.
        expected: Option<u64>,
        /// Bytes a second; none before it can be told.
        bytes_per_s: Option<u64>,
        /// How long the rest will take at that rate; none where the end is not known.
        left: Option<Duration>,
    },
    /// It failed and will be tried again.
    Retrying {
        /// Which try comes next, counted from 1.
        attempt: u32,
        /// How many there will be at most.
        of: u32,
        /// When it begins.
        at: Instant,
        /// Why, in one sentence.
        why: String,
    },
}

impl Progress {
    /// The step in words. Shape: `12.3 MB of 500.0 MB, 45.1 MB/s, 11 s left`; none where there is nothing to count.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Waiting => None,
            Self::Redirected { followed } => Some(format!("following redirect {followed}")),
            Self::Receiving { received, expected, bytes_per_s, left } => {
                let of = expected.map(|expected| format!(" of {}", size(expected))).unwrap_or_default();
                let rate = bytes_per_s.map(|rate| format!(", {}/s", size(rate))).unwrap_or_default();
                let left = left.map(|left| format!(", {} s left", left.as_secs())).unwrap_or_default();
                Some(format!("{}{of}{rate}{left}", size(*received)))
            }
            Self::Retrying { attempt, of, at, why } => {
                let wait = at.saturating_duration_since(Instant::now());
                Some(format!("try {attempt} of {of} in {} s: {why}", super::retry::seconds(wait)))
            }
        }
    }
}

/// A size for a person, in powers of ten. Shape: `812 B`, `12.3 kB`, `4.0 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// How often progress is told at most.
const EVERY: Duration = Duration::from_millis(33);
/// Over how long the rate is measured.
const WINDOW: Duration = Duration::from_secs(2);

/// Measures how fast a body comes.
pub(super) struct Meter {
    expected: Option<u64>,
    start: Instant,
    told: Option<Instant>,
    /// Time and bytes at the beginning of the window, and of the one after it.
    marks: [(Instant, u64); 2],
}

impl Meter {
    pub(super) fn new(expected: Option<u64>) -> Self {
        let now = Instant::now();
        Self { expected, start: now, told: None, marks: [(now, 0); 2] }
    }

    /// What to tell after a piece; none where something was told a moment ago.
    pub(super) fn step(&mut self, received: u64) -> Option<Progress> {
        let now = Instant::now();
        if self.told.is_some_and(|told| now.saturating_duration_since(told) < EVERY) {
            return None;
        }
        self.told = Some(now);
        if now.saturating_duration_since(self.marks[1].0) >= WINDOW {
            self.marks = [self.marks[1], (now, received)];
        }
        Some(self.at(now, received))
    }

    /// What to tell at the end.
    pub(super) fn last(&self, received: u64) -> Progress {
        self.at(Instant::now(), received)
    }

    fn at(&self, now: Instant, received: u64) -> Progress {
        let (since, before) = self.marks[0];
        let secs = now.saturating_duration_since(since).as_secs_f64();
        // A rate over less than a fifth of a second says more about the first packet than about the network.
        let is_told = now.saturating_duration_since(self.start) >= Duration::from_millis(200) && secs > 0.0;
        let rate = is_told.then(|| received.saturating_sub(before) as f64 / secs).filter(|rate| *rate >= 1.0);
        let left = self.expected.and_then(|expected| expected.checked_sub(received)).zip(rate);
        Progress::Receiving {
            received,
            expected: self.expected,
            bytes_per_s: rate.map(|rate| rate as u64),
            left: left.and_then(|(left, rate)| Duration::try_from_secs_f64(left as f64 / rate).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    #[test]
    fn rate_and_time_left_are_told_once_they_mean_something() {
        let start = Instant::now();
        let meter = Meter { expected: Some(3000), start, told: None, marks: [(start, 0); 2] };
        match meter.at(start + Duration::from_millis(50), 500) {
            Progress::Receiving { received: 500, bytes_per_s: None, left: None, .. } => {}
            other => panic!("{other:?}"),
        }
        match meter.at(start + Duration::from_secs(1), 1000) {
            Progress::Receiving { bytes_per_s: Some(1000), left: Some(left), .. } => {
                assert_eq!(left, Duration::from_secs(2));
            }
            other => panic!("{other:?}"),
        }
        let open = Meter { expected: None, ..meter };
        assert!(matches!(
            open.at(start + Duration::from_secs(1), 1000),
            Progress::Receiving { bytes_per_s: Some(1000), left: None, .. }
        ));
    }

    #[test]
    fn progress_is_not_told_for_every_piece() {
        let mut meter = Meter::new(None);
        assert!(meter.step(1).is_some(), "the first piece is told at once");
        assert!(meter.step(2).is_none());
    }
}
