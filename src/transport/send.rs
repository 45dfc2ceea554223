//! One request out, one exchange back, whatever happens in between.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::time::timeout;

use super::cancel::CancelSignal;
use super::client::Transport;
use super::failure;
use super::log::Log;
use crate::exchange::{Attempt, Exchange, ExchangeId, PreparedRequest, Response, Timing, TransportError};

/// How long and how much a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Opening a connection, name lookup and TLS included.
    pub connect: Duration,
    /// From the start to the answer's head.
    pub first_byte: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// The whole exchange.
    pub total: Duration,
    /// How many bytes of a body are kept; what is longer is cut there and marked.
    pub body_cap_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(120),
            body_cap_bytes: 64 << 20,
        }
    }
}

impl Limits {
    /// How long opening a connection may really take: never longer than the answer's head.
    pub(super) fn connect_within(&self) -> Duration {
        self.connect.min(self.head_within())
    }

    fn head_within(&self) -> Duration {
        self.first_byte.min(self.total)
    }

    /// How long the head is waited for. Where opening a connection may take as long, that has to give up first:
    /// otherwise a host that cannot be reached would be said to be slow.
    fn head_wait(&self) -> Duration {
        let grace = if self.connect >= self.head_within() { Duration::from_millis(200) } else { Duration::ZERO };
        self.head_within().saturating_add(grace)
    }
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is on its way.
    Waiting,
    /// The body is arriving.
    Receiving {
        /// Bytes so far.
        received: u64,
        /// Bytes in all, if the answer said so.
        expected: Option<u64>,
    },
}

/// What one try brought.
struct Outcome {
    response: Option<Response>,
    error: Option<TransportError>,
    timing: Timing,
}

impl Transport {
    /// Sends a request and always comes back with an exchange: with the answer, with the reason why there is none,
    /// or with both where an answer broke off.
    ///
    /// *Errors*: never; they are in the exchange.
    pub async fn send(
        &self,
        id: ExchangeId,
        request: PreparedRequest,
        mut cancel: CancelSignal,
        mut progress: impl FnMut(Progress),
    ) -> Exchange {
        let started_at = Timestamp::now();
        let start = Instant::now();
        let mut log = Log::new(start);
        progress(Progress::Waiting);
        let mut outcome = self.attempt(&request, start, &mut cancel, &mut log, &mut progress).await;
        outcome.timing.total = start.elapsed();
        if let Some(error) = &outcome.error {
            log.add(format!("failed: {}", error.summary));
        }
        log.add("finished");
        let attempt = Attempt {
            n: 1,
            started_at,
            status: outcome.response.as_ref().map(|response| response.status),
            transport_error: outcome.error.clone(),
            timing: outcome.timing,
            waited: Duration::ZERO,
            why: None,
        };
        Exchange {
            id,
            started_at,
            request,
            response: outcome.response,
            transport_error: outcome.error,
            attempts: vec![attempt],
            timing: outcome.timing,
            log: log.into_lines(),
        }
    }

    async fn attempt(
        &self,
        request: &PreparedRequest,
        start: Instant,
        cancel: &mut CancelSignal,
        log: &mut Log,
        progress: &mut impl FnMut(Progress),
    ) -> Outcome {
        let mut outcome = Outcome { response: None, error: None, timing: Timing::default() };
        let client = match self.client_for(&request.url) {
            Ok(client) => client,
            Err(error) => {
                outcome.error = Some(failure::setup(&error));
                return outcome;
            }
        };
        let mut built = reqwest::Request::new(request.method.clone(), request.url.clone());
        for (name, value) in &request.headers {
            built.headers_mut().append(name.clone(), value.clone());
        }
        if !request.body.is_empty() {
            *built.body_mut() = Some(request.body.to_vec().into());
        }
        log.add(format!("> {} {}", request.method, path_of(&request.url)));
        log.headers('>', built.headers().iter());
        if !request.body.is_empty() {
            log.add(format!("> {} bytes of payload", request.body.len()));
        }

        let head = tokio::select! {
            // A wish that came before is heard before anything is sent.
            biased;
            () = cancel.raised() => {
                outcome.error = Some(failure::cancelled(0));
                return outcome;
            }
            head = timeout(self.limits.head_wait(), client.execute(built)) => head,
        };
        let mut head = match head {
            Ok(Ok(head)) => head,
            Ok(Err(error)) => {
                outcome.error = Some(failure::before_head(error, &request.url, &self.limits));
                return outcome;
            }
            Err(_) => {
                outcome.error = Some(failure::no_head_in_time(&request.url, self.limits.head_within()));
                return outcome;
            }
        };
        outcome.timing.first_byte = Some(start.elapsed());
        log.add(format!("< {:?} {}", head.version(), head.status()));
        log.headers('<', head.headers().iter());

        let expected = head.content_length();
        let body_start = Instant::now();
        let mut body: Vec<u8> = Vec::new();
        let mut received: u64 = 0;
        let mut is_truncated = false;
        loop {
            let left = self.limits.total.saturating_sub(start.elapsed());
            // A body that never lets us wait would otherwise outlive its time.
            if left.is_zero() {
                outcome.error = Some(failure::body_stalled(received, expected, true));
                break;
            }
            let chunk = tokio::select! {
                biased;
                () = cancel.raised() => {
                    outcome.error = Some(failure::cancelled(received));
                    break;
                }
                chunk = timeout(self.limits.idle.min(left), head.chunk()) => chunk,
            };
            match chunk {
                Ok(Ok(Some(chunk))) => {
                    received += chunk.len() as u64;
                    let room = self.limits.body_cap_bytes.saturating_sub(body.len());
                    body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                    progress(Progress::Receiving { received, expected });
                    if chunk.len() > room {
                        is_truncated = true;
                        log.add(format!("cut after {} bytes, the cap for a body", body.len()));
                        break;
                    }
                }
                Ok(Ok(None)) => break,
                Ok(Err(error)) => {
                    outcome.error = Some(failure::in_body(error, received, expected));
                    break;
                }
                Err(_) => {
                    outcome.error = Some(failure::body_stalled(received, expected, left <= self.limits.idle));
                    break;
                }
            }
        }
        outcome.timing.download = Some(body_start.elapsed());
        log.add(format!("< {received} bytes of body"));
        outcome.response = Some(Response {
            status: head.status().as_u16(),
            http_version: format!("{:?}", head.version()),
            headers: head
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            body: body.into(),
            wire_bytes: received,
            is_truncated: is_truncated || outcome.error.is_some(),
        });
        outcome
    }
}

/// Path and query of an address, for the request line.
fn path_of(url: &url::Url) -> &str {
    &url[url::Position::BeforePath..url::Position::AfterQuery]
}
