//! `altyaa import`: requests out of a cURL command or a HAR file; nothing is sent, opened or resolved.

use std::fmt::Write as _;
use std::io::BufRead;
use std::sync::Arc;

use base64::Engine as _;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::file_input::{FileInput, read_file};
use super::foreign_bytes::{bytes_of, text_of};
use super::output::{json_line, print, refuse};
use super::program::{FAILURE, Stop, USAGE};
use crate::exchange::decode;
use crate::interop::{HarEntry, ImportedRequest, NamedPart, PartKind, read_curl, read_har};
use crate::secret::{Redactor, Rules};
use crate::text::visible_line;

/// How many lines of a payload are shown.
const SHOWN_LINES: usize = 20;
/// How much of such a line is shown, in bytes.
const LINE_BYTES: usize = 400;

/// `altyaa import …`.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// What the file is
    #[arg(value_enum, value_name = "FORM")]
    pub form: ImportForm,
    /// The file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: String,
}

/// What requests are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportForm {
    /// A cURL command, typed or copied from a browser
    Curl,
    /// An HTTP archive
    Har,
    /// An OpenAPI document (comes with a later version)
    Openapi,
    /// A Postman collection (comes with a later version)
    Postman,
}

/// A request that was read, and what its archive says of its answer.
struct Imported {
    request: ImportedRequest,
    status: Option<u16>,
    started_at: Option<String>,
}

/// Runs the command; a file that cannot be read, or is no such file, is 4.
pub(super) fn run(
    args: &ImportArgs,
    json: bool,
    rules: impl FnOnce() -> Result<Arc<Rules>, Stop>,
    input: &mut dyn BufRead,
) -> Result<u8, Stop> {
    if matches!(args.form, ImportForm::Openapi | ImportForm::Postman) {
        return Err(Stop::new(
            USAGE,
            "This version imports cURL commands and HAR files only",
            "Use import curl or import har; OpenAPI and Postman come with a later version",
        ));
    }
    let mut redactor = Redactor::new(rules()?, Vec::new());
    let bytes = read_file(&args.file, FileInput::Text, input).map_err(|error| Stop::new(FAILURE, error, ""))?;
    // Archives and commands are UTF-8; what Windows wrote with a mark is read too.
    let text = decode(&bytes, None).text;
    let (requests, remark) = match args.form {
        ImportForm::Curl => of_curl(&text)?,
        _ => of_har(&text)?,
    };
    // What any request gives away goes from all of them, so everything is met before the first is printed.
    for one in &requests {
        _ = clean(&one.request, &mut redactor);
    }
    let mut out = String::new();
    for (n, one) in requests.iter().enumerate() {
        let request = clean(&one.request, &mut redactor);
        if json {
            let object = har_request(&request, one);
            out.push_str(&json_line(&object).map_err(|error| Stop::new(FAILURE, error.to_string(), ""))?);
        } else {
            if n > 0 {
                out.push('\n');
            }
            request_text(&mut out, &request, one);
        }
    }
    print(out.as_bytes())?;
    if let Some((summary, fix)) = remark {
        refuse(&mut std::io::stderr().lock(), &summary, "", fix);
    }
    Ok(0)
}

