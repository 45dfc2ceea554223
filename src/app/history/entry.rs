//! An entry of the history, read back as a draft with its answer.

use std::sync::Arc;

use crate::app::answer::Answer;
use crate::app::command::Command;
use crate::app::services::Services;
use crate::exchange::{CredentialChoice, ExchangeRecord, HeaderLine, RequestDraft};
use crate::secret::placeholders;

/// Reads an entry; what is not there any more is said.
pub(in crate::app) fn load_entry(services: &Services, id: &str) -> Command {
    match services.history.load(id) {
        Ok(Some(record)) => {
            let draft = Box::new(draft_of(&record, services));
            let answer = Answer::from_record(record, &services.profile, &services.generic);
            Command::HistoryEntryLoaded { draft, answer: Arc::new(answer) }
        }
        Ok(None) => Command::Failed {
            summary: "This exchange is no longer in the history".into(),
            fix: "It was deleted or let go; choose another".into(),
        },
        Err(error) => Command::Failed { summary: error.summary(), fix: error.fix() },
    }
}

/// What stands for the part of a payload that was not kept; never sent, like every placeholder.
pub(in crate::app) const NOT_KEPT: &str = "‹not_kept#1›";

/// A recorded request as a draft, with placeholders where something was removed or not kept; none of them can be sent.
fn draft_of(record: &ExchangeRecord, services: &Services) -> RequestDraft {
    let own = services.profile.as_ref();
    let workspace_header = own.workspace.as_ref().map(|rule| rule.header.as_str()).unwrap_or_default();
    let is_own = record.profile == own.name;
    let is_workspace = |name: &str| is_own && name.eq_ignore_ascii_case(workspace_header);
    let mut headers: Vec<HeaderLine> = record
        .request_headers
        .iter()
        .filter(|(name, _)| !is_workspace(name))
        .map(|(name, value)| HeaderLine { name: name.clone(), value: value.clone(), is_enabled: true })
        .collect();
    if record.credential.is_some() {
        // The credential's own header is the last one; it is filled in again.
        headers.pop_if(|line| placeholders(&line.value).next().is_some());
    }
    let workspace = record.request_headers.iter().find(|(name, _)| is_workspace(name)).map(|(_, value)| value.clone());
    let credential = match record.credential.as_deref() {
        None => CredentialChoice::Nothing,
        // Keys of the local sandbox change at each start; the environment fills in today's.
        Some(name) if services.own_credential(&record.environment).as_deref() == Some(name) => {
            CredentialChoice::Environment
        }
        Some(name) => CredentialChoice::Named(name.to_owned()),
    };
    let body = &record.request_body;
    let is_whole = !body.is_cut && !body.is_binary;
    RequestDraft {
        name: String::new(),
        method: record.method.clone(),
        url: record.url_template.clone(),
        headers,
        body: if is_whole { body.text.as_str().into() } else { format!("{}{NOT_KEPT}", body.text).into() },
        body_bytes: None,
        environment: record.environment.clone(),
        credential,
        // A request without the header went out without it, so nothing is filled in now.
        workspace: Some(workspace.unwrap_or_default()),
    }
}
