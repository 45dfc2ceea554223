//! The report as Markdown.

use jiff::Timestamp;

use super::error::ReportError;
use super::model::EscalationReport;
use super::sheet::Sheet;
use crate::checklist::CheckState;
use crate::credentials::AllSecrets;
use crate::credentials::doctor::TokenFinding;
use crate::exchange::{ExchangeRecord, RecordedBody};
use crate::profile::Profile;
use crate::secret::{Gate, Redacted};

/// How many lines of the payload stand above and below a blamed one.
const AROUND: usize = 12;
/// A payload of at most this many lines is shown whole.
const WHOLE: usize = 40;
/// How many log lines are shown, the last ones.
const LOG_LINES: usize = 40;
/// How many lines of the answer are shown.
const ANSWER_LINES: usize = 60;
/// How many header lines are shown of each side.
const HEADER_LINES: usize = 80;

/// How often a report is rendered before a secret that is still in it is called a leak.
const TRIES: u32 = 3;

/// A finished report.
#[derive(Clone, Debug)]
pub struct Made {
    /// The Markdown, scanned after it was rendered.
    pub text: Redacted<String>,
    /// How many secrets stand in it as placeholders; the same secret in several places counts once.
    pub removed: usize,
}

/// Makes the report of an exchange.
///
/// The record was redacted with what was known when it was sent; it passes the redactor again with every credential
/// of now, kind by kind, so that what was added since is removed too.
/// *Errors*: [`ReportError::Leak`] if the finished text still held a secret; nobody gets it then.
pub fn markdown(
    gate: &Gate,
    secrets: AllSecrets,
    record: &Redacted<ExchangeRecord>,
    own: &Profile,
    generic: &Profile,
    now: Timestamp,
    token: Vec<TokenFinding>,
) -> Result<Made, ReportError> {
    let mut unread: Vec<String> = secrets.unread.into_iter().map(|(name, _)| name).collect();
    if secrets.list_error.is_some() {
        unread.push("the list of credentials".into());
    }
    gate.registry().extend(secrets.secrets);
    let mut redactor = gate.redactor();
    // A new secret must not get the placeholder that another one has in the record.
    redactor.reserve(&serde_json::to_string(record).unwrap_or_default());
    let record = redactor.redact(ExchangeRecord::clone(record));
    let mut report = EscalationReport::new(&record, own, generic, unread, now, token);
    report.exceptions = redactor.manifest().exceptions.clone();
    let mut left = TRIES;
    loop {
        left -= 1;
        let mut sheet = Sheet::new(&mut redactor);
        render(&mut sheet, &report);
        match sheet.seal() {
            Ok((text, removed)) => return Ok(Made { text, removed }),
            // A value that its name gave away further down stands further up as well: now that it is known, it goes.
            Err(_) if left > 0 => {}
            Err(leak) => return Err(ReportError::Leak(leak)),
        }
    }
}

/// Renders a report. Foreign text stands only inside code.
fn render(sheet: &mut Sheet<'_>, report: &EscalationReport<'_>) {
    let record = report.record;
    sheet.own("# Escalation report\n\n");
    let code = |sheet: &mut Sheet<'_>, name: &str, value: Option<&str>, none: &str| {
        sheet.own(format!("- **{name}:** "));
        match value {
            Some(value) => sheet.code(value),
            None => sheet.own(none),
        }
        sheet.own("\n");
    };
    code(sheet, "Request ID", record.request_id.as_deref(), "none in the answer");
    sheet.own("- **Timestamp:** ");
    sheet.code(&record.started_at);
    sheet.own(" (UTC)\n");
    code(sheet, "Endpoint", Some(&format!("{} {}", record.method, record.url)), "");
    code(sheet, "Environment", report.environment.as_deref(), "an address of no environment");
    match (&record.response, &record.transport_error) {
        (Some(response), _) => sheet.own(format!("- **Status:** {}\n", status(response.status))),
        (None, Some(error)) => {
            sheet.own("- **Status:** no answer: ");
            sheet.code(&error.summary);
            sheet.own("\n");
        }
        (None, None) => sheet.own("- **Status:** no answer\n"),
    }
    code(sheet, "Code", record.code.as_deref(), "none");
    code(sheet, "Message", record.message.as_deref(), "none");
    for field in &report.fields {
        sheet.own("- **Field:** ");
        sheet.code(&field.path);
        if let Some((line, column)) = field.place {
            sheet.own(format!(" at line {line}, column {column} of the payload"));
        }
        sheet.own("\n");
        if let Some(reason) = &field.reason {
            code(sheet, "Reason", Some(reason), "");
        }
    }
    if report.more_fields > 0 {
        sheet.own(format!("- **More fields:** {}\n", report.more_fields));
    }
    sheet.own(format!("- **Total time:** {} ms\n", record.timing.total_ms.round()));
    sheet.own(format!("- **Report made:** {} by Altyaa Console {}\n", report.made_at, env!("CARGO_PKG_VERSION")));
    transport_section(sheet, report);
    payload_section(sheet, report);
    headers_section(sheet, "Request headers", &record.request_headers);
    answer_section(sheet, report);
    checklist_section(sheet, report);
    log_section(sheet, report);
    redaction_section(sheet, report);
}

fn status(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("{status} {}", reason.unwrap_or_default()).trim_end().to_owned()
}

fn transport_section(sheet: &mut Sheet<'_>, report: &EscalationReport<'_>) {
    let Some(error) = &report.record.transport_error else { return };
    sheet.own("\n## Why no whole answer came\n\n");
    for (name, text) in [("Seen", &error.seen), ("Meaning", &error.meaning), ("What to try", &error.fix)] {
        sheet.own(format!("- **{name}:** "));
        sheet.code(text);
        sheet.own("\n");
    }
}

