//! One call as data: the draft a person edits, the request that was sent, what came back, and when.

mod advice;
mod binary;
mod body;
mod body_writer;
mod charset;
mod connection;
mod draft;
mod id;
mod prepared;
mod record;
mod record_redaction;
mod response;
mod timing;

pub use advice::Advice;
pub use binary::is_binary;
pub use body::{Body, CopyError};
pub use body_writer::BodyWriter;
pub use charset::{Charset, CharsetSource, Decoded, decode};
pub use connection::{CertificateFacts, Connection, ProxyFacts, Redirect, TlsFacts};
pub use draft::{CredentialChoice, HeaderLine, RequestDraft};
pub use id::{ExchangeId, ulid};
pub use prepared::PreparedRequest;
pub use record::{
    ExchangeRecord, MAX_KEPT_BODY_BYTES, RecordedAttempt, RecordedBody, RecordedRedirect, RecordedResponse,
    RecordedTiming,
};
pub use response::{Exchange, Response};
pub use timing::{Attempt, Layer, LogLine, Timing, TransportError};
