//! Receives a body: piece by piece, unpacked, within its times and sizes, into memory or a spill file.

use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use super::cancel::CancelSignal;
use super::coding::{Codings, Layer, is_bomb};
use super::failure;
use super::log::Log;
use super::settings::Limits;
use super::wire::Wire;
use super::{Meter, Progress};
use crate::disk::{DiskError, SpillDir};
use crate::exchange::{Body, BodyWriter, TransportError};

/// What is larger than this goes to a spill file, in bytes.
pub const SPILL_ABOVE_BYTES: usize = 8 << 20;
/// From which size on an unpacked body is watched for growing too much, in bytes.
const BOMB_BYTES: u64 = 16 << 20;
/// How much is unpacked at a time, in bytes.
const PIECE_BYTES: usize = 64 << 10;
/// How much behind the end of packed data is read and passed over, in bytes.
const AFTER_END_BYTES: u64 = 1 << 20;

/// A body with everything that is known of its way here.
pub(super) struct Received {
    pub body: Body,
    pub wire_bytes: u64,
    pub encodings: Vec<String>,
    pub trailers: Vec<(String, String)>,
    pub is_truncated: bool,
    pub error: Option<TransportError>,
}

/// What a body is received with.
pub(super) struct Receiver<'a> {
    pub limits: &'a Limits,
    /// When the try began.
    pub start: Instant,
    pub codings: Codings,
    /// How many bytes the head announced.
    pub expected: Option<u64>,
    pub is_chunked: bool,
    pub spill: SpillDir,
}

/// Where the plain bytes come from.
enum Source {
    /// Not looked at yet: the label has to fit what comes first.
    Fresh,
    Plain,
    Packed(Box<dyn AsyncRead + Send + Unpin>),
}

/// How one piece ended.
enum Piece {
    Data(Bytes),
    End,
    Broke(reqwest::Error),
    Damaged(std::io::Error),
    Mislabelled,
}

struct Reader {
    wire: Wire,
    source: Source,
    codings: Codings,
    first: Vec<u8>,
    /// What passes between several codings, the outermost first.
    layers: Vec<Layer>,
    max_ratio: u64,
}

impl Reader {
    /// The next plain bytes. Nothing is lost when the wait for it is given up.
    async fn next(&mut self) -> Piece {
        if matches!(self.source, Source::Fresh) {
            if self.codings.known.is_empty() {
                self.source = Source::Plain;
            } else {
                let mut is_whole = false;
                while self.first.len() < self.codings.look_bytes() && !is_whole {
                    match self.wire.piece().await {
                        Ok(Some(piece)) => self.first.extend_from_slice(&piece),
                        Ok(None) => is_whole = true,
                        Err(_) => return self.broke(),
                    }
                }
                if self.first.is_empty() {
                    return Piece::End;
                }
                if !self.codings.may_begin(&self.first) || (is_whole && self.codings.is_short_text(&self.first)) {
                    return Piece::Mislabelled;
                }
                let (decoder, layers) = self.codings.decoder(&self.wire, &self.first, self.max_ratio);
                self.layers = layers;
                self.source = Source::Packed(decoder);
            }
        }
        match &mut self.source {
            Source::Packed(decoder) => {
                let mut piece = Vec::with_capacity(PIECE_BYTES);
                match decoder.read_buf(&mut piece).await {
                    Ok(0) => self.end().await,
                    Ok(_) => {
                        self.wire.forget_head();
                        Piece::Data(piece.into())
                    }
                    Err(error) => match self.wire.take_failure() {
                        Some(failure) => Piece::Broke(failure),
                        None => Piece::Damaged(error),
                    },
                }
            }
            Source::Plain | Source::Fresh => match self.wire.piece().await {
                Ok(Some(piece)) => Piece::Data(piece),
                Ok(None) => Piece::End,
                Err(_) => self.broke(),
            },
        }
    }

    /// The innermost coding has ended; those around it have to end well too.
    async fn end(&mut self) -> Piece {
        for layer in self.layers.iter_mut().rev() {
            if let Err(error) = layer.read_rest(AFTER_END_BYTES).await {
                return match self.wire.take_failure() {
                    Some(failure) => Piece::Broke(failure),
                    None => Piece::Damaged(error),
                };
            }
        }
        Piece::End
    }

