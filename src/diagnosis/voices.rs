//! Where the voices that speak of one failure disagree: status line, headers, body.

use crate::envelope::ErrorEnvelope;

/// Seconds by which two waits may differ and still be the same.
const SAME_WAIT_S: f64 = 1.5;

/// Shapes that answer errors under a good status by their own rules, so that it contradicts nothing.
const IN_ANY_STATUS: [&str; 9] =
    ["graphql", "shopify", "buffer", "slack", "x", "zoho", "upload_post", "hubspot", "ayrshare"];

/// Every disagreement in one sentence each.
pub(super) fn disagreements(status: u16, envelope: &ErrorEnvelope, is_error: bool) -> Vec<String> {
    let mut found = Vec::new();
    // A status that is not known, as in a pasted body, says nothing.
    if is_error && (100..400).contains(&status) && !IN_ANY_STATUS.contains(&envelope.format.as_str()) {
        found.push(format!("The status {status} says that the call worked, the body tells of an error"));
    }
    if let Some(stated) = envelope.stated_status.filter(|stated| *stated != status && status >= 400) {
        found.push(format!("The answer's status is {status}, its body says {stated}"));
    }
    if let (Some(wait), Some(other)) = (envelope.retry_after_s, envelope.other_wait_s)
        && (wait - other).abs() > SAME_WAIT_S
    {
        found.push(format!("The header says to wait {wait} s, the body {other} s"));
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::envelope::{Answer, read};
    use crate::profile::generic;

    fn said(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<String> {
        let headers: Vec<(String, String)> = headers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let answer = Answer { status, headers: &headers, body: body.as_bytes() };
        let envelope = read(&answer, &generic(), jiff::Timestamp::UNIX_EPOCH);
        let is_error = status >= 400 || envelope.is_recognised;
        disagreements(status, &envelope, is_error)
    }

    #[test]
    fn status_and_body_are_compared() {
        let problem = r#"{"type":"about:blank","title":"No","status":422}"#;
        assert_eq!(said(400, &[], problem), ["The answer's status is 400, its body says 422"]);
        assert_eq!(said(422, &[], problem), [""; 0]);
        assert_eq!(said(200, &[], r#"{"ok":false,"error":"invalid_auth"}"#), [""; 0], "its own way");
        let failed = r#"{"success":false,"message":"No"}"#;
        assert_eq!(said(200, &[], failed), ["The status 200 says that the call worked, the body tells of an error"]);
        assert_eq!(said(0, &[], failed), [""; 0], "a status that is not known");
        assert_eq!(said(400, &[], r#"{"code":40001,"message":"m"}"#), [""; 0]);
        assert_eq!(said(200, &[], r#"{"status":404}"#), [""; 0]);
    }

    #[test]
    fn two_waits_are_compared() {
        let body = r#"{"message":"m","retry_after":30}"#;
        assert_eq!(said(429, &[("Retry-After", "5")], body), ["The header says to wait 5 s, the body 30 s"]);
        assert_eq!(said(429, &[("Retry-After", "30")], body), [""; 0]);
        assert_eq!(said(429, &[], body), [""; 0]);
    }
}
