//! The whole line on a worker: prepare, send, read, explain, redact, remember.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::answer::Answer;
use super::credentials::{SignInFailure, lost_token, refresh};
use super::doctor::{server_clock, token_findings};
use super::services::Services;
use super::started::remember_start;
use super::wish::SendWish;
use crate::credentials::oauth::{Renewal, is_due};
use crate::credentials::{Origin, Purpose, VaultError};
use crate::diagnosis;
use crate::envelope;
use crate::exchange::{
    Body, CredentialChoice, Exchange, ExchangeId, ExchangeRecord, Layer, LogLine, RequestDraft, Response,
    TransportError,
};
use crate::profile::Profile;
use crate::secret::Redactor;
use crate::transport::{AnswerHint, CancelSignal, Progress, RetrySubject, SendOptions, advise};
use crate::workspace::{DraftPart, DraftProblem, Offer, ReadyCredential, Resolved, resolve};

/// How much of an answer is read to judge whether trying again can help, in bytes.
const HINT_BYTES: usize = 256 << 10;

/// How long the history may take before the answer is shown all the same, with a warning.
const COMMIT_LIMIT: Duration = Duration::from_secs(5);

/// What happened, and what to do.
type Words = (String, String);

/// What came of a request that was sent.
#[derive(Debug)]
pub struct Finished {
    /// The answer as the window shows it.
    pub answer: Arc<Answer>,
    /// The body as received; empty if none came.
    pub body: Body,
    /// What went wrong beside the answer: what happened, and what to do.
    pub warning: Option<(String, String)>,
}

/// How the line ended.
#[derive(Debug)]
pub enum LineEnd {
    /// Nothing was sent; what is wrong with the draft.
    Refused(DraftProblem),
    /// It was sent.
    Finished(Finished),
}

/// Runs the line for one draft. Whatever happens on the network is in the answer.
pub async fn run_line(
    services: &Arc<Services>,
    draft: RequestDraft,
    wish: SendWish,
    cancel: CancelSignal,
    mut progress: impl FnMut(Progress),
) -> LineEnd {
    let resolved = match resolve(&draft, &services.profile, &services.bases()) {
        Ok(resolved) => resolved,
        Err(problem) => return LineEnd::Refused(problem),
    };
    // A keyring may wait a minute for a person; a wish to stop is heard meanwhile.
    let mut stop = cancel.clone();
    let asked = tokio::select! {
        asked = credential_for(services, &draft, &resolved) => asked,
        () = stop.raised() => {
            // What a server is giving right now is stored before the program may end.
            services.renewals_done().await;
            Err(cancelled())
        }
    };
    let (credential, renewal_warning) = match asked {
        Ok(asked) => asked,
        Err(problem) => return LineEnd::Refused(problem),
    };
    let is_foreign = resolved.is_foreign();
    let is_own_address = !is_foreign && services.lives_at(&draft.environment, resolved.url());
    let asked = tokio::select! {
        asked = options_for(services, &wish, &draft.environment, resolved.url(), is_own_address) => asked,
        () = stop.raised() => Err(cancelled()),
    };
    let options = match asked {
        Ok(options) => options,
        Err(problem) => return LineEnd::Refused(problem),
    };
    if let Some(wait) = wish.wait_first_s.and_then(|wait| Duration::try_from_secs_f64(wait).ok()) {
        let (at, why) = (Instant::now() + wait, "the answer before asked for it".to_owned());
        progress(Progress::Retrying { attempt: 1, of: options.retry.max_retries.saturating_add(1), at, why });
        tokio::select! {
            biased;
            () = stop.raised() => return LineEnd::Refused(DraftProblem {
                is_cancelled: true,
                ..DraftProblem::new(
                    DraftPart::Url,
                    "You cancelled before the wait was over; nothing was sent",
                    "Send it again when you like",
                )
            }),
            () = tokio::time::sleep(wait) => {}
        }
    }
    let mut request = resolved.finish(credential);
    request.secrets.extend(options.secrets.passphrase.clone());
    let id = ExchangeId::new(Timestamp::now());
    let profile = Arc::clone(if is_foreign { &services.generic } else { &services.profile });
    let judge = move |response: &Response| hint_of(response, &profile);
    remember_start(services, &id, &request);
    let exchange = services.transport.send(id, request, &options, cancel, &judge, progress).await;
    let unread = exchange.clone();
    let finish = move |services: &Services, exchange: Exchange, is_foreign: bool| {
        let finished = finish(services, exchange, is_foreign);
        Finished { warning: finished.warning.or(renewal_warning), ..finished }
    };
    match finish_beside(services, exchange, is_foreign, finish).await {
        Some(finished) => LineEnd::Finished(finished),
        // It was sent, so it is told and kept as sent, whatever reading the answer broke.
        None => match finish_beside(services, broken_off(unread), is_foreign, self::finish).await {
            Some(finished) => LineEnd::Finished(finished),
            None => LineEnd::Refused(DraftProblem::new(
                DraftPart::Url,
                "The request was sent, but neither its answer nor the request could be read",
                "Look at the API whether it took effect before sending again, and report this as a bug",
            )),
        },
    }
}

