//! One request out, one exchange back, whatever happens in between: redirects, cookies, tries and waits.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use url::Url;

use super::Progress;
use super::attempt::{Reached, Sending};
use super::cancel::CancelSignal;
use super::client::Transport;
use super::cookies::{CookieJar, CookieOutcome};
use super::failure;
use super::log::Log;
use super::redirect::{self, Next};
use super::retry::{AnswerHint, RetryAdvice, RetrySubject, advise, seconds};
use super::settings::SendOptions;
use crate::exchange::{
    Attempt, Exchange, ExchangeId, Layer, PreparedRequest, Redirect, Response, Timing, TransportError,
};
use crate::secret::Secret;

/// Reads what an answer says about trying again.
pub type Judge<'a> = &'a (dyn Fn(&Response) -> AnswerHint + Send + Sync);

/// A judge that knows no envelopes: status and transport decide alone.
pub fn no_hint(_: &Response) -> AnswerHint {
    AnswerHint::default()
}

/// What one try brought, redirects included.
struct Tried {
    reached: Reached,
    redirects: Vec<Redirect>,
    /// Values of cookies that were sent or came, for redaction.
    secrets: Vec<Secret>,
}

impl Transport {
    /// Sends a request and always comes back with an exchange: with the answer, with the reason why there is none,
    /// or with both where an answer broke off.
    ///
    /// *Errors*: never; they are in the exchange.
    pub async fn send(
        &self,
        id: ExchangeId,
        mut request: PreparedRequest,
        options: &SendOptions,
        mut cancel: CancelSignal,
        judge: Judge<'_>,
        mut progress: impl FnMut(Progress),
    ) -> Exchange {
        let started_at = Timestamp::now();
        let start = Instant::now();
        let mut log = Log::new(start);
        log.add(format!("exchange {id}"));
        let mut attempts = Vec::new();
        let mut waited_in_all = Duration::ZERO;
        let subject = RetrySubject::of(&request);
        let (mut waited, mut why) = (Duration::ZERO, None);
        let mut secrets = Vec::new();
        let last = loop {
            let n = u32::try_from(attempts.len()).unwrap_or(u32::MAX).saturating_add(1);
            progress(Progress::Waiting);
            let try_at = Timestamp::now();
            let try_start = Instant::now();
            let is_consented = subject.is_repeatable() || options.retry.may_duplicate;
            let may_retry = n <= options.retry.max_retries && is_consented;
            let sending = (id.0.as_str(), try_start, may_retry);
            let mut tried = self.follow(&request, options, sending, &mut cancel, &mut log, &mut progress).await;
            tried.reached.timing.total = try_start.elapsed();
            know(std::mem::take(&mut tried.secrets), &mut secrets);
            let Reached { response, error, timing, connection, .. } = tried.reached;
            if let Some(error) = &error {
                log.add(format!("failed: {}", error.summary));
            }
            let hint = match &response {
                Some(response) if response.status >= 400 && options.retry.max_retries > 0 => judge(response),
                _ => AnswerHint::default(),
            };
            attempts.push(Attempt {
                n,
                started_at: try_at,
                status: response.as_ref().map(|response| response.status),
                transport_error: error.clone(),
                timing,
                waited,
                why: why.take(),
                connection,
                redirects: tried.redirects.clone(),
                request_id: hint.request_id.clone(),
                retry_after: hint.retry_after,
            });
            let again = self.again(n, &subject, (response.as_ref(), error.as_ref()), options, waited_in_all, &hint);
            let Some((wait, advice)) = again.unwrap_or_else(|not| {
                not.into_iter().for_each(|line| log.add(line));
                None
            }) else {
                break (response, error, timing, tried.redirects);
            };
            let of = options.retry.max_retries.saturating_add(1);
            let reason = reason(&response, &error, &advice);
            log.add(format!("try {} of {of} in {} s: {reason}", n + 1, seconds(wait)));
            progress(Progress::Retrying { attempt: n + 1, of, at: Instant::now() + wait, why: reason.clone() });
            tokio::select! {
                biased;
                () = cancel.raised() => {
                    log.add("cancelled while waiting to try again");
                    break (response, error, timing, tried.redirects);
                }
                () = tokio::time::sleep(wait) => {}
            }
            waited_in_all += wait;
            (waited, why) = (wait, Some(reason));
        };
        log.add("finished");
        let (response, transport_error, timing, redirects) = last;
        request.secrets.append(&mut secrets);
        let timing = Timing { total: if attempts.len() > 1 { start.elapsed() } else { timing.total }, ..timing };
        Exchange {
            id,
            started_at,
            request,
            response,
            transport_error,
            attempts,
            redirects,
            advice: None,
            timing,
            log: log.into_lines(),
        }
    }

