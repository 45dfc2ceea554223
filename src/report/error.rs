//! Why a report was not made or not written.

use thiserror::Error;

use crate::disk::DiskError;
use crate::secret::Leak;

/// Why a report was not made or not written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The finished text still held a secret, so nobody got it.
    #[error("the report was not made: a secret was left in it")]
    Leak(#[source] Leak),
    /// The file could not be written.
    #[error("the report was not written")]
    Disk(#[source] DiskError),
}

impl ReportError {
    /// What happened.
    pub fn summary(&self) -> String {
        match self {
            Self::Leak(leak) => format!("The report was stopped: {} ({})", leak.summary(), leak.place()),
            Self::Disk(error) => format!("The report was not written: {}", error.summary()),
        }
    }

    /// What to do next.
    pub fn fix(&self) -> String {
        match self {
            Self::Leak(leak) => leak.fix(),
            Self::Disk(error) => error.fix(),
        }
    }
}
