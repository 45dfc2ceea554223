//! `app::update` without a screen: what each act changes and asks for, one behaviour a test.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use altyaa_console::app::{
    Answer, Command, Dialog, Effect, Finished, HistoryEffect, Inspection, Mark, MarkKind, NoticeKind, ReportPreview,
    ReportPurpose, RequestTab, ResponseTab, SandboxState, State, Theme, update,
};
use altyaa_console::credentials::KeyringState;
use altyaa_console::exchange::{Body, CredentialChoice, HeaderLine, RequestDraft};
use altyaa_console::profile;
use altyaa_console::secret::{Redactor, Rules};
use altyaa_console::text::Span;
use altyaa_console::transport::Progress;
use altyaa_console::workspace::{DraftPart, DraftProblem};

use crate::app_answer::{PAST, answer_to};

fn state() -> State {
    State::new(Arc::new(profile::built_in("altyaa").unwrap()), Theme::Dark)
}

fn past(state: &State) -> Arc<Answer> {
    answer_to(&state.draft.body, Some(400), PAST)
}

/// Presses Send and returns the job's number.
#[track_caller]
fn press_send(state: &mut State) -> u64 {
    match update(state, Command::Send).as_slice() {
        [Effect::Send { job, .. }] => *job,
        other => panic!("one request is sent, not {other:?}"),
    }
}

fn finished(job: u64, answer: Arc<Answer>) -> Command {
    Command::SendFinished { job, finished: Box::new(Finished { answer, body: Body::empty(), warning: None }) }
}

/// Sends and gets that answer.
fn send_and_get(state: &mut State, answer: Arc<Answer>) -> Vec<Effect> {
    let job = press_send(state);
    update(state, finished(job, answer))
}

fn problem(part: DraftPart) -> DraftProblem {
    DraftProblem::new(part, "This cannot be sent", "Write something else")
}

fn refuse(state: &mut State, part: DraftPart) {
    let job = press_send(state);
    update(state, Command::SendRefused { job, problem: problem(part) });
}

/// The inspection that an effect asks for: the payload's revision and the fields looked for.
#[track_caller]
fn inspection_of(effects: &[Effect]) -> (u64, Vec<String>) {
    let found = effects.iter().find_map(|effect| match effect {
        Effect::InspectBody { revision, wanted, .. } => {
            Some((*revision, wanted.iter().map(|wanted| wanted.path.clone()).collect()))
        }
        _ => None,
    });
    found.expect("the payload is looked over")
}

fn syntax_mark(line: usize) -> Inspection {
    let mark = Mark {
        kind: MarkKind::Syntax,
        span: Span { start: 0, end: 1 },
        line,
        column: 1,
        path: String::new(),
        reason: String::new(),
        is_missing: false,
    };
    Inspection { marks: vec![mark], ..Inspection::default() }
}

#[test]
fn the_first_state_holds_the_profiles_first_request() {
    let state = state();
    assert_eq!((state.draft.method.as_str(), state.draft.url.as_str()), ("POST", "{{base}}/v1/posts"));
    assert_eq!(state.draft.environment, "local");
    assert!(state.checks().iter().all(|check| check.state == altyaa_console::checklist::CheckState::Unknown));
    assert_eq!(state.checks().len(), 5);
}

#[test]
fn send_twice_sends_once() {
    let mut state = state();
    let job = press_send(&mut state);
    assert!(update(&mut state, Command::Send).is_empty());
    assert_eq!(state.in_flight.as_ref().unwrap().job, job);
    let answer = past(&state);
    update(&mut state, finished(job, answer));
    assert_ne!(press_send(&mut state), job, "afterwards it can be sent again");
}

