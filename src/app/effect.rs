//! What a change of state asks of the outside.

use std::path::PathBuf;
use std::sync::Arc;

use super::actions::{ActionWish, Asked, OpenAction};
use super::command::ReportPurpose;
use super::credentials::{CredentialEffect, CredentialForm};
use super::history::HistoryEffect;
use super::inspect::Wanted;
use super::network::NetworkSettings;
use super::state::Theme;
use super::wish::SendWish;
use crate::exchange::{Body, ExchangeRecord, RequestDraft};
use crate::secret::{Redacted, Secret};
use crate::transport::CookieFacts;
use url::Url;

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
        /// What is different this once.
        wish: Box<SendWish>,
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
    /// Work with the history.
    History(HistoryEffect),
    /// Read one exchange.
    LoadHistoryEntry(String),
    /// Read the credentials.
    LoadCredentials,
    /// Store a credential.
    AddCredential(Box<CredentialForm>),
    /// Remove a credential.
    RemoveCredential(String),
    /// Work with credentials and their servers.
    Credential(CredentialEffect),
    /// Open an address in the system's browser.
    OpenLink(Url),
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
    /// Read a page of a large body.
    LoadBodyPage {
        /// The exchange.
        exchange: String,
        /// Its body.
        body: Body,
        /// A byte of the page.
        offset: u64,
        /// The answer's content type.
        content_type: Option<String>,
    },
    /// Write a body to a file.
    WriteBody {
        /// The body.
        body: Body,
        /// The file.
        path: PathBuf,
        /// Whether a file that is there is replaced.
        is_replacing: bool,
    },
    /// Change and remember how requests of an environment go out.
    SaveNetwork {
        /// The environment's name.
        environment: String,
        /// How from now on.
        settings: Box<NetworkSettings>,
        /// The pass phrase of its client certificate, if one was typed.
        passphrase: Option<Secret>,
    },
    /// Read an environment's cookies, after a change if there is one.
    Cookies {
        /// The environment's name.
        environment: String,
        /// What to change before.
        change: CookieChange,
    },
    /// Give the cookies that changed back to the vault.
    KeepCookies,
    /// Remember the colours.
    SaveTheme(Theme),
    /// Say what a guided action would change.
    PlanAction {
        /// What is wanted.
        wish: Box<ActionWish>,
        /// What the API was asked before, and said.
        asked: Vec<Asked>,
    },
    /// Ask the API what a guided action has to know.
    AskForAction(Box<OpenAction>),
    /// Stop asking it.
    StopAsking,
    /// Read a pasted text.
    ReadPaste {
        /// The text.
        text: Secret,
        /// The answer's status, if the text does not say it.
        status: Option<u16>,
        /// The environment the request would go to.
        environment: String,
    },
    /// Read which profiles can be chosen.
    ListProfiles,
    /// Open everything over another profile, by its key.
    OpenProfile(String),
    /// Go on over what was opened.
    Restart,

    /// Put a text on the clipboard.
    Copy(Redacted<String>),
    /// Put a secret on the clipboard, out of its history, and take it off again.
    CopySecret {
        /// What it is. Shape: `The secret of my-key`.
        name: String,
        /// The secret.
        secret: Secret,
    },
    /// Ask where to write the report.
    AskReportPath {
        /// The file name offered.
        file_name: String,
    },
    /// Ask where to write the answer's body.
    AskBodyPath {
        /// The file name offered.
        file_name: String,
    },
}

/// A change of an environment's cookies.
#[derive(Clone, Debug)]
pub enum CookieChange {
    /// None: they are only read.
    Nothing,
    /// One is added or changed.
    Set(Box<CookieFacts>),
    /// The one of this domain, path and name goes.
    Remove(String, String, String),
    /// All go.
    Clear,
}
