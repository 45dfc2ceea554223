//! Whether it is worth trying again, when, and what could go wrong if it is; and how long is waited.

use std::time::Duration;

use http::Method;

use crate::exchange::{Advice, Layer, PreparedRequest, TransportError};

/// When and how often a request is tried again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times after the first; 0 for never.
    pub max_retries: u32,
    /// What the first wait is at most; each further one may be twice as long.
    pub base: Duration,
    /// What a wait is at most, except where the server asks for a longer one.
    pub cap: Duration,
    /// How long all waits may take together; a wait that would go beyond it is not begun.
    pub budget: Duration,
    /// Whether the person said that a request may be done twice.
    pub may_duplicate: bool,
}

impl RetryPolicy {
    /// No retries.
    pub const fn none() -> Self {
        Self::times(0)
    }

    /// So many retries, with waits of up to 0.5, 1, 2, … 30 seconds and 5 minutes in all.
    pub const fn times(max_retries: u32) -> Self {
        Self {
            max_retries,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            budget: Duration::from_secs(300),
            may_duplicate: false,
        }
    }

    /// The longest wait before a retry, counted from 1: full jitter draws from nothing up to this.
    ///
    /// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, read 2026-11.
    pub fn ceiling(&self, retry: u32) -> Duration {
        let doubled = 2u32.checked_pow(retry.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(doubled).min(self.cap)
    }

    /// How long to wait before a retry. `chance` is between 0 and 1.
    ///
    /// What the server asked for is never cut short; a little is added, so that not everybody comes at once. A server
    /// that asks for nothing or for next to nothing does not switch the backoff off.
    pub fn wait(&self, retry: u32, asked: Option<Duration>, chance: f64) -> Duration {
        let chance = chance.clamp(0.0, 1.0);
        let backoff = self.ceiling(retry).mul_f64(chance);
        match asked {
            Some(asked) => asked.saturating_add(self.base.mul_f64(chance)).max(backoff),
            None => backoff,
        }
    }
}

/// A number between 0 and 1, for the waits.
pub(super) fn random() -> f64 {
    let mut bytes = [0u8; 4];
    // Without the system's randomness everybody waits half as long, which is a wait all the same.
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

/// What an answer says about trying again, read by whoever can read envelopes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerHint {
    /// The envelope's code.
    pub code: Option<String>,
    /// Whether the profile advises backoff for that code.
    pub is_temporary: bool,
    /// Whether the profile says of that code that a window of calls is used up.
    pub is_rate_limit: bool,
    /// How long the answer asks to wait.
    pub retry_after: Option<Duration>,
    /// What the answer itself says of trying again, as Stripe's does.
    pub should_retry: Option<bool>,
    /// The id that support can find the call by.
    pub request_id: Option<String>,
}

/// What trying again would mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// It can be sent again at once.
    SafeNow,
    /// It can be sent again after this time.
    SafeAfter(Duration),
    /// It may be done twice.
    MayDuplicate,
    /// The same request gets the same answer.
    Pointless,
}

impl Verdict {
    /// A stable word. Shape: `safe_after`.
    pub fn word(self) -> &'static str {
        match self {
            Self::SafeNow => "safe_now",
            Self::SafeAfter(_) => "safe_after",
            Self::MayDuplicate => "may_duplicate",
            Self::Pointless => "pointless",
        }
    }
}

/// Seconds without needless decimals. Shape: `12`, `0.5`.
pub(crate) fn seconds(duration: Duration) -> String {
    let tenths = (duration.as_secs_f64() * 10.0).ceil() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0}") } else { format!("{tenths:.1}") }
}

/// Advice on trying again.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryAdvice {
    /// What it would mean.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
    /// How long the server asked to wait.
    pub asked: Option<Duration>,
    /// Whether it is of the kind that is tried again by itself, where that is allowed.
    pub is_retryable: bool,
    /// Whether it is tried again by itself only after the person says so.
    pub needs_consent: bool,
}