/// The person stopped it while the keyring was asked.
fn cancelled() -> DraftProblem {
    DraftProblem {
        is_cancelled: true,
        ..DraftProblem::new(
            DraftPart::Credential,
            "You cancelled while the keyring was asked; nothing was sent",
            "Answer the keyring's question if it is still open, then send again",
        )
    }
}

/// Reading, redacting and writing take time in proportion to the body, and the history blocks: not on a worker.
///
/// None if it broke off.
async fn finish_beside(
    services: &Arc<Services>,
    exchange: Exchange,
    is_foreign: bool,
    finish: impl FnOnce(&Services, Exchange, bool) -> Finished + Send + 'static,
) -> Option<Finished> {
    let services = Arc::clone(services);
    tokio::task::spawn_blocking(move || finish(&services, exchange, is_foreign)).await.ok()
}

/// An exchange whose answer our own code could not read: status and headers stay, the body goes.
fn broken_off(mut exchange: Exchange) -> Exchange {
    if let Some(response) = &mut exchange.response {
        response.body = Body::empty();
        response.sample = Default::default();
        response.is_truncated = true;
    }
    exchange.transport_error = Some(TransportError {
        layer: Layer::Policy,
        kind: "reading_broke_off".into(),
        summary: "The request was sent, but reading its answer broke off".into(),
        seen: "A fault of this program, not of the API".into(),
        meaning: "The API may have done what was asked".into(),
        fix: "Look at the API whether it took effect before sending again, and report this as a bug".into(),
    });
    exchange
}

/// The options, asked for beside the runtime's workers because a keyring may be behind them.
async fn options_for(
    services: &Arc<Services>,
    wish: &SendWish,
    environment: &str,
    url: &url::Url,
    is_own_address: bool,
) -> Result<SendOptions, DraftProblem> {
    let (services, wish, environment, url) = (Arc::clone(services), wish.clone(), environment.to_owned(), url.clone());
    let asked = tokio::task::spawn_blocking(move || services.options(&wish, &environment, &url, is_own_address)).await;
    asked.unwrap_or_else(|_| {
        Err(DraftProblem::new(DraftPart::Network, "Asking for the network settings broke off", "Send it again"))
    })
}

/// What an answer says about trying again.
///
/// It is read between two tries on a worker of the runtime, so only the beginning is: no envelope is longer.
fn hint_of(response: &Response, profile: &Profile) -> AnswerHint {
    let mut answer = envelope::Answer::from(response);
    answer.body = answer.body.get(..HINT_BYTES).unwrap_or(answer.body);
    let read = envelope::read(&answer, profile, Timestamp::now());
    let entry = read.code.as_ref().and_then(|code| profile.codes.iter().find(|entry| entry.code == *code));
    let advises = |action: &str| entry.is_some_and(|entry| entry.actions.iter().any(|known| known == action));
    AnswerHint {
        is_temporary: advises("retry_backoff"),
        is_rate_limit: advises("retry_backoff") && response.status == 429,
        retry_after: read.retry_after_s.and_then(|wait| Duration::try_from_secs_f64(wait).ok()),
        should_retry: envelope::should_retry(&answer),
        request_id: read.request_id.map(|id| id.value),
        code: read.code,
    }
}

fn finish(services: &Services, mut exchange: Exchange, is_foreign: bool) -> Finished {
    let profile: &Profile = if is_foreign { &services.generic } else { &services.profile };
    let now = Timestamp::now();
    let diagnosis = diagnosis::from_exchange(&exchange, profile, now);
    if let Some(id) = diagnosis.as_ref().and_then(|diagnosis| diagnosis.request_id.as_ref()) {
        let at_ms = exchange.log.last().map_or(0, |line| line.at_ms);
        exchange.log.push(LogLine { at_ms, text: format!("request id {} ({})", id.value, id.source) });
    }
    let hint = exchange.response.as_ref().map(|response| hint_of(response, profile)).unwrap_or_default();
    if let Some(last) = exchange.attempts.last_mut() {
        last.request_id = last.request_id.take().or_else(|| hint.request_id.clone());
        last.retry_after = last.retry_after.or(hint.retry_after);
    }
    let status = exchange.response.as_ref().map(|response| response.status);
    let advice = advise(&RetrySubject::of(&exchange.request), status, exchange.transport_error.as_ref(), &hint);
    exchange.advice = advice.map(|advice| advice.kept());
    let value = diagnosis.as_ref().and_then(|diagnosis| serde_json::to_value(diagnosis).ok());
    let mut redactor = redactor_for(services, &exchange);
    let record = redactor.redact(ExchangeRecord::from_exchange(&exchange, value.as_ref()));
    let committed = services.history.record(record.clone()).wait(COMMIT_LIMIT);
    let warning = committed.err().map(|error| (error.summary(), error.fix()));
    let body = exchange.response.as_ref().map(|response| response.body.clone()).unwrap_or_default();
    let token = token_findings(services, &record);
    let answer = Answer::from_exchange(exchange, diagnosis, record, is_foreign, profile, &services.profile, token);
    Finished { answer: Arc::new(answer), warning, body }
}