    /// Whether and after how long it is tried again. The error holds what the log says of a no, if anything.
    fn again(
        &self,
        n: u32,
        subject: &RetrySubject,
        (response, error): (Option<&Response>, Option<&TransportError>),
        options: &SendOptions,
        waited: Duration,
        hint: &AnswerHint,
    ) -> Result<Option<(Duration, RetryAdvice)>, Option<String>> {
        let policy = &options.retry;
        if policy.max_retries == 0 {
            return Ok(None);
        }
        let status = response.map(|response| response.status);
        let Some(advice) = advise(subject, status, error, hint) else { return Ok(None) };
        if !advice.is_retryable {
            return Err(Some(format!("not tried again: {}", advice.why)));
        }
        if advice.needs_consent && !policy.may_duplicate {
            return Err(Some(format!(
                "not tried again: {} is sent twice only with an idempotency key or when you say so; {}",
                subject.method, advice.why
            )));
        }
        if n > policy.max_retries {
            return Err(Some(format!("not tried again: {n} tries were made")));
        }
        let wait = policy.wait(n, advice.asked, (self.jitter)());
        if waited.saturating_add(wait) > policy.budget {
            return Err(Some(format!(
                "not tried again: the next wait of {} s is longer than waits may be in all",
                seconds(wait)
            )));
        }
        Ok(Some((wait, advice)))
    }

    /// One try: the request, and those that its redirects ask for.
    async fn follow(
        &self,
        request: &PreparedRequest,
        options: &SendOptions,
        (exchange, start, may_retry): (&str, Instant, bool),
        cancel: &mut CancelSignal,
        log: &mut Log,
        progress: &mut impl FnMut(Progress),
    ) -> Tried {
        let mut tried = Tried { reached: Reached::default(), redirects: Vec::new(), secrets: Vec::new() };
        let mut current = request.clone();
        let mut seen = HashSet::new();
        loop {
            // Only for the address that was asked for: what a redirect leads to has no part in the environment's trust.
            let is_home = redirect::is_same_origin(&current.url, &request.url);
            let jar = options.cookies.as_deref().filter(|_| is_home);
            let cookies = cookie_header(jar, &current.url, &mut tried.secrets);
            let is_fresh = !tried.redirects.is_empty() && !current.body.is_empty();
            let sending = Sending { options, exchange, is_home, is_fresh, may_retry, cookies, start };
            tried.reached = self.reach(&current, sending, cancel, log, progress).await;
            tried.secrets.append(&mut tried.reached.secrets);
            let Some(response) = &tried.reached.response else { return tried };
            take_cookies(jar, response, &current.url, &mut tried.secrets, log);
            // What breaks in the body of a redirect that is followed breaks nothing; a wish to stop is obeyed.
            let stops = |error: &TransportError| error.layer != Layer::Body;
            if tried.reached.error.as_ref().is_some_and(stops) {
                return tried;
            }
            let status = StatusCode::from_u16(response.status).unwrap_or_default();
            let (next, dropped) = match redirect::next(&current, status, response.header("location")) {
                Next::Answer => return tried,
                Next::Stay(why) => {
                    log.add(format!("not followed: {why}"));
                    return tried;
                }
                Next::Follow { .. } if options.max_redirects == 0 => {
                    log.add("not followed: redirects are shown, not followed");
                    return tried;
                }
                Next::Follow { request, dropped } => (*request, dropped),
            };
            let followed = u32::try_from(tried.redirects.len()).unwrap_or(u32::MAX);
            // The same request to the same place once more gets the same redirect, unless a cookie changes its mind.
            let comes_back = !seen.insert((current.method.clone(), current.url.clone())) && options.cookies.is_none();
            if followed >= options.max_redirects || comes_back {
                tried.reached.error = Some(failure::redirect_loop(&current.url, followed, comes_back));
                return tried;
            }
            log.add(format!("redirect {} to {}", status.as_u16(), next.url));
            if !dropped.is_empty() {
                log.add(format!("left behind: {}", dropped.join(", ")));
            }
            tried.redirects.push(Redirect {
                status: status.as_u16(),
                method: next.method.to_string(),
                from: shortened(&current.url),
                to: shortened(&next.url),
                dropped,
                timing: tried.reached.timing,
            });
            progress(Progress::Redirected { followed: followed + 1 });
            current = next;
        }
    }
}