#[test]
fn what_is_sent_is_the_draft_of_that_moment() {
    let mut state = state();
    update(&mut state, Command::SetMethod("PATCH".into()));
    let effects = update(&mut state, Command::Send);
    let [Effect::Send { draft, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(**draft, state.draft);
    update(&mut state, Command::SetMethod("GET".into()));
    assert_eq!(draft.method, "PATCH");
}

#[test]
fn a_late_answer_of_another_job_is_dropped() {
    let mut state = state();
    let first = press_send(&mut state);
    let answer = past(&state);
    update(&mut state, Command::JobBroke(first));
    let second = press_send(&mut state);
    for late in [
        finished(first, answer),
        Command::SendRefused { job: first, problem: problem(DraftPart::Url) },
        Command::JobBroke(first),
        Command::SendProgressed { job: first, progress: Progress::Waiting, elapsed: Duration::from_secs(9) },
    ] {
        assert!(update(&mut state, late).is_empty());
    }
    assert!(state.answer.is_none() && state.problem.is_none());
    let flight = state.in_flight.as_ref().unwrap();
    assert_eq!((flight.job, flight.elapsed), (second, Duration::ZERO));
}

#[test]
fn progress_is_shown_and_cancelling_asks_for_the_running_job() {
    let mut state = state();
    assert!(update(&mut state, Command::Cancel).is_empty());
    let job = press_send(&mut state);
    let progress = Progress::Receiving { received: 7, expected: Some(9), bytes_per_s: None, left: None };
    update(&mut state, Command::SendProgressed { job, progress: progress.clone(), elapsed: Duration::from_secs(1) });
    assert_eq!(state.in_flight.as_ref().unwrap().progress, progress);
    let effects = update(&mut state, Command::Cancel);
    assert!(matches!(effects.as_slice(), [Effect::CancelSend(cancelled)] if *cancelled == job));
    assert!(state.in_flight.is_some(), "it ends when the job says so");
}

#[test]
fn an_inspection_of_an_older_payload_is_dropped() {
    let mut state = state();
    let (old, _) = inspection_of(&update(&mut state, Command::SetBody("{".into())));
    let (new, _) = inspection_of(&update(&mut state, Command::SetBody("{}\n[".into())));
    update(&mut state, Command::BodyInspected { revision: new, inspection: syntax_mark(2) });
    update(&mut state, Command::BodyInspected { revision: old, inspection: syntax_mark(1) });
    assert_eq!((state.inspection.marks[0].line, state.inspected_revision), (2, new));
}

#[test]
fn an_inspection_begun_before_the_answer_does_not_hide_its_findings() {
    let mut state = state();
    let (before, wanted) = inspection_of(&update(&mut state, Command::SetBody("{\"publishAt\":1}".into())));
    assert_eq!(wanted, Vec::<String>::new());
    let answer = past(&state);
    let (after, wanted) = inspection_of(&send_and_get(&mut state, answer));
    assert_eq!(wanted, ["publishAt"]);
    let mark = Mark { kind: MarkKind::Finding(0), ..syntax_mark(1).marks.remove(0) };
    update(
        &mut state,
        Command::BodyInspected {
            revision: after,
            inspection: Inspection { marks: vec![mark], ..Inspection::default() },
        },
    );
    update(&mut state, Command::BodyInspected { revision: before, inspection: Inspection::default() });
    assert_eq!(state.inspection.marks.len(), 1);
}

#[test]
fn a_refusal_stands_beside_its_part_until_that_part_is_edited() {
    let line = HeaderLine { name: "A".into(), value: "b".into(), is_enabled: true };
    type Edit = fn(HeaderLine) -> Command;
    let cases: [(DraftPart, Option<RequestTab>, Edit); 6] = [
        (DraftPart::Method, None, |_| Command::SetMethod("GET".into())),
        (DraftPart::Url, None, |_| Command::SetUrl("/v1/posts".into())),
        (DraftPart::Header(0), Some(RequestTab::Headers), |line| Command::SetHeaders(vec![line])),
        (DraftPart::Environment, None, |_| Command::ChooseEnvironment("sandbox".into())),
        (DraftPart::Credential, Some(RequestTab::Auth), |_| Command::ChooseCredential(CredentialChoice::Nothing)),
        (DraftPart::Workspace, Some(RequestTab::Auth), |_| Command::SetWorkspace(Some("ws_1".into()))),
    ];
    for (part, tab, _) in cases {
        for (other, _, edit) in cases {
            let mut state = state();
            update(&mut state, Command::ShowRequestTab(RequestTab::Params));
            refuse(&mut state, part);
            assert!(state.in_flight.is_none() && state.answer.is_none());
            assert_eq!(state.request_tab, tab.unwrap_or(RequestTab::Params), "{part:?}");
            update(&mut state, edit(line.clone()));
            // Another environment chooses credential and workspace anew.
            let is_gone = part == other
                || (other == DraftPart::Environment && matches!(part, DraftPart::Credential | DraftPart::Workspace));
            assert_eq!(state.problem.is_none(), is_gone, "{part:?} after an edit of {other:?}");
        }
    }
}

#[test]
fn a_refusal_is_forgotten_when_it_is_sent_again_or_its_cause_is_over() {
    let mut state = state();
    refuse(&mut state, DraftPart::Url);
    press_send(&mut state);
    assert_eq!(state.problem, None);

    let mut state = self::state();
    refuse(&mut state, DraftPart::Environment);
    update(
        &mut state,
        Command::SandboxStarted {
            base: "http://127.0.0.1:1".into(),
            workspace: "ws_1".into(),
            credential: "local.editor-key".into(),
        },
    );
    assert_eq!(state.problem, None);
    assert!(matches!(state.sandbox, SandboxState::Running { .. }));

    let mut state = self::state();
    refuse(&mut state, DraftPart::Url);
    update(&mut state, Command::OpenStarter(1));
    assert_eq!(state.problem, None);
}

#[test]
fn a_failure_opens_the_diagnosis_and_the_first_finding() {
    let mut state = state();
    update(&mut state, Command::ShowRequestTab(RequestTab::Headers));
    update(&mut state, Command::ShowResponseTab(ResponseTab::Log));
    let scrolled = state.finding_revision;
    let answer = past(&state);
    let effects = send_and_get(&mut state, Arc::clone(&answer));
    assert!(state.in_flight.is_none());
    assert_eq!((state.response_tab, state.request_tab), (ResponseTab::Diagnosis, RequestTab::Body));
    assert_eq!(state.finding, Some(0));
    assert!(state.finding_revision > scrolled, "the editor goes there once");
    assert_eq!(state.open_entry.as_ref(), Some(&answer.id));
    assert_eq!(inspection_of(&effects).0, state.body_revision);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::History(HistoryEffect::Search { .. }))));
}

