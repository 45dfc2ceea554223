//! One request to one address and what came of it: the answer, or the layer at which it failed.

use std::sync::Arc;
use std::time::Instant;

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
use super::receive::Receiver;
use super::settings::SendOptions;
use crate::exchange::{Connection, PreparedRequest, ProxyFacts, Response, Timing, TransportError};
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
    /// Whether certificates of this address are taken as they are.
    pub is_unverified: bool,
    pub cookies: Option<HeaderValue>,
    /// When the try began.
    pub start: Instant,
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
        let (target, facts) = match proxy::choose(&options.route.proxy, &options.secrets, &request.url) {
            Ok(chosen) => chosen,
            Err(problem) => {
                return Reached { error: Some(failure::proxy_problem(&problem)), ..Reached::default() };
            }
        };
        let secrets: Vec<Secret> =
            target.iter().filter_map(|target| target.auth.as_ref()).flat_map(proxy::spellings).collect();
        let client = match self.client_for(options, sending.is_unverified, target.as_ref()).await {
            Ok(client) => client,
            Err(problem) => return Reached { error: Some(failure::setup(&problem)), ..Reached::default() },
        };
        log.add(match &facts.used {
            Some(used) => format!("proxy {used} ({})", facts.why),
            None => format!("no proxy: {}", facts.why),
        });
        let built = head::outgoing(request, sending.cookies.clone());
        let outgoing = built.headers().clone();
        let clock = Arc::new(Clock::default());
        let sent = Instant::now();
        let asking = async {
            let (mut request, mut left) = (built, 4u8);
            loop {
                let same = request.try_clone();
                match (client.execute(request).await, same) {
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
            answered = timeout(options.limits.head_wait(), timed(Arc::clone(&clock), asking)) => {
                let marks = clock.marks();
                let seen = seen(request, options, &marks, target.as_ref());
                match answered {
                    Ok(Ok(answered)) => Ok(answered),
                    Ok(Err(error)) => Err(failure::before_head(error, &seen)),
                    // The time for the head may be over while the connection is still being opened.
                    Err(_) if marks.connect_start.is_some() && marks.connect_end.is_none() => {
                        Err(failure::not_connected_in_time(&seen, options.limits.head_within()))
                    }
                    Err(_) => Err(failure::no_head_in_time(&seen)),
                }
            }
        };
        let marks = clock.marks();
        let headed = answered.is_ok().then(Instant::now);
        let timing = marks.timing(sending.start, sent, headed);
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
                let connection = connection_of(&marks, facts, None);
                Reached { error: Some(error), timing, connection: Some(connection), response: None, secrets }
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
        let connection = self.connection(&marks, facts, ends, &protocol, sending.exchange, log);
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
        let receiver = Receiver {
            limits: &sending.options.limits,
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
            None => match received.body.head(SAMPLE_BYTES) {
                Ok(sample) => (sample, None),
                Err(problem) => (bytes::Bytes::new(), Some(failure::not_kept(&problem, 0))),
            },
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
        exchange: &str,
        log: &mut Log,
    ) -> Connection {
        let mut connection = connection_of(marks, facts, ends.map(|(_, remote)| remote.to_string()));
        connection.protocol = Some(protocol.to_owned());
        if !connection.is_kept {
            if let (Some(ends), Some(tls)) = (ends, &connection.tls) {
                let mut tls = tls.clone();
                tls.made_by = Some(exchange.to_owned());
                self.remember(ends, Handshake { tls, addresses: connection.addresses.clone() });
            }
            return connection;
        }
        let made = ends.and_then(|ends| self.handshake_of(ends));
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

fn seen<'a>(
    request: &'a PreparedRequest,
    options: &'a SendOptions,
    marks: &'a Marks,
    proxy: Option<&'a ProxyTarget>,
) -> Seen<'a> {
    Seen {
        url: &request.url,
        limits: &options.limits,
        marks,
        proxy,
        min_tls: options.route.min_tls,
        has_identity: options.route.client_certificate.is_some(),
    }
}

fn connection_of(marks: &Marks, proxy: ProxyFacts, peer: Option<String>) -> Connection {
    Connection {
        peer,
        addresses: marks.addresses.iter().map(|address| address.ip().to_string()).take(16).collect(),
        protocol: None,
        is_kept: marks.connect_start.is_none(),
        tls: marks.tls.clone(),
        proxy,
    }
}

/// The opening of the connection, event by event.
fn tell_connection(log: &mut Log, marks: &Marks, request: &PreparedRequest) {
    let host = request.url.host_str().unwrap_or("?");
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
