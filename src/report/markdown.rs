//! The report as Markdown.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::error::ReportError;
use super::fence::{block, code};
use super::model::EscalationReport;
use crate::checklist::CheckState;
use crate::credentials::AllSecrets;
use crate::exchange::ExchangeRecord;
use crate::profile::Profile;
use crate::secret::{Redacted, Redactor, Rules};

/// How many lines of the payload stand above and below a blamed one.
const AROUND: usize = 12;
/// A payload of at most this many lines is shown whole.
const WHOLE: usize = 40;
/// The longest line of a payload or answer that is shown, in characters.
const LINE_CHARS: usize = 400;
/// How many log lines are shown, the last ones.
const LOG_LINES: usize = 40;
/// How many lines of the answer are shown.
const ANSWER_LINES: usize = 60;

/// A finished report.
#[derive(Clone, Debug)]
pub struct Made {
    /// The Markdown, scanned after it was rendered.
    pub text: Redacted<String>,
    /// How many values were removed from what it holds.
    pub removed: usize,
}

/// Makes the report of an exchange.
///
/// *Errors*: [`ReportError::Leak`] if the finished text still held a secret; nobody gets it then.
pub fn markdown(
    secrets: AllSecrets,
    record: &Redacted<ExchangeRecord>,
    own: &Profile,
    generic: &Profile,
    now: Timestamp,
) -> Result<Made, ReportError> {
    let mut unread: Vec<String> = secrets.unread.into_iter().map(|(name, _)| name).collect();
    if secrets.list_error.is_some() {
        unread.push("the list of credentials".into());
    }
    let report = EscalationReport::new(record, own, generic, unread, now);
    let mut redactor = Redactor::new(Rules::built_in(), secrets.secrets);
    // The record was redacted with what was known when it was sent; credentials added since are removed here.
    let rendered = redactor.redact(render(&report)).into_inner();
    let removed = placeholders(&rendered);
    let text = redactor.seal(rendered).map_err(ReportError::Leak)?;
    Ok(Made { text, removed })
}

/// How many placeholders a text holds.
fn placeholders(text: &str) -> usize {
    text.matches('‹').count().min(text.matches('›').count())
}

/// Renders a report. Foreign text stands only inside code.
pub fn render(report: &EscalationReport<'_>) -> String {
    let record = report.record;
    let mut out = String::from("# Escalation report\n\n");
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(out, "- **{name}:** {value}");
    };
    match &record.request_id {
        Some(id) => fact("Request ID", code(id)),
        None => fact("Request ID", "none in the answer".into()),
    }
    fact("Timestamp", format!("{} (UTC)", record.started_at));
    fact("Endpoint", code(&format!("{} {}", record.method, record.url)));
    fact("Environment", code(&report.environment));
    match (&record.response, &record.transport_error) {
        (Some(response), _) => fact("Status", status(response.status)),
        (None, Some(error)) => fact("Status", format!("no answer: {}", code(&error.summary))),
        (None, None) => fact("Status", "no answer".into()),
    }
    fact("Code", record.code.as_deref().map_or("none".into(), code));
    fact("Message", record.message.as_deref().map_or("none".into(), code));
    for field in &report.fields {
        let place = match field.place {
            Some((line, column)) => format!(" at line {line}, column {column} of the payload"),
            None => String::new(),
        };
        fact("Field", format!("{}{place}", code(&field.path)));
        if let Some(reason) = &field.reason {
            fact("Reason", code(reason));
        }
    }
    fact("Total time", format!("{} ms", record.timing.total_ms.round()));
    fact("Report made", format!("{} by Altyaa Console {}", report.made_at, env!("CARGO_PKG_VERSION")));
    transport_section(&mut out, report);
    payload_section(&mut out, report);
    headers_section(&mut out, "Request headers", &record.request_headers);
    if let Some(response) = &record.response {
        headers_section(&mut out, "Answer headers", &response.headers);
        out.push_str("\n## Answer\n\n");
        out.push_str(&block("", &first_lines(&response.body.text, ANSWER_LINES)));
    }
    checklist_section(&mut out, report);
    log_section(&mut out, report);
    redaction_section(&mut out, report);
    out
}

