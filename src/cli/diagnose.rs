//! `altyaa diagnose`: reads an error answer without sending anything.

use std::io::{self, BufRead, Write};

use clap::Args;
use jiff::Timestamp;
use serde_json::Value;

use super::file_input::{FileInput, read_file};
use super::jsonl::answer_lines;
use super::output::{json_line, refuse, unless_closed};
use super::pasted;
use super::redacted_diagnosis::redacted;
use crate::diagnosis::{Diagnosis, DiagnosisInput, FieldFinding, diagnose};
use crate::profile::Profile;
use crate::text::visible_line;

/// How many lines of a body without an envelope are shown.
const SHOWN_LINES: usize = 8;
/// How much of such a line is shown, in bytes.
const LINE_BYTES: usize = 400;

/// What `altyaa diagnose` is asked.
#[derive(Clone, Debug, Args)]
pub struct DiagnoseArgs {
    /// The answer's body, or without --status anything that holds the answer; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub file: Option<String>,
    /// The answer's status code; without it FILE is a cURL command with its answer, raw HTTP, a HAR file or a JSON log
    /// line
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "jsonl",
        value_parser = clap::value_parser!(u16).range(100..=999)
    )]
    pub status: Option<u16>,
    /// A header of the answer
    #[arg(long = "header", short = 'H', value_name = "K: V", value_parser = header_line, conflicts_with = "jsonl")]
    pub headers: Vec<(String, String)>,
    /// The method of the request
    #[arg(long, value_name = "M", conflicts_with = "jsonl")]
    pub method: Option<String>,
    /// The address of the request
    #[arg(long, value_name = "U", conflicts_with = "jsonl")]
    pub url: Option<String>,
    /// The payload that was sent
    #[arg(long, value_name = "FILE", conflicts_with = "jsonl")]
    pub request: Option<String>,
    /// One JSON case a line on standard input, one diagnosis a line on standard output
    #[arg(long)]
    pub jsonl: bool,
}

/// A header line as typed. Shape: `Retry-After: 12`.
fn header_line(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
        _ => Err("write name and value with a colon between, such as 'Retry-After: 12'".to_owned()),
    }
}

/// Runs the command and returns its exit code: 0 if the input could be read, 4 if not.
pub fn run(
    args: &DiagnoseArgs,
    profile: &Profile,
    json: bool,
    now: Timestamp,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> u8 {
    if !args.jsonl && args.status.is_none() {
        return pasted::run(args, profile, json, now, input, output, errors);
    }
    let done = if args.jsonl {
        answer_lines(input, output, |case| answer_case(case, profile, now)).map_err(|error| error.to_string())
    } else {
        one_answer(args, profile, json, now, input, output)
    };
    match done {
        Ok(()) => 0,
        Err(error) => {
            refuse(errors, &error, "", "");
            4
        }
    }
}

/// The answer's bytes, and the payload's where one is named.
pub(super) fn files(args: &DiagnoseArgs, input: &mut dyn BufRead) -> Result<(Vec<u8>, Option<Vec<u8>>), String> {
    let file = args.file.as_deref().unwrap_or("-");
    if file == "-" && args.request.as_deref() == Some("-") {
        return Err("standard input can be the answer or the request, not both: give a file for one of them".to_owned());
    }
    let answer = read_file(file, FileInput::Answer, input)?;
    let payload = args.request.as_deref().map(|file| read_file(file, FileInput::Payload, input));
    Ok((answer, payload.transpose()?))
}

/// Reads the files the arguments name and prints one diagnosis.
fn one_answer(
    args: &DiagnoseArgs,
    profile: &Profile,
    json: bool,
    now: Timestamp,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<(), String> {
    let (body, payload) = files(args, input)?;
    let asked = DiagnosisInput {
        status: args.status.unwrap_or(0),
        headers: &args.headers,
        body: &body,
        method: args.method.as_deref(),
        url: args.url.as_deref(),
        request_headers: &[],
        payload: payload.as_deref().and_then(|payload| std::str::from_utf8(payload).ok()),
    };
    let (diagnosis, clean_body) = redacted(diagnose(&asked, profile, now), &asked);
    let printed = match json {
        true => print_json(&diagnosis, output),
        false => print_text(&diagnosis, body.len(), &clean_body, output),
    };
    unless_closed(printed).map_err(|error| format!("the diagnosis could not be written: {error}"))
}

/// One case of a stream. Shape: `{"status","headers":{…}|[[k,v]],"body","method"?,"url"?,"request"?}`.
///
/// None for a case without a status or with a member of another type.
fn answer_case(case: &Value, profile: &Profile, now: Timestamp) -> Option<Value> {
    let status = u16::try_from(case.get("status")?.as_u64()?).ok()?;
    let headers = headers_of(case.get("headers"))?;
    let body = text_of(case.get("body"))?.unwrap_or("");
    let asked = DiagnosisInput {
        status,
        headers: &headers,
        body: body.as_bytes(),
        method: text_of(case.get("method"))?,
        url: text_of(case.get("url"))?,
        request_headers: &[],
        payload: text_of(case.get("request"))?,
    };
    serde_json::to_value(redacted(diagnose(&asked, profile, now), &asked).0).ok()
}

/// A member's text; `Some(None)` where it is null or not there, none where it is something else.
fn text_of(member: Option<&Value>) -> Option<Option<&str>> {
    match member {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    }
}

/// Headers as an object, with lists for names that occur more than once, or as a list of pairs.
fn headers_of(member: Option<&Value>) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    match member {
        None | Some(Value::Null) => {}
        Some(Value::Object(members)) => {
            for (name, value) in members {
                match value {
                    Value::Array(values) => {
                        for value in values {
                            headers.push((name.clone(), header_value(value)?));
                        }
                    }
                    value => headers.push((name.clone(), header_value(value)?)),
                }
            }
        }
        Some(Value::Array(pairs)) => {
            for pair in pairs {
                let [Value::String(name), value] = pair.as_array()?.as_slice() else { return None };
                headers.push((name.clone(), header_value(value)?));
            }
        }
        Some(_) => return None,
    }
    Some(headers)
}

/// A header's value; numbers are taken as they are written, since `"retry-after": 5` means just that.
fn header_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null => Some(String::new()),
        _ => None,
    }
}

