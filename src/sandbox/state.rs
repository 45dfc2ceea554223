//! What a running sandbox knows, and who may see it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

use super::failure::{Code, Failure};
use super::keys::{SandboxCredential, authenticate};
use super::limit::{Bucket, Reading};
use super::oauth::{Authority, Grants};
use super::seed::{WORKSPACES, stores};
use super::settings::{Clock, MAX_LATENCY, RateLimit, SandboxSettings};
use super::status::StatusOverride;
use super::store::Store;
use crate::secret::Secret;

/// Seconds that an outage tells clients to wait unless told otherwise.
const OUTAGE_RETRY_SECS: u64 = 5;

/// A running sandbox.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) seed: u64,
    /// Shape: `http://127.0.0.1:4010`.
    pub(super) base_url: String,
    pub(super) credentials: Vec<SandboxCredential>,
    pub(super) control_key: Secret,
    pub(super) oauth: Authority,
    inner: Mutex<Inner>,
}

/// The part that changes.
#[derive(Debug)]
pub(super) struct Inner {
    /// In the order of [`WORKSPACES`].
    pub(super) stores: [Store; 2],
    /// One for each credential and each OAuth client, in their order.
    pub(super) buckets: Vec<Bucket>,
    pub(super) service: Service,
    pub(super) limit: RateLimit,
    pub(super) latency: Duration,
    pub(super) status: StatusOverride,
    pub(super) oauth: Grants,
}

/// Whether the API answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) is_available: bool,
    /// Requests after which an outage ends by itself.
    pub(super) outage_requests: Option<u64>,
    /// Seconds in `Retry-After`.
    pub(super) retry_after_secs: u64,
}

impl Default for Service {
    fn default() -> Self {
        Self { is_available: true, outage_requests: None, retry_after_secs: OUTAGE_RETRY_SECS }
    }
}

impl Service {
    /// Refuses a request while there is an outage, and counts it.
    fn pass(&mut self) -> Result<(), Failure> {
        if self.is_available {
            return Ok(());
        }
        if let Some(left) = self.outage_requests {
            if left <= 1 {
                self.is_available = true;
                self.outage_requests = None;
            } else {
                self.outage_requests = Some(left - 1);
            }
        }
        let message = "service is temporarily unavailable, retry with exponential backoff";
        let mut failure = Failure::new(Code::ServiceUnavailable, message);
        failure.retry_after_secs = Some(self.retry_after_secs);
        Err(failure)
    }
}

/// Who makes a request.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// The place of the bucket that its requests are taken from.
    bucket: usize,
    /// The place of its one workspace.
    pub(super) workspace: usize,
    pub(super) workspace_name: &'static str,
    pub(super) scopes: Vec<String>,
    /// What it shows, in a word: `key` or `token`.
    pub(super) holds: &'static str,
}

impl Caller {
    /// A caller; none if there is no such workspace.
    pub(super) fn new(bucket: usize, workspace: usize, scopes: Vec<String>, holds: &'static str) -> Option<Self> {
        let workspace_name = WORKSPACES.get(workspace)?;
        Some(Self { bucket, workspace, workspace_name, scopes, holds })
    }
}

impl Shared {
    /// A sandbox with its first posts and full buckets.
    pub(super) fn new(
        settings: SandboxSettings,
        base_url: String,
        credentials: Vec<SandboxCredential>,
        control_key: Secret,
        oauth: Authority,
    ) -> Self {
        let SandboxSettings { clock, seed, limit, .. } = settings;
        let now = clock.now();
        let inner = Inner {
            stores: stores(seed, now),
            buckets: vec![Bucket::full(limit, now); credentials.len() + oauth.clients.len()],
            service: Service::default(),
            limit,
            latency: settings.latency.min(MAX_LATENCY),
            status: StatusOverride::default(),
            oauth: Grants::new(oauth.rules, now),
        };
        Self { clock, seed, base_url, credentials, control_key, oauth, inner: Mutex::new(inner) }
    }

    /// Full buckets for everybody.
    pub(super) fn full_buckets(&self, limit: RateLimit, now: Timestamp) -> Vec<Bucket> {
        vec![Bucket::full(limit, now); self.credentials.len() + self.oauth.clients.len()]
    }

    /// The changing part; never held across an `await`.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is whole before anything can panic, so the state of a poisoned lock is sound.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who makes a request, and what is left in the bucket of the key.
    ///
    /// The reading is `None` where no valid key was found, so that nothing was counted.
    pub(super) fn admit(&self, headers: &HeaderMap, now: Timestamp) -> (Result<Caller, Failure>, Option<Reading>) {
        if let Err(failure) = self.lock().service.pass() {
            return (Err(failure), None);
        }
        let caller = match authenticate(self, headers, now) {
            Ok(caller) => caller,
            Err(failure) => return (Err(failure), None),
        };
        match self.lock().buckets.get_mut(caller.bucket).map(|bucket| bucket.take(now)) {
            Some(reading) if reading.is_allowed => (Ok(caller), Some(reading)),
            Some(reading) => (Err(Failure::limited(reading)), Some(reading)),
            // Every credential and client has a bucket; a caller without one is as good as unknown.
            None => (Err(Failure::new(Code::Unauthorized, "token is not known")), None),
        }
    }

    /// Forgets every change and every OAuth token and begins anew with the first posts and full buckets.
    pub(super) fn reset(&self) {
        let now = self.clock.now();
        let mut inner = self.lock();
        inner.stores = stores(self.seed, now);
        inner.service = Service::default();
        inner.latency = Duration::ZERO;
        inner.status = StatusOverride::default();
        inner.oauth = Grants::new(self.oauth.rules, now);
        inner.buckets = self.full_buckets(inner.limit, now);
    }
}

impl Inner {
    /// The store of a workspace.
    pub(super) fn store(&mut self, workspace: usize) -> Result<&mut Store, Failure> {
        // The index comes from `WORKSPACES`, which has as many entries.
        self.stores.get_mut(workspace).ok_or_else(|| Failure::new(Code::NotFound, "workspace does not exist"))
    }
}