/// The longest address that is kept of a redirect, in bytes.
const MAX_ADDRESS_BYTES: usize = 8 << 10;

fn shortened(url: &Url) -> String {
    let text = url.as_str();
    match text.get(..text.floor_char_boundary(MAX_ADDRESS_BYTES)) {
        Some(head) if head.len() < text.len() => format!("{head}…"),
        _ => text.to_owned(),
    }
}

/// Why it is tried again, in one sentence.
fn reason(response: &Option<Response>, error: &Option<TransportError>, advice: &RetryAdvice) -> String {
    let what = match (error, response) {
        (Some(error), _) => error.summary.clone(),
        (None, Some(response)) => format!("the answer was {}", response.status),
        (None, None) => "no answer came".to_owned(),
    };
    match advice.asked {
        Some(asked) => format!("{what} and asks to wait {} s", seconds(asked)),
        None => what,
    }
}

fn cookie_header(jar: Option<&Mutex<CookieJar>>, url: &Url, secrets: &mut Vec<Secret>) -> Option<HeaderValue> {
    let jar = jar?.lock().unwrap_or_else(PoisonError::into_inner);
    let line = jar.header_for(url, Timestamp::now())?;
    let mut value = HeaderValue::from_str(line.expose()).ok()?;
    value.set_sensitive(true);
    know(jar.secrets(), secrets);
    Some(value)
}

fn take_cookies(
    jar: Option<&Mutex<CookieJar>>,
    response: &Response,
    url: &Url,
    secrets: &mut Vec<Secret>,
    log: &mut Log,
) {
    let Some(jar) = jar else { return };
    let mut jar = jar.lock().unwrap_or_else(PoisonError::into_inner);
    // One that is replaced now was known before.
    know(jar.secrets(), secrets);
    for (_, line) in response.headers.iter().filter(|(name, _)| name == "set-cookie") {
        log.add(match jar.store(line, url) {
            CookieOutcome::Stored { name } => format!("cookie {name} kept"),
            CookieOutcome::Replaced { name } => format!("cookie {name} replaced"),
            CookieOutcome::Removed { name } => format!("cookie {name} removed"),
            CookieOutcome::Refused { name, why } => {
                format!("cookie {} refused: {why}", name.as_deref().unwrap_or("without a name"))
            }
        });
    }
    know(jar.secrets(), secrets);
}

/// Adds the values that are not known yet.
fn know(new: Vec<Secret>, known: &mut Vec<Secret>) {
    for secret in new {
        if !known.contains(&secret) {
            known.push(secret);
        }
    }
}