#[test]
fn a_finding_outside_the_payload_leaves_the_tab() {
    let mut state = state();
    update(&mut state, Command::ShowRequestTab(RequestTab::Params));
    let body = PAST.replace("publishAt", "X-Altyaa-Workspace");
    let answer = answer_to("{}", Some(401), &body);
    send_and_get(&mut state, answer);
    assert_eq!((state.request_tab, state.response_tab), (RequestTab::Params, ResponseTab::Diagnosis));
    update(&mut state, Command::SelectFinding(0));
    assert_eq!(state.request_tab, RequestTab::Headers);
}

#[test]
fn a_call_without_an_answer_opens_the_diagnosis() {
    let mut state = state();
    update(&mut state, Command::ShowResponseTab(ResponseTab::Body));
    send_and_get(&mut state, answer_to("{}", None, ""));
    assert_eq!((state.response_tab, state.finding), (ResponseTab::Diagnosis, None));
}

#[test]
fn a_success_opens_the_answer() {
    let mut state = state();
    let answer = past(&state);
    send_and_get(&mut state, answer);
    let effects = send_and_get(&mut state, answer_to("{}", Some(201), "{\"id\":\"post_1\"}"));
    assert_eq!((state.response_tab, state.finding), (ResponseTab::Body, None));
    assert_eq!(inspection_of(&effects).1, Vec::<String>::new(), "no mark of the answer before");
    assert!(state.inspection.marks.is_empty());
}

#[test]
fn f8_wraps_around_in_both_directions() {
    let mut state = state();
    assert!(update(&mut state, Command::NextFinding).is_empty());
    assert_eq!(state.finding, None);
    // The profile's own shape names one field; more come with shapes that name more.
    let mut answer = Arc::into_inner(past(&state)).unwrap();
    let fields = &mut answer.diagnosis.as_mut().unwrap().fields;
    *fields = vec![fields[0].clone(); 3];
    send_and_get(&mut state, Arc::new(answer));
    let mut walked = Vec::new();
    for command in [Command::NextFinding, Command::NextFinding, Command::NextFinding, Command::PreviousFinding] {
        let before = state.finding_revision;
        update(&mut state, command);
        assert_eq!(state.finding_revision, before + 1);
        walked.push(state.finding.unwrap());
    }
    assert_eq!(walked, [1, 2, 0, 2]);
    update(&mut state, Command::SelectFinding(3));
    assert_eq!(state.finding, Some(2), "there is no fourth");
}

#[test]
fn another_environment_resets_credential_and_workspace() {
    let mut state = state();
    update(&mut state, Command::ChooseCredential(CredentialChoice::Named("mine".into())));
    update(&mut state, Command::SetWorkspace(Some("ws_1".into())));
    update(&mut state, Command::ChooseEnvironment("local".into()));
    assert_eq!(state.draft.credential, CredentialChoice::Named("mine".into()), "it is the same one");
    update(&mut state, Command::ChooseEnvironment("production".into()));
    assert_eq!((&state.draft.credential, &state.draft.workspace), (&CredentialChoice::Environment, &None));
    assert_eq!(state.draft.environment, "production");
}

