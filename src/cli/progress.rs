//! How far a request has come, on standard error of a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

use super::output::{remark, said_safely};
use crate::transport::Progress;

/// Writes progress; nothing at all where nobody looks.
pub(super) struct ProgressLine {
    is_terminal: bool,
    is_quiet: bool,
    has_line: bool,
    told: Option<Instant>,
}

impl ProgressLine {
    /// A writer for this process's standard error.
    pub(super) fn new(is_quiet: bool) -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), is_quiet, has_line: false, told: None }
    }

    /// Tells one step. Waits between tries are told everywhere, bytes only on a terminal.
    pub(super) fn tell(&mut self, step: &Progress) {
        if self.is_quiet {
            return;
        }
        match step {
            Progress::Retrying { attempt, of, at, why } => {
                self.clear();
                let wait = at.saturating_duration_since(Instant::now()).as_secs_f64();
                remark(&format!("Try {attempt} of {of} in {wait:.1} s: {why}"));
            }
            Progress::Receiving { .. } if self.is_terminal => {
                let is_due = self.told.is_none_or(|told| told.elapsed().as_millis() >= 200);
                if let (true, Some(text)) = (is_due, step.words()) {
                    self.told = Some(Instant::now());
                    self.has_line = true;
                    let _ = write!(std::io::stderr(), "\r\x1b[2K{}", said_safely(&text));
                }
            }
            _ => {}
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if self.has_line {
            self.has_line = false;
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