fn status(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("{status} {}", reason.unwrap_or_default()).trim_end().to_owned()
}

fn transport_section(out: &mut String, report: &EscalationReport<'_>) {
    let Some(error) = &report.record.transport_error else { return };
    out.push_str("\n## Why no whole answer came\n\n");
    for (name, text) in [("Seen", &error.seen), ("Meaning", &error.meaning), ("What to try", &error.fix)] {
        let _ = writeln!(out, "- **{name}:** {}", code(text));
    }
}

fn payload_section(out: &mut String, report: &EscalationReport<'_>) {
    out.push_str("\n## Payload snippet\n\n");
    let body = &report.record.request_body.text;
    if body.is_empty() {
        out.push_str("The request had no payload.\n");
        return;
    }
    let blamed: Vec<usize> = report.fields.iter().filter_map(|field| field.place).map(|(line, _)| line).collect();
    let lines: Vec<&str> = body.lines().collect();
    let is_shown = |number: usize| {
        lines.len() <= WHOLE
            || blamed.iter().any(|line| number.abs_diff(*line) <= AROUND)
            || (blamed.is_empty() && number <= WHOLE)
    };
    let width = lines.len().to_string().len();
    let mut text = String::new();
    let mut was_left_out = false;
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        if is_shown(number) {
            let sign = if blamed.contains(&number) { '>' } else { ' ' };
            let _ = writeln!(text, "{sign} {number:>width$} | {}", shortened(line));
        } else if !was_left_out {
            let _ = writeln!(text, "  {:>width$} | …", "");
        }
        was_left_out = !is_shown(number);
    }
    out.push_str(&block("", &text));
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LINE_CHARS) {
        Some((at, _)) => {
            format!("{}… ({} characters in all)", line.get(..at).unwrap_or_default(), line.chars().count())
        }
        None => line.to_owned(),
    }
}

fn first_lines(text: &str, most: usize) -> String {
    let mut out: String = text.lines().take(most).map(|line| format!("{}\n", shortened(line))).collect();
    let left = text.lines().count().saturating_sub(most);
    if left > 0 {
        let _ = writeln!(out, "… {left} more lines");
    }
    out
}

fn headers_section(out: &mut String, title: &str, headers: &[(String, String)]) {
    let _ = write!(out, "\n## {title}\n\n");
    let text: String = headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    out.push_str(&block("", if text.is_empty() { "none\n" } else { &text }));
}

fn checklist_section(out: &mut String, report: &EscalationReport<'_>) {
    out.push_str("\n## Troubleshooting checklist\n\n");
    for check in &report.checks {
        let sign = if check.state == CheckState::Pass { 'x' } else { ' ' };
        let _ = writeln!(out, "- [{sign}] **{}** ({}): {}", check.title, check.state.word(), code(&check.summary));
    }
    for (title, url) in &report.links {
        let _ = writeln!(out, "- {title}: {}", url.as_deref().map_or("no address is known".into(), code));
    }
}

fn log_section(out: &mut String, report: &EscalationReport<'_>) {
    out.push_str("\n## Log\n\n");
    let log = &report.record.log;
    let skipped = log.len().saturating_sub(LOG_LINES);
    let text: String = log.iter().skip(skipped).map(|line| format!("{:>7} ms  {}\n", line.at_ms, line.text)).collect();
    out.push_str(&block("", if text.is_empty() { "empty\n" } else { &text }));
}

fn redaction_section(out: &mut String, report: &EscalationReport<'_>) {
    out.push_str("\n## Redaction\n\n");
    out.push_str("Secrets were removed before this file was written; each stands as a placeholder, the same secret as the same one.\n");
    for name in &report.unread {
        let _ = writeln!(out, "- Could not be read for the last scan: {}", code(name));
    }
}