/// What is not there of a body, and why; none for one that is there.
fn missing(what: &str, body: &RecordedBody) -> Option<String> {
    if body.is_binary {
        return Some(format!("The {what} was no text, {} bytes; it is not kept.\n", body.len_bytes));
    }
    body.text.is_empty().then(|| format!("The {what} was empty.\n"))
}

fn cut_note(body: &RecordedBody) -> String {
    format!("\nOnly the beginning was kept; all of it was {} bytes.\n", body.len_bytes)
}

fn payload_section(sheet: &mut Sheet<'_>, report: &EscalationReport<'_>) {
    sheet.own("\n## Payload snippet\n\n");
    let body = &report.record.request_body;
    if let Some(note) = missing("payload", body) {
        return sheet.own(note);
    }
    let blamed: Vec<usize> = report.fields.iter().filter_map(|field| field.place).map(|(line, _)| line).collect();
    let count = body.text.lines().count();
    let is_shown = |number: usize| {
        count <= WHOLE
            || blamed.iter().any(|line| number.abs_diff(*line) <= AROUND)
            || (blamed.is_empty() && number <= WHOLE)
    };
    let width = count.to_string().len();
    let mut was_left_out = false;
    let lines = body.text.lines().zip(1usize..).filter_map(|(line, number)| {
        let is_first_left_out = !is_shown(number) && !was_left_out;
        was_left_out = !is_shown(number);
        if is_first_left_out {
            return Some((format!("  {:>width$} | …", ""), ""));
        }
        let sign = if blamed.contains(&number) { '>' } else { ' ' };
        is_shown(number).then(|| (format!("{sign} {number:>width$} | "), line))
    });
    sheet.block(lines);
    if body.is_cut {
        sheet.own(cut_note(body));
    }
}

fn headers_section(sheet: &mut Sheet<'_>, title: &str, headers: &[(String, String)]) {
    sheet.own(format!("\n## {title}\n\n"));
    if headers.is_empty() {
        return sheet.own("None.\n");
    }
    let lines: Vec<String> =
        headers.iter().take(HEADER_LINES).map(|(name, value)| format!("{name}: {value}")).collect();
    sheet.block(lines.iter().map(|line| (String::new(), line.as_str())));
    if headers.len() > HEADER_LINES {
        sheet.own(format!("\n{} more are left out.\n", headers.len() - HEADER_LINES));
    }
}

fn answer_section(sheet: &mut Sheet<'_>, report: &EscalationReport<'_>) {
    let Some(response) = &report.record.response else { return };
    headers_section(sheet, "Answer headers", &response.headers);
    sheet.own("\n## Answer\n\n");
    if let Some(note) = missing("answer's body", &response.body) {
        return sheet.own(note);
    }
    sheet.block(response.body.text.lines().take(ANSWER_LINES).map(|line| (String::new(), line)));
    let left = response.body.text.lines().count().saturating_sub(ANSWER_LINES);
    if left > 0 {
        sheet.own(format!("\n{left} more lines are left out.\n"));
    }
    if response.is_truncated {
        sheet.own("\nThe answer did not arrive whole.\n");
    } else if response.body.is_cut {
        sheet.own(cut_note(&response.body));
    }
}

fn checklist_section(sheet: &mut Sheet<'_>, report: &EscalationReport<'_>) {
    sheet.own("\n## Troubleshooting checklist\n\n");
    for check in &report.checks {
        let sign = if check.state == CheckState::Pass { 'x' } else { ' ' };
        sheet.own(format!("- [{sign}] "));
        sheet.title(&check.title);
        sheet.own(format!(" ({}): ", check.state.word()));
        sheet.code(&check.summary);
        sheet.own("\n");
    }
    for (title, url) in &report.links {
        sheet.own("- ");
        sheet.title(title);
        sheet.own(": ");
        match url {
            Some(url) => sheet.code(url),
            None => sheet.own("no address is known"),
        }
        sheet.own("\n");
    }
}

fn log_section(sheet: &mut Sheet<'_>, report: &EscalationReport<'_>) {
    sheet.own("\n## Log\n\n");
    let log = &report.record.log;
    if log.is_empty() {
        return sheet.own("Empty.\n");
    }
    let skipped = log.len().saturating_sub(LOG_LINES);
    if skipped > 0 {
        sheet.own(format!("{skipped} earlier events are left out.\n\n"));
    }
    // An event is one line, whatever its text holds.
    let lines: Vec<(String, String)> = log
        .iter()
        .skip(skipped)
        .map(|line| (format!("{:>7} ms  ", line.at_ms), crate::text::visible_line(&line.text).into_owned()))
        .collect();
    sheet.block(lines.iter().map(|(margin, line)| (margin.clone(), line.as_str())));
}

fn redaction_section(sheet: &mut Sheet<'_>, report: &EscalationReport<'_>) {
    sheet.own("\n## Redaction\n\n");
    sheet.own(
        "Secrets were removed before this file was written; each stands as a placeholder, the same secret as the same one.\n",
    );
    for kept in &report.exceptions {
        let values = if kept.count == 1 { "value was" } else { "values were" };
        sheet.own(format!(
            "- Kept by an exception of the person who made this report ({} {values} not removed): ",
            kept.count
        ));
        sheet.code(&kept.rule);
        sheet.own(" in ");
        sheet.code(&kept.where_);
        sheet.own("\n");
    }
    for name in &report.unread {
        sheet.own("- Could not be read for the last scan: ");
        sheet.code(name);
        sheet.own("\n");
    }
}
