//! An exchange in the stable JSON form of `altyaa send`, redacted.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::app::Answer;
use crate::exchange::{Charset, RecordedBody, decode, is_binary};
use crate::secret::Redactor;

/// How much of a body is printed, in bytes.
const BODY_BYTES: usize = 1 << 20;
/// How much more is redacted, so that a secret across the cut is still seen whole.
const MARGIN_BYTES: usize = 64 << 10;
/// How much of a body has to be at hand to be printed; one byte more tells that it goes on.
pub(super) const READ_BYTES: usize = BODY_BYTES + MARGIN_BYTES + 1;

/// What was sent, as the record no longer has it.
#[derive(Debug)]
pub(super) struct Sent {
    /// The address as typed.
    pub url: String,
    /// The headers as typed.
    pub headers: Vec<(String, String)>,
    /// The payload's bytes.
    pub body: Vec<u8>,
}

/// The whole object.
///
/// Almost all of it is the record, which was redacted when it was made. The record holds no bytes that are no text
/// and only the head of a long body; those are read again here, by the same gate.
pub(super) fn exchange_json(answer: &Answer, sent: &Sent, received: &[u8], gate: impl FnOnce() -> Redactor) -> Value {
    let record = answer.record.as_ref();
    let request_is_whole = is_whole(&record.request_body, &sent.body);
    let response_is_whole = record.response.as_ref().is_none_or(|response| is_whole(&response.body, received));
    // Spans refer to the record's text wherever it has one, cut or not.
    let request_is_printed_from_record = request_is_whole || record.request_body.is_cut;
    let is_record_enough = request_is_printed_from_record && response_is_whole;
    let mut redactor = if is_record_enough { None } else { Some(redactor(gate(), sent)) };
    let request_body = match &mut redactor {
        Some(redactor) if !request_is_printed_from_record => {
            Printed::of_bytes(&sent.body, content_type(&record.request_headers), redactor)
        }
        _ => Printed::of_record(&record.request_body),
    };
    let response_body = record.response.as_ref().map(|response| match &mut redactor {
        Some(redactor) if !response_is_whole => Printed::of_bytes(received, content_type(&response.headers), redactor),
        _ => Printed::of_record(&response.body),
    });
    object(answer, &request_body, response_body.as_ref())
}

/// The whole object of an exchange that is read from the history: bodies as far as they are kept.
pub(super) fn kept_json(answer: &Answer) -> Value {
    let record = answer.record.as_ref();
    let response_body = record.response.as_ref().map(|response| Printed::of_record(&response.body));
    object(answer, &Printed::of_record(&record.request_body), response_body.as_ref())
}

fn object(answer: &Answer, request_body: &Printed, response_body: Option<&Printed>) -> Value {
    let record = answer.record.as_ref();
    let response = record.response.as_ref().zip(response_body).map(|(response, body)| {
        json!({
            "status": response.status,
            "reason": response.reason,
            "http_version": response.http_version,
            "headers": response.headers,
            "trailers": response.trailers,
            "encodings": response.encodings,
            "body_bytes": response.body.len_bytes,
            "wire_bytes": response.wire_bytes,
            "body": body.text,
            "body_encoding": body.encoding,
            "truncated": response.is_truncated || body.is_cut,
        })
    });
    json!({
        "id": record.id,
        "request": {
            "method": record.method,
            "url": record.url,
            "headers": record.request_headers,
            "body": request_body.text,
            "body_bytes": record.request_body.len_bytes,
            "body_encoding": request_body.encoding,
            "truncated": request_body.is_cut,
        },
        "response": response,
        "timing": record.timing,
        "attempts": record.attempts,
        "redirects": record.redirects,
        "advice": record.advice,
        "rate_limits": answer.rate_limits,
        "log": record.log,
        "transport_error": record.transport_error,
        "diagnosis": record.diagnosis,
    })
}

/// Whether the record's text is all of a body.
fn is_whole(recorded: &RecordedBody, bytes: &[u8]) -> bool {
    !recorded.is_binary && !recorded.is_cut && std::str::from_utf8(bytes).is_ok()
}

/// A redactor that has met the names in the request.
fn redactor(mut redactor: Redactor, sent: &Sent) -> Redactor {
    for (name, value) in &sent.headers {
        redactor.header(name, value);
    }
    redactor.url(&sent.url);
    redactor.body_edits(&String::from_utf8_lossy(&sent.body), None);
    redactor
}

fn content_type(headers: &[(String, String)]) -> Option<&str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value.as_str())
}

