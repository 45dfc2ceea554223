//! What can happen: acts of a person, and ends of jobs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::actions::ActionAct;
use super::answer::Answer;
use super::body_page::BodyPage;
use super::credentials::{CredentialAct, CredentialForm};
use super::history::HistoryAct;
use super::inspect::Inspection;
use super::line::Finished;
use super::network::{NetworkFile, NetworkSettings};
use super::profiles::ProfilesView;
use super::state::{BodyStyle, CookieView, Dialog, ReportPreview, RequestTab, ResponseTab, Theme};
use super::wish::SendWish;
use crate::credentials::{Credential, KeyringState};
use crate::exchange::{CredentialChoice, HeaderLine, RequestDraft};
use crate::secret::{Redacted, Secret};
use crate::transport::{CookieFacts, Progress};
use crate::workspace::DraftProblem;

/// One thing that happened. Verbs are acts of a person; past forms are ends of jobs.
#[derive(Debug)]
pub enum Command {
    /// The method was typed or chosen.
    SetMethod(String),
    /// The address was typed.
    SetUrl(String),
    /// The header lines were changed.
    SetHeaders(Vec<HeaderLine>),
    /// The payload was changed.
    SetBody(Arc<str>),
    /// Another environment.
    ChooseEnvironment(String),
    /// Another credential.
    ChooseCredential(CredentialChoice),
    /// Another workspace; none for the environment's own.
    SetWorkspace(Option<String>),
    /// Open one of the profile's requests, counted from 0.
    OpenStarter(usize),
    /// Open an exchange of the history as a draft, with its answer.
    OpenHistoryEntry(String),
    /// Something else with the history.
    History(HistoryAct),
    /// Send the draft.
    Send,
    /// Send the draft in another way than its environment's, for this once.
    SendWith(Box<SendWish>),
    /// Stop the request on its way.
    Cancel,
    /// Choose a finding, counted from 0, and go to its place.
    SelectFinding(usize),
    /// The next finding, after the last the first.
    NextFinding,
    /// The finding before, before the first the last.
    PreviousFinding,
    /// Show a part of the request.
    ShowRequestTab(RequestTab),
    /// Show a part of the answer.
    ShowResponseTab(ResponseTab),
    /// Show bodies with one member a line, or as they came.
    ShowFormatted(bool),
    /// Show bodies as text or as bytes.
    ShowBodyAs(BodyStyle),
    /// Show the page of a large body that holds this byte.
    OpenBodyPage(u64),
    /// Ask with the system's own dialog where to write the answer's body.
    BrowseBodyPath,
    /// Write the answer's body, unpacked and otherwise as received, to this file.
    WriteBody {
        /// The file.
        path: PathBuf,
        /// Whether a file that is there is replaced, because the person said so.
        is_replacing: bool,
    },
    /// Change how requests of an environment go out.
    SetNetwork {
        /// The environment's name.
        environment: String,
        /// How from now on.
        settings: Box<NetworkSettings>,
        /// The pass phrase of its client certificate, if one was typed; it goes to the keyring.
        passphrase: Option<Secret>,
    },
    /// Read the cookies of the chosen environment and show them.
    OpenCookies,
    /// Add or change a cookie by hand.
    SetCookie {
        /// The environment's name.
        environment: String,
        /// The cookie.
        cookie: Box<CookieFacts>,
    },
    /// Remove a cookie; none removes all.
    RemoveCookie {
        /// The environment's name.
        environment: String,
        /// Domain, path and name.
        cookie: Option<(String, String, String)>,
    },
    /// Open something above the window.
    OpenDialog(Dialog),
    /// Close what is topmost.
    CloseTopmost,
    /// Use other colours.
    SetTheme(Theme),
    /// Something with a guided action.
    Action(ActionAct),
    /// Read a pasted text as an answer; the status is what the person typed.
    ReadPaste {
        /// The text, which may hold anything.
        text: Secret,
        /// The answer's status, if the text does not say it.
        status: Option<u16>,
    },
    /// A pasted text was read.
    PasteRead {
        /// Its request, for the editors.
        draft: Box<RequestDraft>,
        /// Its answer.
        answer: Arc<Answer>,
        /// What the text is. Shape: `a cURL command`.
        what: &'static str,
        /// The host it names, which is shown and not used.
        host: Option<String>,
        /// What the command names beside: files, proxies and the like, none of which was touched; empty for none.
        parts: String,
    },
    /// A pasted text could not be read.
    PasteRefused {
        /// What happened.
        summary: String,
        /// What to do next.
        fix: String,
    },
    /// Show the profiles that can be chosen, read anew.
    OpenProfiles,
    /// What can be chosen.
    ProfilesListed(ProfilesView),
    /// Go on with another API profile, by its key.
    ChooseProfile(String),
    /// Everything is open over it.
    ProfileOpened,
    /// Dismiss a notice.
    DismissNotice(u64),
    /// Ask the keyring again.
    RefreshCredentials,
    /// Store a new credential.
    AddCredential(Box<CredentialForm>),
    /// Remove a credential.
    RemoveCredential(String),
    /// Something else with the credentials.
    Credential(CredentialAct),
    /// Make the report and show it.
    PreviewReport,
    /// Make the report and copy it.
    CopyReport,
    /// Make the report and write it to a new file in the folder for downloads.
    ExportReport,
    /// Ask with the system's own dialog where to write the report.
    BrowseReportPath,
    /// Write the report to this file.
    WriteReport {
        /// The file.
        path: PathBuf,
        /// Whether a file that is there is replaced, because the person said so.
        is_replacing: bool,
    },
    /// Copy a text that holds no secret.
    Copy(Redacted<String>),