pub(super) fn print_json(diagnosis: &Diagnosis, output: &mut dyn Write) -> io::Result<()> {
    output.write_all(json_line(diagnosis)?.as_bytes())?;
    output.flush()
}

/// The diagnosis for people; every foreign text is shown with its control characters visible.
pub(super) fn print_text(
    diagnosis: &Diagnosis,
    body_bytes: usize,
    clean_body: &str,
    output: &mut dyn Write,
) -> io::Result<()> {
    let code = diagnosis.code.as_deref().map(|code| format!(" {}", visible_line(code))).unwrap_or_default();
    match &diagnosis.message {
        Some(message) => writeln!(output, "{}{code}: {}", diagnosis.status, visible_line(message))?,
        None => writeln!(output, "{}{code}", diagnosis.status)?,
    }
    if !diagnosis.is_error {
        writeln!(output, "No error in it.")?;
        return output.flush();
    }
    if diagnosis.format == crate::envelope::UNKNOWN_FORMAT {
        writeln!(output, "No error envelope found in {body_bytes} bytes.")?;
        for line in clean_body.lines().take(SHOWN_LINES) {
            writeln!(output, "    {}", visible_line(line.get(..line.floor_char_boundary(LINE_BYTES)).unwrap_or(line)))?;
        }
    }
    for field in &diagnosis.fields {
        print_field(field, output)?;
    }
    if let Some(meaning) = &diagnosis.meaning {
        writeln!(output, "Meaning: {}", visible_line(meaning))?;
    }
    for (n, step) in diagnosis.resolve.iter().enumerate() {
        writeln!(output, "  {}. {}", n + 1, visible_line(step))?;
    }
    for sentence in &diagnosis.disagreements {
        writeln!(output, "Disagreement: {sentence}")?;
    }
    if let Some(seconds) = diagnosis.retry_after_s {
        writeln!(output, "Wait {seconds} s before sending again.")?;
    }
    if let Some(id) = &diagnosis.request_id {
        writeln!(output, "Request id: {} ({})", visible_line(&id.value), visible_line(&id.source))?;
    }
    if let Some(url) = &diagnosis.doc_url {
        writeln!(output, "Documentation: {}", visible_line(url))?;
    } else if let Some(link) = &diagnosis.link {
        writeln!(output, "See: {}", visible_line(&link.title))?;
    }
    writeln!(output, "Format: {}, answered by: {}", visible_line(&diagnosis.format), diagnosis.answered_by.word())?;
    output.flush()
}

fn print_field(field: &FieldFinding, output: &mut dyn Write) -> io::Result<()> {
    write!(output, "Field {} ({}", visible_line(&field.path), field.location.word())?;
    match (&field.in_payload(), &field.within) {
        (Some(span), _) => write!(output, ", line {}, column {}", span.line, span.column)?,
        (None, Some(within)) => {
            write!(output, ", not there; it belongs in line {}, column {}", within.line, within.column)?;
        }
        (None, None) => {}
    }
    write!(output, ")")?;
    if let Some(reason) = &field.reason {
        write!(output, ": {}", visible_line(reason))?;
    }
    if let Some(nearest) = field.nearest.as_ref().or(field.nearest_above.as_ref()) {
        write!(output, "; did you mean {}?", visible_line(nearest))?;
    }
    for more in [field.difference(), field.doubt()].into_iter().flatten() {
        write!(output, "; {}", visible_line(&more))?;
    }
    writeln!(output)
}