/// What was read, and what has to be said beside it.
type Read = (Vec<Imported>, Option<(String, &'static str)>);

fn of_curl(text: &str) -> Result<Read, Stop> {
    let command = read_curl(text).map_err(|error| Stop {
        code: FAILURE,
        summary: error.summary(),
        place: error.place(),
        fix: error.fix().to_owned(),
    })?;
    let is_rest_empty = text.get(command.end..).unwrap_or_default().trim().is_empty();
    let remark = "Only the first command was read; what follows it was left out".to_owned();
    let fix = "Use altyaa diagnose to read a command with its answer, or give one command a file";
    let one = Imported { request: command.request, status: None, started_at: None };
    Ok((vec![one], (!is_rest_empty).then_some((remark, fix))))
}

fn of_har(text: &str) -> Result<Read, Stop> {
    let har = read_har(text).map_err(|error| Stop {
        code: FAILURE,
        summary: error.summary(),
        place: error.place(),
        fix: error.fix().to_owned(),
    })?;
    let (read, total) = (har.entries.len(), har.total);
    let remark = match &har.fault {
        Some(fault) => Some((format!("The archive breaks off: {fault}; {read} requests stand before"), fault.fix())),
        None if read < total => {
            Some((format!("{read} of {total} entries were read"), "Save fewer requests for the rest"))
        }
        None => None,
    };
    let entry = |HarEntry { request, answer, started_at, .. }: HarEntry| {
        let status = answer.and_then(|answer| answer.status);
        Imported { request, status, started_at }
    };
    Ok((har.entries.into_iter().map(entry).collect(), remark))
}

/// A request without its secrets.
struct Clean {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    named_parts: Vec<NamedPart>,
    unknown: Vec<String>,
}

fn clean(request: &ImportedRequest, redactor: &mut Redactor) -> Clean {
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| (redactor.text(name), redactor.header(name, value))).collect();
    let content_type = request.header("content-type");
    let (text, way) = text_of(&request.body);
    let body = bytes_of(&redactor.body(&text, content_type), way);
    let named_parts = request.named_parts.iter().map(|part| {
        let is_address = matches!(part.what, PartKind::Route | PartKind::OtherScheme);
        let value = if is_address { redactor.url(&part.value) } else { redactor.text(&part.value) };
        NamedPart { option: redactor.text(&part.option), value, what: part.what }
    });
    Clean {
        named_parts: named_parts.collect(),
        method: redactor.text(&request.method),
        url: redactor.url(&request.url),
        headers,
        body,
        unknown: request.unknown.iter().map(|option| redactor.text(option)).collect(),
    }
}

/// A HAR `request` object; members of our own begin with `_`, as the format has it.
fn har_request(request: &Clean, one: &Imported) -> Value {
    let pair = |(name, value): (&str, &str)| json!({"name": name, "value": value});
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| pair((name, value))).collect();
    let query = request.url.split('#').next().and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
    let query: Vec<_> =
        url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| pair((&name, &value))).collect();
    let parts = request.named_parts.iter();
    let parts = parts.map(|part| json!({"option": part.option, "value": part.value, "what": part.what.word()}));
    let mut object = Map::new();
    object.insert("method".to_owned(), request.method.clone().into());
    object.insert("url".to_owned(), request.url.clone().into());
    object.insert("httpVersion".to_owned(), "".into());
    object.insert("cookies".to_owned(), json!([]));
    object.insert("headers".to_owned(), headers.into());
    object.insert("queryString".to_owned(), query.into());
    if !request.body.is_empty() {
        let content_type = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let mime_type = content_type.map(|(_, value)| value.as_str()).unwrap_or_default();
        let posted = match std::str::from_utf8(&request.body) {
            Ok(text) => json!({"mimeType": mime_type, "text": text}),
            Err(_) => {
                let text = base64::engine::general_purpose::STANDARD.encode(&request.body);
                json!({"mimeType": mime_type, "text": text, "_encoding": "base64"})
            }
        };
        object.insert("postData".to_owned(), posted);
    }
    object.insert("headersSize".to_owned(), (-1).into());
    let size = if one.request.is_body_whole { json!(one.request.body.len()) } else { json!(-1) };
    object.insert("bodySize".to_owned(), size);
    object.insert("_is_body_whole".to_owned(), one.request.is_body_whole.into());
    object.insert("_named_parts".to_owned(), parts.collect());
    object.insert("_unknown".to_owned(), request.unknown.clone().into());
    if let Some(status) = one.status {
        object.insert("_status".to_owned(), status.into());
    }
    if let Some(started_at) = &one.started_at {
        object.insert("_started_at".to_owned(), started_at.clone().into());
    }
    Value::Object(object)
}

/// A request for people; everything in it was redacted, and is shown with its control characters visible.
fn request_text(out: &mut String, request: &Clean, one: &Imported) {
    // Writing to a String cannot fail.
    let status = one.status.map(|status| format!("  {status}")).unwrap_or_default();
    _ = writeln!(out, "{} {}{status}", visible_line(&request.method), visible_line(&request.url));
    for (name, value) in &request.headers {
        _ = writeln!(out, "  {}: {}", visible_line(name), visible_line(value));
    }
    if !request.body.is_empty() {
        out.push('\n');
        let text = String::from_utf8_lossy(&request.body);
        let mut lines = text.lines();
        for line in lines.by_ref().take(SHOWN_LINES) {
            let cut = line.get(..line.floor_char_boundary(LINE_BYTES)).unwrap_or(line);
            let more = if cut.len() < line.len() { "…" } else { "" };
            _ = writeln!(out, "    {}{more}", visible_line(cut));
        }
        let left = lines.count();
        if left > 0 {
            _ = writeln!(out, "    … {left} more lines; --json prints all of them");
        }
    }
    named_parts_text(out, &request.named_parts);
    if !one.request.is_body_whole && !one.request.named_parts.iter().any(|part| part.what.is_of_payload()) {
        _ = writeln!(out, "The payload is not in the file, or not all of it.");
    }
    if !request.unknown.is_empty() {
        _ = writeln!(out, "Not read: {}", visible_line(&request.unknown.join(", ")));
    }
}

/// What a person has to confirm before any of it is done.
pub(super) fn named_parts_text(out: &mut String, parts: &[NamedPart]) {
    if !parts.is_empty() {
        _ = writeln!(out, "To confirm before sending; nothing of it was opened or done:");
    }
    for NamedPart { option, value, what } in parts {
        let gap = if value.is_empty() { "" } else { " " };
        _ = writeln!(out, "  {}{gap}{}: {}", visible_line(option), visible_line(value), what.words());
    }
}
