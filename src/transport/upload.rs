//! The payload on its way out, counted, so that a slow upload is not taken for a slow server.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// How much is handed to the connection at a time, in bytes.
const PIECE_BYTES: usize = 64 << 10;

/// How much of a payload the connection has taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    taken: Arc<AtomicU64>,
    /// The whole payload, in bytes.
    pub total: u64,
}

impl Sent {
    /// How many bytes the connection has taken so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether all has been taken.
    pub(super) fn is_through(&self) -> bool {
        self.taken() >= self.total
    }
}

/// A payload that counts what is taken of it.
struct Counted {
    left: Bytes,
    sent: Sent,
}

/// The payload as reqwest takes it, and its counter.
pub(super) fn counted(payload: Arc<[u8]>) -> (reqwest::Body, Sent) {
    let left = Bytes::from_owner(payload);
    let sent = Sent { taken: Arc::default(), total: left.len() as u64 };
    (reqwest::Body::wrap(Counted { left, sent: sent.clone() }), sent)
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let count = self.left.len().min(PIECE_BYTES);
        let piece = self.left.split_to(count);
        self.sent.taken.fetch_add(count as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
