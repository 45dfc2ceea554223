//! One request to one address and what came of it: the answer, or the layer at which it failed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderValue, Method, StatusCode, Version};
use hyper_util::client::legacy::connect::HttpInfo;
use tokio::time::timeout;

use super::Progress;
use super::cancel::CancelSignal;
use super::client::{Ends, Handshake, Transport};
use super::clock::{Clock, Marks, timed};
use super::coding::Codings;
use super::failure::{self, Seen};
use super::head;
use super::log::Log;
use super::proxy::{self, ProxyTarget};
use super::receive::{Receiver, SPILL_ABOVE_BYTES};
use super::redirect::{self, Next};
use super::retry::RetrySubject;
use super::settings::SendOptions;
use super::tls::Trust;
use super::upload::Sent;
use crate::exchange::{Connection, PreparedRequest, ProxyFacts, Response, Timing, TlsFacts, TransportError};
use crate::secret::Secret;

/// How much of a spilled body is read to explain it, in bytes.
const SAMPLE_BYTES: usize = 1 << 20;

/// What one request brought.
#[derive(Default)]
pub(super) struct Reached {
    pub response: Option<Response>,
    pub error: Option<TransportError>,
    pub timing: Timing,
    pub connection: Option<Connection>,
    /// What the proxy was told of the caller, for redaction.
    pub secrets: Vec<Secret>,
}

/// What a request is sent with.
pub(super) struct Sending<'a> {
    pub options: &'a SendOptions,
    /// The exchange's name, by which a kept connection's handshake is told.
    pub exchange: &'a str,
    /// Whether the address is the one that was asked for, rather than one that a redirect led to.
    pub is_home: bool,
    /// Whether it goes out on a connection of its own: a server that redirects a payload need not have read it, and ends
    /// the connection then.
    pub is_fresh: bool,
    /// Whether another try follows where the answer says that it may help.
    pub may_retry: bool,
    pub cookies: Option<HeaderValue>,
    /// When the try began.
    pub start: Instant,
}

impl Sending<'_> {
    /// How much of the try's time is left.
    fn left(&self) -> Duration {
        self.options.limits.total.saturating_sub(self.start.elapsed())
    }

    /// What holds for this address alone: a redirect leads to where it holds no more.
    fn trust(&self, request: &PreparedRequest, proxy: Option<&ProxyTarget>) -> Trust {
        let route = &self.options.route;
        // Where it is not encrypted, whoever makes a handshake is the proxy.
        let is_its = self.is_home && request.url.scheme() == "https";
        let is_unverified = is_its && route.is_unverified;
        let has_identity = is_its && route.client_certificate.is_some();
        if !is_unverified && !has_identity {
            return Trust::default();
        }
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let handshake = if proxy.is_some_and(|proxy| proxy.url.scheme() == "https") { 2 } else { 1 };
        Trust { host, is_unverified, has_identity, handshake }
    }
}

