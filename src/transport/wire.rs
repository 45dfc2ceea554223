//! The body as it comes over the wire: counted, with its trailers, as something a decoder can read from.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use http_body::Body as _;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

/// How much of the body's beginning is kept as it came until something of it is unpacked, should it turn out not to be
/// coded as it says. No decoder needs as much before it gives something.
const HEAD_BYTES: usize = 1 << 20;
/// How much a decoder is given at a time, in bytes.
const TURN_BYTES: usize = 8 << 10;
/// How many trailer lines are kept.
const MAX_TRAILERS: usize = 100;

/// The wire's side of a body, shared by whoever decodes it and whoever counts.
#[derive(Clone)]
pub(super) struct Wire(Arc<Mutex<Inner>>);

struct Inner {
    body: Pin<Box<reqwest::Body>>,
    received: u64,
    is_ended: bool,
    head: Option<Vec<u8>>,
    failure: Option<reqwest::Error>,
    trailers: Vec<(String, String)>,
}

impl Wire {
    /// The wire of an answer. With `keeps_head` its beginning can be had again as it came.
    pub(super) fn new(body: reqwest::Body, keeps_head: bool) -> Self {
        let head = keeps_head.then(Vec::new);
        Self(Arc::new(Mutex::new(Inner {
            body: Box::pin(body),
            received: 0,
            is_ended: false,
            head,
            failure: None,
            trailers: Vec::new(),
        })))
    }

    /// How many body bytes have come.
    pub(super) fn received(&self) -> u64 {
        self.lock().received
    }

    /// Whether nothing more comes: a decoder that asked for more then has met an end that is none of its own.
    pub(super) fn is_ended(&self) -> bool {
        self.lock().is_ended
    }

    /// All that has come so far, if it is not more than the head that is kept.
    pub(super) fn all_so_far(&self) -> Option<Vec<u8>> {
        let inner = self.lock();
        inner.head.as_ref().filter(|head| head.len() as u64 == inner.received).cloned()
    }

    /// Gives the head up, once something was unpacked of it.
    pub(super) fn forget_head(&self) {
        self.lock().head = None;
    }

    /// Why it broke off, if it did; told once.
    pub(super) fn take_failure(&self) -> Option<reqwest::Error> {
        self.lock().failure.take()
    }

    /// The trailers, once the body has ended.
    pub(super) fn trailers(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.lock().trailers)
    }

    /// The next piece; none at the end, an error where it broke off.
    pub(super) async fn piece(&self) -> io::Result<Option<Bytes>> {
        std::future::poll_fn(|context| self.poll_piece(context)).await.transpose()
    }

    fn poll_piece(&self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let mut inner = self.lock();
        loop {
            let frame = match ready!(inner.body.as_mut().poll_frame(context)) {
                None => {
                    inner.is_ended = true;
                    return Poll::Ready(None);
                }
                Some(Ok(frame)) => frame,
                Some(Err(error)) => {
                    inner.failure = Some(error);
                    return Poll::Ready(Some(Err(io::Error::other("the body broke off"))));
                }
            };
            match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                Ok(data) => {
                    inner.received += data.len() as u64;
                    // A piece is kept whole or not at all, so that the head is all that came or is known not to be.
                    if let Some(head) = inner.head.as_mut().filter(|head| head.len() < HEAD_BYTES) {
                        head.extend_from_slice(&data);
                    }
                    return Poll::Ready(Some(Ok(data)));
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        inner.trailers = super::head::lines(&trailers).take(MAX_TRAILERS).collect();
                    }
                }
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads from the wire piece by piece.
pub(super) struct WireReader {
    wire: Wire,
    current: Bytes,
}

impl WireReader {
    /// A reader that has the first pieces already.
    pub(super) fn new(wire: Wire, first: Bytes) -> Self {
        Self { wire, current: first }
    }
}

impl AsyncBufRead for WireReader {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        // A decoder goes on until it has something to give, and of some bytes that is never: times and wishes to stop
        // are heard in between.
        let turn = ready!(tokio::task::coop::poll_proceed(context));
        if this.current.is_empty()
            && let Some(piece) = ready!(this.wire.poll_piece(context)).transpose()?
        {
            this.current = piece;
        }
        turn.made_progress();
        Poll::Ready(Ok(this.current.get(..TURN_BYTES).unwrap_or(&this.current)))
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
        let count = count.min(self.current.len());
        self.current.advance(count);
    }
}

impl AsyncRead for WireReader {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let from = ready!(self.as_mut().poll_fill_buf(context))?;
        let count = from.len().min(into.remaining());
        into.put_slice(from.get(..count).unwrap_or_default());
        self.consume(count);
        Poll::Ready(Ok(()))
    }
}