    fn broke(&self) -> Piece {
        match self.wire.take_failure() {
            Some(failure) => Piece::Broke(failure),
            None => Piece::End,
        }
    }

    /// Goes on with the bytes as they come; returns those that came before, as they came.
    fn as_it_came(&mut self) -> Vec<u8> {
        let is_fresh = matches!(self.source, Source::Fresh);
        self.source = Source::Plain;
        if is_fresh { std::mem::take(&mut self.first) } else { self.wire.all_so_far().unwrap_or_default() }
    }
}

impl Receiver<'_> {
    /// Receives until the end, a fault, a limit or a wish to stop; what came is kept whatever happens.
    pub(super) async fn run(
        self,
        body: reqwest::Body,
        cancel: &mut CancelSignal,
        log: &mut Log,
        progress: &mut impl FnMut(Progress),
    ) -> Received {
        let wire = Wire::new(body, !self.codings.known.is_empty());
        let coding = self.codings.names().join(", ");
        let mut reader = Reader {
            wire: wire.clone(),
            source: Source::Fresh,
            codings: self.codings.clone(),
            first: Vec::new(),
            layers: Vec::new(),
            max_ratio: self.limits.max_ratio,
        };
        let mut sink = Some(BodyWriter::new(self.spill.clone(), SPILL_ABOVE_BYTES));
        let mut meter = Meter::new(self.expected);
        let mut error = None;
        let mut kept = 0u64;
        let mut is_cut = false;
        let mut is_packed = !self.codings.known.is_empty();
        loop {
            let left = self.limits.total.saturating_sub(self.start.elapsed());
            let before = wire.received();
            let idle = self.limits.idle.min(left);
            let piece = tokio::select! {
                biased;
                () = cancel.raised() => {
                    error = Some(failure::cancelled(wire.received()));
                    break;
                }
                piece = timeout(idle, reader.next()) => piece,
            };
            let data = match piece {
                // Packed data may come for long before something can be unpacked: that is no standstill.
                Err(_) if wire.received() > before && left > self.limits.idle => continue,
                Err(_) => {
                    let is_total = left <= self.limits.idle;
                    error = Some(failure::stalled(wire.received(), self.expected, self.limits, is_total));
                    break;
                }
                Ok(Piece::Data(data)) => data,
                Ok(Piece::End) => break,
                Ok(Piece::Broke(broke)) => {
                    let received = wire.received();
                    error = Some(failure::in_body(broke, received, self.expected, self.is_chunked));
                    break;
                }
                Ok(Piece::Mislabelled) => {
                    error = Some(failure::mislabelled(&coding, &reader.first));
                    is_packed = false;
                    reader.as_it_came().into()
                }
                // What follows a member of gzip and is none itself is passed over, as everybody does.
                Ok(Piece::Damaged(problem)) if kept > 0 && is_no_member(&problem) => {
                    log.add(format!("what stands behind the end of the {coding} data is passed over"));
                    break;
                }
                Ok(Piece::Damaged(problem)) => {
                    let (received, first) = (wire.received(), &reader.first);
                    let is_short = problem.kind() == std::io::ErrorKind::UnexpectedEof || wire.is_ended();
                    error = Some(match is_short {
                        _ if is_bomb(&problem) => failure::bomb(&coding, received, kept, self.limits.max_ratio),
                        _ if is_too_wide(&problem) => failure::too_wide(&coding),
                        true => failure::truncated_coding(&coding, received, kept),
                        false => {
                            let is_marked = self.codings.is_marked(first);
                            failure::not_decoded(&coding, received, kept, first, is_marked)
                        }
                    });
                    if kept > 0 || wire.all_so_far().is_none() {
                        break;
                    }
                    is_packed = false;
                    reader.as_it_came().into()
                }
            };
            let room = usize::try_from(self.limits.body_cap_bytes.saturating_sub(kept)).unwrap_or(usize::MAX);
            let is_over = data.len() > room;
            let data = if is_over { data.slice(..room) } else { data };
            kept += data.len() as u64;
            if let Err(problem) = push(&mut sink, data).await {
                error = Some(failure::not_kept(&problem, sink.as_ref().map_or(0, BodyWriter::len_bytes)));
                break;
            }
            if let Some(step) = meter.step(wire.received()) {
                progress(step);
            }
            if is_over {
                is_cut = true;
                log.add(format!("cut after {kept} bytes, the cap for a body"));
                break;
            }
            // A body that never lets us wait would otherwise outlive its time.
            if left.is_zero() {
                error = Some(failure::stalled(wire.received(), self.expected, self.limits, true));
                break;
            }
            if is_packed && kept > BOMB_BYTES && kept / wire.received().max(1) > self.limits.max_ratio {
                error = Some(failure::bomb(&coding, wire.received(), kept, self.limits.max_ratio));
                break;
            }
        }
        if kept == 0 && is_packed && error.is_some() {
            // Nothing could be unpacked yet, so the packed bytes are what came.
            is_packed = false;
            if let Err(problem) = push(&mut sink, reader.as_it_came().into()).await {
                error = Some(failure::not_kept(&problem, 0));
            }
        }
        let is_whole = error.is_none() && !is_cut;
        if is_whole && is_packed {
            let extra = self.pass_over(&wire, cancel).await;
            if extra > 0 {
                log.add(format!("passed over {extra} bytes behind the end of the {coding} data"));
            }
        }
        progress(meter.last(wire.received()));
        let body = match sink.take() {
            Some(writer) => {
                let (body, problem) = finished(writer).await;
                if let Some(problem) = problem {
                    error = Some(failure::not_kept(&problem, body.len_bytes()));
                }
                body
            }
            None => Body::empty(),
        };
        Received {
            body,
            wire_bytes: wire.received(),
            encodings: if is_packed { self.codings.names() } else { Vec::new() },
            trailers: wire.trailers(),
            is_truncated: !is_whole || error.is_some(),
            error,
        }
    }

    /// Reads what stands behind the end of packed data, so that trailers come and the connection can be kept.
    async fn pass_over(&self, wire: &Wire, cancel: &mut CancelSignal) -> u64 {
        let mut extra = 0u64;
        // One second in all: whoever trickles on does not hold an answer that is whole.
        let until = Instant::now() + self.limits.total.saturating_sub(self.start.elapsed()).min(Duration::from_secs(1));
        while extra < AFTER_END_BYTES {
            let left = until.saturating_duration_since(Instant::now());
            let piece = tokio::select! {
                biased;
                () = cancel.raised() => break,
                piece = timeout(left, wire.piece()) => piece,
            };
            match piece {
                Ok(Ok(Some(piece))) => extra += piece.len() as u64,
                _ => break,
            }
        }
        extra
    }
}

