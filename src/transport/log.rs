//! The log of one exchange: events with their milliseconds.

use std::time::Instant;

use http::{HeaderName, HeaderValue};

use crate::exchange::LogLine;

/// How many lines a log has at most; what comes after is counted.
const MAX_LINES: usize = 5000;
/// The longest line, in bytes; of a longer one the beginning.
const MAX_LINE_BYTES: usize = 4096;
/// How many bytes a log has at most.
const MAX_BYTES: usize = 1 << 20;

/// Collects the events of one exchange.
pub(super) struct Log {
    start: Instant,
    lines: Vec<LogLine>,
    bytes: usize,
    left_out: usize,
}

impl Log {
    pub(super) fn new(start: Instant) -> Self {
        Self { start, lines: Vec::new(), bytes: 0, left_out: 0 }
    }

    /// Adds an event that happened now.
    pub(super) fn add(&mut self, text: impl Into<String>) {
        self.add_at(Instant::now(), text);
    }

    /// Adds an event that happened then.
    pub(super) fn add_at(&mut self, at: Instant, text: impl Into<String>) {
        if self.lines.len() >= MAX_LINES || self.bytes >= MAX_BYTES {
            self.left_out += 1;
            return;
        }
        let mut text: String = text.into();
        if text.len() > MAX_LINE_BYTES {
            let whole = text.len();
            text.truncate(text.floor_char_boundary(MAX_LINE_BYTES));
            text.push_str(&format!("… ({whole} bytes)"));
        }
        self.bytes += text.len();
        let at_ms = u64::try_from(at.saturating_duration_since(self.start).as_millis()).unwrap_or(u64::MAX);
        self.lines.push(LogLine { at_ms, text });
    }

    /// Adds a head's header lines that came now.
    pub(super) fn headers<'a>(&mut self, sign: char, headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>) {
        self.headers_at(Instant::now(), sign, headers);
    }

    /// Adds a head's header lines; a value that was made from a secret is not written at all.
    pub(super) fn headers_at<'a>(
        &mut self,
        at: Instant,
        sign: char,
        headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
    ) {
        for (name, value) in headers {
            if value.is_sensitive() {
                self.add_at(at, format!("{sign} {name} (value not logged)"));
            } else {
                self.add_at(at, format!("{sign} {name}: {}", super::head::text(value.as_bytes())));
            }
        }
    }

    pub(super) fn into_lines(mut self) -> Vec<LogLine> {
        if self.left_out > 0 {
            let at_ms = self.lines.last().map_or(0, |line| line.at_ms);
            self.lines.push(LogLine { at_ms, text: format!("… {} more lines were left out", self.left_out) });
        }
        self.lines
    }
}
