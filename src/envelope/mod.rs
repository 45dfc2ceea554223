//! Reads an error body into an error envelope.

mod body;
mod declared;
mod html;
mod model;
mod read;
mod request_id;
mod retry;
mod speaker;

pub use model::{Answer, AnsweredBy, BlamedField, ErrorEnvelope, RequestId};
pub use read::{UNKNOWN_FORMAT, read};
