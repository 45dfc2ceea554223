//! Stripe: an `error` with a type that ends in `_error`, and members that no one else has.

use super::super::Stated;
use super::super::reading::{self, Reading};
use super::super::source::{Source, link};

/// Members of `error` that only Stripe has.
const OWN: [&str; 11] = [
    "doc_url",
    "decline_code",
    "request_log_url",
    "advice_code",
    "charge",
    "payment_intent",
    "payment_method",
    "payment_method_type",
    "setup_intent",
    "source",
    "network_decline_code",
];

/// Types that only Stripe has.
const TYPES: [&str; 3] = ["card_error", "idempotency_error", "api_error"];

/// Reads `{"error":{"type":"card_error","code":"…","decline_code":"…","message":"…","param":"card[number]"}}`.
pub(super) fn read(source: &Source<'_, '_, '_>) -> Option<Reading> {
    let error = &source.error;
    let kind = error.text("type").filter(|kind| kind.ends_with("_error"))?;
    // OpenAI writes all its members always, `null` where there is nothing to say.
    let is_openai = error.any("param").is_some_and(|node| node.is_null())
        || error.any("code").is_some_and(|node| node.is_null())
        || source.has_header_like("openai-");
    let param = error.text("param");
    let is_own = OWN.iter().any(|name| error.has(name))
        || TYPES.contains(&kind.as_str())
        || source.has_header("request-id")
        || source.has_header_like("stripe-")
        || source.has_header("idempotency-key")
        || param.as_ref().is_some_and(|param| param.ends_with(']') && !param.contains('.'))
        // OpenAI never leaves both out.
        || (!error.has("param") && !error.has("code"));
    if is_openai || !is_own || error.is_number("code") {
        return None;
    }
    let mut read = Reading::new("stripe");
    read.code = reading::code(source.answer.status, [error.text("decline_code"), error.text("code"), Some(kind)]);
    read.message = error.text("message");
    read.fields.add_some(param, read.message.clone(), Stated::Nowhere);
    read.doc_url = error.get("doc_url").and_then(link);
    Some(read)
}
