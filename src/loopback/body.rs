//! Reads a request body within its bound.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, Bytes};
use hyper::body::Body as _;

use super::policy::Refusal;

/// How much of a body that is too large is read and thrown away.
///
/// A client that is still sending when the connection closes sees a reset instead of the answer.
const DRAIN_BYTES: u64 = 16 * 1024 * 1024;

/// The whole body, or why there is none.
///
/// *Errors*: [`Refusal::BodyTooLarge`] above `limit_bytes`, [`Refusal::BodyBroken`] if it breaks off.
pub(super) async fn read(mut body: Body, limit_bytes: usize) -> Result<Bytes, Refusal> {
    let limit = limit_bytes as u64;
    let too_large = Refusal::BodyTooLarge { limit_bytes };
    if body.size_hint().lower() > DRAIN_BYTES {
        return Err(too_large);
    }
    let mut seen: u64 = 0;
    let mut whole = Vec::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| Refusal::BodyBroken)?.into_data() else { continue };
        seen = seen.saturating_add(data.len() as u64);
        if seen <= limit {
            whole.extend_from_slice(&data);
        } else if seen > DRAIN_BYTES {
            return Err(too_large);
        }
    }
    if seen > limit { Err(too_large) } else { Ok(Bytes::from(whole)) }
}
