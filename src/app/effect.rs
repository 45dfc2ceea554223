//! What a change of state asks of the outside.

use std::path::PathBuf;
use std::sync::Arc;

use super::command::{CredentialForm, ReportPurpose};
use super::inspect::Wanted;
use super::state::Theme;
use crate::exchange::{ExchangeRecord, RequestDraft};
use crate::secret::Redacted;

/// One thing to be done outside the state. The first group runs as jobs, the second is the window's own.
#[derive(Debug)]
pub enum Effect {
    /// Start the embedded sandbox.
    StartSandbox,
    /// Send a draft.
    Send {
        /// The job's number.
        job: u64,
        /// The draft.
        draft: Box<RequestDraft>,
    },
    /// Stop a request.
    CancelSend(u64),
    /// Look the payload over.
    InspectBody {
        /// The payload's revision.
        revision: u64,
        /// The payload.
        text: Arc<str>,
        /// The findings to look for.
        wanted: Vec<Wanted>,
    },
    /// Read the newest exchanges.
    LoadHistory,
    /// Read one exchange.
    LoadHistoryEntry(String),
    /// Read the credentials.
    LoadCredentials,
    /// Store a credential.
    AddCredential(Box<CredentialForm>),
    /// Remove a credential.
    RemoveCredential(String),
    /// Make the report of an exchange.
    MakeReport {
        /// The exchange.
        record: Arc<Redacted<ExchangeRecord>>,
        /// What for.
        purpose: ReportPurpose,
    },
    /// Write the report of an exchange.
    WriteReport {
        /// The exchange.
        record: Arc<Redacted<ExchangeRecord>>,
        /// The file; none for a new one in the folder for downloads.
        path: Option<PathBuf>,
        /// Whether a file that is there is replaced.
        is_replacing: bool,
    },
    /// Remember the colours.
    SaveTheme(Theme),

    /// Put a text on the clipboard.
    Copy(Redacted<String>),
    /// Ask where to write the report.
    AskReportPath {
        /// The file name offered.
        file_name: String,
    },
}