impl RetryAdvice {
    /// The advice as it is kept and shown.
    pub fn kept(&self) -> Advice {
        let after_s = match self.verdict {
            Verdict::SafeAfter(wait) => Some(wait.as_secs_f64()),
            _ => None,
        };
        Advice {
            verdict: self.verdict.word().to_owned(),
            after_s,
            why: self.why.clone(),
            is_temporary: self.is_retryable,
            needs_consent: self.needs_consent,
        }
    }
}

/// Header names by which a server knows a repeated request. Source: protocols of Stripe, Checkout.com and Worldline.
const IDEMPOTENCY_KEYS: [&str; 4] =
    ["idempotency-key", "x-idempotency-key", "cko-idempotency-key", "x-gcs-idempotence-key"];

/// What counts of a request here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrySubject {
    /// The method.
    pub method: Method,
    /// Whether it bears an idempotency key.
    pub has_idempotency_key: bool,
    /// Whether it goes in clear, so that a proxy is given all of it and may pass it on before it fails.
    pub is_plain: bool,
}

impl RetrySubject {
    /// What counts of that request.
    pub fn of(request: &PreparedRequest) -> Self {
        let has_idempotency_key = request.headers.iter().any(|(name, value)| {
            IDEMPOTENCY_KEYS.contains(&name.as_str()) && !value.as_bytes().trim_ascii().is_empty()
        });
        let is_plain = request.url.scheme() == "http";
        Self { method: request.method.clone(), has_idempotency_key, is_plain }
    }

    /// Whether doing it twice is the same as doing it once. Source: RFC 9110 §9.2.2.
    pub(super) fn is_repeatable(&self) -> bool {
        self.has_idempotency_key
            || matches!(
                self.method,
                Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE | Method::PUT | Method::DELETE
            )
    }
}

/// What trying again would mean after this try. None where the answer is no failure.
pub fn advise(
    subject: &RetrySubject,
    status: Option<u16>,
    error: Option<&TransportError>,
    hint: &AnswerHint,
) -> Option<RetryAdvice> {
    let advice = |verdict: Verdict, why: &str, is_retryable: bool| {
        Some(RetryAdvice {
            verdict,
            why: why.to_owned(),
            asked: hint.retry_after,
            is_retryable,
            needs_consent: !subject.is_repeatable(),
        })
    };
    let repeatable = |why_not: &str, is_retryable: bool| {
        if subject.has_idempotency_key {
            let why = "the idempotency key tells the server that it is the same request";
            return advice(soon(hint), why, is_retryable);
        }
        if subject.is_repeatable() {
            let why = format!("{} changes nothing more when it is done twice", subject.method);
            return advice(soon(hint), &why, is_retryable);
        }
        advice(Verdict::MayDuplicate, why_not, is_retryable)
    };
    if let Some(error) = error {
        return match (error.layer, error.kind.as_str()) {
            (Layer::Policy, "cancelled") => {
                repeatable("the server may have acted on the request that was cancelled", false)
            }
            (Layer::Policy, _) => {
                advice(Verdict::Pointless, "this program refuses it until something is changed", false)
            }
            (Layer::Dns | Layer::Tcp, _) => advice(Verdict::SafeNow, "nothing of the request reached the server", true),
            (Layer::Proxy, "auth_required" | "not_allowed") => {
                advice(Verdict::Pointless, "the proxy refuses it until something is changed", false)
            }
            (
                Layer::Proxy,
                "expired" | "not_yet_valid" | "wrong_name" | "untrusted" | "revoked" | "not_tls" | "version"
                | "client_certificate" | "no_roots",
            ) => advice(Verdict::Pointless, "the handshake with the proxy fails in the same way each time", false),
            (Layer::Proxy, "closed" | "reset" | "timeout" | "malformed") if subject.is_plain => {
                repeatable("the proxy may have passed it on before it failed", true)
            }
            (Layer::Proxy, _) => advice(Verdict::SafeNow, "nothing of the request reached the server", true),
            (Layer::Tls, "closed" | "reset" | "timeout") => {
                advice(Verdict::SafeNow, "nothing of the request reached the server", true)
            }
            (Layer::Tls, _) => advice(Verdict::Pointless, "the handshake fails in the same way each time", false),
            (Layer::Http, "redirect_loop" | "malformed" | "too_large") => {
                advice(Verdict::Pointless, "the same request gets the same answer", false)
            }
            (Layer::Http, "refused_stream") => {
                advice(Verdict::SafeNow, "the server says that it did not look at the request", true)
            }
            (Layer::Http, _) => repeatable("the server may have acted on it before the connection broke", true),
            (Layer::Body, "too_large" | "bad_encoding" | "disk") => {
                advice(Verdict::Pointless, "the same request gets the same answer", false)
            }
            (Layer::Body, _) => repeatable("the server has acted on it: it was answering", true),
        };
    }
    let status = status?;
    if hint.should_retry == Some(false) {
        return advice(Verdict::Pointless, "the server says that trying again will not help", false);
    }
    if status == 429 || hint.is_rate_limit {
        return advice(soon(hint), "the server counted the call and did not do it", true);
    }
    if matches!(status, 502..=504) || hint.is_temporary || hint.should_retry == Some(true) {
        let why = match status {
            504 => "the gateway gave up waiting, and the server may have acted on it",
            _ => "the server may have acted on it before it failed",
        };
        return repeatable(why, true);
    }
    // A refusal that names a time is one of the rate limit, whatever its status.
    if matches!(status, 403 | 409 | 423 | 425) && hint.retry_after.is_some() {
        return repeatable("the server asks to wait, but does not say that it did nothing", true);
    }
    match status {
        408 | 425 => repeatable("the server may have acted on it", true),
        500 | 505..=599 => repeatable("the server failed while it acted on it", false),
        400..=599 => advice(Verdict::Pointless, "the same request gets the same answer", false),
        _ => None,
    }
}

