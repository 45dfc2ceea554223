//! Sends a prepared request over HTTP and explains why no answer came.

mod attempt;
mod cancel;
mod certificate;
mod client;
mod clock;
mod coding;
mod cookie_rules;
mod cookie_text;
mod cookies;
mod failure;
mod head;
mod identity;
mod log;
mod progress;
mod proxy;
mod receive;
mod redirect;
mod retry;
mod send;
mod settings;
mod tls;
mod upload;
mod wire;

pub use cancel::{CancelHandle, CancelSignal, cancel_pair};
pub use client::Transport;
pub use cookies::{CookieFacts, CookieJar, CookieOutcome};
use progress::Meter;
pub use progress::{Progress, size};
pub use proxy::check_proxy;
pub use receive::SPILL_ABOVE_BYTES;
pub use retry::{AnswerHint, RetryAdvice, RetryPolicy, RetrySubject, Verdict, advise};
pub use send::{Judge, no_hint};
pub use settings::{
    BODY_CAP_BYTES, ClientCertificate, HttpVersion, LONGEST, Limits, MAX_REDIRECTS, MOST_TIMES, MinTls, ProxyChoice,
    Route, RouteSecrets, SendOptions, own_addresses,
};
