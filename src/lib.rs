//! Altyaa Console without a screen: from a request to an explained failure and a report.
//!
//! The one line of data that everything here serves:
//!
//! ```text
//! RequestDraft -> PreparedRequest -> Exchange -> ErrorEnvelope -> Diagnosis -> Checklist -> EscalationReport
//!    (edit)         (prepare)         (send)       (read)         (explain)     (verify)       (hand over)
//! ```
//!
//! Folders are listed ground floor first; one may import those above it, never those below.

pub mod text;

pub mod secret;

pub mod disk;

pub mod profile;

pub mod exchange;

pub mod transport;

pub mod envelope;

pub mod loopback;

pub mod credentials;

pub mod workspace;

pub mod history;

pub mod sandbox;

pub mod diagnosis;

pub mod checklist;

pub mod report;

pub mod interop;

pub mod app;

#[cfg(feature = "gui")]
pub mod ui;

pub mod cli;
