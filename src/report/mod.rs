//! The escalation report that support can use.
//!
//! Made from a redacted record only, rendered, and scanned once more before anybody gets it.

mod error;
mod file;
mod markdown;
mod model;
mod sheet;

pub use error::ReportError;
pub use file::{file_name, sha256_hex, write};
pub use markdown::{Made, markdown};
pub use model::EscalationReport;
