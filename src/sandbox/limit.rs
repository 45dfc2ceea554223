//! A token bucket in whole numbers.

use std::time::Duration;

use jiff::Timestamp;

use super::settings::RateLimit;

/// How many requests are left, and since when.
///
/// The level is kept in request-nanoseconds (one request is `per` in nanoseconds), so that nothing is rounded away.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    level: u128,
    at: Timestamp,
}

/// What a bucket says after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Whether the request may pass.
    pub(super) is_allowed: bool,
    /// Requests that a full bucket holds.
    pub(super) limit: u32,
    /// Whole requests left.
    pub(super) remaining: u32,
    /// Seconds, rounded up, until the bucket is full again.
    pub(super) reset_secs: u64,
    /// Seconds, rounded up and at least 1, until one request may pass.
    pub(super) retry_secs: u64,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn full(limit: RateLimit, now: Timestamp) -> Self {
        Self { limit, level: capacity(limit), at: now }
    }

    /// Takes one request out, if one is in.
    pub(super) fn take(&mut self, now: Timestamp) -> Reading {
        self.refill(now);
        let one = self.limit.per.as_nanos();
        let is_allowed = self.level >= one;
        if is_allowed {
            self.level -= one;
        }
        let rate = u128::from(self.limit.requests);
        Reading {
            is_allowed,
            limit: self.limit.requests,
            remaining: u32::try_from(self.level / one.max(1)).unwrap_or(u32::MAX),
            reset_secs: whole_secs((capacity(self.limit) - self.level).div_ceil(rate.max(1))),
            retry_secs: whole_secs(one.saturating_sub(self.level).div_ceil(rate.max(1))).max(1),
        }
    }

    /// Adds what has dripped in since the last look; a clock that goes back adds nothing.
    fn refill(&mut self, now: Timestamp) {
        let elapsed = u128::try_from(now.as_nanosecond() - self.at.as_nanosecond()).unwrap_or(0);
        let dripped = elapsed.saturating_mul(self.limit.requests.into());
        self.level = self.level.saturating_add(dripped).min(capacity(self.limit));
        self.at = now;
    }
}

/// The level of a full bucket.
fn capacity(limit: RateLimit) -> u128 {
    limit.per.as_nanos().saturating_mul(limit.requests.into())
}

/// Nanoseconds as seconds, rounded up.
fn whole_secs(nanos: u128) -> u64 {
    u64::try_from(nanos.div_ceil(Duration::from_secs(1).as_nanos())).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn it_empties_and_drips_full_again() {
        let mut bucket = Bucket::full(RateLimit::new(3, 30).unwrap(), at(0));
        assert_eq!([(); 3].map(|()| bucket.take(at(0)).remaining), [2, 1, 0]);
        let refused = bucket.take(at(0));
        assert_eq!((refused.is_allowed, refused.retry_secs, refused.reset_secs), (false, 10, 30));
        assert!(!bucket.take(at(9_999)).is_allowed);
        assert!(bucket.take(at(10_000)).is_allowed);
        assert!(!bucket.take(at(10_001)).is_allowed);
        assert_eq!(bucket.take(at(1_000_000)).remaining, 2);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut bucket = Bucket::full(RateLimit::new(1, 10).unwrap(), at(0));
        assert!(bucket.take(at(0)).is_allowed);
        assert!(!bucket.take(at(-60_000)).is_allowed);
        assert!(!bucket.take(at(-55_000)).is_allowed);
        assert!(bucket.take(at(-50_000)).is_allowed);
    }
}
