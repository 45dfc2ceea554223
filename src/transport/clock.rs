//! What happens inside one try: reqwest's hooks write it down, and the try reads it afterwards.
//!
//! The hooks belong to a client and know nothing of requests; the task they run in does.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::exchange::{CertificateFacts, Timing, TlsFacts};

tokio::task_local! {
    static CLOCK: Arc<Clock>;
}

/// How many addresses of a name are told.
const MAX_ADDRESSES: usize = 16;

/// What one connection attempt wrote down.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    pub connect_start: Option<Instant>,
    /// The name that was looked up, which with a proxy is the proxy's.
    pub dns_name: Option<String>,
    pub dns_start: Option<Instant>,
    pub dns_end: Option<Instant>,
    pub addresses: Vec<SocketAddr>,
    pub tls_start: Option<Instant>,
    /// How many handshakes began: with a proxy that speaks TLS the first one is its.
    pub handshakes: u32,
    pub connect_end: Option<Instant>,
    pub tls: Option<TlsFacts>,
}

/// The clock of one try; shared between the task and the hooks.
#[derive(Debug, Default)]
pub(super) struct Clock(Mutex<Marks>);

impl Clock {
    pub(super) fn marks(&self) -> Marks {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn with(&self, act: impl FnOnce(&mut Marks)) {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Runs a future with a clock that the hooks find.
pub(super) async fn timed<T>(clock: Arc<Clock>, work: impl Future<Output = T>) -> T {
    CLOCK.scope(clock, work).await
}

/// Writes something down, where a try is listening; a connection that is opened for none is not ours to tell.
fn mark(act: impl FnOnce(&mut Marks)) {
    let _ = CLOCK.try_with(|clock| clock.with(act));
}

/// A TLS handshake begins; with a proxy that speaks TLS it is the second one that counts.
pub(super) fn mark_tls_start(server_name: String) {
    mark(|marks| {
        marks.tls_start = Some(Instant::now());
        marks.handshakes += 1;
        marks.tls = Some(TlsFacts { server_name, ..TlsFacts::default() });
    });
}

/// The server showed these certificates.
pub(super) fn mark_certificates(certificates: Vec<CertificateFacts>, is_trusted: bool, is_unverified: bool) {
    mark(|marks| {
        if let Some(tls) = &mut marks.tls {
            tls.certificates = certificates;
            tls.is_trusted = is_trusted;
            tls.is_unverified = is_unverified;
        }
    });
}

/// The handshake has come so far that its version is known.
pub(super) fn mark_tls_version(version: &str) {
    mark(|marks| {
        if let Some(tls) = &mut marks.tls {
            tls.version = Some(version.to_owned());
        }
    });
}

/// Whose handshake it is that is going on, and the how many of its connection.
pub(super) fn current_handshake() -> Option<(String, u32)> {
    let marks = CLOCK.try_with(|clock| clock.marks()).ok()?;
    Some((marks.tls?.server_name, marks.handshakes))
}

/// The server asked who is calling.
pub(super) fn mark_client_certificate_wanted() {
    mark(|marks| {
        if let Some(tls) = &mut marks.tls {
            tls.wants_client_certificate = true;
        }
    });
}

impl Marks {
    /// What the name stands for, as texts without a port; no more than anybody reads.
    pub(super) fn address_texts(&self) -> Vec<String> {
        self.addresses.iter().map(|address| address.ip().to_string()).take(MAX_ADDRESSES).collect()
    }

    /// The phases of a try that was handed over at `start` and whose head came after `head` (or not at all).
    pub(super) fn timing(&self, start: Instant, sent: Instant, head: Option<Instant>) -> Timing {
        let between = |from: Option<Instant>, to: Option<Instant>| {
            from.zip(to).map(|(from, to)| to.saturating_duration_since(from))
        };
        let first_act = self.connect_start.unwrap_or(sent);
        let is_open = self.connect_end.is_some();
        // Without TLS the connection's end is the end of the phase; with it the handshake's beginning is.
        let dialled = self.tls_start.or(self.connect_end);
        let dialling = self.dns_end.or(self.dns_start).or(self.connect_start);
        Timing {
            queue: Some(first_act.saturating_duration_since(start)),
            dns: between(self.dns_start, self.dns_end),
            connect: between(dialling, dialled),
            tls: between(self.tls_start, self.connect_end),
            first_byte: head.map(|head| {
                let ready = if is_open { self.connect_end.unwrap_or(sent) } else { sent };
                head.saturating_duration_since(ready)
            }),
            download: None,
            total: Duration::ZERO,
        }
    }
}

/// Looks names up, some of them in the person's own table first.
#[derive(Debug)]
pub(super) struct Resolver {
    pub names: std::collections::BTreeMap<String, Vec<std::net::IpAddr>>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_ascii_lowercase();
        let bare = host.trim_end_matches('.');
        let own = self.names.iter().find(|(name, _)| name.eq_ignore_ascii_case(bare)).map(|(_, own)| own.clone());
        Box::pin(async move {
            mark(|marks| {
                marks.dns_start = Some(Instant::now());
                marks.dns_name = Some(host.clone());
            });
            let found: Vec<SocketAddr> = match own {
                Some(own) => own.into_iter().map(|address| SocketAddr::new(address, 0)).collect(),
                None => tokio::net::lookup_host((host.as_str(), 0)).await?.collect(),
            };
            mark(|marks| {
                marks.dns_end = Some(Instant::now());
                marks.addresses.clone_from(&found);
            });
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Wraps the opening of a connection: name lookup, TCP, proxy and TLS together.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectClock;

/// The opening of a connection, clocked.
#[derive(Clone, Debug)]
pub(super) struct Clocked<S>(S);

impl<S> tower::Layer<S> for ConnectClock {
    type Service = Clocked<S>;

    fn layer(&self, inner: S) -> Clocked<S> {
        Clocked(inner)
    }
}

// The request's type cannot be named, so that any is taken.
impl<S, R> tower::Service<R> for Clocked<S>
where
    S: tower::Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let opening = self.0.call(request);
        let clock = CLOCK.try_with(Arc::clone);
        let opened = async move {
            mark(|marks| *marks = Marks { connect_start: Some(Instant::now()), ..Marks::default() });
            let opened = opening.await;
            if opened.is_ok() {
                mark(|marks| marks.connect_end = Some(Instant::now()));
            }
            opened
        };
        // A connection that nobody waits for any longer is opened to its end beside the request, on the same clock.
        match clock {
            Ok(clock) => Box::pin(CLOCK.scope(clock, opened)),
            Err(_) => Box::pin(opened),
        }
    }
}
