//! Requests and answers out of pasted and imported text, without sending, opening or resolving anything in it.
//!
//! Everything here is text from strangers: it is parsed, never run. What names a file, runs something or changes the
//! route becomes a [`NamedPart`] that a person has to confirm.

mod ansi_escape;
mod cmd_words;
mod curl;
mod curl_body;
mod curl_error;
mod curl_options;
mod curl_request;
mod har;
mod log_line;
mod log_members;
mod message;
mod model;
mod paste;
mod powershell;
mod powershell_words;
mod raw_http;
mod sh_words;
mod verbose;
mod words;

pub use curl::{CurlCommand, read_curl};
pub use curl_error::CurlError;
pub use har::{Har, HarEntry, HarError, MOST_ENTRIES, read_har};
pub use log_line::read_log_line;
pub use model::{ImportedAnswer, ImportedRequest, NamedPart, PartKind};
pub use paste::{PasteError, PasteKind, Pasted, read_paste};
pub use raw_http::{RawHttp, read_raw_http};