/// A body as it is printed.
struct Printed {
    text: String,
    encoding: &'static str,
    is_cut: bool,
}

impl Printed {
    fn of_record(body: &RecordedBody) -> Self {
        Self { text: body.text.clone(), encoding: "utf-8", is_cut: body.is_cut }
    }

    fn of_bytes(bytes: &[u8], content_type: Option<&str>, redactor: &mut Redactor) -> Self {
        let head = bytes.get(..BODY_BYTES + MARGIN_BYTES).unwrap_or(bytes);
        if let Some(text) = text_of(head, bytes.len() > head.len()) {
            let mut text = redactor.body(text, content_type);
            let is_cut = text.len() > BODY_BYTES || bytes.len() > head.len();
            text.truncate(text.floor_char_boundary(BODY_BYTES));
            return Self { text, encoding: "utf-8", is_cut };
        }
        // Each byte as the character of its number, so that one pass sees all that is readable and every other byte
        // comes through unchanged.
        let before: String = head.iter().copied().map(char::from).collect();
        let text = redactor.body(&before, content_type);
        // Text of two bytes a character hides its secrets from whoever looks at bytes.
        if text == before && Charset::find(head, content_type).is_utf_16() && !is_binary(head, content_type) {
            let decoded = decode(head, content_type);
            let mut text = redactor.body(&decoded.text, content_type);
            // What is no clean text stays the bytes it was, unless a secret was readable in it.
            if !decoded.is_lossy || text != decoded.text {
                let is_cut = text.len() > BODY_BYTES || bytes.len() > head.len();
                text.truncate(text.floor_char_boundary(BODY_BYTES));
                return Self { text, encoding: "utf-8", is_cut };
            }
        }
        let mut clean = Vec::with_capacity(head.len());
        for c in text.chars() {
            match u8::try_from(u32::from(c)) {
                Ok(byte) => clean.push(byte),
                // A placeholder's own marks.
                Err(_) => clean.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        let is_cut = clean.len() > BODY_BYTES || bytes.len() > head.len();
        clean.truncate(BODY_BYTES);
        let text = base64::engine::general_purpose::STANDARD.encode(clean);
        Self { text, encoding: "base64", is_cut }
    }
}

/// The head of a body as text; a character that our own cut went through does not make it binary.
fn text_of(head: &[u8], is_cut: bool) -> Option<&str> {
    match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        Err(error) if is_cut && error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::secret::{Rules, Secret};

    fn printed(bytes: &[u8]) -> Printed {
        let known = vec![("key".to_owned(), Secret::new("known-canary-1a2b3c".to_owned()))];
        Printed::of_bytes(bytes, None, &mut Redactor::new(Rules::built_in(), known))
    }

    fn decoded(text: &str) -> Vec<u8> {
        base64::engine::general_purpose::STANDARD.decode(text).unwrap()
    }

    #[test]
    fn bytes_that_are_no_text_come_through_unchanged() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        let body = printed(&bytes);
        assert_eq!((body.encoding, body.is_cut, decoded(&body.text)), ("base64", false, bytes));
    }

    #[test]
    fn a_secret_among_bytes_is_removed() {
        let body =
            decoded(&printed(b"\xff\x00{\"password\":\"name-canary-9z8y7x\"}\xfe known-canary-1a2b3c \x80").text);
        assert!(!body.windows(6).any(|part| part == b"canary"), "{body:?}");
        assert!(body.starts_with(b"\xff\x00{\"password\":") && body.ends_with(b" \x80"), "{body:?}");
    }

    #[test]
    fn a_secret_in_utf_16_is_removed() {
        let text = "{\"password\":\"name-canary-9z8y7x\",\"a\":\"ü\"}";
        let bytes: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let body = printed(&bytes);
        assert!(body.encoding == "utf-8" && !body.text.contains("canary") && body.text.contains("ü"), "{}", body.text);
    }

    #[test]
    fn text_with_a_nul_is_text() {
        let body = printed(b"{\"a\":\"x\0y\"}");
        assert_eq!((body.encoding, body.text.as_str()), ("utf-8", "{\"a\":\"x\0y\"}"));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let body = printed("é".repeat(BODY_BYTES).as_bytes());
        assert_eq!((body.encoding, body.is_cut, body.text.len()), ("utf-8", true, BODY_BYTES));
        let body = printed(format!("x{}", "é".repeat(BODY_BYTES)).as_bytes());
        assert_eq!((body.encoding, body.is_cut, body.text.len()), ("utf-8", true, BODY_BYTES - 1));
    }
}
