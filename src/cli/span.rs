//! `altyaa span`: where a field path lies in a JSON text.

use std::io::{self, BufRead, Write};

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::file_input::{FileInput, read_file};
use super::jsonl::answer_lines;
use super::output::{json_line, refuse, unless_closed};
use crate::secret::{Redactor, Rules};
use crate::text::{Document, Position, locate, visible_line};

/// What `altyaa span` is asked.
#[derive(Clone, Debug, Args)]
pub struct SpanArgs {
    /// The field's path in any spelling, such as items[0].url
    #[arg(
        value_name = "PATH",
        required_unless_present = "jsonl",
        conflicts_with = "jsonl",
        allow_hyphen_values = true
    )]
    pub path: Option<String>,
    /// The JSON text; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub file: Option<String>,
    /// One case a line on standard input, one place a line on standard output
    #[arg(long)]
    pub jsonl: bool,
}

/// Where a path lies, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpanAnswer {
    /// Its first byte, counted from 0.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Its line, counted from 1.
    pub line: usize,
    /// Its column in Unicode scalar values, counted from 1.
    pub column: usize,
    /// The way to it as a JSON Pointer.
    pub pointer: String,
}

/// Runs the command and returns its exit code: 0 with a place, 1 without, 4 if the file cannot be read.
///
/// A stream ends with 0 whatever its cases were.
pub fn run(args: &SpanArgs, json: bool, input: &mut dyn BufRead, output: &mut dyn Write, errors: &mut dyn Write) -> u8 {
    let done = if args.jsonl {
        answer_lines(input, output, answer_case).map(|()| 0).map_err(|error| error.to_string())
    } else {
        one_path(args, json, input, output)
    };
    done.unwrap_or_else(|error| {
        refuse(errors, &error, "", "");
        4
    })
}

fn one_path(args: &SpanArgs, json: bool, input: &mut dyn BufRead, output: &mut dyn Write) -> Result<u8, String> {
    let path = args.path.as_deref().unwrap_or("");
    let bytes = read_file(args.file.as_deref().unwrap_or("-"), FileInput::Payload, input)?;
    // Text that is no UTF-8 is no strict JSON, and so holds no place.
    let text = std::str::from_utf8(&bytes).unwrap_or("");
    let found = place_of(path, text);
    unless_closed(print(found.as_ref(), text, json, output))
        .map_err(|error| format!("the place could not be written: {error}"))?;
    Ok(u8::from(found.is_none()))
}

fn print(found: Option<&SpanAnswer>, text: &str, json: bool, output: &mut dyn Write) -> io::Result<()> {
    match found {
        _ if json => {
            output.write_all(json_line(&found)?.as_bytes())?;
        }
        Some(place) => {
            let SpanAnswer { start, end, line, column, pointer } = place;
            let way = if pointer.is_empty() { "the whole text".into() } else { visible_line(pointer) };
            writeln!(output, "line {line}, column {column}, bytes {start} to {end}, {way}")?;
            // The value is shown as the whole text's redaction leaves it: alone it would have lost its name.
            let edits = Redactor::new(Rules::built_in(), Vec::new()).body_edits(text, Some("application/json"));
            let clean = edits.apply(text);
            for line in clean.get(edits.map(*start..*end)).unwrap_or("").lines().take(20) {
                writeln!(output, "    {}", visible_line(line))?;
            }
        }
        None => writeln!(output, "This path has no place in the text.")?,
    }
    output.flush()
}

/// One case of a stream. Shape: `{"payload":"raw text","path"}`, the path as text or as a list of segments.
fn answer_case(case: &Value) -> Option<Value> {
    let payload = case.get("payload")?.as_str()?;
    let path = match case.get("path")? {
        Value::String(path) => path.clone(),
        // Written out, a list is one of the spellings.
        Value::Array(segments) if !segments.is_empty() => serde_json::to_string(segments).ok()?,
        _ => return None,
    };
    serde_json::to_value(place_of(&path, payload)?).ok()
}

/// Where a path lies in a text; none for what is not there and for text that is not strict JSON.
pub fn place_of(path: &str, text: &str) -> Option<SpanAnswer> {
    let document = Document::parse(text);
    let found = locate(&document, path)?;
    let span = found.span();
    let Position { line, column } = Position::of(text, span.start);
    Some(SpanAnswer { start: span.start, end: span.end, line, column, pointer: found.pointer().to_string() })
}