/// Hands a piece to the sink; writing to disk happens beside the worker.
async fn push(sink: &mut Option<BodyWriter>, data: Bytes) -> Result<(), DiskError> {
    let Some(writer) = sink.as_mut() else { return Ok(()) };
    if writer.len_bytes() + data.len() as u64 <= SPILL_ABOVE_BYTES as u64 {
        return writer.push(&data);
    }
    let Some(mut writer) = sink.take() else { return Ok(()) };
    let pushed = tokio::task::spawn_blocking(move || {
        let pushed = writer.push(&data);
        (writer, pushed)
    });
    match pushed.await {
        Ok((writer, pushed)) => {
            *sink = Some(writer);
            pushed
        }
        // The thread is gone with what it held.
        Err(_) => Err(DiskError::thread_gone()),
    }
}

/// Ends the writing beside the worker; what was written is kept also where the rest could not be.
async fn finished(writer: BodyWriter) -> (Body, Option<DiskError>) {
    if writer.is_in_memory() {
        return writer.finish();
    }
    let ended = tokio::task::spawn_blocking(move || writer.finish()).await;
    ended.unwrap_or_else(|_| (Body::empty(), Some(DiskError::thread_gone())))
}

/// Whether the decoder of gzip met something else where another member could begin. Its error has no kind of its own.
fn is_no_member(problem: &std::io::Error) -> bool {
    problem.to_string() == "Invalid gzip header"
}

/// Whether the decoder of zstd refused the window that is asked for. Its error has no kind of its own.
fn is_too_wide(problem: &std::io::Error) -> bool {
    problem.to_string().contains("too much memory")
}
