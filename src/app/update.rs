//! The one place where the state changes: a command in, effects out. Pure and synchronous.

use std::sync::Arc;

use super::actions::{self, ActionAct};
use super::command::{Command, ReportPurpose};
use super::credentials;
use super::effect::{CookieChange, Effect};
use super::history;
use super::inspect::{Inspection, Wanted};
use super::line::Finished;
use super::state::{BodyStyle, Dialog, InFlight, NoticeKind, RequestTab, ResponseTab, SandboxState, State};
use super::wish::SendWish;
use super::{paste, profiles};
use crate::diagnosis::Location;
use crate::exchange::CredentialChoice;
use crate::transport::Progress;
use crate::workspace::DraftPart;

/// Applies a command and says what has to be done outside.
///
/// A late answer, of a job or payload that is no longer the current one, changes nothing.
pub fn update(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::SetMethod(method) => edit(state, DraftPart::Method, |state| state.draft.method = method),
        Command::SetUrl(url) => edit(state, DraftPart::Url, |state| state.draft.url = url),
        Command::SetHeaders(headers) => {
            state.draft.headers = headers;
            if matches!(&state.problem, Some(problem) if matches!(problem.part, DraftPart::Header(_))) {
                state.problem = None;
            }
            Vec::new()
        }
        Command::SetBody(body) => {
            state.draft.body = body;
            state.body_revision += 1;
            if matches!(&state.problem, Some(problem) if problem.part == DraftPart::Body) {
                state.problem = None;
            }
            vec![inspect_body(state)]
        }
        Command::ChooseEnvironment(name) => edit(state, DraftPart::Environment, |state| {
            if state.draft.environment != name {
                // The workspace's field shows the draft's, which is the new environment's own now.
                state.draft_revision += 1;
                state.draft.credential = CredentialChoice::Environment;
                state.draft.workspace = None;
                // Both were chosen anew, so what was said of the old choice is said of nothing.
                forget_problem(state, DraftPart::Credential);
                forget_problem(state, DraftPart::Workspace);
            }
            state.draft.environment = name;
        }),
        Command::ChooseCredential(choice) => {
            edit(state, DraftPart::Credential, |state| state.draft.credential = choice)
        }
        Command::SetWorkspace(id) => edit(state, DraftPart::Workspace, |state| state.draft.workspace = id),
        Command::OpenStarter(index) => {
            state.open_starter(index);
            close_requests(state);
            state.open_entry = None;
            state.wanted_entry = None;
            state.request_tab = RequestTab::Body;
            vec![inspect_body(state)]
        }
        Command::OpenHistoryEntry(id) => {
            state.wanted_entry = Some(id.clone());
            vec![Effect::LoadHistoryEntry(id)]
        }
        Command::History(act) => history::update(state, act),
        Command::Send => send(state, SendWish::default()),
        Command::SendWith(wish) => send(state, *wish),
        Command::Cancel => state.in_flight.iter().map(|flight| Effect::CancelSend(flight.job)).collect(),
        Command::SelectFinding(index) => select(state, index),
        Command::NextFinding => step(state, 1),
        Command::PreviousFinding => step(state, -1),
        Command::ShowRequestTab(tab) => just(|| state.request_tab = tab),
        Command::ShowResponseTab(tab) => just(|| state.response_tab = tab),
        Command::ShowFormatted(is_formatted) => just(|| state.is_formatted = is_formatted),
        Command::ShowBodyAs(style) => just(|| state.body_style = style),
        Command::OpenBodyPage(offset) => with_answer(state, |answer| Effect::LoadBodyPage {
            exchange: answer.id.clone(),
            body: answer.body.clone(),
            offset,
            content_type: answer.content_type().map(str::to_owned),
        }),
        Command::BrowseBodyPath => {
            with_answer(state, |answer| Effect::AskBodyPath { file_name: answer.body_file_name() })
        }
        Command::WriteBody { path, is_replacing } => {
            with_answer(state, |answer| Effect::WriteBody { body: answer.body.clone(), path, is_replacing })
        }
        Command::SetNetwork { environment, settings, passphrase } => {
            // What was said of the settings before is said of nothing any more.
            forget_problem(state, DraftPart::Network);
            vec![Effect::SaveNetwork { environment, settings, passphrase }]
        }
        Command::OpenCookies => {
            state.dialog = Dialog::Cookies;
            state.cookies = None;
            vec![Effect::Cookies { environment: state.draft.environment.clone(), change: CookieChange::Nothing }]
        }
        Command::SetCookie { environment, cookie } => {
            vec![Effect::Cookies { environment, change: CookieChange::Set(cookie) }]
        }
        Command::RemoveCookie { environment, cookie } => {
            let change = match cookie {
                Some((domain, path, name)) => CookieChange::Remove(domain, path, name),
                None => CookieChange::Clear,
            };
            vec![Effect::Cookies { environment, change }]
        }
        Command::OpenDialog(dialog) => just(|| {
            state.keyring.problem = None;
            state.dialog = dialog;
        }),
        // The card of an action lies nearer than what was said before it was opened.
        Command::CloseTopmost if state.dialog == Dialog::None && state.action.is_some() => {
            actions::apply(state, ActionAct::Close)
        }
        Command::CloseTopmost => {
            if state.dialog == Dialog::None {
                state.notices.pop();
            }
            state.dialog = Dialog::None;
            Vec::new()
        }
        Command::Action(act) => actions::apply(state, act),
        Command::ReadPaste { .. } | Command::PasteRead { .. } | Command::PasteRefused { .. } => {
            paste::update(state, command)
        }
        Command::OpenProfiles | Command::ProfilesListed(_) | Command::ChooseProfile(_) | Command::ProfileOpened => {
            profiles::update(state, command)
        }
        Command::SetTheme(theme) => {
            state.theme = theme;
            vec![Effect::SaveTheme(theme)]
        }
        Command::DismissNotice(id) => just(|| state.notices.retain(|notice| notice.id != id)),
        Command::RefreshCredentials => {
            state.keyring.is_busy = true;
            vec![Effect::LoadCredentials]
        }
        Command::AddCredential(form) => {
            state.keyring.is_busy = true;
            state.keyring.problem = None;
            vec![Effect::AddCredential(form)]
        }
        Command::RemoveCredential(name) => {
            if state.draft.credential == CredentialChoice::Named(name.clone()) {
                state.draft.credential = CredentialChoice::Environment;
                forget_problem(state, DraftPart::Credential);
            }
            state.keyring.is_busy = true;
            vec![Effect::RemoveCredential(name)]
        }
        Command::Credential(act) => credentials::update(state, act),
        Command::PreviewReport => report(state, ReportPurpose::Preview),
        Command::CopyReport => report(state, ReportPurpose::Copy),
        Command::ExportReport => {
            with_record(state, |record| Effect::WriteReport { record, path: None, is_replacing: false })
        }
        Command::BrowseReportPath => ask_report_path(state),
        Command::WriteReport { path, is_replacing } => {
            with_record(state, |record| Effect::WriteReport { record, path: Some(path), is_replacing })
        }
        Command::Copy(text) => vec![Effect::Copy(text)],
        other => job_ended(state, other),
    }
}