/// A redactor that knows every secret the program has held, those of this exchange and its cookies among them.
pub(super) fn redactor_for(services: &Services, exchange: &Exchange) -> Redactor {
    let name = exchange.request.credential.clone().unwrap_or_else(|| "secret".into());
    let registry = services.gate.registry();
    registry.extend(exchange.request.secrets.iter().map(|secret| (name.clone(), secret.clone())));
    for known in services.jars().values() {
        let jar = known.jar.lock().unwrap_or_else(PoisonError::into_inner);
        registry.extend(jar.secrets().into_iter().map(|secret| ("cookie".to_owned(), secret)));
    }
    services.gate.redactor()
}

async fn credential_for(
    services: &Arc<Services>,
    draft: &RequestDraft,
    resolved: &Resolved,
) -> Result<(Option<ReadyCredential>, Option<Words>), DraftProblem> {
    let name = match &draft.credential {
        CredentialChoice::Nothing => return Ok((None, None)),
        // What an environment fills in goes to that environment only, so another address simply gets none.
        CredentialChoice::Environment if resolved.is_foreign() => return Ok((None, None)),
        CredentialChoice::Environment => match services.own_credential(&draft.environment) {
            // The address may lie in another environment of the profile than the one that is chosen.
            Some(name) if services.lives_at(&draft.environment, resolved.url()) => name,
            _ => return Ok((None, None)),
        },
        CredentialChoice::Named(name) => name.clone(),
    };
    let Some(origin) = Origin::of(resolved.url()) else {
        return Err(DraftProblem::new(DraftPart::Url, "The URL has no origin", "Write it like https://host/path"));
    };
    let workspace = resolved.workspace(services.profile.workspace.as_ref().map(|rule| rule.header.as_str()));
    let ask = || {
        let (services, name, origin, workspace) =
            (Arc::clone(services), name.clone(), origin.clone(), workspace.clone());
        let asked = tokio::task::spawn_blocking(move || {
            let now = Timestamp::now();
            let purpose = Purpose { origin: &origin, workspace: workspace.as_deref(), now, server_now: None };
            match services.vault.use_for(&name, &purpose) {
                // This computer's clock may be the one that is wrong; the history knows the server's.
                Err(error @ (VaultError::Expired { .. } | VaultError::NotYetValid { .. })) => {
                    let server_now = server_clock(&services, &origin).map(|clock| clock.at(now));
                    let again = server_now.map(|at| Purpose { server_now: Some(at), ..purpose });
                    again.map_or(Err(error), |purpose| services.vault.use_for(&name, &purpose))
                }
                used => used,
            }
        });
        async { asked.await.unwrap_or_else(|_| Err(VaultError::broke_off())) }
    };
    let mut asked = ask().await;
    let mut warning = None;
    // Asked first, so that nothing is renewed for a call that the binding forbids.
    let lapsing = match &asked {
        Ok(credential) => is_due(&credential.facts, Timestamp::now()),
        Err(VaultError::Expired { .. }) => true,
        Err(_) => false,
    };
    if lapsing {
        match renew_beside(services, &name).await {
            Ok(lost) => {
                warning = lost;
                asked = ask().await;
            }
            // What has not lapsed yet is still good for this call.
            Err(failure) if asked.is_ok() => {
                let summary = format!("The token could not be refreshed before the call: {}", failure.summary);
                warning = Some((summary, failure.fix));
            }
            // A credential that nothing renews is said to have expired, and no more.
            Err(failure) if failure.kind == "no_sign_in" => {}
            Err(failure) => {
                return Err(DraftProblem {
                    is_outside: failure.is_vault,
                    offer: failure.is_sign_in_needed.then(|| Box::new(Offer::SignIn { credential: name.clone() })),
                    ..DraftProblem::new(
                        DraftPart::Credential,
                        format!("The credential {name} has expired and could not be refreshed: {}", failure.summary),
                        failure.fix,
                    )
                });
            }
        }
    }
    match asked {
        Ok(credential) => {
            let ready = ReadyCredential {
                name: credential.facts.name,
                header: credential.header,
                value: credential.value,
                secrets: credential.secrets,
            };
            Ok((Some(ready), warning))
        }
        Err(error) => Err(credential_problem(&error)),
    }
}

