//! The request as it goes out: resolved, checked, with its credential.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};
use url::Url;

use crate::secret::Secret;

/// A request that is ready to be sent.
///
/// *Secrets*: yes; header values made from a secret are marked sensitive, and every secret that went in is in `secrets`.
#[derive(Clone, Debug)]
pub struct PreparedRequest {
    /// The method.
    pub method: Method,
    /// The address with all variables filled in.
    pub url: Url,
    /// The address as the draft has it, `{{base}}/v1/posts`, so that it can be sent again to another port.
    pub url_template: String,
    /// Headers in the order they are sent, without those that HTTP itself adds.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Headers beside the credential's that belong to this origin and go to no other, as the workspace's does.
    pub origin_headers: Vec<HeaderName>,
    /// The payload's bytes; empty for none.
    pub body: Arc<[u8]>,
    /// The environment's name.
    pub environment: String,
    /// The profile's name that owns the environment, or `generic` for another origin.
    pub profile: String,
    /// The credential's name, if one was used.
    pub credential: Option<String>,
    /// Every secret value that is in the request, for redaction by exact value.
    pub secrets: Vec<Secret>,
}

impl PreparedRequest {
    /// The first header of that name, if its value is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.as_str() == name).and_then(|(_, value)| value.to_str().ok())
    }
}