impl Transport {
    /// Sends one request and receives its answer, redirects and all as they come.
    pub(super) async fn reach(
        &self,
        request: &PreparedRequest,
        sending: Sending<'_>,
        cancel: &mut CancelSignal,
        log: &mut Log,
        progress: &mut impl FnMut(Progress),
    ) -> Reached {
        let options = sending.options;
        let hop_start = Instant::now();
        let failed = |error| Reached { error: Some(error), ..Reached::default() };
        let (target, facts) = match proxy::choose(&options.route.proxy, &options.secrets, &request.url) {
            Ok(chosen) => chosen,
            Err(problem) => return failed(failure::proxy_problem(&problem)),
        };
        let secrets: Vec<Secret> =
            target.iter().filter_map(|target| target.auth.as_ref()).flat_map(proxy::spellings).collect();
        let trust = sending.trust(request, target.as_ref());
        // Certificate files may lie on a disk that does not answer.
        let made = tokio::select! {
            biased;
            () = cancel.raised() => return failed(failure::cancelled(0)),
            made = timeout(sending.left(), self.client_for(options, &trust, target.as_ref(), sending.is_fresh)) => made,
        };
        let client = match made {
            Ok(Ok(client)) => client,
            Ok(Err(problem)) => return failed(failure::setup(&problem)),
            Err(_) => {
                let marks = Marks::default();
                return failed(failure::no_head_in_time(&seen(request, options, &marks, target.as_ref(), false)));
            }
        };
        tell_proxy(log, &facts, options, request);
        let (built, upload) = head::outgoing(request, sending.cookies.clone());
        let outgoing = built.headers().clone();
        let clock = Arc::new(Clock::default());
        let sent = Instant::now();
        let is_repeatable = RetrySubject::of(request).is_repeatable();
        let place = place_of(request, &facts);
        let asking = async {
            let (mut request, mut left, mut is_raced) = (built, 4u8, false);
            loop {
                let same = request.try_clone();
                match (client.execute(request).await, same) {
                    // It was kept, and the server ended it at that moment. What changes nothing more the second time
                    // goes out again, as every client does it.
                    (Err(error), Some(same))
                        if left > 0
                            && is_repeatable
                            && failure::ended_before_head(&error)
                            && (clock.marks().connect_start.is_none() || (!is_raced && self.has_answered(&place))) =>
                    {
                        // One that came free while another was being opened looks like that one, so that is told once.
                        is_raced = clock.marks().connect_start.is_some();
                        (request, left) = (same, left - 1);
                    }
                    // Nothing left this machine, and the next connection tells what is wrong.
                    (Err(error), Some(same)) if left > 0 && failure::was_never_sent(&error) => {
                        (request, left) = (same, left - 1);
                    }
                    (answered, _) => break answered,
                }
            }
        };
        let answered = tokio::select! {
            // A wish that came before is heard before anything is sent.
            biased;
            () = cancel.raised() => Err(failure::cancelled(0)),
            answered = head_of(timed(Arc::clone(&clock), asking), &upload, &sending) => {
                let marks = clock.marks();
                let seen = seen(request, options, &marks, target.as_ref(), trust.has_identity);
                match answered {
                    Ok(Ok(answered)) => Ok(answered),
                    Ok(Err(error)) => Err(failure::before_head(error, &seen)),
                    // The time for the head may be over while the connection is still being opened.
                    Err(waited) if marks.connect_start.is_some() && marks.connect_end.is_none() => {
                        Err(failure::not_connected_in_time(&seen, waited))
                    }
                    Err(waited) if !upload.is_through() => {
                        Err(failure::upload_stalled(&request.url, upload.taken(), upload.total, waited))
                    }
                    Err(_) => Err(failure::no_head_in_time(&seen)),
                }
            }
        };
        let mut marks = clock.marks();
        if answered.is_ok() {
            self.note_answer(place);
        }
        if answered.is_ok() && marks.connect_end.is_none() {
            // It was begun to open a connection, and then another one was free before that: it is a kept one.
            if marks.connect_start.is_some() {
                self.spare(place_of(request, &facts), sending.exchange, Arc::clone(&clock));
            }
            marks = Marks::default();
        }
        let headed = answered.is_ok().then(Instant::now);
        let timing = marks.timing(hop_start, sent, headed);
        tell_connection(log, &marks, request);
        if marks.connect_start.is_none() || marks.connect_end.is_some() {
            let at = marks.connect_end.unwrap_or(sent);
            log.add_at(at, format!("> {} {}", request.method, path_of(&request.url)));
            log.headers_at(at, '>', outgoing.iter());
            if !request.body.is_empty() {
                log.add_at(at, format!("> {} bytes of payload", request.body.len()));
            }
        }
        match answered {
            Err(error) => {
                let connection = Some(connection_of(&marks, facts, None, request));
                Reached { error: Some(error), timing, connection, response: None, secrets }
            }
            Ok(answered) => {
                let mut reached =
                    self.receive(request, &sending, answered, (marks, facts), cancel, log, progress).await;
                reached.secrets = secrets;
                reached.timing = Timing { download: headed.map(|headed| headed.elapsed()), ..timing };
                if let (Some(response), Some(target)) = (&reached.response, &target)
                    && reached.error.is_none()
                {
                    reached.error =
                        failure::answered_by_proxy(target, response.status, response.header("proxy-authenticate"));
                }
                reached
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    async fn receive(
        &self,
        request: &PreparedRequest,
        sending: &Sending<'_>,
        answered: reqwest::Response,
        (marks, facts): (Marks, ProxyFacts),
        cancel: &mut CancelSignal,
        log: &mut Log,
        progress: &mut impl FnMut(Progress),
    ) -> Reached {
        let (status, version) = (answered.status(), answered.version());
        let protocol = format!("{version:?}");
        let reason = answered.extensions().get::<hyper::ext::ReasonPhrase>().cloned();
        let ends = answered.extensions().get::<HttpInfo>().map(|info| (info.local_addr(), info.remote_addr()));
        let connection = self.connection(&marks, facts, ends, &protocol, (sending.exchange, request), log);
        let headers: Vec<(String, String)> = head::lines(answered.headers()).collect();
        log.add(format!("< {protocol} {status}"));
        log.headers('<', answered.headers().iter());
        let values = |name: &str| {
            let name = name.to_owned();
            headers.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
        };
        let codings = if has_no_body(&request.method, status) {
            Codings::default()
        } else {
            Codings::of(values("content-encoding"))
        };
        if let Some(unknown) = &codings.unknown {
            log.add(format!("the content coding {unknown} is not known here; the body is kept as it came"));
        }
        let is_chunked = version <= Version::HTTP_11 && values("transfer-encoding").next().is_some();
        let location = headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.as_str());
        let is_passed = sending.options.max_redirects > 0
            && matches!(redirect::next(request, status, location), Next::Follow { .. });
        let mut limits = sending.options.limits;
        if is_passed {
            // Nobody will see the body of a redirect that is followed.
            limits.body_cap_bytes = limits.body_cap_bytes.min(PASSED_BYTES);
            limits.total = limits.total.min(sending.start.elapsed() + PASSED_WITHIN);
        } else if sending.may_retry && matches!(status.as_u16(), 429 | 502..=504) {
            limits.body_cap_bytes = limits.body_cap_bytes.min(SPILL_ABOVE_BYTES as u64);
        }
        let receiver = Receiver {
            limits: &limits,
            start: sending.start,
            codings,
            expected: answered.content_length().filter(|_| !has_no_body(&request.method, status)),
            is_chunked,
            spill: self.spill.clone(),
        };
        let body = http::Response::<reqwest::Body>::from(answered).into_body();
        let received = receiver.run(body, cancel, log, progress).await;
        let (sample, problem) = match received.body.in_memory() {
            Some(bytes) => (bytes.clone(), None),
            None => {
                let body = received.body.clone();
                let read = tokio::task::spawn_blocking(move || body.head(SAMPLE_BYTES)).await;
                match read {
                    Ok(Ok(sample)) => (sample, None),
                    Ok(Err(problem)) => (bytes::Bytes::new(), Some(failure::not_kept(&problem, 0))),
                    Err(_) => (bytes::Bytes::new(), None),
                }
            }
        };
        let packed = match received.encodings.as_slice() {
            [] => String::new(),
            names => format!(", {} unpacked from {}", received.body.len_bytes(), names.join(", ")),
        };
        log.add(format!("< {} bytes of body{packed}", received.wire_bytes));
        for (name, value) in &received.trailers {
            log.add(format!("< trailer {name}: {value}"));
        }
        let response = Response {
            status: status.as_u16(),
            reason: reason.map(|reason| String::from_utf8_lossy(reason.as_bytes()).into_owned()),
            http_version: protocol,
            headers,
            body: received.body,
            sample,
            wire_bytes: received.wire_bytes,
            encodings: received.encodings,
            trailers: received.trailers,
            is_truncated: received.is_truncated,
        };
        Reached {
            response: Some(response),
            error: received.error.or(problem),
            timing: Timing::default(),
            connection: Some(connection),
            secrets: Vec::new(),
        }
    }

    /// What is known of the connection, own or kept.
    fn connection(
        &self,
        marks: &Marks,
        facts: ProxyFacts,
        ends: Option<Ends>,
        protocol: &str,
        (exchange, request): (&str, &PreparedRequest),
        log: &mut Log,
    ) -> Connection {
        let mut connection = connection_of(marks, facts, ends.map(|(_, remote)| remote.to_string()), request);
        connection.protocol = Some(protocol.to_owned());
        if !connection.is_kept {
            if let Some(ends) = ends {
                let made = connection.tls.clone().map(|tls| Handshake {
                    tls: TlsFacts { made_by: Some(exchange.to_owned()), ..tls },
                    addresses: connection.addresses.clone(),
                });
                self.remember(ends, made);
            }
            return connection;
        }
        // Plain http has none, whoever had the same ends before.
        let is_encrypted = request.url.scheme() == "https";
        let made = ends.filter(|_| is_encrypted).and_then(|ends| {
            self.handshake_of(ends).or_else(|| {
                let made = self.take_spare(&place_of(request, &connection.proxy))?;
                self.remember(ends, Some(made.clone()));
                Some(made)
            })
        });
        log.add(match (&connection.peer, made.as_ref().and_then(|made| made.tls.made_by.as_ref())) {
            (Some(peer), Some(by)) => format!("kept connection to {peer}; its handshake was made by exchange {by}"),
            (Some(peer), None) => format!("kept connection to {peer}"),
            (None, _) => "kept connection".to_owned(),
        });
        if let Some(made) = made {
            connection.tls = Some(made.tls);
            connection.addresses = made.addresses;
        }
        connection
    }
}

/// The way and the address of a request, which connections are kept by.
fn place_of(request: &PreparedRequest, proxy: &ProxyFacts) -> String {
    format!("{} {}", request.url.origin().ascii_serialization(), proxy.used.as_deref().unwrap_or_default())
}

fn seen<'a>(
    request: &'a PreparedRequest,
    options: &'a SendOptions,
    marks: &'a Marks,
    proxy: Option<&'a ProxyTarget>,
    has_identity: bool,
) -> Seen<'a> {
    Seen { url: &request.url, limits: &options.limits, marks, proxy, min_tls: options.route.min_tls, has_identity }
}