#[test]
fn removing_the_chosen_credential_takes_it_from_the_draft() {
    let mut state = state();
    update(&mut state, Command::ChooseCredential(CredentialChoice::Named("mine".into())));
    refuse(&mut state, DraftPart::Credential);
    let effects = update(&mut state, Command::RemoveCredential("other".into()));
    assert!(matches!(effects.as_slice(), [Effect::RemoveCredential(name)] if name == "other"));
    assert_eq!(state.draft.credential, CredentialChoice::Named("mine".into()));
    assert!(state.problem.is_some());
    update(&mut state, Command::RemoveCredential("mine".into()));
    assert_eq!(state.draft.credential, CredentialChoice::Environment);
    assert!(state.problem.is_none() && state.keyring.is_busy);
}

#[test]
fn the_keyring_is_busy_until_it_answers() {
    let mut state = state();
    update(&mut state, Command::RefreshCredentials);
    assert!(state.keyring.is_busy);
    update(&mut state, Command::CredentialFailed { summary: "No keyring answers".into(), fix: "Start one".into() });
    assert!(!state.keyring.is_busy);
    update(&mut state, Command::RefreshCredentials);
    let loaded = Command::CredentialsLoaded {
        state: KeyringState::Missing,
        credentials: Vec::new(),
        problem: Some(("The list is broken".into(), "Repair it".into())),
    };
    update(&mut state, loaded);
    assert_eq!((state.keyring.is_busy, state.keyring.state), (false, KeyringState::Missing));
    assert!(state.notices.iter().any(|notice| notice.summary == "The list is broken" && notice.fix == "Repair it"));
}

#[test]
fn a_report_before_anything_was_sent_says_what_to_do() {
    let write = || Command::WriteReport { path: PathBuf::from("/nowhere"), is_replacing: true };
    for command in
        [Command::PreviewReport, Command::CopyReport, Command::ExportReport, Command::BrowseReportPath, write()]
    {
        let mut state = state();
        assert!(update(&mut state, command).is_empty());
        let [notice] = state.notices.as_slice() else { panic!("{:?}", state.notices) };
        assert_eq!(notice.summary, "There is nothing to report yet");
        assert_eq!((notice.fix.as_str(), notice.kind), ("Send a request first", NoticeKind::Attention));
    }
}

