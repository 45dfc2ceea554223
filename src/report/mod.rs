//! The escalation report that support can use.
//!
//! Made from a redacted record only, rendered, and scanned once more before anybody gets it.

mod error;
mod fence;
mod file;
mod markdown;
mod model;

pub use error::ReportError;
pub use file::{file_name, sha256_hex, write};
pub use markdown::{Made, markdown, render};
pub use model::EscalationReport;
