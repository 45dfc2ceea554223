//! The log of one exchange: events with their milliseconds.

use std::time::Instant;

use http::{HeaderName, HeaderValue};

use crate::exchange::LogLine;

/// Collects the events of one exchange.
pub(super) struct Log {
    start: Instant,
    lines: Vec<LogLine>,
}

impl Log {
    pub(super) fn new(start: Instant) -> Self {
        Self { start, lines: Vec::new() }
    }

    /// Adds an event that happened now.
    pub(super) fn add(&mut self, text: impl Into<String>) {
        let at_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.lines.push(LogLine { at_ms, text: text.into() });
    }

    /// Adds a head's header lines; a value that was made from a secret is not written at all.
    pub(super) fn headers<'a>(&mut self, sign: char, headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) {
        for (name, value) in headers {
            if value.is_sensitive() {
                self.add(format!("{sign} {name} (value not logged)"));
            } else {
                self.add(format!("{sign} {name}: {}", String::from_utf8_lossy(value.as_bytes())));
            }
        }
    }

    pub(super) fn into_lines(self) -> Vec<LogLine> {
        self.lines
    }
}