#[test]
fn a_report_is_made_of_the_answer_in_sight() {
    let mut state = state();
    let answer = past(&state);
    send_and_get(&mut state, Arc::clone(&answer));
    let effects = update(&mut state, Command::ExportReport);
    let [Effect::WriteReport { record, path: None, is_replacing: false }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(record.id, answer.id);
    let effects = update(&mut state, Command::BrowseReportPath);
    assert!(
        matches!(effects.as_slice(), [Effect::AskReportPath { file_name }] if file_name.ends_with("-invalid_request.md")),
        "{effects:?}"
    );
    let text = Arc::new(Redactor::new(Rules::built_in(), Vec::new()).redact("# Report".to_owned()));
    let preview = || ReportPreview { text: Arc::clone(&text), removed: 0, exchange: answer.id.clone() };
    let late = ReportPreview { exchange: "another".into(), ..preview() };
    update(&mut state, Command::ReportMade { preview: late, purpose: ReportPurpose::Preview });
    assert_eq!(state.dialog, Dialog::None, "a report of another answer is dropped");
    assert!(update(&mut state, Command::ReportMade { preview: preview(), purpose: ReportPurpose::Preview }).is_empty());
    assert_eq!(state.dialog, Dialog::Report);
    update(&mut state, Command::CloseTopmost);
    let effects = update(&mut state, Command::ReportMade { preview: preview(), purpose: ReportPurpose::Copy });
    assert!(matches!(effects.as_slice(), [Effect::Copy(copied)] if copied.as_str() == "# Report"));
    assert_eq!(state.dialog, Dialog::None);
    let next = past(&state);
    send_and_get(&mut state, next);
    assert_eq!(state.report, None, "the report of the answer before is no longer shown");
}

#[test]
fn notices_are_bounded_and_can_be_dismissed() {
    let mut state = state();
    let fail = |n: usize| Command::Failed { summary: format!("Failure {n}"), fix: "Try again".into() };
    for n in 0..1000 {
        update(&mut state, fail(n));
    }
    assert_eq!(state.notices.len(), 20);
    assert_eq!(state.notices.last().unwrap().summary, "Failure 999");
    update(&mut state, fail(990));
    assert_eq!(state.notices.iter().filter(|notice| notice.summary == "Failure 990").count(), 1);
    assert_eq!(state.notices.len(), 20);
    let id = state.notices[3].id;
    update(&mut state, Command::DismissNotice(id));
    assert!(state.notices.len() == 19 && state.notices.iter().all(|notice| notice.id != id));
    update(&mut state, Command::OpenDialog(Dialog::Help));
    update(&mut state, Command::CloseTopmost);
    assert_eq!((state.dialog.clone(), state.notices.len()), (Dialog::None, 19), "the dialog is above the notices");
    update(&mut state, Command::CloseTopmost);
    assert!(state.notices.len() == 18 && state.notices.iter().all(|notice| notice.summary != "Failure 990"));
}

#[test]
fn a_job_that_broke_ends_the_flight_and_says_so() {
    let mut state = state();
    let job = press_send(&mut state);
    update(&mut state, Command::JobBroke(0));
    assert!(state.in_flight.is_some(), "that was another job");
    update(&mut state, Command::JobBroke(job));
    assert!(state.in_flight.is_none() && !state.keyring.is_busy);
    let [notice] = state.notices.as_slice() else { panic!("{:?}", state.notices) };
    assert_eq!(notice.kind, NoticeKind::Failure);
    assert!(!notice.fix.is_empty());
    press_send(&mut state);
}

#[test]
fn only_the_history_entry_asked_for_last_is_opened() {
    let mut state = state();
    let (first, second) = (answer_to("1", Some(400), PAST), answer_to("2", Some(400), PAST));
    let loaded = |answer: &Arc<Answer>, url: &str| Command::HistoryEntryLoaded {
        draft: Box::new(RequestDraft { url: url.into(), body: "{}".into(), ..RequestDraft::default() }),
        answer: Arc::clone(answer),
    };
    update(&mut state, Command::OpenHistoryEntry(first.id.clone()));
    update(&mut state, Command::OpenHistoryEntry(second.id.clone()));
    let (drafts, bodies) = (state.draft_revision, state.body_revision);
    update(&mut state, loaded(&second, "/second"));
    assert!(state.draft_revision > drafts && state.body_revision > bodies, "the editors take it over");
    assert!(update(&mut state, loaded(&first, "/first")).is_empty());
    assert_eq!((state.draft.url.as_str(), state.open_entry.as_ref()), ("/second", Some(&second.id)));
    assert_eq!(state.response_tab, ResponseTab::Diagnosis);
    update(&mut state, Command::OpenHistoryEntry(first.id.clone()));
    update(&mut state, Command::OpenStarter(0));
    update(&mut state, loaded(&first, "/first"));
    assert_eq!(state.draft.url, "{{base}}/v1/posts");
}

#[test]
fn an_answer_marks_nothing_in_the_payload_of_another_request() {
    let mut state = state();
    let answer = past(&state);
    assert_eq!(inspection_of(&send_and_get(&mut state, answer)).1, ["publishAt"]);
    assert_eq!(inspection_of(&update(&mut state, Command::SetBody("{\"publishAt\":2}".into()))).1, ["publishAt"]);
    let (_, wanted) = inspection_of(&update(&mut state, Command::OpenStarter(3)));
    assert_eq!(wanted, Vec::<String>::new());
    assert_eq!(inspection_of(&update(&mut state, Command::SetBody("{\"publishAt\":3}".into()))).1, wanted);
    assert!(state.answer.is_some(), "the answer itself stays in sight");
    // Also when the other request was opened while the first was on its way.
    let job = press_send(&mut state);
    update(&mut state, Command::OpenStarter(0));
    let answer = past(&state);
    let effects = update(&mut state, finished(job, answer));
    assert_eq!((inspection_of(&effects).1, &state.open_entry), (wanted, &None));
}

#[test]
fn a_sandbox_that_does_not_start_is_told_with_what_to_do() {
    let mut state = state();
    update(&mut state, Command::SandboxFailed("no port is free".into()));
    assert_eq!(state.sandbox, SandboxState::Failed("no port is free".into()));
    assert!(state.notices[0].summary.contains("no port is free") && !state.notices[0].fix.is_empty());
}

#[test]
fn colours_are_remembered() {
    let mut state = state();
    let effects = update(&mut state, Command::SetTheme(Theme::Light));
    assert!(matches!(effects.as_slice(), [Effect::SaveTheme(Theme::Light)]));
    assert_eq!(state.theme, Theme::Light);
}