/// How many bytes of a passed-over body are read, so that its connection can be kept.
const PASSED_BYTES: u64 = 64 << 10;
/// How long such a body is read; one that trickles or stands still costs its connection.
const PASSED_WITHIN: Duration = Duration::from_millis(500);

/// The answer's head, or how long it was waited for in vain.
///
/// The time for the head begins when the payload is through; until then only a standstill counts.
async fn head_of<T>(work: impl Future<Output = T>, upload: &Sent, sending: &Sending<'_>) -> Result<T, Duration> {
    /// How often the counter is looked at.
    const TICK: Duration = Duration::from_millis(100);
    let mut work = std::pin::pin!(work);
    let limits = &sending.options.limits;
    let (mut since, mut taken) = (Instant::now(), 0);
    loop {
        if upload.taken() != taken {
            (taken, since) = (upload.taken(), Instant::now());
        }
        let is_uploading = taken > 0 && !upload.is_through();
        let phase = if is_uploading { limits.idle } else { limits.head_wait() };
        let phase_left = phase.saturating_sub(since.elapsed());
        let wait = phase_left.min(sending.left());
        if wait.is_zero() {
            // Ended by the try's own time, it was waited for as long as the try took.
            let is_phase = is_uploading || phase_left.is_zero();
            let waited = if is_phase { phase.min(limits.head_within()) } else { sending.start.elapsed() };
            return Err(waited);
        }
        let wait = if upload.is_through() { wait } else { wait.min(TICK) };
        if let Ok(done) = timeout(wait, &mut work).await {
            return Ok(done);
        }
    }
}

