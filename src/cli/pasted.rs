//! `altyaa diagnose` without a status: the text itself tells what it is and which status its answer has.

use std::io::{BufRead, Write};

use jiff::Timestamp;

use super::diagnose::{DiagnoseArgs, files, print_json, print_text};
use super::import::named_parts_text;
use super::output::{refuse, unless_closed};
use super::program::{FAILURE, USAGE};
use super::redacted_diagnosis::redacted_with;
use crate::diagnosis::{DiagnosisInput, diagnose};
use crate::exchange::decode;
use crate::interop::{NamedPart, PasteError, PasteKind, Pasted, read_paste};
use crate::profile::Profile;
use crate::secret::{Redactor, Rules};
use crate::text::visible_line;

/// Why there is no diagnosis: exit code, what happened, where, what to do.
type Refusal = (u8, String, String, String);

/// Reads the text and prints its diagnosis; returns the exit code: 0, 2 without a status or an answer, 4 if something
/// cannot be read.
pub(super) fn run(
    args: &DiagnoseArgs,
    profile: &Profile,
    json: bool,
    now: Timestamp,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> u8 {
    match explain(args, profile, json, now, input, output) {
        Ok(()) => 0,
        Err((code, summary, place, fix)) => {
            refuse(errors, &summary, &place, &fix);
            code
        }
    }
}

fn explain(
    args: &DiagnoseArgs,
    profile: &Profile,
    json: bool,
    now: Timestamp,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<(), Refusal> {
    let unreadable = |error: String| (FAILURE, error, String::new(), String::new());
    let (bytes, payload) = files(args, input).map_err(unreadable)?;
    let mut pasted = read_paste(&decode(&bytes, None).text).map_err(refusal)?;
    if let Some((summary, fix)) = pasted.missing() {
        // With a status the whole text is the body, so a command above it would be in the way.
        let fix = match (pasted.has_answer, pasted.kind) {
            (true, PasteKind::Body) => "add --status N, or give the answer with its head, as curl -i prints it",
            (true, _) => {
                "put its status line above the body, such as HTTP/1.1 422, or give the body alone with --status N"
            }
            (false, _) => fix,
        };
        return Err((USAGE, summary.to_owned(), String::new(), fix.to_owned()));
    }
    pasted.headers.extend(args.headers.iter().cloned());
    let names = pasted.header_names();
    let told = pasted.input(&names);
    // What is typed stands over what is pasted.
    let asked = DiagnosisInput {
        method: args.method.as_deref().or(told.method),
        url: args.url.as_deref().or(told.url),
        payload: match &payload {
            Some(payload) => std::str::from_utf8(payload).ok(),
            None => told.payload,
        },
        ..told
    };
    let sent_headers = pasted.request.as_ref().map(|request| request.headers.as_slice()).unwrap_or_default();
    let (diagnosis, clean_body) = redacted_with(diagnose(&asked, profile, now), &asked, sent_headers);
    let printed = match json {
        true => print_json(&diagnosis, output),
        false => output
            .write_all(heading(&pasted, &asked).as_bytes())
            .and_then(|()| print_text(&diagnosis, pasted.body.len(), &clean_body, output))
            .and_then(|()| output.write_all(unread_payload(&pasted, payload.is_some()).as_bytes())),
    };
    unless_closed(printed).map_err(|error| unreadable(format!("the diagnosis could not be written: {error}")))
}

fn refusal(error: PasteError) -> Refusal {
    let code = if matches!(error, PasteError::Empty) { USAGE } else { FAILURE };
    (code, error.summary(), error.place(), error.fix().to_owned())
}

/// What the text was read as. Shape: `Read as a HAR file, entry 2 of 5: POST https://api.example.com/v1`.
fn heading(pasted: &Pasted, asked: &DiagnosisInput<'_>) -> String {
    let entry = pasted.entry.map(|(n, of)| format!(", entry {n} of {of}")).unwrap_or_default();
    let mut redactor = Redactor::new(Rules::built_in(), Vec::new());
    let line = [asked.method.map(str::to_owned), asked.url.map(|url| redactor.url(url))];
    let line = line.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let sign = if line.is_empty() { "" } else { ": " };
    format!("Read as {}{entry}{sign}{}\n", pasted.kind.words(), visible_line(&line))
}

/// Why places in the payload could not be found; nothing where they could.
fn unread_payload(pasted: &Pasted, is_given: bool) -> String {
    let Some(request) = pasted.request.as_ref().filter(|request| !request.is_body_whole && !is_given) else {
        return String::new();
    };
    let mut redactor = Redactor::new(Rules::built_in(), Vec::new());
    let parts = request.named_parts.iter().filter(|part| part.what.is_of_payload());
    let parts: Vec<NamedPart> =
        parts.map(|part| NamedPart { value: redactor.text(&part.value), ..part.clone() }).collect();
    let mut out = "The payload is not in the text; --request FILE gives it\n".to_owned();
    named_parts_text(&mut out, &parts);
    out
}