/// The commands that jobs send.
fn job_ended(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::SandboxStarted { base, workspace, credential } => {
            state.sandbox = SandboxState::Running { base, workspace, credential };
            // What was missing is there now.
            forget_problem(state, DraftPart::Environment);
            vec![Effect::LoadCredentials]
        }
        Command::SandboxFailed(why) => {
            state.say(
                NoticeKind::Failure,
                format!("The local sandbox did not start: {why}"),
                "Choose another environment, or start the program again",
            );
            state.sandbox = SandboxState::Failed(why);
            Vec::new()
        }
        Command::SendProgressed { job, progress, elapsed } => just(|| {
            if let Some(flight) = state.in_flight.as_mut().filter(|flight| flight.job == job) {
                flight.progress = progress;
                flight.elapsed = elapsed;
            }
        }),
        Command::SendRefused { job, problem } => {
            if is_current(state, job) {
                state.in_flight = None;
                show_problem_tab(state, problem.part);
                state.problem = Some(problem);
            }
            Vec::new()
        }
        Command::SendFinished { job, finished } if is_current(state, job) => finished_sending(state, *finished),
        Command::BodyInspected { revision, inspection } => just(|| {
            if revision == state.body_revision {
                state.inspection = inspection;
                state.inspected_revision = revision;
            }
        }),
        Command::Failed { summary, fix } => just(|| state.say(NoticeKind::Failure, summary, fix)),
        Command::HistoryEntryLoaded { draft, answer } if state.wanted_entry.as_ref() == Some(&answer.id) => {
            state.wanted_entry = None;
            close_requests(state);
            state.replace_draft(*draft);
            state.open_entry = Some(answer.id.clone());
            show_answer(state, answer);
            let good = history::find_last_good(state);
            std::iter::once(inspect_body(state)).chain(good).collect()
        }
        Command::CredentialsLoaded { state: keyring, credentials, problem } => just(|| {
            state.keyring.state = keyring;
            state.keyring.credentials = credentials;
            state.keyring.is_busy = false;
            if let Some((summary, fix)) = problem {
                state.say(NoticeKind::Failure, summary, fix);
            }
        }),
        Command::CredentialAdded { name, is_session_only, warning } => {
            state.keyring.stored_count += 1;
            state.keyring.problem = None;
            match warning {
                Some((summary, fix)) => state.say(NoticeKind::Attention, summary, fix),
                None if is_session_only => {
                    state.say(NoticeKind::Done, format!("Credential {name} is kept for this session"), "")
                }
                None => state.say(NoticeKind::Done, format!("Credential {name} is stored in the keyring"), ""),
            }
            vec![Effect::LoadCredentials]
        }
        Command::CredentialFailed { summary, fix } => just(|| {
            state.keyring.is_busy = false;
            credentials::forget_unstored(state);
            // Said in the dialog that asked for it; outside it there is nothing to say it in but a notice.
            if state.dialog != Dialog::Credentials {
                state.say(NoticeKind::Failure, summary.clone(), fix.clone());
            }
            state.keyring.problem = Some((summary, fix));
        }),
        // A report that was begun for the answer before is not shown as if it were this one's.
        Command::ReportMade { preview, .. }
            if state.answer.as_ref().is_none_or(|answer| answer.id != preview.exchange) =>
        {
            Vec::new()
        }
        Command::ReportMade { preview, purpose } => {
            let mut effects = Vec::new();
            if purpose == ReportPurpose::Copy {
                state.say(NoticeKind::Done, "The report was copied as Markdown", "Paste it into your support ticket");
                effects.push(Effect::Copy((*preview.text).clone()));
            } else {
                state.dialog = Dialog::Report;
            }
            state.report = Some(preview);
            effects
        }
        Command::ReportWritten { path, removed } => just(|| {
            state.dialog = Dialog::None;
            let secrets = if removed == 1 { "1 secret was".to_owned() } else { format!("{removed} secrets were") };
            state.say(
                NoticeKind::Done,
                format!("The report was written to {}", path.display()),
                format!("{secrets} removed; attach it to your support ticket"),
            );
        }),
        Command::BodyPageLoaded { exchange, page } => just(|| {
            // A page of an answer that is no longer in sight is not shown as this one's.
            if state.answer.as_ref().is_some_and(|answer| answer.id == exchange) {
                state.page = Some(page);
            }
        }),
        Command::BodyWritten { path, bytes } => just(|| {
            state.dialog = Dialog::None;
            let text = format!("{bytes} bytes of the answer were written to {}", path.display());
            state.say(NoticeKind::Done, text, "");
        }),
        Command::NetworkSaved { network, problem } => just(|| {
            state.network = *network;
            if let Some((summary, fix)) = problem {
                state.say(NoticeKind::Attention, summary, fix);
            }
        }),
        Command::CookiesLoaded { view, problem } => just(|| {
            state.cookies = Some(view);
            if let Some((summary, fix)) = problem {
                state.say(NoticeKind::Attention, summary, fix);
            }
        }),
        Command::JobBroke(job) => {
            if is_current(state, job) {
                state.in_flight = None;
            }
            state.keyring.is_busy = false;
            credentials::forget_unstored(state);
            state.action.iter_mut().for_each(|open| open.is_asking = false);
            history::stop_waiting(state);
            state.say(
                NoticeKind::Failure,
                "A task in the background broke off",
                "Try again; if it happens each time, report it as a bug",
            );
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn just(act: impl FnOnce()) -> Vec<Effect> {
    act();
    Vec::new()
}

/// An edit of one part takes away what was said beside that part.
fn edit(state: &mut State, part: DraftPart, act: impl FnOnce(&mut State)) -> Vec<Effect> {
    act(state);
    forget_problem(state, part);
    Vec::new()
}

fn forget_problem(state: &mut State, part: DraftPart) {
    if state.problem.as_ref().is_some_and(|problem| problem.part == part) {
        state.problem = None;
    }
}

/// A choice from the list closes the list.
fn close_requests(state: &mut State) {
    if state.dialog == Dialog::Requests {
        state.dialog = Dialog::None;
    }
}

fn is_current(state: &State, job: u64) -> bool {
    state.in_flight.as_ref().is_some_and(|flight| flight.job == job)
}

fn send(state: &mut State, wish: SendWish) -> Vec<Effect> {
    if state.in_flight.is_some() {
        return Vec::new();
    }
    let job = state.number();
    state.problem = None;
    state.forget_notices(|notice| notice.kind == NoticeKind::Done);
    state.sent_revision = state.draft_revision;
    state.in_flight = Some(InFlight { job, progress: Progress::Waiting, elapsed: std::time::Duration::ZERO });
    vec![Effect::Send { job, draft: Box::new(state.draft.clone()), wish: Box::new(wish) }]
}

fn show_problem_tab(state: &mut State, part: DraftPart) {
    match part {
        DraftPart::Header(_) => state.request_tab = RequestTab::Headers,
        DraftPart::Credential | DraftPart::Workspace => state.request_tab = RequestTab::Auth,
        DraftPart::Body => state.request_tab = RequestTab::Body,
        DraftPart::Network => state.dialog = Dialog::Network,
        DraftPart::Method | DraftPart::Url | DraftPart::Environment => {}
    }
}

fn finished_sending(state: &mut State, finished: Finished) -> Vec<Effect> {
    if let Some(flight) = state.in_flight.take() {
        credentials::note_worked(state, flight.job, &finished.answer);
    }
    state.wanted_entry = None;
    // Another draft may have been opened meanwhile; this answer speaks of the one that was sent.
    state.open_entry = (state.sent_revision == state.draft_revision).then(|| finished.answer.id.clone());
    if let Some((summary, fix)) = finished.warning {
        state.say(NoticeKind::Attention, summary, fix);
    }
    show_answer(state, finished.answer);
    let mut effects = vec![inspect_body(state), Effect::KeepCookies];
    // A token that lapsed was renewed on the way.
    if let CredentialChoice::Named(name) = &state.draft.credential
        && state.keyring.credentials.iter().any(|facts| facts.name == *name && facts.oauth.is_some())
    {
        effects.push(Effect::LoadCredentials);
    }
    effects.extend(history::find_last_good(state));
    effects.extend(history::refresh(state));
    effects
}

pub(super) fn show_answer(state: &mut State, answer: Arc<super::answer::Answer>) {
    // What it is asking ends by itself; nobody waits for it any more.
    let _ = actions::forget(state);
    let has_findings = answer.diagnosis.as_ref().is_some_and(|diagnosis| !diagnosis.fields.is_empty());
    state.finding = has_findings.then_some(0);
    state.finding_revision += 1;
    // A look at the payload that was begun for the answer before must not come back as this one's.
    state.body_revision += 1;
    if has_findings && answer.first_finding_is_in_body() {
        state.request_tab = RequestTab::Body;
    }
    state.response_tab = if answer.is_failure() { ResponseTab::Diagnosis } else { ResponseTab::Body };
    state.answer = Some(answer);
    state.page = None;
    state.body_style = BodyStyle::Fitting;
    state.report = None;
    // The marks of the answer before are not shown for this one.
    state.inspection = Inspection::default();
}

/// Asks for the payload to be looked over again, with the findings of the answer in sight if it is this draft's own:
/// an answer says nothing of the payload of another request.
pub(super) fn inspect_body(state: &State) -> Effect {
    let own = state.answer.as_ref().filter(|answer| state.open_entry.as_ref() == Some(&answer.id));
    let wanted = own.map(|answer| wanted_of(answer)).unwrap_or_default();
    Effect::InspectBody { revision: state.body_revision, text: Arc::clone(&state.draft.body), wanted }
}

fn wanted_of(answer: &super::answer::Answer) -> Vec<Wanted> {
    let Some(diagnosis) = &answer.diagnosis else { return Vec::new() };
    let in_body = |(finding, field): (usize, &crate::diagnosis::FieldFinding)| {
        is_in_payload(field.location).then(|| Wanted {
            finding,
            path: field.path.clone(),
            reason: field.reason.clone().unwrap_or_default(),
            was_missing: field.in_payload().is_none(),
            place: field.place.clone(),
            token: field.token.clone(),
        })
    };
    diagnosis.fields.iter().enumerate().filter_map(in_body).collect()
}

/// Whether a finding is looked for in the payload.
fn is_in_payload(location: Location) -> bool {
    matches!(location, Location::Body | Location::Graphql | Location::Unknown)
}

fn select(state: &mut State, index: usize) -> Vec<Effect> {
    let Some(answer) = &state.answer else { return Vec::new() };
    let Some(field) = answer.diagnosis.as_ref().and_then(|diagnosis| diagnosis.fields.get(index)) else {
        return Vec::new();
    };
    state.request_tab = match field.location {
        Location::Header | Location::Cookie => RequestTab::Headers,
        Location::Query | Location::Path => RequestTab::Params,
        Location::Body | Location::Graphql | Location::Whole | Location::Unknown => RequestTab::Body,
    };
    state.finding = Some(index);
    state.finding_revision += 1;
    Vec::new()
}

fn step(state: &mut State, by: isize) -> Vec<Effect> {
    let count = state.answer.as_ref().and_then(|a| a.diagnosis.as_ref()).map_or(0, |d| d.fields.len());
    if count == 0 {
        return Vec::new();
    }
    let index = match (state.finding, by) {
        (Some(index), 1) => (index + 1) % count,
        (Some(index), _) => (index + count - 1) % count,
        (None, _) => 0,
    };
    select(state, index)
}

fn with_answer(state: &mut State, make: impl FnOnce(&super::answer::Answer) -> Effect) -> Vec<Effect> {
    state.answer.as_ref().map(|answer| make(answer)).into_iter().collect()
}

fn with_record(
    state: &mut State,
    make: impl FnOnce(Arc<crate::secret::Redacted<crate::exchange::ExchangeRecord>>) -> Effect,
) -> Vec<Effect> {
    match &state.answer {
        Some(answer) => vec![make(Arc::clone(&answer.record))],
        None => {
            state.say(NoticeKind::Attention, "There is nothing to report yet", "Send a request first");
            Vec::new()
        }
    }
}

fn report(state: &mut State, purpose: ReportPurpose) -> Vec<Effect> {
    with_record(state, |record| Effect::MakeReport { record, purpose })
}

fn ask_report_path(state: &mut State) -> Vec<Effect> {
    let file_name = state.answer.as_ref().map(|answer| answer.report_file_name()).unwrap_or_default();
    with_record(state, |_| Effect::AskReportPath { file_name })
}