/// Which proxy is used and why, and what it makes of the person's own addresses for names.
fn tell_proxy(log: &mut Log, facts: &ProxyFacts, options: &SendOptions, request: &PreparedRequest) {
    log.add(match &facts.used {
        Some(used) => format!("proxy {used} ({})", facts.why),
        None => format!("no proxy: {}", facts.why),
    });
    let host = request.url.host_str().unwrap_or_default();
    let has_own_address = options.route.names.keys().any(|name| name.eq_ignore_ascii_case(host));
    if has_own_address && facts.used.as_ref().is_some_and(|used| !used.starts_with("socks5://")) {
        log.add(format!("the address given for {host} is not used: the proxy looks the name up"));
    }
}

/// Where a connection led that was opened and then failed, if that can have been only one place.
fn only_peer(marks: &Marks, proxy: &ProxyFacts, request: &PreparedRequest) -> Option<String> {
    // Through a proxy the addresses are the proxy's, and its port is told there.
    if proxy.used.is_some() || marks.tls_start.or(marks.connect_end).is_none() {
        return None;
    }
    let port = request.url.port_or_known_default()?;
    let address = match (marks.addresses.as_slice(), request.url.host()?) {
        ([only], _) => only.ip(),
        ([], url::Host::Ipv4(address)) => address.into(),
        ([], url::Host::Ipv6(address)) => address.into(),
        _ => return None,
    };
    Some(std::net::SocketAddr::new(address, port).to_string())
}