fn soon(hint: &AnswerHint) -> Verdict {
    match hint.retry_after {
        Some(wait) if !wait.is_zero() => Verdict::SafeAfter(wait),
        _ => Verdict::SafeNow,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn subject(method: Method, has_idempotency_key: bool) -> RetrySubject {
        RetrySubject { method, has_idempotency_key, is_plain: false }
    }

    fn error(layer: Layer, kind: &str) -> TransportError {
        TransportError {
            layer,
            kind: kind.into(),
            summary: String::new(),
            seen: String::new(),
            meaning: String::new(),
            fix: String::new(),
        }
    }

    fn of_status(method: Method, key: bool, status: u16, hint: &AnswerHint) -> RetryAdvice {
        advise(&subject(method, key), Some(status), None, hint).unwrap()
    }

    #[test]
    fn a_post_without_a_key_may_be_done_twice_and_needs_consent() {
        let none = AnswerHint::default();
        let post = of_status(Method::POST, false, 503, &none);
        assert_eq!((post.verdict, post.is_retryable, post.needs_consent), (Verdict::MayDuplicate, true, true));
        let keyed = of_status(Method::POST, true, 503, &none);
        assert_eq!((keyed.verdict, keyed.is_retryable, keyed.needs_consent), (Verdict::SafeNow, true, false));
        assert!(keyed.why.contains("idempotency key"));
        assert!(!of_status(Method::PUT, false, 502, &none).needs_consent);
        assert!(of_status(Method::PATCH, false, 502, &none).needs_consent);
    }

    #[test]
    fn what_the_server_asks_for_is_the_verdict() {
        let hint = AnswerHint { retry_after: Some(Duration::from_secs(12)), ..AnswerHint::default() };
        let advice = of_status(Method::GET, false, 429, &hint);
        assert_eq!(advice.verdict, Verdict::SafeAfter(Duration::from_secs(12)));
        assert_eq!(advice.kept().words(), "safe after 12 s");
        // A rate limit is told before anything is done, so that even a POST is not done twice.
        assert_eq!(of_status(Method::POST, false, 429, &hint).verdict.word(), "safe_after");
        let no = AnswerHint { should_retry: Some(false), ..hint };
        assert_eq!(of_status(Method::GET, false, 503, &no).verdict, Verdict::Pointless);
    }

    #[test]
    fn faults_of_the_request_are_pointless_to_repeat() {
        for status in [400, 401, 403, 404, 409, 422] {
            let advice = of_status(Method::GET, false, status, &AnswerHint::default());
            assert_eq!((advice.verdict, advice.is_retryable), (Verdict::Pointless, false), "{status}");
        }
        let temporary = AnswerHint { is_temporary: true, ..AnswerHint::default() };
        assert!(of_status(Method::GET, false, 400, &temporary).is_retryable, "the profile knows better");
        let asks = AnswerHint { retry_after: Some(Duration::from_secs(1)), ..AnswerHint::default() };
        assert_eq!(of_status(Method::GET, false, 403, &asks).verdict, Verdict::SafeAfter(Duration::from_secs(1)));
        assert_eq!(advise(&subject(Method::GET, false), Some(200), None, &AnswerHint::default()), None);
    }

    #[test]
    fn a_failure_on_the_way_is_judged_by_how_far_it_came() {
        let of = |layer, kind| {
            advise(&subject(Method::POST, false), None, Some(&error(layer, kind)), &AnswerHint::default()).unwrap()
        };
        assert_eq!(of(Layer::Tcp, "refused").verdict, Verdict::SafeNow);
        assert!(of(Layer::Tcp, "refused").needs_consent, "a POST is never repeated unasked");
        assert_eq!(of(Layer::Http, "reset").verdict, Verdict::MayDuplicate);
        assert_eq!(of(Layer::Tls, "expired").verdict, Verdict::Pointless);
        assert_eq!(of(Layer::Policy, "not_allowed").verdict, Verdict::Pointless);
        assert!(!of(Layer::Policy, "cancelled").is_retryable);
        assert_eq!(of(Layer::Proxy, "closed").verdict, Verdict::SafeNow, "the tunnel was not there yet");
        assert_eq!(of(Layer::Proxy, "expired").verdict, Verdict::Pointless);
        let plain = RetrySubject { is_plain: true, ..subject(Method::POST, false) };
        let closed = advise(&plain, None, Some(&error(Layer::Proxy, "closed")), &AnswerHint::default()).unwrap();
        assert_eq!(closed.verdict, Verdict::MayDuplicate);
        let refused = advise(&plain, None, Some(&error(Layer::Proxy, "refused")), &AnswerHint::default()).unwrap();
        assert_eq!(refused.verdict, Verdict::SafeNow);
    }

    #[test]
    fn waits_grow_to_the_cap_and_never_cut_the_servers_time_short() {
        let policy = RetryPolicy::times(9);
        let ceilings: Vec<u128> = (1..=9).map(|retry| policy.ceiling(retry).as_millis()).collect();
        assert_eq!(ceilings, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(policy.ceiling(u32::MAX), policy.cap);
        assert_eq!(policy.wait(3, None, 0.0), Duration::ZERO);
        assert_eq!(policy.wait(3, None, 1.0), Duration::from_secs(2));
        let asked = Duration::from_secs(12);
        assert_eq!(policy.wait(1, Some(asked), 0.0), asked);
        assert!(policy.wait(1, Some(asked), 1.0) > asked);
        assert_eq!(policy.wait(4, Some(Duration::ZERO), 1.0), Duration::from_secs(4), "0 is no way around backoff");
        assert!((0..100).all(|_| (0.0..=1.0).contains(&random())));
    }

    #[test]
    fn seconds_are_rounded_up() {
        let shown = |ms| seconds(Duration::from_millis(ms));
        assert_eq!((shown(12_000).as_str(), shown(450).as_str(), shown(11_960).as_str()), ("12", "0.5", "12"));
    }
}