    /// The sandbox answers.
    SandboxStarted {
        /// Its address.
        base: String,
        /// The workspace of its first key.
        workspace: String,
        /// The name of its first key.
        credential: String,
    },
    /// The sandbox did not start; why.
    SandboxFailed(String),
    /// A request has come further.
    SendProgressed {
        /// The job.
        job: u64,
        /// How far.
        progress: Progress,
        /// How long it has been running.
        elapsed: Duration,
    },
    /// A draft could not be sent.
    SendRefused {
        /// The job.
        job: u64,
        /// Why.
        problem: DraftProblem,
    },
    /// A request has come to its end, with or without an answer.
    SendFinished {
        /// The job.
        job: u64,
        /// What came of it.
        finished: Box<Finished>,
    },
    /// The payload was looked over.
    BodyInspected {
        /// The payload that was looked at.
        revision: u64,
        /// What was found.
        inspection: Inspection,
    },
    /// An exchange of the history was read.
    HistoryEntryLoaded {
        /// The request as a draft.
        draft: Box<RequestDraft>,
        /// Its answer.
        answer: Arc<Answer>,
    },
    /// The credentials were read.
    CredentialsLoaded {
        /// The keyring's state.
        state: KeyringState,
        /// The credentials.
        credentials: Vec<Credential>,
        /// Why not all of them could be read; what happened, and what to do.
        problem: Option<(String, String)>,
    },
    /// A credential was stored; what to say about it.
    CredentialAdded {
        /// Its name.
        name: String,
        /// Whether it was wished for this session only.
        is_session_only: bool,
        /// What happened to it where that is not what was wished.
        warning: Option<(String, String)>,
    },
    /// A credential could not be stored or removed.
    CredentialFailed {
        /// What happened.
        summary: String,
        /// What to do next.
        fix: String,
    },
    /// The report was made.
    ReportMade {
        /// The report.
        preview: ReportPreview,
        /// What it was made for.
        purpose: ReportPurpose,
    },
    /// The report was written.
    ReportWritten {
        /// The file.
        path: PathBuf,
        /// How many values were removed.
        removed: usize,
    },
    /// A page of a large body was read.
    BodyPageLoaded {
        /// The exchange.
        exchange: String,
        /// The page.
        page: Arc<BodyPage>,
    },
    /// The answer's body was written.
    BodyWritten {
        /// The file.
        path: PathBuf,
        /// How many bytes.
        bytes: u64,
    },
    /// The network settings changed, or could be kept only until the program ends: what happened, and what to do.
    NetworkSaved {
        /// All settings.
        network: Box<NetworkFile>,
        /// What went wrong.
        problem: Option<(String, String)>,
    },
    /// The cookies of an environment were read or changed.
    CookiesLoaded {
        /// The cookies.
        view: CookieView,
        /// What went wrong: what happened, and what to do.
        problem: Option<(String, String)>,
    },
    /// Something failed; what, and what to do.
    Failed {
        /// What happened.
        summary: String,
        /// What to do next.
        fix: String,
    },
    /// A job broke off without an answer. The number is that of a request, or 0.
    JobBroke(u64),
    /// Nothing came of it, and nothing needs saying.
    Nothing,
}

/// What a report was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportPurpose {
    /// To be looked at.
    Preview,
    /// To be copied.
    Copy,
}