/// Renews a token in a task of its own: whoever stops waiting does not stop it, because what the server gave meanwhile
/// would be lost.
///
/// Returns what has to be said of a token that the keyring did not take.
async fn renew_beside(services: &Arc<Services>, name: &str) -> Result<Option<Words>, SignInFailure> {
    let (services, name) = (Arc::clone(services), name.to_owned());
    let under_way = services.begin_renewal();
    let task = tokio::spawn(async move {
        let _under_way = under_way;
        let renewed = refresh(&services, &name, CancelSignal::never(), &|_| {}).await?;
        Ok(match renewed {
            Renewal::Renewed(stored) => stored.fallback.map(|failure| lost_token(&failure, &name)),
            Renewal::AlreadyFresh(_) => None,
        })
    });
    task.await.unwrap_or_else(|_| Err(SignInFailure::broke_off()))
}

fn credential_problem(error: &VaultError) -> DraftProblem {
    let is_outside = !matches!(
        error,
        VaultError::UnknownName { .. }
            | VaultError::WrongOrigin { .. }
            | VaultError::PlainHttp { .. }
            | VaultError::WrongWorkspace { .. }
            | VaultError::Expired { .. }
            | VaultError::NotYetValid { .. }
    );
    let offer = match error {
        VaultError::WrongOrigin { name, asked, .. } if asked.is_safe_for_secrets() => {
            Some(Box::new(Offer::AllowOrigin { credential: name.clone(), origin: asked.clone() }))
        }
        _ => None,
    };
    DraftProblem { is_outside, offer, ..DraftProblem::new(DraftPart::Credential, error.summary(), error.fix()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::disk::DataDir;
    use crate::transport::{Limits, cancel_pair, no_hint};

    async fn services() -> (Arc<Services>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir::resolve(Some(folder.path().join("data"))).unwrap();
        let profile = crate::profile::built_in("altyaa").unwrap();
        let (services, _) = Services::open(profile, data_dir, Limits::default()).unwrap();
        services.start_sandbox(crate::sandbox::SandboxSettings::default()).await.unwrap();
        (Arc::new(services), folder)
    }

    fn list_posts() -> RequestDraft {
        RequestDraft {
            method: "GET".into(),
            url: "/v1/posts".into(),
            environment: "local".into(),
            ..RequestDraft::default()
        }
    }

    async fn exchange(services: &Arc<Services>) -> Exchange {
        let resolved = resolve(&list_posts(), &services.profile, &services.bases()).unwrap();
        let (_handle, cancel) = cancel_pair();
        let options = SendOptions::default();
        services
            .transport
            .send(ExchangeId::new(Timestamp::now()), resolved.finish(None), &options, cancel, &no_hint, |_| {})
            .await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_request_whose_answer_cannot_be_read_is_told_and_kept_as_sent() {
        let (services, _folder) = services().await;
        let exchange = exchange(&services).await;
        let broken = finish_beside(&services, exchange.clone(), false, |_, _, _| panic!("on purpose")).await;
        assert!(broken.is_none());
        let finished = finish_beside(&services, broken_off(exchange), false, finish).await.unwrap();
        let error = finished.answer.transport_error.clone().unwrap();
        assert!(error.summary.contains("was sent"), "{}", error.summary);
        assert!(finished.answer.is_failure());
        let kept = services.history.load("last").unwrap().unwrap();
        assert_eq!(kept.transport_error, Some(error));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_sandbox_that_runs_is_not_started_again() {
        let (services, _folder) = services().await;
        let before = services.bases();
        let base = services.start_sandbox(crate::sandbox::SandboxSettings::default()).await.unwrap().base;
        assert_eq!(before.url("local").unwrap().as_str().trim_end_matches('/'), base.trim_end_matches('/'));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_history_that_fails_is_a_warning_beside_the_answer() {
        let (services, folder) = services().await;
        // The table goes away under the program, as a damaged disk or another program could make it.
        let file = folder.path().join("data").join(crate::history::FILE_NAME);
        rusqlite::Connection::open(file).unwrap().execute_batch("DROP TABLE exchange").unwrap();
        let (_handle, cancel) = cancel_pair();
        match run_line(&services, list_posts(), SendWish::default(), cancel, |_| {}).await {
            LineEnd::Finished(finished) => {
                assert_eq!(finished.answer.status, Some(200));
                assert!(!finished.body.is_empty());
                let (summary, fix) = finished.warning.unwrap();
                assert!(!summary.is_empty() && !fix.is_empty());
            }
            LineEnd::Refused(problem) => panic!("{problem:?}"),
        }
    }
}
