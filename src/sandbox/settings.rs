//! What a sandbox is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// The longest delay that can be asked for before each answer.
pub(super) const MAX_LATENCY: Duration = Duration::from_secs(60);

/// The longest life of an access token.
pub(super) const MAX_TOKEN_LIFETIME: Duration = Duration::from_secs(86_400);

/// What a sandbox is started with; [`Default`] is right for the window.
#[derive(Clone, Debug)]
pub struct SandboxSettings {
    /// Where it listens: a loopback address, port 0 for a free one.
    pub listen: SocketAddr,
    /// How many requests each key may make.
    pub limit: RateLimit,
    /// Delay before each answer of the API, at most a minute.
    pub latency: Duration,
    /// Which posts it starts with; the same number gives the same ids and slugs.
    pub seed: u64,
    /// How long an access token of the authorization server works: 1 second to a day.
    pub token_lifetime: Duration,
    /// The clock that dates, expiry and rate limits go by.
    pub clock: Clock,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            limit: RateLimit::default(),
            latency: Duration::ZERO,
            seed: 1,
            token_lifetime: Duration::from_secs(300),
            clock: Clock::system(),
        }
    }
}

/// A token bucket's size and the time in which it fills.
///
/// Shape: as text `100/60`, requests and seconds, both at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests that an untouched bucket holds.
    pub requests: u32,
    /// Time in which an empty bucket fills.
    pub per: Duration,
}

impl RateLimit {
    /// A limit, if both numbers are within bounds: 1 to 1,000,000,000 requests in 1 second to 1 day.
    pub fn new(requests: u32, per_secs: u32) -> Option<Self> {
        ((1..=1_000_000_000).contains(&requests) && (1..=86_400).contains(&per_secs))
            .then(|| Self { requests, per: Duration::from_secs(per_secs.into()) })
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { requests: 100, per: Duration::from_secs(60) }
    }
}

/// A text that is no rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate limit is REQUESTS/SECONDS, such as 100/60")]
pub struct NoRateLimit;

impl FromStr for RateLimit {
    type Err = NoRateLimit;

    fn from_str(text: &str) -> Result<Self, NoRateLimit> {
        let (requests, per_secs) = text.split_once('/').ok_or(NoRateLimit)?;
        let requests = requests.parse().map_err(|_| NoRateLimit)?;
        let per_secs = per_secs.parse().map_err(|_| NoRateLimit)?;
        Self::new(requests, per_secs).ok_or(NoRateLimit)
    }
}

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's own.
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// One that tests can move.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_from_text() {
        assert_eq!("100/60".parse(), Ok(RateLimit::default()));
        for wrong in ["", "100", "0/60", "100/0", "-1/60", "100/60/1", "1e3/60", "100/86401"] {
            assert_eq!(wrong.parse::<RateLimit>(), Err(NoRateLimit), "{wrong}");
        }
    }
}