fn connection_of(marks: &Marks, proxy: ProxyFacts, peer: Option<String>, request: &PreparedRequest) -> Connection {
    let is_encrypted = request.url.scheme() == "https";
    let peer = peer.or_else(|| only_peer(marks, &proxy, request));
    Connection {
        peer,
        addresses: marks.address_texts(),
        protocol: None,
        is_kept: marks.connect_start.is_none(),
        // Plain http through a proxy that speaks TLS is plain http all the same.
        tls: marks.tls.clone().filter(|_| is_encrypted),
        proxy,
    }
}

/// The opening of the connection, event by event.
fn tell_connection(log: &mut Log, marks: &Marks, request: &PreparedRequest) {
    let host = marks.dns_name.as_deref().or(request.url.host_str()).unwrap_or("?");
    if let (Some(from), Some(to)) = (marks.dns_start, marks.dns_end) {
        log.add_at(from, format!("looking up {host}"));
        let all: Vec<String> = marks.addresses.iter().map(|address| address.ip().to_string()).take(8).collect();
        log.add_at(to, format!("{host} is {}", if all.is_empty() { "nowhere".to_owned() } else { all.join(", ") }));
    }
    if let Some(at) = marks.tls_start.or(marks.connect_end) {
        log.add_at(at, "connected");
    }
    let Some(tls) = &marks.tls else { return };
    if let Some(at) = marks.tls_start {
        log.add_at(at, format!("TLS handshake for {}", tls.server_name));
    }
    let at = marks.connect_end.unwrap_or_else(Instant::now);
    for certificate in &tls.certificates {
        let until = &certificate.not_after;
        log.add_at(at, format!("certificate {}, issued by {}, until {until}", certificate.subject, certificate.issuer));
    }
    if tls.wants_client_certificate {
        log.add_at(at, "the server asked for a client certificate");
    }
    if tls.is_unverified && !tls.is_trusted {
        log.add_at(at, "NOT VERIFIED: the certificate is not trusted and was accepted all the same");
    }
    if marks.connect_end.is_some() {
        log.add_at(at, format!("encrypted with {}", tls.version.as_deref().unwrap_or("TLS")));
    }
}

/// Whether an answer has no body whatever its head says. Source: RFC 9110 §6.4.1.
fn has_no_body(method: &Method, status: StatusCode) -> bool {
    *method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Path and query of an address, for the request line.
fn path_of(url: &url::Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}
