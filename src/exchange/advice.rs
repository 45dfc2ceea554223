//! What trying again would mean, as it is kept and shown.

use serde::{Deserialize, Serialize};

/// Advice on sending a request again.
///
/// *Secrets*: none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// `safe_now`, `safe_after`, `may_duplicate` or `pointless`.
    pub verdict: String,
    /// Seconds to wait, where the server asked for it.
    pub after_s: Option<f64>,
    /// Why, in one sentence.
    pub why: String,
    /// Whether it is of the kind that goes away by itself.
    pub is_temporary: bool,
    /// Whether it is tried again by itself only after the person says so.
    pub needs_consent: bool,
}

impl Advice {
    /// The verdict in words. Shape: `safe after 12 s`.
    pub fn words(&self) -> String {
        match (self.verdict.as_str(), self.after_s) {
            ("safe_now", _) => "safe now".into(),
            ("safe_after", Some(after)) => format!("safe after {} s", (after * 10.0).ceil() / 10.0),
            ("may_duplicate", _) => "may duplicate".into(),
            ("pointless", _) => "pointless".into(),
            (other, _) => other.replace('_', " "),
        }
    }
}
